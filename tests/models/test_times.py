from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models import fields as f
from models.days import day_after
from models.fields import encode_record
from models.schema import Context
from tests.models.reading import LAW, at, broken, kept, many, one, read, round_trip
from tests.models.world import World

INSTANTS = st.datetimes(at(1, 1, 1), at(9999, 12, 31, 23, 59, 59))


@LAW
@given(values=many(INSTANTS))
@pytest.mark.parametrize("unit", ["iso", "ms", "s"])
def test_instants_come_back_as_far_as_the_system_keeps_them(world: World, unit: str, values: list[datetime]) -> None:
    codec = f.instant("f", unit=unit)
    step = timedelta(seconds=1) if unit == "s" else timedelta(milliseconds=1)
    fitting = kept(world, codec, values, "TIMESTAMP")
    assert fitting == [value - (value - at(1, 1, 1)) % step for value in values]
    assert round_trip(world, codec, fitting) == fitting


@LAW
@given(moment=INSTANTS.filter(lambda m: 2 < m.year < 9998), minutes=st.integers(-14 * 60, 14 * 60))
def test_an_offset_is_honoured_where_a_plain_cast_would_drop_it(world: World, moment: datetime, minutes: int) -> None:
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    written = (moment + timedelta(minutes=minutes)).isoformat() + f"{sign}{hours:02d}:{rest:02d}"
    assert one(world, f.instant("f"), {"f": written}) == moment
    plain = world.warehouse.value("SELECT TRY_CAST($written AS TIMESTAMP)", {"written": written})
    assert plain in {moment, moment + timedelta(minutes=minutes), None}


def test_a_plain_cast_does_drop_the_offset(world: World) -> None:
    """Should this ever fail, ``utc`` may become a plain cast."""
    written = "2026-03-11T10:00:00-05:00"
    assert one(world, f.instant("f"), {"f": written}) == at(2026, 3, 11, 15)
    plain = world.warehouse.value("SELECT TRY_CAST($written AS TIMESTAMP)", {"written": written})
    assert plain != at(2026, 3, 11, 15)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2026-03-11T10:00:00Z", at(2026, 3, 11, 10)),
        ("2026-03-11T10:00:00.123456+05:30", at(2026, 3, 11, 4, 30, 0, 123456)),
        ("2026-03-11 10:00:00", at(2026, 3, 11, 10)),
        ("2026-03-11", at(2026, 3, 11)),
        ("infinity", None),
        ("20260-01-01T00:00:00Z", None),
        ("yesterday", None),
        ("2026-02-30T00:00:00Z", None),
    ],
)
def test_what_an_instant_may_look_like(world: World, text: str, found: datetime | None) -> None:
    assert one(world, f.instant("f"), {"f": text}) == found


@pytest.mark.parametrize("unit", ["ms", "s"])
@pytest.mark.parametrize("count", [2**63 - 1, -(2**63), 10**18, "soon"])
def test_a_count_beyond_all_calendars_breaks_its_row_and_no_other(world: World, unit: str, count: Any) -> None:
    codec = f.instant("f", unit=unit)
    assert broken(world, codec, [{"f": count}, {"f": 0}]) == [True, False]
    assert read(world, codec, [{"f": 0}]) == [at(1970, 1, 1)]


def test_wall_times_follow_the_zone_through_the_change_of_clocks(world: World) -> None:
    records = [{"f": text, "z": zone} for text, zone in (
        ("2026-03-08T07:59:00Z", "America/Chicago"),
        ("2026-03-08T08:00:00Z", "America/Chicago"),
        ("2026-11-01T06:30:00Z", "America/Chicago"),
        ("2026-11-01T07:30:00Z", "America/Chicago"),
        ("2026-03-29T01:00:00Z", "Europe/Berlin"),
        ("2026-03-11T12:00:00Z", "Asia/Kathmandu"),
        ("2026-03-11T12:00:00Z", None),
    )]  # fmt: skip
    assert read(world, f.local_time("f", "z"), records) == [
        at(2026, 3, 8, 1, 59),
        at(2026, 3, 8, 3, 0),
        at(2026, 11, 1, 1, 30),
        at(2026, 11, 1, 1, 30),
        at(2026, 3, 29, 3, 0),
        at(2026, 3, 11, 17, 45),
        at(2026, 3, 11, 7, 0),
    ]
    company = read(world, f.local_time("f", "company"), records[-1:], context=Context(time_zone="Asia/Tokyo"))
    assert company == [at(2026, 3, 11, 21)]


