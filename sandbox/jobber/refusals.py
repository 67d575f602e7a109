"""Business refusals of mutations: HTTP 200 with ``userErrors`` and no record (facts, "Writes", "Errors")."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sandbox.jobber.view import Context

Record = dict[str, Any]


class Refused(Exception):
    """A mutation that the vendor declines; ``path`` leads to the offending part of the input."""

    def __init__(self, message: str, path: Sequence[str]) -> None:
        super().__init__(message)
        self.user_errors = [{"message": message, "path": list(path)}]


def existing(context: Context, collection: str, id: str, path: Sequence[str]) -> Record:
    """The record that a mutation names; a copy of its top level, free to be changed.

    Raises:
        Refused: the account has no such record.
    """
    found = context.get(collection, id)
    if found is None:
        raise Refused(f"{_SPOKEN[collection]} not found", path)
    return dict(found)


_SPOKEN = {
    "clients": "Client", "properties": "Property", "jobs": "Job", "visits": "Visit", "users": "User",
    "invoices": "Invoice", "tax_rates": "Tax rate",
}  # fmt: skip
