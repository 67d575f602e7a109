"""Staging: raw records of one map to canonical rows, broken rows named, and a clock for each field.

``rows`` reads the relation ``batch`` (id, record, deleted, read_at, load_id, seq: the raw rows of one
resource not staged yet). ``arrivals`` compares the newest of them with what is staged.
"""

from __future__ import annotations

from sqlglot import exp

from models.compile import clocks
from models.compile import tables as t
from models.fields import Codec, instant
from models.fields import text as text_codec
from models.paths import array_at, call, literal, text_at
from models.schema import Context, Entity, Field, Map, Model

ALWAYS_READABLE = ("text", "ref", "tags")


def rows(model: Model, system: str, one: Map) -> exp.Select:
    """Every raw row of the batch as a canonical row, with ``broken`` (why it may not pass) beside it."""
    entity, context = model.entity(one.to), model.context
    source = _source(one, context)
    raw, values = exp.select("*").from_("source", copy=False), exp.select("*").from_("raw", copy=False)
    columns: list[exp.Expr] = []
    for name, codec in one.fields.items():
        if codec.raw is not None:
            raw = raw.select(exp.alias_(codec.raw.copy(), f"{name}__raw", quoted=True, copy=False), copy=False)
        columns.append(exp.alias_(t.col(name), name, quoted=True, copy=False))
        values = values.select(_value(name, codec, entity.field(name), context), copy=False)
    checks = exp.select(*[t.col(c) for c in ("source_id", "parent_id", "raw_load", "read_at", "seq")]).from_(
        "values_", copy=False
    )
    extra = ("changed_at", "deleted_at", "merged_into", "version", "core_ref", "peers")
    return (
        checks.select(
            *[t.col(c) for c in extra],
            exp.alias_(literal(one.resource), "resource", quoted=True, copy=False),
            *columns,
            copy=False,
        )
        .select(exp.alias_(_texts(_warnings(one)), "warnings", quoted=True, copy=False), copy=False)
        .select(exp.alias_(_reason(system, one, entity), "broken", quoted=True, copy=False), copy=False)
        .with_("source", as_=source, copy=False)
        .with_("raw", as_=raw, copy=False)
        .with_("values_", as_=values, copy=False)
    )


def _source(one: Map, context: Context) -> exp.Select:
    """The batch with its technical columns read, one row per element where the map has ``each``."""
    batch: exp.Select = exp.select("*").from_("batch", copy=False).where(exp.Not(this=t.col("deleted")), copy=False)
    if one.each:
        inner = exp.select("*", exp.alias_(exp.Explode(this=array_at(one.each)), "element", quoted=True, copy=False))
        batch = inner.from_("batch", copy=False).where(exp.Not(this=t.col("deleted")), copy=False)
    into = one.merged.read(context) if one.merged else exp.cast(exp.Null(), "VARCHAR", copy=False)
    gone = [
        codec for codec in (one.deleted and one.deleted.read(context), one.merged and t.not_null(into.copy())) if codec
    ]
    deleted = t.case((exp.or_(*gone, copy=False), t.col("read_at"))) if gone else exp.Null()
    selected = exp.select(
        "record",
        *([t.col("element")] if one.each else []),
        exp.alias_(_codec(one.id).read(context), "source_id", quoted=True, copy=False),
        exp.alias_(t.col("id"), "parent_id", quoted=True, copy=False),
        exp.alias_(t.col("load_id"), "raw_load", quoted=True, copy=False),
        t.col("read_at"),
        t.col("seq"),
        exp.alias_(_stamp(one, context), "changed_at", quoted=True, copy=False),
        exp.alias_(exp.cast(deleted, "TIMESTAMP", copy=False), "deleted_at", quoted=True, copy=False),
        exp.alias_(into, "merged_into", quoted=True, copy=False),
        exp.alias_(
            text_at(one.version) if one.version else exp.cast(exp.Null(), "VARCHAR", copy=False),
            "version",
            quoted=True,
            copy=False,
        ),
        exp.alias_(
            one.core_ref.read(context) if one.core_ref else exp.cast(exp.Null(), "VARCHAR", copy=False),
            "core_ref",
            quoted=True,
            copy=False,
        ),
        exp.alias_(_peers(one, context), "peers", quoted=True, copy=False),
    ).from_(batch.subquery("batch"), copy=False)
    return selected.where(one.where.read(context), copy=False) if one.where else selected


