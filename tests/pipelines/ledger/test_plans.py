from __future__ import annotations

from dataclasses import replace

import pytest

from models.change import HeldChange
from models.errors import LedgerError
from pipelines.ledger import (
    Counts,
    Ledger,
    approve,
    counts,
    finish_run,
    list_plans,
    list_runs,
    load_plan,
    pending,
    record_held,
    record_intents,
    record_receipts,
    save_plan,
    start_run,
)
from tests.pipelines.ledger.samples import at, change, intent, plan, receipt


def test_a_plan_comes_back_row_for_row(ledger: Ledger) -> None:
    waiting = HeldChange(change=change("cus_3"), reason="its location has no id in hubspot yet")
    frozen = plan(change("cus_1"), change("cus_2", "update", version="etag-7"), held=(waiting,))
    save_plan(ledger, frozen)
    stored = load_plan(ledger, frozen.id)
    assert stored.plan == frozen
    assert stored.plan.id == frozen.id
    assert (stored.state, stored.approvals) == ("frozen", ())
    assert pending(ledger, frozen.id) == frozen.changes


def test_a_plan_needs_a_run(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="'r9' is not in the ledger; start it"):
        save_plan(ledger, plan(change(), run="r9"))


def test_an_unknown_plan_is_named(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="pln_none"):
        load_plan(ledger, "pln_none")


@pytest.mark.parametrize(
    ("mode", "hold", "reason"),
    [("review", None, "waits for approval"), ("live", "1,200 deletes are over the limit of 5 %", "1,200 deletes")],
)
def test_nothing_of_a_waiting_plan_may_be_sent_until_it_is_approved(
    ledger: Ledger, mode: str, hold: str | None, reason: str
) -> None:
    one = change()
    waiting = plan(one, mode=mode, hold=hold)
    save_plan(ledger, waiting)
    assert pending(ledger, waiting.id) == ()
    with pytest.raises(LedgerError, match=f"held.*{reason}"):
        record_intents(ledger, [intent(ledger, one)])
    approve(ledger, waiting.id, by="Grace", at=at(3), reason="looked at each row")
    stored = load_plan(ledger, waiting.id)
    assert stored.state == "approved"
    assert [(who.by, who.at, who.reason) for who in stored.approvals] == [("Grace", at(3), "looked at each row")]
    record_intents(ledger, [intent(ledger, one)])
    record_receipts(ledger, [receipt(one)])
    assert load_plan(ledger, waiting.id).state == "applied"


def test_approval_does_not_release_what_the_planner_held(ledger: Ledger) -> None:
    kept = HeldChange(change=change("cus_2"), reason="no id yet")
    waiting = plan(change("cus_1"), held=(kept,), mode="review")
    save_plan(ledger, waiting)
    approve(ledger, waiting.id, by="Grace", at=at(3))
    assert [one.core_id for one in pending(ledger, waiting.id)] == ["cus_1"]


@pytest.mark.parametrize("mode", ["off", "shadow"])
def test_a_handoff_that_does_not_write_cannot_be_approved(ledger: Ledger, mode: str) -> None:
    quiet = plan(change(), mode=mode)
    save_plan(ledger, quiet)
    with pytest.raises(LedgerError, match=f"in mode {mode} and writes nothing"):
        approve(ledger, quiet.id, by="Grace", at=at(3))


def test_an_approval_is_named(ledger: Ledger) -> None:
    waiting = plan(change(), mode="review")
    save_plan(ledger, waiting)
    with pytest.raises(LedgerError, match="the name of a person"):
        approve(ledger, waiting.id, by=" ", at=at(3))


def test_another_plan_of_the_handoff_supersedes_the_open_one(ledger: Ledger) -> None:
    first, second = plan(change("cus_1"), mode="review"), plan(change("cus_2"), mode="review")
    save_plan(ledger, first)
    save_plan(ledger, second)
    stored = load_plan(ledger, first.id)
    assert (stored.state, stored.superseded_by) == ("superseded", second.id)
    with pytest.raises(LedgerError, match=f"superseded; look at {second.id} instead"):
        approve(ledger, first.id, by="Grace", at=at(3))


