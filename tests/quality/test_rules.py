from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quality import rules

ZONES = ["America/Chicago", "Europe/Berlin", "Asia/Kolkata", "Pacific/Apia", "Australia/Lord_Howe", "UTC"]


def frame(**columns):
    return pd.DataFrame({name: pd.Series(values, dtype="object") for name, values in columns.items()})


@pytest.mark.parametrize(
    ("pattern", "good", "bad"),
    [
        (rules.CURRENCY, ["USD", None], ["usd", "US$", "USDX", ""]),
        (rules.EMAIL, ["a@b.co", "first.last+tag@mail.example.com"], ["a@b", "a b@c.de", "x", "a@b.c;d@e.f"]),
        (rules.E164, ["+15125550100", "+4930123456"], ["5125550100", "+0123456789", "+1 512 555 0100", "+123"]),
    ],
    ids=["currency", "email", "phone"],
)
def test_forms(pattern, good, bad):
    said = rules.matches("x", pattern)(frame(x=[*good, *bad]))
    assert said.tolist() == [True] * len(good) + [False] * len(bad)


def test_amounts_are_read_from_decimals_doubles_and_nothing():
    assert rules.amount(frame(x=[Decimal("1.25"), 2.5, None]), "x").tolist()[:2] == [1.25, 2.5]
    assert rules.amount(frame(x=[None, None]), "x").isna().all()


@given(cents=st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=20))
def test_lines_add_up_to_the_cent(cents):
    lines = "[" + ", ".join(f'{{"amount": "{Decimal(c) / 100}"}}' for c in cents) + "]"
    (total,) = rules.added(frame(x=[lines]), "x", "amount")
    assert abs(total - float(Decimal(sum(cents)) / 100)) < 0.00005


@pytest.mark.parametrize("text", ["[]", "null", '[{"amount": "1"}, {}]', '[{"amount": null}]', None])
def test_a_list_that_does_not_say_all_its_amounts_has_no_sum(text):
    assert rules.added(frame(x=[text]), "x", "amount").isna().all()


def test_numbers_in_lines_are_read_as_exactly_as_texts():
    lines = '[{"amount": 0.1}, {"amount": "0.2"}, {"amount": 3}]'
    assert rules.added(frame(x=[lines]), "x", "amount").tolist() == [3.3]


def test_order_of_moments():
    days = frame(first=[date(2025, 1, 2)] * 4, last=[date(2025, 1, 1), date(2025, 1, 2), date(2025, 1, 3), None])
    assert rules.not_before("last", "first")(days).tolist() == [False, True, True, True]
    assert rules.after("last", "first")(days).tolist() == [False, False, True, True]


def test_presence():
    rows = frame(a=["x", None, None], b=["y", "y", None])
    assert rules.any_of("a", "b")(rows).tolist() == [True, True, False]
    assert rules.together("a", "b")(rows).tolist() == [True, False, True]
    assert rules.given_with("a", "b")(rows).tolist() == [True, True, True]
    assert rules.given_with("b", "a")(rows).tolist() == [True, False, True]


def test_at_least():
    assert rules.at_least("x", 0)(frame(x=[Decimal(0), Decimal("-0.01"), None])).tolist() == [True, False, True]


def test_a_zone_must_be_one_of_the_database():
    rows = frame(x=["America/Chicago", "Central Standard Time", "tzone://Microsoft/Custom", None])
    assert rules.known_zone("x")(rows).tolist() == [True, False, False, True]


@pytest.mark.parametrize(
    ("starts_at", "starts_on", "all_day", "fine"),
    [
        (True, False, False, True),
        (True, False, None, True),
        (False, True, True, True),
        (False, True, None, True),
        (False, False, None, True),
        (False, False, False, True),
        (True, True, None, False),
        (True, True, True, False),
        (True, False, True, False),
        (False, True, False, False),
    ],
)
def test_times_or_whole_days(starts_at, starts_on, all_day, fine):
    moment = datetime(2025, 3, 1, 9)  # noqa: DTZ001 - as the warehouse keeps instants
    rows = frame(
        starts_at=[moment if starts_at else None],
        ends_at=[None],
        starts_on=[moment.date() if starts_on else None],
        ends_on=[None],
        all_day=[all_day],
    )
    assert rules.timed_or_all_day(rows).tolist() == [fine]


@given(
    minutes=st.lists(st.integers(0, 60 * 24 * 365 * 3), min_size=1, max_size=30),
    zone=st.sampled_from(ZONES),
    off=st.sampled_from([0, 0, 30, 60]),
)
def test_wall_times_are_told_from_their_instants_over_every_change_of_the_clocks(minutes, zone, off):
    start = datetime(2024, 1, 1, tzinfo=ZoneInfo("UTC"))
    instants = [start + timedelta(minutes=m) for m in minutes]
    walls = [i.astimezone(ZoneInfo(zone)).replace(tzinfo=None) + timedelta(minutes=off) for i in instants]
    rows = frame(at=[i.replace(tzinfo=None) for i in instants], wall=walls, zone=[zone] * len(minutes))
    assert rules.wall_agrees("at", "wall", "zone")(rows).tolist() == [off == 0] * len(minutes)


def test_wall_times_without_a_known_zone_are_not_judged():
    at = datetime(2025, 3, 1, 9)  # noqa: DTZ001 - as the warehouse keeps instants
    rows = frame(at=[at, at, None], wall=[at, at, at], zone=["Nowhere/Else", None, "Europe/Berlin"])
    assert rules.wall_agrees("at", "wall", "zone")(rows).tolist() == [True, True, True]
