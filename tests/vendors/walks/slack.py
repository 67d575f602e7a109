"""The channels, by the vendor's own client; reads once more by GET, as the connector asks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest

from sandbox.slack import TWIN
from tests.vendors.listening import Sandbox

GIVEN = TWIN.credentials
CHANNEL = GIVEN["channel"]
MARK = {"event_type": "walk_1", "event_payload": {"id": "visit-881"}}


def client_of(address: str, token: str = GIVEN["token"]) -> Any:
    """The vendor's client, pointed at a served twin."""
    package = pytest.importorskip("slack_sdk", reason="the vendor's client package is not installed")
    return package.WebClient(token=token, base_url=f"{address}/{TWIN.name}/api/")


def walk(sandbox: Sandbox) -> None:
    """Every method: who we are, people, channels, messages of now and of later, a file in three steps."""
    client = client_of(sandbox.address)
    assert client.auth_test()["team_id"].startswith("T")
    _install(client)
    _people(client)
    _channels(client)
    _messages(client)
    _later(client, sandbox)
    _files(client)
    _refused(sandbox)
    with httpx.Client(base_url=f"{sandbox.address}/{TWIN.name}/api") as plain:
        _by_get(plain)


def _install(client: Any) -> None:
    given = {name: GIVEN[name] for name in ("client_id", "client_secret", "code")}
    assert client.oauth_v2_access(**given)["access_token"] == GIVEN["token"]


def _people(client: Any) -> None:
    everybody = [one for page in client.users_list(limit=4) for one in page["members"]]
    assert len(everybody) > 8
    some = next(one for one in everybody if one["profile"].get("email") and not one["deleted"])
    assert client.users_lookupByEmail(email=some["profile"]["email"])["user"] == some
    assert client.users_info(user=some["id"])["user"] == some
    talk = client.conversations_open(users=some["id"])["channel"]["id"]
    assert client.chat_postMessage(channel=talk, text="Your day")["ok"]


def _channels(client: Any) -> None:
    listed = client.conversations_list(types="public_channel,private_channel", exclude_archived="true", limit=200)
    assert [one["name"] for one in listed["channels"]] == ["general", "dispatch"]
    general = listed["channels"][0]["id"]
    assert client.conversations_join(channel=general)["channel"]["is_member"]
    assert client.conversations_join(channel=general)["warning"] == "already_in_channel"
    assert client.conversations_info(channel=general)["channel"]["is_member"]
    assert client.conversations_history(channel=general)["messages"] == []


def _messages(client: Any) -> None:
    made = client.chat_postMessage(channel=CHANNEL, text="Visit & more", metadata=MARK, unfurl_links=False)
    place = {"channel": CHANNEL, "ts": made["ts"]}
    client.chat_postMessage(channel=CHANNEL, text="in the thread", thread_ts=made["ts"])
    client.chat_update(**place, text="Visit moved", metadata=MARK)
    listed = client.conversations_history(channel=CHANNEL, limit=5, include_all_metadata=True)
    pages = [one["messages"] for one in listed]
    newest = pages[0][0]
    assert (len(pages), newest["text"], newest["metadata"]) == (3, "Visit moved", MARK)
    client.chat_delete(**place)


def _later(client: Any, sandbox: Sandbox) -> None:
    """Scheduled, taken back, and posted when it is due."""
    at = int((sandbox.estate.clock.now() + timedelta(hours=1)).timestamp())
    waiting = [client.chat_scheduleMessage(channel=CHANNEL, text=f"Later {n}", post_at=at) for n in "ab"]
    first = waiting[0]["scheduled_message_id"]
    assert len(client.chat_scheduledMessages_list(channel=CHANNEL)["scheduled_messages"]) == 2
    client.chat_deleteScheduledMessage(channel=CHANNEL, scheduled_message_id=first)
    sandbox.estate.clock.advance(timedelta(hours=2))
    assert client.conversations_history(channel=CHANNEL, limit=1)["messages"][0]["text"] == "Later b"


def _files(client: Any) -> None:
    given = {"filename": "visit.ics", "content": "BEGIN:VCALENDAR", "channel": CHANNEL, "title": "Visit"}
    made = client.files_upload_v2(**given)["files"]
    assert [(one["name"], one["mimetype"]) for one in made] == [("visit.ics", "text/calendar")]
    assert client.files_delete(file=made[0]["id"])["ok"]


def _refused(sandbox: Sandbox) -> None:
    package = pytest.importorskip("slack_sdk", reason="the vendor's client package is not installed")
    reader = client_of(sandbox.address, GIVEN["reader_token"])
    with pytest.raises(package.errors.SlackApiError) as refused:
        reader.chat_postMessage(channel=CHANNEL, text="no")
    assert (refused.value.response["error"], refused.value.response["needed"]) == ("missing_scope", "chat:write")


def _by_get(plain: httpx.Client) -> None:
    given = {name: GIVEN[name] for name in ("client_id", "client_secret", "code")}
    assert plain.get("/oauth.v2.access", params=given).json()["ok"]
    plain.headers["Authorization"] = f"Bearer {GIVEN['token']}"
    everybody = plain.get("/users.list", params={"limit": 200}).json()["members"]
    some = next(one for one in everybody if one["profile"].get("email") and not one["deleted"])
    for method, params in (
        ("auth.test", {}),
        ("conversations.list", {"limit": 1}),
        ("conversations.info", {"channel": CHANNEL}),
        ("conversations.history", {"channel": CHANNEL, "include_all_metadata": "true", "oldest": "0"}),
        ("users.info", {"user": some["id"]}),
        ("users.lookupByEmail", {"email": some["profile"]["email"]}),
        ("chat.scheduledMessages.list", {"channel": CHANNEL}),
    ):
        assert plain.get(f"/{method}", params=params).json()["ok"], method
    old = plain.post("/files.upload", data={"content": "x", "channels": CHANNEL}).json()
    assert old == {"ok": False, "error": "method_deprecated"}
