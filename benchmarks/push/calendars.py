"""1,000 appointments into Radicale: ours, a client that does nothing but PUT, and vdirsyncer."""

from __future__ import annotations

import csv
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from benchmarks.push.measure import Row, answers, free_port, process, spent, sync, timed

USER = ("dispatch", "dispatch")
TECHNICIANS = 10
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
VISIT: dict[str, Any] = {
    "title": {"text": "Title"},
    "instructions": {"text": "Notes"},
    "starts_at": {"sql": "(record ->> '$.Start')::TIMESTAMP"},
    "ends_at": {"sql": "(record ->> '$.End')::TIMESTAMP"},
    "time_zone": {"const": "America/Chicago"},
    "status": {"const": "scheduled"},
}
Bodies = dict[str, bytes]  # path on the server -> iCalendar text


@contextmanager
def radicale(folder: Path) -> Iterator[str]:
    """Radicale as it is installed, on a free port, with its collections in ``folder``."""
    port = free_port()
    folder.mkdir(parents=True)
    (folder / "users").write_text(":".join(USER))
    (folder / "config").write_text(CONFIG.format(port=port, folder=folder))
    address = f"http://127.0.0.1:{port}"
    with process([sys.executable, "-m", "radicale", "--config", str(folder / "config")], lambda: answers(address)):
        yield address


