"""A run in parts: the books stay open until the part that sends, and a failure is not forgotten by the next part."""

from __future__ import annotations

import pytest

from models.errors import LedgerError
from pipelines.ledger import Ledger, join_run, leave_run, list_runs, pending, save_plan
from tests.pipelines.ledger.samples import at, change, plan


def test_what_one_part_planned_the_next_one_may_send(ledger: Ledger) -> None:
    join_run(ledger, run="r7", kind="sync", at=at(0))
    frozen = plan(change(), run="r7")
    save_plan(ledger, frozen)
    leave_run(ledger, "r7", at=at(1))
    join_run(ledger, run="r7", kind="sync", at=at(2))
    assert pending(ledger, frozen.id) == frozen.changes
    run = next(one for one in list_runs(ledger) if one.id == "r7")
    assert (run.status, run.started_at, run.finished_at) == ("running", at(0), None)


def test_a_run_that_failed_in_one_part_stays_failed(ledger: Ledger) -> None:
    join_run(ledger, run="r7", kind="sync", at=at(0))
    leave_run(ledger, "r7", at=at(1), error="hubspot: down")
    join_run(ledger, run="r7", kind="sync", at=at(2))
    leave_run(ledger, "r7", at=at(3), error="jobber: down too")
    run = next(one for one in list_runs(ledger) if one.id == "r7")
    assert (run.status, run.error, run.finished_at) == ("failed", "hubspot: down", at(3))


@pytest.mark.parametrize(("mode", "status"), [("live", "done"), ("review", "held")])
def test_a_run_with_held_changes_is_held(ledger: Ledger, mode: str, status: str) -> None:
    join_run(ledger, run="r7", kind="sync", at=at(0))
    save_plan(ledger, plan(change(), run="r7", mode=mode))
    leave_run(ledger, "r7", at=at(1))
    assert next(one for one in list_runs(ledger) if one.id == "r7").status == status


def test_nobody_leaves_a_run_that_was_never_joined(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="'r9' is not in the ledger"):
        leave_run(ledger, "r9", at=at(1))
