"""One walk over every call of the twin, each answer held against the vendor's description.

The other tests of this folder hold their answers against it too; this one says that no call is left out.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest

from sandbox.google_calendar.routes import OPERATIONS
from tests.sandbox.google_calendar.conftest import OTHER, TECH, V3, Api, visit
from tests.vendors.description import VENDORS, problems_of

pytestmark = pytest.mark.skipif(
    not (VENDORS / "google_calendar").is_dir(), reason="the vendor's description is absent: ../shared is not here"
)


def walk(api: Api) -> None:
    events, calendar = f"/calendars/{TECH}/events", api.write("POST", "/calendars", {"summary": "Vans"})["id"]
    api.create(id="stroll1", attendees=[{"email": OTHER}], recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    api.write("PUT", f"{events}/stroll1", visit())
    api.write("PATCH", f"{events}/stroll1", {"recurrence": ["RRULE:FREQ=DAILY;COUNT=2"]})
    for path in ("/stroll1/instances", "/stroll1", "?singleEvents=true", "?showDeleted=true"):
        api.get(f"{events}{path}")
    api.write("PATCH", f"{events}/stroll1", {"recurrence": None})
    api.write("POST", f"{events}/stroll1/move?destination={OTHER}")
    api.write("DELETE", f"/calendars/{OTHER}/events/stroll1", status=204)
    api.write("POST", f"{events}/import", visit(iCalUID="walk@else.example"))
    rule = {"role": "reader", "scope": {"type": "user", "value": OTHER}}
    api.write("POST", f"/calendars/{TECH}/acl", rule)
    for method in ("PUT", "PATCH"):
        api.write(method, f"/calendars/{TECH}/acl/user:{OTHER}", rule)
        api.write(method, f"/calendars/{calendar}", {"summary": "Trucks"})
        api.write(method, f"/users/me/calendarList/{calendar}", {"id": calendar, "colorId": "3"})
    for path in (f"/calendars/{TECH}/acl", f"/calendars/{TECH}/acl/user:{OTHER}", f"/calendars/{calendar}"):
        api.get(path)
    api.write("DELETE", f"/calendars/{TECH}/acl/user:{OTHER}", status=204)
    for path in ("", f"/{calendar}"):
        api.get(f"/users/me/calendarList{path}")
    api.write("DELETE", f"/users/me/calendarList/{calendar}", status=204)
    api.write("POST", "/users/me/calendarList", {"id": calendar})
    api.write("DELETE", f"/calendars/{calendar}", status=204)
    api.write("POST", f"/calendars/{TECH}/clear", status=204)
    for path in ("/users/me/settings", "/users/me/settings/locale"):
        api.get(path)
    span = {"timeMin": "2026-03-01T00:00:00Z", "timeMax": "2026-04-01T00:00:00Z", "items": [{"id": OTHER}]}
    api.write("POST", "/freeBusy", span)
    for path in ("?customer=my_customer", f"/{TECH}"):
        api.send("GET", f"/google_calendar/admin/directory/v1/users{path}")


def test_every_call_answers_as_the_vendor_describes(api: Api) -> None:
    walk(api)
    seen = [(one.method, unquote(one.path)) for one in api.app.recording]
    for operation in OPERATIONS:
        pattern = re.sub(r"\{\w+\}", "[^/]+", operation.path)
        assert any(method == operation.method and re.fullmatch(pattern, path) for method, path in seen), operation.path
    assert problems_of(api.app.recording) == []


def test_a_wrong_answer_would_be_noticed(api: Api) -> None:
    api.served.store.bag["noticed"] = True
    api.send("GET", f"{V3}/calendars/{TECH}")
    (exchange,) = api.app.recording
    spoilt = exchange.__class__(
        **{name: getattr(exchange, name) for name in exchange.__dataclass_fields__}
        | {"response_body": exchange.response_body.replace(b'"calendar#calendar"', b"7")}
    )
    assert any(": answer" in line for line in problems_of([spoilt]))
