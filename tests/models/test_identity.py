from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from models.identity import COMMON, Node, Ref, Resolution, new_core_id, resolve

CRM, JOBS, BOOKS = "crm", "jobs", "books"


def node(system: str, source_id: str, *keys: str, **more: object) -> Node:
    return replace(Node(system=system, source_id=source_id, keys=keys), **more)


def places(found: Resolution) -> dict[tuple[str, str], str]:
    return {(link.system, link.source_id): link.core_id for link in found.links}


def again(nodes: Iterable[Node], found: Resolution) -> list[Node]:
    """The same records with the links that a round gave them."""
    known = places(found)
    return [replace(n, known=known.get(n.ref, n.known)) for n in nodes]


def together(found: Resolution, *refs: tuple[str, str]) -> bool:
    return len({places(found)[ref] for ref in refs}) == 1


def test_a_record_alone_is_a_thing_named_after_it() -> None:
    found = resolve("cus", [node(CRM, "1")])
    (link,) = found.links
    assert (link.core_id, link.method) == (new_core_id("cus", (CRM, "1")), "first")
    assert link.core_id.startswith("cus_")
    assert found.aliases == {}


def test_records_that_agree_on_a_key_are_one_thing() -> None:
    found = resolve("cus", [node(CRM, "1", "0:ann@x.com"), node(JOBS, "7", "0:ann@x.com", "1:512|ann")])
    assert together(found, (CRM, "1"), (JOBS, "7"))
    assert {link.method for link in found.links} == {"key0"}


def test_the_stronger_key_decides_whom_a_record_joins() -> None:
    nodes = [node(CRM, "1", "1:phone"), node(CRM, "2", "0:mail"), node(JOBS, "7", "0:mail", "1:phone")]
    found = resolve("cus", nodes)
    assert together(found, (CRM, "2"), (JOBS, "7"))
    assert not together(found, (CRM, "1"), (JOBS, "7"))


def test_of_equally_strong_keys_the_more_decide() -> None:
    nodes = [node(CRM, "1", "0:mail"), node(CRM, "2", "0:mail", "1:phone"), node(JOBS, "7", "0:mail", "1:phone")]
    assert together(resolve("cus", nodes), (CRM, "2"), (JOBS, "7"))


def test_a_systems_own_reference_stands_above_keys() -> None:
    nodes = [node(CRM, "1", "0:mail"), node(CRM, "2"), node(JOBS, "7", "0:mail", peers=((CRM, "2"),))]
    found = resolve("cus", nodes)
    assert together(found, (CRM, "2"), (JOBS, "7"))
    assert not together(found, (CRM, "1"), (JOBS, "7"))


def test_a_reference_to_nowhere_or_to_the_own_system_says_nothing() -> None:
    found = resolve("cus", [node(CRM, "1", peers=((JOBS, "nobody"), (CRM, "2"))), node(CRM, "2")])
    assert not together(found, (CRM, "1"), (CRM, "2"))


def test_our_marker_stands_above_everything() -> None:
    first = resolve("cus", [node(CRM, "1", "0:mail"), node(CRM, "2")])
    marked = node(JOBS, "7", "0:mail", own=places(first)[(CRM, "2")], peers=((CRM, "1"),))
    found = resolve("cus", [*again([node(CRM, "1", "0:mail"), node(CRM, "2")], first), marked])
    assert together(found, (CRM, "2"), (JOBS, "7"))
    assert places(found)[(CRM, "1")] == places(first)[(CRM, "1")]


def test_a_value_that_many_records_of_one_system_share_says_nothing() -> None:
    crowd = [node(CRM, str(i), "0:info@x.com") for i in range(COMMON + 1)]
    found = resolve("cus", [*crowd, node(JOBS, "7", "0:info@x.com")])
    assert len(set(places(found).values())) == COMMON + 2


