"""Writing customers, how they are reached, and their locations (Writes)."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from sandbox.servicetitan import external, shapes
from sandbox.servicetitan.changes import keep
from sandbox.servicetitan.dialect import Call, answer, missing, need, problem, without
from sandbox.servicetitan.listing import paged
from sandbox.store import Record, Store

CUSTOMER = ("name", "type", "doNotMail", "doNotService", "nationalAccount", "active", "tagTypeIds", "taxExempt")
LOCATION = ("customerId", "name", "active", "taxZoneId", "tagTypeIds")
CONTACT = ("type", "value", "memo")
KINDS = ("Phone", "Email", "Fax", "MobilePhone")
ADDRESS = ("street", "city", "state", "zip", "country")


def customer_created(call: Call) -> Response:
    """POST customers: with an address and at least one location."""
    sent = call.sent()
    need(sent, "name", "address", "locations")
    for place in sent["locations"]:
        need(place, "name")
    homes = [_address(one.get("address")) for one in (sent, *sent["locations"])]
    record = {"id": shapes.new_id(call.store, "customers"), "address": homes[0], **_given(sent, CUSTOMER)}
    made = keep(call.store, "customers", shapes.BLANK["customers"] | record)
    made = keep(call.store, "customers", external.kept(call.store, "customers", made, sent.get("externalData")))
    contacts = [_contact(call.store, made["id"], one) for one in sent.get("contacts") or ()]
    places = [
        _location(call.store, made["id"], one, home) for one, home in zip(sent["locations"], homes[1:], strict=True)
    ]
    return answer(made | {"locations": places, "contacts": [_brief(one) for one in contacts]})


def customer_patched(call: Call) -> Response:
    """PATCH customers/{id}: any of its members; of an address only what is said changes."""
    record, sent = call.found("customers", call.id()), call.sent()
    return answer(_patched(call, "customers", record, sent, _given(sent, CUSTOMER)))


def customer(call: Call) -> Response:
    """GET customers/{id}: also of one that is inactive."""
    return answer(call.found("customers", call.id()))


def contacts(call: Call) -> Response:
    """GET customers/{id}/contacts."""
    owner = call.found("customers", call.id())
    rows = [one for one in call.store.all("contacts") if one["customerId"] == owner["id"] and one["active"]]
    return paged(call, [without(one, ("customerId", "active")) for one in rows])


def contact_created(call: Call) -> Response:
    """POST customers/{id}/contacts."""
    owner = call.found("customers", call.id())
    return answer(without(_contact(call.store, owner["id"], call.sent()), ("customerId", "active")))


def contact_patched(call: Call) -> Response:
    """PATCH customers/{id}/contacts/{contactId}."""
    record, sent = _own_contact(call), call.sent()
    made = _checked(record | _given(sent, CONTACT))
    return answer(without(keep(call.store, "contacts", made), ("customerId", "active")))


def contact_deleted(call: Call) -> Response:
    """DELETE customers/{id}/contacts/{contactId}: it stays in the feed, inactive."""
    keep(call.store, "contacts", _own_contact(call) | {"active": False})
    return answer()


def location_created(call: Call) -> Response:
    """POST locations."""
    sent = call.sent()
    need(sent, "customerId", "name", "address")
    if call.store.get("customers", str(sent["customerId"])) is None:
        raise problem(400, customerId="The customer was not found.")
    return answer(_location(call.store, sent["customerId"], sent, _address(sent["address"])))


def location_patched(call: Call) -> Response:
    """PATCH locations/{id}."""
    record, sent = call.found("locations", call.id()), call.sent()
    return answer(_patched(call, "locations", record, sent, _given(sent, LOCATION)))


def location(call: Call) -> Response:
    """GET locations/{id}."""
    return answer(call.found("locations", call.id()))


def _given(sent: Record, names: tuple[str, ...]) -> Record:
    return {name: sent[name] for name in names if sent.get(name) is not None}


def _patched(call: Call, collection: str, record: Record, sent: Record, changed: Record) -> Record:
    if "name" in sent:
        need(sent, "name")
    if sent.get("address") is not None:
        changed["address"] = _address(record["address"] | sent["address"])
    kept = external.kept(call.store, collection, record | changed, sent.get("externalData"))
    return keep(call.store, collection, kept)


def _address(sent: Any) -> Record:
    """An address; 400 unless it says each of its parts, which may be empty but for the street."""
    told = sent if isinstance(sent, dict) else {}
    need(told, "street")
    absent = {f"address.{name}": f"The {name} field is required." for name in ADDRESS if told.get(name) is None}
    if absent:
        raise problem(400, "Validation failed", **absent)
    where = {name: told.get(name) for name in ("latitude", "longitude")}
    return {name: told[name] for name in ADDRESS} | {"unit": told.get("unit") or None} | where


def _location(store: Store, customer: int, sent: Record, home: Record) -> Record:
    record = {"id": shapes.new_id(store, "locations"), "customerId": customer, "name": sent["name"], "address": home}
    made = keep(store, "locations", shapes.BLANK["locations"] | record)
    made = keep(store, "locations", external.kept(store, "locations", made, sent.get("externalData")))
    return made | {"contacts": []}


def _contact(store: Store, owner: int, sent: Record) -> Record:
    made = shapes.contact(store, owner, str(sent.get("type")), str(sent.get("value") or ""), sent.get("memo"))
    return keep(store, "contacts", _checked(made))


def _checked(contact: Record) -> Record:
    need(contact, "value")
    if contact["type"] not in KINDS:
        raise problem(400, type=f"The value '{contact['type']}' is not valid for type.")
    number = contact["value"] if contact["type"] in ("Phone", "MobilePhone") else ""
    return contact | {"phoneSettings": contact["phoneSettings"] | {"phoneNumber": number}}


def _own_contact(call: Call) -> Record:
    record = call.found("contacts", call.id("contact"))
    if str(record["customerId"]) != call.id() or not record["active"]:
        raise missing()
    return record


def _brief(contact: Record) -> Record:
    return {name: contact[name] for name in ("id", *CONTACT)}
