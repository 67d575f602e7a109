"""The twin of Stripe (API version 2026-10-28.endive): customers, invoices, payments, refunds, payouts, events."""

from __future__ import annotations

from sandbox.store import Store
from sandbox.stripe import catalog, customers, invoices
from sandbox.stripe.calling import KEY
from sandbox.stripe.dialect import KINDS, refuse
from sandbox.stripe.ledger import touch
from sandbox.stripe.routes import routes
from sandbox.stripe.seeding import seed
from sandbox.twin import Twin


def remove(store: Store, collection: str, id: str) -> None:
    """As a person would in the dashboard: what may go goes, invoices become void, links are off; money stays."""
    if collection == "customers":
        customers.remove(store, id)
    elif collection == "invoices":
        draft = invoices.existing(store, id)["status"] == "draft"
        _ = invoices.delete(store, id) if draft else invoices.end(store, id, "void", "voided_at")
    elif collection == "payment_links":
        catalog.update_link(store, id, {"active": "false"})


TWIN = Twin(
    name="stripe",
    title="Stripe",
    collections=tuple(KINDS),
    credentials={"token": KEY},
    seed=seed,
    routes=routes,
    touch=touch,
    remove=remove,
    refuse=refuse,
    lenient=("ignored_idempotency_key", "rewritten_values", "stale_reads", "truncated_page", "unlimited"),
    sessions=("keys",),
)
