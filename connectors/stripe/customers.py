"""Writing customers: one name made of its parts, an address sent whole."""

from __future__ import annotations

from typing import Any

from connectors.parties import NAMES, called, person_of, renamed
from connectors.spec import Api, Outgoing, Record, Written
from connectors.stripe import reading
from connectors.stripe.dialect import MARKER, found, post
from connectors.stripe.maps import ADDRESS
from models.change import Change

PATH = "/v1/customers"


def create(api: Api, out: Outgoing) -> Written:
    """A new customer that carries our id; the key keeps it one for a day, the marker for ever."""
    body = _body(out)
    return written(post(api, PATH, body | {"metadata": {**body.get("metadata", {}), MARKER: out.change.core_id}},
                        key=out.key))  # fmt: skip


def update(api: Api, out: Outgoing) -> Written:
    """The changed fields; there is no version to show, so the push compared before (Concurrency)."""
    return written(post(api, f"{PATH}/{out.change.target_id}", _body(out), key=out.key))


def fetch(api: Api, id: str) -> Written | None:
    """The customer as it is now; a deleted one is gone."""
    record = reading.customer(api, id)
    return None if record is None else written(record)


def find(api: Api, out: Outgoing) -> Written | None:
    """The customer that a create of unknown outcome made."""
    record = found(api, PATH, out.change.core_id)
    return None if record is None else written(record)


def written(record: Record) -> Written:
    """A customer as the outcome of a write."""
    return Written(id=record["id"], record=record)


def _body(out: Outgoing) -> dict[str, Any]:
    body: dict[str, Any] = dict(out.record)
    if "address" in body:  # whole, as far as we know it; our street is one line
        body["address"] = {"line2": None, **ADDRESS.known(out.change), **body["address"]}
    if renamed(out.change):
        body |= _names(out.change)
    return body


def _names(change: Change) -> dict[str, Any]:
    """The name that people see, and its parts beside it. Rejected when there is neither a name nor an e-mail."""
    called(change, by_email=True)
    given, family, company = (change.desired.get(name) for name in NAMES)
    person = person_of(change)
    return {
        "name": company or person,
        "individual_name": person,
        "business_name": company,
        "metadata": {"given_name": given, "family_name": family},
    }
