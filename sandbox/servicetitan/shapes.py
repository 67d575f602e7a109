"""Whole records: every member that the vendor's answers have (Read streams)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sandbox.servicetitan.dialect import stamp
from sandbox.store import Record, Store

US = 77  # the office user in whose name the app works
STARTS: Mapping[str, int] = {
    "customers": 3_110_001, "contacts": 5_200_001, "locations": 4_110_001, "jobs": 48_110_001,
    "appointments": 51_234_001, "assignments": 61_000_001, "technicians": 9_001, "services": 710_001,
    "invoices": 72_000_001, "items": 73_000_001, "payments": 81_000_001, "batches": 4_001, "applied": 91_000_001,
    "job_types": 1_001, "business_units": 301,
}  # fmt: skip
OWNED: Mapping[str, Sequence[str]] = {
    "contacts": ("customerId",), "locations": ("customerId",), "jobs": ("customerId", "locationId"),
    "appointments": ("jobId", "start", "end"), "assignments": ("appointmentId", "technicianId"),
}  # fmt: skip
# What a person's new record has though nobody said it.
BLANK: Mapping[str, Record] = {
    "customers": {
        "type": "Residential", "customFields": [], "balance": 0, "taxExempt": False, "tagTypeIds": [],
        "doNotMail": False, "doNotService": False, "nationalAccount": False, "createdById": US, "mergedToId": None,
        "paymentTermId": None, "creditLimit": None, "creditLimitBalance": None, "externalData": [],
    },
    "contacts": {"memo": None, "preferences": None},
    "locations": {
        "customFields": [], "createdById": US, "mergedToId": None, "zoneId": None, "taxExempt": False,
        "tagTypeIds": [], "externalData": [], "taxZoneId": None,
    },
    "appointments": {
        "appointmentNumber": None, "arrivalWindowStart": None, "arrivalWindowEnd": None, "status": "Scheduled",
        "specialInstructions": None, "unused": False, "createdById": US, "isConfirmed": False,
        "appointmentSummaries": [],
    },
    "assignments": {"assignedById": US, "status": "Scheduled", "isPaused": False},
}  # fmt: skip


def new_id(store: Store, collection: str) -> int:
    """The next number of a collection."""
    return store.next_id(collection, STARTS[collection])


def money(amount: Decimal | int) -> str:
    """An amount as documents carry it: text."""
    return f"{Decimal(amount):.2f}"


def address(street: str, unit: str | None, city: str, state: str, zip: str) -> Record:
    """An address that nobody found on the map yet."""
    place = {"country": "USA", "latitude": None, "longitude": None}
    return {"street": street, "unit": unit, "city": city, "state": state, "zip": zip} | place


def contact(store: Store, customer: int, type: str, value: str, memo: str | None) -> Record:
    """A way to reach a customer."""
    number = value if type in ("Phone", "MobilePhone") else ""
    return {
        "id": new_id(store, "contacts"), "type": type, "value": value, "memo": memo, "customerId": customer,
        "phoneSettings": {"phoneNumber": number, "doNotText": False}, "preferences": None,
    }  # fmt: skip


def appointment(store: Store, job: Record, number: int, start: str, end: str, **more: Any) -> Record:
    """A visit for a job."""
    return BLANK["appointments"] | {
        "id": new_id(store, "appointments"), "jobId": job["id"], "start": start, "end": end,
        "appointmentNumber": f"{job['jobNumber']}-{number}", "customerId": job["customerId"], **more,
    }  # fmt: skip


def assignment(store: Store, visit: Record, person: Record) -> Record:
    """One person who is sent to a visit."""
    return BLANK["assignments"] | {
        "id": new_id(store, "assignments"), "technicianId": person["id"], "technicianName": person["name"],
        "assignedOn": stamp(store.clock.now()), "jobId": visit["jobId"], "appointmentId": visit["id"],
    }  # fmt: skip


def technician(id: int, given: str, family: str, email: str, phone: str) -> Record:
    """Somebody who is sent to visits."""
    return {
        "id": id, "userId": id + 100_000, "name": f"{given} {family}", "roleIds": [], "businessUnitId": None,
        "mainZoneId": None, "zoneIds": [], "email": email, "phoneNumber": None, "loginName": email, "dailyGoal": 0,
        "isManagedTech": True, "burdenRate": 0, "team": None, "commissionRate": 0, "firstName": given,
        "lastName": family, "hourlyRate": 0, "mobilePhone": phone, "soldByRate": 0, "status": "Idle",
        "positions": ["Service"], "location": None,
    }  # fmt: skip


def service(id: int, code: str, name: str, description: str, price: Decimal, taxable: bool) -> Record:
    """Something of the price book."""
    return {
        "id": id, "code": code, "displayName": name, "description": description, "warranty": None, "categories": [],
        "price": float(price), "memberPrice": float(price), "addOnPrice": float(price),
        "addOnMemberPrice": float(price), "taxable": taxable, "account": None, "hours": 1, "isLabor": False,
        "recommendations": [], "upgrades": [], "assets": [], "serviceMaterials": [], "serviceEquipment": [],
        "crossSaleGroup": None, "paysCommission": False, "bonus": 0, "commissionBonus": 0, "source": None,
        "externalId": None, "externalData": [], "businessUnitId": None, "cost": 0, "soldByCommission": 0,
    }  # fmt: skip


def invoice(store: Store, job: Record, number: str, made: datetime, customer: Record, location: Record) -> Record:
    """A job's invoice before anything is on it."""
    nothing = {"subTotal": "0.00", "salesTax": "0.00", "total": "0.00", "balance": "0.00", "discountTotal": "0.00"}
    return {
        "id": new_id(store, "invoices"), "syncStatus": "Pending", "summary": None, "referenceNumber": number,
        "invoiceDate": f"{made:%Y-%m-%d}T00:00:00Z", "dueDate": f"{made:%Y-%m-%d}T00:00:00Z", **nothing,
        "customer": {"id": customer["id"], "name": customer["name"]},
        "location": {"id": location["id"], "name": location["name"]},
        "businessUnit": {"id": job["businessUnitId"], "name": "Service"}, "batch": None, "depositedOn": None,
        "adjustmentToId": None, "job": {"id": job["id"], "number": job["jobNumber"], "type": "Service"},
        "sentStatus": "NotSent", "reviewStatus": "NeedsReview", "items": [], "exportId": None, "paidOn": None,
        "invoiceConfiguration": "JobInvoice",
    }  # fmt: skip


def line(store: Store, service: Record, quantity: Decimal, price: Decimal, total: Decimal, at: str) -> Record:
    """A line of an invoice."""
    return {
        "id": new_id(store, "items"), "description": service["description"], "quantity": f"{quantity:f}",
        "cost": "0.00", "totalCost": "0.00", "price": money(price), "type": "Service",
        "skuName": service["displayName"], "skuId": service["id"], "total": money(total), "inventory": False,
        "taxable": service["taxable"], "isChargeable": True, "membershipTypeId": 0,
        "createdOn": at, "modifiedOn": at, "order": 1, "addOn": False,
    }  # fmt: skip
