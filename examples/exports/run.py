"""Run the exports example against a Radicale server of its own: sync twice, then count the events over CalDAV.

``python examples/exports/run.py [--folder DIR] [--days N]``; prints one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from pipelines.checks import check
from pipelines.company import Company, assemble
from pipelines.report import account
from pipelines.reports.listing import rows
from pipelines.settings import load
from pipelines.sync import run_sync

HERE = Path(__file__).resolve().parent
USER = ("dispatch", "dispatch")
CONFIG = """
[server]
hosts = 127.0.0.1:{port}
[auth]
type = htpasswd
htpasswd_filename = {folder}/users
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = {folder}/collections
[logging]
level = error
"""


@contextmanager
def radicale(folder: Path) -> Iterator[str]:
    """A Radicale server on a free port, its collections in ``folder``; gives its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "users").write_text(":".join(USER))
    (folder / "config").write_text(CONFIG.format(port=port, folder=folder))
    process = subprocess.Popen([sys.executable, "-m", "radicale", "--config", str(folder / "config")])  # noqa: S603
    try:
        yield _answering(f"http://127.0.0.1:{port}", process)
    finally:
        process.terminate()
        process.wait(timeout=10)


def _answering(address: str, process: subprocess.Popen[bytes]) -> str:
    for _ in range(200):
        if process.poll() is not None:
            raise SystemExit("Radicale did not start")
        try:
            httpx.get(address, timeout=1)
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return address
    raise SystemExit("Radicale does not answer")


def members(client: httpx.Client, path: str) -> list[str]:
    """Addresses of what stands in a collection, itself left out."""
    answer = client.request("PROPFIND", path, headers={"Depth": "1"}, content="")
    answer.raise_for_status()
    responses = ET.fromstring(answer.content).iter("{DAV:}response")  # noqa: S314 - our own server
    found = [str(one.findtext("{DAV:}href")) for one in responses]
    return [href for href in found if href.rstrip("/") != path.rstrip("/")]


def count(address: str) -> dict[str, int]:
    """Calendars and events on the server, as any CalDAV client sees them."""
    with httpx.Client(base_url=address, auth=USER, timeout=60) as client:
        calendars = members(client, "/dispatch/")
        events = [event for calendar in calendars for event in members(client, calendar)]
    return {"calendars": len(calendars), "events": len(events), "distinct": len(set(events))}


def stack(folder: Path, days: int) -> Path:
    """The example's stack in a folder of its own, its month cut to the first days when asked."""
    text = (HERE / "stack.yml").read_text(encoding="utf-8")
    text = text.replace("file:credentials", f"file:{HERE / 'credentials'}")
    text = re.sub(r"to: 2016-02-29", f"to: 2016-02-{days:02d}", text)
    target = folder / "stack.yml"
    target.write_text(text, encoding="utf-8")
    return target


def sync(company: Company) -> dict[str, Any]:
    """One sync and its account, with the seconds that the calendar server took."""
    started = time.monotonic()
    current = run_sync(company, check=check)
    said = account(current, time.monotonic() - started)
    return said | {"seconds_without_calendar": round(said["seconds"] - current.seconds.get("push", 0.0), 2)}


def main() -> int:
    """Run the example; 1 when something did not come out as it should."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=None)
    parser.add_argument("--days", type=int, default=29, help="how many days of February to push")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="plumbline-exports-"))
    folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("PLUMBLINE_SHARED", str((HERE / "../../../shared").resolve()))
    with radicale(folder / "radicale") as address:
        os.environ["PLUMBLINE_CALDAV"] = address
        company = assemble(load(stack(folder, options.days)))
        first, second = sync(company), sync(company)
        counted = count(address)
    owing = [row for row in rows(company, "receivables") if row["open"] > 0]
    said = {
        "first": first,
        "second": second,
        "caldav": counted,
        "receivables": {
            "customers": len(rows(company, "receivables")),
            "open": len(owing),
            "sum": str(sum(r["open"] for r in owing)),
        },
    }
    print(json.dumps(said, indent=2, default=str))  # noqa: T201 - this is the output
    planned = sum(second["plan"].values())
    return 0 if planned == 0 and counted["events"] == first["pushed"]["delivered"] else 1


if __name__ == "__main__":
    sys.exit(main())
