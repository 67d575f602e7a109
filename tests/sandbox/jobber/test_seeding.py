from __future__ import annotations

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.jobber import TWIN
from sandbox.store import Store
from tests.sandbox.jobber.conftest import NOW, Api, small_company

JOBS = "{ jobs { nodes { jobNumber title instructions jobStatus total invoicedTotal uninvoicedTotal completedAt } } }"


def test_only_customers_of_this_system_are_held_with_their_work(api: Api) -> None:
    counts = {name: len(api.store.all(name)) for name in TWIN.collections}
    assert counts == {
        "clients": 2, "properties": 2, "jobs": 4, "visits": 4, "users": 3, "invoices": 4, "payment_records": 3,
        "products": 1,
    }  # fmt: skip


def test_the_same_company_gives_the_same_records() -> None:
    stores = [Store(clock=Clock(NOW, ticker=lambda: 0.0), faults=Faults()) for _ in range(2)]
    for store in stores:
        TWIN.seed(small_company(), store)
    assert [stores[0].all(name) for name in TWIN.collections] == [stores[1].all(name) for name in TWIN.collections]


def test_a_record_is_stored_under_the_id_that_the_api_uses(api: Api) -> None:
    for name in TWIN.collections:
        assert [id for id, _ in api.store.items(name)] == [record["id"] for record in api.store.all(name)]


def test_clients_are_spelled_as_here(api: Api) -> None:
    query = """{ clients { nodes { name secondaryName firstName companyName isCompany isLead email phone balance
        emails { address description primary } phones { number friendly normalizedPhoneNumber }
        tags(first: 2) { nodes { label } } billingAddressPresent billingAddress { street street1 street2 city }
        clientProperties(first: 2) { nodes { name isBillingAddress address { street coordinates { latitude } } } }
        customFields { __typename ... on CustomFieldText { id label valueText } } jobberWebUri } } }"""
    ann, acme = api.ask(query)["clients"]["nodes"]
    assert (ann["name"], ann["secondaryName"], ann["isLead"], ann["email"]) == ("Ann Lee", None, False, "lee@x.example")
    assert (acme["name"], acme["secondaryName"], acme["isLead"]) == ("Acme Offices", "Cy Ray", True)
    assert ann["phones"][0]["normalizedPhoneNumber"] == "+15125550142"
    assert ann["tags"]["nodes"] == [{"label": "VIP"}]
    assert ann["billingAddress"]["street"] == "12 Oak Street, Unit 4"
    assert ann["clientProperties"]["nodes"][0]["isBillingAddress"] is True
    marker = {"__typename": "CustomFieldText", "id": None, "label": "plumbline_id", "valueText": ""}
    assert ann["customFields"] == [marker]
    assert ann["jobberWebUri"] == "https://secure.getjobber.com/clients/118404001"
    assert ann["balance"] == 108.25 - 8.25 - 10.00


def test_jobs_show_where_they_stand(api: Api) -> None:
    jobs = {job["jobNumber"]: job for job in api.ask(JOBS)["jobs"]["nodes"]}
    assert {number: job["jobStatus"] for number, job in jobs.items()} == {
        101: "today", 102: "requires_invoicing", 103: "unscheduled", 104: "archived",
    }  # fmt: skip
    assert (jobs[102]["total"], jobs[102]["invoicedTotal"], jobs[102]["uninvoicedTotal"]) == (250.0, 100.0, 150.0)
    assert jobs[102]["completedAt"] == "2026-07-03T15:00:00Z"
    assert jobs[104]["completedAt"] is None


def test_visits_have_times_people_and_a_state(api: Api) -> None:
    query = """{ visits { nodes { title startAt endAt duration visitStatus isComplete completedAt completedBy
        isLastScheduledVisit assignedUsers(first: 3) { nodes { name { full } } } job { jobNumber } } } }"""
    today, later, done, open_ = api.ask(query)["visits"]["nodes"]
    assert (today["startAt"], today["duration"], today["visitStatus"]) == ("2026-07-06T17:00:00Z", 120, "TODAY")
    assert (later["visitStatus"], later["isLastScheduledVisit"], today["isLastScheduledVisit"]) == (
        "UPCOMING",
        True,
        False,
    )
    assert (done["visitStatus"], done["completedAt"], done["completedBy"]) == (
        "COMPLETED",
        "2026-07-03T17:00:00Z",
        "Tia Reyes",
    )
    assert (open_["visitStatus"], open_["startAt"], open_["duration"]) == ("UNSCHEDULED", None, None)
    assert today["assignedUsers"]["nodes"] == [{"name": {"full": "Tia Reyes"}}]


def test_invoices_and_their_payments(api: Api) -> None:
    query = """{ invoices { nodes { invoiceNumber invoiceStatus issuedDate dueDate receivedDate
        amounts { subtotal taxAmount total paymentsTotal invoiceBalance } jobs(first: 2) { nodes { jobNumber } }
        paymentRecords(first: 4) { nodes { amount entryDate adjustmentType } }
        lineItems(first: 3) { nodes { name quantity unitPrice totalPrice taxRate { tax } } } } } }"""
    paid, past, draft, void = api.ask(query)["invoices"]["nodes"]
    assert [one["invoiceStatus"] for one in (paid, past, draft, void)] == ["paid", "past_due", "draft", "bad_debt"]
    assert paid["issuedDate"] == "2026-06-20T05:00:00Z"
    assert paid["receivedDate"] == "2026-06-25T05:00:00Z"
    assert paid["jobs"]["nodes"] == [{"jobNumber": 102}]
    sums = {"subtotal": 100.0, "taxAmount": 8.25, "total": 108.25, "paymentsTotal": 18.25, "invoiceBalance": 90.0}
    assert past["amounts"] == sums
    assert paid["lineItems"]["nodes"][0]["taxRate"] == {"tax": 8.25}


def test_payments_are_of_the_kind_that_was_paid(api: Api) -> None:
    query = """{ paymentRecords { nodes { __typename amount paymentType details invoice { invoiceNumber }
        ... on CheckPaymentRecord { checkNumber } ... on BankTransferPaymentRecord { confirmationNumber }
        ... on JobberPaymentsCreditCardPaymentRecord { brand lastDigits transactionId transactionStatus } } } }"""
    check, card, transfer = api.ask(query)["paymentRecords"]["nodes"]
    assert (check["__typename"], check["checkNumber"], check["amount"]) == ("CheckPaymentRecord", "ref-m1", 108.25)
    assert (card["paymentType"], card["transactionStatus"]) == ("JOBBER_PAYMENTS", "SUCCEEDED")
    assert (transfer["paymentType"], transfer["invoice"]) == ("BANK_TRANSFER", {"invoiceNumber": "1002"})


def test_users_and_products(api: Api) -> None:
    query = """{ users { nodes { name { first full } email { raw } phone { raw areaCode } status isAccountOwner
        availableForScheduling timezone uuid } } products { nodes { name defaultUnitCost taxable visible } }
        account { id name createdAt } }"""
    got = api.ask(query)
    assert [(one["name"]["first"], one["status"]) for one in got["users"]["nodes"]] == [
        ("Tia", "ACTIVATED"), ("Tom", "ACTIVATED"), ("Gus", "DEACTIVATED"),
    ]  # fmt: skip
    assert [one["isAccountOwner"] for one in got["users"]["nodes"]] == [True, False, False]
    product = {"name": "Filter", "defaultUnitCost": 50.0, "taxable": True, "visible": True}
    assert got["products"]["nodes"] == [product]
