"""Conflicts: where a system says something else than core, about a field or about whether a record is there at all.

``fields`` gives one row for each field and system; ``deleted_rows`` and ``living_rows`` are what ``sql/deletions.sql``
makes the conflicts about deletions of.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from models.compile import referring
from models.compile import tables as t
from models.compile.core import joined, sources, with_sources
from models.compile.spine import founders_of
from models.ownership import Ownership
from models.paths import call, literal
from models.schema import Entity, Field, Model

EPOCH = "1970-01-01"


def fields(model: Model, entity: Entity) -> exp.Select:
    """One row per field and system that says something else than core (relation ``next``), our own echoes left out.

    What is looked up or joined has its owner elsewhere, and systems only show it: what we wrote there has to move.
    Of lists only those are looked at that point to other records: each system says them by its own ids.

    Columns: core_id, field, winner, winner_value, winner_at, loser, loser_value, loser_at, rule, and accepted: whether
    the winner is an edit that was taken over the value of a system that stands before it in the rule.
    """
    said = [
        (field, system)
        for field in entity.fields
        for system in sources(model, entity)
        if field.name in model.binding(system).fields_of(entity.name)
        and (field.refers or field.type.value not in ("JSON", "VARCHAR[]"))
    ]
    listed: exp.Expr = exp.Array(expressions=[_loser(model, entity, field, system) for field, system in said])
    present = exp.Lambda(this=t.not_null(exp.column("x")), expressions=[exp.to_identifier("x")])
    select = exp.select(
        exp.alias_(t.col("core_id", "spine"), "core_id", quoted=True, copy=False),
        exp.alias_(exp.Explode(this=call("list_filter", listed, present)), "c", quoted=True, copy=False),
    )
    select = joined(model, entity, select)
    # most records agree in everything, and a list of all that may differ is dear
    differ = [exp.and_(t.not_null(t.col(f.name, system)), _differs(f, system), copy=False) for f, system in said]
    select = select.join(t.quoted("next"), on="next.core_id = spine.core_id", copy=False).where(
        "spine.deleted_at IS NULL", exp.or_(exp.false(), *differ, copy=False), copy=False
    )
    for system in sources(model, entity):
        link = exp.to_identifier(f"link_{system}", quoted=True)
        on = exp.EQ(this=t.col("target_id", link.name), expression=t.col("source_id", system))
        select = select.join(t.receipts(system, entity).subquery(link), on=on, join_type="left", copy=False)
    select = _meant(select, [(field, system) for field, system in said if field.refers])
    names = ("field", "winner", "winner_value", "winner_at", "loser", "loser_value", "loser_at", "rule", "accepted")
    outer = exp.select(
        t.col("core_id"),
        *[
            exp.alias_(
                exp.Dot(this=t.col("c"), expression=exp.to_identifier(n, quoted=True)), n, quoted=True, copy=False
            )
            for n in names
        ],
    )
    return with_sources(model, entity, outer.from_("found", copy=False)).with_("found", as_=select, copy=False)


def _meant(select: exp.Select, said: Sequence[tuple[Field, str]]) -> exp.Select:
    """Join what lists mean in core_ids: in core (``meant_<field>``) and in each system (``meant_<field>_<system>``)."""
    joins: dict[str, exp.Select] = {}
    for field, system in said:
        id = t.col("core_id")
        decided = exp.select(id, t.col(field.name), t.col(f"{field.name}__from")).from_("next", copy=False)
        joins[f"meant_{field.name}"] = referring.meant(field, decided, t.col(f"{field.name}__from"))
        own = exp.select(id.copy(), t.col(field.name)).from_(t.quoted(system), copy=False)
        joins[f"meant_{field.name}_{system}"] = referring.meant(field, own, literal(system))
    for name, query in joins.items():
        on = exp.EQ(this=t.col("core_id", name), expression=t.col("core_id", "spine"))
        alias = exp.to_identifier(name, quoted=True)
        select = select.join(query.subquery(alias), on=on, join_type="left", copy=False)
    return select


def _loser(model: Model, entity: Entity, field: Field, system: str) -> exp.Expr:
    """A struct when this system's value differs from core's and is not what we wrote there; else NULL."""
    said, own = t.col(field.name, system), field in entity.own_fields
    parts = [
        t.not_null(said),
        _differs(field, system),
        exp.Paren(this=exp.or_(*_edited(field, system), copy=False)),
    ]
    if not own:
        parts.append(t.not_null(t.remembered(f"link_{system}", "pushed", field)))
    elif (rule := model.rule(entity.name, field.name)).kind == "only":
        parts.append(_spoken_for(rule))
    other = exp.and_(*parts, copy=False)
    members = {
        "field": literal(field.name),
        "winner": t.col(f"{field.name}__from", "next"),
        "winner_value": exp.cast(t.col(field.name, "next"), "VARCHAR", copy=False),
        "winner_at": t.col(f"{field.name}__at", "next"),
        "loser": literal(system),
        "loser_value": exp.cast(said.copy(), "VARCHAR", copy=False),
        "loser_at": t.col(f"{field.name}__at", system),
        "rule": literal(_rule(model, entity, field)),
        "accepted": _overtaken(model.rule(entity.name, field.name), field, system) if own else exp.false(),
    }
    pairs = [exp.PropertyEQ(this=exp.to_identifier(k, quoted=True), expression=v) for k, v in members.items()]
    return t.case((other, exp.Struct(expressions=pairs)))


def _edited(field: Field, system: str) -> tuple[exp.Expr, exp.Expr]:
    """What is not our echo: another value than we wrote, or one that moved since, also back to what we wrote."""
    link = f"link_{system}"
    another = t.distinct(t.col(field.name, system), t.remembered(link, "observed", field))
    return another, exp.GT(this=t.col(f"{field.name}__at", system), expression=t.written_at(link, field))


def _spoken_for(rule: Ownership) -> exp.Expr:
    """Whether any who may decide has the record at all: where none does, there is nobody to disagree with."""
    return exp.Paren(this=exp.or_(exp.false(), *[t.not_null(t.col("source_id", s)) for s in rule.order], copy=False))


def _differs(field: Field, system: str) -> exp.Expr:
    """Whether a system says something else than core; a list without elements says nothing."""
    if not field.refers:
        return t.distinct(t.col(field.name, system), t.col(field.name, "next"))
    own = t.col("said", f"meant_{field.name}_{system}")
    return exp.and_(t.not_null(own), referring.differ(own, t.col("said", f"meant_{field.name}")), copy=False)


def _rule(model: Model, entity: Entity, field: Field) -> str:
    """Why core says what it says: the field's rule, behind the way to it where it is looked up or joined."""
    if field.joined:
        return f"joined({', '.join(field.joined)})"
    if field.via is None:
        return model.rule(entity.name, field.name).label
    ref, _, name = field.via.partition(".")
    parent = model.entity(str(entity.field(ref).ref))
    return f"{field.via}: {_rule(model, parent, parent.field(name))}"


