"""What a vendor changes in its records is told in the sync that finds it, and pauses the field alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from models.fields import choice, composed, flag, instant, ref, text
from models.schema import Map
from pipelines.drift import ENOUGH
from pipelines.staging import Staged
from tests.pipelines.bench import Bench, model_of
from tests.pipelines.desk import Desk, planned

PEOPLE = Map(
    "people",
    to="customer",
    id="id",
    deleted=flag("cancelled"),
    fields={
        "given_name": text("name.first"),
        "status": choice("status", {"lead": "lead", "active": "active"}),
    },
)
VISITS = Map("visits", to="appointment", id="id", fields={"title": text("title"), "starts_at": instant("start")})
CREWS = Map(
    "visits",
    to="assignment",
    id=composed("id", "@.id"),
    each="crew",
    fields={"appointment": ref("id"), "technician": ref("@.id")},
)
MODEL = model_of({"crm": [PEOPLE], "scheduling": [VISITS, CREWS]})
LATER = "2026-03-12T16:00:00Z"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with Bench(tmp_path_factory.mktemp("bench"), MODEL, "drift") as one:
        yield one


@pytest.fixture
def bench(kept: Bench) -> Bench:
    return kept.reset()


def people(count: int = ENOUGH, **values: Any) -> list[dict[str, Any]]:
    return [{"id": str(n), "name": {"first": f"Ada{n}"}, "status": "lead"} | values for n in range(count)]


def visits(**values: Any) -> list[dict[str, Any]]:
    visit = {"title": "Fix", "start": "2026-03-12T15:00:00Z", "crew": [{"id": "w1"}]}
    return [{"id": str(n)} | visit | values for n in range(ENOUGH)]


def without(name: str, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in record.items() if key != name} for record in records]


def kinds(done: Staged) -> list[tuple[str, str, bool]]:
    return [(one.path, one.kind, one.hold is not None) for one in done.drift]


def told(said: Mapping[str, Any]) -> set[tuple[str, str, str, bool]]:
    return {(one["system"], one["path"], one["kind"], one["paused"]) for one in said["drift"]}


def vendor(desk: Desk, *, gone: str = "", **values: Any) -> None:
    """The CRM's vendor changes every record."""
    for id in desk.people("crm"):
        desk.edit("crm", id, **values)
    data = desk.data("crm")
    for record in data["people"].values():
        record.pop(gone, None)
    desk.store("crm", data)


def test_story_34_changed_fields_are_told_once_and_pause_alone(desk: Desk) -> None:
    desk.rest["ownership"] = {"customer.given_name": {"nulls": "cleared"}}
    for number in range(ENOUGH):
        desk.edit("crm", str(number), first="Ada", last=f"Byron {number}", email=f"n{number}@example.com")
    assert told(desk.sync()) == set()

    vendor(desk, gone="first", last={"family": "Byron"}, nickname="Ad", city="Austin")
    said = desk.sync()
    assert told(said) == {
        ("crm", "first", "vanished", True),
        ("crm", "last", "type changed", True),
        ("crm", "nickname", "appeared", False),
    }
    assert planned(said) == (0, ENOUGH, 0)
    assert said["systems"]["crm"]["quarantined"] == 0
    assert {(c["given_name"], c["city"]) for c in desk.customers()} == {("Ada", "Austin")}
    there = desk.people("field").values()
    assert {(one["first"], one["city"]) for one in there} == {("Ada", "Austin")}
    assert {one["last"] for one in there} == {f"Byron {number}" for number in range(ENOUGH)}

    vendor(desk, first="Eva", last="Lovelace")
    said = desk.sync()
    assert {(one["path"], one["kind"]) for one in said["drift"]} == {("first", "came back"), ("last", "came back")}
    assert {(c["given_name"], c["family_name"]) for c in desk.customers()} == {("Eva", "Lovelace")}


def test_a_field_that_pauses_is_read_from_the_records_that_have_it(bench: Bench) -> None:
    bench.take("crm", people())
    assert kinds(bench.take("crm", people(name={}))) == [("name.first", "vanished", True)]
    done = bench.take("crm", [*people(1, name={"first": "Eva"}), *people(3, name={})[1:]])
    assert kinds(done) == []
    assert [bench.living("crm")[id]["given_name"] for id in "012"] == ["Eva", "Ada1", "Ada2"]
    assert kinds(bench.take("crm", people())) == [("name.first", "came back", False)]
    bench.take("crm", people(1, name={}))
    assert bench.living("crm")["0"]["given_name"] is None


