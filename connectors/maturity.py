"""How far a connector is: what the contract suite found of it, and what it can then be trusted with.

The suite's findings stand in the connector's own folder, written by `make generated` and held by the suite itself. A
connector without them is untried, however much it declares.
"""

from __future__ import annotations

import json
from pathlib import Path

from connectors import registry
from connectors.spec import Connector

FINDINGS = "contract.json"
UNTRIED, READS, WRITES, LISTENS = "untried", "reads", "writes", "listens"


def maturity(connector: Connector) -> str:
    """``untried``, or the highest of ``reads``, ``writes`` and ``listens`` of one that keeps the whole contract."""
    failed = findings(registry.places()[connector.name]).get("failed")
    if failed != []:
        return UNTRIED if failed is None else f"fails {', '.join(failed)}"
    if not connector.writes:
        return READS
    return LISTENS if connector.hooks is not None else WRITES


def findings(folder: Path) -> dict[str, list[str]]:
    """What the suite found: the checks that were ``passed`` and those that ``failed``; nothing before it ran."""
    file = folder / FINDINGS
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else {}
