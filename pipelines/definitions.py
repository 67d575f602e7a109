"""The code location: the company of ``PLUMBLINE_STACK`` as Dagster sees it.

Loading asks no system and needs no credential, so it works while every system is down. A stack that is wrong fails
with its StackError: the file, the line, what is wrong and what was probably meant.
"""

from __future__ import annotations

import os
from pathlib import Path

# Before dlt and the checks engine are imported: they read these once.
os.environ.setdefault("RUNTIME__DLTHUB_TELEMETRY", "false")
os.environ.setdefault("DAGSTER_DISABLE_TELEMETRY", "yes")
os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")

import dagster as dg

from pipelines import automation
from pipelines.assets import assets
from pipelines.company import Company, assemble
from pipelines.settings import load

STACK = "PLUMBLINE_STACK"
DEMO = Path(__file__).resolve().parents[1] / "examples" / "demo" / "stack.yml"


def build(company: Company) -> dg.Definitions:
    """Assets, checks, job, schedule and sensors of one company. Every run is one process, whoever starts it."""
    job = automation.job()
    return dg.Definitions(
        assets=assets(company),
        jobs=[job],
        schedules=[automation.schedule(job)],
        sensors=automation.sensors(),
        executor=dg.in_process_executor,
    )


@dg.definitions
def defs() -> dg.Definitions:
    """The definitions of the company whose stack file the environment names; the demo company without one."""
    return build(assemble(load(Path(os.environ.get(STACK) or DEMO))))
