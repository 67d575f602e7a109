"""What was seen of staged rows: where there are any, which were seen again, and what no read ever showed."""

from __future__ import annotations

from sqlglot import exp

from models.compile import tables as t
from models.paths import call, literal
from models.schema import Entity, Model


def inhabited(model: Model, system: str) -> exp.Query:
    """The resource and entity of each map that has living rows, or records that are set aside."""
    aside = exp.select("resource", "entity").distinct().from_("quarantine.records", copy=False)
    parts: list[exp.Select] = [aside.where(exp.EQ(this=t.col("system"), expression=literal(system)), copy=False)]
    for one in model.binding(system).maps:
        found = _living(t.staged(system, one.to), one.resource)
        place = exp.select(literal(one.resource), literal(one.to))
        parts.append(place.where(exp.Exists(this=found), copy=False))
    return t.union(parts)


def _living(table: exp.Table, resource: str) -> exp.Select:
    """The living staged rows of a resource."""
    return (
        exp.select(exp.convert(1))
        .from_(table, copy=False)
        .where(exp.EQ(this=t.col("resource"), expression=literal(resource)), t.is_null(t.col("deleted_at")), copy=False)
    )


def seen_again(system: str, entity: str) -> exp.Update:
    """Date the rows of the variable ``resource`` that the load ``seen_load`` showed as ``last_word`` shows them now."""
    table: exp.Table = t.staged(system, entity)
    table.set("alias", exp.TableAlias(this=exp.to_identifier("s")))
    return exp.update(
        table,
        {"raw_load": call("getvariable", literal("full_load")), "read_at": t.col("read_at", "l")},
        from_="last_word AS l",
        where="s.parent_id = l.id AND s.resource = GETVARIABLE('resource') AND s.raw_load = GETVARIABLE('seen_load')",
    )


def read_back(system: str, entity: str, shown: str) -> exp.Select:
    """The columns entity and core_id of the rows that we wrote after the last look at them, as far as they are shown.

    shown  a condition on the staged row ``s``: whether the present look shows it
    """
    newer = exp.GTE(this=t.col("at", "l"), expression=t.col("read_at", "s"))
    place = {"system": system, "entity": entity}
    same = [exp.EQ(this=t.col(name, "l"), expression=literal(value)) for name, value in place.items()]
    on = exp.and_("l.target_id = s.source_id", *same, newer, copy=False)
    return (
        exp.select(t.col("entity", "l"), t.col("core_id", "l"))
        .from_(t.staged(system, entity).as_("s"), copy=False)
        .join(exp.table_("links", db="meta").as_("l"), on=on, copy=False)
        .where(shown, copy=False)
    )


def unseen(system: str, entity: Entity) -> exp.Select:
    """Ids of what we wrote there and no read ever showed, not even as broken, with the time of the receipt."""
    aside = exp.select("coalesce(source_id, raw_id)").from_("quarantine.records", copy=False)
    for name, value in (("system", system), ("entity", entity.name)):
        aside = aside.where(exp.EQ(this=t.col(name), expression=literal(value)), copy=False)
    shown = exp.select("source_id").from_(t.staged(system, entity.name), copy=False)
    known = exp.union(shown, aside.where("coalesce(source_id, raw_id) IS NOT NULL", copy=False))
    written = t.receipts(system, entity).subquery("written")
    return (
        exp.select("target_id", t.col("at"))
        .from_(written, copy=False)
        .where("action <> 'delete'", exp.Not(this=exp.In(this=t.col("target_id"), query=known.subquery())), copy=False)
        .order_by("target_id", copy=False)
    )


def bury_unseen(system: str, entity: Entity) -> exp.Insert:
    """The rows of ``vanished`` (source_id, at) as deleted at the variable ``now``; variable: resource."""
    now = exp.cast(call("getvariable", literal("now")), "TIMESTAMP", copy=False)
    values = {
        "source_id": t.col("source_id"),
        "parent_id": t.col("source_id"),
        "resource": call("getvariable", literal("resource")),
        "read_at": now,
        "deleted_at": now.copy(),
        "first_read_at": t.col("at"),
        "alive_at": t.col("at"),
    }
    rows = exp.select(*values.values()).from_("vanished", copy=False)
    return t.insert(t.staged(system, entity.name), list(values), rows)
