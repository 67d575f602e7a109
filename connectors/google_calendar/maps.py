"""How events are read: visits that we made as assignments, the time of everything else as busy time."""

from __future__ import annotations

from models.fields import choice, composed, date_, email, first, instant, read_only, sql, text, unreadable, zone
from models.schema import Map

# Our marker on an event whose id we chose. A person's copy of it, or one day of a series that a person made of it,
# carries the marker too, but not that id: both take time and are nobody's assignment.
OURS = "coalesce(sha256(record->>'$.extendedProperties.private.plumbline') = record->>'$.id', false)"
BLOCKS = """
    coalesce(element->>'$.transparency', 'opaque') <> 'transparent'
    AND coalesce(element->>'$.eventType', 'default') NOT IN ('workingLocation', 'birthday')
    AND NOT coalesce(json_contains((element->'$.attendees'), '{"self": true, "responseStatus": "declined"}'), false)
"""
PLANNED = "coalesce(element->>'$.originalStartTime.dateTime', element->>'$.originalStartTime.date')"
KINDS = {"outOfOffice": "out_of_office", "focusTime": "focus", "default": "event"}
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
    each="instances",
    id=composed("calendarId", "@.id", separator="/"),
    changed="updated",
    version="etag",
    fields={
        "calendar": read_only(text("calendarId")),
        "title": read_only(text("@.summary")),
        "starts_at": read_only(first(instant("@.start.dateTime"), unreadable("@.problem"))),
        "ends_at": read_only(instant("@.end.dateTime")),
        "time_zone": read_only(zone("@.start.timeZone")),
        "all_day": sql("(element->>'$.start.date') IS NOT NULL"),
        "starts_on": read_only(date_("@.start.date")),
        "ends_on": sql("TRY_CAST(element->>'$.end.date' AS DATE) - 1"),
        "blocks": sql(BLOCKS),
        "kind": read_only(choice("@.eventType", KINDS, other="event")),
        "series": sql("CASE WHEN (record->'$.recurrence') IS NOT NULL THEN record->>'$.id' END"),
        "occurrence": sql(PLANNED),
        "recurrence": sql("array_to_string(CAST(record->'$.recurrence' AS VARCHAR[]), chr(10))"),
    },
)
