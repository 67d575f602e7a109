"""The vendor's routes over a store: which calls there are, what they may be given, how they are answered."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from sandbox.store import Store
from sandbox.stripe import calling, catalog, customers, forms, invoices, ledger, listing, payments
from sandbox.stripe.calling import Outcome
from sandbox.stripe.dialect import ACCOUNT, KINDS, Refused
from sandbox.stripe.expanding import expanded
from sandbox.twin import Record

Given = Mapping[str, Any]
Work = Callable[[Store, Mapping[str, str], Given], Record]
NOTHING: frozenset[str] = frozenset({"expand"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path, and the parameters that it knows."""

    method: str
    path: str
    known: frozenset[str]
    work: Work


# Collection -> the filters of its list, beside limit and cursor (Streams).
FILTERS: Mapping[str, tuple[str, ...]] = {
    "customers": ("created", "email"),
    "invoices": ("collection_method", "created", "customer", "due_date", "status"),
    "invoice_payments": ("created", "invoice", "payment", "status"),
    "payment_intents": ("created", "customer"),
    "charges": ("created", "customer", "payment_intent", "transfer_group"),
    "refunds": ("charge", "created", "payment_intent"),
    "payment_links": ("active",),
    "products": ("active", "created"),
    "prices": ("active", "created", "product", "type"),
    "payouts": ("arrival_date", "created", "status"),
    "balance_transactions": ("created", "payout", "source", "type"),
    "events": ("created", "type", "types", "delivery_success"),
    "webhook_endpoints": (),
    "invoiceitems": ("created", "customer", "invoice"),
}


def routes(store: Store) -> Sequence[BaseRoute]:
    """Paths as the vendor writes them; one without a route is an unrecognized URL."""
    known = [Route(one.path, _handler(store, one), methods=[one.method]) for one in (*_fixed(), *_reads(), *_writes())]
    return [*known, Route("/{path:path}", _handler(store, _UNKNOWN), methods=["GET", "POST", "DELETE"])]


def _handler(store: Store, operation: Operation) -> Callable[[Request], Any]:
    async def handle(request: Request) -> Response:
        body = (await request.body()).decode()
        outcome = await run_in_threadpool(_answered, store, operation, request, body)
        return JSONResponse(outcome.body, status_code=outcome.status, headers=dict(outcome.headers))

    return handle


def _answered(store: Store, operation: Operation, request: Request, body: str) -> Outcome:
    with store.lock:
        try:
            return _asked(store, operation, request, body)
        except Refused as refused:
            return calling.answer_of(store, refused)


def _asked(store: Store, operation: Operation, request: Request, body: str) -> Outcome:
    path = request.url.path.removeprefix(request.scope.get("root_path", ""))
    calling.check_key(request.headers)
    calling.count_call(store, operation.method, path)
    given = forms.nested(body if operation.method == "POST" else request.url.query)
    forms.check_known(given, operation.known)

    def act() -> Outcome:
        record = operation.work(store, request.path_params, given)
        whole = expanded(store, record, given.get("expand"))
        return Outcome(status=200, body=whole, headers=calling.request_id(store))

    if operation.method != "POST":
        return act()
    return calling.once(store, request.headers.get("idempotency-key"), path, given, act)


def _unknown(_store: Store, places: Mapping[str, str], _given: Given) -> Record:
    raise Refused(status=404, message=f"Unrecognized request URL (/{places['path']}).")


def _account(_store: Store, _places: Mapping[str, str], _given: Given) -> Record:
    return {
        "id": ACCOUNT, "object": "account", "country": "US", "default_currency": "usd", "type": "standard",
        "business_profile": {"name": "Bluebonnet Home Services"}, "charges_enabled": True, "payouts_enabled": True,
        "settings": {"dashboard": {"display_name": "Bluebonnet Home Services", "timezone": "America/Chicago"}},
    }  # fmt: skip


_UNKNOWN = Operation(method="ANY", path="/{path:path}", known=frozenset(), work=_unknown)


def _fixed() -> list[Operation]:
    """What must be told apart from an id."""
    searched = frozenset({"query", "limit", "page", "expand"})
    found = [
        Operation(method="GET", path=f"/v1/{name}/search", known=searched, work=_search(name))
        for name in ("customers", "invoices", "charges", "payment_intents")
    ]
    return [*found, Operation(method="GET", path="/v1/account", known=NOTHING, work=_account)]


def _search(collection: str) -> Work:
    url = f"/v1/{collection}/search"
    return lambda store, _places, given: listing.search(store, given, store.all(collection), url)


def _reads() -> list[Operation]:
    """The list of each collection, and each of its records by id."""
    lists = [
        Operation(method="GET", path=f"/v1/{name}", known=listing.LIST | set(filters), work=_list(name))
        for name, filters in FILTERS.items()
    ]
    singles = [
        Operation(method="GET", path=f"/v1/{name}/{{id}}", known=NOTHING, work=_single(name)) for name in FILTERS
    ]
    lines = Operation(method="GET", path="/v1/invoices/{id}/lines", known=listing.LIST, work=_lines)
    sold = Operation(
        method="GET",
        path="/v1/payment_links/{id}/line_items",
        known=listing.LIST,
        work=lambda store, places, _: catalog.link_items(store, places["id"]),
    )
    return [*lists, *singles, lines, sold]


