"""The company's Stripe account: who paid by card or bank account, their latest bills, and what reached the bank."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sandbox.company import Company, Customer, Invoice, Payment
from sandbox.store import Store
from sandbox.stripe import customers, invoices, payments
from sandbox.stripe.dialect import cents, new_id, seconds
from sandbox.twin import Record

METHODS = {"card": "card", "ach": "us_bank_account"}
RECENT = timedelta(days=90)
NOON, EVENING = time(12), time(23, 59, 59)
REFUNDED = 40  # every so manieth charge was given back in part
Ids = dict[str, str]


def seed(company: Company, store: Store) -> None:
    """Fill every collection; ids follow from the order of the company."""
    with store.lock:
        paid = sorted((p for p in company.payments if p.method in METHODS), key=lambda p: (p.received_on, p.key))
        people = _seed_customers(company, store, {p.customer for p in paid})
        bills = _seed_invoices(company, store, people, paid)
        _seed_charges(company, store, people, bills, paid)
        _seed_payouts(company, store)


def _seed_customers(company: Company, store: Store, payers: set[str]) -> Ids:
    ids: Ids = {}
    for one in company.customers:
        if one.key in payers:
            ids[one.key] = new_id(store, "customers")
            store.put("customers", ids[one.key], _customer(ids[one.key], one))
    return ids


def _customer(id: str, one: Customer) -> Record:
    """As the payer typed it on the payment page: one name, an address of two lines."""
    truth, record = one.truth, customers.blank(id, seconds(one.created_at))
    person = f"{truth.given_name} {truth.family_name}"
    record |= {"name": truth.company_name or person, "email": truth.email, "phone": truth.phone}
    if truth.company_name:
        record |= {"business_name": truth.company_name, "individual_name": person}
    if truth.address:
        home = truth.address
        record["address"] = {
            "line1": home.street, "line2": home.unit, "city": home.city, "state": home.state,
            "postal_code": home.postal_code, "country": home.country,
        }  # fmt: skip
    return record


def _seed_invoices(company: Company, store: Store, people: Ids, paid: Sequence[Payment]) -> Ids:
    """Bills of the last months to people who pay here, under the numbers that the books gave them."""
    since = company.now.date() - RECENT
    settled: dict[str, int] = {}
    for payment in paid:
        for part in payment.allocations:
            settled[part.invoice] = settled.get(part.invoice, 0) + cents(part.amount)
    ids: Ids = {}
    for one in company.invoices:
        if one.customer in people and one.issued_on >= since and (one.status != "paid" or one.key in settled):
            ids[one.key] = _seed_invoice(company, store, one, people[one.customer], settled.get(one.key, 0))
    return ids


def _seed_invoice(company: Company, store: Store, one: Invoice, customer: str, settled: int) -> str:
    id, at = new_id(store, "invoices"), _at(one.issued_on, NOON, company)
    record = invoices.blank(id, at, store.get("customers", customer) or {}, "usd")
    record |= {"collection_method": "send_invoice", "due_date": _at(one.due_on, EVENING, company)}
    lines = [_line(store, id, line.description, cents(line.amount), line.quantity, at) for line in one.lines]
    if one.tax:
        data = {"display_name": "Sales tax", "inclusive": "false", "percentage": "8.25"}
        given = {
            "amount": str(cents(one.tax)),
            "taxable_amount": str(cents(one.total - one.tax)),
            "tax_rate_data": data,
        }
        lines[0]["taxes"] = [invoices.tax(given)]
    record = invoices.summed(store, record, lines)
    if one.status != "draft":
        record |= {"status": "open", "number": one.number, "effective_at": at}
        page = f"https://invoice.stripe.com/i/{id}"
        record |= {"hosted_invoice_url": page, "invoice_pdf": f"{page}/pdf"}
        record["status_transitions"] |= {"finalized_at": at}
    store.put("invoices", id, _as_it_stands(record, one, settled, at))
    return id


def _as_it_stands(record: Record, one: Invoice, settled: int, at: int) -> Record:
    paid = min(settled, record["total"])
    record |= {"amount_paid": paid, "amount_remaining": record["total"] - paid}
    if one.status == "void":
        return record | {"status": "void", "status_transitions": record["status_transitions"] | {"voided_at": at}}
    if one.status == "paid":
        elsewhere = record["amount_remaining"]
        record |= {"amount_paid": record["total"], "amount_remaining": 0, "amount_paid_off_stripe": elsewhere}
        return record | {"status": "paid", "status_transitions": record["status_transitions"] | {"paid_at": at}}
    return record


def _line(store: Store, invoice: str, text: str, amount: int, quantity: object, at: int) -> Record:
    record = {"id": invoice, "currency": "usd", "customer": ""}
    given = {"description": text, "quantity_decimal": str(quantity)}
    unit = invoices.plain(amount / invoices.exact(given))
    return invoices.item_of(store, record, given | {"unit_amount_decimal": unit}, at)[1] | {"amount": amount}


def _seed_charges(company: Company, store: Store, people: Ids, bills: Ids, paid: Sequence[Payment]) -> None:
    for nth, one in enumerate(paid):
        at = _at(one.received_on, NOON, company) + nth
        charge = payments.take(
            store, customer=people[one.customer], amount=cents(one.amount), at=min(at, seconds(company.now) - 3600),
            method=METHODS[one.method], note=one.reference,
        )  # fmt: skip
        for part in one.allocations:
            if part.invoice in bills:
                payments.allocate(store, charge, bills[part.invoice], cents(part.amount), charge["created"])
        if nth % REFUNDED == REFUNDED - 1:
            payments.give_back(store, charge, charge["amount"] // 4, charge["created"] + 7200, told=False)


def _seed_payouts(company: Company, store: Store) -> None:
    """Each Monday what became available in the week before; of the last days nothing yet."""
    pending: list[Record] = sorted(store.all("balance_transactions"), key=lambda one: (one["created"], one["id"]))
    monday = datetime.combine(date(2025, 1, 6), time(), UTC)
    while pending and monday < company.now:
        week = [one for one in pending if one["available_on"] <= seconds(monday)]
        if week and sum(one["net"] for one in week) > 0:
            _payout(store, week, monday, company.now)
            pending = (
                pending[len(week) :] if pending[: len(week)] == week else [one for one in pending if one not in week]
            )
        monday += timedelta(days=7)


def _payout(store: Store, week: Sequence[Record], monday: datetime, now: datetime) -> None:
    id, amount, at = new_id(store, "payouts"), sum(one["net"] for one in week), seconds(monday)
    arrival = monday + timedelta(days=2)
    booked = payments.book(
        store, new_id(store, "balance_transactions"), at, amount=-amount, fee=0, kind="payout", source=id
    )
    for one in (*week, booked):
        store.put(payments.SETTLED, one["id"], {"payout": id})
    record = {
        "id": id, "object": "payout", "amount": amount, "arrival_date": seconds(arrival), "automatic": True,
        "balance_transaction": booked["id"], "created": at, "currency": "usd", "description": "STRIPE PAYOUT",
        "destination": "ba_1BluebonnetChecking", "failure_code": None, "failure_message": None, "livemode": False,
        "metadata": {}, "method": "standard", "reconciliation_status": "completed", "source_type": "card",
        "statement_descriptor": None, "status": "paid" if arrival <= now else "in_transit", "type": "bank_account",
    }  # fmt: skip
    store.put("payouts", id, record)


def _at(day: date, hour: time, company: Company) -> int:
    return seconds(datetime.combine(day, hour, ZoneInfo(company.time_zone)))
