from __future__ import annotations

import math
import subprocess
import sys
import threading
import time
from collections import Counter
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quality import gx
from quality.gx import run, warm_up
from tests.quality.frames import ENTITIES, core_frame, frame, nothing_lives, one, thing

ROOT = Path(__file__).parents[2]

WORDS = st.sampled_from(["lead", "active", "Active", "", "gone", None])
CENTS = st.none() | st.decimals(min_value=-1000, max_value=1000, places=2)


def ids(verdict: Any) -> list[str]:
    return [example["core_id"] for example in verdict.examples]


# --- every kind passes and fails -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "values", "bad"),
    [
        (thing("not_null"), ["a", None, "", float("nan")], ["c1", "c3"]),
        (thing("unique"), ["a", "b", "a", None, None], ["c0", "c2"]),
        (thing("one_of", values=("a", "b")), ["a", "c", None, "A"], ["c1", "c3"]),
        (thing("range", low=0, high=10), [0.0, 10.0, 10.01, -0.01, None], ["c2", "c3"]),
        (thing("range", low=0), [1e9, -1.0], ["c1"]),
        (thing("reference", other="job"), ["j1", "j9", None], ["c1"]),
        (thing("rule", test=lambda rows: rows["x"] != "bad"), ["good", "bad", None], ["c1"]),
    ],
    ids=lambda value: value.name if hasattr(value, "name") else None,
)
def test_each_kind_finds_the_rows_that_break_it_and_no_others(check, values, bad):
    verdict = one(check, frame(values), lambda _: pd.Series(["j1", "j2"]))
    assert (verdict.outcome, verdict.rows, verdict.violations, verdict.problem) == ("fail", len(values), len(bad), None)
    assert len(verdict.violators) == len(bad)
    assert ids(verdict) == bad


@pytest.mark.parametrize(
    ("check", "values"),
    [
        (thing("not_null"), ["a", ""]),
        (thing("unique"), ["a", None, None]),
        (thing("one_of", values=("a",)), ["a", None]),
        (thing("range", low=0, high=1), [0.0, 1.0, None]),
        (thing("reference", other="job"), ["j1", None]),
        (thing("rule", test=lambda rows: rows["x"].notna()), ["a"]),
    ],
    ids=lambda value: value.name if hasattr(value, "name") else None,
)
def test_each_kind_passes_what_is_in_order(check, values):
    verdict = one(check, frame(values), lambda _: pd.Series(["j1"]))
    assert (verdict.outcome, verdict.rows, verdict.violations, verdict.examples) == ("pass", len(values), 0, ())


@pytest.mark.parametrize("kind", ["not_null", "unique", "one_of", "range", "reference", "rule"])
def test_no_rows_break_nothing(kind):
    check = thing(kind, values=("a",), low=0, other="job", test=lambda rows: rows["x"] == "a")
    verdict = one(check, frame(pd.Series([], dtype="object")))
    assert (verdict.outcome, verdict.rows) == ("pass", 0)


def test_deleted_rows_are_nobodys_concern():
    rows = frame(["a", None, "a"])
    rows["deleted_at"] = pd.Series([pd.NaT, datetime(2025, 1, 1), datetime(2025, 1, 1)])  # noqa: DTZ001 - as DuckDB gives it
    verdicts = run([thing("not_null"), thing("unique")], rows, nothing_lives)
    assert [(v.outcome, v.rows) for v in verdicts] == [("pass", 1), ("pass", 1)]


def test_no_checks_give_no_verdicts():
    assert run([], frame(["a"]), nothing_lives) == ()


def test_a_check_and_its_blocking_twin_both_get_their_verdict():
    checks = [thing("not_null", name="warns"), thing("not_null", name="blocks", severity="block")]
    assert [(v.check.name, v.outcome, v.blocks) for v in run(checks, frame([None]), nothing_lives)] == [
        ("warns", "fail", False),
        ("blocks", "fail", True),
    ]


def test_two_checks_of_one_name_are_refused():
    with pytest.raises(ValueError, match="same name"):
        run([thing("not_null"), thing("not_null")], frame(["a"]), nothing_lives)


def test_of_rules_that_are_judged_together_the_one_that_is_broken_fails():
    checks = [
        thing("rule", name="long", test=lambda rows: rows["x"].str.len() > 1),
        thing("rule", name="low", test=lambda rows: rows["x"].str.islower()),
        thing("reference", name="lives", other="job"),
    ]
    verdicts = run(checks, frame(["ab", "Ab", "abc"]), lambda _: pd.Series(["ab", "Ab"]))
    assert [(v.outcome, list(v.violators)) for v in verdicts] == [("pass", []), ("fail", ["c1"]), ("fail", ["c2"])]


