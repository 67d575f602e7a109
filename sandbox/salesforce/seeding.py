"""The organisation at its founding: accounts with a contact each, users, work orders, appointments, events."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sandbox.company import Address, Appointment, Busy, Company, Customer, Job, Site, Spelling, Technician
from sandbox.salesforce.auth import sessions
from sandbox.salesforce.catalog import KINDS
from sandbox.salesforce.dialect import new_id, stamp
from sandbox.salesforce.keeping import COUNTS, touch
from sandbox.store import Store
from sandbox.twin import Record

SPELT = ("salesforce", "hubspot")  # whose spelling is that of the people who sell
FOUNDED = datetime(2024, 1, 2, 17, tzinfo=UTC)
JOB_STATES = {
    "new": "New", "scheduled": "New", "in_progress": "In Progress", "paused": "On Hold", "completed": "Completed",
    "canceled": "Canceled",
}  # fmt: skip
VISIT_STATES = {
    "scheduled": "Scheduled", "en_route": "Dispatched", "started": "In Progress", "paused": "Cannot Complete",
    "completed": "Completed", "canceled": "Canceled",
}  # fmt: skip
Ids = dict[str, str]


def seed(company: Company, store: Store) -> None:
    """Fill every collection; ids follow from the order of the company."""
    with store.lock:
        sessions(store)
        _put(store, "Organization", FOUNDED, {
            "Name": company.name, "OrganizationType": "Enterprise Edition", "IsSandbox": False, "InstanceName": "NA1",
            "TimeZoneSidKey": company.time_zone,
        })  # fmt: skip
        office = _put(store, "User", FOUNDED, _user(company, "Integration", "User", f"sync@{_domain(company)}"))
        users = {one.key: _put(store, "User", FOUNDED, _technician(company, one)) for one in company.technicians}
        crew = {one.key: _resource(store, one, users[one.key], office) for one in company.technicians}
        sites = {one.key: one for one in company.sites}
        people = _customers(company, store, office)
        orders = _jobs(company, store, people, sites, office)
        _visits(company, store, orders, crew, office)
        for each in company.busy:
            _put(store, "Event", FOUNDED, _event(each, users[each.technician]))


def _put(store: Store, collection: str, at: datetime, record: Record) -> str:
    """Keep a record as made and last changed at an instant."""
    kind, when = KINDS[collection], stamp(at)
    id = new_id(store, kind)
    told: Record = {"Id": id, **({"IsDeleted": False} if kind.deletes else {}), **record}
    if collection in COUNTS:
        name, prefix = COUNTS[collection]
        told[name] = f"{prefix}{store.next_id(name):08d}"
    told = touch(store, collection, told)
    store.put(collection, id, told | dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), when))
    return id


def _domain(company: Company) -> str:
    return company.technicians[0].email.partition("@")[2] if company.technicians else "sandbox.example.com"


def _user(company: Company, given: str, family: str, email: str) -> Record:
    return {"FirstName": given, "LastName": family, "Email": email, "Username": email, "IsActive": True,
            "TimeZoneSidKey": company.time_zone, "Alias": family[:8].lower()}  # fmt: skip


def _technician(company: Company, one: Technician) -> Record:
    told = _user(company, one.given_name, one.family_name, one.email)
    return told | {"MobilePhone": one.phone, "IsActive": one.active}


def _resource(store: Store, one: Technician, user: str, office: str) -> str:
    return _put(store, "ServiceResource", FOUNDED, {
        "Name": f"{one.given_name} {one.family_name}", "RelatedRecordId": user, "ResourceType": "T",
        "IsActive": one.active, "OwnerId": office,
    })  # fmt: skip


def _customers(company: Company, store: Store, office: str) -> Ids:
    """Accounts by the customer's key; each has its person as a contact."""
    ids: Ids = {}
    served = {job.customer for job in company.jobs}
    homes: dict[str, Site] = {}
    for site in company.sites:
        homes.setdefault(site.customer, site)
    for one in company.customers:
        told = next((one.seen_by[name] for name in SPELT if name in one.seen_by), None)
        if told is None:
            continue
        at = _changed_at(one, company.now)
        kind = "Customer - Direct" if one.key in served else "Prospect"
        account = {"Name": _name(one, told), "Type": kind, "Phone": told.phone, "OwnerId": office}
        place = homes.get(one.key)
        ids[one.key] = _put(store, "Account", at, {
            **account, **_address("Billing", told.address), **_address("Shipping", place.address if place else None),
        })  # fmt: skip
        _put(store, "Contact", at, {
            "AccountId": ids[one.key], "FirstName": told.given_name, "LastName": told.family_name, "Email": told.email,
            "Phone": told.phone, "OwnerId": office,
        })  # fmt: skip
    return ids


