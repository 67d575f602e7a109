"""The accounting books of the synthetic company: its chart, its customers as they are spelled here, its sales."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sandbox.company import Address, Company, Customer, Invoice, Payment, Spelling, Technician
from sandbox.quickbooks_online import chart
from sandbox.quickbooks_online.auth import grant_first_tokens
from sandbox.quickbooks_online.books import books_of
from sandbox.quickbooks_online.change import composed, with_address_ids
from sandbox.quickbooks_online.defaults import DOLLARS
from sandbox.quickbooks_online.dialect import last_updated, reference, stamp, wire
from sandbox.quickbooks_online.members import BY_COLLECTION
from sandbox.quickbooks_online.names import spoken_name
from sandbox.quickbooks_online.sales import voided, with_balance
from sandbox.store import Store
from sandbox.twin import Record

SYSTEM = "quickbooks_online"
_METHODS = {"cash": chart.CASH, "check": chart.CHECK, "card": chart.CARD, "ach": chart.TRANSFER}
_OPENING = time(9, 30)
_FOUNDED = datetime(2024, 1, 2, 17, 0, tzinfo=UTC)
Ids = dict[str, str]


def seed(company: Company, store: Store) -> None:
    """Fill every collection from the company; records keep the order and so the ids of a given seed."""
    with store.lock:
        grant_first_tokens(store)
        _keep(store, "companyinfo", _company_info(company), _FOUNDED)
        _seed_chart(store)
        items = {p.key: _add(store, "items", _item(p), _FOUNDED) for p in company.products}
        customers = _seed_customers(company, store)
        for technician in company.technicians:
            _add(store, "employees", _employee(technician), _FOUNDED)
        invoices = _seed_invoices(company, store, customers, items)
        _seed_payments(company, store, customers, invoices)
        _close_books(store)


def _add(store: Store, collection: str, record: Record, at: datetime) -> str:
    """Keep a new record under the next id of its sequence and give the id."""
    entity = BY_COLLECTION[collection]
    return _keep(store, collection, {"Id": str(store.next_id(entity.ids)), **record}, at)


def _keep(store: Store, collection: str, record: Record, at: datetime) -> str:
    entity, id, when = BY_COLLECTION[collection], record["Id"], stamp(min(at, store.clock.now()))
    header = {
        "domain": "QBO",
        "sparse": False,
        "Id": id,
        "SyncToken": "0",
        "MetaData": {"CreateTime": when, "LastUpdatedTime": when},
    }
    whole = composed(books_of(store), entity, with_address_ids(store, entity, record, None), None)
    store.put(collection, id, {**header, **whole})
    return str(id)


def _seed_chart(store: Store) -> None:
    for collection, records in (
        ("accounts", chart.ACCOUNTS),
        ("terms", chart.TERMS),
        ("paymentmethods", chart.METHODS),
        ("taxcodes", chart.TAX_CODES),
    ):
        for record in records:
            _keep(store, collection, dict(record), _FOUNDED)


def _company_info(company: Company) -> Record:
    address = {"Id": "1", "City": "Austin", "CountrySubDivisionCode": "TX", "Country": "US"}
    return {
        "Id": "1",
        "CompanyName": company.name,
        "LegalName": company.name,
        "CompanyAddr": address,
        "CompanyStartDate": _FOUNDED.date().isoformat(),
        "Country": "US",
        "DefaultTimeZone": company.time_zone,
        "FiscalYearStartMonth": "January",
        "SupportedLanguages": "en",
        "NameValue": [{"Name": "IndustryType", "Value": "Plumbing, Heating, and Air-Conditioning Contractors"}],
    }


def _item(product: Any) -> Record:
    return {
        "Name": product.name,
        "Description": product.description,
        "Type": "Service",
        "UnitPrice": wire(product.unit_price),
        "Taxable": product.taxable,
        "IncomeAccountRef": reference(chart.SERVICE_INCOME, "Services"),
    }


def _seed_customers(company: Company, store: Store) -> Ids:
    """Ids by key. Two people of one name cannot share a DisplayName, so the later one gets a number behind it."""
    ids: Ids = {}
    for customer in company.customers:
        if SYSTEM in customer.seen_by:
            record = _customer(customer, customer.seen_by[SYSTEM])
            record["DisplayName"] = _free_name(store, record["DisplayName"])
            ids[customer.key] = _add(store, "customers", record, customer.created_at)
    return ids


def _free_name(store: Store, name: str) -> str:
    books, free, number = books_of(store), name, 1
    while books.labelled("people", free) is not None:
        number += 1
        free = f"{name} ({number})"
    return free


def _customer(customer: Customer, spelling: Spelling) -> Record:
    parts = {"GivenName": spelling.given_name, "FamilyName": spelling.family_name, "CompanyName": spelling.company_name}
    record: Record = {member: value.strip() for member, value in parts.items() if value}
    company_name = record.get("CompanyName") if customer.is_company else None
    record["DisplayName"] = (company_name or spoken_name(record) or customer.key).replace(":", " ")
    if spelling.email:
        record["PrimaryEmailAddr"] = {"Address": spelling.email}
    if spelling.phone:
        record["PrimaryPhone"] = {"FreeFormNumber": spelling.phone}
    if spelling.address:
        record["BillAddr"] = _address(spelling.address)
    return record


def _address(address: Address) -> Record:
    lines = {"Line1": address.street} | ({"Line2": address.unit} if address.unit else {})
    place = {"City": address.city, "CountrySubDivisionCode": address.state, "PostalCode": address.postal_code}
    return {**lines, **place, "Country": address.country}


def _employee(technician: Technician) -> Record:
    return {
        "GivenName": technician.given_name,
        "FamilyName": technician.family_name,
        "DisplayName": f"{technician.given_name} {technician.family_name}",
        "Active": technician.active,
        "PrimaryEmailAddr": {"Address": technician.email},
        "PrimaryPhone": {"FreeFormNumber": technician.phone},
    }


def _seed_invoices(company: Company, store: Store, customers: Ids, items: Ids) -> Ids:
    """Ids by key of the invoices whose customer is kept here, oldest first."""
    jobs = {job.key: job.number for job in company.jobs}
    taxable = {product.key for product in company.products if product.taxable}
    ids: Ids = {}
    for invoice in sorted(company.invoices, key=lambda i: (i.issued_on, i.key)):
        if invoice.customer in customers:
            customer = store.get("customers", customers[invoice.customer]) or {}
            record = _invoice(invoice, customer, [_line(line, items, taxable) for line in invoice.lines])
            if invoice.job in jobs:
                record["PrivateNote"] = f"Job {jobs[invoice.job]}"
            at = _opening(invoice.issued_on, company.time_zone)
            ids[invoice.key] = _add(store, "invoices", _stated(record, invoice.status, at), at)
    return ids


def _opening(day: date, zone: str) -> datetime:
    return datetime.combine(day, _OPENING, ZoneInfo(zone)).astimezone(UTC)


def _invoice(invoice: Invoice, customer: Mapping[str, Any], lines: list[Record]) -> Record:
    tax = {"TxnTaxCodeRef": reference(chart.SALES_TAX)} if invoice.tax else {}
    record: Record = {
        "CustomField": [],
        "DocNumber": invoice.number,
        "TxnDate": invoice.issued_on.isoformat(),
        "CurrencyRef": DOLLARS,
        "LinkedTxn": [],
        "Line": lines,
        "TxnTaxDetail": {**tax, "TotalTax": wire(invoice.tax)},
        "CustomerRef": reference(str(customer["Id"]), customer["DisplayName"]),
        "DueDate": invoice.due_on.isoformat(),
        "ApplyTaxAfterDiscount": False,
        "PrintStatus": "NeedToPrint",
        "EmailStatus": "NotSet",
        **{member: customer[member] for member in ("BillAddr",) if member in customer},
    }
    days = (invoice.due_on - invoice.issued_on).days
    term = next((t for t in chart.TERMS if t["DueDays"] == days), None)
    record |= {"SalesTermRef": reference(term["Id"], term["Name"])} if term else {}
    return record | ({"BillEmail": customer["PrimaryEmailAddr"]} if "PrimaryEmailAddr" in customer else {})


def _line(line: Any, items: Ids, taxable: set[str]) -> Record:
    code = chart.TAXABLE if line.product in taxable else chart.UNTAXED
    detail: Record = {"UnitPrice": wire(line.unit_price), "Qty": wire(line.quantity), "TaxCodeRef": reference(code)}
    if line.product in items:
        detail["ItemRef"] = reference(items[line.product])
    return {
        "Description": line.description,
        "Amount": wire(line.amount),
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": detail,
    }


def _stated(record: Record, status: str, at: datetime) -> Record:
    """There is no status here: a draft is still to be sent, a void one has no amounts, the others went out."""
    if status == "void":
        return voided(record)
    if status == "draft":
        return record | ({"EmailStatus": "NeedToSend"} if "BillEmail" in record else {})
    if "BillEmail" not in record:
        return record | {"PrintStatus": "PrintComplete"}
    return record | {"EmailStatus": "EmailSent", "DeliveryInfo": {"DeliveryType": "Email", "DeliveryTime": stamp(at)}}


def _seed_payments(company: Company, store: Store, customers: Ids, invoices: Ids) -> None:
    for payment in sorted(company.payments, key=lambda p: (p.received_on, p.key)):
        if payment.customer in customers:
            customer = store.get("customers", customers[payment.customer]) or {}
            at = _opening(payment.received_on, company.time_zone)
            _add(store, "payments", _payment(payment, customer, invoices), at)


def _payment(payment: Payment, customer: Mapping[str, Any], invoices: Ids) -> Record:
    method = _METHODS.get(payment.method, chart.CHECK)
    names = {record["Id"]: record["Name"] for record in chart.METHODS}
    return {
        "CustomerRef": reference(str(customer["Id"]), customer["DisplayName"]),
        "DepositToAccountRef": reference(chart.UNDEPOSITED_FUNDS, "Undeposited Funds"),
        "PaymentMethodRef": reference(method, names[method]),
        "PaymentRefNum": payment.reference[:21],
        "TotalAmt": wire(payment.amount),
        "TxnDate": payment.received_on.isoformat(),
        "CurrencyRef": DOLLARS,
        "Line": [_applied(invoices[a.invoice], a.amount) for a in payment.allocations if a.invoice in invoices],
    }


def _applied(invoice: str, part: Decimal) -> Record:
    return {"Amount": wire(part), "LinkedTxn": [{"TxnId": invoice, "TxnType": "Invoice"}]}


def _close_books(store: Store) -> None:
    """Balances of invoices and customers, each changed last when the last transaction behind it was made."""
    books = books_of(store)
    for id, invoice in list(books.rows["invoices"].items()):
        payments = [books.rows["payments"][payment] for payment in books.paid(id)]
        store.put("invoices", id, _aged(with_balance(books, invoice), payments))
    books = books_of(store)
    for id, customer in list(books.rows["customers"].items()):
        trade = [books.rows[collection][transaction] for collection, transaction in books.trade(id)]
        balance = wire(books.owed(id))
        store.put("customers", id, _aged({**customer, "Balance": balance, "BalanceWithJobs": balance}, trade))


def _aged(record: Record, others: list[Record]) -> Record:
    newest = max([record, *others], key=last_updated)
    return {**record, "MetaData": {**record["MetaData"], "LastUpdatedTime": newest["MetaData"]["LastUpdatedTime"]}}