def test_the_engine_is_asked_once_for_all_rules_and_not_about_columns_without_values(monkeypatch):
    asked = []
    monkeypatch.setattr(
        gx, "_answers", lambda questions, _: asked.append(sorted(questions)) or dict.fromkeys(questions, True)
    )
    rules = [thing("rule", name=f"rule {n}", test=lambda rows: rows["x"].notna()) for n in range(9)]
    empty = [thing("range", "empty", low=0), thing("unique", "empty"), thing("one_of", "empty", values=("a",))]
    verdicts = run([*rules, *empty, thing("not_null"), thing("unique")], frame(["a"], empty=[None]), nothing_lives)
    assert {v.outcome for v in verdicts} == {"pass"}
    assert asked == [[gx.EVERY, "thing_x_not_null", "thing_x_unique"]]


def test_a_check_that_makes_no_sense_is_told_before_there_are_values():
    assert one(thing("range"), frame([None])).outcome == "broken"


def test_an_engine_that_says_no_of_rows_that_are_all_in_order_is_not_believed(monkeypatch):
    monkeypatch.setattr(gx, "_answers", lambda questions, _: dict.fromkeys(questions, False))
    verdict = one(thing("not_null"), frame(["a"]))
    assert (verdict.outcome, verdict.problem) == ("broken", "the engine says no, and no row is found that breaks it")


def test_what_the_engine_dies_of_at_all_rules_is_the_problem_of_each(monkeypatch):
    monkeypatch.setattr(gx, "_answers", lambda questions, _: dict.fromkeys(questions, "it died"))
    rules = [thing("rule", name=name, test=lambda rows: rows["x"].notna()) for name in ("a", "b")]
    assert [(v.outcome, v.problem) for v in run(rules, frame(["a"]), nothing_lives)] == [("broken", "it died")] * 2


# --- values --------------------------------------------------------------------------------------------------


def test_money_as_decimals_is_compared_exactly():
    check = thing("range", low=Decimal("0.01"), high=Decimal("10.10"))
    amounts = [Decimal("0.01"), Decimal("0.0099"), Decimal("10.1000"), Decimal("10.1001"), None]
    verdict = one(check, frame(pd.Series(amounts, dtype="object")))
    assert list(verdict.examples) == [
        {"core_id": "c1", "x": Decimal("0.0099")},
        {"core_id": "c3", "x": Decimal("10.1001")},
    ]


def test_money_as_the_warehouse_hands_it_over_comes_back_as_decimals():
    verdict = one(
        thing("range", field="total", high=Decimal("10.10")),
        core_frame(ENTITIES["job"], [{"total": Decimal("10.10")}, {"total": Decimal("10.11")}, {}]),
    )
    assert list(verdict.examples) == [{"core_id": "c1", "total": Decimal("10.11")}]


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (pd.Series([date(2025, 1, 1), date(1970, 1, 1), None], dtype="object"), date(1970, 1, 1)),
        (pd.to_datetime(pd.Series(["2025-01-01", "1970-01-01", None])), datetime(1970, 1, 1)),  # noqa: DTZ001
        (pd.Series(np.array(["2025-01-01", "20205-01-01", "NaT"], dtype="datetime64[us]")), "20205-01-01 00:00:00"),
    ],
    ids=["dates", "timestamps", "a year that no datetime can hold"],
)
def test_days_are_compared_whatever_they_come_as(values, shown):
    verdict = one(thing("range", low=date(1990, 1, 1), high=date(2100, 1, 1)), frame(values))
    assert list(verdict.examples) == [{"core_id": "c1", "x": shown}]


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (pd.array([1, None, 99], dtype="Int64"), 99),
        (pd.Categorical(["a", None, "b"]), "b"),
        (pd.array([None, None, True], dtype="boolean"), True),
        (pd.Series([None, None, np.array(["b"])], dtype="object"), ["b"]),
        ([0.5, math.nan, math.inf], Decimal("Infinity")),
        (pd.Series([None, None, datetime(2025, 1, 1, tzinfo=UTC)], dtype="object"), datetime(2025, 1, 1, tzinfo=UTC)),
    ],
    ids=["integers", "categories", "flags", "labels", "infinity", "instants with a zone"],
)
def test_examples_are_plain_values(values, shown):
    test = lambda rows: rows.index != 2  # noqa: E731 - the last row is the bad one
    rule = thing("rule", test=lambda rows: pd.Series(test(rows), index=rows.index))
    (example,) = one(rule, frame(values)).examples
    assert example == {"core_id": "c2", "x": shown}
    assert type(example["x"]) is type(shown)


