"""Nothing goes live unsigned, guards hold what looks wrong, and what a person approved is exactly what is sent."""

from __future__ import annotations

import pytest

from models.errors import Held, LedgerError, StackError
from pipelines import ledger as books
from pipelines.applying import apply_plan
from pipelines.company import open_books
from pipelines.deciding import dismiss, let_go, stop, trust_present
from pipelines.deciding import sign as sign_off
from pipelines.report import exit_status
from tests.pipelines.desk import ADA, Desk, planned


def sign(desk: Desk, handoff: str = "field.customer") -> None:
    company = desk.company()
    one = next(h for h in company.handoffs() if h.name == handoff)
    signoff = books.Signoff(
        handoff=handoff,
        configuration=company.configuration(one),
        validation="",
        by="Mia",
        at=desk.now.replace(tzinfo=None),
    )
    with open_books(company) as ledger:
        books.sign(ledger, signoff)


def approve(desk: Desk, plan: str) -> None:
    with open_books(desk.company()) as ledger:
        books.approve(ledger, plan, by="Mia", at=desk.now.replace(tzinfo=None))


def looked_at(desk: Desk, digest: str) -> None:
    """A validation that found this much of the handoff as it is configured now."""
    company = desk.company()
    [one] = company.handoffs()
    seen = books.Validation(
        handoff=one.name, configuration=company.configuration(one), digest=digest, verdict="warn", at=desk.now
    )
    desk.with_books(lambda ledger: books.record_validations(ledger, [seen]))


def handoff(said: dict, name: str = "field.customer") -> dict:  # type: ignore[type-arg]
    return next(h for h in said["handoffs"] if h["handoff"] == name)


@pytest.fixture
def production(desk: Desk) -> Desk:
    desk.environment = "production"
    desk.rest["handoffs"] = {"field.customer": {"mode": "live"}}
    desk.edit("crm", "1", **ADA)
    return desk


# --- sign-offs -----------------------------------------------------------------------------------------------


def test_nothing_goes_live_unsigned_and_a_sign_off_lapses_with_the_configuration(production: Desk) -> None:
    said = production.sync()
    assert (planned(said), said["pushed"]["delivered"], exit_status(said)) == ((1, 0, 0), 0, 3)
    assert "nobody has signed off field.customer" in handoff(said)["hold"]

    sign(production)
    assert production.sync()["pushed"]["delivered"] == 1

    production.edit("crm", "2", first="Bo", email="bo@example.com")
    production.rest["ownership"] = {"customer.phone": {"prefer": ["crm", "field"]}}
    said = production.sync()
    assert said["pushed"] == {"delivered": 0, "held": 1, "rejected": 0}
    assert len(production.people("field")) == 1
    sign(production)
    assert production.sync()["pushed"]["delivered"] == 1


def test_an_approval_does_not_stand_in_for_a_sign_off(production: Desk) -> None:
    plan = handoff(production.sync())["plan"]
    approve(production, plan)
    said = production.sync()
    assert said["pushed"] == {"delivered": 0, "held": 1, "rejected": 0}
    with pytest.raises(Held, match="nobody has signed off"):
        apply_plan(production.company(), handoff(said)["plan"])
    assert production.people("field") == {}


@pytest.mark.parametrize("mode", ["shadow", "off"])
def test_what_is_not_on_writes_nothing(mode: str, desk: Desk) -> None:
    desk.rest["handoffs"] = {"field.customer": {"mode": mode}}
    desk.edit("crm", "1", **ADA)
    said = desk.sync()
    assert said["pushed"]["delivered"] == 0
    assert desk.people("field") == {}


def test_a_doubt_is_not_settled_by_sending_while_the_handoff_may_not_write(desk: Desk) -> None:
    desk.edit("crm", "1", **ADA)
    desk.faults("field", lost=1)
    desk.sync()
    [made] = desk.people("field")
    desk.tear_out("field", made)
    desk.rest["handoffs"] = {"field.customer": {"mode": "shadow"}}
    desk.sync()
    assert desk.people("field") == {}


