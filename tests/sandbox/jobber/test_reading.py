from __future__ import annotations

from typing import Any

import pytest

from tests.sandbox.jobber.conftest import Api


def names(api: Api, arguments: str, **variables: Any) -> list[str]:
    head = "query($at: ISO8601DateTime)" if "$at" in arguments else ""
    got = api.ask(f"{head} {{ clients({arguments}) {{ nodes {{ name }} }} }}", **variables)
    return [one["name"] for one in got["clients"]["nodes"]]


def numbers(api: Api, arguments: str = "") -> list[int]:
    got = api.ask(f"{{ jobs{arguments} {{ nodes {{ jobNumber }} }} }}")
    return [one["jobNumber"] for one in got["jobs"]["nodes"]]


def titles(api: Api, arguments: str) -> list[str]:
    return [one["title"] for one in api.ask(f"{{ visits({arguments}) {{ nodes {{ title }} }} }}")["visits"]["nodes"]]


def edit(api: Api, given: str) -> None:
    id = api.first("clients", firstName=given)["id"]
    api.patch("clients", id, title="Dr.")


def test_clients_changed_after_an_instant_leave_that_instant_out(api: Api) -> None:
    edit(api, "Ann")
    assert names(api, "filter: {updatedAt: {after: $at}}", at="2026-07-06T14:59:59Z") == ["Dr. Ann Lee"]
    assert names(api, "filter: {updatedAt: {after: $at}}", at="2026-07-06T15:00:00Z") == []
    assert names(api, "filter: {updatedAt: {before: $at}}", at="2026-07-06T15:00:00Z") == ["Acme Offices"]
    assert names(api, "filter: {updatedAt: {eq: $at}}", at="2026-07-06T10:00:00-05:00") == ["Dr. Ann Lee"]


def test_clients_sorted_by_change(api: Api) -> None:
    edit(api, "Ann")
    assert names(api, "sort: {key: UPDATED_AT, direction: DESCENDING}") == ["Dr. Ann Lee", "Acme Offices"]
    assert names(api, "sort: {key: UPDATED_AT, direction: ASCENDING}") == ["Acme Offices", "Dr. Ann Lee"]
    assert names(api, "sort: {key: PRIMARY_NAME, direction: ASCENDING}") == ["Acme Offices", "Dr. Ann Lee"]


@pytest.mark.parametrize(
    ("arguments", "found"),
    [
        ('searchTerm: "lee"', ["Ann Lee"]),
        ('searchTerm: "5125550142"', ["Ann Lee", "Acme Offices"]),
        ('searchTerm: "oak street", searchFields: [PROPERTIES]', ["Ann Lee", "Acme Offices"]),
        ('searchTerm: "lee@x", searchFields: [PRIMARY_EMAIL]', ["Ann Lee"]),
        ('searchTerm: "lee@x", searchFields: [NAMES, PHONES]', []),
        ("filter: {isCompany: true}", ["Acme Offices"]),
        ("filter: {isLead: false, isArchived: false}", ["Ann Lee"]),
        ('filter: {tags: ["vip"]}', ["Ann Lee"]),
        ("filter: {isCompany: null}", ["Ann Lee", "Acme Offices"]),
    ],
)
def test_clients_found(api: Api, arguments: str, found: list[str]) -> None:
    assert names(api, arguments) == found


def test_clients_page_by_page_with_pages_below(api: Api) -> None:
    query = """query($after: String) { clients(first: 1, after: $after) { edges { cursor node { name
        jobs(first: 2) { nodes { jobNumber } totalCount pageInfo { endCursor hasNextPage } } } }
        pageInfo { endCursor hasNextPage } totalCount } }"""
    first = api.ask(query)["clients"]
    assert (first["totalCount"], first["pageInfo"]) == (2, {"endCursor": "MQ", "hasNextPage": True})
    below = first["edges"][0]["node"]["jobs"]
    assert below["nodes"] == [{"jobNumber": 101}, {"jobNumber": 102}]
    assert (below["totalCount"], below["pageInfo"]) == (4, {"endCursor": "Mg", "hasNextPage": True})
    second = api.ask(query, after=first["pageInfo"]["endCursor"])["clients"]
    assert [edge["node"]["name"] for edge in second["edges"]] == ["Acme Offices"]
    assert second["pageInfo"]["hasNextPage"] is False


