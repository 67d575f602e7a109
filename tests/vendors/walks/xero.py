"""The organisation's books, by the vendor's own client."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import httpx
import pytest

from sandbox.xero import TWIN
from tests.vendors.listening import Sandbox

TENANT = TWIN.credentials["tenant_id"]


@contextmanager
def client_of(address: str) -> Iterator[tuple[Any, Any, Any]]:
    """The vendor's client of the books and of the connections, pointed at a served twin, and its models."""
    reason = "the vendor's client package is not installed"
    package = pytest.importorskip("xero_python.accounting", reason=reason)
    core = pytest.importorskip("xero_python.api_client", reason=reason)
    from xero_python.api_client.configuration import Configuration
    from xero_python.api_client.oauth2 import OAuth2Token
    from xero_python.identity import IdentityApi

    token = {"access_token": TWIN.credentials["access_token"], "token_type": "Bearer", "expires_in": 1800,
             "refresh_token": TWIN.credentials["refresh_token"], "expires_at": 4102444800.0,
             "scope": "offline_access"}  # fmt: skip
    asked = OAuth2Token(client_id=TWIN.credentials["client_id"], client_secret=TWIN.credentials["client_secret"])
    carrier = core.ApiClient(
        Configuration(oauth2_token=asked), oauth2_token_saver=lambda _: None, oauth2_token_getter=lambda: token
    )
    base = f"{address}/{TWIN.name}"
    try:
        yield (
            package.AccountingApi(carrier, base_url=f"{base}/api.xro/2.0"),
            IdentityApi(carrier, base_url=base),
            package,
        )
    finally:
        carrier.rest_client.pool_manager.clear()


def walk(sandbox: Sandbox) -> None:
    """Every call: contacts, the price book, invoices through their states, payments, credit notes, and the way out."""
    with client_of(sandbox.address) as (books, identity, models):
        _lists(books)
        person = _contacts(books, models)
        _items(books, models)
        _invoices(books, models, person)
        _credits(books, models, person)
        (connection,) = identity.get_connections()
        assert connection.tenant_id == TENANT
        identity.delete_connection(connection.id)
    with httpx.Client(base_url=f"{sandbox.address}/{TWIN.name}") as http:
        _tokens(http)


def _lists(books: Any) -> None:
    since = datetime(2023, 1, 1)  # noqa: DTZ001 - UTC, as the client sends it
    found = books.get_contacts(TENANT, page=1, page_size=5, order="Name ASC", if_modified_since=since)
    assert len(found.contacts) == 5
    assert found.pagination.item_count > 5
    assert books.get_invoices(TENANT, page=1, where='Status=="AUTHORISED"').invoices[0].line_items
    assert not books.get_invoices(TENANT, statuses=["PAID"]).invoices[0].line_items
    assert books.get_payments(TENANT, page=1).payments[0].invoice.contact.name
    assert books.get_accounts(TENANT, where='Type=="BANK"').accounts[0].code == "090"
    assert sum(one.effective_rate for one in books.get_tax_rates(TENANT).tax_rates) == 8.25
    assert books.get_organisations(TENANT).organisations[0].base_currency


def _contacts(books: Any, models: Any) -> Any:
    one = models.Contact(name="Walk Plumbing", contact_number="walk-1", email_address="w@walk.example")
    (made,) = books.create_contacts(TENANT, models.Contacts(contacts=[one]), idempotency_key="walk-contact").contacts
    (same,) = books.create_contacts(TENANT, models.Contacts(contacts=[one]), idempotency_key="walk-contact").contacts
    assert same.contact_id == made.contact_id
    phone = models.Phone(phone_type="DEFAULT", phone_number="5550100", phone_area_code="512")
    changed = models.Contacts(contacts=[models.Contact(contact_number="walk-1", phones=[phone])])
    (again,) = books.update_or_create_contacts(TENANT, changed).contacts
    assert again.contact_id == made.contact_id
    books.update_contact(TENANT, made.contact_id, models.Contacts(contacts=[models.Contact(first_name="Will")]))
    assert books.get_contact_by_contact_number(TENANT, "walk-1").contacts[0].first_name == "Will"
    return books.get_contact(TENANT, made.contact_id).contacts[0]


