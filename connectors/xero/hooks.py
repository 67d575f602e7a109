"""The webhooks that Xero sends: what happened to which record, signed over the body (Webhooks).

There is none for payments: a payment shows as an update of its invoice. The call by which Xero tries a new address is
signed like any other and names nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from connectors import signatures
from connectors.hooks import Hooks, naming

SIGNATURE = "x-xero-signature"
RESOURCES = {"CONTACT": "contacts", "INVOICE": "invoices", "CREDITNOTE": "credit_notes"}


def named(payload: Any) -> Iterator[tuple[str, str]]:
    """The records of a payload's events; categories that are not read touch nothing."""
    for one in payload["events"]:
        if resource := RESOURCES.get(one["eventCategory"]):
            yield resource, str(one["resourceId"])


HOOKS = Hooks(
    events=tuple(f"{category}.{kind}" for category in RESOURCES for kind in ("CREATE", "UPDATE")),
    touched=naming("xero", named),
    verify=signatures.of_body("xero", SIGNATURE, form="base64"),
    signature=SIGNATURE,
)
