"""Estimate: an offer to a customer."""

from models.ownership import prefer
from models.schema import Entity, Field, Type

ENTITY = Entity(
    name="estimate",
    title="Estimate",
    description="An offer to a customer, before the job.",
    prefix="est",
    owner=prefer("scheduling", "accounting", "crm", "files"),
    keys=(("number",),),
    fields=(
        Field("number", description="The number people use."),
        Field("customer", ref="customer", description="Whom it was made for."),
        Field("status", description="How far it is.", one_of=("draft", "sent", "accepted", "declined", "closed")),
        Field("issued_on", Type.DATE, description="Date of the offer."),
        Field("expires_on", Type.DATE, description="Good until."),
        Field("total", Type.MONEY, description="Sum with tax."),
        Field("currency", description="ISO 4217."),
        Field("lines", Type.LINES, description="Lines: description, quantity, unit_price, amount."),
    ),
)
