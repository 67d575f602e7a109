"""Discovery: every folder with a ``CONNECTOR`` is a connector, found without being imported, checked when it is.

Built-in ones are the sub-packages of ``connectors``; a company's own stand in folders named by the argument
``folders`` or by ``PLUMBLINE_CONNECTORS`` (separated like PATH). A connector is imported when it is asked for,
so that a broken one breaks nobody else.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from types import ModuleType
from typing import Any

from connectors.spec import READS, Connector
from models.checking import check_map
from models.entities import ENTITIES
from models.errors import DeclarationError, did_you_mean
from models.schema import ROLES

VARIABLE = "PLUMBLINE_CONNECTORS"
HERE = Path(__file__).parent
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


def names(folders: Sequence[Path] = ()) -> tuple[str, ...]:
    """Every connector's name, sorted; nothing is imported."""
    return tuple(sorted(places(folders)))


def places(folders: Sequence[Path] = ()) -> Mapping[str, Path]:
    """Connector name -> its folder. A built-in one comes first, then the folders in their order."""
    found: dict[str, Path] = {}
    for folder in (HERE, *folders, *_named_by_environment()):
        for package in sorted(folder.glob("*/__init__.py")):
            if "CONNECTOR" in package.read_text(encoding="utf-8"):
                found.setdefault(package.parent.name, package.parent)
    return found


def load(name: str, folders: Sequence[Path] = ()) -> Connector:
    """The connector of this name, imported and checked. DeclarationError: there is none, or it contradicts itself."""
    connector = unchecked(name, folders)
    for problem in problems(connector, folder=name):
        raise DeclarationError(f"connector {name}: {problem}")
    return connector


def unchecked(name: str, folders: Sequence[Path] = ()) -> Connector:
    """The connector of this name as it declares itself, for those who list its ``problems``."""
    known = places(folders)
    if name not in known:
        raise DeclarationError(f"there is no connector {name!r}; {did_you_mean(name, known)}")
    connector = getattr(_module(name, known[name]), "CONNECTOR", None)
    if not isinstance(connector, Connector):
        raise DeclarationError(f"connector {name}: CONNECTOR is not a connectors.spec.Connector; make it one")
    return connector


def bound(connector: Connector, entry: Mapping[str, Any]) -> Connector:
    """The connector with the resources and maps that a stack entry declares, checked; as it is without ``bindings``."""
    if connector.bindings is None:
        return connector
    resources, maps = connector.bindings(entry)
    whole = replace(connector, resources=resources, maps=maps)
    for problem in problems(whole, folder=connector.name):
        raise DeclarationError(f"connector {connector.name}: {problem}")
    return whole


def chosen(connector: Connector, settings: Mapping[str, Any]) -> Connector:
    """The connector as these settings leave it: what stands under other values of them is not there.

    Every entity then has one write at most. DeclarationError: a setting has a value under which nothing stands.
    """
    choices = _choices(connector)
    held = {one.name: one.default for one in connector.settings} | dict(settings)
    for name, values in choices.items():
        if held.get(name) not in values:
            said = did_you_mean(str(held.get(name)), [str(value) for value in values])
            raise DeclarationError(f"setting {name!r} cannot be {held.get(name)!r}; {said}")
    if not choices:
        return connector
    resources = tuple(one for one in connector.resources if _stands(one.when, held))
    names = {one.name for one in resources}
    return replace(
        connector,
        resources=resources,
        maps=tuple(one for one in connector.maps if one.resource in names),
        writes=tuple(one for one in connector.writes if _stands(one.when, held)),
    )


def _choices(connector: Connector) -> Mapping[str, list[Any]]:
    """Settings that decide what a connector reads and writes -> the values that it knows of them."""
    found: dict[str, list[Any]] = {}
    for when in (*(one.when for one in connector.resources), *(one.when for one in connector.writes)):
        for name, value in when.items():
            found.setdefault(name, []).append(value)
    return found


def _stands(when: Mapping[str, Any], held: Mapping[str, Any]) -> bool:
    return all(held[name] == value for name, value in when.items())