def test_a_search_lags_behind_what_was_just_written(api: Api) -> None:
    edit(api, "Ann")
    api.fault("search_lag", seconds=60.0)
    assert names(api, 'searchTerm: "lee"') == []
    assert names(api, "first: 5") == ["Dr. Ann Lee", "Acme Offices"]
    api.wait(seconds=61)
    assert names(api, 'searchTerm: "lee"') == ["Dr. Ann Lee"]


def test_jobs_by_change_state_and_text(api: Api) -> None:
    assert numbers(api) == [101, 102, 103, 104]
    assert numbers(api, "(sort: [{key: UPDATED_AT, direction: DESCENDING}])")[0] == 102
    assert numbers(api, "(sort: [{key: JOB_NUMBER, direction: DESCENDING}], first: 2)") == [104, 103]
    assert numbers(api, "(filter: {status: requires_invoicing})") == [102]
    assert numbers(api, '(filter: {completedAt: {after: "2026-07-01"}})') == [102]
    assert numbers(api, '(searchTerm: "job 103")') == [103]


def test_visits_in_a_window(api: Api) -> None:
    window = 'filter: {startAt: {after: "2026-07-06T00:00:00Z", before: "2026-07-08T00:00:00Z"}}'
    assert titles(api, window) == ["Visit v1"]
    assert titles(api, 'filter: {endAt: {before: "2026-07-06T00:00:00Z"}}') == ["Visit v3"]
    assert titles(api, "sort: [{key: START_AT, direction: ASCENDING}]") == [
        "Visit v4",
        "Visit v3",
        "Visit v1",
        "Visit v2",
    ]


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ("TODAY", ["Visit v1"]), ("UPCOMING", ["Visit v2"]), ("COMPLETED", ["Visit v3"]), ("LATE", []),
        ("UNSCHEDULED", ["Visit v4"]), ("ACTIVE", ["Visit v1", "Visit v2", "Visit v4"]),
    ],
)  # fmt: skip
def test_visits_by_state(api: Api, state: str, found: list[str]) -> None:
    assert titles(api, f"filter: {{status: {state}}}") == found


def test_what_today_is_depends_on_the_zone_asked_for(api: Api) -> None:
    visit = api.first("visits", title="Visit v1")["id"]
    query = "query($id: EncodedId!) { visit(id: $id) { here: visitStatus far: visitStatus(timezone: $zone) } }"
    got = api.ask(query.replace("$zone", '"Pacific/Kiritimati"'), id=visit)["visit"]
    assert got == {"here": "TODAY", "far": "TODAY"}
    api.wait(hours=14.5)
    got = api.ask(query.replace("$zone", '"Pacific/Honolulu"'), id=visit)["visit"]
    assert got == {"here": "LATE", "far": "TODAY"}
    assert titles(api, "filter: {status: TODAY}") == []
    assert titles(api, 'filter: {status: TODAY}, timezone: "Pacific/Honolulu"') == ["Visit v1"]


def test_visits_of_one_user_and_by_ids(api: Api) -> None:
    tia, tom = (api.first("users", uuid=one["uuid"])["id"] for one in api.store.all("users")[:2])
    one = api.first("visits", title="Visit v2")["id"]
    assert len(titles(api, f'filter: {{assignedTo: "{tia}"}}')) == 4
    assert titles(api, f'filter: {{assignedTo: "{tom}"}}') == []
    assert titles(api, f'filter: {{ids: ["{one}"]}}') == ["Visit v2"]


def test_visits_below_a_job_take_the_same_filters(api: Api) -> None:
    query = """{ jobs(first: 1) { nodes { visits(filter: {status: UPCOMING}, first: 5) { nodes { title } }
        visitsInfo { futureCount pastCount incompleteTotal scheduledCount unscheduledCount mostRecentVisitStartAt }
        jobBalanceTotals { outstandingAmount totalAmount } startAt endAt } } }"""
    (job,) = api.ask(query)["jobs"]["nodes"]
    assert job["visits"]["nodes"] == [{"title": "Visit v2"}]
    assert (job["visitsInfo"]["futureCount"], job["visitsInfo"]["mostRecentVisitStartAt"]) == (2, None)
    assert (job["startAt"], job["endAt"]) == ("2026-07-06T17:00:00Z", "2026-07-08T19:00:00Z")


