"""Invoice: a bill, with its lines."""

from models.ownership import only, prefer
from models.schema import Entity, Field, Type

INVOICE_STATES = ("draft", "open", "paid", "void")

ENTITY = Entity(
    name="invoice",
    title="Invoice",
    description="A bill to a customer. Accounting owns it; overdue is derived, never stored.",
    prefix="inv",
    owner=prefer("accounting", "payments", "scheduling", "files"),
    keys=(("number",),),
    fields=(
        Field("number", description="The number printed on it."),
        Field("customer", ref="customer", description="Who pays."),
        Field("job", ref="job", description="What it is for.", owner=prefer("scheduling", "accounting")),
        Field("status", description="How far it is.", one_of=INVOICE_STATES),
        Field("issued_on", Type.DATE, description="Date of the bill."),
        Field("due_on", Type.DATE, description="Day by which it is to be paid."),
        Field("currency", description="ISO 4217."),
        Field("subtotal", Type.MONEY, description="Sum of the lines before tax.", group="totals"),
        Field("tax", Type.MONEY, description="Sales tax.", group="totals"),
        Field("total", Type.MONEY, description="What the customer is asked for.", group="totals"),
        Field("balance", Type.MONEY, description="What is still open.", owner=only("accounting")),
        Field("pay_url", description="Where it can be paid online.", owner=only("payments")),
        Field("memo", description="Note on the bill."),
        Field("booked_as", description="Its id in the books, once it stands there.", owner=only("accounting")),
        Field(
            "posted",
            Type.FLAG,
            description="Whether who made it has closed it for the books.",
            owner=only("scheduling"),
        ),
        Field("lines", Type.LINES, description="Lines: item, description, quantity, unit_price, amount."),
        Field("job_customer", via="job.customer", description="Who ordered the job that it is for."),
    ),
)
