"""Many records at once: collections of 200, or a bulk job where there are more than collections are good for.

A row with ``Id`` changes that record; any other is an upsert by our marker and may be sent again. Rows are taken or
refused one by one; a collection that is refused as a whole is split until the bad row is alone (Writes).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.batches import chunks
from connectors.salesforce import bulk
from connectors.salesforce.dialect import DATA, refusal
from connectors.salesforce.maps import MARKER
from connectors.salesforce.organisation import native, own
from connectors.spec import Api, Record
from models.errors import PlumblineError, Rejected, Stale, SystemFailure, Unreachable

MOST = 200  # rows of a collection (Writes)
BULK_ABOVE = 1000
Told = Sequence[str | SystemFailure]
Row = Record | PlumblineError | None


def save_some(api: Api, name: str, rows: Sequence[Row], *, once: bool = False) -> list[str | PlumblineError | None]:
    """What became of each row; those that say nothing (None) or cannot be sent stay what they are."""
    sent = [row for row in rows if row is not None and not isinstance(row, PlumblineError)]
    told = iter(save(api, name, sent, once=once))
    return [row if row is None or isinstance(row, PlumblineError) else next(told) for row in rows]


def save(api: Api, name: str, rows: Sequence[Record], *, once: bool = False) -> Told:
    """The id of each row, or why it was refused, in their order.

    once  an upsert must not be sent twice, because it carries what only a new record may be told
    """
    told: dict[int, str | SystemFailure] = {}
    for by in ("Id", MARKER):
        places = [n for n, row in enumerate(rows) if ("Id" in row) == (by == "Id")]
        some = [native(api, name, rows[n]) for n in places]
        key = by if by == "Id" else str(own(api, name, MARKER))
        many = len(some) > int(api.settings.get("bulk_above", BULK_ABOVE))
        again = by == "Id" or not once
        sent = bulk.save(api, name, some, key) if many else _collected(api, name, some, key, again=again)
        told |= dict(zip(places, sent, strict=True))
    return [told[n] for n in range(len(rows))]


def _collected(api: Api, name: str, rows: Sequence[Record], by: str, *, again: bool) -> Told:
    return [one for some in chunks(rows, MOST) for one in _sent(api, name, some, by, again=again)]


def _sent(api: Api, name: str, rows: Sequence[Record], by: str, *, again: bool) -> Told:
    """What became of one collection."""
    path = f"{DATA}/composite/sobjects" + ("" if by == "Id" else f"/{name}/{by}")
    records = [{"attributes": {"type": name}, **_addressed(row)} for row in rows]
    try:
        answer = api.request("PATCH", path, json={"allOrNone": False, "records": records}, repeatable=again).json()
    except (Rejected, Stale) as problem:
        if len(rows) == 1:
            return [problem]
        half = len(rows) // 2
        return [*_sent(api, name, rows[:half], by, again=again), *_sent(api, name, rows[half:], by, again=again)]
    except SystemFailure as problem:
        return [problem] * len(rows)
    if not isinstance(answer, list) or len(answer) != len(rows):
        return [Unreachable(api.system, f"a collection of {name} was answered without a word for each row")] * len(rows)
    return [_outcome(api, one) for one in answer]


def _addressed(row: Record) -> Mapping[str, Any]:
    """A collection calls the id of a record by a small letter."""
    return {"id" if name == "Id" else name: value for name, value in row.items()}


def _outcome(api: Api, told: Mapping[str, Any]) -> str | SystemFailure:
    if told.get("success"):
        return str(told["id"])
    first = (told.get("errors") or [{}])[0]
    return refusal(api.system, str(first.get("statusCode")), str(first.get("message")))
