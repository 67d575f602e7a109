"""Entity, Field and Map: the declarations everything else is rendered from.

An **Entity** is a kind of real thing (customer, appointment). A **Field** is one of its properties,
with an owner given by role. A **Map** says how one resource of one system reads and writes an
entity, one codec a field. Declarations are validated when they are made, at import.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from models.errors import DeclarationError, did_you_mean
from models.fields import Codec
from models.ownership import Ownership, resolve

RESERVED = frozenset(
    (
        *(
            "source_id",
            "parent_id",
            "resource",
            "raw_load",
            "read_at",
            "changed_at",
            "deleted_at",
            "version",
            "merged_into",
        ),
        *(
            "first_read_at",
            "edited_at",
            "alive_at",
            "core_ref",
            "peers",
            "warnings",
            "core_id",
            "record",
            "element",
            "seq",
            "rowid",
            "row",
        ),
    )
)
# Names that the compiled SQL and the provenance give to something else than a system.
RESERVED_SYSTEMS = frozenset(("pin", "spine", "taken", "decided", "scope", "found", "next", "old", "x", "s"))
ROLES = (
    "crm",
    "scheduling",
    "accounting",
    "payments",
    "calendar",
    "work_management",
    "messaging",
    "monitoring",
    "files",
)


class Type(StrEnum):
    """Canonical storage types, spelled as DuckDB spells them."""

    TEXT = "VARCHAR"
    INTEGER = "BIGINT"
    MONEY = "DECIMAL(19, 4)"
    NUMBER = "DECIMAL(19, 6)"
    FLAG = "BOOLEAN"
    INSTANT = "TIMESTAMP"
    WALL = "TIMESTAMP_S"
    DATE = "DATE"
    TAGS = "VARCHAR[]"
    LINES = "JSON"


@dataclass(frozen=True, slots=True)
class Field:
    """One property of an entity.

    owner     who decides it, by role; None: the entity's own rule
    ref       the entity this field points to; the core value is that entity's core_id
    refers    of a list: key of its elements -> the entity that it points to, by the id of the system that said it
    via       ``ref_field.field``: not read from systems, but looked up through a reference
    joined    names of sibling fields: their texts with ", " between them; not read from systems to decide it
    group     fields of one group always come from the same system
    one_of    the allowed values
    unit      what a number counts, for readers
    personal  a person's data: kept out of lineage texts and metadata samples
    """

    name: str
    type: Type = Type.TEXT
    description: str = field(default="", kw_only=True)
    owner: Ownership | None = field(default=None, kw_only=True)
    required: bool = field(default=False, kw_only=True)
    ref: str | None = field(default=None, kw_only=True)
    refers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), kw_only=True)
    via: str | None = field(default=None, kw_only=True)
    joined: tuple[str, ...] = field(default=(), kw_only=True)
    group: str | None = field(default=None, kw_only=True)
    one_of: tuple[str, ...] = field(default=(), kw_only=True)
    unit: str | None = field(default=None, kw_only=True)
    personal: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A kind of real thing that the company deals with.

    prefix   starts every core_id (``cus`` gives ``cus_4f0c…``)
    keys     exact keys for identity, strongest first: records of different systems that agree on
             every field of one key are the same thing
    owner    the rule for fields without their own; the systems it names, in order, decide existence
    gone     field -> values in which nothing of it should stand in a mirrored target any more
    dormant  field -> values in which it is not made in a target, and left as it is where it stands
    refs     the fields that point to other entities
    """

    name: str
    title: str
    description: str
    prefix: str
    owner: Ownership
    fields: tuple[Field, ...]
    keys: tuple[tuple[str, ...], ...] = ()
    gone: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    dormant: Mapping[str, tuple[Any, ...]] = field(default_factory=lambda: MappingProxyType({}))
    # asked for with every record of a plan
    refs: tuple[Field, ...] = field(init=False, repr=False, compare=False)
    _named: Mapping[str, Field] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "refs", tuple(f for f in self.fields if f.ref is not None))
        object.__setattr__(self, "_named", {f.name: f for f in self.fields})
        names = [f.name for f in self.fields]
        for name in RESERVED.intersection(names):
            raise DeclarationError(f"entity {self.name}: {name!r} is a technical column; name the field otherwise")
        for name in names:
            if names.count(name) > 1:
                raise DeclarationError(f"entity {self.name}: field {name!r} is declared twice; remove one")
        for f in self.fields:
            if self.owner_of(f.name) != self.owner_of(self.together(f.name)[0]):
                raise DeclarationError(
                    f"entity {self.name}: fields of group {f.group!r} have different owners; give {f.name!r} the "
                    f"owner of {self.together(f.name)[0]!r}"
                )
        for key in (*self.keys, *(f.joined for f in self.fields)):
            for part in key:
                if part not in names:
                    raise DeclarationError(
                        f"entity {self.name}: key names field {part!r}, which is not declared; "
                        f"{did_you_mean(part, names)}"
                    )

    def field(self, name: str) -> Field:
        """The field of this name; DeclarationError with a suggestion when there is none."""
        if name not in self._named:
            raise DeclarationError(f"entity {self.name} has no field {name!r}; {did_you_mean(name, [*self._named])}")
        return self._named[name]

    def owner_of(self, name: str) -> Ownership:
        return self.field(name).owner or self.owner

    def together(self, name: str) -> tuple[str, ...]:
        """The fields that are decided as one with this one: those of its group, else it alone."""
        group = self.field(name).group
        return tuple(f.name for f in self.own_fields if f.group == group) if group else (name,)

    @property
    def own_fields(self) -> tuple[Field, ...]:
        """Fields that systems supply, as against those looked up through a reference or joined from others."""
        return tuple(f for f in self.fields if f.via is None and not f.joined)

    @property
    def lists(self) -> tuple[Field, ...]:
        """Lists whose elements point to other records (a payment's invoices)."""
        return tuple(f for f in self.fields if f.refers)

    @property
    def parents(self) -> tuple[str, ...]:
        """Other entities that this one points to, by a reference or from inside a list."""
        named = [*(str(f.ref) for f in self.refs), *(one for f in self.lists for one in f.refers.values())]
        return tuple(dict.fromkeys(name for name in named if name != self.name))