def _codec(path: str | Codec) -> Codec:
    return text_codec(path) if isinstance(path, str) else path


def _stamp(one: Map, context: Context) -> exp.Expr:
    if one.changed is None:
        return exp.cast(exp.Null(), "TIMESTAMP", copy=False)
    return (instant(one.changed) if isinstance(one.changed, str) else one.changed).read(context)


def _peers(one: Map, context: Context) -> exp.Expr:
    if not one.peers:
        return exp.cast(exp.Null(), t.data_type("MAP(VARCHAR, VARCHAR)"), copy=False)
    names: list[exp.Expr] = [literal(name) for name in one.peers]
    ids = [codec.read(context) for codec in one.peers.values()]
    return call("map", exp.Array(expressions=names), exp.Array(expressions=ids))


def _value(name: str, codec: Codec, field: Field, context: Context) -> exp.Expr:
    """The canonical value, reading the raw text from its column instead of walking the record again."""
    value = codec.read(context)
    if codec.raw is not None:
        raw = codec.raw
        value = value.transform(lambda node: t.col(f"{name}__raw") if node == raw else node)
    return exp.alias_(exp.cast(value, t.data_type(t.column_type(field)), copy=False), name, quoted=True, copy=False)


def _unreadable(name: str, codec: Codec) -> exp.Expr:
    """Text when there is something in the record that cannot be read as what the field is; else NULL."""
    text = call(
        "concat",
        literal(f"{name}: "),
        call("chr", literal(39)),
        call("left", t.col(f"{name}__raw"), literal(80)),
        call("chr", literal(39)),
        literal(f" cannot be read as {codec.kind} (field {codec.paths[0] if codec.paths else '-'})"),
    )
    return t.case((exp.and_(t.not_null(t.col(f"{name}__raw")), t.is_null(t.col(name)), copy=False), text))


def _warnings(one: Map) -> list[exp.Expr]:
    return [_unreadable(name, codec) for name, codec in one.fields.items() if codec.soft and codec.raw is not None]


def _reason(system: str, one: Map, entity: Entity) -> exp.Expr:
    """Why the row may not pass, as one text; NULL when it may."""
    reasons = [t.case((t.is_null(t.col("source_id")), literal("the record has no id")))]
    for name, codec in one.fields.items():
        if codec.raw is not None and not codec.soft and codec.kind not in ALWAYS_READABLE:
            reasons.append(_unreadable(name, codec))
        if entity.field(name).required:
            # text that cannot be read has its own reason; where that is only a warning, the field is empty all the same
            empty = t.is_null(t.col(name) if codec.raw is None or codec.soft else t.col(f"{name}__raw"))
            reasons.append(t.case((empty, literal(f"{name}: is empty but required"))))
    together = call("nullif", call("array_to_string", _texts(reasons), literal("; ")), literal(""))
    return exp.DPipe(this=literal(f"{system} {entity.name}: "), expression=together)


def _texts(parts: list[exp.Expr]) -> exp.Expr:
    """A list of the texts that are not NULL."""
    if not parts:
        return exp.cast(exp.Array(expressions=[]), t.data_type("VARCHAR[]"), copy=False)
    present = exp.Lambda(this=t.not_null(exp.column("x")), expressions=[exp.to_identifier("x")])
    return call("list_filter", exp.Array(expressions=parts), present)


