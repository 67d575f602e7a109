"""Calendar days from instants, in zones on both sides of UTC and over a change of clocks."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import duckdb
import pytest

from models.days import last_local_date, local_date, only_if
from models.fields import Codec, instant, text
from models.schema import Context


def read(codec: Codec, record: dict[str, Any], zone: str = "America/Chicago") -> Any:
    expression = codec.read(Context(time_zone=zone)).sql("duckdb")
    query = f"SELECT {expression} FROM (SELECT ?::JSON AS record)"  # noqa: S608 - SQL that a codec made
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("CREATE SCHEMA meta; CREATE TABLE meta.zones AS SELECT name FROM pg_timezone_names()")
        row = connection.execute(query, [json.dumps(record)]).fetchone()
    assert row is not None
    return row[0]


@pytest.mark.parametrize(
    ("at", "zone", "day"),
    [
        ("2026-03-12T04:59:59Z", "America/Chicago", date(2026, 3, 11)),
        ("2026-03-12T05:00:00Z", "America/Chicago", date(2026, 3, 12)),
        ("2026-02-12T05:59:59Z", "America/Chicago", date(2026, 2, 11)),
        ("2026-03-11T23:00:00Z", "Europe/Berlin", date(2026, 3, 12)),
        ("2026-03-12T00:00:00-06:00", "Asia/Tokyo", date(2026, 3, 12)),
        (None, "America/Chicago", None),
    ],
)
def test_the_day_of_an_instant_is_the_day_where_it_happens(at: str | None, zone: str, day: date | None) -> None:
    assert read(local_date("at", "company"), {"at": at}, zone) == day
    assert read(local_date("at", "zone"), {"at": at, "zone": zone}, "UTC") == day


@pytest.mark.parametrize(
    ("end", "day"),
    [
        ("2026-03-09T04:59:59Z", date(2026, 3, 8)),
        ("2026-03-09T05:00:00Z", date(2026, 3, 8)),
        ("2026-03-09T05:00:01Z", date(2026, 3, 9)),
        ("2026-03-08T06:00:00Z", date(2026, 3, 8)),
        (None, date(2026, 3, 8)),
    ],
)
def test_midnight_at_the_end_belongs_to_the_day_before(end: str | None, day: date) -> None:
    """The day on which clocks go forward in Chicago: it begins at 06:00 UTC and ends at 05:00 UTC."""
    codec = last_local_date("start", "end", "company")
    assert read(codec, {"start": "2026-03-08T06:00:00Z", "end": end}) == day


def test_a_field_that_does_not_count_has_neither_value_nor_text() -> None:
    codec = only_if("kind", "timed", instant("at"))
    timed, whole = ({"kind": kind, "at": "2026-03-12T05:00:00Z"} for kind in ("timed", "whole"))
    assert str(read(codec, timed)) == "2026-03-12 05:00:00"
    assert read(codec, whole) is None
    assert codec.raw is not None
    assert (codec.target, codec.paths) == ("at", ("at", "kind"))


def test_what_was_written_by_path_still_is() -> None:
    codec = only_if("kind", "x", text("title"))
    assert codec.encode is not None
    assert codec.encode("a") == "a"
