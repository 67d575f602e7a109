"""Change notifications: not signed, but each repeats the secret that was agreed (facts.md, Webhooks)."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

from connectors import signatures
from connectors.hooks import Delivery, Hooks, Welcome, naming

SYSTEM = "microsoft_graph"
_EVENT = re.compile(r"users/([^/]+)/events/([^/]+)", re.IGNORECASE)


def verify(secret: str, delivery: Delivery) -> None:
    """Every notice of a delivery shows the ``clientState`` of its subscription."""
    try:
        shown = [str(one["clientState"]) for one in json.loads(delivery.body)["value"]]
    except (ValueError, KeyError, TypeError) as problem:
        raise signatures.refused(SYSTEM, "came without a clientState") from problem
    fits = [hmac.compare_digest(one.encode(), secret.encode()) for one in shown]
    if not fits or not all(fits):
        raise signatures.refused(SYSTEM, "has another clientState")


def confirm(delivery: Delivery) -> Welcome | None:
    """A new address is called with a token in its query, which goes back decoded, as plain text."""
    token = parse_qs(urlsplit(delivery.url).query).get("validationToken")
    return Welcome(headers={"content-type": "text/plain"}, body=token[0].encode()) if token else None


def named(payload: Any) -> Iterator[tuple[str, str]]:
    """The events that the notices name; a notice about the subscription itself touches nothing."""
    for notice in payload["value"]:
        found = None if "lifecycleEvent" in notice else _EVENT.fullmatch(str(notice["resource"]))
        if found:
            yield "events", f"{found[1]}/{found[2]}"


HOOKS = Hooks(
    events=("created", "updated", "deleted"),
    touched=naming(SYSTEM, named),
    verify=verify,
    signature="",
    confirm=confirm,
)
