"""Whole syncs from the office's files into ServiceTitan: nothing twice, nothing for ever, nobody's edit lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors import servicetitan
from connectors.servicetitan import CONNECTOR
from sandbox import records
from tests.connectors import office as offices
from tests.connectors.office import Office
from tests.sandbox.housecall_pro.desk import COMPANY

PEOPLE = [
    {"id": str(n), "given": given, "family": family, "email": f"p{n}@rest.example", "phone": f"+1512474{n:04}",
     "street": f"{n} Oak  St", "city": "san  Marcos", "zip": "78666"}
    for n, (given, family) in enumerate([("mary  ann", "McDonald"), ("José", "Dyke"), ("Bo", "Lee")], start=1)
]  # fmt: skip
BILLS = [{"id": "b1", "number": "101", "booked": "QB-77"}, {"id": "b6", "number": "106", "booked": "QB-78"}]
MAPS = [
    {"resource": "people", "to": "customer", "fields": {
        "given_name": {"text": "given"}, "family_name": {"text": "family"}, "email": {"email": "email"},
        "phone": {"phone": "phone"}, "street": {"text": "street"}, "city": {"text": "city"},
        "postal_code": {"text": "zip"}}},
    {"resource": "bills", "to": "invoice", "fields": {"number": {"text": "number"}, "booked_as": {"text": "booked"}}},
]  # fmt: skip
USED = ("customers", "invoices")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Only what the tests write is read: compiling the passes over all nine resources takes longer than the syncs."""
    part = replace(
        CONNECTOR,
        resources=tuple(one for one in CONNECTOR.resources if one.name in USED),
        maps=tuple(one for one in CONNECTOR.maps if one.resource in USED),
        writes=tuple(one for one in CONNECTOR.writes if one.resource in USED),
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(servicetitan, "CONNECTOR", part)
        with offices.opened(
            "servicetitan", tmp_path_factory.mktemp("syncs"), company=COMPANY, roles=("accounting",), maps=MAPS,
            files={"people": PEOPLE, "bills": BILLS}, handoffs={"customer": {}, "invoice": {}},
            ownership={"customer": {"prefer": ["office", "servicetitan"]}},
        ) as one:  # fmt: skip
            yield one


def made(office: Office, collection: str, **members: object) -> list[records.Record]:
    return [one for one in office.store.all(collection) if members.items() <= one.items()]


def test_lost_answers_make_nothing_twice_and_capitals_are_not_fought(office: Office) -> None:
    """Writes lose answers more often than the gateway is patient, and values are kept in capitals."""
    before = len(office.store.all("customers"))
    office.fault("rewritten_values", form="upper")
    office.fault("dropped_answer", method="POST", path="/customers$", times=2)
    office.sync()
    office.sync()
    assert office.wanted() == []
    assert len(office.store.all("customers")) == before + 3
    assert len(made(office, "locations", name="MARY  ANN MCDONALD")) == 1
    office.store.faults.clear()


def test_what_the_books_have_is_marked_and_what_is_not_posted_waits(office: Office) -> None:
    (booked,), (pending,) = (made(office, "invoices", referenceNumber=number) for number in ("101", "106"))
    assert (booked["syncStatus"], booked["exportId"]) == ("Exported", "QB-77")
    assert (pending["syncStatus"], pending["exportId"]) == ("Pending", None)
    records.keep(office.served, "invoices", str(pending["id"]), pending | {"syncStatus": "Posted"})
    office.sync()
    assert office.wanted() == []
    assert made(office, "invoices", referenceNumber="106", exportId="QB-78")


def test_a_persons_edit_is_answered_once_and_what_the_office_says_follows(office: Office) -> None:
    (person,) = made(office, "customers", name="JOSÉ DYKE")
    records.keep(office.served, "customers", str(person["id"]), person | {"name": "Joseph Dyke"})
    office.say(people=[PEOPLE[0] | {"city": "Waco"}, *PEOPLE[1:]])
    office.sync()
    assert office.wanted() == []
    assert (office.store.get("customers", str(person["id"])) or {})["name"] == "José Dyke"
    assert [one["address"]["city"] for one in made(office, "customers", name="MARY  ANN MCDONALD")] == ["Waco"]
