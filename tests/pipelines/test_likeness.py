from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from models.clusters import FLOOR
from models.compile import likeness as compiled
from pipelines.identify import identify
from pipelines.matching import COLUMNS, Kind, score, weights
from pipelines.warehouse import Warehouse
from tests.pipelines.bench import Bench
from tests.pipelines.test_identity_order import MODEL
from tests.pipelines.test_matching_accuracy import spelt_by_systems


def in_the_warehouse(kind: Kind, rows: pd.DataFrame) -> dict[tuple[str, str], tuple[float, float]]:
    """Probability and weight of each pair, as the compiled statement says."""
    warehouse = Warehouse(":memory:")
    named = rows["system"] + chr(compiled.SEPARATOR) + rows["id"]
    columns = {"id": named, "system": rows["system"], "kind": kind} | {name: rows.get(name) for name in COLUMNS}
    warehouse.connection.register("given_rows", rows[[]].assign(**columns).astype("string"))
    listed = ", ".join(f"{name}::VARCHAR AS {name}" for name in columns)
    warehouse.replace_table("records", f"SELECT {listed} FROM given_rows")  # noqa: S608
    warehouse.script("matching")
    warehouse.replace_table("trait", "FROM prepared")
    warehouse.replace_table("fresh_traits", "FROM prepared")
    found = warehouse.rows(compiled.scored(kind, weights(kind), FLOOR))
    warehouse.close()
    return {(row["left_id"], row["right_id"]): (row["probability"], row["weight"]) for row in found}


@pytest.mark.parametrize("kind", ["person", "company"])
def test_a_few_records_get_the_very_pairs_and_weights_that_splink_gives(kind: Kind) -> None:
    frame, _ = spelt_by_systems()
    rows = frame[frame["name"].notna() == (kind == "company")]
    rows = rows.assign(id=rows["system"] + rows["id"])  # in one order with system and id together
    by_splink = {(pair.left, pair.right): (pair.probability, pair.weight) for pair in score(kind, rows)}
    assert len(by_splink) > 15
    assert in_the_warehouse(kind, rows) == by_splink


def test_a_first_sync_of_many_keeps_the_pairs_that_a_few_would_get(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = {"street": "14 Oak Street", "city": "Austin", "zip": "78701", "changed": "2026-03-11T10:00:00Z"}
    kept = []
    for few in (2_000, 0):
        monkeypatch.setattr("pipelines.likeness.FEW", few)
        with Bench(tmp_path / str(few), MODEL, f"few {few}") as bench:
            bench.take("crm", [{"id": "1", "first": "John", "last": "Whitfield", **told}])
            bench.take("scheduling", [{"id": "7", "first": "John", "last": "Whitfeild", **told}])
            identify(bench.warehouse, MODEL, MODEL.entity("customer"), now=bench.now)
            kept.append(bench.rows("FROM xref.customer__pairs ORDER BY ALL"))
    assert len(kept[0]) == 1
    assert kept[0] == kept[1]
