from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from models.days import last_local_date, local_date, moment, only_if
from models.fields import text
from tests.models.reading import broken, read
from tests.models.world import World


def day(start: str | None, end: str | None, zone: str | None = None) -> dict[str, Any]:
    return {"start": start, "end": end, "zone": zone}


@pytest.mark.parametrize(
    ("record", "first", "last"),
    [
        (day("2026-03-11T05:00:00Z", "2026-03-12T05:00:00Z"), date(2026, 3, 11), date(2026, 3, 11)),
        (day("2026-03-11T05:00:00Z", "2026-03-13T05:00:00Z"), date(2026, 3, 11), date(2026, 3, 12)),
        (day("2026-03-11T05:00:00Z", "2026-03-12T04:59:59Z"), date(2026, 3, 11), date(2026, 3, 11)),
        (day("2026-03-11T05:00:00Z", "2026-03-11T05:00:00Z"), date(2026, 3, 11), date(2026, 3, 11)),
        (day("2026-03-08T06:00:00Z", "2026-03-09T05:00:00Z"), date(2026, 3, 8), date(2026, 3, 8)),
        (day("2026-03-11T05:00:00Z", "2026-03-12T05:00:00Z", "Asia/Tokyo"), date(2026, 3, 11), date(2026, 3, 12)),
        (day("2026-03-11T05:00:00Z", None), date(2026, 3, 11), date(2026, 3, 11)),
    ],
    ids=["one day", "two days", "a second short", "no length", "23 hours", "another zone", "open end"],
)
def test_a_span_of_instants_is_a_span_of_days(world: World, record: dict[str, Any], first: date, last: date) -> None:
    assert read(world, local_date("start", "zone"), [record]) == [first]
    assert read(world, last_local_date("start", "end", "zone"), [record]) == [last]


def test_an_unknown_zone_breaks_the_row(world: World) -> None:
    record = day("2026-03-11T05:00:00Z", "2026-03-12T05:00:00Z", "Mars/Phobos")
    assert broken(world, local_date("start", "zone"), [record]) == [True]


def test_a_field_may_count_only_in_records_of_one_kind(world: World) -> None:
    codec = only_if("kind", "A", text("f"))
    records = [{"kind": "A", "f": "x"}, {"kind": "B", "f": "x"}, {"f": "x"}]
    assert read(world, codec, records) == ["x", None, None]
    assert broken(world, codec, records) == [False, False, False]
    assert codec.paths == ("f", "kind")


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("2026-03-11T15:00:00Z", "2026-03-11 15:00:00"),
        ("2026-03-11T10:00:00-05:00", "2026-03-11 15:00:00"),
        ("2026-03-11T10:00:00.500-0500", "2026-03-11 15:00:00.500000"),
        ("2026-03-11T10:00:00", "2026-03-11 01:00:00"),
        ("2026-03-11", "2026-03-10 15:00:00"),
        (" ", None),
    ],
    ids=["UTC", "offset", "short offset", "wall time", "day", "nothing"],
)
def test_a_moment_has_an_offset_or_is_wall_time(world: World, told: str, meant: str | None) -> None:
    (found,) = read(world, moment("start", "zone"), [day(told, None, "Asia/Tokyo")])
    assert found == (meant and datetime.fromisoformat(meant))


def test_a_moment_that_is_none_breaks_the_row(world: World) -> None:
    assert broken(world, moment("start", "zone"), [day("soon", None, "Asia/Tokyo")]) == [True]
