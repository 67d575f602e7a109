"""The caller's own settings, read only (discovery: calendar.settings)."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from sandbox.google_calendar.dialect import Call, not_found, reply
from sandbox.google_calendar.listing import cut, open_round
from sandbox.google_calendar.stamps import make_id

Record = dict[str, Any]


def list_settings(call: Call) -> Response:
    """``GET users/me/settings``."""
    round = open_round(call, f"settings:{call.caller.email}", role="owner", default=100, top=250, refused=())
    rows = [] if round.since is not None else [([setting["id"]], setting) for setting in _settings(call)]
    etag = f'"{make_id(*(setting["etag"] for setting in _settings(call)), length=16)}"'
    return reply(call, {"kind": "calendar#settings", "etag": etag, **cut(call, round, rows)})


def get_setting(call: Call) -> Response:
    for setting in _settings(call):
        if setting["id"] == call.ids["setting"]:
            return reply(call, setting)
    raise not_found()


def _settings(call: Call) -> list[Record]:
    own = call.store.get("calendars", call.caller.email) or {}
    values = {
        "dateFieldOrder": "MDY",
        "format24HourTime": "false",
        "locale": "en",
        "timezone": own.get("timeZone", "UTC"),
        "weekStart": "0",
    }
    return [
        {"kind": "calendar#setting", "etag": f'"{make_id(id, value, length=16)}"', "id": id, "value": value}
        for id, value in values.items()
    ]
