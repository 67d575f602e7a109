"""Forms, errors and signatures, without a wire."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from connectors import stripe
from connectors.hooks import Delivery
from connectors.stripe.dialect import form, judge
from connectors.stripe.hooks import HOOKS, TOLERANCE
from models.errors import Rejected, Throttled, Transient, Unauthorized

vendor = pytest.importorskip("stripe", reason="the vendor's client package is not installed")
SECRET = "whsec_of_acme"
BODY = json.dumps({"type": "charge.succeeded", "data": {"object": {"object": "charge", "id": "ch_1"}}}).encode()
TRIGGERS = Path(__file__).parents[3].parent / "shared" / "data" / "stripe_cli_triggers"


def test_a_record_is_a_form_with_brackets() -> None:
    record = {"a": None, "b": True, "c": Decimal("1.50"), "d": {"e": 1}, "f": [{"g": "x"}, {"g": "y"}]}
    assert form(record) == {"a": "", "b": "true", "c": "1.50", "d[e]": "1", "f[0][g]": "x", "f[1][g]": "y"}


@pytest.mark.parametrize(
    ("status", "error", "kind"),
    [
        (429, {"code": "lock_timeout", "message": "m"}, Throttled),
        (409, {"code": "idempotency_key_in_use", "message": "m"}, Transient),
        (400, {"type": "idempotency_error", "message": "m"}, Rejected),
    ],
)
def test_errors_mean_what_their_codes_say(status: int, error: dict[str, str], kind: type[Exception]) -> None:
    assert type(judge("stripe", status, {}, {"error": error})) is kind
    assert judge("stripe", 400, {}, {"error": {"code": "email_invalid"}}) is None


def signed(at: datetime, body: bytes = BODY) -> Delivery:
    """A delivery as the vendor's own package signs it."""
    header = vendor.WebhookSignature.generate_signature_header(body.decode(), SECRET, timestamp=int(at.timestamp()))
    return Delivery(
        method="POST", url="https://x.test", headers={"stripe-signature": header}, body=body,
        received_at=datetime(2026, 3, 2, 12, tzinfo=UTC),
    )  # fmt: skip


def test_what_the_vendors_package_signs_is_believed_while_it_is_fresh() -> None:
    now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    HOOKS.verify(SECRET, signed(now - TOLERANCE))
    with pytest.raises(Unauthorized, match="too far"):
        HOOKS.verify(SECRET, signed(now - TOLERANCE * 2))
    with pytest.raises(Unauthorized):
        HOOKS.verify("whsec_other", signed(now))


def test_the_vendors_package_believes_our_recorded_deliveries() -> None:
    folder = Path(str(stripe.__file__)).parent
    for one in json.loads((folder / "deliveries.json").read_text(encoding="utf-8")):
        header = one["headers"]["Stripe-Signature"]
        assert vendor.WebhookSignature.verify_header(one["body"], header, one["secret"])


@pytest.mark.parametrize(
    ("record", "touched"),
    [
        ({"object": "charge", "id": "ch_1"}, [("charges", "ch_1")]),
        ({"object": "refund", "id": "re_1", "charge": "ch_1"}, [("charges", "ch_1")]),
        ({"object": "invoice_payment", "id": "inpay_1", "invoice": "in_1"}, [("invoices", "in_1")]),
        ({"object": "payment_intent", "id": "pi_1", "latest_charge": None}, []),
        ({"object": "mandate", "id": "m_1"}, []),
    ],
)
def test_an_event_names_what_to_read_again(record: dict[str, str], touched: list[tuple[str, str]]) -> None:
    assert HOOKS.touched({}, json.dumps({"data": {"object": record}}).encode()) == touched
