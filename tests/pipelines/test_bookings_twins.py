"""Double bookings before the twins of the calendars: what people do there is told, and what nobody can see is said."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from pipelines import bookings
from pipelines.company import Company, assemble
from pipelines.report import account
from pipelines.settings import load
from pipelines.sync import run_sync
from pipelines.warehouse import open_snapshot
from sandbox.serving import serving
from tests.pipelines import short_read
from tests.pipelines.desk import SYSTEMS

MINE = "tech2@bluebonnet.example.com"
EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:{id}\r\nDTSTAMP:20260311T150000Z\r\n"
    "DTSTART;TZID={zone}:20260312T{start}00\r\nDURATION:PT30M\r\nSUMMARY:Dentist\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)
# Nobody's seeded day: it begins at midnight in Chicago.
AT, LATER = "2026-03-12T05:00:00Z", "2026-03-12T07:00:00Z"


@dataclass(slots=True, kw_only=True)
class Office:
    """A notebook with the schedule, two calendar systems, and the hands of people in them."""

    folder: Path
    admin: httpx.Client
    company: Company

    def visit(self, id: str, start: str, end: str) -> None:
        path = self.folder / "field.json"
        data = json.loads(path.read_text()) if path.exists() else {"workers": WORKERS, "visits": {}}
        data["visits"][id] = {"id": id, "title": id.title(), "start": start, "end": end, "crew": [{"id": "w2"}]}
        path.write_text(json.dumps(data))

    def sync(self) -> dict[str, Any]:
        return account(run_sync(self.company, check=lambda *_: ()), 0.0)

    def own_event(self) -> tuple[str, dict[str, Any]]:
        """An event of the technician's own in Google, that is no series."""
        items = self.admin.get("/_sandbox/state/google_calendar/events").json()["records"]
        return next(
            (one["id"], one["record"])
            for one in items
            if one["id"].startswith(MINE) and "dateTime" in one["record"].get("start", {})
            and "recurrence" not in one["record"] and "recurringEventId" not in one["record"]
        )  # fmt: skip

    def move(self, id: str, start: str, end: str) -> None:
        times = {"start": {"dateTime": start, "timeZone": "UTC"}, "end": {"dateTime": end, "timeZone": "UTC"}}
        self.admin.patch(f"/_sandbox/state/google_calendar/events/{id}", json=times).raise_for_status()

    def put(self, id: str, start: str, zone: str = "America/Chicago") -> None:
        record = {"ics": EVENT.format(id=id, start=start, zone=f'"{zone}"')}
        body = {"id": f"dispatch/tech2/{id}.ics", "record": record}
        self.admin.post("/_sandbox/state/caldav/events", json=body).raise_for_status()

    def kinds(self) -> list[tuple[str | None, int]]:
        return sorted((row["system"], row["minutes"]) for row in bookings.listing(self.company))


WORKERS = {
    "w2": {"id": "w2", "name": "Tess Two", "email": MINE},
    "w9": {"id": "w9", "name": "Nia Nine", "email": "nia@bluebonnet.example.com"},
}


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    monkeypatch.setattr("pipelines.sync.read_all", short_read.read_all)
    monkeypatch.setenv("PLUMBLINE_CONNECTORS", str(SYSTEMS))
    with serving(only=["google_calendar", "caldav"], headroom=20) as address, httpx.Client(base_url=address) as admin:
        calendar = {"roles": ["calendar"], "environment": "sandbox", "headroom": 20}
        google = {"service_account": "sandbox:*", "subject": "sandbox:"}
        basic = {"username": "sandbox:", "password": "sandbox:"}
        field = {"connector": "notebook", "roles": ["scheduling"], "settings": {"file": str(tmp_path / "field.json")}}
        systems = {
            "field": {**field, "base_url": "https://field.example", "environment": "sandbox"},
            "google_calendar": {**calendar, "base_url": f"{address}/google_calendar", "credentials": google},
            "caldav": {**calendar, "base_url": f"{address}/caldav", "credentials": basic},
        }
        handoffs = {"google_calendar.assignment": {"mode": "live", "deletes": "mirror"}}
        stack = {"company": "T", "time_zone": "America/Chicago", "clock": f"{address}/_sandbox/clock"}
        (tmp_path / "stack.yml").write_text(json.dumps(stack | {"systems": systems, "handoffs": handoffs}))
        yield Office(folder=tmp_path, admin=admin, company=assemble(load(tmp_path / "stack.yml")))


