"""The audit trail: whatever is decided is in it, and whatever is done to it shows."""

from __future__ import annotations

import pytest
from sqlalchemy import delete, update

from models.errors import LedgerError
from pipelines.ledger import Ledger, Signoff, sign, trail, verify, withdraw
from pipelines.ledger.audit import START
from pipelines.ledger.database import writing
from pipelines.ledger.tables import audit
from tests.pipelines.ledger.samples import at


@pytest.fixture
def decided(ledger: Ledger) -> Ledger:
    for minute, handoff in enumerate(("hubspot.customer", "caldav.assignment", "jobber.appointment")):
        sign(ledger, Signoff(handoff=handoff, configuration="c", validation="v", by="Mia", at=at(minute)))
    withdraw(ledger, "caldav.assignment", by="Noor", at=at(9))
    return ledger


def test_an_empty_trail_is_whole(ledger: Ledger) -> None:
    assert (verify(ledger).head, verify(ledger).problem) == (START, None)


def test_every_decision_is_in_it_in_order(decided: Ledger) -> None:
    told = [(one.by, one.act, one.subject) for one in trail(decided)]
    assert told[0] == ("Noor", "withdraw", "caldav.assignment")
    assert [act for _, act, _ in told] == ["withdraw", "sign off", "sign off", "sign off"]
    assert len(trail(decided, subject="caldav.assignment")) == 2
    proof = verify(decided)
    assert (proof.entries, proof.problem, proof.head) == (4, None, trail(decided)[0].hash)


@pytest.mark.parametrize(
    "change",
    [{"by": "Eve"}, {"subject": "quickbooks_online.invoice"}, {"detail": {}}, {"at": at(55)}, {"act": "release"}],
    ids=lambda change: next(iter(change)),
)
def test_an_entry_that_was_changed_shows(decided: Ledger, change: dict[str, object]) -> None:
    with writing(decided) as db:
        db.execute(update(audit).where(audit.c.seq == 2).values(change))
    assert "entry 2" in str(verify(decided).problem)


@pytest.mark.parametrize("gone", [1, 2, 3])
def test_an_entry_that_is_missing_shows(decided: Ledger, gone: int) -> None:
    with writing(decided) as db:
        db.execute(delete(audit).where(audit.c.seq == gone))
    assert "missing" in str(verify(decided).problem)


def test_a_trail_cut_at_its_end_shows_by_a_hash_noted_before(decided: Ledger) -> None:
    noted = verify(decided).head
    with writing(decided) as db:
        db.execute(delete(audit).where(audit.c.seq == 4))
    assert verify(decided).problem is None
    assert "not in the trail" in str(verify(decided, head=noted).problem)


def test_nobody_decides_without_a_name(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match="carries the name of a person"):
        sign(ledger, Signoff(handoff="a.b", configuration="c", validation="v", by=" ", at=at(0)))
    assert trail(ledger) == ()
