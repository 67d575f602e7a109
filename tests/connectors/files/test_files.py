"""Files end to end: a stack file, exports beside it, the lake and the staged tables."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from connectors.gateway import open_api
from connectors.raw import loads
from connectors.reading import ReadReport, read_system
from models.errors import Unreachable
from pipelines.company import Company, assemble, open_system
from pipelines.settings import load
from pipelines.staging import Staged, stage_system
from pipelines.warehouse import Warehouse, open_warehouse

NOW = datetime(2026, 3, 11, 15, tzinfo=UTC)
STACK = """
company: Acme Heating & Air
time_zone: America/Chicago
systems:
  exports:
    connector: files
    roles: [files]
    resources:
      customers: {path: "${EXPORTS:-exports}/customers*.csv", id: Customer No.}
    maps:
      - resource: customers
        to: customer
        where: {Type: [Residential, Business]}
        fields:
          company_name: {text: Company Name}
          phone: {phone: Phone}
          balance: {money: Balance}
          status: {choice: {path: Status, values: {Open: active, Closed: inactive}}}
"""
HEADER = "Customer No.,Company Name,Phone,Balance,Status,Type\n"
ROWS = HEADER + 'C-1,"Reyes, Sons",(512) 555-0100,12.30,Open,Business\nC-2,Petty,,,Closed,Residential\n'


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "exports").mkdir()
    (tmp_path / "stack.yml").write_text(STACK)
    (tmp_path / "exports" / "customers.csv").write_text(ROWS)
    return tmp_path


@pytest.fixture
def company(home: Path) -> Company:
    return assemble(load(home / "stack.yml"), clock=lambda: NOW)


@pytest.fixture
def warehouse(company: Company) -> Iterator[Warehouse]:
    company.stack.home.mkdir(parents=True, exist_ok=True)
    with open_warehouse(company.warehouse, company.model) as found:
        yield found


def read(company: Company) -> ReadReport:
    with open_system(company, "exports") as api:
        (report,) = read_system(
            api, company.resources["exports"], lake=company.lake, state_dir=company.stack.home / "dlt"
        )
    return report


def stage(company: Company, warehouse: Warehouse) -> Staged:
    known = {row["load_id"] for row in warehouse.rows("SELECT load_id FROM meta.loads")}
    fresh = loads(company.lake, "exports", known=known)
    everything = partial(loads, company.lake, "exports")
    return stage_system(warehouse, company.model, "exports", fresh, everything=everything, run="run_1", now=NOW)


def staged(warehouse: Warehouse) -> dict[str, dict[str, Any]]:
    rows = warehouse.rows("SELECT * FROM staged.exports__customer WHERE deleted_at IS NULL")
    return {row["source_id"]: row for row in rows}


def quarantined(warehouse: Warehouse) -> dict[str, str]:
    return {row["raw_id"]: row["reason"] for row in warehouse.rows("SELECT raw_id, reason FROM quarantine.records")}


def export(home: Path, text: str, name: str = "customers.csv") -> None:
    (home / "exports" / name).write_text(text)


def test_columns_become_fields(company: Company, warehouse: Warehouse) -> None:
    assert read(company).rows == 2
    assert stage(company, warehouse) == Staged(read=2, staged=2, quarantined=0, moved=2)
    first = staged(warehouse)["C-1"]
    assert (first["company_name"], first["phone"], first["balance"]) == ("Reyes, Sons", "+15125550100", Decimal("12.3"))
    assert staged(warehouse)["C-2"]["status"] == "inactive"
    assert staged(warehouse)["C-2"]["balance"] is None


def test_an_unchanged_file_is_not_read_again(company: Company, home: Path) -> None:
    assert read(company).full
    os.utime(home / "exports" / "customers.csv", (1, 1))
    again = read(company)
    assert (again.status, again.rows, again.full) == ("ok", 0, False)


def test_a_row_that_left_its_file_is_gone(company: Company, home: Path, warehouse: Warehouse) -> None:
    read(company)
    stage(company, warehouse)
    export(home, ROWS.replace("C-2,Petty,,,Closed,Residential\n", "C-3,Cole,,,Open,Business\n"))
    assert read(company).full
    stage(company, warehouse)
    assert set(staged(warehouse)) == {"C-1", "C-3"}


def test_broken_rows_are_set_aside_and_none_is_lost(company: Company, home: Path, warehouse: Warehouse) -> None:
    export(
        home, ROWS + 'C-3,Smith, Jones,,5,Open,Business\n,Nobody,,,Open,Business\nC-4,"Stray" quote,,,Open,Business\n'
    )
    assert read(company).rows == 5
    assert stage(company, warehouse) == Staged(read=5, staged=2, quarantined=3, moved=2)
    found = quarantined(warehouse)
    assert "7 values where the header has 6" in found["exports/customers.csv, line 4"]
    assert found["exports/customers.csv, row 4"].endswith("the record has no id")
    assert "expected after" in found["exports/customers.csv, line 6"]


def test_while_a_row_cannot_be_read_nothing_counts_as_gone(company: Company, home: Path, warehouse: Warehouse) -> None:
    read(company)
    stage(company, warehouse)
    export(home, ROWS.replace("C-2,Petty,,,Closed,Residential", "C-2,Petty, Ltd,,,Closed,Residential"))
    assert not read(company).full
    stage(company, warehouse)
    assert set(staged(warehouse)) == {"C-1", "C-2"}


def test_a_mended_row_leaves_quarantine(company: Company, home: Path, warehouse: Warehouse) -> None:
    export(home, ROWS + ",Nobody,,,Open,Business\n")
    read(company)
    stage(company, warehouse)
    assert set(quarantined(warehouse)) == {"exports/customers.csv, row 3"}
    export(home, ROWS + "C-3,Somebody,,,Open,Business\n")
    read(company)
    assert stage(company, warehouse).quarantined == 0
    assert quarantined(warehouse) == {}
    assert set(staged(warehouse)) == {"C-1", "C-2", "C-3"}


def test_of_several_rows_with_one_id_the_last_counts(company: Company, home: Path, warehouse: Warehouse) -> None:
    export(home, HEADER + "C-2,Renamed,,,Open,Residential\n", "customers-2.csv")
    read(company)
    stage(company, warehouse)
    assert staged(warehouse)["C-2"]["company_name"] == "Petty"  # customers-2.csv comes before customers.csv
    export(home, HEADER + "C-2,Renamed again,,,Open,Residential\n", "customersz.csv")
    read(company)
    stage(company, warehouse)
    assert staged(warehouse)["C-2"]["company_name"] == "Renamed again"


def test_rows_of_another_kind_do_not_belong_to_the_map(company: Company, home: Path, warehouse: Warehouse) -> None:
    export(home, ROWS + "V-1,Supplier,,,Open,Vendor\n")
    read(company)
    assert stage(company, warehouse).read == 3
    assert set(staged(warehouse)) == {"C-1", "C-2"}


def test_a_missing_file_is_no_empty_one(company: Company, home: Path) -> None:
    (home / "exports" / "customers.csv").unlink()
    report = read(company)
    assert report.status == "failed"
    assert "there is no file exports/customers*.csv" in str(report.error)


def test_a_missing_column_is_no_empty_one(company: Company, home: Path) -> None:
    export(home, ROWS.replace("Company Name", "Company"))
    report = read(company)
    assert report.status == "failed"
    assert "has no column 'Company Name' (did you mean 'Company'?)" in str(report.error)


def test_a_variable_names_the_folder(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "elsewhere").mkdir()
    (home / "elsewhere" / "customers.csv").write_text(HEADER)
    monkeypatch.setenv("EXPORTS", str(home / "elsewhere"))
    report = read(assemble(load(home / "stack.yml"), clock=lambda: NOW))
    assert (report.status, report.rows, report.full) == ("ok", 0, True)


def test_a_changed_way_of_reading_reads_again(home: Path, company: Company) -> None:
    read(company)
    (home / "stack.yml").write_text(STACK.replace("id: Customer No.", "id: [Customer No., Type]"))
    assert read(assemble(load(home / "stack.yml"), clock=lambda: NOW)).rows == 2


def test_the_account_needs_every_file(company: Company, home: Path) -> None:
    connector = company.connectors["exports"]
    assert connector.account is not None
    with open_system(company, "exports") as api:
        assert connector.account(api).name == "exports/customers*.csv"
    (home / "exports" / "customers.csv").unlink()
    settings = {"folder": str(home), "resources": {"a": {"path": "a.csv", "id": "x"}}}
    with open_api(connector, settings=settings) as api, pytest.raises(Unreachable, match=r"there is no file a\.csv"):
        connector.account(api)
