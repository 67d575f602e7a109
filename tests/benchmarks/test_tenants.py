"""Companies side by side in one process: a thousand calls here, ten thousand in the benchmark."""

from __future__ import annotations

import pytest

from benchmarks import tenants
from connectors.gateway import Gateway


def test_story_61_no_call_of_one_company_shows_a_secret_of_another() -> None:
    count = tenants.mixed(1000, companies=4)
    assert count.clean, count
    assert count.renewals > 4, "tokens were renewed meanwhile, each of its own"


def test_what_is_counted_is_found_when_two_companies_are_confused(monkeypatch: pytest.MonkeyPatch) -> None:
    called, apis = tenants._called, dict[str, Gateway]()
    monkeypatch.setattr(tenants, "_called", lambda api, tenant: called(apis.setdefault("first", api), tenant))
    assert tenants.mixed(20, companies=2).received > 0
