"""What the lake remembers of how reads ended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from connectors.raw import last_reads
from connectors.reading import read_system
from connectors.spec import Cursor, Page
from models.errors import Transient
from tests.connectors.kit import MemorySystem, resource


def jobs(_: Cursor) -> Iterator[Page]:
    yield Page(records=[{"id": "1"}, {"id": "2"}], full=True)


def broken(_: Cursor) -> Iterator[Page]:
    raise Transient("acme", "try later")
    yield Page()


def test_the_newest_read_of_each_resource_counts(tmp_path: Path) -> None:
    lake, state = tmp_path / "lake", tmp_path / "state"
    read_system(MemorySystem("acme"), [resource("jobs", jobs), resource("visits", jobs)], lake=lake, state_dir=state)
    read_system(MemorySystem("acme"), [resource("visits", broken)], lake=lake, state_dir=state)
    found = last_reads(lake, "acme", ["jobs", "visits", "never"])
    assert {name: (row["status"], row["rows"], row["error"]) for name, row in found.items()} == {
        "jobs": ("ok", 2, None),
        "visits": ("failed", 0, "acme: try later"),
    }


def test_nothing_was_ever_read(tmp_path: Path) -> None:
    assert last_reads(tmp_path, "acme", ["jobs"]) == {}
