from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import pytest

from models.schema import Map
from pipelines.decoding import Decoder
from tests.pipelines.shop import MAP

Records = Mapping[str, Mapping[str, Any]]


@pytest.fixture
def held(decoder: Decoder, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Event, list[int]]]:
    """The first read goes on when the event is set; how many records each read is about."""
    go, sizes, real = Event(), [], decoder._read

    def read(system: str, one: Map, records: Sequence[tuple[str, Mapping[str, Any]]]) -> list[dict[str, Any]]:
        sizes.append(len(records))
        assert go.wait(timeout=30)
        return real(system, one, records)

    monkeypatch.setattr(decoder, "_read", read)
    yield go, sizes
    go.set()


def versions(count: int) -> list[Records]:
    """The same two records, as they were at different times."""
    return [{id: {"id": id, "city": f"{id} in {n}"} for id in ("p1", "p2")} for n in range(count)]


def test_what_waits_for_its_turn_is_read_together_and_everybody_gets_their_own(
    decoder: Decoder, held: tuple[Event, list[int]]
) -> None:
    go, sizes = held
    with ThreadPoolExecutor(6) as pool:
        asked = [pool.submit(decoder.decode, "shop", MAP, records) for records in versions(6)]
        while len(decoder._asked) < 6:
            assert not any(one.done() for one in asked)
        go.set()
        found = [one.result() for one in asked]
    assert sizes == [2, 10]
    assert [{id: row["city"] for id, row in one.items()} for one in found] == [
        {id: f"{id} in {n}" for id in ("p1", "p2")} for n in range(6)
    ]
    assert decoder._asked == []


def test_what_cannot_be_read_is_the_failure_of_who_asked(decoder: Decoder) -> None:
    with pytest.raises(TypeError):
        decoder.decode("shop", MAP, {"p1": {"id": object()}})
    assert decoder.decode("shop", MAP, versions(1)[0])["p1"]["city"] == "p1 in 0"
