"""Reading a board: all of its tasks once, then what its events name, by a sync token that lives about a day.

The cursor: ``{"board": <project gid>, "sync": <token>}``. The token of a whole read is taken before its list, so that
what changes meanwhile is told again. Facts of the vendor come from its fact sheet (facts.md), named by section.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connectors.asana.boards import API, SHOWN, TASKS, Board, pages, shown, task
from connectors.paging import token_pages
from connectors.spec import Api, Cursor, Page, Read
from models.errors import Gone, Unreachable

EVENTS = f"{API}/events"
ONE_BY_ONE = 50  # tasks that are asked for one by one; of more, the whole list takes fewer calls


def board_reader(board: Board) -> Read:
    """The reader of one project's tasks. Gone when the token expired, or the stack names another project now."""

    def read(api: Api, cursor: Cursor) -> Iterator[Page]:
        gid = board.gid(api)
        if not cursor:
            yield from _whole(api, gid)
        elif cursor["board"] != gid:
            raise Gone(api.system, f"the stack names project {gid} where {cursor['board']} was read before")
        else:
            yield from _moved(api, gid, cursor["sync"])

    return read


def read_users(api: Api, _: Cursor) -> Iterator[Page]:
    """Everybody in the workspace; who left it is absent."""
    workspace = str(api.settings["workspace"])
    for records in pages(api, f"{API}/users", workspace=workspace, opt_fields="name,email"):
        yield Page(records=records, full=True)


def _whole(api: Api, board: str) -> Iterator[Page]:
    answer = api.request("GET", EVENTS, params={"resource": board}, accept=(412,))
    sync = answer.json()["sync"]  # without a token the answer is a refusal that names one (Incremental)
    for tasks in pages(api, TASKS, project=board, opt_fields=SHOWN):
        yield Page(records=[record for one in tasks if (record := shown(one, board))], full=True)
    yield Page(cursor={"board": board, "sync": sync}, full=True)


def _moved(api: Api, board: str, sync: str) -> Iterator[Page]:
    """Every task that an event names, as it is now; one that is no longer on the board is gone from it."""
    touched, after = _touched(api, board, sync)
    listed: dict[str, Mapping[str, Any]] = {}
    if len(touched) > ONE_BY_ONE:
        listed = {one["gid"]: one for page in pages(api, TASKS, project=board, opt_fields=SHOWN) for one in page}
    now = {gid: listed.get(gid) or task(api, gid) for gid in touched}
    here = {gid: record for gid, one in now.items() if one and (record := shown(one, board))}
    gone = [gid for gid in touched if gid not in here]
    yield Page(records=list(here.values()), deleted=gone, cursor={"board": board, "sync": after})


def _touched(api: Api, board: str, sync: str) -> tuple[list[str], str]:
    """The gids of tasks that something happened to since a token, each once, and the token to go on from."""

    def fetch(token: str | None) -> tuple[Mapping[str, Any], str | None]:
        params = {"resource": board, "sync": token or sync}
        answer = api.request("GET", EVENTS, params=params, accept=(412,))
        if answer.status == 412:
            raise Gone(api.system, f"its events for project {board} are no longer told from where we stood")
        body = answer.json()
        return body, body["sync"] if body["has_more"] else None

    bodies = list(token_pages(fetch, system=api.system))
    named = (one for body in bodies for event in body["data"] for one in (event.get("resource"), event.get("parent")))
    gids = [one["gid"] for one in named if one and one.get("resource_type") == "task"]
    if not (after := bodies[-1]["sync"]):
        raise Unreachable(api.system, f"its events for project {board} ended without a sync token; read it again later")
    return list(dict.fromkeys(gids)), after
