from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.jobber.conftest import Api

ERRORS = "userErrors { message path }"
SHOWN = """id invoiceNumber subject message invoiceStatus issuedDate dueDate invoiceNet updatedAt taxCalculationMethod
  amounts { subtotal taxAmount total invoiceBalance } client { name } taxRate { tax } salesperson { name { first } }
  jobs(first: 3) { nodes { jobNumber invoicedTotal } } visits(first: 3) { nodes { title invoice { invoiceNumber } } }
  properties(first: 3) { nodes { id } } billingAddress { street }
  lineItems(first: 5) { nodes { name category quantity unitPrice totalPrice taxable date } }"""
CREATE = f"mutation($in: InvoiceCreateInput!) {{ invoiceCreate(input: $in) {{ invoice {{ {SHOWN} }} {ERRORS} }} }}"
EDIT = f"""mutation($id: EncodedId!, $in: InvoiceEditInput!) {{
  invoiceEdit(invoiceId: $id, input: $in) {{ invoice {{ {SHOWN} }} {ERRORS} }} }}"""
SENT = f"mutation($id: EncodedId!) {{ invoiceMarkAsSent(id: $id) {{ invoice {{ {SHOWN} }} {ERRORS} }} }}"


def line(name: str, cost: float, **known: Any) -> dict[str, Any]:
    return {"name": name, "category": "SERVICE", "cost": cost, **known}


def given(api: Api, **known: Any) -> dict[str, Any]:
    basis = {"clientId": api.first("clients", firstName="Ann")["id"], "dueDetails": {"invoiceNet": 30}}
    tax = {"taxCalculationMethod": "EXCLUSIVE"}
    return {"in": {**basis, "tax": tax, "lineItems": [line("Labor", 100.0, quantity=4)], **known}}


def create(api: Api, **known: Any) -> dict[str, Any]:
    invoice: dict[str, Any] = api.do(CREATE, **given(api, **known))["invoice"]
    return invoice


def test_an_invoice_is_a_draft_with_the_next_number_and_lines_by_their_total(api: Api) -> None:
    invoice = create(api, issuedDate="2026-07-06T05:00:00Z")
    assert (invoice["invoiceNumber"], invoice["invoiceStatus"], invoice["client"]) == (
        "1005",
        "draft",
        {"name": "Ann Lee"},
    )
    assert (invoice["issuedDate"], invoice["dueDate"]) == ("2026-07-06T05:00:00Z", "2026-08-05T05:00:00Z")
    (labor,) = invoice["lineItems"]["nodes"]
    assert (labor["quantity"], labor["unitPrice"], labor["totalPrice"]) == (4.0, 25.0, 100.0)
    assert invoice["amounts"] == {"subtotal": 100.0, "taxAmount": 0.0, "total": 100.0, "invoiceBalance": 100.0}
    assert invoice["billingAddress"] == {"street": "12 Oak Street, Unit 4"}


def test_an_invoice_for_work_done_is_linked_taxed_and_sent(api: Api) -> None:
    job, visit = api.first("jobs", jobNumber=102), api.first("visits", title="Visit v3")
    rate = api.ask("{ taxRates { nodes { id } } }")["taxRates"]["nodes"][0]["id"]
    lines = [line("Pump", 150.0), line("Gift", 10.0, taxable=False)]
    invoice = create(
        api, jobIds=[job["id"]], jobId=job["id"], visitIds=[visit["id"]], markSent=True, invoiceNumber="A-1",
        tax={"taxRateId": rate, "taxCalculationMethod": "EXCLUSIVE"}, lineItems=lines, subject="Work",
    )  # fmt: skip
    assert (invoice["invoiceNumber"], invoice["invoiceStatus"], invoice["subject"]) == (
        "A-1",
        "awaiting_payment",
        "Work",
    )
    assert invoice["amounts"] == {"subtotal": 160.0, "taxAmount": 12.38, "total": 172.38, "invoiceBalance": 172.38}
    assert invoice["jobs"]["nodes"] == [{"jobNumber": 102, "invoicedTotal": 260.0}]
    assert invoice["visits"]["nodes"] == [{"title": "Visit v3", "invoice": {"invoiceNumber": "A-1"}}]
    assert invoice["properties"]["nodes"] == [{"id": job["property"]["id"]}]
    done = api.ask("query($id: EncodedId!) { job(id: $id) { jobStatus uninvoicedTotal } }", id=job["id"])["job"]
    assert done == {"jobStatus": "archived", "uninvoicedTotal": 0.0}


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"clientId": "MQ=="}, ["input", "clientId"]),
        ({"jobIds": ["MQ=="]}, ["input", "jobIds"]),
        ({"visitIds": ["MQ=="]}, ["input", "visitIds"]),
        ({"propertyId": "MQ=="}, ["input", "propertyId"]),
        ({"tax": {"taxRateId": "MQ==", "taxCalculationMethod": "EXCLUSIVE"}}, ["input", "tax", "taxRateId"]),
    ],
)
def test_what_is_not_there_is_a_user_error_and_leaves_nothing(api: Api, wrong: dict[str, Any], path: list[str]) -> None:
    payload = api.ask(CREATE, **given(api, **wrong))["invoiceCreate"]
    assert (payload["invoice"], payload["userErrors"][0]["path"]) == (None, path)
    assert len(api.store.all("invoices")) == 4


def test_an_edit_changes_what_is_given(api: Api) -> None:
    invoice, tia = api.first("invoices", invoiceNumber="1002")["id"], api.store.all("users")[0]["id"]
    place = api.first("properties", name="North wing")["id"]
    api.wait(minutes=5)
    given_ = {
        "subject": "New",
        "dueDetails": {"dueDate": "2026-08-01T05:00:00Z"},
        "propertyId": place,
        "salespersonId": tia,
    }
    edited = api.do(EDIT, id=invoice, **{"in": given_})["invoice"]
    assert (edited["subject"], edited["invoiceNumber"], edited["updatedAt"]) == ("New", "1002", "2026-07-06T15:05:00Z")
    assert (edited["dueDate"], edited["issuedDate"]) == ("2026-08-01T05:00:00Z", "2026-06-20T05:00:00Z")
    assert edited["invoiceStatus"] == "awaiting_payment"
    assert edited["amounts"]["taxAmount"] == 8.25
    later = api.do(EDIT, id=invoice, **{"in": {"issuedDate": "2026-07-01T05:00:00Z"}})["invoice"]
    assert (later["issuedDate"], later["dueDate"]) == ("2026-07-01T05:00:00Z", "2026-08-01T05:00:00Z")


def test_marking_a_draft_as_sent_makes_it_due_once(api: Api) -> None:
    draft = api.first("invoices", invoiceNumber="1003")["id"]
    assert api.do(SENT, id=draft)["invoice"]["invoiceStatus"] == "past_due"
    api.wait(hours=1)
    assert api.do(SENT, id=draft)["invoice"]["updatedAt"] == "2026-07-06T15:00:00Z"
