"""What a new record gets when its maker did not say: dates, numbers, addresses from the customer.

Source: facts sheet "Entities and envelopes"; numbering and dates are what the vendor's own forms propose.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.quickbooks_online.books import Books
from sandbox.quickbooks_online.chart import SERVICE_INCOME, UNDEPOSITED_FUNDS
from sandbox.quickbooks_online.dialect import PACIFIC, ref_id, reference
from sandbox.quickbooks_online.entity import Entity
from sandbox.store import Store
from sandbox.twin import Record

DOLLARS = reference("USD", "United States Dollar")


def creation_defaults(store: Store, books: Books, entity: Entity, kept: Record) -> Record:
    """The members that ``kept`` may leave out."""
    if entity.name == "Item":
        income = books.row("accounts", SERVICE_INCOME)
        return {"IncomeAccountRef": reference(SERVICE_INCOME, income["Name"])} if income else {}
    if entity.family != "transaction":
        return {}
    found: Record = {"TxnDate": today(store, books).isoformat(), "CurrencyRef": DOLLARS, "CustomField": []}
    if entity.name == "Payment":
        funds = books.row("accounts", UNDEPOSITED_FUNDS)
        return found | ({"DepositToAccountRef": reference(UNDEPOSITED_FUNDS, funds["Name"])} if funds else {})
    return found | _sale(books, entity, {**found, **kept})


def today(store: Store, books: Books) -> date:
    """The company's date now."""
    company = next(iter(books.rows["companyinfo"].values()), {})
    zone = ZoneInfo(company["DefaultTimeZone"]) if "DefaultTimeZone" in company else PACIFIC
    return store.clock.now().astimezone(zone).date()


def _sale(books: Books, entity: Entity, kept: Record) -> Record:
    customer = books.row("customers", ref_id(kept, "CustomerRef") or "") or {}
    found: Record = {
        "EmailStatus": "NotSet",
        "PrintStatus": "NeedToPrint",
        "ApplyTaxAfterDiscount": False,
        **{member: customer[member] for member in ("BillAddr", "ShipAddr") if member in customer},
    }
    if "DocNumber" not in kept:
        found["DocNumber"] = _next_number(books, entity.collection)
    if "PrimaryEmailAddr" in customer:
        found["BillEmail"] = customer["PrimaryEmailAddr"]
    if entity.name != "Invoice":
        return found | ({"TxnStatus": "Pending"} if entity.name == "Estimate" else {})
    term = ref_id(kept, "SalesTermRef") or ref_id(customer, "SalesTermRef")
    return found | _due(books, term, date.fromisoformat(kept["TxnDate"]))


def _due(books: Books, term_id: str | None, issued: date) -> dict[str, Any]:
    """The due date by the sale's or the customer's term; on receipt without one."""
    term = books.row("terms", term_id) if term_id else None
    due = {"DueDate": (issued + timedelta(days=int((term or {}).get("DueDays", 0)))).isoformat()}
    return due | ({"SalesTermRef": reference(str(term["Id"]), term["Name"])} if term else {})


def _next_number(books: Books, collection: str) -> str:
    """One more than the highest document number that is all digits; 1001 for the first."""
    numbers = (row.get("DocNumber", "") for row in books.rows[collection].values())
    return str(max((int(number) for number in numbers if number.isdigit()), default=1000) + 1)
