"""Writing customers. The vendor guards nothing and knows no keys: our marker stands in the customer's note."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

from connectors.answers import current, one_at, part
from connectors.housecall_pro.maps import MARKER
from connectors.housecall_pro.reading import PAGE
from connectors.spec import Api, Outgoing, Record, Written
from models.change import Change
from models.errors import Rejected

CUSTOMERS = "/customers"
PLACE = {"street": "street", "city": "city", "state": "state", "zip": "postal_code", "country": "country"}
# What an update may send (facts, "Writes"); what is left out of a PUT may be kept or lost, so all of it is sent.
KEPT = (
    "first_name", "last_name", "email", "company", "notifications_enabled", "mobile_number", "home_number",
    "work_number", "tags", "lead_source", "notes",
)  # fmt: skip
# How far back a customer is looked for that a search does not show yet.
RECENT = timedelta(days=2)


def create(api: Api, outgoing: Outgoing) -> Written:
    """A new customer with our marker in its note, and with its address: there is no later way to change one."""
    place = {there: outgoing.change.desired.get(ours) for there, ours in PLACE.items()}
    body: dict[str, Any] = {**outgoing.record, "notes": f"{MARKER}{outgoing.change.core_id}"}
    if place["street"]:
        body["addresses"] = [{name: value for name, value in place.items() if value}]
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
    mark = f"{MARKER}{outgoing.change.core_id}"
    for record in _candidates(api, outgoing.change):
        if mark in (record.get("notes") or "").split():
            if not _agrees(record, outgoing.change):
                who = f"customer {record['id']} carries our mark {mark} but is somebody else"
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


def _agrees(record: Record, change: Change) -> bool:
    """Whether it is who we meant: by e-mail address, or by every name that we gave."""
    email = change.desired.get("email")
    if email and (record.get("email") or "").strip().lower() == email:
        return True
    names = {"given_name": "first_name", "family_name": "last_name", "company_name": "company"}
    wanted = {there: change.desired[ours] for ours, there in names.items() if change.desired.get(ours)}
    return all((record.get(name) or "").strip() == value for name, value in wanted.items())


def _path(id: str) -> str:
    return f"{CUSTOMERS}/{quote(id, safe='')}"
