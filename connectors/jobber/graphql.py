"""How Jobber is spoken to: GraphQL documents from the files beside this one, and what its answers mean."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from connectors.errors import sentence
from connectors.spec import Api, Cost
from models.errors import Rejected, Throttled, Transient, Unauthorized, Unreachable

HERE = Path(__file__).parent
ENDPOINT = "/api/graphql"


@cache
def document(name: str) -> str:
    """The operation in ``<name>.graphql`` with the fragments that it spreads (``ClientFields`` and alike)."""
    text = (HERE / f"{name}.graphql").read_text(encoding="utf-8")
    fragments = sorted(set(re.findall(r"\.\.\.(\w+Fields)\b", text)))
    return "\n".join([text, *((HERE / f"{one}.graphql").read_text(encoding="utf-8") for one in fragments)])


@cache
def operation(name: str) -> str:
    """The name that ``<name>.graphql`` gives its operation."""
    found = re.search(r"^\s*(?:query|mutation)\s+(\w+)", document(name), re.MULTILINE)
    return found.group(1) if found else name


def cost(body: Any) -> Cost | None:
    """What an answer says of our points (facts, "Pagination, cost limits")."""
    told = ((body.get("extensions") or {}) if isinstance(body, Mapping) else {}).get("cost") or {}
    asked, left = told.get("requestedQueryCost"), (told.get("throttleStatus") or {}).get("currentlyAvailable")
    return Cost(asked=float(asked), left=None if left is None else float(left)) if asked is not None else None


def ask(api: Api, name: str, *, change: bool = False, **variables: Any) -> Any:
    """What the one root field of a document holds; None when the vendor has nothing there.

    ``change`` says that the document writes: then a lost answer is Ambiguous and never sent again.
    """
    # The name tells the gateway which calls cost alike.
    body = {"query": document(name), "variables": variables, "operationName": operation(name)}
    answer = api.request("POST", ENDPOINT, json=body, repeatable=not change).json()
    data = answer.get("data") if isinstance(answer, Mapping) else None
    if not isinstance(data, Mapping) or not data:
        raise Unreachable(api.system, f"{name} was answered without data; check its base address")
    return next(iter(data.values()))


def changed(api: Api, name: str, field: str, **variables: Any) -> Mapping[str, Any]:
    """The record that a mutation wrote. Rejected with the vendor's words when it lists userErrors (facts, "Writes")."""
    payload = ask(api, name, change=True, **variables) or {}
    record = payload.get(field)
    if payload.get("userErrors") or not isinstance(record, Mapping):
        said = "; ".join(f"{'.'.join(one['path'])}: {one['message']}" for one in payload.get("userErrors") or ())
        raise Rejected(api.system, f"{name} was refused ({said or 'no reason given'}); correct the record")
    return record


def judge(system: str, status: int, _headers: Mapping[str, str], body: Any) -> Exception | None:
    """Refusals that come with status 200 (facts, "Errors"); other statuses speak for themselves."""
    errors = body.get("errors") if isinstance(body, Mapping) else None
    if status != 200 or not errors:
        return None
    codes = {(one.get("extensions") or {}).get("code") for one in errors if isinstance(one, Mapping)}
    said = sentence(body) or "an error without a message"
    if "THROTTLED" in codes:
        return _throttled(system, (body.get("extensions") or {}).get("cost") or {})
    if "UNAUTHENTICATED" in codes:
        return Unauthorized(system, f"it does not know us ({said}); connect it again and give the stack its token")
    if "temporarily unavailable" in said.lower():
        return Transient(system, f"{said}; try again later")
    return Rejected(system, f"it refused the request ({said}); correct the record or the request")


def _throttled(system: str, cost: Mapping[str, Any]) -> Exception:
    """The bucket refills at ``restoreRate`` points a second; a query dearer than the bucket never runs."""
    status = cost.get("throttleStatus") or {}
    asked, rate = float(cost.get("requestedQueryCost") or 0), float(status.get("restoreRate") or 0)
    if asked > float(status.get("maximumAvailable") or asked):
        return Rejected(system, f"a query of {asked:.0f} points is more than its whole bucket; ask for smaller pages")
    if not rate:
        return Throttled(system, "its points are used up; call it less often")
    wait = max(0.0, (asked - float(status.get("currentlyAvailable") or 0)) / rate)
    return Throttled(system, f"its points are used up, {wait:.1f} s until the next; call it less often", wait)
