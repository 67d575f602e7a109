"""Appointment: one visit for a job, at a time."""

from models.ownership import prefer
from models.schema import Entity, Field, Type

APPOINTMENT_STATES = ("scheduled", "en_route", "started", "paused", "completed", "canceled")

ENTITY = Entity(
    name="appointment",
    title="Appointment",
    description="One visit for a job. An instant is UTC; the wall time and zone it was agreed in are kept beside it.",
    prefix="apt",
    owner=prefer("scheduling", "work_management", "crm", "files"),
    fields=(
        Field("job", ref="job", description="What it is for."),
        Field("title", description="What the visit is called."),
        Field("instructions", description="What the technician has to know for this visit."),
        Field("status", description="How far the visit is.", one_of=APPOINTMENT_STATES),
        Field(
            "starts_at", Type.INSTANT, description="Start, UTC; empty when all-day or unscheduled.", group="schedule"
        ),
        Field("ends_at", Type.INSTANT, description="End, UTC.", group="schedule"),
        Field("starts_local", Type.WALL, description="Start as wall time in its zone.", group="schedule"),
        Field("ends_local", Type.WALL, description="End as wall time in its zone.", group="schedule"),
        Field("time_zone", description="IANA zone the time was agreed in.", group="schedule"),
        Field("all_day", Type.FLAG, description="A whole day, no times.", group="schedule"),
        Field("starts_on", Type.DATE, description="First day of an all-day visit.", group="schedule"),
        Field("ends_on", Type.DATE, description="Last day of an all-day visit, inclusive.", group="schedule"),
        Field("completed_at", Type.INSTANT, description="When it was finished."),
        Field("job_title", via="job.title", description="Title of the job."),
        Field("job_number", via="job.number", description="Number of the job."),
        Field("street", via="job.location_street", description="Where: street.", personal=True),
        Field("city", via="job.location_city", description="Where: city."),
        Field("postal_code", via="job.location_postal_code", description="Where: postal code."),
    ),
)
