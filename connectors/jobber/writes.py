"""What is written to Jobber: clients, and when and how visits take place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from connectors.answers import current
from connectors.jobber import reads
from connectors.jobber.graphql import ask, changed
from connectors.jobber.maps import ADDRESS
from connectors.parties import NAMES, named_alike
from connectors.schedule import moves
from connectors.spec import Api, Outgoing, Record, Written
from models.change import Change
from models.errors import Rejected, StackError, Stale

MARKER = "client_custom_field_configuration_id"
MEMBERS = ("firstName", "lastName", "companyName")  # of names, in the order of NAMES
TEXTS = ("title", "instructions")
# How far back a client is looked for that the search does not show yet.
RECENT = timedelta(days=2)
WHOLE: Mapping[str, Any] = {"nested": reads.MANY, "rest": None}


def create_client(api: Api, outgoing: Outgoing) -> Written:
    """Make a client that carries our core_id in a text custom field (facts, "Idempotency")."""
    field = api.settings.get(MARKER) or api.credentials.get(MARKER)
    if not field:
        why = "without it a client could be made twice"
        raise StackError(f"{api.system}: setting {MARKER!r} is missing in stack.yml; {why}")
    wire = outgoing.record
    body = _plain(outgoing)
    body["customFields"] = [{"customFieldConfigurationId": field, "valueText": outgoing.change.core_id}]
    body |= {key: [_contact(key, wire)] for key in ("emails", "phones") if wire.get(key)}
    if address := ADDRESS.known(outgoing.change):
        body["billingAddress"] = address
    return _client(api, changed(api, "client_create", "client", input=body, **WHOLE))


def update_client(api: Api, outgoing: Outgoing) -> Written:
    """Change a client. Jobber guards nothing: we read, compare ``updatedAt`` and then write."""
    change = outgoing.change
    known = current(api, fetch_client(api, str(change.target_id)), f"client {change.target_id}")
    if change.version is not None and known["updatedAt"] != change.version:
        raise Stale(api.system, f"client {change.target_id} changed since it was read; read it again and merge")
    body = _plain(outgoing)
    for key in ("emails", "phones"):
        if outgoing.record.get(key):
            body |= _replaced(key, outgoing.record, known)
    if address := ADDRESS.amended(change, known.get("billingAddress")):
        body["billingAddress"] = address
    return _client(api, changed(api, "client_edit", "client", id=change.target_id, input=body, **WHOLE))


def fetch_client(api: Api, id: str) -> Written | None:
    """The client as it is now."""
    record = ask(api, "client", id=id, **WHOLE)
    return None if record is None else _client(api, record)


def find_client(api: Api, outgoing: Outgoing) -> Written | None:
    """The client that carries our marker, by search and, because a search may lag, among the newest.

    Rejected when it carries our marker but is somebody else by name and by e-mail: a person must look.
    """
    for records in _candidates(api, outgoing.change.core_id):
        for record in records:
            if outgoing.change.core_id in markers(record):
                names = dict(zip(NAMES, (record[name] for name in MEMBERS), strict=True))
                if not named_alike(outgoing.change, emails=[one["address"] for one in record["emails"]], names=names):
                    who = f"client {record['id']} carries our id {outgoing.change.core_id} but is somebody else"
                    raise Rejected(api.system, f"{who}; correct its custom field or the customer")
                return _client(api, record)
    return None


def markers(record: Record) -> list[str]:
    """The texts of a client's custom fields."""
    return [one["valueText"] for one in record["customFields"] if one.get("valueText")]


def update_visit(api: Api, outgoing: Outgoing) -> Written:
    """Move a visit or change what it says; what stands in neither is not ours to write."""
    change, id = outgoing.change, str(outgoing.change.target_id)
    record: Mapping[str, Any] | None = None
    if moves(change):
        record = changed(api, "visit_edit_schedule", "visit", id=id, input=schedule(change, api), **WHOLE)
    texts = {key: outgoing.record[key] for key in TEXTS if key in outgoing.record}
    if texts:
        record = changed(api, "visit_edit", "visit", id=id, attributes=texts, **WHOLE)
    if record is None:
        raise Rejected(api.system, f"of visit {id} only time, title and instructions can be written")
    return Written(id=id, record=reads.whole(api, reads.VISITS, record))


def fetch_visit(api: Api, id: str) -> Written | None:
    """The visit as it is now."""
    record = ask(api, "visit", id=id, **WHOLE)
    return None if record is None else Written(id=id, record=reads.whole(api, reads.VISITS, record))


def fetch_visits(api: Api, ids: Sequence[str]) -> Mapping[str, Written]:
    """Many visits as they are now."""
    return {id: Written(id=id, record=record) for id, record in reads.visits_by_id(api, ids).items()}


def schedule(change: Change, api: Api) -> dict[str, Any]:
    """When a visit takes place, in wall time as Jobber wants it (facts, "Time"); no time of day means all day."""
    zone, want = change.desired.get("time_zone") or api.context.time_zone, change.desired
    if want.get("all_day"):
        days = {"startAt": want["starts_on"], "endAt": want.get("ends_on") or want["starts_on"]}
        return {key: _day(day, zone) for key, day in days.items()}
    times = {"startAt": want.get("starts_at"), "endAt": want.get("ends_at")}
    if times["startAt"] is None:
        raise Rejected(api.system, f"visit {change.target_id} would lose its time; unschedule it there")
    return {key: _moment(instant, zone) for key, instant in times.items() if instant is not None}


def _day(day: date, zone: str) -> dict[str, Any]:
    return {"date": day.isoformat(), "time": None, "timezone": zone}


def _moment(instant: datetime, zone: str) -> dict[str, Any]:
    """Wall time in the zone; in UTC for the hour that comes twice in autumn, which wall time cannot tell apart."""
    local = instant.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    if local.fold:
        local, zone = local.astimezone(UTC), "UTC"
    return {"date": local.date().isoformat(), "time": local.time().isoformat(), "timezone": zone}


def _plain(outgoing: Outgoing) -> dict[str, Any]:
    body = {key: outgoing.record[key] for key in MEMBERS if key in outgoing.record}
    return body | ({"isCompany": True} if body.get("companyName") else {})


def _contact(key: str, wire: Record) -> dict[str, Any]:
    """The main e-mail address or phone number as an element of its list."""
    return {"description": "MAIN", "primary": True, **wire[key]}


def _replaced(key: str, wire: Record, current: Record) -> dict[str, Any]:
    """The edit of the main element, which needs its id, or an addition where there is none."""
    elements = current.get(key) or []
    main = next((one for one in elements if one["primary"]), elements[0] if elements else None)
    if main is None:
        return {f"{key}ToAdd": [_contact(key, wire)]}
    return {f"{key}ToEdit": [{"id": main["id"], **wire[key]}]}


def _candidates(api: Api, core_id: str) -> Iterator[Sequence[Record]]:
    yield from reads.listed(api, reads.CLIENTS, document="find_clients", term=core_id)
    newest = {"createdAt": {"after": reads.text(api.now() - RECENT)}}
    yield from reads.listed(api, reads.CLIENTS, filter=newest)


def _client(api: Api, record: Mapping[str, Any]) -> Written:
    return Written(id=record["id"], version=record["updatedAt"], record=reads.whole(api, reads.CLIENTS, record))
