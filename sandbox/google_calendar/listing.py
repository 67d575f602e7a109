"""Pages and sync tokens, the same for events, calendar lists and sharing rules.

Vendor facts: facts section "Paging and incremental read". A token carries the journal sequence from which the
next round starts; the lists of one round all stand for the moment of their first page, so that nothing that
changes between two pages is lost.
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.google_calendar.dialect import CalendarError, Call, flag, invalid, number

Record = dict[str, Any]
Row = tuple[list[Any], Record]

TOKEN_LIFE = timedelta(days=28)
_PAGE_ONLY = frozenset({"pageToken", "syncToken", "maxResults", "alt", "prettyPrint", "fields", "key", "quotaUser"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One reading of a list. ``since`` is None for a full read; ``after`` is the last row already given out.

    ``as_of`` is the journal sequence at the first page: where the next round will start.
    """

    name: str
    since: int | None
    as_of: int
    after: list[Any] | None
    role: str
    size: int


def open_round(call: Call, name: str, *, role: str, default: int, top: int, refused: tuple[str, ...]) -> Round:
    """The round that this call opens or goes on with.

    ``name`` says which list it is: tokens of another list are refused. ``refused`` are the parameters that may
    not stand beside a sync token. Answers 400 for a senseless token, 410 for one that has expired.
    """
    size = number(call, "maxResults", default=default, top=top)
    since = None
    if "syncToken" in call.query:
        since = _since(call, name, role=role, refused=refused)
    if "pageToken" not in call.query:
        return Round(name=name, since=since, as_of=call.store.sequence(), after=None, role=role, size=size)
    page = _read(call, "pageToken", name)
    if page["asked"] != _asked(call) or page["since"] != since:
        raise invalid("Invalid page token value.", "pageToken")
    return Round(name=name, since=since, as_of=page["as_of"], after=page["after"], role=role, size=size)


def cut(call: Call, round: Round, rows: list[Row], *, syncs: bool = True) -> Record:
    """``items`` of one page plus ``nextPageToken``, or on the last page ``nextSyncToken`` (when ``syncs``)."""
    rows = sorted(rows, key=lambda row: row[0])
    if round.after is not None:
        rows = [row for row in rows if row[0] > round.after]
    short = round.size > 1 and len(rows) > 1 and call.store.faults.take("short_page", call.method, call.path)
    size = 0 if short and round.after is not None else min(round.size, 1) if short else round.size
    page: Record = {"items": [record for _, record in rows[:size]]}
    if len(rows) > size:
        after = rows[size - 1][0] if size else round.after
        token = {"after": after, "as_of": round.as_of, "since": round.since, "asked": _asked(call)}
        return {**page, "nextPageToken": _write(round.name, token)}
    if not syncs:
        return page
    born = call.store.clock.now().isoformat()
    sync = {"as_of": round.as_of, "role": round.role, "born": born}
    return {**page, "nextSyncToken": _write(round.name, sync)}


def _since(call: Call, name: str, *, role: str, refused: tuple[str, ...]) -> int:
    if call.store.faults.take("expired_sync_token", call.method, call.path):
        raise full_sync_required()
    for parameter in refused:
        if parameter in call.query:
            message = "Sync token cannot be used with other query restrictions."
            raise invalid(message, parameter)
    if flag(call, "showDeleted") is False:
        raise invalid("Sync token cannot be used when deleted entries are left out.", "showDeleted")
    token = _read(call, "syncToken", name)
    too_old = call.store.clock.now() - datetime.fromisoformat(token["born"]) > TOKEN_LIFE
    if too_old or token["role"] != role or token["as_of"] > call.store.sequence():
        raise full_sync_required()
    return int(token["as_of"])


def full_sync_required() -> CalendarError:
    """410: the client must drop its copy and read all again."""
    message = "Sync token is no longer valid, a full sync is required."
    return CalendarError(410, "fullSyncRequired", message, domain="calendar", at=("parameter", "syncToken"))


def _asked(call: Call) -> str:
    rest = sorted((name, value) for name, value in call.query.multi_items() if name not in _PAGE_ONLY)
    return hashlib.sha256(json.dumps(rest).encode()).hexdigest()[:12]


def _write(name: str, content: Record) -> str:
    text = json.dumps([name, content], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read(call: Call, parameter: str, name: str) -> Record:
    text = call.query[parameter]
    label = "page" if parameter == "pageToken" else "sync"
    wanted = "after" if parameter == "pageToken" else "born"
    try:
        owner, content = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (ValueError, TypeError):
        raise invalid(f"Invalid {label} token value.", parameter) from None
    if owner != name or not isinstance(content, dict) or wanted not in content:
        raise invalid(f"Invalid {label} token value.", parameter)
    return content
