"""The recipes of CONTRIBUTING.md, done as it says in a copy of the project: they cannot rot."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

ROOT = Path(__file__).parents[1]
COPIED = ("models", "connectors", "quality", "pipelines", "tests", "pyproject.toml")
# "`path`:" or "`path`, in `fields`:", then the file or the lines.
BLOCK = re.compile(
    r"^`(?P<path>[^`]+)`(?:, in `(?P<key>\w+)`)?:\n\n```\w+\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL
)
COMMAND = "import sys; from pipelines.cli import main; sys.exit(main())"


def blocks() -> list[re.Match[str]]:
    return list(BLOCK.finditer((ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")))


def put(root: Path, path: str, key: str | None, text: str) -> None:
    """A whole file, or lines put first into the named part of one."""
    target = root / path
    if key is None:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        return
    before = target.read_text(encoding="utf-8")
    opened = re.search(rf"^(?P<indent> *){key}(?:=[({{]|:) *$", before, re.MULTILINE)
    assert opened, f"{path} has no part {key!r}"
    step = "  " if target.suffix == ".yml" else "    "
    lines = "".join(f"{opened['indent']}{step}{line}\n" for line in text.splitlines())
    target.write_text(before[: opened.end() + 1] + lines + before[opened.end() + 1 :], encoding="utf-8")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with every recipe done, files first and single lines then."""
    root = tmp_path_factory.mktemp("recipes")
    dirt = shutil.ignore_patterns("__pycache__", "*.duckdb", ".plumbline")
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, root / name, ignore=dirt)
        else:
            shutil.copyfile(source, root / name)
    for found in sorted(blocks(), key=lambda one: one["key"] is not None):
        put(root, found["path"], found["key"], found["text"])
    return root


def python(root: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PLUMBLINE", "PYTEST"))}
    environment |= {"PYTHONPATH": str(root), "CI": "1"} | variables
    command = [sys.executable, *arguments]
    return subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=False)


class Acme(ThreadingHTTPServer):
    """Acme CRM, as far as the recipe's connector calls it."""

    def __init__(self, contacts: list[dict[str, Any]]) -> None:
        super().__init__(("127.0.0.1", 0), AcmeAnswers)
        self.contacts = contacts

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class AcmeAnswers(BaseHTTPRequestHandler):
    server: Acme

    def do_GET(self) -> None:
        found = urlsplit(self.path)
        wanted = parse_qs(found.query).get("external_ref")
        if found.path == "/v1/contacts":
            shown = [one for one in self.server.contacts if wanted in (None, [one.get("external_ref")])]
            self.answer(200, {"contacts": shown, "next": None})
        else:
            self.answer(200, self.one())

    def do_POST(self) -> None:
        made = self.body() | {"id": f"c-{len(self.server.contacts) + 1}"}
        self.server.contacts.append(made)
        self.answer(201, made)

    def do_PATCH(self) -> None:
        self.one().update(self.body())
        self.answer(200, self.one())

    def one(self) -> dict[str, Any]:
        return next(one for one in self.server.contacts if one["id"] == self.path.rsplit("/", 1)[1])

    def body(self) -> dict[str, Any]:
        return dict(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def answer(self, status: int, body: Any) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def acme(copy: Path) -> Iterator[Acme]:
    page = (copy / "connectors" / "acme_crm" / "pages" / "contacts.json").read_text(encoding="utf-8")
    with Acme([one | {"external_ref": None} for one in json.loads(page)]) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_every_recipe_says_where_its_code_goes() -> None:
    """Code under a recipe without a place would be code that nobody runs."""
    recipes = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("## Recipes", 1)[1]
    assert recipes.count("```") == 2 * len(blocks())
    assert {one["path"].split("/")[0] for one in blocks()} >= {"models", "connectors", "quality", "pipelines"}


@pytest.mark.slow
def test_what_was_added_keeps_the_promises_of_its_kind(copy: Path) -> None:
    """The contract of connectors, and what holds for every entity and every check, in the copy."""
    kinds = ["tests/connectors/test_contract.py", "tests/quality/checks/test_checks.py", "tests/models/test_schema.py"]
    chosen = "acme_crm or vehicle or customer or every_entity or hold_together"
    ran = python(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", chosen, *kinds)
    assert ran.returncode == 0, ran.stdout[-3000:] + ran.stderr[-1000:]
    assert "acme_crm" not in ran.stdout


@pytest.mark.slow
def test_the_company_does_what_the_page_says(copy: Path, acme: Acme) -> None:
    """Noor is made in the CRM, Kim stays as the CRM says, one van is set aside, and then nothing is left to do."""
    first = run(copy, acme, "sync")
    assert {one["first_name"]: one.get("language") for one in acme.contacts} == {"Kim": "en", "Noor": "en"}
    assert first["systems"]["front_desk"] == {"read": 5, "staged": 4, "quarantined": 1, "status": "ok"}
    assert first["core"]["vehicle"] == 2
    assert first["pushed"] == {"delivered": 1, "held": 0, "rejected": 0}
    assert run(copy, acme, "sync")["plan"] == {"creates": 0, "updates": 0, "deletes": 0, "held": 0}
    assert [row["plate"] for row in run(copy, acme, "report", "fleet")] == ["TX-7300", "TX-4411"]
    assert ["'many'" in row["reason"] for row in run(copy, acme, "quarantine")] == [True]
    (lost,) = run(copy, acme, "conflicts")
    assert (lost["field"], lost["loser"], lost["loser_value"]) == ("language", "front_desk", "es")
    assert lost["rule"] == "prefer(acme_crm, front_desk)"


def run(copy: Path, acme: Acme, *words: str) -> Any:
    ran = python(copy, "-c", COMMAND, *words, "--json", ACME_URL=acme.address, ACME_TOKEN="office-key")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return json.loads(ran.stdout)


@pytest.mark.slow
def test_the_check_finds_the_van_that_drives_backwards(copy: Path) -> None:
    rows = [{"plate": "TX-4411", "mileage": 120_400}, {"plate": "TX-7300", "mileage": -5}]
    said = python(
        copy,
        "-c",
        f"from tests.quality.frames import violating\nprint(violating('vehicle', 'mileage_not_negative', {rows}))",
    )
    assert said.stdout.strip().splitlines()[-1:] == ["['c1']"], said.stderr
