"""What a person does in the vendor's web interface, done through the admin surface."""

from __future__ import annotations

from typing import Any

from sandbox.jobber import TWIN
from tests.sandbox.jobber.conftest import Api, small_company

STAMP = "2026-07-06T16:00:00Z"


def edited(api: Api, collection: str, found_by: dict[str, Any], **patch: Any) -> dict[str, Any]:
    api.wait(hours=1)
    return api.patch(collection, api.first(collection, **found_by)["id"], **patch)


def seen(api: Api, kind: str, id: str, fields: str) -> Any:
    return api.ask(f"query($id: EncodedId!) {{ {kind}(id: $id) {{ {fields} }} }}", id=id)[kind]


def test_a_clients_names_and_numbers_follow_and_it_is_stamped(api: Api) -> None:
    phones = [{**api.first("clients", firstName="Ann")["phones"][0], "number": "512.555.0199"}]
    client = edited(api, "clients", {"firstName": "Ann"}, lastName="Park", phones=phones)
    got = seen(api, "client", client["id"], "name updatedAt phones { friendly number normalizedPhoneNumber }")
    assert (got["name"], got["updatedAt"]) == ("Ann Park", STAMP)
    phone = {"friendly": "(512) 555-0199", "number": "512.555.0199", "normalizedPhoneNumber": "+15125550199"}
    assert got["phones"] == [phone]


def test_clearing_fields_leaves_a_record_that_can_be_read(api: Api) -> None:
    client = edited(api, "clients", {"firstName": "Ann"}, lastName=None, billingAddress=None, emails=None, tags=None)
    fields = (
        "name lastName email emails { id } billingAddressPresent billingAddress { city } tags(first: 1) { totalCount }"
    )
    assert seen(api, "client", client["id"], fields) == {
        "name": "Ann", "lastName": "", "email": None, "emails": [], "billingAddressPresent": False,
        "billingAddress": None, "tags": {"totalCount": 0},
    }  # fmt: skip
    part = edited(api, "clients", {"companyName": "Acme Offices"}, billingAddress={"street2": None})
    assert seen(api, "client", part["id"], "billingAddress { street street2 }") == {
        "billingAddress": {"street": "12 Oak Street", "street2": ""}
    }


def test_a_visit_is_moved_unscheduled_and_done(api: Api) -> None:
    visit = edited(api, "visits", {"title": "Visit v1"}, startAt="2026-07-09T09:00:00-05:00", endAt="2026-07-09T14:45Z")
    fields = "duration visitStatus completedAt startAt"
    assert seen(api, "visit", visit["id"], fields)["startAt"] == "2026-07-09T14:00:00Z"
    assert seen(api, "visit", visit["id"], fields)["duration"] == 45
    edited(api, "visits", {"title": "Visit v1"}, startAt=None, endAt=None)
    assert seen(api, "visit", visit["id"], fields)["visitStatus"] == "UNSCHEDULED"
    edited(api, "visits", {"title": "Visit v1"}, isComplete=True)
    assert seen(api, "visit", visit["id"], fields)["completedAt"] == "2026-07-06T18:00:00Z"
    edited(api, "visits", {"title": "Visit v1"}, isComplete=False)
    assert seen(api, "visit", visit["id"], fields)["completedAt"] is None


def test_a_visit_is_given_to_somebody_else(api: Api) -> None:
    tom = api.store.all("users")[1]["id"]
    visit = edited(api, "visits", {"title": "Visit v1"}, assignedUsers={"nodes": [{"id": tom}]})
    got = seen(api, "visit", visit["id"], "assignedUsers(first: 2) { nodes { name { full } } }")
    assert got["assignedUsers"]["nodes"] == [{"name": {"full": "Tom Reyes"}}]


def test_archiving_a_job_closes_it_and_opening_it_clears_that(api: Api) -> None:
    job = edited(api, "jobs", {"jobNumber": 101}, jobStatus="archived")
    assert seen(api, "job", job["id"], "jobStatus completedAt") == {"jobStatus": "archived", "completedAt": STAMP}
    edited(api, "jobs", {"jobNumber": 101}, jobStatus="unscheduled")
    assert seen(api, "job", job["id"], "jobStatus completedAt") == {"jobStatus": "today", "completedAt": None}
    called_off = edited(api, "jobs", {"jobNumber": 104}, instructions="None")
    assert seen(api, "job", called_off["id"], "jobStatus completedAt") == {"jobStatus": "archived", "completedAt": None}


def test_an_invoices_lines_are_summed_and_taxed_again(api: Api) -> None:
    invoice = api.first("invoices", invoiceNumber="1002")
    line = {**invoice["lineItems"]["nodes"][0], "quantity": 3.0}
    edited(api, "invoices", {"invoiceNumber": "1002"}, lineItems={"nodes": [line]})
    got = seen(api, "invoice", invoice["id"], "updatedAt amounts { subtotal taxAmount total invoiceBalance }")
    amounts = {"subtotal": 150.0, "taxAmount": 12.38, "total": 162.38, "invoiceBalance": 144.13}
    assert got == {"updatedAt": STAMP, "amounts": amounts}
    edited(api, "invoices", {"invoiceNumber": "1001"}, subject="Other")
    kept = seen(api, "invoice", api.first("invoices", invoiceNumber="1001")["id"], "amounts { taxAmount }")
    assert kept == {"amounts": {"taxAmount": 8.25}}


def test_a_payment_moves_its_invoice(api: Api) -> None:
    edited(api, "payment_records", {"details": "ref-m4"}, amount=100.0)
    invoice = api.first("invoices", invoiceNumber="1002")["id"]
    got = seen(api, "invoice", invoice, "updatedAt invoiceStatus amounts { paymentsTotal invoiceBalance }")
    assert got == {
        "updatedAt": STAMP, "invoiceStatus": "paid", "amounts": {"paymentsTotal": 108.25, "invoiceBalance": 0.0},
    }  # fmt: skip


