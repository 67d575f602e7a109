"""The asset definitions of one company: one op reads all systems, then one op for each thing that is done.

How the ops are cut follows from how Dagster stops things:

- A step whose input was not produced is skipped. A system that is down must keep nobody waiting, so its raw assets
  go on without a materialization (``UNCHANGED``), and their check ``read`` fails.
- A failed blocking check fails its step, and everything after that step. So core is a step of its own, and an entity
  does not wait for its parents' core but for their crosswalk: what it looks up is their last published row.
- Steps that no dependency orders run by ``dagster/priority``: parents are decided, planned and pushed before children,
  so that an invoice finds the customer that was made for it a moment ago. Without it (another executor) it waits for
  the next sync.

What an op needs to run (``pipelines.steps``: databases, dlt) is imported inside it, so that definitions load fast.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import dagster as dg
from dagster._core.definitions.source_asset import SYSTEM_METADATA_KEY_SOURCE_ASSET_OBSERVATION

from models.handoff import Handoff
from models.schema import Entity
from pipelines import gates, keys, presentation, report_assets
from pipelines.automation import condition
from pipelines.checks import check, expect_work
from pipelines.company import Company
from pipelines.presentation import Look

if TYPE_CHECKING:
    from pipelines.steps import Extracted

# An output with this mark lets the steps after it run and logs no materialization.
UNCHANGED = {SYSTEM_METADATA_KEY_SOURCE_ASSET_OBSERVATION: True}
WAREHOUSE, LAKE = "warehouse", "lake"
STALE = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=24), warn_window=timedelta(hours=2))
Results = Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult | dg.Output[Any]]


def assets(company: Company) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """Every asset of the company, systems first."""
    active = company.model.active()
    handoffs = company.handoffs()
    return [
        *(_system(company, name) for name in company.stack.systems),
        _extract(company),
        *(_stage(company, b.name, place) for place, b in enumerate(company.model.bindings)),
        *(_identify(company, entity, place) for place, entity in enumerate(active)),
        *(_reconcile(company, entity, place) for place, entity in enumerate(active)),
        *(_plan(company, handoff, place) for place, handoff in enumerate(handoffs)),
        *(_push(company, handoff, place) for place, handoff in enumerate(handoffs)),
        _summary(company),
        report_assets.finance(company, pool=WAREHOUSE),
    ]


def _system(company: Company, name: str) -> dg.AssetSpec:
    connector, entry = company.connectors[name], company.stack.systems[name]
    return dg.AssetSpec(
        keys.system(name),
        description=f"{connector.title}, for {', '.join(entry.roles)}.\n\n[Documentation]({connector.docs})",
        group_name=keys.plain(name),
        kinds={_kind(connector.name)},
        owners=_teams(entry.roles),
        metadata={"environment": entry.environment},
    )


def _spec(key: dg.AssetKey, look: Look, deps: Sequence[dg.AssetKey], **more: Any) -> dg.AssetSpec:
    return dg.AssetSpec(
        key,
        description=look.description,
        metadata=look.metadata,
        code_version=look.version,
        deps=list(dict.fromkeys(deps)),
        automation_condition=condition(key.path[0]),
        **more,
    )


def _kind(name: str) -> str:
    return keys.plain(name).lower()[:30]


def _teams(names: Sequence[str]) -> list[str]:
    """Owners as Dagster takes them: ``team:`` and a name."""
    return [f"team:{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}" for name in names]


def _priority(number: int) -> dict[str, str]:
    return {"dagster/priority": str(number)}


def _say(context: dg.AssetExecutionContext) -> Callable[[str, str], None]:
    return lambda stage, text: context.log.info("%s: %s", stage, text)


def _extract(company: Company) -> dg.AssetsDefinition:
    """One op for all systems: they are read in threads, and the sync takes as long as the slowest."""
    places = {keys.raw(name, r.name): (name, r.name) for name in company.stack.systems for r in company.resources[name]}
    specs = [
        _spec(
            key,
            presentation.raw(company, name, resource),
            [keys.system(name)],
            group_name=keys.plain(name),
            kinds={"dlt", "parquet", _kind(company.connectors[name].name)},
            owners=_teams(company.stack.systems[name].roles),
            freshness_policy=STALE,
        )
        for key, (name, resource) in places.items()
    ]

    @dg.multi_asset(
        name="extract",
        specs=specs,
        check_specs=[gates.read_spec(key) for key in places],
        can_subset=True,
        pool=LAKE,
        op_tags=_priority(9000),
        description="Settle what is in doubt, then read all systems side by side.",
    )
    def extract(context: dg.AssetExecutionContext) -> Results:
        from pipelines import steps

        wanted: dict[str, list[str]] = {}
        chosen = context.selected_asset_keys | {check.asset_key for check in context.selected_asset_check_keys}
        for key, (system, resource) in places.items():
            if key in chosen:
                wanted.setdefault(system, []).append(resource)
        expect_work(company)
        found = steps.extract(company, run=context.run.run_id, wanted=wanted, progress=_say(context))
        for key in chosen:
            yield from _read_results(context, key, found, *places[key])

    return extract


def _read_results(
    context: dg.AssetExecutionContext, key: dg.AssetKey, found: "Extracted", system: str, resource: str
) -> Results:
    """A resource that was read is materialized; one that was not goes on with its last good data."""
    report = found.reports.get(system, {}).get(resource)
    selected = key in context.selected_asset_keys
    if selected and report is not None and report.status != "failed":
        numbers = {
            "records": report.rows,
            "deleted": report.deleted,
            "seconds": report.seconds,
            "full_read": report.full,
        }
        yield dg.MaterializeResult(asset_key=key, metadata=numbers)
    elif selected:
        name = context.assets_def.get_output_name_for_asset_key(key)
        yield dg.Output(None, output_name=name, metadata=UNCHANGED)
    yield from _selected(context, [gates.read_result(key, report, found.problems.get(system, "it was not read"))])


def _selected(context: dg.AssetExecutionContext, results: Iterable[dg.AssetCheckResult]) -> Results:
    """The results of the checks that were asked for."""
    chosen = {(key.asset_key, key.name) for key in context.selected_asset_check_keys}
    for one in results:
        if (one.asset_key, one.check_name) in chosen:
            yield one


def _stage(company: Company, system: str, place: int) -> dg.AssetsDefinition:
    """One op a system: its new loads are staged in one transaction."""
    binding = company.model.binding(system)
    entities = [company.model.entity(name) for name in dict.fromkeys(one.to for one in binding.maps)]
    looks = {keys.staged(system, e.name): presentation.staged(company, system, e) for e in entities}
    specs = [
        _spec(
            keys.staged(system, e.name),
            looks[keys.staged(system, e.name)],
            [keys.raw(system, one.resource) for one in binding.maps_to(e.name)],
            group_name=keys.plain(system),
            kinds={"duckdb", "sql"},
            owners=_teams(binding.roles),
        )
        for e in entities
    ]

    @dg.multi_asset(
        name=keys.plain("stage", system),
        specs=specs,
        check_specs=[gates.rows_spec(key) for key in looks],
        can_subset=True,
        pool=WAREHOUSE,
        op_tags=_priority(8000 - place),
    )
    def stage(context: dg.AssetExecutionContext) -> Results:
        from pipelines import steps

        said = steps.stage_one(company, run=context.run.run_id, system=system, progress=_say(context))
        for key, look in looks.items():
            one = said[key.path[2]]
            if key in context.selected_asset_keys:
                numbers = {"read": one.read, "staged": one.staged, "quarantined": one.quarantined}
                yield _materialized(
                    key, look, one.rows, numbers | ({"drift": "; ".join(one.drift)} if one.drift else {})
                )
            yield from _selected(context, [gates.rows_result(key, one)])

    return stage


def _materialized(key: dg.AssetKey, look: Look, rows: int, numbers: dict[str, Any]) -> dg.MaterializeResult[Any]:
    lineage = {"dagster/column_lineage": look.lineage} if look.lineage else {}
    return dg.MaterializeResult(asset_key=key, metadata={"dagster/row_count": rows, **lineage, **numbers})


def _identify(company: Company, entity: Entity, place: int) -> dg.AssetsDefinition:
    """One op an entity: parents before children, since a key may hold what a record refers to."""
    key, model = keys.xref(entity.name), company.model
    look = presentation.xref(company, entity)
    active = {e.name for e in model.active()}
    parents = [keys.xref(name) for name in entity.parents if name in active]
    spec = _spec(
        key,
        look,
        [keys.staged(s, entity.name) for s in model.systems_of(entity.name)] + parents,
        group_name=entity.name,
        kinds={"duckdb", "sql"},
        owners=_teams(entity.owner.order[:1]),
    )

    @dg.multi_asset(
        name=keys.plain("identify", entity.name), specs=[spec], pool=WAREHOUSE, op_tags=_priority(7000 - 10 * place)
    )
    def identify(context: dg.AssetExecutionContext) -> Results:
        from pipelines import steps

        moved, rows = steps.place(company, run=context.run.run_id, entity=entity, progress=_say(context))
        yield _materialized(key, look, rows, {"new_or_moved": moved})

    return identify


def _reconcile(company: Company, entity: Entity, place: int) -> dg.AssetsDefinition:
    """One op an entity: decided beside the table, checked, swapped in. Held-back rows are no materialization."""
    key, model = keys.core(entity.name), company.model
    look = presentation.core(company, entity)
    active = {e.name for e in model.active()}
    parents = [keys.xref(name) for name in entity.parents if name in active]
    spec = _spec(
        key,
        look,
        [keys.xref(entity.name), *(keys.staged(s, entity.name) for s in model.systems_of(entity.name)), *parents],
        group_name=entity.name,
        kinds={"duckdb", "sql"},
        owners=_teams(entity.owner.order[:1]),
        skippable=True,
    )

    @dg.multi_asset(
        name=keys.plain("reconcile", entity.name),
        specs=[spec],
        check_specs=gates.contract_specs(entity),
        can_subset=True,  # a check that has nothing to look at says nothing
        pool=WAREHOUSE,
        op_tags=_priority(6999 - 10 * place),
    )
    def reconcile(context: dg.AssetExecutionContext) -> Results:
        from pipelines import steps

        said = steps.decide_one(company, run=context.run.run_id, entity=entity, check=check, progress=_say(context))
        if key in context.selected_asset_keys and not said.done.blocked:
            numbers = {"decided": said.done.decided, "changed_fields": said.done.changed}
            yield _materialized(key, look, said.rows, numbers)
        yield from _selected(context, gates.contract_results(entity, said.done))

    return reconcile


def _plan(company: Company, handoff: Handoff, place: int) -> dg.AssetsDefinition:
    """One op a handoff: the frozen plan."""
    key = keys.plan(handoff.system, handoff.entity)
    observed = [keys.staged(handoff.system, handoff.entity)]
    spec = _spec(
        key,
        presentation.plan(company, handoff),
        [keys.core(handoff.entity), *observed],
        group_name=keys.plain(handoff.system),
        kinds={"duckdb", "sql"},
        owners=_handoff_owners(company, handoff),
        tags={"mode": handoff.mode},
    )

    @dg.multi_asset(
        name=keys.plain("plan", handoff.system, handoff.entity),
        specs=[spec],
        pool=WAREHOUSE,
        op_tags=_priority(4000 - 10 * place),
    )
    def plan(context: dg.AssetExecutionContext) -> Results:
        from pipelines import steps

        now = _now(company, handoff)
        made = steps.plan_one(company, run=context.run.run_id, handoff=now, progress=_say(context))
        numbers: dict[str, Any] = {f"{action}s": made.count(action) for action in ("create", "update", "delete")}
        numbers |= {"plan": made.id, "waiting": len(made.held), "hold": made.hold or ""}
        yield dg.MaterializeResult(asset_key=key, metadata={"dagster/row_count": len(made.changes), **numbers})

    return plan


def _handoff_owners(company: Company, handoff: Handoff) -> list[str]:
    named = company.stack.handoffs[handoff.name].owner
    return _teams([named] if named else company.stack.systems[handoff.system].roles)


def _now(company: Company, handoff: Handoff) -> Handoff:
    """The handoff with its window around the present instant."""
    return next(h for h in company.handoffs() if h.name == handoff.name)


def _push(company: Company, handoff: Handoff, place: int) -> dg.AssetsDefinition:
    """One op a handoff: the newest plan, sent as far as it may be sent."""
    key = keys.push(handoff.system, handoff.entity)
    connector = company.connectors[handoff.system]
    spec = _spec(
        key,
        presentation.push(company, handoff),
        [keys.plan(handoff.system, handoff.entity)],
        group_name=keys.plain(handoff.system),
        kinds={_kind(connector.name)},
        owners=_handoff_owners(company, handoff),
        tags={"mode": handoff.mode},
    )

    @dg.multi_asset(
        name=keys.plain("push", handoff.system, handoff.entity),
        specs=[spec],
        check_specs=[gates.books_spec(key)],
        pool=WAREHOUSE,
        op_tags=_priority(3999 - 10 * place),
    )
    def push(context: dg.AssetExecutionContext) -> Results:
        from pipelines import steps

        now = _now(company, handoff)
        sent = steps.push_one(company, run=context.run.run_id, handoff=now, progress=_say(context))
        numbers = {n: getattr(sent.counts, n) for n in ("planned", "delivered", "held", "rejected")}
        numbers |= {"dagster/row_count": len(sent.delivery.delivered), "plan": sent.plan.id}
        yield dg.MaterializeResult(asset_key=key, metadata=numbers)
        yield gates.books_result(key, sent.counts)

    return push


def _summary(company: Company) -> dg.AssetsDefinition:
    """The last op: the snapshot that people read.

    It waits for staged and crosswalk, which no check holds back: it is published also when one entity is blocked.
    """
    model, key = company.model, keys.report("summary")
    deps = [keys.xref(e.name) for e in model.active()]
    deps += [keys.staged(b.name, name) for b in model.bindings for name in dict.fromkeys(m.to for m in b.maps)]
    look = Look(description="Where everything stands, and the read-only snapshot of the warehouse.", metadata={})
    spec = _spec(key, look, deps, group_name="reports", kinds={"duckdb"}, owners=["team:operations"])

    @dg.multi_asset(
        name="report_summary", specs=[spec], check_specs=[gates.free_spec(key)], pool=WAREHOUSE, op_tags=_priority(0)
    )
    def summary(context: dg.AssetExecutionContext) -> Results:
        from pipelines import steps

        said = steps.summarize(company, run=context.run.run_id, progress=_say(context))
        rows = {f"core/{row['entity']}": row["records"] for row in said["records"]}
        waiting = {row["what"]: row["count"] for row in said["waiting"]}
        yield dg.MaterializeResult(asset_key=key, metadata={**rows, **waiting})
        yield gates.free_result(key, waiting)

    return summary
