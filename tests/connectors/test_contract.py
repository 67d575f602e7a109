"""Every connector that discovery finds owes the same; no system is named here."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from connectors import registry
from connectors.maturity import findings, maturity
from tests.connectors.contract import CHECKS, Check, Subject

# A codec that writes what it does not read back.
SHOUTED = '(lambda codec: __import__("dataclasses").replace(codec, encode=lambda value: value and f"{value}!"))'
HOOKS = "its_hooks_believe_only_the_vendor"
SAMPLE = Path(__file__).parent / "sample_connector"


@cache
def subject(name: str) -> Subject:
    return Subject(connector=registry.load(name), folder=registry.places()[name])


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", registry.names())
def test_contract(name: str, check: Check) -> None:
    assert check(subject(name)) == []
    found = findings(subject(name).folder)
    assert not found or check.__name__ in found["passed"], "run `make generated`"


@pytest.mark.parametrize("name", registry.names())
def test_maturity_is_what_the_contract_found(name: str) -> None:
    """Each check that is said to be passed is one of those above, which ran."""
    found = findings(subject(name).folder)
    if not found:
        assert maturity(registry.load(name)) == "untried"
        return
    assert (set(found["passed"]), found["failed"]) == ({check.__name__ for check in CHECKS}, [])
    assert maturity(registry.load(name)) in ("reads", "writes", "listens")


@pytest.fixture
def newcomer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A connector of one folder, put where the environment says and mentioned nowhere."""
    monkeypatch.setenv(registry.VARIABLE, str(tmp_path))
    yield Path(shutil.copytree(SAMPLE, tmp_path / "fieldpad"))
    for name in [name for name in sys.modules if name.startswith("connectors.fieldpad")]:
        del sys.modules[name]


def test_a_new_folder_is_a_connector_with_the_same_duties(newcomer: Path) -> None:
    assert "fieldpad" in registry.names()
    assert maturity(registry.load("fieldpad")) == "untried"
    one = Subject(connector=registry.load("fieldpad"), folder=newcomer)
    assert {check.__name__: check(one) for check in CHECKS} == {check.__name__: [] for check in CHECKS}


@pytest.mark.parametrize(
    ("file", "old", "new", "check", "said"),
    [
        ("__init__.py", 'name="fieldpad"', 'name="fieldpod"', "has_no_contradictions", "'fieldpod'"),
        ("__init__.py", 'docs="https://', 'docs="', "is_introduced", "docs"),
        ("README.md", "token", "thing", "has_a_readme", "'token'"),
        ("__init__.py", 'text("notes")', 'text("remarks")', "examples_show_every_path", "remarks"),
        ("__init__.py", 'email("contact.mail")', 'email("contact.nail")', "examples_show_every_path", "contact.nail"),
        ("pages/clients.json", '"ref": "c-1",', "", "examples_have_ids", "no id"),
        ("__init__.py", 'description="People and companies."', "lag=5", "describes_its_resources", "clients"),
        ("__init__.py", "accept=()", "accept=(500,)", "failures_are_never_empty_reads", "on 500"),
        ("__init__.py", "accept=(404, 410)", "accept=(403, 404, 410)", "failures_are_never_absences", "on 403"),
        ("__init__.py", "find=find", "find=None", "writes_can_be_settled", "needs a find"),
        ("__init__.py", '"customer": "active"', '"customer": "activ"', "choices_are_the_entitys", "'activ'"),
        ("__init__.py", 'text("company")', f'{SHOUTED}(text("company"))', "what_is_written_reads_back", "company_name"),
        ("__init__.py", 'signatures.match("fieldpad"', '("fieldpad"', HOOKS, "an altered body"),
        ("__init__.py", 'signatures.fresh("fieldpad"', '("fieldpad"', HOOKS, "an old signature"),
        ("__init__.py", '[("clients", str', '[("customers", str', HOOKS, "'customers'"),
        ("__init__.py", "except (ValueError, KeyError", "except (KeyError", HOOKS, "is surprised by b''"),
        ("deliveries.json", '"X-FieldPad-Signature"', '"X-Signature"', HOOKS, "is refused"),
        (
            "__init__.py",
            "from __future__ import annotations",
            "import time",
            "waits_and_retries_are_the_gateways",
            "time",
        ),
    ],
)
def test_each_check_bites(newcomer: Path, file: str, old: str, new: str, check: str, said: str) -> None:
    """Removing the defence makes its own check complain."""
    text = newcomer.joinpath(file).read_text(encoding="utf-8")
    assert old in text
    newcomer.joinpath(file).write_text(text.replace(old, new), encoding="utf-8")
    assert said in complaints(newcomer, check)


def complaints(folder: Path, name: str) -> str:
    check = next(check for check in CHECKS if check.__name__ == name)
    try:
        one = Subject(connector=registry.unchecked("fieldpad"), folder=folder)
        return "; ".join(check(one))
    except AssertionError as problem:
        return str(problem)
