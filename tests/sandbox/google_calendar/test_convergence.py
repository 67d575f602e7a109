"""The law behind sync tokens: full read plus changes is the same as a new full read."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tests.sandbox.google_calendar.conftest import OTHER, TECH, Api, visit

Copy = dict[str, dict[str, Any]]


def read(api: Api, calendar: str, copy: Copy, rng: random.Random, **query: str) -> str:
    """One round of pages of any size, written into the copy as a client does; gives the next sync token."""
    more: dict[str, Any] = {**query, "maxResults": rng.randint(1, 4)}
    page: dict[str, Any] = {"nextPageToken": None}
    while "nextPageToken" in page:
        token = page["nextPageToken"]
        page = api.get(f"/calendars/{calendar}/events", **more, **({"pageToken": token} if token else {}))
        for event in page["items"]:
            if event["status"] == "cancelled" and "recurringEventId" not in event:
                copy.pop(event["id"], None)
            else:
                copy[event["id"]] = event
        if rng.random() < 0.3:
            act(api, calendar, rng)
    return str(page["nextSyncToken"])


def act(api: Api, calendar: str, rng: random.Random) -> None:
    """One change by anybody: a new event, an edit, a deletion, a move away, an answer of a guest."""
    events = api.get(f"/calendars/{calendar}/events")["items"]
    event = rng.choice([one for one in events if "recurringEventId" not in one] or [None])
    path = f"/calendars/{calendar}/events"
    kind = rng.choice(["create", "create", "edit", "delete", "move", "series", "instance"])
    if kind == "create" or event is None:
        api.write("POST", path, visit(attendees=[{"email": OTHER}] if rng.random() < 0.3 else None))
    elif kind == "series":
        api.write("POST", path, visit(recurrence=["RRULE:FREQ=DAILY;COUNT=3"]))
    elif kind == "instance" and "recurrence" in event:
        instances = api.get(f"{path}/{event['id']}/instances")["items"]
        if instances:
            api.write("DELETE", f"{path}/{rng.choice(instances)['id']}", status=204)
    elif kind == "delete":
        api.write("DELETE", f"{path}/{event['id']}", status=204)
    elif kind == "move" and event["organizer"].get("self") and not event.get("attendees"):
        target = OTHER if calendar == TECH else TECH
        api.write("POST", f"{path}/{event['id']}/move?destination={target}")
    elif event["organizer"].get("self"):
        api.write("PATCH", f"{path}/{event['id']}", {"summary": f"Visit {rng.random():.3f}"})


@pytest.mark.parametrize("seed", range(6))
def test_full_read_plus_changes_is_a_new_full_read(api: Api, seed: int) -> None:
    rng = random.Random(seed)
    api.served.store.bag |= {"per_user": 10**6, "per_project": 10**6}
    copies: dict[str, Copy] = {TECH: {}, OTHER: {}}
    tokens = {calendar: read(api, calendar, copy, rng) for calendar, copy in copies.items()}
    for _ in range(6):
        for _ in range(rng.randint(0, 4)):
            act(api, TECH, rng)
        tokens = {
            calendar: read(api, calendar, copy, rng, syncToken=tokens[calendar]) for calendar, copy in copies.items()
        }
    rng.random = lambda: 1.0  # type: ignore[method-assign]  # nobody changes anything any more
    for calendar, copy in copies.items():
        read(api, calendar, copy, rng, syncToken=tokens[calendar])
        whole: Copy = {}
        read(api, calendar, whole, rng)
        orphans = {id for id, event in copy.items() if event.get("recurringEventId", id) not in copy}
        assert {id: event for id, event in copy.items() if id not in orphans} == whole
