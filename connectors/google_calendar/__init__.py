"""Google Calendar: visits written into technicians' calendars, and everything else there read as busy time.

Reading and writing have a file each: sync tokens are kept for each calendar on its own, and a create goes through
ids of our own making that Google never frees again. Facts of the vendor come from its fact sheet (facts.md), named by
section.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.errors import sentence
from connectors.google_calendar.reading import API, read_events, record_id
from connectors.google_calendar.writing import EXTRA, create, delete, fetch, find, update
from connectors.spec import Account, Api, Connector, Limit, Quota, Resource, ServiceAccount, Setting, Write
from models.errors import Rejected, Throttled, Unreachable
from models.fields import choice, composed, date_, email, instant, read_only, sql, text, zone
from models.schema import Map

# What Google calls too much, whatever the status (Limits and errors).
SLOW_DOWN = frozenset(("rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"))
# Refusals of one event or one calendar, which say nothing about our credentials (Limits and errors, Writes).
NOT_THIS_ONE = frozenset(("forbiddenForNonOrganizer", "forbiddenForServiceAccounts", "requiredAccessLevel"))

# Our marker on an event whose id we chose. A person's copy of it, or one day of a series that a person made of it,
# carries the marker too, but not that id: both take time and are nobody's assignment.
OURS = "coalesce(sha256(record->>'$.extendedProperties.private.plumbline') = record->>'$.id', false)"
BLOCKS = """
    coalesce(record->>'$.transparency', 'opaque') <> 'transparent'
    AND coalesce(record->>'$.eventType', 'default') NOT IN ('workingLocation', 'birthday')
    AND NOT coalesce(json_contains((record->'$.attendees'), '{"self": true, "responseStatus": "declined"}'), false)
"""
SCHEDULE = {
    "starts_at": read_only(instant("start.dateTime")),
    "ends_at": read_only(instant("end.dateTime")),
    "time_zone": read_only(zone("start.timeZone")),
    "all_day": sql("(record->>'$.start.date') IS NOT NULL"),
    "starts_on": read_only(date_("start.date")),
    "ends_on": sql("TRY_CAST(record->>'$.end.date' AS DATE) - 1"),  # exclusive there (Deletion, time, webhooks)
}
STATES = {"confirmed": "scheduled", "tentative": "scheduled"}

ASSIGNMENT = Map(
    "events",
    to="assignment",
    id=composed("calendarId", "id", separator="/"),
    changed="updated",
    version="etag",
    where=sql(OURS),
    core_ref=text("extendedProperties.private.plumbline"),
    fields={
        "title": text("summary"),
        "instructions": text("description"),
        "status": read_only(choice("status", STATES)),
        **SCHEDULE,
        "place": text("location"),
        "technician_email": read_only(email("calendarId")),
    },
)
BUSY = Map(
    "events",
    to="busy",
    id=composed("calendarId", "id", separator="/"),
    changed="updated",
    version="etag",
    where=sql(f"NOT {OURS}"),
    fields={
        "calendar": read_only(text("calendarId")),
        "title": read_only(text("summary")),
        **SCHEDULE,
        "blocks": sql(BLOCKS),
        "recurrence": sql("array_to_string(CAST(record->'$.recurrence' AS VARCHAR[]), chr(10))"),
    },
)


def judge(system: str, status: int, _headers: Mapping[str, str], body: Any) -> Exception | None:
    """Refusals that concern one event or our pace, not our credentials; and answers that are not Google Calendar's."""
    told = body if isinstance(body, Mapping) else {}
    if 200 <= status < 300:
        # Everything but an empty 204 says what kind of thing it is (Streams).
        ours = status == 204 or str(told.get("kind")).startswith("calendar#")
        return None if ours else Unreachable(system, "it answers, but not as Google Calendar; check its base address")
    if status != 403:
        return None
    reasons = _reasons(told)
    if reasons & SLOW_DOWN:
        return Throttled(system, f"{sentence(body)}; call it less often")
    if reasons & NOT_THIS_ONE:
        return Rejected(system, f"{sentence(body)}; give us writer access to that calendar, or edit the event there")
    return None


def _reasons(body: Mapping[str, Any]) -> set[str]:
    """``error.errors[].reason`` of the envelope (Limits and errors); none in an answer of another form."""
    error = body.get("error")
    errors = error.get("errors") if isinstance(error, Mapping) else None
    return {str(one.get("reason")) for one in errors or () if isinstance(one, Mapping)}


def account(api: Api) -> Account:
    """The user we act as, by the calendar that is their own (Base and authentication)."""
    own = api.request("GET", f"{API}/calendars/primary").json()
    return Account(id=own["id"], name=own.get("summary") or own["id"], time_zone=own.get("timeZone"))


CONNECTOR = Connector(
    name="google_calendar",
    title="Google Calendar",
    roles=("calendar",),
    docs="https://developers.google.com/workspace/calendar/api/v3/reference",
    base_url="https://www.googleapis.com",
    auth=ServiceAccount(
        token_url="https://oauth2.googleapis.com/token",  # noqa: S106 - an address
        scopes=("https://www.googleapis.com/auth/calendar",),
    ),
    quota=Quota(limits=(Limit(calls=600, seconds=60),), concurrency=4),
    settings=(
        Setting(name="subject", description="E-mail of the user to act as, who may write to the calendars."),
        Setting(name="calendars", description="Ids of the calendars to read; without it all in the user's list."),
        Setting(name="calendar_by", default="technician_email", description="Field that names the calendar to write."),
        Setting(name="calendar_of", default={}, description="Value of that field -> calendar id, where they differ."),
    ),
    credentials=(
        Setting(name="service_account", description="The service account's key file (JSON), whole.", required=True),
        Setting(name="subject", description="E-mail of the user to act as, when it is not a setting."),
    ),
    resources=(
        Resource(
            name="events", read=read_events, id=record_id, deletes="event",
            description="Events of every calendar; a series is one event, its changed days are events of their own.",
        ),
    ),
    maps=(ASSIGNMENT, BUSY),
    writes=(
        Write(
            entity="assignment", resource="events", create=create, update=update, delete=delete, fetch=fetch, find=find,
            identity="client_id", extra=EXTRA, guarded=True,
        ),
    ),
    judge=judge,
    account=account,
)  # fmt: skip
