"""The finance page in a real browser: quiet, self-contained, and as wide as what it is read on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pipelines.reports.page import MOST_ROWS, report_page
from pipelines.reports.shape import Report, Section
from pipelines.reports.writing import write

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = Path("/usr/bin/chromium")
pytestmark = pytest.mark.skipif(not CHROMIUM.exists(), reason="there is no /usr/bin/chromium to open the page in")
WIDTHS = (390, 1440)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as tools:
        found = tools.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield found
        found.close()


@pytest.fixture(scope="module")
def address(report: Report, tmp_path_factory: pytest.TempPathFactory) -> str:
    return write(report, "html", tmp_path_factory.mktemp("page") / "finance.html").as_uri()


@pytest.fixture
def page(browser: Any, address: str) -> Iterator[Any]:
    """The open page; the test fails for anything it says on the console or asks of anybody else."""
    found, said, asked = browser.new_page(viewport={"width": 1440, "height": 900}), [], []
    found.on("console", lambda message: said.append(message.text))
    found.on("pageerror", lambda problem: said.append(str(problem)))
    found.on("request", lambda request: asked.append(request.url))
    found.goto(address)
    yield found
    found.close()
    assert said == []
    assert [url for url in asked if not url.startswith(("file:", "data:"))] == []


def column(page: Any, section: str, place: int) -> list[str]:
    """The visible cells of one column, as shown."""
    cells = page.locator(f"#{section} tbody tr:visible td:nth-child({place})")
    return list(cells.all_inner_texts())


def test_headings_sort_by_value_and_back(page: Any) -> None:
    heading = page.locator("#invoices th button", has_text="total")
    heading.click()
    up = column(page, "invoices", 12)
    assert up == ["10.00", "25.00", "30.00", "60.00", "100.00", "200.00", "300.00", "4,943.55"]
    heading.click()
    assert column(page, "invoices", 12) == up[::-1]
    assert page.locator("#invoices th[aria-sort=descending]").inner_text().startswith("total")


def test_the_filter_hides_rows_and_adds_up_the_others(page: Any) -> None:
    page.locator("#invoices input").fill("cy fu")
    assert column(page, "invoices", 2) == ["Cy Fu"] * 3
    assert page.locator("#invoices output").inner_text() == "3 of 8 rows"
    assert page.locator("#invoices tfoot td:nth-child(12)").inner_text() == "340.00"
    page.locator("#invoices input").fill("")
    assert page.locator("#invoices tfoot td:nth-child(12)").inner_text() == "5,668.55"


def test_a_sum_leads_to_its_rows_and_a_row_to_its_record(page: Any) -> None:
    page.locator("#revenue_by_month a", has_text="2026-02").click()
    assert column(page, "invoices", 1) == ["1005"]
    page.locator("#invoices tbody tr:visible summary").click()
    shown = page.locator("#invoices tbody tr:visible details").inner_text()
    assert "books i1005" in shown
    assert "plumbline explain invoice inv_" in shown


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_runs_over_the_edge(page: Any, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator(".verdict li").first.is_visible()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)"
    assert dark == (scheme == "dark")


def test_on_paper_every_row_is_there_and_no_tools(page: Any) -> None:
    page.emulate_media(media="print")
    assert not page.locator(".tools").first.is_visible()
    assert page.evaluate("getComputedStyle(document.querySelector('.scroll')).maxHeight") == "none"


def test_what_stands_in_records_is_text_and_no_markup(report: Report) -> None:
    text = report_page(replaced(report, "<script>alert(1)</script>"))
    assert "<script>alert" not in text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 1


def replaced(report: Report, name: str) -> Report:
    first, *rest = report.section("invoices").rows
    odd = replace(first, values={**first.values, "customer": name})
    return replace(report, sections=(many(report.section("invoices"), (odd, *rest)),))


def many(section: Section, rows: Any) -> Section:
    return replace(section, rows=tuple(rows), drill=None)


def test_a_table_that_is_too_long_for_a_browser_says_where_the_rest_is(report: Report) -> None:
    rows = report.section("payments").rows
    long = many(report.section("payments"), rows * (MOST_ROWS // len(rows) + 1))
    text = report_page(replace(report, sections=(long,)))
    assert f"has all {len(long.rows)}" in text
    assert text.count("plumbline explain payment") == MOST_ROWS
