"""Validation: everything is looked at in a namespace of its own, nothing is written, and all forms say the same."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from models.errors import Held
from pipelines import ledger as books
from pipelines.deciding import sign
from pipelines.reports.shape import Report
from pipelines.reports.staging import validation_report, verdict
from pipelines.reports.workbook import sheet_name
from pipelines.reports.writing import write
from pipelines.validation import Look, look, validate
from tests.pipelines.desk import ADA, Desk

CHROMIUM = Path("/usr/bin/chromium")


def seen(desk: Desk) -> Look:
    return look(desk.company(), check=lambda *_: ())


def said(desk: Desk) -> Report:
    return validation_report(desk.company(), seen(desk))


def rows(report: Report, name: str) -> list[dict[str, Any]]:
    return [dict(row.values) for row in report.section(name).rows]


@pytest.fixture
def filled(desk: Desk) -> Desk:
    desk.edit("crm", "1", **ADA, city="Dallas")
    desk.edit("crm", "2", first="Bo", last="Diaz", phone="no number at all")
    desk.edit("field", "9", **{**ADA, "city": "Austin"})
    return desk


def of_customers(report: Report, name: str) -> list[dict[str, Any]]:
    return [row for row in rows(report, name) if row["entity"] == "customer"]


# --- nothing is written --------------------------------------------------------------------------------------


def test_it_writes_to_no_system_and_saves_no_plan(filled: Desk) -> None:
    before = {name: filled.book(name).read_bytes() for name in filled.roles}
    found = seen(filled)
    assert sum(len(plan.changes) for plan in found.plans) > 0
    assert {name: filled.book(name).read_bytes() for name in filled.roles} == before
    assert filled.with_books(books.list_plans) == ()
    home = filled.company().stack.home
    assert not (home / "warehouse.duckdb").exists()
    assert not (home / "lake").exists()


def test_it_says_the_very_rows_that_a_sync_would_write(filled: Desk) -> None:
    told = {change.id for plan in seen(filled).plans for change in plan.changes}
    filled.rest["handoffs"] = {name: {"mode": "review"} for name in ("crm.customer", "field.customer")}
    filled.sync()
    assert filled.session is not None
    assert {change.id for plan in filled.session.plans for change in plan.changes} == told


def test_it_knows_what_was_written_before(filled: Desk) -> None:
    filled.sync()
    assert filled.sync()["plan"]["creates"] == 0
    assert [len(plan.changes) for plan in seen(filled).plans] == [0, 0]


def test_it_can_be_done_again_and_again(filled: Desk) -> None:
    assert [plan.id for plan in seen(filled).plans] == [plan.id for plan in seen(filled).plans]


# --- what it says --------------------------------------------------------------------------------------------


def test_the_page_tells_what_people_ask(filled: Desk) -> None:
    report = said(filled)
    known = {(row["system"], row["field"]): (row["filled"], row["records"]) for row in of_customers(report, "coverage")}
    assert known["crm", "email"] == (1, 2)
    assert known["field", "email"] == (1, 1)
    [city] = [row for row in rows(report, "conflicts") if row["field"] == "city"]
    assert (city["winner"], city["winner_value"], city["loser_value"]) == ("crm", "Dallas", "Austin")
    [owner] = [row for row in of_customers(report, "ownership") if row["field"] == "city"]
    assert (owner["known_to"], owner["open"]) == ("crm, field", 1)
    written = rows(report, "writes-field-customer")
    assert {row["action"] for row in written} == {"create", "update"}
    assert any("city: Austin" in row["before"] and "city: Dallas" in row["after"] for row in written)


def test_a_system_that_is_down_fails_it_and_stands_first(filled: Desk) -> None:
    filled.faults("field", down=True)
    found = seen(filled)
    report = validation_report(filled.company(), found)
    assert (verdict(found), report.good) == ("fail", False)
    assert rows(report, "next")[0]["what"] == "Make field readable"


def test_forms_count_the_same(filled: Desk, tmp_path: Path) -> None:
    report = said(filled)
    data = json.loads(write(report, "json", tmp_path / "v.json").read_text())
    book = openpyxl.load_workbook(write(report, "xlsx", tmp_path / "v.xlsx"))
    page = write(report, "html", tmp_path / "v.html").read_text()
    for part, section in zip(data["sections"], report.sections, strict=True):
        counted = len(section.rows)
        assert len(part["rows"]) == counted
        block = re.search(rf'<section id="{section.name}">(.*?)</section>', page, re.DOTALL)
        assert block is not None
        assert len(re.findall(r"<tr>", block[1])) == (counted + 1 if counted else 0)
        sheet = book[sheet_name(section)]
        assert sum(1 for row in sheet.iter_rows(min_row=4, values_only=True) if any(row)) == counted


# --- sign-off ------------------------------------------------------------------------------------------------


@pytest.fixture
def production(filled: Desk) -> Desk:
    filled.environment = "production"
    filled.rest["handoffs"] = {"field.customer": {"mode": "live"}}
    return filled


def validated(desk: Desk) -> None:
    validate(desk.company(), check=lambda *_: ())


def test_nothing_is_signed_off_that_nobody_looked_at(production: Desk) -> None:
    with pytest.raises(Held, match="was not validated"):
        sign(production.company(), "field.customer", by="Mia", note="")
    validated(production)
    sign(production.company(), "field.customer", by="Mia", note="")
    assert production.sync()["pushed"]["delivered"] > 0


def test_a_look_that_fails_cannot_be_signed(production: Desk) -> None:
    production.faults("field", down=True)
    validated(production)
    with pytest.raises(Held, match="not ready"):
        sign(production.company(), "field.customer", by="Mia", note="")


def test_another_configuration_has_to_be_looked_at_again(production: Desk) -> None:
    validated(production)
    production.rest["ownership"] = {"customer.phone": {"prefer": ["crm", "field"]}}
    with pytest.raises(Held, match="was not validated as it is configured now"):
        sign(production.company(), "field.customer", by="Mia", note="")


def test_a_look_that_finds_the_same_leaves_the_sign_off_and_one_that_finds_more_ends_it(production: Desk) -> None:
    validated(production)
    sign(production.company(), "field.customer", by="Mia", note="")
    production.edit("crm", "3", first="Cy", email="cy@example.com")
    validated(production)
    assert production.sync()["pushed"]["delivered"] > 0
    production.faults("crm", down=True)
    validated(production)
    production.faults("crm")
    production.edit("crm", "4", first="Di", email="di@example.com")
    assert production.sync()["pushed"]["delivered"] == 0


@pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no /usr/bin/chromium to open the page in")
def test_the_page_fits_a_phone_and_a_desk_and_says_nothing_on_the_console(filled: Desk, tmp_path: Path) -> None:
    tools = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    address = write(said(filled), "html", tmp_path / "v.html").as_uri()
    with tools.sync_playwright() as opened:
        browser = opened.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        told: list[str] = []
        for width in (390, 1440):
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.on("console", lambda message: told.append(message.text))
            page.on("request", lambda request: told.append(request.url) if request.url[:5] == "http:" else None)
            page.goto(address)
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            page.locator("#coverage th button", has_text="percent").click()
            page.locator("#coverage input").fill("email")
            shown = page.locator("#coverage tbody tr:visible").count()
            assert 0 < shown < page.locator("#coverage tbody tr").count()
        assert told == []
        browser.close()
