from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dlt
import pytest

from connectors import resume
from connectors.raw import last_reads, loads, newest_load
from connectors.reading import ReadReport, read_system
from connectors.spec import Cursor, Page, Resource
from models.errors import Transient
from tests.connectors.kit import MemorySystem, resource


class Feed:
    """A collection of which each read brings what was not read before; its position moves in every read."""

    def __init__(self) -> None:
        self.news: list[int] = [1]
        self.cursors: list[Cursor] = []

    def __call__(self, cursor: Cursor) -> Iterator[Page]:
        self.cursors.append(dict(cursor))
        news, self.news = self.news, []
        yield Page(records=[{"id": n} for n in news], cursor={"reads": len(self.cursors)})


def read(root: Path, *resources: Resource, state: str = "state") -> tuple[ReadReport, ...]:
    return read_system(MemorySystem("acme"), resources, lake=root / "lake", state_dir=root / state)


def told(root: Path, *names: str) -> list[tuple[str, int]]:
    found = last_reads(root / "lake", "acme", names)
    return [(found[name]["status"], found[name]["rows"]) for name in names]


@pytest.fixture
def no_load(monkeypatch: pytest.MonkeyPatch) -> Any:
    """From when it is called, a load is an error."""

    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("a load for nothing")

    return lambda: monkeypatch.setattr(dlt.Pipeline, "extract", refuse)


def test_a_read_that_brings_nothing_is_told_and_is_no_load(tmp_path, no_load):
    feed = Feed()
    read(tmp_path, resource("jobs", feed))
    before = loads(tmp_path / "lake", "acme")
    no_load()
    for _ in range(2):
        assert read(tmp_path, resource("jobs", feed)) == (ReadReport(resource="jobs", status="ok"),)
        assert told(tmp_path, "jobs") == [("ok", 0)]
    assert loads(tmp_path / "lake", "acme") == before
    assert feed.cursors == [{}, {"reads": 1}, {"reads": 2}]


def test_a_position_that_moved_without_rows_holds_for_the_next_load(tmp_path):
    feed = Feed()
    for news in ([1], [], [2], []):
        feed.news = news
        read(tmp_path, resource("jobs", feed))
    shutil.rmtree(tmp_path / "state")
    read(tmp_path, resource("jobs", feed))
    assert feed.cursors == [{}, {"reads": 1}, {"reads": 2}, {"reads": 3}, {"reads": 3}]


def test_what_one_resource_brings_is_loaded_once_with_the_silence_of_the_others(tmp_path):
    silent, loud = Feed(), Feed()
    both = (resource("jobs", silent), resource("users", loud), resource("items", silent))
    read(tmp_path, *both)
    loud.news = [2, 3]
    reports = read(tmp_path, *both)
    assert [(one.resource, one.rows) for one in reports] == [("jobs", 0), ("users", 2), ("items", 0)]
    assert len(loud.cursors) == 2
    assert [sorted(one.files) for one in loads(tmp_path / "lake", "acme")] == [["jobs", "users"], ["users"]]


def test_a_failed_read_that_brought_nothing_is_told_without_a_load(tmp_path, no_load):
    feed = Feed()
    read(tmp_path, resource("jobs", feed))
    no_load()

    def down(_: Cursor) -> Iterator[Page]:
        raise Transient("acme", "try later")
        yield Page()

    assert read(tmp_path, resource("jobs", down))[0].status == "failed"
    assert told(tmp_path, "jobs") == [("failed", 0)]
    read(tmp_path, resource("jobs", feed))
    assert feed.cursors == [{}, {"reads": 1}]


def test_a_whole_read_of_nothing_is_a_load_because_it_says_what_is_gone(tmp_path):
    feed = Feed()
    read(tmp_path, resource("jobs", feed))
    read(tmp_path, resource("jobs", lambda _: iter([Page(full=True)])))
    assert [sorted(one.full) for one in loads(tmp_path / "lake", "acme")] == [[], ["jobs"]]


def test_a_position_is_not_believed_when_another_machine_loaded_since(tmp_path):
    feed = Feed()
    for state in ("here", "there", "here"):
        feed.news = [len(feed.cursors)]
        read(tmp_path, resource("jobs", feed), state=state)
    assert feed.cursors == [{}, {"reads": 1}, {"reads": 2}]


@pytest.mark.parametrize("text", ["", '{"load": "1'])
def test_a_damaged_position_is_not_believed_and_stops_no_read(tmp_path, text):
    feed = Feed()
    read(tmp_path, resource("jobs", feed))
    (kept,) = (tmp_path / "state").rglob("resume.json")
    kept.write_text(text, encoding="utf-8")
    assert read(tmp_path, resource("jobs", feed)) == (ReadReport(resource="jobs", status="ok"),)
    assert feed.cursors == [{}, {"reads": 1}]


def test_a_load_that_breaks_off_leaves_no_position_to_be_believed(tmp_path, monkeypatch):
    feed = Feed()
    read(tmp_path, resource("jobs", feed))
    assert resume.recall(tmp_path / "state" / "acme", tmp_path / "lake", "acme")
    feed.news = [2]
    with monkeypatch.context() as patch:
        patch.setattr(dlt.Pipeline, "load", lambda *_, **__: (_ for _ in ()).throw(OSError("no space left")))
        with pytest.raises(OSError, match="no space"):
            read(tmp_path, resource("jobs", feed))
    assert resume.recall(tmp_path / "state" / "acme", tmp_path / "lake", "acme") == {}
    read(tmp_path, resource("jobs", feed))
    assert feed.cursors == [{}, {"reads": 1}, {"reads": 2}]


def test_a_load_after_our_own_does_not_look_what_stands_in_the_lake(tmp_path, monkeypatch):
    feed = Feed()
    read(tmp_path, resource("jobs", feed))
    feed.news = [2]
    with monkeypatch.context() as patch:
        patch.setattr(dlt.Pipeline, "_sync_destination", lambda *_: pytest.fail("the lake was asked"))
        read(tmp_path, resource("jobs", feed))
    shutil.rmtree(tmp_path / "state")
    read(tmp_path, resource("jobs", feed))
    assert feed.cursors == [{}, {"reads": 1}, {"reads": 2}]


def test_nothing_was_loaded_yet(tmp_path):
    assert newest_load(tmp_path / "lake", "acme") is None
    assert resume.recall(tmp_path, tmp_path / "lake", "acme") == {}
