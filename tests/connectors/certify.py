"""``python -m tests.connectors.certify``: run the contract over every connector and write down what it found."""

from __future__ import annotations

import json

from connectors import registry
from connectors.maturity import FINDINGS
from tests.connectors.contract import CHECKS, Subject


def main() -> None:
    """One file a connector, in its folder."""
    for name, folder in registry.places().items():
        subject = Subject(connector=registry.load(name), folder=folder)
        found = {check.__name__: check(subject) for check in CHECKS}
        verdict = {
            "passed": sorted(name for name, complaints in found.items() if not complaints),
            "failed": sorted(name for name, complaints in found.items() if complaints),
        }
        (folder / FINDINGS).write_text(json.dumps(verdict, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
