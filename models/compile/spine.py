"""Which records there are, for the core_ids in relation ``scope``, and which source records speak for them.

Looked up once for all that is decided of them, in three steps: ``placed`` has a row for each source record, ``behind``
marks those that are the same thing as another of their system, and ``spine`` has a row for each core record. A source
record is known by its ``place``, the number of its row in the staged table: by that the fewest blocks are read.

The spine says whether a record is ``kept``: deleted where that is decided, but edited elsewhere since it was last
seen alive there. What becomes of it is a person's decision or the entity's policy; while it is kept, the deleted row
still speaks, so that no field of it is lost.
"""

from __future__ import annotations

from sqlglot import exp

from models.compile import tables as t
from models.paths import call, literal
from models.schema import Entity, Model

LIFE = ("changed_at", "deleted_at", "alive_at", "edited_at")


def founders_of(model: Model, entity: Entity) -> tuple[str, ...]:
    """Systems that may bring a record into being; a calendar that only shows one may not."""
    mapping = {b.name for b in model.bindings if b.maps_to(entity.name)}
    named = model.order(model.owner(entity.name), mapping)
    declared = model.order(entity.owner, mapping)
    return tuple(dict.fromkeys((*named, *declared))) or model.systems_of(entity.name)


def place_of(system: str) -> str:
    """The column of the spine with the place of the row that speaks for a system, NULL when none does."""
    return f"{system}__place"


def placed(model: Model, entity: Entity) -> exp.Query:
    """Every source record of the scope: core_id, system, source_id, place, behind, and the columns ``LIFE``."""
    linked = (
        exp.select(*[t.col(c) for c in ("core_id", "system", "source_id", "method")])
        .from_(t.xref(entity.name), copy=False)
        .where("core_id IN (SELECT core_id FROM scope)", copy=False)
    )
    return t.union([_of(system, entity) for system in model.systems_of(entity.name)]).with_("linked", as_=linked)


def _of(system: str, entity: Entity) -> exp.Select:
    here = exp.EQ(this=exp.column("system", "x"), expression=literal(system))
    merged = exp.NullSafeEQ(this=t.col("method", "x"), expression=literal("merged"))
    return (
        exp.select(
            *[t.col(c, "x") for c in ("core_id", "system", "source_id")],
            exp.alias_(exp.column("rowid", table="s"), "place", quoted=True, copy=False),
            exp.alias_(merged, "behind", quoted=True, copy=False),
            *[t.col(c, "s") for c in LIFE],
        )
        .from_(exp.to_table("linked").as_("x"), copy=False)
        .join(
            t.staged(system, entity.name).as_("s"),
            on=exp.and_("s.source_id = x.source_id", here, copy=False),
            copy=False,
        )
    )


def several() -> exp.Select:
    """How many core_ids have more than one record in a system."""
    crowded = exp.select("core_id").from_("placed", copy=False).where("NOT behind", copy=False)
    crowded = crowded.group_by("core_id", "system", copy=False).having("count(*) > 1", copy=False)
    return exp.select("count(*)").from_(crowded.subquery("crowded"), copy=False)


def behind() -> exp.Update:
    """Mark the records that do not speak: of several of a system only one does.

    Living ones come first, then the newest, then the lowest id: never a matter of arrival.
    """
    order = "deleted_at IS NOT NULL, changed_at DESC NULLS LAST, source_id"
    later = (
        exp.select("(system, place)")
        .from_("placed", copy=False)
        .where("NOT behind", copy=False)
        .qualify(f"row_number() OVER (PARTITION BY core_id, system ORDER BY {order}) > 1", copy=False)
    )
    which = exp.In(this=exp.Tuple(expressions=[exp.column("system"), exp.column("place")]), query=later.subquery())
    return exp.update("placed", {"behind": exp.true()}, where=which)


