from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest

from connectors.paging import Sheet, known_ids, newest_first, numbered_pages, relay, token_pages, watermarked
from connectors.spec import Api, Page, Record
from models.errors import Transient, Unreachable


def test_token_pages_follow_the_token() -> None:
    pages = {None: ("one", "t1"), "t1": ("two", "t2"), "t2": ("three", "")}
    assert list(token_pages(lambda token: pages[token], system="acme")) == ["one", "two", "three"]


def test_a_token_that_comes_back_is_no_list() -> None:
    with pytest.raises(Unreachable, match="same next page"):
        list(token_pages(lambda _: ("page", "t1"), system="acme"))


def test_a_failing_page_is_not_an_end() -> None:
    def fetch(token: str | None) -> tuple[str, str | None]:
        if token:
            raise Transient("acme", "try later")
        return "one", "t1"

    pages = token_pages(fetch, system="acme")
    assert next(pages) == "one"
    with pytest.raises(Transient):
        next(pages)


def test_a_connection_is_followed_by_its_cursor() -> None:
    def fetch(after: str | None) -> dict[str, object]:
        more = after is None
        return {"nodes": [{"id": after or "first"}], "pageInfo": {"endCursor": "c1", "hasNextPage": more}}

    assert [node["id"] for page in relay(fetch, system="acme") for node in page] == ["first", "c1"]


def test_what_is_missing_now_was_deleted() -> None:
    assert known_ids(["a", "b", "c"], ["c", "d"]) == ["a", "b"]


START = datetime(2026, 3, 11, 15, tzinfo=UTC)


@dataclass(slots=True)
class Shelf:
    """A list of records, newest first, two a page; ``meanwhile`` happens after the page of that number was given."""

    stamps: dict[str, int]
    meanwhile: dict[int, Callable[[dict[str, int]], object]] = field(default_factory=dict)
    asked: int = 0
    settings: dict[str, Any] = field(default_factory=dict)
    clock: datetime = START
    system: str = "acme"

    def now(self) -> datetime:
        return self.clock

    def sheet(self, number: int) -> Sheet:
        self.asked += 1
        ids = sorted(self.stamps, key=lambda one: (-self.stamps[one], one))[2 * number - 2 : 2 * number]
        shown = Sheet(records=[self.record(id) for id in ids], pages=-(-len(self.stamps) // 2), total=len(self.stamps))
        self.meanwhile.pop(self.asked, lambda _: None)(self.stamps)
        return shown

    def record(self, id: str) -> dict[str, Any]:
        return {"id": id, "at": (START + timedelta(minutes=self.stamps[id])).isoformat()}

    def read(self, cursor: dict[str, Any] | None = None) -> list[Page]:
        read = watermarked(lambda _, number: self.sheet(number), stamp="at", overlap=timedelta(minutes=2), full_days=7)
        return list(read(cast("Api", self), cursor or {}))


def stamp(record: Record) -> datetime:
    return datetime.fromisoformat(record["at"])


def ids(pages: list[Page]) -> list[str]:
    return [record["id"] for page in pages for record in page.records]


def five() -> dict[str, int]:
    return {f"r{n}": -10 * n for n in range(1, 6)}


def test_numbered_pages_end_with_the_last() -> None:
    assert [len(sheet.records) for sheet in numbered_pages(Shelf(five()).sheet, system="acme")] == [2, 2, 1]
    assert [list(sheet.records) for sheet in numbered_pages(Shelf({}).sheet, system="acme")] == [[]]


def test_a_list_that_loses_a_record_while_it_is_read_is_not_believed() -> None:
    shelf = Shelf(five(), meanwhile={1: lambda stamps: stamps.pop("r1")})
    with pytest.raises(Transient, match="grew shorter"):
        list(numbered_pages(shelf.sheet, system="acme"))


def test_an_empty_page_in_the_middle_is_no_end() -> None:
    with pytest.raises(Transient, match="page 1 of a list came empty"):
        list(numbered_pages(lambda _: Sheet(records=[], pages=3, total=5), system="acme"))


def test_what_moves_to_the_front_while_a_list_is_read_is_found_there() -> None:
    shelf = Shelf(five(), meanwhile={1: lambda stamps: stamps.update(r5=1)})
    assert set(ids(shelf.read())) == {"r1", "r2", "r3", "r4", "r5"}


def test_a_list_that_shows_fewer_than_it_counts_is_not_believed() -> None:
    def short(number: int) -> Sheet:
        return Sheet(records=[Shelf(five()).record(f"r{number}")], pages=2, total=3)

    with pytest.raises(Transient, match="of 3 records showed 2"):
        list(newest_first(short, system="acme", stamp=stamp))


def test_a_list_that_never_rests_is_not_believed() -> None:
    shelf = Shelf(five())
    shelf.meanwhile = {n: lambda stamps, n=n: stamps.update(r5=n) for n in range(1, 50)}  # type: ignore[misc]
    with pytest.raises(Transient, match="kept changing"):
        shelf.read()


def test_a_later_read_stops_at_the_watermark_and_overlaps_it() -> None:
    shelf = Shelf(five())
    first = shelf.read()
    assert all(page.full for page in first)
    shelf.stamps |= {"r4": -9, "new": -1}
    shelf.asked, cursor = 0, dict(first[-1].cursor or {})
    later = shelf.read(cursor)
    assert (ids(later), shelf.asked) == (["new", "r4", "r1"], 2)
    assert not any(page.full for page in later)
    assert later[-1].cursor == {"since": (START - timedelta(minutes=1)).isoformat(), "full_at": START.isoformat()}


def test_a_stamp_in_the_future_hides_nothing() -> None:
    shelf = Shelf({"odd": 10_000, **five()})
    cursor = dict(shelf.read()[-1].cursor or {})
    shelf.clock += timedelta(minutes=5)
    shelf.stamps["r3"] = 4
    assert "r3" in ids(shelf.read(cursor))


def test_everything_is_read_again_after_some_days() -> None:
    shelf = Shelf(five())
    cursor = dict(shelf.read()[-1].cursor or {})
    shelf.clock += timedelta(days=7)
    assert all(page.full for page in shelf.read(cursor))
    shelf.settings["full_read_days"] = 30
    assert not any(page.full for page in shelf.read(cursor))
