"""How much of each field a system fills, and which fields it fills differently from core."""

from __future__ import annotations

from sqlglot import exp

from models.compile import tables as t
from models.paths import call
from models.schema import Entity, Model


def filled(model: Model, system: str, entity: Entity) -> exp.Select:
    """One row: ``records`` that the system holds now, and for each field that it maps how many of them have a value."""
    living = exp.select(exp.alias_(exp.Count(this=exp.Star()), "records", quoted=True)).from_(
        t.staged(system, entity.name), copy=False
    )
    for name in model.binding(system).fields_of(entity.name):
        value: exp.Expr = t.col(name)
        if entity.field(name).type.value.endswith("[]"):
            value = exp.func("nullif", call("len", value), exp.Literal.number(0))
        living = living.select(exp.alias_(exp.Count(this=value), name, quoted=True), copy=False)
    return living.where(t.is_null(t.col("deleted_at")), copy=False)
