"""Two clients made one, as a person does in the web interface.

The vendor publishes no mutation for it and no trace of it in the API: what belonged to the one client belongs to the
other, and the one is gone. That the survivor takes phones and addresses that it lacked is this twin's own reading.
"""

from __future__ import annotations

from sandbox.jobber.changes import stamped
from sandbox.jobber.identity import ids_in, reference
from sandbox.store import Record, Store

_BELONGING = ("properties", "jobs", "invoices", "payment_records", "client_notes")
_KEPT_OF_BOTH = ("emails", "phones")


def merged(store: Store, collection: str, id: str, into: str) -> None:
    """Merge a client into another one. ValueError for other records, unknown ones and a client with itself."""
    with store.lock:
        loser, winner = store.get("clients", id), store.get("clients", into)
        if collection != "clients" or loser is None or winner is None or id == into:
            raise ValueError("two different clients can be merged")
        for belonging in _BELONGING:
            for child in store.all(belonging):
                if id in ids_in(child.get("client")):
                    moved = {**child, "client": reference(into)}
                    store.put(belonging, child["id"], stamped(store, belonging, moved))
        store.delete("clients", id)
        store.put("clients", into, stamped(store, "clients", {**winner, **_of_both(winner, loser)}))


def _of_both(winner: Record, loser: Record) -> Record:
    return {name: [*winner[name], *(one for one in loser[name] if one not in winner[name])] for name in _KEPT_OF_BOTH}
