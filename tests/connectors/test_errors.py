from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.errors import HIDDEN, SECRET_NAMES, is_markup, redact, scrub, sentence, stranger, throttled, wait_of

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def test_secrets_in_mappings_are_hidden_wherever_they_are() -> None:
    told = {
        "Authorization": "Bearer abc.def",
        "headers": [{"X-API-Key": "k"}],
        "client_secret": "s",
        "note": "call Kim",
        "syncToken": "CPDAlvWDx70CEPDAlvWDx70CGAU=",
    }
    assert redact(told) == {
        "Authorization": HIDDEN,
        "headers": [{"X-API-Key": HIDDEN}],
        "client_secret": HIDDEN,
        "note": "call Kim",
        "syncToken": "CPDAlvWDx70CEPDAlvWDx70CGAU=",
    }


@pytest.mark.parametrize(
    "text",
    [
        "refresh_token=topsecret&x=1",
        '{"password": "topsecret"}',
        "Authorization: Bearer topsecret",
        "assertion=topsecret",
        "client-secret: 'topsecret'",
        "curl -H 'authorization: Basic topsecret=='",
        "api_key=topsecret",
    ],
)
def test_secrets_in_texts_are_hidden(text: str) -> None:
    assert "topsecret" not in redact(text)
    assert HIDDEN in redact(text)


@pytest.mark.parametrize("spelled", [str.lower, str.upper, lambda name: name.replace("_", "-")])
def test_every_name_of_a_secret_is_looked_for(spelled: Callable[[str], str]) -> None:
    said = {name: redact(f"{spelled(name)}=topsecret") for name in SECRET_NAMES}
    assert [name for name, text in said.items() if "topsecret" in text] == []


@pytest.mark.parametrize("text", ["Kim's job is a basic visit", "token expired", "page 2 of 3", "the bearer is Kim"])
def test_ordinary_sentences_stay(text: str) -> None:
    assert redact(text) == text


def test_a_secret_that_a_vendor_repeats_is_hidden() -> None:
    assert scrub("no access for pat-na1-4711", ["pat-na1-4711", "ab"]) == f"no access for {HIDDEN}"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"status": "error", "message": "Property missing", "category": "VALIDATION"}, "Property missing"),
        ({"error": {"code": 404, "message": "Not Found", "errors": [{"reason": "notFound"}]}}, "Not Found"),
        (
            {"Fault": {"Error": [{"Message": "Stale Object", "Detail": "SyncToken 3", "code": "5010"}]}},
            "Stale Object: SyncToken 3",
        ),
        ({"errors": [{"message": "Throttled"}, {"message": "Again"}]}, "Throttled; Again"),
        ({"error": "invalid_grant", "error_description": "Token revoked"}, "Token revoked"),
        ("plain  words\n here", "plain words here"),
        ("<!DOCTYPE html><p>Sorry", ""),
        ({"unknown": 1}, ""),
        ([], ""),
    ],
)
def test_the_vendors_own_words_are_found(body: Any, expected: str) -> None:
    assert sentence(body) == expected


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("3", 3.0),
        ("0.5", 0.5),
        ("-4", 0.0),
        ("Mon, 02 Mar 2026 12:01:00 GMT", 60.0),
        ("soon", None),
        ("", None),
        ("Mon, 02 Mar 2026 11:00:00 GMT", 0.0),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str, seconds: float | None) -> None:
    assert wait_of({"retry-after": header}, NOW) == seconds


def test_a_page_is_known_by_its_beginning() -> None:
    assert is_markup("  \n<!DOCTYPE HTML><html>")
    assert is_markup("<HTML lang=en>")
    assert not is_markup('<?xml version="1.0"?><multistatus/>')


@pytest.mark.parametrize(
    ("headers", "usual", "wait"),
    [({"retry-after": "7"}, None, 7.0), ({"retry-after": "soon"}, 60.0, 60.0), ({}, None, None), ({}, 60.0, 60.0)],
)
def test_too_many_calls_wait_as_long_as_the_vendor_says(
    headers: dict[str, str], usual: float | None, wait: float | None
) -> None:
    problem = throttled("acme", "120 calls a minute", headers, usual)
    assert (str(problem), problem.wait) == ("acme: 120 calls a minute; call it less often", wait)


def test_a_success_of_somebody_else_names_the_base_address() -> None:
    assert str(stranger("acme", "Acme CRM")) == "acme: it answers, but not as Acme CRM; check its base address"
