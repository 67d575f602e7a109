"""The catalogue of connectors, and the generated parts of the project that are made from declarations."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from connectors import registry
from connectors.maturity import maturity
from connectors.spec import Connector, Quota, Write
from pipelines.settings import json_schema

BEGIN = "<!-- connectors:begin (written by `make generated`, held by tests/test_docs.py) -->"
END = "<!-- connectors:end -->"
SCHEMA = Path("docs") / "stack.schema.json"


def rows() -> list[dict[str, Any]]:
    """One row per connector: what it reads and writes, by what promises, and how far it is."""
    return [_row(registry.load(name)) for name in registry.names()]


def _row(connector: Connector) -> dict[str, Any]:
    return {
        "connector": connector.name,
        "title": connector.title,
        "roles": ", ".join(connector.roles),
        "reads": ", ".join(r.name for r in connector.resources) or "what the stack declares",
        "writes": ", ".join(f"{_written(w)} ({_verbs(w)})" for w in connector.writes) or "–",
        "identity": ", ".join(dict.fromkeys(w.identity for w in connector.writes)) or "–",
        "preconditions": _preconditions(connector),
        "quota": _quota(connector.quota) or "–",
        "hooks": f"{len(connector.hooks.events)} events" if connector.hooks else "–",
        "maturity": maturity(connector),
        "deletes seen by": ", ".join(dict.fromkeys(r.deletes for r in connector.resources)) or "compare",
    }


def _preconditions(connector: Connector) -> str:
    """Which writes show the version that they were planned against; all others read and compare first."""
    guarded = [write.entity for write in connector.writes if write.guarded]
    if not connector.writes:
        return "–"
    return "version" if len(guarded) == len(connector.writes) else ", ".join([*guarded, "compare"])


def _quota(quota: Quota) -> str:
    """The limits that hold for every call, in all or for each mailbox; of those for single calls their number."""
    general = [one for one in quota.limits if not one.only]
    whole = [f"{one.calls:,} {one.unit} in {one.seconds:,g} s{' for each' if one.each else ''}" for one in general]
    single = len(quota.limits) - len(whole)
    return "; ".join(whole + ([f"{single} for single calls"] if single else []))


def _written(write: Write) -> str:
    """What a write is of; one that a setting chooses says as what."""
    return f"{write.entity} as {write.resource}" if write.when else write.entity


def _verbs(write: Any) -> str:
    verbs = ("create", "update", "delete")
    return "/".join(v for v in verbs if getattr(write, v) or (write.many and v != "delete"))


def table() -> str:
    """The catalogue as a Markdown table."""
    found = rows()
    names = [name for name in found[0] if name != "title"]
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    lines += ["| " + " | ".join(str(row[name]) for name in names) + " |" for row in found]
    return "\n".join(lines)


def write_generated(root: Path, *, check: bool) -> list[str]:
    """Write the README's table and the JSON Schema of stack.yml; returns the files that were out of date."""
    readme = root / "README.md"
    text = readme.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN, 1)
    wanted = {
        readme: f"{before}{BEGIN}\n{table()}\n{END}{rest.split(END, 1)[1]}",
        root / SCHEMA: json.dumps(json_schema(), indent=2) + "\n",
    }
    stale = [path for path, new in wanted.items() if not path.exists() or path.read_text(encoding="utf-8") != new]
    if not check:
        for path in stale:
            path.write_text(wanted[path], encoding="utf-8")
    return [str(path.relative_to(root)) for path in stale]
