"""Job: a piece of work that a customer ordered."""

from models.ownership import prefer
from models.schema import Entity, Field, Type

JOB_STATES = ("new", "scheduled", "in_progress", "paused", "completed", "canceled")

ENTITY = Entity(
    name="job",
    title="Job",
    description="A piece of work for a customer at a location, done in one or more appointments.",
    prefix="job",
    owner=prefer("scheduling", "work_management", "crm", "files"),
    keys=(("number",),),
    fields=(
        Field("number", description="The number people use for the job."),
        Field("title", description="What is to be done, in one line."),
        Field("instructions", description="What the technician has to know."),
        Field("status", description="How far the job is.", one_of=JOB_STATES),
        Field("customer", ref="customer", description="Who ordered it."),
        Field("location", ref="location", description="Where it is done."),
        Field("total", Type.MONEY, description="What the job is worth."),
        Field("created_at", Type.INSTANT, description="When it was entered."),
        Field("completed_at", Type.INSTANT, description="When it was finished."),
        Field("kind", description="The trade or type of work."),
        Field("customer_name", via="customer.company_name", description="The customer's company, if it is one."),
        Field(
            "customer_family_name", via="customer.family_name", description="The customer's last name.", personal=True
        ),
        Field("location_street", via="location.street", description="Where: street.", personal=True),
        Field("location_city", via="location.city", description="Where: city."),
        Field("location_postal_code", via="location.postal_code", description="Where: postal code."),
    ),
)
