"""Jobs and assignments as tasks, each carrying our id as its external gid.

Asana has neither preconditions nor idempotency keys (facts.md, Idempotency): the caller reads and compares before it
updates, and ``find`` asks for the external gid before a create is sent again. A section is no member of a task: it is
moved to first, so that the answer to the update that follows shows everything.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.asana.boards import API, ASSIGNMENTS, DONE, JOBS, SHOWN, TASKS, Board, at, kept, place, shown, task
from connectors.schedule import TIMES, Days, moves, time_of, zulu
from connectors.spec import Api, Outgoing, Record, Send, Write, Written
from models.change import Change
from models.errors import Ambiguous

TEXTS = ("name", "notes")  # emptied by an empty text, not by null


def creating(board: Board) -> Send:
    """Make a task on the board, in the section of its status."""

    def create(api: Api, out: Outgoing) -> Written:
        gid, values = board.gid(api), {name: value for name, value in out.change.after.items() if value is not None}
        spot = {"project": gid}
        if "status" in values:
            spot["section"] = place(api, board, values["status"])
        body = {name: value for name, value in _body(api, board, out, values).items() if value not in (None, "")}
        body |= {"workspace": str(api.settings["workspace"]), "memberships": [spot]}
        body["external"] = {"gid": out.change.core_id}
        return _sent(api, "POST", TASKS, body, gid)

    return create


def updating(board: Board) -> Send:
    """Change what moved."""

    def update(api: Api, out: Outgoing) -> Written:
        values, id = out.change.after, str(out.change.target_id)
        if values.get("status"):
            section = place(api, board, values["status"])
            moved = {"data": {"task": id}}
            api.request("POST", f"{API}/sections/{section}/addTask", json=moved, repeatable=True)
        return _sent(api, "PUT", at(id), _body(api, board, out, values), board.gid(api))

    return update


def delete(api: Api, out: Outgoing) -> Written:
    """Move a task to the trash, from where it can be restored for 30 days."""
    api.request("DELETE", at(str(out.change.target_id)), accept=(404,))
    return Written(id=str(out.change.target_id))


def fetching(board: Board) -> Callable[[Api, str], Written | None]:
    """A task of the board as it is now; None when it was deleted or taken off the board."""

    def fetch(api: Api, id: str) -> Written | None:
        found = task(api, id)
        return None if found is None else _written(found, board.gid(api))

    return fetch


def finding(board: Board) -> Callable[[Api, Outgoing], Written | None]:
    """The task that a create in doubt made, by our id."""
    fetch = fetching(board)

    def find(api: Api, out: Outgoing) -> Written | None:
        return fetch(api, f"external:{out.change.core_id}")

    return find


def _sent(api: Api, method: str, path: str, body: Record, board: str) -> Written:
    """Send a task. Ambiguous when the answer does not show it on the board, since something was written."""
    answer = api.request(method, path, params={"opt_fields": SHOWN}, json={"data": body}).json()["data"]
    written = _written(answer, board)
    if written is None:
        raise Ambiguous(
            api.system, f"{method} {path} was answered with a task that is not in project {board}; look there"
        )
    return written


def _written(found: Record, board: str) -> Written | None:
    record = shown(found, board)
    return None if record is None else Written(id=found["gid"], version=found["modified_at"], record=record)


def _body(api: Api, board: Board, out: Outgoing, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a task is told: the record that the map made, and what no path of a record says."""
    body = {name: "" if value is None and name in TEXTS else value for name, value in out.record.items()}
    if values.get("status"):
        body["completed"] = values["status"] in DONE
    if moves(out.change):
        body |= _times(out.change)
    if own := {name: values[name] for name in board.fields if name in values}:
        body["custom_fields"] = kept(api, board, own)
    return body


def _times(change: Change) -> dict[str, str | None]:
    """Start and due: of days or of instants, never both (facts.md, Writes). One day alone needs no start."""
    time = time_of(change)
    if time is None:
        return {"start_on": None, "due_on": None}
    if isinstance(time, Days):
        first, last = time.first.isoformat(), time.last.isoformat()
        return {"start_on": first if first != last else None, "due_on": last}
    start, end = zulu(time.start, "milliseconds"), zulu(time.end, "milliseconds")
    return {"start_at": start if start != end else None, "due_at": end}


def _write(entity: str, board: Board, extra: tuple[str, ...]) -> Write:
    return Write(
        entity=entity,
        resource=board.setting,
        create=creating(board),
        update=updating(board),
        delete=delete,
        fetch=fetching(board),
        find=finding(board),
        identity="marker",
        extra=extra,
    )


WRITES = (
    _write("job", JOBS, ("number", "status")),
    _write("assignment", ASSIGNMENTS, ("status", "place", *TIMES)),
)
