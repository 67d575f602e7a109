"""The documents say what is so: the commands, targets, links, keys, routes, faults, tables and tests that they name."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import BaseModel
from starlette.routing import Route

from models.errors import StackError
from pipelines.catalogue import write_generated
from pipelines.cli import app
from pipelines.company import assemble
from pipelines.ledger.tables import metadata
from pipelines.settings import Guards, HandoffEntry, Stack, SystemEntry, Window, load
from sandbox import admin, fault_form
from sandbox.discovery import twins
from sandbox.estate import found
from sandbox.faults import Fault
from sandbox.traffic import Exchange

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/architecture.md")),
    *sorted((ROOT / "connectors").glob("*/README.md")),
]
COMMANDS: dict[str, Any] = dict(typer.main.get_command(app).commands)  # type: ignore[attr-defined] # it is a group
ROWS = {row[1]: row[0] for row in re.finditer(r"^\| `plumbline (\w+)[^|]*\|.*$", README, re.MULTILINE)}
EVERYWHERE = {"--help"}


def named(document: Path) -> str:
    return document.relative_to(ROOT).as_posix()


def options(command: str) -> set[str]:
    given = COMMANDS[command].params
    return {name for one in given for name in (*one.opts, *one.secondary_opts) if name.startswith("--")} - EVERYWHERE


def test_every_command_has_its_row() -> None:
    assert set(ROWS) == set(COMMANDS)


@pytest.mark.parametrize("command", sorted(ROWS))
def test_every_option_of_a_command_is_in_its_row(command: str) -> None:
    told = set(re.findall(r"`(--[a-z-]+)", ROWS[command]))
    assert told == {name for name in options(command) if not name.startswith("--no-")}


def test_arguments_stand_in_their_order() -> None:
    for name, row in ROWS.items():
        arguments = [one for one in COMMANDS[name].params if one.param_type_name == "argument"]
        told = re.findall(r"[A-Z][A-Z_.]+", row.split("|")[1])
        assert len(told) == len(arguments), row


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_no_document_names_a_command_that_is_not_there(document: Path) -> None:
    told = re.findall(r"`plumbline ([a-z]+)", document.read_text(encoding="utf-8"))
    assert set(told) <= set(COMMANDS)


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_no_document_names_a_target_that_is_not_there(document: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    told = re.findall(r"(?:^|`)make ((?:[a-z-]+ ?)+)", document.read_text(encoding="utf-8"), re.MULTILINE)
    assert {word for words in told for word in words.split()} <= targets


def links(document: Path) -> Iterator[tuple[Path, str]]:
    """(file, anchor) of every relative link."""
    prose = re.sub(r"^```.*?^```", "", document.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", prose):
        if not re.match(r"[a-z]+:", target):
            path, _, anchor = target.partition("#")
            yield ((document.parent / path).resolve() if path else document), anchor


def anchors(document: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=named)
def test_every_link_leads_somewhere(document: Path) -> None:
    for target, anchor in links(document):
        assert target.exists(), target.name
        assert not anchor or anchor in anchors(target), f"{target.name}#{anchor}"


def test_the_generated_parts_are_in_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """``make generated`` writes them."""
    monkeypatch.delenv("PLUMBLINE_CONNECTORS", raising=False)
    assert write_generated(ROOT, check=True) == []


def example() -> str:
    block = re.search(r"^```yaml\n(company: .*?)^```", README, re.MULTILINE | re.DOTALL)
    assert block
    return block[1]


def test_the_example_stack_is_accepted(tmp_path: Path) -> None:
    (tmp_path / "stack.yml").write_text(example(), encoding="utf-8")
    company = assemble(load(tmp_path / "stack.yml"))
    assert {handoff.mode for handoff in company.handoffs()} == {"shadow", "review", "live"}


@pytest.mark.parametrize("part", [Stack, SystemEntry, HandoffEntry, Window, Guards], ids=lambda part: part.__name__)
def test_the_example_stack_has_every_key(part: type[BaseModel]) -> None:
    keys = {field.alias or name for name, field in part.model_fields.items()}
    assert keys <= set(re.findall(r"(?:^ *|\{|, )([a-z_]+):", example(), re.MULTILINE))


def test_a_wrong_key_in_the_example_would_be_noticed(tmp_path: Path) -> None:
    (tmp_path / "stack.yml").write_text(example().replace("time_zone:", "timezone:", 1), encoding="utf-8")
    with pytest.raises(StackError, match="time_zone"):
        load(tmp_path / "stack.yml")


def test_every_route_of_the_sandbox_is_in_the_table() -> None:
    estate = found({}, seed=1, clock=None, base_url="http://127.0.0.1:8700")
    routes = {
        (method, re.sub(r":path\}", "}", one.path))
        for one in admin.routes(estate)
        if isinstance(one, Route)
        for method in one.methods or () if method != "HEAD"
    }  # fmt: skip
    told = re.findall(r"^\| (GET|POST|PATCH|DELETE) \| `([^`?]+)", README, re.MULTILINE)
    assert {(method, path) for method, path in told} == routes


def test_every_fault_is_in_the_table() -> None:
    kinds = {kind for twin in twins().values() for kind in fault_form.kinds(twin)}
    rows = re.findall(r"^\| ((?:`\w+` ?)+)\| (?:all|[\w,; ]+)\|[^|]+\|$", README, re.MULTILINE)
    told = {kind for row in rows for kind in re.findall(r"`(\w+)`", row)}
    assert kinds <= told
    assert told == kinds


def test_faults_and_requests_are_told_with_every_field() -> None:
    told = README.split("### What a person does there")[1]
    assert {one.name for one in fields(Fault)} <= set(re.findall(r"`(\w+)`", told))
    assert ", ".join(one.name for one in fields(Exchange)) in told


def test_tests_named_in_the_documents_exist() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", ARCHITECTURE)
    assert len(named) > 13
    for path, function in named:
        text = (ROOT / path).read_text(encoding="utf-8")
        assert not function or f"def {function}(" in text, f"{path}::{function}"


def test_files_named_in_the_architecture_exist() -> None:
    told = set(re.findall(r"`((?:[a-z_]+/)+[\w.]*)`", ARCHITECTURE)) - {"dlt/"}
    assert len(told) > 15
    assert [path for path in sorted(told) if not (ROOT / path).exists()] == []


def test_tables_named_in_the_documents_exist() -> None:
    schema = (ROOT / "pipelines" / "sql" / "schema.sql").read_text(encoding="utf-8")
    for table in set(re.findall(r"`((?:meta|quarantine)\.\w+|core\.(?:changes|conflicts))`", ARCHITECTURE)):
        assert f"CREATE TABLE IF NOT EXISTS {table} " in schema, table
    told = ARCHITECTURE.split("## The ledger")[1].split("The order of a write")[0]
    assert set(re.findall(r"`(\w+)`", told)) == set(metadata.tables)
