"""Events: lists, views, one by one, made, changed, deleted, called off (facts: Streams, Writes, Idempotency)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sandbox.microsoft_graph import series, shelf
from sandbox.microsoft_graph.dialect import Answer, Call, Failure, bad, listed, opaque, single
from sandbox.microsoft_graph.drafts import PLACE, accepted, blank, conflict, settled, spelled, stamped
from sandbox.microsoft_graph.filters import asked_for
from sandbox.microsoft_graph.times import bound, touches
from sandbox.microsoft_graph.views import show
from sandbox.store import Store
from sandbox.twin import Record

USUAL, MOST = 10, 1000


def _context(call: Call, about: str = "events") -> str:
    return f"users('{call.ids['user']}')/{about}"


def _calendar(call: Call) -> Record:
    return shelf.calendar(call.store, call.ids["user"], call.ids.get("calendar"))


def events(call: Call) -> Answer:
    """Single events and masters of a calendar."""
    kept = shelf.events(call.store, call.ids["user"], _calendar(call)["id"])
    found = asked_for(call, [one for one in kept if one["type"] in ("singleInstance", "seriesMaster")])
    return listed(call, _context(call), [show(call, one) for one in found], default=USUAL, most=MOST)


def view(call: Call) -> Answer:
    """What a calendar shows between two instants, series as days."""
    found = asked_for(call, within(call, *window(call)))
    return listed(call, _context(call, "calendarView"), [show(call, one) for one in found], default=USUAL, most=MOST)


def window(call: Call) -> tuple[datetime, datetime]:
    """The two instants that a view must name. Raises Failure 400."""
    low, high = (bound(call.query.get(name.lower()), name) for name in ("startDateTime", "endDateTime"))
    if high <= low:
        raise bad("The end of the window lies before its start.", "ErrorInvalidParameter")
    return low, high


def within(call: Call, low: datetime, high: datetime) -> list[Record]:
    return shown_between(call.store, call.ids["user"], _calendar(call)["id"], low, high)


def shown_between(store: Store, mailbox: str, calendar: str, low: datetime, high: datetime) -> list[Record]:
    """Single events, and the days of series, that touch a span, in order of their start."""
    found: list[Record] = []
    for one in shelf.events(store, mailbox, calendar):
        if one["type"] == "seriesMaster":
            found += series.occurrences(store, one, low, high)
        elif one["type"] == "singleInstance" and touches(one, low, high):
            found.append(one)
    return sorted(found, key=lambda one: (one["start"]["dateTime"], one["id"]))


def instances(call: Call) -> Answer:
    """The days of one series between two instants."""
    master = _event(call)
    if master["type"] != "seriesMaster":
        raise bad("The event is not a series master.", "ErrorInvalidRequest")
    found = list(series.occurrences(call.store, master, *window(call)))
    return listed(call, _context(call, "instances"), [show(call, one) for one in found], default=USUAL, most=MOST)


def _event(call: Call) -> Record:
    return shelf.event(call.store, call.ids["user"], call.ids["event"])


def event(call: Call) -> Answer:
    return single(call, _context(call), show(call, _event(call)))


def create(call: Call) -> Answer:
    """A new event; a transaction id that this mailbox has seen makes none."""
    said = accepted(_body(call))
    mailbox, calendar = call.ids["user"], _calendar(call)["id"]
    used: dict[str, str] = call.store.bag.setdefault("transactions", {})
    transaction = said.get("transactionId")
    if transaction and (first := used.get(f"{mailbox}/{transaction}")):
        raise _duplicate(first)
    id = opaque("event", mailbox, str(call.store.next_id("events")), kind="id")
    born = blank(shelf.owner(call.store, mailbox), id, call.store.clock.now())
    kept = stamped(call.store, settled({**born, PLACE: shelf.link(call.store, mailbox, calendar)}, said))
    call.store.put("events", id, kept)
    if transaction:
        used[f"{mailbox}/{transaction}"] = id
    return single(call, _context(call), show(call, kept), status=201)


def _body(call: Call) -> Record:
    body: Record = spelled(call.store, call.asked.method, call.asked.path, call.json())
    return body


def _duplicate(first: str) -> Failure:
    message = (
        "Your request can't be completed. The TransactionId specified in the request has already been used to create "
        "a different event."
    )
    beside = {"@event.existingEventId": first}
    return Failure(status=400, code="ErrorDuplicateTransactionId", message=message, beside=beside)


def change(call: Call) -> Answer:
    """Members that are named; a day of a series becomes an exception."""
    before, said = _event(call), accepted(_body(call))
    _check_version(call, before)
    if said.get("transactionId") not in (None, before.get("transactionId")):
        raise bad("The property 'transactionId' is read-only.", "ErrorInvalidPropertySet")
    event = settled(before, {name: value for name, value in said.items() if name != "transactionId"})
    if event["type"] == "occurrence":
        event["type"] = "exception"
    kept = stamped(call.store, event)
    call.store.put("events", kept["id"], kept)
    return single(call, _context(call), show(call, kept))


def _check_version(call: Call, event: Record) -> None:
    wanted = call.asked.headers.get("if-match")
    if wanted not in (None, "*", event["@odata.etag"]):
        raise conflict()


def delete(call: Call) -> Answer:
    event = _event(call)
    _check_version(call, event)
    drop(call.store, event)
    return Answer(status=204)


def cancel(call: Call) -> Answer:
    """Called off by whoever organizes it: it goes to the deleted items."""
    event = _event(call)
    if not event["isOrganizer"]:
        raise bad("Your request can't be completed. You need to be an organizer to cancel a meeting.",
                  "ErrorInvalidRequest")  # fmt: skip
    call.json()
    drop(call.store, event)
    return Answer(status=202)


def drop(store: Store, event: Record) -> None:
    """Delete an event: a master with its exceptions, a day of a series as called off."""
    parts = series.split_id(event["id"])
    master = store.get("events", parts[0]) if parts else None
    if master is not None:
        off: list[Any] = [*(master.get("cancelledOccurrences") or ()), event["id"]]
        store.put("events", master["id"], stamped(store, {**master, "cancelledOccurrences": off}))
    for one in store.all("events"):
        if one["id"] == event["id"] or one.get("seriesMasterId") == event["id"]:
            store.delete("events", one["id"])
