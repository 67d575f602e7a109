"""Google Calendar: visits written into technicians' calendars, and everything else there read as busy time.

In all it is longer than one page because sync tokens are kept for each calendar on its own, and because a create goes
through ids of our own making that Google never frees again. Facts of the vendor come from its fact sheet (facts.md),
named by section.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from connectors.errors import sentence, stranger
from connectors.google_calendar.maps import ASSIGNMENT, BUSY
from connectors.google_calendar.reading import read_events, record_id
from connectors.google_calendar.series import API
from connectors.google_calendar.writing import EXTRA, create, delete, fetch, find, update
from connectors.horizon import SETTINGS as HORIZON
from connectors.spec import Account, Api, Connector, Limit, Quota, Resource, ServiceAccount, Setting, Write
from models.errors import Rejected, Throttled

# What Google calls too much, whatever the status (Limits and errors).
SLOW_DOWN = frozenset(("rateLimitExceeded", "userRateLimitExceeded", "quotaExceeded"))
# Refusals of one event or one calendar, which say nothing about our credentials (Limits and errors, Writes).
NOT_THIS_ONE = frozenset(("forbiddenForNonOrganizer", "forbiddenForServiceAccounts", "requiredAccessLevel"))


def judge(system: str, status: int, _headers: Mapping[str, str], body: Any) -> Exception | None:
    """Refusals that concern one event or our pace, not our credentials; and answers that are not Google Calendar's."""
    told = body if isinstance(body, Mapping) else {}
    if 200 <= status < 300:
        # Everything but an empty 204 says what kind of thing it is (Streams).
        ours = status == 204 or str(told.get("kind")).startswith("calendar#")
        return None if ours else stranger(system, "Google Calendar")
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
        *HORIZON,
    ),
    credentials=(
        Setting(name="service_account", description="The service account's key file (JSON), whole.", required=True),
        Setting(name="subject", description="E-mail of the user to act as, when it is not a setting."),
    ),
    resources=(
        Resource(
            name="events", read=read_events, id=record_id, deletes="event",
            description="Events of every calendar; a series is one event with the days that it takes.",
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