def test_a_field_that_few_records_lack_or_never_all_had_does_not_pause(bench: Bench) -> None:
    bench.take("crm", [*people(ENOUGH - 2), *people(2, name={})])
    assert kinds(bench.take("crm", people(name={}))) == []
    bench.reset()
    bench.take("crm", people())
    assert kinds(bench.take("crm", people(ENOUGH - 1, name={}))) == []
    assert {row["given_name"] for row in bench.living("crm").values()} == {None, f"Ada{ENOUGH - 1}"}


def test_records_that_say_that_they_are_gone_say_nothing_else(bench: Bench) -> None:
    bench.take("crm", people())
    assert kinds(bench.take("crm", [{"id": str(n), "cancelled": True} for n in range(ENOUGH)])) == []
    assert bench.living("crm") == {}


def test_values_of_a_new_type_count_while_they_can_be_read(bench: Bench) -> None:
    bench.take("scheduling", visits(), resource="visits")
    done = bench.take("scheduling", visits(title=7, start=1773331200000), resource="visits")
    assert kinds(done) == [("title", "type changed", True), ("start", "type changed", True)]
    assert done.quarantined == 0
    [(title, day)] = {(v["title"], v["starts_at"].hour) for v in bench.living("scheduling", "appointment").values()}
    assert (title, day) == ("7", 15)
    done = bench.take("scheduling", visits(start=LATER), resource="visits")
    assert kinds(done) == [("title", "came back", False), ("start", "came back", False)]
    assert {v["starts_at"].hour for v in bench.living("scheduling", "appointment").values()} == {16}


def test_one_value_of_another_type_is_told_and_set_aside_as_before(bench: Bench) -> None:
    bench.take("scheduling", visits(), resource="visits")
    odd = visits()[1:] + visits(start=5)[:1]
    done = bench.take("scheduling", odd, resource="visits")
    assert (kinds(done), done.quarantined) == ([("start", "type changed", False)], 1)
    assert kinds(bench.take("scheduling", odd, resource="visits")) == []


def test_a_field_that_was_always_empty_takes_its_first_type_from_its_first_value(bench: Bench) -> None:
    """What we write ourselves into a field that nobody used is no change of the vendor's."""
    bench.take("crm", people(name={"first": None}))
    assert kinds(bench.take("crm", people(1, name={"first": "Ada"}))) == []
    assert bench.living("crm")["0"]["given_name"] == "Ada"
    assert kinds(bench.take("crm", people(name={"first": ["Ada"]}))) == [("name.first", "type changed", True)]


def test_a_list_that_vanished_takes_none_of_its_elements_along(bench: Bench) -> None:
    bench.take("scheduling", visits(), resource="visits", full=True)
    done = bench.take("scheduling", without("crew", visits(title="New")), resource="visits", full=True)
    assert kinds(done) == [("crew", "vanished", True)]
    assert len(bench.living("scheduling", "assignment")) == ENOUGH
    assert {v["title"] for v in bench.living("scheduling", "appointment").values()} == {"New"}
    bench.take("scheduling", visits(crew=[{"id": "w2"}])[:1], resource="visits")
    assert "0:w2" not in bench.living("scheduling", "assignment")
    done = bench.take("scheduling", [*visits()[1:], visits()[0] | {"id": "new"}], resource="visits")
    assert kinds(done) == [("crew", "came back", False)]
    bench.stage("scheduling")  # what was read while the list paused is staged with the next sync
    assert {"0:w2", "new:w1"} < set(bench.living("scheduling", "assignment"))


def test_an_option_and_a_field_that_no_map_knows_are_told_once(bench: Bench) -> None:
    bench.take("crm", people())
    done = bench.take("crm", people(2, status="frozen", vip=True, name={"first": "Ada", "nick": "Ad"}))
    assert kinds(done) == [
        ("vip", "appeared", False),
        ("name.nick", "appeared", False),
        ("status", "new option", False),
    ]
    assert [one.what for one in done.drift] == ["", "", "frozen"]
    assert kinds(bench.take("crm", people(3, status="frozen", vip=True))) == []
