from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.change import Change, HeldChange, Plan, Rejection
from models.errors import LedgerError
from pipelines.ledger import (
    Ledger,
    Link,
    counts,
    database,
    finish_run,
    in_doubt,
    list_links,
    list_runs,
    next_generations,
    open_ledger,
    pending,
    rebuild_links,
    receipts_of,
    receipts_of_all,
    record_absent,
    record_held,
    record_intents,
    record_receipts,
    record_rejections,
    save_plan,
    start_run,
)
from tests.pipelines.ledger.samples import at, change, intent, plan, receipt

ROOT = Path(__file__).parents[3]
Planned = Callable[..., Plan]


def links_of(ledger: Ledger, system: str, entity: str, *, after: int = 0) -> dict[str, Link]:
    return {link.core_id: link for link in list_links(ledger, {(system, entity): after})}


def deliver(ledger: Ledger, *changes: Change) -> None:
    record_intents(ledger, [intent(ledger, one) for one in changes])
    record_receipts(ledger, [receipt(one) for one in changes])


def test_an_intent_is_in_doubt_until_its_receipt(ledger: Ledger, planned: Planned) -> None:
    one, two = change("cus_1"), change("cus_2")
    planned(one, two)
    record_intents(ledger, [intent(ledger, one), intent(ledger, two)])
    assert [doubt.change for doubt in in_doubt(ledger, "hubspot")] == [one, two]
    record_receipts(ledger, [receipt(one)])
    [doubt] = in_doubt(ledger, "hubspot")
    assert (doubt.change, doubt.generation, doubt.key, doubt.tries) == (two, 1, f"{two.id}.1", 1)
    assert doubt.started_at == at(2)
    assert in_doubt(ledger, "jobber") == ()


def test_a_request_is_kept_without_its_secrets(ledger: Ledger, planned: Planned) -> None:
    one = change()
    planned(one)
    record_intents(ledger, [intent(ledger, one)])
    [doubt] = in_doubt(ledger, "hubspot")
    assert doubt.request == {"method": "POST", "headers": {"Authorization": "(hidden)"}, "body": {"name": "Ada"}}


def test_only_planned_changes_are_sent(ledger: Ledger, planned: Planned) -> None:
    with pytest.raises(LedgerError, match="is in no plan"):
        record_intents(ledger, [intent(ledger, change())])
    one = change()
    planned(one)
    deliver(ledger, one)
    with pytest.raises(LedgerError, match=r"is delivered .*; plan it again"):
        record_intents(ledger, [intent(ledger, one)])


def test_one_bad_intent_keeps_all_of_its_batch_out(ledger: Ledger, planned: Planned) -> None:
    one = change("cus_1")
    planned(one)
    with pytest.raises(LedgerError, match="is in no plan"):
        record_intents(ledger, [intent(ledger, one), intent(ledger, change("cus_2"))])
    assert in_doubt(ledger, "hubspot") == ()
    with pytest.raises(LedgerError, match="twice in one batch"):
        record_intents(ledger, [intent(ledger, one), intent(ledger, one)])


def test_a_receipt_without_an_intent_is_refused(ledger: Ledger, planned: Planned) -> None:
    one = change()
    planned(one)
    with pytest.raises(LedgerError, match="has a receipt and no intent"):
        record_receipts(ledger, [receipt(one)])
    assert links_of(ledger, "hubspot", "customer") == {}


def test_a_change_in_doubt_is_sent_again_under_the_same_key(ledger: Ledger, planned: Planned) -> None:
    one = change()
    planned(one)
    record_intents(ledger, [intent(ledger, one)])
    again = intent(ledger, one, minutes=8)
    assert again.generation == 1
    record_intents(ledger, [again])
    [doubt] = in_doubt(ledger, "hubspot")
    assert (doubt.generation, doubt.key, doubt.tries, doubt.started_at) == (1, f"{one.id}.1", 2, at(8))


def test_a_change_in_doubt_can_be_settled_after_its_run_has_ended(ledger: Ledger, planned: Planned) -> None:
    one = change()
    planned(one)
    record_intents(ledger, [intent(ledger, one)])
    finish_run(ledger, "r1", at=at(5), status="failed")
    record_intents(ledger, [intent(ledger, one, minutes=60)])
    record_receipts(ledger, [receipt(one, minutes=61)])
    assert in_doubt(ledger, "hubspot") == ()
    assert counts(ledger, "r1")["hubspot.customer"].delivered == 1


def test_a_request_known_not_to_have_arrived_is_free_again(ledger: Ledger, planned: Planned) -> None:
    one = change()
    kept = planned(one)
    record_intents(ledger, [intent(ledger, one)])
    record_absent(ledger, [one.id])
    assert in_doubt(ledger, "hubspot") == ()
    assert pending(ledger, kept.id) == (one,)
    assert next_generations(ledger, [one.id]) == {one.id: 1}