def test_invoices_and_payments_in_a_window(api: Api) -> None:
    def found(kind: str, arguments: str, field: str) -> list[Any]:
        return [one[field] for one in api.ask(f"{{ {kind}({arguments}) {{ nodes {{ {field} }} }} }}")[kind]["nodes"]]

    assert found("invoices", 'filter: {updatedAt: {after: "2026-06-21"}}', "invoiceNumber") == ["1001", "1002"]
    assert found("invoices", "filter: {status: draft}", "invoiceNumber") == ["1003"]
    assert found("invoices", 'searchTerm: "1004"', "invoiceNumber") == ["1004"]
    sort = "sort: [{key: INVOICE_NUMBER, direction: DESCENDING}], first: 2"
    assert found("invoices", sort, "invoiceNumber") == ["1004", "1003"]
    window = 'filter: {entryDate: {after: "2026-06-24", before: "2026-06-26"}}'
    assert found("paymentRecords", window, "amount") == [108.25, 8.25, 10.0]
    assert found("paymentRecords", "filter: {paymentType: CHEQUE}", "details") == ["ref-m1"]
    descending = "sort: {key: ENTRY_DATE, direction: DESCENDING}"
    assert len(found("paymentRecords", descending, "id")) == 3


def test_users_by_state(api: Api) -> None:
    query = "{ users(filter: {status: %s}, sort: [{key: NAME, direction: DESCENDING}]) { nodes { name { first } } } }"
    found = {state: [one["name"]["first"] for one in api.ask(query % state)["users"]["nodes"]]
             for state in ("ACTIVATED", "DEACTIVATED")}  # fmt: skip
    assert found == {"ACTIVATED": ["Tom", "Tia"], "DEACTIVATED": ["Gus"]}
    assert api.ask("{ user { name { first } } }") == {"user": {"name": {"first": "Tia"}}}


def test_one_record_by_id_or_null(api: Api) -> None:
    for kind, collection in (
        ("client", "clients"), ("property", "properties"), ("job", "jobs"), ("visit", "visits"),
        ("invoice", "invoices"), ("user", "users"), ("paymentRecord", "payment_records"), ("product", "products"),
    ):  # fmt: skip
        query = f"query($id: EncodedId!) {{ {kind}(id: $id) {{ id }} }}"
        id = api.store.all(collection)[0]["id"]
        assert api.ask(query, id=id) == {kind: {"id": id}}
        if kind != "product":
            assert api.ask(query, id="Z2lkOi8vSm9iYmVyL0NsaWVudC8x") == {kind: None}


def test_a_product_that_is_not_there_is_an_error_because_it_is_never_null(api: Api) -> None:
    (error,) = api.errors('{ product(id: "Z2lkOi8vSm9iYmVyL0NsaWVudC8x") { id } }')
    assert error["path"] == ["product"]


def test_properties_of_a_client_and_the_first_ones(api: Api) -> None:
    acme = api.first("clients", companyName="Acme Offices")["id"]
    query = "{ properties(%s) { nodes { name client { name } jobs(first: 1) { totalCount } } } }"
    (found,) = api.ask(query % f'filter: {{clientId: "{acme}"}}')["properties"]["nodes"]
    assert found == {"name": "North wing", "client": {"name": "Acme Offices"}, "jobs": {"totalCount": 0}}
    assert len(api.ask(query % "filter: {primary: true}")["properties"]["nodes"]) == 2
    assert api.ask(query % "filter: {primary: false}")["properties"]["nodes"] == []
    assert len(api.ask(query % 'searchTerm: "north"')["properties"]["nodes"]) == 1


def test_a_cursor_that_was_never_given_is_an_error(api: Api) -> None:
    (error,) = api.errors('{ clients(after: "%%%") { nodes { id } } }')
    assert "Invalid cursor" in error["message"]
