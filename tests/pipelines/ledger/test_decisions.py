from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from models.change import Plan, Rejection
from models.errors import LedgerError
from pipelines.ledger import (
    Ledger,
    Override,
    Signoff,
    dismiss,
    dismissed,
    end_override,
    is_signed,
    list_overrides,
    list_rejected,
    list_signoffs,
    record_intents,
    record_receipts,
    record_rejections,
    save_plan,
    set_override,
    sign,
    start_run,
    withdraw,
)
from tests.pipelines.ledger.samples import at, change, intent, plan, receipt

SIGNED = Signoff(
    handoff="hubspot.customer", configuration="c1", validation="v1", by="Grace", at=at(1), note="matches looked at"
)
PIN = Override(
    entity="customer",
    core_id="cus_1",
    field="credit_limit",
    value=Decimal("250.00"),
    by="Grace",
    reason="agreed on the telephone",
    at=at(1),
)


def test_a_signoff_covers_one_configuration_and_one_validation(ledger: Ledger) -> None:
    assert not is_signed(ledger, "hubspot.customer", configuration="c1", validation="v1")
    sign(ledger, SIGNED)
    assert is_signed(ledger, "hubspot.customer", configuration="c1", validation="v1")
    assert not is_signed(ledger, "hubspot.customer", configuration="c2", validation="v1")
    assert not is_signed(ledger, "hubspot.customer", configuration="c1", validation="v2")
    assert not is_signed(ledger, "jobber.customer", configuration="c1", validation="v1")


def test_the_newest_signoff_counts(ledger: Ledger) -> None:
    newer = replace(SIGNED, validation="v2", at=at(9))
    sign(ledger, SIGNED)
    sign(ledger, newer)
    assert list_signoffs(ledger) == (newer,)
    assert not is_signed(ledger, "hubspot.customer", configuration="c1", validation="v1")


def test_a_withdrawn_signoff_is_over_and_does_not_bring_back_an_older_one(ledger: Ledger) -> None:
    sign(ledger, SIGNED)
    sign(ledger, replace(SIGNED, validation="v2"))
    withdraw(ledger, "hubspot.customer", by="Grace", at=at(9))
    assert list_signoffs(ledger) == ()
    with pytest.raises(LedgerError, match="no sign-off that could be withdrawn"):
        withdraw(ledger, "hubspot.customer", by="Grace", at=at(10))


def test_a_signoff_is_named(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match=r"The decision to sign off hubspot\.customer carries the name of a person"):
        sign(ledger, replace(SIGNED, by=""))


def test_an_override_stands_until_its_time(ledger: Ledger) -> None:
    pin = replace(PIN, until=at(10))
    set_override(ledger, pin)
    assert list_overrides(ledger, at=at(0)) == ()
    assert list_overrides(ledger, at=at(5)) == (pin,)
    assert list_overrides(ledger, at=at(10)) == ()


def test_an_override_may_say_that_a_field_is_empty(ledger: Ledger) -> None:
    pin = replace(PIN, value=None)
    set_override(ledger, pin)
    assert list_overrides(ledger, at=at(5), entity="customer") == (pin,)
    assert list_overrides(ledger, at=at(5), entity="job") == ()


def test_a_second_override_of_a_field_replaces_the_first(ledger: Ledger) -> None:
    set_override(ledger, PIN)
    newer = replace(PIN, value=Decimal("300.00"), at=at(20))
    set_override(ledger, newer)
    assert list_overrides(ledger, at=at(10)) == (PIN,)
    assert list_overrides(ledger, at=at(20)) == (newer,)


def test_overrides_come_in_an_order_of_their_own(ledger: Ledger) -> None:
    pins = [replace(PIN, core_id=core_id, field=field) for core_id in ("cus_2", "cus_1") for field in ("vat", "name")]
    for pin in pins:
        set_override(ledger, pin)
    assert [(pin.core_id, pin.field) for pin in list_overrides(ledger, at=at(5))] == [
        ("cus_1", "name"),
        ("cus_1", "vat"),
        ("cus_2", "name"),
        ("cus_2", "vat"),
    ]


def test_an_override_can_be_ended(ledger: Ledger) -> None:
    set_override(ledger, PIN)
    end_override(ledger, "customer", "cus_1", "credit_limit", by="Grace", at=at(5))
    assert list_overrides(ledger, at=at(6)) == ()
    with pytest.raises(LedgerError, match="credit_limit has no override"):
        end_override(ledger, "customer", "cus_1", "credit_limit", by="Grace", at=at(7))


@pytest.mark.parametrize(("field", "message"), [("by", "the name of a person"), ("reason", "needs a reason")])
def test_an_override_says_who_and_why(ledger: Ledger, field: str, message: str) -> None:
    with pytest.raises(LedgerError, match=message):
        set_override(ledger, replace(PIN, **{field: " "}))


@pytest.fixture
def refused(ledger: Ledger, planned: Callable[..., Plan]) -> Rejection:
    one = change()
    planned(one)
    record_intents(ledger, [intent(ledger, one)])
    refusal = Rejection(change=one, reason="Duplicate Name Exists Error")
    record_rejections(ledger, [refusal])
    return refusal


def test_a_refused_change_is_listed(ledger: Ledger, refused: Rejection) -> None:
    [one] = list_rejected(ledger)
    assert (one.change, one.reason, one.run) == (refused.change, "Duplicate Name Exists Error", "r1")
    assert list_rejected(ledger, system="jobber") == ()


def test_a_refused_change_is_off_the_list_once_it_is_delivered(ledger: Ledger, refused: Rejection) -> None:
    start_run(ledger, run="r2", kind="sync", at=at(60))
    save_plan(ledger, plan(refused.change, run="r2"))
    record_intents(ledger, [intent(ledger, refused.change)])
    record_receipts(ledger, [receipt(refused.change)])
    assert list_rejected(ledger) == ()


def test_a_refused_change_is_dismissed_by_name_with_a_reason(ledger: Ledger, refused: Rejection) -> None:
    with pytest.raises(LedgerError, match="needs a reason"):
        dismiss(ledger, refused.change.id, by="Grace", at=at(9), reason="")
    dismiss(ledger, refused.change.id, by="Grace", at=at(9), reason="they are the same person")
    assert list_rejected(ledger) == ()
    assert dismissed(ledger) == {refused.change.id}
    with pytest.raises(LedgerError, match="not on the rejected list"):
        dismiss(ledger, refused.change.id, by="Grace", at=at(9), reason="again")
