"""The payments, by the vendor's own client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import requests

from sandbox.stripe import TWIN
from tests.vendors.listening import Sandbox

SELLS = {"price_data": {"currency": "usd", "unit_amount": 4900, "product_data": {"name": "Filter"}}, "quantity": 2}
ITEM = {"currency": "usd", "description": "Visit", "quantity_decimal": "1.5", "unit_amount_decimal": "1999"}
TAX = {"amount": 247, "taxable_amount": 2999,
       "tax_rate_data": {"display_name": "Sales tax", "inclusive": False, "percentage": 8.25}}  # fmt: skip
PLAIN = ("events", "balance_transactions", "invoice_payments", "payouts", "charges", "refunds")


@contextmanager
def client_of(address: str) -> Iterator[Any]:
    """The vendor's client, pointed at a served twin; its connections are closed behind it."""
    package = pytest.importorskip("stripe", reason="the vendor's client package is not installed")
    with requests.Session() as session:
        carrier = package.RequestsClient(session=session)
        base = {"api": f"{address}/{TWIN.name}"}
        yield package.StripeClient(TWIN.credentials["token"], base_addresses=base, http_client=carrier)


def walk(sandbox: Sandbox) -> None:
    """Every call: customers, invoices through their states, money, links, webhooks, lists and searches."""
    with client_of(sandbox.address) as client:
        _all(sandbox, client.v1)


def _all(sandbox: Sandbox, api: Any) -> None:
    person = api.customers.create({"name": "Ann Walker", "email": "ann@walk.example.com", "metadata": {"k": "1"}})
    api.customers.update(person.id, {"address": {"city": "Waco"}})
    assert api.customers.retrieve(person.id).address.city == "Waco"
    _invoices(api, person.id)
    _money(api, person.id)
    _catalog(api)
    _lists(sandbox, api)
    api.customers.delete(person.id)
    assert api.customers.retrieve(person.id).deleted
    assert api.accounts.retrieve_current().id.startswith("acct_")


def _draft(api: Any, customer: str) -> Any:
    due = {"collection_method": "send_invoice", "days_until_due": 30}
    draft = api.invoices.create({"customer": customer, "auto_advance": False, **due})
    api.invoice_items.create({"customer": customer, "invoice": draft.id, **ITEM})
    return draft


def _invoices(api: Any, customer: str) -> None:
    one = _draft(api, customer)
    (line,) = api.invoices.line_items.list(one.id).data
    api.invoices.line_items.update(one.id, line.id, {"tax_amounts": [TAX]})
    api.invoices.update(one.id, {"description": "Thank you"})
    assert api.invoices.finalize_invoice(one.id).total == 2999 + 247
    assert api.invoices.send_invoice(one.id).status == "open"
    assert api.invoices.pay(one.id).status == "paid"
    two, three, four = (_draft(api, customer) for _ in range(3))
    api.invoices.finalize_invoice(two.id)
    assert api.invoices.void_invoice(two.id).status == "void"
    api.invoices.finalize_invoice(three.id)
    assert api.invoices.mark_uncollectible(three.id).status == "uncollectible"
    item = api.invoice_items.list({"invoice": four.id}).data[0]
    assert api.invoice_items.retrieve(item.id).amount == 2999
    api.invoice_items.delete(item.id)
    api.invoices.delete(four.id)
    assert api.invoices.retrieve(one.id, {"expand": ["payments", "customer"]}).payments.data


def _money(api: Any, customer: str) -> None:
    asked = api.payment_intents.create({"amount": 1099, "currency": "usd", "customer": customer})
    api.payment_intents.update(asked.id, {"description": "a visit"})
    assert api.payment_intents.cancel(asked.id).status == "canceled"
    paid = api.charges.list({"limit": 1, "expand": ["data.balance_transaction"]}).data[0]
    api.refunds.create({"charge": paid.id, "amount": 100})
    assert api.charges.retrieve(paid.id, {"expand": ["refunds"]}).amount_refunded == 100


def _catalog(api: Any) -> None:
    product = api.products.create({"name": "Filter"})
    price = api.prices.create({"product": product.id, "unit_amount": 4900, "currency": "usd"})
    link = api.payment_links.create({"line_items": [SELLS, {"price": price.id, "quantity": 1}]})
    assert [one.amount_total for one in api.payment_links.line_items.list(link.id).data] == [9800, 4900]
    assert api.payment_links.update(link.id, {"active": False, "metadata": {"k": "1"}}).metadata["k"] == "1"
    once = {"line_items": [SELLS], "restrictions": {"completed_sessions": {"limit": 1}}, "expand": ["line_items"]}
    assert api.payment_links.create(once).line_items.data[0].amount_total == 9800
    (open_,) = api.payment_links.list({"active": True, "limit": 1, "expand": ["data.line_items"]}).data
    assert (open_.restrictions.completed_sessions.count, open_.line_items.data[0].quantity) == (0, 2)
    hook = api.webhook_endpoints.create({"url": "https://walk.example.com", "enabled_events": ["payout.paid"]})
    assert hook.secret.startswith("whsec_")
    for kind, id in (("products", product.id), ("prices", price.id), ("payment_links", link.id)):
        assert getattr(api, kind).retrieve(id).id == id
        assert getattr(api, kind).list({"limit": 1}).data
    assert api.webhook_endpoints.retrieve(hook.id).id == hook.id
    assert api.webhook_endpoints.list().data
    api.webhook_endpoints.delete(hook.id)


def _lists(sandbox: Sandbox, api: Any) -> None:
    for kind in PLAIN:
        listed = getattr(api, kind).list({"limit": 2, "created": {"gte": 1}}).data
        assert getattr(api, kind).retrieve(listed[0].id).id == listed[0].id
    payout = api.payouts.list({"limit": 1}).data[0]
    assert sum(one.net for one in api.balance_transactions.list({"payout": payout.id, "limit": 100}).data) == 0
    assert len(list(api.customers.list({"limit": 50}).auto_paging_iter())) > 100
    assert api.payment_intents.list({"limit": 1}).data
    assert api.invoices.list({"limit": 1, "status": "open"}).data
    assert api.payment_intents.retrieve(api.payment_intents.list({"limit": 1}).data[0].id)
    assert api.invoices.list({"limit": 1, "starting_after": api.invoices.list({"limit": 1}).data[0].id}).data
    sandbox.estate.clock.advance(timedelta(minutes=2))
    for kind, query in (
        ("customers", "metadata['k']:'1'"), ("invoices", "status:'open' AND created>1"),
        ("charges", "amount:'1099'"), ("payment_intents", "status:'canceled'"),
    ):  # fmt: skip
        assert getattr(api, kind).search({"query": query}).object == "search_result"
