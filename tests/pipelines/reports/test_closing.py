"""Changes that came after the books were closed are held, listed with the entry that adjusts, and never dropped."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from connectors.quickbooks_online.dialect import judge
from models.change import Change
from models.errors import ClosedPeriod
from pipelines.decoding import Decoder
from pipelines.ledger import Ledger, Refused, list_held, list_rejected
from pipelines.reports.closing import difference, late_changes, late_section, proposal
from tests.pipelines.desk import Desk
from tests.pipelines.shop import Shop, counter, creation, write

TODAY = date(2026, 3, 11)
FAULT = {"Fault": {"Error": [{"Message": "Account Period Closed", "code": "6210"}], "type": "ValidationFault"}}


def refusal() -> ClosedPeriod:
    """As the books of the day say it."""
    found = judge("shop", 400, {}, FAULT)
    assert isinstance(found, ClosedPeriod)
    return found


def test_story_53_a_late_change_is_held_listed_and_goes_out_when_the_period_is_open(
    shop: Shop, ledger: Ledger, decoder: Decoder
) -> None:
    at = counter(shop, ledger, decoder, write("key"))
    shop.failures = {"create": [refusal(), refusal()]}
    for _ in range(2):
        delivery = at.push(creation())
        assert [ClosedPeriod.SAYS in held.reason for held in delivery.held] == [True]
        assert (delivery.delivered, delivery.rejected) == ((), ())
        assert [one.change.core_id for one in list_held(ledger)] == ["cus_1"]
    assert list_rejected(ledger) == ()
    assert len(at.push(creation()).delivered) == 1
    assert list_held(ledger) == ()


def change(**more: object) -> Change:
    given = {"system": "books", "entity": "invoice", "core_id": "inv_1", "action": "update", "target_id": "7",
             "before": {"total": Decimal("100.00")}, "after": {"total": Decimal("98.50")},
             "desired": {"number": "1001", "issued_on": date(2025, 12, 30), "total": Decimal("98.50")}}  # fmt: skip
    return Change(**(given | more))  # type: ignore[arg-type] # a test gives parts of one


@pytest.mark.parametrize(
    ("one", "amount", "says"),
    [
        (change(), "-1.50", 'Enter an adjustment of −1.50 dated 2026-03-11, with "of 2025-12-30" in the note.'),
        (change(action="create", before={}), "98.50", 'Enter it dated 2026-03-11, with "of 2025-12-30" in the note.'),
        (change(action="delete", after={}, desired={}), "-100.00", "Enter an adjustment of −100.00 dated 2026-03-11."),
        (change(before={"memo": "a"}, after={"memo": "b"}), None, "It moves no amount: leave it until"),
        (change(entity="customer"), None, "It moves no amount: leave it until"),
    ],
)
def test_the_proposal_moves_what_the_change_would_have_moved(one: Change, amount: str | None, says: str) -> None:
    assert difference(one) == (Decimal(amount) if amount else None)
    assert proposal(one, TODAY).startswith(says)


def test_the_section_lists_each_with_its_amount() -> None:
    late = [Refused(change=change(), reason=str(refusal()), run="run_1")]
    section = late_section(late, {}, TODAY)
    assert section.sentence.startswith("1 change came after the books were closed.")
    (row,) = section.rows
    assert (row.values["record"], row.values["happened_on"]) == ("1001", date(2025, 12, 30))
    assert section.total("amount") == Decimal("-1.50")


def test_a_company_without_late_changes_says_so(desk: Desk) -> None:
    assert late_changes(desk.company()) == ()
    assert late_section((), {}, TODAY).sentence == "No change came after the books were closed."
