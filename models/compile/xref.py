"""Identity in SQL: the evidence of each source record, and the records that have to be looked at together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from sqlglot import exp

from models.compile import referring
from models.compile import tables as t
from models.paths import call, literal
from models.schema import Entity, Model

# What is neither a letter nor a digit, but for the plus of phone numbers: blanks, punctuation and symbols as ranges. A
# regular expression with the classes of all Unicode takes DuckDB 4 ms to compile, each time it is bound.
MARKS = (
    r"[\x00-*,-/:-@\[-`{-©«-±´¶-¸»¿×÷\x{300}-\x{36F}\x{5BE}\x{5F3}\x{5F4}\x{60C}\x{61B}\x{61F}\x{2000}-\x{206F}"
    r"\x{20A0}-\x{20CF}\x{2116}\x{2117}\x{2120}-\x{2123}\x{2190}-\x{2BFF}\x{3000}-\x{3003}\x{3008}-\x{3020}\x{FE00}-\x{FE6F}\x{1F000}-\x{1FAFF}]"
)
NODE_COLUMNS = {
    "system": "VARCHAR",
    "source_id": "VARCHAR",
    "core_ref": "VARCHAR",
    "peers": "MAP(VARCHAR, VARCHAR)",
    "keys": "VARCHAR[]",
    "dead": "BOOLEAN",
    "merged_into": "VARCHAR",
}
XREF_COLUMNS = {
    "core_id": "VARCHAR",
    "system": "VARCHAR",
    "source_id": "VARCHAR",
    "method": "VARCHAR",
    "since": "TIMESTAMP",
}


def nodes(model: Model, system: str, entity: Entity) -> exp.Select:
    """Evidence of this system's rows that are named in the relation ``touched_refs`` (system, source_id)."""
    fields = model.binding(system).fields_of(entity.name)
    names = ("source_id", "core_ref", "peers", "deleted_at", "merged_into")
    # each part once, in a query of its own: several keys have it, and DuckDB works out each place of a CASE anew
    parts = [exp.alias_(_part(entity, part), _of(part), quoted=True, copy=False) for part in _parts(entity, fields)]
    select = exp.select(*[t.col(c, "s") for c in names], *parts).from_(
        t.staged(system, entity.name).as_("s"), copy=False
    )
    for ref in _key_refs(entity, fields):
        on = exp.and_(
            exp.EQ(this=t.col("system", ref), expression=literal(system)),
            exp.EQ(this=t.col("source_id", ref), expression=t.col(ref, "s")),
            copy=False,
        )
        parent = entity.field(ref).ref
        select = select.join(t.xref(str(parent)).as_(ref, quoted=True), on=on, join_type="left", copy=False)
    # found by the number of the row: by a column, all columns of a million records would be read for a few
    found = exp.select("rowid").from_(t.staged(system, entity.name), copy=False)
    touched = exp.select("source_id").from_("touched_refs", copy=False)
    touched = touched.where(exp.EQ(this=t.col("system"), expression=literal(system)), copy=False)
    found = found.where(exp.In(this=t.col("source_id"), query=touched.subquery()), copy=False)
    select = select.where(exp.In(this=exp.column("rowid", table="s"), query=found.subquery()), copy=False)
    return exp.select(
        exp.alias_(literal(system), "system", quoted=True, copy=False),
        *[t.col(c) for c in ("source_id", "core_ref", "peers")],
        exp.alias_(_keys(entity, fields), "keys", quoted=True, copy=False),
        exp.alias_(t.not_null(t.col("deleted_at")), "dead", quoted=True, copy=False),
        t.col("merged_into"),
    ).from_(select.subquery("told"), copy=False)


def evidence(model: Model, systems: Sequence[str], entity: Entity) -> exp.Query:
    """The evidence of all rows named in ``touched_refs``; of a system that nobody reads any more what it was."""
    unread = exp.Not(this=exp.In(this=t.col("system"), expressions=[literal(name) for name in systems]))
    former = exp.select(*[t.col(c) for c in NODE_COLUMNS]).from_("former", copy=False)
    if systems:
        former = former.where(unread, copy=False)
    return t.union([*[nodes(model, system, entity) for system in systems], former])


def _parts(entity: Entity, fields: tuple[str, ...]) -> list[str]:
    """The fields that the keys of a system are made of; of a key, it has all parts or none."""
    return list(dict.fromkeys(part for key in entity.keys if all(p in fields for p in key) for part in key))


def _of(part: str) -> str:
    return f"of {part}"


def _key_refs(entity: Entity, fields: tuple[str, ...]) -> list[str]:
    """Reference fields that take part in a key: they are compared by core_id, not by source id."""
    return [part for part in _parts(entity, fields) if entity.field(part).ref is not None]


def _keys(entity: Entity, fields: tuple[str, ...]) -> exp.Expr:
    """The list of this row's key values; none while the record is deleted."""
    values: list[exp.Expr] = []
    for rank, key in enumerate(entity.keys):
        if not all(part in fields for part in key):
            continue
        joined = reduce(lambda a, b: exp.DPipe(this=a, expression=b), _separated([t.col(_of(part)) for part in key]))
        values.append(exp.DPipe(this=literal(f"{rank}:"), expression=exp.Paren(this=joined)))
    if not values:
        return exp.cast(exp.Array(expressions=[]), t.data_type("VARCHAR[]"), copy=False)
    present = exp.Lambda(this=t.not_null(exp.column("x")), expressions=[exp.to_identifier("x")])
    listed = call("list_filter", exp.Array(expressions=values), present)
    empty = exp.cast(exp.Array(expressions=[]), t.data_type("VARCHAR[]"), copy=False)
    return t.case((t.is_null(t.col("deleted_at")), listed), default=empty)


