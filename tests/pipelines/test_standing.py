"""What a check that warns said of a record is told until somebody mends it, whatever else is synced meanwhile."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

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


def told(desk: Desk) -> tuple[int, int] | None:
    """Violations among what changed and standing ones, as the next sync tells them; None when the check passes."""
    desk.sync(check=named)
    assert desk.session is not None
    said: dict[str, Any] = account(desk.session, 0.0)
    return next(((one["violations"], one["standing"]) for one in said["checks"] if one["check"] == CHECK.name), None)


def test_a_violation_stands_until_it_is_mended_or_deleted_whatever_else_is_synced(desk: Desk) -> None:
    desk.rest = {}
    desk.edit("crm", "1", **ADA)
    for id in "23":
        desk.edit("crm", id, last=f"Number {id}", email=f"{id}@example.com")
    assert told(desk) == (2, 0)
    assert told(desk) == (0, 2)  # nothing new
    desk.edit("crm", "1", phone="512-555-0199")
    assert told(desk) == (0, 2)
    desk.edit("crm", "3", phone="512-555-0198")
    assert told(desk) == (1, 1)
    desk.edit("crm", "2", first="Bea")
    assert told(desk) == (0, 1)
    desk.tear_out("crm", "3")
    assert told(desk) is None
    assert told(desk) is None
