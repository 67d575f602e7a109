"""The same records make the same things, in whatever order and in however many portions they arrive."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.fields import email, phone, text
from models.schema import Map
from pipelines.identify import identify
from tests.pipelines.bench import Bench, model_of

SYSTEMS = ("crm", "scheduling", "accounting")
PEOPLE = Map(
    "people",
    to="customer",
    id="id",
    changed="changed",
    fields={
        "given_name": text("first"),
        "family_name": text("last"),
        "email": email("email"),
        "phone": phone("phone"),
        "street": text("street"),
        "city": text("city"),
        "postal_code": text("zip"),
    },
)
MODEL = model_of({name: [PEOPLE] for name in SYSTEMS})
EXAMPLES = int(os.environ.get("PLUMBLINE_EXAMPLES", "5"))
# few values, so that records often agree on some and contradict each other on others
people = st.fixed_dictionaries(
    {
        "first": st.sampled_from(["John", "Jon", "Margaret", None]),
        "last": st.sampled_from(["Whitfield", "Whitfeild", "Okafor"]),
        "email": st.sampled_from(["j@x.com", "m@x.com", "office@x.com", None, None]),
        "phone": st.sampled_from(["512-555-0143", "512-555-0144", None]),
        "street": st.sampled_from(["14 Oak Street", "14 Oak St", "902 Elm Road", None]),
        "city": st.sampled_from(["Austin", "Austin", None]),
        "zip": st.sampled_from(["78701", "78745", None]),
    }
)
crowds = st.dictionaries(
    st.tuples(st.sampled_from(SYSTEMS), st.integers(1, 5).map(str)), people, min_size=2, max_size=9
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with Bench(tmp_path_factory.mktemp("bench"), MODEL, "order") as one:
        yield one


def arrive(bench: Bench, portions: Sequence[Sequence[tuple[str, Mapping[str, Any]]]]) -> dict[tuple[str, str], str]:
    """Where each record ends when they arrive in these portions."""
    bench.reset()
    for portion in portions:
        for system in SYSTEMS:
            records = [record for name, record in portion if name == system]
            if records:
                bench.take(system, records)
        identify(bench.warehouse, MODEL, MODEL.entity("customer"), now=bench.now)
    rows = bench.rows("SELECT system, source_id, core_id FROM xref.customer")
    return {(row["system"], row["source_id"]): row["core_id"] for row in rows}


def groups(places: Mapping[tuple[str, str], str]) -> set[frozenset[tuple[str, str]]]:
    return {frozenset(ref for ref, other in places.items() if other == core_id) for core_id in places.values()}


@settings(max_examples=EXAMPLES)
@given(crowd=crowds, seed=st.integers(0, 9))
def test_any_order_and_any_portions_give_the_same_things(kept: Bench, crowd: Any, seed: int) -> None:
    records = [
        (system, {"id": id, "changed": "2026-03-11T10:00:00Z", **person}) for (system, id), person in crowd.items()
    ]
    at_once = arrive(kept, [records])
    shuffled = random.Random(seed).sample(records, len(records))
    cut = 2 + seed % 4
    portions = [shuffled[start : start + cut] for start in range(0, len(shuffled), cut)]
    piecemeal = arrive(kept, portions)
    assert groups(piecemeal) == groups(at_once)
    if seed == 0:
        assert arrive(kept, portions) == piecemeal  # a replay gives the same ids


@settings(max_examples=EXAMPLES)
@given(crowd=crowds)
def test_few_records_resolved_one_by_one_make_what_exact_keys_make_of_many(kept: Bench, crowd: Any) -> None:
    records = [(system, {"id": id, **person}) for (system, id), person in crowd.items()]
    one_by_one = arrive(kept, [records])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.identify.FEW", -1)
        assert arrive(kept, [records]) == one_by_one
