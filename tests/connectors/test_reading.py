from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from threading import Barrier, Event, Lock
from typing import Any

import dlt
import duckdb
import pytest

from connectors.lake import _configure
from connectors.raw import folder_of
from connectors.reading import Load, ReadReport, System, loads, read_all, read_system, too_small
from connectors.spec import Cursor, Page, Resource
from models.errors import DeclarationError, Gone, Transient
from tests.connectors.kit import START, MemorySystem, resource


@dataclass(frozen=True)
class Lake:
    """A lake in a temporary folder and what stands in it."""

    root: Path

    def read(self, *resources: Resource, system: str = "acme", believe: tuple[str, ...] = ()) -> tuple[ReadReport, ...]:
        api = MemorySystem(system)
        return read_system(api, resources, lake=self.root / "lake", state_dir=self.root / "state", believe=believe)

    def all(self, *systems: System) -> dict[str, tuple[ReadReport, ...]]:
        return read_all(systems, lake=self.root / "lake", state_dir=self.root / "state")

    def loads(self, system: str = "acme", **known: Any) -> list[Load]:
        return loads(self.root / "lake", system, **known)

    def rows(self, table: str, system: str = "acme") -> list[tuple[Any, ...]]:
        order = "seq" if table != "reads" else "resource"
        with duckdb.connect() as con:
            files = f"{self.root}/lake/raw/{system}/{table}/*.parquet"
            return con.read_parquet(files).order(f"_dlt_load_id, {order}").fetchall()

    def lose_state(self) -> None:
        shutil.rmtree(self.root / "state")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


class Source:
    """A collection that is read from where the last read ended; ``fail`` breaks it after its pages."""

    def __init__(self, count: int = 3) -> None:
        self.count = count
        self.cursors: list[Cursor] = []
        self.fail: Exception | None = None

    def __call__(self, cursor: Cursor) -> Iterator[Page]:
        self.cursors.append(dict(cursor))
        start = cursor.get("next", 0)
        for n in range(start, self.count):
            yield Page(records=[{"id": n}], cursor={"next": n + 1}, full=not cursor)
        if self.fail:
            raise self.fail


def collection(count: int) -> Callable[[Cursor], Iterator[Page]]:
    """A collection that is read whole each time."""
    return lambda _: iter([Page(records=[{"id": n} for n in range(count)], full=True)])


def test_records_stand_in_raw_exactly_as_they_were(lake: Lake) -> None:
    record = {
        "id": 7,
        "total": Decimal("8853839.23"),
        "rate": Decimal("0.10"),
        "name": "Zoë",
        "lines": [{"qty": 1}],
        "a": None,
    }
    reports = lake.read(resource("invoices", lambda _: iter([Page(records=[record], deleted=["6"])])))
    load = lake.loads()[0].id
    at = START.replace(tzinfo=None)
    assert lake.rows("invoices") == [
        ("7", '{"id":7,"total":8853839.23,"rate":0.10,"name":"Zoë","lines":[{"qty":1}],"a":null}', False, at, 1, load),
        ("6", None, True, at, 2, load),
    ]
    assert reports == (ReadReport(resource="invoices", status="ok", rows=1, deleted=1),)


def test_every_read_leaves_its_row(lake: Lake) -> None:
    lake.read(resource("customers", collection(2)), resource("empty", lambda _: iter(())))
    at = START.replace(tzinfo=None)
    assert [row[:8] for row in lake.rows("reads")] == [
        ("customers", "ok", None, True, 2, 0, at, at),
        ("empty", "ok", None, False, 0, 0, at, at),
    ]


def test_loads_come_in_order_with_their_files(lake: Lake) -> None:
    source = Source()
    lake.read(resource("jobs", source), resource("users", collection(1)))
    source.count = 4
    lake.read(resource("jobs", source))
    first, second = lake.loads()
    assert first.full == {"jobs", "users"}
    assert second.full == frozenset()
    assert set(first.files) == {"jobs", "users"}
    assert all(Path(file).is_file() and first.id in file for files in first.files.values() for file in files)
    assert [one.id for one in lake.loads(known={first.id})] == [second.id]


def test_nothing_was_read_yet(lake: Lake) -> None:
    assert lake.loads("nobody") == []


def test_the_next_read_starts_where_the_last_one_ended(lake: Lake) -> None:
    source = Source(3)
    lake.read(resource("jobs", source))
    source.count = 5
    lake.read(resource("jobs", source))
    assert source.cursors == [{}, {"next": 3}]
    assert [row[0] for row in lake.rows("jobs")] == ["0", "1", "2", "3", "4"]


