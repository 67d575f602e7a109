"""Ids and web addresses of records: ``EncodedId`` is base64 of ``gid://Jobber/<Type>/<number>`` (facts)."""

from __future__ import annotations

import base64
import binascii

from sandbox.store import Store

# The collection that each record type lives in, with the first number that the sequence gives.
COLLECTIONS = {
    "Client": ("clients", 118404001),
    "Property": ("properties", 126310001),
    "Job": ("jobs", 104220001),
    "Visit": ("visits", 1581070001),
    "User": ("users", 2740101),
    "Invoice": ("invoices", 97530001),
    "PaymentRecord": ("payment_records", 88120001),
    "ProductOrService": ("products", 31450001),
    "TaxRate": ("tax_rates", 512001),
    "Account": ("account", 1402201),
    "ClientNote": ("client_notes", 60210001),
    "JobNote": ("job_notes", 60880001),
}
COLLECTION_OF = {kind: collection for kind, (collection, _) in COLLECTIONS.items()}

_WEB = "https://secure.getjobber.com"
_WEB_PATHS = {"Client": "clients", "Property": "properties", "Job": "work_orders", "Invoice": "invoices"}


def encoded(kind: str, number: int) -> str:
    """The opaque id of a record, as the API shows it."""
    return base64.b64encode(f"gid://Jobber/{kind}/{number}".encode()).decode()


def decoded(id: str) -> str | None:
    """What an ``EncodedId`` stands for, or None when the text is no such id."""
    try:
        return base64.b64decode(id, validate=True).decode("ascii") or None
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None


def new_id(store: Store, kind: str) -> str:
    """The next id of this record type; never given twice until the sandbox is reset."""
    collection, start = COLLECTIONS.get(kind, (kind, 1000001))
    return encoded(kind, store.next_id(collection, start))


def number_of(id: str) -> int:
    """The number within an id that this account gave."""
    return int((decoded(id) or "").rpartition("/")[2])


def web_address(kind: str, id: str) -> str:
    """Where a person opens the record (``jobberWebUri``)."""
    return f"{_WEB}/{_WEB_PATHS[kind]}/{number_of(id)}"


def reference(id: str) -> dict[str, str]:
    """How a stored record points at another one: the part of it that never changes."""
    return {"id": id}


def ids_in(value: object) -> list[str]:
    """The ids that a stored reference holds: ``{"id": ..}``, ``{"nodes": [{"id": ..}]}`` or nothing."""
    if not isinstance(value, dict):
        return []
    return [value["id"]] if "id" in value else [node["id"] for node in value.get("nodes") or ()]
