"""Calendars, by an independent client of the protocol: there is no vendor and so no client of its own."""

from __future__ import annotations

import httpx
import pytest

from sandbox.caldav import TWIN
from tests.sandbox.caldav.test_caldav import EVENT
from tests.vendors.listening import Sandbox

METHODS = frozenset({"OPTIONS", "PROPFIND", "REPORT", "GET", "PUT", "DELETE", "MKCALENDAR", "MOVE"})
"""What a calendar client does; the server's route table is one route that takes them all."""


def walk(sandbox: Sandbox) -> None:
    """Every method of the protocol."""
    client_of = pytest.importorskip("caldav", reason="the CalDAV client is not installed")
    base, given = f"{sandbox.address}/{TWIN.name}/", TWIN.credentials
    who = (given["username"], given["password"])
    with client_of.DAVClient(url=base, username=who[0], password=who[1]) as client:
        calendar = next(one for one in client.principal().get_calendars() if str(one.url).endswith("/tech1/"))
        made = calendar.save_event(EVENT.format(uid="walk-1", summary="Walk"))
        made.load()
        first = calendar.objects_by_sync_token()
        made.delete()
        assert first.sync() is not None
        made = client.principal().make_calendar(name="Walk", cal_id="walk")
        event = made.save_event(EVENT.format(uid="walk-2", summary="Walk on"))
        assert len(made.get_events()) == 1
    with httpx.Client(auth=who) as plain:
        assert plain.options(str(event.url)).status_code == 200
        there = str(event.url).replace("/walk/", "/tech1/")
        assert plain.request("MOVE", str(event.url), headers={"Destination": there}).status_code == 201
