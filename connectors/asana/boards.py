"""The two projects that Plumbline works in, and how Asana is asked: envelopes, pages, columns, custom fields.

Facts of the vendor come from its fact sheet (facts.md), named by section.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from connectors.answers import one_at, part
from connectors.paging import token_pages
from connectors.spec import Api, Record
from models.errors import Ambiguous, Rejected, Transient

API = "/api/1.0"
TASKS = f"{API}/tasks"
PAGE = 100  # the most that one page holds (Pagination)
# Lists and answers show gid, name and type alone unless they are asked for more (Base, auth, envelope).
MEMBERS = (
    "name", "notes", "completed", "completed_at", "created_at", "modified_at", "due_on", "due_at", "start_on",
    "start_at", "assignee", "assignee.name", "external", "memberships.project", "memberships.section",
    "memberships.section.name", "custom_fields.name", "custom_fields.display_value", "permalink_url",
)  # fmt: skip
SHOWN = ",".join(MEMBERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Board:
    """One project whose tasks are records of one entity.

    setting   the setting that holds the project's gid
    sections  canonical status -> the section (column) that says it
    fields    canonical field -> the text custom field that keeps it
    """

    setting: str
    sections: Mapping[str, str]
    fields: Mapping[str, str]

    def gid(self, api: Api) -> str:
        return str(api.settings[self.setting])

    def address(self, api: Api) -> str:
        """The project's own address."""
        return f"{API}/projects/{quote(self.gid(api), safe='')}"


JOBS = Board(
    setting="jobs",
    sections={
        "new": "New", "scheduled": "Scheduled", "in_progress": "In progress", "paused": "Paused",
        "completed": "Completed", "canceled": "Canceled",
    },
    fields={"number": "Job number"},
)  # fmt: skip
ASSIGNMENTS = Board(
    setting="assignments",
    sections={
        "scheduled": "Scheduled", "en_route": "En route", "started": "Started", "paused": "Paused",
        "completed": "Completed", "canceled": "Canceled",
    },
    fields={"place": "Place"},
)  # fmt: skip
DONE = ("completed", "canceled")  # a task that nobody has to do any more is checked off


def at(gid: str) -> str:
    """The address of a task; the colon of an external one stays as it is (Idempotency)."""
    return f"{TASKS}/{quote(gid, safe=':')}"


def pages(api: Api, path: str, **params: str) -> Iterator[Sequence[Record]]:
    """The pages of a list; ``next_page`` is null on the last one (Pagination)."""

    def fetch(offset: str | None) -> tuple[Sequence[Record], str | None]:
        body = api.request("GET", path, params={"limit": PAGE, "offset": offset, **params}).json()
        following = body.get("next_page")
        return body["data"], following and following["offset"]

    return token_pages(fetch, system=api.system)


def task(api: Api, gid: str) -> Record | None:
    """A task as it is now; None when it was deleted."""
    found = one_at(api, at(gid), params={"opt_fields": SHOWN})
    return None if found is None else part(api, found, "data")


def shown(one: Record, board: str) -> dict[str, Any] | None:
    """A task with its place on this board alone, since it may stand on several; None when it is not there."""
    here = [each for each in one["memberships"] if each["project"]["gid"] == board]
    return {**one, "memberships": here} if here else None


def sections(api: Api, board: Board) -> dict[str, str]:
    """The gid of each section of the board, by name."""
    found = pages(api, f"{board.address(api)}/sections", opt_fields="name")
    return {one["name"]: one["gid"] for page in found for one in page}


def fields(api: Api, board: Board) -> dict[str, Record]:
    """The custom fields that tasks of the board have, by name."""
    told = "custom_field.name,custom_field.type"
    found = pages(api, f"{board.address(api)}/custom_field_settings", opt_fields=told)
    return {one["custom_field"]["name"]: one["custom_field"] for page in found for one in page}


def place(api: Api, board: Board, status: str) -> str:
    """The gid of the section that says this status. Rejected when the board has none of that name."""
    name = board.sections.get(status, status)
    if (gid := sections(api, board).get(name)) is None:
        raise Rejected(api.system, f"project {board.gid(api)} has no section {name!r}; add it there, named like this")
    return gid


def kept(api: Api, board: Board, values: Mapping[str, Any]) -> dict[str, str]:
    """Values of the board's custom fields by the fields' gids; an empty text clears one."""
    known = fields(api, board)
    return {known[board.fields[name]]["gid"]: value or "" for name, value in values.items()}


def prepare(api: Api) -> None:
    """Make the sections and custom fields that writes rely on, where they are missing.

    Rejected where a field of that name is no text, and on plans without custom fields.
    """
    for board in (JOBS, ASSIGNMENTS):
        known = sections(api, board)
        for name in board.sections.values():
            if name not in known:
                _have_section(api, board, name)
        for name in board.fields.values():
            _have_field(api, board, name)


def _make(api: Api, path: str, wanted: Record, look: Callable[[], Any]) -> None:
    """Send it once; when the answer is lost, look whether it is there."""
    try:
        api.request("POST", path, json={"data": wanted})
    except Ambiguous:
        if not look():
            raise


def _have_section(api: Api, board: Board, name: str) -> None:
    _make(api, f"{board.address(api)}/sections", {"name": name}, lambda: sections(api, board).get(name))


def _have_field(api: Api, board: Board, name: str) -> None:
    found = fields(api, board).get(name)
    if found is None:
        wanted = {"custom_field": _field(api, name), "is_important": True}
        path = f"{board.address(api)}/addCustomFieldSetting"
        _make(api, path, wanted, lambda: fields(api, board).get(name))
    elif found["type"] != "text":
        raise Rejected(api.system, f"the custom field {name!r} of project {board.gid(api)} is no text; rename it there")


def _field(api: Api, name: str) -> str:
    """The gid of the workspace's text field of this name; one is made when there is none."""
    if (gid := _known_field(api, name)) is None:
        wanted = {"workspace": str(api.settings["workspace"]), "name": name, "resource_subtype": "text"}
        _make(api, f"{API}/custom_fields", wanted, lambda: _known_field(api, name))
        gid = _known_field(api, name)
    if gid is None:
        raise Transient(api.system, f"the custom field {name!r} was made and is not shown yet; try again later")
    return gid


def _known_field(api: Api, name: str) -> str | None:
    path = f"{API}/workspaces/{quote(str(api.settings['workspace']), safe='')}/custom_fields"
    known = (one for page in pages(api, path, opt_fields="name,type") for one in page)
    return next((one["gid"] for one in known if (one["name"], one["type"]) == (name, "text")), None)