def _name(one: Customer, told: Spelling) -> str:
    return told.company_name if one.is_company and told.company_name else f"{told.given_name} {told.family_name}"


def _changed_at(one: Customer, now: datetime) -> datetime:
    """Some moment between the customer's beginning and an hour ago, the same for every run."""
    share = int(hashlib.sha256(one.key.encode()).hexdigest(), 16) % 1000 / 1000
    span = max(now - timedelta(hours=1) - one.created_at, timedelta())
    return (one.created_at + span * share).replace(microsecond=0)


def _address(which: str, home: Address | None) -> Record:
    if home is None:
        return {}
    street = "\n".join(part for part in (home.street, home.unit) if part)
    return {f"{which}Street": street, f"{which}City": home.city, f"{which}State": home.state,
            f"{which}PostalCode": home.postal_code, f"{which}Country": home.country}  # fmt: skip


def _jobs(company: Company, store: Store, people: Ids, sites: Mapping[str, Site], office: str) -> Ids:
    ids: Ids = {}
    for one in company.jobs:
        if one.customer in people:
            at = min(one.completed_at or one.created_at, company.now - timedelta(hours=1))
            ids[one.key] = _put(store, "WorkOrder", at, _job(one, people[one.customer], sites[one.site], office))
            record = store.get("WorkOrder", ids[one.key]) or {}
            store.put("WorkOrder", ids[one.key], {**record, "CreatedDate": stamp(one.created_at)})
    return ids


def _job(one: Job, account: str, site: Site, office: str) -> Record:
    amount = int(one.total) if one.total == one.total.to_integral_value() else float(one.total)
    return {
        "AccountId": account, "Subject": one.title, "Description": one.instructions or None,
        "Status": JOB_STATES[one.status], "Priority": "Medium", "StartDate": stamp(one.created_at),
        "EndDate": stamp(one.completed_at) if one.completed_at else None, **_address("", site.address),
        "Latitude": site.latitude, "Longitude": site.longitude, "Subtotal": amount, "TotalPrice": amount,
        "GrandTotal": amount, "Tax": 0, "Discount": 0, "OwnerId": office,
    }  # fmt: skip


def _visits(company: Company, store: Store, orders: Ids, crew: Ids, office: str) -> None:
    jobs = {one.key: one for one in company.jobs}
    for one in company.appointments:
        if one.job in orders:
            at = jobs[one.job].created_at
            visit = _put(store, "ServiceAppointment", at, _visit(one, orders[one.job], at, office))
            _assign(store, visit, [crew[key] for key in one.technicians], at)


def _visit(one: Appointment, order: str, at: datetime, office: str) -> Record:
    told: Record = {
        "ParentRecordId": order, "Subject": one.title, "OwnerId": office, "DurationType": "Minutes",
        "Status": VISIT_STATES[one.status] if one.starts_at else "None",
        "EarliestStartTime": stamp(one.starts_at or at), "DueDate": stamp(one.ends_at or at + timedelta(days=14)),
    }  # fmt: skip
    if one.starts_at and one.ends_at:
        told |= {"SchedStartTime": stamp(one.starts_at), "SchedEndTime": stamp(one.ends_at),
                 "Duration": (one.ends_at - one.starts_at).total_seconds() // 60}  # fmt: skip
        if one.status == "completed":
            told |= {"ActualStartTime": stamp(one.starts_at), "ActualEndTime": stamp(one.ends_at)}
    return told


def _assign(store: Store, visit: str, crew: Sequence[str], at: datetime) -> None:
    for resource in crew:
        _put(store, "AssignedResource", at, {"ServiceAppointmentId": visit, "ServiceResourceId": resource,
                                             "IsRequiredResource": False})  # fmt: skip


def _event(one: Busy, user: str) -> Record:
    """An entry of a calendar. Whole days are midnights in UTC, the last one included."""
    starts, ends = one.starts_at, one.ends_at
    if one.all_day:
        starts = datetime.combine(_local(one, one.starts_at).date(), datetime.min.time(), UTC)
        last = (_local(one, one.ends_at) - timedelta(seconds=1)).date()
        ends = datetime.combine(last, datetime.min.time(), UTC)
    return {
        "Subject": one.title, "StartDateTime": stamp(starts), "EndDateTime": stamp(ends), "IsAllDayEvent": one.all_day,
        "OwnerId": user, "ShowAs": "OutOfOffice" if one.all_day else "Busy",
    }  # fmt: skip


def _local(one: Busy, at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(one.time_zone))
