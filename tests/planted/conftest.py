"""The planted company, validated once. ``python -m benchmarks.planted`` does the same with the company in full size."""

from __future__ import annotations

import pytest

from tests.pipelines import short_read
from tests.planted.looked import Looked, looked
from tests.planted.plants import Size
from tests.planted.wrongs import planted


@pytest.fixture(scope="session")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Looked:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.sync.read_all", short_read.read_all)
        return looked(planted(Size().shrunk(10)), tmp_path_factory.mktemp("planted"))
