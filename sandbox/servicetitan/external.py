"""External data: what apps keep with a record under their own GUID, and find it by (Idempotency)."""

from __future__ import annotations

from typing import Any

from sandbox.servicetitan.dialect import Call, need, problem
from sandbox.store import Record, Store

SHELF = "external"  # "<collection>/<id>" -> {GUID: {key: value}}
MOST = 50


def kept(store: Store, collection: str, record: Record, sent: Any) -> Record:
    """The record with what an app sent for it: in place of what the app kept before, or merged into it.

    Records show the data of all apps: the vendor does not say otherwise where no GUID can be given.
    """
    if sent is None:
        return record
    need(sent, "applicationGuid")
    place = f"{collection}/{record['id']}"
    known = store.get(SHELF, place) or {}
    old = known.get(sent["applicationGuid"], {}) if sent.get("patchMode") == "Merge" else {}
    new = old | {one["key"]: one.get("value") for one in sent.get("externalData") or ()}
    known[sent["applicationGuid"]] = {key: value for key, value in new.items() if value is not None}
    store.put(SHELF, place, known)
    return record | {"externalData": [{"key": k, "value": v} for each in known.values() for k, v in each.items()]}


def matches(call: Call, collection: str, record: Record) -> bool:
    """Whether a record has the data that was asked for; the key and values count under a GUID alone."""
    app, key = call.one("externalDataApplicationGuid"), call.one("externalDataKey")
    values = (call.one("externalDataValues") or "").split(",")
    if app is None or key is None:
        return True
    if len(values) > MOST:
        raise problem(400, externalDataValues=f"The maximum number of values is {MOST}.")
    known = (call.store.get(SHELF, f"{collection}/{record['id']}") or {}).get(app, {})
    return key in known and (values == [""] or known[key] in values)
