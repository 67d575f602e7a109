"""Everything that is wrong with a company is found, nothing else is, and all forms of the report count the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.planted.counted import counted
from tests.planted.looked import Looked
from tests.planted.money import KINDS

pytestmark = pytest.mark.slow
GROUPS = ("duplicate", "overlap", "money", "broken", "zone")


@pytest.mark.parametrize("group", GROUPS)
def test_all_that_was_planted_is_found(seen: Looked, group: str) -> None:
    planted = [one for one in seen.exports.plants.listed if one.group == group]
    assert planted
    assert [one for one in seen.missed if one.group == group] == []


def test_fifteen_kinds_of_money_errors_were_planted(seen: Looked) -> None:
    assert {one.kind for one in seen.exports.plants.listed if one.group == "money"} == set(KINDS)
    assert len(KINDS) == 15


def test_fewer_than_one_false_alarm_in_a_thousand_records(seen: Looked) -> None:
    assert len(seen.false_alarms) * 1000 < seen.records, seen.false_alarms[:10]


def test_the_checks_count_what_their_rules_name(seen: Looked) -> None:
    """What the engine counts is what the rules say, row for row."""
    named = {name: sum(one[0] == name for one in seen.found) for name in {one[0] for one in seen.found}}
    for verdict in seen.look.verdicts:
        assert verdict.outcome != "broken", verdict.problem
        if verdict.check.test is not None:
            assert verdict.violations == named.get(verdict.check.name, 0), verdict.check.name
            assert len(verdict.examples) == min(10, verdict.violations)


def test_page_json_and_workbook_count_the_same(seen: Looked, tmp_path: Path) -> None:
    told = counted(seen.report, tmp_path)
    assert sum(one.report for one in told) > 100
    assert [one for one in told if not one.equal] == []
