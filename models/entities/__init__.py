"""The entities, one a file. Any module here that defines ``ENTITY`` is part of the model."""

from __future__ import annotations

import importlib
import pkgutil

from models.checking import check_entities
from models.schema import Entity


def load() -> tuple[Entity, ...]:
    """Every entity, checked against each other, what is referred to first."""
    modules = (importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__))
    return check_entities([module.ENTITY for module in modules])


ENTITIES = load()
