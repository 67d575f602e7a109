from __future__ import annotations

import json

import pytest

from sandbox.quickbooks_online import TWIN
from sandbox.twin import Refusal


@pytest.mark.parametrize(
    ("kind", "status", "type", "code"),
    [
        ("rate_limit", 429, "SERVICE", "3001"),
        ("rate_limit", 403, "SERVICE", "3001"),
        ("forbidden", 403, "AuthorizatonFault", "3100"),
        ("server_error", 500, "SystemFault", "10000"),
        ("server_error", 503, "SystemFault", "10000"),
    ],
)
def test_refusals_of_the_sandbox_in_the_vendors_words(kind: str, status: int, type: str, code: str) -> None:
    response = TWIN.refuse(Refusal(kind=kind, status=status))
    fault = json.loads(bytes(response.body))["Fault"]
    assert (response.status_code, fault["type"], fault["Error"][0]["code"]) == (status, type, code)
    assert "retry-after" not in response.headers


def test_an_expired_token_answers_in_its_own_casing_and_waiting_can_be_named() -> None:
    response = TWIN.refuse(Refusal(kind="unauthorized", status=401, retry_after=60))
    assert json.loads(bytes(response.body))["fault"]["error"][0]["code"] == "3200"
    assert response.headers["retry-after"] == "60"
