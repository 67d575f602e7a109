"""Errors and webhooks, without a wire; signatures against the vendor's own vectors."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from connectors.hooks import Delivery
from connectors.slack.dialect import judge
from connectors.slack.hooks import HOOKS
from models.errors import Ambiguous, Gone, Rejected, Throttled, Transient, Unauthorized, Unreachable

# Computed with the vendor's package (vendors/slack/facts.md, Incoming events).
SECRET, AT = "8f742231b10e8888abcd99yyyzzz85a5", 1531420618
BODY = b"token=xyzz0WbapA4vBCDEFxx0FG&team_id=T1"
CODE = "v0=b72ac8d77fd43c181ed3a749f3d0641fe99b22ed87237e127963a48186105a13"


def delivered(body: bytes = BODY, *, late: timedelta = timedelta(0), code: str = CODE) -> Delivery:
    headers = {"x-slack-signature": code, "x-slack-request-timestamp": str(AT)}
    at = datetime.fromtimestamp(AT, UTC) + late
    return Delivery(method="POST", url="https://hooks.acme.example/slack", headers=headers, body=body, received_at=at)


def test_the_vendors_vector_holds() -> None:
    HOOKS.verify(SECRET, delivered())
    HOOKS.verify(SECRET, delivered(late=timedelta(minutes=5)))


@pytest.mark.parametrize(
    "delivery",
    [
        delivered(BODY + b"x"),
        delivered(late=timedelta(minutes=5, seconds=1)),
        delivered(code=CODE.removeprefix("v0=")),
    ],
)
def test_anything_else_does_not(delivery: Delivery) -> None:
    with pytest.raises(Unauthorized):
        HOOKS.verify(SECRET, delivery)


def test_a_new_address_gives_the_challenge_back() -> None:
    assert HOOKS.confirm is not None
    asked = json.dumps({"token": "x", "challenge": "3eZbrw1aBm2rZg", "type": "url_verification"}).encode()
    welcome = HOOKS.confirm(delivered(asked))
    assert welcome is not None
    assert (welcome.status, welcome.body, welcome.secret) == (200, b"3eZbrw1aBm2rZg", None)
    assert HOOKS.confirm(delivered()) is None
    assert HOOKS.touched({}, asked) == []


@pytest.mark.parametrize(
    ("event", "touched"),
    [
        ({"type": "message", "channel": "C1", "ts": "1.2"}, [("messages", "C1:1.2")]),
        ({"type": "message", "channel": "C1", "ts": "9.9", "message": {"ts": "1.2"}}, [("messages", "C1:1.2")]),
        ({"type": "message", "channel": "C1", "ts": "9.9", "deleted_ts": "1.2"}, [("messages", "C1:1.2")]),
        ({"type": "team_join", "user": {"id": "U1"}}, [("users", "U1")]),
        ({"type": "reaction_added", "user": "U1"}, []),
    ],
)
def test_an_event_touches_what_it_is_about(event: dict[str, object], touched: list[tuple[str, str]]) -> None:
    body = json.dumps({"type": "event_callback", "event": event}).encode()
    assert HOOKS.touched({}, body) == touched


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        ("ratelimited", Throttled),
        ("invalid_auth", Unauthorized),
        ("not_in_channel", Unauthorized),
        ("message_not_found", Gone),
        ("team_added_to_org", Transient),
        ("fatal_error", Ambiguous),
        ("msg_too_long", Rejected),
        ("something_new", Rejected),
    ],
)
def test_errors_mean_what_their_names_say(error: str, kind: type[Exception]) -> None:
    assert type(judge("slack", 200, {}, {"ok": False, "error": error})) is kind


def test_a_refusal_says_what_is_missing() -> None:
    scope = judge("slack", 200, {}, {"ok": False, "error": "missing_scope", "needed": "users:read"})
    assert "missing_scope; needs users:read" in str(scope)
    told = {"ok": False, "error": "invalid_arguments", "response_metadata": {"messages": ["[ERROR] no text"]}}
    assert "invalid_arguments; [ERROR] no text" in str(judge("slack", 200, {}, told))
    assert isinstance(judge("slack", 200, {}, {"hello": 1}), Unreachable)
    assert judge("slack", 200, {}, {"ok": True}) is None
    assert judge("slack", 500, {}, {"ok": False, "error": "fatal_error"}) is None