def test_examples_are_the_first_ten():
    verdict = one(thing("one_of", values=("a",)), frame(["b"] * 25))
    assert verdict.violations == 25
    assert ids(verdict) == [f"c{n}" for n in range(10)]


def test_examples_show_the_fields_beside_and_hide_a_persons_data():
    check = thing("not_null", shows=("phone", "city"), hidden=("x", "phone"))
    verdict = one(check, frame([None], phone=["+15550100"], city=["Austin"]))
    assert list(verdict.examples) == [{"core_id": "c0", "x": None, "phone": "(personal)", "city": "Austin"}]


# --- references ----------------------------------------------------------------------------------------------


def test_each_entity_is_asked_for_its_living_once():
    asked = Counter[str]()

    def living(entity):
        asked[entity] += 1
        return pd.Series(["j1"])

    checks = [thing("reference", name=name, other="job") for name in ("a", "b")]
    run([*checks, thing("reference", name="c", other="item")], frame(["j1"]), living)
    assert asked == {"job": 1, "item": 1}


def test_an_entity_that_points_to_itself_may_point_into_the_same_batch():
    check = thing("reference", other="thing")
    assert ids(one(check, frame(["c1", "known", "nobody"]), lambda _: pd.Series(["known"]))) == ["c2"]


# --- what is broken is no bad data ---------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["not_null", "unique", "one_of", "range", "reference"])
def test_a_field_that_is_not_there_breaks_the_check_and_only_this_one(kind):
    broken, sound = run([thing(kind, "nope", low=0, other="job"), thing("not_null")], frame([None]), nothing_lives)
    assert (broken.outcome, broken.violations, broken.examples) == ("broken", 0, ())
    assert "nope" in broken.problem
    assert (sound.outcome, sound.violations) == ("fail", 1)


@pytest.mark.parametrize(
    ("check", "problem"),
    [
        (thing("range", low=0), "same type"),
        (thing("range"), "cannot both be None"),
        (thing("rule"), "without a test"),
        (thing("rule", test=lambda rows: rows["x"] / 0), "TypeError"),
        (thing("rule", test=lambda rows: rows["y"]), "KeyError"),
        (thing("rule", test=lambda _: True), "AttributeError"),
        (thing("rule", test=lambda rows: rows["x"].eq("a")[1:]), "answered 1 rows of 2"),
        (thing("rule", test=lambda rows: rows["x"]), "TypeError"),
        (thing("reference"), "reference to nothing"),
    ],
    ids=["types", "no bounds", "no test", "crash", "unknown field", "no column", "too short", "no truth", "no entity"],
)
def test_a_check_that_cannot_be_run_is_broken_and_says_why(check, problem):
    verdict, sound = run(
        [check, thing("not_null", name="sound")], frame(pd.Series(["a", "b"], dtype="object")), nothing_lives
    )
    assert (verdict.outcome, verdict.violations, sound.outcome) == ("broken", 0, "pass")
    assert problem in verdict.problem
    assert "\n" not in verdict.problem


def test_references_that_cannot_be_read_break_their_check():
    def unreadable(_entity):
        raise OSError("the warehouse is gone")

    verdict, sound = run([thing("reference", other="job"), thing("not_null")], frame(["j1"]), unreadable)
    assert (verdict.outcome, verdict.problem, sound.outcome) == ("broken", "OSError: the warehouse is gone", "pass")


def test_an_engine_that_does_not_start_breaks_every_check_and_blocks_what_blocks(monkeypatch):
    def fails():
        raise ImportError("no such engine")

    monkeypatch.setattr(gx, "_ready", fails)
    verdicts = run([thing("not_null", severity="block"), thing("unique")], frame(["a"]), nothing_lives)
    assert [(v.outcome, v.problem, v.blocks) for v in verdicts] == [
        ("broken", "ImportError: no such engine", True),
        ("broken", "ImportError: no such engine", False),
    ]


def test_a_frame_that_cannot_say_what_is_deleted_is_not_judged():
    assert one(thing("not_null"), frame(["a"]).drop(columns="deleted_at")).outcome == "broken"


# --- laws ----------------------------------------------------------------------------------------------------


