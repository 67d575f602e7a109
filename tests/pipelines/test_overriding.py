"""What people say above the rules: how long it stands, and what cannot be said."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from models.errors import LedgerError, PlumblineError
from pipelines import ledger as books
from pipelines.ledger import Override
from pipelines.overruling import pin, pins, unpin
from tests.pipelines.desk import ADA, Desk, planned


@pytest.fixture
def known(desk: Desk) -> Desk:
    return desk.after(_in_both)


def _in_both(desk: Desk) -> None:
    desk.edit("crm", "1", **ADA, city="Austin")
    desk.sync()
    desk.sync()


def city(desk: Desk) -> tuple[str, str]:
    [ada] = desk.customers()
    return ada["city"], ada["city__from"]


def test_story_63_an_override_ends_when_its_source_speaks(known: Desk) -> None:
    pin(known.company(), "customer", "1", "city", "Waco", by="Mia", why="she called", until_source=True)
    known.sync()
    known.edit("crm", "1", last="Lovelace")  # another field: the source repeats its city as we wrote it there
    known.sync()
    assert city(known) == ("Waco", "pin")

    known.edit("crm", "1", city="Dallas")
    known.sync()

    assert city(known) == ("Dallas", "crm")
    assert pins(known.company()) == []
    [made] = known.people("field").values()
    assert made["city"] == "Dallas"


def test_story_63_an_override_says_who_why_and_until_and_ends_by_itself(known: Desk) -> None:
    pin(known.company(), "customer", "1", "city", "Waco", by="Mia", why="she called", until="2026-03-11T13:00")
    known.sync()
    [said] = pins(known.company())
    assert (said["by"], said["why"], said["until"].hour) == ("Mia", "she called", 13)
    known.edit("crm", "1", city="Dallas")
    known.sync()
    assert city(known) == ("Waco", "pin")
    known.now = datetime(2026, 3, 11, 13, 0, tzinfo=UTC)
    known.sync()
    assert city(known) == ("Waco", "crm")  # as we wrote it there; the rules decide again
    assert pins(known.company()) == []


def test_an_override_can_be_taken_back(known: Desk) -> None:
    pin(known.company(), "customer", "1", "status", "lead", by="Mia", why="she called")
    known.sync()
    [said] = pins(known.company())
    unpin(known.company(), "customer", said["core_id"], "status", by="Lee")
    known.sync()
    assert pins(known.company()) == []
    with pytest.raises(LedgerError, match="has no override"):
        unpin(known.company(), "customer", said["core_id"], "status", by="Lee")


@pytest.mark.parametrize(
    ("entity", "field", "value", "says"),
    [
        ("customer", "balance", "a lot", r"customer\.balance: 'a lot' is no money"),
        ("customer", "status", "activ", r"did you mean 'active'"),
        ("customer", "fone", "1", r"did you mean 'phone'"),
    ],
)
def test_what_does_not_fit_is_refused_when_it_is_said(
    known: Desk, entity: str, field: str, value: str, says: str
) -> None:
    with pytest.raises(PlumblineError, match=says):
        pin(known.company(), entity, "1", field, value, by="Mia", why="so")


def test_a_bad_override_in_the_ledger_is_set_aside_and_shown_and_stops_nobody(known: Desk) -> None:
    [ada] = known.customers()
    at = known.now.replace(tzinfo=None)
    bad = Override(
        entity="customer", core_id=ada["core_id"], field="balance", value="a lot", by="Mia", reason="so", at=at
    )
    known.with_books(lambda ledger: books.set_override(ledger, bad))
    pin(known.company(), "customer", "1", "city", "Waco", by="Mia", why="she called")
    known.sync()
    assert city(known) == ("Waco", "pin")
    aside = {row["field"]: row["set_aside"] for row in pins(known.company())}
    assert aside["city"] is None
    assert "is no money" in str(aside["balance"])
    assert planned(known.sync()) == (0, 0, 0)