def test_plans_of_other_handoffs_stay_open(ledger: Ledger) -> None:
    first = plan(change("cus_1"), mode="review")
    other = replace(plan(change("cus_1", system="jobber"), mode="review"), system="jobber")
    save_plan(ledger, first)
    save_plan(ledger, other)
    assert {line.handoff: line.state for line in list_plans(ledger)} == {
        "hubspot.customer": "frozen",
        "jobber.customer": "frozen",
    }


def test_the_same_rows_planned_by_the_next_run_keep_their_approval(ledger: Ledger) -> None:
    waiting = plan(change(), mode="review")
    save_plan(ledger, waiting)
    approve(ledger, waiting.id, by="Grace", at=at(3))
    finish_run(ledger, "r1", at=at(4), status="held")
    start_run(ledger, run="r2", kind="sync", at=at(60))
    assert save_plan(ledger, replace(waiting, run="r2", created_at=at(61))) == "approved"
    assert pending(ledger, waiting.id) == waiting.changes


def test_an_approval_is_used_up_by_applying(ledger: Ledger) -> None:
    one = change()
    waiting = plan(one, mode="review")
    save_plan(ledger, waiting)
    approve(ledger, waiting.id, by="Grace", at=at(3))
    record_intents(ledger, [intent(ledger, one)])
    record_receipts(ledger, [receipt(one)])
    start_run(ledger, run="r2", kind="sync", at=at(60))
    assert save_plan(ledger, replace(waiting, run="r2")) == "frozen"
    assert pending(ledger, waiting.id) == ()


def test_an_empty_plan_is_applied_at_once(ledger: Ledger) -> None:
    assert save_plan(ledger, plan(mode="review")) == "applied"


def test_a_list_of_plans_counts_the_changes(ledger: Ledger) -> None:
    kept = HeldChange(change=change("cus_4"), reason="no id yet")
    save_plan(
        ledger,
        plan(change("cus_1"), change("cus_2", "update"), change("cus_3", "delete"), held=(kept,), hold="deletes"),
    )
    [line] = list_plans(ledger, handoff="hubspot.customer", state="frozen")
    assert (line.creates, line.updates, line.deletes, line.held) == (1, 1, 1, 1)
    assert (line.hold, line.run, line.created_at) == ("deletes", "r1", at(1))
    assert list_plans(ledger, handoff="jobber.customer") == ()


def test_the_books_of_a_run_balance_when_it_ends(ledger: Ledger) -> None:
    sent, kept, late, never = change("cus_1"), change("cus_2"), change("cus_3"), change("cus_4")
    save_plan(ledger, plan(sent, kept, never, held=(HeldChange(change=late, reason="no id yet"),)))
    record_intents(ledger, [intent(ledger, sent)])
    record_receipts(ledger, [receipt(sent)])
    record_held(ledger, [HeldChange(change=kept, reason="the quota of today is used up")])
    assert not counts(ledger, "r1")["hubspot.customer"].balanced
    finish_run(ledger, "r1", at=at(9), status="done")
    assert counts(ledger, "r1") == {"hubspot.customer": Counts(planned=4, delivered=1, held=3, rejected=0)}


def test_a_run_that_plans_again_after_a_crash_counts_each_change_once(ledger: Ledger) -> None:
    done, left = change("cus_1"), change("cus_2")
    save_plan(ledger, plan(done, left))
    record_intents(ledger, [intent(ledger, done)])
    record_receipts(ledger, [receipt(done)])
    start_run(ledger, run="r1", kind="sync", at=at(20))
    save_plan(ledger, plan(left))
    record_intents(ledger, [intent(ledger, left)])
    record_receipts(ledger, [receipt(left)])
    finish_run(ledger, "r1", at=at(30), status="done")
    assert counts(ledger, "r1") == {"hubspot.customer": Counts(planned=2, delivered=2, held=0, rejected=0)}


def test_runs_are_listed_newest_first(ledger: Ledger) -> None:
    start_run(ledger, run="r2", kind="apply", at=at(60))
    finish_run(ledger, "r1", at=at(5), status="failed", error="hubspot: no answer")
    assert [(run.id, run.kind, run.status, run.error, run.finished_at) for run in list_runs(ledger)] == [
        ("r2", "apply", "running", None, None),
        ("r1", "sync", "failed", "hubspot: no answer", at(5)),
    ]


def test_a_run_that_never_started_cannot_finish(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="'r7' is not in the ledger"):
        finish_run(ledger, "r7", at=at(5), status="done")
