"""Runs that die in the middle: what people did meanwhile is kept, and what was half done is finished once."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines import ledger as books
from pipelines import push
from pipelines.decoding import Decoder
from pipelines.ledger import Ledger
from pipelines.warehouse import open_warehouse
from tests.pipelines import short_read
from tests.pipelines.desk import ADA, Desk, planned
from tests.pipelines.shop import Killed, Shop, change_of, counter, write


def dies(monkeypatch: pytest.MonkeyPatch, place: object, name: str, passage: int) -> None:
    """Let this process die just before a function is called for the nth time, and only then."""
    real, passed = getattr(place, name), iter(range(1, 1_000_000))

    def dying(*given: object, **more: object) -> object:
        if next(passed) == passage:
            raise Killed
        return real(*given, **more)

    monkeypatch.setattr(place, name, dying)


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setattr("pipelines.sync.read_all", short_read.read_all)
    desk = Desk(
        folder=tmp_path,
        roles={"field": "scheduling", "calendar": "calendar"},
        rest={"handoffs": {"calendar.assignment": {"mode": "live", "deletes": "mirror"}}},
    )
    return desk.after(_changes_hands)


def _changes_hands(desk: Desk) -> None:
    """A visit that stands in Wil's calendar, and has just been given to Zed."""
    for system, prefix in (("field", "w"), ("calendar", "c")):
        for name in ("wil", "zed"):
            desk.edit(system, f"{prefix}-{name}", collection="workers", name=name.title(), email=f"{name}@example.com")
    desk.edit("field", "v1", collection="visits", title="Heater", start="2026-03-12T15:00:00Z", crew=[{"id": "w-wil"}])
    desk.sync()
    desk.edit("field", "v1", collection="visits", crew=[{"id": "w-zed"}])


# Each is called for the delete first and then for the create: before requests leave, and after their answers.
@pytest.mark.parametrize(("name", "passage"), [("record_intents", 2), ("record_receipts", 1), ("record_receipts", 2)])
def test_story_48_a_visit_that_changes_hands_is_in_one_calendar_after_a_crash(
    name: str, passage: int, office: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as moment:
        dies(moment, books, name, passage)
        with pytest.raises(Killed):
            office.sync()

    office.sync()

    assert [e["who"] for e in office.data("calendar")["entries"].values()] == ["c-zed"]
    assert planned(office.sync()) == (0, 0, 0)


def test_story_37_edits_made_while_a_push_was_dead_are_kept(
    shop: Shop, ledger: Ledger, decoder: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = counter(shop, ledger, decoder, write())
    ids = [shop.put(f"p{n}", {"first": "Ada", "city": "Austin", "mark": f"cus_{n}"}).id for n in range(20)]
    monkeypatch.setattr(push, "GROUP", 2)
    changes = [change_of(shop, id, f"cus_{n}", city="Dallas") for n, id in enumerate(ids)]
    with monkeypatch.context() as moment:
        dies(moment, books, "record_receipts", 2)
        with pytest.raises(Killed):
            at.push(*changes)
    assert {record["city"] for record in shop.records.values()} == {"Austin", "Dallas"}
    for id in ids:  # people, all over the place
        shop.put(id, {"city": "Reno"})

    at.settle()
    resumed = at.push(*[one for one in changes if not at.receipts(one.core_id)])

    assert [record["city"] for record in shop.records.values()] == ["Reno"] * 20
    assert resumed.delivered == ()
    assert at.counts().balanced


@pytest.fixture
def agreed(desk: Desk) -> Desk:
    return desk.after(_agree)


def _agree(desk: Desk) -> None:
    """Two systems that agree, on two customers of which one was made by us."""
    desk.edit("crm", "p1", **ADA)
    desk.edit("field", "p2", first="Bo", last="Byte", email="bo@example.com")
    desk.sync()
    assert planned(desk.sync()) == (0, 0, 0)


def links(desk: Desk) -> list[dict[str, object]]:
    return desk.rows("SELECT * FROM meta.links ORDER BY ALL")


def test_the_table_of_links_comes_back_from_the_ledger_as_it_was(agreed: Desk) -> None:
    before, company = links(agreed), agreed.company()
    assert len(before) == 2
    with open_warehouse(company.warehouse, company.model, company.fingerprint) as warehouse:
        warehouse.run("DELETE FROM meta.links")
    agreed.with_books(books.rebuild_links)
    company.snapshot.unlink()
    assert planned(agreed.sync()) == (0, 0, 0)
    assert links(agreed) == before


def test_a_lost_warehouse_comes_back_from_lake_and_ledger_and_nothing_is_written(agreed: Desk) -> None:
    before, customers, company = links(agreed), agreed.customers(), agreed.company()
    company.warehouse.unlink()
    company.snapshot.unlink()
    said = agreed.sync()
    assert planned(said) == (0, 0, 0)
    assert links(agreed) == before
    assert [c["core_id"] for c in agreed.customers()] == [c["core_id"] for c in customers]


@pytest.mark.parametrize("records", [0, 2])
def test_story_22_a_read_that_ends_after_any_record_loses_and_deletes_nothing(records: int, agreed: Desk) -> None:
    agreed.edit("crm", "p3", first="Cy", last="Core", email="cy@example.com")
    agreed.faults("crm", cut=records)
    agreed.sync()
    assert {c["given_name"] for c in agreed.customers()} >= {"Ada", "Bo"}
    agreed.faults("crm")
    agreed.sync()
    assert sorted(c["given_name"] for c in agreed.customers()) == ["Ada", "Bo", "Cy"]
    assert planned(agreed.sync()) == (0, 0, 0)
