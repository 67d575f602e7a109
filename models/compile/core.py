"""The canonical record: each field decided by its ownership rule, for the core_ids in relation ``spine``.

The shape is one projection per system of its one surviving row per core_id, LEFT JOINed to the spine
(``compile.spine``), so that the lineage of each column can be read off the SQL. ``changes`` looks at the same rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlglot import exp

from models.compile import tables as t
from models.compile.rules import Candidate, Decision, candidate, decide, grouped, taken
from models.compile.spine import place_of
from models.paths import call, literal
from models.schema import Entity, Field, Model


def records(model: Model, entity: Entity) -> exp.Select:
    """The core rows of the scope, columns as in ``tables.core_columns``."""
    decided = exp.select(t.col("core_id", "spine"), t.col("deleted_at", "spine"))
    for field in entity.own_fields:
        decision = _decide(model, entity, field)
        decided = decided.select(
            exp.alias_(
                exp.cast(decision.value, t.data_type(t.column_type(field)), copy=False),
                field.name,
                quoted=True,
                copy=False,
            ),
            exp.alias_(decision.source, f"{field.name}__from", quoted=True, copy=False),
            exp.alias_(decision.clock, f"{field.name}__at", quoted=True, copy=False),
            copy=False,
        )
    decided = joined(model, entity, decided)
    if _accepting(model, entity):
        decided = decided.join("taken", on="taken.core_id = spine.core_id", join_type="left", copy=False)
    final = exp.select(t.col("core_id", "decided"), t.col("deleted_at", "decided")).from_("decided", copy=False)
    for field in entity.fields:
        for suffix in ("", "__from", "__at"):
            final = final.select(
                exp.alias_(_outcome(entity, field, suffix), field.name + suffix, quoted=True, copy=False), copy=False
            )
    final = _through(entity, final)
    final = with_sources(model, entity, final)
    if _accepting(model, entity):
        final = final.with_("taken", as_=_taken_edits(model, entity), copy=False)
    return final.with_("decided", as_=decided, copy=False)


def _accepting(model: Model, entity: Entity) -> list[Field]:
    """Fields in which edits by others than their owner are accepted, of a group the first."""
    fields = [f for f in entity.own_fields if entity.together(f.name)[0] == f.name]
    rules = {f.name: model.rule(entity.name, f.name) for f in fields}
    return [f for f in fields if rules[f.name].accepts and len(rules[f.name].order) > 1]


def _taken_edits(model: Model, entity: Entity) -> exp.Select:
    """For each such field the system whose edit is accepted: looked at once for a whole group."""
    select = exp.select(t.col("core_id", "spine"))
    for field in _accepting(model, entity):
        rule = model.rule(entity.name, field.name)
        winner = taken(rule, [_candidate(model, entity, field, system) for system in rule.order])
        select = select.select(exp.alias_(winner, field.name, quoted=True, copy=False), copy=False)
    return joined(model, entity, select)


def _outcome(entity: Entity, field: Field, suffix: str) -> exp.Expr:
    """A field's final column: decided here, looked up through a reference, or joined from its siblings."""
    if field.joined:
        parts = [_outcome(entity, entity.field(name), suffix) for name in field.joined]
        if suffix == "":
            return call("nullif", call("concat_ws", literal(", "), *parts), literal(""))
        return call("coalesce" if suffix == "__from" else "greatest", *parts)
    if field.via is None:
        return t.col(field.name + suffix, "decided")
    ref, _, source = field.via.partition(".")
    return t.col(source + suffix, f"via_{ref}")


def _decide(model: Model, entity: Entity, field: Field) -> Decision:
    rule = model.rule(entity.name, field.name)
    candidates = [_candidate(model, entity, field, system) for system in rule.order]
    null = exp.cast(exp.Null(), t.data_type(t.column_type(field)), copy=False)
    lead = entity.together(field.name)[0]
    edit = t.col(lead, "taken") if lead in {f.name for f in _accepting(model, entity)} else None
    return decide(rule, candidates, t.col(field.name, "pin"), null, edit)


