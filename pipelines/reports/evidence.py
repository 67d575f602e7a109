"""The evidence of a validation: one section for each thing that those who sign off want to see for themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from models.change import Change, Plan, to_json
from models.ownership import Ownership
from pipelines import ledger as books
from pipelines.bookings import listing
from pipelines.candidates import candidates
from pipelines.company import Company, open_books
from pipelines.looking import conflicts, quarantined
from pipelines.reports.listing import open_money, table
from pipelines.reports.sections import findings
from pipelines.reports.shape import Column, Kind, Row, Section
from pipelines.reports.words import many
from pipelines.validation import Look, counts, outcome

STATES = {"pass": "ready", "warn": "look first", "fail": "not ready"}


def columns(**titles: str | tuple[str, Kind]) -> tuple[Column, ...]:
    """Columns by name: a title, or a title with the kind of its values."""
    pairs = {name: (told, "text") if isinstance(told, str) else told for name, told in titles.items()}
    return tuple(Column(name=name, title=title, kind=kind) for name, (title, kind) in pairs.items())  # type: ignore[arg-type]  # a literal


def lines(rows: Iterable[Mapping[str, Any]]) -> tuple[Row, ...]:
    return tuple(Row(values=row) for row in rows)


def handoffs(company: Company, found: Look) -> Section:
    """The state of every handoff on one page."""
    with open_books(company) as ledger:
        signed = {one.handoff: one for one in books.list_signoffs(ledger)}
    rows = []
    for plan in found.plans:
        sign = signed.get(plan.handoff)
        rows.append(
            {
                "handoff": plan.handoff,
                "mode": plan.mode,
                "state": STATES[outcome(found, plan.handoff)],
                "owner": company.stack.handoffs[plan.handoff].owner,
                "signed": f"{sign.by}, {sign.at:%Y-%m-%d}" if sign else None,
                "waits": found.standing.get(plan.handoff) or counts(plan)["hold"],
            }
            | {name: number for name, number in counts(plan).items() if name != "hold"}
        )
    numbers: dict[str, tuple[str, Kind]] = {name: (name, "count") for name in ("creates", "updates", "deletes", "held")}
    return Section(
        name="handoffs",
        title="What would be written where",
        sentence="Each handoff is one system and one kind of record that we write. Nothing goes out unsigned.",
        columns=columns(
            handoff="handoff",
            mode="mode",
            state="state",
            owner="owner",
            signed="signed off by",
            waits="waits for",
            **numbers,
        ),
        rows=lines(rows),
    )


def checks(found: Look) -> Section:
    """Every check and what it said; those that did not pass come first."""
    ranked = sorted(found.verdicts, key=lambda v: (v.outcome == "pass", not v.blocks, v.check.name))
    rows = [
        {
            "check": v.check.name,
            "outcome": v.outcome,
            "severity": v.check.severity,
            "violations": v.violations,
            "rows": v.rows,
            "why": v.problem or v.check.why,
            "examples": ", ".join(str(row.get("core_id")) for row in v.examples),
        }
        for v in ranked
    ]
    wrong = sum(v.outcome != "pass" for v in found.verdicts)
    return Section(
        name="checks",
        title="Checks",
        sentence=f"{len(rows) - wrong:,} of {many(len(rows), 'check')} passed.",
        columns=columns(
            check="check",
            outcome="outcome",
            severity="severity",
            violations=("rows that break it", "count"),
            rows=("rows looked at", "count"),
            why="what it asks",
            examples="for example",
        ),
        rows=lines(rows),
    )


def coverage(found: Look) -> Section:
    """How much of each field each system fills."""
    rows = [
        {
            "system": one.system,
            "entity": one.entity,
            "field": one.field,
            "filled": one.filled,
            "records": one.records,
            "share": round(100 * one.filled / one.records) if one.records else None,
        }
        for one in found.coverage
    ]
    return Section(
        name="coverage",
        title="What each system knows",
        sentence="How many of its records have a value, field by field.",
        columns=columns(
            system="system",
            entity="kind",
            field="field",
            filled=("have it", "count"),
            records=("records", "count"),
            share=("percent", "count"),
        ),
        rows=lines(rows),
    )


def quarantine(found: Look) -> Section:
    """Records that cannot be used, each with its reason."""
    rows = [{name: row[name] for name in ("system", "entity", "raw_id", "reason")} for row in quarantined(found.apart)]
    return Section(
        name="quarantine",
        title="Set aside",
        sentence=f"{many(len(rows), 'record')} cannot be used as they are; all others go on without them.",
        columns=columns(system="system", entity="kind", raw_id="record", reason="reason"),
        rows=lines(rows),
    )


def duplicates(found: Look) -> Section:
    """Pairs that may be the same thing, side by side."""
    rows = [
        {
            "id": one["id"],
            "entity": one["entity"],
            "likely": round(100 * one["probability"]),
            "left": f"{one['left']['system']} {one['left']['source_id']}",
            "says": _side(one["fields"], "left"),
            "right": f"{one['right']['system']} {one['right']['source_id']}",
            "says_too": _side(one["fields"], "right"),
            "note": f"both are in {', '.join(one['twice'])}: merge them there" if one["twice"] else None,
        }
        for one in candidates(found.apart)
    ]
    return Section(
        name="duplicates",
        title="Perhaps the same",
        sentence=f"{many(len(rows), 'pair')} of records too alike to be ignored and not alike enough to be joined.",
        columns=columns(
            id="pair",
            entity="kind",
            likely=("percent", "count"),
            left="one",
            says="says",
            right="the other",
            says_too="says instead",
            note="note",
        ),
        rows=lines(rows),
    )


def _side(fields: Sequence[Mapping[str, Any]], side: str) -> str:
    return "; ".join(f"{one['field']}: {one[side]}" for one in fields if one[side] is not None)


def ownership(found: Look) -> Section:
    """Which system owns each field, who else has it, and how often they disagree."""
    disputed = Counter((row["entity"], row["field"]) for row in conflicts(found.apart, settled=False))
    model = found.apart.model
    rows = [
        {
            "entity": entity.name,
            "field": field.name,
            "owner": _owner(model.rule(entity.name, field.name)),
            "known_to": ", ".join(_holders(found, entity.name, field.name)),
            "open": disputed[entity.name, field.name],
        }
        for entity in model.active()
        for field in entity.own_fields
        if _holders(found, entity.name, field.name)
    ]
    return Section(
        name="ownership",
        title="Which system owns each field",
        sentence="Where systems disagree, the owner decides, and the others are corrected.",
        columns=columns(
            entity="kind", field="field", owner="decided by", known_to="known to", open=("disagreements", "count")
        ),
        rows=lines(rows),
    )


def _owner(rule: Ownership) -> str:
    order = ", then ".join(rule.order)
    words = {
        "prefer": order,
        "only": f"{order} alone",
        "latest": f"the latest of {', '.join(rule.order)}",
        "furthest": f"whoever is furthest along, of {', '.join(rule.order)}",
        "union": f"all together: {', '.join(rule.order)}",
    }
    return words[rule.kind]


def _holders(found: Look, entity: str, field: str) -> list[str]:
    model = found.apart.model
    return [name for name in model.systems_of(entity) if field in model.binding(name).fields_of(entity)]


def disagreements(found: Look) -> Section:
    """Where systems say different things, and who wins."""
    names = ("entity", "core_id", "field", "winner", "winner_value", "loser", "loser_value", "rule")
    rows = [{name: row[name] for name in names} for row in conflicts(found.apart, settled=False)]
    return Section(
        name="conflicts",
        title="Where systems disagree",
        sentence=f"{many(len(rows), 'value')}: the winner is believed, the loser is kept and corrected where we write.",
        columns=columns(
            entity="kind",
            core_id="record",
            field="field",
            winner="believed",
            winner_value="says",
            loser="not believed",
            loser_value="says instead",
            rule="rule",
        ),
        rows=lines(rows),
    )


def double_bookings(found: Look) -> Section:
    """Coming visits that meet something else in the technician's time."""
    names = ("technician_name", "kind", "minutes", "first_title", "first_starts", "second_title", "second_starts")
    rows = [{name: row[name] for name in names} for row in listing(found.apart) if not row["allowed"]]
    return Section(
        name="double_bookings",
        title="Double bookings",
        sentence=f"{many(len(rows), 'coming visit')} meets another one, the way to it, or time off.",
        columns=columns(
            technician_name="technician",
            kind="meets",
            minutes=("minutes", "count"),
            first_title="visit",
            first_starts=("starts (UTC)", "date"),
            second_title="and",
            second_starts=("starts (UTC)", "date"),
        ),
        rows=lines(rows),
    )


