"""Whole syncs from the office's files into Salesforce: nothing twice, nothing for ever, nobody's edit lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from connectors.salesforce import CONNECTOR
from sandbox.records import keep, merged
from tests.connectors import office as offices
from tests.connectors.office import Office
from tests.sandbox.salesforce.desk import COMPANY, MARK

PEOPLE = [
    {"id": str(n), "given": given, "family": family, "firm": firm, "email": f"p{n}@rest.example",
     "phone": f"+1512474{n:04}", "street": f"{n} Oak  St", "city": "san  Marcos", "status": "active"}
    for n, (given, family, firm) in enumerate(
        [("mary  ann", "McDonald", None), ("José", "van Dyke", None), ("Bo", "Lee", "Lee Cooling")], start=1)
]  # fmt: skip
CREW = [{"id": f"t{n}", "name": f"{one.given_name} {one.family_name}", "email": one.email}
        for n, one in enumerate(COMPANY.technicians[:2])]  # fmt: skip
VISITS = [
    {"id": f"v{n}", "title": f"visit {n}", "start": f"2026-03-2{n}T14:00:00Z",
     "end": f"2026-03-2{n}T15:30:00Z", "status": "scheduled"}
    for n in (1, 2)
]  # fmt: skip
GOES = [{"id": f"g{n}", "visit": f"v{n}", "who": f"t{n - 1}"} for n in (1, 2)]
FILES = {"people": PEOPLE, "crew": CREW, "visits": VISITS, "goes": GOES}
MAPS: list[dict[str, Any]] = [
    {"resource": "people", "to": "customer", "fields": {
        "given_name": {"text": "given"}, "family_name": {"text": "family"}, "company_name": {"text": "firm"},
        "email": {"email": "email"}, "phone": {"phone": "phone"}, "street": {"text": "street"},
        "city": {"text": "city"}, "status": {"text": "status"}}},
    {"resource": "crew", "to": "technician", "fields": {"name": {"text": "name"}, "email": {"email": "email"}}},
    {"resource": "visits", "to": "appointment", "fields": {
        "title": {"text": "title"}, "starts_at": {"instant": "start"},
        "ends_at": {"instant": "end"}, "status": {"text": "status"}}},
    {"resource": "goes", "to": "assignment", "fields": {"appointment": {"ref": "visit"}, "technician": {"ref": "who"}}},
]  # fmt: skip
ENTITIES = ("customer", "assignment")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Only what is written is mapped: compiling the plans of all else takes longer than all of the syncs."""
    writes = tuple(write for write in CONNECTOR.writes if write.entity in ENTITIES)
    maps = tuple(one for one in CONNECTOR.maps if (one.to, one.resource) in [(w.entity, w.resource) for w in writes])
    ownership = {name: {"prefer": ["office", "salesforce"]} for name in ENTITIES}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("connectors.salesforce.CONNECTOR", replace(CONNECTOR, maps=maps, writes=writes))
        with offices.opened(
            "salesforce", tmp_path_factory.mktemp("syncs"), company=COMPANY, files=FILES, maps=MAPS,
            settings={"calendar_entries": True, "field_service": False}, handoffs={name: {} for name in ENTITIES},
            ownership=ownership,
        ) as one:  # fmt: skip
            yield one


def ours(office: Office, collection: str) -> list[dict[str, Any]]:
    """What we made that stands there."""
    return [one for one in office.store.all(collection) if one.get(MARK) and not one.get("IsDeleted")]


def test_lost_answers_make_nothing_twice_and_capitals_are_not_fought(office: Office) -> None:
    """Writes lose answers more often than the gateway is patient, and values are kept in capitals."""
    office.fault("rewritten_values", form="upper")
    for kind, times in (("Account", 5), ("Event", 2)):
        office.fault("dropped_answer", method="PATCH", path=f"{kind}/{MARK}", times=times)
    office.sync()
    office.sync()
    assert [len(ours(office, name)) for name in ("Account", "Contact", "Event")] == [3, 3, 2]
    accounts = {one["Name"] for one in ours(office, "Account")}
    assert accounts == {"MARY  ANN MCDONALD", "JOSÉ VAN DYKE", "LEE COOLING"}
    users = {one["Id"]: one["Email"] for one in office.store.all("User")}
    assert {users[one["OwnerId"]] for one in ours(office, "Event")} == {one["email"] for one in CREW}


def test_a_persons_edit_is_answered_once_and_story_14_a_merge_makes_nothing(office: Office) -> None:
    (contact,) = [one for one in ours(office, "Contact") if one["Email"] == "p2@rest.example"]
    (entry, *_) = [one for one in ours(office, "Event") if one["Subject"] == "VISIT 1"]
    (kept,) = [one for one in ours(office, "Account") if one["Name"] == "LEE COOLING"]
    lost = next(one for one in office.store.all("Account") if not one.get(MARK))
    office.store.clock.advance(timedelta(minutes=5))
    keep(office.served, "Contact", contact["Id"], merged(contact, {"FirstName": "Joseph"}))
    later = {"StartDateTime": "2026-03-21T18:00:00.000+0000", "EndDateTime": "2026-03-21T19:00:00.000+0000"}
    keep(office.served, "Event", entry["Id"], merged(entry, later))
    assert office.served.twin.merge is not None
    office.served.twin.merge(office.store, "Account", lost["Id"], kept["Id"])
    office.say(people=[PEOPLE[0], PEOPLE[1] | {"city": "Waco"}, PEOPLE[2]], goes=[GOES[0] | {"who": "t1"}])
    changes = [(entity, action, sorted(after)) for entity, action, after in office.wanted()]
    assert sorted(changes) == [
        ("assignment", "delete", []), ("assignment", "update", ["ends_at", "starts_at", "technician_email"]),
        ("customer", "update", ["city", "given_name"]),
    ]  # fmt: skip
    office.store.faults.clear()
    assert office.wanted() == []
    assert (office.store.get("Contact", contact["Id"]) or {})["FirstName"] == "JOSÉ"
    assert sorted(one["BillingCity"] for one in ours(office, "Account")) == ["SAN  MARCOS", "SAN  MARCOS", "WACO"]
    (entry,) = ours(office, "Event")
    users = {one["Id"]: one["Email"] for one in office.store.all("User")}
    assert (users[entry["OwnerId"]], entry["StartDateTime"]) == (CREW[1]["email"], "2026-03-21T14:00:00.000+0000")
