"""The organisation's books: its accounts and tax rates, its contacts as the bookkeeper spells them, its sales."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from zoneinfo import ZoneInfo

from sandbox.company import Address, Company, Customer, Invoice, Payment, Product, Spelling
from sandbox.store import Store
from sandbox.twin import Record
from sandbox.xero import contacts, documents, payments
from sandbox.xero.auth import TENANT, tokens_of
from sandbox.xero.dialect import dated, named_id, net, new_id, stamped, wire
from sandbox.xero.documents import CREDITS, INVOICES

BOOKS = ("xero", "quickbooks_online")  # whose spelling is the bookkeeper's
FOUNDED = datetime(2024, 1, 2, 17, tzinfo=UTC)
OPENING = time(9, 30)
ACCOUNTS = (
    ("090", "Business Bank Account", "BANK", "ASSET"), ("200", "Sales", "REVENUE", "REVENUE"),
    ("260", "Other Revenue", "REVENUE", "REVENUE"), ("310", "Cost of Goods Sold", "DIRECTCOSTS", "EXPENSE"),
    ("610", "Accounts Receivable", "CURRENT", "ASSET"),
)  # fmt: skip
RATES = (("OUTPUT", "Sales Tax", Decimal("8.25")), ("NONE", "Tax Exempt", Decimal(0)))
STATES = {"draft": "DRAFT", "open": "AUTHORISED", "paid": "AUTHORISED", "void": "VOIDED"}
CREDITED = 25  # every so manieth customer once got a part of their money back
Ids = dict[str, str]


def seed(company: Company, store: Store) -> None:
    """Fill every collection; ids follow from the order of the company."""
    with store.lock:
        tokens_of(store)
        _seed_books(company, store)
        codes = {one.key: _item(store, n, one) for n, one in enumerate(company.products, 1)}
        people = _seed_contacts(company, store)
        bills = _seed_invoices(company, store, people, codes)
        _seed_payments(company, store, bills)
        _seed_credits(company, store, people)
        for id in people.values():
            contacts.settle(store, id)


def _seed_books(company: Company, store: Store) -> None:
    store.put("organisations", TENANT, {
        "OrganisationID": TENANT, "Name": company.name, "LegalName": company.name, "PaysTax": True, "Version": "US",
        "OrganisationType": "COMPANY", "BaseCurrency": company.currency, "CountryCode": "US", "IsDemoCompany": False,
        "OrganisationStatus": "ACTIVE", "Timezone": "CENTRALSTANDARDTIME", "ShortCode": "!xplmb",
        "CreatedDateUTC": net(FOUNDED), "EndOfYearLockDate": net(datetime(2024, 12, 31, tzinfo=UTC)),
    })  # fmt: skip
    for code, name, kind, group in ACCOUNTS:
        account: Record = {"AccountID": named_id(f"account {code}"), "Code": code, "Name": name, "Type": kind,
                           "Class": group, "Status": "ACTIVE", "TaxType": "NONE",
                           "EnablePaymentsToAccount": False}  # fmt: skip
        store.put("accounts", account["AccountID"], stamped(account, FOUNDED))
    for kind, name, rate in RATES:
        parts = [{"Name": name, "Rate": wire(rate), "IsCompound": False, "IsNonRecoverable": False}]
        store.put("taxrates", kind, {
            "Name": name, "TaxType": kind, "Status": "ACTIVE", "DisplayTaxRate": wire(rate),
            "EffectiveRate": wire(rate), "TaxComponents": parts, "CanApplyToRevenue": True,
        })  # fmt: skip


def _item(store: Store, number: int, product: Product) -> Record:
    item: Record = {
        "ItemID": new_id(store, "items"), "Code": f"S{number:03}", "Name": product.name[:50],
        "Description": product.description, "PurchaseDetails": {}, "IsTrackedAsInventory": False, "IsSold": True,
        "IsPurchased": False, "SalesDetails": {"UnitPrice": wire(product.unit_price), "AccountCode": "200",
                                               "TaxType": "OUTPUT" if product.taxable else "NONE"},
    }  # fmt: skip
    store.put("items", item["ItemID"], stamped(item, FOUNDED))
    return item


def _seed_contacts(company: Company, store: Store) -> Ids:
    """Ids by key. Two people of one name cannot share it, so the later one gets a number behind it."""
    ids: Ids = {}
    used: dict[str, int] = {}
    for one in company.customers:
        told = next((one.seen_by[name] for name in BOOKS if name in one.seen_by), None)
        if told is None:
            continue
        name = _name(one, told)
        used[name.lower()] = used.get(name.lower(), 0) + 1
        name += f" ({used[name.lower()]})" if used[name.lower()] > 1 else ""
        ids[one.key] = new_id(store, "contacts")
        record = contacts.blank(ids[one.key]) | {"Name": name, **_contact(told)}
        store.put("contacts", ids[one.key], stamped(record, one.created_at))
    return ids


def _name(one: Customer, told: Spelling) -> str:
    person = f"{told.given_name.strip()} {told.family_name.strip()}"
    return told.company_name.strip() if one.is_company and told.company_name else person


def _contact(told: Spelling) -> Record:
    """A number as it was typed, without its parts; the address as documents carry it."""
    blank = contacts.blank("")
    record: Record = {"FirstName": told.given_name, "LastName": told.family_name, "EmailAddress": told.email or ""}
    phones = [one | ({"PhoneNumber": told.phone} if told.phone and one["PhoneType"] == "DEFAULT" else {})
              for one in blank["Phones"]]  # fmt: skip
    addresses = [one | (_address(told.address) if told.address and one["AddressType"] == "POBOX" else {})
                 for one in blank["Addresses"]]  # fmt: skip
    return record | {"Phones": phones, "Addresses": addresses, "DefaultCurrency": "USD"}


def _address(home: Address) -> Record:
    return {"AddressLine1": home.street, "AddressLine2": home.unit or "", "City": home.city, "Region": home.state,
            "PostalCode": home.postal_code, "Country": home.country}  # fmt: skip


def _seed_invoices(company: Company, store: Store, people: Ids, codes: dict[str, Record]) -> Ids:
    ids: Ids = {}
    for one in sorted(company.invoices, key=lambda invoice: (invoice.issued_on, invoice.key)):
        if one.customer in people:
            ids[one.key] = new_id(store, "invoices")
            record = _invoice(store, one, people[one.customer], codes) | {"InvoiceID": ids[one.key]}
            at = _at(one.issued_on, company.time_zone)
            store.put("invoices", ids[one.key], stamped(documents.totalled(INVOICES, record), at))
    return ids


def _invoice(store: Store, one: Invoice, contact: str, codes: dict[str, Record]) -> Record:
    net_amount = sum((line.amount for line in one.lines), Decimal(0))
    lines = []
    for n, line in enumerate(one.lines):
        tax = one.tax if n == 0 else Decimal(0)
        lines.append(_line(store, line.description, line.quantity, line.unit_price, line.amount, tax))
        if item := codes.get(line.product):
            shown = {"ItemID": item["ItemID"], "Name": item["Name"], "Code": item["Code"]}
            lines[-1] |= {"ItemCode": item["Code"], "Item": shown}
    assert net_amount + one.tax == one.total  # noqa: S101 - the company's own books add up
    return {
        "Type": "ACCREC", "InvoiceNumber": one.number, "Reference": "", "Contact": {"ContactID": contact},
        **dated("Date", one.issued_on), **dated("DueDate", one.due_on), "Status": STATES[one.status],
        "LineAmountTypes": "Exclusive", "LineItems": lines, "Payments": [], "CurrencyRate": 1, "CurrencyCode": "USD",
        "SentToContact": one.status != "draft", "HasAttachments": False, "HasErrors": False, "AmountPaid": 0,
        "AmountCredited": 0,
    }  # fmt: skip


def _line(store: Store, said: str, quantity: Decimal, price: Decimal, amount: Decimal, tax: Decimal) -> Record:
    return {
        "LineItemID": new_id(store, "lines"), "Description": said, "Quantity": wire(quantity),
        "UnitAmount": wire(price), "LineAmount": wire(amount), "TaxAmount": wire(tax),
        "TaxType": "OUTPUT" if tax else "NONE", "AccountCode": "200", "Tracking": [],
    }  # fmt: skip


def _seed_payments(company: Company, store: Store, bills: Ids) -> None:
    """One payment for each invoice that money was put towards; what is over is no payment here."""
    bank = next(one for one in store.all("accounts") if one["Type"] == "BANK")
    for one in sorted(company.payments, key=lambda payment: (payment.received_on, payment.key)):
        for part in one.allocations:
            invoice = store.get("invoices", bills.get(part.invoice, ""))
            if invoice is not None and invoice["Status"] == "AUTHORISED":
                _pay(company, store, one, invoice, min(part.amount, Decimal(str(invoice["AmountDue"]))), bank)


def _pay(company: Company, store: Store, one: Payment, invoice: Record, amount: Decimal, bank: Record) -> None:
    if not amount:
        return
    at = _at(one.received_on, company.time_zone)
    record = {
        "PaymentID": new_id(store, "payments"), "Date": dated("Date", one.received_on)["Date"], "Amount": wire(amount),
        "BankAmount": wire(amount), "Reference": one.reference, "CurrencyRate": 1, "PaymentType": "ACCRECPAYMENT",
        "Status": "AUTHORISED", "HasAccount": True, "IsReconciled": one.method in ("card", "ach"),
        "Account": {name: bank[name] for name in ("AccountID", "Code", "Name")},
        "Invoice": {"InvoiceID": invoice["InvoiceID"]}, "HasValidationErrors": False,
    }  # fmt: skip
    store.put("payments", record["PaymentID"], stamped(record, at))
    brief = payments.brief(record)
    paid = documents.totalled(INVOICES, invoice | {"Payments": [*invoice["Payments"], brief]})
    store.put("invoices", invoice["InvoiceID"], stamped(paid, at))


def _seed_credits(company: Company, store: Store, people: Ids) -> None:
    """A goodwill credit for some customers, a part of it still to be used."""
    for n, contact in enumerate(people.values()):
        if n % CREDITED == 0:
            at = min(company.now, _at(company.now.date(), company.time_zone))
            record = {
                "Type": "ACCRECCREDIT", "CreditNoteID": new_id(store, "credit_notes"),
                "CreditNoteNumber": f"CN-{9000 + n}", "Reference": "Goodwill", "Contact": {"ContactID": contact},
                **dated("Date", at.date()), "Status": "AUTHORISED", "LineAmountTypes": "Exclusive", "Payments": [],
                "CurrencyRate": 1, "CurrencyCode": "USD", "SentToContact": True, "HasAttachments": False,
                "HasErrors": False, "AmountPaid": 0, "AmountCredited": 0, "Allocations": [],
                "LineItems": [_line(store, "Late arrival", Decimal(1), Decimal(25), Decimal(25), Decimal(0))],
            }  # fmt: skip
            store.put("credit_notes", record["CreditNoteID"], stamped(documents.totalled(CREDITS, record), at))


def _at(day: date, zone: str) -> datetime:
    return datetime.combine(day, OPENING, ZoneInfo(zone)).astimezone(UTC)
