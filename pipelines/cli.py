"""The command line: ``plumbline``. Exit status 0 done, 1 failed, 2 wrong use, 3 held."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

from models.errors import StackError
from pipelines import cli_whatif, show
from pipelines.cli_exit import DONE, FAILED, HELD, hush, told

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    cls=TyperGroup,
    help="Keeps every system that a field-service business runs on in agreement.",
)

StackFile = Annotated[Path, typer.Option("--stack", help="The company's stack.yml.", envvar="PLUMBLINE_STACK")]
Json = Annotated[bool, typer.Option("--json", help="Print data as JSON.")]
Systems = Annotated[list[str] | None, typer.Option("--system", help="Only this system; may be given several times.")]
Believe = Annotated[list[str] | None, typer.Option(help="system.resource: accept its smaller read; you looked.")]
Limit = Annotated[int, typer.Option(help="At most so many rows.")]
By = Annotated[str, typer.Option("--by", help="Who decides.")]
DEFAULT = Path("stack.yml")


@app.callback()
def settings(
    context: typer.Context,
    debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks and the log.")] = False,
) -> None:
    """Options that hold for every command."""
    context.obj = {"debug": debug}
    hush(debug=debug)


def company(stack: Path) -> Any:
    """The company behind a stack file."""
    from pipelines.company import assemble
    from pipelines.settings import load

    return assemble(load(stack))


def _progress(quiet: bool) -> Any:
    """Says where the work is: a status line on a terminal, plain lines on standard error elsewhere."""
    from pipelines.sync import no_progress

    if quiet and not show.err.is_terminal:
        return no_progress
    return lambda stage, text: show.err.print(f"[dim]{stage:>7}[/dim]  {text}")


@app.command()
def sync(stack: StackFile = DEFAULT, system: Systems = None, believe: Believe = None, as_json: Json = False) -> None:
    """Read, reconcile, plan and push, once."""
    said, _ = _run(stack, system, as_json, write=True, believe=believe or ())
    if as_json:
        show.as_json(said)
    else:
        show.sync(said)
    raise typer.Exit(_code(said))


@app.command()
def plan(stack: StackFile = DEFAULT, system: Systems = None, as_json: Json = False, limit: Limit = 50) -> None:
    """Read and show the exact rows that a sync would write; nothing is sent."""
    said, current = _run(stack, system, as_json, write=False)
    rows = [
        {
            "handoff": p.handoff,
            "plan": p.id,
            "action": c.action,
            "core_id": c.core_id,
            "target_id": c.target_id,
            "before": dict(c.before),
            "after": dict(c.after),
            "hold": p.hold,
        }
        for p in current.plans
        for c in p.changes
    ]
    held = [
        {"handoff": p.handoff, "action": h.change.action, "core_id": h.change.core_id, "reason": h.reason}
        for p in current.plans
        for h in p.held
    ]
    if as_json:
        show.as_json(said | {"changes": rows, "held": held})
    else:
        show.sync(said)
        show.table("Changes", rows[:limit], ["handoff", "action", "core_id", "target_id", "before", "after"])
        if len(rows) > limit:
            show.out.print(f"… and {len(rows) - limit} more; --limit shows them, --json all")
        show.table("Held", held[:limit])
    raise typer.Exit(_code(said))


def _run(
    stack: Path, systems: list[str] | None, quiet: bool, *, write: bool, believe: Sequence[str] = ()
) -> tuple[dict[str, Any], Any]:
    from pipelines.checks import check, expect_work
    from pipelines.report import account
    from pipelines.sync import run_sync

    started = time.monotonic()
    found = company(stack)
    expect_work(found)
    current = run_sync(found, check=check, systems=systems, progress=_progress(quiet), write=write, believe=believe)
    return account(current, time.monotonic() - started), current


def _code(said: dict[str, Any]) -> int:
    from pipelines.report import exit_status

    return exit_status(said)


@app.command()
def apply(
    plan_id: Annotated[str, typer.Argument(help="A plan's id.")], stack: StackFile = DEFAULT, as_json: Json = False
) -> None:
    """Send a frozen plan: exactly the rows that were shown, if they still may be sent."""
    from pipelines.applying import apply_plan

    delivery = apply_plan(company(stack), plan_id)
    said = {
        "plan": plan_id,
        "delivered": len(delivery.delivered),
        "held": len(delivery.held),
        "rejected": len(delivery.rejected),
        "reasons": sorted({h.reason for h in delivery.held} | {r.reason for r in delivery.rejected}),
    }
    if as_json:
        show.as_json(said)
    else:
        show.table("Applied", [said])
    raise typer.Exit(FAILED if delivery.rejected else HELD if delivery.held else DONE)


@app.command()
def approve(
    plan_id: Annotated[str, typer.Argument(help="A plan's id.")],
    by: By,
    reason: Annotated[str, typer.Option()] = "",
    stack: StackFile = DEFAULT,
    as_json: Json = False,
) -> None:
    """Release exactly the rows of a plan that waits for review or was held by a guard."""
    from pipelines import ledger as books
    from pipelines.company import open_books

    found = company(stack)
    with open_books(found) as ledger:
        books.approve(ledger, plan_id, by=by, at=_plain(found), reason=reason)
    _say(
        as_json,
        {"plan": plan_id, "approved_by": by},
        f"{plan_id} is approved by {by}; `plumbline apply {plan_id}` sends it",
    )


@app.command()
def signoff(
    handoff: Annotated[str, typer.Argument(help="system.entity")],
    by: By,
    note: Annotated[str, typer.Option()] = "",
    stack: StackFile = DEFAULT,
    as_json: Json = False,
) -> None:
    """Sign off a handoff as it is configured now, so that it may write."""
    from models.errors import did_you_mean
    from pipelines import ledger as books
    from pipelines.company import open_books

    found = company(stack)
    one = next((h for h in found.handoffs() if h.name == handoff), None)
    if one is None:
        raise StackError(f"there is no handoff {handoff!r} that is on; {did_you_mean(handoff, found.stack.handoffs)}")
    configuration = found.configuration(one)
    with open_books(found) as ledger:
        books.sign(
            ledger,
            books.Signoff(
                handoff=handoff, configuration=configuration, validation="", by=by, at=_plain(found), note=note
            ),
        )
    _say(as_json, {"handoff": handoff, "by": by, "configuration": configuration}, f"{handoff} is signed off by {by}")


def _plain(found: Any) -> Any:
    return found.clock().replace(tzinfo=None)


def _say(as_json: bool, data: dict[str, Any], sentence: str) -> None:
    if as_json:
        show.as_json(data)
    else:
        show.out.print(sentence)


@app.command()
def doctor(stack: StackFile = DEFAULT, as_json: Json = False) -> None:
    """Can each system be reached, which account is it, which environment."""
    from pipelines.doctor import examine

    rows = examine(company(stack))
    if as_json:
        show.as_json(rows)
    else:
        show.table("Systems", rows)
    raise typer.Exit(FAILED if any(row["status"] != "ok" for row in rows) else DONE)


@app.command()
def status(stack: StackFile = DEFAULT, as_json: Json = False) -> None:
    """Where everything stands: the last runs, handoffs, records, conflicts and what waits."""
    from pipelines.looking import overview

    said = overview(company(stack))
    if as_json:
        show.as_json(said)
        return
    for title in ("runs", "handoffs", "records", "waiting"):
        show.table(title.capitalize(), said[title])


@app.command()
def explain(
    kind: Annotated[str, typer.Argument(help="An entity, or a system for its own id.")],
    id: Annotated[str, typer.Argument(help="A core_id or a system's own id.")],
    field: Annotated[str | None, typer.Argument(help="One field; all without it.")] = None,
    stack: StackFile = DEFAULT,
    as_json: Json = False,
) -> None:
    """Why a record's fields have their values, forwards and backwards."""
    from pipelines.looking import story

    said = asdict(story(company(stack), kind, id, field))
    if as_json:
        show.as_json(said)
    else:
        show.story(said)


