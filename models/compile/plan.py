"""The plan of one handoff: what the target should say against what it was seen to say.

One row per core record of relation ``scope`` that needs a create, update or delete, with the desired (``d_``), observed
(``o_``) and changed (``c_``) side of each field. Reads core, xref, staged, ``meta.links`` (the newest receipt of each
target record, derived from the ledger) and nothing else: whoever moves one of them says so (``compile.moving``).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlglot import exp

from models.compile import moving, referring
from models.compile import tables as t
from models.handoff import Handoff
from models.paths import call, literal
from models.schema import Entity, Field, Map, Model, Type


def written_fields(model: Model, handoff: Handoff, one: Map, extra: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Fields the target can take and does not own alone, in declared order.

    ``extra`` are fields that the connector writes by a function of its own instead of a codec.
    """
    entity = model.entity(handoff.entity)
    takes = [n for n in one.fields if n in one.writable() or n in extra]
    if handoff.fields is not None:
        takes = [n for n in takes if n in handoff.fields]
    return tuple(n for n in takes if not _owned_by_target(model, entity, n, handoff.system))


def _owned_by_target(model: Model, entity: Entity, name: str, system: str) -> bool:
    if name not in {f.name for f in entity.own_fields}:
        return False
    rule = model.rule(entity.name, name)
    return rule.kind == "only" and rule.order[:1] == (system,)


def changes(model: Model, handoff: Handoff, one: Map, fields: tuple[str, ...]) -> exp.Select:
    """The rows to write. Where the handoff has a window, the variables ``window_starts`` and ``window_ends`` bound it.

    Columns: action, core_id, target_id, version; d_, o_ and c_ of each written field; s_ and f_ (value and
    source) of every core field; r_ (the target's id) of each reference; for each written list of references
    ``<field>.waits.<key>`` and ``<field>.unknown.<key>`` (``referring.told``).
    """
    entity = model.entity(handoff.entity)
    compared = compare(model, handoff, one, fields)
    differs = exp.or_(*[t.col(f"c_{n}") for n in fields], copy=False) if fields else exp.false()
    gone = exp.or_(t.not_null(t.col("core_deleted_at")), *_gone(entity), copy=False)
    exists = exp.and_(t.not_null(t.col("target_id")), t.is_null(t.col("target_deleted_at")), copy=False)
    action = t.case(
        (
            exp.and_(exp.Paren(this=gone), exists, t.col("ours"), literal(handoff.deletes == "mirror"), copy=False),
            literal("delete"),
        ),
        (exp.Paren(this=gone), exp.Null()),
        (
            exp.and_(
                t.is_null(t.col("target_id")),
                literal(handoff.creates),
                _due(entity, handoff, one, fields),
                copy=False,
            ),
            literal("create"),
        ),
        (
            exp.and_(
                t.not_null(t.col("target_id")),
                t.not_null(t.col("target_deleted_at")),
                _due(entity, handoff, one, fields),
                copy=False,
            ),
            literal("revive"),
        ),
        (exp.and_(exists.copy(), exp.Paren(this=differs), copy=False), literal("update")),
    )
    judged = exp.select("*", exp.alias_(action, "action", quoted=True, copy=False)).from_(
        compared.subquery("compared"), copy=False
    )
    weighed = [exp.to_identifier(f"{side}_{n}", quoted=True) for n in fields for side in "pb"]
    return (
        exp.select(exp.Star(except_=weighed) if weighed else "*")
        .from_(judged.subquery("judged"), copy=False)
        .where(t.not_null(t.col("action")), copy=False)
        .order_by(t.col("core_id"), copy=False)
    )


def _gone(entity: Entity) -> list[exp.Expr]:
    """Conditions under which nothing of the record should stand in a target any more."""
    return [
        exp.In(this=t.col(f"s_{name}"), expressions=[literal(v) for v in values])
        for name, values in entity.gone.items()
    ]


