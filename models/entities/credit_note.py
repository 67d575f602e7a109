"""Credit note: what the company takes off bills, or still owes a customer."""

from models.ownership import prefer
from models.schema import Entity, Field, Type

ENTITY = Entity(
    name="credit_note",
    title="Credit note",
    description="A sum in a customer's favour: taken off invoices, given back, or still to be used.",
    prefix="crn",
    owner=prefer("accounting", "files"),
    keys=(("number",),),
    fields=(
        Field("number", description="Credit note number."),
        Field("customer", ref="customer", description="In whose favour it is."),
        Field("status", description="Its state.", one_of=("draft", "open", "used", "void")),
        Field("issued_on", Type.DATE, description="Date of the credit note."),
        Field("currency", description="ISO 4217."),
        Field("subtotal", Type.MONEY, description="Before tax."),
        Field("tax", Type.MONEY, description="Tax."),
        Field("total", Type.MONEY, description="With tax.", required=True),
        Field("remaining", Type.MONEY, description="What is not used yet."),
        Field("memo", description="Note."),
        Field("lines", Type.LINES, description="Lines: item, description, quantity, unit_price, amount."),
        Field(
            "allocations", Type.LINES, description="What it was taken off: invoice, amount.",
            refers={"invoice": "invoice"},
        ),
    ),
)  # fmt: skip