def test_a_link_stays_when_keys_change() -> None:
    nodes = [node(CRM, "1", "0:ann@x.com"), node(JOBS, "7", "0:ann@x.com")]
    first = resolve("cus", nodes)
    moved = again([node(CRM, "1", "0:ann@new.com"), nodes[1], node(BOOKS, "9", "0:ann@new.com")], first)
    found = resolve("cus", moved)
    assert together(found, (CRM, "1"), (JOBS, "7"), (BOOKS, "9"))
    assert places(found)[(CRM, "1")] == places(first)[(CRM, "1")]


def test_a_merge_keeps_one_id_and_leaves_an_alias() -> None:
    nodes = [node(CRM, "1", "0:a"), node(JOBS, "7", "0:b")]
    first = resolve("cus", nodes)
    ids = sorted(places(first).values())
    merged = resolve("cus", again([node(CRM, "1", "0:a"), node(JOBS, "7", "0:a")], first))
    assert set(places(merged).values()) == {ids[0]}
    assert merged.aliases == {ids[1]: ids[0]}


def test_an_id_that_is_still_in_use_is_no_alias() -> None:
    found = resolve("cus", [node(CRM, "1", known="cus_a"), node(CRM, "2", known="cus_b"), node(JOBS, "7", own="cus_b")])
    assert found.aliases == {}
    assert together(found, (CRM, "2"), (JOBS, "7"))


def test_a_receipt_moves_a_record_to_the_thing_it_was_made_for() -> None:
    first = [node(CRM, "1", known="cus_a"), node(JOBS, "7", known="cus_b", own="cus_a")]
    found = resolve("cus", first)
    assert set(places(found).values()) == {"cus_a"}
    assert found.aliases == {"cus_b": "cus_a"}


def test_a_copied_record_does_not_take_the_place_of_the_original() -> None:
    """People copy records with all their fields, our marker among them."""
    original = node(CRM, "9", own="cus_a", known="cus_a")
    partner = node(JOBS, "7", own="cus_a", known="cus_a")
    found = resolve("cus", [node(CRM, "1", own="cus_a"), original, partner])
    assert places(found)[(CRM, "9")] == places(found)[(JOBS, "7")] == "cus_a"
    assert places(found)[(CRM, "1")] == new_core_id("cus", (CRM, "1"))
    assert found.aliases == {}


def test_a_new_id_is_never_one_that_somebody_has() -> None:
    """The thing keeps the id of its first record even where that record is no longer meant by it."""
    taken = new_core_id("cus", (CRM, "9"))
    found = resolve("cus", [node(CRM, "1", own=taken), node(CRM, "9", known=taken)])
    assert places(found)[(CRM, "1")] == taken
    assert places(found)[(CRM, "9")] not in {taken, None}
    settled = resolve("cus", again([node(CRM, "1", own=taken), node(CRM, "9")], found))
    assert places(settled) == places(found)


KEYS = st.lists(st.sampled_from(["0:a", "0:b", "0:c", "1:x", "1:y"]), max_size=3, unique=True).map(tuple)
IDS = st.sampled_from([None, None, None, "cus_1", "cus_2", "cus_3"])
REFS = st.tuples(st.sampled_from([CRM, JOBS, BOOKS]), st.sampled_from("12345"))
NODES = st.lists(
    st.builds(
        lambda ref, own, known, peers, keys: Node(
            system=ref[0], source_id=ref[1], own=own, known=known, peers=tuple(peers), keys=keys
        ),
        REFS,
        IDS,
        IDS,
        st.lists(REFS, max_size=1),
        KEYS,
    ),
    max_size=12,
    unique_by=lambda n: n.ref,
)


@settings(max_examples=200)
@given(nodes=NODES, data=st.data())
def test_the_order_of_records_and_keys_does_not_matter(nodes: list[Node], data: st.DataObject) -> None:
    shuffled = [replace(n, keys=tuple(reversed(n.keys))) for n in data.draw(st.permutations(nodes))]
    one, two = resolve("cus", nodes), resolve("cus", shuffled)
    assert one.links == two.links
    assert dict(one.aliases) == dict(two.aliases)


