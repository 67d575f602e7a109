"""How ServiceTitan is spoken to: a tenant in every path, pages, records by their ids, external data, refusals.

Facts of the vendor come from its fact sheet (facts.md), named by section.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from connectors.answers import in_doubt, part
from connectors.batches import chunks
from connectors.spec import Api, Outgoing, Record
from models.errors import ClosedPeriod, Rejected, SystemFailure

PAGE, IDS = 5000, 50  # the most that a page holds, and that a list of ids names (Pagination)
MARKER = "plumbline"  # under this key our id stands in the external data of our application
_CLOSED = re.compile(r"\bbatch\b.*\bclosed\b|\bclosed\b.*\bbatch\b", re.IGNORECASE)


def judge(system: str, status: int, _: Mapping[str, str], body: Any) -> SystemFailure | None:
    """What a refusal means: there are no versions, so a 409 is a state that forbids it (Idempotency, concurrency)."""
    if status not in (400, 409):
        return None
    return refusal(system, _said(body) or f"it answered {status}")


def refusal(system: str, said: str) -> SystemFailure:
    """The error that the vendor's words mean."""
    if _CLOSED.search(said):
        return ClosedPeriod(system, f"{said}; {ClosedPeriod.SAYS}: correct it there by an adjustment")
    return Rejected(system, f"{said}; correct the record, or look at the state it is in there")


def _said(body: Any) -> str:
    """Title and complaints, by member, of an error body (Errors, limits)."""
    if not isinstance(body, Mapping):
        return ""
    errors = body.get("errors")
    told = [f"{name}: {text}" for name, text in errors.items()] if isinstance(errors, Mapping) else []
    return "; ".join(str(one) for one in (body.get("title"), *told) if one)


def path(api: Api, place: str) -> str:
    """The address of a place: ``crm/customers`` is in the module ``crm``."""
    module, _, rest = place.partition("/")
    return f"/{module}/v2/tenant/{quote(str(api.settings['tenant_id']), safe='')}/{rest}"


def pages(api: Api, place: str, **asked: Any) -> Iterator[Sequence[Record]]:
    """A list, page by page (envelope A)."""
    number, more = 1, True
    while more:
        body = api.request("GET", path(api, place), params={**asked, "page": number, "pageSize": PAGE}).json()
        more, number = part(api, body, "hasMore"), number + 1
        yield part(api, body, "data")


def rows(api: Api, place: str, **asked: Any) -> Iterator[Record]:
    """The records of a list."""
    for page in pages(api, place, **asked):
        yield from page


def by_ids(api: Api, place: str, ids: Iterable[Any], by: str = "ids", **asked: Any) -> Iterator[Record]:
    """The records of a list that have these ids, or, with another parameter, belong to them."""
    for some in chunks(sorted({str(id) for id in ids}), IDS):
        yield from rows(api, place, **{by: ",".join(some)}, **asked)


def send(api: Api, method: str, place: str, body: Any = None) -> Any:
    """Write something; what the vendor answers, None where it answers nothing."""
    answer = api.request(method, path(api, place), json=body)
    return answer.json() if answer.text else None


def made(api: Api, place: str, body: Record) -> str:
    """Make something by a POST, which is sent once; its id. Ambiguous when the answer does not say it."""
    with in_doubt(api, f"POST {place}"):
        return str(part(api, send(api, "POST", place, body), "id"))


def mark(api: Api, out: Outgoing) -> dict[str, Any]:
    """Our id as external data; only our application finds and changes it."""
    told = [{"key": MARKER, "value": out.change.core_id}]
    return {"applicationGuid": str(api.settings["application_guid"]), "externalData": told}


def marked(api: Api, place: str, out: Outgoing) -> str | None:
    """The id of the record that carries our id; None when none does."""
    app = str(api.settings["application_guid"])
    asked = {"externalDataApplicationGuid": app, "externalDataKey": MARKER, "externalDataValues": out.change.core_id}
    return next((str(record["id"]) for record in rows(api, place, active="Any", **asked)), None)
