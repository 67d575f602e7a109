"""Whether a webhook call comes from whom it says: the pieces that the vendors' schemes are made of.

A scheme differs in what is signed (the body, an instant and the body, the address and the body), in digest, encoding
and header. ``of_body`` is the commonest one whole; others put ``shown``, ``code``, ``match`` and ``fresh`` together.
Comparisons take the same time whether the first character is wrong or the last, so that a signature cannot be guessed
piece by piece.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Literal

from connectors.hooks import Delivery
from models.errors import Unauthorized

Digest = Literal["sha1", "sha256", "sha512"]
Form = Literal["hex", "base64"]
Verify = Callable[[str, Delivery], None]


def of_body(system: str, header: str, *, digest: Digest = "sha256", form: Form = "hex", prefix: str = "") -> Verify:
    """The scheme of vendors that sign the raw body and nothing else; ``prefix`` stands before the code."""

    def verify(secret: str, delivery: Delivery) -> None:
        given = shown(system, delivery, header)
        match(system, [given], prefix + code(secret, delivery.body, digest=digest, form=form))

    return verify


def shown(system: str, delivery: Delivery, header: str) -> str:
    """The header's value. Unauthorized when the delivery does not have it."""
    value = delivery.headers.get(header)
    if not value:
        raise refused(system, f"came without the header {header}")
    return value


def code(secret: str | bytes, message: bytes, *, digest: Digest = "sha256", form: Form = "hex") -> str:
    """The HMAC of a message as text; a secret that is text counts as its UTF-8 bytes."""
    key = secret.encode() if isinstance(secret, str) else secret
    made = hmac.digest(key, message, digest)
    return made.hex() if form == "hex" else base64.b64encode(made).decode()


def match(system: str, given: Iterable[str], expected: str) -> None:
    """Unauthorized unless one of the given signatures is the expected one; each is compared in constant time."""
    fits = [hmac.compare_digest(one.encode(), expected.encode()) for one in given]
    if not any(fits):
        raise refused(system, "has a signature that does not hold")


def fresh(system: str, delivery: Delivery, signed_at: datetime, tolerance: timedelta) -> None:
    """Unauthorized when the signed instant (aware) lies further than the tolerance from when the delivery came."""
    if abs(delivery.received_at - signed_at) > tolerance:
        raise refused(system, f"was signed at {signed_at:%Y-%m-%dT%H:%M:%SZ}, too far from when it came")


def seconds(system: str, text: str) -> datetime:
    """The instant that an epoch of whole seconds in a header tells. Unauthorized when it tells none."""
    try:
        return datetime.fromtimestamp(int(text), UTC)
    except (ValueError, OverflowError, OSError) as problem:
        raise refused(system, "has no readable instant in its signature") from problem


def refused(system: str, why: str) -> Unauthorized:
    """The error for a delivery that is not believed; it never repeats a signature or secret."""
    remedy = "compare the secret in the stack with the one the vendor shows for this webhook; nothing was taken from it"
    return Unauthorized(system, f"a webhook delivery {why}; {remedy}")