def test_a_failed_read_leaves_the_cursor_where_it_was(lake: Lake) -> None:
    source = Source(2)
    lake.read(resource("jobs", source))
    source.count, source.fail = 5, Transient("acme", "try later")
    failed = lake.read(resource("jobs", source))
    source.fail = None
    lake.read(resource("jobs", source))
    assert source.cursors == [{}, {"next": 2}, {"next": 2}]
    assert failed == (ReadReport(resource="jobs", status="failed", rows=3, error="acme: try later"),)
    assert [row[0] for row in lake.rows("jobs")] == ["0", "1", "2", "3", "4", "2", "3", "4"]


def test_a_failed_read_is_never_whole(lake: Lake) -> None:
    source = Source(2)
    source.fail = Transient("acme", "try later")
    lake.read(resource("jobs", source))
    assert lake.loads()[0].full == frozenset()


def test_one_resource_that_fails_stops_no_other(lake: Lake) -> None:
    def bug(_: Cursor) -> Iterator[Page]:
        raise KeyError("properties token=abcdef123")
        yield Page()

    reports = {one.resource: one for one in lake.read(resource("contacts", bug), resource("jobs", Source()))}
    assert reports["jobs"].status == "ok"
    assert reports["contacts"].status == "failed"
    assert str(reports["contacts"].error).startswith("KeyError")
    assert "abcdef123" not in str(reports["contacts"].error)


def test_a_cursor_belongs_to_the_stack_and_not_to_the_reader(lake: Lake) -> None:
    def spoil(cursor: Cursor) -> Iterator[Page]:
        cursor["known"].append("spoilt") if cursor else None  # type: ignore[func-returns-value]
        seen.append(json.dumps(cursor))
        yield Page(records=[{"id": 1}], cursor={"known": ["a"]} if not cursor else None)
        if cursor:
            raise Transient("acme", "try later")

    seen: list[str] = []
    for _ in range(3):
        lake.read(resource("jobs", spoil))
    assert seen == ["{}", '{"known": ["a", "spoilt"]}', '{"known": ["a", "spoilt"]}']


def test_a_lost_position_means_reading_everything_once(lake: Lake) -> None:
    source = Source(3)
    lake.read(resource("jobs", source))

    def forgetful(cursor: Cursor) -> Iterator[Page]:
        if cursor:
            raise Gone("acme", "sync token expired")
        yield from source(cursor)

    reports = lake.read(resource("jobs", forgetful))
    assert reports[0] == ReadReport(resource="jobs", status="ok", rows=3, full=True)


def test_a_collection_that_is_gone_is_a_failure(lake: Lake) -> None:
    source = Source(0)
    source.fail = Gone("acme", "no such collection")
    assert lake.read(resource("jobs", source))[0].status == "failed"
    assert source.cursors == [{}]


def test_state_lost_with_the_machine_comes_back_from_the_lake(lake: Lake) -> None:
    source = Source(3)
    lake.read(resource("jobs", source))
    lake.lose_state()
    source.count = 4
    lake.read(resource("jobs", source))
    assert source.cursors == [{}, {"next": 3}]


def test_a_lake_that_was_emptied_is_read_again_from_the_beginning(lake: Lake) -> None:
    source = Source(3)
    lake.read(resource("jobs", source))
    shutil.rmtree(lake.root / "lake")
    lake.read(resource("jobs", source))
    assert source.cursors == [{}, {}]


def test_a_shrunken_read_is_refused_until_somebody_looked(lake: Lake) -> None:
    lake.read(resource("customers", collection(100)))
    refused = lake.read(resource("customers", collection(79)))[0]
    again = lake.read(resource("customers", collection(79)))[0]
    believed = lake.read(resource("customers", collection(79)), believe=("customers",))[0]
    after = lake.read(resource("customers", collection(70)))[0]
    assert (refused.status, refused.full, again.status) == ("refused", False, "refused")
    assert "79 records where the last one returned 100" in str(refused.error)
    assert (believed.status, believed.full) == ("ok", True)
    assert after.status == "ok"
    assert [bool(load.full) for load in lake.loads()] == [True, False, False, True, True]


@pytest.mark.parametrize(
    ("previous", "rows", "refused"),
    [
        (None, 0, False),
        (0, 0, False),
        (100, 80, False),
        (100, 79, True),
        (100, 0, True),
        (4, 1, False),
        (4, 0, True),
        (5, 4, False),
        (5, 3, True),
        (100, 300, False),
    ],
)
def test_what_is_too_small_to_be_believed(previous: int | None, rows: int, refused: bool) -> None:
    assert (too_small("acme.customers", rows, previous) is not None) is refused


def test_a_killed_run_neither_loses_nor_doubles_what_was_complete(lake: Lake) -> None:
    class Killed(BaseException):
        pass

    source = Source(2)
    lake.read(resource("jobs", source))

    def killed(_: Cursor) -> Iterator[Page]:
        yield Page(records=[{"id": 99}], cursor={"next": 100})
        raise Killed

    with pytest.raises(BaseException):  # noqa: B017, PT011 - dlt wraps what kills it
        lake.read(resource("jobs", killed))
    source.count = 3
    lake.read(resource("jobs", source))
    assert source.cursors[-1] == {"next": 2}
    assert [row[0] for row in lake.rows("jobs")] == ["0", "1", "2"]


