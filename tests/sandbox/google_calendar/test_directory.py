from __future__ import annotations

from typing import Any

from tests.sandbox.google_calendar.conftest import TECH, Api

USERS = "/google_calendar/admin/directory/v1/users"


def users(api: Api, **query: Any) -> dict[str, Any]:
    answer = api.send("GET", USERS, params={"customer": "my_customer", **query})
    assert answer.status_code == 200, answer.text
    result: dict[str, Any] = answer.json()
    return result


def test_every_technician_is_there_and_who_left_is_suspended(api: Api) -> None:
    found = {one["primaryEmail"]: one for one in users(api)["users"]}
    assert len(found) == 9
    assert [email for email, one in found.items() if one["suspended"]] == ["tech8@bluebonnet.example.com"]
    assert found[TECH]["name"]["fullName"] == "Patrick Mitchell"
    assert found[TECH]["phones"][0]["value"].startswith("+1")


def test_pages_of_users(api: Api) -> None:
    first = users(api, maxResults=5)
    second = users(api, maxResults=5, pageToken=first["nextPageToken"])
    assert len(first["users"]) == 5
    assert len(second["users"]) == 4
    assert "nextPageToken" not in second
    assert api.send("GET", USERS, params={"customer": "my_customer", "pageToken": "x"}).status_code == 400


def test_queries_and_orders(api: Api) -> None:
    assert [one["primaryEmail"] for one in users(api, query=f"email={TECH}")["users"]] == [TECH]
    assert len(users(api, query="email:tech* isSuspended=false")["users"]) == 7
    names = [one["name"]["familyName"] for one in users(api, orderBy="familyName", sortOrder="DESCENDING")["users"]]
    assert names == sorted(names, reverse=True)
    assert users(api, domain="else.example")["users"] == []


def test_one_user_by_id_or_address(api: Api) -> None:
    by_address = api.send("GET", f"{USERS}/{TECH}").json()
    assert api.send("GET", f"{USERS}/{by_address['id']}").json() == by_address
    assert api.send("GET", f"{USERS}/nobody@else.example").status_code == 404


def test_only_an_administrator_may_ask_and_must_say_whom(api: Api) -> None:
    assert api.send("GET", USERS).status_code == 400
    api.token = api.token_of(TECH)
    answer = api.send("GET", USERS, params={"customer": "my_customer"})
    assert answer.json()["error"]["message"] == "Not Authorized to access this resource/api"
    assert answer.status_code == 403