# --- guards --------------------------------------------------------------------------------------------------


def test_too_many_creates_wait_until_a_person_releases_them(desk: Desk) -> None:
    desk.rest["guards"] = {"creates": 2}
    for i in range(3):
        desk.edit("crm", str(i), first=f"N{i}", email=f"n{i}@example.com")
    said = desk.sync()
    assert (handoff(said)["hold"] or "").startswith("3 creates are more than the 2 that guards allow")
    assert (said["plan"]["held"], said["pushed"]["held"], exit_status(said)) == (3, 3, 3)
    with pytest.raises(Held, match="3 creates"):
        apply_plan(desk.company(), handoff(said)["plan"])

    approve(desk, handoff(said)["plan"])
    assert len(apply_plan(desk.company(), handoff(said)["plan"]).delivered) == 3
    assert planned(desk.sync()) == (0, 0, 0)


def test_too_many_deletes_wait(desk: Desk) -> None:
    desk.rest |= {"guards": {"deletes": 1}}
    desk.rest["handoffs"]["field.customer"]["deletes"] = "mirror"
    for i in range(12):
        desk.edit("crm", str(i), first=f"N{i}", email=f"n{i}@example.com")
    desk.sync()
    for i in range(2):
        desk.tear_out("crm", str(i))
    said = desk.sync()
    assert "2 deletes are more than the 1" in handoff(said)["hold"]
    assert len(desk.people("field")) == 12
    approve(desk, handoff(said)["plan"])
    assert desk.sync()["pushed"]["delivered"] == 2  # the same rows, agreed to


# --- review --------------------------------------------------------------------------------------------------


@pytest.fixture
def review(desk: Desk) -> Desk:
    desk.rest["handoffs"] = {"field.customer": {"mode": "review"}}
    desk.edit("crm", "1", **ADA)
    return desk


def test_what_was_approved_is_what_is_sent(review: Desk) -> None:
    said = review.sync()
    plan = handoff(said)["plan"]
    assert said["pushed"] == {"delivered": 0, "held": 1, "rejected": 0}
    with pytest.raises(Held, match="waits for approval"):
        apply_plan(review.company(), plan)

    approve(review, plan)
    delivery = apply_plan(review.company(), plan)

    assert [r.action for r in delivery.delivered] == ["create"]
    assert len(review.people("field")) == 1
    with pytest.raises(Held, match="applied"):
        apply_plan(review.company(), plan)
    assert planned(review.sync()) == (0, 0, 0)


def test_an_approval_holds_for_these_rows_and_no_others(review: Desk) -> None:
    plan = handoff(review.sync())["plan"]
    approve(review, plan)
    review.edit("crm", "1", city="Austin")
    said = review.sync()
    assert handoff(said)["plan"] != plan
    assert said["pushed"]["delivered"] == 0
    with pytest.raises(Held, match="superseded"):
        apply_plan(review.company(), plan)
    with pytest.raises(LedgerError, match="superseded"):
        approve(review, plan)
    assert review.people("field") == {}


def test_a_plan_that_the_ledger_does_not_know_is_refused(review: Desk) -> None:
    with pytest.raises(LedgerError, match="not in the ledger"):
        apply_plan(review.company(), "pln_made_up")


def test_a_record_edited_after_the_approval_is_not_overwritten(review: Desk) -> None:
    approve(review, plan := handoff(review.sync())["plan"])
    apply_plan(review.company(), plan)
    [made] = review.people("field")
    review.sync()
    review.edit("crm", "1", city="Austin")
    approve(review, plan := handoff(review.sync())["plan"])
    review.edit("field", made, city="Houston")
    delivery = apply_plan(review.company(), plan)
    assert (delivery.delivered, len(delivery.held)) == ((), 1)
    assert review.person("field", made)["city"] == "Houston"


