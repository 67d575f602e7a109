"""With nobody editing, nothing is written: however a system spells what it was given, over twenty rounds."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from models.handoff import Handoff
from pipelines import ledger as books
from pipelines.decoding import Decoder
from pipelines.ledger import Ledger
from pipelines.links import load_links
from pipelines.plan import make_plan
from pipelines.push import push
from pipelines.settings import Guards
from tests.pipelines.bench import Bench, model_of
from tests.pipelines.shop import MAP, Counter, Shop, counter, write

MODEL = model_of({"crm": [MAP], "shop": [MAP]})
TEXTS = ("first", "last", "city")


def bare(text: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "capitals": str.upper,
    "small letters": str.lower,
    "titles": str.title,
    "cut": lambda text: text[:12],
    "without accents": bare,
    "marked up": lambda text: f"<p>{html.escape(text)}</p>",
    "without points": lambda text: text.replace(".", "").replace("-", " "),
}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with Bench(tmp_path_factory.mktemp("bench"), MODEL, "fixpoint") as one:
        yield one


def customer(number: int) -> dict[str, Any]:
    return {
        "id": str(number),
        "first": "José-María",
        "last": "St. John Featherstonehaugh",
        "city": "San José & de los Reyes",
        "email": f"n{number}@example.com",
    }


def round_trip(bench: Bench, at: Counter, shown: Callable[[dict[str, Any]], dict[str, Any]]) -> list[str]:
    """Read both systems, decide, plan and push; the core records that were written."""
    bench.take("crm", [customer(i) for i in range(2 * len(FORMS))], full=True)
    bench.take("shop", [shown(record) for record in at.shop.records.values()], full=True)
    load_links(bench.warehouse, at.ledger, MODEL)
    bench.decide("customer")
    at.now, at.run = bench.now, at.run + 1
    run, handoff = f"run_{at.run}", Handoff(system="shop", entity="customer", mode="live")
    books.start_run(at.ledger, run=run, kind="sync", at=at.now.replace(tzinfo=None))
    plan = make_plan(
        bench.warehouse,
        MODEL,
        handoff,
        at.target.write,
        guards=Guards(),
        overwritten=partial(books.overwritten, at.ledger, "shop", "customer"),
        hold=None,
        run=run,
        now=at.now,
    )
    books.save_plan(at.ledger, plan)
    return [receipt.core_id for receipt in push(at.target, plan).delivered]


def test_a_form_of_its_own_is_accepted_and_not_fought(
    bench: Bench, ledger: Ledger, decoder: Decoder, shop: Shop
) -> None:
    at = counter(shop, ledger, decoder, write())
    forms = list(FORMS.values())

    def formed(record: dict[str, Any], *, late: bool) -> dict[str, Any]:
        number = int(record["email"].partition("@")[0][1:])
        if (number >= len(forms)) != late:
            return record
        form = forms[number % len(forms)]
        return {name: form(value) if name in TEXTS else value for name, value in record.items()}

    shop.rewrite = partial(formed, late=False)  # half of them show their form in the answer to the write
    shown = partial(formed, late=True)  # the other half only in the next list

    rounds = [round_trip(bench, at, shown) for _ in range(20)]

    assert len(rounds[0]) == 2 * len(FORMS)  # all are made
    assert max(len([r for r in rounds if core_id in r]) for core_id in rounds[0]) <= 2
    assert rounds[3:] == [[]] * 17

    # and an edit by a person is still an edit
    [first, *_] = shop.records
    shop.put(first, {"city": "Waco"})
    assert [len(round_trip(bench, at, shown)) for _ in range(3)] == [1, 0, 0]
    assert shop.records[first]["city"] != "Waco"


def test_what_is_taken_for_a_new_record_alone_is_not_written_again(
    bench: Bench, ledger: Ledger, decoder: Decoder, shop: Shop
) -> None:
    bench.reset()
    at = counter(shop, ledger, decoder, replace(write(), only_new=("city",)))
    made = round_trip(bench, at, dict)
    assert {record["city"] for record in shop.records.values()} == {"San José & de los Reyes"}
    one, other, *_ = shop.records
    shop.put(one, {"city": "Waco"})
    shop.put(other, {"city": "Waco", "first": "Pepe"})

    assert len(round_trip(bench, at, dict)) == 1 < len(made)
    assert [shop.records[id]["city"] for id in (one, other)] == ["Waco", "Waco"]
    assert shop.records[other]["first"] == "José-María"
