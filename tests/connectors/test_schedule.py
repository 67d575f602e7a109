from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, cast

import pytest

from connectors.schedule import Days, Hours, hours_of, moves, shown_time, time_of, zone_of, zulu
from connectors.spec import Api
from models.change import Change
from models.errors import Rejected
from models.schema import Context

NINE, TEN = (datetime(2026, 3, 2, hour) for hour in (15, 16))  # noqa: DTZ001 - ours are UTC without a zone
MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


@dataclass(slots=True)
class Company:
    system: str = "acme"
    context: Context = field(default_factory=lambda: Context(time_zone="America/Chicago"))


COMPANY = cast("Api", Company())


def visit(**desired: Any) -> Change:
    return Change(system="acme", entity="assignment", core_id="asg_1", action="update", desired=desired)


@pytest.mark.parametrize(
    ("known", "time"),
    [
        ({"starts_at": NINE, "ends_at": TEN}, Hours(start=NINE.replace(tzinfo=UTC), end=TEN.replace(tzinfo=UTC))),
        ({"starts_at": NINE}, Hours(start=NINE.replace(tzinfo=UTC), end=NINE.replace(tzinfo=UTC))),
        ({"starts_on": MONDAY}, Days(first=MONDAY, last=MONDAY)),
        ({"starts_on": MONDAY, "ends_on": TUESDAY, "all_day": True}, Days(first=MONDAY, last=TUESDAY)),
        ({"starts_on": MONDAY, "starts_at": NINE, "all_day": True}, Days(first=MONDAY, last=MONDAY)),
        (
            {"starts_on": MONDAY, "starts_at": NINE, "all_day": False},
            Hours(start=NINE.replace(tzinfo=UTC), end=NINE.replace(tzinfo=UTC)),
        ),
        ({"title": "Repair"}, None),
    ],
)
def test_a_visit_is_at_hours_or_on_days(known: dict[str, Any], time: Hours | Days | None) -> None:
    assert time_of(visit(**known)) == time


def test_a_calendar_shows_nothing_without_a_time() -> None:
    assert shown_time(visit(starts_on=MONDAY)) == Days(first=MONDAY, last=MONDAY)
    with pytest.raises(Rejected, match="asg_1 has no start; a calendar cannot show it"):
        shown_time(visit())


def test_a_day_alone_is_no_time_of_day() -> None:
    with pytest.raises(Rejected, match="visit asg_1 has no time of day"):
        hours_of(visit(starts_on=MONDAY))


def test_a_visit_keeps_its_own_zone() -> None:
    assert zone_of(COMPANY, visit(time_zone="America/Denver")).key == "America/Denver"
    assert zone_of(COMPANY, visit()).key == "America/Chicago"


@pytest.mark.parametrize("name", ["Texas/Austin", "../etc", "America"])
def test_a_zone_that_nobody_knows_is_not_guessed(name: str) -> None:
    with pytest.raises(Rejected, match="is no time zone; correct it"):
        zone_of(COMPANY, visit(time_zone=name))


def test_an_instant_is_told_in_utc() -> None:
    assert zulu(NINE) == "2026-03-02T15:00:00Z"
    assert zulu(NINE.replace(tzinfo=timezone(timedelta(hours=-6))), "milliseconds") == "2026-03-02T21:00:00.000Z"


def test_only_what_says_when_moves_a_visit() -> None:
    moved = Change(system="acme", entity="assignment", core_id="a", action="update", after={"ends_on": None})
    assert (moves(moved), moves(visit())) == (True, False)
