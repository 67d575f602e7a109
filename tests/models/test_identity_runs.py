"""Ids over hundreds of runs: edits, merges inside a system and decisions, and never an id without a trace."""

from __future__ import annotations

import random
from collections import defaultdict
from dataclasses import replace

import pytest

from models.identity import Node, Ref, Two, resolve, two

SYSTEMS = ("crm", "jobs", "books")
RUNS = 240


class Company:
    """Records with their evidence, the links and aliases so far, and what people decided."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.nodes: dict[Ref, Node] = {}
        self.aliases: dict[str, str] = {}
        self.verdicts: dict[Two, bool] = {}
        self.likely: dict[Two, float] = {}
        self.seen: set[str] = set()

    def arrive(self) -> None:
        ref = (self.random.choice(SYSTEMS), str(len(self.nodes)))
        self.nodes[ref] = Node(system=ref[0], source_id=ref[1], moved=False, keys=self.keys())

    def keys(self) -> tuple[str, ...]:
        return tuple(f"{rank}:{self.random.randrange(12)}" for rank in range(2) if self.random.random() < 0.7)

    def edit(self) -> None:
        ref = self.random.choice([*self.nodes])
        if self.nodes[ref].into is None:
            self.nodes[ref] = replace(self.nodes[ref], keys=self.keys(), moved=True)

    def merge(self) -> None:
        """A person merges one record of a system into another one there."""
        system = self.random.choice(SYSTEMS)
        alive = [ref for ref, node in self.nodes.items() if ref[0] == system and node.into is None]
        if len(alive) > 1:
            lost, survivor = self.random.sample(alive, 2)
            self.nodes[lost] = replace(self.nodes[lost], into=survivor[1], keys=(), moved=True, dead=True)

    def decide(self) -> None:
        left, right = self.random.sample([*self.nodes], 2) if len(self.nodes) > 1 else (None, None)
        if left and right and left[0] != right[0]:
            self.verdicts[two(left, right)] = self.random.random() < 0.4

    def resemble(self) -> None:
        left, right = self.random.sample([*self.nodes], 2) if len(self.nodes) > 1 else (None, None)
        if left and right and left[0] != right[0]:
            self.likely[two(left, right)] = self.random.choice([-20.0, 1.0, 9.0])

    def run(self) -> None:
        """One incremental run: some things happen, then every record gets its place."""
        acts = (self.arrive, self.arrive, self.edit, self.merge, self.decide, self.resemble)
        for act in self.random.choices(acts, k=2) if self.nodes else [self.arrive]:
            act()
        before = {ref: node.known for ref, node in self.nodes.items()}
        found = resolve(
            "cus", [*self.nodes.values()], likely=self.likely, verdicts=self.verdicts, taken=frozenset(self.aliases)
        )
        for link in found.links:
            ref = (link.system, link.source_id)
            self.nodes[ref] = replace(self.nodes[ref], known=link.core_id)
        self.aliases = {a: found.aliases.get(c, c) for a, c in self.aliases.items()}
        self.aliases |= found.aliases
        self.check(before)

    def check(self, before: dict[Ref, str | None]) -> None:
        present = {str(node.known) for node in self.nodes.values()}
        self.seen |= present
        assert self.seen <= present | set(self.aliases), "an id is gone without an alias"
        assert set(self.aliases.values()) <= present, "an alias leads to nothing, or to another alias"
        assert present.isdisjoint(self.aliases)
        places: dict[str, set[str]] = defaultdict(set)
        for ref, known in before.items():
            if known is not None:
                places[known].add(str(self.nodes[ref].known))
        for known, now in places.items():
            # an id leads to where its records are; of a split, to where one side of them is
            assert self.aliases.get(known, known) in now
        living: dict[str, list[str]] = defaultdict(list)
        for node in self.nodes.values():
            if node.into is None:
                living[str(node.known)].append(node.system)
        assert all(len(systems) == len(set(systems)) for systems in living.values()), "a system has one thing twice"
        apart = [pair for pair, same in self.verdicts.items() if not same]
        assert all(self.nodes[left].known != self.nodes[right].known for left, right in apart)


@pytest.mark.parametrize("seed", range(6))
def test_story_64_ids_are_stable_over_hundreds_of_runs(seed: int) -> None:
    company = Company(seed)
    for _ in range(RUNS):
        company.run()
    assert len(company.aliases) > 5
    rest = {ref: node.known for ref, node in company.nodes.items()}
    again = resolve("cus", [*company.nodes.values()], likely=company.likely, verdicts=company.verdicts)
    assert {(link.system, link.source_id): link.core_id for link in again.links} == rest
    assert again.aliases == {}
