"""Payout: money that a processor sent to the bank, as the processor says it and as the books booked it."""

from models.ownership import prefer
from models.schema import Entity, Field, Type

PAYOUT_STATES = ("pending", "paid", "failed", "canceled")

ENTITY = Entity(
    name="payout",
    title="Payout",
    description="Money that a processor sent to the bank. The deposit in the books is the same thing, no income.",
    prefix="pyo",
    owner=prefer("payments", "accounting", "files"),
    keys=(("reference",), ("arrived_on", "amount")),
    fields=(
        Field("reference", description="The processor's id, or what the bank statement says."),
        Field("arrived_on", Type.DATE, description="Day on which it reached the bank."),
        Field("amount", Type.MONEY, description="What reached the bank.", required=True),
        Field("currency", description="ISO 4217."),
        Field("status", description="How far it is.", one_of=PAYOUT_STATES),
        Field(
            "lines",
            Type.LINES,
            description="What it is made of: kind (payment, fee, refund, adjustment), payment (source id), amount; "
            "what lowers the payout is negative.",
        ),
    ),
)
