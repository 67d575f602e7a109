"""Business checks, one file an entity: a module here named for an entity defines ``CHECKS``.

``checks_of`` gives an entity's whole set: what its declaration implies, and what the business knows besides.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from models.errors import DeclarationError
from models.schema import Entity
from quality.derived import derive
from quality.spec import Check


@cache
def load() -> Mapping[str, tuple[Check, ...]]:
    """Entity name -> its business checks."""
    found = [info.name for info in pkgutil.iter_modules(__path__)]
    return {name: importlib.import_module(f"{__name__}.{name}").CHECKS for name in found}


def checks_of(entity: Entity) -> tuple[Check, ...]:
    """Derived and business checks of an entity, names unique, personal fields hidden in examples.

    Raises DeclarationError for a check that stands under two names, or names another entity or an unknown field.
    """
    return assemble(entity, load().get(entity.name, ()))


def assemble(entity: Entity, business: tuple[Check, ...]) -> tuple[Check, ...]:
    """The derived checks of an entity with these business checks behind them; errors as ``checks_of``."""
    together = (*derive(entity), *business)
    names = [check.name for check in together]
    personal = frozenset(field.name for field in entity.fields if field.personal)
    for check in together:
        if names.count(check.name) > 1:
            raise DeclarationError(f"entity {entity.name}: two checks are called {check.name!r}; rename one")
        if check.entity != entity.name:
            raise DeclarationError(f"check {check.name!r} is about {check.entity}; move it from {entity.name} there")
        for name in (check.field, *check.shows):
            if name != "core_id":
                entity.field(name)
    return tuple(replace(c, hidden=tuple(n for n in (c.field, *c.shows) if n in personal)) for c in together)
