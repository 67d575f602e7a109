"""Reading: people whole, our own messages and nobody else's, deletions by the whole read, and no failure as a page."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.slack import CONNECTOR
from models.errors import Gone, Rejected, Throttled, Transient, Unauthorized, Unreachable
from tests.connectors.canonical import Stage
from tests.connectors.desk import Desk, map_of
from tests.connectors.slack.conftest import CHANNEL, SAID, canonical, ids, say

VISIT = {"title": "Tune-up", "status": "scheduled"}


def posted(desk: Desk, count: int) -> list[str]:
    return [desk.write("assignment", "create", VISIT, core_id=f"asg_{n:016}").id for n in range(count)]


def technicians(records: list[Any]) -> list[dict[str, Any]]:
    with Stage(CONNECTOR, map_of("slack", "technician")) as stage:
        return list(stage.rows(records))


def test_the_account_is_the_workspace(desk: Desk) -> None:
    assert CONNECTOR.account is not None
    known = CONNECTOR.account(desk.api)
    assert (known.id, known.name) == ("T0KRQLJ9H", "Bluebonnet Home Services")


def test_people_are_technicians_and_bots_are_not(desk: Desk) -> None:
    records = [record for page in desk.read("users") for record in page.records]
    rows = technicians(records)
    assert len(rows) == len(records) - 2
    assert {"Plumbline", "Slackbot"}.isdisjoint(one["name"] for one in rows)
    assert {one["active"] for one in rows} == {True, False}
    assert {one["time_zone"] for one in rows} == {"America/Chicago"}
    crew = [one for one in rows if one["source_id"].startswith("U0KRQLT")]
    assert all(one["email"] and one["phone"].startswith("+1") and one["given_name"] for one in crew)


def test_people_stay_technicians_when_their_addresses_are_not_shown(desk: Desk) -> None:
    """As for a token without users:read.email: the members are simply missing."""
    records = [record for page in desk.read("users") for record in page.records]
    for one in records:
        one["profile"].pop("email", None)
    assert len(technicians(records)) == len(records) - 2


def test_who_a_person_deactivates_is_not_active_any_more(desk: Desk) -> None:
    desk.remove("users", "U0KRQLT01")
    desk.edit("users", "U0KRQLT02", real_name="Ann Walker")
    found = {record["id"]: record for page in desk.read("users") for record in page.records}
    assert canonical("technician", found["U0KRQLT01"])["active"] is False
    assert canonical("technician", found["U0KRQLT02"])["name"] == "Ann Walker"


def test_only_our_messages_are_read(desk: Desk) -> None:
    assert len(desk.served.store.all("messages")) > 5
    made = posted(desk, 3)
    say(desk, "running late")
    pages = desk.read("messages")
    assert sorted(ids(pages)) == sorted(made)
    assert all(page.full for page in pages)
    assert pages[-1].cursor is not None


def test_a_channel_of_several_pages_is_read_whole(desk: Desk) -> None:
    made = posted(desk, 5)
    for n in range(400):
        say(desk, f"remark {n}")
    assert sorted(ids(desk.read("messages"))) == sorted(made)
    assert desk.said(SAID).count("GET conversations.history") == 3


def test_a_later_read_begins_a_minute_before_the_newest_message(desk: Desk) -> None:
    posted(desk, 2)
    desk.later(minutes=2)
    say(desk, "thanks")
    cursor = desk.read("messages")[-1].cursor
    desk.later(hours=2)
    made = posted(desk, 1)
    pages = desk.read("messages", cursor)
    assert (ids(pages), [page.full for page in pages]) == (made, [False, False])
    desk.later(seconds=30)
    say(desk, "bye")
    assert ids(desk.read("messages", pages[-1].cursor)) == made  # once more
    cursor = desk.read("messages", pages[-1].cursor)[-1].cursor
    desk.later(minutes=2)
    say(desk, "still here")
    cursor = desk.read("messages", cursor)[-1].cursor
    assert ids(desk.read("messages", cursor)) == []


def test_what_somebody_deleted_is_absent_from_the_whole_read_a_day_later(desk: Desk) -> None:
    first, second = posted(desk, 2)
    cursor = desk.read("messages")[-1].cursor
    desk.remove("messages", first)
    desk.later(hours=23)
    pages = desk.read("messages", cursor)
    assert not any(page.full for page in pages)
    desk.later(hours=2)
    pages = desk.read("messages", pages[-1].cursor)
    assert (ids(pages), all(page.full for page in pages)) == ([second], True)


def test_an_empty_channel_is_read_from_its_beginning_each_time(desk: Desk) -> None:
    for id, _ in desk.served.store.items("messages"):
        desk.served.store.delete("messages", id)
    cursor = desk.read("messages")[-1].cursor
    made = posted(desk, 1)
    assert ids(desk.read("messages", cursor)) == made


def test_another_channel_in_the_stack_is_read_from_its_beginning(desk: Desk) -> None:
    cursor = dict(desk.read("messages")[-1].cursor or {})
    with pytest.raises(Gone, match="the stack names channel"):
        desk.read("messages", cursor | {"channels": {"C0KRQLZ03": "0"}})


@pytest.mark.parametrize(
    ("kind", "more", "problem"),
    [
        ("rate_limit", {"retry_after": 30}, Throttled),
        ("server_error", {}, Transient),
        ("server_error", {"status": 503}, Transient),
        ("unauthorized", {}, Unauthorized),
        ("forbidden", {}, Unauthorized),
        ("not_found", {}, Rejected),
        ("html_error_page", {"status": 200}, Unreachable),
        ("cut_body", {}, (Transient, Unreachable)),
    ],
)
@pytest.mark.parametrize("resource", ["users", "messages"])
def test_no_failure_is_a_page(desk: Desk, kind: str, more: dict[str, Any], problem: Any, resource: str) -> None:
    desk.fault(kind, **more)
    with pytest.raises(problem):
        desk.read(resource)
    desk.recording.exchanges.clear()  # no answer of the vendor's


@pytest.mark.parametrize(
    ("members", "said"),
    [({"is_member": False}, "not_in_channel"), ({"is_member": False, "is_private": True}, "channel_not_found")],
)
def test_a_channel_that_we_were_removed_from_is_no_empty_one(desk: Desk, members: dict[str, bool], said: str) -> None:
    channel = desk.served.store.get("channels", CHANNEL)
    assert channel is not None
    desk.served.store.put("channels", CHANNEL, channel | members)
    with pytest.raises(Unauthorized, match=f"{said}; invite the app"):
        desk.read("messages")


def test_a_message_that_shows_late_is_not_passed_by(desk: Desk) -> None:
    (late,) = posted(desk, 1)
    record = desk.served.store.get("messages", late)
    assert record is not None
    desk.served.store.delete("messages", late)
    desk.later(seconds=40)
    say(desk, "thanks")
    cursor = desk.read("messages")[-1].cursor
    desk.served.store.put("messages", late, record)
    assert ids(desk.read("messages", cursor)) == [late]
