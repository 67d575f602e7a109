"""What a connector with hooks owes: recorded deliveries hold, and none that was tampered with does.

``deliveries.json`` in the connector's folder lists deliveries in the vendor's wire shape, each with the invented
secret that signed it and the instant at which it came. The signatures in it are made without our code.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from connectors.hooks import Delivery, Hooks
from connectors.spec import Connector
from models.errors import PlumblineError, Unauthorized

UNREADABLE = (b"", b"text", b"[]", b"null", b"{}", b'{"data": null}', b"\xff\xfe")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """One example delivery and the secret that it was signed with."""

    secret: str
    delivery: Delivery


def recorded(folder: Path) -> list[Recorded]:
    """The examples of a connector's folder; header names in lower case, as a receiver hands them on."""
    file = folder / "deliveries.json"
    listed = json.loads(file.read_text(encoding="utf-8")) if file.exists() else []
    return [_recorded(one) for one in listed]


def _recorded(one: dict[str, object]) -> Recorded:
    headers = one["headers"]
    assert isinstance(headers, dict)
    delivery = Delivery(
        method=str(one["method"]),
        url=str(one["url"]),
        headers={name.lower(): value for name, value in headers.items()},
        body=str(one["body"]).encode(),
        received_at=datetime.fromisoformat(str(one["received_at"])),
    )
    return Recorded(secret=str(one["secret"]), delivery=delivery)


def complaints(connector: Connector, folder: Path) -> list[str]:
    """What is wrong with the hooks of a connector that has some."""
    hooks = connector.hooks
    if hooks is None:
        return []
    examples = recorded(folder)
    if not examples:
        return ["deliveries.json is missing: recorded webhook calls with the secret that signed them"]
    found = [said for one in examples for said in _believed(hooks, one)]
    found += _what_is_touched(connector, hooks, examples)
    found += ["a delivery is taken for the start of a subscription" for one in examples if _starts(hooks, one.delivery)]
    return found + [f"touched is surprised by {body!r}" for body in UNREADABLE if not _is_calm(hooks, body)]


def _believed(hooks: Hooks, one: Recorded) -> Iterator[str]:
    if not _holds(hooks, one.secret, one.delivery):
        yield "a recorded delivery is refused"
    tampered = _tampered(hooks, one.delivery) if hooks.signature else _without_the_secret(one)
    for told, delivery in tampered:
        if _holds(hooks, one.secret, delivery):
            yield f"a delivery with {told} is believed"
    if _holds(hooks, f"{one.secret}x", one.delivery):
        yield "a delivery is believed with another secret"


def _tampered(hooks: Hooks, good: Delivery) -> Iterator[tuple[str, Delivery]]:
    header, given = hooks.signature, good.headers.get(hooks.signature, "")
    others = {name: value for name, value in good.headers.items() if name != header}
    at = len(given) * 3 // 4
    yield "an altered body", replace(good, body=good.body + b" ")
    yield "no signature", replace(good, headers=others)
    yield "an empty signature", replace(good, headers=others | {header: ""})
    yield (
        "an altered signature",
        replace(
            good, headers=others | {header: given[:at] + ("1" if given[at : at + 1] != "1" else "2") + given[at + 1 :]}
        ),
    )
    yield "a signature that is no ASCII", replace(good, headers=others | {header: "ü" + given})
    if hooks.tolerance is not None:
        late = good.received_at + hooks.tolerance + timedelta(seconds=1)
        yield "an old signature", replace(good, received_at=late)


def _without_the_secret(one: Recorded) -> Iterator[tuple[str, Delivery]]:
    """Deliveries of a vendor that signs nothing and shows the secret in each body."""
    good, secret = one.delivery, one.secret.encode()
    assert secret in good.body
    yield "another secret in it", replace(good, body=good.body.replace(secret, secret[:-1] + b"~"))
    yield "a secret in it that is no ASCII", replace(good, body=good.body.replace(secret, "ü".encode() + secret))
    yield "an empty secret in it", replace(good, body=good.body.replace(secret, b""))
    yield "an unreadable body", replace(good, body=good.body[:-1])
    yield "an empty body", replace(good, body=b"")


def _holds(hooks: Hooks, secret: str, delivery: Delivery) -> bool:
    try:
        hooks.verify(secret, delivery)
    except Unauthorized:
        return False
    return True


def _what_is_touched(connector: Connector, hooks: Hooks, examples: list[Recorded]) -> Iterator[str]:
    resources = {one.name for one in connector.resources}
    touched = [pair for one in examples for pair in hooks.touched(one.delivery.headers, one.delivery.body)]
    if not touched:
        yield "no recorded delivery touches anything"
    for resource, id in touched:
        if resource not in resources:
            yield f"a delivery touches {resource!r}, which is no resource of it"
        if not id:
            yield f"a delivery touches a record of {resource!r} without an id"


def _starts(hooks: Hooks, delivery: Delivery) -> bool:
    """Whether it would be believed unsigned."""
    return hooks.confirm is not None and hooks.confirm(delivery) is not None


def _is_calm(hooks: Hooks, body: bytes) -> bool:
    try:
        hooks.touched({}, body)
    except PlumblineError:
        return True
    except Exception:  # noqa: BLE001 - any other exception is the surprise that this looks for
        return False
    return True
