"""What the laws count, where a life seldom leads."""

from __future__ import annotations

import pytest

from benchmarks.simulator import laws
from benchmarks.simulator.company import START
from benchmarks.simulator.connectors import CUSTOMERS
from benchmarks.simulator.laws import Picture
from benchmarks.simulator.systems import Broken, Clock, Store


@pytest.mark.parametrize(("known", "twice"), [(True, False), (False, True)], ids=["read", "made a moment ago"])
def test_our_mark_counts_until_the_record_is_read_and_stands_for_something(known: bool, twice: bool) -> None:
    """A person entered our spoiled record's customer again: what we made is another one since it can be read."""
    store = Store(name="field", clock=Clock(START), deletes="compare")
    store.put("people", "1", {})
    store.put("people", "2", {"mark": "A"})
    place = {("field", "1"): "A"} | ({("field", "2"): "B"} if known else {})
    seen = Picture(core={}, place=place, dead=set(), overruled=set())
    row = dict.fromkeys(CUSTOMERS.fields)
    if twice:
        with pytest.raises(Broken, match="convergence: customer A stands 2 times in field"):
            laws._same(store, "people", "customer", "A", row, seen)
    else:
        laws._same(store, "people", "customer", "A", row, seen)
