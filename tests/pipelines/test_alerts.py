"""Alerts: what waits for a person is told in the sync that found it, since when, and for a week after it is over."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.change import Change, HeldChange
from pipelines.alerts import KEPT, Alert, together
from pipelines.deciding import let_go, stop
from pipelines.report import exit_status
from pipelines.sync import run_sync
from tests.pipelines.desk import ADA, Desk, planned
from tests.pipelines.shop import Killed

NOW = datetime(2026, 3, 11, 15, 0, tzinfo=UTC)
ONE = Alert(id="rejected:crm.customer", kind="rejected", title="one", details="", remedy="look")


@pytest.fixture
def watched(desk: Desk) -> Desk:
    """The company, and what it says of itself."""
    desk.extra["plumbline"] = {"roles": ["monitoring"]}
    desk.edit("crm", "1", **ADA)
    return desk


def alerts(desk: Desk, state: str = "open") -> dict[str, dict[str, Any]]:
    """What core says: the alert's own id -> its row."""
    rows = desk.rows(
        "SELECT x.source_id, c.* FROM core.alert AS c JOIN xref.alert AS x USING (core_id) WHERE c.deleted_at IS NULL"
    )
    return {row["source_id"]: row for row in rows if row["state"] == state}


def test_a_company_in_which_nothing_waits_has_no_alerts(watched: Desk) -> None:
    assert watched.sync()["systems"]["plumbline"]["status"] == "ok"
    assert alerts(watched) == {}


def test_what_waits_is_told_in_the_same_sync_and_over_when_it_waits_no_more(watched: Desk) -> None:
    watched.faults("field", down=True)
    watched.sync()
    found = alerts(watched)
    assert set(found) == {"reading:field"}  # what waits for it is no second one
    down = found["reading:field"]
    assert (down["kind"], down["title"]) == ("reading", "field could not be read")
    assert "`plumbline doctor`" in down["remedy"]
    since = down["since"]
    watched.sync()
    assert alerts(watched)["reading:field"]["since"] == since  # not news
    watched.faults("field")
    watched.sync()
    assert alerts(watched) == {}
    over = alerts(watched, "over")["reading:field"]
    assert (over["since"], over["over_at"] > since) == (since, True)
    watched.now += KEPT
    watched.sync()
    assert alerts(watched, "over") == {}
    watched.faults("field", down=True)
    watched.sync()
    assert alerts(watched)["reading:field"]["since"] > since


def test_a_stopped_handoff_is_one_alert_and_its_changes_are_none(watched: Desk) -> None:
    stop(watched.company(), "field.customer", by="Lee", why="the boss is on holiday")
    watched.sync()
    found = alerts(watched)
    assert set(found) == {"stopped:field.customer"}
    assert "the boss is on holiday" in found["stopped:field.customer"]["details"]
    let_go(watched.company(), "field.customer", by="Lee", why="back again")
    assert planned(watched.sync())[0] == 1
    assert alerts(watched) == {}


def test_a_plan_that_waits_for_an_approval_names_it(watched: Desk) -> None:
    watched.rest["handoffs"]["field.customer"] = {"mode": "review"}
    said = watched.sync()
    plan = next(one["plan"] for one in said["handoffs"] if one["handoff"] == "field.customer")
    assert f"`plumbline approve {plan}`" in alerts(watched)["stopped:field.customer"]["details"]


def test_a_shadow_waits_for_nobody(watched: Desk) -> None:
    watched.rest["handoffs"]["field.customer"] = {"mode": "shadow"}
    watched.sync()
    assert alerts(watched) == {}


def test_what_waits_for_a_condition_asks_nobody(watched: Desk) -> None:
    watched.rest["handoffs"]["field.customer"] = {"mode": "live", "only_when": {"status": ["active"]}}
    watched.edit("crm", "1", status="lead")
    said = watched.sync()
    assert (said["pushed"]["held"], said["asks"], exit_status(said), alerts(watched)) == (1, 0, 0, {})


def test_refused_changes_and_odd_records_are_counted_with_their_reasons(watched: Desk) -> None:
    for id, name, status in (("2", "Refused", "active"), ("3", "Bo", "odd")):
        watched.edit("crm", id, first=name, last="Ray", email=f"{name}@example.com", status=status)
    watched.sync()
    found = alerts(watched)
    assert found["rejected:field.customer"]["title"] == "field refused 1 change of customer"
    assert found["quarantine:crm"]["title"] == "1 record of crm could not be understood"
    assert found["quarantine:crm"]["details"]


@pytest.mark.parametrize(
    ("reason", "alone"),
    [
        ("waits: status is draft and must be open", True),
        ("waits until its customer cus_1 exists in xero", True),
        ("the answer was lost; its outcome is settled at the next run", True),
        ("waits for customer 7 of its source, which nobody has told us of", True),
        ("waits for approval", False),
        ("may be xero 1 (54% likely); say whether it is: `plumbline match`", False),
    ],
)
def test_what_goes_on_by_itself_waits_for_no_person(reason: str, alone: bool) -> None:
    change = Change(system="xero", entity="invoice", core_id="inv_1", action="create")
    assert HeldChange(change=change, reason=reason).goes_on_by_itself == alone


def test_a_run_that_is_killed_while_it_tells_leaves_the_alerts_that_were_there(
    watched: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched.faults("field", down=True)
    watched.sync()
    company, whole = watched.company(), Path.write_text

    def torn(path: Path, text: str, **more: Any) -> int:
        if not path.name.startswith("alerts."):
            return whole(path, text, **more)
        whole(path, text[: len(text) // 2], **more)
        raise Killed

    with monkeypatch.context() as moment:
        moment.setattr(Path, "write_text", torn)
        with pytest.raises(Killed):
            run_sync(company, check=lambda *_: ())
    watched.sync()
    assert set(alerts(watched)) == {"reading:field"}


# --- what is kept --------------------------------------------------------------------------------------------


def test_an_alert_that_comes_back_is_new() -> None:
    first = together([], [ONE], NOW)
    over = together(first, [], NOW + timedelta(hours=1))
    assert [(one.state, one.since, one.over_at) for one in over] == [
        ("over", "2026-03-11T15:00:00", "2026-03-11T16:00:00")
    ]
    again = together(over, [ONE], NOW + timedelta(hours=2))
    assert [(one.state, one.since, one.over_at) for one in again] == [("open", "2026-03-11T17:00:00", None)]


IDS = st.sets(st.integers(min_value=0, max_value=5))


@given(st.lists(st.tuples(IDS, st.integers(min_value=1, max_value=80)), max_size=12))
def test_what_waits_is_open_once_and_what_does_not_is_over_for_a_week(steps: list[tuple[set[int], int]]) -> None:
    """Laws: exactly what waits is open; nothing stands twice; looking again changes nothing; ``since`` never moves."""
    told: list[Alert] = []
    now = NOW
    for ids, hours in steps:
        waiting = [replace(ONE, id=str(n)) for n in sorted(ids)]
        before, told, now = told, together(told, waiting, now), now + timedelta(hours=hours)
        assert {one.id for one in told if one.state == "open"} == {one.id for one in waiting}
        assert len({one.id for one in told}) == len(told)
        since = {one.id: one.since for one in before if one.state == "open"}
        assert all(one.since == since.get(one.id, one.since) for one in told)
        assert together(told, waiting, now - timedelta(hours=hours)) == told
    assert together(told, [], now + KEPT + timedelta(days=8)) == [
        replace(one, state="over", over_at=(now + KEPT + timedelta(days=8)).replace(tzinfo=None).isoformat())
        for one in told
        if one.state == "open"
    ]