def _candidate(model: Model, entity: Entity, field: Field, system: str) -> Candidate:
    """What a system says about a field; one that has others of its group, but not this one, says NULL of it."""
    if not field.group:
        return candidate(system, field.name)
    mapped = model.binding(system).fields_of(entity.name)
    lead, *_ = members = entity.together(field.name)
    found = grouped(system, field.name, [m for m in members if m in mapped], lead if lead in mapped else None)
    if field.name in mapped:
        return found
    null = exp.cast(exp.Null(), t.data_type(t.column_type(field)), copy=False)
    return replace(found, value=null, clock=exp.cast(exp.Null(), "TIMESTAMP", copy=False))


def sources(model: Model, entity: Entity) -> tuple[str, ...]:
    return model.systems_of(entity.name)


def with_sources(model: Model, entity: Entity, select: exp.Select) -> exp.Select:
    """Prepend the CTEs: one per system, and the pins."""
    for system in sources(model, entity):
        name = exp.to_identifier(system, quoted=True)
        select = select.with_(name, as_=_projection(model, system, entity), copy=False)
    return select.with_("pin", as_=_pins(entity), copy=False)


def _projection(model: Model, system: str, entity: Entity) -> exp.Select:
    """A system's one row per core_id that speaks, references translated to core_ids."""
    fields = model.binding(system).fields_of(entity.name)
    select = exp.select(t.col("core_id", "x"), t.col("source_id", "s"), t.col("first_read_at", "s"))
    for name in fields:
        ref = entity.field(name).ref
        value = t.col("core_id", f"ref_{name}") if ref else t.col(name, "s")
        select = select.select(exp.alias_(value, name, quoted=True, copy=False), t.col(f"{name}__at", "s"), copy=False)
    place = exp.EQ(this=exp.column("rowid", table="s"), expression=t.col(place_of(system), "x"))
    select = select.from_(exp.to_table("spine").as_("x"), copy=False).join(
        t.staged(system, entity.name).as_("s"), on=place, copy=False
    )
    for name in fields:
        ref = entity.field(name).ref
        if ref:
            on = exp.and_(
                exp.EQ(this=t.col("system", f"ref_{name}"), expression=literal(system)),
                exp.EQ(this=t.col("source_id", f"ref_{name}"), expression=t.col(name, "s")),
                copy=False,
            )
            select = select.join(t.xref(ref).as_(f"ref_{name}", quoted=True), on=on, join_type="left", copy=False)
    return select


def _pins(entity: Entity) -> exp.Select:
    """People's overrides of this entity, one row per core_id, one column per field."""
    select = exp.select(t.col("core_id"))
    for field in entity.own_fields:
        value = t.case((exp.EQ(this=t.col("field"), expression=literal(field.name)), t.col("value")))
        # one that cannot be read is set aside with its problem; it must not stop the others
        typed = exp.TryCast(this=exp.Max(this=value), to=t.data_type(t.column_type(field)))
        select = select.select(exp.alias_(typed, field.name, quoted=True, copy=False), copy=False)
    return (
        select.from_(exp.table_("pins", db="meta"), copy=False)
        .where(exp.EQ(this=t.col("entity"), expression=literal(entity.name)), t.is_null(t.col("problem")), copy=False)
        .group_by(t.col("core_id"), copy=False)
    )


def joined(model: Model, entity: Entity, select: exp.Select) -> exp.Select:
    """FROM spine with every system's row that speaks."""
    select = select.from_("spine", copy=False).join(
        "pin", on="pin.core_id = spine.core_id", join_type="left", copy=False
    )
    for system in sources(model, entity):
        same = exp.EQ(this=t.col("core_id", system), expression=t.col("core_id", "spine"))
        select = select.join(t.quoted(system), on=same, join_type="left", copy=False)
    return select


def _through(entity: Entity, select: exp.Select) -> exp.Select:
    """Join the parents that looked-up fields go through."""
    used = dict.fromkeys(f.via.partition(".")[0] for f in entity.fields if f.via)
    for ref in used:
        parent = t.core(str(entity.field(ref).ref)).as_(f"via_{ref}", quoted=True)
        on = exp.EQ(this=t.col("core_id", f"via_{ref}"), expression=t.col(ref, "decided"))
        select = select.join(parent, on=on, join_type="left", copy=False)
    return select


