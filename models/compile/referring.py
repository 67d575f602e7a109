"""Lists whose elements point to other records: core says them by the ids of the system that won, a target by its own.

``told`` is what a list says in the ids of a target, and what it waits for; ``meant`` is what it says in core_ids.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from models.compile import tables as t
from models.paths import call, literal
from models.schema import Entity, Field


def told(entity: Entity, field: Field, system: str) -> exp.Select:
    """What core says in this list, in the ids of the system; one row for each record of ``scope`` that says something.

    What the system said itself is left out: it is in these ids as it stands.

    Columns: core_id, said (NULL while an element points to what has no id there), and for each key of the elements
    ``waits.<key>``, the core_id of such a thing, and ``unknown.<key>``, the source id of one that is in no crosswalk.
    """
    ids = {key: t.col("source_id", f"at_{key}") for key in field.refers}
    known = [_known(key) for key in field.refers]
    whole = call("bool_and", exp.and_(*known, copy=False))
    select = exp.select(
        t.col("core_id", "e"),
        exp.alias_(t.case((whole, _listed(ids))), "said", quoted=True, copy=False),
    )
    for key in field.refers:
        of, at = _core_id(key), t.col("source_id", f"at_{key}")
        for name, value, lacking in (("waits", of, at), ("unknown", _id(key), of)):
            least = exp.Filter(this=exp.Min(this=value.copy()), expression=exp.Where(this=t.is_null(lacking.copy())))
            select = select.select(exp.alias_(least, f"{name}.{key}", quoted=True, copy=False), copy=False)
    whose = t.col(f"{field.name}__from")
    others = (
        exp.select("*")
        .from_(t.core(entity.name), copy=False)
        .where(t.distinct(whose, literal(system)), t.in_scope(), copy=False)
    )
    select = _pointed(select, field, others, whose)
    for key, parent in field.refers.items():
        place = f"at_{key}"
        on = exp.and_(
            exp.EQ(this=t.col("core_id", place), expression=_core_id(key)),
            exp.EQ(this=t.col("entity", place), expression=literal(parent)),
            exp.EQ(this=t.col("system", place), expression=literal(system)),
            copy=False,
        )
        targets = exp.table_("targets", db="meta").as_(place, quoted=True)
        select = select.join(targets, on=on, join_type="left", copy=False)
    return select.group_by(t.col("core_id", "e"), copy=False)


def meant(field: Field, rows: exp.Select, system: exp.Expr) -> exp.Select:
    """core_id and what its list says (``said``) in core_ids; ids that lead nowhere stay as they are.

    rows    core_id and the list
    system  whose ids the list has
    """
    ids = {key: _core_id(key) for key in field.refers}
    said = exp.alias_(_listed(ids), "said", quoted=True, copy=False)
    select = exp.select(t.col("core_id", "e"), said)
    return _pointed(select, field, rows, system).group_by(t.col("core_id", "e"), copy=False)


def lead_to(entity: Entity, field: Field, key: str, ids: exp.Select) -> exp.Select:
    """core_ids of the records of whose list an element leads by ``key`` to one of ``ids``."""
    select = _pointed(
        exp.select(t.col("core_id", "e")), field, t.everything(t.core(entity.name)), t.col(f"{field.name}__from")
    )
    return select.where(exp.In(this=_core_id(key), query=ids.subquery()), copy=False)


def values(field: Field, key: str, below: str, rows: exp.Select) -> exp.Select:
    """core_id and, as a list without repetition (``said``), a field of what the elements point to by ``key``.

    rows  core_id, the list and where it is from
    """
    said = call(
        "list_sort", call("list", exp.Distinct(expressions=[exp.cast(t.col(below, "p"), "VARCHAR", copy=False)]))
    )
    select = exp.select(t.col("core_id", "e"), exp.alias_(said, "said", quoted=True, copy=False))
    select = _pointed(select, field, rows, t.col(f"{field.name}__from"))
    on = exp.EQ(this=t.col("core_id", "p"), expression=_core_id(key))
    parent = t.core(field.refers[key]).as_("p", quoted=True)
    return select.join(parent, on=on, join_type="left", copy=False).group_by(t.col("core_id", "e"), copy=False)


def pointing(rows: exp.Table, field: Field, key: str) -> exp.Select:
    """source_id and, under the field's name, the id that an element points to by ``key``: a row for each."""
    each = exp.Lambda(
        this=call("json_extract_string", exp.column("e"), literal(f'$."{key}"')), expressions=[exp.to_identifier("e")]
    )
    ids = exp.Explode(this=call("list_transform", _elements(t.col(field.name)), each))
    return exp.select(t.col("source_id"), exp.alias_(ids, field.name, quoted=True, copy=False)).from_(rows, copy=False)


