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


def versions(model: Model, entity: str, origin: Origin) -> exp.Select:
    """What each system says at the end of an origin's references: core_id, system, source_id, raw_load.

    One row for each core_id of the variable ``core_ids`` and source record behind it, the one that speaks last.
    """
    last = exp.alias_(t.col("core_id", f"c{len(origin.steps)}"), "last", quoted=True, copy=False)
    led = _led(entity, origin).select(last, copy=False)
    behind = exp.EQ(this=t.col("core_id", "x"), expression=t.col("last", "led"))
    asked = exp.select(t.col("core_id", "led"), t.col("system", "x"), t.col("source_id", "x"))
    asked = asked.from_(led.subquery("led"), copy=False).join(t.xref(origin.entity).as_("x"), on=behind, copy=False)
    found = t.union_all([_spoken(system, origin.entity) for system in model.systems_of(origin.entity)])
    return (
        exp.select(*[t.col(c, "s") for c in ("core_id", "system", "source_id", "raw_load")])
        .from_(found.subquery("s"), copy=False)
        .order_by(*_last_speaks("s"), copy=False)
        # the crosswalk first: else every record of every system is joined to it before a few are looked for
        .with_("asked", as_=asked, materialized=True, copy=False)
    )


def _spoken(system: str, entity: str) -> exp.Select:
    """The records of one system in ``asked``, with what tells which of them speaks last."""
    here = exp.EQ(this=exp.column("system", "x"), expression=literal(system))
    return (
        exp.select(
            *[t.col(c, "x") for c in ("core_id", "system", "source_id")],
            *[t.col(c, "s") for c in ("raw_load", "changed_at", "deleted_at")],
        )
        .from_(exp.to_table("asked").as_("x"), copy=False)
        .join(t.staged(system, entity).as_("s"), on=exp.and_("s.source_id = x.source_id", here), copy=False)
    )


def _last_speaks(table: str) -> list[exp.Expr]:
    """Of several records of one system the one that lives, the newest, then the lowest id comes last."""
    return [
        exp.Ordered(this=t.is_null(t.col("deleted_at", table))),
        exp.Ordered(this=t.col("changed_at", table), nulls_first=True),
        exp.Ordered(this=t.col("source_id", table), desc=True),
    ]


def _led(entity: str, origin: Origin) -> exp.Select:
    """core_id, FROM the core records of the variable ``core_ids`` and those that an origin's references lead to."""
    select = exp.select(t.col("core_id", "c0")).from_(t.core(entity).as_("c0", quoted=True), copy=False)
    last = "c0"
    for depth, (ref, parent) in enumerate(origin.steps, start=1):
        on = exp.EQ(this=t.col("core_id", f"c{depth}"), expression=t.col(ref, last))
        last = f"c{depth}"
        select = select.join(t.core(parent).as_(last, quoted=True), on=on, join_type="left", copy=False)
    return select.where(t.asked("c0"), copy=False)


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
    """The source records of the one core_id in variable ``core_id``; of a system's records the one that speaks is last.

    An equality reaches the tables' zone maps, and among a million records only a few blocks are read.
    """
    wanted = exp.EQ(this=t.col("core_id", "found"), expression=call("getvariable", literal("core_id")))
    found = exp.select("*").from_(records(model, entity).subquery("found"), copy=False).where(wanted, copy=False)
    return found.order_by(*_last_speaks("found"), copy=False)
