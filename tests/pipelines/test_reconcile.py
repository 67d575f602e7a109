"""From staged to core: the same facts in any order give the same record, and what changes the answer asks again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from models.fields import email, instant, phone, ref, tags, text
from models.identity import Node, resolve, two
from models.ownership import only, prefer
from models.schema import Map
from pipelines.identify import identify
from pipelines.warehouse import prepare
from quality.spec import Check, Verdict
from tests.pipelines.bench import Bench, model_of

FIELDS = {
    "given_name": text("first"),
    "email": email("email"),
    "phone": phone("phone"),
    "street": text("street"),
    "city": text("city"),
    "tags": tags("tags"),
}
PEOPLE = Map("people", to="customer", id="id", changed="changed", fields=FIELDS)
JOBS = Map("jobs", to="job", id="id", fields={"title": text("title"), "customer": ref("customer")})
VISITS = Map(
    "visits", to="appointment", id="id", fields={"job": ref("job"), "title": text("t"), "starts_at": instant("start")}
)
MAPS = {"crm": [PEOPLE], "scheduling": [PEOPLE, JOBS, VISITS], "accounting": [PEOPLE]}
MODEL = model_of(MAPS)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with Bench(tmp_path_factory.mktemp("bench"), MODEL, "reconcile") as one:
        yield one


@pytest.fixture
def bench(kept: Bench) -> Bench:
    kept.model, kept.warehouse.statements.fingerprint = MODEL, "reconcile"
    return kept.reset()


def customers(bench: Bench) -> list[dict[str, Any]]:
    return bench.rows("SELECT * FROM core.customer WHERE deleted_at IS NULL ORDER BY email")


# --- law 2: determinism --------------------------------------------------------------------------------------

SYSTEMS = ("crm", "scheduling", "accounting")
people = st.fixed_dictionaries(
    {
        "first": st.sampled_from(["Ada", "Bo", None]),
        "phone": st.sampled_from(["512-555-0101", "512-555-0102", None]),
        "street": st.sampled_from(["1 Elm", None]),
        "city": st.sampled_from(["Austin", "Dallas", None]),
        "tags": st.sampled_from([["vip"], ["gate", "vip"], []]),
    }
)
facts = st.dictionaries(
    st.tuples(st.sampled_from(SYSTEMS), st.sampled_from(["1", "2"])),
    st.lists(people, min_size=1, max_size=2),
    min_size=1,
    max_size=4,
)


@settings(max_examples=8)
@given(data=st.data(), facts=facts)
def test_core_does_not_depend_on_the_order_of_arrival(data: st.DataObject, facts: Any, kept: Bench) -> None:
    versions = [
        (system, {"id": id, "email": f"{id}@x.com", "changed": f"2026-03-11T1{n}:00:00Z", **record})
        for (system, id), records in facts.items()
        for n, record in enumerate(records)
    ]
    shuffled = data.draw(st.permutations(versions))
    pauses = data.draw(st.lists(st.booleans(), min_size=len(shuffled), max_size=len(shuffled)))

    bench = kept.reset()
    for system in SYSTEMS:
        bench.take(system, [record for name, record in versions if name == system])
    bench.decide("customer")
    at_once = _meaning(bench)

    bench.reset()
    for (system, record), pause in zip(shuffled, pauses, strict=True):
        bench.take(system, [record])
        if pause:
            bench.decide("customer")
    bench.decide("customer")
    assert _meaning(bench) == at_once


@settings(max_examples=3)
@given(data=st.data(), facts=facts)
def test_the_same_disagreements_have_the_same_ids_in_any_order_of_arrival(
    data: st.DataObject, facts: Any, kept: Bench
) -> None:
    newest = [(system, {"id": id, "email": f"{id}@x.com", **records[-1]}) for (system, id), records in facts.items()]
    # core_ids come from the first record that was seen, so one system always comes first
    first = [("crm", {"id": id, "email": f"{id}@x.com", "first": "Cy"}) for id in ("1", "2")]
    others = [one for one in newest if one[0] != "crm"]

    def told(ordered: list[Any]) -> list[dict[str, Any]]:
        bench = kept.reset()
        for system, record in [*first, *ordered]:
            bench.take(system, [record])
            bench.decide("customer")
        return bench.rows(
            "SELECT id, core_id, field, winner, winner_value, loser, loser_value, state FROM core.conflicts "
            "WHERE settled_at IS NULL ORDER BY ALL"
        )

    assert told(others) == told(data.draw(st.permutations(others)))


def _meaning(bench: Bench) -> dict[frozenset[tuple[str, str]], dict[str, Any]]:
    """The records by the source records they are made of: values and who gave them, without ids and clocks."""
    members: dict[str, set[tuple[str, str]]] = {}
    for row in bench.rows("SELECT * FROM xref.customer"):
        members.setdefault(row["core_id"], set()).add((row["system"], row["source_id"]))
    return {
        frozenset(members[row["core_id"]]): {n: v for n, v in row.items() if n != "core_id" and not n.endswith("__at")}
        for row in bench.rows("SELECT * FROM core.customer")
    }


# --- what asks again -----------------------------------------------------------------------------------------


def test_a_child_staged_before_its_parent_gets_its_reference(bench: Bench) -> None:
    bench.take(
        "scheduling", [{"id": "v1", "job": "j1", "t": "Fix", "start": "2026-03-12T15:00:00Z"}], resource="visits"
    )
    bench.decide()
    [visit] = bench.rows("SELECT * FROM core.appointment")
    assert (visit["job"], visit["job_title"]) == (None, None)

    bench.take("scheduling", [{"id": "j1", "title": "Heater", "customer": "1"}], resource="jobs")
    bench.decide()

    [visit] = bench.rows("SELECT * FROM core.appointment")
    [job] = bench.rows("SELECT * FROM core.job")
    assert (visit["job"], visit["job_title"]) == (job["core_id"], "Heater")
    bench.take("scheduling", [{"id": "1", "first": "Ada", "email": "a@x.com"}])
    bench.decide()
    [job] = bench.rows("SELECT * FROM core.job")
    assert job["customer"] == customers(bench)[0]["core_id"]


def test_what_a_parent_says_is_looked_up_again_when_it_changes(bench: Bench) -> None:
    bench.take("scheduling", [{"id": "j1", "title": "Heater"}], resource="jobs")
    bench.take("scheduling", [{"id": "v1", "job": "j1"}], resource="visits")
    bench.decide()
    bench.take("scheduling", [{"id": "j1", "title": "Boiler"}], resource="jobs")
    bench.decide()
    assert [r["job_title"] for r in bench.rows("SELECT * FROM core.appointment")] == ["Boiler"]
    events = bench.rows("SELECT old, \"new\" FROM core.changes WHERE field = 'job_title' AND NOT backfill")
    assert events == [{"old": "Heater", "new": "Boiler"}]


def test_a_new_rule_decides_everything_again(bench: Bench) -> None:
    bench.take("crm", [{"id": "1", "email": "a@x.com", "first": "Ada"}])
    bench.take("accounting", [{"id": "9", "email": "a@x.com", "first": "Augusta"}])
    bench.decide("customer")
    assert [(c["given_name"], c["given_name__from"]) for c in customers(bench)] == [("Ada", "crm")]

    bench.model = model_of(MAPS, {"customer.given_name": prefer("accounting", "crm")})
    bench.warehouse.statements.fingerprint = "reconcile, books first"
    bench.decide("customer")
    assert [(c["given_name"], c["given_name__from"]) for c in customers(bench)] == [("Augusta", "accounting")]
    assert bench.decide("customer")["customer"].decided == 0


def test_a_new_rule_decides_its_own_entity_again_and_what_looks_through_it(bench: Bench) -> None:
    bench.take("crm", [{"id": "1", "email": "a@x.com", "phone": "512-555-0101"}])
    bench.take("scheduling", [{"id": "5", "email": "a@x.com", "phone": "512-555-0102"}])
    bench.take("scheduling", [{"id": "j1", "title": "Heater", "customer": "5"}], resource="jobs")
    bench.take("scheduling", [{"id": "v1", "job": "j1", "t": "Fix"}], resource="visits")
    bench.decide()
    bench.model = model_of(MAPS, {"customer.phone": prefer("crm")})
    bench.warehouse.statements.fingerprint = "reconcile, the phones of the crm"
    done = bench.decide()
    assert [c["phone"] for c in customers(bench)] == ["+15125550101"]
    # the job looks up its customer and finds nothing new there, so the visit that looks up the job is left alone
    assert {name: one.decided for name, one in done.items() if one.decided} == {"customer": 1, "job": 1}
    assert not any(one.decided for one in bench.decide().values())


def test_only_one_owner_means_that_its_silence_counts(bench: Bench) -> None:
    bench.model = model_of(MAPS, {"customer.city": only("crm")})
    bench.warehouse.statements.fingerprint = "reconcile, cities"
    bench.take("crm", [{"id": "1", "email": "a@x.com", "street": "1 Elm"}])
    bench.take("accounting", [{"id": "9", "email": "a@x.com", "street": "9 Oak", "city": "Austin"}])
    bench.decide("customer")
    assert [(c["street"], c["city"]) for c in customers(bench)] == [("1 Elm", None)]


def test_only_what_moved_is_decided(bench: Bench) -> None:
    bench.take("crm", [{"id": str(i), "email": f"{i}@x.com", "first": "Ada"} for i in range(20)])
    assert bench.decide("customer")["customer"].decided == 20
    bench.take("crm", [{"id": "3", "email": "3@x.com", "first": "Bo"}])
    done = bench.decide("customer")["customer"]
    assert (done.decided, done.changed) == (1, 1)
    assert bench.decide("customer")["customer"].decided == 0


# --- identity ------------------------------------------------------------------------------------------------


KNOWN_BY = Map(
    "people",
    to="customer",
    id="id",
    fields={
        "family_name": text("last"),
        "company_name": text("firm"),
        "email": email("email"),
        "phone": phone("phone"),
    },
)
known_by = st.fixed_dictionaries(
    {
        "last": st.sampled_from(["Bo", "Cy", None]),
        "firm": st.sampled_from(["Acme", None]),
        "email": st.sampled_from(["a@x.com", "b@x.com", "c@x.com", "d@x.com", "e@x.com", None]),
        "phone": st.sampled_from(["512-555-0101", "512-555-0102", "512-555-0103", None]),
    }
)


def person(
    last: str | None = None, email: str | None = None, phone: str | None = None, firm: str | None = None
) -> dict[str, str | None]:
    return {"last": last, "firm": firm, "email": email, "phone": phone}


# five records in a row, each tied to the next by another key: two steps do not lead from one end to the other
CHAIN = [
    ("accounting", person(email="a@x.com")),
    ("scheduling", person("Bo", "a@x.com", "512-555-0101")),
    ("accounting", person("Bo", "b@x.com", "512-555-0101")),
    ("scheduling", person("Bo", "b@x.com", "512-555-0102")),
    ("accounting", person("Bo", None, "512-555-0102")),
]
# too many share the number for it to say anything, so that one is as likely as the other until its address arrives
CROWD = [
    ("scheduling", person("Bo", "a@x.com", "512-555-0101", "Acme")),
    *(("crm", person("Bo", email, "512-555-0101", "Acme")) for email in ("e@x.com", "c@x.com", None, "b@x.com")),
]
# no key agrees, but all of them nearly
ALIKE = [
    (system, {"last": "Bo", "firm": "Acme", "email": f"{n}@x.com", "phone": f"512-555-010{n}"})
    for n, system in enumerate(("crm", "scheduling"), 1)
]


@settings(max_examples=10)
@example(batches=[CHAIN])
@example(batches=[ALIKE])
@example(batches=[CROWD, [("crm", person("Bo", "a@x.com", "512-555-0101", "Acme"))]])
@given(batches=st.lists(st.lists(st.tuples(st.sampled_from(SYSTEMS), known_by), max_size=7), min_size=1, max_size=2))
def test_groups_placed_together_are_those_that_one_by_one_would_be(batches: Any, kept: Bench) -> None:
    bench = kept.reset()
    bench.model, bench.warehouse.statements.fingerprint = model_of({s: [KNOWN_BY] for s in SYSTEMS}), "known by"
    prepare(bench.warehouse, bench.model)
    for number, batch in enumerate(batches):
        before = {(r["system"], r["source_id"]): r["core_id"] for r in bench.rows("SELECT * FROM xref.customer")}
        for system in SYSTEMS:
            found = [{"id": f"{number}-{i}", **r} for i, (name, r) in enumerate(batch) if name == system]
            bench.take(system, found)
        identify(bench.warehouse, bench.model, bench.model.entity("customer"), now=bench.now)
        evidence = [
            Node(
                system=r["system"],
                source_id=r["source_id"],
                known=before.get((r["system"], r["source_id"])),
                moved=False,  # nobody edits here: records only arrive
                keys=r["keys"],
            )
            for r in bench.rows('SELECT * FROM xref."customer__nodes"')
        ]
        links = bench.rows("SELECT * FROM xref.customer")
        placed = {(r["system"], r["source_id"]): (r["core_id"], r["method"]) for r in links}
        likely = {
            two((r["left_system"], r["left_id"]), (r["right_system"], r["right_id"])): float(r["weight"])
            for r in bench.rows("SELECT * FROM pair")
        }
        one_by_one = resolve("cus", evidence, likely=likely).links
        # a link that stays keeps the word for what made it
        assert {ref: core_id for ref, (core_id, _) in placed.items()} == {
            (one.system, one.source_id): one.core_id for one in one_by_one
        }
        fresh = {
            (one.system, one.source_id): one.method for one in one_by_one if (one.system, one.source_id) not in before
        }
        assert {ref: method for ref, (_, method) in placed.items() if ref in fresh} == fresh


def test_two_that_turn_out_to_be_one_leave_an_alias(bench: Bench) -> None:
    bench.take("crm", [{"id": "1", "first": "Ada", "email": "a@x.com"}])
    bench.take("accounting", [{"id": "9", "first": "Ada", "email": "other@x.com"}])
    bench.decide("customer")
    before = {c["core_id"] for c in customers(bench)}
    assert len(before) == 2

    bench.take("accounting", [{"id": "9", "first": "Ada", "email": "a@x.com"}])
    bench.decide("customer")

    [left] = customers(bench)
    [alias] = bench.rows("SELECT alias, core_id FROM meta.aliases")
    assert {alias["alias"], left["core_id"]} == before
    assert alias["core_id"] == left["core_id"]


def test_a_new_address_is_an_update_and_not_a_new_person(bench: Bench) -> None:
    for name in ("crm", "accounting"):
        bench.take(name, [{"id": "1", "first": "Ada", "email": "a@x.com"}])
    bench.decide("customer")
    [before] = customers(bench)
    bench.take("crm", [{"id": "1", "first": "Ada", "email": "new@x.com"}])
    bench.decide("customer")
    [after] = customers(bench)
    assert (after["core_id"], after["email"]) == (before["core_id"], "new@x.com")


def test_a_record_that_its_owner_deletes_is_deleted_and_comes_back(bench: Bench) -> None:
    bench.take("crm", [{"id": "1", "first": "Ada", "email": "a@x.com"}])
    bench.decide("customer")
    [before] = customers(bench)
    bench.take("crm", deleted=["1"])
    bench.decide("customer")
    assert customers(bench) == []
    bench.take("crm", [{"id": "1", "first": "Ada", "email": "a@x.com"}])
    bench.decide("customer")
    assert [c["core_id"] for c in customers(bench)] == [before["core_id"]]


# --- write, audit, publish -----------------------------------------------------------------------------------


def test_rows_that_a_blocking_check_refuses_stay_out_until_they_are_mended(bench: Bench) -> None:
    from pipelines.reconcile import reconcile

    entity = MODEL.entity("customer")
    rule = Check(name="has_a_name", entity="customer", field="given_name", kind="not_null", severity="block", why="!")

    def check(_: Any, frame: Any, __: Any) -> list[Verdict]:
        bad = int(frame["given_name"].isna().sum())
        return [Verdict(check=rule, outcome="fail" if bad else "pass", rows=len(frame), violations=bad)]

    def decide() -> Any:
        identify(bench.warehouse, MODEL, entity, now=bench.now)
        return reconcile(bench.warehouse, MODEL, entity, check=check, run="run", now=bench.now)

    bench.take("crm", [{"id": "1", "email": "a@x.com", "first": "Ada"}])
    assert not decide().blocked
    bench.take("crm", [{"id": "1", "email": "a@x.com"}])
    assert decide().blocked
    assert decide().blocked  # still asked, not forgotten
    assert [c["given_name"] for c in customers(bench)] == ["Ada"]
    bench.take("crm", [{"id": "1", "email": "a@x.com", "first": "Bo"}])
    assert not decide().blocked
    assert [c["given_name"] for c in customers(bench)] == ["Bo"]
