"""Plumbline itself, monitoring: what waits for a person, as the run under way leaves it in the company's folder.

Every other system is read, reconciled and written before; so an alert is told in the run that found it. Nothing is
asked over a network.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from connectors.spec import Account, Api, Connector, Cursor, NoAuth, Page, Resource, Setting
from models.errors import Unreachable
from models.fields import html_text, instant, text
from models.schema import Map

FILE = "alerts.json"


def read_alerts(api: Api, cursor: Cursor) -> Iterator[Page]:
    """All alerts, when they are others than last time; those that were there and are no longer count as deleted.

    Unreachable before the first run has come to its end. The cursor: ``{"ids": [...], "sha256": <of the file>}``.
    """
    if not _file(api).is_file():
        raise Unreachable(api.system, "no run has left its alerts yet; `plumbline sync` does")
    said = _file(api).read_bytes()
    alerts: list[dict[str, Any]] = json.loads(said)["alerts"]
    ids, content = [str(one["id"]) for one in alerts], hashlib.sha256(said).hexdigest()
    if content != cursor.get("sha256"):
        yield Page(records=alerts, deleted=[id for id in cursor.get("ids", ()) if id not in ids])
    yield Page(cursor={"ids": ids, "sha256": content})


def account(api: Api) -> Account:
    """Nobody signs in: the account stands for the company's own folder."""
    return Account(id=str(api.settings.get("home") or "."), name="this company")


def _file(api: Api) -> Path:
    return Path(str(api.settings.get("home") or "."), FILE)


CONNECTOR = Connector(
    name="plumbline",
    title="Plumbline itself",
    roles=("monitoring",),
    docs="https://www.rfc-editor.org/rfc/rfc8259",
    base_url="file://",
    auth=NoAuth(),
    of_run=FILE,
    settings=(Setting(name="home", description="Where the company keeps its state; given by the stack."),),
    resources=(
        Resource(
            name="alerts", read=read_alerts, id="id", deletes="event",
            description="What waits for a person, and for a week what no longer does.",
        ),
    ),
    maps=(
        Map(
            "alerts",
            to="alert",
            id="id",
            fields={
                "kind": text("kind"),
                "title": text("title"),
                "details": html_text("details"),
                "remedy": text("remedy"),
                "state": text("state"),
                "since": instant("since"),
                "over_at": instant("over_at"),
            },
        ),
    ),
    account=account,
)  # fmt: skip