def changes(entity: Entity) -> exp.Select:
    """Field changes from ``core.<entity>`` (old) to relation ``next``: core_id, field, old, new, source, at."""
    structs = []
    for name in ["deleted_at", *[f.name for f in entity.fields]]:
        moved = t.distinct(t.col(name, "next"), t.col(name, "old"))
        source = t.col(f"{name}__from", "next") if name != "deleted_at" else exp.cast(exp.Null(), "VARCHAR", copy=False)
        at = t.col(f"{name}__at", "next") if name != "deleted_at" else t.col(name, "next")
        members = {
            "field": literal(name),
            "old": exp.cast(t.col(name, "old"), "VARCHAR", copy=False),
            "new": exp.cast(t.col(name, "next"), "VARCHAR", copy=False),
            "source": source,
            "at": at,
        }
        pairs = [exp.PropertyEQ(this=exp.to_identifier(k, quoted=True), expression=v) for k, v in members.items()]
        structs.append(t.case((moved, exp.Struct(expressions=pairs))))
    present = exp.Lambda(this=t.not_null(exp.column("x")), expressions=[exp.to_identifier("x")])
    listed = call("list_filter", exp.Array(expressions=structs), present)
    inner = (
        exp.select(t.col("core_id", "next"), exp.alias_(exp.Explode(this=listed), "c", quoted=True, copy=False))
        .from_(exp.to_table("next"), copy=False)
        .join(t.core(entity.name).as_("old"), on="old.core_id = next.core_id", join_type="left", copy=False)
    )
    names = ("field", "old", "new", "source", "at")
    columns = [
        exp.alias_(exp.Dot(this=t.col("c"), expression=exp.to_identifier(n, quoted=True)), n, quoted=True, copy=False)
        for n in names
    ]
    return exp.select(t.col("core_id"), *columns).from_(inner.subquery("found"), copy=False)


def all_ids(entity: Entity) -> exp.Select:
    """Every core_id of the crosswalk, and those that core still holds."""
    linked = exp.select(t.col("core_id")).from_(t.xref(entity.name), copy=False)
    return (
        exp.select(t.col("core_id"))
        .distinct()
        .from_(
            exp.union(
                linked, exp.select(t.col("core_id")).from_(t.core(entity.name), copy=False), distinct=True
            ).subquery("found"),
            copy=False,
        )
    )


def living(entity: str) -> exp.Select:
    """core_ids of an entity that are not deleted."""
    return (
        exp.select(t.col("core_id")).from_(t.core(entity), copy=False).where(t.is_null(t.col("deleted_at")), copy=False)
    )


def dependents(child: Entity, ref: str) -> exp.Insert:
    """Touch the records of ``child`` that look something up in a record with ``moved_fields``."""
    select = (
        exp.select(exp.alias_(literal(child.name), "entity", quoted=True, copy=False), t.col("core_id", "c"))
        .from_(t.core(child.name).as_("c"), copy=False)
        .where(
            exp.In(this=t.col(ref, "c"), query=exp.select("core_id").from_("moved_fields", copy=False).subquery()),
            copy=False,
        )
    )
    return t.insert(exp.table_("touched_core", db="meta"), ["entity", "core_id"], select)


def one(entity: Entity, names: Sequence[str]) -> exp.Select:
    """The core record of variable ``core_id``: deleted_at, and these fields, each with its source and clock."""
    wanted = exp.EQ(this=t.col("core_id"), expression=call("getvariable", literal("core_id")))
    columns = [t.col(name + suffix) for name in names for suffix in ("", "__from", "__at")]
    found = exp.select(t.col("core_id"), t.col("deleted_at"), *columns).from_(t.core(entity.name), copy=False)
    return found.where(wanted, copy=False)


def census(entities: Sequence[Entity]) -> exp.Select:
    """How many records of each entity are not deleted, in one row of a column for each."""
    return exp.select(
        *[exp.alias_(_count_living(one.name).subquery(), one.name, quoted=True, copy=False) for one in entities]
    )


def _count_living(entity: str) -> exp.Select:
    return exp.select(exp.Count(this=exp.Star())).from_(living(entity).subquery("found"), copy=False)
