"""Technician: somebody, or a crew, who does the work and has a calendar."""

from models.ownership import prefer
from models.schema import Entity, Field, Type

ENTITY = Entity(
    name="technician",
    title="Technician",
    description="A field worker or crew that appointments are assigned to.",
    prefix="tec",
    owner=prefer("scheduling", "work_management", "calendar", "files"),
    keys=(("email",), ("phone", "family_name")),
    fields=(
        Field("name", description="Full name, or the name of the crew.", required=True),
        Field("given_name", description="First name."),
        Field("family_name", description="Last name."),
        Field("email", description="Work e-mail address; often the address of the calendar too.", personal=True),
        Field("phone", description="Phone number, E.164.", personal=True),
        Field("active", Type.FLAG, description="Whether work may still be assigned."),
        Field("time_zone", description="IANA zone the technician works in."),
    ),
)
