"""Customers: made, changed, deleted for lists but not by id.

Source: facts sheet "Streams", "Writes", "Deletes".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.respelling import Members, respelled, trimmed
from sandbox.store import Store
from sandbox.stripe import forms
from sandbox.stripe.dialect import bad, missing, new_id, now
from sandbox.stripe.ledger import happened, keep
from sandbox.twin import Record

DELETED = "deleted"  # collection: customers that lists do not show any more
ADDRESS = ("line1", "line2", "city", "state", "postal_code", "country")
LENGTHS = {"name": 256, "email": 512, "phone": 20, "description": 5000, "business_name": 150, "individual_name": 150}
FIELDS = frozenset({*LENGTHS, "address", "metadata", "balance", "expand", "preferred_locales", "tax_exempt"})
_RESPELT = Members(
    texts=frozenset({"name", "business_name", "individual_name", "line1", "line2", "city"}),
    notes=frozenset({"description"}),
    phones=frozenset({"phone"}),
)


def blank(id: str, created: int) -> Record:
    """A customer of whom nothing is known."""
    return {
        "id": id, "object": "customer", "address": None, "balance": 0, "business_name": None, "created": created,
        "currency": None, "default_source": None, "delinquent": False, "description": None, "discount": None,
        "email": None, "individual_name": None, "invoice_prefix": id[-8:].upper(), "livemode": False, "metadata": {},
        "invoice_settings": {"custom_fields": None, "default_payment_method": None, "footer": None},
        "name": None, "next_invoice_sequence": 1, "phone": None, "preferred_locales": [], "shipping": None,
        "tax_exempt": "none", "test_clock": None,
    }  # fmt: skip


def create(store: Store, given: Mapping[str, Any]) -> Record:
    """POST /v1/customers. Names and e-mails need not be unique."""
    record = _changed(store, blank(new_id(store, "customers"), now(store)), given)
    return keep(store, "customers", record, "customer.created")


def update(store: Store, id: str, given: Mapping[str, Any]) -> Record:
    """POST /v1/customers/{id}: sparse."""
    record = _changed(store, living(store, id), given)
    return keep(store, "customers", record, "customer.updated")


def remove(store: Store, id: str) -> Record:
    """DELETE: gone from lists, still there by id as a deleted one."""
    record = living(store, id)
    store.delete("customers", id)
    store.put(DELETED, id, {"id": id, "object": "customer", "deleted": True})
    happened(store, "customer.deleted", record)
    return {"id": id, "object": "customer", "deleted": True}


def shown(store: Store, id: str) -> Record:
    """GET by id: a deleted one says that it is."""
    found = store.get("customers", id) or store.get(DELETED, id)
    if found is None:
        raise missing("customers", id, "customer")
    return found


def living(store: Store, id: str, param: str = "customer", *, status: int = 404) -> Record:
    """A customer that is not deleted."""
    found = store.get("customers", id)
    if found is None:
        raise missing("customers", id, param, status=status)
    return found


def _changed(store: Store, record: Record, given: Mapping[str, Any]) -> Record:
    kept = {name: forms.text(given, name, most, record[name]) for name, most in LENGTHS.items()}
    if kept["email"] is not None and "email" in given and "@" not in kept["email"]:
        raise bad(f"Invalid email address: {kept['email']}", "email_invalid", "email")
    address = _address(record["address"], given["address"]) if "address" in given else record["address"]
    balance = forms.whole(given, "balance", record["balance"])
    changed = {**record, **kept, "address": address, "balance": balance}
    changed["metadata"] = forms.metadata(given, record["metadata"])
    fault = store.faults.take("rewritten_values", "POST", "/v1/customers")
    if fault is None:
        return changed
    return changed | _respelt(changed, fault.form)


def _respelt(record: Record, form: str | None) -> Record:
    parts = {name: record[name] for name in (*LENGTHS, "address")}
    if form is not None:
        result: Record = respelled(parts, form, _RESPELT)
        return result
    return {name: trimmed(value) if isinstance(value, str) else value for name, value in parts.items()}


def _address(current: Record | None, given: Any) -> Record | None:
    if given == "":
        return None
    if not isinstance(given, Mapping):
        raise bad("Invalid object: address", "parameter_invalid", "address")
    forms.check_known(given, ADDRESS)
    before = current or dict.fromkeys(ADDRESS)
    return {name: forms.text(given, name, 5000, before.get(name)) for name in ADDRESS}