def spine(model: Model, entity: Entity) -> exp.Select:
    """core_ids of the scope that exist, with the place of each system's row that speaks.

    The first founding system that knows a record says whether it lives. Rows that are deleted in their system speak
    only of what is deleted, or kept for a decision.
    """
    policy = literal(model.owner(entity.name).when_deleted or "ask")
    outlives = exp.GT(this=t.col("edited_at", "known"), expression=t.col("alive_at", "known"))
    choice = exp.NEQ(this=call("coalesce", t.col("choice", "word"), policy), expression=literal("delete"))
    gone = t.not_null(t.col("deleted_at", "known"))
    kept = exp.and_(gone, outlives, choice, copy=False)
    deleted = t.case((t.distinct(exp.Paren(this=kept), exp.true()), t.col("deleted_at", "known")))
    select = exp.select(
        t.col("core_id", "known"),
        exp.alias_(deleted, "deleted_at", quoted=True, copy=False),
        exp.alias_(kept.copy(), "kept", quoted=True, copy=False),
    )
    for system in model.systems_of(entity.name):
        speaks = exp.or_(t.is_null(t.col(f"{system}__deleted_at", "known")), gone.copy(), copy=False)
        place = t.case((speaks, t.col(place_of(system), "known")))
        select = select.select(exp.alias_(place, place_of(system), quoted=True, copy=False), copy=False)
    word = exp.table_("judgements", db="meta").as_("word")
    return select.from_(_known(model, entity).subquery("known"), copy=False).join(
        word, on=_decided_since(entity), join_type="left", copy=False
    )


def _known(model: Model, entity: Entity) -> exp.Select:
    """What the founding systems know of each core_id, and when any system in which it lives was last edited."""
    systems, founders = model.systems_of(entity.name), founders_of(model, entity)
    known = [t.not_null(t.col(place_of(s))) for s in founders]

    def first(values: list[exp.Expr]) -> exp.Expr:
        return t.case(*[(when.copy(), value) for when, value in zip(known, values, strict=True)])

    edits = [t.case((t.is_null(t.col(f"{s}__deleted_at")), t.col(f"{s}__edited_at"))) for s in systems]
    columns = {
        "deleted_at": first([t.col(f"{s}__deleted_at") for s in founders]),
        "alive_at": first([t.col(f"{s}__alive_at") for s in founders]),
        "system": first([literal(s) for s in founders]),
        "edited_at": call("greatest", *edits),
    }
    select = exp.select(t.col("core_id"))
    for name, value in columns.items():
        select = select.select(exp.alias_(value, name, quoted=True, copy=False), copy=False)
    for system in systems:
        select = select.select(t.col(place_of(system)), t.col(f"{system}__deleted_at"), copy=False)
    return select.from_(_side_by_side(systems).subquery("beside"), copy=False).where(
        exp.or_(*[k.copy() for k in known], copy=False), copy=False
    )


def _side_by_side(systems: tuple[str, ...]) -> exp.Select:
    """The rows of ``placed`` that speak, in one for each core_id: place, deleted_at, alive_at, edited_at by system."""
    select = exp.select("core_id").from_("placed", copy=False).where("NOT behind", copy=False)
    for system in systems:
        here = exp.Where(this=exp.EQ(this=exp.column("system"), expression=literal(system)))
        for name in ("place", "deleted_at", "alive_at", "edited_at"):
            one = exp.Filter(this=exp.Max(this=exp.column(name)), expression=here.copy())
            select = select.select(exp.alias_(one, f"{system}__{name}", quoted=True, copy=False), copy=False)
    return select.group_by("core_id", copy=False)


def _decided_since(entity: Entity) -> exp.Expr:
    """A person's word on this deletion, given after the last edit that speaks against it."""
    same = [exp.EQ(this=t.col(c, "word"), expression=t.col(c, "known")) for c in ("core_id", "system")]
    last = call("greatest", t.col("deleted_at", "known"), t.col("edited_at", "known"))
    later = exp.GTE(this=t.col("at", "word"), expression=last)
    return exp.and_(exp.EQ(this=t.col("entity", "word"), expression=literal(entity.name)), *same, later, copy=False)
