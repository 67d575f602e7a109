"""Every call of the API: its method, path, handler and the scopes that open it.

The scopes are those of the vendor's discovery documents.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, Router

from sandbox.google_calendar import calendars, directory, freebusy, quota, reading, settings, shapes, sharing, writing
from sandbox.google_calendar.auth import caller_of, token_endpoint
from sandbox.google_calendar.batch import batch_endpoint
from sandbox.google_calendar.dialect import CalendarError, Call, Record, not_found
from sandbox.store import Store

Handler = Callable[[Call], Response]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One call of the API; ``scopes`` are the ends of the vendor's scope addresses, any of which will do."""

    method: str
    path: str
    handler: Handler
    scopes: tuple[str, ...]


_EVENTS_WRITE = ("calendar", "calendar.events", "calendar.app.created", "calendar.events.owned")
_EVENTS_READ = (
    *_EVENTS_WRITE,
    "calendar.readonly",
    "calendar.events.readonly",
    "calendar.events.freebusy",
    "calendar.events.owned.readonly",
    "calendar.events.public.readonly",
)
_CALENDAR_WRITE = ("calendar", "calendar.calendars", "calendar.app.created")
_CALENDAR_READ = (*_CALENDAR_WRITE, "calendar.readonly", "calendar.calendars.readonly")
_LIST_WRITE = ("calendar", "calendar.calendarlist", "calendar.app.created")
_LIST_READ = (*_LIST_WRITE, "calendar.readonly", "calendar.calendarlist.readonly")
_RULES_WRITE = ("calendar", "calendar.acls")
_RULES_READ = (*_RULES_WRITE, "calendar.acls.readonly", "calendar.readonly")
_FREE_BUSY = ("calendar", "calendar.readonly", "calendar.freebusy", "calendar.events.freebusy")
_SETTINGS = ("calendar", "calendar.readonly", "calendar.settings", "calendar.settings.readonly")
_DIRECTORY = ("admin.directory.user", "admin.directory.user.readonly", "cloud-platform")

_ONE = "/calendars/{calendarId}"
_EVENT = _ONE + "/events/{eventId}"
_RULE = _ONE + "/acl/{ruleId}"
_LIST = "/users/me/calendarList"
_ENTRY = _LIST + "/{calendarId}"

