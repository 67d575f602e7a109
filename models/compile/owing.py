"""What is still open of a target's invoices, as it was read there last."""

from __future__ import annotations

from sqlglot import exp

from models.compile import tables as t
from models.paths import call, literal
from models.schema import Model

OWED = ("invoice", "balance")


def tells(model: Model, system: str) -> bool:
    """Whether the system says what is open of its invoices."""
    entity, field = OWED
    return field in model.binding(system).fields_of(entity)


def open_amounts(system: str) -> exp.Select:
    """source_id and balance of the living invoices whose ids are in the variable ``invoices``."""
    entity, field = OWED
    wanted = exp.select(exp.Explode(this=call("getvariable", literal("invoices")))).subquery()
    return (
        exp.select(t.col("source_id"), t.col(field))
        .from_(t.staged(system, entity), copy=False)
        .where(
            exp.In(this=t.col("source_id"), query=wanted),
            t.is_null(t.col("deleted_at")),
            t.not_null(t.col(field)),
            copy=False,
        )
    )