@pytest.mark.parametrize("loaded_before", [True, False])
def test_what_could_not_be_loaded_is_not_lost(lake: Lake, monkeypatch: pytest.MonkeyPatch, loaded_before: bool) -> None:
    source = Source(1)
    if loaded_before:
        lake.read(resource("jobs", source))
    source.count = 2

    def full_disk(*_: Any, **__: Any) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(dlt.Pipeline, "load", full_disk)
        with pytest.raises(OSError, match="no space"):
            lake.read(resource("jobs", source))
    source.count = 3
    lake.read(resource("jobs", source))
    # With an older load in the lake the kept package goes first; an empty lake is read from the beginning.
    assert source.cursors[-1] == ({"next": 2} if loaded_before else {})
    assert [row[0] for row in lake.rows("jobs")] == ["0", "1", "2"]


def test_systems_are_read_side_by_side(lake: Lake) -> None:
    meeting = Barrier(3, timeout=30)

    def together(_: Cursor) -> Iterator[Page]:
        meeting.wait()  # breaks unless all three are reading at this moment
        yield Page(records=[{"id": 1}], full=True)

    systems = [
        System(api=MemorySystem(name), resources=[resource("jobs", together)]) for name in ("one", "two", "three")
    ]
    reports = lake.all(*systems)
    assert [report.status for name in ("one", "two", "three") for report in reports[name]] == ["ok"] * 3
    assert [len(lake.rows("jobs", name)) for name in ("one", "two", "three")] == [1, 1, 1]


def test_a_system_that_cannot_be_stored_fails_alone(lake: Lake) -> None:
    (lake.root / "lake" / "raw").mkdir(parents=True)
    (lake.root / "lake" / "raw" / "one").write_text("a file where a folder should be")
    reports = lake.all(
        System(api=MemorySystem("one"), resources=[resource("jobs", collection(1))]),
        System(api=MemorySystem("two"), resources=[resource("jobs", collection(1))]),
    )
    assert [reports["one"][0].status, reports["two"][0].status] == ["failed", "ok"]


@pytest.mark.parametrize("name", ["reads", "Jobs", "my jobs", "a__b", "_dlt_loads", "1st"])
def test_a_resource_name_that_cannot_be_a_table_is_refused(lake: Lake, name: str) -> None:
    with pytest.raises(DeclarationError, match="cannot be called"):
        lake.read(resource(name, collection(1)))


def test_ids_are_found_by_path_by_function_or_not_at_all(lake: Lake) -> None:
    page = Page(records=[{"a": {"b": [{"c": 5}]}}, {"a": None}, {}])
    lake.read(
        resource("by_path", lambda _: iter([page]), id="a.b[0].c"),
        resource("by_function", lambda _: iter([page]), id=lambda record: f"x{len(record)}"),
    )
    assert [row[0] for row in lake.rows("by_path")] == ["5", None, None]
    assert [row[0] for row in lake.rows("by_function")] == ["x1", "x1", "x0"]


@pytest.mark.parametrize("name", ["HubSpot-EU", "hub spot", "2nd", "a__b", "Zoë's", "hubspot_", "x" * 90, "北"])
def test_a_system_may_have_any_name(lake: Lake, name: str) -> None:
    source = Source(1)
    for count in (1, 2):
        source.count = count
        lake.read(resource("jobs", source), system=name)
    assert source.cursors == [{}, {"next": 1}]
    assert [sorted(load.files) for load in lake.loads(name)] == [["jobs"], ["jobs"]]


def test_names_that_look_alike_share_nothing() -> None:
    names = ["hubspot", "HubSpot", "hub-spot", "hub_spot", "hub spot", "hub__spot", "s_hub_spot"]
    assert len({folder_of(name) for name in names}) == len(names)


class OneHand(dict[str, bool]):
    """Settings that break when two threads have them in hand, or when one is written twice."""

    def __init__(self) -> None:
        super().__init__()
        self.busy = Lock()

    def get(self, key: str, _type: type) -> Any:  # type: ignore[override] # as dlt asks for a value
        assert self.busy.acquire(blocking=False), "two at once"
        Event().wait(0.002)
        self.busy.release()
        return super().get(key)

    def __setitem__(self, key: str, value: bool) -> None:
        assert key not in self
        super().__setitem__(key, value)


def test_the_threads_of_many_systems_set_what_all_of_them_share_once() -> None:
    config = OneHand()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: _configure(config), range(8)))
    assert len(config) == 3
