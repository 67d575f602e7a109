"""How Stripe writes things: ids, epoch seconds, lists, amounts in smallest units, errors.

Facts of the vendor come from its fact sheet (facts.md), named by section.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

from starlette.responses import JSONResponse, Response

from sandbox.store import Store
from sandbox.twin import Record, Refusal

VERSION = "2026-10-28.endive"
ACCOUNT = "acct_1BlueBonnetHomeSv"
# Collection -> how its ids start, what its objects are called, and the name that error messages use.
KINDS: Mapping[str, tuple[str, str]] = {
    "customers": ("cus", "customer"),
    "invoices": ("in", "invoice"),
    "invoiceitems": ("ii", "invoiceitem"),
    "invoice_payments": ("inpay", "invoice_payment"),
    "payment_intents": ("pi", "payment_intent"),
    "charges": ("ch", "charge"),
    "refunds": ("re", "refund"),
    "payouts": ("po", "payout"),
    "balance_transactions": ("txn", "balance_transaction"),
    "payment_links": ("plink", "payment_link"),
    "products": ("prod", "product"),
    "prices": ("price", "price"),
    "webhook_endpoints": ("we", "webhook_endpoint"),
    "events": ("evt", "event"),
}
COLLECTION_OF = {prefix: collection for collection, (prefix, _) in KINDS.items()}
_STATUS = {"rate_limit": 429, "server_error": 500, "unauthorized": 401, "forbidden": 403, "not_found": 404, "gone": 404}


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused(Exception):
    """A call that the vendor refuses (Errors). ``saved``: an idempotency key remembers it."""

    status: int
    message: str
    code: str | None = None
    param: str | None = None
    type: str = "invalid_request_error"
    headers: Mapping[str, str] = field(default_factory=dict)
    saved: bool = True

    def body(self) -> Record:
        """The error envelope."""
        named = {"type": self.type, "code": self.code, "message": self.message, "param": self.param}
        error = {name: value for name, value in named.items() if value is not None}
        if self.code:
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        return {"error": error}


def missing(collection: str, id: str, param: str = "id", *, status: int = 404) -> Refused:
    """There is no such object (Errors)."""
    return Refused(
        status=status, code="resource_missing", message=f"No such {KINDS[collection][1]}: '{id}'", param=param
    )


def bad(message: str, code: str, param: str | None = None) -> Refused:
    """A parameter that cannot be taken; a key does not remember it (Idempotency)."""
    return Refused(status=400, message=message, code=code, param=param, saved=not code.startswith("parameter"))


def refuse(refusal: Refusal) -> Response:
    """A refusal that a fault asks for, in Stripe's words. Retry-After is not promised, but obeyed when asked for."""
    told = {
        "rate_limit": ("rate_limit", "Too many requests hit the API too quickly."),
        "unauthorized": (None, "Invalid API Key provided: sk_test_****"),
        "forbidden": ("more_permissions_required", "The provided key does not have the required permissions."),
        "server_error": (None, "Something went wrong on Stripe's end."),
    }
    code, message = told.get(refusal.kind, ("resource_missing", "Unrecognized request URL."))
    status = refusal.status or _STATUS[refusal.kind]
    headers = {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
    if refusal.kind == "rate_limit":
        headers["Stripe-Rate-Limited-Reason"] = "global-rate"
    kind = "api_error" if status >= 500 else "invalid_request_error"
    return JSONResponse(
        Refused(status=status, message=message, code=code, type=kind).body(), status_code=status, headers=headers
    )


def new_id(store: Store, collection: str) -> str:
    """The next id of a collection: its prefix and something opaque, the same for the same order of events."""
    number = store.next_id(collection)
    opaque = hashlib.sha256(f"{collection}/{number}".encode()).hexdigest()[:20]
    return f"{KINDS[collection][0]}_1{opaque}"


def seconds(at: datetime) -> int:
    """An instant as Stripe keeps it."""
    return int(at.timestamp())


def now(store: Store) -> int:
    """The current instant in epoch seconds."""
    return seconds(store.clock.now())


def cents(amount: Decimal) -> int:
    """Dollars in smallest units."""
    return int((amount * 100).quantize(Decimal(1), ROUND_HALF_UP))


def listed(data: Sequence[Record], url: str, *, has_more: bool = False) -> Record:
    """The envelope of a list (Streams)."""
    return {"object": "list", "data": list(data), "has_more": has_more, "url": url}