def test_instants_of_wall_times(world: World) -> None:
    records = [{"f": text} for text in ("2026-03-11T10:00", "2026-03-08T02:30:00", "2026-11-01T01:30:00", "noon")]
    assert read(world, f.instant_of("f", "company"), records) == [
        at(2026, 3, 11, 15),
        at(2026, 3, 8, 8, 30),  # a time that the clocks skip counts as an hour later
        at(2026, 11, 1, 7, 30),  # of a time that comes twice the second is meant
        None,
    ]


@LAW
@given(values=many(st.datetimes(at(1990, 1, 1), at(2040, 1, 1)).map(lambda m: m.replace(microsecond=0))))
@pytest.mark.parametrize("zone", ["America/Chicago", "Australia/Lord_Howe", "Asia/Kathmandu"])
def test_a_wall_time_that_exists_once_leads_back_to_its_instant(
    world: World, zone: str, values: list[datetime]
) -> None:
    context = Context(time_zone=zone)
    walls = read(world, f.local_time("f", "company"), [{"f": v.isoformat() + "Z"} for v in values], context=context)
    back = read(world, f.instant_of("f", "company"), [{"f": w.isoformat()} for w in walls], context=context)
    assert all(
        abs(b - v) in {timedelta(0), timedelta(minutes=30), timedelta(hours=1)}
        for b, v in zip(back, values, strict=True)
    )
    again = read(world, f.local_time("f", "company"), [{"f": b.isoformat() + "Z"} for b in back], context=context)
    assert again == walls


@pytest.mark.parametrize("name", ["Mars/Phobos", "localtime", "america/chicago", "CST6CDT9"])
def test_an_unknown_zone_breaks_its_row_and_no_other(world: World, name: str) -> None:
    records = [{"f": "2026-03-11T10:00:00Z", "z": name}, {"f": "2026-03-11T10:00:00Z", "z": "America/Chicago"}]
    assert broken(world, f.zone("z"), records) == [True, False]
    assert broken(world, f.local_time("f", "z"), records) == [True, False]
    assert broken(world, f.instant_of("f", "z"), records) == [True, False]


def test_zones_come_back(world: World) -> None:
    zones = ["America/Chicago", "UTC", "Europe/Berlin", "America/Argentina/ComodRivadavia"]
    assert round_trip(world, f.zone("z"), zones) == zones


def test_every_zone_that_a_row_may_name_is_one_the_database_can_compute(world: World) -> None:
    names = [row["name"] for row in world.warehouse.rows("FROM meta.zones")]
    walls = read(world, f.local_time("f", "z"), [{"f": "2026-03-11T10:00:00Z", "z": name} for name in names])
    assert len(names) > 400
    assert None not in walls


DAYS = st.dates(date(1, 1, 1), date(9999, 12, 31))


@LAW
@given(values=many(DAYS))
def test_days_come_back(world: World, values: list[date]) -> None:
    assert round_trip(world, f.date_("f"), values) == values


@LAW
@given(values=many(st.dates(date(1000, 1, 1), date(9999, 12, 31))))
def test_days_in_another_spelling_come_back(world: World, values: list[date]) -> None:
    assert round_trip(world, f.date_("f", form="%m/%d/%Y"), values) == values


def test_the_day_of_a_longer_text(world: World) -> None:
    records = [{"f": text} for text in ("2026-03-11T23:59:59-05:00", "12026-03-11", "03/11/2026", "2026-02-29", "")]
    assert read(world, f.date_("f"), records) == [date(2026, 3, 11), None, None, None, None]
    assert one(world, f.date_("f", form="%d.%m.%Y"), {"f": "11.03.2026"}) == date(2026, 3, 11)
    assert day_after(date(2026, 12, 31)) == date(2027, 1, 1)


def test_instants_are_written_in_utc() -> None:
    written = {unit: encode_record({"f": f.instant("f", unit=unit)}, {"f": at(2026, 3, 11, 10, 0, 0, 1000)})["f"]
               for unit in ("iso", "ms", "s")}  # fmt: skip
    moment = datetime(2026, 3, 11, 10, tzinfo=UTC)
    assert written == {
        "iso": "2026-03-11T10:00:00.001Z",
        "ms": int(moment.timestamp()) * 1000 + 1,
        "s": int(moment.timestamp()),
    }
