"""Stripe, payments: customers, invoices or links to pay them by, charges with refunds, and payouts down to the cent.

``dialect`` speaks to it, ``reading`` follows its events, ``maps`` says what records mean, ``customers``, ``invoices``
and ``payment_links`` write, ``hooks`` checks what it sends by itself. In all it is longer than one page because five
maps fill one alone, nothing there can be asked for by when it changed, and an invoice is made in steps and then stands
for good. Facts of the vendor come from its fact sheet (facts.md), named by section.
"""

from __future__ import annotations

from connectors.parties import NAMES
from connectors.spec import Account, Api, Bearer, Connector, Limit, Quota, Resource, Setting, Write
from connectors.stripe import customers, invoices, payment_links, reading
from connectors.stripe.dialect import VERSION, ask, judge
from connectors.stripe.hooks import HOOKS
from connectors.stripe.maps import MAPS


def account(api: Api) -> Account:
    """The account that the key belongs to; a key of the test mode sees another world (Base URL, auth)."""
    told = ask(api, "/v1/account")
    shown = (told.get("settings") or {}).get("dashboard") or {}
    test = any("_test_" in value for value in api.credentials.values())
    return Account(
        id=told["id"],
        name=shown.get("display_name") or told["id"],
        environment="test" if test else "production",
        time_zone=shown.get("timezone"),
    )


BY_INVOICE, BY_LINK = {"bill_by": "invoices"}, {"bill_by": "payment_links"}
CONNECTOR = Connector(
    name="stripe",
    title="Stripe",
    roles=("payments",),
    docs="https://docs.stripe.com/api",
    base_url="https://api.stripe.com",
    auth=Bearer(),
    # What an account of the test mode may and any single endpoint (Rate limits).
    quota=Quota(limits=(Limit(calls=25, seconds=1), Limit(calls=20, seconds=1, only="/search$")), concurrency=4),
    headers={"Stripe-Version": VERSION},
    credentials=(Setting(name="token", description="Secret or restricted key of the account.", required=True),),
    settings=(
        Setting(
            name="bill_by", default="invoices",
            description="What a bill is here: one of the `invoices`, or of the `payment_links` for a bill elsewhere.",
        ),
    ),
    resources=(
        Resource(
            name="customers", read=reading.reader("customers", reading.customers, reading.customer), id="id",
            deletes="event", description="Who pays here. Neither name nor e-mail address is unique.",
        ),
        Resource(
            name="invoices", read=reading.reader("invoices", reading.invoices, reading.invoice), id="id",
            deletes="event", description="Invoices with all their lines. Only drafts are ever deleted.",
            when=BY_INVOICE,
        ),
        Resource(
            name="payment_links", read=reading.reader("payment_links", reading.links, reading.link), id="id",
            deletes="flag", description="Pages on which one bill can be paid; those that we made are read.",
            when=BY_LINK,
        ),
        Resource(
            name="charges", read=reading.reader("charges", reading.charges, reading.charge), id="id", deletes="none",
            description="Payments, each with intent, refunds, balance, and what invoices got of it.",
        ),
        Resource(
            name="payouts", read=reading.reader("payouts", reading.payouts, reading.payout), id="id", deletes="none",
            description="Money sent to the bank, each with the payments, fees and refunds that it is made of.",
        ),
    ),
    maps=MAPS,
    writes=(
        Write(
            entity="customer", resource="customers", create=customers.create, update=customers.update,
            fetch=customers.fetch, find=customers.find, identity="key", extra=NAMES,
        ),
        Write(
            entity="invoice", resource="invoices", create=invoices.create, update=invoices.update,
            delete=invoices.remove, fetch=invoices.fetch, find=invoices.find, identity="key",
            extra=("lines", "tax", "status", "issued_on", "due_on"), voids=True, when=BY_INVOICE,
        ),
        Write(
            entity="invoice", resource="payment_links", create=payment_links.create, update=payment_links.update,
            delete=payment_links.remove, fetch=payment_links.fetch, find=payment_links.find, identity="key",
            extra=("status", "total", "balance"), voids=True, when=BY_LINK,
        ),
    ),
    judge=judge,
    account=account,
    hooks=HOOKS,
)  # fmt: skip
