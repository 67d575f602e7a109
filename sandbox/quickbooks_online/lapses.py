"""What a person can make this twin do wrong: faults that only it understands, switched on under ``/_sandbox``.

=========================  ==================================================================================
ignored_idempotency_key    a repeated ``requestid`` does the work again (seen in the field)
closed_period              the books are closed: a write of a transaction answers 6210
rotated_refresh_token      the next refresh gives a new refresh token at once, and the old one dies
truncated_page             a query's page holds half of what it should and says nothing of it
stale_reads                answers come from a copy that stopped following
stale_version              a query gives every record with the SyncToken before its newest (seen in the field)
rewritten_values           values are kept in a form of their own: white space collapsed, unless it is named
unlimited                  nobody is throttled
=========================  ==================================================================================
"""

from __future__ import annotations

from typing import Any

from sandbox.quickbooks_online.members import BY_NAME
from sandbox.respelling import Members, respelled, trimmed
from sandbox.store import Store
from sandbox.twin import Record

KINDS = (
    "ignored_idempotency_key",
    "closed_period",
    "rotated_refresh_token",
    "truncated_page",
    "stale_version",
    "rewritten_values",
    "stale_reads",
    "unlimited",
)

_RESPELT = Members(
    texts=frozenset({"GivenName", "FamilyName", "CompanyName", "Line1", "Line2", "City", "Description"}),
    notes=frozenset({"Notes", "PrivateNote"}),
    phones=frozenset({"FreeFormNumber"}),
    amounts=frozenset({"Amount", "UnitPrice", "TotalAmt"}),
)


def lapse(store: Store, kind: str, method: str, path: str) -> bool:
    """Whether this fault hits the call; it is used up by the question."""
    return store.faults.take(kind, method, path) is not None


def respelt(store: Store, path: str, body: Any) -> Any:
    """What is kept of a body: itself, or under ``rewritten_values`` its form, else with white space collapsed."""
    fault = store.faults.take("rewritten_values", "POST", path)
    if fault is None:
        return body
    return collapsed(body) if fault.form is None else respelled(body, fault.form, _RESPELT)


def collapsed(value: Any) -> Any:
    """A value with the white space in all of its text collapsed."""
    if isinstance(value, dict):
        return {name: collapsed(part) for name, part in value.items()}
    if isinstance(value, list):
        return [collapsed(part) for part in value]
    return trimmed(value) if isinstance(value, str) else value


def truncated(response: Record) -> Record:
    """A QueryResponse with the second half of its rows gone."""
    return {
        name: rows[: len(rows) // 2] if name.lower() in BY_NAME else rows
        for name, rows in response.items()
    }  # fmt: skip


def outdated(response: Record) -> Record:
    """A QueryResponse whose records carry the SyncToken before their own."""
    return {
        name: [_outdated(row) for row in rows] if name.lower() in BY_NAME else rows for name, rows in response.items()
    }


def _outdated(row: Record) -> Record:
    return {**row, "SyncToken": str(max(int(row["SyncToken"]) - 1, 0))} if "SyncToken" in row else row