def test_a_new_payment_is_entered_by_a_person(api: Api) -> None:
    invoice = api.first("invoices", invoiceNumber="1002")
    payment = {
        "__typename": "CashPaymentRecord", "id": "Z2lkOi8vSm9iYmVyL1BheW1lbnRSZWNvcmQvOTk=", "amount": 90.0,
        "adjustmentType": "PAYMENT", "canEdit": True, "client": invoice["client"], "invoice": {"id": invoice["id"]},
        "entryDate": STAMP, "paymentType": "CASH",
    }  # fmt: skip
    assert api.client.request("POST", "/_sandbox/state/jobber/payment_records", json=payment).status_code == 201
    assert seen(api, "invoice", invoice["id"], "invoiceStatus") == {"invoiceStatus": "paid"}
    got = seen(api, "paymentRecord", payment["id"], "__typename rawAmount details")
    assert got == {"__typename": "CashPaymentRecord", "rawAmount": 90.0, "details": None}


def remove(api: Api, collection: str, **found_by: Any) -> str:
    id: str = api.first(collection, **found_by)["id"]
    assert api.client.request("DELETE", f"/_sandbox/state/jobber/{collection}/{id}").status_code < 300
    return id


def test_a_visit_and_a_payment_are_gone_for_good(api: Api) -> None:
    assert seen(api, "visit", remove(api, "visits", title="Visit v1"), "id") is None
    api.wait(hours=1)
    assert seen(api, "paymentRecord", remove(api, "payment_records", details="ref-m1"), "id") is None
    invoice = api.first("invoices", invoiceNumber="1001")["id"]
    assert seen(api, "invoice", invoice, "invoiceStatus updatedAt") == {"invoiceStatus": "past_due", "updatedAt": STAMP}


def test_a_user_is_deactivated_and_a_product_hidden(api: Api) -> None:
    user = remove(api, "users", status="ACTIVATED")
    assert seen(api, "user", user, "status availableForScheduling") == {
        "status": "DEACTIVATED", "availableForScheduling": False,
    }  # fmt: skip
    assert seen(api, "product", remove(api, "products", name="Filter"), "visible") == {"visible": False}


def test_a_client_takes_what_belongs_to_it_along(api: Api) -> None:
    remove(api, "clients", firstName="Ann")
    left = {name: len(api.store.all(name)) for name in TWIN.collections if name not in {"users", "products"}}
    assert left == {"clients": 1, "properties": 1, "jobs": 0, "visits": 0, "invoices": 0, "payment_records": 0}


def test_a_property_is_moved(api: Api) -> None:
    place = edited(api, "properties", {"name": "North wing"}, address={"street1": "1 Elm", "street2": None})
    assert seen(api, "property", place["id"], "address { street street2 }")["address"] == {
        "street": "1 Elm",
        "street2": None,
    }


def test_everything_is_back_after_a_reset(api: Api) -> None:
    before = api.ask("{ clients { nodes { id name } } }")
    edited(api, "clients", {"firstName": "Ann"}, firstName="Changed")
    api.store.clear()
    assert api.post("{ account { name } }").status_code == 401
    TWIN.seed(small_company(), api.store)
    assert api.ask("{ clients { nodes { id name } } }") == before


def test_a_time_that_is_none_is_refused_and_changes_nothing(api: Api) -> None:
    visit = api.first("visits", title="Visit v1")
    refused = api.client.request("PATCH", f"/_sandbox/state/jobber/visits/{visit['id']}", json={"startAt": "noon"})
    assert refused.status_code == 400
    assert api.store.get("visits", visit["id"]) == visit


def merged(api: Api, id: str, into: str) -> int:
    body = {"system": "jobber", "collection": "clients", "id": id, "into": into}
    return api.client.request("POST", "/_sandbox/merge", json=body).status_code


def test_of_two_clients_that_are_merged_one_is_gone_and_the_other_has_everything(api: Api) -> None:
    ann, acme = api.first("clients", firstName="Ann"), api.first("clients", companyName="Acme Offices")
    owned = [one["id"] for one in api.store.all("properties") if one["client"]["id"] == ann["id"]]
    api.wait(hours=1)
    assert merged(api, ann["id"], acme["id"]) == 200
    assert seen(api, "client", ann["id"], "id") is None
    fields = "updatedAt emails { address } clientProperties(first: 20) { nodes { id } }"
    got = seen(api, "client", acme["id"], fields)
    assert got["updatedAt"] == STAMP
    assert {one["address"] for one in (*ann["emails"], *acme["emails"])} == {one["address"] for one in got["emails"]}
    assert set(owned) <= {one["id"] for one in got["clientProperties"]["nodes"]}
    assert not any(one["client"]["id"] == ann["id"] for one in api.store.all("jobs"))
    assert merged(api, acme["id"], acme["id"]) == 400


def test_stale_queries_come_from_a_copy_and_mutations_do_not(api: Api) -> None:
    ann = api.first("clients", firstName="Ann")["id"]
    api.fault("stale_reads")
    assert seen(api, "client", ann, "lastName") == {"lastName": "Lee"}
    edit = (
        'mutation($id: EncodedId!) { clientEdit(clientId: $id, input: {lastName: "New"}) { userErrors { message } } }'
    )
    api.do(edit, id=ann)
    assert seen(api, "client", ann, "lastName") == {"lastName": "Lee"}
    api.store.faults.clear()
    assert seen(api, "client", ann, "lastName") == {"lastName": "New"}
