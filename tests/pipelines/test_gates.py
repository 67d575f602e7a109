"""How verdicts and books become asset checks."""

from __future__ import annotations

import dagster as dg

from connectors.reading import ReadReport
from models.entities import ENTITIES
from pipelines import gates, keys
from pipelines.ledger import Counts
from pipelines.reconcile import Reconciled
from pipelines.steps import Accounted
from quality.checks import checks_of
from quality.spec import Verdict

CUSTOMER = next(entity for entity in ENTITIES if entity.name == "customer")
CHECKS = {check.name: check for check in checks_of(CUSTOMER)}
STATUS = CHECKS["customer_status_one_of"]
RANGE = CHECKS["customer_balance_range"]


def result(verdict: Verdict) -> dg.AssetCheckResult:
    (one,) = gates.contract_results(CUSTOMER, Reconciled(decided=1, verdicts=(verdict,)))
    return one


def test_every_check_of_the_contract_has_a_spec_and_blocks_where_it_keeps_rows_out() -> None:
    specs = {spec.name: spec for spec in gates.contract_specs(CUSTOMER)}
    assert set(specs) == set(CHECKS)
    assert {name: spec.blocking for name, spec in specs.items()} == {
        name: check.severity == "block" for name, check in CHECKS.items()
    }


def test_a_violation_names_its_rows_in_a_table() -> None:
    rows = [{"core_id": "cus_1", "status": "od|d"}, {"core_id": "cus_2", "status": "x"}]
    one = result(Verdict(check=STATUS, outcome="fail", rows=9, violations=2, examples=rows))
    assert (one.passed, one.severity, one.asset_key) == (False, dg.AssetCheckSeverity.ERROR, keys.core("customer"))
    assert one.description == "2 of 9 changed rows break it."
    assert one.metadata["violations"].value == 2
    assert one.metadata["examples"].value.splitlines() == [
        "| core_id | status |",
        "| --- | --- |",
        "| cus_1 | od\\|d |",
        "| cus_2 | x |",
    ]


def test_what_stands_is_told_beside_what_changed() -> None:
    one = result(Verdict(check=RANGE, outcome="fail", rows=9, violations=2, standing=7))
    assert one.description == "2 of 9 changed rows break it. 7 records that did not change still do."
    assert (one.passed, one.metadata["standing"].value) == (False, 7)


def test_a_warning_never_has_the_severity_that_blocks() -> None:
    assert result(Verdict(check=RANGE, outcome="fail", violations=1)).severity is dg.AssetCheckSeverity.WARN


def test_a_broken_check_says_that_it_is_not_the_data() -> None:
    one = result(Verdict(check=STATUS, outcome="broken", problem="ImportError: no engine"))
    assert not one.passed
    assert "says nothing about the data: ImportError" in str(one.description)


def test_with_nothing_decided_only_blocking_checks_speak() -> None:
    said = {one.check_name: one.passed for one in gates.contract_results(CUSTOMER, Reconciled())}
    assert said == {name: True for name, check in CHECKS.items() if check.severity == "block"}


def test_a_read_passes_only_when_it_is_believed() -> None:
    key = keys.raw("a", "people")
    assert gates.read_result(key, ReadReport(resource="people", status="ok", rows=3), "").passed
    refused = gates.read_result(key, ReadReport(resource="people", status="refused", error="too small"), "")
    assert (refused.passed, refused.description) == (False, "too small")
    assert gates.read_result(key, None, "the token leads nowhere").description == "the token leads nowhere"


def test_story_30_rows_and_books_have_to_add_up() -> None:
    key = keys.staged("a", "customer")
    assert gates.rows_result(key, Accounted(read=3, staged=2, quarantined=1, rows=2)).passed
    assert not gates.rows_result(key, Accounted(read=4, staged=2, quarantined=1, rows=2)).passed
    assert gates.books_result(key, Counts(planned=3, delivered=1, held=1, rejected=1)).passed
    assert not gates.books_result(key, Counts(planned=3, delivered=1, held=1, rejected=0)).passed
