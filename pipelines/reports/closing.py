"""Changes that came after the books were closed: kept, listed, each with the entry that would put it right."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from models.change import Change
from models.errors import ClosedPeriod
from pipelines import ledger as books
from pipelines.company import Company, open_books
from pipelines.reports.sections import Sources, columns_of
from pipelines.reports.shape import Row, Section
from pipelines.reports.words import many, money

AMOUNT = {"invoice": "total", "payment": "amount"}
DATED = {"invoice": "issued_on", "payment": "received_on", "estimate": "issued_on"}
COLUMNS = ("system", "kind", "record", "happened_on", "amount", "proposal", "reason")


def late_changes(company: Company) -> tuple[books.Refused, ...]:
    """What the books refuse because its date lies in a closed period, as the ledger keeps it."""
    with open_books(company) as ledger:
        waiting = (*books.list_held(ledger), *books.list_rejected(ledger))
    return tuple(one for one in waiting if ClosedPeriod.SAYS in (one.reason or ""))


def late_section(late: Sequence[books.Refused], sources: Sources, today: date) -> Section:
    """The section of these changes."""
    said = (
        f"{many(len(late), 'change')} came after the books were closed. Each is kept and tried again at every sync; "
        "the proposal is the entry that puts it right in an open period."
        if late
        else "No change came after the books were closed."
    )
    rows = tuple(_row(one.change, one.reason, sources, today) for one in late)
    title = "Late changes to closed books"
    return Section(name="late_changes", title=title, sentence=said, columns=columns_of(COLUMNS), rows=rows)


def _row(change: Change, reason: str | None, sources: Sources, today: date) -> Row:
    known: dict[str, Any] = {**change.before, **change.desired}
    values = {
        "system": change.system,
        "kind": change.entity,
        "record": known.get("number") or known.get("reference") or change.target_id or change.core_id,
        "happened_on": known.get(DATED.get(change.entity, "")),
        "amount": difference(change),
        "proposal": proposal(change, today),
        "reason": reason,
    }
    found = sources.get((change.entity, change.core_id), ())
    return Row(values=values, entity=change.entity, core_id=change.core_id, sources=found)


def difference(change: Change) -> Decimal | None:
    """By how much the change moves the books; None where it moves no amount or nobody knows."""
    name = AMOUNT.get(change.entity)
    before, after = change.before.get(name or ""), change.after.get(name or "", change.desired.get(name or ""))
    if change.action == "delete":
        before, after = before if before is not None else change.desired.get(name or ""), Decimal(0)
    if name is None or after is None or (change.action == "update" and name not in change.after):
        return None
    return Decimal(str(after)) - Decimal(str(before or 0))


def proposal(change: Change, today: date) -> str:
    """The adjusting entry in words: dated in the open period, with the true date in its note."""
    amount, own = difference(change), change.desired.get(DATED.get(change.entity, ""))
    if amount is None:
        return "It moves no amount: leave it until the period is reopened."
    note = f', with "of {own}" in the note' if own else ""
    if change.action == "create":
        return f"Enter it dated {today}{note}."
    return f"Enter an adjustment of {money(amount)} dated {today}{note}."
