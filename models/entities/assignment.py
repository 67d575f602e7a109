"""Assignment: an appointment in one technician's calendar."""

from models.ownership import prefer
from models.schema import Entity, Field, Type

ENTITY = Entity(
    name="assignment",
    title="Assignment",
    description="One technician on one appointment: what that technician's calendar shows.",
    prefix="asg",
    owner=prefer("scheduling", "work_management", "crm", "files"),
    gone={"status": ("canceled",)},
    dormant={"technician_active": (False,)},
    fields=(
        Field("appointment", ref="appointment", description="The visit."),
        Field("technician", ref="technician", description="Who goes."),
        Field("overlap_allowed", Type.FLAG, description="A person agreed that it meets something else; an override."),
        Field("title", via="appointment.title", description="What the visit is called."),
        Field("instructions", via="appointment.instructions", description="What the technician has to know."),
        Field("status", via="appointment.status", description="How far the visit is."),
        Field("starts_at", Type.INSTANT, via="appointment.starts_at", description="Start, UTC."),
        Field("ends_at", Type.INSTANT, via="appointment.ends_at", description="End, UTC."),
        Field("time_zone", via="appointment.time_zone", description="IANA zone of the visit."),
        Field("all_day", Type.FLAG, via="appointment.all_day", description="A whole day, no times."),
        Field("starts_on", Type.DATE, via="appointment.starts_on", description="First day of an all-day visit."),
        Field("ends_on", Type.DATE, via="appointment.ends_on", description="Last day, inclusive."),
        Field("street", via="appointment.street", description="Where: street.", personal=True),
        Field("city", via="appointment.city", description="Where: city."),
        Field("postal_code", via="appointment.postal_code", description="Where: postal code."),
        Field("place", joined=("street", "city", "postal_code"), description="Where, in one line.", personal=True),
        Field("job_number", via="appointment.job_number", description="Number of the job."),
        Field("technician_name", via="technician.name", description="Who goes, by name."),
        Field("technician_active", Type.FLAG, via="technician.active", description="Whether they still work here."),
        Field("technician_email", via="technician.email", description="Who goes, by e-mail.", personal=True),
    ),
)
