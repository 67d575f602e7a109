"""A company of two notebooks, for tests that run the whole path: people in both, visits and workers in one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipelines.company import Company, assemble
from pipelines.settings import load

NOW = datetime(2026, 3, 11, 12, 0, tzinfo=UTC)
SYSTEMS = Path(__file__).parent / "systems"
STACK = """
company: Two Notebooks
time_zone: America/Chicago
systems:
  a: {connector: notebook, roles: [crm], settings: {file: FOLDER/a.json}, environment: sandbox,
      base_url: "http://127.0.0.1:1"}
  b: {connector: notebook, roles: [scheduling], settings: {file: FOLDER/b.json}, environment: sandbox,
      base_url: "http://127.0.0.1:1"}
handoffs:
  a.customer: {mode: live, owner: "Mia, sales"}
  b.customer: {mode: live}
"""
A = {
    "people": {
        "a1": {"id": "a1", "first": "Ann", "last": "Lee", "email": "Ann@x.com", "phone": "(512) 555-2345",
               "version": "1", "changed": "2026-03-01T00:00:00Z"},
        "a2": {"id": "a2", "first": "Bob", "last": "Ray", "status": "odd", "version": "1"},
        "a3": {"id": "a3", "first": "Cy", "last": "Fu", "email": "cy@x.com", "version": "1"},
    },
    "visits": {
        "v1": {"id": "v1", "title": "Fix", "start": "2026-03-12T15:00:00Z", "end": "2026-03-12T16:00:00Z",
               "crew": [{"id": "w1"}, {"id": "w2"}]},
    },
    "workers": {"w1": {"id": "w1", "name": "Wil"}, "w2": {"id": "w2", "name": "Zed"}},
}  # fmt: skip
B = {
    "people": {
        "b1": {"id": "b1", "first": "Annie", "last": "Lee", "email": "ann@x.com", "phone": "512-555-2346",
               "version": "1", "changed": "2026-03-02T00:00:00Z"},
    },
}  # fmt: skip


@contextmanager
def company(folder: Path) -> Iterator[Company]:
    """The company in this folder, at a time that stands still."""
    write(folder / "a.json", A)
    write(folder / "b.json", B)
    (folder / "stack.yml").write_text(STACK.replace("FOLDER", str(folder)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PLUMBLINE_CONNECTORS", str(SYSTEMS))
        yield assemble(load(folder / "stack.yml"), clock=lambda: NOW)


def write(path: Path, data: Any) -> None:
    path.write_text(json.dumps(data))


def people(folder: Path, name: str) -> dict[str, dict[str, Any]]:
    """The people that a notebook holds."""
    return dict(json.loads((folder / f"{name}.json").read_text())["people"])
