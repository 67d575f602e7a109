"""From raw to staged: every row read is accounted for, and nothing goes missing because something else is broken."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.raw import Load
from models.fields import choice, composed, email, ref, text
from models.schema import Map
from pipelines.warehouse import prepare
from tests.pipelines.bench import Bench, model_of

STATES = {"lead": "lead", "active": "active"}
FIELDS = {"given_name": text("first"), "email": email("email"), "status": choice("status", STATES)}
PEOPLE = Map("people", to="customer", id="id", changed="changed", fields=FIELDS)
CREWS = Map(
    "visits",
    to="assignment",
    id=composed("id", "@.id"),
    changed="changed",
    each="crew",
    fields={"appointment": ref("id"), "technician": ref("@.id"), "place": text("place")},
)
MODEL = model_of({"crm": [PEOPLE], "scheduling": [CREWS]})


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Making the tables is most of a test's time: one warehouse for all, emptied for each."""
    with Bench(tmp_path_factory.mktemp("bench"), MODEL, "staging") as one:
        yield one


@pytest.fixture
def bench(kept: Bench) -> Bench:
    kept.model, kept.warehouse.statements.fingerprint = MODEL, "staging"
    return kept.reset()


def person(id: str | None, **values: Any) -> dict[str, Any]:
    return {"id": id, "first": "Ada", **values}


def visit(id: str, *crew: str, **values: Any) -> dict[str, Any]:
    return {"id": id, "crew": [{"id": one} for one in crew], **values}


rows = st.builds(
    person,
    st.sampled_from([None, "1", "2", "3"]),
    first=st.sampled_from(["Ada", " Bo ", "", None, 7, {"odd": 1}]),
    status=st.sampled_from(["lead", "odd", None, ["active"]]),
    email=st.sampled_from(["a@x.com", "no address", None]),
)
reads = st.lists(
    st.tuples(st.lists(rows, max_size=5), st.lists(st.sampled_from(["1", "2", "3"]), max_size=2, unique=True)),
    min_size=1,
    max_size=3,
)


@settings(max_examples=20)
@given(reads=reads, together=st.booleans())
def test_every_row_read_is_staged_or_quarantined(
    reads: list[tuple[list[dict[str, Any]], list[str]]], together: bool, kept: Bench
) -> None:
    bench = kept.reset()
    loads = [bench.read("crm", records, deleted=gone) for records, gone in reads]
    parts = [bench.stage("crm", *loads)] if together else [bench.stage("crm", load) for load in loads]

    total = sum(len(records) + len(gone) for records, gone in reads)
    assert sum(p.read for p in parts) == total
    assert sum(p.staged + p.quarantined for p in parts) == total
    books = {r["load_id"]: r for r in bench.rows("SELECT * FROM meta.staging")}
    for load, (records, gone) in zip(loads, reads, strict=True):
        if records or gone:
            assert books[load.id]["read"] == len(records) + len(gone)
            assert books[load.id]["staged"] + books[load.id]["quarantined"] == books[load.id]["read"]
    _the_last_word_counts(bench, reads)


def _the_last_word_counts(bench: Bench, reads: list[tuple[list[dict[str, Any]], list[str]]]) -> None:
    """Each id stands where its newest row belongs, and nowhere else."""
    last: dict[str, dict[str, Any] | None] = {}
    for records, gone in reads:
        last |= {r["id"]: r for r in records if r["id"] is not None} | dict.fromkeys(gone)
    living, aside = bench.living("crm"), {raw_id for raw_id, _ in bench.quarantined()}
    for id, record in last.items():
        broken = record is not None and record["status"] not in ("lead", None)
        assert (id in aside) == broken
        if record is None:
            assert id not in living
        elif not broken:
            assert living[id]["status"] == record["status"]
    nameless = {str(r) for records, _ in reads for r in records if r["id"] is None}
    assert (None in aside) == bool(nameless)


@settings(max_examples=20)
@given(crews=st.lists(st.lists(st.sampled_from(["w1", "w2", "w3"]), max_size=4), min_size=1, max_size=3))
def test_the_elements_of_the_newest_list_are_staged_each_once(crews: list[list[str]], kept: Bench) -> None:
    bench = kept.reset()
    for number, crew in enumerate(crews):
        done = bench.take(
            "scheduling", [visit("v1", *crew, changed=f"2026-03-11T10:{number:02d}:00Z")], resource="visits"
        )
        assert done.read == done.staged + done.quarantined == 1
    assert set(bench.living("scheduling", "assignment")) == {f"v1:{one}" for one in crews[-1]}


