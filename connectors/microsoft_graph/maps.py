"""How events, people and shared availability read: what we made as assignments, all other time as busy."""

from __future__ import annotations

from models.fields import (
    choice,
    composed,
    date_,
    email,
    first,
    flag,
    html_text,
    instant,
    phone,
    read_only,
    ref,
    sql,
    text,
    unreadable,
    zone,
)
from models.schema import Map

MINE = "coalesce(starts_with(record->>'$.transactionId', 'plumbline:'), false)"
# Masters of series stand for the days that the calendar shows one by one.
OTHERS = f"NOT {MINE} AND coalesce(record->>'$.type', 'singleInstance') <> 'seriesMaster'"
BLOCKS = """
    coalesce(record->>'$.showAs', 'busy') NOT IN ('free', 'workingElsewhere')
    AND coalesce(record->>'$.isCancelled', 'false') <> 'true'
    AND coalesce(record->>'$.responseStatus.response', 'none') <> 'declined'
"""
# What somebody keeps to themselves takes time and says nothing.
SAID = "CASE WHEN coalesce(record->>'$.sensitivity', 'normal') = 'normal' THEN record->>'$.subject' END"
TAKES = "coalesce(record->>'$.status', 'busy') NOT IN ('free', 'workingElsewhere')"
TITLE = "CASE WHEN coalesce(record->>'$.isPrivate', 'false') <> 'true' THEN record->>'$.subject' END"
SCHEDULE = {
    "starts_at": read_only(first(instant("when.starts_at"), unreadable("when.problem"))),
    "ends_at": read_only(instant("when.ends_at")),
    "time_zone": read_only(zone("zone")),
    "all_day": read_only(flag("isAllDay")),
    "starts_on": read_only(date_("when.starts_on")),
    "ends_on": read_only(date_("when.ends_on")),
}

TECHNICIAN = Map(
    "users",
    to="technician",
    id="id",
    where=sql("(record->>'$.mail') IS NOT NULL"),
    fields={
        "name": text("displayName"),
        "given_name": text("givenName"),
        "family_name": text("surname"),
        "email": email("mail"),
        "phone": phone("mobilePhone"),
        "active": flag("accountEnabled"),
    },
)
ASSIGNMENT = Map(
    "events",
    to="assignment",
    id=composed("mailbox.id", "id", separator="/"),
    changed="lastModifiedDateTime",
    version='"@odata.etag"',
    where=sql(MINE),
    core_ref=sql("nullif(split_part(record->>'$.transactionId', ':', 2), '')"),
    fields={
        "title": text("subject"),
        "instructions": html_text("body.content"),
        **SCHEDULE,
        "place": text("location.displayName"),
        "technician": read_only(ref("mailbox.id")),
        "technician_email": read_only(email("mailbox.address")),
    },
)
BUSY = Map(
    "events",
    to="busy",
    id=composed("mailbox.id", "id", separator="/"),
    changed="lastModifiedDateTime",
    version='"@odata.etag"',
    where=sql(OTHERS),
    fields={
        "technician": read_only(ref("mailbox.id")),
        "calendar": read_only(text("mailbox.address")),
        "title": sql(SAID),
        **SCHEDULE,
        "blocks": sql(BLOCKS),
        "kind": read_only(choice("showAs", {"oof": "out_of_office"}, other="event")),
        "series": read_only(text("seriesMasterId")),
        "occurrence": read_only(text("originalStart")),
    },
)
AVAILABILITY = Map(
    "availability",
    to="busy",
    id=composed("scheduleId", "start.dateTime", "end.dateTime", separator="/"),
    fields={
        "calendar": read_only(text("scheduleId")),
        "title": sql(TITLE),
        "starts_at": read_only(first(instant("when.starts_at"), unreadable("when.problem"))),
        "ends_at": read_only(instant("when.ends_at")),
        "blocks": sql(TAKES),
        "kind": read_only(choice("status", {"oof": "out_of_office"}, other="event")),
    },
)
MAPS = (TECHNICIAN, ASSIGNMENT, BUSY, AVAILABILITY)
