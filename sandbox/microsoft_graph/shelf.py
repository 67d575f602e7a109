"""Where things lie: people by id, calendars as ``<user>/<calendar>``, events by id with a link to their calendar."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sandbox.microsoft_graph import series
from sandbox.microsoft_graph.dialect import API, Failure, missing
from sandbox.microsoft_graph.drafts import PLACE
from sandbox.store import Store
from sandbox.twin import Record

_LINK = re.compile(r"users\('([^']+)'\)/calendars\('([^']+)'\)")


def person(store: Store, name: str) -> Record | None:
    """Somebody by id, sign-in name or address."""
    found = store.get("users", name)
    if found is not None:
        return found
    wanted = name.lower()
    return next((one for one in store.all("users") if one["userPrincipalName"].lower() == wanted), None)


def owner(store: Store, name: str) -> Record:
    """Somebody of the directory. Raises Failure 404."""
    found = person(store, name)
    if found is None:
        message = f"Resource '{name}' does not exist or one of its queried reference-property objects are not present."
        raise Failure(status=404, code="Request_ResourceNotFound", message=message)
    return found


def calendars(store: Store, mailbox: str) -> list[Record]:
    """The calendars of a mailbox, the default one first. Raises Failure 404 for somebody without a mailbox."""
    found = [one for key, one in store.items("calendars") if key.startswith(f"{mailbox}/")]
    if not found:
        message = "The mailbox is either inactive, soft-deleted, or is hosted on-premise."
        raise Failure(status=404, code="MailboxNotEnabledForRESTAPI", message=message)
    return sorted(found, key=lambda one: not one["isDefaultCalendar"])


def calendar(store: Store, mailbox: str, id: str | None) -> Record:
    """A calendar by id, the default one without. Raises Failure 404."""
    listed = calendars(store, mailbox)
    found = next((one for one in listed if id in (None, one["id"])), None)
    if found is None:
        raise missing()
    return found


def link(store: Store, mailbox: str, calendar: str) -> str:
    return f"{store.base_url}{API}/users('{mailbox}')/calendars('{calendar}')"


def place_of(event: Record) -> tuple[str, str]:
    """Mailbox and calendar that an event stands in; two empty texts when it does not say."""
    found = _LINK.search(str(event.get(PLACE) or ""))
    return (found[1], found[2]) if found else ("", "")


def events(store: Store, mailbox: str, calendar: str) -> Iterator[Record]:
    """Single events, masters and exceptions of a calendar, as they are kept."""
    for one in store.all("events"):
        if place_of(one) == (mailbox, calendar):
            yield one


def event(store: Store, mailbox: str, id: str) -> Record:
    """An event of a mailbox, or the day of a series that an id names. Raises Failure 404."""
    found = store.get("events", id) or series.find(store, id)
    if found is None or place_of(found)[0] != mailbox:
        raise missing()
    return found
