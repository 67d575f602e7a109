"""Customers and their addresses (facts, "Read streams" and "Writes")."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from sandbox.housecall_pro.changes import keep
from sandbox.housecall_pro.dialect import Call, answer, missing, paged, wrong
from sandbox.housecall_pro.shapes import new_id
from sandbox.store import Record

TEXTS = (
    "first_name", "last_name", "email", "company", "mobile_number", "home_number", "work_number", "lead_source",
    "notes",
)  # fmt: skip
PLACE = ("street", "street_line_2", "city", "state", "zip", "country")
NEEDED = ("street", "city", "state", "zip", "country")
SORTS = ("created_at", "updated_at", "id", "first_name", "last_name", "email", "company")
SEARCHED = ("first_name", "last_name", "company", "email", "mobile_number", "home_number", "work_number")


def listed(call: Call) -> Response:
    """GET /customers, with ``q`` those whose name, e-mail, number or address holds it."""
    rows, wanted = call.store.all("customers"), (call.one("q") or "").casefold()
    return paged(call, "customers", [one for one in rows if not wanted or wanted in _searched(one)], sorts=SORTS)


def got(call: Call) -> Response:
    return answer(call.found("customers", call.part("id")))


def created(call: Call) -> Response:
    """POST /customers: everything is optional."""
    sent = call.spelled(call.sent())
    places = sent.get("addresses") or []
    if not isinstance(places, list):
        raise wrong("addresses must be a list")
    blank: Record = {**dict.fromkeys(TEXTS), "notifications_enabled": False, "tags": []}
    blank |= {"id": new_id(call.store, "customers"), "addresses": [_address(call, place) for place in places]}
    return answer(keep(call.store, "customers", {**blank, **_told(sent)}), 201)


def updated(call: Call) -> Response:
    """PUT /customers/{id}: what is left out stays as it is; addresses cannot be changed here."""
    record = call.found("customers", call.part("id"))
    return answer(keep(call.store, "customers", {**record, **_told(call.spelled(call.sent()))}))


def addresses(call: Call) -> Response:
    """GET /customers/{id}/addresses."""
    record = call.found("customers", call.part("id"))
    return paged(call, "addresses", record["addresses"], sorts=("created_at", "updated_at"))


def address(call: Call) -> Response:
    """GET /customers/{id}/addresses/{address_id}."""
    record = call.found("customers", call.part("id"))
    for one in record["addresses"]:
        if one["id"] == call.part("address"):
            return answer(one)
    raise missing()


def address_created(call: Call) -> Response:
    """POST /customers/{id}/addresses."""
    record, sent = call.found("customers", call.part("id")), call.spelled(call.sent())
    if lacking := [name for name in NEEDED if not sent.get(name)]:
        raise wrong(f"{lacking[0]} can't be blank")
    made = _address(call, sent)
    keep(call.store, "customers", {**record, "addresses": [*record["addresses"], made]})
    return answer(made)


def _told(sent: Record) -> Record:
    """The members that a client may set, each of the right type."""
    told: dict[str, Any] = {name: sent[name] for name in (*TEXTS, "notifications_enabled", "tags") if name in sent}
    for name, value in told.items():
        right = {"notifications_enabled": bool, "tags": list}.get(name, str)
        if value is not None and not isinstance(value, right):
            raise wrong(f"{name} is invalid")
    return {name: value for name, value in told.items() if value is not None or name in TEXTS}


def _address(call: Call, place: Record) -> Record:
    return {"id": new_id(call.store, "addresses"), "type": "service", **{name: place.get(name) for name in PLACE}}


def _searched(customer: Record) -> str:
    places = [place.get(name) or "" for place in customer["addresses"] for name in PLACE]
    names = [customer.get(name) or "" for name in SEARCHED]
    return "\n".join([*names, f"{names[0]} {names[1]}", *places]).casefold()
