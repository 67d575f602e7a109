"""Identity: which records of different systems are the same real thing. A pure function of what is known.

Evidence, strongest first: what a person decided, our own marker or receipt, a link made before, a merge
inside a system, ids that systems keep of each other, exact keys, and likeness that was scored. A cluster
never holds two living records of one system nor two that a person told apart, and a link once made stays
when a key changes: an address change is an update, not a new person.

Records that arrive and are not edited give the same clusters in whatever order they arrive: a link counts
as evidence of its own only once the evidence that made it has moved.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, combinations, count
from types import MappingProxyType

from models.clusters import FLOOR, LEAST

Ref = tuple[str, str]  # (system, source id)
Two = tuple[Ref, Ref]  # the lower one first

NOTHING: Mapping[Two, float] = MappingProxyType({})
UNDECIDED: Mapping[Two, bool] = MappingProxyType({})

# A key value shared by more records than this of one system says nothing (info@, a call centre's number).
COMMON = 3
MERGED = "merged"  # how a record is linked that only leads to the one that took its place
WEAKEST = 1_000  # after every exact key


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One source record with what identifies it.

    own     core_id that our marker or a receipt gives; aliases already followed
    known   core_id it is linked to already
    moved   its evidence changed since it was linked, so that the link is evidence of its own
    into    the record of its system that it was merged into there; it is no record of its own any more
    peers   records of other systems it names
    keys    exact keys as ``<rank>:<value>``; a lower rank is stronger evidence
    dead    it is deleted in its system: it stays with what it was, and stands in the way of no other record there
    """

    system: str
    source_id: str
    own: str | None = None
    known: str | None = None
    moved: bool = True
    into: str | None = None
    peers: tuple[Ref, ...] = ()
    keys: tuple[str, ...] = ()
    dead: bool = False

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


def two(one: Ref, other: Ref) -> Two:
    """The pair of two records, as it is looked up."""
    return (one, other) if one < other else (other, one)


def resolve(
    prefix: str,
    nodes: Sequence[Node],
    *,
    likely: Mapping[Two, float] = NOTHING,
    verdicts: Mapping[Two, bool] = UNDECIDED,
    taken: frozenset[str] = frozenset(),
) -> Resolution:
    """Cluster the nodes and give each cluster its core_id; the same input in any order gives the same result.

    likely    scored pairs and their weight in bits; a pair that is not there was never scored or contradicts itself
    verdicts  what people decided of pairs: the same thing (True) or two (False)
    taken     core_ids that no other record may be given: those of records that are not among the nodes, and aliases
    """
    ordered = sorted(nodes, key=lambda n: n.ref)
    forest = _Forest(ordered, likely, verdicts)
    for (left, right), same in sorted(verdicts.items()):
        if same and left in forest.parent and right in forest.parent:
            forest.join(left, right, "decided")
    _join_known(forest, ordered)
    for node in ordered:
        if node.into is not None and (node.system, node.into) in forest.parent:
            forest.join(node.ref, (node.system, node.into), MERGED)
    for _, method, left, right in sorted(_evidence(ordered, likely)):
        forest.join(left, right, method)
    return _name(prefix, forest, ordered, taken)


class _Forest:
    """Union-find that refuses to bring together what cannot be one thing."""

    def __init__(self, nodes: Sequence[Node], likely: Mapping[Two, float], verdicts: Mapping[Two, bool]) -> None:
        present = {n.ref for n in nodes}
        self.parent: dict[Ref, Ref] = {n.ref: n.ref for n in nodes}
        self.members: dict[Ref, tuple[Ref, ...]] = {n.ref: (n.ref,) for n in nodes}
        self.merged = {n.ref for n in nodes if n.into is not None and (n.system, n.into) in present}
        self.systems: dict[Ref, set[str]] = {
            n.ref: set() if n.dead or n.ref in self.merged else {n.system} for n in nodes
        }
        self.own: dict[Ref, set[str]] = {n.ref: {n.own} if n.own else set() for n in nodes}
        self.method: dict[Ref, str] = {}
        self.likely = likely
        self.refused = {pair for pair, same in verdicts.items() if not same}
        self.wary = {ref for pair in self.refused for ref in pair}

    def find(self, ref: Ref) -> Ref:
        while self.parent[ref] != ref:
            self.parent[ref] = self.parent[self.parent[ref]]
            ref = self.parent[ref]
        return ref

    def join(self, left: Ref, right: Ref, method: str) -> bool:
        a, b = sorted((self.find(left), self.find(right)))
        if a == b:
            return True
        if self.systems[a] & self.systems[b] or self._told_apart(a, b):
            return False
        if method == "known" and self.own[a] and self.own[b] and self.own[a].isdisjoint(self.own[b]):
            return False  # our markers say that they are two things, and stand above a link
        if method == "model" and not self._agree(a, b):
            return False
        self.parent[b] = a
        self.systems[a] |= self.systems.pop(b)
        self.own[a] |= self.own.pop(b)
        self.members[a] += self.members.pop(b)
        for ref in (left, right) if method != MERGED else ():
            self.method.setdefault(ref, method)
        return True

    def _told_apart(self, a: Ref, b: Ref) -> bool:
        wary = [ref for ref in self.members[a] if ref in self.wary]
        return any(two(one, other) in self.refused for one in wary for other in self.members[b])

    def _agree(self, a: Ref, b: Ref) -> bool:
        """Every pair across resembles each other, so that A and C never meet through a B that they merely resemble."""
        pairs = (
            two(one, other) for one in self.members[a] for other in self.members[b] if not {one, other} & self.merged
        )
        return all(self.likely.get(pair, FLOOR - 1) >= FLOOR for pair in pairs)


