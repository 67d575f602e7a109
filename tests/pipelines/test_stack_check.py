"""A stack is told all that is wrong with it at once, and what would surprise its owner."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipelines.settings import load
from pipelines.stack_check import Complaint, check_stack
from pipelines.stack_init import Share, propose, ranked, stack_text
from tests.pipelines.desk import ADA, Desk

WRONG = """\
company: Acme
time_zone: America/Chicgo
systems:
  hubspot: {roles: [crn], credentials: {token: env:NO_SUCH_TOKEN}}
  jober: {roles: [scheduling]}
  google_calendar: {roles: [calendar], credentials: {service_account: secret}}
ownership:
  customer.phone: {prefer: [jobber, google_calendar]}
  customer.nickname: {prefer: [crm]}
handoffs:
  hubspot.customer: {mode: live}
  google_calendar.invoice: {mode: shadow}
  google_calendar.assignment: {mode: live, windw: {past: 7d}}
guards: {deletes: many}
"""


def complaints(folder: Path, text: str) -> tuple[Complaint, ...]:
    path = folder / "stack.yml"
    path.write_text(text)
    return check_stack(path)


def test_every_problem_is_told_with_its_line(tmp_path: Path) -> None:
    found = complaints(tmp_path, WRONG)
    told = {(one.line, one.where): one.what for one in found if one.severity == "problem"}
    assert "America/Chicago" in told[2, "time_zone"]
    assert "crm" in told[4, "systems.hubspot.roles"]
    assert "jobber" in told[5, "systems.jober"]
    assert "never the value itself" in told[6, "systems.google_calendar.credentials"]
    assert any(line == 9 for line, _ in told)
    assert any("does not write 'invoice'" in what for what in told.values())
    assert "window" in told[13, "handoffs.google_calendar.assignment.windw"]
    assert "no limit" in told[14, "guards.deletes"]


def test_a_system_set_aside_is_not_missed_again_by_what_names_it(tmp_path: Path) -> None:
    found = complaints(tmp_path, WRONG)
    assert [one.line for one in found if "hubspot" in one.what and one.line == 11] == []


def test_what_is_allowed_and_odd_is_a_warning(desk: Desk) -> None:
    desk.rest["ownership"] = {"technician.phone": {"prefer": ["crm", "field"]}}
    desk.rest["handoffs"] = {"field.customer": {"mode": "live"}, "crm.customer": {"mode": "live", "owner": "Mia"}}
    found = [one for one in check_stack(desk.stack) if one.severity == "warning"]
    assert {(one.where, one.what[:34]) for one in found} >= {
        ("handoffs.field.customer", "it is live and has no owner; name "),
        ("ownership.technician.phone", "crm knows no technician.phone, so "),
    }
    assert all(one.severity == "warning" for one in check_stack(desk.stack))


def test_the_example_is_fine_but_for_what_only_its_owner_knows(desk: Desk) -> None:
    desk.rest["handoffs"] = {"field.customer": {"mode": "live", "owner": "Mia"}}
    assert [one.what for one in check_stack(desk.stack) if one.severity == "problem"] == []


# --- init ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("shares", "declared", "order"),
    [
        ((("a", 9, 10, 0), ("b", 10, 10, 0)), ("a", "b"), ("a", "b")),
        ((("a", 2, 10, 0), ("b", 10, 10, 0)), ("a", "b"), ("b", "a")),
        ((("a", 9, 10, 1), ("b", 9, 10, 5)), (), ("b", "a")),
        ((("a", 8, 10, 1), ("b", 9, 10, 0), ("c", 9, 10, 0)), ("c",), ("c", "b", "a")),
    ],
)
def test_the_usual_owner_comes_first_unless_it_hardly_knows(
    shares: tuple[tuple[str, int, int, int], ...], declared: tuple[str, ...], order: tuple[str, ...]
) -> None:
    known = [Share(system=s, filled=f, records=r, newest=n) for s, f, r, n in shares]
    assert ranked(known, declared) == order
    assert ranked(known[::-1], declared) == order


def test_a_proposal_is_accepted_writes_nothing_and_shows_its_evidence(desk: Desk) -> None:
    for i in range(4):
        desk.edit("crm", str(i), first=f"F{i}", last="Diaz", email=f"e{i}@example.com")
        desk.edit("field", f"f{i}", first=f"F{i}", last="Diaz", email=f"e{i}@example.com", phone=f"512-555-010{i}")
    desk.edit("crm", "0", **ADA)
    desk.rest = {}
    before = {name: desk.book(name).read_bytes() for name in desk.roles}
    company = desk.company()
    found, proposals = propose(company, check=lambda *_: ())
    orders = {one.field: one.order for one in proposals if one.entity == "customer"}
    assert orders["phone"] == ("field", "crm")  # crm has it for one of four
    assert {name: desk.book(name).read_bytes() for name in desk.roles} == before

    source = desk.stack
    source.write_text(_yaml(json.loads(source.read_text())))
    text = stack_text(company, source.read_text(), found, proposals)
    assert "# crm 25 % of 4" in text
    proposed = desk.folder / "proposed.yml"
    proposed.write_text(text)
    stack = load(proposed)
    assert {entry.mode for entry in stack.handoffs.values()} == {"shadow"}
    assert stack.ownership["customer.phone"].order == ("field", "crm")
    assert [one for one in check_stack(proposed) if one.severity == "problem"] == []


def _yaml(data: dict[str, object]) -> str:
    return "\n".join(f"{key}: {json.dumps(value)}" for key, value in data.items()) + "\n"
