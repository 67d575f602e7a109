"""Codes against published vectors, and what makes a delivery unbelievable."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors import signatures
from connectors.hooks import Delivery
from models.errors import Unauthorized

# RFC 4231, test case 2, and RFC 2202, test case 2.
KEY, TEXT = "Jefe", b"what do ya want for nothing?"
SHA256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
SHA1 = "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
SHA1_BASE64 = "7/zfauXrL6LSdBbV8YTfnCWafHk="
AT = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
GOOD = Delivery(
    method="POST", url="https://hooks.acme.test/x", headers={"x-signature": SHA256}, body=TEXT, received_at=AT
)


def test_codes_are_those_of_the_standards() -> None:
    assert signatures.code(KEY, TEXT) == SHA256
    assert signatures.code(KEY, TEXT, digest="sha1") == SHA1
    assert signatures.code(KEY.encode(), TEXT, digest="sha1", form="base64") == SHA1_BASE64


@pytest.mark.parametrize(
    ("delivery", "secret"),
    [
        (replace(GOOD, body=TEXT + b"\n"), KEY),
        (replace(GOOD, headers={}), KEY),
        (replace(GOOD, headers={"x-signature": ""}), KEY),
        (replace(GOOD, headers={"x-signature": SHA256.upper()}), KEY),
        (replace(GOOD, headers={"x-signature": "é"}), KEY),
        (GOOD, "jefe"),
    ],
)
def test_a_signed_body_is_believed_as_it_was_signed_and_not_otherwise(delivery: Delivery, secret: str) -> None:
    verify = signatures.of_body("acme", "x-signature")
    verify(KEY, GOOD)
    with pytest.raises(Unauthorized, match=r"^acme: .*compare the secret in the stack") as problem:
        verify(secret, delivery)
    assert SHA256 not in str(problem.value)


def test_a_prefix_belongs_to_the_signature() -> None:
    verify = signatures.of_body("acme", "x-signature", prefix="sha256=")
    verify(KEY, replace(GOOD, headers={"x-signature": f"sha256={SHA256}"}))
    with pytest.raises(Unauthorized):
        verify(KEY, GOOD)


def test_one_of_several_signatures_is_enough_while_a_secret_is_changed() -> None:
    signatures.match("acme", [SHA1, SHA256], SHA256)
    with pytest.raises(Unauthorized, match="does not hold"):
        signatures.match("acme", [], SHA256)


@pytest.mark.parametrize("off", [timedelta(seconds=301), timedelta(seconds=-301)])
def test_what_was_signed_at_another_time_is_refused(off: timedelta) -> None:
    signatures.fresh("acme", GOOD, AT - timedelta(seconds=300), timedelta(seconds=300))
    with pytest.raises(Unauthorized, match="too far from when it came"):
        signatures.fresh("acme", GOOD, AT + off, timedelta(seconds=300))


@pytest.mark.parametrize("text", ["", "soon", "9" * 30])
def test_an_instant_that_is_none_is_no_reason_to_believe(text: str) -> None:
    assert signatures.seconds("acme", "1772452800") == AT
    with pytest.raises(Unauthorized, match="no readable instant"):
        signatures.seconds("acme", text)
