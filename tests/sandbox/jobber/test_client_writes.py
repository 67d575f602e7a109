from __future__ import annotations

from typing import Any

import pytest

from sandbox.jobber import TWIN
from tests.sandbox.jobber.conftest import Api

ERRORS = "userErrors { message path }"
SHOWN = """id name firstName lastName companyName title isLead isArchived updatedAt createdAt
  emails { id address description primary } phones { id number friendly description primary smsAllowed }
  tags(first: 5) { nodes { label } } billingAddress { street street2 city latitude }
  customFields { ... on CustomFieldText { id label valueText } }"""
CREATE = f"mutation($in: ClientCreateInput!) {{ clientCreate(input: $in) {{ client {{ {SHOWN} }} {ERRORS} }} }}"
EDIT = f"""mutation($id: EncodedId!, $in: ClientEditInput!) {{
  clientEdit(clientId: $id, input: $in) {{ client {{ {SHOWN} }} {ERRORS} }} }}"""
MARKER = TWIN.credentials["client_custom_field_configuration_id"]


def create(api: Api, **given: Any) -> dict[str, Any]:
    client: dict[str, Any] = api.do(CREATE, **{"in": given})["client"]
    return client


def edit(api: Api, id: str, **given: Any) -> dict[str, Any]:
    client: dict[str, Any] = api.do(EDIT, id=id, **{"in": given})["client"]
    return client


def refusal(api: Api, query: str, **variables: Any) -> dict[str, Any]:
    """The one user error of a mutation that gave no record."""
    payload = next(iter(api.ask(query, **variables).values()))
    assert payload.get("client") is None
    (error,) = payload["userErrors"]
    found: dict[str, Any] = error
    return found


def test_a_client_is_created_as_a_lead_with_all_its_parts(api: Api) -> None:
    client = create(
        api, firstName="Deep", title="MR",
        emails=[{"address": "d@x.example"}, {"address": "w@x.example", "primary": True}],
        phones=[{"number": "5125550111", "description": "MOBILE", "smsAllowed": False}],
        billingAddress={"street1": "1 Elm", "city": "Austin"},
        properties=[{"address": {"street1": "2 Elm"}, "name": "Barn"}],
        customFields=[{"customFieldConfigurationId": MARKER, "valueText": "core-7"}],
    )  # fmt: skip
    assert (client["name"], client["title"], client["isLead"], client["lastName"]) == ("Mr. Deep", "Mr.", True, "")
    assert client["createdAt"] == client["updatedAt"] == "2026-07-06T15:00:00Z"
    emails = [(one["address"], one["primary"]) for one in client["emails"]]
    assert emails == [
        ("d@x.example", False),
        ("w@x.example", True),
    ]
    assert (client["phones"][0]["primary"], client["phones"][0]["smsAllowed"]) == (True, False)
    assert client["billingAddress"] == {"street": "1 Elm", "street2": "", "city": "Austin", "latitude": ""}
    assert client["customFields"][0]["valueText"] == "core-7"
    query = """query($id: EncodedId!) { client(id: $id) {
      clientProperties(first: 2) { nodes { name address { street geoStatus } } } } }"""
    (place,) = api.ask(query, id=client["id"])["client"]["clientProperties"]["nodes"]
    assert place == {"name": "Barn", "address": {"street": "2 Elm", "geoStatus": "NOT_STARTED"}}


def test_a_created_client_is_found_by_its_marker(api: Api) -> None:
    client = create(
        api, firstName="Mark", customFields=[{"customFieldConfigurationId": MARKER, "valueText": "core-42"}]
    )
    query = '{ clients(searchTerm: "core-42", searchFields: [CUSTOM_FIELDS]) { nodes { id } } }'
    assert api.ask(query)["clients"]["nodes"] == [{"id": client["id"]}]


def test_there_is_no_idempotency_a_second_create_is_a_second_client(api: Api) -> None:
    assert create(api, firstName="Twice")["id"] != create(api, firstName="Twice")["id"]


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"isCompany": True}, ["input", "firstName"]),
        ({"firstName": "A", "emails": [{"primary": True}]}, ["input", "emails", "address"]),
        ({"firstName": "A", "phones": [{}]}, ["input", "phones", "number"]),
        (
            {"firstName": "A", "customFields": [{"customFieldConfigurationId": "MQ==", "valueText": "x"}]},
            ["input", "customFields"],
        ),
        (
            {"firstName": "A", "customFields": [{"customFieldConfigurationId": MARKER, "valueNumeric": 1}]},
            ["input", "customFields", "valueText"],
        ),
    ],
)
def test_a_client_that_cannot_be_is_a_user_error_and_leaves_nothing(
    api: Api, given: dict[str, Any], path: list[str]
) -> None:
    assert refusal(api, CREATE, **{"in": given})["path"] == path
    assert len(api.store.all("clients")) == 2


