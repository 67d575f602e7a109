"""The vendor's own Python packages, on loopback, against the twin."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from intuitlib.client import AuthClient
from intuitlib.enums import Scopes
from intuitlib.exceptions import AuthClientError
from quickbooks import QuickBooks
from quickbooks.batch import batch_create
from quickbooks.cdc import change_data_capture
from quickbooks.exceptions import AuthorizationException, ObjectNotFoundException, QuickbooksException
from quickbooks.objects import Customer, Invoice, Item, Payment
from quickbooks.objects.base import Address, EmailAddress, LinkedTxn, Ref
from quickbooks.objects.detailline import SalesItemLine, SalesItemLineDetail
from quickbooks.objects.payment import PaymentLine
from starlette.applications import Starlette
from starlette.routing import Mount

from sandbox.faults import Faults
from sandbox.quickbooks_online import TWIN, auth
from sandbox.serving import listen, serving_app, url
from sandbox.store import Store
from tests.sandbox.quickbooks_online.desk import COMPANY, slow_clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    store: Store
    auth: AuthClient
    qb: QuickBooks


@pytest.fixture
def connection(monkeypatch: pytest.MonkeyPatch) -> Iterator[Connection]:
    """A client that went in with the first refresh token, as an installed application does."""
    store = Store(clock=slow_clock(), faults=Faults())
    TWIN.seed(COMPANY, store)
    app = Starlette(routes=[Mount("/quickbooks_online", routes=list(TWIN.routes(store)))])
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    with contextlib.closing(listen("127.0.0.1", 0)) as bound, serving_app(app, bound):
        base = f"{url(bound)}/quickbooks_online"
        for name in ("api_url_v3", "sandbox_api_url_v3"):
            monkeypatch.setattr(QuickBooks, name, f"{base}/v3")
        with contextlib.closing(signed_in(base)) as client:
            qb = opened(client)
            with contextlib.closing(qb.session):
                yield Connection(store=store, auth=client, qb=qb)


def signed_in(base: str) -> AuthClient:
    return AuthClient(
        auth.CLIENT_ID,
        auth.CLIENT_SECRET,
        "http://127.0.0.1/back",
        environment=f"{base}/.well-known/openid_configuration",
        refresh_token=auth.FIRST_REFRESH_TOKEN,
    )


def opened(client: AuthClient) -> QuickBooks:
    return QuickBooks(
        auth_client=client, refresh_token=auth.FIRST_REFRESH_TOKEN, company_id=auth.REALM_ID, minorversion=75
    )


def invoice_of(customer: Any, amount: int, number: str) -> Invoice:
    line = SalesItemLine()
    line.Amount = amount
    line.SalesItemLineDetail = SalesItemLineDetail()
    line.SalesItemLineDetail.ItemRef = Ref()
    line.SalesItemLineDetail.ItemRef.value = "1"
    line.SalesItemLineDetail.Qty, line.SalesItemLineDetail.UnitPrice = 1, amount
    made = Invoice()
    made.CustomerRef, made.DocNumber, made.Line = customer.to_ref(), number, [line]
    return made


def test_customers_are_listed_filtered_counted_made_and_edited(connection: Connection) -> None:
    qb = connection.qb
    assert [c.DisplayName for c in Customer.all(qb=qb)] == ["Ann Lee", "Ann Lee (2)", "Neil Cooling Inc"]
    assert Customer.filter(FamilyName="O'Neil", qb=qb)[0].CompanyName == "Neil Cooling Inc"
    assert Customer.count("Balance > '0'", qb=qb) == 2
    assert [c.Id for c in Customer.choose(["1", "3"], field="Id", qb=qb)] == ["1", "3"]
    made = Customer()
    made.DisplayName, made.GivenName = "Zed's Shop", "Zed"
    made.PrimaryEmailAddr, made.BillAddr = EmailAddress(), Address()
    made.PrimaryEmailAddr.Address, made.BillAddr.Line1 = "zed@example.com", "1 First St"
    saved = made.save(qb=qb, request_id="zed-1")
    assert made.save(qb=qb, request_id="zed-1").Id == saved.Id
    saved.Notes = "ring twice"
    assert saved.save(qb=qb).SyncToken == "1"
    assert Customer.get(saved.Id, qb=qb).Notes == "ring twice"


def test_an_invoice_is_made_paid_sent_voided_and_deleted(connection: Connection) -> None:
    qb = connection.qb
    invoice = invoice_of(Customer.get(1, qb=qb), 80, "SDK-1").save(qb=qb)
    payment = Payment()
    payment.CustomerRef, payment.TotalAmt = invoice.CustomerRef, 80
    line = PaymentLine()
    line.Amount, link = 80, LinkedTxn()
    link.TxnId, link.TxnType = invoice.Id, "Invoice"
    line.LinkedTxn = [link]
    payment.Line = [line]
    paid = payment.save(qb=qb)
    assert Invoice.get(invoice.Id, qb=qb).Balance == 0
    assert invoice.send(qb=qb, send_to="who@example.com")["Invoice"]["EmailStatus"] == "EmailSent"
    assert paid.void(qb=qb)["Payment"]["TotalAmt"] == 0
    again = Invoice.get(invoice.Id, qb=qb)
    assert again.Balance == 80
    assert again.delete(qb=qb)["Invoice"]["status"] == "Deleted"
    with pytest.raises(ObjectNotFoundException):
        Invoice.get(invoice.Id, qb=qb)


def test_an_invoice_read_is_saved_back_and_voided(connection: Connection) -> None:
    invoice = Invoice.filter(DocNumber="J-2", qb=connection.qb)[0]
    saved = invoice.save(qb=connection.qb)
    assert (saved.SyncToken, saved.TotalAmt, saved.Balance) == ("1", 216.5, 166.25)
    assert saved.void(qb=connection.qb)["Invoice"]["TotalAmt"] == 0


def test_changes_and_batches(connection: Connection) -> None:
    qb = connection.qb
    news = []
    for name in ("One", "Two", "Ann Lee"):
        customer = Customer()
        customer.DisplayName = name
        news.append(customer)
    answer = batch_create(news, qb=qb)
    assert [c.DisplayName for c in answer.successes] == ["One", "Two"]
    assert answer.faults[0].Error[0].code == "6240"
    found = change_data_capture([Customer, Item], "2026-03-11T08:00:00-07:00", qb=qb)
    assert [c.DisplayName for c in found.Customer] == ["One", "Two"]


def test_the_clients_errors(connection: Connection) -> None:
    stale = Customer.get(1, qb=connection.qb)
    Customer.get(1, qb=connection.qb).save(qb=connection.qb)
    with pytest.raises(QuickbooksException, match="Stale Object Error"):
        stale.save(qb=connection.qb)
    connection.auth.revoke()
    with pytest.raises(AuthorizationException):
        Customer.all(qb=connection.qb)
    with pytest.raises(AuthClientError):
        connection.auth.refresh()


def test_the_way_in_through_consent(connection: Connection) -> None:
    client = connection.auth
    asked = client.get_authorization_url([Scopes.ACCOUNTING], state_token="s")
    back = client.get(asked, allow_redirects=False).headers["location"]
    code = back.partition("code=")[2].partition("&")[0]
    client.get_bearer_token(code, realm_id=auth.REALM_ID)
    assert client.refresh_token != auth.FIRST_REFRESH_TOKEN
    assert client.expires_in == 3600
