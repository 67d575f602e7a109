from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast

import pytest

from connectors.batches import chunks, fetch_one, read_back, send_one, settled
from connectors.spec import Api, Outgoing, Written
from models.change import Change
from models.errors import Rejected, Transient
from tests.connectors.kit import MemorySystem

API = cast("Api", MemorySystem())
ONE = Outgoing(change=Change(system="acme", entity="job", core_id="job_1", action="create"), record={}, key="k")


@pytest.mark.parametrize(("many", "parts"), [([], []), ([1, 2], [[1, 2]]), ([1, 2, 3, 4, 5], [[1, 2], [3, 4], [5]])])
def test_items_go_some_at_a_time_and_in_order(many: Sequence[int], parts: list[Sequence[int]]) -> None:
    assert list(chunks(many, 2)) == parts


def test_a_refusal_among_answers_is_raised() -> None:
    assert settled("42") == "42"
    with pytest.raises(Rejected):
        settled(Rejected("acme", "no"))


def test_one_change_goes_as_a_batch_of_its_own() -> None:
    def send_many(_: Api, batch: Sequence[Outgoing]) -> Sequence[Written | Exception]:
        return [Written(id=one.change.core_id) for one in batch]

    assert send_one(send_many)(API, ONE) == Written(id="job_1")


def test_a_batch_of_one_that_is_refused_is_refused() -> None:
    with pytest.raises(Rejected):
        send_one(lambda _, batch: [Rejected("acme", "no") for _ in batch])(API, ONE)


def test_one_record_is_found_among_many_or_gone() -> None:
    def fetch_many(_: Api, ids: Sequence[str]) -> Mapping[str, Written]:
        return {id: Written(id=id) for id in ids if id != "gone"}

    fetch = fetch_one(fetch_many)
    assert (fetch(API, "7"), fetch(API, "gone")) == (Written(id="7"), None)


def test_what_is_written_and_cannot_be_read_stays_written(caplog: pytest.LogCaptureFixture) -> None:
    def fetch_many(_: Api, __: Sequence[str]) -> Mapping[str, Written]:
        raise Transient("acme", "later")

    assert read_back(API, ["7", "8"], fetch_many) == {}
    assert "2 records are written but could not be read back" in caplog.text
