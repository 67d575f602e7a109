from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models import fields as f
from models.compile import staged as compiled
from models.compile import tables as t
from models.ownership import prefer
from models.schema import Binding, Entity, Field, Map, Model, Type
from tests.models.reading import SPACES
from tests.models.world import ACCOUNTS, BOOKS, CLIENTS, CRM, NOON, PEOPLE, SCHEDULING, World, iso

HOUR = timedelta(hours=1)
MOMENT = timedelta(microseconds=1)
EPOCH = NOON.replace(year=1970, month=1, day=1, hour=0)
PERSON = {"id": "1", "name": "Ann", "changed": iso(NOON - HOUR)}


def only_row(rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    (row,) = rows
    return row


def test_a_record_becomes_a_canonical_row(world: World) -> None:
    record = PERSON | {"email": " Ann@X.COM ", "phone": "(512) 555-0100", "tags": ["b", "a"], "status": "w"}
    record |= {"etag": "7", "mark": "per_1", "twin": "c9", "address": {"street": "5 Oak", "city": ""}}
    row = only_row(world.read(CRM, PEOPLE, [record]))
    assert row["broken"] is None
    assert row["warnings"] == []
    assert {name: row[name] for name in ("source_id", "parent_id", "resource", "version", "core_ref", "raw_load")} == {
        "source_id": "1",
        "parent_id": "1",
        "resource": "people",
        "version": "7",
        "core_ref": "per_1",
        "raw_load": "load",
    }
    assert row["peers"] == {SCHEDULING: "c9"}
    assert row["changed_at"] == NOON - HOUR
    assert (row["email"], row["phone"], row["tags"]) == ("ann@x.com", "+15125550100", ["a", "b"])
    assert (row["status"], row["street"], row["city"], row["group"]) == ("working", "5 Oak", None, None)


def test_a_value_that_cannot_be_read_breaks_its_row_and_only_that(world: World) -> None:
    rows = world.read(CRM, PEOPLE, [PERSON, PERSON | {"id": "2", "status": "?"}])
    assert [row["broken"] for row in rows] == [
        None,
        f"{CRM} person: status: '?' cannot be read as choice (field status)",
    ]


def test_soft_values_are_a_warning(world: World) -> None:
    row = only_row(world.read(CRM, PEOPLE, [PERSON | {"email": "ann at home", "phone": "ask Bob"}]))
    assert (row["broken"], row["email"], row["phone"]) == (None, None, None)
    assert row["warnings"] == [
        "email: 'ann at home' cannot be read as email (field email)",
        "phone: 'ask Bob' cannot be read as phone (field phone)",
    ]


def test_every_reason_is_named_and_long_values_are_cut(world: World) -> None:
    row = only_row(world.read(CRM, PEOPLE, [{"status": "x" * 500, "changed": None}]))
    assert "the record has no id; status: '" + "x" * 80 + "'" in row["broken"]
    assert "x" * 81 not in row["broken"]


def test_deleted_records_carry_the_time_of_the_read_and_raw_deletions_are_no_rows(world: World) -> None:
    rows = world.read(CRM, PEOPLE, [PERSON | {"gone": True}, PERSON | {"id": "2", "_deleted": True}])
    assert [(row["source_id"], row["deleted_at"]) for row in rows] == [("1", NOON)]


REQUIRED = Entity(
    name="part",
    title="Part",
    description="Something with fields that must not be empty.",
    prefix="prt",
    owner=prefer("crm"),
    fields=(Field("price", Type.MONEY, required=True), Field("email", required=True), Field("of")),
)
PARTS = Map(
    "orders",
    to="part",
    id=f.composed("id", "@.no"),
    each="parts",
    where=f.flag("open"),
    fields=MappingProxyType({"price": f.money("@.price"), "email": f.email("mail"), "of": f.ref("id")}),
)


@pytest.fixture(scope="module")
def parts() -> Iterator[World]:
    binding = Binding(name="select", roles=("crm",), maps=(PARTS,))
    found = World(Model(entities=(REQUIRED,), bindings=(binding,)))
    yield found
    found.close()


def order(*parts: Any, **more: Any) -> dict[str, Any]:
    return {"id": "o1", "open": True, "mail": "a@b.co", "parts": list(parts), **more}


def test_each_element_is_a_row_of_its_own(parts: World) -> None:
    rows = parts.read("select", PARTS, [order({"no": 1, "price": "1.5"}, {"no": 2, "price": 2})])
    assert [(r["source_id"], r["parent_id"], r["price"], r["of"]) for r in rows] == [
        ("o1:1", "o1", Decimal("1.5000"), "o1"),
        ("o1:2", "o1", Decimal("2.0000"), "o1"),
    ]


def test_only_records_of_the_map_are_read(parts: World) -> None:
    closed, unsaid = order({"no": 1, "price": 1}, open=False), order({"no": 1, "price": 1}, open=None)
    assert parts.read("select", PARTS, [closed, unsaid, order(), {"id": "o2", "open": True}]) == []


def test_a_required_field_may_be_neither_empty_nor_a_warning(parts: World) -> None:
    part = {"no": 1, "price": 1}
    assert "price: is empty but required" in parts.read("select", PARTS, [order({"no": 1})])[0]["broken"]
    unreadable = parts.read("select", PARTS, [order({"no": 1, "price": "much"})])[0]["broken"]
    assert unreadable == "select part: price: 'much' cannot be read as money (field @.price)"
    assert "email: is empty but required" in parts.read("select", PARTS, [order(part, mail="nobody")])[0]["broken"]


def test_a_composed_id_of_nothing_is_no_id(parts: World) -> None:
    row = only_row(parts.read("select", PARTS, [order({"price": 1}, id=None)]))
    assert "the record has no id" in row["broken"]


def test_of_several_versions_in_one_batch_the_newest_arrives(world: World) -> None:
    versions = [PERSON | {"name": "new", "changed": iso(NOON)}, PERSON | {"name": "old"}]
    assert world.arrive(CRM, PEOPLE, versions)["1"]["name"] == "new"


def test_of_equally_new_versions_the_last_read_arrives(world: World) -> None:
    assert world.arrive(CRM, PEOPLE, [PERSON | {"name": "first"}, PERSON | {"name": "last"}])["1"]["name"] == "last"


def test_a_version_without_a_stamp_does_not_beat_one_with(world: World) -> None:
    versions = [PERSON | {"name": "stamped"}, PERSON | {"name": "bare", "changed": None}]
    assert world.arrive(CRM, PEOPLE, versions)["1"]["name"] == "stamped"


def test_a_stale_list_changes_nothing(world: World) -> None:
    world.arrive(CRM, PEOPLE, [PERSON | {"name": "new", "changed": iso(NOON)}])
    assert world.arrive(CRM, PEOPLE, [PERSON | {"name": "stale"}], NOON + HOUR) == {}
    assert world.staged(CRM)["1"]["name"] == "new"


def test_clocks_move_only_with_their_values(world: World) -> None:
    world.arrive(CRM, PEOPLE, [PERSON | {"note": "a"}])
    again = world.arrive(CRM, PEOPLE, [PERSON | {"note": "b", "changed": iso(NOON + HOUR)}], NOON + 2 * HOUR)["1"]
    assert again["moved"]
    assert (again["name__at"], again["note__at"]) == (NOON - HOUR, NOON + HOUR)


def test_an_unchanged_record_arrives_unmoved_and_keeps_its_clocks(world: World) -> None:
    first = world.arrive(CRM, PEOPLE, [PERSON])["1"]
    again = world.arrive(CRM, PEOPLE, [PERSON], NOON + HOUR)["1"]
    assert first["moved"]
    assert not again["moved"]
    assert again["name__at"] == first["name__at"]


@pytest.mark.parametrize(
    ("stamp", "clock"),
    [
        (NOON + 99 * HOUR, NOON + 2 * HOUR),
        (NOON + HOUR, NOON + HOUR),
        (NOON - HOUR, NOON + MOMENT),
    ],
    ids=["from the future", "between the reads", "before the last read"],
)
def test_a_clock_lies_between_our_two_reads(world: World, stamp: datetime, clock: datetime) -> None:
    world.arrive(CRM, PEOPLE, [PERSON])
    row = world.arrive(CRM, PEOPLE, [PERSON | {"name": "Anna", "changed": iso(stamp)}], NOON + 2 * HOUR)["1"]
    assert row["name__at"] == clock


def test_without_a_stamp_the_clock_is_our_read(world: World) -> None:
    world.arrive(BOOKS, ACCOUNTS, [{"id": "9", "name": "Ann"}])
    row = world.arrive(BOOKS, ACCOUNTS, [{"id": "9", "name": "Anna"}], NOON + HOUR)["9"]
    assert row["name__at"] == NOON + HOUR


def test_a_value_that_vanishes_moves_its_clock(world: World) -> None:
    world.arrive(CRM, PEOPLE, [PERSON])
    row = world.arrive(CRM, PEOPLE, [PERSON | {"name": None, "changed": iso(NOON + HOUR)}], NOON + HOUR)["1"]
    assert (row["name"], row["name__at"], row["moved"]) == (None, NOON + HOUR, True)


def test_our_own_write_is_nobodys_edit_whatever_its_type(world: World) -> None:
    world.arrive(BOOKS, ACCOUNTS, [{"id": "9", "name": "Ann", "balance": 1}])
    world.link(BOOKS, "A", "9", observed={"name": "Anna", "balance": "12.5"})
    row = world.arrive(BOOKS, ACCOUNTS, [{"id": "9", "name": "Anna", "balance": 12.5, "city": "Austin"}], NOON + HOUR)
    assert (row["9"]["name__at"], row["9"]["balance__at"]) == (EPOCH, EPOCH)
    assert row["9"]["city__at"] == NOON + HOUR


def test_what_a_system_made_of_our_write_after_it_answered_is_an_echo_in_that_version_alone(world: World) -> None:
    """A later version may be a person's: there another spelling is an edit, made as early as it can have been."""
    world.link(CRM, "A", "1", version="v2", observed={"name": "Ann Hára", "note": "Call first", "city": "Austin"})
    shown = PERSON | {"etag": "v2", "name": "ANN HARA", "note": "Call last", "address": {"city": "austin "}}
    row = world.arrive(CRM, PEOPLE, [shown])["1"]
    assert (row["name__at"], row["city__at"], row["note__at"]) == (EPOCH, EPOCH, NOON - HOUR)
    world.arrive(CRM, PEOPLE, [PERSON | {"id": "2"}])
    world.link(CRM, "B", "2", version="v2", observed={"name": "Ann Hára", "note": "Call first"})
    later = shown | {"id": "2", "etag": "v3", "changed": iso(NOON + 2 * HOUR)}
    row = world.arrive(CRM, PEOPLE, [later], NOON + 3 * HOUR)["2"]
    assert (row["name__at"], row["note__at"]) == (NOON + MOMENT, NOON + 2 * HOUR)


@pytest.mark.parametrize(
    ("before", "written", "shown", "echo"),
    [
        ("JONES", "Smith", "SMITH", True),
        ("jones", "Smith", "smith", True),
        ("Jones", "Smith", "SMITH", False),
        ("JONES", "Smith", "SMYTH", False),
        ("JONES", "Smith", "Smíth", False),
    ],
)
def test_the_form_in_which_a_system_had_the_value_before_is_its_own_in_every_version(
    world: World, before: str, written: str, shown: str, echo: bool
) -> None:
    world.arrive(BOOKS, ACCOUNTS, [{"id": "9", "name": before, "balance": 1.25, "etag": "v1"}])
    world.link(BOOKS, "A", "9", version="v2", observed={"name": written, "balance": "12.504"}, at=NOON)
    read = {"id": "9", "name": shown, "balance": 12.5, "etag": "v3"}
    row = world.arrive(BOOKS, ACCOUNTS, [read], NOON + HOUR)["9"]
    assert (row["name__at"] == EPOCH) is echo
    assert row["balance__at"] == EPOCH


def test_a_rounded_amount_in_the_version_that_we_wrote_is_an_echo(world: World) -> None:
    world.link(BOOKS, "A", "9", version="v2", observed={"balance": "12.504"})
    world.link(BOOKS, "B", "8", version="v2", observed={"balance": "12.504"})
    read = [{"id": "9", "balance": 12.5, "etag": "v2"}, {"id": "8", "balance": 12.6, "etag": "v2"}]
    rows = world.arrive(BOOKS, ACCOUNTS, read)
    assert rows["9"]["balance__at"] == EPOCH
    assert rows["8"]["balance__at"] != EPOCH


def test_labels_that_we_wrote_are_an_echo_too(world: World) -> None:
    world.link(CRM, "A", "1", observed={"tags": ["a", "b c"], "note": "kept"})
    row = world.arrive(CRM, PEOPLE, [PERSON | {"tags": ["b c", "a"], "note": "edited"}])["1"]
    assert (row["tags__at"], row["note__at"]) == (EPOCH, NOON - HOUR)


def test_an_edit_after_our_write_is_an_edit(world: World) -> None:
    world.arrive(CRM, PEOPLE, [PERSON])
    world.link(CRM, "A", "1", observed={"name": "Anna"})
    world.arrive(CRM, PEOPLE, [PERSON | {"name": "Anna", "changed": iso(NOON)}], NOON + HOUR)
    row = world.arrive(CRM, PEOPLE, [PERSON | {"name": "Ann", "changed": iso(NOON + 2 * HOUR)}], NOON + 3 * HOUR)["1"]
    assert row["name__at"] == NOON + 2 * HOUR


def test_an_edit_back_to_what_we_wrote_is_an_edit_though_we_wrote_another_field_since(world: World) -> None:
    world.arrive(CRM, PEOPLE, [PERSON | {"name": "Anna"}])
    edited = PERSON | {"changed": iso(NOON + 2 * HOUR)}
    world.arrive(CRM, PEOPLE, [edited], NOON + 3 * HOUR)
    wrote = {"name": "Anna", "note": "By us"}
    world.link(CRM, "A", "1", observed=wrote, at=NOON + 4 * HOUR, earlier={"name": NOON - 2 * HOUR})
    back = edited | {"name": "Anna", "note": "By us", "changed": iso(NOON + 5 * HOUR)}
    row = world.arrive(CRM, PEOPLE, [back], NOON + 6 * HOUR)["1"]
    assert (row["name__at"], row["note__at"]) == (NOON + 5 * HOUR, EPOCH)


def test_the_way_back_to_what_we_wrote_is_an_edit_too(world: World) -> None:
    world.link(CRM, "A", "1", observed={"name": "ours"}, at=NOON)
    for hours, name in ((1, "ours"), (2, "theirs"), (3, "ours")):
        changed = iso(NOON + hours * HOUR)
        row = world.arrive(CRM, PEOPLE, [PERSON | {"name": name, "changed": changed}], NOON + (hours + 1) * HOUR)["1"]
        assert row["name__at"] == (EPOCH if hours == 1 else NOON + hours * HOUR + MOMENT)


def test_who_takes_back_what_we_wrote_before_we_read_it_has_edited(world: World) -> None:
    world.arrive(CRM, PEOPLE, [PERSON | {"etag": "v1", "note": "kept"}])
    world.link(CRM, "A", "1", version="v2", observed={"name": "Anna", "note": "KEPT"}, at=NOON + HOUR)
    back = PERSON | {"etag": "v3", "note": "kept", "changed": iso(NOON + 2 * HOUR)}
    row = world.arrive(CRM, PEOPLE, [back], NOON + 3 * HOUR)["1"]
    assert (row["name__at"], row["moved"]) == (NOON + 2 * HOUR, True)
    assert row["note__at"] == NOON - HOUR  # another spelling of what we wrote, as before


@pytest.mark.parametrize("shown", ["v1", "v2"], ids=["a list that lags", "what our write made"])
def test_what_was_there_before_our_write_is_nobodys_edit_in_a_version_that_nobody_else_made(
    world: World, shown: str
) -> None:
    world.arrive(CRM, PEOPLE, [PERSON | {"etag": "v1"}])
    world.link(CRM, "A", "1", version="v2", observed={"name": "Anna"}, at=NOON + HOUR)
    again = PERSON | {"etag": shown, "changed": iso(NOON + HOUR)}
    row = world.arrive(CRM, PEOPLE, [again], NOON + 3 * HOUR)["1"]
    assert (row["name__at"], row["moved"]) == (NOON - HOUR, False)


def test_our_write_that_a_lagging_list_shows_late_is_still_ours(world: World) -> None:
    world.arrive(BOOKS, ACCOUNTS, [{"id": "9", "name": "before"}], NOON - HOUR)
    world.link(BOOKS, "A", "9", observed={"name": "ours"}, at=NOON)
    world.arrive(BOOKS, ACCOUNTS, [{"id": "9", "name": "before"}], NOON + HOUR)
    row = world.arrive(BOOKS, ACCOUNTS, [{"id": "9", "name": "ours"}], NOON + 2 * HOUR)["9"]
    assert row["name__at"] == EPOCH


def test_two_links_to_one_record_do_not_double_it(world: World) -> None:
    world.link(CRM, "merged away", "1", receipt=1, observed={"name": "Ann"})
    world.link(CRM, "A", "1", receipt=2, observed={"name": "Anna"})
    assert world.arrive(CRM, PEOPLE, [PERSON])["1"]["name__at"] == NOON - HOUR


def test_a_record_that_comes_back_to_life_has_moved(world: World) -> None:
    world.arrive(CRM, PEOPLE, [PERSON])
    world.warehouse.run(
        "CREATE OR REPLACE TEMP TABLE departed AS SELECT '1' AS source_id, now()::TIMESTAMP AS deleted_at"
    )
    world.warehouse.run("DELETE FROM arrived")
    world.warehouse.run(compiled.bury(CRM, world.model.entity("person")))
    assert world.staged(CRM)["1"]["deleted_at"] is not None
    row = world.arrive(CRM, PEOPLE, [PERSON], NOON + HOUR)["1"]
    assert (row["moved"], row["deleted_at"]) == (True, None)


def test_a_deletion_that_is_listed_again_is_no_later_one_and_has_not_moved(world: World) -> None:
    """A list that looks back shows it in every read; a person's word on it, given in between, still holds."""
    world.arrive(CRM, PEOPLE, [PERSON])
    gone = world.arrive(CRM, PEOPLE, [PERSON | {"gone": True}], NOON + HOUR)["1"]
    again = world.arrive(CRM, PEOPLE, [PERSON | {"gone": True}], NOON + 2 * HOUR)["1"]
    assert [(row["deleted_at"], row["moved"]) for row in (gone, again)] == [(NOON + HOUR, True), (NOON + HOUR, False)]
    back = world.arrive(CRM, PEOPLE, [PERSON], NOON + 3 * HOUR)["1"]
    later = world.arrive(CRM, PEOPLE, [PERSON | {"gone": True}], NOON + 4 * HOUR)["1"]
    assert (back["deleted_at"], later["deleted_at"]) == (None, NOON + 4 * HOUR)


def test_what_departed_and_arrived_again_is_not_buried(world: World) -> None:
    world.arrive(CRM, PEOPLE, [PERSON, PERSON | {"id": "2"}])
    world.warehouse.run(
        "CREATE OR REPLACE TEMP TABLE departed AS "
        "SELECT unnest(['1', '2']) AS source_id, DATE '2026-03-11' AS deleted_at"
    )
    world.warehouse.run("DELETE FROM arrived WHERE source_id = '2'")
    world.warehouse.run(compiled.bury(CRM, world.model.entity("person")))
    assert {key: row["deleted_at"] is None for key, row in world.staged(CRM).items()} == {"1": True, "2": False}


def test_technical_columns_are_every_staged_row(world: World) -> None:
    world.arrive(SCHEDULING, CLIENTS, [PERSON])
    row = only_row(world.warehouse.rows(compiled.technical(SCHEDULING, world.model.entity("person"))))
    assert list(row) == list(t.STAGED_COLUMNS)


NAMES = st.text(max_size=12)
READS = st.lists(st.tuples(st.sampled_from(["1", "2"]), st.integers(0, 4), NAMES), min_size=1, max_size=8)


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(reads=READS, cuts=st.lists(st.integers(0, 8), max_size=2))
def test_however_reads_are_cut_into_loads_the_newest_version_stands(
    world: World, reads: list[tuple[str, int, str]], cuts: list[int]
) -> None:
    world.clear()
    records = [{"id": id, "name": name, "changed": iso(NOON + day * HOUR)} for id, day, name in reads]
    edges = [0, *sorted(cuts), len(records)]
    for start, end in pairwise(edges):
        world.arrive(CRM, PEOPLE, records[start:end], NOON + 9 * HOUR)
    newest = {
        id: max((r for r in enumerate(reads) if r[1][0] == id), key=lambda r: (r[1][1], r[0])) for id, *_ in reads
    }
    expected = {id: found[1][2].strip(SPACES) or None for id, found in newest.items()}
    assert {id: row["name"] for id, row in world.staged(CRM).items()} == expected
