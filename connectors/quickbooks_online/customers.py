"""Writing customers: one for each name, adopted only when it is the same customer."""

from __future__ import annotations

import re

from connectors.marks import mark, marked
from connectors.parties import called, reached_alike
from connectors.quickbooks_online.dialect import Taken, one_of, query
from connectors.quickbooks_online.maps import ADDRESS
from connectors.quickbooks_online.writing import fetch, guard, request_id, save, written
from connectors.spec import Api, Outgoing, Record, Written
from models.errors import Rejected, Stale

NAME_LENGTH = 500  # of a display name (facts, Entities)


def fetch_customer(api: Api, id: str) -> Written | None:
    """The customer; one that was made inactive counts as gone: names are never removed."""
    found = fetch(api, "Customer", id)
    return None if found is None or not (found.record or {}).get("Active", True) else found


def create_customer(api: Api, out: Outgoing) -> Written:
    """A new customer; a namesake that is the same customer is adopted.

    Rejected when a customer with another e-mail and phone has the name. A name that a vendor or an employee
    has is made unique.
    """
    name = display_name(out)
    body = {**out.record, "DisplayName": name, "Notes": mark(out.change)}
    try:
        return save(api, "Customer", body, requestid=request_id(out))
    except Taken as taken:
        namesakes = _namesakes(api, out)
        same = next((record for record in namesakes if _same_customer(record, out)), None)
        if same is not None:
            return written(same)
        if any(record["DisplayName"].lower() == name.lower() for record in namesakes):
            said = f"customer {namesakes[0]['Id']} is called {name!r} too, with another e-mail and phone than"
            raise Rejected(api.system, f"{said} {out.change.core_id}; merge the two, or rename one of them") from taken
    return save(api, "Customer", {**body, "DisplayName": _other_name(name)}, requestid=f"{request_id(out)}-2")


def find_customer(api: Api, out: Outgoing) -> Written | None:
    """The customer that a create of unknown outcome made, by display name."""
    same = next((record for record in _namesakes(api, out) if _same_customer(record, out)), None)
    return None if same is None else written(same)


def update_customer(api: Api, out: Outgoing) -> Written:
    """Send the changed fields; an address goes whole, so that no part of it is lost."""
    body = guard(out) | {"sparse": True} | dict(out.record)
    if "BillAddr" in out.record:
        current = fetch(api, "Customer", str(out.change.target_id))
        if current is None or current.version != out.change.version:
            raise Stale(api.system, f"customer {out.change.target_id} moved on since it was read; read it again")
        known = (current.record or {}).get("BillAddr") or {}
        address = ADDRESS.amended(out.change, known)
        body["BillAddr"] = {**known, **{name: text for name, text in address.items() if text or name in known}}
    return save(api, "Customer", body, requestid=request_id(out), repeatable=True)


def deactivate_customer(api: Api, out: Outgoing) -> Written:
    """Make the customer inactive; the books keep every name."""
    body = guard(out) | {"sparse": True, "Active": False}
    save(api, "Customer", body, requestid=request_id(out), repeatable=True)
    return Written(id=str(out.change.target_id))


def display_name(out: Outgoing) -> str:
    """What the customer is called, in the characters that the books take."""
    return " ".join(re.sub(r"[:\t\n\r]", " ", called(out.change, by_email=True)).split())[:NAME_LENGTH]


def _other_name(name: str) -> str:
    return f"{name[: NAME_LENGTH - 11]} (customer)"


def _namesakes(api: Api, out: Outgoing) -> list[Record]:
    name = display_name(out)
    return query(api, "Customer", f"DisplayName IN {one_of([name, _other_name(name)])}")


def _same_customer(record: Record, out: Outgoing) -> bool:
    """Our own marker decides; without one the e-mail address or the phone number must agree."""
    if (ours := marked(record.get("Notes"))) is not None:
        return ours == out.change.core_id
    email = (record.get("PrimaryEmailAddr") or {}).get("Address")
    phone = (record.get("PrimaryPhone") or {}).get("FreeFormNumber")
    return reached_alike(out.change, email=email, phone=phone)
