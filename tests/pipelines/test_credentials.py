"""References to credentials, resolved when they are needed and never before."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.errors import CredentialError
from pipelines.clock import clock_of
from pipelines.credentials import resolve
from pipelines.settings import Stack, load
from tests.pipelines import http_counter
from tests.pipelines.http_counter import Counter


def stack(folder: Path, reference: str, base_url: str = "https://crm.example") -> Stack:
    entry = {"roles": ["crm"], "base_url": base_url, "credentials": {"token": reference}}
    (folder / "stack.yml").write_text(json.dumps({"company": "T", "systems": {"crm": entry}}))
    return load(folder / "stack.yml")


def test_from_the_environment_and_from_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_TOKEN", "abc")
    assert resolve(stack(tmp_path, "env:DESK_TOKEN"), "crm") == {"token": "abc"}
    (tmp_path / "token.txt").write_text("def\n")
    assert resolve(stack(tmp_path, "file:token.txt"), "crm") == {"token": "def"}


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        ("env:DESK_NOWHERE", "line 1: systems.crm.credentials.token: the environment variable DESK_NOWHERE is not set"),
        ("file:nowhere.txt", "nowhere.txt cannot be read"),
        ("the-secret-itself", "a reference"),
        ("sandbox:token", "only for a base_url on this machine"),
    ],
)
def test_a_reference_that_leads_nowhere_names_itself_and_no_value(reference: str, says: str, tmp_path: Path) -> None:
    with pytest.raises(CredentialError, match=says) as caught:
        resolve(stack(tmp_path, reference), "crm")
    assert "the-secret-itself" not in str(caught.value)


@pytest.fixture
def nobody() -> Iterator[Counter]:
    """Somebody answers there, but not a sandbox."""
    with http_counter.serve() as counter:
        counter.mood = "html"
        yield counter


def test_a_sandbox_that_does_not_answer_is_to_be_started(tmp_path: Path, nobody: Counter) -> None:
    for address in (f"{nobody.address}/crm", "http://127.0.0.1:9/crm"):
        with pytest.raises(CredentialError, match="start it with `plumbline sandbox`"):
            resolve(stack(tmp_path, "sandbox:", address), "crm")


def test_a_sandbox_clock_that_does_not_answer_is_real_time(nobody: Counter) -> None:
    now = clock_of(f"{nobody.address}/_sandbox/clock")()
    assert abs((clock_of(None)() - now).total_seconds()) < 60
