"""Alerts: one message each, changed while it waits, struck out or taken away once nobody has to do anything."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from connectors.slack.dialect import channels
from connectors.slack.reading import read_messages
from models.errors import Ambiguous
from sandbox.slack.seeding import GENERAL
from tests.connectors import desk as desks
from tests.connectors.desk import Desk, march
from tests.connectors.slack.conftest import CHANNEL, WRITES, outgoing

ALERT = {
    "kind": "rejected",
    "title": "xero refused 3 changes of invoices",
    "details": "inv_1: the period is closed & locked\nand 2 more",
    "remedy": "plumbline rejected",
    "state": "open",
    "since": march(11, 14, 30),
    "over_at": None,
}
OVER = {"state": "over", "over_at": march(11, 17)}
WRITE = WRITES["alert"]
canonical = partial(desks.canonical, "slack")


def told(desk: Desk, values: dict[str, Any] | None = None, **more: Any) -> Any:
    return desk.write("alert", "create", ALERT | (values or {}), core_id="alr_0123456789abcdef", **more)


@pytest.fixture
def apart(desk: Desk) -> Desk:
    """A stack that names a channel for alerts."""
    settings = {**desk.api.settings, "alerts_channel": GENERAL}
    return replace(desk, api=replace(desk.api, settings=settings))


def test_an_alert_reads_back_as_it_was_meant_and_is_no_assignment(desk: Desk) -> None:
    made = told(desk)
    assert canonical("alert", made.record) == ALERT
    assert WRITE.fetch(desk.api, made.id) == made
    assert made.record["metadata"]["event_type"] == "plumbline_alert"
    assert made.id.startswith(f"{CHANNEL}:")


def test_people_read_what_waits_what_to_do_and_since_when(desk: Desk) -> None:
    assert told(desk).record["text"].splitlines() == [
        ":warning: *xero refused 3 changes of invoices*",
        "inv_1: the period is closed &amp; locked",
        "and 2 more",
        "→ plumbline rejected",
        "since Wed 2026-03-11 09:30 CDT",
    ]


def test_what_is_over_is_struck_out(desk: Desk) -> None:
    made = told(desk)
    desk.later(hours=2)
    over = desk.write("alert", "update", OVER, desired=ALERT, target_id=made.id)
    assert over.record["text"].splitlines() == [
        "~xero refused 3 changes of invoices~",
        "over since Wed 2026-03-11 12:00 CDT",
    ]
    assert canonical("alert", over.record) == ALERT | OVER


def test_alerts_stand_in_a_channel_of_their_own_where_the_stack_names_one(apart: Desk) -> None:
    apart.prepare()  # nobody had let us into that channel
    made = told(apart)
    visit = apart.write("assignment", "create", {"title": "Boiler exchange"}, core_id="asg_0123456789abcdef")
    assert (made.id.split(":")[0], visit.id.split(":")[0]) == (GENERAL, CHANNEL)
    pages = apart.read("messages")
    assert {record["metadata"]["event_type"] for page in pages for record in page.records} == {
        "plumbline_alert", "plumbline_assignment"
    }  # fmt: skip
    assert set((pages[-1].cursor or {})["channels"]) == {GENERAL, CHANNEL}
    apart.later(hours=1)
    again = list(read_messages(apart.api, pages[-1].cursor or {}))
    assert not any(page.full for page in again)


def test_a_lost_alert_is_found_in_its_own_channel(apart: Desk) -> None:
    apart.prepare()
    out = outgoing("alert", "create", ALERT, core_id="alr_0123456789abcdef")
    apart.fault("dropped_answer", path="chat.postMessage$")
    assert WRITE.create is not None
    assert WRITE.find is not None
    with pytest.raises(Ambiguous):
        WRITE.create(apart.api, out)
    found = WRITE.find(apart.api, out)
    assert found is not None
    assert found.id.startswith(f"{GENERAL}:")
    assert canonical("alert", found.record) == ALERT


def test_without_a_channel_of_their_own_alerts_stand_in_dispatch() -> None:
    assert channels({"channel": "C1"}) == {"assignment": "C1", "alert": "C1"}
    assert channels({"channel": "C1", "alerts_channel": "C2"}) == {"assignment": "C1", "alert": "C2"}
