"""What of a handoff is to be compared: what moved since it was compared last, and what was to be written then.

A plan hangs on core, xref, the staged rows of its target and our links. Whoever moves a row of these writes the
core_ids to ``meta.stirred``, for each handoff that hears of their entity: its own, and those that its references lead
to.
"""

from __future__ import annotations

from sqlglot import exp

from models.compile import referring
from models.compile import tables as t
from models.handoff import Handoff
from models.paths import call, literal
from models.schema import Entity


def heard(entity: Entity) -> tuple[str, ...]:
    """The entities of which a handoff of this one hears."""
    told = [str(ref.ref) for ref in entity.refs] + [name for field in entity.lists for name in field.refers.values()]
    return tuple(dict.fromkeys([entity.name, *told]))


def scope(entity: Entity, handoff: Handoff) -> exp.Expr:
    """core_ids to compare again, for the handoff in the variable ``handoff``; what is not in core is among them.

    A window takes in what it did not have when it was compared last (variables ``former_starts``, ``former_ends``).
    """
    own = t.core(entity.name)
    parts = [_stirred(entity.name), _of_handoff("unequal")]
    for ref in entity.refs:
        leads = exp.In(this=t.col(ref.name), query=_stirred(str(ref.ref)).subquery())
        parts.append(exp.select(t.col("core_id")).from_(own.copy(), copy=False).where(leads, copy=False))
    parts += [
        referring.lead_to(entity, field, key, _stirred(parent))
        for field in entity.lists
        for key, parent in field.refers.items()
    ]
    when = start(entity)
    if when is not None and windowed(handoff):
        came = exp.and_(*bounds(handoff, when, "window"), copy=False)
        was = exp.and_(*bounds(handoff, when, "former"), copy=False)
        new = exp.and_(came, exp.Not(this=exp.Paren(this=was)), copy=False)
        parts.append(exp.select(t.col("core_id")).from_(own.copy(), copy=False).where(new, copy=False))
    return t.union(parts, distinct=True)


def everything(entity: Entity) -> exp.Select:
    """Every core_id of an entity."""
    return exp.select(t.col("core_id")).from_(t.core(entity.name), copy=False)


def places(system: str, entity: Entity, moved: str) -> exp.Select:
    """The columns entity and core_id of the source records in a relation, as far as they have a place already."""
    ids = exp.select(t.col("source_id")).from_(moved)
    here = exp.EQ(this=t.col("system"), expression=literal(system))
    named = exp.alias_(literal(entity.name), "entity", quoted=True, copy=False)
    return (
        exp.select(named, t.col("core_id"))
        .from_(t.xref(entity.name), copy=False)
        .where(here, exp.In(this=t.col("source_id"), query=ids.subquery()), copy=False)
    )


def windowed(handoff: Handoff) -> bool:
    """Whether the handoff has a window, which moves with the clock."""
    return handoff.starts is not None or handoff.ends is not None


def start(entity: Entity, prefix: str = "") -> exp.Expr | None:
    """When what has a time begins; None for an entity that has none. ``prefix`` is that of the fields' columns."""
    names = {f.name for f in entity.fields}
    if "starts_at" not in names:
        return None
    day = [exp.cast(t.col(f"{prefix}starts_on"), "TIMESTAMP", copy=False)] if "starts_on" in names else []
    return call("coalesce", t.col(f"{prefix}starts_at"), *day)


def bounds(handoff: Handoff, begins: exp.Expr, name: str) -> list[exp.Expr]:
    """The conditions of a window that has these bounds: its instants are in variables ``<name>_starts``, ``_ends``."""
    found: list[exp.Expr] = []
    if handoff.starts is not None:
        found.append(exp.GTE(this=begins.copy(), expression=_variable(f"{name}_starts")))
    if handoff.ends is not None:
        found.append(exp.LT(this=begins.copy(), expression=_variable(f"{name}_ends")))
    return found


def _variable(name: str) -> exp.Expr:
    """An instant that whoever runs the statement sets: a window moves with the clock, and its SQL need not."""
    return exp.cast(call("getvariable", literal(name)), "TIMESTAMP", copy=False)


def _stirred(entity: str) -> exp.Select:
    return _of_handoff("stirred").where(exp.EQ(this=t.col("entity"), expression=literal(entity)), copy=False)


def _of_handoff(table: str) -> exp.Select:
    mine = exp.EQ(this=t.col("handoff"), expression=call("getvariable", literal("handoff")))
    return exp.select(t.col("core_id")).from_(exp.table_(table, db="meta"), copy=False).where(mine, copy=False)
