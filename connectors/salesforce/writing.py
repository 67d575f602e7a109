"""Writing: creates are upserts by our marker, which may be sent again; changes go by id; both many at a time.

Salesforce guards single updates alone, to the second, and deletes not at all: what is sent many at a time is read and
compared before by the push, and a delete looks at the stamp first (Idempotency, concurrency).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import partial

from connectors import batches
from connectors.salesforce.dialect import DATA
from connectors.salesforce.maps import MARKER
from connectors.salesforce.organisation import native
from connectors.salesforce.reading import Kind, known, marked
from connectors.salesforce.saving import Row, save_some
from connectors.spec import Api, Outgoing, Record, Write, Written
from models.errors import Gone, PlumblineError, Rejected, Stale

BATCH = 5000  # what is known of when a bulk job is chosen
Shape = Callable[[Api, Sequence[Outgoing]], Sequence[Row]]
Sent = Sequence[Written | Exception]


def keyed(outgoing: Outgoing, fields: Record) -> Record:
    """The row of a change: a new record carries our marker and nothing empty, an old one its id."""
    if outgoing.change.action == "update":
        return {"Id": str(outgoing.change.target_id), **fields}
    return {MARKER: outgoing.change.core_id, **{name: value for name, value in fields.items() if value is not None}}


def plain(_: Api, batch: Sequence[Outgoing]) -> Sequence[Row]:
    """Rows that say what the map says."""
    return [keyed(one, one.record) for one in batch]


def written(record: Record) -> Written:
    """A record as the system holds it."""
    return Written(id=record["Id"], version=record["SystemModstamp"], record=record)


def fetch_many(api: Api, ids: Sequence[str], *, kind: Kind) -> Mapping[str, Written]:
    """Living records by id; deleted and merged ones are left out."""
    found = known(api, kind, list(dict.fromkeys(ids)))
    return {id: written(found[id]) for id in ids if id in found}


def fetch(api: Api, id: str, *, kind: Kind) -> Written | None:
    """One living record by id."""
    return fetch_many(api, [id], kind=kind).get(id)


def find(api: Api, one: Outgoing, *, kind: Kind) -> Written | None:
    """The record that a create of unknown outcome made: sent again, it would write over what people did since."""
    found = marked(api, kind, [one.change.core_id]).get(one.change.core_id)
    return written(found) if found else None


def send_many(api: Api, batch: Sequence[Outgoing], *, kind: Kind, shape: Shape, once: bool) -> Sent:
    """Creates and updates, each with the record as it then is, or with why it was refused."""
    return read_back(api, kind, save_some(api, kind.object, shape(api, batch), once=once))


def read_back(api: Api, kind: Kind, outcomes: Sequence[str | PlumblineError | None]) -> Sent:
    """Ids as the records behind them; refusals as they are."""
    found = batches.read_back(api, [one for one in outcomes if isinstance(one, str)], partial(fetch_many, kind=kind))
    return [one if isinstance(one, PlumblineError) else found.get(str(one), Written(id=str(one))) for one in outcomes]


def update(api: Api, one: Outgoing, *, kind: Kind, shape: Shape) -> Written:
    """One changed record, unless it moved on since the version that the change was planned against: then Stale."""
    (row,) = shape(api, [one])
    if row is None or isinstance(row, PlumblineError):
        raise row or Rejected(api.system, f"there is nothing to change in {kind.object}")
    guarded(api, kind, row, one.change.version)
    found = fetch(api, row["Id"], kind=kind)
    if found is None:
        raise Gone(api.system, f"{kind.object} {row['Id']} is not there any more")
    return found


def guarded(api: Api, kind: Kind, row: Record, version: str | None) -> None:
    """Change one record with the vendor's own precondition, which counts in seconds."""
    fields = {name: value for name, value in native(api, kind.object, row).items() if name != "Id"}
    headers = {"If-Unmodified-Since": _date(version)} if version else {}
    if fields:
        api.request("PATCH", f"{DATA}/sobjects/{kind.object}/{row['Id']}", json=fields, headers=headers)


def _date(version: str) -> str:
    """The second in which a stamp ends."""
    at = datetime.fromisoformat(version).astimezone(UTC)
    return format_datetime(at + timedelta(microseconds=-at.microsecond % 1_000_000), usegmt=True)


def delete(api: Api, one: Outgoing, *, kind: Kind) -> Written:
    """Into the Recycle Bin, for 15 days to be restored there. Stale when it was changed since it was planned."""
    id, version = str(one.change.target_id), one.change.version
    found = fetch(api, id, kind=kind)
    if found is not None:
        if version is not None and found.version != version:
            raise Stale(api.system, f"{kind.object} {id} was changed since it was read; it is not deleted unseen")
        api.request("DELETE", f"{DATA}/sobjects/{kind.object}/{id}", accept=(404,))
    return Written(id=id)


def write(
    entity: str, kind: Kind, shape: Shape = plain, *, once: bool = False, extra: tuple[str, ...] = (),
    only_new: tuple[str, ...] = (),
) -> Write:  # fmt: skip
    """How an entity is written as records of one object; ``shape`` makes their rows."""
    many = partial(send_many, kind=kind, shape=shape, once=once)
    return Write(
        entity=entity, resource=kind.resource, create=batches.send_one(many),
        update=partial(update, kind=kind, shape=shape), delete=partial(delete, kind=kind),
        fetch=partial(fetch, kind=kind), fetch_many=partial(fetch_many, kind=kind), find=partial(find, kind=kind),
        identity="upsert", extra=extra, only_new=only_new, many=many, batch=BATCH,
    )  # fmt: skip
