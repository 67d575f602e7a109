"""CalDAV: calendars on Apple iCloud, Radicale, Nextcloud, Fastmail and every other server of RFC 4791.

Each technician has a calendar. What we write there are assignments; what others put there makes a technician busy. In
all it is longer than one page because servers must be found out step by step, and because iCalendar brings series,
exceptions and zone definitions of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from connectors.caldav import dav
from connectors.caldav.places import NAMED
from connectors.caldav.reading import read_events
from connectors.caldav.writing import WHO, create, delete, fetch, fetch_many, find, update
from connectors.horizon import SETTINGS as HORIZON
from connectors.spec import Account, Api, Basic, Connector, Quota, Resource, Setting, Write
from models.errors import Rejected
from models.fields import Codec, choice, composed, const, date_, first, flag, instant, read_only, text, unreadable, zone
from models.schema import Map


def schedule(at: str) -> Mapping[str, Codec]:
    """The fields of a time: of the event itself, or of one of its days (``at`` is ``@.``).

    A text that cannot be read has no start; its reason stands in ``problem`` and sets the record aside.
    """
    return {
        "starts_at": first(instant(f"{at}start.dateTime"), unreadable(f"{at}problem")),
        "ends_at": instant(f"{at}end.dateTime"),
        "time_zone": zone(f"{at}start.timeZone"),
        "all_day": flag(f"{at}allDay"),
        "starts_on": date_(f"{at}start.date"),
        "ends_on": date_(f"{at}end.last"),
    }


SCHEDULE = schedule("")
# No ``changed``: LAST-MODIFIED is what a client's clock says, and an edit from a slow phone is still an edit.
ASSIGNMENT = Map(
    "events",
    to="assignment",
    id="href",
    where=flag("ours"),
    version="etag",
    core_ref=text("core"),
    fields={
        "title": text("summary"),
        "instructions": text("description"),
        "status": choice("status", {"CONFIRMED": "scheduled", "TENTATIVE": "scheduled", "CANCELLED": "canceled"}),
        "place": text("location"),
        "technician_email": NAMED,
        "technician_name": const(None),  # no event says it, but a calendar may be called after it
        **SCHEDULE,
    },
)
BUSY = Map(
    "events",
    to="busy",
    each="instances",
    id=composed("href", "@.key", separator=""),
    version="etag",
    fields={
        "calendar": read_only(text("calendar")),
        "title": read_only(text("@.summary")),
        "blocks": read_only(flag("@.blocks")),
        "series": read_only(text("uid")),
        "occurrence": read_only(text("@.planned")),
        "recurrence": read_only(text("recurrence")),
        **{name: read_only(codec) for name, codec in schedule("@.").items()},
    },
)


def judge(system: str, status: int, _headers: Mapping[str, str], body: Any) -> Exception | None:
    """A refusal that names a precondition is about the event, not about our credentials (RFC 4791 5.3.2.1)."""
    reason = dav.refusal(str(body)) if status in (403, 409) else None
    if reason is None or reason == "need-privileges":
        return None
    return Rejected(system, f"the event is refused with {status} ({reason}); correct it, or the calendar's own rules")


def account(api: Api) -> Account:
    """The principal that the credentials stand for."""
    principal = dav.principal_of(api)
    names = dav.propfind(api, principal, ("{DAV:}displayname",), depth=0)
    name = next((found for item in names if (found := item.text("{DAV:}displayname"))), principal)
    return Account(id=principal, name=name)


CONNECTOR = Connector(
    name="caldav",
    title="CalDAV (iCloud, Radicale and others)",
    roles=("calendar",),
    docs="https://www.rfc-editor.org/rfc/rfc4791",
    base_url="https://caldav.icloud.com",
    hosts=("icloud.com",),
    auth=Basic(user="username", password="password"),  # noqa: S106 - the names of credentials
    # Apple publishes no limits; one or two requests at a time are borne (facts: Deletion, limits, errors).
    quota=Quota(concurrency=2),
    headers={"Accept": "text/xml, application/xml, text/calendar, text/plain"},
    credentials=(
        Setting(name="username", description="Account name; for iCloud the Apple account's e-mail address."),
        Setting(name="password", description="Password; for iCloud an app-specific one."),
    ),
    settings=(
        Setting(name="calendar", description="Address of a technician's calendar, as in /dispatch/{technician}/."),
        Setting(name="calendars", description="Names or addresses of the calendars to read; all of them without it."),
        Setting(name="create_calendars", description="Make a technician's calendar when it is missing.", default=False),
        *HORIZON,
    ),
    resources=(
        Resource(
            name="events",
            read=read_events,
            id="href",
            deletes="event",
            description="Events of all calendars: ours are assignments, others make a technician busy.",
        ),
    ),
    maps=(ASSIGNMENT, BUSY),
    writes=(
        Write(
            entity="assignment",
            resource="events",
            identity="client_id",
            guarded=True,
            extra=WHO,
            create=create,
            update=partial(update, schedule=SCHEDULE),
            delete=delete,
            fetch=fetch,
            fetch_many=fetch_many,
            find=find,
        ),
    ),
    judge=judge,
    account=account,
)
