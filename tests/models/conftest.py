"""One warehouse for all tests of a module, emptied before each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.models.world import World


@pytest.fixture(scope="module")
def shared_world() -> Iterator[World]:
    world = World()
    yield world
    world.close()


@pytest.fixture
def world(shared_world: World) -> World:
    shared_world.clear()
    return shared_world