def money_findings(found: Look) -> tuple[Section, Section]:
    """Jobs, invoices and payments laid against each other: what does not match by kind, and each case of it."""
    with open_money(found.apart) as warehouse:
        return findings(table(warehouse, "money_mismatches"), {})


def writes(plan: Plan) -> Section:
    """The rows of one handoff, with before and after; those that would wait say why."""
    rows = [_write(change, None) for change in plan.changes]
    rows += [_write(one.change, one.reason) for one in plan.held]
    return Section(
        name=f"writes-{plan.system}-{plan.entity}",
        title=f"{plan.handoff}: what would be written",
        sentence=f"{many(len(plan.changes), 'row')} would be written; {len(plan.held):,} would wait.",
        columns=columns(
            action="action", record="record", target="there", before="before", after="after", waits="waits because"
        ),
        rows=lines(rows),
    )


def _write(change: Change, reason: str | None) -> dict[str, Any]:
    return {
        "action": change.action,
        "record": label(change.desired) or change.core_id,
        "target": change.target_id,
        "before": _told(change.before),
        "after": _told(change.after),
        "waits": reason,
    }


def _told(values: Mapping[str, Any]) -> str:
    return "; ".join(f"{name}: {to_json(value)}" for name, value in values.items())


def label(values: Mapping[str, Any]) -> str:
    """What people call a record."""
    for name in ("company_name", "name", "title", "number", "reference"):
        if values.get(name):
            return str(values[name])
    person = " ".join(str(values[name]) for name in ("given_name", "family_name") if values.get(name))
    return person or str(values.get("email") or values.get("street") or "")