def _due(entity: Entity, handoff: Handoff, one: Map, fields: tuple[str, ...]) -> exp.Expr:
    """Whether the record is to be made: it says something, is not dormant, stands inside the window, and is wanted."""
    wanted: list[exp.Expr] = [
        exp.In(this=t.col(f"s_{name}"), expressions=[literal(v) for v in values]) for name, values in one.makes.items()
    ]
    states = [
        t.distinct(
            exp.Paren(this=exp.In(this=t.col(f"s_{name}"), expressions=[literal(v) for v in values])), exp.true()
        )
        for name, values in entity.dormant.items()
    ]
    return exp.and_(_something(entity, fields), _window(entity, handoff), *states, *wanted, copy=False)


def _something(entity: Entity, fields: tuple[str, ...]) -> exp.Expr:
    """Whether there is anything to say of the record: one that no owner knows is not made as an empty one.

    A handoff that writes no field at all makes records for their own sake.
    """
    known = [_known(entity.field(name)) for name in fields]
    return exp.Paren(this=exp.or_(*known, copy=False)) if known else exp.true()


def _known(field: Field) -> exp.Expr:
    """Whether a field says something: a list has a member, and what is referred to may still have to be made."""
    if field.type is Type.TAGS:
        return exp.GT(this=call("len", t.col(f"d_{field.name}")), expression=exp.Literal.number(0))
    return t.not_null(t.col(f"s_{field.name}" if field.ref else f"d_{field.name}"))


def _window(entity: Entity, handoff: Handoff) -> exp.Expr:
    """Things with a time are made only when they have one, and only inside the window."""
    start = moving.start(entity, "s_")
    if start is None:
        return exp.true()
    bounds = [t.not_null(start.copy()), *moving.bounds(handoff, start, "window")]
    return exp.Paren(this=exp.and_(*bounds, copy=False))


def compare(model: Model, handoff: Handoff, one: Map, fields: tuple[str, ...]) -> exp.Select:
    """Every core record of ``scope`` beside its target record: both sides of every field, and whether to write it."""
    entity = model.entity(handoff.entity)
    sides = {name: _sides(model, handoff, one, name) for name in fields}
    aligned = _aligned(handoff, entity, sides)
    moved = [
        exp.alias_(_moved(entity.field(n), found), f"c_{n}", quoted=True, copy=False) for n, found in sides.items()
    ]
    return exp.select("*", *moved).from_(aligned.subquery("aligned"), copy=False)


def _aligned(handoff: Handoff, entity: Entity, sides: Mapping[str, Mapping[str, exp.Expr]]) -> exp.Select:
    """The sides of every field under their names, so that each is worked out once."""
    select = exp.select(
        t.col("core_id", "c"),
        exp.alias_(t.col("deleted_at", "c"), "core_deleted_at", quoted=True, copy=False),
        exp.alias_(_target(), "target_id", quoted=True, copy=False),
        exp.alias_(t.col("deleted_at", "o"), "target_deleted_at", quoted=True, copy=False),
        exp.alias_(
            _newer(t.col("version", "o"), t.col("version", "l"), t.col("at", "l")), "version", quoted=True, copy=False
        ),
        exp.alias_(exp.EQ(this=t.col("action", "l"), expression=literal("create")), "ours", quoted=True, copy=False),
        exp.alias_(t.not_null(t.col("at", "l")), "written", quoted=True, copy=False),
    )
    for field in entity.fields:
        select = select.select(
            exp.alias_(t.col(field.name, "c"), f"s_{field.name}", quoted=True, copy=False),
            exp.alias_(t.col(f"{field.name}__from", "c"), f"f_{field.name}", quoted=True, copy=False),
            copy=False,
        )
    for name, found in sides.items():
        for alias, value in found.items():
            select = select.select(exp.alias_(value, f"{alias}_{name}", quoted=True, copy=False), copy=False)
    for ref in entity.refs:
        select = select.select(
            exp.alias_(t.col("source_id", f"ref_{ref.name}"), f"r_{ref.name}", quoted=True, copy=False), copy=False
        )
    lists = [field for field in entity.lists if field.name in sides]
    for field in lists:
        for name in [f"{why}.{key}" for key in field.refers for why in ("waits", "unknown")]:
            lacking = t.col(name, f"list_{field.name}")
            select = select.select(exp.alias_(lacking, f"{field.name}.{name}", quoted=True, copy=False), copy=False)
    return _sources(handoff, entity, select, lists)


