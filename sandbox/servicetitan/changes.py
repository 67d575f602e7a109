"""What happens to a record beside what was asked for: stamps, what follows from a job's visits, and how it goes."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.servicetitan import shapes
from sandbox.servicetitan.dialect import stamp
from sandbox.store import Record, Store

# Of these records others know whose they are: (collection, member), dotted for a member of a member.
CHILDREN: Mapping[str, tuple[tuple[str, str], ...]] = {
    "customers": (
        ("contacts", "customerId"), ("locations", "customerId"), ("jobs", "customerId"), ("appointments", "customerId"),
        ("invoices", "customer.id"), ("payments", "customer.id"),
    ),
    "locations": (("jobs", "locationId"), ("invoices", "location.id")),
}  # fmt: skip


def touch(store: Store, collection: str, record: Record) -> Record:
    """The record with its stamps after any change. ValueError for one without its owner."""
    for member in shapes.OWNED.get(collection, ()):
        if not record.get(member):
            raise ValueError(f"{member} is missing")
    now = stamp(store.clock.now())
    made = {**shapes.BLANK.get(collection, {}), "createdOn": now, "active": True, **record}
    if "id" in made:
        made["id"] = int(made["id"])
    return {**made, "modifiedOn": now}


def keep(store: Store, collection: str, record: Record) -> Record:
    """Stamp and store."""
    return store.put(collection, str(record["id"]), touch(store, collection, record))


def remove(store: Store, collection: str, id: str) -> None:
    """As a person deletes it: nothing leaves, a job is cancelled, everything else is inactive (Deletion)."""
    record = store.get(collection, id)
    if record is None:
        return
    keep(store, collection, {**record, **({"jobStatus": "Canceled"} if collection == "jobs" else {"active": False})})
    if collection == "jobs":
        for visit in visits(store, record["id"]):
            keep(store, "appointments", {**visit, "status": "Canceled"})
    if collection == "appointments":
        unassign(store, record["id"])
        settle(store, record["jobId"])


def merge(store: Store, collection: str, id: str, into: str) -> None:
    """As a person merges two: one goes and names the other, and what it had is the other's. ValueError otherwise."""
    loser, winner = store.get(collection, id), store.get(collection, into)
    if collection not in CHILDREN or loser is None or winner is None or id == into:
        raise ValueError("two customers, or two locations, are merged")
    keep(store, collection, {**loser, "active": False, "mergedToId": winner["id"]})
    for name, path in CHILDREN[collection]:
        member, _, inner = path.partition(".")
        for child in store.all(name):
            there = (child.get(member) or {}).get(inner) if inner else child.get(member)
            if there == loser["id"]:
                moved = {inner: winner["id"], "name": winner["name"]} if inner else winner["id"]
                keep(store, name, {**child, member: moved})


def visits(store: Store, job: int) -> list[Record]:
    """A job's appointments that are there, in their order."""
    rows = [one for one in store.all("appointments") if one["jobId"] == job and one["active"]]
    return sorted(rows, key=lambda one: (one["start"], one["id"]))


def settle(store: Store, job: int) -> None:
    """What a job says of its appointments."""
    record, rows = store.get("jobs", str(job)), visits(store, job)
    if record is not None and rows:
        told = {"appointmentCount": len(rows), "firstAppointmentId": rows[0]["id"], "lastAppointmentId": rows[-1]["id"]}
        keep(store, "jobs", {**record, **told})


def assigned(store: Store, visit: int) -> list[Record]:
    """Who is sent to an appointment."""
    return [one for one in store.all("assignments") if one["appointmentId"] == visit and one["active"]]


def assign(store: Store, visit: Record, people: list[Record]) -> None:
    """Send people to an appointment; who is sent already stays so."""
    there = {one["technicianId"] for one in assigned(store, visit["id"])}
    for person in people:
        if person["id"] not in there:
            keep(store, "assignments", shapes.assignment(store, visit, person))


def unassign(store: Store, visit: int, people: set[int] | None = None) -> None:
    """Send these people, or everybody, no longer."""
    for one in assigned(store, visit):
        if people is None or one["technicianId"] in people:
            keep(store, "assignments", {**one, "active": False})
