"""Proposing a stack: who should own each field, from what the connected systems really hold, with the evidence.

It starts from a file that names the company, its systems and their credentials, and no more. Everything is read
into staging; nothing is written but the proposal, whose handoffs are all in shadow.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.company import Company
from pipelines.reconcile import Check
from pipelines.session import Progress, no_progress
from pipelines.validation import Look, look
from pipelines.warehouse import open_snapshot

# A system that fills a field for fewer of its records than this share of the best one comes after it.
THIN = 0.5
GUARDS = "guards: {deletes: 5%, creates: 500, overwrites: 1000, money: 25000}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """What one system holds of a field: how many records have it, and how often its value is the newest of all."""

    system: str
    filled: int
    records: int
    newest: int

    @property
    def part(self) -> float:
        return self.filled / self.records if self.records else 0.0

    @property
    def told(self) -> str:
        return f"{self.system} {100 * self.part:.0f} % of {self.records:,}, newest {self.newest:,} times"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """One field that several systems know: the order to believe them in, and what speaks for it."""

    entity: str
    field: str
    order: tuple[str, ...]
    shares: tuple[Share, ...]


def propose(company: Company, *, check: Check, progress: Progress = no_progress) -> tuple[Look, tuple[Proposal, ...]]:
    """Look at everything and propose an owner for each field that more than one system fills."""
    found = look(company, check=check, progress=progress)
    with open_snapshot(found.apart.snapshot) as warehouse:
        rows = warehouse.rows(warehouse.statement("newest"))
    newest = {(row["entity"], row["field"], row["system"]): int(row["times"]) for row in rows}
    proposals = [
        one
        for entity in company.model.active()
        for field in entity.own_fields
        if (one := _proposal(company, found, newest, entity.name, field.name)) is not None
    ]
    return found, tuple(proposals)


def _proposal(
    company: Company, found: Look, newest: Mapping[tuple[str, str, str], int], entity: str, field: str
) -> Proposal | None:
    shares = tuple(
        Share(system=c.system, filled=c.filled, records=c.records, newest=newest.get((entity, field, c.system), 0))
        for c in found.coverage
        if (c.entity, c.field) == (entity, field) and c.filled
    )
    if len(shares) < 2:
        return None
    order = ranked(shares, company.model.rule(entity, field).order)
    return Proposal(entity=entity, field=field, order=order, shares=shares)


def ranked(shares: Sequence[Share], declared: Sequence[str]) -> tuple[str, ...]:
    """The order to believe systems in: the usual owner first, unless it hardly fills the field; then the fullest."""
    best = max(share.part for share in shares)
    usual = {name: place for place, name in enumerate(declared)}

    def rank(share: Share) -> tuple[bool, int, float, int, str]:
        place = usual.get(share.system, len(usual))
        return share.part < THIN * best, place, -share.part, -share.newest, share.system

    return tuple(share.system for share in sorted(shares, key=rank))


# --- the file ------------------------------------------------------------------------------------------------


def stack_text(company: Company, source: str, found: Look, proposals: Sequence[Proposal]) -> str:
    """The given file with ownership, handoffs and guards added: a stack.yml that is accepted as it is."""
    parts = [source.rstrip(), "", "# Proposed from what the systems hold; change what you know better."]
    parts += [*_ownership(proposals), "", "# Everything in shadow: plans are shown and nothing is sent."]
    parts += [*_handoffs(company, found), "", "# Beyond these a plan waits for a named person.", GUARDS]
    return "\n".join(parts) + "\n"


def _ownership(proposals: Sequence[Proposal]) -> list[str]:
    lines = ["ownership:" if proposals else "ownership: {}"]
    for one in proposals:
        lines.append(f"  # {'; '.join(share.told for share in one.shares)}")
        lines.append(f"  {one.entity}.{one.field}: {{prefer: [{', '.join(one.order)}]}}")
    return lines


def _handoffs(company: Company, found: Look) -> list[str]:
    sizes = {(c.system, c.entity): c.records for c in found.coverage}
    lines = []
    for system, connector in company.connectors.items():
        for write in connector.writes:
            others = [name for name in company.model.systems_of(write.entity) if name != system]
            if others and any(one.resource == write.resource for one in company.model.binding(system).maps):
                held = _held(sizes, [system, *others], write.entity)
                lines.append(f"  # {held}")
                lines.append(f"  {system}.{write.entity}: {{mode: shadow}}")
    return ["handoffs:", *lines] if lines else ["handoffs: {}"]


def _held(sizes: Mapping[tuple[str, str], int], systems: Sequence[str], entity: str) -> str:
    return ", ".join(f"{name} holds {sizes.get((name, entity), 0):,}" for name in systems)


def write_proposal(company: Company, source: Path, out: Path, found: Look, proposals: Sequence[Proposal]) -> None:
    """Write the proposal beside what it was made from."""
    out.write_text(stack_text(company, source.read_text(encoding="utf-8"), found, proposals), encoding="utf-8")
