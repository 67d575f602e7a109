"""Writing assignments: one event ``plumbline-<core_id>.ics`` in the technician's calendar (facts: Writes, Idempotency).

The address and the UID are ours to choose, so that a create repeated after a lost answer meets its own event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.batches import chunks
from connectors.caldav import dav, ical
from connectors.caldav.places import calendar_of, slug
from connectors.caldav.reading import record
from connectors.spec import Answer, Api, Outgoing, Written
from models.change import Change
from models.errors import Gone, Rejected, Stale
from models.fields import Codec, encode_record

TEXT = {"Content-Type": "text/calendar; charset=utf-8"}
WHO = ("technician_email", "technician_name")  # what an event's calendar is called after


def create(api: Api, outgoing: Outgoing) -> Written:
    """Put the event where it belongs; one that stands there already under our UID is brought to what is desired."""
    href = address(api, outgoing.change)
    try:
        text = ical.compose(_uid(outgoing.change), outgoing.record, api.now())
    except ValueError as problem:
        raise Rejected(api.system, f"assignment {outgoing.change.core_id} cannot be an event: {problem}") from problem
    answer = _placed(api, href, outgoing.change, lambda: _put_new(api, href, text))
    if answer.status in (200, 201, 204):
        return _written(api, href, answer, text)
    return _adopted(api, _standing(api, href, outgoing.change), outgoing)


def _put_new(api: Api, href: str, text: str) -> Answer:
    return api.request("PUT", href, content=text, headers={**TEXT, "If-None-Match": "*"}, accept=(404, 409, 412))


def _placed(api: Api, href: str, change: Change, place: Callable[[], Answer]) -> Answer:
    """Place an event; where its calendar is missing make that, if the company allows it, and place it again."""
    answer = place()
    if not _without_calendar(answer):
        return answer
    calendar = href[: href.rindex("/") + 1]
    if not api.settings.get("create_calendars"):
        why = f"there is no calendar {calendar}; make it there and share it, or set create_calendars in the stack"
        raise Rejected(api.system, why)
    dav.make_calendar(
        api, calendar, str(change.desired.get("technician_name") or calendar.rstrip("/").rpartition("/")[2])
    )
    answer = place()
    if _without_calendar(answer):
        raise Rejected(api.system, f"calendar {calendar} cannot be made there; make it by hand and share it")
    return answer


def _without_calendar(answer: Answer) -> bool:
    return answer.status in (404, 409) and dav.refusal(answer.text) != "no-uid-conflict"


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
    """Change our members of the event and nothing else of it, then bring it to the calendar that it belongs in.

    Stale when it is not the version planned against. The move comes last: killed before it, the event is as it shall be
    but for its place, which the next plan sees; after it, the next read finds the event where it belongs.
    """
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
    written = Written(id=href, version=etag, record=record(api, href, etag, text))
    if told:
        written = _amended(api, href, etag, text, told)
    there = address(api, change) if set(WHO) & set(change.after) else href
    return written if there == href else _moved(api, written, there, change)


def _moved(api: Api, here: Written, there: str, change: Change) -> Written:
    """Bring an event into another calendar. One that stands there under our UID already is a double, and gives way."""
    moved = _placed(api, there, change, lambda: _move(api, here, there, "F"))
    if moved.status in (409, 412):
        if _standing(api, there, change).id != there:
            raise Rejected(api.system, f"the calendar of {there} holds our UID elsewhere; remove that event there")
        _move(api, here, there, "T")
    found = fetch(api, there)
    if found is None:
        raise Gone(api.system, f"{there} vanished right after it was moved there")
    return found


def _move(api: Api, here: Written, there: str, overwrite: str) -> Answer:
    condition = {"If-Match": here.version} if here.version else {}
    headers = {"Destination": dav.absolute(api, there), "Overwrite": overwrite, **condition}
    return api.request("MOVE", here.id, headers=headers, accept=(409, 412) if overwrite == "F" else ())


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
        for some in chunks(mine, dav.CHUNK):
            bodies = dav.bodies(api, calendar, some)
            found |= {h: Written(id=h, version=e, record=record(api, h, e, text)) for h, (e, text) in bodies.items()}
    return found


def find(api: Api, outgoing: Outgoing) -> Written | None:
    """The event of a create whose answer was lost; None when it was not made."""
    return fetch(api, address(api, outgoing.change))


def address(api: Api, change: Change) -> str:
    """Where an assignment's event stands: the technician's calendar and a name made of our id."""
    return f"{calendar_of(api, slug(change.desired))}/{_uid(change)}.ics"


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
