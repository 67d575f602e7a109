"""Identity: which records of different systems are the same real thing. A pure function of what is known.

Evidence, strongest first: our own marker or receipt, ids that systems keep of each other, exact keys.
A cluster never holds two records of one system, and a link once made stays when a key changes: an
address change is an update, not a new person.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, count

Ref = tuple[str, str]  # (system, source id)

# A key value shared by more records than this of one system says nothing (info@, a call centre's number).
COMMON = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One source record with what identifies it.

    own     core_id that our marker or a receipt gives; aliases already followed
    known   core_id it is linked to already
    peers   records of other systems it names
    keys    exact keys as ``<rank>:<value>``; a lower rank is stronger evidence
    """

    system: str
    source_id: str
    own: str | None = None
    known: str | None = None
    peers: tuple[Ref, ...] = ()
    keys: tuple[str, ...] = ()

    @property
    def ref(self) -> Ref:
        return (self.system, self.source_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A source record's place in the crosswalk and the evidence that put it there."""

    system: str
    source_id: str
    core_id: str
    method: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """Links for every node, and core_ids that were merged away: alias -> survivor."""

    links: tuple[Link, ...]
    aliases: Mapping[str, str] = field(default_factory=dict)


def new_core_id(prefix: str, ref: Ref, again: int = 0) -> str:
    """The core_id of a thing first seen as this record; ``again`` counts the ids that this gave away before."""
    seed = f"{ref[0]}:{ref[1]}" + (f"#{again}" if again else "")
    return f"{prefix}_{hashlib.sha256(seed.encode()).hexdigest()[:16]}"


def resolve(prefix: str, nodes: Sequence[Node]) -> Resolution:
    """Cluster the nodes and give each cluster its core_id; the same input in any order gives the same result."""
    ordered = sorted(nodes, key=lambda n: n.ref)
    forest = _Forest(ordered)
    _join_known(forest, ordered)
    for _, method, left, right in sorted(_evidence(ordered)):
        forest.join(left, right, method)
    return _name(prefix, forest, ordered)


class _Forest:
    """Union-find that refuses to bring two records of one system together."""

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.parent: dict[Ref, Ref] = {n.ref: n.ref for n in nodes}
        self.systems: dict[Ref, set[str]] = {n.ref: {n.system} for n in nodes}
        self.own: dict[Ref, set[str]] = {n.ref: {n.own} if n.own else set() for n in nodes}
        self.method: dict[Ref, str] = {}

    def find(self, ref: Ref) -> Ref:
        while self.parent[ref] != ref:
            self.parent[ref] = self.parent[self.parent[ref]]
            ref = self.parent[ref]
        return ref

    def join(self, left: Ref, right: Ref, method: str) -> bool:
        a, b = sorted((self.find(left), self.find(right)))
        if a == b:
            return True
        if self.systems[a] & self.systems[b]:
            return False
        if method == "known" and self.own[a] and self.own[b] and self.own[a].isdisjoint(self.own[b]):
            return False  # our markers say that they are two things, and stand above a link
        self.parent[b] = a
        self.systems[a] |= self.systems.pop(b)
        self.own[a] |= self.own.pop(b)
        for ref in (left, right):
            self.method.setdefault(ref, method)
        return True


def _join_known(forest: _Forest, nodes: Sequence[Node]) -> None:
    """Own markers first, then links made before; both stand above any key.

    Of two records of one system with the same marker (a person copied one) the one linked already is meant.
    """
    nodes = sorted(nodes, key=lambda n: (n.own is None or n.own != n.known, n.ref))
    for attribute in ("own", "known"):
        anchors: dict[str, Ref] = {}
        for node in nodes:
            core_id = getattr(node, attribute)
            if core_id is not None:
                forest.join(anchors.setdefault(core_id, node.ref), node.ref, attribute)
    own = {n.own: n.ref for n in reversed(nodes) if n.own}
    for node in nodes:
        if node.known in own and node.own is None:
            forest.join(own[node.known], node.ref, "own")


def _evidence(nodes: Sequence[Node]) -> Iterable[tuple[tuple[int, int], str, Ref, Ref]]:
    """Pairs of records of different systems that may be the same: (strength, method, left, right)."""
    present = {n.ref for n in nodes}
    agreeing: dict[tuple[Ref, Ref], set[int]] = defaultdict(set)
    for node in nodes:
        for peer in node.peers:
            if peer in present and peer[0] != node.system:
                yield (0, 0), "peer", min(node.ref, peer), max(node.ref, peer)
    for key, refs in sorted(_holders(nodes).items()):
        for i, left in enumerate(refs):
            for right in refs[i + 1 :]:
                if left[0] != right[0]:
                    agreeing[(left, right)].add(int(key.split(":", 1)[0]))
    for (left, right), ranks in agreeing.items():
        yield (1 + min(ranks), -len(ranks)), f"key{min(ranks)}", left, right


def _holders(nodes: Sequence[Node]) -> dict[str, list[Ref]]:
    """Which records share each key value; values common within one system are left out."""
    holders: dict[str, list[Ref]] = defaultdict(list)
    for node in nodes:
        for key in dict.fromkeys(node.keys):
            holders[key].append(node.ref)
    return {key: refs for key, refs in holders.items() if _identifying(refs)}


def _identifying(refs: Sequence[Ref]) -> bool:
    counts: dict[str, int] = defaultdict(int)
    for system, _ in refs:
        counts[system] += 1
    return len(counts) > 1 and max(counts.values()) <= COMMON


def _name(prefix: str, forest: _Forest, nodes: Sequence[Node]) -> Resolution:
    """Give each cluster the core_id it had; where several had one, the lowest survives and the rest are aliases."""
    clusters: dict[Ref, list[Node]] = defaultdict(list)
    for node in nodes:
        clusters[forest.find(node.ref)].append(node)
    links: list[Link] = []
    aliases: dict[str, str] = {}
    taken: set[str] = set()
    for members in sorted(clusters.values(), key=_claim):
        core_id = _core_id(prefix, members, taken)
        taken.add(core_id)
        for other in {n.known for n in members if n.known} - {core_id}:
            aliases[other] = core_id
        links += [
            Link(system=n.system, source_id=n.source_id, core_id=core_id, method=forest.method.get(n.ref, "first"))
            for n in members
        ]
    kept = {link.core_id for link in links}
    links.sort(key=lambda link: (link.system, link.source_id))
    return Resolution(links=tuple(links), aliases={a: c for a, c in aliases.items() if a not in kept})


def _claim(members: Sequence[Node]) -> tuple[int, Ref]:
    """The order in which clusters take core_ids: marked and linked, marked, linked, then those without any."""
    if any(n.own and n.own == n.known for n in members):
        rank = 0
    elif any(n.own for n in members):
        rank = 1
    else:
        rank = 2 if any(n.known for n in members) else 3
    return rank, members[0].ref


def _core_id(prefix: str, members: Sequence[Node], taken: set[str]) -> str:
    """The lowest core_id that the cluster has and no other took, else a new one that nobody has."""
    held = sorted({n.own for n in members if n.own} or {n.known for n in members if n.known})
    fresh = (new_core_id(prefix, members[0].ref, again) for again in count())
    return next(core_id for core_id in chain(held, fresh) if core_id not in taken)