def _live_target() -> exp.Expr:
    return t.case((exp.NEQ(this=t.col("action", "l"), expression=literal("delete")), t.col("target_id", "l")))


def _target() -> exp.Expr:
    """The target record: the one that lives; else the one we wrote last, read back or not; else the one that was there.

    One that we deleted ourselves is none: what comes back to life in core is made anew.
    """
    was_there = t.case((t.distinct(t.col("action", "l"), literal("delete")), t.col("source_id", "x")))
    return call("coalesce", t.col("alive", "x"), _live_target(), was_there)


def _places(handoff: Handoff, entity: Entity) -> exp.Select:
    """One source record of the target for each core_id: the living one (``alive``), else the last that went.

    What somebody deleted keeps its place beside the record that was made again, and is no second target.
    """
    alive = t.case(
        (
            exp.and_(t.not_null(t.col("source_id", "s")), t.is_null(t.col("deleted_at", "s")), copy=False),
            t.col("source_id", "s"),
        )
    )
    order = "s.source_id IS NULL, s.deleted_at DESC NULLS FIRST, x.source_id"
    return (
        exp.select(t.col("core_id", "x"), t.col("source_id", "x"), exp.alias_(alive, "alive", quoted=True, copy=False))
        .from_(t.xref(entity.name).as_("x"), copy=False)
        .join(
            t.staged(handoff.system, entity.name).as_("s"), on="s.source_id = x.source_id", join_type="left", copy=False
        )
        .where(
            t.in_scope("x"),
            "x.method IS DISTINCT FROM 'merged'",
            exp.EQ(this=exp.column("system", "x"), expression=literal(handoff.system)),
            copy=False,
        )
        .qualify(f"row_number() OVER (PARTITION BY x.core_id ORDER BY {order}) = 1", copy=False)
    )


def _newer(observed: exp.Expr, ours: exp.Expr, written: exp.Expr) -> exp.Expr:
    """What the last read saw, unless we wrote it after that: who wrote other fields knows nothing newer of this one."""
    fresher = exp.or_(
        t.is_null(t.col("read_at", "o")), exp.GTE(this=written, expression=t.col("read_at", "o")), copy=False
    )
    return t.case((exp.and_(t.not_null(t.col("at", "l")), exp.Paren(this=fresher), copy=False), ours), default=observed)


def _clears(model: Model, entity: Entity, name: str) -> bool:
    """Whether the owner of a field, or of what is looked up for it, may empty it everywhere."""
    field = entity.field(name)
    while field.via:
        ref, _, source = field.via.partition(".")
        entity = model.entity(str(entity.field(ref).ref))
        field = entity.field(source)
    return not field.joined and model.rule(entity.name, field.name).clears


def _sides(model: Model, handoff: Handoff, one: Map, name: str) -> dict[str, exp.Expr]:
    """d: what the target should say; o: what it says; p, b: what we pushed last and what it said then.

    e: whether the owner of a value took it away, where that is to be told; q: what else a change needs, as far as the
    target's record has room for the field, and takes changes in the state it is in.
    """
    entity = model.entity(handoff.entity)
    field, codec = entity.field(name), one.fields[name]
    core_value = _in_ids_of(handoff.system, field)
    desired = codec.fit(core_value.copy()) if codec.fit else core_value
    remembered = t.remembered("l", "observed", field)
    # a receipt says nothing of what the answer to our write did not show: there the last read counts
    kept = call("json_type", t.col("observed", "l"), literal(f"$.{name}"))
    told = t.case((t.not_null(kept), remembered.copy()), default=t.col(name, "o"))
    readable = name in model.binding(handoff.system).fields_of(entity.name)
    observed = _newer(t.col(name, "o"), told, t.written_at("l", field)) if readable else remembered.copy()
    sides = {"d": desired, "o": observed, "p": t.remembered("l", "pushed", field), "b": remembered}
    if _clears(model, entity, name):
        emptied = [t.is_null(t.col(name, "c")), *[t.not_null(t.col(f"{name}{s}", "c")) for s in ("__from", "__at")]]
        sides["e"] = exp.and_(*emptied, copy=False)
    needs: list[exp.Expr] = [
        exp.In(this=t.col(state, "o"), expressions=[exp.convert(value) for value in values])
        for state, values in one.takes.items()
    ]
    if name in one.instead:
        room = t.is_null(t.col(one.instead[name], "c"))
        sides["d"] = t.case((room, desired))
        needs.append(room.copy())
    return sides | ({"q": exp.and_(*needs, copy=False)} if needs else {})


