"""What holds for every test: nobody is told of it, no person's Dagster instance is touched, no result is chance."""

from __future__ import annotations

import os

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
