"""Subscriptions: made with a handshake while the call waits; the twin delivers nothing to them (facts: Webhooks)."""

from __future__ import annotations

import ipaddress
import re
from datetime import UTC, datetime, timedelta
from urllib.error import URLError
from urllib.parse import quote, urlsplit
from urllib.request import Request, urlopen

from sandbox.microsoft_graph.dialect import Answer, Call, bad, guid, listed, missing, single, stamp
from sandbox.twin import Record

PATIENCE = 10.0  # seconds within which an address has to answer
LONGEST = timedelta(minutes=10_080)
_RESOURCE = re.compile(r"/?(me|users/[^/]+)/(calendars/[^/]+/)?events", re.IGNORECASE)
_CHANGES = frozenset(("created", "updated", "deleted"))


def create(call: Call) -> Answer:
    """The notification address is called with a token, and must give it back as plain text."""
    said = call.json()
    address, changes = str(said.get("notificationUrl") or ""), str(said.get("changeType") or "")
    if not changes or not set(changes.split(",")) <= _CHANGES:
        raise bad("Subscription validation request failed: changeType.", "InvalidRequest")
    if not _RESOURCE.fullmatch(str(said.get("resource") or "")):
        raise bad("Resource is not supported by this sandbox.", "ExtensionError")
    if len(str(said.get("clientState") or "")) > 128:
        raise bad("clientState is longer than 128 characters.", "InvalidRequest")
    ends = _ends(call, said)
    token = f"Validation: Testing client application reachability for subscription {call.store.sequence()}"
    if not _is_loopback(address) or _greeted(address, token) != token:
        raise bad("Subscription validation request failed. Response must exactly match validationToken query "
                  "parameter.", "ValidationError")  # fmt: skip
    id = guid("subscription", str(call.store.next_id("subscriptions")))
    names = ("changeType", "notificationUrl", "resource", "lifecycleNotificationUrl")
    kept: Record = {"id": id, **{name: said[name] for name in names if name in said}, "expirationDateTime": ends}
    kept |= {"applicationId": call.caller.app, "creatorId": call.caller.person or call.caller.app}
    call.store.put("subscriptions", id, {**kept, "clientState": said.get("clientState")})
    return single(call, "subscriptions", kept, status=201)


def _ends(call: Call, said: Record) -> str:
    now = call.store.clock.now()
    try:
        ends = datetime.fromisoformat(str(said["expirationDateTime"])).astimezone(UTC)
    except (KeyError, ValueError) as problem:
        raise bad("expirationDateTime is no date and time.", "InvalidRequest") from problem
    if not now < ends <= now + LONGEST:
        raise bad("Subscription expiration can only be 10080 minutes in the future.", "ExtensionError")
    return stamp(ends)


def _is_loopback(address: str) -> bool:
    """On loopback alone, where the vendor would refuse just those."""
    try:
        return ipaddress.ip_address(urlsplit(address).hostname or "").is_loopback
    except ValueError:
        return False


def _greeted(address: str, token: str) -> str | None:
    """What the address gives back; None when it does not answer as it should."""
    joined = "&" if "?" in address else "?"
    target = f"{address}{joined}validationToken={quote(token)}"
    request = Request(target, data=b"", headers={"Content-Type": "text/plain"}, method="POST")  # noqa: S310 - loopback
    try:
        with urlopen(request, timeout=PATIENCE) as response:  # noqa: S310 - loopback alone
            good = response.status == 200 and response.headers.get_content_type() == "text/plain"
            return response.read().decode() if good else None
    except (URLError, OSError):
        return None


def _found(call: Call) -> Record:
    found = call.store.get("subscriptions", call.ids["subscription"])
    if found is None:
        raise missing()
    return {name: value for name, value in found.items() if name != "clientState"}


def subscriptions(call: Call) -> Answer:
    found = [{**one, "clientState": None} for one in call.store.all("subscriptions")]
    return listed(call, "subscriptions", found, default=100, most=100)


def subscription(call: Call) -> Answer:
    return single(call, "subscriptions", _found(call))


def renew(call: Call) -> Answer:
    kept = {**_found(call), "expirationDateTime": _ends(call, call.json())}
    secret = (call.store.get("subscriptions", kept["id"]) or {}).get("clientState")
    call.store.put("subscriptions", kept["id"], {**kept, "clientState": secret})
    return Answer(status=204)


def delete(call: Call) -> Answer:
    call.store.delete("subscriptions", _found(call)["id"])
    return Answer(status=204)