def _list(collection: str) -> Work:
    def work(store: Store, _places: Mapping[str, str], given: Given) -> Record:
        records = ledger.living_events(store) if collection == "events" else store.all(collection)
        kept = [one for one in records if _passes(store, one, given)]
        return listing.page(store, collection, given, kept, f"/v1/{collection}")

    return work


def _passes(store: Store, record: Record, given: Given) -> bool:
    """Whether a record passes all filters of the call."""
    for name in given.keys() - listing.LIST:
        if name in ("created", "due_date", "arrival_date"):
            if not listing.created_within(record, given, name):
                return False
        elif not _equals(store, record, name, given[name]):
            return False
    return True


def _equals(store: Store, record: Record, name: str, wanted: Any) -> bool:
    if name == "payout":
        return bool((store.get(payments.SETTLED, record["id"]) or {}).get("payout") == wanted)
    if name == "types":
        return bool(record["type"] in wanted)
    if name == "payment":
        return bool(record["payment"].get(wanted.get("type")) == wanted.get(wanted.get("type")))
    if name == "delivery_success":
        return bool(wanted == "true")
    if name == "active":
        return bool(record["active"] == (wanted == "true"))
    return bool(record.get(name) == wanted)


def _single(collection: str) -> Work:
    def work(store: Store, places: Mapping[str, str], _given: Given) -> Record:
        if collection == "customers":
            return customers.shown(store, places["id"])
        return payments.found(store, collection, places["id"], KINDS[collection][1])

    return work


def _lines(store: Store, places: Mapping[str, str], given: Given) -> Record:
    id = places["id"]
    invoices.existing(store, id)
    rows = list(reversed(invoices.lines_of(store, id)))  # lines are shown oldest first, lists newest first
    return listing.page(store, "invoiceitems", given, rows, f"/v1/invoices/{id}/lines")


def _writes() -> list[Operation]:
    """Everything that changes something."""
    invoice, line = "/v1/invoices/{id}", "/v1/invoices/{id}/lines/{line}"
    paid = frozenset({"paid_out_of_band", "expand"})
    table: list[tuple[str, str, frozenset[str], Work]] = [
        ("POST", "/v1/customers", customers.FIELDS, lambda s, _, g: customers.create(s, g)),
        ("POST", "/v1/customers/{id}", customers.FIELDS, lambda s, p, g: customers.update(s, p["id"], g)),
        ("DELETE", "/v1/customers/{id}", NOTHING, lambda s, p, _: customers.remove(s, p["id"])),
        ("POST", "/v1/invoices", invoices.FIELDS, lambda s, _, g: invoices.create(s, g)),
        ("POST", invoice, invoices.FIELDS, lambda s, p, g: invoices.update(s, p["id"], g)),
        ("DELETE", invoice, NOTHING, lambda s, p, _: invoices.delete(s, p["id"])),
        ("POST", f"{invoice}/finalize", NOTHING | {"auto_advance"}, lambda s, p, _: invoices.finalize(s, p["id"])),
        ("POST", f"{invoice}/send", NOTHING, lambda s, p, _: invoices.send(s, p["id"])),
        ("POST", f"{invoice}/pay", paid, lambda s, p, g: payments.pay(s, p["id"], g)),
        ("POST", f"{invoice}/void", NOTHING, lambda s, p, _: invoices.end(s, p["id"], "void", "voided_at")),
        (
            "POST", f"{invoice}/mark_uncollectible", NOTHING,
            lambda s, p, _: invoices.end(s, p["id"], "uncollectible", "marked_uncollectible_at"),
        ),
        ("POST", line, invoices.LINE, lambda s, p, g: invoices.update_line(s, p["id"], p["line"], g)),
        ("POST", "/v1/invoiceitems", invoices.ITEM, lambda s, _, g: invoices.add_item(s, g)),
        ("DELETE", "/v1/invoiceitems/{id}", NOTHING, lambda s, p, _: invoices.remove_item(s, p["id"])),
        ("POST", "/v1/payment_intents", payments.INTENT, lambda s, _, g: payments.create_intent(s, g)),
        (
            "POST", "/v1/payment_intents/{id}", frozenset({"description", "metadata", "expand"}),
            lambda s, p, g: payments.update_intent(s, p["id"], g),
        ),
        (
            "POST", "/v1/payment_intents/{id}/cancel", NOTHING | {"cancellation_reason"},
            lambda s, p, _: payments.cancel_intent(s, p["id"]),
        ),
        ("POST", "/v1/refunds", payments.REFUND, lambda s, _, g: payments.refund(s, g)),
        ("POST", "/v1/products", catalog.PRODUCT, lambda s, _, g: catalog.create_product(s, g)),
        ("POST", "/v1/prices", catalog.PRICE, lambda s, _, g: catalog.create_price(s, g)),
        ("POST", "/v1/payment_links", catalog.LINK, lambda s, _, g: catalog.create_link(s, g)),
        ("POST", "/v1/payment_links/{id}", catalog.LINK, lambda s, p, g: catalog.update_link(s, p["id"], g)),
        ("POST", "/v1/webhook_endpoints", catalog.HOOK, lambda s, _, g: catalog.create_hook(s, g)),
        ("DELETE", "/v1/webhook_endpoints/{id}", NOTHING, lambda s, p, _: catalog.remove_hook(s, p["id"])),
    ]  # fmt: skip
    return [Operation(method=method, path=path, known=known, work=work) for method, path, known, work in table]