def test_an_edit_changes_what_is_given_and_stamps(api: Api) -> None:
    ann = api.first("clients", firstName="Ann")
    api.wait(minutes=5)
    client = edit(
        api, ann["id"], lastName="Park", tagsToAdd=["New", "vip"], tagsToDelete=["VIP"], billingAddress={"street2": ""},
        emailsToEdit=[{"id": ann["emails"][0]["id"], "address": "new@x.example"}],
        phonesToDelete=[ann["phones"][0]["id"]], phonesToAdd=[{"number": "5125550177"}],
        customFields=[{"customFieldConfigurationId": MARKER, "valueText": "core-1"}],
    )  # fmt: skip
    assert (client["name"], client["updatedAt"]) == ("Ann Park", "2026-07-06T15:05:00Z")
    assert [tag["label"] for tag in client["tags"]["nodes"]] == ["New", "vip"]
    assert client["emails"] == [{**client["emails"][0], "id": ann["emails"][0]["id"], "address": "new@x.example"}]
    assert [one["friendly"] for one in client["phones"]] == ["(512) 555-0177"]
    assert client["billingAddress"]["street"] == "12 Oak Street"
    field = client["customFields"][0]
    again = edit(api, ann["id"], customFields=[{"id": field["id"], "valueText": "core-2"}])
    assert again["customFields"] == [{**field, "valueText": "core-2"}]


def test_one_address_is_primary_the_one_that_was_named_last(api: Api) -> None:
    ann = api.first("clients", firstName="Ann")["id"]
    added = edit(api, ann, emailsToAdd=[{"address": "two@x.example", "primary": True}])
    first, second = added["emails"]
    assert (first["primary"], second["primary"]) == (False, True)
    back = edit(api, ann, emailsToEdit=[{"id": first["id"], "primary": True}])
    assert [one["primary"] for one in back["emails"]] == [True, False]
    left = edit(api, ann, emailsToDelete=[first["id"]])
    assert [(one["address"], one["primary"]) for one in left["emails"]] == [("two@x.example", True)]


def test_an_unknown_client_or_part_is_a_user_error(api: Api) -> None:
    nobody = "Z2lkOi8vSm9iYmVyL0NsaWVudC8x"
    assert refusal(api, EDIT, id=nobody, **{"in": {}}) == {"message": "Client not found", "path": ["clientId"]}
    ann = api.first("clients", firstName="Ann")["id"]
    assert refusal(api, EDIT, id=ann, **{"in": {"phonesToDelete": [nobody]}})["message"] == "Phone not found"


def test_archiving_keeps_the_client_and_can_be_undone(api: Api) -> None:
    ann = api.first("clients", firstName="Ann")["id"]
    change = "mutation($id: EncodedId!) { %s(clientId: $id) { client { isArchived } " + ERRORS + " } }"
    assert api.do(change % "clientArchive", id=ann)["client"] == {"isArchived": True}
    assert api.ask("{ clients(filter: {isArchived: true}) { nodes { id } } }")["clients"]["nodes"] == [{"id": ann}]
    assert api.do(change % "clientUnarchive", id=ann)["client"] == {"isArchived": False}


def test_a_note_is_kept_and_can_be_searched(api: Api) -> None:
    ann = api.first("clients", firstName="Ann")["id"]
    note = f"""mutation($id: EncodedId!, $m: String) {{ clientCreateNote(clientId: $id, input: {{message: $m}}) {{
      client {{ id }} clientNote {{ id createdAt message }} {ERRORS} }} }}"""
    made = api.do(note, id=ann, m="made by plumbline core-9")
    assert made["client"] == {"id": ann}
    assert (made["clientNote"]["message"], made["clientNote"]["createdAt"]) == (
        "made by plumbline core-9",
        "2026-07-06T15:00:00Z",
    )
    found = api.ask('{ clients(searchTerm: "core-9", searchFields: [NOTES]) { nodes { id } } }')
    assert found["clients"]["nodes"] == [{"id": ann}]
    assert refusal(api, note, id=ann, m=" ")["path"] == ["input", "message"]


def test_properties_are_created_and_edited(api: Api) -> None:
    acme = api.first("clients", companyName="Acme Offices")["id"]
    make = f"""mutation($id: EncodedId!, $in: PropertyCreateInput!) {{ propertyCreate(clientId: $id, input: $in) {{
      client {{ name }} properties {{ id name address {{ street city geoStatus }} }} {ERRORS} }} }}"""
    given = {"properties": [{"address": {"street1": "1 A"}}, {"address": {"street1": "2 B"}, "name": "Two"}]}
    made = api.do(make, id=acme, **{"in": given})
    assert [(one["name"], one["address"]["street"]) for one in made["properties"]] == [(None, "1 A"), ("Two", "2 B")]
    change = f"""mutation($id: EncodedId!, $in: PropertyEditInput!) {{ propertyEdit(propertyId: $id, input: $in) {{
      property {{ name address {{ street street1 street2 city geoStatus }} }} {ERRORS} }} }}"""
    site = api.first("properties", name="North wing")["id"]
    edited = api.do(change, id=site, **{"in": {"address": {"street1": "9 C"}}})["property"]
    assert edited["name"] == "North wing"
    assert (edited["address"]["street"], edited["address"]["city"]) == ("9 C, Unit 4", "Austin")
    assert edited["address"]["geoStatus"] == "NOT_STARTED"
    missing = api.ask(make, id="MQ==", **{"in": given})["propertyCreate"]
    assert (missing["properties"], missing["userErrors"][0]["message"]) == ([], "Client not found")
