from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sandbox.clock import Clock
from sandbox.faults import Faults
from sandbox.store import Store


@pytest.fixture
def store() -> Store:
    return Store(clock=Clock(datetime(2026, 3, 11, tzinfo=UTC)), faults=Faults())


def test_what_is_handed_out_is_a_copy(store: Store) -> None:
    record = {"tags": ["a"]}
    store.put("things", "1", record)
    record["tags"].append("b")
    (found,) = store.all("things")
    found["tags"].append("c")
    ((id, item),) = store.items("things")
    item["tags"].append("d")
    assert (id, store.get("things", "1")) == ("1", {"tags": ["a"]})


def test_the_journal_keeps_order_and_deletions(store: Store) -> None:
    store.put("things", "1", {})
    store.put("others", "9", {})
    store.delete("things", "1")
    store.delete("things", "never there")
    assert store.sequence() == 3
    assert [(e.sequence, e.id, e.deleted) for e in store.since("things", 0)] == [(1, "1", False), (3, "1", True)]
    assert [e.sequence for e in store.since("things", 1)] == [3]


def test_clear_keeps_only_what_outlives_a_reset(store: Store) -> None:
    store.bag["tokens"], store.kept["engine"] = ["t"], "runs"
    assert (store.next_id("things", 100), store.next_id("things", 100)) == (100, 101)
    store.clear()
    assert (store.bag, store.kept, store.next_id("things", 100)) == ({}, {"engine": "runs"}, 100)
