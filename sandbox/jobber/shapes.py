"""Builders of records in the API's own shape, used by seeding and by mutations alike.

A stored record holds what the vendor's web interface lets a person edit plus what follows from the record
alone; what depends on other records or on the time of day is worked out when it is asked for (derived.py).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sandbox.jobber.identity import encoded, new_id, reference
from sandbox.jobber.moments import money, number
from sandbox.store import Store

Record = dict[str, Any]

# The account's own set-up: one text field on clients and one on jobs, made by whoever connected the app.
MARKER_LABEL = "plumbline_id"
CLIENT_MARKER = encoded("CustomFieldConfigurationText", 770101)
JOB_MARKER = encoded("CustomFieldConfigurationText", 770102)
MARKERS = {"clients": CLIENT_MARKER, "jobs": JOB_MARKER}

_TITLES = {"MR": "Mr.", "MS": "Ms.", "MRS": "Mrs.", "MISS": "Miss", "DR": "Dr."}
_ADDRESS_PARTS = ("street1", "street2", "city", "province", "postalCode", "country")


def nodes(records: Sequence[Record]) -> Record:
    """A connection as it is stored: its nodes alone, paged when it is asked for."""
    return {"nodes": list(records)}


def references(ids: Sequence[str]) -> Record:
    return nodes([reference(id) for id in ids])


def email(store: Store, address: str, description: str = "MAIN", *, primary: bool) -> Record:
    return {"id": new_id(store, "Email"), "address": address, "description": description, "primary": primary}


def phone(store: Store, value: str, description: str = "MAIN", *, primary: bool, sms: bool = True) -> Record:
    known = {"id": new_id(store, "PhoneNumber"), "description": description, "primary": primary, "smsAllowed": sms}
    return {**known, "number": value, **spoken_number(value)}


def spoken_number(value: str) -> Record:
    """What the API derives from a phone number as it was typed; North American numbers only, as seeded."""
    digits = re.sub(r"\D", "", value.partition("x")[0]).removeprefix("1")
    if len(digits) != 10:
        return {"friendly": value, "normalizedPhoneNumber": None}
    return {"friendly": f"({digits[:3]}) {digits[3:6]}-{digits[6:]}", "normalizedPhoneNumber": f"+1{digits}"}


def tag(label: str) -> Record:
    """A tag; the account has each label once, so that its id follows from the label."""
    return {"id": encoded("Tag", zlib.crc32(label.casefold().encode())), "label": label}


def street(address: Record) -> str:
    return ", ".join(part for part in (address.get("street1"), address.get("street2")) if part)


def billing_address(given: Record) -> Record:
    """``ClientAddress``: every part is text, empty when unknown."""
    parts = {key: given.get(key) or "" for key in _ADDRESS_PARTS}
    place = {key: str(given.get(key) or "") for key in ("latitude", "longitude")}
    return {"name": None, **parts, **place, "street": street(parts)}


def property_address(id: str, given: Record) -> Record:
    """``PropertyAddress``: parts are null when unknown, the place is geocoded or waits to be."""
    parts = {key: given.get(key) for key in _ADDRESS_PARTS}
    place = given.get("coordinates")
    status = "FOUND" if place else "NOT_STARTED"
    return {"id": id, "name": None, **parts, "street": street(parts), "coordinates": place, "geoStatus": status}


def coordinates(latitude: float, longitude: float) -> Record:
    texts = {"latitudeString": str(latitude), "longitudeString": str(longitude)}
    return {"latitude": latitude, "longitude": longitude, **texts}


def marker(value: str = "", *, id: str | None = None) -> Record:
    """The account's text custom field on one record: without an id as long as nobody filled it."""
    return {"__typename": "CustomFieldText", "id": id, "label": MARKER_LABEL, "valueText": value}


def spelled_title(title: str | None) -> str | None:
    return _TITLES.get(title, title) if title else None


def client_names(client: Record) -> Record:
    """``name`` and ``secondaryName``: companies go by their company name, people by title and name."""
    parts = (client.get("title"), client.get("firstName"), client.get("lastName"))
    person, company = " ".join(part for part in parts if part), client.get("companyName")
    if client.get("isCompany") and company:
        return {"name": company, "secondaryName": person or None}
    return {"name": person or company or "", "secondaryName": company if person else None}


def client(id: str, *, created_at: str, **known: Any) -> Record:
    """``Client`` with everything unset that ``known`` does not set."""
    receives = ("FollowUps", "InvoiceFollowUps", "QuoteFollowUps", "Reminders", "ReviewRequests")
    blank: Record = {
        "id": id, "title": None, "firstName": "", "lastName": "", "companyName": None, "isCompany": False,
        "isLead": True, "isArchived": False, "emails": [], "phones": [], "tags": nodes([]), "billingAddress": None,
        "customFields": [marker()], "sampleData": False, "createdAt": created_at, "updatedAt": created_at,
        **{f"receives{kind}": True for kind in receives},
    }  # fmt: skip
    return {**blank, **known}