def test_a_field_is_what_its_record_says_whatever_staging_calls_its_own_columns(bench: Bench) -> None:
    bench.take("scheduling", [visit("v1", "w1", place="12 Oak St")], resource="visits")
    assert [row["place"] for row in bench.living("scheduling", "assignment").values()] == ["12 Oak St"]


def test_a_broken_version_leaves_the_last_good_one_in_place(bench: Bench) -> None:
    bench.take("crm", [person("1", status="lead", changed="2026-03-11T10:00:00Z")])
    done = bench.take("crm", [person("1", status="odd", changed="2026-03-11T11:00:00Z")])
    assert (done.staged, done.quarantined) == (0, 1)
    assert bench.living("crm")["1"]["status"] == "lead"
    [(raw_id, reason)] = bench.quarantined()
    assert raw_id == "1"
    assert "crm customer: status: 'odd' cannot be read" in reason

    bench.take("crm", [person("1", status="active", changed="2026-03-11T12:00:00Z")])
    assert bench.quarantined() == []
    assert bench.living("crm")["1"]["status"] == "active"


def test_what_is_absent_from_a_full_read_is_gone_and_from_any_other_it_is_not(bench: Bench) -> None:
    bench.take("crm", [person("1"), person("2")], full=True)
    bench.take("crm", [person("1")])
    assert set(bench.living("crm")) == {"1", "2"}
    bench.take("crm", [person("1")], full=True)
    assert set(bench.living("crm")) == {"1"}
    bench.take("crm", full=True)
    assert bench.living("crm") == {}


def test_a_record_without_an_id_hides_no_deletion_and_is_set_aside_once(bench: Bench) -> None:
    for _ in range(3):
        bench.take("crm", [person("1"), person("2"), person(None)], full=True)
    assert [raw_id for raw_id, _ in bench.quarantined()] == [None]
    bench.take("crm", [person("1"), person(None)], full=True)
    assert set(bench.living("crm")) == {"1"}


def test_a_quarantined_record_that_is_deleted_leaves_the_quarantine(bench: Bench) -> None:
    bench.take("crm", [person("1", status="odd"), person("2", status="odd"), person("3")], full=True)
    bench.take("crm", deleted=["1"])
    assert [raw_id for raw_id, _ in bench.quarantined()] == ["2"]
    bench.take("crm", [person("3")], full=True)
    assert bench.quarantined() == []


def test_an_element_that_leaves_the_list_is_gone_and_comes_back(bench: Bench) -> None:
    for number, crew in enumerate((["w1", "w2"], ["w2"], ["w1", "w2"])):
        bench.take("scheduling", [visit("v1", *crew, changed=f"2026-03-11T10:{number:02d}:00Z")], resource="visits")
        assert set(bench.living("scheduling", "assignment")) == {f"v1:{one}" for one in crew}


def test_a_stale_list_takes_nothing_back(bench: Bench) -> None:
    bench.take("crm", [person("1", first="New", changed="2026-03-11T11:00:00Z")])
    done = bench.take("crm", [person("1", first="Old", changed="2026-03-11T10:00:00Z")])
    assert done.moved == 0
    assert bench.living("crm")["1"]["given_name"] == "New"


def test_a_vendor_clock_that_runs_ahead_wins_nothing(bench: Bench) -> None:
    bench.take("crm", [person("1", changed="2031-01-01T00:00:00Z")])
    row = bench.living("crm")["1"]
    assert row["given_name__at"] == row["read_at"]


def test_a_map_that_changed_is_staged_again_from_the_beginning(bench: Bench) -> None:
    bench.take("crm", [person("1", status="odd"), person("2", status="lead")])
    assert set(bench.living("crm")) == {"2"}

    mended = Map(
        "people",
        to="customer",
        id="id",
        changed="changed",
        fields={**FIELDS, "status": choice("status", {**STATES, "odd": "inactive"})},
    )
    bench.model = model_of({"crm": [mended], "scheduling": [CREWS]})
    bench.warehouse.statements.fingerprint = "staging, mended"
    done = bench.stage("crm")

    assert bench.quarantined() == []
    assert bench.living("crm")["1"]["status"] == "inactive"
    assert done.moved == 1  # what reads the same did not move
    assert done.read == 0  # no row was read anew
    assert bench.stage("crm").moved == 0


