"""A handoff whose plan found nothing is compared again as soon as anything moves, the clock of its window included."""

from __future__ import annotations

from datetime import timedelta

from tests.pipelines.desk import ADA, Desk, planned


def resting(desk: Desk) -> list[str]:
    return [row["handoff"] for row in desk.rows("SELECT handoff FROM meta.resting ORDER BY handoff")]


def test_handoffs_rest_until_somebody_edits(desk: Desk) -> None:
    desk.edit("crm", "1", **ADA)
    assert planned(desk.sync()) == (1, 0, 0)
    assert planned(desk.sync()) == (0, 0, 0)
    assert resting(desk) == ["crm.customer", "field.customer"]
    desk.edit("crm", "1", last="Lovelace")
    assert planned(desk.sync()) == (0, 1, 0)
    assert [person["last"] for person in desk.people("field").values()] == ["Lovelace"]


def test_a_visit_that_comes_into_the_window_is_made_though_nobody_edits(desk: Desk) -> None:
    desk.roles = {"field": "scheduling", "cal": "calendar"}
    desk.store("cal", {"faults": {}})
    desk.rest["handoffs"] = {"cal.assignment": {"mode": "live", "window": {"future": "2d"}}}
    desk.edit("field", "w", collection="workers", name="Wil", email="wil@example.com")
    desk.edit("cal", "c", collection="workers", name="Wil", email="wil@example.com")
    start = (desk.now + timedelta(days=3)).isoformat()
    desk.edit("field", "v", collection="visits", title="Heater", start=start, crew=[{"id": "w"}])
    assert planned(desk.sync()) == (0, 0, 0)
    desk.now += timedelta(days=2)
    assert planned(desk.sync(systems=["cal"])) == (1, 0, 0)
