"""Products, prices, payment links, webhook endpoints.

Source: facts sheet "Writes", "Streams", "Webhooks".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sandbox.store import Store
from sandbox.stripe import forms
from sandbox.stripe.dialect import bad, listed, new_id, now
from sandbox.stripe.ledger import keep
from sandbox.stripe.payments import found, take, tell
from sandbox.twin import Record

PRODUCT = frozenset({"id", "name", "description", "metadata", "active", "expand"})
PRICE = frozenset({"product", "unit_amount", "currency", "lookup_key", "metadata", "nickname", "active", "expand"})
LINK = frozenset(
    {"line_items", "metadata", "active", "payment_intent_data", "after_completion", "restrictions", "expand"}
)
HOOK = frozenset({"url", "enabled_events", "description", "metadata", "expand"})
LINKED = "linked"  # collection: what a payment link sells


def create_product(store: Store, given: Mapping[str, Any]) -> Record:
    """POST /v1/products: an own id is allowed, once."""
    id = str(given.get("id") or new_id(store, "products"))
    if store.get("products", id) is not None:
        raise bad(f"Product already exists: {id}", "resource_already_exists", "id")
    record = {
        "id": id, "object": "product", "active": True, "created": now(store), "default_price": None,
        "description": forms.text(given, "description", 5000), "images": [], "livemode": False,
        "metadata": forms.metadata(given, {}), "name": forms.needed(given, "name"), "type": "service",
        "updated": now(store), "url": None,
    }  # fmt: skip
    return keep(store, "products", record, "product.created")


def create_price(store: Store, given: Mapping[str, Any]) -> Record:
    """POST /v1/prices: an amount that can never be changed."""
    product = found(store, "products", forms.needed(given, "product"), "product")
    amount = forms.whole({"unit_amount": forms.needed(given, "unit_amount")}, "unit_amount")
    currency = str(forms.needed(given, "currency")).lower()
    return _price(store, product["id"], amount or 0, currency, given.get("lookup_key"))


def _price(store: Store, product: str, amount: int, currency: str, key: Any = None) -> Record:
    record = {
        "id": new_id(store, "prices"), "object": "price", "active": True, "billing_scheme": "per_unit",
        "created": now(store), "currency": currency, "livemode": False, "lookup_key": key, "metadata": {},
        "nickname": None, "product": product, "recurring": None, "tax_behavior": "unspecified", "type": "one_time",
        "unit_amount": amount, "unit_amount_decimal": str(amount),
    }  # fmt: skip
    return keep(store, "prices", record, "price.created")


def create_link(store: Store, given: Mapping[str, Any]) -> Record:
    """POST /v1/payment_links: a page on which anybody can pay."""
    items = [_sold(store, one) for one in forms.needed(given, "line_items")]
    id = new_id(store, "payment_links")
    data = given.get("payment_intent_data") or {}
    record = {
        "id": id, "object": "payment_link", "active": True, "currency": items[0]["currency"], "livemode": False,
        "metadata": forms.metadata(given, {}), "payment_method_types": None, "url": f"https://buy.stripe.com/{id[6:]}",
        "payment_intent_data": {"description": data.get("description"), "metadata": forms.metadata(data, {})},
        "restrictions": _restrictions(given),
    }  # fmt: skip
    store.put(LINKED, id, {"data": items})
    return keep(store, "payment_links", record, "payment_link.created")


def _restrictions(given: Mapping[str, Any]) -> Record | None:
    """How many payments a link is good for; None: any number."""
    if "restrictions" not in given:
        return None
    sessions = forms.needed(given["restrictions"], "completed_sessions")
    limit = forms.whole({"limit": forms.needed(sessions, "limit")}, "limit") or 0
    if limit < 1:
        raise bad("Invalid positive integer", "parameter_invalid_integer", "restrictions[completed_sessions][limit]")
    return {"completed_sessions": {"count": 0, "limit": limit}}


def pay_link(store: Store, id: str, *, customer: str) -> Record:
    """What somebody does on the page of a link: a payment that carries what the link says. The charge."""
    record = found(store, "payment_links", id, "payment_link")
    if not record["active"]:
        raise bad("This link is no longer active.", "payment_link_inactive")
    amount = sum(one["amount_total"] for one in link_items(store, id)["data"])
    charge = take(store, customer=customer, amount=amount, at=now(store))
    charge = store.put("charges", charge["id"], charge | {"metadata": record["payment_intent_data"]["metadata"]})
    tell(store, charge)
    sessions = (record["restrictions"] or {}).get("completed_sessions")
    if sessions is not None:
        counted = {**sessions, "count": sessions["count"] + 1}
        record |= {"restrictions": {"completed_sessions": counted}, "active": counted["count"] < counted["limit"]}
    keep(store, "payment_links", record, "payment_link.updated")
    return charge


def _sold(store: Store, given: Mapping[str, Any]) -> Record:
    forms.check_known(given, ("price", "price_data", "quantity"))
    quantity = forms.whole({"quantity": forms.needed(given, "quantity")}, "quantity") or 0
    price = _own_price(store, given["price_data"]) if "price_data" in given else None
    price = price or found(store, "prices", forms.needed(given, "price"), "price")
    product = store.get("products", price["product"]) or {}
    total = price["unit_amount"] * quantity
    sums = {"amount_discount": 0, "amount_subtotal": total, "amount_tax": 0, "amount_total": total}
    head = {"id": f"li_{price['id'][6:]}", "object": "item", "currency": price["currency"]}
    return head | sums | {"description": product.get("name"), "price": price, "quantity": quantity}


def _own_price(store: Store, given: Mapping[str, Any]) -> Record:
    forms.check_known(given, ("currency", "product", "product_data", "unit_amount", "tax_behavior"))
    product = given.get("product") or create_product(store, forms.needed(given, "product_data"))["id"]
    amount = forms.whole({"unit_amount": forms.needed(given, "unit_amount")}, "unit_amount") or 0
    return _price(store, product, amount, str(forms.needed(given, "currency")).lower())


def update_link(store: Store, id: str, given: Mapping[str, Any]) -> Record:
    """POST /v1/payment_links/{id}: switched off, never deleted."""
    record = found(store, "payment_links", id, "payment_link")
    record["active"] = forms.truth(given, "active", record["active"])
    record["metadata"] = forms.metadata(given, record["metadata"])
    return keep(store, "payment_links", record, "payment_link.updated")


def link_items(store: Store, id: str) -> Record:
    """GET .../line_items."""
    found(store, "payment_links", id, "payment_link")
    sold = store.get(LINKED, id) or {"data": []}
    return listed(sold["data"], f"/v1/payment_links/{id}/line_items")


def create_hook(store: Store, given: Mapping[str, Any]) -> Record:
    """POST /v1/webhook_endpoints: the secret is in this answer only."""
    id = new_id(store, "webhook_endpoints")
    record = {
        "id": id, "object": "webhook_endpoint", "api_version": None, "created": now(store), "livemode": False,
        "description": forms.text(given, "description", 5000), "enabled_events": forms.needed(given, "enabled_events"),
        "metadata": forms.metadata(given, {}), "status": "enabled", "url": forms.needed(given, "url"),
    }  # fmt: skip
    keep(store, "webhook_endpoints", record)
    return record | {"secret": f"whsec_{id[3:]}"}


def remove_hook(store: Store, id: str) -> Record:
    """DELETE /v1/webhook_endpoints/{id}."""
    found(store, "webhook_endpoints", id, "webhook_endpoint")
    store.delete("webhook_endpoints", id)
    return {"id": id, "object": "webhook_endpoint", "deleted": True}
