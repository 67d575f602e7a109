"""The mails that the vendor would send, kept so that a test can say that none went out.

Vendor facts: ``sendUpdates`` none | all | externalOnly on events (facts section "Writes"); the discovery
document's ``sendNotifications`` is its older form.
"""

from __future__ import annotations

from typing import Any

from sandbox.google_calendar.dialect import Call, choice, flag
from sandbox.google_calendar.times import show_stamp

Record = dict[str, Any]


def send(call: Call, event: Record, kind: str) -> None:
    """Record one mail per guest that ``sendUpdates`` reaches; ``kind`` is invitation, update or cancellation."""
    whom = choice(call, "sendUpdates", ("all", "externalOnly", "none"))
    if whom is None:
        whom = "all" if flag(call, "sendNotifications") else "none"
    home = event["organizer"]["email"].rpartition("@")[2]
    for guest in event.get("attendees", []) if whom != "none" else ():
        inside = guest["email"].rpartition("@")[2] == home
        if guest["email"] != event["organizer"]["email"] and not (whom == "externalOnly" and inside):
            record(call, to=guest["email"], kind=kind, subject=event.get("summary", ""))


def record(call: Call, *, to: str, kind: str, subject: str) -> None:
    """Keep one mail in the collection ``mails``."""
    id = str(call.store.next_id("mails"))
    sent = show_stamp(call.store.clock.now())
    call.store.put("mails", id, {"id": id, "to": to, "kind": kind, "subject": subject, "sent": sent})
