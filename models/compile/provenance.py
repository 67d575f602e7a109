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
    found = t.union([_spoken(system, origin.entity) for system in model.systems_of(origin.entity)])
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
            *[t.col(c, "s") for c in ("raw_load", "read_at", "changed_at", "deleted_at")],
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


def members(model: Model, entity: str) -> exp.Select:
    """The source records of the one core_id in variable ``core_id``; of a system's records the one that speaks is last.

    core_id, system, source_id, raw_load, read_at, changed_at, deleted_at. An equality reaches the crosswalk's zone
    maps, and the ids found there those of the systems' tables: among a million records only a few blocks are read.
    """
    wanted = exp.EQ(this=t.col("core_id", "x"), expression=call("getvariable", literal("core_id")))
    asked = exp.select(*[t.col(c, "x") for c in ("core_id", "system", "source_id")])
    asked = asked.from_(t.xref(entity).as_("x"), copy=False).where(wanted, copy=False)
    found = t.union([_spoken(system, entity) for system in model.systems_of(entity)])
    return (
        exp.select("*")
        .from_(found.subquery("found"), copy=False)
        .order_by(*_last_speaks("found"), copy=False)
        .with_("asked", as_=asked, materialized=True, copy=False)
    )


def located(model: Model, kind: str, column: str) -> exp.Select:
    """What an entity or a system (``kind``) has under the id in variable ``wanted_id``: entity, core_id, in order.

    column  what the id is looked for as: ``core_id``, also one that was merged away, or ``source_id``, also of a
            record that we wrote and never read
    Each table is asked by itself: of a view of all of them every table takes its part of the planning.
    """
    wanted = call("getvariable", literal("wanted_id"))
    held = [
        _held(entity.name, kind, column, wanted) for entity in model.entities if _concerns(model, entity.name, kind)
    ]
    of_kind = exp.or_(*[exp.EQ(this=t.col(c), expression=literal(kind)) for c in ("entity", "system")], copy=False)
    id = "target_id" if column == "source_id" else "core_id"
    written = _said("links", of_kind, exp.EQ(this=t.col(id), expression=wanted.copy()))
    written = written.where(exp.NEQ(this=t.col("action"), expression=literal("delete")), copy=False)
    merged = _said(
        "aliases",
        exp.EQ(this=t.col("entity"), expression=literal(kind)),
        exp.EQ(this=t.col("alias"), expression=wanted.copy()),
    )
    found = t.union([*held, written, *([merged] if column == "core_id" else [])]).subquery("found")
    return exp.select("entity", "core_id").distinct().from_(found, copy=False).order_by("entity", "core_id", copy=False)


def _concerns(model: Model, entity: str, kind: str) -> bool:
    return kind == entity or kind in model.systems_of(entity)


def _held(entity: str, kind: str, column: str, wanted: exp.Expr) -> exp.Select:
    """The crosswalk's records with this id, of a system where the kind is one."""
    found = exp.select(exp.alias_(literal(entity), "entity", quoted=True, copy=False), t.col("core_id"))
    found = found.from_(t.xref(entity), copy=False).where("method IS DISTINCT FROM 'merged'", copy=False)
    if kind != entity:
        found = found.where(exp.EQ(this=t.col("system"), expression=literal(kind)), copy=False)
    return found.where(exp.EQ(this=t.col(column), expression=wanted.copy()), copy=False)


def _said(table: str, *conditions: exp.Expr) -> exp.Select:
    found = exp.select(t.col("entity"), t.col("core_id")).from_(exp.table_(table, db="meta"), copy=False)
    return found.where(*conditions, copy=False)
