"""Contacts: found by id, number or name, unique by name among the active ones, never removed (Streams, Writes)."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from sandbox.store import Store
from sandbox.twin import Record
from sandbox.xero.dialect import Invalid, invalid, missing, money, new_id, stamped, wire
from sandbox.xero.index import found

LONGEST = {"Name": 255, "FirstName": 255, "LastName": 255, "EmailAddress": 255, "ContactNumber": 50,
           "AccountNumber": 50}  # fmt: skip
TYPED = {
    "Addresses": ("AddressType", ("POBOX", "STREET")),
    "Phones": ("PhoneType", ("DDI", "DEFAULT", "FAX", "MOBILE")),
}
READ_ONLY = {"ContactID", "UpdatedDateUTC", "IsSupplier", "IsCustomer", "Balances", "MergedToContactID", "Website"}
# What changes without moving the stamp (Paging, filters, increment).
QUIET = {"IsSupplier", "IsCustomer", "Balances"}


def blank(id: str) -> Record:
    """A contact of which nothing is known."""
    return {
        "ContactID": id, "ContactStatus": "ACTIVE", "Name": "", "FirstName": "", "LastName": "", "EmailAddress": "",
        "BankAccountDetails": "", "Addresses": [{"AddressType": kind} for kind in TYPED["Addresses"][1]],
        "Phones": [{"PhoneType": kind, "PhoneNumber": "", "PhoneAreaCode": "", "PhoneCountryCode": ""}
                   for kind in TYPED["Phones"][1]],
        "ContactGroups": [], "ContactPersons": [], "IsSupplier": False, "IsCustomer": False, "HasAttachments": False,
        "HasValidationErrors": False,
    }  # fmt: skip


def create(store: Store, given: Record) -> Record:
    """A new contact. Invalid when an active one has its name, or any its number."""
    return _kept(store, blank(new_id(store, "contacts")), given)


def upsert(store: Store, given: Record) -> Record:
    """The contact of this id, number or name, changed; else a new one (Writes)."""
    known = _matched(store, given)
    return create(store, given) if known is None else _kept(store, known, given)


def change(store: Store, id: str, given: Record) -> Record:
    """One contact by its id."""
    return _kept(store, existing(store, id), given)


def existing(store: Store, id: str) -> Record:
    """The contact of this id, or number. Blocked when there is none."""
    record = store.get("contacts", id) or next(iter(found(store, "contacts", "ContactNumber", id)), None)
    if record is None:
        raise missing()
    return record


def named(store: Store, given: Mapping[str, object]) -> Record:
    """The contact that a document names. Invalid when there is none."""
    known = _matched(store, dict(given))
    if known is None or known["ContactStatus"] != "ACTIVE":
        raise invalid("The Contact could not be found or is archived")
    return known


def brief(store: Store, id: str) -> Record:
    """A contact as documents show it."""
    record = store.get("contacts", id) or {}
    return {
        "ContactID": id, "Name": record.get("Name", ""), "ContactStatus": record.get("ContactStatus", "ACTIVE"),
        "Addresses": [], "Phones": [], "ContactGroups": [], "ContactPersons": [], "HasValidationErrors": False,
    }  # fmt: skip


def merge(store: Store, id: str, into: str) -> None:
    """A person merges one contact into another: the loser is archived and says so, its documents move."""
    loser, winner = existing(store, id), existing(store, into)
    if id == into or winner["ContactStatus"] != "ACTIVE":
        raise ValueError("a contact is merged into another one that is active")
    gone = {"ContactStatus": "ARCHIVED", "MergedToContactID": into}
    store.put("contacts", id, stamped(loser | gone, store.clock.now()))
    for collection in ("invoices", "credit_notes"):
        for document in found(store, collection, "Contact.ContactID", id):
            number = document.get("InvoiceID") or document["CreditNoteID"]
            moved = stamped(document | {"Contact": {"ContactID": into}}, store.clock.now())
            store.put(collection, number, moved)
    for one in (id, into):
        settle(store, one)


def settle(store: Store, id: str) -> None:
    """What the contact owes, and whether it is a customer; its stamp does not move."""
    record = store.get("contacts", id)
    if record is None:
        return
    documents = found(store, "invoices", "Contact.ContactID", id)
    open_ones = [one for one in documents if one["Status"] == "AUTHORISED"]
    today = store.clock.now().date().isoformat()
    owed = {
        kind: {
            "Outstanding": _due(one for one in open_ones if one["Type"] == type_),
            "Overdue": _due(one for one in open_ones if one["Type"] == type_ and one.get("DueDateString", "9") < today),
        }
        for kind, type_ in (("AccountsReceivable", "ACCREC"), ("AccountsPayable", "ACCPAY"))
    }
    types = {one["Type"] for one in documents}
    told = {"Balances": owed, "IsCustomer": "ACCREC" in types, "IsSupplier": "ACCPAY" in types}
    if any(record.get(name) != value for name, value in told.items()):
        store.put("contacts", id, record | told)


def _due(documents: object) -> int | float:
    total = sum((money(one["AmountDue"]) for one in documents), Decimal(0))  # type: ignore[attr-defined]
    return wire(total)


def _matched(store: Store, given: Record) -> Record | None:
    if id := given.get("ContactID"):
        return existing(store, str(id))
    for member in ("ContactNumber", "Name"):
        if value := given.get(member):
            same = [one for one in found(store, "contacts", member, str(value)) if one["ContactStatus"] == "ACTIVE"]
            if same:
                return same[0]
    return None


def _kept(store: Store, record: Record, given: Record) -> Record:
    """The record with what was given: null says nothing, an empty text clears, lists of kinds are replaced by kind."""
    told = {name: value for name, value in given.items() if value is not None and name not in READ_ONLY}
    for name, (kind, kinds) in TYPED.items():
        if name in told:
            told[name] = _by_kind(record.get(name) or [], told[name], kind, kinds)
    changed = record | told
    problems = list(_problems(store, changed))
    if problems:
        raise Invalid(messages=problems)
    if changed != record or store.get("contacts", record["ContactID"]) is None:
        store.put("contacts", record["ContactID"], stamped(changed, store.clock.now()))
        settle(store, record["ContactID"])
    return store.get("contacts", record["ContactID"]) or {}


def _by_kind(old: Sequence[Record], given: Sequence[Record], kind: str, kinds: Sequence[str]) -> list[Record]:
    if any(one.get(kind) not in (*kinds, "DELIVERY") for one in given):
        raise invalid(f"{kind} is not valid")
    whole = {one[kind]: one for one in old}
    clean = ({name: value for name, value in one.items() if value is not None} for one in given)
    return list((whole | {one[kind]: one for one in clean}).values())


def _problems(store: Store, record: Record) -> list[str]:
    said = []
    name = str(record.get("Name") or "").strip()
    if not name:
        said.append("The Contact Name must be specified.")
    for member, most in LONGEST.items():
        if len(str(record.get(member) or "")) > most:
            said.append(f"The length of {member} must be {most} characters or fewer.")
    mail = record.get("EmailAddress")
    if mail and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", mail):
        said.append("Email address must be valid.")
    if record.get("ContactStatus") not in ("ACTIVE", "ARCHIVED"):
        said.append("ContactStatus is not valid")
    if record["ContactStatus"] == "ACTIVE" and _taken(store, record, "Name", name):
        said.append(
            f"The contact name {name} is already assigned to another contact. "
            "The contact name must be unique across all active contacts."
        )
    if record.get("ContactNumber") and _taken(store, record, "ContactNumber", record["ContactNumber"]):
        said.append(f"The contact number {record['ContactNumber']} is already assigned to another contact.")
    return said


def _taken(store: Store, record: Record, member: str, value: str) -> bool:
    others = (one for one in found(store, "contacts", member, value) if one["ContactStatus"] == "ACTIVE")
    return any(one["ContactID"] != record["ContactID"] for one in others)