def test_what_a_person_does_in_a_calendar_is_told_by_the_next_sync_and_holds_what_would_follow(office: Office) -> None:
    office.visit("heater", AT, "2026-03-12T06:00:00Z")
    said = office.sync()
    assert (said["double_bookings"], said["pushed"]["delivered"]) == (0, 1)
    id, _ = office.own_event()
    office.move(id, "2026-03-12T05:40:00Z", "2026-03-12T06:40:00Z")
    office.put("dentist", "0010")
    said = office.sync()
    assert (said["double_bookings"], office.kinds()) == (2, [("caldav", 30), ("google_calendar", 20)])
    assert said["pushed"] == {"delivered": 0, "held": 0, "rejected": 0}
    office.move(id, LATER, "2026-03-12T08:00:00Z")
    office.visit("boiler", LATER, "2026-03-12T07:30:00Z")
    said = office.sync()
    assert office.kinds() == [("caldav", 30), ("google_calendar", 30)]
    assert said["pushed"] == {"delivered": 0, "held": 1, "rejected": 0}


def test_story_50_a_calendar_that_was_not_read_for_long_is_unknown_and_new_visits_wait(office: Office) -> None:
    office.visit("heater", AT, "2026-03-12T06:00:00Z")
    office.sync()
    office.put("dentist", "0010")
    office.sync()
    assert [row["known"] for row in bookings.listing(office.company)] == [True]
    office.admin.post("/_sandbox/faults", json={"system": "caldav", "kind": "unauthorized"}).raise_for_status()
    office.admin.post("/_sandbox/clock", json={"advance_seconds": 25 * 3600}).raise_for_status()
    office.company = assemble(load(office.folder / "stack.yml"))  # a company asks the sandbox's clock once
    office.visit("boiler", "2026-03-14T05:00:00Z", "2026-03-14T06:00:00Z")
    current = run_sync(office.company, check=lambda *_: ())
    (held,) = [h for d in current.deliveries.values() for h in d.held]
    assert "calendar /dispatch/tech2/ is unknown: caldav was last read at 2026-03-11" in held.reason
    late = [row for row in bookings.coverage(office.company) if row["technician"] == "Tess Two" and not row["covered"]]
    assert [(row["system"], "was last read at" in row["why"]) for row in late] == [("caldav", True)]
    office.admin.delete("/_sandbox/faults").raise_for_status()
    assert office.sync()["pushed"]["delivered"] == 1


def test_story_51_what_is_not_covered_is_named(office: Office) -> None:
    office.visit("heater", AT, "2026-03-12T06:00:00Z")
    office.put("odd", "0900", zone="tzone://Microsoft/Custom")
    office.sync()
    rows = bookings.coverage(office.company)
    assert {row["system"] for row in rows if row["technician"] == "Tess Two" and row["covered"]} == {
        "caldav",
        "google_calendar",
    }
    missing = {
        (row["what"], row["system"], row["calendar"] or row["technician"]): row["why"]
        for row in rows
        if not row["covered"]
    }
    assert "belongs to no technician" in missing["calendar", "caldav", "/dispatch/tech3/"]
    assert "no calendar with busy time" in missing["technician", None, "Nia Nine"]
    assert "tzone://Microsoft/Custom" in missing["entries set aside", "caldav", None]
    with open_snapshot(office.company.snapshot) as warehouse:
        assert warehouse.value("SELECT count(*) FROM core.busy WHERE all_day AND deleted_at IS NULL") > 8


def test_story_9_a_first_sync_and_those_after_it_send_no_mail(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """The calendars are full of people's own events, series among them; the twin keeps the mails that it would send."""

    def kept(name: str) -> list[Any]:
        return list(office.admin.get(f"/_sandbox/state/google_calendar/{name}").json()["records"])

    theirs = {one["id"]: one["record"] for one in kept("events")}
    assert any("recurrence" in one for one in theirs.values())
    office.visit("heater", AT, "2026-03-12T06:00:00Z")
    assert office.sync()["pushed"]["delivered"] == 1
    assert kept("mails") == []
    [made] = [one["id"] for one in kept("events") if one["id"] not in theirs]
    guest = {"attendees": [{"email": "neighbour@elsewhere.example"}]}
    office.admin.patch(f"/_sandbox/state/google_calendar/events/{made}", json=guest).raise_for_status()
    office.visit("heater", LATER, "2026-03-12T08:00:00Z")
    assert office.sync()["pushed"]["delivered"] == 1
    assert kept("mails") == []
    monkeypatch.setattr("connectors.google_calendar.writing.QUIET", {"sendUpdates": "all"})
    office.visit("heater", AT, "2026-03-12T06:00:00Z")
    assert office.sync()["pushed"]["delivered"] == 1
    assert [one["record"]["to"] for one in kept("mails")] == ["neighbour@elsewhere.example"]  # so it would have been