def _join_known(forest: _Forest, nodes: Sequence[Node]) -> None:
    """Own markers first, then links made before; both stand above any key.

    Of two records of one system with the same marker (a person copied one) the one linked already is meant.
    """
    nodes = sorted(nodes, key=lambda n: (n.own is None or n.own != n.known, n.ref))
    anchors: dict[str, Ref] = {}
    linked: dict[str, list[Node]] = defaultdict(list)
    for node in nodes:
        if node.own is not None:
            forest.join(anchors.setdefault(node.own, node.ref), node.ref, "own")
        if node.known is not None:
            linked[node.known].append(node)
    for mates in linked.values():
        for left, right in combinations(mates, 2):
            if left.moved or right.moved:
                forest.join(left.ref, right.ref, "known")
    own = {n.own: n.ref for n in reversed(nodes) if n.own}
    for node in nodes:
        if node.known in own and node.own is None:
            forest.join(own[node.known], node.ref, "own")


def _evidence(nodes: Sequence[Node], likely: Mapping[Two, float]) -> Iterable[tuple[tuple[int, float], str, Ref, Ref]]:
    """Pairs of records of different systems that may be the same: (strength, method, left, right)."""
    present = {n.ref for n in nodes}
    for node in nodes:
        for peer in node.peers:
            if peer in present and peer[0] != node.system:
                yield (0, 0), "peer", *two(node.ref, peer)
    for (left, right), ranks in _agreeing(nodes).items():
        yield (1 + min(ranks), -len(ranks)), f"key{min(ranks)}", left, right
    for (left, right), weight in likely.items():
        if weight >= LEAST and left in present and right in present:
            yield (WEAKEST, -weight), "model", left, right


def _agreeing(nodes: Sequence[Node]) -> Mapping[Two, set[int]]:
    """Records of different systems that share keys, and the ranks of these."""
    agreeing: dict[Two, set[int]] = defaultdict(set)
    for key, refs in sorted(_holders(nodes).items()):
        for left, right in combinations(refs, 2):
            if left[0] != right[0]:
                agreeing[left, right].add(int(key.split(":", 1)[0]))
    return agreeing


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


def _name(prefix: str, forest: _Forest, nodes: Sequence[Node], taken: frozenset[str]) -> Resolution:
    """Give each cluster the core_id it had; where several had one, the lowest survives and the rest are aliases."""
    clusters: dict[Ref, list[Node]] = defaultdict(list)
    for node in nodes:
        clusters[forest.find(node.ref)].append(node)
    links: list[Link] = []
    aliases: dict[str, str] = {}
    given: set[str] = set()
    used = taken | {n.known for n in nodes if n.known}
    for members in sorted(clusters.values(), key=lambda members: _claim(prefix, members)):
        core_id = _core_id(prefix, members, given, used)
        given.add(core_id)
        aliases |= dict.fromkeys({n.known for n in members if n.known} - {core_id}, core_id)
        links += [
            Link(system=n.system, source_id=n.source_id, core_id=core_id, method=_method(forest, n, members))
            for n in members
        ]
    kept = {link.core_id for link in links}
    links.sort(key=lambda link: (link.system, link.source_id))
    return Resolution(links=tuple(links), aliases={a: c for a, c in aliases.items() if a not in kept})


def _method(forest: _Forest, node: Node, members: Sequence[Node]) -> str:
    """What put the record here; ``merged`` for one that only leads to the record that took its place."""
    if node.ref in forest.merged and any(n.system == node.system and n.ref != node.ref for n in members):
        return MERGED
    return forest.method.get(node.ref, "first")


def _claim(prefix: str, members: Sequence[Node]) -> tuple[int, bool, Ref]:
    """The order in which clusters take core_ids: marked and linked, marked, linked, then those without any.

    Of two that claim the same, the one with the record that the core_id was made from: the older side of a split.
    """
    if any(n.own and n.own == n.known for n in members):
        rank = 0
    elif any(n.own for n in members):
        rank = 1
    else:
        rank = 2 if any(n.known for n in members) else 3
    founder = any(new_core_id(prefix, n.ref) in (n.own, n.known) for n in members)
    return rank, not founder, members[0].ref


def _core_id(prefix: str, members: Sequence[Node], given: set[str], used: frozenset[str]) -> str:
    """The lowest core_id that the cluster has and no other took, else a new one that nobody has or had.

    The id of a record that its system merged away comes last: it is the one to become an alias.
    """
    lost = {n.known for n in members if n.into is not None}
    own, known = {n.own for n in members if n.own}, {n.known for n in members if n.known}
    fresh = (new_core_id(prefix, members[0].ref, again) for again in count())
    held = sorted(own | known, key=lambda core_id: (core_id not in own, core_id in lost, core_id))
    return next(chain((i for i in held if i not in given), (i for i in fresh if i not in given | used)))
