"""The command line: data that parses, one sentence for what is wrong, and the exit status that was promised."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from connectors.gateway import open_api
from pipelines import cli
from tests.pipelines import http_counter
from tests.pipelines.desk import ADA, Desk
from tests.pipelines.http_counter import TOKEN, Counter

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a command printed and how it ended."""

    status: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        return json.loads(self.out)


Command = Callable[..., Said]


@pytest.fixture
def command(desk: Desk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Run a command on the desk's stack, without the checks of quality and without waiting between tries."""
    monkeypatch.setattr("pipelines.checks.check", lambda *_: ())
    monkeypatch.setattr("pipelines.checks.expect_work", lambda _: None)
    monkeypatch.setattr("connectors.gateway.open_api", partial(open_api, sleep=lambda _: None))

    def run(*words: str, stack: Path | None = None) -> Said:
        named = [] if words[0] == "connectors" else ["--stack", str(stack or desk.stack)]
        monkeypatch.setattr("sys.argv", ["plumbline", *words, *named])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return Said(status=int(ended.value.code or 0), out=said.out, err=said.err)

    return run


def sentence(said: Said, *parts: str) -> None:
    """One clear sentence on standard error, nothing that only a programmer can read."""
    assert "Traceback" not in said.err + said.out
    assert len(said.err.strip().splitlines()) == 1, said.err
    for part in parts:
        assert part in said.err, said.err


# --- what it prints ------------------------------------------------------------------------------------------


def test_the_account_of_a_sync(desk: Desk, command: Command) -> None:
    desk.edit("crm", "1", **ADA)
    desk.edit("crm", "2", first="Bo", status="nonsense")
    said = command("sync", "--json")
    assert (said.status, said.err) == (0, "")
    data = said.data
    assert {"run", "seconds", "systems", "core", "conflicts", "plan", "pushed", "handoffs"} <= set(data)
    assert data["systems"] == {
        "crm": {"read": 2, "staged": 1, "quarantined": 1, "status": "ok"},
        "field": {"read": 0, "staged": 0, "quarantined": 0, "status": "ok"},
    }
    assert data["core"]["customer"] == 1
    assert data["conflicts"] == 0
    assert data["plan"] == {"creates": 1, "updates": 0, "deletes": 0, "held": 0}
    assert data["pushed"] == {"delivered": 1, "held": 0, "rejected": 0}


def test_every_command_prints_data_that_parses(desk: Desk, command: Command) -> None:
    desk.rest["handoffs"]["field.customer"] = {"mode": "review"}
    desk.edit("crm", "1", **ADA)
    desk.edit("field", "7", first="Adele", email="ada@example.com", status="lead")
    desk.edit("field", "8", first="Bo", status="nonsense")
    first = command("sync", "--json")
    assert first.status == 3
    [plan] = [h["plan"] for h in first.data["handoffs"] if h["handoff"] == "field.customer"]

    story = command("explain", "field", "7", "given_name", "--json").data
    assert story["fields"][0]["value"] == "Ada"
    assert [c["loser"] for c in command("conflicts", "--json").data] == ["field"]
    assert [q["raw_id"] for q in command("quarantine", "--json").data] == ["8"]
    assert [(d["path"], d["what"], d["paused"]) for d in command("drift", "--json").data] == [
        ("status", "nonsense", False)
    ]
    assert command("rejected", "--json").data == []
    assert [row["status"] for row in command("doctor", "--json").data] == ["ok", "ok"]
    assert {"runs", "handoffs", "records", "waiting"} <= set(command("status", "--json").data)
    assert command("approve", plan, "--by", "Mia", "--json").data == {
        "plan": plan,
        "approved_by": "Mia",
        "changes": None,
    }
    applied = command("apply", plan, "--json")
    assert (applied.status, applied.data["delivered"]) == (0, 1)
    pinned = command(
        "override", "customer", story["core_id"], "city", "Waco", "--by", "Mia", "--why", "she called", "--json"
    )
    assert pinned.data["value"] == "Waco"
    assert "notebook" in [row["connector"] for row in command("connectors", "--json").data]
    planned = command("plan", "--json")
    assert [c["after"]["city"] for c in planned.data["changes"]] == ["Waco", "Waco"]
    assert desk.person("crm", "1").get("city") is None


@pytest.mark.slow
def test_the_whole_thing_as_a_person_starts_it(desk: Desk) -> None:
    """Another process, with the checks, dlt and all: nothing but data on one stream, nothing at all on the other."""
    desk.edit("crm", "1", **ADA)
    code = "from pipelines.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code, "sync", "--json", "--stack", str(desk.stack)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["pushed"] == {"delivered": 1, "held": 0, "rejected": 0}


# --- wrong use -----------------------------------------------------------------------------------------------

GOOD = "company: T\nsystems:\n  crm: {connector: notebook, roles: [crm], settings: {file: a.json}}\n"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("company: [\n", ("line 2", "not YAML")),
        ("- a list\n", ("a stack is a mapping",)),
        ("company: T\n", ("'systems' is missing",)),
        (GOOD + "company: U\n", ("line 4", "'company' stands twice")),
        (GOOD + "hndoffs: {}\n", ("line 4", "hndoffs", "did you mean 'handoffs'")),
        (GOOD + "time_zone: America/Chicgo\n", ("line 4", "did you mean 'America/Chicago'")),
        (GOOD + "currency: dollars\n", ("line 4", "currency")),
        (GOOD + "handoffs:\n  cmr.customer: {mode: live}\n", ("line 5", "no system 'cmr'", "did you mean 'crm'")),
        (GOOD + "handoffs:\n  crm.invoice: {mode: live}\n", ("line 5", "does not write 'invoice'")),
        (GOOD + "handoffs:\n  crm.customer: {mode: loud}\n", ("line 5", "mode")),
        (GOOD + "handoffs:\n  crm.customer: {mode: live, fields: [frist]}\n", ("no field 'frist'",)),
        (GOOD + "handoffs:\n  crm.customer: {mode: live, window: {past: 7 days}}\n", ("7 days", "write 7d")),
        (GOOD + "ownership:\n  customer.phone: {prefr: [crm]}\n", ("line 5", "did you mean 'prefer'")),
        (GOOD + "ownership:\n  customer.phone: {prefer: [cmr]}\n", ("line 5", "did you mean 'crm'")),
        (GOOD + "ownership:\n  customer.phne: {prefer: [crm]}\n", ("did you mean 'phone'",)),
        (GOOD.replace("roles: [crm]", "roles: [cmr]"), ("line 3", "no role 'cmr'", "did you mean 'crm'")),
        (GOOD.replace("connector: notebook", "connector: notebok"), ("line 3", "did you mean 'notebook'")),
    ],
)
def test_a_stack_that_cannot_be_used_is_wrong_use(
    text: str, parts: tuple[str, ...], tmp_path: Path, command: Command
) -> None:
    stack = tmp_path / "wrong.yml"
    stack.write_text(text)
    said = command("sync", stack=stack)
    sentence(said, *parts)
    assert said.status == 2
    assert said.out == ""


