"""How people and messages of Slack read. A message says all twice: as text to people, as metadata to us."""

from __future__ import annotations

from connectors.slack.dialect import EVENTS
from models.fields import composed, date_, email, flag, html_text, instant, phone, ref, sql, text, zone
from models.schema import Map

SAID = "metadata.event_payload"
# Bots are none, and Slack's own (USLACKBOT in every workspace) does not say that it is one.
PERSON = """
    (record->>'$.is_bot') IS DISTINCT FROM 'true' AND (record->>'$.id') IS DISTINCT FROM 'USLACKBOT'
"""
# The stamp of a message is its id: seconds and microseconds (facts.md, Time).
SAID_AT = """
    epoch_ms(TRY_CAST(replace(coalesce(record->>'$.edited.ts', record->>'$.ts'), '.', '') AS BIGINT) // 1000)
"""


def said_of(entity: str) -> str:
    """Whether a message of ours is about one of these."""
    return f"(record->>'$.metadata.event_type') = '{EVENTS[entity]}'"


TECHNICIAN = Map(
    "users",
    to="technician",
    id="id",
    changed=instant("updated", unit="s"),
    where=sql(PERSON),
    fields={
        "name": text("real_name"),
        "given_name": text("profile.first_name"),
        "family_name": text("profile.last_name"),
        "email": email("profile.email"),
        "phone": phone("profile.phone"),
        "active": flag("deleted", inverted=True),
        "time_zone": zone("tz"),
    },
)
ALERT = Map(
    "messages",
    to="alert",
    id=composed("channel", "ts"),
    where=sql(said_of("alert")),
    changed=sql(SAID_AT),
    version="edited.ts",
    core_ref=text(f"{SAID}.core_id"),
    fields={
        "kind": text(f"{SAID}.kind"),
        "title": text(f"{SAID}.title"),
        "details": html_text(f"{SAID}.details"),
        "remedy": text(f"{SAID}.remedy"),
        "state": text(f"{SAID}.state"),
        "since": instant(f"{SAID}.since"),
        "over_at": instant(f"{SAID}.over_at"),
    },
)
ASSIGNMENT = Map(
    "messages",
    to="assignment",
    where=sql(said_of("assignment")),
    id=composed("channel", "ts"),
    changed=sql(SAID_AT),
    version="edited.ts",
    core_ref=text(f"{SAID}.core_id"),
    fields={
        "title": text(f"{SAID}.title"),
        "instructions": html_text(f"{SAID}.instructions"),
        "status": text(f"{SAID}.status"),
        "starts_at": instant(f"{SAID}.starts_at"),
        "ends_at": instant(f"{SAID}.ends_at"),
        "time_zone": zone(f"{SAID}.time_zone"),
        "all_day": flag(f"{SAID}.all_day"),
        "starts_on": date_(f"{SAID}.starts_on"),
        "ends_on": date_(f"{SAID}.ends_on"),
        "place": text(f"{SAID}.place"),
        "job_number": text(f"{SAID}.job_number"),
        "technician": ref(f"{SAID}.technician"),
        "technician_name": text(f"{SAID}.technician_name"),
    },
)
MAPS = (TECHNICIAN, ASSIGNMENT, ALERT)
