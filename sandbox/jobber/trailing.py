"""Queries under the fault ``stale_reads``: answered from a copy that stopped following. Mutations never are."""

from __future__ import annotations

from sandbox.jobber.reading import GRAPHQL_PATH
from sandbox.replica import KIND
from sandbox.store import Store

_KEY = "jobber.copy"


def seen(store: Store) -> Store:
    """The store that a query sees; call with ``store.lock`` held.

    The copy is made by the first query that the fault hits, and given up once no such fault is on.
    """
    if not any(fault.kind == KIND for fault in store.faults.in_force()):
        store.bag.pop(_KEY, None)
    elif store.faults.take(KIND, "POST", GRAPHQL_PATH) is not None:
        if _KEY not in store.bag:
            store.bag[_KEY] = store.copied()
        copy: Store = store.bag[_KEY]
        return copy
    return store
