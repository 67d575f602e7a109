"""Histories: what is read bit by bit is what a full copy has, whatever happens between two pages.

A portal in memory speaks the two calls that reading rests on: the list by page token and the search by modification
stamp, whose index trails behind writes, as the vendor's does (facts, Incremental).
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from connectors.hubspot.reading import OVERLAP, read_contacts
from connectors.spec import Page
from models.change import digest

HISTORIES = 10_000
START = 1_773_230_400_000  # epoch ms
SECOND = 1000


@dataclass(slots=True)
class Answer:
    body: Any

    def json(self) -> Any:
        return self.body


@dataclass(slots=True)
class Portal:
    """The vendor's side. ``now`` runs by its own clock, ``skew`` ms from ours; search trails by ``lag`` at most."""

    chance: random.Random
    lag: int
    skew: int
    page: int
    system: str = "hubspot"
    now: int = START
    contacts: dict[int, tuple[int, str]] = field(default_factory=dict)  # id -> stamp, value
    index: dict[int, tuple[int, str]] = field(default_factory=dict)
    pending: list[tuple[int, int]] = field(default_factory=list)  # when the index takes it, id
    quiet: bool = False

    def write(self, id: int, value: str) -> None:
        self.contacts[id] = (self.now + self.skew, value)
        self.pending.append((self.now + self.chance.randint(0, self.lag), id))

    def wait(self, ms: int) -> None:
        self.now += ms
        for due, id in [one for one in self.pending if one[0] <= self.now]:
            self.index[id] = self.contacts[id]
            self.pending.remove((due, id))

    def person(self) -> None:
        """Somebody writes, several at once with one stamp, or nobody does."""
        if self.quiet:
            return
        for _ in range(self.chance.choice((0, 0, 1, 1, 2, 5))):
            self.write(self.chance.randint(1, 8), digest(self.chance.random(), length=6))
        self.wait(self.chance.choice((0, 1, SECOND, 40 * SECOND, 200 * SECOND)))

    def request(self, method: str, path: str, **sent: Any) -> Answer:  # noqa: ARG002 - one place serves both
        self.person()
        return Answer(self._search(sent["json"]) if method == "POST" else self._list(sent["params"]))

    def _list(self, params: Mapping[str, Any]) -> Any:
        if params.get("archived"):
            return {"results": []}
        after = int(params.get("after") or 0)
        found = sorted(id for id in self.contacts if id > after)
        shown = [self._record(id, *self.contacts[id]) for id in found[: self.page]]
        more = {"paging": {"next": {"after": str(found[self.page - 1])}}} if len(found) > self.page else {}
        return {"results": shown, **more}

    def _search(self, query: Mapping[str, Any]) -> Any:
        asked = [f for group in query.get("filterGroups", ()) for f in group["filters"]]
        bound = {f["propertyName"]: int(f["value"]) for f in asked}
        since, last = bound.get("lastmodifieddate", 0), bound.get("hs_object_id", 0)
        found = [(id, *known) for id, known in self.index.items() if known[0] >= since and id > last]
        newest_first = query["sorts"][0]["direction"] == "DESCENDING"
        found.sort(key=(lambda one: -one[1]) if newest_first else (lambda one: one[0]))
        limit = min(query["limit"], self.page)
        return {"total": len(found), "results": [self._record(*one) for one in found[:limit]]}

    def _record(self, id: int, stamp: int, value: str) -> Mapping[str, Any]:
        properties = {"lastmodifieddate": _text(stamp), "firstname": value}
        return {"id": str(id), "updatedAt": _text(stamp), "properties": properties}


def _text(stamp: int) -> str:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(stamp / 1000, UTC).isoformat()


def read_into(copy: dict[str, tuple[str, str]], portal: Portal, cursor: Mapping[str, Any]) -> Mapping[str, Any]:
    """One read, kept as staging keeps it: the newest version of each record counts, whenever it came."""
    pages: list[Page] = list(read_contacts(portal, cursor))  # type: ignore[arg-type]  # it has what reading asks for
    for page in pages:
        for one in page.records:
            if one["updatedAt"] >= copy.get(one["id"], ("", ""))[0]:
                copy[one["id"]] = (one["updatedAt"], one["properties"]["firstname"])
    last = pages[-1].cursor
    assert last is not None
    return last


def lived(seed: int) -> tuple[dict[str, str], dict[str, str]]:
    """The copy after one random history, and the truth."""
    chance = random.Random(seed)
    portal = Portal(
        chance=chance,
        lag=chance.choice((0, 10 * SECOND, OVERLAP - SECOND)),
        skew=chance.choice((-300, 0, 300)) * SECOND,
        page=chance.choice((1, 2, 3, 100)),
    )
    copy: dict[str, tuple[str, str]] = {}
    cursor: Mapping[str, Any] = {}
    for _ in range(chance.randint(1, 3)):
        cursor = read_into(copy, portal, cursor)
        portal.person()
    portal.quiet = True
    portal.wait(portal.lag)
    read_into(copy, portal, cursor)
    return {id: value for id, (_, value) in copy.items()}, {str(id): v for id, (_, v) in portal.contacts.items()}


@pytest.mark.parametrize("part", range(10))
def test_story_24_ten_thousand_histories_end_as_the_full_copy(part: int) -> None:
    wrong = [
        seed
        for seed in range(part * HISTORIES // 10, (part + 1) * HISTORIES // 10)
        if (found := lived(seed))[0] != found[1]
    ]
    assert wrong == []


def test_story_25_five_thousand_records_with_one_stamp_all_arrive() -> None:
    portal = Portal(chance=random.Random(1), lag=0, skew=0, page=200, quiet=True)
    for id in range(1, 5_001):
        portal.write(id, "before")
    portal.wait(SECOND)
    copy: dict[str, tuple[str, str]] = {}
    cursor = read_into(copy, portal, {})
    portal.wait(60 * SECOND)
    for id in range(1, 5_001):
        portal.write(id, "after")
    portal.wait(0)
    read_into(copy, portal, cursor)
    assert {value for _, value in copy.values()} == {"after"}
    assert len(copy) == 5_000


def test_story_26_a_record_read_again_is_told_as_whole_as_the_first_time() -> None:
    """The overlap reads records once more; what the second look did not ask for would be taken for emptied."""
    asked: list[set[str]] = []

    class Listening(Portal):
        def request(self, method: str, path: str, **sent: Any) -> Answer:
            wanted = sent["json"]["properties"] if method == "POST" else sent["params"]["properties"].split(",")
            asked.append(set(wanted))
            return Portal.request(self, method, path, **sent)

    portal = Listening(chance=random.Random(2), lag=0, skew=0, page=100)
    cursor = read_into({}, portal, {})
    whole = max(asked, key=len)
    asked.clear()
    read_into({}, portal, cursor)
    assert max(asked, key=len) == whole
    assert len(whole) > 10
