"""Reading events: what moved in each calendar since its sync token, bodies in chunks (facts: Incremental read).

The cursor keeps, for each calendar, its token and the ETags of the events known in it, so that a lost token costs one
listing and not every body, and what vanished meanwhile is still seen. ``series`` are the events whose days are told up
to ``until``; they are read again when the clock comes near (``connectors.horizon``):

    {"homes": [address], "until": instant,
     "calendars": {address: {"token": text, "etags": {address: ETag}, "series": [address]}}}
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors.batches import chunks
from connectors.caldav import dav, ical
from connectors.caldav.dav import Calendar, Changes
from connectors.caldav.places import whose
from connectors.horizon import falls_short, span_of
from connectors.spec import Api, Cursor, Page
from models.errors import Gone, StackError, Unreachable, did_you_mean

State = Mapping[str, Any]


def read_events(api: Api, cursor: Cursor) -> Iterator[Page]:
    """Pages of events over all chosen calendars; deletes are told by the server or seen by comparison.

    Gone when the cursor is of a time when series were not expanded yet.
    """
    known: Mapping[str, State] = cursor.get("calendars") or {}
    if known and "until" not in cursor:
        raise Gone(api.system, "the days of recurring events were not read yet")
    again = bool(known) and falls_short(api, cursor["until"])
    until = span_of(api).until.isoformat() if again or not known else cursor["until"]
    homes, listed = _listed(api, cursor.get("homes") or ())
    full = not known
    states: dict[str, State] = {}
    for calendar in _chosen(api, listed):
        states[calendar.href] = yield from _read_calendar(api, calendar, known.get(calendar.href, {}), full, again)
    for href in sorted(set(known) - {calendar.href for calendar in listed}):
        if dav.exists(api, href):  # out of the listing alone: no reason to delete or to forget
            unlisted = Calendar(href=href, name=href, token=None)
            states[href] = yield from _read_calendar(api, unlisted, known[href], full, again)
        else:
            yield Page(deleted=sorted(known[href]["etags"]), full=full)
    yield Page(cursor={"homes": homes, "until": until, "calendars": states}, full=full)


def record(api: Api, href: str, etag: str | None, text: str) -> dict[str, Any]:
    """One event as a raw record: where it stands, its version, its text, and what the text says (``ical.members``)."""
    calendar = href[: href.rindex("/") + 1]
    told = ical.members(text, api.context.time_zone, span_of(api))
    return {"href": href, "etag": etag, "calendar": calendar, "technician": whose(api, calendar), "ics": text, **told}


def _listed(api: Api, homes: Sequence[str]) -> tuple[list[str], list[Calendar]]:
    """The account's homes and the calendars in them; remembered homes are found anew once they lead nowhere."""
    for candidates in (tuple(homes), None):
        found = dav.home_of(api) if candidates is None else candidates
        lists = [dav.calendars(api, home) for home in found]
        if lists and all(one is not None for one in lists):
            return list(found), [calendar for one in lists for calendar in one or ()]
    raise Unreachable(api.system, "its calendars are not where it says; check that the account may read them")


def _chosen(api: Api, listed: Sequence[Calendar]) -> list[Calendar]:
    """The calendars that ``calendars`` in the stack names, by address, display name or last part; all without it."""
    wanted = api.settings.get("calendars")
    if not wanted:
        return list(listed)
    names = {calendar.href: {calendar.href, calendar.name, _last(calendar.href)} for calendar in listed}
    for one in wanted:
        if not any(one in spellings for spellings in names.values()):
            known = [calendar.name for calendar in listed]
            raise StackError(f"{api.system}: there is no calendar {one!r}; {did_you_mean(str(one), known)}")
    return [calendar for calendar in listed if names[calendar.href] & set(wanted)]


def _last(href: str) -> str:
    return href.rstrip("/").rpartition("/")[2]


def _read_calendar(api: Api, calendar: Calendar, state: State, full: bool, again: bool) -> Generator[Page, None, State]:
    """Pages of what moved in one calendar, and with ``again`` its series; returns what to know of it next time."""
    token, known, series = state.get("token"), dict(state.get("etags") or {}), set(state.get("series") or ())
    still = token is not None and token == calendar.token
    if still and not (again and series):
        return state
    moved = Changes(etags={}, gone=(), token=token) if still else _moved(api, calendar, token, known)
    wanted = list({**moved.etags, **dict.fromkeys(sorted(series - set(moved.gone)) if again else ())})
    for chunk in chunks(wanted, dav.CHUNK):
        found = dav.bodies(api, calendar.href, chunk)
        records = [record(api, href, etag, text) for href, (etag, text) in found.items()]
        yield Page(records=records, deleted=_forget(known, [h for h in chunk if h not in found]), full=full)
        known |= {href: etag for href, (etag, _) in found.items()}
        series = (series - set(chunk)) | {str(one["href"]) for one in records if _recurs(one)}
    if gone := _forget(known, moved.gone):
        yield Page(deleted=gone, full=full)
    return {"token": moved.token, "etags": known, "series": sorted(series & set(known))}


def _recurs(one: Mapping[str, Any]) -> bool:
    return bool(one.get("recurrence"))


def _forget(known: dict[str, str | None], gone: Sequence[str]) -> list[str]:
    """Take addresses out of the known ones; returns those that were known (servers also report strangers)."""
    mine = [href for href in gone if href in known]
    for href in mine:
        del known[href]
    return mine


def _moved(api: Api, calendar: Calendar, token: str | None, known: Mapping[str, str | None]) -> Changes:
    """What moved since the token; without a good one, the whole list compared with what is known."""
    if token is not None:
        try:
            return dav.changes(api, calendar.href, token)
        except Gone:
            pass  # an old token is no error: the whole list tells the same
    if token is None and calendar.token is None:
        whole = Changes(etags=dav.etags(api, calendar.href), gone=(), token=None)
    else:
        whole = dav.changes(api, calendar.href, None)
    fresh = {href: etag for href, etag in whole.etags.items() if etag is None or known.get(href) != etag}
    return replace(whole, etags=fresh, gone=sorted(set(known) - set(whole.etags)))