def _overtaken(rule: Ownership, field: Field, system: str) -> exp.Expr:
    """Whether a system behind this one in the rule gave core its value: its edit was accepted."""
    behind = rule.order[rule.order.index(system) + 1 :] if system in rule.order else ()
    if not rule.accepts or not behind:
        return exp.false()
    winner = exp.In(this=t.col(f"{field.name}__from", "next"), expressions=[literal(name) for name in behind])
    edited = exp.and_(winner, t.not_null(t.col(field.name, "next")), copy=False)
    return call("coalesce", exp.Paren(this=edited), exp.false())


def written_back(system: str, entity: Entity, field: str) -> exp.Select:
    """core_ids of relation ``gone`` in which the system now says what we wrote there."""
    return (
        exp.select(t.col("core_id", "x"))
        .from_(t.staged(system, entity.name).as_("s"), copy=False)
        .join(t.xref(entity.name).as_("x"), on=_place(system), copy=False)
        .where(
            exp.EQ(this=t.col(f"{field}__at", "s"), expression=exp.cast(literal(EPOCH), "TIMESTAMP", copy=False)),
            "x.core_id IN (SELECT core_id FROM gone)",
            copy=False,
        )
    )


def deleted_rows(model: Model, entity: Entity) -> exp.Query:
    """Records of the scope that are deleted in a system, but not by us.

    Columns: core_id, system, rank (who decides whether it lives, 0 first), source_id, deleted_at, alive_at.
    """
    parts = []
    for system in sources(model, entity):
        link = exp.EQ(this=t.col("target_id", "link"), expression=t.col("source_id", "s"))
        columns = ("source_id", "deleted_at", "alive_at")
        parts.append(
            _row(model, entity, system, columns)
            .join(t.receipts(system, entity).subquery("link"), on=link, join_type="left", copy=False)
            .where(
                t.not_null(t.col("deleted_at", "s")), t.distinct(t.col("action", "link"), literal("delete")), copy=False
            )
        )
    return t.union(parts)


def living_rows(model: Model, entity: Entity) -> exp.Query:
    """The living records of those core_ids: core_id, system, rank, edited_at."""
    return t.union(
        [
            _row(model, entity, system, ("edited_at",)).where(
                t.is_null(t.col("deleted_at", "s")), "s.core_id IN (SELECT core_id FROM deleted_rows)", copy=False
            )
            for system in sources(model, entity)
        ]
    )


def lives(entity: Entity) -> exp.Select:
    """core_id and deleted_at of core for those core_ids, without records of which nothing should stand anywhere."""
    gone = [
        exp.In(this=t.col(name), expressions=[literal(value) for value in values])
        for name, values in entity.gone.items()
    ]
    return (
        exp.select(t.col("core_id"), t.col("deleted_at"))
        .from_(t.core(entity.name), copy=False)
        .where(*[t.distinct(exp.Paren(this=one), exp.true()) for one in gone], copy=False)
        .where("core_id IN (SELECT core_id FROM deleted_rows)", copy=False)
    )


def _row(model: Model, entity: Entity, system: str, columns: tuple[str, ...]) -> exp.Select:
    founders = founders_of(model, entity)
    rank = founders.index(system) if system in founders else len(founders)
    here = exp.EQ(this=exp.column("system", "s"), expression=literal(system))
    return (
        exp.select(
            *[t.col(c, "s") for c in ("core_id", "system")],
            exp.alias_(literal(rank), "rank", quoted=True, copy=False),
            *[t.col(c, "s") for c in columns],
        )
        .from_(exp.to_table("placed").as_("s"), copy=False)
        .where(here, copy=False)
    )


def _place(system: str) -> exp.Expr:
    """Where a staged row stands in the crosswalk."""
    return exp.and_(
        "x.source_id = s.source_id", exp.EQ(this=exp.column("system", "x"), expression=literal(system)), copy=False
    )
