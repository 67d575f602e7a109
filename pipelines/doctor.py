"""Doctor: can each system be reached, which account is it, which environment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from models.errors import PlumblineError
from pipelines.company import Company, open_system


def examine(company: Company) -> list[dict[str, Any]]:
    """One row per system: status, account, environment, and what to do when it is not ok. All are asked at once."""
    with ThreadPoolExecutor(max(1, len(company.stack.systems))) as pool:
        return list(pool.map(lambda name: _one(company, name), company.stack.systems))


def _one(company: Company, name: str) -> dict[str, Any]:
    entry, connector = company.stack.systems[name], company.connectors[name]
    row = {
        "system": name,
        "connector": connector.title,
        "roles": ", ".join(entry.roles),
        "status": "ok",
        "account": None,
        "environment": entry.environment,
        "problem": None,
    }
    try:
        with open_system(company, name) as api:
            if connector.account is not None:
                account = connector.account(api)
                row |= {"account": f"{account.name} ({account.id})"}
            else:
                for resource in company.resources[name][:1]:
                    next(iter(resource.read(api, {})), None)
    except PlumblineError as problem:
        row |= {"status": "failed", "problem": str(problem)}
    return row
