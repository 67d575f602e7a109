"""Where records come from: the systems themselves, and the ops that read them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import dagster as dg
from dagster._core.definitions.source_asset import SYSTEM_METADATA_KEY_SOURCE_ASSET_OBSERVATION

from pipelines import gates, keys, presentation
from pipelines.checks import expect_work
from pipelines.company import Company
from pipelines.ops import LAKE, WAREHOUSE, Results, asked, kind, priority, say, spec, teams

if TYPE_CHECKING:
    from pipelines.steps import Extracted

# An output with this mark lets the steps after it run and logs no materialization.
UNCHANGED = {SYSTEM_METADATA_KEY_SOURCE_ASSET_OBSERVATION: True}
STALE = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=24), warn_window=timedelta(hours=2))


def system(company: Company, name: str) -> dg.AssetSpec:
    """The system as it stands in the stack; nothing runs for it."""
    connector, entry = company.connectors[name], company.stack.systems[name]
    return dg.AssetSpec(
        keys.system(name),
        description=f"{connector.title}, for {', '.join(entry.roles)}.\n\n[Documentation]({connector.docs})",
        group_name=keys.plain(name),
        kinds={kind(connector.name)},
        owners=teams(entry.roles),
        metadata={"environment": entry.environment},
    )


def extract(company: Company) -> dg.AssetsDefinition:
    """One op for all systems: they are read in threads, and the sync takes as long as the slowest."""
    names = [name for name in company.stack.systems if name not in company.of_run]
    return _reading(
        company,
        {name: [keys.system(name)] for name in names},
        name="extract",
        place=9000,
        description="Settle what is in doubt, then read all systems side by side.",
    )


def tell(company: Company) -> list[dg.AssetsDefinition]:
    """One op for what tells of the run itself. It waits for what no check holds back, and by priority for pushes."""
    if not company.of_run:
        return []
    model = company.model
    deps = [keys.xref(e.name) for e in model.active() if e.name not in company.told]
    deps += [keys.staged(b.name, m.to) for b in model.bindings if b.name not in company.of_run for m in b.maps]
    return [
        _reading(
            company,
            {name: [keys.system(name), *deps] for name in company.of_run},
            name="tell",
            place=1,
            description="Leave what waits for a person now, once everything else is done.",
        )
    ]


def _reading(
    company: Company, systems: Mapping[str, Sequence[dg.AssetKey]], *, name: str, place: int, description: str
) -> dg.AssetsDefinition:
    """One op that reads systems, each with what it waits for; ``name`` is also that of its step."""
    places = {keys.raw(system, r.name): (system, r.name) for system in systems for r in company.resources[system]}
    specs = [
        spec(
            key,
            presentation.raw(company, system, resource),
            systems[system],
            group_name=keys.plain(system),
            kinds={"dlt", "parquet", kind(company.connectors[system].name)},
            owners=teams(company.stack.systems[system].roles),
            freshness_policy=STALE,
        )
        for key, (system, resource) in places.items()
    ]

    @dg.multi_asset(
        name=name,
        specs=specs,
        check_specs=[gates.read_spec(key) for key in places],
        can_subset=True,
        pool=LAKE if name == "extract" else WAREHOUSE,
        op_tags=priority(place),
        description=description,
    )
    def read(context: dg.AssetExecutionContext) -> Results:
        from pipelines import steps

        wanted: dict[str, list[str]] = {}
        chosen = context.selected_asset_keys | {check.asset_key for check in context.selected_asset_check_keys}
        for key, (system, resource) in places.items():
            if key in chosen:
                wanted.setdefault(system, []).append(resource)
        expect_work(company)
        step = steps.extract if name == "extract" else steps.tell
        found = step(company, run=context.run.run_id, wanted=wanted, progress=say(context))
        for key in chosen:
            yield from _read_results(context, key, found, *places[key])

    return read


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
    yield from asked(context, [gates.read_result(key, report, found.problems.get(system, "it was not read"))])
