"""Payment: money received, with what it was for."""

from models.ownership import prefer
from models.schema import Entity, Field, Type

ENTITY = Entity(
    name="payment",
    title="Payment",
    description="Money received from a customer and the invoices it is applied to.",
    prefix="pay",
    owner=prefer("accounting", "payments", "scheduling", "files"),
    keys=(("reference", "customer"), ("customer", "received_on", "amount")),
    fields=(
        Field("reference", description="Check number or the processor's id."),
        Field("customer", ref="customer", description="Who paid."),
        Field("received_on", Type.DATE, description="Day it was received."),
        Field("amount", Type.MONEY, description="What was received.", required=True),
        Field("unapplied", Type.MONEY, description="What is not applied to any invoice yet."),
        Field("currency", description="ISO 4217."),
        Field("method", description="How it was paid.", one_of=("cash", "check", "card", "ach", "other")),
        Field("memo", description="Note."),
        Field(
            "allocations", Type.LINES, description="What it was for: invoice, amount.", refers={"invoice": "invoice"}
        ),
    ),
)
