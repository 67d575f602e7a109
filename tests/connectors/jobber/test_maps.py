"""What the example pages read as, and that they have the form in which records come."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.jobber import CONNECTOR
from connectors.jobber.graphql import HERE
from models.compile import staged
from models.schema import Map
from pipelines.decoding import Decoder
from tests.connectors.jobber.conftest import MODEL, Jobber, canonical, moment, records

PAGES = sorted((HERE / "pages").glob("*.json"))


def page(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((HERE / "pages" / f"{name}.json").read_text(), parse_float=Decimal)
    return found


def values(resource: str, entity: str) -> list[dict[str, Any]]:
    return list(canonical(resource, entity, page(resource)).values())


def columns(name: str, one: Map) -> list[dict[str, Any]]:
    """Everything that staging makes of a page, technical columns too."""
    with Decoder(MODEL) as decoder:
        decoder.decode("jobber", one, {record["id"]: record for record in page(name)})
        return decoder.warehouse.rows(staged.rows(MODEL, "jobber", one))


def holds(row: Mapping[str, Any], **wanted: Any) -> None:
    assert {key: row[key] for key in wanted} == wanted


def keys(value: Any, at: str = "") -> Iterator[str]:
    """The dotted names of everything that an object holds, lists seen through."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield f"{at}{key}"
            yield from keys(inner, f"{at}{key}.")
    if isinstance(value, list):
        for inner in value:
            yield from keys(inner, at)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_has_the_form_in_which_records_come(jobber: Jobber, path: Path) -> None:
    come = set(keys(records(jobber.read(path.stem))))
    assert set(keys(page(path.stem))) <= come | {"confirmationNumber"}


def test_there_is_a_page_for_each_resource() -> None:
    assert [path.stem for path in PAGES] == sorted(one.name for one in CONNECTOR.resources)


@pytest.mark.parametrize("one", CONNECTOR.maps, ids=lambda one: f"{one.resource}-{one.to}")
def test_no_example_is_broken(one: Map) -> None:
    assert [row["broken"] for row in columns(one.resource, one) if row["broken"]] == []


def test_clients() -> None:
    marta, dental, noor = values("clients", "customer")
    holds(marta, given_name="Marta", family_name="Delgado", company_name=None, email="marta@delgado.example")
    holds(marta, phone="+15125550117", street="88 Pecan Street, Unit 3", city="Austin", state="TX", status="active")
    holds(marta, postal_code="78701", country="US", tags=["HVAC", "VIP"], balance=Decimal("182.5"))
    holds(dental, given_name=None, company_name="Lakeside Dental", phone=None, street="1 Lake Road", status="inactive")
    holds(noor, status="lead", email=None, phone=None, street=None, city=None, tags=[])


def test_our_marker_is_read_back_and_nothing_else_is_taken_for_it() -> None:
    rows = columns("clients", next(one for one in CONNECTOR.maps if one.to == "customer"))
    assert [row["core_ref"] for row in rows] == ["cus_0123456789abcdef", None, None]
    assert {row["version"] for row in rows} == {"2026-03-02T16:20:00Z"}
    assert [len(row["warnings"]) for row in rows] == [0, 1, 0]


def test_properties() -> None:
    house, office = values("properties", "location")
    holds(house, customer=page("clients")[0]["id"], name="Rental house", street="12 Cedar Lane", postal_code="78664")
    holds(house, latitude=Decimal("30.508255"), longitude=Decimal("-97.678896"))
    holds(office, latitude=None, street="1 Lake Road")


def test_users() -> None:
    sam, lee = values("users", "technician")
    holds(sam, name="Sam Ortiz", email="sam@bluebonnet.example", phone="+15125550131", active=True)
    holds(sam, time_zone="America/Chicago", given_name="Sam", family_name="Ortiz")
    holds(lee, active=False, phone=None, time_zone=None)


def test_jobs() -> None:
    done, new, late = values("jobs", "job")
    holds(done, number="1041", status="completed", total=Decimal(340), completed_at=moment("2026-03-02 16:20"))
    holds(done, customer=page("clients")[0]["id"], location=page("properties")[0]["id"])
    assert [new["status"], late["status"]] == ["new", "scheduled"]


