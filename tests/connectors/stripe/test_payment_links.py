"""Payment links: one for each open bill, for what is open of it, and none that pays a paid bill again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from connectors import stripe as stripe_connector
from connectors.stripe import CONNECTOR, reading
from connectors.stripe.payment_links import used_up
from models.errors import Ambiguous, Gone, Rejected
from sandbox.records import keep
from sandbox.stripe.catalog import pay_link
from sandbox.stripe.dialect import Refused
from tests.connectors import desk as desks
from tests.connectors import office as offices
from tests.connectors.desk import Desk
from tests.connectors.office import Office
from tests.sandbox.stripe.desk import COMPANY

BY_LINK = {"bill_by": "payment_links"}
BILL = {"number": "1077", "status": "open", "total": Decimal("110.00"), "balance": Decimal("110.00")}
CORE = "inv_0123456789abcdef"


@pytest.fixture(scope="module")
def opened() -> Iterator[Desk]:
    with desks.opened("stripe", company=COMPANY, settings=BY_LINK) as one:
        yield one


@pytest.fixture
def stripe(opened: Desk) -> Iterator[Desk]:
    with desks.fresh(opened) as one:
        yield one


def make(stripe: Desk, **changed: Any) -> Any:
    return stripe.create("invoice", {**BILL, **changed}, core_id=CORE, desired={"currency": "USD"})


def change(stripe: Desk, id: str, **changed: Any) -> Any:
    return stripe.update("invoice", id, changed, core_id=CORE, desired={**BILL, "currency": "USD"} | changed)


def read(record: Any) -> dict[str, Any]:
    return desks.canonical("stripe", "invoice", record, resource="payment_links")


def active(stripe: Desk) -> list[int]:
    """What the links that can be paid ask for."""
    on = [one["id"] for one in stripe.store.all("payment_links") if one["active"]]
    return [sum(item["amount_total"] for item in (stripe.store.get("linked", id) or {})["data"]) for id in on]


def test_a_link_asks_for_what_is_open_and_says_whose_it_is(stripe: Desk) -> None:
    made = make(stripe, balance=Decimal("60.50"))
    assert read(made.record) == {
        **BILL, "balance": Decimal("60.5"), "currency": "USD", "pay_url": made.record["url"],
    }  # fmt: skip
    assert active(stripe) == [6050]
    assert made.record in stripe.all("payment_links")
    assert stripe.fetch("invoice", made.id) == made
    charge = pay_link(stripe.store, made.id, customer=stripe.one("customers")["id"])
    assert charge["metadata"] == {"plumbline_id": CORE, "number": "1077"}


def test_a_create_whose_answer_was_lost_is_found(stripe: Desk) -> None:
    stripe.fault("dropped_answer", method="POST")
    with pytest.raises(Ambiguous):
        make(stripe)
    found = stripe.find("invoice", BILL, core_id=CORE)
    assert found is not None
    assert make(stripe).id == found.id
    assert stripe.find("invoice", BILL, core_id="inv_other") is None
    assert active(stripe) == [11000]


@pytest.mark.parametrize("state", ["paid", "void", "draft"])
def test_nobody_pays_a_bill_that_is_not_open(stripe: Desk, state: str) -> None:
    id = make(stripe).id
    closed = change(stripe, id, status=state, balance=Decimal(0))
    assert closed.id == id
    assert active(stripe) == []
    told = read(closed.record)
    assert (told["status"], told["balance"], told["pay_url"]) == (state, 0, None)
    with pytest.raises(Refused):
        pay_link(stripe.store, id, customer=stripe.one("customers")["id"])
    with pytest.raises(Rejected, match="nothing open"):
        make(stripe, status=state)


def test_a_link_pays_once(stripe: Desk) -> None:
    """Before the books know of it: the link is used up, and never made again for what was paid through it."""
    id = make(stripe).id
    pay_link(stripe.store, id, customer=stripe.one("customers")["id"])
    assert active(stripe) == []
    held = stripe.fetch("invoice", id)
    assert held is not None
    assert used_up(held.record)
    told = read(held.record)
    assert {name: told[name] for name in BILL} == BILL  # as the books say it, so that nothing is planned
    assert told["pay_url"] is None
    with pytest.raises(Rejected, match="was paid"):
        change(stripe, id, total=Decimal(150), balance=Decimal(150))
    assert change(stripe, id, number="1077-B").id == id
    assert read(change(stripe, id, status="paid", balance=Decimal(0)).record)["status"] == "paid"


def test_one_that_is_paid_while_it_is_replaced_gets_no_successor(stripe: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    made = make(stripe)
    pay_link(stripe.store, made.id, customer=stripe.one("customers")["id"])
    monkeypatch.setattr(reading, "link", lambda _api, _id: made.record)  # as it was a moment before
    with pytest.raises(Rejected, match="was paid"):
        change(stripe, made.id, balance=Decimal(90))
    assert len(stripe.store.all("payment_links")) == 1
    assert active(stripe) == []


def test_another_amount_is_another_link(stripe: Desk) -> None:
    old = make(stripe).id
    new = change(stripe, old, total=Decimal(90), balance=Decimal(90))
    assert new.id != old
    assert active(stripe) == [9000]
    assert read(new.record)["total"] == 90
    assert stripe.fetch("invoice", old) == stripe.fetch("invoice", new.id) == new
    with pytest.raises(Gone):
        change(stripe, old, balance=Decimal(80))


@pytest.mark.parametrize(("path", "begun"), [("/plink", False), ("/payment_links$", False), ("/plink", True)])
def test_story_36_a_replacement_that_is_cut_short_goes_on(stripe: Desk, path: str, begun: bool) -> None:
    """Whichever answer is lost, and under another key: one link can be paid, never two."""
    old = make(stripe).id
    if begun:
        change(stripe, old, balance=Decimal(0))
    stripe.fault("dropped_answer", method="POST", path=path)
    with pytest.raises(Ambiguous):
        change(stripe, old, balance=Decimal(90))
    assert active(stripe) in ([], [9000])
    held = stripe.fetch("invoice", old)
    assert held is not None
    if held.id == old:
        assert read(held.record)["balance"] == 0  # so that it is planned again
        change(stripe, old, balance=Decimal(90), total=Decimal("110.0"))
    assert active(stripe) == [9000]


def test_an_opened_bill_gets_a_new_link_and_nothing_open_gets_none(stripe: Desk) -> None:
    old = make(stripe).id
    change(stripe, old, status="paid", balance=Decimal(0))
    new = change(stripe, old, status="open", balance=Decimal(20)).id
    assert active(stripe) == [2000]
    off = change(stripe, new, balance=Decimal(0))
    assert active(stripe) == []
    assert (read(off.record)["status"], read(off.record)["balance"]) == ("open", 0)


def test_one_that_was_switched_off_is_gone_and_one_that_was_deleted_is_no_longer_ours(stripe: Desk) -> None:
    id = make(stripe).id
    stripe.remove("payment_links", id)
    (shown,) = stripe.all("payment_links")
    assert desks.row("stripe", "invoice", shown, resource="payment_links")["deleted_at"] is not None
    assert stripe.fetch("invoice", id) is None
    stripe.edit("payment_links", id, active=True)
    stripe.delete("invoice", id)
    assert active(stripe) == []
    assert stripe.fetch("invoice", id) is None


def test_events_name_the_links_that_changed(stripe: Desk) -> None:
    cursor = stripe.since("payment_links")
    made = make(stripe)
    assert [one["id"] for one in stripe.all("payment_links", cursor)] == [made.id]


BILLS = [
    {"id": f"i{n}", "number": str(1000 + n), "status": status, "total": "110.00", "balance": balance}
    for n, (status, balance) in enumerate(
        [("open", "110.00"), ("open", "40.00"), ("paid", "0"), ("draft", "110.00"), ("open", "110.00")], start=1
    )
]
MAPS = [{"resource": "bills", "to": "invoice", "fields": {
    "number": {"text": "number"}, "status": {"text": "status"}, "total": {"money": "total"},
    "balance": {"money": "balance"}}}]  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Only links are read: compiling the passes over everything else takes longer than the syncs."""
    part = replace(
        CONNECTOR,
        resources=tuple(one for one in CONNECTOR.resources if one.when == BY_LINK),
        maps=tuple(one for one in CONNECTOR.maps if one.resource == "payment_links"),
        writes=tuple(one for one in CONNECTOR.writes if one.when == BY_LINK),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stripe_connector, "CONNECTOR", part)
        with offices.opened(
            "stripe", tmp_path_factory.mktemp("links"), company=COMPANY, files={"bills": BILLS},
            maps=MAPS, handoffs={"invoice": {}}, roles=("accounting",), settings=BY_LINK,
        ) as one:  # fmt: skip
            yield one


