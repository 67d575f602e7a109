"""2,000 changed records to a CRM twin: ours beside dlt's custom destination, which writes and does no more."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path
from typing import Any

import dlt
import httpx

from benchmarks.push.measure import Row, sandbox, spent, sync, timed
from connectors.hubspot.customer import CONTACTS, SHOWN

BATCH = 100


def token(address: str) -> str:
    found = httpx.get(f"{address}/_sandbox/systems").json()["systems"]
    return str(next(one for one in found if one["name"] == "hubspot")["credentials"]["access_token"])


def people(folder: Path, count: int, *, version: int, changed: int | None = None, gone: int = 0) -> None:
    """The office's export in a version; ``changed`` of its people have the city of that version, all by default."""
    with (folder / "people.csv").open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        out.writerow(["Number", "First", "Last", "Mail", "City"])
        for i in range(gone, count):
            city = f"Town {version if changed is None or i - gone < changed else version - 1}"
            out.writerow([i, f"Kim{i}", f"Hill{i}", f"kim{i}@bench.example", city])


def stack(folder: Path, address: str) -> Path:
    """A company that keeps its customers in a file and wants them in HubSpot."""
    fields = {
        "given_name": {"text": "First"},
        "family_name": {"text": "Last"},
        "email": {"email": "Mail"},
        "city": {"text": "City"},
    }
    office = {
        "connector": "files",
        "roles": ["scheduling"],
        "resources": {"people": {"path": "people.csv", "id": "Number"}},
        "maps": [{"resource": "people", "to": "customer", "fields": fields}],
    }
    os.environ["BENCH_TOKEN"] = token(address)
    crm = {
        "connector": "hubspot",
        "roles": ["crm"],
        "environment": "sandbox",
        "base_url": f"{address}/hubspot",
        "headroom": 20,
        "credentials": {"token": "env:BENCH_TOKEN"},
    }
    whole = {
        "company": "Bench",
        "time_zone": "America/Chicago",
        "systems": {"office": office, "hubspot": crm},
        "ownership": {"customer": {"prefer": ["office", "hubspot"]}},
        "handoffs": {"hubspot.customer": {"mode": "live", "deletes": "mirror"}},
        "guards": {"creates": 100_000, "overwrites": 100_000, "deletes": "50%"},
    }
    path = folder / "stack.yml"
    path.write_text(json.dumps(whole))
    return path


def dlt_custom(folder: Path, address: str, count: int) -> float:
    """Seconds of ``@dlt.destination``: batches of 100 upserts, no look at what is there, no books."""
    headers = {"Authorization": f"Bearer {token(address)}"}
    with httpx.Client(base_url=address, headers=headers, timeout=60) as client:

        @dlt.destination(batch_size=BATCH, name="crm")
        def crm(items: list[dict[str, Any]], table: dict[str, Any]) -> None:  # noqa: ARG001 - dlt's own form
            inputs = [
                {"id": i["email"], "idProperty": "email", "properties": {"email": i["email"], "city": i["city"]}}
                for i in items
            ]
            client.post(f"/hubspot{CONTACTS}/batch/upsert", json={"inputs": inputs}).raise_for_status()

        @dlt.resource(name="people")
        def source() -> Any:
            yield from ({"email": f"kim{i}@bench.example", "city": "Elsewhere"} for i in range(count))

        pipeline = dlt.pipeline("bench_crm", destination=crm, pipelines_dir=str(folder / "dlt"))
        return timed(lambda: pipeline.run(source()))[0]


def bare(address: str, count: int) -> float:
    """Seconds of a client that sends what a push of so many updates sends, batch for batch, and does no more.

    What is read before an update is read after it, because HubSpot guards nothing and shows only what was sent.
    """
    headers = {"Authorization": f"Bearer {token(address)}"}
    with httpx.Client(base_url=f"{address}/hubspot", headers=headers, timeout=60) as client:

        def post(path: str, **body: Any) -> Any:
            return client.post(f"{CONTACTS}/batch/{path}", json=body).raise_for_status().json()["results"]

        mails = [{"id": f"kim{i}@bench.example"} for i in range(count)]
        ids = [
            {"id": one["id"]}
            for start in range(0, count, BATCH)
            for one in post("read", properties=["email"], idProperty="email", inputs=mails[start : start + BATCH])
        ]

        def push() -> None:
            for start in range(0, count, BATCH):
                batch = ids[start : start + BATCH]
                post("read", properties=SHOWN, inputs=batch)
                post("update", inputs=[{**one, "properties": {"city": "Elsewhere"}} for one in batch])
                post("read", properties=SHOWN, inputs=batch)

        return timed(push)[0]


def rows(folder: Path, count: int) -> list[Row]:
    """All changed, none, and 20 changed with 10 gone; and dlt with all of them."""
    folder.mkdir(parents=True)
    with sandbox(headroom=20) as address:
        path = stack(folder, address)
        people(folder, count, version=1)
        made = sync(path)
        assert made["delivered"] >= count, made
        sync(path)
        people(folder, count, version=2)
        all_changed = sync(path)
        assert all_changed["delivered"] == count, all_changed
        sync(path)
        same = min((sync(path) for _ in range(3)), key=lambda one: float(one["seconds"]))
        assert same["delivered"] == 0, same
        people(folder, count, version=3, changed=20, gone=10)
        few = sync(path)
        assert few["delivered"] == 30, few
        raw, other = bare(address, count), dlt_custom(folder, address, count)
    push = all_changed["stages"]["push"]
    print(f"stages: made {made['stages']}, all {all_changed['stages']}, none {same['stages']}, 20 + 10 {few['stages']}")
    return [
        Row(work=f"{count} changed records to a CRM", ours=spent(all_changed), goal="5 s",
            peer=f"dlt custom destination {other:.2f} s", ratio=f"{all_changed['seconds'] / other:.2f}",
            met=all_changed["seconds"] <= 5),
        Row(work="the same, the push", ours=f"{push:.2f} s", goal="", peer=f"its requests and no more {raw:.2f} s",
            ratio=f"{push / raw:.2f}", met=None),
        Row(work="none changed", ours=spent(same), goal="1 s", peer="Grouparoo 78 s (recorded)",
            ratio="", met=same["seconds"] <= 1),
        Row(work="20 changed, 10 gone", ours=spent(few), goal="2 s", peer="Grouparoo 138 s (recorded)",
            ratio="", met=few["seconds"] <= 2),
    ]  # fmt: skip
