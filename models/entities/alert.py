"""Alert: something that waits for a person, and is over once nobody has to do anything about it any more."""

from models.ownership import prefer
from models.schema import Entity, Field, Type

ALERT_KINDS = ("reading", "undecided", "stopped", "rejected", "held", "double_booking", "conflicts", "quarantine",
               "paused", "checks")  # fmt: skip

ENTITY = Entity(
    name="alert",
    title="Alert",
    description="Something that waits for a person: a system that was not read, refused changes, a double booking.",
    prefix="alr",
    owner=prefer("monitoring", "files"),
    fields=(
        Field("kind", description="What has happened.", one_of=ALERT_KINDS),
        Field("title", description="What it is, in one line.", required=True, personal=True),
        Field("details", description="What is known of it.", personal=True),
        Field("remedy", description="What to do about it."),
        Field("state", description="Whether it still waits.", one_of=("open", "over"), required=True),
        Field("since", Type.INSTANT, description="When it was first seen, UTC."),
        Field("over_at", Type.INSTANT, description="When it was no longer there, UTC."),
    ),
    gone={"state": ("over",)},
    dormant={"state": ("over",)},
)
