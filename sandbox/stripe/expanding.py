"""``expand[]``: the whole object in the place of its id, up to four deep.

Source: facts sheet "Streams".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.store import Store
from sandbox.stripe.catalog import link_items
from sandbox.stripe.dialect import COLLECTION_OF, bad, listed
from sandbox.stripe.listing import newest_first
from sandbox.twin import Record

DEPTH = 4


def expanded(store: Store, record: Record, paths: Any) -> Record:
    """The record with what is asked for put in; 400 for a member that cannot be expanded."""
    for path in paths if isinstance(paths, list) else list((paths or {}).values()):
        steps = str(path).split(".")
        if len(steps) > DEPTH:
            raise bad(f"You cannot expand more than {DEPTH} levels of a property.", "parameter_invalid", "expand")
        record = _put(store, record, steps)
    return record


def _put(store: Store, value: Any, steps: list[str]) -> Any:
    if isinstance(value, list):
        return [_put(store, one, steps) for one in value]
    if not steps or not isinstance(value, dict):
        return value
    name, rest = steps[0], steps[1:]
    if (value.get("object"), name) in _LISTS:
        inner: Any = _LISTS[value["object"], name](store, value)
    elif name in value:
        inner = _object(store, value[name])
    else:
        raise bad(f"This property cannot be expanded ({name}).", "parameter_invalid", "expand")
    return value | {name: _put(store, inner, rest)}


def _object(store: Store, value: Any) -> Any:
    collection = COLLECTION_OF.get(value.partition("_")[0]) if isinstance(value, str) else None
    return (store.get(collection, value) or value) if collection else value


def _refunds(store: Store, charge: Mapping[str, Any]) -> Record:
    found = [one for one in store.all("refunds") if one["charge"] == charge["id"]]
    return listed(newest_first(found)[:10], f"/v1/charges/{charge['id']}/refunds", has_more=len(found) > 10)


def _payments(store: Store, invoice: Mapping[str, Any]) -> Record:
    found = [one for one in store.all("invoice_payments") if one["invoice"] == invoice["id"]]
    return listed(newest_first(found)[:10], "/v1/invoice_payments", has_more=len(found) > 10)


_LISTS: Mapping[tuple[Any, str], Callable[[Store, Mapping[str, Any]], Record]] = {
    ("charge", "refunds"): _refunds,
    ("invoice", "payments"): _payments,
    ("payment_link", "line_items"): lambda store, link: link_items(store, link["id"]),
}