@settings(max_examples=40)
@given(words=st.lists(WORDS, max_size=30), amounts=st.lists(CENTS, max_size=30), deleted=st.lists(st.booleans()))
def test_what_is_found_is_what_a_plain_count_finds(words, amounts, deleted):
    size = min(len(words), len(amounts))
    words, amounts = words[:size], amounts[:size]
    gone = (deleted + [False] * size)[:size]
    rows = frame(pd.Series(words, dtype="object"), money=pd.Series(amounts, dtype="object"))
    rows["deleted_at"] = pd.Series([pd.Timestamp("2025-01-01") if g else pd.NaT for g in gone], dtype="datetime64[us]")
    living = [(w, a) for w, a, g in zip(words, amounts, gone, strict=True) if not g]
    counted = Counter(w for w, _ in living if w is not None)
    expected = {
        "not_null": sum(w is None for w, _ in living),
        "unique": sum(n for n in counted.values() if n > 1),
        "one_of": sum(w is not None and w not in ("lead", "active") for w, _ in living),
        "range": sum(a is not None and not Decimal(-5) <= a <= Decimal("99.99") for _, a in living),
        "reference": sum(w is not None and w != "gone" for w, _ in living),
        "rule": sum(w == "" for w, _ in living),
    }
    checks = [
        thing("not_null"),
        thing("unique"),
        thing("one_of", values=("lead", "active")),
        thing("range", "money", low=Decimal(-5), high=Decimal("99.99")),
        thing("reference", other="job"),
        thing("rule", test=lambda frame: frame["x"].ne("")),
    ]
    verdicts = run(checks, rows, lambda _: pd.Series(["gone"]))
    assert {v.check.kind: v.violations for v in verdicts} == expected
    for verdict in verdicts:
        assert verdict.outcome == ("fail" if expected[verdict.check.kind] else "pass")
        assert verdict.rows == len(living)
        assert len(verdict.examples) == min(10, verdict.violations)
        assert len(verdict.violators) == verdict.violations


@settings(max_examples=25)
@given(values=st.lists(st.integers(-50, 50) | st.none(), max_size=40))
def test_it_does_not_matter_whether_amounts_come_as_decimals_or_doubles(values):
    cents = [None if v is None else Decimal(v) / 100 for v in values]
    exact = one(thing("range", low=Decimal("-0.25"), high=Decimal("0.25")), frame(pd.Series(cents, dtype="object")))
    double = one(thing("range", low=Decimal("-0.25"), high=Decimal("0.25")), frame(pd.Series(cents, dtype="float64")))
    assert (exact.outcome, exact.violations, ids(exact)) == (double.outcome, double.violations, ids(double))


# --- the engine ----------------------------------------------------------------------------------------------


def test_importing_the_room_does_not_import_the_engine():
    code = (
        "import sys, quality.gx; from models.entities import load; "
        "[quality.gx.checks_of(e) for e in load()]; "
        "print([m for m in ('great_expectations', 'pandas', 'dlt', 'duckdb') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_warming_up_happens_beside_and_the_engine_is_made_once():
    made = []
    threads = [warm_up(), warm_up(), threading.Thread(target=lambda: made.append(gx._ready()))]
    threads[2].start()
    for thread in threads:
        thread.join(timeout=120)
    assert not any(thread.is_alive() for thread in threads)
    assert threads[0].daemon
    assert made == [gx._ready()]


@pytest.mark.slow
def test_a_hundred_thousand_rows_and_twelve_checks_take_less_than_three_seconds():
    size = 100_000
    number = pd.Series(range(size))
    rows = frame("w" + (number % 7).astype("str"), money=number / 100, day=pd.Timestamp("2025-01-01"))
    checks = [
        thing("not_null", "core_id"),
        thing("unique", "core_id"),
        thing("not_null"),
        thing("one_of", values=("w0", "w1")),
        thing("range", "money", low=0, high=10),
        thing("range", "day", low=date(1990, 1, 1), high=date(2100, 1, 1)),
        thing("reference", other="job"),
        *(thing("rule", name=f"rule {n}", test=lambda rows, n=n: rows["money"] > n) for n in range(5)),
    ]
    warm_up().join()
    began = time.process_time()
    verdicts = run(checks, rows, lambda _: pd.Series(["w3"]))
    assert time.process_time() - began < 3
    assert Counter(v.outcome for v in verdicts) == {"pass": 4, "fail": 8}


def test_the_engine_tells_nobody_and_draws_no_bars(capfd):
    one(thing("not_null"), frame(["a"] * 1000))
    context = gx._ready().data_asset.datasource.data_context
    assert context.variables.analytics_enabled is False
    assert context.variables.progress_bars.globally is False
    assert capfd.readouterr() == ("", "")


def test_the_verdicts_of_an_entity_come_in_the_order_of_its_checks():
    item = ENTITIES["item"]
    rows = core_frame(item, [{"name": "Visit", "kind": "service"}, {"unit_price": Decimal(-1), "kind": "thing"}])
    verdicts = run(gx.checks_of(item), rows, nothing_lives)
    assert [v.check for v in verdicts] == list(gx.checks_of(item))
    assert {v.check.name: v.violations for v in verdicts if v.outcome != "pass"} == {
        "item_name_not_null": 1,
        "item_kind_one_of": 1,
        "item_price_not_negative": 1,
    }