def problems(connector: Connector, *, folder: str) -> Iterator[str]:
    """What contradicts itself in a connector's declarations, one sentence each."""
    if connector.name != folder:
        yield f"it calls itself {connector.name!r} but stands in the folder {folder!r}; make them equal"
    for role in connector.roles:
        if role not in ROLES:
            yield f"there is no role {role!r}; {did_you_mean(role, ROLES)}"
    resources = [one.name for one in connector.resources]
    for name in resources:
        if not _NAME.fullmatch(name) or name == READS:
            yield f"a resource cannot be called {name!r}: lower-case words joined by single underscores, not {READS!r}"
        if resources.count(name) > 1:
            yield f"resource {name!r} is declared twice; remove one"
    yield from _map_problems(connector, resources)
    yield from _write_problems(connector)
    yield from _hook_problems(connector)


def _map_problems(connector: Connector, resources: Sequence[str]) -> Iterator[str]:
    entities = {entity.name: entity for entity in ENTITIES}
    for one in connector.maps:
        if one.resource not in resources:
            yield f"a map reads {one.resource!r}, which is no resource of it; {did_you_mean(one.resource, resources)}"
        if one.to not in entities:
            yield f"map of {one.resource!r}: there is no entity {one.to!r}; {did_you_mean(one.to, entities)}"
            continue
        try:
            check_map(one, entities[one.to], connector.name)
        except DeclarationError as problem:
            yield str(problem)


def _write_problems(connector: Connector) -> Iterator[str]:
    yield from _choice_problems(connector)
    for write in connector.writes:
        if not any(one.resource == write.resource and one.to == write.entity for one in connector.maps):
            yield f"write of {write.entity!r}: no map of {write.resource!r} reads it back; declare one"
        if write.identity == "marker" and write.create is not None and write.find is None:
            yield f"write of {write.entity!r}: identity by marker needs a find; declare one"
        if write.batch > 1 and write.many is None:
            yield f"write of {write.entity!r}: a batch of {write.batch} needs many; declare it"


def _choice_problems(connector: Connector) -> Iterator[str]:
    settings = [one.name for one in connector.settings]
    for name in _choices(connector):
        if name not in settings:
            yield f"something stands under {name!r}, which is no setting of it; {did_you_mean(name, settings)}"
    for one, other in combinations(connector.writes, 2):
        apart = any(one.when[name] != other.when[name] for name in one.when.keys() & other.when.keys())
        if one.entity == other.entity and not apart:
            yield f"{one.entity!r} is written in two ways; say with `when` under which settings each of them stands"
    reads = {one.name: one.when for one in connector.resources}
    for write in connector.writes:
        if not reads.get(write.resource, {}).items() <= write.when.items():
            yield f"write of {write.entity!r}: {write.resource!r} is not read wherever it stands; give it its `when`"


def _hook_problems(connector: Connector) -> Iterator[str]:
    hooks = connector.hooks
    if hooks is not None and not hooks.events:
        yield "its hooks subscribe to no event; name those that concern its resources"
    if hooks is not None and hooks.signature != hooks.signature.lower():
        yield f"header {hooks.signature!r} of its hooks must be in lower case, as deliveries have them"


def _named_by_environment() -> tuple[Path, ...]:
    return tuple(Path(one) for one in os.environ.get(VARIABLE, "").split(os.pathsep) if one)


def _module(name: str, folder: Path) -> ModuleType:
    """The connector's package; one from another folder is imported under the same name as a built-in one."""
    whole = f"connectors.{name}"
    if folder.parent == HERE:
        return importlib.import_module(whole)
    loaded = sys.modules.get(whole)
    if loaded is not None and Path(str(loaded.__file__)).parent == folder:
        return loaded
    spec = importlib.util.spec_from_file_location(
        whole, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    if spec is None or spec.loader is None:
        raise DeclarationError(f"connector {name}: {folder.name}/__init__.py cannot be imported")
    module = importlib.util.module_from_spec(spec)
    sys.modules[whole] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[whole]
        raise
    return module