def newest() -> exp.Select:
    """From ``passed`` (rows of ``candidates`` that may pass, by ``row__number``) the newest version of each record.

    Few records have several versions in a batch: they alone are put in order.
    """
    order = [exp.Ordered(this=t.col(c), desc=True, nulls_first=False) for c in ("changed_at", "seq")]
    rank = exp.Window(this=exp.RowNumber(), partition_by=[t.col("source_id")], order=exp.Order(expressions=order))
    several = exp.select("source_id").from_("candidates", copy=False).group_by("source_id", copy=False)
    several = several.having("count(*) > 1", copy=False)
    older = exp.select("row__number").from_("passed", copy=False)
    older = older.where(exp.In(this=t.col("source_id"), query=several.subquery()), copy=False)
    older.set("qualify", exp.Qualify(this=exp.GT(this=rank, expression=literal(1))))
    newer = exp.Not(this=exp.In(this=exp.column("row__number"), query=older.subquery()))
    return exp.select("*").from_("passed", copy=False).where(newer, copy=False)


def arrivals(model: Model, system: str, one: Map) -> exp.Select:
    """The rows to store: the newest versions with their clocks and history, and ``moved``: whether content or one did.

    A version older than the staged one (a stale list, a late page) is left out. ``first_read_at`` is our first
    read of the record: what has an older clock was not edited since. ``edited_at`` is when we last found an edit in
    it, by our own clock (variable ``now``), and ``alive_at`` of a deleted record when we last found it alive
    (variable ``looked``).
    """
    compared = _compared(model, system, one)
    changed = [t.col(f"{name}__at") for name in one.fields]
    edited = exp.GT(this=call("greatest", *changed), expression=t.col("last_read"))
    now = exp.cast(call("getvariable", literal("now")), "TIMESTAMP", copy=False)
    columns = [c for name in one.fields for c in (name, f"{name}__at")]
    return exp.select(
        *[t.col(c) for c in t.STAGED_COLUMNS],
        t.col("first_read_at"),
        exp.alias_(t.case((edited, now), default=t.col("last_edit")), "edited_at", quoted=True, copy=False),
        t.col("alive_at"),
        *[t.col(c) for c in columns],
        exp.alias_(exp.or_(t.col("moved"), edited.copy(), copy=False), "moved", quoted=True, copy=False),
    ).from_(compared.subquery("compared"), copy=False)


def _compared(model: Model, system: str, one: Map) -> exp.Select:
    """The newest versions with their clocks, and with what the history is made of."""
    entity = model.entity(one.to)
    moved = [t.col("row.first"), t.col("row.moved"), *[t.col(f"{name}.moved") for name in one.fields]]
    select = exp.select(
        *[t.col(c) for c in (*t.STAGED_COLUMNS, "first_read_at", "last_edit", "last_read", "alive_at")],
        exp.alias_(exp.or_(*moved, copy=False), "moved", quoted=True, copy=False),
    )
    for name in one.fields:
        changed = clocks.clock(entity.field(name), clears=model.rule(entity.name, name).clears)
        select = select.select(t.col(name), exp.alias_(changed, f"{name}__at", quoted=True, copy=False), copy=False)
    return select.from_(_beside(model, system, one).subquery("beside"), copy=False)


