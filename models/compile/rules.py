"""Ownership rules as SQL: from each system's candidate to the value, its system and its clock."""

from __future__ import annotations

from dataclasses import dataclass

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
    """

    system: str
    value: exp.Expr
    clock: exp.Expr
    present: exp.Expr
    newest: exp.Expr
    stage: exp.Expr


def candidate(system: str, field: str) -> Candidate:
    value, clock = t.col(field, system), t.col(f"{field}__at", system)
    return Candidate(system=system, value=value, clock=clock, present=t.not_null(value), newest=clock, stage=value)


def grouped(system: str, field: str, members: list[str], lead: str | None) -> Candidate:
    """A candidate of a group: it speaks as soon as any field of the group has a value.

    ``members`` are the fields of the group that the system has; ``lead`` is the field whose lifecycle counts, if it
    has that one.
    """
    present = exp.Paren(this=exp.or_(*[t.not_null(t.col(m, system)) for m in members], copy=False))
    clock = call("greatest", *[t.col(f"{m}__at", system) for m in members])
    stage = t.col(lead, system) if lead else exp.cast(exp.Null(), "VARCHAR", copy=False)
    value = t.col(field, system)
    return Candidate(system=system, value=value, clock=clock, present=present, newest=clock, stage=stage)


def decide(rule: Ownership, candidates: list[Candidate], pin: exp.Expr | None, null: exp.Expr) -> Decision:
    """Apply a rule; candidates stand in the rule's order. ``pin`` is a person's override and stands above."""
    if rule.kind == "union":
        return _union(candidates, pin, null)
    branches = [(_wins(rule, i, candidates), c) for i, c in enumerate(candidates)]
    if rule.kind == "only":
        branches = [(t.not_null(t.col("core_id", c.system)), c) for c in candidates[:1]]
    pinned = [(t.not_null(pin), literal("pin"))] if pin is not None else []
    simple = rule.kind == "prefer" and all(c.present == t.not_null(c.value) for c in candidates)
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
