"""What a change of rules is said to cause is what it causes, and asking leaves no trace."""

from __future__ import annotations

import hashlib
import json
import random
import shutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from typer.testing import CliRunner

from models.errors import PlumblineError, StackError
from models.ownership import Ownership, latest, only, prefer, union
from pipelines import ledger, show
from pipelines.cli import app, main
from pipelines.commands import whatif as command
from pipelines.company import open_books
from pipelines.warehouse import open_snapshot
from pipelines.whatif import WhatIf, WriteChange, whatif
from quality.spec import Check, Verdict
from tests.pipelines import short_read
from tests.pipelines.desk import ADA, SYSTEMS, Desk

ROLES = {"crm": "crm", "field": "scheduling", "office": "accounting"}
REST: Mapping[str, Any] = {
    "ownership": {"customer.city": {"prefer": ["crm", "field"]}},
    "handoffs": {
        "field.customer": {"mode": "live"},
        "crm.customer": {"mode": "review", "fields": ["given_name", "phone", "tags"]},
        "office.customer": {"mode": "shadow", "fields": ["given_name", "phone"]},
        "office.assignment": {"mode": "shadow", "deletes": "mirror"},
    },
}
CONFLICT = ("entity", "core_id", "field", "winner", "winner_value", "loser", "loser_value")
KEYS = ("given_name", "family_name", "email", "phone", "city", "tags", "status")
Write = tuple[str, str, str | None]  # handoff, change, why it waits


def passing(*_: Any) -> tuple[()]:
    return ()


# --- a company in which systems disagree -------------------------------------------------------------------------


def populate(desk: Desk) -> None:
    dice = random.Random(7)
    for n in range(12):
        for system in dice.sample(["crm", "field", "office"], dice.randint(2, 3)):
            desk.edit(
                system,
                f"{system[0]}{n}",
                first=dice.choice(["Ann", "Anna", "Annie"]),
                last=dice.choice(["Lee", "Ray"]),
                email=f"p{n}@example.com",
                phone=dice.choice([None, f"512-555-01{n:02}", f"512-555-02{n:02}"]),
                city=dice.choice([None, "Austin", "Houston"]),
                status=dice.choice([None, "lead", "active", "gone"]),
                tags=dice.choice([[], ["vip"], ["late", "vip"]]),
            )
    for system in ("field", "office"):
        for name in ("wil", "zed"):
            desk.edit(system, f"w-{name}", collection="workers", name=f"{name} {system}", email=f"{name}@example.com")
    crew = [{"id": "w-wil"}, {"id": "w-zed"}]
    desk.edit("field", "v1", collection="visits", title="Heater", start="2026-03-12T15:00:00Z", crew=crew)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Every core value by (entity, core_id, field), the open conflicts, and what the next sync would write."""

    core: Mapping[tuple[str, str, str], Any]
    conflicts: set[tuple[Any, ...]]
    writes: set[Write]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, State]]:
    """Synced until nothing moves; what is in review or in shadow stays planned."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLUMBLINE_CONNECTORS", str(SYSTEMS))
        patch.setattr("pipelines.sync.read_all", short_read.read_all)
        desk = Desk(folder=tmp_path_factory.mktemp("base"), roles=ROLES, rest=dict(REST))
        populate(desk)
        for _ in range(2):
            desk.sync()
        yield desk, state(desk)


