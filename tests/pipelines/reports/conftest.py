"""The planted company, synced once."""

from __future__ import annotations

import pytest

from pipelines.company import Company
from pipelines.reports.finance import finance
from pipelines.reports.shape import Report
from tests.pipelines.reports import planted


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Company:
    found = planted.company(tmp_path_factory.mktemp("planted"))
    planted.sync(found)
    return found


@pytest.fixture(scope="session")
def report(company: Company) -> Report:
    return finance(company)