def test_a_stack_that_is_not_there_is_wrong_use(tmp_path: Path, command: Command) -> None:
    said = command("sync", stack=tmp_path / "nowhere.yml")
    sentence(said, "nowhere.yml", "cannot be read")
    assert said.status == 2


@pytest.mark.parametrize(
    ("words", "status", "parts"),
    [
        (("status",), 1, ("nothing has been synced yet",)),
        (("explain", "customer", "1"), 1, ("nothing has been synced yet",)),
        (("apply", "pln_unknown"), 1, ("pln_unknown", "not in the ledger")),
        (("signoff", "field.custmer", "--by", "Mia"), 2, ("did you mean 'field.customer'",)),
        (("sync", "--system", "feild"), 2, ("did you mean 'field'",)),
        (("sync", "--believe", "crm.peple"), 2, ("did you mean 'crm.people'",)),
        (("override", "customer", "c", "city", "x", "--by", "M", "--why", "w", "--until", "soon"), 2, ("soon",)),
        (("override", "customer", "c", "cty", "x", "--by", "M", "--why", "w"), 1, ("did you mean 'city'",)),
    ],
)
def test_what_is_not_there_is_said_in_a_sentence(
    words: tuple[str, ...], status: int, parts: tuple[str, ...], command: Command
) -> None:
    said = command(*words)
    sentence(said, *parts)
    assert said.status == status


