"""People of the directory, their calendars, who shares what, and free/busy time (facts: Streams)."""

from __future__ import annotations

from datetime import datetime, timedelta

from sandbox.microsoft_graph import shelf
from sandbox.microsoft_graph.dialect import Answer, Call, bad, chosen, context_of, listed, single
from sandbox.microsoft_graph.events import shown_between
from sandbox.microsoft_graph.filters import asked_for
from sandbox.microsoft_graph.times import instant, named, shown, span
from sandbox.microsoft_graph.times import windows_name as windows
from sandbox.twin import Record

DEFAULT = "businessPhones,displayName,givenName,id,jobTitle,mail,mobilePhone,officeLocation,surname,userPrincipalName"
MOST_SCHEDULES, LONGEST = 20, timedelta(days=62)
_SIGNS = {"free": "0", "tentative": "1", "busy": "2", "oof": "3", "workingElsewhere": "4", "unknown": "2"}
_SECRET = ("private", "confidential")


def _visible(call: Call, one: Record) -> Record:
    if "$select" in call.query:
        return chosen(call, one, always=())
    return {name: one.get(name) for name in DEFAULT.split(",")}


def users(call: Call) -> Answer:
    found = asked_for(call, call.store.all("users"))
    return listed(call, "users", [_visible(call, one) for one in found], default=100, most=999)


def user(call: Call) -> Answer:
    return single(call, "users", _visible(call, shelf.owner(call.store, call.ids["user"])))


def calendars(call: Call) -> Answer:
    found = shelf.calendars(call.store, call.ids["user"])
    context = f"users('{call.ids['user']}')/calendars"
    return listed(call, context, [chosen(call, one, always=("id",)) for one in found], default=10, most=1000)


def calendar(call: Call) -> Answer:
    found = shelf.calendar(call.store, call.ids["user"], call.ids.get("calendar"))
    return single(call, f"users('{call.ids['user']}')/calendars", chosen(call, found, always=("id",)))


def permissions(call: Call) -> Answer:
    found = [one for key, one in call.store.items("permissions") if key.startswith(f"{call.ids['user']}/")]
    return listed(call, f"users('{call.ids['user']}')/calendar/calendarPermissions", found, default=100, most=100)


def schedule(call: Call) -> Answer:
    """``getSchedule``: what is taken in the default calendars of some addresses; names in any case."""
    asked = {name.lower(): value for name, value in call.json().items()}
    addresses, sides = asked.get("schedules"), [asked.get("starttime"), asked.get("endtime")]
    if not isinstance(addresses, list) or not addresses or not all(isinstance(one, dict) for one in sides):
        raise bad("Required property is missing: schedules, startTime and endTime.", "ErrorInvalidParameter")
    low, high = (instant({**one, "timeZone": one.get("timeZone")}) for one in sides if isinstance(one, dict))
    if len(addresses) > MOST_SCHEDULES or not timedelta() < high - low <= LONGEST:
        raise bad("The requested time duration is too long, or too many schedules are asked for.",
                  "ErrorInvalidTimeInterval")  # fmt: skip
    step = timedelta(minutes=int(asked.get("availabilityviewinterval") or 30))
    value = [_schedule(call, str(one), low, high, step) for one in addresses]
    return Answer(body={"@odata.context": context_of(call, "Collection(microsoft.graph.scheduleInformation)"),
                        "value": value})  # fmt: skip


def _schedule(call: Call, address: str, low: datetime, high: datetime, step: timedelta) -> Record:
    who = shelf.person(call.store, address)
    if who is None or not any(key.startswith(f"{who['id']}/") for key, _ in call.store.items("calendars")):
        said = {"message": "Unable to resolve e-mail address.", "responseCode": "ErrorMailRecipientNotFound"}
        return {"scheduleId": address, "availabilityView": "", "error": said}
    default = shelf.calendar(call.store, who["id"], None)["id"]
    events = shown_between(call.store, who["id"], default, low, high)
    zone = call.prefers.get("outlook.timezone") or "UTC"
    named(zone)
    return {
        "scheduleId": address,
        "availabilityView": _signs(events, low, high, step),
        "scheduleItems": [_item(one, zone) for one in events],
        "workingHours": _hours(str(call.store.bag.get("zone") or "UTC")),
    }


def _signs(events: list[Record], low: datetime, high: datetime, step: timedelta) -> str:
    slots = [low + step * n for n in range(int((high - low) / step))]
    spans = [(*span(one), _SIGNS[one["showAs"]]) for one in events]
    return "".join(max((sign for start, end, sign in spans if start < at + step and end > at), default="0")
                   for at in slots)  # fmt: skip


def _item(event: Record, zone: str) -> Record:
    secret = event["sensitivity"] in _SECRET
    start, end = span(event)
    item = {"isPrivate": secret, "status": event["showAs"], "start": shown(start, zone), "end": shown(end, zone)}
    said = {} if secret else {"subject": event["subject"], "location": event["location"]["displayName"]}
    return {**item, **said}


def _hours(zone: str) -> Record:
    days = ["monday", "tuesday", "wednesday", "thursday", "friday"]
    times = {"startTime": "08:00:00.0000000", "endTime": "17:00:00.0000000"}
    return {"daysOfWeek": days, **times, "timeZone": {"name": windows(zone)}}
