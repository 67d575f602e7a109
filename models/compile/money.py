"""Every source record that money reports are made of, whatever became of it: what totals are held against."""

from __future__ import annotations

from sqlglot import exp

from models.compile import tables as t
from models.paths import literal
from models.schema import Model, Type

# entity -> the amount that its records bring into a report; None: only where its records come from
AMOUNTS = {
    "customer": None,
    "job": "total",
    "invoice": "total",
    "payment": "amount",
    "credit_note": "total",
    "payout": "amount",
}
COLUMNS = ("system", "source_id", "raw_load", "read_at", "deleted_at")


def source_records(model: Model) -> exp.Query:
    """entity, core_id (empty when it is nobody's yet), amount, system, source_id, raw_load, read_at, deleted_at."""
    parts = [
        _of(model, binding.name, entity, amount)
        for entity, amount in AMOUNTS.items()
        for binding in model.bindings
        if binding.maps_to(entity)
    ]
    return t.union([_none(), *parts])


def _of(model: Model, system: str, entity: str, amount: str | None) -> exp.Select:
    known = amount is not None and amount in model.binding(system).fields_of(entity)
    on = exp.and_(
        "x.source_id = s.source_id", exp.EQ(this=exp.column("system", "x"), expression=literal(system)), copy=False
    )
    values: dict[str, exp.Expr] = {
        "entity": literal(entity),
        "core_id": t.col("core_id", "x"),
        "amount": t.col(str(amount), "s") if known else exp.Null(),
        "system": literal(system),
    }
    values |= {name: t.col(name, "s") for name in COLUMNS[1:]}
    return (
        exp.select(*(exp.alias_(value, name, quoted=True, copy=False) for name, value in values.items()))
        .from_(t.staged(system, entity).as_("s"), copy=False)
        .join(t.xref(entity).as_("x"), on=on, join_type="left", copy=False)
    )


def _none() -> exp.Select:
    """No row, but every column with its type: a company may have none of these entities."""
    types = {"entity": "VARCHAR", "core_id": "VARCHAR", "amount": Type.MONEY.value, "system": "VARCHAR"}
    types |= {"source_id": "VARCHAR", "raw_load": "VARCHAR", "read_at": "TIMESTAMP", "deleted_at": "TIMESTAMP"}
    columns = [
        exp.alias_(exp.Cast(this=exp.Null(), to=t.data_type(type_)), name, quoted=True, copy=False)
        for name, type_ in types.items()
    ]
    return exp.select(*columns).where(exp.false(), copy=False)
