"""CalDAV: no imitation but Radicale, with one calendar a technician in the dispatcher's home."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.responses import Response
from starlette.routing import BaseRoute, Mount

from sandbox.caldav.engine import Engine, engine
from sandbox.caldav.lapses import KINDS, lapsing
from sandbox.caldav.text import event
from sandbox.company import Company
from sandbox.store import Record, Store
from sandbox.twin import Refusal, State, Twin

DISPATCH = "dispatch"
# The dispatcher and every technician; each word is the user's own name.
USERS = {DISPATCH: DISPATCH, **{f"tech{n}": f"tech{n}" for n in range(1, 9)}}


def _engine(store: Store) -> Engine:
    return engine(store, USERS)


def seed(company: Company, store: Store) -> None:
    """Fresh calendars ``/dispatch/<technician>/`` of the active technicians, with their personal events."""
    radicale = _engine(store)
    radicale.wipe()
    for technician in company.technicians:
        if technician.active:
            title = f"{technician.given_name} {technician.family_name}"
            radicale.make_calendar(DISPATCH, technician.key, title)
    for busy in company.busy:
        radicale.write(f"{DISPATCH}/{busy.technician}/{busy.key}.ics", event(busy, company.now))


def routes(store: Store) -> Sequence[BaseRoute]:
    """Everything under the prefix is Radicale's, but for the faults."""
    return [Mount("/", app=lapsing(store, _engine(store)))]


def touch(_store: Store, _collection: str, record: Record) -> Record:
    """Nothing to stamp: a CalDAV server keeps the client's text, and its ETag follows the content."""
    if "BEGIN:VCALENDAR" not in str(record.get("ics")):
        raise ValueError('an event is {"ics": "<iCalendar text>"}')
    return record


def remove(store: Store, _collection: str, id: str) -> None:
    """Deletes an event through Radicale's storage."""
    _engine(store).delete(id)


def refuse(refusal: Refusal) -> Response:
    """Plain text, as Radicale and the servers that throttle answer (facts: Base and authentication, Errors)."""
    headers = {} if refusal.retry_after is None else {"Retry-After": f"{refusal.retry_after:g}"}
    if refusal.kind == "unauthorized":
        headers["WWW-Authenticate"] = 'Basic realm="Radicale - Password Required"'
    return Response(_TEXTS[refusal.kind], status_code=refusal.status, headers=headers, media_type="text/plain")


_TEXTS = {
    "rate_limit": "Too many requests.",
    "server_error": "A server error occurred.  Please contact the administrator.",
    "unauthorized": "Access to the requested resource forbidden.",
    "forbidden": "Access to the requested resource forbidden.",
    "not_found": "The requested resource could not be found.",
    "gone": "The requested resource is gone.",
}


def _items(store: Store, _collection: str) -> Sequence[tuple[str, Record]]:
    return _engine(store).read_all()


def _get(store: Store, _collection: str, id: str) -> Record | None:
    return _engine(store).read(id)


def _put(store: Store, _collection: str, id: str, record: Record) -> Record:
    return _engine(store).write(id, str(record["ics"]))


TWIN = Twin(
    name="caldav",
    title="CalDAV (Radicale)",
    collections=("events",),
    credentials={"username": DISPATCH, "password": DISPATCH},
    seed=seed,
    routes=routes,
    touch=touch,
    remove=remove,
    refuse=refuse,
    lenient=KINDS,
    state=State(items=_items, get=_get, put=_put),
    settings={"calendar": f"/{DISPATCH}/{{technician}}/"},
)
