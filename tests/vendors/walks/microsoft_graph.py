"""Microsoft Graph: calendars by the vendor's users' own client package (O365), the rest by plain calls."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import httpx
import pytest

from sandbox.microsoft_graph import TWIN
from tests.vendors.listening import Sandbox

GIVEN = TWIN.credentials
ZONE = ZoneInfo("America/Chicago")
MARKER = "String {66f5a359-4659-4830-9070-00047ec6ac6e} Name FsId"


def token_of(address: str, **form: str) -> Any:
    """What the token endpoint answers an app, or somebody with a refresh token."""
    known = {"client_id": GIVEN["client_id"], "client_secret": GIVEN["client_secret"]}
    asked = {"grant_type": "client_credentials", "scope": "https://graph.microsoft.com/.default", **form}
    return httpx.post(f"{address}/{TWIN.name}/{GIVEN['tenant']}/oauth2/v2.0/token", data={**known, **asked}).json()


def account_of(address: str, mailbox: str) -> Any:
    """The client package, signed in as the app and pointed at a served twin."""
    connection = pytest.importorskip("O365.connection", reason="the client package is not installed")
    package = pytest.importorskip("O365")
    backends = pytest.importorskip("O365.utils.token")

    class Loopback(connection.MSGraphProtocol):  # type: ignore[misc,name-defined]
        _protocol_url = f"{address}/{TWIN.name}/"

    account = package.Account(
        (GIVEN["client_id"], GIVEN["client_secret"]),
        protocol=Loopback(timezone="America/Chicago"),
        auth_flow_type="credentials",
        tenant_id=GIVEN["tenant"],
        main_resource=mailbox,
        token_backend=backends.MemoryTokenBackend(),
    )
    session = account.con.get_session(load_token=False)
    session.headers["Authorization"] = f"Bearer {token_of(address)['access_token']}"
    account.con.session = session  # the package signs in at https addresses alone
    return account


def walk(sandbox: Sandbox) -> None:
    """Every route: mailboxes by the client, then people, windows, rounds, batches and subscriptions."""
    people = sandbox.estate.served[TWIN.name].store.all("users")
    who = next(one for one in people if one["jobTitle"] == "Technician" and one["accountEnabled"])
    _by_client(account_of(sandbox.address, who["userPrincipalName"]))
    with httpx.Client(base_url=f"{sandbox.address}/{TWIN.name}/v1.0") as plain:
        plain.headers["Authorization"] = f"Bearer {token_of(sandbox.address)['access_token']}"
        _people(plain, who)
        for place in ("", "/calendars/{calendar}"):
            _events(plain, who, place)
        _together(plain, who)
        _subscriptions(plain, who)
        person = token_of(sandbox.address, grant_type="refresh_token", refresh_token=GIVEN["person_refresh_token"])
        plain.headers["Authorization"] = f"Bearer {person['access_token']}"
        assert told(plain.get("/me"))["jobTitle"] == "Dispatcher"
        assert told(plain.get(f"/users/{who['id']}/calendars"))["value"]
    assert token_of(sandbox.address, client_secret="no")["error"] == "invalid_client"


def _by_client(account: Any) -> None:
    schedule = account.schedule()
    calendar = schedule.get_default_calendar()
    assert [one.name for one in schedule.list_calendars()] == ["Calendar", "On call"]
    event = calendar.new_event(subject="Furnace tune-up")
    event.start = datetime(2026, 3, 20, 9, tzinfo=ZONE)
    event.end = datetime(2026, 3, 20, 10, 30, tzinfo=ZONE)
    event.body_type, event.body, event.location = "html", "Gate 4471", "12 Elm St, Austin"
    assert event.save()
    event.subject = "Furnace repair"
    assert event.save()
    start, end = datetime(2026, 3, 19, tzinfo=ZONE), datetime(2026, 3, 21, tzinfo=ZONE)
    found = {one.subject: one for one in calendar.get_events(include_recurring=True, start_recurring=start,
                                                            end_recurring=end)}  # fmt: skip
    assert found["Furnace repair"].start == event.start
    assert found["Furnace repair"].delete()
    busy = schedule.get_availability([account.main_resource], start=start, end=end)
    assert [one["scheduleId"] for one in busy] == [account.main_resource]


def told(answer: httpx.Response) -> Any:
    """The body of an answer that is one."""
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


def _people(plain: httpx.Client, who: dict[str, Any]) -> None:
    assert len(told(plain.get("/users", params={"$select": "id,mail", "$top": 3}))["value"]) == 3
    assert told(plain.get(f"/users/{who['userPrincipalName']}"))["id"] == who["id"]
    listed = told(plain.get(f"/users/{who['id']}/calendars"))["value"]
    assert told(plain.get(f"/users/{who['id']}/calendars/{listed[1]['id']}"))["name"] == "On call"
    assert told(plain.get(f"/users/{who['id']}/calendar"))["isDefaultCalendar"]
    shared = told(plain.get(f"/users/{who['id']}/calendar/calendarPermissions"))["value"]
    assert [one["role"] for one in shared] == ["write"]


def _events(plain: httpx.Client, who: dict[str, Any], place: str) -> None:
    calendar = told(plain.get(f"/users/{who['id']}/calendar"))["id"]
    base = f"/users/{who['id']}{place.format(calendar=calendar)}"
    window = {"startDateTime": "2026-03-01T00:00:00Z", "endDateTime": "2026-04-01T00:00:00-05:00"}
    link = told(plain.get(f"{base}/calendarView/delta()", params=window))["@odata.deltaLink"]
    week = {"pattern": {"type": "weekly", "interval": 1, "daysOfWeek": ["monday"]},
            "range": {"type": "numbered", "startDate": "2026-03-16", "numberOfOccurrences": 3}}  # fmt: skip
    body = visit(recurrence=week, singleValueExtendedProperties=[{"id": MARKER, "value": f"visit{place}"}])
    made = told(plain.post(f"{base}/events", json=body))
    own = f"singleValueExtendedProperties/Any(ep: ep/id eq '{MARKER}' and ep/value eq 'visit{place}')"
    shown = {"$expand": f"singleValueExtendedProperties($filter=id eq '{MARKER}')"}
    (found,) = told(plain.get(f"{base}/events", params={"$filter": own, **shown}))["value"]
    assert (found["id"], found["type"]) == (made["id"], "seriesMaster")
    days = told(plain.get(f"{base}/events/{made['id']}/instances", params=window))["value"]
    assert [one["start"]["dateTime"][:10] for one in days] == ["2026-03-16", "2026-03-23", "2026-03-30"]
    moved = {"start": at("2026-03-24T09:00:00"), "end": at("2026-03-24T10:00:00")}
    assert told(plain.patch(f"{base}/events/{days[1]['id']}", json=moved))["type"] == "exception"
    plain.delete(f"{base}/events/{days[2]['id']}")
    assert told(plain.get(f"{base}/events/{made['id']}"))["cancelledOccurrences"] == [days[2]["id"]]
    seen = told(plain.get(f"{base}/calendarView", params={**window, "$top": 100}))["value"]
    assert [one["type"] for one in seen if one["seriesMasterId"] == made["id"]] == ["occurrence", "exception"]
    news = told(plain.get(link))["value"]
    assert {one["id"] for one in news} == {days[0]["id"], days[1]["id"]}
    assert plain.post(f"{base}/events/{made['id']}/cancel", json={"comment": "not needed"}).status_code == 202
    assert plain.get(f"{base}/events/{made['id']}").status_code == 404


def visit(**members: Any) -> dict[str, Any]:
    """A visit as a client writes one."""
    times = {"start": at("2026-03-16T09:00:00"), "end": at("2026-03-16T10:30:00")}
    return {"subject": "Tune-up", "body": {"contentType": "text", "content": "Job 881"}, **times, **members}


def at(wall: str, zone: str = "Central Standard Time") -> dict[str, str]:
    return {"dateTime": wall, "timeZone": zone}


def _together(plain: httpx.Client, who: dict[str, Any]) -> None:
    path, kind = f"/users/{who['id']}/events", {"Content-Type": "application/json"}
    calls: list[dict[str, Any]] = [
        {"id": str(n), "method": "POST", "url": path, "headers": kind, "body": visit(transactionId=f"t{min(n, 2)}")}
        for n in range(4)
    ]
    calls.append({"id": "4", "method": "GET", "url": path, "dependsOn": ["3"]})
    answers = told(plain.post("/$batch", json={"requests": calls}))["responses"]
    assert [one["status"] for one in answers] == [201, 201, 201, 400, 424]


def _subscriptions(plain: httpx.Client, who: dict[str, Any]) -> None:
    ends = (datetime(2026, 3, 12, tzinfo=UTC) + timedelta(days=2)).isoformat().replace("+00:00", "Z")
    asked = {"changeType": "created,updated", "resource": f"/users/{who['id']}/events", "expirationDateTime": ends}
    with listening() as address:
        made = told(plain.post("/subscriptions", json={**asked, "notificationUrl": address, "clientState": "secret"}))
    path = f"/subscriptions/{made['id']}"
    assert told(plain.get(path))["id"] == made["id"]
    assert len(told(plain.get("/subscriptions"))["value"]) == 1
    assert plain.patch(path, json={"expirationDateTime": ends}).status_code == 204
    assert plain.delete(path).status_code == 204


@contextmanager
def listening(status: int = 200) -> Iterator[str]:
    """An address that gives a validation token back."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            token = parse_qs(urlsplit(self.path).query)["validationToken"][0]
            self.send_response(status)
            self.send_header("Content-Type", "text/plain")
            self.end_headers()
            self.wfile.write(token.encode())

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/notices"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
