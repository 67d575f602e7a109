from __future__ import annotations

import pytest

from sandbox.discovery import twins


def test_every_twin_is_found_under_its_own_name() -> None:
    found = twins()
    assert "caldav" in found
    assert "founding" not in found
    assert all(name == twin.name for name, twin in found.items())


def test_only_some() -> None:
    assert list(twins(["caldav"])) == ["caldav"]
    with pytest.raises(ValueError, match=r"no twin called nothing_such; there are .*caldav, "):
        twins(["nothing_such"])
