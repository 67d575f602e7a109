"""What stands before every call: who asks, how often, and whether it was asked before under the same key.

Source: facts sheet "Base URL, auth", "Rate limits", "Idempotency, finding our record again".
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sandbox.store import Store
from sandbox.stripe.dialect import Refused
from sandbox.twin import Record

KEY = "sk_test_51BluebonnetTwin000000"
A_SECOND, SEARCHES_A_SECOND = 25, 20  # of a sandbox account
REMEMBERED = timedelta(hours=24)
LONGEST_KEY = 255
SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """An answer: status, body, and headers beside the usual ones."""

    status: int
    body: Record
    headers: Mapping[str, str]


def check_key(headers: Mapping[str, str]) -> None:
    """Bearer, or Basic with the key as user."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "basic":
        try:
            given = base64.b64decode(given, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            given = ""
    if not given:
        raise Refused(status=401, message="You did not provide an API key.")
    if given != KEY:
        raise Refused(status=401, message=f"Invalid API Key provided: {given[:8]}****")


def count_call(store: Store, method: str, path: str) -> None:
    """Refuse what is more than the account may ask in a second; a refused call does not count."""
    now, search = store.clock.now(), path.endswith("/search")
    if store.faults.take("unlimited", method, path) is not None:
        return
    for name, most in (("all", A_SECOND), *((("search", SEARCHES_A_SECOND),) if search else ())):
        calls: deque[datetime] = store.bag.setdefault(f"calls {name}", deque())
        while calls and now - calls[0] >= SECOND:
            calls.popleft()
        if len(calls) >= most * store.headroom:
            reason = {"Stripe-Rate-Limited-Reason": "endpoint-rate" if search else "global-rate"}
            raise Refused(status=429, code="rate_limit", message="Too many requests hit the API too quickly.",
                          headers=reason, saved=False)  # fmt: skip
        calls.append(now)


def once(store: Store, key: str | None, path: str, given: Mapping[str, Any], act: Callable[[], Outcome]) -> Outcome:
    """The first answer again for the same key; 400 when the key comes with other parameters."""
    if key is None or store.faults.take("ignored_idempotency_key", "POST", path) is not None:
        return act()
    if len(key) > LONGEST_KEY:
        raise Refused(status=400, message=f"Idempotency-Key is longer than {LONGEST_KEY} characters", saved=False)
    keys: dict[str, tuple[datetime, str, Outcome]] = store.bag.setdefault("keys", {})
    asked = hashlib.sha256(json.dumps([path, given], sort_keys=True).encode()).hexdigest()
    at, before, answer = keys.get(key, (store.clock.now() - 2 * REMEMBERED, "", None))
    if answer is not None and store.clock.now() - at < REMEMBERED:
        if asked != before:
            said = "Keys for idempotent requests can only be used with the same parameters they were first used with."
            raise Refused(status=400, type="idempotency_error", message=said, saved=False)
        replayed = {"Idempotent-Replayed": "true", "Original-Request": answer.headers["Request-Id"]}
        return Outcome(status=answer.status, body=answer.body, headers={**answer.headers, **replayed})
    try:
        outcome = act()
    except Refused as refused:
        if refused.saved:
            keys[key] = (store.clock.now(), asked, answer_of(store, refused))
        raise
    keys[key] = (store.clock.now(), asked, outcome)
    return outcome


def answer_of(store: Store, refused: Refused) -> Outcome:
    """A refusal as an answer."""
    return Outcome(status=refused.status, body=refused.body(), headers=request_id(store) | dict(refused.headers))


def request_id(store: Store) -> dict[str, str]:
    """The header that names an answer."""
    return {"Request-Id": f"req_{store.next_id('requests'):014}"}
