"""What belongs to the portal and not to an object: owners, pipelines, account details."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

from starlette.responses import Response

from sandbox.hubspot.catalog import object_type
from sandbox.hubspot.dialect import PORTAL, UI_DOMAIN, Call, answer, cursor, not_found, number
from sandbox.hubspot.reading import next_page
from sandbox.twin import Record


def owners(call: Call) -> Response:
    """GET /crm/v3/owners/: by id, at most 500 a page; ``archived=true`` lists those who left."""
    limit, archived = number(call, "limit", default=100, most=500), call.flag("archived")
    email, after = (call.one("email") or "").lower(), cursor(call.one("after"))
    held = sorted(call.store.all("owners"), key=lambda owner: int(owner["id"]))
    hits = [owner for owner in held if owner["archived"] == archived and int(owner["id"]) >= after]
    hits = [owner for owner in hits if not email or owner["email"].lower() == email]
    body: Record = {"results": [_public(owner) for owner in hits[:limit]]}
    if hits[limit:]:
        body["paging"] = {"next": next_page(call, hits[limit]["id"])}
    return answer(body)


def owner(call: Call) -> Response:
    """GET /crm/v3/owners/{id}, also by ``idProperty=userId``."""
    name = "userId" if call.one("idProperty") == "userId" else "id"
    wanted, archived = call.request.path_params["id"], call.flag("archived")
    for record in call.store.all("owners"):
        if str(record.get(name)) == wanted and record["archived"] == archived:
            return answer(_public(record))
    raise not_found()


def pipelines(call: Call) -> Response:
    """GET /crm/v3/pipelines/{type}: no paging; a type without pipelines has an empty list."""
    kind = object_type(call.request.path_params["type"])
    held = [record for record in call.store.all("pipelines") if record["objectType"] == kind.name]
    return answer({"results": [_pipeline(record) for record in held]})


def pipeline(call: Call) -> Response:
    return answer(_existing(call))


def stages(call: Call) -> Response:
    return answer({"results": _existing(call)["stages"]})


def stage(call: Call) -> Response:
    wanted = call.request.path_params["stage"]
    for found in _existing(call)["stages"]:
        if found["id"] == wanted:
            return answer(found)
    raise not_found()


def details(call: Call) -> Response:
    """GET /account-info/v3/details: the portal, its zone and its offset at this moment."""
    portal = call.store.get("account", str(PORTAL)) or {}
    zone = portal["timeZone"]
    offset = call.store.clock.now().astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
    minutes = int(offset.total_seconds()) // 60
    sign = "-" if minutes < 0 else "+"
    body = {
        "portalId": PORTAL,
        "accountType": "STANDARD",
        "timeZone": zone,
        "companyCurrency": portal["companyCurrency"],
        "utcOffset": f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}",
        "utcOffsetMilliseconds": minutes * 60_000,
        "uiDomain": UI_DOMAIN,
        "dataHostingLocation": "eu1",
    }
    return answer(body)


def _existing(call: Call) -> Record:
    kind = object_type(call.request.path_params["type"])
    record = call.store.get("pipelines", f"{kind.name}/{call.request.path_params['pipeline']}")
    if record is None:
        raise not_found()
    return _pipeline(record)


def _pipeline(record: Record) -> Record:
    return {
        **{name: value for name, value in record.items() if name != "objectType"},
        "id": record["id"].partition("/")[2],
    }


def _public(owner: Record) -> Record:
    """An owner as answers carry it; one who left has no userId any more, only the including-inactive one."""
    if not owner["archived"]:
        return {name: value for name, value in owner.items() if name != "archivedAt"}
    return {name: value for name, value in owner.items() if name not in ("archivedAt", "userId")}