def _beside(model: Model, system: str, one: Map) -> exp.Select:
    """The newest versions beside what is staged of them and what we wrote there."""
    entity = model.entity(one.to)
    first_read = call("coalesce", t.col("first_read_at", "old"), t.col("read_at", "old"), t.col("read_at", "new"))
    moved = [t.distinct(t.col(c, "new"), t.col(c, "old")) for c in ("core_ref", "peers")]
    moved.append(t.distinct(_deleted(), t.col("deleted_at", "old")))
    fields = [entity.field(name) for name in one.fields]
    select = exp.select(
        *[t.col(c, "new") if c != "deleted_at" else exp.alias_(_deleted(), c, quoted=True) for c in t.STAGED_COLUMNS],
        exp.alias_(first_read, "first_read_at", quoted=True, copy=False),
        exp.alias_(t.col("edited_at", "old"), "last_edit", quoted=True, copy=False),
        exp.alias_(t.col("read_at", "old"), "last_read", quoted=True, copy=False),
        exp.alias_(_alive(), "alive_at", quoted=True, copy=False),
        exp.alias_(exp.or_(*moved, copy=False), "row.moved", quoted=True, copy=False),
        *clocks.of_record(versions=one.version is not None),
        *[t.col(field.name, "new") for field in fields],
        *[c for f in fields for c in clocks.of_field(f, clears=model.rule(entity.name, f.name).clears)],
    )
    fresh = exp.or_(
        t.is_null(t.col("changed_at", "old")),
        t.is_null(t.col("changed_at", "new")),
        exp.GTE(this=t.col("changed_at", "new"), expression=t.col("changed_at", "old")),
        copy=False,
    )
    link = exp.EQ(this=t.col("target_id", "link"), expression=t.col("source_id", "new"))
    return (
        select.from_(newest().subquery("new"), copy=False)
        .join(_known(system, entity).subquery("old"), on="old.source_id = new.source_id", join_type="left", copy=False)
        .join(t.receipts(system, entity).subquery("link"), on=link, join_type="left", copy=False)
        .where(fresh, copy=False)
    )


def _known(system: str, entity: Entity) -> exp.Select:
    """The staged rows of the batch's records, by the number of the row: few of a million are read."""
    table = t.staged(system, entity.name)
    found = exp.select("rowid").from_(table, copy=False)
    found = found.where("source_id IN (SELECT source_id FROM candidates)", copy=False)
    return (
        exp.select("*").from_(table.copy(), copy=False).where(exp.In(this=exp.column("rowid"), query=found.subquery()))
    )


def _deleted() -> exp.Expr:
    """Since when a record says of itself that it is deleted: saying it again is no later deletion."""
    new, old = t.col("deleted_at", "new"), t.col("deleted_at", "old")
    return t.case((t.not_null(new), call("coalesce", old, new.copy())))


def _alive() -> exp.Expr:
    """When a record that says of itself that it is deleted was last found alive; empty while it lives."""
    looked = exp.cast(call("getvariable", literal("looked")), "TIMESTAMP", copy=False)
    return t.case(
        (t.is_null(t.col("deleted_at", "new")), exp.cast(exp.Null(), "TIMESTAMP", copy=False)),
        (t.not_null(t.col("deleted_at", "old")), t.col("alive_at", "old")),
        (t.not_null(t.col("source_id", "old")), looked),
    )


def technical(system: str, entity: Entity) -> exp.Select:
    """The staged rows without their fields."""
    return exp.select(*[t.col(c) for c in t.STAGED_COLUMNS]).from_(t.staged(system, entity.name), copy=False)


def stored(model: Model, system: str, entity: Entity, one: Map) -> exp.Select:
    """The rows of ``arrived`` in the order of the staged table's columns; fields of other maps stay empty."""
    columns = []
    for name, type_ in t.staged_columns(model, system, entity).items():
        known = name in t.STAGED_COLUMNS or name in t.LIFE_COLUMNS or name.removesuffix("__at") in one.fields
        value = t.col(name) if known else exp.cast(exp.Null(), t.data_type(type_), copy=False)
        columns.append(exp.alias_(value, name, quoted=True, copy=False))
    return exp.select(*columns).from_("arrived", copy=False)


def bury(system: str, entity: Entity) -> exp.Update:
    """Mark the rows of ``departed`` as deleted or merged away, unless they arrived again.

    ``looked`` is when they were last there.
    """
    told = {
        name: exp.select(name)
        .from_("departed", copy=False)
        .where("departed.source_id = s.source_id", copy=False)
        .subquery()
        for name in ("deleted_at", "merged_into")
    }
    table: exp.Table = t.staged(system, entity.name)
    table.set("alias", exp.TableAlias(this=exp.to_identifier("s")))
    return exp.update(
        table,
        {**told, "alive_at": exp.cast(call("getvariable", literal("looked")), "TIMESTAMP", copy=False)},
        where="s.source_id IN (SELECT source_id FROM departed) AND s.source_id NOT IN (SELECT source_id FROM arrived)",
    )
