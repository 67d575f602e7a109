"""The webhooks that Xero sends: what happened to which record, signed over the body (Webhooks).

There is none for payments: a payment shows as an update of its invoice. The call by which Xero tries a new address is
signed like any other and names nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from connectors import signatures
from connectors.hooks import Hooks, Touched
from models.errors import Rejected

SIGNATURE = "x-xero-signature"
RESOURCES = {"CONTACT": "contacts", "INVOICE": "invoices", "CREDITNOTE": "credit_notes"}


def touched(_headers: Mapping[str, str], body: bytes) -> Touched:
    """The records that a payload names; categories that are not read touch nothing. Rejected when it is none."""
    try:
        events = json.loads(body)["events"]
        named = [(RESOURCES.get(one["eventCategory"]), str(one["resourceId"])) for one in events]
    except (ValueError, KeyError, TypeError) as problem:
        raise Rejected("xero", "a webhook delivery is no list of events of Xero's; look at its body") from problem
    return [(resource, id) for resource, id in named if resource is not None]


HOOKS = Hooks(
    events=tuple(f"{category}.{kind}" for category in RESOURCES for kind in ("CREATE", "UPDATE")),
    touched=touched,
    verify=signatures.of_body("xero", SIGNATURE, form="base64"),
    signature=SIGNATURE,
)
