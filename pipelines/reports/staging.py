"""The validation page: what a look at the whole company found, in the words of those who sign it off.

The same report is the page, the JSON and the workbook, so that their counts cannot differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pipelines.company import Company
from pipelines.looking import quarantined
from pipelines.reports import evidence
from pipelines.reports.evidence import columns, lines
from pipelines.reports.shape import Report, Section
from pipelines.reports.words import many
from pipelines.validation import Look, Outcome, outcome

VERDICTS: Mapping[Outcome, str] = {
    "pass": "Ready: nothing stands against signing it off.",
    "warn": "Usable, with things to look at: read what to do next, then decide.",
    "fail": "Not ready: what stands first below has to be mended before anything is written.",
}


def validation_report(company: Company, found: Look) -> Report:
    """Everything that was found: the verdict, what to do next, then the evidence."""
    parts = (
        evidence.handoffs(company, found),
        evidence.checks(found),
        evidence.coverage(found),
        evidence.quarantine(found),
        evidence.duplicates(found),
        evidence.ownership(found),
        evidence.disagreements(found),
        evidence.double_bookings(found),
        *evidence.money_findings(found),
        *(evidence.writes(plan) for plan in found.plans),
    )
    worst = verdict(found)
    steps = next_steps(found, parts)
    return Report(
        name="validation",
        title="Validation",
        company=company.stack.company,
        currency=company.stack.currency,
        at=company.clock(),
        verdict=(VERDICTS[worst], *headlines(found, parts)),
        equations=(),
        sections=(steps, *parts),
        basis="Read into staging; nothing was written to any system.",
        sound=worst != "fail",
    )


def verdict(found: Look) -> Outcome:
    """The worst of all handoffs; a system that could not be read is a failure in any case."""
    said = {outcome(found, plan.handoff) for plan in found.plans}
    return "fail" if "fail" in said or found.unread else "warn" if "warn" in said else "pass"


def headlines(found: Look, parts: Sequence[Section]) -> tuple[str, ...]:
    """The numbers that people ask for first."""
    read = sum(one["read"] for one in found.staged.values())
    aside = sum(one["quarantined"] for one in found.staged.values())
    sizes = {part.name: len(part.rows) for part in parts}
    would = sum(len(plan.changes) for plan in found.plans)
    waits = sum(len(plan.held) for plan in found.plans)
    pairs, disputed = many(sizes["duplicates"], "pair"), many(sizes["conflicts"], "disagreement")
    double = many(sizes["double_bookings"], "double booking")
    return (
        f"{many(read, 'record')} read from {many(len(found.staged), 'system')}; {aside:,} set aside with a reason.",
        f"{pairs} of records may be the same; {disputed} between systems; {double}.",
        f"{many(would, 'row')} would be written, {waits:,} would wait.",
    )


# --- what to do next -----------------------------------------------------------------------------------------


def next_steps(found: Look, parts: Sequence[Section]) -> Section:
    """What a person does next, the most urgent first."""
    rows = [
        *_unread(found),
        *_failed_checks(found),
        *_aside(found),
        *_to_decide(parts),
        *_thin(found),
        *_unsigned(found),
    ]
    numbered = [{"order": number} | row for number, row in enumerate(rows, 1)]
    return Section(
        name="next",
        title="What to do next",
        sentence="Start at the top; validate again when it is done." if rows else "Nothing is left to do: sign it off.",
        columns=columns(order=("", "count"), what="what to do", where="where", many=("how many", "count"), why="why"),
        rows=lines(numbered),
    )


def _step(what: str, where: str, number: int, why: str) -> dict[str, Any]:
    return {"what": what, "where": where, "many": number, "why": why}


def _unread(found: Look) -> list[dict[str, Any]]:
    return [_step(f"Make {name} readable", name, 1, why) for name, why in sorted(found.unread.items())]


def _failed_checks(found: Look) -> list[dict[str, Any]]:
    failed = sorted((v for v in found.verdicts if v.outcome != "pass"), key=lambda v: (not v.blocks, -v.violations))
    return [
        _step(
            f"Mend {v.check.entity}.{v.check.field}"
            if v.outcome == "fail"
            else f"Tell us that {v.check.name} is broken",
            "the system that owns it",
            v.violations,
            v.problem or v.check.why,
        )
        for v in failed
    ]


def _aside(found: Look) -> list[dict[str, Any]]:
    reasons = Counter((row["system"], row["entity"], row["reason"]) for row in quarantined(found.apart))
    return [
        _step(f"Correct {many(number, entity)} that cannot be used", system, number, reason)
        for (system, entity, reason), number in reasons.most_common(10)
    ]


def _to_decide(parts: Sequence[Section]) -> list[dict[str, Any]]:
    sizes = {part.name: len(part.rows) for part in parts}
    told = (
        ("duplicates", "Say of each pair whether it is one", "`plumbline match`", "nobody is merged without a word"),
        ("double_bookings", "Move one of two visits", "the schedule", "a technician cannot be at two places"),
        (
            "conflicts",
            "Look who wins where systems disagree",
            "below",
            "the rule decides, and the loser is overwritten",
        ),
    )
    return [_step(what, where, sizes[name], why) for name, what, where, why in told if sizes[name]]


def _thin(found: Look) -> list[dict[str, Any]]:
    """Keys that few records have: without them the same person is not found in two systems."""
    keyed = {e.name: {field for key in e.keys for field in key if len(key) == 1} for e in found.apart.model.entities}
    thin = [
        one for one in found.coverage if one.records and one.field in keyed[one.entity] and one.filled * 2 < one.records
    ]
    return [
        _step(f"Fill {one.entity}.{one.field}", one.system, one.records - one.filled, "records are matched by it")
        for one in thin
    ]


def _unsigned(found: Look) -> list[dict[str, Any]]:
    return [_step(f"Decide about {name}", name, 1, why) for name, why in found.standing.items() if why]