_CALENDAR_TABLE: tuple[tuple[str, str, Handler, tuple[str, ...]], ...] = (
    ("GET", _ONE + "/events", reading.list_events, _EVENTS_READ),
    ("POST", _ONE + "/events", writing.insert_event, _EVENTS_WRITE),
    ("POST", _ONE + "/events/import", writing.import_event, _EVENTS_WRITE),
    ("GET", _EVENT, reading.get_event, _EVENTS_READ),
    ("PUT", _EVENT, writing.update_event, _EVENTS_WRITE),
    ("PATCH", _EVENT, writing.patch_event, _EVENTS_WRITE),
    ("DELETE", _EVENT, writing.delete_event, _EVENTS_WRITE),
    ("GET", _EVENT + "/instances", reading.list_instances, _EVENTS_READ),
    ("POST", _EVENT + "/move", writing.move_event, _EVENTS_WRITE),
    ("GET", _ONE + "/acl", sharing.list_rules, _RULES_READ),
    ("POST", _ONE + "/acl", sharing.insert_rule, _RULES_WRITE),
    ("GET", _RULE, sharing.get_rule, _RULES_READ),
    ("PUT", _RULE, sharing.change_rule, _RULES_WRITE),
    ("PATCH", _RULE, sharing.change_rule, _RULES_WRITE),
    ("DELETE", _RULE, sharing.delete_rule, _RULES_WRITE),
    ("POST", "/calendars", calendars.insert_calendar, _CALENDAR_WRITE),
    ("GET", _ONE, calendars.get_calendar, _CALENDAR_READ),
    ("PUT", _ONE, calendars.update_calendar, _CALENDAR_WRITE),
    ("PATCH", _ONE, calendars.patch_calendar, _CALENDAR_WRITE),
    ("DELETE", _ONE, calendars.delete_calendar, _CALENDAR_WRITE),
    ("POST", _ONE + "/clear", calendars.clear_calendar, ("calendar", "calendar.calendars")),
    ("GET", _LIST, sharing.list_calendars, _LIST_READ),
    ("POST", _LIST, sharing.insert_entry, _LIST_WRITE),
    ("GET", _ENTRY, sharing.get_entry, _LIST_READ),
    ("PUT", _ENTRY, sharing.update_entry, _LIST_WRITE),
    ("PATCH", _ENTRY, sharing.patch_entry, _LIST_WRITE),
    ("DELETE", _ENTRY, sharing.delete_entry, _LIST_WRITE),
    ("GET", "/users/me/settings", settings.list_settings, _SETTINGS),
    ("GET", "/users/me/settings/{setting}", settings.get_setting, _SETTINGS),
    ("POST", "/freeBusy", freebusy.query_free_busy, _FREE_BUSY),
)
_DIRECTORY_TABLE: tuple[tuple[str, str, Handler, tuple[str, ...]], ...] = (
    ("GET", "/users", directory.list_users, _DIRECTORY),
    ("GET", "/users/{userKey}", directory.get_user, _DIRECTORY),
)
# By a part of the path; the first that fits.
_SHAPES = (
    ("/events", shapes.EVENT),
    ("/acl", shapes.RULE),
    ("/calendarList", shapes.ENTRY),
    ("/freeBusy", shapes.FREE_BUSY),
    ("/calendars", shapes.CALENDAR),
)
OPERATIONS = tuple(
    Operation(method=method, path=prefix + path, handler=handler, scopes=scopes)
    for prefix, table in (("/calendar/v3", _CALENDAR_TABLE), ("/admin/directory/v1", _DIRECTORY_TABLE))
    for method, path, handler, scopes in table
)


def make_routes(store: Store) -> list[BaseRoute]:
    """The vendor's routes over one store, token and batch endpoints included."""
    calls: list[BaseRoute] = [
        Route(operation.path, _endpoint(store, operation), methods=[operation.method]) for operation in OPERATIONS
    ]
    inner = Router(routes=[*calls, _unknown()], redirect_slashes=False)
    return [
        *calls,
        Route("/token", token_endpoint(store), methods=["POST"]),
        Route("/batch/calendar/v3", batch_endpoint(inner), methods=["POST"]),
        _unknown(),
    ]


def _endpoint(store: Store, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        body = await request.body()
        try:
            with store.lock:
                return operation.handler(_call(store, operation, request, body))
        except CalendarError as refused:
            return refused.response()

    return endpoint


def _call(store: Store, operation: Operation, request: Request, body: bytes) -> Call:
    """The authorised call, counted against the quota."""
    caller = caller_of(store, request.headers)
    quota.spend(store, caller, request.query_params.get("quotaUser"))
    quota.check_scope(caller, operation.scopes)
    return Call(
        store=store,
        caller=caller,
        method=request.method,
        path=request.url.path,
        query=request.query_params,
        headers=request.headers,
        ids=request.path_params,
        body=_body(body, operation.path) if request.method in ("POST", "PUT", "PATCH") else {},
    )


def _body(content: bytes, path: str) -> Record:
    try:
        body = json.loads(content or b"{}")
    except ValueError:
        raise CalendarError(400, "parseError", "Parse Error") from None
    if not isinstance(body, dict):
        raise CalendarError(400, "parseError", "Parse Error")
    shapes.check(body, next((shape for part, shape in _SHAPES if part in path), {}))
    return body


def _unknown() -> Route:
    async def endpoint(_request: Request) -> Response:
        return not_found().response()

    return Route("/{path:path}", endpoint, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])