@dataclass(frozen=True, slots=True)
class Map:
    """How one resource of a system reads, and where declared writes, one entity.

    resource  the resource whose raw records this map reads
    to        the entity
    id        path of the record's id within its system, or a codec for a composed one
    changed   path of the source's own last-changed stamp, None when it has none
    deleted   codec (flag) that is true when the record itself says that it is deleted
    merged    codec of the id of the record that this one was merged into there; it then counts as no record of its own
    each      path of a list inside the record: one staged row per element, whose own paths begin with ``@.``
    where     codec (flag): only records for which it is true belong to this map
    version   path of the token that a conditional write must show (ETag, SyncToken)
    core_ref  codec of the marker in which the system keeps our own core_id for us
    peers     system name -> codec of the id that this record keeps of its twin in that other system
    fields    canonical field -> codec
    instead   field -> the field that takes its place there: where core has that one, the first is not written
    takes     field -> values of the system's own record in which it takes changes; in others none is planned
    makes     field -> values of core in which a record is made there; in others none is, and one that stands is changed
    """

    resource: str
    to: str = field(kw_only=True)
    id: str | Codec = field(kw_only=True)
    changed: str | Codec | None = field(default=None, kw_only=True)
    deleted: Codec | None = field(default=None, kw_only=True)
    merged: Codec | None = field(default=None, kw_only=True)
    each: str | None = field(default=None, kw_only=True)
    where: Codec | None = field(default=None, kw_only=True)
    version: str | None = field(default=None, kw_only=True)
    core_ref: Codec | None = field(default=None, kw_only=True)
    peers: Mapping[str, Codec] = field(default_factory=lambda: MappingProxyType({}), kw_only=True)
    fields: Mapping[str, Codec] = field(kw_only=True)
    instead: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), kw_only=True)
    takes: Mapping[str, tuple[Any, ...]] = field(default_factory=lambda: MappingProxyType({}), kw_only=True)
    makes: Mapping[str, tuple[Any, ...]] = field(default_factory=lambda: MappingProxyType({}), kw_only=True)

    def writable(self) -> tuple[str, ...]:
        """Fields whose codec can be written back: it says how, and at which place in the record."""
        return tuple(name for name, codec in self.fields.items() if codec.encode is not None and codec.target)


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What compiling needs to know about the company: its zone, currency and home country."""

    time_zone: str = "UTC"
    currency: str = "USD"
    region: str = "US"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """One active system as a company uses it: its roles and maps. ``name`` is the system's name in the stack."""

    name: str
    roles: tuple[str, ...]
    maps: tuple[Map, ...]

    def __post_init__(self) -> None:
        if self.name.lower() in RESERVED_SYSTEMS:
            raise DeclarationError(f"no system can be called {self.name!r}; the word has another meaning: rename it")
        pairs = [(one.resource, one.to) for one in self.maps]
        for resource, entity in pairs:
            if pairs.count((resource, entity)) > 1:
                raise DeclarationError(f"{self.name}: two maps read {entity} from {resource!r}; give it one map")

    def maps_to(self, entity: str) -> tuple[Map, ...]:
        return tuple(m for m in self.maps if m.to == entity)

    def fields_of(self, entity: str) -> tuple[str, ...]:
        """Every field of the entity that any of this system's maps reads, in declared order."""
        seen: dict[str, None] = {}
        for one in self.maps_to(entity):
            seen.update(dict.fromkeys(one.fields))
        return tuple(seen)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """The declarations as one company uses them: entities, active systems, and its own ownership rules.

    ``rules`` overrides owners: key ``customer`` for a whole entity, ``customer.phone`` for one field.
    """

    entities: tuple[Entity, ...]
    bindings: tuple[Binding, ...]
    rules: Mapping[str, Ownership] = field(default_factory=lambda: MappingProxyType({}))
    context: Context = field(default_factory=Context)

    def __post_init__(self) -> None:
        for key in self.rules:
            entity, _, name = key.partition(".")
            found = self.entity(entity)
            if name:
                found.field(name)
                self._check_group(found, name)
            self._check_policies(key, entity, name)
        names = [b.name.lower() for b in self.bindings]
        for name in names:
            if names.count(name) > 1:
                raise DeclarationError(f"two systems are called {name!r}; rename one (case does not tell them apart)")

    def _check_group(self, entity: Entity, name: str) -> None:
        """Fields of one group come from one system: rules of a company may not pull them apart."""
        for other in entity.together(name):
            rule = self.rules.get(f"{entity.name}.{other}", self.rules[f"{entity.name}.{name}"])
            if rule != self.rules[f"{entity.name}.{name}"]:
                raise DeclarationError(
                    f"{entity.name}: {name!r} and {other!r} always come from the same system; give both the same rule"
                )

    def _check_policies(self, key: str, entity: str, name: str) -> None:
        """A policy for one field must mean something under the rule that this field has."""
        asked = self.rules[key]
        if not name:
            return
        kind = resolve(asked, self.rules.get(entity), self.entity(entity).owner_of(name)).kind
        if asked.when_deleted:
            raise DeclarationError(f"{key}: when_deleted is for a whole record; say it of {entity!r}")
        if asked.edits and kind != "prefer":
            raise DeclarationError(f"{key}: edits is for the rule prefer; {kind} leaves nothing to accept or revert")
        if asked.nulls and kind not in ("prefer", "only"):
            raise DeclarationError(f"{key}: nulls is for the rules prefer and only; {kind} has no owner to ask")

    def entity(self, name: str) -> Entity:
        for candidate in self.entities:
            if candidate.name == name:
                return candidate
        known = [e.name for e in self.entities]
        raise DeclarationError(f"there is no entity {name!r}; {did_you_mean(name, known)}")

    def binding(self, system: str) -> Binding:
        for candidate in self.bindings:
            if candidate.name == system:
                return candidate
        known = [b.name for b in self.bindings]
        raise DeclarationError(f"there is no system {system!r} in this stack; {did_you_mean(system, known)}")

    def active(self) -> tuple[Entity, ...]:
        """Entities that at least one active system maps, parents before children."""
        mapped = {m.to for b in self.bindings for m in b.maps}
        return tuple(e for e in self.entities if e.name in mapped)

    def systems_of(self, entity: str) -> tuple[str, ...]:
        """Systems that map this entity, in the order that decides its existence."""
        mapping = {b.name for b in self.bindings if b.maps_to(entity)}
        ordered = self.order(self.owner(entity), mapping)
        return ordered + tuple(sorted(mapping - set(ordered)))

    def rule(self, entity: str, name: str) -> Ownership:
        """The ownership of one field over system names: the stack's rule, else the declared one.

        Fields of one group share one rule, over every system that has any of them.
        """
        declared = self.entity(entity)
        members = declared.together(name)
        own = [self.rules[key] for member in members if (key := f"{entity}.{member}") in self.rules]
        chosen = resolve(own[0] if own else None, self.rules.get(entity), declared.owner_of(name))
        mapping = {b.name for b in self.bindings if not set(members).isdisjoint(b.fields_of(entity))}
        order = self.order(chosen, mapping)
        if chosen.kind != "only":
            order += tuple(s for s in self.systems_of(entity) if s in mapping and s not in order)
        return replace(
            chosen,
            order=order,
            edits=chosen.edits if chosen.kind == "prefer" else None,
            nulls=chosen.nulls if chosen.kind in ("prefer", "only") else None,
            when_deleted=None,
        )

    def owner(self, entity: str) -> Ownership:
        """The rule of a whole entity as the company has it: who may bring a record into being, and its policies."""
        return resolve(self.rules.get(entity), self.entity(entity).owner)

    def order(self, owner: Ownership, mapping: set[str]) -> tuple[str, ...]:
        """Expand roles to the systems that play them, keep system names, drop the inactive ones."""
        found: dict[str, None] = {}
        for name in owner.order:
            for binding in self.bindings:
                if binding.name in mapping and (binding.name == name or name in binding.roles):
                    found[binding.name] = None
        return tuple(found)
