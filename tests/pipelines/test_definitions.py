"""The code location: what it defines, that it loads fast and with nobody answering, and that the job does its work."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import dagster as dg
import pytest
from syrupy.assertion import SnapshotAssertion

from models.errors import StackError
from pipelines import keys
from pipelines import ledger as books
from pipelines.company import Company, assemble, open_books
from pipelines.definitions import DEMO, build, defs
from pipelines.overruling import pin
from pipelines.settings import load
from pipelines.sync import run_sync
from pipelines.warehouse import open_snapshot
from tests.pipelines import notebooks

ROOT = Path(__file__).parents[2]
HEAVY = ("great_expectations", "dlt", "duckdb", "sqlalchemy", "httpx", "pandas", "splink")


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    with notebooks.company(tmp_path) as found:
        yield found


@pytest.fixture
def watched(company: Company, tmp_path: Path) -> Company:
    """The company, and what it says of itself."""
    stack = tmp_path / "stack.yml"
    stack.write_text(stack.read_text().replace("systems:\n", "systems:\n  plumbline: {roles: [monitoring]}\n"))
    return assemble(load(stack), clock=company.clock)


@pytest.fixture
def instance(tmp_path: Path) -> Iterator[dg.DagsterInstance]:
    """An instance set up as ``dagster_home`` says, in a folder of its own."""
    home = tmp_path / "dagster_home"
    home.mkdir()
    shutil.copy(ROOT / "dagster_home" / "dagster.yaml", home)
    with dg.DagsterInstance.from_config(str(home)) as found:
        yield found


@pytest.fixture
def fleeting() -> Iterator[dg.DagsterInstance]:
    """An instance in memory: four times as fast, without pools."""
    with dg.DagsterInstance.ephemeral() as found:
        yield found


@pytest.fixture(scope="module")
def demo() -> dg.Definitions:
    return build(assemble(load(DEMO)))


def sync(company: Company, instance: dg.DagsterInstance, only: Sequence[dg.AssetKey] = ()) -> dg.ExecuteInProcessResult:
    job = build(company).resolve_job_def("sync")
    return job.execute_in_process(instance=instance, raise_on_error=False, asset_selection=list(only) or None)


def materialized(result: dg.ExecuteInProcessResult) -> set[str]:
    return {event.asset_key.to_user_string() for event in result.get_asset_materialization_events() if event.asset_key}


def failed_checks(result: dg.ExecuteInProcessResult) -> set[str]:
    return {
        f"{e.asset_key.to_user_string()}:{e.check_name}" for e in result.get_asset_check_evaluations() if not e.passed
    }


def metadata(result: dg.ExecuteInProcessResult, key: dg.AssetKey) -> dict[str, object]:
    event = next(e for e in result.get_asset_materialization_events() if e.asset_key == key)
    return {name: value.value for name, value in event.materialization.metadata.items()}


# --- what is defined -----------------------------------------------------------------------------------------


def line(spec: dg.AssetSpec, checks: Sequence[dg.AssetCheckSpec]) -> dict[str, object]:
    """What a review wants to see of a spec; the SQL and its hash change with every model."""
    return {
        "deps": sorted(dep.asset_key.to_user_string() for dep in spec.deps),
        "group": spec.group_name,
        "kinds": sorted(spec.kinds),
        "owners": list(spec.owners),
        "table": spec.metadata.get("dagster/table_name"),
        "due": spec.automation_condition.get_label() if spec.automation_condition else None,
        "checks": sorted(check.name + (" (blocking)" if check.blocking else "") for check in checks),
    }


def test_all_asset_specs_of_the_demo_company(demo: dg.Definitions, snapshot: SnapshotAssertion) -> None:
    graph = demo.resolve_asset_graph()
    checks = [graph.get_check_spec(key) for key in graph.asset_check_keys]
    said = {
        spec.key.to_user_string(): line(spec, [check for check in checks if check.asset_key == spec.key])
        for spec in demo.resolve_all_asset_specs()
    }
    assert dict(sorted(said.items())) == snapshot


def test_every_stage_says_what_it_runs_and_what_its_columns_are(demo: dg.Definitions) -> None:
    specs = {spec.key: spec for spec in demo.resolve_all_asset_specs()}
    for key, spec in specs.items():
        layer = key.path[0]
        if layer in ("staged", "xref", "core", "plan"):
            assert "```sql\nSELECT" in str(spec.description) or "```sql\nWITH" in str(spec.description)
            assert spec.code_version
        if layer not in ("system", "report"):
            schema = spec.metadata["dagster/column_schema"]
            assert all(column.description for column in schema.columns), key
    phone = next(c for c in specs[keys.core("customer")].metadata["dagster/column_schema"].columns if c.name == "phone")
    assert "[staged/jobber/customer.phone](/assets/staged/jobber/customer)" in phone.description
    assert phone.tags == {"rule": "prefer", "owner_1": "jobber", "owner_2": "hubspot", "owner_3": "quickbooks_online"}


def test_a_code_version_moves_with_the_sql_and_with_nothing_else(company: Company, tmp_path: Path) -> None:
    def versions(one: Company) -> dict[str, str | None]:
        return {s.key.to_user_string(): s.code_version for s in build(one).resolve_all_asset_specs()}

    before = versions(company)
    assert versions(assemble(load(tmp_path / "stack.yml"), clock=lambda: notebooks.NOW + timedelta(days=9))) == before
    stack = tmp_path / "stack.yml"
    stack.write_text(stack.read_text() + "ownership: {customer.city: {only: b}}\n")
    after = versions(assemble(load(stack)))
    assert {key for key in before if before[key] != after[key]} == {"core/customer", "plan/b/customer"}


def test_it_loads_without_databases_engines_and_anybody_who_answers() -> None:
    script = (
        "import json, os, sys; from pipelines.definitions import defs; "
        "names = [s.key.to_user_string() for s in defs().resolve_all_asset_specs()]; "
        f"print(json.dumps([len(names), [m for m in {HEAVY!r} if m in sys.modules], "
        "[os.environ[n] for n in ('RUNTIME__DLTHUB_TELEMETRY', 'DAGSTER_DISABLE_TELEMETRY', 'GX_ANALYTICS_ENABLED')]]))"
    )
    told = ("RUNTIME__DLTHUB_TELEMETRY", "DAGSTER_DISABLE_TELEMETRY", "GX_ANALYTICS_ENABLED", "PLUMBLINE_STACK")
    environment = {name: value for name, value in os.environ.items() if name not in told}
    environment["PLUMBLINE_SANDBOX"] = "http://127.0.0.1:9"  # nobody listens on the discard port
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, capture_output=True, check=True)
    count, loaded, telemetry = json.loads(done.stdout)
    assert count > 30
    assert loaded == []
    assert telemetry == ["false", "yes", "false"]


def test_a_broken_stack_fails_with_its_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "stack.yml").write_text("company: Broken\nsystems:\n  hubspott: {roles: [crm]}\n")
    monkeypatch.setenv("PLUMBLINE_STACK", str(tmp_path / "stack.yml"))
    with pytest.raises(StackError, match=r"stack.yml, line 3: .*hubspott"):
        defs()


def test_the_instance_has_one_writer_and_tells_nobody(instance: dg.DagsterInstance) -> None:
    pools = instance.get_concurrency_config().pool_config
    assert pools.default_pool_limit == 1
    assert str(pools.pool_granularity).lower().endswith("op")
    assert not instance.telemetry_enabled
    assert instance.run_retries_enabled
    assert not instance.run_retries_retry_on_asset_or_op_failure


def test_every_op_that_opens_the_warehouse_is_in_its_pool(demo: dg.Definitions) -> None:
    nodes = demo.resolve_job_def("sync").nodes
    pools = {node.name: node.definition.pool for node in nodes if isinstance(node.definition, dg.OpDefinition)}
    assert pools.pop("extract") == "lake"
    assert set(pools.values()) == {"warehouse"}


def test_raw_is_due_at_the_tick_and_nothing_is_before_it(company: Company, instance: dg.DagsterInstance) -> None:
    one, raw = build(company), dg.AssetSelection.key_prefixes(["raw"])
    later = notebooks.NOW + timedelta(minutes=16)
    before = dg.evaluate_automation_conditions(one, instance, asset_selection=raw, evaluation_time=notebooks.NOW)
    after = dg.evaluate_automation_conditions(
        one, instance, asset_selection=raw, evaluation_time=later, cursor=before.cursor
    )
    assert before.total_requested == 0
    assert after.get_num_requested(keys.raw("a", "people")) == 1


def test_a_tick_is_skipped_while_a_sync_is_under_way(company: Company, instance: dg.DagsterInstance) -> None:
    one = build(company)
    repository = one.get_repository_def()
    schedule = repository.get_schedule_def("sync_schedule")

    def tick() -> object:
        with dg.build_schedule_context(instance=instance, repository_def=repository) as context:
            return schedule.evaluate_tick(context)

    assert len(tick().run_requests) == 1
    run = instance.create_run_for_job(one.resolve_job_def("sync"), status=dg.DagsterRunStatus.STARTED)
    assert run.run_id in tick().skip_message


# --- what the job does ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_job_brings_two_systems_into_agreement(
    company: Company, instance: dg.DagsterInstance, tmp_path: Path
) -> None:
    first = sync(company, instance)
    assert first.success
    every = {s.key.to_user_string() for s in build(company).resolve_all_asset_specs() if s.key.path[0] != "system"}
    assert materialized(first) == every
    assert metadata(first, keys.staged("a", "customer"))["quarantined"] == 1
    assert "status new option (odd)" in metadata(first, keys.staged("a", "customer"))["drift"]
    pushed = metadata(first, keys.push("b", "customer"))
    assert (pushed["planned"], pushed["delivered"]) == (2, 2)
    lineage = metadata(first, keys.core("customer"))["dagster/column_lineage"]
    assert {dep.asset_key for dep in lineage.deps_by_column["phone"]} == {
        keys.staged("a", "customer"),
        keys.staged("b", "customer"),
    }
    assert {p["first"] for p in notebooks.people(tmp_path, "b").values()} == {"Ann", "Cy"}
    with open_books(company) as ledger:
        assert [run.status for run in books.list_runs(ledger)] == ["done"]

    second = sync(company, instance)
    assert second.success
    assert metadata(second, keys.plan("a", "customer"))["dagster/row_count"] == 0
    assert metadata(second, keys.plan("b", "customer"))["dagster/row_count"] == 0


@pytest.mark.slow
def test_a_system_that_is_down_keeps_nobody_waiting(
    watched: Company, fleeting: dg.DagsterInstance, tmp_path: Path
) -> None:
    company = watched
    run_sync(company, check=lambda *_: ())
    (tmp_path / "b.json").rename(tmp_path / "away.json")
    a = json.loads((tmp_path / "a.json").read_text())
    a["people"]["a4"] = {"id": "a4", "first": "Di", "last": "Oz", "email": "di@x.com", "version": "1"}
    notebooks.write(tmp_path / "a.json", a)
    result = sync(company, fleeting)
    assert result.success
    assert failed_checks(result) >= {"raw/b/people:read", "raw/b/visits:read", "raw/b/workers:read"}
    done = materialized(result)
    assert not {key for key in done if key.startswith("raw/b/")}
    assert {"raw/a/people", "core/customer", "push/a/customer", "report/summary"} <= done
    with open_snapshot(company.snapshot) as warehouse:  # told in the run that found it, after everything else
        told = warehouse.rows("SELECT title, details FROM core.alert WHERE state = 'open' AND kind = 'reading'")
    assert [(one["title"], "is not there" in one["details"]) for one in told] == [("b could not be read", True)]
    order = [event.node_name for event in result.all_events if event.is_step_success]
    assert order.index("tell") > max(order.index(name) for name in order if name.startswith("push"))
    held = metadata(result, keys.plan("b", "customer"))
    assert "the notebook is not there" in str(held["hold"])
    assert metadata(result, keys.push("b", "customer"))["held"] == held["dagster/row_count"] == 1
    with open_books(company) as ledger:
        newest = books.list_runs(ledger)
        assert "failed" in {run.status for run in newest}

    (tmp_path / "away.json").rename(tmp_path / "b.json")
    assert sync(company, fleeting).success
    assert "di@x.com" in {p.get("email") for p in notebooks.people(tmp_path, "b").values()}


@pytest.mark.slow
def test_a_blocked_entity_stops_its_own_plans_and_pushes(
    company: Company, fleeting: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    for room in ("overruling", "words"):  # a value that nobody refused on its way to core
        monkeypatch.setattr(f"pipelines.{room}.problem", lambda *_: None)
    run_sync(company, check=lambda *_: ())
    with open_snapshot(company.snapshot) as warehouse:
        ann = warehouse.value("SELECT core_id FROM core.customer WHERE given_name = 'Ann'")
    pin(company, "customer", str(ann), "status", "nonsense", by="Mia", why="a slip", until=None)
    result = sync(company, fleeting)
    assert not result.success
    assert "core/customer:customer_status_one_of" in failed_checks(result)
    done = materialized(result)
    assert not {key for key in done if key.startswith(("plan/", "push/"))} | ({"core/customer"} & done)
    assert {"core/appointment", "core/assignment", "report/summary"} <= done
    with open_snapshot(company.snapshot) as warehouse:
        assert warehouse.value("SELECT count(*) FROM core.customer WHERE status = 'nonsense'") == 0

    alone = sync(company, fleeting, [keys.plan("b", "customer")])
    assert "not decided yet" in str(metadata(alone, keys.plan("b", "customer"))["hold"])


@pytest.mark.slow
def test_a_plan_that_was_looked_at_is_sent_later_as_it_was(
    company: Company, fleeting: dg.DagsterInstance, tmp_path: Path
) -> None:
    every = [s.key for s in build(company).resolve_all_asset_specs() if s.key.path[0] not in ("system", "push")]
    planned = sync(company, fleeting, every)
    assert set(notebooks.people(tmp_path, "b")) == {"b1"}
    sent = sync(company, fleeting, [keys.push("b", "customer")])
    assert sent.success
    pushed = metadata(sent, keys.push("b", "customer"))
    assert pushed["plan"] == metadata(planned, keys.plan("b", "customer"))["plan"]
    assert (pushed["planned"], pushed["delivered"]) == (2, 2)
    assert len(notebooks.people(tmp_path, "b")) == 2
    again = sync(company, fleeting, [keys.push("b", "customer")])
    assert metadata(again, keys.push("b", "customer"))["dagster/row_count"] == 0
