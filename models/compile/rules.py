"""Ownership rules as SQL: from each system's candidate to the value, its system and its clock.

Policies work beside the rule: what an empty value of the owner means changes whether it says anything, and the system
whose edit is accepted over the owner's value (``taken``) comes before all others.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlglot import exp

from models.compile import tables as t
from models.ownership import Ownership
from models.paths import call, literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A field decided: its value, the system (or ``pin``) it comes from, and its clock."""

    value: exp.Expr
    source: exp.Expr
    clock: exp.Expr


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What one system says: the value, its clock, and whether it says anything.

    newest, stage  what ``latest`` and ``furthest`` compare; for the fields of a group the same, so that it stays whole
    first          our first read of the record: a clock after it is an edit that we saw happen
    """

    system: str
    value: exp.Expr
    clock: exp.Expr
    present: exp.Expr
    newest: exp.Expr
    stage: exp.Expr
    first: exp.Expr


def candidate(system: str, field: str) -> Candidate:
    value, clock = t.col(field, system), t.col(f"{field}__at", system)
    return Candidate(
        system=system,
        value=value,
        clock=clock,
        present=t.not_null(value),
        newest=clock,
        stage=value,
        first=t.col("first_read_at", system),
    )


def grouped(system: str, field: str, members: list[str], lead: str | None) -> Candidate:
    """A candidate of a group: it speaks as soon as any field of the group has a value.

    ``members`` are the fields of the group that the system has; ``lead`` is the field whose lifecycle counts, if it
    has that one.
    """
    present = exp.Paren(this=exp.or_(*[t.not_null(t.col(m, system)) for m in members], copy=False))
    clock = call("greatest", *[t.col(f"{m}__at", system) for m in members])
    stage = t.col(lead, system) if lead else exp.cast(exp.Null(), "VARCHAR", copy=False)
    value = t.col(field, system)
    first = t.col("first_read_at", system)
    return Candidate(system=system, value=value, clock=clock, present=present, newest=clock, stage=stage, first=first)


def decide(
    rule: Ownership, candidates: list[Candidate], pin: exp.Expr | None, null: exp.Expr, taken: exp.Expr | None = None
) -> Decision:
    """Apply a rule; candidates stand in the rule's order. ``pin`` is a person's override and stands above.

    ``taken`` names the system whose edit is accepted, NULL when there is none (see the function of this name).
    """
    if rule.kind == "union":
        return _union(candidates, pin, null)
    candidates = _with_policies(rule, candidates)
    branches = [(_wins(rule, i, candidates), c) for i, c in enumerate(candidates)]
    if rule.kind == "only":
        branches = [(t.not_null(t.col("core_id", c.system)), c) for c in candidates[:1]]
    if taken is not None:
        branches = [(exp.EQ(this=taken.copy(), expression=literal(c.system)), c) for c in candidates] + branches
    pinned = [(t.not_null(pin), literal("pin"))] if pin is not None else []
    simple = rule.kind == "prefer" and taken is None and all(c.present == t.not_null(c.value) for c in candidates)
    if simple:
        values = [
            *([pin] if pin is not None else []),
            *[c.value for c in candidates],
        ]
        value = call("coalesce", *values, null) if values else null
    else:
        value = t.case(*_with_pin(pin, [(when, c.value) for when, c in branches]), default=null)
    return Decision(
        value=value,
        source=_cases(pinned + [(when, literal(c.system)) for when, c in branches], "VARCHAR"),
        clock=_cases([(when, c.clock) for when, c in branches], "TIMESTAMP"),
    )


def _with_policies(rule: Ownership, candidates: list[Candidate]) -> list[Candidate]:
    """The candidates as the policies of the rule let them speak; the first of them is the owner."""
    if candidates and rule.clears:
        candidates = [_clearing(candidates[0]), *candidates[1:]]
    if candidates and rule.nulls == "unknown":
        known = t.not_null(t.col("core_id", candidates[0].system))
        candidates = [replace(candidates[0], present=known), *candidates[1:]]
    return candidates


def _clearing(owner: Candidate) -> Candidate:
    """The owner, who also speaks by taking a value away. Only a value that it emptied has a clock."""
    moved = exp.GT(this=owner.newest.copy(), expression=owner.first.copy())
    emptied = exp.GT(this=owner.clock.copy(), expression=owner.first.copy())
    said = exp.or_(t.not_null(owner.value.copy()), emptied, copy=False)
    return replace(
        owner,
        present=exp.Paren(this=exp.or_(owner.present, moved, copy=False)),
        clock=t.case((said, owner.clock)),
    )


def taken(rule: Ownership, candidates: list[Candidate]) -> exp.Expr:
    """The system whose edit is accepted over the owner's value, NULL when there is none.

    Of several the latest, of equally late ones the first in the order. An edit counts that we saw happen, in a record
    that we had read before, after the last word of the system that would decide without it and after our first look
    at that one.
    """
    candidates = _with_policies(rule, candidates)
    decided = t.case(*[(c.present.copy(), call("greatest", c.newest.copy(), c.first.copy())) for c in candidates])
    edits = [_edit(c, decided) for c in candidates]
    newest = call("greatest", *[edit.copy() for edit in edits])
    wins = [exp.EQ(this=edit, expression=newest.copy()) for edit in edits]
    return _cases([(when, literal(c.system)) for when, c in zip(wins, candidates, strict=True)], "VARCHAR")


def _edit(one: Candidate, decided: exp.Expr) -> exp.Expr:
    """The clock of an edit that may be accepted; NULL when there is none."""
    later = [exp.GT(this=one.newest.copy(), expression=known.copy()) for known in (one.first, decided)]
    return t.case((exp.and_(one.present.copy(), *later, copy=False), one.newest.copy()))


def _with_pin(pin: exp.Expr | None, branches: list[tuple[exp.Expr, exp.Expr]]) -> list[tuple[exp.Expr, exp.Expr]]:
    return ([(t.not_null(pin.copy()), pin)] if pin is not None else []) + branches


def _cases(branches: list[tuple[exp.Expr, exp.Expr]], type_: str) -> exp.Expr:
    if not branches:
        return exp.cast(exp.Null(), type_, copy=False)
    return t.case(*[(when.copy(), then.copy()) for when, then in branches])


def _wins(rule: Ownership, index: int, candidates: list[Candidate]) -> exp.Expr:
    """When candidate ``index`` wins; of equal ranks the earlier one does."""
    mine = candidates[index]
    if rule.kind not in ("latest", "furthest"):
        return mine.present.copy()
    conditions: list[exp.Expr] = [mine.present.copy()]
    for position, rival in enumerate(candidates):
        if position == index:
            continue
        ahead = exp.GTE if index < position else exp.GT
        beats = ahead(this=_rank(rule, mine), expression=_rank(rule, rival))
        conditions.append(exp.Paren(this=exp.or_(exp.Not(this=rival.present.copy()), beats, copy=False)))
    return exp.and_(*conditions, copy=False)


def _rank(rule: Ownership, one: Candidate) -> exp.Expr:
    if rule.kind == "latest":
        return call("coalesce", one.newest, exp.cast(literal("1970-01-01"), "TIMESTAMP", copy=False))
    stages: list[exp.Expr] = [literal(stage) for stage in rule.lifecycle]
    return call("coalesce", call("list_position", exp.Array(expressions=stages), one.stage), literal(0))


def _union(candidates: list[Candidate], pin: exp.Expr | None, null: exp.Expr) -> Decision:
    empty = exp.cast(exp.Array(expressions=[]), t.data_type("VARCHAR[]"), copy=False)
    lists = [call("coalesce", c.value, empty) for c in candidates]
    merged = call("list_sort", call("list_distinct", call("flatten", exp.Array(expressions=lists)))) if lists else null
    anything = exp.or_(*[c.present for c in candidates], copy=False) if candidates else exp.false()
    branches = [(c.present, literal(c.system)) for c in candidates]
    return Decision(
        value=t.case(*_with_pin(pin, [(anything, merged)]), default=null),
        source=_cases(([(t.not_null(pin), literal("pin"))] if pin is not None else []) + branches, "VARCHAR"),
        clock=_cases([(c.present, c.clock) for c in candidates], "TIMESTAMP"),
    )
