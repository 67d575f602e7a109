"""Writing assignments: one event ``plumbline-<core_id>.ics`` in the technician's calendar (facts: Writes, Idempotency).

The address and the UID are ours to choose, so that a create repeated after a lost answer meets its own event.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from connectors.caldav import dav, ical
from connectors.caldav.reading import record
from connectors.spec import Answer, Api, Outgoing, Written
from models.change import Change
from models.errors import Gone, Rejected, StackError, Stale
from models.fields import Codec, encode_record

TEXT = {"Content-Type": "text/calendar; charset=utf-8"}
PLACE = "{technician}"
LONGEST = 60


def create(api: Api, outgoing: Outgoing) -> Written:
    """Put the event where it belongs; one that stands there already under our UID is brought to what is desired."""
    href = address(api, outgoing.change)
    try:
        text = ical.compose(_uid(outgoing.change), outgoing.record, api.now())
    except ValueError as problem:
        raise Rejected(api.system, f"assignment {outgoing.change.core_id} cannot be an event: {problem}") from problem
    answer = _put_new(api, href, text)
    if answer.status in (404, 409) and dav.refusal(answer.text) != "no-uid-conflict":
        answer = _with_calendar(api, href, text, outgoing.change)
    if answer.status in (200, 201, 204):
        return _written(api, href, answer, text)
    return _adopted(api, _standing(api, href, outgoing.change), outgoing)


def _put_new(api: Api, href: str, text: str) -> Answer:
    return api.request("PUT", href, content=text, headers={**TEXT, "If-None-Match": "*"}, accept=(404, 409, 412))


def _with_calendar(api: Api, href: str, text: str, change: Change) -> Answer:
    """Make the calendar that was missing, where the company allows it, and put the event again."""
    calendar = href[: href.rindex("/") + 1]
    if not api.settings.get("create_calendars"):
        why = f"there is no calendar {calendar}; make it there and share it, or set create_calendars in the stack"
        raise Rejected(api.system, why)
    dav.make_calendar(
        api, calendar, str(change.desired.get("technician_name") or calendar.rstrip("/").rpartition("/")[2])
    )
    answer = _put_new(api, href, text)
    if answer.status in (404, 409) and dav.refusal(answer.text) != "no-uid-conflict":
        raise Rejected(api.system, f"calendar {calendar} cannot be made there; make it by hand and share it")
    return answer


def _standing(api: Api, href: str, change: Change) -> Written:
    """The event that is in our way: at our address, or with our UID elsewhere in the calendar."""
    uid = _uid(change)
    for candidate in (href, *dav.with_uid(api, href[: href.rindex("/") + 1], uid)):
        found = fetch(api, candidate)
        if found is not None and found.record is not None and found.record.get("uid") == uid:
            return found
    raise Rejected(api.system, f"another event stands at {href}, or holds our UID {uid}; remove it there")


def _adopted(api: Api, found: Written, outgoing: Outgoing) -> Written:
    assert found.record is not None  # noqa: S101 - fetched with its record
    return _amended(api, found.id, found.version, str(found.record["ics"]), outgoing.record)


def update(api: Api, outgoing: Outgoing, schedule: Mapping[str, Codec]) -> Written:
    """Change our members of the event and nothing else of it. Stale when it is not the version planned against."""
    change = outgoing.change
    href = str(change.target_id)
    found = dav.get(api, href)
    if found is None:
        raise Gone(api.system, f"{href} is no longer there")
    etag, text = found
    if change.version is not None and etag != change.version:
        raise Stale(api.system, f"{href} changed since it was read; read it again and merge before writing")
    told = dict(outgoing.record)
    if {"start", "end", "allDay"} & set(told):
        # Start, end and zone make one sense together, and only the changed ones are in the record.
        told |= encode_record(schedule, {n: v for n, v in change.desired.items() if n in schedule})
    return _amended(api, href, etag, text, told)


def _amended(api: Api, href: str, etag: str | None, text: str, told: Mapping[str, Any]) -> Written:
    try:
        body = ical.amend(text, told, api.now())
    except ValueError as problem:
        raise Rejected(api.system, f"{href} cannot be read ({problem}); correct or remove it there") from problem
    condition = {"If-Match": etag} if etag else {}
    return _written(api, href, api.request("PUT", href, content=body, headers={**TEXT, **condition}), body)


def delete(api: Api, outgoing: Outgoing) -> Written:
    """Remove the event; one that is gone already is as good. Stale when somebody changed it meanwhile."""
    change = outgoing.change
    condition = {"If-Match": change.version} if change.version else {}
    api.request("DELETE", str(change.target_id), headers=condition, accept=(404, 410))
    return Written(id=str(change.target_id))


def fetch(api: Api, id: str) -> Written | None:
    """The event as it is now; None when it is gone."""
    found = dav.get(api, id)
    if found is None:
        return None
    etag, text = found
    return Written(id=id, version=etag, record=record(api, id, etag, text))


def fetch_many(api: Api, ids: Sequence[str]) -> dict[str, Written]:
    """Many events at once, calendar by calendar."""
    found: dict[str, Written] = {}
    for calendar in dict.fromkeys(id[: id.rindex("/") + 1] for id in ids):
        mine = [id for id in ids if id.startswith(calendar) and "/" not in id[len(calendar) :]]
        for start in range(0, len(mine), dav.CHUNK):
            bodies = dav.bodies(api, calendar, mine[start : start + dav.CHUNK])
            found |= {h: Written(id=h, version=e, record=record(api, h, e, text)) for h, (e, text) in bodies.items()}
    return found


def find(api: Api, outgoing: Outgoing) -> Written | None:
    """The event of a create whose answer was lost; None when it was not made."""
    return fetch(api, address(api, outgoing.change))


def address(api: Api, change: Change) -> str:
    """Where an assignment's event stands: the technician's calendar and a name made of our id."""
    pattern = api.settings.get("calendar")
    if not pattern:
        raise StackError(f"{api.system}: setting 'calendar' is missing: write the address of a technician's calendar, "
                         f"as in /dispatch/{PLACE}/")  # fmt: skip
    filled = str(pattern).replace(PLACE, slug(change.desired)).strip("/")
    calendar = dav.relative(api, filled, "/") if "://" in filled else f"/{filled}"
    return f"{calendar}/{_uid(change)}.ics"


def slug(desired: Mapping[str, Any]) -> str:
    """A technician's name in addresses: of the e-mail address, which is one person's, else of the name and our id.

    Lower case, ASCII letters, digits and hyphens, at most 60.
    """
    email = str(desired.get("technician_email") or "").partition("@")[0]
    if plain := _plain(email):
        return plain
    mark = hashlib.sha256(str(desired.get("technician") or "").encode()).hexdigest()[:6]
    return f"{_plain(str(desired.get('technician_name') or ''))[: LONGEST - 7] or 'technician'}-{mark}"


def _plain(text: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:LONGEST].strip("-")


def _uid(change: Change) -> str:
    return f"{ical.PREFIX}{change.core_id}"


def _written(api: Api, href: str, answer: Answer, text: str) -> Written:
    """What the server holds after a PUT; one that gives no ETag changed the text, and is asked for it."""
    etag = answer.headers.get("etag")
    if etag is not None:
        return Written(id=href, version=etag, record=record(api, href, etag, text))
    found = fetch(api, href)
    if found is None:
        raise Gone(api.system, f"{href} vanished right after it was written")
    return found
