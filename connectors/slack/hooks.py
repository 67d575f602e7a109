"""Events that Slack posts: messages and people, signed over version, instant and body (facts.md, Incoming events)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from connectors import signatures
from connectors.hooks import Delivery, Hooks, Welcome, naming

SYSTEM, SIGNATURE, STAMP = "slack", "x-slack-signature", "x-slack-request-timestamp"
EVENTS = ("message.channels", "message.groups", "team_join", "user_change")
TOLERANCE = timedelta(minutes=5)


def verify(secret: str, delivery: Delivery) -> None:
    """``v0=`` and the code of ``v0:<epoch seconds>:<body>``."""
    given, at = (signatures.shown(SYSTEM, delivery, header) for header in (SIGNATURE, STAMP))
    expected = signatures.code(secret, f"v0:{at}:".encode() + delivery.body)
    signatures.match(SYSTEM, [given], f"v0={expected}")
    signatures.fresh(SYSTEM, delivery, signatures.seconds(SYSTEM, at), TOLERANCE)


def confirm(delivery: Delivery) -> Welcome | None:
    """A new address is called with a challenge, which goes back as it came."""
    try:
        body = json.loads(delivery.body)
        asked = body["type"] == "url_verification"
        return Welcome(headers={"content-type": "text/plain"}, body=str(body["challenge"]).encode()) if asked else None
    except (ValueError, KeyError, TypeError):
        return None  # any other call; ``touched`` says whether it is one of the vendor's


def named(payload: Any) -> Iterator[tuple[str, str]]:
    """The message or the person that an event is about; other kinds of events touch nothing."""
    event: Any = payload["event"] if payload["type"] == "event_callback" else {"type": None}
    if event["type"] in ("user_change", "team_join"):
        yield "users", str(event["user"]["id"])
    elif event["type"] == "message":
        ts = event.get("deleted_ts") or event.get("message", event)["ts"]  # deleted, changed, new
        yield "messages", f"{event['channel']}:{ts}"


HOOKS = Hooks(
    events=EVENTS,
    touched=naming(SYSTEM, named),
    verify=verify,
    signature=SIGNATURE,
    tolerance=TOLERANCE,
    confirm=confirm,
)
