"""Checking a stack: every problem with its line and remedy, and what would surprise its owner."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from models.errors import CredentialError, StackError
from pipelines.company import Company, assemble
from pipelines.credentials import resolve
from pipelines.settings import Stack, stack_of
from pipelines.stack_file import Document, Path_, read


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """One thing about a stack file. A problem stops every command; a warning is for its owner to decide."""

    severity: Literal["problem", "warning"]
    line: int
    where: str
    what: str


def check_stack(path: Path) -> tuple[Complaint, ...]:
    """Everything that is wrong with a stack file or looks odd in it, in the order of its lines; no system is asked."""
    document = read(path)
    company, problems = _problems(document)
    found = [_complaint(document, "problem", one.place, one.said) for one in problems]
    if company is not None:
        found += [_complaint(document, "problem", where, said) for where, said in _references(company)]
        found += [_complaint(document, "warning", where, said) for where, said in oddities(company)]
    return tuple(sorted(found, key=lambda one: (one.line, one.where, one.what)))


def _complaint(document: Document, severity: Literal["problem", "warning"], where: Path_, said: str) -> Complaint:
    place = ".".join(str(step) for step in where)
    return Complaint(severity=severity, line=document.line(where), where=place, what=said)


def _problems(document: Document) -> tuple[Company | None, list[StackError]]:
    """Load as every command does, set what is refused aside, and load again until nothing is refused."""
    data, problems = copy.deepcopy(dict(document.data)), list[StackError]()
    while True:
        try:
            return assemble(stack_of(replace(document, data=data))), problems
        except StackError as problem:
            problems.append(problem)
            if not _set_aside(data, problem.place):
                return None, problems


def _set_aside(data: dict[str, Any], where: Path_) -> bool:
    """Take a refused part out, and what speaks of it; False when there is no such part to take out."""
    holder: Any = data
    for step in where[:-1]:
        holder = holder.get(step) if isinstance(holder, dict) else None
    if not where or not isinstance(holder, dict) or where[-1] not in holder:
        return False
    del holder[where[-1]]
    if where[0] == "systems" and len(where) == 2:
        _forget(data, str(where[1]))
    return True


def _forget(data: dict[str, Any], system: str) -> None:
    """A system that was set aside is not missed once more by each handoff and rule that names it."""
    data["handoffs"] = {n: e for n, e in (data.get("handoffs") or {}).items() if n.partition(".")[0] != system}
    data["ownership"] = {n: rule for n, rule in (data.get("ownership") or {}).items() if system not in str(rule)}


def _references(company: Company) -> Iterator[tuple[Path_, str]]:
    for name in company.stack.systems:
        try:
            resolve(company.stack, name)
        except CredentialError as problem:
            yield ("systems", name, "credentials"), str(problem).split(": ", 2)[-1]


# --- what would surprise -------------------------------------------------------------------------------------


def oddities(company: Company) -> Iterator[tuple[Path_, str]]:
    """What is allowed and probably not meant."""
    yield from _unowned(company)
    yield from _nothing_to_write(company)
    yield from _rules_without_the_field(company)
    yield from _undecided(company.stack, company)


def _unowned(company: Company) -> Iterator[tuple[Path_, str]]:
    for name, entry in company.stack.handoffs.items():
        if entry.mode == "live" and entry.owner is None:
            yield ("handoffs", name), "it is live and has no owner; name the person who signs it off with `owner:`"


def _nothing_to_write(company: Company) -> Iterator[tuple[Path_, str]]:
    for handoff in company.handoffs():
        others = [s for s in company.model.systems_of(handoff.entity) if s != handoff.system]
        if not others:
            said = (
                f"no other system knows a {handoff.entity}, so there is nothing to write; connect one, or leave it out"
            )
            yield ("handoffs", handoff.name), said


def _rules_without_the_field(company: Company) -> Iterator[tuple[Path_, str]]:
    """A rule that counts on a system which has no such field."""
    roles = {name: set(entry.roles) for name, entry in company.stack.systems.items()}
    for key, rule in company.stack.ownership.items():
        entity, _, field = key.partition(".")
        for part in rule.order if field else ():
            meant = [part] if part in roles else [name for name, held in roles.items() if part in held]
            known = [n for n in meant if field in company.model.binding(n).fields_of(entity)]
            if meant and not known:
                yield (
                    ("ownership", key),
                    f"{', '.join(meant)} knows no {key}, so it never decides; take it out of the rule",
                )


def _undecided(stack: Stack, company: Company) -> Iterator[tuple[Path_, str]]:
    """Fields that several systems know and that no rule gives to any of them."""
    for entity in company.model.active():
        for field in entity.own_fields:
            known = [
                name for name in company.model.systems_of(entity.name)
                if field.name in company.model.binding(name).fields_of(entity.name)
            ]  # fmt: skip
            order = company.model.rule(entity.name, field.name).order
            if len(known) > 1 and not set(order) & set(known):
                key = f"{entity.name}.{field.name}"
                said = (
                    f"{' and '.join(known)} know {key} and no rule says whom to believe; add {key}: {{prefer: [...]}}"
                )
                yield ("ownership",) if stack.ownership else (), said
