"""Labelled records that others published, as records to match and the pairs that are truly the same."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path

import pandas as pd
import pytest

DATA = Path(__file__).parents[3] / "shared" / "data"
Pairs = frozenset[tuple[str, str]]


def need(folder: str) -> Path:
    path = DATA / folder
    if not path.is_dir():
        pytest.skip(f"the published data set {folder} is not beside this repository")
    return path


def pairs_of(groups: object) -> Pairs:
    return frozenset(pair for group in groups for pair in combinations(sorted(group), 2))


def febrl(*numbers: str) -> tuple[pd.DataFrame, Pairs]:
    """These FEBRL files together; the number in ``rec-<n>-...`` says whose record it is."""
    folder = need("febrl")
    files = [
        pd.read_csv(folder / f"dataset{n}.csv", dtype=str, skipinitialspace=True).assign(system=n) for n in numbers
    ]
    rows = pd.concat(files, ignore_index=True).rename(
        columns={
            "surname": "family_name",
            "address_2": "locality",
            "suburb": "city",
            "postcode": "postal_code",
            "date_of_birth": "birth_date",
            "soc_sec_id": "person_id",
        }
    )
    rows["id"] = rows["system"] + ":" + rows["rec_id"]
    rows["street"] = rows["street_number"].fillna("") + " " + rows["address_1"].fillna("")
    owner = rows["rec_id"].str.extract(r"rec-(\d+)-")[0]
    return rows, pairs_of(rows["id"].groupby(owner).apply(list))


def restaurants() -> tuple[pd.DataFrame, Pairs]:
    """Two guides; which of their entries are the same restaurant is published beside them."""
    folder = need("fodors_zagats")
    guides = [pd.read_csv(folder / f"{name}.csv", dtype=str).assign(system=name) for name in ("fodors", "zagats")]
    rows = pd.concat(guides, ignore_index=True).rename(columns={"addr": "street"})
    rows["id"] = rows["system"] + ":" + rows["id"]
    same = pd.read_csv(folder / "matches_fodors_zagats.csv", dtype=str)
    return rows, pairs_of(zip("fodors:" + same["fodors_id"], "zagats:" + same["zagats_id"], strict=True))


def fake_people() -> tuple[pd.DataFrame, Pairs]:
    """Splink's thousand: name, birth date, town and e-mail, most of them with errors or gaps."""
    rows = pd.read_csv(need("splink") / "fake_1000.csv", dtype=str).rename(
        columns={"unique_id": "id", "first_name": "given_name", "surname": "family_name", "dob": "birth_date"}
    )
    return rows.assign(system="fake"), pairs_of(rows["id"].groupby(rows["cluster"]).apply(list))
