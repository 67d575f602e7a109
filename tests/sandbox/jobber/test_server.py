from __future__ import annotations

import pytest

from sandbox.jobber import quota
from tests.sandbox.jobber.conftest import Api

NAMES = "query($first: Int) { clients(first: $first) { nodes { id name } } }"


def test_each_answer_says_what_it_cost_and_which_version_spoke(api: Api) -> None:
    body = api.post(NAMES, first=50).json()
    throttle = {"maximumAvailable": 10000, "currentlyAvailable": 9996, "restoreRate": 500}
    cost = {"requestedQueryCost": 100, "actualQueryCost": 4, "throttleStatus": throttle}
    assert body["extensions"] == {"cost": cost, "versioning": {"version": "2025-04-16"}}


def test_a_version_that_was_removed_is_answered_as_the_oldest(api: Api) -> None:
    api.headers["X-JOBBER-GRAPHQL-VERSION"] = "2023-01-16"
    assert api.post(NAMES).json()["extensions"]["versioning"] == {"version": "2025-01-20"}


@pytest.mark.parametrize("version", [None, "latest", "2031-01-01"])
def test_a_version_must_be_named(api: Api, version: str | None) -> None:
    del api.headers["X-JOBBER-GRAPHQL-VERSION"]
    api.headers |= {"X-JOBBER-GRAPHQL-VERSION": version} if version else {}
    refused = api.post(NAMES)
    assert refused.status_code == 400
    assert "X-JOBBER-GRAPHQL-VERSION" in refused.json()["errors"][0]["message"]


@pytest.mark.parametrize("body", [b"", b"nonsense", b"[]", b'{"query": ""}', b'{"variables": {}}'])
def test_a_body_without_a_query_is_a_bad_request(api: Api, body: bytes) -> None:
    headers = {**api.headers, "Content-Type": "application/json"}
    assert api.client.request("POST", "/jobber/api/graphql", content=body, headers=headers).status_code == 400


def test_a_query_above_the_maximum_never_runs(api: Api) -> None:
    deep = "{ clients { nodes { id jobs { nodes { id } } } } }"
    answer = api.post(deep)
    assert answer.status_code == 200
    body = answer.json()
    assert body["errors"][0]["extensions"]["code"] == "THROTTLED"
    assert "data" not in body
    assert body["extensions"]["cost"]["requestedQueryCost"] == 10100
    assert body["extensions"]["cost"]["actualQueryCost"] == 0
    api.wait(hours=0.5)
    assert "errors" in api.post(deep).json()


def test_points_come_back_with_the_clock(api: Api) -> None:
    full = "{ users { nodes { " + " ".join(f"a{n}: id" for n in range(98)) + " } } }"
    spent = 98 * 3
    calls = [api.post(full).json() for _ in range(2)]
    left = [call["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] for call in calls]
    assert left == [10000 - spent, 10000 - spent]
    assert "data" in calls[0]
    assert calls[1]["errors"][0]["message"] == "Throttled"
    api.wait(seconds=0.2)
    assert "data" in api.post(full).json()


def test_a_throttling_can_be_switched_on(api: Api) -> None:
    api.fault("throttled", times=1)
    assert api.errors(NAMES)[0]["extensions"]["code"] == "THROTTLED"
    assert "data" in api.post(NAMES).json()


def test_more_than_2500_requests_in_five_minutes_are_too_many(api: Api) -> None:
    for _ in range(quota.REQUESTS):
        assert quota.admitted(api.store)
    refused = api.post(NAMES)
    assert (refused.status_code, refused.text) == (429, "Too Many Requests")
    api.wait(minutes=5)
    assert api.post(NAMES).status_code == 200


@pytest.mark.parametrize(
    ("kind", "status", "said"),
    [
        ("rate_limit", 429, "Too Many Requests"),
        ("server_error", 503, "Service temporarily unavailable"),
        ("unauthorized", 401, "Access token expired"),
        ("forbidden", 403, "User has disconnected this app"),
    ],
)
def test_the_sandboxs_refusals_are_phrased_as_the_vendor_does(api: Api, kind: str, status: int, said: str) -> None:
    api.fault(kind, times=1, status=status, retry_after=7.0)
    refused = api.post(NAMES)
    assert refused.status_code == status
    assert said in refused.text
    assert (refused.headers.get("Retry-After") == "7") == (kind in {"rate_limit", "server_error"})


def test_an_unknown_field_is_told_with_its_place(api: Api) -> None:
    (error,) = api.errors("query Q { clients { nodes { nope } } }")
    assert error["message"] == "Field 'nope' doesn't exist on type 'Client'"
    assert error["path"] == ["query Q", "clients", "nodes", "nope"]
    assert error["locations"] == [{"line": 1, "column": 29}]
    assert error["extensions"] == {"code": "undefinedField", "typeName": "Client", "fieldName": "nope"}


def test_a_value_that_its_scalar_does_not_take_is_told_as_documented(api: Api) -> None:
    (error,) = api.errors("query Q($id: EncodedId!) { client(id: $id) { id } }", id="1")
    why = "'1' is not a valid EncodedId"
    assert error["message"] == "Variable $id of type EncodedId! was provided invalid value"
    assert error["extensions"] == {"value": "1", "problems": [{"path": [], "explanation": why, "message": why}]}


def test_a_bad_value_deep_in_an_input_is_told_with_its_path(api: Api) -> None:
    query = "query Q($f: ClientFilterAttributes) { clients(filter: $f) { totalCount } }"
    (error,) = api.errors(query, f={"updatedAt": {"after": "yesterday"}})
    assert error["extensions"]["problems"][0]["path"] == ["updatedAt", "after"]


def test_a_document_that_does_not_parse_is_an_error_answered_with_200(api: Api) -> None:
    assert api.errors("{ clients {")[0]["extensions"] == {"code": "syntaxError"}


def test_one_of_several_operations_must_be_named(api: Api) -> None:
    both = "query A { account { name } } query B { account { id } }"
    assert api.errors(both) == [{"message": "An operation name is required"}]
    named = {"query": both, "operationName": "A", "variables": {}}
    answer = api.client.request("POST", "/jobber/api/graphql", json=named, headers=api.headers)
    assert answer.json()["data"] == {"account": {"name": "Acme Heating"}}


def test_several_mutations_run_in_order_in_one_document(api: Api) -> None:
    client = api.first("clients", firstName="Ann")["id"]
    twice = """mutation($id: EncodedId!) {
      a: clientEdit(clientId: $id, input: {lastName: "One"}) { client { lastName } userErrors { message } }
      b: clientEdit(clientId: $id, input: {lastName: "Two"}) { client { lastName } userErrors { message } } }"""
    got = api.ask(twice, id=client)
    assert [got["a"]["client"]["lastName"], got["b"]["client"]["lastName"]] == ["One", "Two"]
