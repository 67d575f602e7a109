"""What stack.yml says, as values; what it gets wrong is in the tests of the command line."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from models.errors import StackError
from pipelines.settings import Guards, Stack, Window, duration, json_schema, load
from pipelines.stack_file import expand

NOW = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)


def stack(folder: Path, text: str) -> Stack:
    path = folder / "stack.yml"
    path.write_text("company: T\nsystems:\n  crm: {roles: [crm]}\n" + text)
    return load(path)


def test_what_is_left_out_has_a_safe_default(tmp_path: Path) -> None:
    found = stack(tmp_path, "handoffs:\n  crm.customer: {mode: shadow}\n")
    assert (found.time_zone, found.currency, found.systems["crm"].environment) == ("UTC", "USD", "production")
    assert found.handoffs["crm.customer"].deletes == "off"
    assert found.home == (tmp_path / ".plumbline").resolve()
    assert found.ledger_url.startswith("sqlite:///")


@pytest.mark.parametrize(("text", "hours"), [("7d", 168), ("12h", 12), (" 2 w ", 336)])
def test_durations(text: str, hours: int) -> None:
    assert duration(text) == timedelta(hours=hours)


def test_a_window_around_now_and_one_between_days_of_the_company() -> None:
    around = Window(past="7d", future="90d").bounds(NOW, "America/Chicago")
    assert around == (datetime(2026, 3, 4, 12), datetime(2026, 6, 9, 12))  # noqa: DTZ001 - naive UTC
    days = Window.model_validate({"from": "2026-03-07", "to": "2026-03-08"}).bounds(NOW, "America/Chicago")
    # the clocks go forward on the 8th: the day after begins an hour earlier in UTC
    assert days == (datetime(2026, 3, 7, 6), datetime(2026, 3, 9, 5))  # noqa: DTZ001 - naive UTC
    assert Window().bounds(NOW, "UTC") == (None, None)


@pytest.mark.parametrize(
    ("deletes", "held", "allowed"), [("5%", 1000, 50), ("5%", 10, 5), ("0%", 10, 5), (3, 1000, 3), ("3", 10, 3)]
)
def test_the_limit_of_deletes(deletes: str | int, held: int, allowed: int) -> None:
    assert Guards(deletes=deletes).delete_limit(held) == allowed


def test_rules_as_mappings_and_as_text(tmp_path: Path) -> None:
    found = stack(tmp_path, "ownership:\n  customer.phone: {prefer: [crm]}\n  customer.city: 'only: crm'\n")
    labels = {name: rule.label for name, rule in found.ownership.items()}
    assert labels == {"customer.phone": "prefer(crm)", "customer.city": "only(crm)"}


def test_the_environment_fills_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DESK_PORT", "8701")
    monkeypatch.delenv("DESK_HOST", raising=False)
    assert expand("http://${DESK_HOST:-localhost}:${DESK_PORT}/${DESK_HOST}") == "http://localhost:8701/${DESK_HOST}"


def test_a_limit_that_says_nothing_is_wrong_use(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"line 4: guards\.deletes: 'some' is no limit"):
        stack(tmp_path, "guards: {deletes: some}\n")
    with pytest.raises(StackError, match=r"guards\.creates"):
        stack(tmp_path, "guards: {creates: many}\n")


def test_editors_get_a_schema() -> None:
    schema = json_schema()
    assert {"company", "systems", "handoffs", "guards"} <= set(schema["properties"])
    assert schema["additionalProperties"] is False
