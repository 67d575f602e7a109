"""Founding the portal: properties, owners, pipelines, and the customers that the company keeps in its CRM."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sandbox.company import Address, Company, Customer, Spelling, Technician
from sandbox.hubspot.catalog import COMPANIES, CONTACTS, OBJECT_TYPES, ObjectType, standard_properties
from sandbox.hubspot.dialect import PORTAL, stamp
from sandbox.hubspot.linking import link
from sandbox.hubspot.stamping import derived, url
from sandbox.store import Store
from sandbox.twin import Record

_FIRST_OWNER = 32900489
_CONTACT_TO_PRIMARY_COMPANY, _CONTACT_TO_COMPANY = 1, 279
_FOUNDED_BEFORE = timedelta(days=900)

# facts: Deletion, time, enums (default deal stages); the ticket stages are from memory
_DEAL_STAGES = (
    ("appointmentscheduled", "Appointment Scheduled", {"isClosed": "false", "probability": "0.2"}),
    ("qualifiedtobuy", "Qualified To Buy", {"isClosed": "false", "probability": "0.4"}),
    ("presentationscheduled", "Presentation Scheduled", {"isClosed": "false", "probability": "0.6"}),
    ("decisionmakerboughtin", "Decision Maker Bought-In", {"isClosed": "false", "probability": "0.8"}),
    ("contractsent", "Contract Sent", {"isClosed": "false", "probability": "0.9"}),
    ("closedwon", "Closed Won", {"isClosed": "true", "probability": "1.0"}),
    ("closedlost", "Closed Lost", {"isClosed": "true", "probability": "0.0"}),
)
_TICKET_STAGES = (
    ("1", "New", {"ticketState": "OPEN"}),
    ("2", "Waiting on contact", {"ticketState": "OPEN"}),
    ("3", "Waiting on us", {"ticketState": "OPEN"}),
    ("4", "Closed", {"ticketState": "CLOSED"}),
)


def seed(company: Company, store: Store) -> None:
    """Fill an empty store with the company's part of HubSpot."""
    founded = stamp(company.now - _FOUNDED_BEFORE)
    portal = {"id": str(PORTAL), "timeZone": company.time_zone, "companyCurrency": company.currency}
    store.put("account", str(PORTAL), portal)
    for kind in OBJECT_TYPES.values():
        for shape in standard_properties(kind, founded):
            key = f"{kind.name}/{shape['name']}"
            store.put("properties", key, {"id": key, **shape})
    _seed_pipeline(store, "deals/default", "Sales Pipeline", _DEAL_STAGES, founded)
    _seed_pipeline(store, "tickets/0", "Support Pipeline", _TICKET_STAGES, founded)
    owners = [_seed_owner(store, technician, place, founded) for place, technician in enumerate(company.technicians)]
    _seed_customers(company, store, owners)


def _seed_pipeline(
    store: Store, key: str, label: str, stages: Sequence[tuple[str, str, dict[str, str]]], founded: str
) -> None:
    stamps = {"createdAt": founded, "updatedAt": founded, "archived": False}
    shown = [
        {
            "id": id,
            "label": name,
            "displayOrder": place,
            "metadata": metadata,
            "writePermissions": "CRM_PERMISSIONS_ENFORCEMENT",
            **stamps,
        }
        for place, (id, name, metadata) in enumerate(stages)
    ]
    record = {
        "id": key,
        "objectType": key.partition("/")[0],
        "label": label,
        "displayOrder": 0,
        "stages": shown,
        **stamps,
    }
    store.put("pipelines", key, record)


def _seed_owner(store: Store, technician: Technician, place: int, founded: str) -> str:
    number = _FIRST_OWNER + place * 17
    record: Record = {
        "id": str(number),
        "email": technician.email,
        "type": "PERSON",
        "firstName": technician.given_name,
        "lastName": technician.family_name,
        "userId": number,
        "userIdIncludingInactive": number,
        "createdAt": founded,
        "updatedAt": founded,
        "archived": not technician.active,
    }
    store.put("owners", record["id"], record)
    return str(record["id"])


def _seed_customers(company: Company, store: Store, owners: Sequence[str]) -> None:
    taken: set[str] = set()
    for customer in company.customers:
        spelled = customer.seen_by.get("hubspot")
        if spelled is None:
            continue
        # an e-mail belongs to one contact only, so HubSpot cannot hold it a second time
        if spelled.email and spelled.email.lower() in taken:
            spelled = replace(spelled, email=None)
        taken.add((spelled.email or "").lower())
        _seed_customer(store, customer, spelled, company.now, owners)


def _seed_customer(store: Store, customer: Customer, spelled: Spelling, now: datetime, owners: Sequence[str]) -> None:
    changed = _changed_at(customer, now)
    firm = None
    if customer.is_company and spelled.company_name:
        firm = _found(store, COMPANIES, _company_properties(spelled), customer.created_at, changed)
    own = _contact_properties(spelled)
    if owners:
        own["hubspot_owner_id"] = owners[_share(customer.key, len(owners))]
    if firm is not None:
        own["associatedcompanyid"] = firm
    contact = _found(store, CONTACTS, own, customer.created_at, changed)
    if firm is not None:
        link(store, (CONTACTS, contact), (COMPANIES, firm), [_CONTACT_TO_PRIMARY_COMPANY, _CONTACT_TO_COMPANY])


def _found(store: Store, kind: ObjectType, properties: Record, created: datetime, changed: datetime) -> str:
    id = str(store.next_id(kind.name, kind.first_id))
    stamps = {kind.created: stamp(created), kind.modified: stamp(changed), "hs_object_id": id}
    kept = {name: value for name, value in properties.items() if value}
    record = {
        "id": id,
        "properties": {**kept, **derived(kind, kept), **stamps},
        "createdAt": stamp(created),
        "updatedAt": stamp(changed),
        "archived": False,
        "url": url(kind, id),
    }
    store.put(kind.name, id, record)
    return id


def _contact_properties(spelled: Spelling) -> Record:
    return {
        "firstname": spelled.given_name,
        "lastname": spelled.family_name,
        "email": spelled.email,
        "phone": spelled.phone,
        "company": spelled.company_name,
        "lifecyclestage": "customer",
        **_address(spelled.address),
    }


def _company_properties(spelled: Spelling) -> Record:
    place = spelled.address
    own = {"name": spelled.company_name, "phone": spelled.phone, "lifecyclestage": "customer", **_address(place)}
    if place is not None:
        own |= {"address": place.street, "address2": place.unit}
    own["domain"] = (spelled.email or "").partition("@")[2].lower()
    return own


def _address(place: Address | None) -> Record:
    """A contact has one address line, so the unit is written behind the street."""
    if place is None:
        return {}
    line = ", ".join(filter(None, (place.street, place.unit)))
    return {
        "address": line,
        "city": place.city,
        "state": place.state,
        "zip": place.postal_code,
        "country": place.country,
    }


def _changed_at(customer: Customer, now: datetime) -> datetime:
    """Some moment between the customer's creation and an hour ago, the same for every run."""
    span = max(now - timedelta(hours=1) - customer.created_at, timedelta())
    return customer.created_at + span * (_share(customer.key, 1000) / 1000)


def _share(key: str, parts: int) -> int:
    return int(hashlib.sha256(key.encode()).hexdigest(), 16) % parts
