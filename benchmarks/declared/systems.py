"""Every system with a write and a twin: how a stack reaches it, and what it takes from its owners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from benchmarks.declared.office import BELONGS
from connectors import registry
from connectors.spec import Connector, Write
from models.schema import Map
from sandbox.discovery import twins
from sandbox.twin import Twin


@cache
def discovered() -> tuple[str, ...]:
    """The names of all connectors that write and have a twin."""
    known = twins()
    return tuple(name for name in registry.names() if name in known and registry.load(name).writes)


@cache
def twin_of(system: str) -> Twin:
    return twins([system])[system]


def writes(systems: Sequence[str]) -> list[tuple[str, Write]]:
    """(system, write) of all entities that these systems are written, where their settings are as they come."""
    return [(name, write) for name in systems for write in registry.chosen(registry.load(name), {}).writes]


def makes(systems: Sequence[str]) -> list[tuple[str, Write]]:
    """The writes that make something: not of what belongs to a thing that the system has from itself alone."""
    return [(name, write) for name, write in writes(systems) if _makes(name, write.entity)]


def _makes(system: str, entity: str) -> bool:
    write = next((one for _, one in writes([system]) if one.entity == entity), None)
    if write is None or write.create is None:
        return False
    parent = BELONGS.get(entity)
    return parent is None or parent not in map_of(system, write).fields or _makes(system, parent)


def map_of(system: str, write: Write) -> Map:
    """What the written entity means there."""
    maps = registry.load(system).maps
    return next(one for one in maps if (one.resource, one.to) == (write.resource, write.entity))


def follows(system: str, write: Write, field: str) -> bool:
    """Whether a field that changes at its owner changes there too."""
    one = map_of(system, write)
    taken = field in one.writable() or (field in write.extra and field in one.fields)
    return write.update is not None and taken and field not in write.only_new


def entry(system: str, address: str, *, headroom: int = 1000) -> dict[str, Any]:
    """The system in ``stack.yml``, signed in to its twin that is served below ``address``."""
    connector, twin = registry.load(system), twin_of(system)
    told = {**twin.credentials, **twin.settings}
    return {
        "roles": list(connector.roles),
        "environment": "sandbox",
        "headroom": headroom,
        "base_url": f"{address}/{system}",
        "settings": {one.name: told[one.name] for one in connector.settings if one.name in told},
        "credentials": {name: f"sandbox:{known}" for name, known in known_as(connector, twin).items()},
    }


def known_as(connector: Connector, twin: Twin) -> Mapping[str, str]:
    """Credential of the connector -> what its twin calls it; ``*`` is all of them together (a key file)."""
    given = twin.credentials
    asked = [one.name for one in connector.credentials if one.required or one.name in given]
    names = {name: name if name in given else "access_token" for name in asked}
    return {name: "*" if name == "service_account" else known for name, known in names.items()}