def _moved(field: Field, sides: Collection[str]) -> exp.Expr:
    """Whether to write a field, by the names of its sides.

    Write when the desired value moved since our last push, or the observed one since our read-back: a
    value the system keeps in its own form is neither. No value is never written over a value, unless the field's owner
    had one and took it away: that has a source and a clock.
    """
    desired, observed, pushed, remembered, emptied, needs = (t.col(f"{side}_{field.name}") for side in "dopbeq")
    settled = exp.and_(
        exp.Not(this=t.distinct(desired.copy(), pushed)),
        exp.Not(this=t.distinct(observed.copy(), remembered)),
        t.col("written"),
        copy=False,
    )
    wanted = t.not_null(desired.copy())
    if "e" in sides:
        wanted = exp.Paren(this=exp.or_(wanted, emptied, copy=False))
    parts = [wanted, _differ(field, desired, observed), exp.Not(this=exp.Paren(this=settled))]
    return exp.and_(*parts, *([needs] if "q" in sides else []), copy=False)


def _in_ids_of(system: str, field: Field) -> exp.Expr:
    """What core says, references in the ids of the target. A list that points nowhere is the same in all ids."""
    value = t.col(field.name, "c")
    if not field.refers:
        return t.col("source_id", f"ref_{field.name}") if field.ref else value
    own = exp.EQ(this=t.col(f"{field.name}__from", "c"), expression=literal(system))
    empty = exp.EQ(this=call("json_array_length", value), expression=literal(0))
    as_it_is = exp.or_(own, empty, copy=False)
    return t.case((as_it_is, value), default=t.col("said", f"list_{field.name}"))


def _differ(field: Field, desired: exp.Expr, observed: exp.Expr) -> exp.Expr:
    if field.refers:
        return referring.differ(desired, observed)
    return t.distinct(desired.copy(), observed.copy())


def _sources(handoff: Handoff, entity: Entity, select: exp.Select, lists: Sequence[Field]) -> exp.Select:
    """FROM core with the target's record, our newest receipt, and the target's ids of what is referred to."""
    system = literal(handoff.system)
    link = exp.and_(
        "l.core_id = c.core_id",
        exp.EQ(this=t.col("system", "l"), expression=system.copy()),
        exp.EQ(this=t.col("entity", "l"), expression=literal(entity.name)),
        copy=False,
    )
    target = exp.EQ(this=t.col("source_id", "o"), expression=_target())
    select = (
        select.from_(t.everything(t.core(entity.name)).where(t.in_scope(), copy=False).subquery("c"), copy=False)
        .join(_places(handoff, entity).subquery("x"), on="x.core_id = c.core_id", join_type="left", copy=False)
        .join(exp.table_("links", db="meta").as_("l"), on=link, join_type="left", copy=False)
        .join(t.staged(handoff.system, entity.name).as_("o"), on=target, join_type="left", copy=False)
    )
    for ref in entity.refs:
        alias = f"ref_{ref.name}"
        on = exp.and_(
            exp.EQ(this=t.col("core_id", alias), expression=t.col(ref.name, "c")),
            exp.EQ(this=t.col("system", alias), expression=system.copy()),
            copy=False,
        )
        targets = exp.table_("targets", db="meta")
        on = exp.and_(on, exp.EQ(this=t.col("entity", alias), expression=literal(str(ref.ref))), copy=False)
        select = select.join(targets.as_(alias, quoted=True), on=on, join_type="left", copy=False)
    for field in lists:
        said, on = (
            f"list_{field.name}",
            exp.EQ(this=t.col("core_id", f"list_{field.name}"), expression=t.col("core_id", "c")),
        )
        told = referring.told(entity, field, handoff.system).subquery(said)
        select = select.join(told, on=on, join_type="left", copy=False)
    return select
