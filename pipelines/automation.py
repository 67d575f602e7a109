"""When things run: the job ``sync``, its schedule, and declarative automation with one sensor a layer.

Schedule and sensors are alternatives; both start stopped, and a person switches on the one that suits.

- ``on_cron`` never fires on an asset below an external one, so the first layer waits for the tick itself.
- ``eager`` requests what is downstream although a blocking check failed; plans and pushes ask for the checks too.
- A sensor looks at 500 assets and checks at most, hence one for each layer.
"""

from __future__ import annotations

import dagster as dg

EVERY = "*/15 * * * *"
JOB = "sync"
LAYERS = ("raw", "staged", "xref", "core", "plan", "push", "report")
Condition = dg.AutomationCondition[dg.AssetKey | dg.AssetCheckKey]
UNDER_WAY = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


def condition(layer: str) -> Condition:
    """When an asset of a layer is due."""
    eager = dg.AutomationCondition.eager()
    if layer == "raw":
        tick: Condition = dg.AutomationCondition.cron_tick_passed(EVERY)
        return tick.since_last_handled() & ~dg.AutomationCondition.in_progress()
    if layer == "staged":
        # A resource that was never read yet (its system is down) keeps nobody else waiting.
        return eager.without(~dg.AutomationCondition.any_deps_missing())
    if layer in ("plan", "push"):
        return eager & dg.AutomationCondition.all_deps_blocking_checks_passed()
    return eager


def sensors() -> list[dg.AutomationConditionSensorDefinition]:
    """One sensor for each layer, stopped until somebody starts it."""
    return [
        dg.AutomationConditionSensorDefinition(
            f"{layer}_automation",
            target=dg.AssetSelection.key_prefixes([layer]),
            default_status=dg.DefaultSensorStatus.STOPPED,
            description=f"Requests assets of the layer {layer} when they are due.",
        )
        for layer in LAYERS
    ]


def job() -> dg.UnresolvedAssetJobDefinition:
    """The whole path, in one process: a process for each step costs three seconds of imports each."""
    return dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all(),
        executor_def=dg.in_process_executor,
        description="Read all systems, stage, identify, reconcile, plan, push, and publish what people read.",
    )


def schedule(target: dg.UnresolvedAssetJobDefinition) -> dg.ScheduleDefinition:
    """The job every quarter of an hour, unless one is still under way."""

    @dg.schedule(
        name="sync_schedule",
        job=target,
        cron_schedule=EVERY,
        default_status=dg.DefaultScheduleStatus.STOPPED,
        description="The job `sync` every 15 minutes; a tick is skipped while a sync is under way.",
    )
    def due(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        running = context.instance.get_runs(dg.RunsFilter(job_name=JOB, statuses=UNDER_WAY), limit=1)
        if running:
            return dg.SkipReason(f"sync {running[0].run_id} is still under way")
        return dg.RunRequest()

    return due
