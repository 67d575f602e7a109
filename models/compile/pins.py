"""Overrides: whether a value fits a field, and what its owner said last."""

from __future__ import annotations

from sqlglot import exp

from models.compile import tables as t
from models.paths import literal
from models.schema import Entity, Field


def fits(field: Field) -> exp.Select:
    """Whether the parameter, a text, can be read as what the field is."""
    read = exp.TryCast(this=exp.Placeholder(), to=t.data_type(t.column_type(field)))
    return exp.select(t.not_null(read))


def clock(system: str, entity: Entity, field: str) -> exp.Select:
    """The clock of a field in a system's living rows of the core_id in the parameter, the latest first."""
    at = t.col(f"{field}__at", "s")
    return (
        exp.select(exp.alias_(at, "clock", quoted=True, copy=False))
        .from_(t.xref(entity.name).as_("x"), copy=False)
        .join(t.staged(system, entity.name).as_("s"), on="s.source_id = x.source_id", copy=False)
        .where(
            exp.EQ(this=t.col("system", "x"), expression=literal(system)),
            exp.EQ(this=t.col("core_id", "x"), expression=exp.Placeholder()),
            t.is_null(t.col("deleted_at", "s")),
            copy=False,
        )
        .order_by(exp.Ordered(this=at.copy(), desc=True, nulls_first=False), copy=False)
    )