@settings(max_examples=200)
@given(nodes=NODES)
def test_every_record_has_one_place_and_no_thing_has_two_records_of_one_system(nodes: list[Node]) -> None:
    found = resolve("cus", nodes)
    assert sorted(places(found)) == sorted(n.ref for n in nodes)
    systems: dict[str, list[str]] = defaultdict(list)
    for link in found.links:
        systems[link.core_id].append(link.system)
    assert all(len(set(names)) == len(names) for names in systems.values())


@settings(max_examples=200)
@given(nodes=NODES)
def test_an_alias_leads_from_an_id_that_is_gone_to_one_that_is_there(nodes: list[Node]) -> None:
    found = resolve("cus", nodes)
    living = set(places(found).values())
    assert living.isdisjoint(found.aliases)
    assert set(found.aliases.values()) <= living


class Company:
    """Records over many rounds, their links and aliases kept as the pipeline keeps them."""

    def __init__(self) -> None:
        self.records: dict[Ref, Node] = {}
        self.aliases: dict[str, str] = {}

    def follow(self, core_id: str | None) -> str | None:
        while core_id in self.aliases:
            core_id = self.aliases[core_id]
        return core_id

    def resolve(self) -> dict[Ref, str]:
        """One round: markers follow aliases, links are kept."""
        for ref, record in self.records.items():
            self.records[ref] = replace(record, own=self.follow(record.own))
        found = resolve("cus", list(self.records.values()))
        self.aliases |= found.aliases
        known = places(found)
        self.records = {ref: replace(record, known=known[ref]) for ref, record in self.records.items()}
        return known

    def edit(self, ref: Ref, what: str, other: Ref, keys: tuple[str, ...]) -> None:
        """What happens to a record: it comes or changes, we mark it, a person copies another one's marker into it."""
        record = self.records.get(ref, Node(system=ref[0], source_id=ref[1]))
        if what == "keys":
            record = replace(record, keys=keys)
        elif what == "peer":
            record = replace(record, peers=(other,))
        elif what == "mark":
            record = replace(record, own=record.known)
        elif what == "copy" and other in self.records:
            record = replace(record, own=self.records[other].own)
        self.records[ref] = record


EDITS = st.lists(
    st.tuples(REFS, st.sampled_from(["keys", "keys", "peer", "mark", "copy", "resolve", "resolve"]), REFS, KEYS),
    max_size=25,
)


@settings(max_examples=200)
@given(edits=EDITS)
def test_what_was_resolved_stays_as_it_is_when_nothing_changes(
    edits: list[tuple[Ref, str, Ref, tuple[str, ...]]],
) -> None:
    company = Company()
    for ref, what, other, keys in edits:
        if what == "resolve":
            company.resolve()
        else:
            company.edit(ref, what, other, keys)
    company.resolve()
    settled = company.resolve()
    assert company.resolve() == settled


def _rounds(seed: int) -> Iterable[Sequence[Node]]:
    """A company that lives: records come, change their keys, and are seen by further systems."""
    chance = random.Random(seed)
    records: dict[tuple[str, str], Node] = {}
    for number in count():
        person = f"0:p{chance.randrange(40)}"
        system = chance.choice([CRM, JOBS, BOOKS])
        records.setdefault((system, str(number)), node(system, str(number), person))
        changed = chance.choice(sorted(records))
        if chance.random() < 0.3:
            records[changed] = replace(records[changed], keys=(f"0:p{chance.randrange(40)}",))
        yield list(records.values())


def test_ids_are_stable_over_a_hundred_rounds() -> None:
    known: dict[tuple[str, str], str] = {}
    aliases: dict[str, str] = {}
    for number, nodes in enumerate(_rounds(seed=7)):
        found = resolve("cus", [replace(n, known=known.get(n.ref)) for n in nodes])
        aliases |= found.aliases
        for ref, core_id in places(found).items():
            before = known.get(ref, core_id)
            assert before == core_id or found.aliases[before] == core_id, (
                f"round {number}: {ref} moved without an alias"
            )
        known = places(found)
        if number == 100:
            break
    assert aliases, "the rounds are of no use if nothing ever merges"
    assert set(aliases).isdisjoint(known.values())
