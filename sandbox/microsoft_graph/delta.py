"""What changed in a calendar's window since a round: pages, the link of the next round, its end (facts: Delta).

A token stands for what its holder was told: ids and versions. It is known for ``LIFE``, and no longer after a restart.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sandbox.microsoft_graph import shelf
from sandbox.microsoft_graph.dialect import Answer, Call, Failure, context_of, guid
from sandbox.microsoft_graph.events import shown_between, window, within
from sandbox.microsoft_graph.views import show
from sandbox.store import Store
from sandbox.twin import Record

LIFE = timedelta(days=30)
USUAL = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """The window of a calendar, what was told so far (id -> version), and what waits for the next page."""

    place: tuple[str, str]
    low: datetime
    high: datetime
    born: datetime
    told: dict[str, str]
    waiting: list[Record] = field(default_factory=list)


def changes(call: Call) -> Answer:
    """The first page of a window, the next page of a round, or the first of the next round."""
    query = call.query
    if "$select" in query or "$expand" in query or "$filter" in query:
        raise Failure(status=400, code="ErrorInvalidUrlQuery", message="The query parameter is not supported.")
    if text := query.get("$skiptoken"):
        return _page(call, _known(call, text))
    if text := query.get("$deltatoken"):
        before = _known(call, text)
        events = shown_between(call.store, *before.place, before.low, before.high)
        return _page(call, _moved(call.store, before, events))
    low, high = window(call)
    calendar = shelf.calendar(call.store, call.ids["user"], call.ids.get("calendar"))["id"]
    fresh = Round(place=(call.ids["user"], calendar), low=low, high=high, born=call.store.clock.now(), told={})
    return _page(call, _moved(call.store, fresh, within(call, low, high)))


def _known(call: Call, text: str) -> Round:
    round: Round | None = call.store.bag.get("rounds", {}).get(text)
    expired = call.store.faults.take("expired_sync_token", call.asked.method, call.asked.path) is not None
    if expired or round is None or call.store.clock.now() - round.born > LIFE:
        raise Failure(status=410, code="SyncStateNotFound", message="The sync state generation is not found.")
    return round


def _moved(store: Store, before: Round, events: list[Record]) -> Round:
    """The round that tells what is new, what changed, and what is no longer in the window."""
    now = {one["id"]: one["@odata.etag"] for one in events}
    news = [one for one in events if before.told.get(one["id"]) != one["@odata.etag"]]
    gone = [_removed(store, id) for id in before.told if id not in now]
    return Round(place=before.place, low=before.low, high=before.high, born=store.clock.now(), told=now,
                 waiting=[*news, *gone])  # fmt: skip


def _removed(store: Store, id: str) -> Record:
    reason = "changed" if store.get("events", id) is not None else "deleted"
    return {"@odata.type": "#microsoft.graph.event", "id": id, "@removed": {"reason": reason}}


def _page(call: Call, round: Round) -> Answer:
    size = int(call.prefers.get("odata.maxpagesize") or USUAL)
    page, rest = round.waiting[:size], round.waiting[size:]
    next_ = Round(place=round.place, low=round.low, high=round.high, born=round.born, told=round.told, waiting=rest)
    text = guid("round", str(call.store.next_id("rounds")))
    call.store.bag.setdefault("rounds", {})[text] = next_
    link = {"@odata.nextLink": call.link(**{"$skiptoken": text})} if rest else None
    link = link or {"@odata.deltaLink": call.link(**{"$deltatoken": text})}
    value = [one if "@removed" in one else _told(call, one) for one in page]
    return Answer(body={"@odata.context": context_of(call, "Collection(event)"), "value": value, **link})


def _told(call: Call, event: Record) -> Record:
    return {"@odata.type": "#microsoft.graph.event", **show(call, event)}
