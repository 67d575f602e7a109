"""The finance report of a company in which everything went wrong once: each remainder is found, each total adds up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest

from pipelines.company import Company
from pipelines.reports.equations import equations
from pipelines.reports.finance import verdict
from pipelines.reports.listing import TABLES, open_money, rows, table
from pipelines.reports.sections import SPECS, section
from pipelines.reports.shape import Report
from pipelines.reports.words import COLUMNS, FINDINGS, finding, money, within
from pipelines.warehouse import Warehouse
from tests.pipelines.reports import planted

CENT = Decimal("0.01")
# What was planted: finding -> amount by record
PLANTED = {
    "completed_not_invoiced": {"502": "80.00"},
    "invoiced_without_job": {
        "1002": "200.00",
        "1003": "300.00",
        "1005": "60.00",
        "1009": "25.00",
        "1010": "10.00",
        "1011": "30.00",
        "1052": "4943.55",
    },
    "paid_without_invoice": {"P4": "40.00"},
    "partly_paid": {"1002": "150.00"},
    "overpaid": {"1003": "10.00"},
    "paid_more_than_asked": {"P10": "5.00"},
    "unapplied": {"P5": "33.00"},
    "payment_does_not_add_up": {"P7": "2.00"},
    "balance_differs": {"1005": "50.00"},
    "another_payer": {"P6": "25.00"},
    "invoice_draft": {"1007": "5.00"},
    "invoice_not_in_books": {"1008": "15.00"},
    "invoice_other_currency": {"1006": "70.00"},
    "payment_other_currency": {"P8": "9.00"},
    "payment_not_in_books": {"P9": "7.00"},
    "payout_differs": {"PO-2": "-4.00"},
    "payout_not_booked": {"PO-2": "50.00"},
    "payout_without_lines": {"D-9": "44.00"},
    "deposit_without_payout": {"D-9": "44.00"},
}


def values(report: Report, name: str) -> list[Mapping[str, Any]]:
    return [row.values for row in report.section(name).rows]


def test_every_kind_of_remainder_is_found_and_no_other(company: Company) -> None:
    found: dict[str, dict[str, Decimal]] = {}
    for row in rows(company, "money_mismatches"):
        found.setdefault(row["finding"], {})[row["record"]] = row["amount"]
    assert found == {
        name: {record: Decimal(amount) for record, amount in cases.items()} for name, cases in PLANTED.items()
    }


def test_every_total_adds_up_to_the_cent(report: Report) -> None:
    assert {one.title: one.difference for one in report.equations if one.difference} == {}
    totals = {one.title: one.total for one in report.equations}
    assert totals["books holds 10 invoices"] == sum(Decimal(i["total"]) for i in planted.BOOKS["invoices"])
    assert totals["office holds 4 invoices"] == sum(Decimal(i["total"]) for i in planted.OFFICE["invoices"])
    assert totals["books holds 10 payments"] == sum(Decimal(p["amount"]) for p in planted.BOOKS["payments"])
    assert totals["processor holds 2 payouts"] == Decimal("146.80")
    assert report.adds_up
    assert report.verdict[0] == f"Everything adds up to the cent: {len(report.equations)} checks, no difference."


def test_a_difference_is_told_first_with_its_name(company: Company, report: Report) -> None:
    """Where the report shows another amount than the source that it believes, it says so before anything else."""
    with open_money(company) as warehouse:
        tables = all_tables(warehouse)
        warehouse.run("UPDATE kept SET amount = amount + 1 WHERE entity = 'payment' AND amount = 310")
        tallies = warehouse.rows(warehouse.statement("money_sources"))
        held_back = [row for row in table(warehouse, "money_mismatches") if row["finding"] == "newer_amount_held_back"]
    proofs = equations(tables, tallies)
    assert {one.title: one.difference for one in proofs if one.difference} == {
        "books holds 10 payments": Decimal(-1),
        "This report counts 9 payments": Decimal(-1),
    }
    said = verdict(proofs, report.sections)[0]
    assert said.startswith(f"2 of {len(proofs)} checks do not add up: books holds 10 payments, ")
    assert not replace(report, equations=proofs).adds_up
    assert [row["amount"] for row in held_back] == [Decimal(-1)]


def all_tables(warehouse: Warehouse) -> dict[str, list[dict[str, Any]]]:
    names = [path.stem for path in TABLES.glob("*.sql")]
    by_hand = warehouse.rows(warehouse.statement("money_by_hand"))
    return {name: table(warehouse, name) for name in names} | {"set_by_hand": by_hand}


def test_a_record_that_is_in_no_report_is_found(company: Company) -> None:
    with open_money(company) as warehouse:
        warehouse.run("DELETE FROM kept WHERE entity = 'payment' AND amount = 310")
        lost = [row for row in table(warehouse, "money_mismatches") if row["finding"] == "record_not_in_report"]
        tallies = warehouse.rows(warehouse.statement("money_sources"))
    assert [(row["record"], row["amount"]) for row in lost] == [("books p3", Decimal(310))]
    assert [row["held"] for row in tallies if row["reason"] == "not_in_report"] == [Decimal(310)]


def test_each_row_names_its_record_and_the_loads_behind_it(report: Report) -> None:
    row = next(row for row in report.section("invoices").rows if row.values["number"] == "1001")
    assert row.entity == "invoice"
    assert {(one.system, one.source_id) for one in row.sources} == {("books", "i1001"), ("office", "i1001")}
    assert all(one.raw_load and one.read_at for one in row.sources)
    about_records = [r for s in report.sections for r in s.rows if r.entity in ("invoice", "payment", "payout", "job")]
    assert len(about_records) > 50
    assert [row for row in about_records if not row.sources] == []


def test_what_adds_records_up_leads_to_their_rows(report: Report) -> None:
    for one in report.sections:
        if one.drill is None:
            continue
        target = [str(row.values[one.drill.column]) for row in report.section(one.drill.section).rows]
        keys = [str(row.values[one.drill.key]) for row in one.rows if row.values.get("invoices", 1)]
        assert [key for key in keys if not any(key in text for text in target)] == [], one.name


def test_ages_are_counted_in_days_of_the_companys_zone(report: Report) -> None:
    """In UTC it is the 12th already, and job 501 was finished on the 3rd."""
    owed = {row["number"]: (row["days_overdue"], row["age"], row["open"]) for row in values(report, "ageing")}
    assert owed == {"1002": (69, "61–90", Decimal(150)), "1005": (0, "current", Decimal(10))}
    assert [(row["number"], row["days"]) for row in values(report, "time_to_invoice")] == [("1001", 1)]


def test_an_invoice_is_shared_in_whole_cents_among_those_who_went(report: Report) -> None:
    """A hundred by three; a visit that was cancelled counts for nobody."""
    shares = {row["technician"]: row["total"] for row in values(report, "revenue_by_technician")}
    assert sorted(shares[name] for name in ("Ada", "Ben", "Cem")) == [Decimal(n) for n in ("33.33", "33.33", "33.34")]
    units = {row["business_unit"]: row["total"] for row in values(report, "revenue_by_business_unit")}
    assert units["plumbing"] == Decimal(100)


def test_story_52_a_penny_of_rounding_is_named_and_the_payment_still_applies(report: Report) -> None:
    rate, lines = Decimal("0.09975"), [Decimal(line["amount"]) for line in planted.ROUNDED["lines"]]
    whole = (sum(lines) * rate).quantize(CENT, ROUND_HALF_UP)
    each = sum((line * rate).quantize(CENT, ROUND_HALF_UP) for line in lines)
    assert (sum(lines), whole, each) == (Decimal("4495.16"), Decimal("448.39"), Decimal("448.40"))
    (bill,) = [row for row in values(report, "invoices") if row["number"] == "1052"]
    assert (bill["tax"], bill["total"], bill["open"]) == (whole, sum(lines) + whole, 0)
    pennies = {row["field"]: (row["difference"], row["cause"]) for row in values(report, "money_conflicts")}
    assert pennies["tax"] == pennies["total"] == (whole - each, "rounding: each line, or the whole")
    amounts = [
        v for s in report.sections for c in s.columns if c.kind == "money" for v in column(report, s.name, c.name)
    ]
    assert {type(amount) for amount in amounts if amount is not None} == {Decimal}


def column(report: Report, name: str, field: str) -> list[Any]:
    return [row[field] for row in values(report, name)]


def test_story_54_unapplied_money_has_an_age_and_another_payer_is_named(report: Report) -> None:
    left = {row["reference"]: (row["unapplied"], row["days_old"]) for row in values(report, "unapplied")}
    assert left == {"P5": (Decimal(33), 60), "P10": (Decimal(5), 6)}
    cases = {(row["finding"], row["record"]) for row in values(report, "money_mismatches")}
    assert (FINDINGS["another_payer"].title, "P6") in cases
    assert (FINDINGS["completed_not_invoiced"].title, "502") in cases
    assert (FINDINGS["paid_without_invoice"].title, "P4") in cases


def test_story_55_a_payout_is_its_lines_and_its_deposit_is_no_income(report: Report) -> None:
    by_reference = {row["reference"]: row for row in values(report, "payouts")}
    assert len(by_reference) == 3  # the deposit PO-1 in the books and the processor's payout are one
    for row in by_reference.values():
        if row["reference"] != "D-9":
            parts = row["payments"] + row["fees"] + row["refunds"] + row["adjustments"]
            assert row["deposited"] == parts + row["difference"]
    assert (by_reference["PO-1"]["difference"], by_reference["PO-2"]["difference"]) == (0, Decimal(-4))
    billed = sum(Decimal(i["total"]) for i in planted.BOOKS["invoices"] if i["currency"] == "USD")
    assert report.section("revenue_by_month").total("total") == billed


def test_a_section_without_rows_says_so() -> None:
    payouts = next(spec for spec in SPECS if spec.name == "payouts")
    assert section(payouts, [], {}).sentence == "No connected system reports payouts."


@pytest.mark.parametrize("name", [path.stem for path in sorted(TABLES.glob("*.sql"))])
def test_every_column_has_words(company: Company, name: str) -> None:
    shown = next((spec.columns for spec in SPECS if spec.name == name), tuple(COLUMNS))
    given = {key for row in rows(company, name) for key in row} - {"entity", "core_id"}
    assert given
    assert given <= {*shown, "kind"}


def test_every_finding_has_words() -> None:
    for name in PLANTED:
        assert finding(name).meaning.endswith(".")
        assert finding(name).remedy.endswith(".")
    assert len({finding(name).title for name in PLANTED}) == len(PLANTED)


@pytest.mark.parametrize(
    ("amount", "text"), [("1234.5000", "1,234.50"), ("-0.0100", "−0.01"), ("0.1234", "0.1234"), ("7", "7.00")]
)
def test_amounts_have_two_decimals_and_more_where_there_are_more(amount: str, text: str) -> None:
    assert money(Decimal(amount)) == text


@pytest.mark.parametrize(("days", "half", "most"), [([5], 5, 5), ([1, 2], 1, 2), ([9, *range(1, 10)], 5, 9)])
def test_half_and_nine_of_ten_by_nearest_rank(days: list[int], half: int, most: int) -> None:
    assert (within(days, Decimal("0.5")), within(days, Decimal("0.9"))) == (half, most)
