"""The rules of the house that no linter knows: sizes, names, machine paths, room walls between connectors."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = ("models", "connectors", "quality", "pipelines", "sandbox", "benchmarks", "examples", "tests")
KIT = {
    "spec",
    "auth",
    "paging",
    "quota",
    "windows",
    "loop",
    "reading",
    "gateway",
    "registry",
    "resume",
    "lake",
    "errors",
    "vault",
}
KIT |= {"exchange", "wire", "raw", "horizon", "zone_names", "signatures", "hooks", "maturity"}
KIT |= {"answers", "batches", "addresses", "documents", "marks", "parties", "schedule", "queries"}
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc", "tools", "stuff"}
LONGEST_FUNCTION = 50
LONGEST_FILE = 400
LONGEST_CONNECTOR = 150
# The head of a connector may say why it is longer; this is how it starts the sentence.
LONGER_BECAUSE = re.compile(r"longer\s+than\s.*because", re.IGNORECASE | re.DOTALL)
# Spelt in parts, so that this file does not accuse itself.
MACHINE_PATH = re.compile(
    "|".join(["/wo" + "rk/", "/tm" + "p/", "/ho" + "me/[a-z]", "/Us" + "ers/", r"C:\\Us" + "ers"])
)
# In a comment or with a colon; a vendor may well have a task that is called so.
UNFINISHED = re.compile(
    "|".join([r"#\s*(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b", r"\bTO" + r"DO[:(]", r"\bfor n" + r"ow\b"])
)


def python_files() -> list[Path]:
    return sorted(path for room in ROOMS for path in (ROOT / room).rglob("*.py"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def tracked_files() -> list[Path]:
    """What git holds; outside of a checkout (a source archive) there is nothing to look at."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: which files are ours is unknown")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [path for line in listed.split("\0") if line and (path := ROOT / line).is_file()]


def text_of(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:  # a picture or a recorded binary page
        return None


def lines_that_match(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{name(path)}:{number}: {line.strip()[:100]}"
        for path in tracked_files()
        for number, line in enumerate((text_of(path) or "").splitlines(), start=1)
        if pattern.search(line)
    ]


def imports(path: Path) -> Iterator[str]:
    """Absolute dotted names of everything that a file imports, at the top or inside a function."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def systems() -> set[str]:
    return {path.parent.name for path in (ROOT / "connectors").glob("*/__init__.py")}


def test_functions_stay_short() -> None:
    long = [
        f"{name(path)}:{node.lineno} {node.name}: {size} lines"
        for path in python_files()
        for node in functions(path)
        if (size := (node.end_lineno or node.lineno) - node.lineno + 1) > LONGEST_FUNCTION
    ]
    assert long == []


def test_files_stay_short() -> None:
    sizes = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in python_files()}
    assert {path: size for path, size in sizes.items() if size > LONGEST_FILE} == {}


def test_a_connector_is_a_page_or_says_why_not() -> None:
    long = [
        f"{name(path)}: {size} lines in its folder"
        for path in (ROOT / "connectors").glob("*/__init__.py")
        if (size := sum(len(one.read_text(encoding="utf-8").splitlines()) for one in path.parent.glob("*.py")))
        > LONGEST_CONNECTOR
        and not LONGER_BECAUSE.search(ast.get_docstring(tree(path)) or "")
    ]
    assert long == []


def test_no_module_has_a_vague_name() -> None:
    assert [name(path) for path in python_files() if {path.stem, path.parent.name} & VAGUE] == []


def test_no_machine_path_is_tracked() -> None:
    assert lines_that_match(MACHINE_PATH) == []


def test_nothing_is_left_unfinished() -> None:
    assert lines_that_match(UNFINISHED) == []


def test_the_kit_of_connectors_never_imports_a_system() -> None:
    guilty = [
        f"{name(path)} imports {module}"
        for path in (ROOT / "connectors").glob("*.py")
        for module in imports(path)
        if module.startswith("connectors.") and module.split(".")[1] in systems()
    ]
    assert guilty == []


def test_a_system_never_imports_another() -> None:
    guilty = [
        f"{name(path)} imports {module}"
        for system in systems()
        for path in (ROOT / "connectors" / system).rglob("*.py")
        for module in imports(path)
        if module.startswith("connectors.") and module.split(".")[1] in systems() - {system}
    ]
    assert guilty == []


def test_each_system_was_held_to_the_contract() -> None:
    untried = [system for system in systems() if not (ROOT / "connectors" / system / "contract.json").exists()]
    assert untried == [], "run `make generated`"


def test_the_kit_of_connectors_holds_only_its_known_modules() -> None:
    found = {path.stem for path in (ROOT / "connectors").glob("*.py")} - {"__init__", "__main__"}
    assert found <= KIT, f"content belongs into a folder, not beside the kit: {found - KIT}"


def test_the_lock_names_no_index_and_hashes_everything() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert not re.search(r"https?://|--index-url|--find-links|file:", lock)
    entries = re.split(r"\n(?=[a-z0-9])", lock.strip(), flags=re.IGNORECASE)
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_dagster_home_keeps_only_its_settings() -> None:
    kept = {
        path.relative_to(ROOT / "dagster_home").as_posix() for path in tracked_files() if "dagster_home" in path.parts
    }
    assert kept == {".gitignore", "dagster.yaml"}


def test_readme_has_one_place_for_the_connector_table() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [readme.count(f"<!-- connectors:{edge}") for edge in ("begin", "end")] == [1, 1]