def test_a_change_wanted_again_after_it_took_effect_gets_a_new_generation(ledger: Ledger, planned: Planned) -> None:
    one = change()
    planned(one)
    deliver(ledger, one)
    start_run(ledger, run="r2", kind="sync", at=at(60))
    planned(one, run="r2")
    assert next_generations(ledger, [one.id, "chg_other"]) == {one.id: 2, "chg_other": 1}
    deliver(ledger, one)
    assert len(receipts_of(ledger, "hubspot", "customer", "cus_1")) == 2
    assert [counts(ledger, run)["hubspot.customer"].delivered for run in ("r1", "r2")] == [1, 1]


def test_a_wrong_generation_is_refused(ledger: Ledger, planned: Planned) -> None:
    one = change()
    planned(one)
    with pytest.raises(LedgerError, match="under generation 1, not 4"):
        record_intents(ledger, [replace(intent(ledger, one), generation=4)])


def test_a_receipt_kept_twice_counts_once(ledger: Ledger, planned: Planned) -> None:
    one = change()
    planned(one)
    record_intents(ledger, [intent(ledger, one)])
    record_receipts(ledger, [receipt(one), receipt(one)])
    record_receipts(ledger, [receipt(one, minutes=9)])
    assert receipts_of(ledger, "hubspot", "customer", "cus_1") == (receipt(one),)


def test_what_was_written_of_a_record_is_told_system_by_system(ledger: Ledger, planned: Planned) -> None:
    first, second, other = change(), change(system="asana"), change("cus_2")
    planned(first, other)
    planned(second, system="asana")
    deliver(ledger, first, second, other)
    systems = ["asana", "hubspot", "jobber"]
    assert receipts_of_all(ledger, systems, "customer", "cus_1") == (receipt(second), receipt(first))
    assert receipts_of_all(ledger, ["hubspot"], "customer", "cus_1") == (receipt(first),)
    assert receipts_of_all(ledger, systems, "job", "cus_1") == ()


def test_a_refusal_settles_the_intent_and_keeps_the_reason(ledger: Ledger, planned: Planned) -> None:
    one = change()
    planned(one)
    record_intents(ledger, [intent(ledger, one)])
    record_rejections(ledger, [Rejection(change=one, reason="PROPERTY_DOESNT_EXIST")])
    assert in_doubt(ledger, "hubspot") == ()
    assert counts(ledger, "r1")["hubspot.customer"].rejected == 1
    assert next_generations(ledger, [one.id]) == {one.id: 2}


def test_a_refusal_of_something_never_planned_is_refused(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="only planned changes can be rejected"):
        record_rejections(ledger, [Rejection(change=change(), reason="no")])


def test_links_gather_every_field_and_start_anew_with_the_record(ledger: Ledger, planned: Planned) -> None:
    made = change("cus_1", after={"name": "Ada", "vat": "1"})
    planned(made)
    deliver(ledger, made)
    edited = change("cus_1", "update", after={"vat": None})
    planned(edited)
    record_intents(ledger, [intent(ledger, edited)])
    record_receipts(ledger, [receipt(edited, minutes=7, observed={"vat": None})])
    link = links_of(ledger, "hubspot", "customer")["cus_1"]
    assert link.pushed == {"name": "Ada", "vat": None}
    assert (link.target_id, link.version, link.deleted, link.change_id) == ("t_cus_1", "v1", False, edited.id)
    assert (link.at, link.earlier) == (at(7), {"name": at(5)})
    gone = change("cus_1", "delete")
    planned(gone)
    deliver(ledger, gone)
    assert links_of(ledger, "hubspot", "customer")["cus_1"].deleted
    reborn = change("cus_1", after={"name": "Ada L."})
    planned(reborn)
    record_intents(ledger, [intent(ledger, reborn)])
    record_receipts(ledger, [receipt(reborn, target_id="t_new")])
    link = links_of(ledger, "hubspot", "customer")["cus_1"]
    assert (link.target_id, link.pushed, link.deleted) == ("t_new", {"name": "Ada L."}, False)


def test_links_can_be_rebuilt_and_copied_on(ledger: Ledger, planned: Planned) -> None:
    one, two = change("cus_1"), change("cus_2")
    planned(one)
    deliver(ledger, one)
    newest = links_of(ledger, "hubspot", "customer")["cus_1"].receipt
    planned(two)
    deliver(ledger, two)
    known = links_of(ledger, "hubspot", "customer")
    assert set(links_of(ledger, "hubspot", "customer", after=newest)) == {"cus_2"}
    assert rebuild_links(ledger) == 2
    assert links_of(ledger, "hubspot", "customer") == known
    assert links_of(ledger, "hubspot", "location") == {}