def test_some_approved_rows_are_sent_and_the_others_wait(review: Desk) -> None:
    review.edit("crm", "2", first="Bo", email="bo@example.com")
    plan = handoff(review.sync())["plan"]
    first = review.with_books(lambda ledger: books.load_plan(ledger, plan)).plan.changes[0]
    review.with_books(lambda ledger: books.approve(ledger, plan, by="Mia", at=review.now, only=[first.id]))
    delivery = apply_plan(review.company(), plan)
    assert [r.core_id for r in delivery.delivered] == [first.core_id]
    assert len(review.people("field")) == 1
    assert planned(review.sync()) == (1, 0, 0)


# --- people who stop and trust -------------------------------------------------------------------------------


def test_a_person_stops_a_handoff_and_lets_it_go_on(desk: Desk) -> None:
    desk.edit("crm", "1", **ADA)
    stop(desk.company(), "field.customer", by="Mia", why="we move offices")
    said = desk.sync()
    assert "Mia holds field.customer" in handoff(said)["hold"]
    assert (exit_status(said), desk.people("field")) == (3, {})
    let_go(desk.company(), "field.customer", by="Mia", why="moved")
    assert desk.sync()["pushed"]["delivered"] == 1


def test_story_62_credentials_that_lead_to_another_company_write_nothing(desk: Desk) -> None:
    desk.edit("crm", "1", **ADA)
    desk.sync()
    desk.edit("crm", "2", first="Bo", email="bo@example.com")
    desk.store("field", desk.data("field") | {"account": "another company"})
    said = desk.sync()
    assert said["pushed"]["delivered"] == 0
    assert "leads to another company" in handoff(said)["hold"]
    trust_present(desk.company(), "field", by="Mia", why="we changed accounts")
    assert desk.sync()["pushed"]["delivered"] == 1


def test_only_the_owner_named_in_the_stack_signs_off(production: Desk) -> None:
    production.rest["handoffs"]["field.customer"]["owner"] = "Mia"
    looked_at(production, "fine")
    with pytest.raises(StackError, match="signed off by its owner, Mia"):
        sign_off(production.company(), "field.customer", by="Eve", note="")
    sign_off(production.company(), "field.customer", by="mia", note="looked at it")
    assert production.sync()["pushed"]["delivered"] == 1


def test_a_sign_off_lapses_with_a_later_validation(production: Desk) -> None:
    looked_at(production, "fine")
    sign_off(production.company(), "field.customer", by="Mia", note="")
    assert production.sync()["pushed"]["delivered"] == 1
    looked_at(production, "found more")
    production.edit("crm", "2", first="Bo", email="bo@example.com")
    assert "nobody has signed off" in handoff(production.sync())["hold"]
    sign_off(production.company(), "field.customer", by="Mia", note="looked again")
    assert production.sync()["pushed"]["delivered"] == 1


def test_a_plan_far_beyond_the_usual_waits(desk: Desk) -> None:
    for i in range(9):
        desk.edit("crm", f"a{i}", first=f"N{i}", email=f"n{i}@example.com")
        desk.sync()
    for i in range(51):
        desk.edit("crm", f"b{i}", first=f"M{i}", email=f"m{i}@example.com")
    assert "far more than the 1 of the largest plan of late" in handoff(desk.sync())["hold"]
    desk.rest["guards"] = {"norm": 0}
    assert desk.sync()["pushed"]["delivered"] == 51


def test_a_refused_change_is_tried_again_until_it_is_dismissed_by_name(desk: Desk) -> None:
    desk.edit("crm", "1", first="Refused", email="r@example.com")
    assert [desk.sync()["pushed"]["rejected"] for _ in range(2)] == [1, 1]
    [waiting] = desk.with_books(books.list_rejected)
    dismiss(desk.company(), waiting.change.id, by="Mia", why="he moved away")
    assert planned(desk.sync()) == (0, 0, 0)
    desk.edit("crm", "1", city="Austin")
    assert desk.sync()["pushed"]["rejected"] == 1  # another change, which nobody dismissed