@pytest.fixture
def office(base: tuple[Desk, State], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A copy of it, of one's own."""
    monkeypatch.setattr("pipelines.checks.check", passing)
    monkeypatch.setattr("pipelines.sync.read_all", short_read.read_all)
    desk = replace(base[0], folder=tmp_path, rest=dict(REST))
    shutil.copytree(base[0].folder, tmp_path, dirs_exist_ok=True)
    return desk


def state(desk: Desk) -> State:
    """How things stand after a sync that writes nothing."""
    desk.sync(write=False)
    assert desk.session is not None
    plans = desk.session.plans
    names = ", ".join(CONFLICT)
    with open_snapshot(desk.company().snapshot) as warehouse:
        core = {
            (entity.name, row["core_id"], field): row[field]
            for entity in desk.company().model.active()
            for row in warehouse.rows(f"SELECT * FROM core.{entity.name}")  # noqa: S608 - names of entities
            for field in ("deleted_at", *(f.name for f in entity.fields))
        }
        found = warehouse.rows(f"SELECT {names} FROM core.conflicts WHERE state = 'open'")  # noqa: S608 - our own names
    return State(
        core=core,
        conflicts={tuple(row.values()) for row in found},
        writes={(p.handoff, c.id, None) for p in plans for c in p.changes}
        | {(p.handoff, h.change.id, h.reason) for p in plans for h in p.held},
    )


def enact(desk: Desk, rules: Mapping[str, Ownership]) -> None:
    changed = {key: {rule.kind: list(rule.order)} for key, rule in rules.items()}
    for key, rule in rules.items():
        if rule.kind == "only":
            changed[key] = {"only": rule.order[0]}  # type: ignore[dict-item]
    desk.rest["ownership"] = {**desk.rest["ownership"], **changed}


def added(said: WhatIf) -> set[Write]:
    return {(w.handoff, w.change, w.held) for w in said.writes if w.effect != "dropped"}


def dropped(said: WhatIf) -> set[Write]:
    altered = {(w.handoff, w.instead_of.change, w.instead_of.held) for w in said.writes if w.instead_of}
    return altered | {(w.handoff, w.change, w.held) for w in said.writes if w.effect == "dropped"}


def conflicts(said: WhatIf, effect: str) -> set[tuple[Any, ...]]:
    return {tuple(getattr(c, name) for name in CONFLICT) for c in said.conflicts if c.effect == effect}


def random_rules(seed: int) -> dict[str, Ownership]:
    dice = random.Random(seed)
    keys = [*(f"customer.{name}" for name in KEYS), "customer", "technician.name"]
    names = [*ROLES, *ROLES.values()]
    rules: dict[str, Ownership] = {}
    for key in dice.sample(keys, dice.randint(2, 4)):
        order = dice.sample(names, dice.randint(1, 4))
        kinds = [prefer, prefer, latest] if key != "customer.tags" else [prefer, union]
        rules[key] = only(order[0]) if dice.random() < 0.25 else dice.choice(kinds)(*order)
    return rules


# --- prediction and fact -----------------------------------------------------------------------------------------


def calls(said: WhatIf) -> None:
    assert {w.handoff for w in said.writes} == {"field.customer", "crm.customer", "office.customer"}
    assert {w.effect for w in said.writes} == {"added", "altered", "dropped"}
    assert {w.mode for w in said.writes} == {"live", "review", "shadow"}
    assert {c.effect for c in said.conflicts} == {"opened", "settled"}


def times(said: WhatIf) -> None:
    """Without a start nothing is made in a calendar."""
    assert {(w.handoff, w.action, w.effect) for w in said.writes} == {("office.assignment", "create", "dropped")}


def looked_up(said: WhatIf) -> None:
    assert {(c.entity, c.field) for c in said.core} == {("technician", "name"), ("assignment", "technician_name")}
    assert {(c.old_from, c.new_from) for c in said.core} == {("field", "office")}


CASES: list[tuple[dict[str, Ownership], Callable[[WhatIf], None]]] = [
    ({"customer.phone": prefer("office", "crm"), "customer.given_name": only("office")}, calls),
    ({"appointment.starts_at": only("crm")}, times),
    ({"technician.name": prefer("office")}, looked_up),
    ({"customer.phone": prefer("office", "field", "crm")}, lambda _: None),
    *((random_rules(seed), lambda _: None) for seed in (0, 2, 6, 7)),
]


@pytest.mark.parametrize(("rules", "shows"), CASES, ids=[" ".join(rules) for rules, _ in CASES])
def test_what_is_predicted_is_what_happens(
    rules: dict[str, Ownership], shows: Callable[[WhatIf], None], office: Desk, base: tuple[Desk, State]
) -> None:
    said = whatif(office.company(), rules, check=passing)
    enact(office, rules)
    now, then = base[1], state(office)

    moved = {key for key in now.core.keys() | then.core.keys() if now.core.get(key) != then.core.get(key)}
    assert {(c.entity, c.core_id, c.field): (c.old, c.new) for c in said.core} == {
        key: (now.core.get(key), then.core.get(key)) for key in moved
    }
    assert added(said) == then.writes - now.writes
    assert dropped(said) == now.writes - then.writes
    assert conflicts(said, "opened") == then.conflicts - now.conflicts
    assert conflicts(said, "settled") == now.conflicts - then.conflicts
    shows(said)


def test_the_rules_in_force_change_nothing(office: Desk) -> None:
    said = whatif(office.company(), {"customer.city": prefer("crm", "field")}, check=passing)
    assert said.nothing
    assert [(r.key, r.present == r.asked) for r in said.rules] == [("customer.city", True)]


def test_what_a_person_set_meanwhile_is_not_put_down_to_the_rule(office: Desk) -> None:
    [one, *_] = office.customers()
    pin = ledger.Override(
        entity="customer",
        core_id=one["core_id"],
        field="given_name",
        value="Pinned",
        by="Mia",
        reason="she said so",
        at=office.now.replace(tzinfo=None),
    )
    with open_books(office.company()) as books:
        ledger.set_override(books, pin)

    said = whatif(office.company(), {"customer.given_name": prefer("office")}, check=passing)

    assert one["core_id"] not in {c.core_id for c in said.core}
    assert "Pinned" not in {w.after.get("given_name") for w in said.writes}


# --- no trace ----------------------------------------------------------------------------------------------------


def prints(folder: Path) -> dict[str, str]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def test_asking_leaves_no_trace(office: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scratch = tmp_path.parent / f"{tmp_path.name}-scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))
    company = office.company()
    before = prints(office.folder)

    said = whatif(company, {"appointment.starts_at": only("crm")}, check=passing)

    assert said.writes
    assert prints(office.folder) == before
    assert list(scratch.iterdir()) == []


# --- what would wait ---------------------------------------------------------------------------------------------


def test_a_sign_off_that_would_lapse_is_told(desk: Desk) -> None:
    desk.environment = "production"
    desk.rest["handoffs"] = {"field.customer": {"mode": "live"}}
    desk.edit("crm", "1", **ADA)
    company = desk.company()
    [handoff] = company.handoffs()
    signoff = ledger.Signoff(
        handoff=handoff.name,
        configuration=company.configuration(handoff),
        validation="",
        by="Mia",
        at=desk.now.replace(tzinfo=None),
    )
    with open_books(company) as books:
        ledger.sign(books, signoff)
    desk.sync()

    said = whatif(desk.company(), {"customer.phone": prefer("crm")}, check=passing)

    assert set(said.waits) == {"field.customer"}
    assert "nobody has signed off field.customer" in said.waits["field.customer"]


def test_a_guard_that_would_hold_the_plan_is_told(office: Desk) -> None:
    office.rest["guards"] = {"overwrites": 0}
    said = whatif(office.company(), {"customer.phone": prefer("office")}, check=passing)
    assert "more than the 0 that guards allow" in said.waits["field.customer"]


def test_what_the_checks_would_keep_out_stays_as_it_is(office: Desk) -> None:
    named = Check(name="has a name", entity="customer", field="given_name", kind="not_null", why="", severity="block")

    def check(entity: Any, frame: Any, _: Any) -> list[Verdict]:
        bad = entity.name == "customer" and frame["given_name"].isna().any()
        return [Verdict(check=named, outcome="fail" if bad else "pass")]

    said = whatif(office.company(), {"customer.given_name": only("office")}, check=check)

    assert said.blocked == {"customer": "has a name"}
    assert said.core == ()
    assert "customer is blocked by its checks: has a name" in said.waits["field.customer"]


# --- wrong use ---------------------------------------------------------------------------------------------------


def test_nothing_synced_yet(desk: Desk) -> None:
    with pytest.raises(PlumblineError, match="run `plumbline sync` first"):
        whatif(desk.company(), {"customer.phone": prefer("crm")}, check=passing)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("customer.fone=prefer: [crm]", "customer.fone: entity customer has no field 'fone'; did you mean 'phone'"),
        ("custmer=prefer: [crm]", "custmer: there is no entity 'custmer'; did you mean 'customer'"),
        ("customer.phone=prefer: [crn]", "customer.phone: there is no system 'crn'; did you mean 'crm'"),
        ("customer.phone=perfer: [crm]", "customer.phone: there is no rule 'perfer'; did you mean 'prefer'"),
        ("customer.phone=only: [crm, field]", "customer.phone: `only` names exactly one system"),
        ("customer.phone", "--set 'customer.phone' is no rule; write --set"),
    ],
)
def test_a_rule_that_leads_nowhere_is_wrong_use(
    text: str, said: str, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["plumbline", "whatif", "--stack", str(desk.stack), "--set", text])
    told: list[str] = []
    monkeypatch.setattr(show.err, "print", lambda *parts, **_: told.append(str(parts[0])))
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert said in told[0]