def differ(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    """Whether two lists say something else: the order of elements and of their members says nothing."""
    return t.case((t.distinct(one.copy(), other.copy()), t.distinct(_same(one), _same(other))), default=exp.false())


def _same(value: exp.Expr) -> exp.Expr:
    """One text for lists that say the same; NULL for an empty one."""
    entries = call("map_entries", exp.cast(exp.column("e"), "MAP(VARCHAR, VARCHAR)", dialect="duckdb"))
    element = exp.Lambda(this=call("list_sort", entries), expressions=[exp.to_identifier("e")])
    ordered = call("list_sort", call("list_transform", _elements(value), element))
    return t.case((_any(value), exp.cast(ordered, "VARCHAR")))


def _any(value: exp.Expr) -> exp.Expr:
    return exp.GT(this=call("json_array_length", value.copy()), expression=exp.Literal.number(0))


def _elements(value: exp.Expr) -> exp.Expr:
    return exp.cast(value.copy(), "JSON[]", dialect="duckdb")


def _pointed(select: exp.Select, field: Field, rows: exp.Select, system: exp.Expr) -> exp.Select:
    """FROM the elements of the list with what each of their keys leads to in the crosswalk."""
    listed = t.col(field.name)
    places = call("generate_subscripts", _elements(listed), exp.Literal.number(1))
    elements = (
        exp.select(
            t.col("core_id"),
            exp.alias_(system.copy(), "system", quoted=True, copy=False),
            exp.alias_(exp.Explode(this=_elements(listed)), "part", quoted=True, copy=False),
            exp.alias_(places, "place", quoted=True, copy=False),
        )
        .from_(rows.subquery("r"), copy=False)
        .where(_any(listed), copy=False)
    )
    select = select.from_(elements.subquery("e"), copy=False)
    for key, parent in field.refers.items():
        of = f"of_{key}"
        on = exp.and_(
            exp.EQ(this=t.col("system", of), expression=t.col("system", "e")),
            exp.EQ(this=t.col("source_id", of), expression=_id(key)),
            copy=False,
        )
        select = select.join(t.xref(parent).as_(of, quoted=True), on=on, join_type="left", copy=False)
    return select


def _id(key: str) -> exp.Expr:
    return call("json_extract_string", t.col("part", "e"), literal(f'$."{key}"'))


def _core_id(key: str) -> exp.Expr:
    """What an element points to; a person who overrides a list says it by core_ids."""
    pinned = exp.EQ(this=t.col("system", "e"), expression=literal("pin"))
    return t.case((pinned, _id(key)), default=t.col("core_id", f"of_{key}"))


def _listed(ids: Mapping[str, exp.Expr]) -> exp.Expr:
    """The elements in their order, each key with the id that it leads to; with what it said where that is nothing."""
    said: list[exp.Expr] = []
    none: list[exp.Expr] = []
    for key, id in ids.items():
        said += [literal(key), call("coalesce", id, _id(key))]
        none += [literal(key), exp.Null()]
    # the keys come first, as codecs say them: most lists are then the same text, and need no closer look
    rest = call("json_merge_patch", t.col("part", "e"), call("json_object", *none))
    patched = call("json_merge_patch", call("json_object", *said), rest)
    listed = exp.Order(this=patched, expressions=[exp.Ordered(this=t.col("place", "e"))])
    return exp.cast(call("to_json", call("list", listed)), "JSON", copy=False)


def _known(key: str) -> exp.Expr:
    """Whether what an element points to has an id; one that points nowhere waits for nothing."""
    return exp.Paren(this=exp.or_(t.is_null(_id(key)), t.not_null(t.col("source_id", f"at_{key}")), copy=False))
