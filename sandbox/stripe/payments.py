"""Money: payment intents, charges, refunds, what invoices they paid, and the balance they leave.

Source: facts sheet "Streams", "Writes", "Status".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.store import Store
from sandbox.stripe import customers, forms, invoices
from sandbox.stripe.dialect import bad, missing, new_id, now
from sandbox.stripe.ledger import happened, keep
from sandbox.twin import Record

SETTLED = "settled"  # collection: balance transaction -> the payout it went into; no member of the transaction says so
INTENT = frozenset(
    {"amount", "currency", "customer", "description", "metadata", "automatic_payment_methods", "receipt_email"}
    | {"payment_method_types", "capture_method", "expand"}
)
REFUND = frozenset({"charge", "payment_intent", "amount", "reason", "metadata", "expand"})
METHODS: Mapping[str, Record] = {
    "card": {"type": "card", "card": {"brand": "visa", "last4": "4242"}},
    "us_bank_account": {"type": "us_bank_account", "us_bank_account": {"last4": "6789", "bank_name": "TEST BANK"}},
}


def fee_of(amount: int, method: str) -> int:
    """What Stripe keeps of a payment: 2.9 % and 30 cents of a card, 0.8 % and at most 5 dollars of a bank account."""
    return round(amount * 0.029) + 30 if method == "card" else min(round(amount * 0.008), 500)


def create_intent(store: Store, given: Mapping[str, Any]) -> Record:
    """POST /v1/payment_intents."""
    amount = forms.whole({"amount": forms.needed(given, "amount")}, "amount") or 0
    if amount < 1:
        raise bad("Invalid positive integer", "parameter_invalid_integer", "amount")
    if "customer" in given:
        customers.living(store, given["customer"], status=400)
    record = intent(new_id(store, "payment_intents"), now(store), amount, str(forms.needed(given, "currency")).lower())
    record |= {"customer": given.get("customer"), "description": forms.text(given, "description", 1000)}
    record["metadata"] = forms.metadata(given, {})
    return keep(store, "payment_intents", record, "payment_intent.created")


def intent(id: str, created: int, amount: int, currency: str) -> Record:
    """An intent that waits for a way to pay."""
    return {
        "id": id, "object": "payment_intent", "amount": amount, "amount_capturable": 0, "amount_received": 0,
        "canceled_at": None, "cancellation_reason": None, "capture_method": "automatic",
        "client_secret": f"{id}_secret_{id[-8:]}", "confirmation_method": "automatic", "created": created,
        "currency": currency, "customer": None, "description": None, "last_payment_error": None,
        "latest_charge": None, "livemode": False, "metadata": {}, "payment_method": None,
        "payment_method_types": ["card", "us_bank_account"], "receipt_email": None,
        "status": "requires_payment_method", "transfer_group": None,
    }  # fmt: skip


def update_intent(store: Store, id: str, given: Mapping[str, Any]) -> Record:
    """POST /v1/payment_intents/{id}."""
    record = found(store, "payment_intents", id, "intent")
    record["description"] = forms.text(given, "description", 1000, record["description"])
    record["metadata"] = forms.metadata(given, record["metadata"])
    return keep(store, "payment_intents", record)


def cancel_intent(store: Store, id: str) -> Record:
    """POST .../cancel: of one that did not succeed."""
    record = found(store, "payment_intents", id, "intent")
    if record["status"] in ("succeeded", "canceled"):
        raise bad(f"You cannot cancel this PaymentIntent because it has a status of {record['status']}.",
                  "payment_intent_unexpected_state", None)  # fmt: skip
    record |= {"status": "canceled", "canceled_at": now(store)}
    return keep(store, "payment_intents", record, "payment_intent.canceled")


def found(store: Store, collection: str, id: str, param: str) -> Record:
    """A record by id."""
    record = store.get(collection, id)
    if record is None:
        raise missing(collection, id, param)
    return record


def take(store: Store, *, customer: str, amount: int, at: int, method: str = "card", note: str | None = None) -> Record:
    """A payment that succeeds: intent, charge, and what it leaves in the balance. The charge."""
    asked = intent(new_id(store, "payment_intents"), at, amount, "usd")
    charge, booked = new_id(store, "charges"), new_id(store, "balance_transactions")
    asked |= {"customer": customer, "description": note, "amount_received": amount, "status": "succeeded"}
    store.put("payment_intents", asked["id"], asked | {"latest_charge": charge})
    book(store, booked, at, amount=amount, fee=fee_of(amount, method), kind="charge", source=charge)
    record = _charge(charge, booked, asked, method)
    store.put("charges", charge, record)
    return record


def _charge(id: str, booked: str, asked: Record, method: str) -> Record:
    billing = {"name": None, "email": None, "phone": None, "address": None}
    return {
        "id": id, "object": "charge", "amount": asked["amount"], "amount_captured": asked["amount"],
        "amount_refunded": 0, "balance_transaction": booked, "billing_details": billing, "captured": True,
        "created": asked["created"], "currency": asked["currency"], "customer": asked["customer"],
        "description": asked["description"], "disputed": False, "failure_code": None, "failure_message": None,
        "livemode": False, "metadata": {}, "paid": True, "payment_intent": asked["id"], "refunded": False,
        "payment_method_details": METHODS[method], "receipt_url": f"https://pay.stripe.com/receipts/{id}",
        "status": "succeeded", "transfer_group": None,
    }  # fmt: skip


def book(store: Store, id: str, at: int, *, amount: int, fee: int, kind: str, source: str) -> Record:
    """A line of the balance: ``net`` is the amount less the fee."""
    details = [{"amount": fee, "application": None, "currency": "usd", "description": "Stripe processing fees",
                "type": "stripe_fee"}] if fee else []  # fmt: skip
    record = {
        "id": id, "object": "balance_transaction", "amount": amount, "available_on": at + 2 * 86_400,
        "balance_type": "payments", "created": at, "currency": "usd", "description": None, "exchange_rate": None,
        "fee": fee, "fee_details": details, "net": amount - fee, "reporting_category": kind, "source": source,
        "status": "available", "type": kind,
    }  # fmt: skip
    return store.put("balance_transactions", id, record)


def allocate(store: Store, charge: Record, invoice: str, amount: int, at: int) -> Record:
    """What an invoice got of a payment."""
    paid_by = {"type": "payment_intent", "payment_intent": charge["payment_intent"]}
    record: Record = {
        "id": new_id(store, "invoice_payments"), "object": "invoice_payment", "amount_paid": amount,
        "amount_requested": amount, "created": at, "currency": "usd", "invoice": invoice, "is_default": True,
        "livemode": False, "payment": paid_by, "status": "paid",
        "status_transitions": {"paid_at": at, "canceled_at": None},
    }  # fmt: skip
    return store.put("invoice_payments", record["id"], record)


def pay(store: Store, id: str, given: Mapping[str, Any]) -> Record:
    """POST /v1/invoices/{id}/pay: with a card of the test kind, or out of band."""
    invoice = invoices.existing(store, id)
    if invoice["status"] == "draft":
        invoice = invoices.finalize(store, id)
    if invoice["status"] not in ("open", "uncollectible"):
        raise bad(f"Invoice is already {invoice['status']}", "invoice_not_editable", None)
    left = invoice["amount_remaining"]
    if forms.truth(given, "paid_out_of_band"):
        return invoices.paid(store, invoice | {"amount_paid_off_stripe": left}, left)
    charge = take(store, customer=invoice["customer"], amount=left, at=now(store))
    booked = allocate(store, charge, id, left, now(store))
    tell(store, charge)
    happened(store, "invoice_payment.paid", booked)
    return invoices.paid(store, invoice, left)


def tell(store: Store, charge: Record) -> None:
    """The events of a payment that succeeded."""
    happened(store, "payment_intent.succeeded", store.get("payment_intents", charge["payment_intent"]) or {})
    happened(store, "charge.succeeded", charge)


def refund(store: Store, given: Mapping[str, Any]) -> Record:
    """POST /v1/refunds: of a charge or of an intent's."""
    if "payment_intent" in given:
        charge_id = found(store, "payment_intents", given["payment_intent"], "payment_intent")["latest_charge"]
    else:
        charge_id = forms.needed(given, "charge")
    charge = found(store, "charges", str(charge_id), "charge")
    left = charge["amount"] - charge["amount_refunded"]
    amount = forms.whole(given, "amount", left) or 0
    if not 1 <= amount <= left:
        raise bad(
            f"Refund amount is greater than unrefunded amount on charge ({left})", "charge_already_refunded", None
        )
    return give_back(store, charge, amount, now(store), told=True) | {"metadata": forms.metadata(given, {})}


def give_back(store: Store, charge: Record, amount: int, at: int, *, told: bool) -> Record:
    """Money sent back, and the line that it leaves in the balance; the fee is not given back."""
    id = new_id(store, "refunds")
    booked = book(store, new_id(store, "balance_transactions"), at, amount=-amount, fee=0, kind="refund", source=id)
    record = {
        "id": id, "object": "refund", "amount": amount, "balance_transaction": booked["id"], "charge": charge["id"],
        "created": at, "currency": charge["currency"], "metadata": {}, "payment_intent": charge["payment_intent"],
        "reason": "requested_by_customer", "status": "succeeded",
    }  # fmt: skip
    whole = charge["amount_refunded"] + amount
    changed = charge | {"amount_refunded": whole, "refunded": whole == charge["amount"]}
    store.put("refunds", id, record)
    keep(store, "charges", changed, *(["charge.refunded"] if told else []))
    if told:
        happened(store, "refund.created", record)
    return record
