"""Derived members of names: what a record is called, its full name, what happens to the name when it is retired.

Source: facts sheet "Entities and envelopes" (Customer, Item) and "Writes" (deactivate a name).
"""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.quickbooks_online.books import Books
from sandbox.quickbooks_online.dialect import ref_id
from sandbox.quickbooks_online.entity import Entity
from sandbox.quickbooks_online.refusals import duplicate_name
from sandbox.twin import Record

_RETIRED = " (deleted)"
_NAME_PARTS = ("Title", "GivenName", "MiddleName", "FamilyName", "Suffix")
_CLASSIFICATION = {
    "Income": "Revenue",
    "Other Income": "Revenue",
    "Expense": "Expense",
    "Other Expense": "Expense",
    "Cost of Goods Sold": "Expense",
    "Equity": "Equity",
    "Accounts Payable": "Liability",
    "Credit Card": "Liability",
    "Other Current Liability": "Liability",
    "Long Term Liability": "Liability",
}


def spoken_name(record: Mapping[str, str]) -> str:
    """The DisplayName that the server makes up when none is sent: the parts of the name, else the company."""
    parts = [record[part] for part in _NAME_PARTS if record.get(part)]
    return " ".join(parts) or record.get("CompanyName", "")


def composed_name(books: Books, entity: Entity, record: Record, old: Record | None) -> Record:
    """``record`` with the members that follow from the others."""
    record = {"Active": True, **record}
    if entity.namespace == "people" and not record.get("DisplayName"):
        record["DisplayName"] = spoken_name(record)
    if entity.label in record:
        record[entity.label] = _retired(record[entity.label], record["Active"], old)
    if "FullyQualifiedName" in entity.derived:
        record["FullyQualifiedName"] = _full_name(books, entity, record)
    return _DERIVE.get(entity.name, _unchanged)(record)


def check_label(books: Books, entity: Entity, record: Record, id: str | None) -> None:
    """Raises ``Refused`` (6240) when another record than ``id`` has the name that this one is to have."""
    label = record.get(entity.label) or (spoken_name(record) if entity.namespace == "people" else "")
    holder = books.labelled(entity.namespace, label) if label and record.get("Active") is not False else None
    if holder is not None and holder != (entity.collection, id):
        raise duplicate_name()


def _retired(label: str, active: bool, old: Record | None) -> str:
    """A retired name frees its label for others; a revived one takes it back."""
    if not active:
        return label if label.endswith(_RETIRED) else label + _RETIRED
    revived = old is not None and old.get("Active") is False
    return label.removesuffix(_RETIRED) if revived else label


def _full_name(books: Books, entity: Entity, record: Record) -> str:
    parent_id = ref_id(record, "ParentRef")
    parent = books.row(entity.collection, parent_id) if parent_id else None
    label = str(record.get(entity.label, ""))
    return f"{parent['FullyQualifiedName']}:{label}" if parent else label


def _customer(record: Record) -> Record:
    """Who a check is written to, the nesting level, and the switches that every customer has."""
    defaults = {
        "Taxable": True,
        "Job": False,
        "BillWithParent": False,
        "IsProject": False,
        "PrintOnCheckName": record.get("CompanyName") or spoken_name(record) or record.get("DisplayName", ""),
        "PreferredDeliveryMethod": "None",
        "CurrencyRef": {"value": "USD", "name": "United States Dollar"},
        "Balance": 0,
        "BalanceWithJobs": 0,
    }
    record = {**defaults, **record}
    record.pop("Level", None)
    if ref_id(record, "ParentRef"):
        record["Level"] = record["FullyQualifiedName"].count(":")
    return record


def _employee(record: Record) -> Record:
    return {"BillableTime": False, "PrintOnCheckName": record.get("DisplayName", ""), **record}


def _item(record: Record) -> Record:
    """Prices and switches an item has by default; it is a sub-item when it has a parent."""
    defaults = {"Type": "Service", "Taxable": False, "UnitPrice": 0, "PurchaseCost": 0, "TrackQtyOnHand": False}
    record = {**defaults, **record}
    record.pop("Level", None)
    if ref_id(record, "ParentRef"):
        record |= {"SubItem": True, "Level": record["FullyQualifiedName"].count(":")}
    return record


def _account(record: Record) -> Record:
    defaults = {
        "SubAccount": False,
        "CurrentBalance": 0,
        "CurrentBalanceWithSubAccounts": 0,
        "CurrencyRef": {"value": "USD", "name": "United States Dollar"},
    }
    kind = str(record.get("AccountType"))
    return {**defaults, **record, "Classification": _CLASSIFICATION.get(kind, "Asset")}


def _term(record: Record) -> Record:
    return {**record, "Type": "DATE_DRIVEN" if "DayOfMonthDue" in record else "STANDARD"}


def _payment_method(record: Record) -> Record:
    return {"Type": "NON_CREDIT_CARD", **record}


def _unchanged(record: Record) -> Record:
    return record


_DERIVE = {
    "Customer": _customer,
    "Employee": _employee,
    "Item": _item,
    "Account": _account,
    "Term": _term,
    "PaymentMethod": _payment_method,
}
