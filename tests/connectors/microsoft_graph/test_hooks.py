"""Change notifications: believed by the secret they repeat, welcomed by the token they bring."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.hooks import Delivery
from connectors.microsoft_graph.dialect import judge
from connectors.microsoft_graph.hooks import HOOKS
from models.errors import Gone, Rejected, Unauthorized, Unreachable

SECRET = "agreed-when-it-was-made"


def delivered(*notices: dict[str, Any], url: str = "https://hooks.acme.example/graph") -> Delivery:
    body = json.dumps({"value": notices}).encode()
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    return Delivery(method="POST", url=url, headers={}, body=body, received_at=at)


def notice(state: str = SECRET, **members: Any) -> dict[str, Any]:
    return {"clientState": state, "changeType": "updated", "resource": "Users/u-1/Events/AAk=", **members}


def test_every_notice_has_to_show_the_secret() -> None:
    HOOKS.verify(SECRET, delivered(notice(), notice()))
    for notices in ([notice(), notice("guessed")], [], [{"changeType": "updated"}]):
        with pytest.raises(Unauthorized):
            HOOKS.verify(SECRET, delivered(*notices))


def test_a_new_address_gives_the_token_back_decoded() -> None:
    assert HOOKS.confirm is not None
    url = "https://hooks.acme.example/graph?validationToken=Validation%3A+Testing+%26+more"
    welcome = HOOKS.confirm(delivered(url=url))
    assert welcome is not None
    assert (welcome.status, welcome.body, welcome.secret) == (200, b"Validation: Testing & more", None)
    assert welcome.headers["content-type"] == "text/plain"
    assert HOOKS.confirm(delivered(notice())) is None


def test_a_notice_touches_the_event_that_it_names() -> None:
    lost = {"clientState": SECRET, "lifecycleEvent": "missed", "resource": "Users/u-1/Events/AAk="}
    message = notice(resource="Users/u-1/Messages/AAk=")
    body = delivered(notice(), notice(resource="users/u-2/events/BBk=", changeType="deleted"), lost, message).body
    assert HOOKS.touched({}, body) == [("events", "u-1/AAk="), ("events", "u-2/BBk=")]


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (410, "SyncStateNotFound", Gone),
        (400, "syncStateNotFound", Gone),
        (410, "resyncRequired", Gone),
        (404, "MailboxNotEnabledForRESTAPI", Rejected),
    ],
)
def test_codes_say_more_than_their_status(status: int, code: str, kind: type[Exception]) -> None:
    assert type(judge("graph", status, {}, {"error": {"code": code, "message": "m"}})) is kind


def test_what_the_status_says_is_left_to_it() -> None:
    for status, code in (
        (404, "ErrorItemNotFound"),
        (404, "Request_ResourceNotFound"),
        (412, "ErrorIrresolvableConflict"),
        (429, "TooManyRequests"),
    ):
        assert judge("graph", status, {}, {"error": {"code": code, "message": "m"}}) is None
    assert judge("graph", 200, {}, {"@odata.context": "x"}) is None
    assert isinstance(judge("graph", 200, {}, {"hello": 1}), Unreachable)
