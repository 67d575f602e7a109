"""What a check that warns said of a record is told until somebody mends it, whatever else is synced meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytest

from models.entities.customer import ENTITY
from models.schema import Entity
from pipelines.reconcile import References
from pipelines.report import account
from quality.checks import checks_of
from quality.spec import Check, Verdict
from tests.pipelines.desk import ADA, Desk

if TYPE_CHECKING:
    import pandas as pd

CHECK: Check = next(one for one in checks_of(ENTITY) if one.severity == "warn")


def named(entity: Entity, frame: pd.DataFrame, _: References) -> Sequence[Verdict]:
    """A customer without a given name breaks the check."""
    if entity != ENTITY or frame.empty:
        return ()
    bad = frame.loc[frame["deleted_at"].isna() & frame["given_name"].isna(), "core_id"]
    outcome = "fail" if len(bad) else "pass"
    told = dict.fromkeys(bad)
    return (Verdict(check=CHECK, outcome=outcome, rows=len(frame), violations=len(bad), violators=told),)


@pytest.fixture
def spoilt(desk: Desk) -> Desk:
    """Two customers break it, seen by one sync."""
    desk.rest = {}
    desk.edit("crm", "1", **ADA)
    for id in "23":
        desk.edit("crm", id, last=f"Number {id}", email=f"{id}@example.com")
    assert told(desk) == (2, 0)
    return desk


def told(desk: Desk) -> tuple[int, int] | None:
    """Violations among what changed and standing ones, as the next sync tells them; None when the check passes."""
    desk.sync(check=named)
    assert desk.session is not None
    said: dict[str, Any] = account(desk.session, 0.0)
    return next(((one["violations"], one["standing"]) for one in said["checks"] if one["check"] == CHECK.name), None)


def test_a_violation_stands_through_syncs_that_touch_nothing_or_something_else(spoilt: Desk) -> None:
    assert told(spoilt) == (0, 2)
    spoilt.edit("crm", "1", phone="512-555-0199")
    assert told(spoilt) == (0, 2)
    spoilt.edit("crm", "3", phone="512-555-0198")
    assert told(spoilt) == (1, 1)


def test_what_was_mended_or_deleted_stands_no_more(spoilt: Desk) -> None:
    spoilt.edit("crm", "2", first="Bea")
    assert told(spoilt) == (0, 1)
    spoilt.tear_out("crm", "3")
    assert told(spoilt) is None
    assert told(spoilt) is None