def visits(folder: Path, count: int, changed: int = 0) -> None:
    """The office's export; the first ``changed`` visits have another title than before."""
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0, tzinfo=None) + timedelta(days=2)
    with (folder / "visits.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["Number", "Title", "Technician", "Start", "End", "Notes"])
        for i in range(count):
            at = start + timedelta(hours=i // TECHNICIANS)
            end = at + timedelta(minutes=50)
            title = f"{'Check-up' if i < changed else 'Tune-up'} {i}"
            out.writerow([f"V{i}", title, f"T{i % TECHNICIANS}", at, end, f"Gate code {i}, call ahead."])
    with (folder / "technicians.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([["Id", "Name"], *([f"T{i}", f"Tech {i}"] for i in range(TECHNICIANS))])


def stack(folder: Path, address: str) -> Path:
    """A company that keeps its visits in a file and its calendars on Radicale."""
    maps = [
        {
            "resource": "technicians",
            "to": "technician",
            "fields": {"name": {"text": "Name"}, "active": {"const": True}},
        },
        {"resource": "visits", "to": "appointment", "fields": VISIT},
        {
            "resource": "visits",
            "to": "assignment",
            "fields": {"appointment": {"ref": "Number"}, "technician": {"ref": "Technician"}},
        },
    ]
    office = {
        "connector": "files",
        "roles": ["scheduling"],
        "resources": {
            "visits": {"path": "visits.csv", "id": "Number"},
            "technicians": {"path": "technicians.csv", "id": "Id"},
        },
        "maps": maps,
    }
    crews = {
        "connector": "caldav",
        "roles": ["calendar"],
        "environment": "sandbox",
        "base_url": address,
        "credentials": {"username": "env:BENCH_USER", "password": "env:BENCH_PASSWORD"},
        "settings": {"calendar": "/dispatch/{technician}/", "create_calendars": True},
    }
    os.environ["BENCH_USER"], os.environ["BENCH_PASSWORD"] = USER
    path = folder / "stack.yml"
    whole = {
        "company": "Bench",
        "time_zone": "America/Chicago",
        "systems": {"office": office, "crews": crews},
        "handoffs": {"crews.assignment": {"mode": "live", "window": {"past": "1d", "future": "365d"}}},
        "guards": {"creates": 100_000, "overwrites": 100_000},
    }
    path.write_text(json.dumps(whole))
    return path


def written(folder: Path) -> Bodies:
    """What stands on the server, by address."""
    root = folder / "collections" / "collection-root"
    return {f"/{p.relative_to(root).as_posix()}": p.read_bytes() for p in sorted(root.glob("*/*/*.ics"))}


def raw_put(folder: Path, bodies: Bodies) -> float:
    """Seconds of a client that keeps one connection and does nothing but PUT these very texts."""
    with radicale(folder) as address, httpx.Client(base_url=address, auth=USER, timeout=60) as client:
        for calendar in sorted({path.rpartition("/")[0] for path in bodies}):
            client.request("MKCALENDAR", f"{calendar}/").raise_for_status()

        def put_all() -> None:
            for path, body in bodies.items():
                client.put(path, content=body, headers={"Content-Type": "text/calendar"}).raise_for_status()

        return timed(put_all)[0]


def vdirsyncer(folder: Path, bodies: Bodies) -> list[float]:
    """Seconds of vdirsyncer from a folder of the same events: first, nothing changed, ten changed."""
    local = folder / "local"
    for path, body in bodies.items():
        target = local / path.split("/")[2] / path.rpartition("/")[2]
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(body)
    with radicale(folder / "server") as address:
        (folder / "config").write_text(
            f'[general]\nstatus_path = "{folder}/status"\n'
            '[pair p]\na = "here"\nb = "there"\ncollections = ["from a"]\nconflict_resolution = "a wins"\n'
            f'[storage here]\ntype = "filesystem"\npath = "{local}"\nfileext = ".ics"\n'
            f'[storage there]\ntype = "caldav"\nurl = "{address}"\nusername = "{USER[0]}"\npassword = "{USER[1]}"\n'
        )

        def run(verb: str) -> None:
            command = [sys.executable, "-m", "vdirsyncer", "-c", str(folder / "config"), verb]
            subprocess.run(command, input=b"y\n" * 50, check=True, capture_output=True)

        run("discover")
        first = timed(lambda: run("sync"))[0]
        same = timed(lambda: run("sync"))[0]
        for path in sorted(local.rglob("*.ics"))[:10]:
            path.write_bytes(path.read_bytes().replace(b"Tune-up", b"Check-up"))
        return [first, same, timed(lambda: run("sync"))[0]]


def rows(folder: Path, count: int) -> list[Row]:
    """Ours between two runs of the raw client, so that the machine's mood is the same for both."""
    company = folder / "company"
    company.mkdir(parents=True)
    visits(company, count)
    with radicale(folder / "ours") as address:
        path = stack(company, address)
        first = sync(path)
        bodies = written(folder / "ours")
        assert (first["delivered"], len(bodies)) == (count, count), (first, len(bodies))
        before = raw_put(folder / "raw1", bodies)
        settled = sync(path)  # reads back what it wrote
        same = min((sync(path) for _ in range(3)), key=lambda one: float(one["seconds"]))
        assert (settled["delivered"], same["delivered"]) == (0, 0), (settled, same)
        visits(company, count, changed=10)
        ten = sync(path)
        assert ten["delivered"] == 10, ten
    raw = statistics.mean([before, raw_put(folder / "raw2", bodies)])
    other = vdirsyncer(folder / "vdirsyncer", bodies)
    push, rate = first["stages"]["push"], count / raw
    print(f"stages: first {first['stages']}, nothing new {same['stages']}, ten changed {ten['stages']}")
    return [
        Row(work=f"{count} appointments into Radicale, the push", ours=f"{count / push:.1f}/s in {push:.1f} s",
            goal="90 % of PUT", peer=f"raw keep-alive PUT {rate:.1f}/s in {raw:.1f} s",
            ratio=f"{raw / push:.0%}", met=raw / push >= 0.9),
        Row(work="the same, the whole sync", ours=spent(first), goal="",
            peer=f"vdirsyncer {other[0]:.1f} s", ratio=f"{first['seconds'] / other[0]:.2f}", met=None),
        Row(work="nothing changed", ours=spent(same), goal="0.3 s", peer=f"vdirsyncer {other[1]:.2f} s",
            ratio=f"{same['seconds'] / other[1]:.2f}", met=same["seconds"] <= 0.3),
        Row(work="10 changed", ours=spent(ten), goal="0.5 s", peer=f"vdirsyncer {other[2]:.2f} s",
            ratio=f"{ten['seconds'] / other[2]:.2f}", met=ten["seconds"] <= 0.5),
    ]  # fmt: skip
