"""What holds for every test: nobody is told of it, no person's Dagster instance is touched, no result is chance."""

from __future__ import annotations

import gc
import os

import pytest
from hypothesis import HealthCheck, settings

# Before any test module imports dagster, dlt or great_expectations: they read these once.
os.environ["DAGSTER_DISABLE_TELEMETRY"] = "yes"
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["GX_ANALYTICS_ENABLED"] = "false"
# A test that needs a Dagster instance makes its own; the one of the person at this machine is left alone.
os.environ.pop("DAGSTER_HOME", None)

# Two tests at once on two cores: a deadline would measure the neighbour.
settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("house"), derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "house")

# Compiled SQL is trees with parents: counted as garbage every 700 objects, they are walked again and again for nothing.
YOUNG = 20_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with slow tests first: a worker that begins one when the others are done is waited for."""
    slow = {item.path for item in items if item.get_closest_marker("slow")}
    items.sort(key=lambda item: item.path not in slow)


def pytest_collection_finish() -> None:
    """What was imported stays until the end: a tenth of the processor time went into looking for garbage in it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG)


def pytest_sessionfinish() -> None:
    gc.unfreeze()