@app.command()
def conflicts(
    stack: StackFile = DEFAULT,
    as_json: Json = False,
    limit: Limit = 50,
    settled: Annotated[bool, typer.Option("--settled", help="Show settled ones too.")] = False,
) -> None:
    """Where systems disagree, who wins and why."""
    from pipelines.looking import conflicts as found

    columns = ["entity", "core_id", "field", "winner", "winner_value", "loser", "loser_value", "rule", "state"]
    _rows("Conflicts", found(company(stack), settled=settled), as_json, limit, columns)


@app.command()
def quarantine(stack: StackFile = DEFAULT, as_json: Json = False, limit: Limit = 50) -> None:
    """Records that were set aside, and why."""
    from pipelines.looking import quarantined

    _rows("Quarantine", quarantined(company(stack)), as_json, limit)


@app.command()
def rejected(stack: StackFile = DEFAULT, as_json: Json = False, limit: Limit = 50) -> None:
    """Changes that a system refused for good."""
    from pipelines.looking import rejected as found

    _rows("Rejected", found(company(stack)), as_json, limit)


@app.command()
def override(
    entity: str,
    core_id: str,
    field: str,
    value: str,
    by: By,
    why: Annotated[str, typer.Option("--why")],
    until: Annotated[str | None, typer.Option(help="UTC instant at which it ends.")] = None,
    stack: StackFile = DEFAULT,
    as_json: Json = False,
) -> None:
    """Set a field by hand, above all rules, until it is ended or runs out."""
    from pipelines.looking import pin

    pin(company(stack), entity, core_id, field, value, by=by, why=why, until=until)
    _say(
        as_json, {"entity": entity, "core_id": core_id, "field": field, "value": value}, "set; the next sync applies it"
    )


