"""Visits as service appointments, and who goes as an event in the calendar of the user whose e-mail address it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.salesforce.dialect import among
from connectors.salesforce.reading import APPOINTMENT, EVENT, WORK_ORDER
from connectors.salesforce.saving import Row
from connectors.salesforce.writing import keyed, write
from connectors.schedule import TIMES, Days, Hours, hours_of, moves, time_of, zulu
from connectors.spec import Api, Outgoing
from models.errors import Rejected


def appointments(_: Api, batch: Sequence[Outgoing]) -> Sequence[Row]:
    """Rows of appointments; a new one also says between when and when it is to be done."""
    return [_appointment(one) for one in batch]


def _appointment(one: Outgoing) -> Row:
    if one.change.action == "update":
        return keyed(one, {name: value for name, value in one.record.items() if name != "ParentRecordId"})
    try:
        hours = hours_of(one.change)
    except Rejected as problem:
        return problem
    return keyed(one, {**one.record, "EarliestStartTime": zulu(hours.start), "DueDate": zulu(hours.end)})


def entries(api: Api, batch: Sequence[Outgoing]) -> Sequence[Row]:
    """Rows of events in the calendars of those who go; Rejected where Field Service says who goes."""
    if not api.settings.get("calendar_entries"):
        raise Rejected(api.system, "who goes is assigned in Field Service; set `calendar_entries: true` in the stack")
    wanted = [str(one.change.desired["technician_email"]).lower() for one in batch if _moves(one)]
    asked = "SELECT Id, Email FROM User WHERE IsActive = true AND Email IN ({ids})"
    users = {str(one["Email"]).lower(): one["Id"] for one in among(api, asked, sorted(set(wanted)))}
    return [_entry(api, one, users) for one in batch]


def _moves(one: Outgoing) -> bool:
    """Whether a change says in whose calendar the event stands."""
    named = one.change.desired.get("technician_email")
    return bool(named) and (one.change.action == "create" or "technician_email" in one.change.after)


def _entry(api: Api, one: Outgoing, users: Mapping[str, str]) -> Row:
    change, row = one.change, dict(one.record)
    if change.action == "create" or moves(change):
        time = time_of(change)
        if time is None:
            return Rejected(api.system, f"visit {change.core_id} has no time; give it one at its owner")
        row |= _times(time)
    if _moves(one) or change.action == "create":
        mail = str(change.desired.get("technician_email") or "").lower()
        if mail not in users:
            said = f"there is no active user with the e-mail address {mail or '(none)'}"
            return Rejected(api.system, f"{said}; add one there, or correct the technician's address")
        row["OwnerId"] = users[mail]
    return keyed(one, row)


def _times(time: Hours | Days) -> Mapping[str, Any]:
    """Whole days are midnights in UTC, the last one included."""
    if isinstance(time, Days):
        first, last = (f"{day}T00:00:00Z" for day in (time.first, time.last))
        return {"IsAllDayEvent": True, "StartDateTime": first, "EndDateTime": last}
    return {"IsAllDayEvent": False, "StartDateTime": zulu(time.start), "EndDateTime": zulu(time.end)}


WRITES = (
    write("job", WORK_ORDER),
    write("appointment", APPOINTMENT, appointments, once=True, only_new=("job",)),
    write("assignment", EVENT, entries, extra=(*TIMES, "technician_email")),
)