def asked(office: Office) -> list[int]:
    on = [one["id"] for one in office.store.all("payment_links") if one["active"]]
    return sorted(item["amount_total"] for id in on for item in (office.store.get("linked", id) or {})["data"])


def test_each_open_bill_has_one_link_though_answers_are_lost(office: Office) -> None:
    """More answers in a row than the gateway is patient for."""
    office.fault("dropped_answer", method="POST", path="/v1/payment_links", times=6)
    office.sync()
    assert asked(office) == [4000, 11000, 11000]


def test_a_link_goes_with_its_bill_and_nothing_is_planned_again(office: Office) -> None:
    """Paid, part paid, and gone from the books; then a paid one whose link somebody switches on, and a replaced one."""
    office.say(bills=[BILLS[0] | {"status": "paid", "balance": "0"}, BILLS[1] | {"balance": "15.00"}, *BILLS[2:4]])
    assert sorted(action for _, action, _ in office.wanted()) == ["delete", "update", "update"]
    assert asked(office) == [1500]
    assert len(office.store.all("payment_links")) == 3 + 1
    assert office.wanted() == []
    paid = next(one for one in office.store.all("payment_links") if one["metadata"].get("state") == "paid")
    keep(office.served, "payment_links", paid["id"], paid | {"active": True})
    office.say(bills=[BILLS[0] | {"status": "paid", "balance": "0"}, *BILLS[2:4]])
    assert sorted(action for _, action, _ in office.wanted()) == ["delete", "update"]
    assert asked(office) == []
