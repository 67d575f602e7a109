"""The raw loads of three systems, in the shape in which the readers leave them (``connectors/raw.py``)."""

from __future__ import annotations

from pathlib import Path

import duckdb

from connectors.raw import Load

PEOPLE_A_ROW = 2.5  # source rows that one real customer gives
SOURCES = {
    "hubspot": ("contacts", "crm"),
    "jobber": ("clients", "scheduling"),
    "quickbooks_online": ("customers", "books"),
}
FIRST, AGREED, EDITED = LOADS = ("1700000000.5", "1700000001.5", "1700000002.5")


def write(folder: Path, rows: int, edits: int) -> None:
    """Three loads: the first contact, a re-read of what the first plan put right, and what people edited since."""
    connection = duckdb.connect()
    people = round(rows / PEOPLE_A_ROW)
    connection.execute("SET VARIABLE people = $people", {"people": people})
    connection.execute((Path(__file__).parent / "people.sql").read_text(encoding="utf-8"))
    share = max(people * len(SOURCES) // edits, len(SOURCES))
    for number, (system, (resource, macro)) in enumerate(SOURCES.items()):
        target = folder / system / resource
        target.mkdir(parents=True, exist_ok=True)
        edited = f"i % {share} = {number * 6} LIMIT {edits // 3 + (number == 0) * (edits % 3)}"
        for day, (load, records) in enumerate(
            {
                FIRST: f"{macro}(false, false)",
                AGREED: f"{macro}(true, false) WHERE ugly(i)",
                EDITED: f"{macro}(true, true) WHERE {edited}",
            }.items()
        ):
            connection.execute(
                f"COPY (SELECT id, record, false AS deleted, TIMESTAMP '2026-01-01' + to_days({day}) AS read_at, "  # noqa: S608 - ours
                f"row_number() OVER () AS seq, '{load}' AS _dlt_load_id FROM {records}) "
                f"TO '{target / load}.0.parquet' (FORMAT parquet)"
            )
    connection.close()


def file(folder: Path, system: str, load: str) -> str:
    """The one file of a load."""
    return str(folder / system / SOURCES[system][0] / f"{load}.0.parquet")


def load_of(folder: Path, system: str, load: str) -> Load:
    """A load as staging takes it; the first read everything."""
    resource = SOURCES[system][0]
    return Load(
        id=load, files={resource: (file(folder, system, load),)}, full=frozenset((resource,) if load == FIRST else ())
    )