def test_a_rule_given_twice_is_refused() -> None:
    with pytest.raises(StackError, match="given twice"):
        command.parse(["customer.phone=only: crm", "customer.phone = only: field"])


def test_rules_are_written_as_in_the_stack() -> None:
    assert command.parse(["customer.phone=prefer: [crm, field]", "customer = {only: crm}"]) == {
        "customer.phone": prefer("crm", "field"),
        "customer": only("crm"),
    }


# --- what people see ---------------------------------------------------------------------------------------------


def ask(desk: Desk, *words: str) -> str:
    """The command's standard output."""
    with show.out.capture() as capture:
        done = CliRunner().invoke(app, ["whatif", "--stack", str(desk.stack), *words], catch_exceptions=False)
    assert done.exit_code == 0
    return capture.get() + done.stdout


def test_people_see_tables_with_counts(office: Desk, snapshot: SnapshotAssertion) -> None:
    told = ask(office, "--set", "customer.phone=prefer: [office, field]", "--limit", "4")
    assert "\n".join(line.rstrip() for line in told.splitlines()) == snapshot


def test_people_are_told_when_nothing_would_change(office: Desk) -> None:
    said = ask(office, "--set", "customer.city=prefer: [crm, field]")
    assert said.splitlines()[-1] == "This would change nothing: no core value, no write, no conflict."


def test_the_same_as_data(office: Desk) -> None:
    said = json.loads(ask(office, "--json", "--set", "appointment.starts_at=only: crm"))
    found = whatif(office.company(), {"appointment.starts_at": only("crm")}, check=passing)
    assert set(said) == {"rules", "core", "writes", "conflicts", "waits", "blocked"}
    assert len(said["core"]) == len(found.core) > 0
    assert [set(w) for w in said["writes"]] == [set(WriteChange.__dataclass_fields__)] * len(found.writes)
