"""Where a core field's value comes from, as SQL: the deciding system's record and the raw load that brought it."""

from __future__ import annotations

from dataclasses import dataclass

from sqlglot import exp

from models.compile import tables as t
from models.paths import call, literal
from models.schema import Model


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The entity and field that systems supply, and the references that lead there: (reference, parent entity)."""

    entity: str
    field: str
    steps: tuple[tuple[str, str], ...] = ()


def sources(model: Model, entity: str, field: str, origin: Origin) -> exp.Select:
    """One row per core_id of the variable ``core_ids``.

    Columns: core_id, system (or ``pin``), source_id, raw_load, read_at, and owner_id: the core_id of the record
    that the value is decided in.
    """
    last = f"c{len(origin.steps)}"
    select = _led(entity, origin).select(
        exp.alias_(t.col(f"{field}__from", "c0"), "system", quoted=True, copy=False),
        t.col("source_id", "s"),
        t.col("raw_load", "s"),
        t.col("read_at", "s"),
        exp.alias_(t.col("core_id", last), "owner_id", quoted=True, copy=False),
        copy=False,
    )
    same = exp.and_(
        exp.EQ(this=t.col("core_id", "s"), expression=t.col("core_id", last)),
        exp.EQ(this=t.col("system", "s"), expression=t.col(f"{field}__from", "c0")),
        copy=False,
    )
    return select.join(records(model, origin.entity).subquery("s"), on=same, join_type="left", copy=False)


def versions(model: Model, entity: str, origin: Origin) -> exp.Select:
    """What each system says at the end of an origin's references: core_id, system, source_id, raw_load.

    One row for each core_id of the variable ``core_ids`` and source record behind it, the one that speaks last.
    """
    same = exp.EQ(this=t.col("core_id", "s"), expression=t.col("core_id", f"c{len(origin.steps)}"))
    order = [
        exp.Ordered(this=t.is_null(t.col("deleted_at", "s"))),
        exp.Ordered(this=t.col("changed_at", "s"), nulls_first=True),
        exp.Ordered(this=t.col("source_id", "s"), desc=True),
    ]
    return (
        _led(entity, origin)
        .select(*[t.col(c, "s") for c in ("system", "source_id", "raw_load")], copy=False)
        .join(records(model, origin.entity).subquery("s"), on=same, copy=False)
        .order_by(*order, copy=False)
    )


def _led(entity: str, origin: Origin) -> exp.Select:
    """core_id, FROM the core records of the variable ``core_ids`` and those that an origin's references lead to."""
    ids = exp.select(exp.Explode(this=call("getvariable", literal("core_ids"))))
    wanted = exp.In(this=t.col("core_id", "c0"), query=ids.subquery())
    select = exp.select(t.col("core_id", "c0")).from_(t.core(entity).as_("c0", quoted=True), copy=False)
    last = "c0"
    for depth, (ref, parent) in enumerate(origin.steps, start=1):
        on = exp.EQ(this=t.col("core_id", f"c{depth}"), expression=t.col(ref, last))
        last = f"c{depth}"
        select = select.join(t.core(parent).as_(last, quoted=True), on=on, join_type="left", copy=False)
    return select.where(wanted, copy=False)


def records(model: Model, entity: str) -> exp.Select:
    """Every source record of an entity with its core_id: core_id, system, source_id, raw_load, read_at, changed_at."""
    parts = []
    for system in model.systems_of(entity):
        on = exp.and_(
            "x.source_id = s.source_id", exp.EQ(this=exp.column("system", "x"), expression=literal(system)), copy=False
        )
        columns = [t.col("core_id", "x"), t.col("system", "x")]
        columns += [t.col(c, "s") for c in ("source_id", "raw_load", "read_at", "changed_at", "deleted_at")]
        parts.append(
            exp.select(*columns)
            .from_(t.staged(system, entity).as_("s"), copy=False)
            .join(t.xref(entity).as_("x"), on=on, copy=False)
        )
    return exp.select("*").from_(t.union_all(parts).subquery("found"), copy=False)


def members(model: Model, entity: str) -> exp.Select:
    """The source records of the core_ids in variable ``core_ids``."""
    ids = exp.select(exp.Explode(this=call("getvariable", literal("core_ids"))))
    wanted = exp.In(this=t.col("core_id", "found"), query=ids.subquery())
    return exp.select("*").from_(records(model, entity).subquery("found"), copy=False).where(wanted, copy=False)
