"""What was changed and what was deleted between two minutes (Incremental reads)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sandbox.salesforce.catalog import Kind
from sandbox.salesforce.dialect import bad, instant, stamp
from sandbox.salesforce.keeping import LOG
from sandbox.store import Store
from sandbox.twin import Record

UPDATED, DELETED = timedelta(days=30), timedelta(days=15)
MOST = 600_000


def updated(store: Store, kind: Kind, query: Mapping[str, str]) -> Record:
    """Ids of living records that were changed in the window."""
    start, end = _window(store, query, UPDATED)
    ids = [
        one["Id"] for one in store.all(kind.name)
        if not one.get("IsDeleted") and start <= instant(one["SystemModstamp"], "SystemModstamp") < end
    ]  # fmt: skip
    if len(ids) > MOST:
        raise bad("EXCEEDED_ID_LIMIT", "Too many ids were changed; choose a narrower window")
    return {"ids": ids, "latestDateCovered": stamp(min(end, store.clock.now()))}


def deleted(store: Store, kind: Kind, query: Mapping[str, str]) -> Record:
    """Ids that were deleted in the window, merged ones among them. A purge of the log moves its beginning."""
    start, end = _window(store, query, DELETED)
    log = [(id, at) for id, at, name in store.bag.get(LOG, ()) if name == kind.name and start <= at < end]
    earliest: datetime = store.bag.get("purged", store.clock.now() - DELETED)
    return {
        "deletedRecords": [{"id": id, "deletedDate": stamp(at)} for id, at in log],
        "earliestDateAvailable": stamp(earliest), "latestDateCovered": stamp(min(end, store.clock.now())),
    }  # fmt: skip


def _window(store: Store, query: Mapping[str, str], horizon: timedelta) -> tuple[datetime, datetime]:
    """Start and end to the minute. Failure when the start lies too far back, or not a minute before the end."""
    start, end = (instant(query.get(name, ""), name).replace(second=0, microsecond=0) for name in ("start", "end"))
    if start < store.clock.now() - horizon:
        raise bad("INVALID_REPLICATION_DATE", "startDate before org replication enabled date or too far back")
    if end - start < timedelta(minutes=1):
        raise bad("INVALID_REPLICATION_DATE", "endDate must be at least one minute after startDate")
    return start, end