# --- systems that do not answer as they should ---------------------------------------------------------------


@pytest.fixture
def shop() -> Iterator[Counter]:
    with http_counter.serve() as counter:
        yield counter


@pytest.fixture
def wired(desk: Desk, shop: Counter, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """The desk's CRM, and a system behind HTTP that is written to."""
    monkeypatch.setenv("DESK_TOKEN", TOKEN)
    desk.extra = {
        "shop": {
            "connector": "counter",
            "roles": ["scheduling"],
            "base_url": shop.address,
            "environment": "sandbox",
            "credentials": {"token": "env:DESK_TOKEN"},
        }
    }
    desk.rest["handoffs"] = {"shop.customer": {"mode": "live"}}
    desk.edit("crm", "1", **ADA)
    return desk


def _absent(_: Counter, patch: pytest.MonkeyPatch, __: Desk) -> None:
    patch.delenv("DESK_TOKEN")


def _html(shop: Counter, _: pytest.MonkeyPatch, __: Desk) -> None:
    shop.mood = "html"


def _unauthorized(shop: Counter, _: pytest.MonkeyPatch, __: Desk) -> None:
    shop.mood = "unauthorized"


def _unreachable(_: Counter, __: pytest.MonkeyPatch, desk: Desk) -> None:
    desk.extra["shop"]["base_url"] = "http://127.0.0.1:9"


def _misspelt(_: Counter, __: pytest.MonkeyPatch, desk: Desk) -> None:
    desk.extra["shop"]["settings"] = {"pgae": 5}


def _literal(_: Counter, __: pytest.MonkeyPatch, desk: Desk) -> None:
    desk.extra["shop"]["credentials"] = {"token": "the-token-itself"}


@pytest.mark.parametrize(
    ("trouble", "says"),
    [
        (_absent, "the environment variable DESK_TOKEN is not set"),
        (_literal, "a credential is a reference"),
        (_misspelt, "there is no setting 'pgae'"),
        (_html, "text/html instead of data"),
        (_unauthorized, "credentials"),
        (_unreachable, "127.0.0.1:9"),
    ],
)
def test_one_system_in_trouble_is_told_and_the_others_are_done(
    trouble: Callable[..., None],
    says: str,
    wired: Desk,
    shop: Counter,
    command: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    trouble(shop, monkeypatch, wired)
    said = command("sync", "--json")

    assert said.status == 1
    assert said.err == ""
    systems = said.data["systems"]
    assert (systems["crm"]["status"], systems["crm"]["staged"]) == ("ok", 1)
    assert systems["shop"]["status"] == "failed"
    assert says in systems["shop"]["error"], systems["shop"]["error"]
    assert "the-token-itself" not in said.out
    assert said.data["core"]["customer"] == 1
    assert said.data["pushed"] == {"delivered": 0, "held": 1, "rejected": 0}
    told = command("sync")
    assert says in " ".join(told.err.split())
    assert command("doctor").status == 1


@pytest.mark.usefixtures("wired")
def test_nothing_is_lost_while_a_system_is_away(shop: Counter, command: Command) -> None:
    shop.mood = "html"
    command("sync")
    shop.mood = "ok"
    said = command("sync", "--json")
    assert said.status == 0
    assert [p["first"] for p in shop.people.values()] == ["Ada"]


def test_an_error_that_nobody_foresaw_is_a_sentence_too(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def fall(*_: object, **__: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr("pipelines.sync.stage", fall)
    said = command("sync", "--json")
    sentence(said, "ZeroDivisionError: a bug", "--debug")
    assert said.status == 1