def _twice_read(bench: Bench) -> list[Load]:
    """Four records; a whole read lacks one of them, the system tells of another that it is deleted."""
    day = [person(n, first=f"Ada {n}", changed="2026-03-11T10:00:00Z") for n in ("1", "2", "3", "4")]
    first = bench.read("crm", day, full=True)
    return [first, bench.read("crm", [day[0], day[2], day[3]], full=True), bench.read("crm", deleted=["3"])]


def test_what_went_in_the_past_stays_gone_in_a_warehouse_that_is_made_anew(bench: Bench) -> None:
    for load in _twice_read(bench):
        bench.stage("crm", load)
    what = "SELECT source_id, given_name, deleted_at IS NULL FROM staged.crm__customer ORDER BY 1"
    one_by_one, loads = bench.rows(what), bench.loads["crm"]
    bench.reset().loads = {"crm": loads}
    bench.stage("crm", *loads)
    assert set(bench.living("crm")) == {"1", "4"}
    assert bench.rows(what) == one_by_one
    went = {r["source_id"]: r for r in bench.rows("SELECT * FROM staged.crm__customer WHERE deleted_at IS NOT NULL")}
    assert went["2"]["read_at"] < went["2"]["deleted_at"] < went["3"]["deleted_at"]


def test_a_map_that_changed_brings_nothing_back_that_is_gone(bench: Bench) -> None:
    for load in _twice_read(bench):
        bench.stage("crm", load)
    went = bench.rows("SELECT source_id, deleted_at FROM staged.crm__customer WHERE deleted_at IS NOT NULL ORDER BY 1")
    bench.model = model_of({"crm": [replace(PEOPLE, fields={**FIELDS, "city": text("city")})], "scheduling": [CREWS]})
    bench.warehouse.statements.fingerprint = "staging, with towns"
    prepare(bench.warehouse, bench.model)
    bench.stage("crm")
    again = bench.rows("SELECT source_id, deleted_at FROM staged.crm__customer WHERE deleted_at IS NOT NULL ORDER BY 1")
    assert again == went
    assert [row["source_id"] for row in went] == ["2", "3"]


def test_what_one_load_shows_and_takes_away_was_never_there(bench: Bench) -> None:
    bench.take("crm", [person("1"), person("2")], deleted=["2"])
    assert [row["source_id"] for row in bench.rows("FROM staged.crm__customer")] == ["1"]


def test_nothing_new_touches_nothing(bench: Bench) -> None:
    bench.take("crm", [person("1")])
    assert bench.stage("crm") == type(bench.stage("crm"))()


def test_the_same_again_moves_nothing(bench: Bench) -> None:
    bench.take("crm", [person("1"), person("2")], full=True)
    bench.rows("DELETE FROM meta.touched")
    done = bench.take("crm", [person("1"), person("2")], full=True)
    assert (done.read, done.staged, done.moved) == (2, 2, 0)
    assert bench.rows("SELECT * FROM meta.touched") == []


# --- races: what is polled and what is pushed to us arrive in any order, more than once ----------------------

RACES = 10_000
VERSIONS = 3


def version(id: int, number: int) -> dict[str, object]:
    return dict(person(str(id), first=f"v{number}", changed=f"2026-03-11T10:{number:02d}:00Z"))


def test_story_28_of_ten_thousand_races_the_newest_version_wins_each(bench: Bench) -> None:
    chance = random.Random(28)
    arrivals = [chance.sample(range(VERSIONS), VERSIONS) for _ in range(RACES)]
    for turn in range(VERSIONS):
        bench.take("crm", [version(id, order[turn]) for id, order in enumerate(arrivals)])
    living = bench.living("crm")
    assert len(living) == RACES
    assert {row["given_name"] for row in living.values()} == {f"v{VERSIONS - 1}"}


def test_every_order_of_arrival_with_repeats_ends_the_same(bench: Bench) -> None:
    orders = list(permutations(range(4)))
    for turn in range(4):
        told = [version(id, order[turn]) for id, order in enumerate(orders)]
        bench.take("crm", told + told)
    assert {row["given_name"] for row in bench.living("crm").values()} == {"v3"}
