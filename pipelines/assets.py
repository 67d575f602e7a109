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

from typing import Any

import dagster as dg

from models.handoff import Handoff
from models.schema import Entity
from pipelines import gates, keys, presentation, report_assets, source_assets
from pipelines.checks import check
from pipelines.company import Company
from pipelines.ops import WAREHOUSE, Results, asked, kind, priority, say, spec, teams
from pipelines.presentation import Look


def assets(company: Company) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """Every asset of the company, systems first."""
    active = company.model.active()
    handoffs = company.handoffs()
    return [
        *(source_assets.system(company, name) for name in company.stack.systems),
        source_assets.extract(company),
        *source_assets.tell(company),
        *(_stage(company, b.name, place) for place, b in enumerate(company.model.bindings)),
        *(_identify(company, entity, place) for place, entity in enumerate(active)),
        *(_reconcile(company, entity, place) for place, entity in enumerate(active)),
        *(_plan(company, handoff, place) for place, handoff in enumerate(handoffs)),
        *(_push(company, handoff, place) for place, handoff in enumerate(handoffs)),
        _summary(company),
        report_assets.finance(company, pool=WAREHOUSE),
    ]


def _stage(company: Company, system: str, place: int) -> dg.AssetsDefinition:
    """One op a system: its new loads are staged in one transaction."""
    binding = company.model.binding(system)
    entities = [company.model.entity(name) for name in dict.fromkeys(one.to for one in binding.maps)]
    looks = {keys.staged(system, e.name): presentation.staged(company, system, e) for e in entities}
    specs = [
        spec(
            keys.staged(system, e.name),
            looks[keys.staged(system, e.name)],
            [keys.raw(system, one.resource) for one in binding.maps_to(e.name)],
            group_name=keys.plain(system),
            kinds={"duckdb", "sql"},
            owners=teams(binding.roles),
        )
        for e in entities
    ]

    @dg.multi_asset(
        name=keys.plain("stage", system),
        specs=specs,
        check_specs=[gates.rows_spec(key) for key in looks],
        can_subset=True,
        pool=WAREHOUSE,
        op_tags=priority(8000 - place),
    )
    def stage(context: dg.AssetExecutionContext) -> Results:
        from pipelines import steps

        said = steps.stage_one(company, run=context.run.run_id, system=system, progress=say(context))
        for key, look in looks.items():
            one = said[key.path[2]]
            if key in context.selected_asset_keys:
                numbers = {"read": one.read, "staged": one.staged, "quarantined": one.quarantined}
                yield _materialized(
                    key, look, one.rows, numbers | ({"drift": "; ".join(one.drift)} if one.drift else {})
                )
            yield from asked(context, [gates.rows_result(key, one)])

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
    asset = spec(
        key,
        look,
        [keys.staged(s, entity.name) for s in model.systems_of(entity.name)] + parents,
        group_name=entity.name,
        kinds={"duckdb", "sql"},
        owners=teams(entity.owner.order[:1]),
    )

    @dg.multi_asset(
        name=keys.plain("identify", entity.name), specs=[asset], pool=WAREHOUSE, op_tags=priority(7000 - 10 * place)
    )
    def identify(context: dg.AssetExecutionContext) -> Results:
        from pipelines import steps

        moved, rows = steps.place(company, run=context.run.run_id, entity=entity, progress=say(context))
        yield _materialized(key, look, rows, {"new_or_moved": moved})

    return identify


