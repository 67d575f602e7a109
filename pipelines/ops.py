"""What the ops of all asset definitions share: how an asset is said, what runs first, results that were asked for."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import dagster as dg

from pipelines import keys
from pipelines.automation import condition
from pipelines.presentation import Look

WAREHOUSE, LAKE = "warehouse", "lake"
Results = Iterator[dg.MaterializeResult[Any] | dg.AssetCheckResult | dg.Output[Any]]


def spec(key: dg.AssetKey, look: Look, deps: Sequence[dg.AssetKey], **more: Any) -> dg.AssetSpec:
    """An asset as people see it, with what it waits for."""
    return dg.AssetSpec(
        key,
        description=look.description,
        metadata=look.metadata,
        code_version=look.version,
        deps=list(dict.fromkeys(deps)),
        automation_condition=condition(key.path[0]),
        **more,
    )


def kind(name: str) -> str:
    """A system's name as Dagster takes kinds."""
    return keys.plain(name).lower()[:30]


def teams(names: Sequence[str]) -> list[str]:
    """Owners as Dagster takes them: ``team:`` and a name."""
    return [f"team:{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}" for name in names]


def priority(number: int) -> dict[str, str]:
    """Of steps that may run, the one with the highest number does first."""
    return {"dagster/priority": str(number)}


def say(context: dg.AssetExecutionContext) -> Callable[[str, str], None]:
    """Progress as lines of the run's log."""
    return lambda stage, text: context.log.info("%s: %s", stage, text)


def asked(context: dg.AssetExecutionContext, results: Iterable[dg.AssetCheckResult]) -> Results:
    """The results of the checks that were asked for."""
    chosen = {(key.asset_key, key.name) for key in context.selected_asset_check_keys}
    for one in results:
        if (one.asset_key, one.check_name) in chosen:
            yield one
