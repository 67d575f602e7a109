"""The twin by itself: tokens, lists, messages of now and of later, files, limits, what people do there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from sandbox.slack import TWIN
from sandbox.slack.messages import LONGEST
from tests.sandbox.slack.desk import CHANNEL, GIVEN, NOW, Desk, opened

MARK = {"event_type": "visit_told", "event_payload": {"id": "v1"}}


@pytest.fixture
def desk() -> Iterator[Desk]:
    with opened() as one:
        yield one


@pytest.mark.parametrize(
    ("token", "error"), [("", "not_authed"), ("xoxb-other", "invalid_auth"), (GIVEN["reader_token"], "missing_scope")]
)
def test_who_may_not_write_is_told_why_with_200(desk: Desk, token: str, error: str) -> None:
    desk.token = token
    answer = desk.send("POST", "/api/chat.postMessage", data={"channel": CHANNEL, "text": "x"})
    assert (answer.status_code, answer.json()["error"]) == (200, error)
    assert desk.store.all("messages") == []


def test_a_token_may_stand_among_the_arguments(desk: Desk) -> None:
    desk.token = ""
    assert desk.call("auth.test", token=GIVEN["token"])["team_id"] == "T0KRQLJ9H"


@pytest.mark.parametrize(
    ("name", "error"),
    [("client_id", "invalid_client_id"), ("client_secret", "bad_client_secret"), ("code", "invalid_code")],
)
def test_a_code_gives_the_bot_token(desk: Desk, name: str, error: str) -> None:
    desk.token, form = "", {one: GIVEN[one] for one in ("client_id", "client_secret", "code")}
    assert desk.call("oauth.v2.access", **form)["access_token"] == GIVEN["token"]
    assert desk.error("oauth.v2.access", **form | {name: "other"}) == error


def test_arguments_come_by_query_form_and_json(desk: Desk) -> None:
    told = [
        desk.send("GET", "/api/conversations.info", params={"channel": CHANNEL}),
        desk.send("POST", "/api/conversations.info", data={"channel": CHANNEL}),
        desk.send("POST", "/api/conversations.info", json={"channel": CHANNEL}),
    ]
    assert {one.json()["channel"]["name"] for one in told} == {"dispatch"}
    assert desk.send("POST", "/api/chat.update", content="[", headers={"content-type": "application/json"}).json() == {
        "ok": False,
        "error": "invalid_json",
    }
    assert desk.send("POST", "/api/chat.update", json=[]).json()["error"] == "json_not_object"
    assert desk.error("conversations.info") == "invalid_arguments"
    assert desk.error("views.open") == "unknown_method"
    assert desk.send("GET", "/api/chat.postMessage").status_code == 200


def test_lists_come_in_pages_until_the_cursor_is_empty(desk: Desk) -> None:
    first = desk.call("users.list", limit=3)
    second = desk.call("users.list", limit=3, cursor=first["response_metadata"]["next_cursor"])
    assert [len(one["members"]) for one in (first, second)] == [3, 2]
    assert second["response_metadata"]["next_cursor"] == ""
    assert desk.error("users.list", cursor="nonsense") == "invalid_cursor"
    assert desk.error("users.list", limit=1001) == "invalid_limit"


def test_people_who_left_stay_on_the_list_and_are_found_no_more(desk: Desk) -> None:
    people = {one["profile"].get("email"): one for one in desk.call("users.list")["members"]}
    assert people["tech2@acme.example.com"]["deleted"] is True
    assert desk.error("users.lookupByEmail", email="tech2@acme.example.com") == "users_not_found"
    assert desk.call("users.lookupByEmail", email="TECH1@acme.example.com")["user"]["real_name"] == "Tech1 Ito"
    assert desk.error("conversations.open", users=people["tech2@acme.example.com"]["id"]) == "user_disabled"
    assert desk.error("users.info", user="U0") == "user_not_found"


def test_direct_messages_are_opened_once(desk: Desk) -> None:
    user = desk.call("users.lookupByEmail", email="tech1@acme.example.com")["user"]["id"]
    first, again = desk.call("conversations.open", users=user), desk.call("conversations.open", users=user)
    assert first["channel"]["id"] == again["channel"]["id"]
    assert again["already_open"] is True


def test_channels_that_the_app_is_not_in(desk: Desk) -> None:
    listed = {
        one["name"]: one for one in desk.call("conversations.list", types="public_channel,private_channel")["channels"]
    }
    assert sorted(listed) == ["dispatch", "general", "storm-2025"]
    assert desk.error("conversations.history", channel=listed["general"]["id"]) == "not_in_channel"
    assert desk.call("chat.postMessage", channel=listed["general"]["id"], text="without joining")["ok"]
    assert desk.error("chat.postMessage", channel=listed["storm-2025"]["id"], text="x") == "is_archived"
    assert desk.error("conversations.join", channel=listed["storm-2025"]["id"]) == "is_archived"
    assert desk.error("conversations.info", channel="C0KRQLP02") == "channel_not_found"
    assert desk.call("conversations.join", channel=listed["general"]["id"])["channel"]["is_member"]
    assert len(desk.call("conversations.history", channel=listed["general"]["id"])["messages"]) == 1


def test_history_is_newest_first_between_stamps(desk: Desk) -> None:
    stamps = [desk.post(f"m{n}") for n in range(5)]
    assert desk.texts() == ["m4", "m3", "m2", "m1", "m0"]
    assert desk.texts(oldest=stamps[1], latest=stamps[3]) == ["m2"]
    assert desk.texts(oldest=stamps[1], latest=stamps[3], inclusive="true") == ["m3", "m2", "m1"]
    assert desk.error("conversations.history", channel=CHANNEL, oldest="noon") == "invalid_ts_oldest"


def test_what_is_said_while_a_channel_is_read_moves_no_page(desk: Desk) -> None:
    for n in range(4):
        desk.post(f"m{n}")
    first = desk.call("conversations.history", channel=CHANNEL, limit=2)
    desk.post("meanwhile")
    assert desk.texts(limit=2, cursor=first["response_metadata"]["next_cursor"]) == ["m1", "m0"]


def test_two_calls_are_two_messages_and_threads_stand_aside(desk: Desk) -> None:
    first, second = desk.post(client_msg_id="same"), desk.post(client_msg_id="same")
    assert first < second
    desk.post("answer", thread_ts=first)
    assert len(desk.texts()) == 2
    assert desk.error("chat.postMessage", channel=CHANNEL, text="x", thread_ts="1.000000") == "message_not_found"


def test_metadata_is_shown_to_who_asks(desk: Desk) -> None:
    ts = desk.post(metadata=json.dumps(MARK))
    (plain,) = desk.call("conversations.history", channel=CHANNEL)["messages"]
    (whole,) = desk.call("conversations.history", channel=CHANNEL, include_all_metadata="true")["messages"]
    assert ("metadata" in plain, whole["metadata"]) == (False, MARK)
    changed = desk.call("chat.update", channel=CHANNEL, ts=ts, text="again")
    assert (changed["message"]["metadata"], changed["message"]["edited"]["user"]) == (MARK, "U0KRQLJB0")


@pytest.mark.parametrize(
    "metadata", ["[", "[]", '{"event_type": "no blanks", "event_payload": {}}', '{"event_type": "x"}']
)
def test_metadata_that_is_none_is_refused(desk: Desk, metadata: str) -> None:
    assert desk.error("chat.postMessage", channel=CHANNEL, text="x", metadata=metadata) == "invalid_arguments"


def test_texts_are_escaped_cut_and_never_empty(desk: Desk) -> None:
    desk.post("a & b &lt; c")
    assert desk.texts() == ["a &amp; b &lt; c"]
    desk.post("x" * (LONGEST + 1))
    assert len(desk.texts()[0]) == LONGEST
    assert desk.error("chat.postMessage", channel=CHANNEL) == "no_text"


def test_only_its_own_messages_are_the_apps_to_change(desk: Desk) -> None:
    said = {"channel": CHANNEL, "user": "U0KRQLT01", "text": "on site"}
    theirs = TWIN.touch(desk.store, "messages", said)
    desk.store.put("messages", f"{CHANNEL}:{theirs['ts']}", theirs)
    place = {"channel": CHANNEL, "ts": theirs["ts"]}
    assert desk.error("chat.update", **place, text="x") == "cant_update_message"
    assert desk.error("chat.delete", **place) == "cant_delete_message"
    ours = {"channel": CHANNEL, "ts": desk.post()}
    assert desk.call("chat.delete", **ours)["ts"] == ours["ts"]
    assert desk.error("chat.delete", **ours) == "message_not_found"


def test_a_scheduled_message_appears_when_it_is_due_and_one_with_metadata_never(desk: Desk) -> None:
    at = int((NOW + timedelta(hours=1)).timestamp())
    desk.call("chat.scheduleMessage", channel=CHANNEL, text="soon", post_at=at)
    desk.call("chat.scheduleMessage", channel=CHANNEL, text="lost", post_at=at, metadata=json.dumps(MARK))
    assert len(desk.call("chat.scheduledMessages.list", channel=CHANNEL, latest=at)["scheduled_messages"]) == 2
    assert desk.call("chat.scheduledMessages.list", oldest=at + 1)["scheduled_messages"] == []
    desk.later(hours=1)
    assert desk.texts() == ["soon"]
    assert desk.call("chat.scheduledMessages.list")["scheduled_messages"] == []


@pytest.mark.parametrize(
    ("after", "error"), [({"days": 121}, "time_too_far"), ({"seconds": -1}, "time_in_past"), (None, "invalid_time")]
)
def test_a_time_that_is_none_is_refused(desk: Desk, after: dict[str, int] | None, error: str) -> None:
    at: Any = "noon" if after is None else int((NOW + timedelta(**after)).timestamp())
    assert desk.error("chat.scheduleMessage", channel=CHANNEL, text="x", post_at=at) == error


def test_a_scheduled_message_is_taken_back_until_a_minute_before(desk: Desk) -> None:
    at = int((NOW + timedelta(minutes=2)).timestamp())
    told = [desk.call("chat.scheduleMessage", channel=CHANNEL, text="x", post_at=at) for _ in range(30)]
    assert desk.error("chat.scheduleMessage", channel=CHANNEL, text="x", post_at=at) == "restricted_too_many"
    first, second = ({"channel": CHANNEL, "scheduled_message_id": one["scheduled_message_id"]} for one in told[:2])
    assert desk.call("chat.deleteScheduledMessage", **first) == {"ok": True}
    desk.later(minutes=1)
    for one in (first, second):
        assert desk.error("chat.deleteScheduledMessage", **one) == "invalid_scheduled_message_id"


def test_a_file_takes_three_steps(desk: Desk) -> None:
    content = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
    asked = desk.call("files.getUploadURLExternal", filename="visit.ics", length=len(content))
    files = json.dumps([{"id": asked["file_id"], "title": "Visit"}])
    assert desk.error("files.completeUploadExternal", files=files) == "file_not_found"
    asked = desk.call("files.getUploadURLExternal", filename="visit.ics", length=len(content))
    path = asked["upload_url"].removeprefix("http://slack.test")
    assert desk.send("POST", path, content=content[:-1]).status_code == 400
    assert desk.send("POST", path, content=content).text == f"OK - {len(content)}"
    files, thread = json.dumps([{"id": asked["file_id"], "title": "Visit"}]), desk.post("the visit")
    made = desk.call("files.completeUploadExternal", files=files, channel_id=CHANNEL, thread_ts=thread)
    assert [(one["title"], one["mimetype"]) for one in made["files"]] == [("Visit", "text/calendar")]
    assert [one["thread_ts"] for one in desk.store.all("messages") if "files" in one] == [thread]
    assert desk.error("files.upload", content="x") == "method_deprecated"
    assert desk.call("files.delete", file=asked["file_id"]) == {"ok": True}
    assert desk.error("files.delete", file=asked["file_id"]) == "file_not_found"
    assert [one["text"] for one in desk.store.all("messages")] == ["the visit"]
    assert desk.send("POST", "/upload/v1/F0", content=b"x").status_code == 404


def test_each_method_has_a_limit_of_its_own_and_each_channel_one_for_posts(desk: Desk) -> None:
    for _ in range(10):
        desk.post()
    answer = desk.send("POST", "/api/chat.postMessage", data={"channel": CHANNEL, "text": "x"})
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    assert answer.json() == {"ok": False, "error": "ratelimited"}
    assert desk.call("chat.postMessage", channel="C0KRQLG00", text="elsewhere")["ok"]
    desk.later(seconds=1)
    desk.post()
    window = desk.store.bag["calls/users.list"] = type(desk.store.bag["calls/chat.postMessage/C0KRQLG00"])()
    window.extend([desk.store.clock.now()] * 200)
    desk.later(seconds=20)
    assert desk.send("POST", "/api/users.list").headers["retry-after"] == "40"


def test_rewritten_values_keep_a_text_in_another_spelling(desk: Desk) -> None:
    desk.fault("rewritten_values", form="upper")
    desk.post("on  site", metadata=json.dumps(MARK))
    (kept,) = desk.store.all("messages")
    assert (kept["text"], kept["metadata"]) == ("ON  SITE", MARK)


def test_what_people_do_there(desk: Desk) -> None:
    desk.later(minutes=1)
    TWIN.remove(desk.store, "users", "U0KRQLT01")
    found = desk.call("users.info", user="U0KRQLT01")["user"]
    assert (found["deleted"], found["updated"]) == (True, int((NOW + timedelta(minutes=1)).timestamp()))
    id = f"{CHANNEL}:{desk.post()}"
    message = desk.store.get("messages", id)
    assert message is not None
    edited = TWIN.touch(desk.store, "messages", {**message, "text": "edited"})
    assert edited["edited"]["ts"] > message["ts"]
    TWIN.remove(desk.store, "messages", id)
    TWIN.remove(desk.store, "messages", id)
    assert desk.texts() == []
    TWIN.remove(desk.store, "channels", CHANNEL)
    assert desk.error("chat.postMessage", channel=CHANNEL, text="x") == "is_archived"
    with pytest.raises(ValueError, match="stands in a channel"):
        TWIN.touch(desk.store, "messages", {"channel": "C0", "text": "x"})