def _reconcile(company: Company, entity: Entity, place: int) -> dg.AssetsDefinition:
    """One op an entity: decided beside the table, checked, swapped in. Held-back rows are no materialization."""
    key, model = keys.core(entity.name), company.model
    look = presentation.core(company, entity)
    active = {e.name for e in model.active()}
    parents = [keys.xref(name) for name in entity.parents if name in active]
    asset = spec(
        key,
        look,
        [keys.xref(entity.name), *(keys.staged(s, entity.name) for s in model.systems_of(entity.name)), *parents],
        group_name=entity.name,
        kinds={"duckdb", "sql"},
        owners=teams(entity.owner.order[:1]),
        skippable=True,
    )

    @dg.multi_asset(
        name=keys.plain("reconcile", entity.name),
        specs=[asset],
        check_specs=gates.contract_specs(entity),
        can_subset=True,  # a check that has nothing to look at says nothing
        pool=WAREHOUSE,
        op_tags=priority(6999 - 10 * place),
    )
    def reconcile(context: dg.AssetExecutionContext) -> Results:
        from pipelines import steps

        said = steps.decide_one(company, run=context.run.run_id, entity=entity, check=check, progress=say(context))
        if key in context.selected_asset_keys and not said.done.blocked:
            numbers = {"decided": said.done.decided, "changed_fields": said.done.changed}
            yield _materialized(key, look, said.rows, numbers)
        yield from asked(context, gates.contract_results(entity, said.done))

    return reconcile


def _plan(company: Company, handoff: Handoff, place: int) -> dg.AssetsDefinition:
    """One op a handoff: the frozen plan."""
    key = keys.plan(handoff.system, handoff.entity)
    observed = [keys.staged(handoff.system, handoff.entity)]
    asset = spec(
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
        specs=[asset],
        pool=WAREHOUSE,
        op_tags=priority(4000 - 10 * place),
    )
    def plan(context: dg.AssetExecutionContext) -> Results:
        from pipelines import steps

        now = _now(company, handoff)
        made = steps.plan_one(company, run=context.run.run_id, handoff=now, progress=say(context))
        numbers: dict[str, Any] = {f"{action}s": made.count(action) for action in ("create", "update", "delete")}
        numbers |= {"plan": made.id, "waiting": len(made.held), "hold": made.hold or ""}
        yield dg.MaterializeResult(asset_key=key, metadata={"dagster/row_count": len(made.changes), **numbers})

    return plan


def _handoff_owners(company: Company, handoff: Handoff) -> list[str]:
    named = company.stack.handoffs[handoff.name].owner
    return teams([named] if named else company.stack.systems[handoff.system].roles)


def _now(company: Company, handoff: Handoff) -> Handoff:
    """The handoff with its window around the present instant."""
    return next(h for h in company.handoffs() if h.name == handoff.name)


def _push(company: Company, handoff: Handoff, place: int) -> dg.AssetsDefinition:
    """One op a handoff: the newest plan, sent as far as it may be sent."""
    key = keys.push(handoff.system, handoff.entity)
    connector = company.connectors[handoff.system]
    asset = spec(
        key,
        presentation.push(company, handoff),
        [keys.plan(handoff.system, handoff.entity)],
        group_name=keys.plain(handoff.system),
        kinds={kind(connector.name)},
        owners=_handoff_owners(company, handoff),
        tags={"mode": handoff.mode},
    )

    @dg.multi_asset(
        name=keys.plain("push", handoff.system, handoff.entity),
        specs=[asset],
        check_specs=[gates.books_spec(key)],
        pool=WAREHOUSE,
        op_tags=priority(3999 - 10 * place),
    )
    def push(context: dg.AssetExecutionContext) -> Results:
        from pipelines import steps

        now = _now(company, handoff)
        sent = steps.push_one(company, run=context.run.run_id, handoff=now, progress=say(context))
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
    asset = spec(key, look, deps, group_name="reports", kinds={"duckdb"}, owners=["team:operations"])

    @dg.multi_asset(
        name="report_summary", specs=[asset], check_specs=[gates.free_spec(key)], pool=WAREHOUSE, op_tags=priority(0)
    )
    def summary(context: dg.AssetExecutionContext) -> Results:
        from pipelines import steps

        said = steps.summarize(company, run=context.run.run_id, progress=say(context))
        rows = {f"core/{row['entity']}": row["records"] for row in said["records"]}
        waiting = {row["what"]: row["count"] for row in said["waiting"]}
        yield dg.MaterializeResult(asset_key=key, metadata={**rows, **waiting})
        yield gates.free_result(key, waiting)

    return summary
