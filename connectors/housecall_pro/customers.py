"""Writing customers. The vendor guards nothing and knows no keys: our marker stands in the customer's note."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from connectors.answers import current, one_at, part
from connectors.housecall_pro.maps import ADDRESS
from connectors.housecall_pro.reading import PAGE
from connectors.marks import mark, marked
from connectors.parties import NAMES, named_alike
from connectors.spec import Api, Outgoing, Record, Written
from models.change import Change
from models.errors import Rejected

CUSTOMERS = "/customers"
# What an update may send (facts, "Writes"); what is left out of a PUT may be kept or lost, so all of it is sent.
KEPT = (
    "first_name", "last_name", "email", "company", "notifications_enabled", "mobile_number", "home_number",
    "work_number", "tags", "lead_source", "notes",
)  # fmt: skip
# How far back a customer is looked for that a search does not show yet.
RECENT = timedelta(days=2)


def create(api: Api, outgoing: Outgoing) -> Written:
    """A new customer with our marker in its note, and with its address: there is no later way to change one."""
    place = ADDRESS.known(outgoing.change)
    body: dict[str, Any] = {**outgoing.record, "notes": mark(outgoing.change)}
    if ADDRESS.street in place:
        body["addresses"] = [place]
    return written(api, api.request("POST", CUSTOMERS, json=body).json())


def update(api: Api, outgoing: Outgoing) -> Written:
    """The customer as it is now with the changed fields. Gone when it was deleted."""
    id = str(outgoing.change.target_id)
    found = current(api, fetch(api, id), f"customer {id}")
    body = {**{name: found[name] for name in KEPT if found.get(name) is not None}, **outgoing.record}
    return written(api, api.request("PUT", _path(id), json=body).json())


def fetch(api: Api, id: str) -> Written | None:
    """The customer as it is now; None when it was deleted."""
    found = one_at(api, _path(id))
    return None if found is None else written(api, found)


def find(api: Api, outgoing: Outgoing) -> Written | None:
    """The customer that carries our marker, by search and, because a search may lag, among the newest.

    Rejected when it carries our marker but agrees with nothing that we meant: a person must look.
    """
    change = outgoing.change
    for record in _candidates(api, change):
        if marked(record.get("notes")) == change.core_id:
            names = dict(zip(NAMES, (record.get(name) for name in ("first_name", "last_name", "company")), strict=True))
            if not named_alike(change, emails=[record.get("email")], names=names):
                who = f"customer {record['id']} carries our mark {mark(change)} but is somebody else"
                raise Rejected(api.system, f"{who}; correct its notes or the customer")
            return written(api, record)
    return None


def written(api: Api, record: Any) -> Written:
    """A customer that the vendor answered with."""
    return Written(id=str(part(api, record, "id")), record=record)


def _candidates(api: Api, change: Change) -> Iterator[Record]:
    for name in ("email", "family_name", "company_name", "given_name"):
        if change.desired.get(name):
            yield from _page(api, q=change.desired[name])
            break
    number, recent = 1, True
    while recent:
        rows = _page(api, page=number)
        recent = len(rows) == PAGE and datetime.fromisoformat(rows[-1]["created_at"]) > api.now() - RECENT
        number += 1
        yield from rows


def _page(api: Api, **asked: Any) -> list[Record]:
    params = {"page": 1, "page_size": PAGE, "sort_by": "created_at", "sort_direction": "desc", **asked}
    return list(part(api, api.request("GET", CUSTOMERS, params=params).json(), "customers"))


def _path(id: str) -> str:
    return f"{CUSTOMERS}/{quote(id, safe='')}"