OUTCOMES = ("delivered", "rejected", "held", "absent", "in doubt", "never sent")


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.lists(st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=5), min_size=1, max_size=4))
def test_whatever_becomes_of_them_the_books_balance_and_links_follow_receipts(
    ledger: Ledger, data: list[list[str]]
) -> None:
    for turn in data:
        run = f"run-{len(names_of_runs(ledger))}"
        start_run(ledger, run=run, kind="sync", at=at(0))
        made = [change(f"cus_{number}", after={"name": outcome}) for number, outcome in enumerate(turn)]
        save_plan(ledger, plan(*made, run=run))
        for one, outcome in zip(made, turn, strict=True):
            become(ledger, one, outcome)
        finish_run(ledger, run, at=at(9), status="done")
        books = counts(ledger, run)["hubspot.customer"]
        assert books.balanced
        assert (books.planned, books.delivered, books.rejected) == (
            len(turn),
            turn.count("delivered"),
            turn.count("rejected"),
        )
    known = links_of(ledger, "hubspot", "customer")
    rebuild_links(ledger)
    assert links_of(ledger, "hubspot", "customer") == known


def names_of_runs(ledger: Ledger) -> list[str]:
    return [run.id for run in list_runs(ledger, limit=10_000)]


def become(ledger: Ledger, one: Change, outcome: str) -> None:
    if outcome in ("delivered", "rejected", "absent", "in doubt"):
        record_intents(ledger, [intent(ledger, one)])
    if outcome == "delivered":
        record_receipts(ledger, [receipt(one)])
    elif outcome == "rejected":
        record_rejections(ledger, [Rejection(change=one, reason="no")])
    elif outcome == "held":
        record_held(ledger, [HeldChange(change=one, reason="the quota is used up")])
    elif outcome == "absent":
        record_absent(ledger, [one.id])


VICTIM = """
import sys
from pipelines.ledger import open_ledger, record_intents, record_receipts, save_plan
from pipelines.ledger.database import writing
from tests.pipelines.ledger.samples import change, intent, plan, receipt

ledger = open_ledger(sys.argv[1])
one, two = change("cus_1"), change("cus_2")
save_plan(ledger, plan(one, two))
record_intents(ledger, [intent(ledger, one), intent(ledger, two)])
record_receipts(ledger, [receipt(one)])
if sys.argv[2] == "between":
    print("ready", flush=True)
    sys.stdin.read()

import pipelines.ledger.journal as journal

def die(*given):
    print("ready", flush=True)
    sys.stdin.read()

journal.carry_on = die  # the receipt is written and the transaction is not committed
record_receipts(ledger, [receipt(two)])
"""


@pytest.mark.parametrize("moment", ["between", "inside"])
def test_a_kill_leaves_the_intent_in_doubt_and_everything_else_whole(url: str, moment: str) -> None:
    with open_ledger(url) as ledger:
        start_run(ledger, run="r1", kind="sync", at=at(0))
    kill_when_ready([sys.executable, "-c", VICTIM, url, moment])
    one, two = change("cus_1"), change("cus_2")
    with open_ledger(url) as ledger:
        assert [doubt.change for doubt in in_doubt(ledger, "hubspot")] == [two]
        assert set(links_of(ledger, "hubspot", "customer")) == {"cus_1"}
        record_receipts(ledger, [receipt(two)])
        assert in_doubt(ledger, "hubspot") == ()
        finish_run(ledger, "r1", at=at(9), status="done")
        assert counts(ledger, "r1")["hubspot.customer"].delivered == 2
        assert receipts_of(ledger, "hubspot", "customer", one.core_id) == (receipt(one),)


def kill_when_ready(command: list[str]) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as victim:
        assert victim.stdout is not None
        assert victim.stdout.readline() == "ready\n"
        victim.send_signal(signal.SIGKILL)
        assert victim.wait(timeout=30) == -signal.SIGKILL


def test_many_receipts_are_one_transaction(ledger: Ledger, planned: Planned, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_CHUNK", 40)  # so that these are several statements
    many = [change(f"cus_{number}") for number in range(100)]
    planned(*many)
    first = intent(ledger, many[0])
    record_intents(ledger, [replace(first, change=one, key=one.id) for one in many])
    stray = change("cus_stray")
    with pytest.raises(LedgerError, match="no intent"):
        record_receipts(ledger, [*(receipt(one) for one in many), receipt(stray)])
    assert links_of(ledger, "hubspot", "customer") == {}
    record_receipts(ledger, [receipt(one) for one in many])
    assert len(links_of(ledger, "hubspot", "customer")) == 100
    assert in_doubt(ledger, "hubspot") == ()
