"""Webhooks: made with a handshake while the request waits; the twin delivers nothing to them (facts: Webhooks)."""

from __future__ import annotations

import hashlib
import ipaddress
from http import HTTPStatus
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from sandbox.asana.dialect import WORKSPACE, Call, Failure, answer, bad, found, named, new_gid, stamp
from sandbox.asana.shaping import compact, paged, viewed
from sandbox.twin import Record

PATIENCE = 10.0  # seconds within which a target has to answer
_REFUSED = "The remote server did not respond with the handshake secret."


async def made(call: Call) -> Response:
    """POST /webhooks: the target is called before this is answered, and has to give the secret back."""
    given = call.data()
    with call.store.lock:
        about = _about(call, given)
        gid = new_gid(call.store)
    secret = hashlib.sha256(f"webhook/{gid}".encode()).hexdigest()
    target = _target(given)
    if await run_in_threadpool(_greeted, target, secret) != secret:
        raise Failure(status=400, message=_REFUSED)
    told = {"gid": gid, "resource_type": "webhook", "active": False, "resource": compact(about), "target": target}
    told |= {"created_at": stamp(call.store.clock.now()), "filters": given.get("filters") or []}
    with call.store.lock:
        call.store.put("webhooks", gid, told)
    response = answer(viewed(call, told, full=True), 201)
    response.headers["X-Hook-Secret"] = secret
    return response


def _about(call: Call, given: Record) -> Record:
    gid = given.get("resource")
    if gid is None:
        raise bad("resource: Missing input")
    return call.store.get("tasks", str(gid)) or named(call.store, "projects", "resource", gid)


def _target(given: Record) -> str:
    """The address to call: on loopback alone, where the vendor would refuse just those (facts: Webhooks)."""
    target = str(given.get("target") or "")
    host = urlsplit(target).hostname or ""
    if not target:
        raise bad("target: Missing input")
    if host != "localhost" and not _is_loopback(host):
        raise Failure(status=403, message=f"Forbidden: the sandbox calls loopback addresses alone, not {host}")
    return target


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _greeted(target: str, secret: str) -> str | None:
    """What the target gives back; None when it does not answer as it should."""
    request = Request(target, data=b"", headers={"X-Hook-Secret": secret}, method="POST")  # noqa: S310 - loopback
    try:
        with urlopen(request, timeout=PATIENCE) as response:  # noqa: S310 - loopback alone
            good = response.status in (HTTPStatus.OK, HTTPStatus.NO_CONTENT)
            return response.headers.get("X-Hook-Secret") if good else None
    except (URLError, OSError):
        return None


def listed(call: Call) -> Response:
    """GET /webhooks of a workspace, of one resource when it is named."""
    if call.one("workspace") != WORKSPACE:
        raise bad("workspace: Missing input")
    resource = call.one("resource")
    return paged(call, [one for one in call.store.all("webhooks") if resource in (None, one["resource"]["gid"])])


def got(call: Call) -> Response:
    return answer(viewed(call, found(call.store, "webhooks", "webhook", call.gid()), full=True))


def deleted(call: Call) -> Response:
    gid: Any = found(call.store, "webhooks", "webhook", call.gid())["gid"]
    call.store.delete("webhooks", gid)
    return answer({})
