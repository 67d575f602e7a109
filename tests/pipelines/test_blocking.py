"""What a check keeps out stops the plans of its own entity, and those of no other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from models.schema import Entity
from pipelines.reconcile import Check, References
from quality.spec import Check as Condition
from quality.spec import Verdict
from tests.pipelines import short_read
from tests.pipelines.desk import ADA, Desk
from tests.pipelines.test_holding import handoff
from tests.pipelines.test_incidents import VISIT, entries

if TYPE_CHECKING:
    import pandas as pd


def refuses(entity: str, field: str) -> Check:
    """A check that keeps a batch out in which somebody is called Broken."""
    condition = Condition(name="nobody_is_broken", entity=entity, field=field, kind="rule", why="It.", severity="block")

    def check(one: Entity, frame: pd.DataFrame, _: References) -> Sequence[Verdict]:
        bad = int((frame[field] == "Broken").sum()) if one.name == entity else 0
        return (Verdict(check=condition, outcome="fail", rows=len(frame), violations=bad),) if bad else ()

    return check


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """Customers go from the CRM to the field, visits from the field to the calendar; one of each is there already."""
    monkeypatch.setattr("pipelines.sync.read_all", short_read.read_all)
    live = {"mode": "live"}
    desk = Desk(
        folder=tmp_path,
        roles={"crm": "crm", "field": "scheduling", "calendar": "calendar"},
        rest={"handoffs": {"field.customer": live, "calendar.assignment": live}},
    )
    desk.edit("crm", "1", **ADA)
    for system, id in (("field", "w-wil"), ("calendar", "c-wil")):
        desk.edit(system, id, collection="workers", name="Wil", email="wil@example.com")
    desk.edit("field", "v1", collection="visits", **VISIT)
    desk.sync()
    assert (len(desk.people("field")), len(entries(desk))) == (1, 1)
    return desk


def test_a_blocked_entity_holds_its_own_plans_and_all_others_are_delivered(company: Desk) -> None:
    company.edit("crm", "1", city="Waco")
    company.edit("crm", "2", first="Broken", email="b@example.com")
    company.edit("field", "v2", collection="visits", **{**VISIT, "start": "2026-03-13T15:00:00Z"})
    said = company.sync(check=refuses("customer", "given_name"))
    assert "customer is blocked by its checks: nobody_is_broken" in handoff(said)["hold"]
    assert handoff(said, "calendar.assignment")["hold"] is None
    assert (len(company.people("field")), len(entries(company))) == (1, 2)
    company.edit("crm", "2", first="Bea")
    said = company.sync(check=refuses("customer", "given_name"))
    assert said["pushed"] == {"delivered": 2, "held": 0, "rejected": 0}
    assert sorted((one["first"], one.get("city")) for one in company.people("field").values()) == [
        ("Ada", "Waco"),
        ("Bea", None),
    ]


def test_plans_that_refer_to_a_blocked_entity_go_on(company: Desk) -> None:
    """A visit of a technician whose own record is kept out stands in the calendar that both systems know to be hers."""
    company.edit("field", "w-new", collection="workers", name="Broken", email="new@example.com")
    company.edit("calendar", "c-new", collection="workers", name="Noor", email="new@example.com")
    tomorrow = {**VISIT, "start": "2026-03-13T15:00:00Z"}
    company.edit("field", "v2", collection="visits", **tomorrow)
    company.edit("field", "v3", collection="visits", **{**tomorrow, "crew": [{"id": "w-new"}]})
    said = company.sync(check=refuses("technician", "name"))
    assert (said["core"]["technician"], said["pushed"]["delivered"]) == (1, 2)
    assert sorted(one["who"] for one in entries(company).values()) == ["c-new", "c-wil", "c-wil"]
    company.edit("field", "w-new", collection="workers", name="Noor")
    said = company.sync(check=refuses("technician", "name"))
    assert (said["core"]["technician"], said["pushed"]["delivered"]) == (2, 0)
