"""Busy: time in which a technician is not free."""

from models.ownership import prefer
from models.schema import Entity, Field, Type

BUSY_KINDS = ("event", "out_of_office", "time_off", "focus", "shift")

ENTITY = Entity(
    name="busy",
    title="Busy",
    description="Shifts, time off and personal events that block a technician.",
    prefix="bsy",
    owner=prefer("calendar", "work_management", "scheduling", "files"),
    fields=(
        Field("technician", ref="technician", description="Whose time it is, where the system says so."),
        Field("calendar", description="Address of the calendar it stands in."),
        Field("title", description="What it says.", personal=True),
        Field("starts_at", Type.INSTANT, description="Start, UTC; empty when all-day.", group="schedule"),
        Field("ends_at", Type.INSTANT, description="End, UTC.", group="schedule"),
        Field("time_zone", description="IANA zone.", group="schedule"),
        Field("all_day", Type.FLAG, description="A whole day, no times.", group="schedule"),
        Field("starts_on", Type.DATE, description="First day.", group="schedule"),
        Field("ends_on", Type.DATE, description="Last day, inclusive.", group="schedule"),
        Field("blocks", Type.FLAG, description="Whether it makes the technician unavailable."),
        Field(
            "kind", description="What it is; a shift says when somebody works and blocks nothing.", one_of=BUSY_KINDS
        ),
        Field("series", description="Id of the series that it is a day of."),
        Field("occurrence", description="When the series had planned this day; stays when the day is moved."),
        Field("recurrence", description="RRULE lines of a series, as the system gives them."),
    ),
)
