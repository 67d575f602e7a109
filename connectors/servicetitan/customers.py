"""Writing customers and their locations. A name is one text, how somebody is reached stands beside it, each by itself.

The vendor makes no customer without an address and a location; that location is ours when ours says the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from connectors.answers import current
from connectors.batches import fetch_one
from connectors.parties import NAMES, called, person_of, renamed
from connectors.servicetitan.dialect import MARKER, by_ids, made, mark, marked, rows, send
from connectors.servicetitan.maps import ADDRESS, MAILS, PHONES
from connectors.servicetitan.reading import whole_customers
from connectors.spec import Api, Outgoing, Record, Written
from models.errors import Rejected

CUSTOMERS, LOCATIONS = "crm/customers", "crm/locations"
EXTRA = (*NAMES, "email", "phone")
NOWHERE = {"latitude": None, "longitude": None}
REACHED = {"email": MAILS, "phone": PHONES}  # field -> types of contact that are read as it, the first one first


def create(api: Api, out: Outgoing) -> Written:
    """A new customer that carries our id, with a location at its address. Rejected without a name or a street."""
    known = out.change.desired
    name, home = _name(out), _address(out)
    person = person_of(out.change) if known.get("company_name") else None
    contacts = [{"type": types[0], "value": known[field], "memo": person}
                for field, types in REACHED.items() if known.get(field)]  # fmt: skip
    body = {**name, "address": home, "locations": [{"name": name["name"], "address": home}], "contacts": contacts}
    return Written(id=made(api, CUSTOMERS, body | {"externalData": mark(api, out)}))


def update(api: Api, out: Outgoing) -> Written:
    """What changed of the customer, then how it is reached. Gone when it was merged into another one."""
    id, after = str(out.change.target_id), out.change.after
    known = current(api, fetch(api, id), f"customer {id}")
    body = (_name(out) if renamed(out.change) else {}) | _moved(out, known)
    if body:
        send(api, "PATCH", f"{CUSTOMERS}/{id}", body)
    for field in REACHED.keys() & after.keys():
        _reach(api, id, after[field], [one for one in known["contacts"] if one["type"] in REACHED[field]], field)
    return Written(id=id)


def fetch_many(api: Api, ids: Sequence[str]) -> Mapping[str, Written]:
    """Customers as they are now, inactive ones too; one that was merged into another is gone."""
    return _written(one for one in whole_customers(api, ids) if not one.get("mergedToId"))


fetch = fetch_one(fetch_many)


def find(api: Api, out: Outgoing) -> Written | None:
    """The customer that carries our id."""
    id = marked(api, CUSTOMERS, out)
    return None if id is None else fetch(api, id)


def create_location(api: Api, out: Outgoing) -> Written:
    """A new location that carries our id; the one that its customer was made with is taken where it is the same."""
    customer, home = out.change.refs["customer"], _address(out)
    same = next((one for one in rows(api, LOCATIONS, customerId=customer) if _same(one, home)), None)
    if same is not None:
        send(api, "PATCH", f"{LOCATIONS}/{same['id']}", _label(out) | {"externalData": _merged(api, out)})
        return Written(id=str(same["id"]))
    named = {"name": home["street"]} | _label(out)
    body = {**named, "customerId": int(customer), "address": home, "externalData": mark(api, out)}
    return Written(id=made(api, LOCATIONS, body))


def update_location(api: Api, out: Outgoing) -> Written:
    """What changed of the location; where it is on the map is looked up anew when it moves."""
    id = str(out.change.target_id)
    moved = _moved(out, current(api, fetch_location(api, id), f"location {id}"), **NOWHERE)
    send(api, "PATCH", f"{LOCATIONS}/{id}", (_label(out) if "name" in out.change.after else {}) | moved)
    return Written(id=id)


def delete_location(api: Api, out: Outgoing) -> Written:
    """Take the location out of use; nothing is removed (Deletion)."""
    id = str(out.change.target_id)
    if fetch_location(api, id) is not None:
        send(api, "PATCH", f"{LOCATIONS}/{id}", {"active": False})
    return Written(id=id)


def fetch_locations(api: Api, ids: Sequence[str]) -> Mapping[str, Written]:
    """Locations that are in use, as they are now."""
    return _written(by_ids(api, LOCATIONS, ids))


fetch_location = fetch_one(fetch_locations)


def find_location(api: Api, out: Outgoing) -> Written | None:
    """The location that carries our id."""
    id = marked(api, LOCATIONS, out)
    return None if id is None else fetch_location(api, id)


def _written(records: Iterable[Record]) -> dict[str, Written]:
    return {str(one["id"]): Written(id=str(one["id"]), record=one) for one in records}


def _name(out: Outgoing) -> dict[str, Any]:
    """The company's name, else the person's, and which of both it is. Rejected when there is neither."""
    given, family, company = (out.change.desired.get(name) or "" for name in NAMES)
    name = called(out.change)
    # "van der Berg, Ann" where plain text reads back as another name.
    if not company and given and len(family.split()) > 1 and "," not in given + family:
        name = f"{family}, {given}"
    return {"name": name, "type": "Commercial" if company else "Residential"}


def _address(out: Outgoing) -> dict[str, Any]:
    """The address as a new record needs it. Rejected without a street."""
    home = ADDRESS.whole(out.change)
    if not home["street"]:
        said = f"{out.change.core_id} has no street, and nothing is made there without one"
        raise Rejected(out.change.system, f"{said}; give it one at its owner")
    return home


def _moved(out: Outgoing, known: Record, **more: None) -> dict[str, Any]:
    """The whole address, with ``more``, when a part of it changed."""
    changed = ADDRESS.amended(out.change, known["address"])
    return {"address": changed | more} if changed else {}


def _label(out: Outgoing) -> dict[str, Any]:
    name = out.change.desired.get("name")
    return {"name": name} if name else {}


def _merged(api: Api, out: Outgoing) -> dict[str, Any]:
    return mark(api, out) | {"patchMode": "Merge"}


def _same(record: Record, home: Record) -> bool:
    """Whether a location that is nobody's of ours is at this address, however the tenant spells it."""
    there = record["address"]
    street = ", ".join(part for part in (there["street"], there.get("unit")) if part)
    ours = any(one["key"] == MARKER for one in record["externalData"])
    return not ours and _plain(street, there["zip"]) == _plain(home["street"], home["zip"])


def _plain(*texts: str) -> list[str]:
    return " ".join(texts).casefold().split()


def _reach(api: Api, customer: str, value: str | None, there: Sequence[Record], field: str) -> None:
    """Say how a customer is reached now: the contact that counts is changed, or made; none is left when it is empty."""
    place = f"{CUSTOMERS}/{customer}/contacts"
    if value is None:
        for one in there:
            send(api, "DELETE", f"{place}/{one['id']}")
    elif (counts := next(_in_order(there, REACHED[field]), None)) is not None:
        send(api, "PATCH", f"{place}/{counts['id']}", {"value": value})
    else:
        made(api, place, {"type": REACHED[field][0], "value": value})


def _in_order(there: Sequence[Record], types: Sequence[str]) -> Iterator[Record]:
    return (one for type in types for one in there if one["type"] == type and str(one["value"] or "").strip())
