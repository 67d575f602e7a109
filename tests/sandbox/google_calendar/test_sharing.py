from __future__ import annotations

import pytest

from tests.sandbox.google_calendar.conftest import OTHER, TECH, Api

RULES = f"/calendars/{TECH}/acl"


def test_a_rule_for_the_domain_opens_the_calendar_to_everybody_in_it(api: Api) -> None:
    dispatcher, api.token = api.token, api.token_of(OTHER)
    assert api.refused("GET", f"/calendars/{TECH}/events") == (404, "notFound")
    tech, api.token = api.token, dispatcher
    scope = {"type": "domain", "value": "bluebonnet.example.com"}
    rule = api.write("POST", RULES, {"role": "reader", "scope": scope})
    assert rule["id"] == "domain:bluebonnet.example.com"
    api.token = tech
    assert api.get(f"/calendars/{TECH}/events")["accessRole"] == "reader"
    assert api.refused("POST", f"/calendars/{TECH}/events", {}) == (403, "requiredAccessLevel")
    assert api.refused("GET", RULES) == (403, "requiredAccessLevel")


def test_sharing_does_not_subscribe(api: Api) -> None:
    scope = {"type": "user", "value": OTHER}
    api.write("POST", f"{RULES}?sendNotifications=false", {"role": "writer", "scope": scope})
    assert api.served.store.all("mails") == []
    api.token = api.token_of(OTHER)
    assert [one["id"] for one in api.get("/users/me/calendarList")["items"]] == [OTHER]
    entry = api.write("POST", "/users/me/calendarList", {"id": TECH, "summaryOverride": "Pat"})
    assert (entry["accessRole"], entry["summaryOverride"]) == ("writer", "Pat")
    writable = api.get("/users/me/calendarList", minAccessRole="writer")["items"]
    assert [one["id"] for one in writable] == [OTHER, TECH]
    assert [one["id"] for one in api.get("/users/me/calendarList", minAccessRole="owner")["items"]] == [OTHER]


def test_a_rule_is_changed_and_deleted(api: Api) -> None:
    scope = {"type": "user", "value": "Pat@Else.Example"}
    rule = api.write("POST", RULES, {"role": "reader", "scope": scope})
    assert [mail["to"] for mail in api.served.store.all("mails")] == ["pat@else.example"]
    path = f"{RULES}/{rule['id']}"
    stale = {"If-Match": rule["etag"]}
    assert api.write("PATCH", path, {"role": "writer"})["role"] == "writer"
    assert api.refused("PUT", path, {"role": "reader"}, headers=stale) == (412, "conditionNotMet")
    api.write("DELETE", path, status=204)
    assert rule["id"] not in {one["id"] for one in api.get(RULES)["items"]}
    assert rule["id"] in {one["id"] for one in api.get(RULES, showDeleted="true")["items"]}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"role": "reader"}, "required"),
        ({"scope": {"type": "default"}}, "required"),
        ({"role": "king", "scope": {"type": "default"}}, "invalid"),
        ({"role": "reader", "scope": {"type": "planet", "value": "x"}}, "invalid"),
        ({"role": "reader", "scope": {"type": "user"}}, "invalid"),
    ],
)
def test_a_senseless_rule_is_400(api: Api, body: dict[str, object], reason: str) -> None:
    assert api.refused("POST", RULES, body) == (400, reason)


def test_nobody_changes_the_own_access(api: Api) -> None:
    own = f"{RULES}/user:dispatch@bluebonnet.example.com"
    assert api.refused("DELETE", own) == (403, "cannotChangeOwnAcl")


def test_a_list_entry_is_changed_hidden_and_taken_out(api: Api) -> None:
    path = f"/users/me/calendarList/{TECH}"
    assert api.write("PATCH", path, {"hidden": True})["hidden"] is True
    assert TECH not in {one["id"] for one in api.get("/users/me/calendarList")["items"]}
    assert TECH in {one["id"] for one in api.get("/users/me/calendarList", showHidden="true")["items"]}
    assert "hidden" not in api.write("PUT", path, {"id": TECH})
    api.write("DELETE", path, status=204)
    assert api.refused("GET", path) == (404, "notFound")
    assert api.refused("DELETE", "/users/me/calendarList/primary") == (400, "invalid")
