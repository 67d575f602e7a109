"""The visit as a calendar file below its message, for who wants it in a calendar of their own: Slack's three steps.

The bytes go up before anything is said, so that a failure there leaves nothing behind. What fails afterwards is in
doubt and no refusal: the message stands. Facts of the vendor come from its fact sheet (facts.md, Files).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from icalendar import Calendar, Event

from connectors.slack.dialect import tell
from connectors.spec import Api
from models.errors import Ambiguous, Gone, SystemFailure, Unreachable

NAME = "visit.ics"
# What the file says; when none of it moved, the file stays.
MEMBERS = ("core_id", "title", "instructions", "starts_at", "ends_at", "starts_on", "ends_on", "place")
Said = Mapping[str, Any]


def wanted(api: Api) -> bool:
    return bool(api.settings.get("calendar_files"))


def added(api: Api, said: Said, before: Said) -> dict[str, Any]:
    """What the metadata will say, with the file that belongs to it: the old one while it holds, else one just sent."""
    if not wanted(api) or not (said.get("starts_at") or said.get("starts_on")):
        return dict(said)
    holds = before.get("file") and all(said.get(name) == before.get(name) for name in MEMBERS)
    return {**said, "file": before["file"] if holds else _uploaded(api, content(said, api.now()))}


def shared(api: Api, said: Said, before: Said, place: Mapping[str, str]) -> None:
    """Show a new file below the message and remove the one before. Ambiguous when that fails: the message was said."""
    file, old = said.get("file"), before.get("file")
    try:
        if file and file != old:
            files = json.dumps([{"id": file, "title": said.get("title") or "Visit"}])
            where = {"channel_id": place["channel"], "thread_ts": place["ts"]}
            tell(api, "files.completeUploadExternal", {"files": files, **where})
        if old and file != old:
            removed(api, old)
    except SystemFailure as problem:
        raise Ambiguous(api.system, f"the message was said, its calendar file may be missing: {problem}") from problem


def removed(api: Api, file: str) -> None:
    """Delete a file; one that is gone already is as it should be."""
    try:
        tell(api, "files.delete", {"file": file}, repeatable=True)
    except Gone:
        return


def content(said: Said, now: datetime) -> bytes:
    """One event, its instants in UTC; the last day of an all-day one is included here and excluded there."""
    event = Event()
    event.add("uid", f"{said['core_id']}@plumbline")
    event.add("dtstamp", now)
    event.add("summary", said.get("title") or "Visit")
    if said.get("starts_on"):
        event.add("dtstart", date.fromisoformat(said["starts_on"]))
        event.add("dtend", date.fromisoformat(said.get("ends_on") or said["starts_on"]) + timedelta(days=1))
    else:
        event.add("dtstart", datetime.fromisoformat(said["starts_at"]))
        event.add("dtend", datetime.fromisoformat(said.get("ends_at") or said["starts_at"]))
    for name, member in (("location", "place"), ("description", "instructions")):
        if said.get(member):
            event.add(name, said[member])
    calendar = Calendar()
    calendar.add("prodid", "-//Plumbline//EN")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _uploaded(api: Api, body: bytes) -> str:
    """An address for the bytes, and the bytes; the file is nowhere to be seen yet."""
    asked = tell(api, "files.getUploadURLExternal", {"filename": NAME, "length": str(len(body))}, repeatable=True)
    kind = {"Content-Type": "application/octet-stream"}
    answer = api.request("POST", asked["upload_url"], content=body, headers=kind, repeatable=True)
    if not answer.text.startswith("OK"):
        raise Unreachable(api.system, "it did not take a calendar file; read its status page, or try again later")
    return str(asked["file_id"])
