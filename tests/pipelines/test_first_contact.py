"""What happens when systems meet for the first time, and when a company's configuration changes under them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.pipelines.desk import ADA, Desk, planned
from tests.pipelines.test_holding import handoff, sign


def people(count: int, start: int = 0) -> list[dict[str, Any]]:
    return [{"first": f"Person {n}", "email": f"p{n}@example.com"} for n in range(start, start + count)]


@pytest.fixture
def strangers(desk: Desk) -> Desk:
    """Two systems of people's own, full of the same customers, whose handoffs are live from the first minute."""
    desk.environment = "production"
    for n, one in enumerate(people(6)):
        desk.edit("crm", f"c{n}", **one)
    for n, one in enumerate(people(6, start=2)):
        desk.edit("field", f"f{n}", **one)
    return desk


def test_story_5_the_first_contact_writes_nothing_until_somebody_looked_and_signed(strangers: Desk) -> None:
    before = strangers.people("crm"), strangers.people("field")
    for _ in range(2):
        said = strangers.sync()
        assert said["pushed"] == {"delivered": 0, "held": 4, "rejected": 0}
        assert (strangers.people("crm"), strangers.people("field")) == before
    sign(strangers, "field.customer")
    assert strangers.sync()["pushed"] == {"delivered": 2, "held": 2, "rejected": 0}
    names = [one["first"] for one in strangers.people("field").values()]
    assert sorted(names) == [f"Person {n}" for n in range(8)]
    assert strangers.people("crm") == before[0]


def test_story_5_what_was_there_before_we_read_it_triggers_nothing(desk: Desk) -> None:
    desk.rest = {}
    desk.edit("crm", "1", **ADA)
    desk.sync()
    desk.roles = {**desk.roles, "newsletter": "crm"}
    desk.store("newsletter", {"faults": {}})
    for n, one in enumerate(people(5)):
        desk.edit("newsletter", f"n{n}", **one)
    desk.edit("crm", "1", city="Waco")
    desk.sync()
    desk.edit("newsletter", "n3", city="Austin")
    desk.sync()
    told = desk.rows('SELECT source, new, backfill FROM core.changes ORDER BY "at"')
    fresh = [(one["source"], one["new"]) for one in told if not one["backfill"]]
    assert fresh == [("crm", "Waco"), ("newsletter", "Austin")]
    assert len(told) > 15


# --- the configuration ---------------------------------------------------------------------------------------


@pytest.fixture
def running(desk: Desk) -> Desk:
    return desk.after(_lives)


def _lives(desk: Desk) -> None:
    """A company that is live and signed, with a history: a customer who moved, and a conflict that the CRM won."""
    desk.environment = "production"
    desk.rest["handoffs"] = {"field.customer": {"mode": "live"}}
    desk.edit("crm", "1", **ADA, city="Austin")
    desk.edit("field", "f1", **ADA, city="Waco")
    sign(desk, "field.customer")
    desk.sync()
    desk.edit("crm", "1", city="Dallas")
    desk.sync()


def history(desk: Desk) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    return desk.rows("FROM core.changes ORDER BY ALL"), desk.rows("FROM core.conflict_history ORDER BY ALL")


def test_story_35_a_changed_rule_names_what_it_would_overwrite_and_waits_for_a_signature(running: Desk) -> None:
    before, there = history(running), running.people("field")
    running.edit("field", "f1", phone="512-555-0999")
    running.rest["ownership"] = {"customer.phone": {"only": "crm"}}
    said = running.sync()
    assert "nobody has signed off field.customer" in handoff(said)["hold"]
    assert running.session is not None
    [change] = running.session.plans[0].changes
    assert (change.action, change.before["phone"], change.after["phone"]) == ("update", "+15125550999", "+15125550101")
    assert there["f1"]["phone"] != running.person("field", "f1")["phone"] == "512-555-0999"
    for kept, now in zip(before, history(running), strict=True):
        assert kept
        assert [one for one in kept if one not in now] == []


def test_story_35_a_system_that_leaves_the_stack_takes_nothing_with_it(running: Desk) -> None:
    before = history(running)
    running.roles = {"field": "scheduling", "crm": "crm", "newsletter": "crm"}
    running.store("newsletter", {"faults": {}})
    running.edit("newsletter", "n1", **ADA)
    running.sync()
    running.roles = {"field": "scheduling", "crm": "crm"}
    said = running.sync()
    assert planned(said)[2] == 0
    assert len(running.customers()) == 1
    for kept, now in zip(before, history(running), strict=True):
        assert [one for one in kept if one not in now] == []
