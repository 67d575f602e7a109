"""The demo: the main job on a synthetic company, with people who edit, from an empty folder to a finished report."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from models.errors import PlumblineError
from pipelines import people, show
from pipelines.checks import check, expect_work
from pipelines.company import Company, assemble
from pipelines.looking import story
from pipelines.report import account
from pipelines.reports.summary import write_summary
from pipelines.settings import load
from pipelines.sync import run_sync

HERE = Path(__file__).resolve().parents[1]
STACK = HERE / "examples" / "demo" / "stack.yml"
ADDRESS = "PLUMBLINE_SANDBOX"
HEADROOM = 20  # times the vendors' published limits, so that nobody waits for quotas; the demo's stack says the same


@contextmanager
def sandbox(*, port: int = 0, seed: int = 1, headroom: int = HEADROOM) -> Iterator[str]:
    """The sandbox in a process of its own; gives its address and stops it at the end."""
    command = [sys.executable, "-m", "sandbox", "--port", str(port), "--seed", str(seed)]
    command += ["--headroom", str(headroom)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=HERE)  # noqa: S603 - our own program
    try:
        yield _address(process)
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


def _address(process: subprocess.Popen[str]) -> str:
    """Wait for the line in which the sandbox says where it is."""
    assert process.stdout is not None  # noqa: S101 - it was opened as a pipe
    for line in process.stdout:
        if "ready on" in line:
            return line.rsplit(" ", 1)[1].strip().rstrip("/")
    raise PlumblineError("the sandbox did not start; run `plumbline sandbox` to see why")


def run(*, folder: Path | None, seed: int, as_json: bool) -> int:
    """The whole demo; 0 when everything came out as it should."""
    started = time.monotonic()
    work = folder or Path(tempfile.mkdtemp(prefix="plumbline-demo-"))
    work.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(STACK, work / "stack.yml")
    with sandbox(seed=seed) as address:
        os.environ[ADDRESS] = address
        said = _tour(work, address, quiet=as_json)
    said["seconds"] = round(time.monotonic() - started, 1)
    if as_json:
        show.as_json(said)
    else:
        for problem in said["problems"]:
            show.err.print(f"[red]not as it should be[/red]: {problem}")
        show.out.print(f"\nDone in {said['seconds']} s. Everything is in {work}; open {said['summary']} in a browser.")
    return 1 if said["problems"] else 0


def _tour(work: Path, address: str, *, quiet: bool) -> dict[str, Any]:
    company = assemble(load(work / "stack.yml"))
    expect_work(company)
    first = _step("First sync: everything is new", company, quiet)
    second = _step("Second sync: nothing changed, so nothing is planned", company, quiet)
    edits = people.edit(company, address)
    _tell("Three people edit, each in their own system", [asdict(e) for e in edits], quiet)
    third = _step("Third sync: exactly these edits land where their owner says", company, quiet)
    landed = people.landed(company, address, edits)
    _tell("Where they landed", landed, quiet)
    told = asdict(story(company, edits[0].entity, edits[0].core_id, edits[0].field))
    if not quiet:
        show.out.rule("Why does it say that?")
        show.story(told)
    syncs = {"first": first, "second": second, "third": third}
    summary = write_summary(company, syncs, edits=landed, story=told, target=work / "summary.html")
    return {
        "syncs": syncs,
        "edits": landed,
        "explained": told,
        "summary": str(summary),
        "problems": _problems(syncs, landed),
    }


def _step(title: str, company: Company, quiet: bool) -> dict[str, Any]:
    started = time.monotonic()
    said = account(run_sync(company, check=check), time.monotonic() - started)
    if not quiet:
        show.out.rule(title)
        show.sync(said)
    return said


def _tell(title: str, rows: list[dict[str, Any]], quiet: bool) -> None:
    if not quiet:
        show.out.rule(title)
        show.table("", rows)


def _problems(syncs: Mapping[str, Mapping[str, Any]], landed: list[dict[str, Any]]) -> list[str]:
    """What did not come out as the demo promises."""
    found = [
        f"{name} sync: {system} {said['status']}: {said.get('error', '')}"
        for name, sync in syncs.items()
        for system, said in sync["systems"].items()
        if said["status"] != "ok"
    ]
    planned = sum(syncs["second"]["plan"].values())
    if planned:
        found.append(f"the second sync planned {planned} changes; it should plan none")
    expected = sum(len(row["expected"]) for row in landed)
    written = syncs["third"]["pushed"]["delivered"]
    if written != expected:
        found.append(f"the third sync wrote {written} records; the edits concern {expected}")
    return found + [f"{row['edit']}: not seen in {', '.join(row['missing'])}" for row in landed if row["missing"]]


def open_ui(port: int, sandbox_port: int) -> int:
    """Dagster on the demo company, the sandbox beside it, until interrupted."""
    home = HERE / "dagster_home"
    with sandbox(port=sandbox_port) as address:
        environment = os.environ | {ADDRESS: address, "DAGSTER_HOME": str(home), "PLUMBLINE_STACK": str(STACK)}
        show.out.print(f"sandbox on {address} · Dagster on http://127.0.0.1:{port}")
        command = [
            sys.executable,
            "-m",
            "dagster",
            "dev",
            "-m",
            "pipelines.definitions",
            "-p",
            str(port),
            "-h",
            "127.0.0.1",
        ]
        try:
            return subprocess.run(command, env=environment, cwd=HERE, check=False).returncode  # noqa: S603 - our own program
        except KeyboardInterrupt:
            return 0
