"""Writing to the twin and reading back what was meant; dialect details against made-up answers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest

from connectors.jobber import CONNECTOR, writes
from connectors.spec import Outgoing, Write, Written
from models.change import Change
from models.errors import Ambiguous, Gone, Rejected, StackError, Stale
from models.fields import encode_record
from tests.connectors.jobber.conftest import FakeApi, Jobber, canonical, moment, records

CORE_ID = "cus_00000000000000aa"
ADA = {
    "given_name": "Ada", "family_name": "Byron", "email": "ada@byron.example", "phone": "+15125550188",
    "street": "5 Analytical Row, Unit 2", "city": "Austin", "state": "TX", "postal_code": "78701", "country": "US",
}  # fmt: skip


def write_of(entity: str) -> Write:
    return next(one for one in CONNECTOR.writes if one.entity == entity)


def outgoing(entity: str, action: str, after: Mapping[str, Any], **known: Any) -> Outgoing:
    """A change on its way, as the push makes it."""
    (one,) = (each for each in CONNECTOR.maps if each.to == entity)
    plain: dict[str, Any] = {"system": "jobber", "entity": entity, "core_id": CORE_ID, "desired": after}
    change = Change(**{**plain, "action": action, "after": after, **known})
    return Outgoing(change=change, record=encode_record(one.fields, dict(after)), key="0" * 32)


def customer(written: Written | None) -> dict[str, Any]:
    assert written is not None
    assert written.record is not None
    return canonical("clients", "customer", [written.record])[written.id]


def appointment(written: Written | None) -> dict[str, Any]:
    assert written is not None
    assert written.record is not None
    return canonical("visits", "appointment", [written.record])[written.id]


def made(jobber: Jobber, **values: Any) -> Written:
    return writes.create_client(jobber.api, outgoing("customer", "create", ADA | values))


def test_a_client_is_made_with_our_marker_and_reads_back_as_meant(jobber: Jobber) -> None:
    written = made(jobber)
    assert {key: customer(written)[key] for key in ADA} == ADA
    assert written.record is not None
    assert writes.markers(written.record) == [CORE_ID]
    assert writes.fetch_client(jobber.api, written.id) == written
    assert written.id in {one["id"] for one in records(jobber.read("clients"))}


def test_a_company_is_one(jobber: Jobber) -> None:
    assert made(jobber, company_name="Byron Engines").record["isCompany"] is True  # type: ignore[index]


def test_without_a_place_for_the_marker_no_client_is_made() -> None:
    api = FakeApi(answers=[])
    with pytest.raises(StackError, match="client_custom_field_configuration_id"):
        writes.create_client(api, outgoing("customer", "create", ADA))
    assert api.sent == []


def test_an_update_changes_what_it_names_and_nothing_else(jobber: Jobber) -> None:
    before = made(jobber)
    after = {"email": "ada@lovelace.example", "phone": "+15125550199", "family_name": "Lovelace"}
    change = outgoing("customer", "update", after, target_id=before.id, version=before.version)
    jobber.clock.advance(timedelta(minutes=1))
    written = writes.update_client(jobber.api, change)
    assert {key: customer(written)[key] for key in ADA} == ADA | after
    assert written.record is not None
    assert len(written.record["emails"]) == len(written.record["phones"]) == 1
    assert written.version != before.version


def test_an_update_of_the_street_keeps_the_rest_of_the_address(jobber: Jobber) -> None:
    before = made(jobber)
    change = outgoing("customer", "update", {"street": "6 Difference Way"}, target_id=before.id)
    assert {key: customer(writes.update_client(jobber.api, change))[key] for key in ADA} == ADA | dict(
        change.change.after
    )


def test_a_first_address_and_number_are_added(jobber: Jobber) -> None:
    bare = writes.create_client(jobber.api, outgoing("customer", "create", {"given_name": "Ada"}))
    after = {"email": "ada@byron.example", "phone": "+15125550188", "street": "5 Row", "city": "Austin"}
    written = writes.update_client(jobber.api, outgoing("customer", "update", after, target_id=bare.id))
    assert {key: customer(written)[key] for key in after} == after


def test_a_client_that_a_person_edited_meanwhile_is_stale(jobber: Jobber) -> None:
    before = made(jobber)
    jobber.clock.advance(timedelta(minutes=1))
    jobber.edit("clients", before.id, companyName="Edited")
    change = outgoing("customer", "update", {"given_name": "A."}, target_id=before.id, version=before.version)
    with pytest.raises(Stale):
        writes.update_client(jobber.api, change)
    assert jobber.state("clients")[before.id]["firstName"] == "Ada"


def test_a_client_that_is_gone_is_said_to_be(jobber: Jobber) -> None:
    before = made(jobber)
    jobber.delete("clients", before.id)
    assert writes.fetch_client(jobber.api, before.id) is None
    with pytest.raises(Gone):
        writes.update_client(jobber.api, outgoing("customer", "update", {"given_name": "A."}, target_id=before.id))


def test_what_the_vendor_refuses_is_rejected_in_its_words(jobber: Jobber) -> None:
    with pytest.raises(Rejected, match="client_create was refused"):
        writes.create_client(jobber.api, outgoing("customer", "create", {"city": "Austin"}))


def test_a_lost_answer_is_ambiguous_and_the_client_is_found_by_its_marker(jobber: Jobber) -> None:
    wanted = outgoing("customer", "create", ADA)
    assert writes.find_client(jobber.api, wanted) is None
    jobber.fault("dropped_answer", path="graphql", times=1)
    with pytest.raises(Ambiguous):
        writes.create_client(jobber.api, wanted)
    assert {key: customer(writes.find_client(jobber.api, wanted))[key] for key in ADA} == ADA
    assert [one["firstName"] for one in jobber.state("clients").values()].count("Ada") == 1


def test_a_client_that_the_search_does_not_show_yet_is_found_among_the_newest(jobber: Jobber) -> None:
    jobber.fault("search_lag", seconds=600)
    written = made(jobber)
    found = writes.find_client(jobber.api, outgoing("customer", "create", ADA))
    assert found is not None
    assert found.id == written.id


def test_our_marker_on_somebody_else_is_for_a_person(jobber: Jobber) -> None:
    made(jobber)
    other = outgoing("customer", "create", {"given_name": "Charles", "email": "charles@babbage.example"})
    with pytest.raises(Rejected, match="somebody else"):
        writes.find_client(jobber.api, other)


@pytest.mark.parametrize("named", [{"email": "ada@byron.example"}, {"given_name": "Ada", "family_name": "Byron"}])
def test_a_marked_client_is_known_by_e_mail_or_by_name(jobber: Jobber, named: dict[str, str]) -> None:
    written = made(jobber)
    found = writes.find_client(jobber.api, outgoing("customer", "create", named))
    assert found is not None
    assert found.id == written.id


def a_visit(jobber: Jobber) -> str:
    return next(id for id, one in jobber.state("visits").items() if one["startAt"] and one["startAt"] > "2026-03-13")


def scheduled(jobber: Jobber, visit: str, **after: Any) -> dict[str, Any]:
    return appointment(writes.update_visit(jobber.api, outgoing("appointment", "update", after, target_id=visit)))


def test_a_visit_is_moved_to_the_very_instant(jobber: Jobber) -> None:
    after = {"starts_at": moment("2026-03-20 14:30"), "ends_at": moment("2026-03-20 16:00")}
    seen = scheduled(jobber, a_visit(jobber), **after)
    assert {key: seen[key] for key in after} == after
    assert seen["starts_local"] == moment("2026-03-20 09:30")
    assert seen["all_day"] is False


def test_the_hour_that_comes_twice_is_not_guessed(jobber: Jobber) -> None:
    visit = a_visit(jobber)
    for hour in (6, 7):  # 01:30 in Chicago on the day when clocks go back, once and again
        start = moment(f"2026-11-01 {hour:02d}:30")
        assert scheduled(jobber, visit, starts_at=start, ends_at=start + timedelta(hours=3))["starts_at"] == start


def test_a_visit_becomes_an_all_day_one_and_a_timed_one_again(jobber: Jobber) -> None:
    visit = a_visit(jobber)
    days = {"all_day": True, "starts_on": date(2026, 3, 20), "ends_on": date(2026, 3, 21)}
    seen = scheduled(jobber, visit, **days)
    assert {key: seen[key] for key in days} == days
    assert (seen["starts_at"], seen["ends_at"], seen["starts_local"]) == (None, None, None)
    times = {"all_day": False, "starts_at": moment("2026-03-22 15:00"), "ends_at": moment("2026-03-22 16:00")}
    seen = scheduled(jobber, visit, **times)
    assert {key: seen[key] for key in times} == times
    assert (seen["starts_on"], seen["ends_on"]) == (None, None)


def test_title_and_instructions_are_written_apart_from_the_time(jobber: Jobber) -> None:
    visit = a_visit(jobber)
    before = jobber.state("visits")[visit]["startAt"]
    texts = {"title": "Second visit", "instructions": "Ring twice"}
    seen = scheduled(jobber, visit, **texts)
    assert {key: seen[key] for key in texts} == texts
    assert jobber.state("visits")[visit]["startAt"] == before


def test_a_visit_whose_time_is_not_known_is_not_moved() -> None:
    change = outgoing("appointment", "update", {"all_day": False}, target_id="MQ==")
    with pytest.raises(Rejected, match="unschedule"):
        writes.update_visit(FakeApi(answers=[]), change)


def test_visits_are_fetched_alone_and_many_at_once(jobber: Jobber) -> None:
    wanted = sorted(jobber.state("visits"))[:100]
    many = writes.fetch_visits(jobber.api, [*wanted, "Z2lkOi8vSm9iYmVyL1Zpc2l0LzE="])
    assert sorted(many) == wanted
    assert writes.fetch_visit(jobber.api, wanted[0]) == many[wanted[0]]
    jobber.delete("visits", wanted[0])
    assert writes.fetch_visit(jobber.api, wanted[0]) is None


def test_neither_write_claims_more_than_the_vendor_guards() -> None:
    assert [(write_of(name).guarded, write_of(name).delete) for name in ("customer", "appointment")] == [
        (False, None)
    ] * 2
    assert write_of("appointment").create is None