def _items(books: Any, models: Any) -> None:
    one = models.Item(code="WALK", name="Walk", sales_details=models.Purchase(unit_price=10, account_code="200"))
    (made,) = books.create_items(TENANT, models.Items(items=[one])).items
    books.update_or_create_items(TENANT, models.Items(items=[models.Item(code="WALK", name="Walked")]))
    books.update_item(TENANT, made.item_id, models.Items(items=[models.Item(code="WALK", description="A walk")]))
    assert books.get_item(TENANT, made.item_id).items[0].name == "Walked"
    books.delete_item(TENANT, made.item_id)
    assert made.item_id not in {one.item_id for one in books.get_items(TENANT).items}


def _invoices(books: Any, models: Any, person: Any) -> None:
    day = date(2026, 3, 2)
    line = models.LineItem(description="Visit", quantity=2, unit_amount=50, account_code="200", tax_type="OUTPUT")
    head = {"type": "ACCREC", "contact": models.Contact(contact_id=person.contact_id), "date": day, "due_date": day,
            "line_amount_types": models.LineAmountTypes.EXCLUSIVE, "line_items": [line]}  # fmt: skip
    one = models.Invoice(invoice_number="WALK-1", status="AUTHORISED", **head)
    (made,) = books.create_invoices(TENANT, models.Invoices(invoices=[one])).invoices
    assert made.total == 108.25
    books.update_or_create_invoices(
        TENANT, models.Invoices(invoices=[models.Invoice(invoice_number="WALK-1", reference="x")])
    )
    books.update_invoice(TENANT, made.invoice_id, models.Invoices(invoices=[models.Invoice(reference="job 1")]))
    books.email_invoice(TENANT, made.invoice_id, models.RequestEmpty())
    note = models.HistoryRecords(history_records=[models.HistoryRecord(details="Called")])
    books.create_invoice_history(TENANT, made.invoice_id, note)
    assert books.get_invoice_history(TENANT, made.invoice_id).history_records[0].details == "Called"
    paying = models.Payment(invoice=models.Invoice(invoice_id=made.invoice_id), account=models.Account(code="090"),
                            date=day, amount=108.25, reference="ch_1")  # fmt: skip
    (paid,) = books.create_payments(TENANT, models.Payments(payments=[paying])).payments
    assert books.get_invoice(TENANT, made.invoice_id).invoices[0].status == "PAID"
    books.delete_payment(TENANT, paid.payment_id, models.PaymentDelete(status="DELETED"))
    assert books.get_payment(TENANT, paid.payment_id).payments[0].status == "DELETED"


def _credits(books: Any, models: Any, person: Any) -> None:
    line = models.LineItem(description="Late", quantity=1, unit_amount=5, account_code="200", tax_type="NONE")
    one = models.CreditNote(
        type="ACCRECCREDIT", contact=models.Contact(contact_id=person.contact_id), line_items=[line]
    )
    (made,) = books.create_credit_notes(TENANT, models.CreditNotes(credit_notes=[one])).credit_notes
    changed = models.CreditNotes(credit_notes=[models.CreditNote(status="AUTHORISED", type="ACCRECCREDIT")])
    books.update_credit_note(TENANT, made.credit_note_id, changed)
    assert books.get_credit_note(TENANT, made.credit_note_id).credit_notes[0].status == "AUTHORISED"
    assert books.get_credit_notes(TENANT, page=1).credit_notes


def _tokens(http: httpx.Client) -> None:
    app = (TWIN.credentials["client_id"], TWIN.credentials["client_secret"])
    form = {"grant_type": "refresh_token", "refresh_token": TWIN.credentials["refresh_token"]}
    told = http.post("/connect/token", data=form, auth=app).json()
    assert told["refresh_token"] != form["refresh_token"]
    assert http.post("/connect/token", data=form | {"refresh_token": "x"}, auth=app).status_code == 400
    signed = {"Authorization": f"Bearer {told['access_token']}"}
    assert http.get("/connections", headers=signed).json() == []
    assert http.delete(f"/connections/{TENANT}", headers=signed).status_code == 404
    assert (
        http.get(
            "/api.xro/2.0/Contacts", headers={"Authorization": "Bearer wrong", "xero-tenant-id": TENANT}
        ).status_code
        == 401
    )