def _separated(parts: list[exp.Column]) -> list[exp.Expr]:
    separated: list[exp.Expr] = []
    for part in parts:
        separated += [literal("|"), part] if separated else [part]
    return separated


def _part(entity: Entity, name: str) -> exp.Expr:
    """A key part without case, accents and punctuation; a reference as the core_id it leads to."""
    if entity.field(name).ref is not None:
        return t.col("core_id", name)
    text = exp.cast(t.col(name, "s"), "VARCHAR", copy=False)
    plain = call("lower", call("strip_accents", text))
    bare = call("regexp_replace", plain, literal(MARKS), literal(""), literal("g"))
    # the dots and dashes of an e-mail address tell people apart
    address = (call("contains", text, literal("@")), plain)
    return call("nullif", t.case(address, default=bare), literal(""))


def known(model: Model) -> exp.Create:
    """The view ``meta.known``: every id of every core record in any system, read or written by us.

    It groups nothing, so that a question for one id reaches the tables below it.
    """
    names = ("entity", "core_id", "system", "source_id")
    parts = [
        exp.select(exp.alias_(literal(e.name), "entity", quoted=True, copy=False), *[t.col(n) for n in names[1:]])
        .from_(t.xref(e.name), copy=False)
        .where("method IS DISTINCT FROM 'merged'", copy=False)
        for e in model.entities
    ]
    links = (
        exp.select(
            t.col("entity"),
            t.col("core_id"),
            t.col("system"),
            exp.alias_(t.col("target_id"), "source_id", quoted=True, copy=False),
        )
        .from_("meta.links", copy=False)
        .where(exp.NEQ(this=t.col("action"), expression=literal("delete")), copy=False)
    )
    return t.view(exp.table_("known", db="meta"), t.union([*parts, links]))


def dead(model: Model) -> exp.Create:
    """The view ``meta.dead``: every record that some system had and has no more."""
    parts = [
        exp.select(exp.alias_(literal(e.name), "entity", quoted=True, copy=False), t.col("system"), t.col("source_id"))
        .from_(t.nodes(e.name), copy=False)
        .where(t.col("dead"), copy=False)
        for e in model.entities
    ]
    return t.view(exp.table_("dead", db="meta"), t.union(parts))


def targets() -> exp.Create:
    """The view ``meta.targets``: each system's own id of every core record, one of several.

    One that lives; what was deleted there keeps its place in the crosswalk beside the one that was made again.
    """
    names = ("entity", "core_id", "system")
    least = exp.Min(this=t.col("source_id", "k"))
    living = exp.Filter(this=least.copy(), expression=exp.Where(this=t.is_null(t.col("source_id", "d"))))
    one = exp.alias_(call("coalesce", living, least), "source_id", quoted=True, copy=False)
    same = [exp.EQ(this=t.col(n, "d"), expression=t.col(n, "k")) for n in ("entity", "system", "source_id")]
    grouped = (
        exp.select(*[t.col(n, "k") for n in names], one)
        .from_(exp.table_("known", db="meta").as_("k"), copy=False)
        .join(exp.table_("dead", db="meta").as_("d"), on=exp.and_(*same, copy=False), join_type="left", copy=False)
    )
    return t.view(exp.table_("targets", db="meta"), grouped.group_by(*[t.col(n, "k") for n in names], copy=False))


def moved() -> exp.Select:
    """The links that are new or lead elsewhere than before, in order: a block holds few core_ids."""
    columns = [t.col(c) for c in XREF_COLUMNS]
    return exp.select(*columns).from_("moved_links", copy=False).order_by(t.col("core_id"), copy=False)


def referrers(system: str, child: Entity, field: str, key: str | None = None) -> exp.Insert:
    """Touch the core records of ``child`` whose staged row points at a source record of ``moved_links``.

    key  of the elements, for a field that is a list of what points
    """
    member = exp.and_(
        "x.source_id = s.source_id", exp.EQ(this=exp.column("system", "x"), expression=literal(system)), copy=False
    )
    select = _pointing(system, child, field, t.col("core_id", "x"), key).join(
        t.xref(child.name).as_("x"), on=member, copy=False
    )
    return t.insert(exp.table_("touched_core", db="meta"), ["entity", "core_id"], select)


def again(system: str, child: Entity, field: str) -> exp.Insert:
    """Touch the records of ``child`` themselves: whom they point at is part of what identifies them."""
    named = exp.alias_(literal(system), "system", quoted=True, copy=False)
    select = _pointing(system, child, field, t.col("source_id", "s")).select(named, copy=False)
    return t.insert(exp.table_("touched", db="meta"), ["entity", "source_id", "system"], select)


def _pointing(system: str, child: Entity, field: str, wanted: exp.Expr, key: str | None = None) -> exp.Select:
    """Name of the child and ``wanted`` of its staged rows that point at a source record of ``moved_links``."""
    staged = t.staged(system, child.name)
    rows = staged.as_("s") if key is None else referring.pointing(staged, child.field(field), key).subquery("s")
    points = exp.and_(
        exp.EQ(this=t.col("source_id", "m"), expression=t.col(field, "s")),
        exp.EQ(this=t.col("system", "m"), expression=literal(system)),
        copy=False,
    )
    return (
        exp.select(exp.alias_(literal(child.name), "entity", quoted=True, copy=False), wanted)
        .distinct()
        .from_(rows, copy=False)
        .join(exp.to_table("moved_links").as_("m"), on=points, copy=False)
    )