def property_(id: str, *, client: str, address: Record, name: str | None) -> Record:
    """``Property``: where the work is done."""
    return {
        "id": id, "client": reference(client), "name": name, "address": address, "customFields": [],
        "routingOrder": None, "taxRate": None,
    }  # fmt: skip


def line_item(store: Store, kind: str, *, name: str, quantity: Any, price: Any, at: str, **known: Any) -> Record:
    """``JobLineItem`` or ``InvoiceLineItem``; ``price`` is the unit price in account currency."""
    blank: Record = {
        "id": new_id(store, kind), "name": name, "description": "", "category": "SERVICE", "taxable": True,
        "quantity": float(quantity), "unitPrice": float(price), "linkedProductOrService": None, "unitCost": None,
        "totalCost": None, "originalCost": None, "date": None, "createdAt": at, "updatedAt": at,
    }  # fmt: skip
    total = money(Decimal(str(quantity)) * Decimal(str(price)))
    return {**blank, "totalPrice": number(total), **known}


def job(id: str, *, number: int, place: Record, at: str, **known: Any) -> Record:
    """``Job`` at a property (``place`` is the property's record), created at the stamp ``at``."""
    blank: Record = {
        "id": id, "jobNumber": number, "title": None, "instructions": None, "jobStatus": "unscheduled",
        "jobType": "ONE_OFF", "billingType": "FIXED_PRICE", "client": place["client"],
        "property": reference(place["id"]), "startAt": None, "endAt": None, "completedAt": None, "createdAt": at,
        "updatedAt": at, "invoiceSchedule": invoice_schedule("ON_COMPLETION"), "lineItems": nodes([]),
        "customFields": [marker()], "salesperson": None, "allowReviewRequest": True,
        "bookingConfirmationSentAt": None, "willClientBeAutomaticallyCharged": False,
    }  # fmt: skip
    return {**blank, **known}


def invoice_schedule(frequency: str) -> Record:
    spoken = {"ON_COMPLETION": "Once when job is closed", "PERIODIC": "Monthly on the last day of the month"}
    spoken |= {"PER_VISIT": "After each visit is completed", "NEVER": "As needed - we won't prompt you"}
    return {"billingFrequency": frequency, "scheduleSummary": spoken[frequency]}


def visit(id: str, *, job: Record, at: str, **known: Any) -> Record:
    """``Visit`` of a job (its record); it has no ``updatedAt`` in this API (facts, read streams)."""
    blank: Record = {
        "id": id, "title": None, "instructions": None, "startAt": None, "endAt": None, "allDay": False,
        "duration": None, "isComplete": False, "completedAt": None, "completedBy": None, "createdAt": at,
        "createdBy": None, "assignedUsers": nodes([]), "client": job["client"], "job": reference(job["id"]),
        "property": job["property"], "invoice": None, "clientConfirmed": False, "isDefaultTitle": False,
        "actionsUponComplete": [], "incompleteJobFormsCount": 0, "overrideOrder": None, "routingOrder": None,
        "teamReminderOffset": None,
    }  # fmt: skip
    return {**blank, **known}


def invoice(id: str, *, client: str, number: str, at: str, **known: Any) -> Record:
    """``Invoice``; ``invoiceStatus`` is stored as draft, bad_debt or awaiting_payment, the rest is derived."""
    blank: Record = {
        "id": id, "invoiceNumber": number, "subject": "For Services Rendered", "message": None,
        "invoiceStatus": "draft", "client": reference(client), "jobs": nodes([]), "visits": nodes([]),
        "properties": nodes([]), "lineItems": nodes([]), "amounts": amounts(), "issuedDate": None, "dueDate": None,
        "invoiceNet": None, "receivedDate": None, "createdAt": at, "updatedAt": at, "taxRate": None,
        "taxCalculationMethod": "EXCLUSIVE", "billingAddress": None, "billingIsSameAsPropertyAddress": None,
        "customFields": [], "salesperson": None, "allowReviewRequest": True, "clientHubUri": None,
        "contractDisclaimer": None, "dateViewedInClientHub": None, "waitingForFinancedPayment": False,
    }  # fmt: skip
    return {**blank, **known}


def amounts(subtotal: Decimal = Decimal(0), tax: Decimal = Decimal(0)) -> Record:
    """``InvoiceAmounts`` before any payment."""
    paid = dict.fromkeys(("depositAmount", "discountAmount", "legacyDiscountAmount", "paymentsTotal", "tipsTotal"), 0.0)
    total = number(subtotal + tax)
    sums = {"subtotal": number(subtotal), "nonTaxAmount": number(subtotal), "taxAmount": number(tax)}
    return {**paid, **sums, "total": total, "invoiceBalance": total}