def _rows(title: str, rows: list[dict[str, Any]], as_json: bool, limit: int, columns: list[str] | None = None) -> None:
    if as_json:
        show.as_json(rows)
        return
    show.table(title, rows[:limit], columns)
    if len(rows) > limit:
        show.out.print(f"… and {len(rows) - limit} more; --limit shows them, --json all")


@app.command()
def report(name: str, stack: StackFile = DEFAULT, as_json: Json = False, limit: Limit = 50) -> None:
    """A report from the published snapshot: receivables."""
    from pipelines.reports.listing import rows

    _rows(name.capitalize(), rows(company(stack), name), as_json, limit)


@app.command()
def connectors(as_json: Json = False) -> None:
    """The systems that can be connected, and what each can do."""
    from pipelines.catalogue import rows

    _rows("Connectors", rows(), as_json, 1000)


@app.command()
def sandbox(
    port: Annotated[int, typer.Option(help="Port on this machine; 0 picks one.")] = 8700,
    seed: Annotated[int, typer.Option(help="Which company.")] = 1,
    headroom: Annotated[int, typer.Option(help="Times the vendors' published limits.")] = 20,
) -> None:
    """Serve the twins of all systems on this machine."""
    options = {"--port": port, "--seed": seed, "--headroom": headroom}
    words = [str(word) for option in options.items() for word in option]
    os.execv(sys.executable, [sys.executable, "-m", "sandbox", *words])  # noqa: S606


@app.command()
def demo(
    folder: Annotated[Path | None, typer.Option(help="Where to work; a new temporary folder without it.")] = None,
    seed: Annotated[int, typer.Option(help="Which company.")] = 1,
    as_json: Json = False,
) -> None:
    """The main job on the demo company: sync, sync again, edit as people, sync, explain, and stop."""
    from pipelines.demo import run

    raise typer.Exit(run(folder=folder, seed=seed, as_json=as_json))


@app.command()
def ui(
    port: Annotated[int, typer.Option(help="Port of Dagster.")] = 3000,
    sandbox_port: Annotated[int, typer.Option(help="Port of the sandbox.")] = 8700,
) -> None:
    """Open Dagster on the demo company with the sandbox beside it."""
    from pipelines.demo import open_ui

    raise typer.Exit(open_ui(port, sandbox_port))


@app.command()
def generate(check: Annotated[bool, typer.Option(help="Only say whether they are up to date.")] = False) -> None:
    """Write the generated parts: the README's table of connectors and the JSON Schema of stack.yml."""
    from pipelines.catalogue import write_generated

    stale = write_generated(Path.cwd(), check=check)
    for name in stale:
        show.out.print(f"{name} {'is out of date' if check else 'written'}")
    raise typer.Exit(FAILED if check and stale else DONE)


app.command()(cli_whatif.whatif)


def main() -> None:
    """Run the command line; an error of ours is one sentence and an exit status."""
    try:
        app()
    except Exception as problem:
        if "--debug" in sys.argv:
            raise
        sys.exit(told(problem))
