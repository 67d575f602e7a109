"""Reading the books from the twin: whole, then what changed; and what a refusal is."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from connectors.quickbooks_online import CONNECTOR, dialect
from models.errors import Gone, Throttled, Transient, Unauthorized, Unreachable
from tests.connectors.quickbooks_online.conftest import MAP_OF, Books, canonical, row, rows

RESOURCES = [resource.name for resource in CONNECTOR.resources]


def ids(pages: list[Any]) -> list[str]:
    return [record["Id"] for page in pages for record in page.records]


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_first_read_covers_everything(books: Books, resource: str) -> None:
    pages = books.read(resource)
    assert sorted(ids(pages)) == sorted(str(record["Id"]) for record in books.store.all(resource))
    assert all(page.full for page in pages)
    assert not any(page.deleted for page in pages)


def test_a_list_of_many_pages_is_read_once_each(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialect, "PAGE", 2)
    pages = books.read("customers")
    assert len(pages) > 2
    assert sorted(ids(pages)) == sorted(str(record["Id"]) for record in books.store.all("customers"))


def test_a_page_that_is_cut_short_loses_nothing(books: Books) -> None:
    books.fault("truncated_page", times=1)
    assert len(ids(books.read("invoices"))) == len(list(books.store.all("invoices")))


def test_a_list_that_moves_under_the_reader_is_not_believed(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialect, "PAGE", 2)
    reading = dialect.listing("Payment")(books.api, {})
    made = [books.create("payment", {"amount": Decimal(n)}, refs={"customer": "1"}, key=f"k{n}") for n in (5, 6, 7)]
    assert len(next(reading).records) == 2
    books.remove("payments", "5")
    with pytest.raises(Transient, match="moved while it was read"):
        list(reading)
    assert len(made) == 3


def test_inactive_customers_are_read_too(books: Books) -> None:
    books.edit("customers", "2", Active=False)
    states = {
        found["source_id"]: found["status"] for found in rows(MAP_OF["customer"], books.read("customers")[0].records)
    }
    assert states["2"] == "inactive"
    assert states["1"] == "active"


@pytest.mark.parametrize(
    ("resource", "id", "members"),
    [
        ("customers", "1", {"GivenName": "Anna"}),
        ("items", "2", {"UnitPrice": 21.5}),
        ("invoices", "2", {"CustomerMemo": {"value": "Thanks"}}),
        ("payments", "5", {"PaymentRefNum": "CHK-2"}),
    ],
)
def test_a_persons_edit_comes_with_the_next_read(books: Books, resource: str, id: str, members: dict[str, Any]) -> None:
    cursor = books.cursor(resource)
    books.edit(resource, id, **members)
    (page,) = books.read(resource, cursor)
    found = {record["Id"]: record for record in page.records}
    assert id in found
    assert {name: found[id][name] for name in members} == members
    assert not page.full
    assert page.cursor is not None
    assert datetime.fromisoformat(page.cursor["since"]) > datetime.fromisoformat(cursor["since"])


def test_nothing_new_is_an_empty_page_that_moves_on(books: Books) -> None:
    cursor = books.cursor("invoices")
    books.pass_time(hours=2)
    (page,) = books.read("invoices", cursor)
    assert (page.records, page.deleted, page.full) == ([], [], False)


def test_the_window_overlaps_so_that_late_stamps_are_seen(books: Books) -> None:
    cursor = books.cursor("invoices")
    books.pass_time(hours=2)
    books.read("invoices", cursor)
    asked = next(dict(one.query)["changedSince"] for one in books.recording if one.path.endswith("/cdc"))
    assert datetime.fromisoformat(asked) <= datetime.fromisoformat(cursor["since"]) - timedelta(minutes=4)


def test_a_deleted_payment_is_reported(books: Books) -> None:
    cursor = books.cursor("payments")
    books.remove("payments", "5")
    (page,) = books.read("payments", cursor)
    assert page.deleted == ["5"]
    assert page.records == []


def test_a_customer_made_inactive_shows_as_a_change(books: Books) -> None:
    cursor = books.cursor("customers")
    books.edit("customers", "2", Active=False)
    (page,) = books.read("customers", cursor)
    assert canonical("customer", next(r for r in page.records if r["Id"] == "2"))["status"] == "inactive"


def test_changes_of_more_than_thirty_days_ago_are_gone(books: Books) -> None:
    cursor = books.cursor("invoices")
    books.pass_time(days=30)
    with pytest.raises(Gone, match="30 days"):
        books.read("invoices", cursor)
    assert books.sent("GET", "/cdc") == 0


def test_a_full_change_reply_is_not_believed_to_be_all(books: Books, monkeypatch: pytest.MonkeyPatch) -> None:
    cursor = books.cursor("invoices")
    books.edit("invoices", "2", PrivateNote="x")
    monkeypatch.setattr(dialect, "PAGE", 1)
    with pytest.raises(Gone, match="one reply cannot hold"):
        books.read("invoices", cursor)


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_refused_read_is_an_error_and_no_page(impatient: Books, resource: str) -> None:
    impatient.fault("server_error", times=1, path="query")
    with pytest.raises(Transient):
        impatient.read(resource)


def test_throttling_asks_for_a_minute(impatient: Books) -> None:
    impatient.fault("rate_limit", times=1, path="query")
    with pytest.raises(Throttled) as caught:
        impatient.read("items")
    assert caught.value.wait == 60


def test_a_passing_throttling_is_waited_out(books: Books) -> None:
    books.fault("rate_limit", times=1, path="query")
    before = books.store.clock.now()
    assert len(ids(books.read("items"))) == 2
    assert books.store.clock.now() - before >= timedelta(seconds=60)


def test_a_page_for_people_is_no_answer(impatient: Books) -> None:
    impatient.fault("html_error_page", times=1)
    with pytest.raises((Transient, Unreachable)):
        impatient.read("items")


def test_a_refused_sign_in_is_named(books: Books) -> None:
    books.fault("unauthorized", path="query")
    with pytest.raises(Unauthorized, match="quickbooks_online"):
        books.read("items")


def test_a_rotated_refresh_token_is_used_from_then_on(books: Books) -> None:
    books.read("items")
    books.fault("rotated_refresh_token", times=1)
    for _ in range(3):
        books.pass_time(hours=2)
        assert len(ids(books.read("items"))) == 2


def test_who_we_are(books: Books) -> None:
    assert CONNECTOR.account is not None
    me = CONNECTOR.account(books.api)
    assert (me.id, me.name, me.time_zone) == (books.api.settings["realm_id"], "Acme Heating", "America/Chicago")


def test_a_customer_means(books: Books) -> None:
    bob = next(r for r in books.read("customers")[0].records if r.get("CompanyName"))
    found = row("customer", bob)
    assert found["changed_at"] == datetime(2026, 2, 2, 15, 30, tzinfo=UTC).replace(tzinfo=None)
    assert found["version"] == bob["SyncToken"]
    assert found["core_ref"] is None
    assert canonical("customer", bob) == {
        "given_name": "Bob", "family_name": "O'Neil", "company_name": "Neil Cooling Inc", "email": "bob@example.com",
        "phone": "+15124741234", "street": "12 Oak St, B", "city": "Austin", "state": "TX", "postal_code": "78701",
        "country": "US", "status": "active", "balance": Decimal("216.50"), "currency": "USD",
    }  # fmt: skip


def test_an_invoice_means(books: Books) -> None:
    found = {r["DocNumber"]: canonical("invoice", r) for r in books.read("invoices")[0].records}
    paid, void = found["J-1"], found["J-3"]
    lines = json.loads(paid.pop("lines"))
    assert lines == [
        {
            "item": "Visit",
            "description": "Visit",
            "quantity": "2.000000",
            "unit_price": "100.0000",
            "amount": "200.0000",
        }
    ]
    assert paid == {
        "number": "J-1", "customer": "1", "status": "paid", "issued_on": date(2026, 2, 2), "due_on": date(2026, 3, 4),
        "currency": "USD", "subtotal": Decimal(200), "tax": Decimal("16.50"), "total": Decimal("216.50"),
        "balance": Decimal(0), "memo": None, "booked_as": "1",
    }  # fmt: skip
    assert (void["status"], void["total"]) == ("void", Decimal(0))
    assert found["J-2"]["status"] == "open"
    assert found["J-2"]["balance"] == Decimal("166.25")


def test_a_payment_means(books: Books) -> None:
    (found,) = (canonical("payment", r) for r in books.read("payments")[0].records)
    assert json.loads(found.pop("allocations")) == [
        {"invoice": "1", "amount": "216.5000"}, {"invoice": "2", "amount": "50.2500"},
    ]  # fmt: skip
    assert found == {
        "reference": "CHK-1", "customer": "1", "received_on": date(2026, 2, 9), "amount": Decimal(300),
        "unapplied": Decimal("33.25"), "currency": "USD", "memo": None,
    }  # fmt: skip


def test_an_item_means(books: Books) -> None:
    found = {r["Name"]: canonical("item", r) for r in books.read("items")[0].records}
    assert found["Filter"] == {
        "name": "Filter", "description": "A filter", "sku": None, "unit_price": Decimal("19.99"), "taxable": False,
        "active": True, "kind": "service",
    }  # fmt: skip
