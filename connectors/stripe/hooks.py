"""The webhooks that Stripe sends: events, signed over instant and body (Webhooks)."""

from __future__ import annotations

from datetime import timedelta

from connectors import signatures
from connectors.hooks import Delivery, Hooks, naming
from connectors.stripe.reading import EVENTS, concerned

SYSTEM, SIGNATURE = "stripe", "stripe-signature"
TOLERANCE = timedelta(seconds=300)  # of the vendor's own package


def verify(secret: str, delivery: Delivery) -> None:
    """``t=<epoch seconds>,v1=<code>``; two codes while a secret is being changed. Other schemes do not count."""
    pairs = [part.strip().partition("=") for part in signatures.shown(SYSTEM, delivery, SIGNATURE).split(",")]
    at = next((value for name, _, value in pairs if name == "t"), "")
    expected = signatures.code(secret, f"{at}.".encode() + delivery.body)
    signatures.match(SYSTEM, [value for name, _, value in pairs if name == "v1"], expected)
    signatures.fresh(SYSTEM, delivery, signatures.seconds(SYSTEM, at), TOLERANCE)


HOOKS = Hooks(
    events=tuple(sorted({name for names in EVENTS.values() for name in names})),
    touched=naming(SYSTEM, concerned),
    verify=verify,
    signature=SIGNATURE,
    tolerance=TOLERANCE,
)