def test_visits() -> None:
    done, ladder, open_ = values("visits", "appointment")
    holds(done, status="completed", starts_at=moment("2026-03-02 15:00"), ends_local=moment("2026-03-02 10:00"))
    holds(done, time_zone="America/Chicago", all_day=False, starts_on=None, ends_on=None)
    holds(ladder, all_day=True, starts_on=date(2026, 3, 12), ends_on=date(2026, 3, 13), status="scheduled")
    holds(ladder, starts_at=None, ends_at=None, starts_local=None, ends_local=None)
    holds(open_, status="scheduled", starts_at=None, starts_on=None, all_day=False)


@pytest.mark.parametrize(
    ("end", "last"),
    [
        ("2026-03-13T04:59:59Z", date(2026, 3, 12)),
        ("2026-03-13T05:00:00Z", date(2026, 3, 12)),
        ("2026-03-12T05:00:00Z", date(2026, 3, 12)),
        ("2026-03-13T05:00:01Z", date(2026, 3, 13)),
        (None, date(2026, 3, 12)),
    ],
)
def test_the_last_day_of_an_all_day_visit(end: str | None, last: date) -> None:
    visit = {**page("visits")[1], "startAt": "2026-03-12T05:00:00Z", "endAt": end}
    (row,) = canonical("visits", "appointment", [visit]).values()
    holds(row, starts_on=date(2026, 3, 12), ends_on=last)


def test_assignments() -> None:
    done, *_ = visits = page("visits")
    one = next(one for one in CONNECTOR.maps if one.to == "assignment")
    rows = columns("visits", one)
    users = [user["id"] for user in page("users")]
    assert len(rows) == sum(len(visit["assignedUsers"]["nodes"]) for visit in visits)
    mine = [row for row in rows if row["appointment"] == done["id"]]
    assert sorted(row["technician"] for row in mine) == users
    assert {row["source_id"] for row in mine} == {f"{done['id']}:{user}" for user in users}


def test_invoices() -> None:
    late, draft = values("invoices", "invoice")
    holds(late, number="2201", status="open", issued_on=date(2026, 3, 3), due_on=date(2026, 4, 2), currency="USD")
    holds(late, subtotal=Decimal(340), tax=Decimal("28.05"), total=Decimal("368.05"), balance=Decimal("182.5"))
    holds(late, customer=page("clients")[0]["id"], job=page("jobs")[0]["id"], memo="Thank you")
    ignitor, labor = json.loads(late["lines"])
    holds(ignitor, item=page("products")[0]["name"], description="Ignitor", amount="190.0000")
    holds(labor, item=None, description="Fitting and test", quantity="1.500000", unit_price="100.0000")
    holds(draft, status="draft", total=None, issued_on=None, job=None, lines="[]")


def test_payments() -> None:
    check, deposit, card, bank = values("payment_records", "payment")
    invoice = page("invoices")[0]["id"]
    holds(check, reference="4417", received_on=date(2026, 3, 5), amount=Decimal("185.55"), method="check", unapplied=0)
    assert json.loads(check["allocations"]) == [{"invoice": invoice, "amount": "185.5500"}]
    holds(deposit, method="other", unapplied=Decimal("50.1"), allocations=None, memo="For spring", reference=None)
    holds(card, method="card", reference="ch_20260305")
    holds(bank, method="ach", reference="ACH-77")


def test_products() -> None:
    ignitor, inspection = values("products", "item")
    holds(ignitor, name="Ignitor", unit_price=Decimal(190), taxable=True, active=True, kind="product")
    holds(inspection, unit_price=Decimal("89.95"), taxable=False, active=False, kind="service", description=None)


@pytest.mark.parametrize("one", CONNECTOR.maps, ids=lambda one: f"{one.resource}-{one.to}")
def test_nothing_that_the_twin_holds_breaks(jobber: Jobber, one: Map) -> None:
    found = records(jobber.read(one.resource))
    with Decoder(MODEL) as decoder:
        decoder.decode("jobber", one, {record["id"]: record for record in found})
        assert [
            row["broken"] for row in decoder.warehouse.rows(staged.rows(MODEL, "jobber", one)) if row["broken"]
        ] == []
