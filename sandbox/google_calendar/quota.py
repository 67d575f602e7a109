"""The per-minute quotas and the scopes that a token needs (facts sections "Limits and errors", "Base")."""

from __future__ import annotations

from collections import deque
from datetime import datetime, timedelta

from sandbox.google_calendar.dialect import CalendarError, Caller
from sandbox.store import Store

PER_PROJECT = 10_000
PER_USER = 600
_WINDOW = timedelta(minutes=1)
_AUTH = "https://www.googleapis.com/auth/"


def spend(store: Store, caller: Caller, quota_user: str | None) -> None:
    """Count one call in the sliding minute; 403 when the user's or the project's share is used up.

    ``store.bag["per_user"]`` and ``store.bag["per_project"]`` stand for a project that was given more.
    """
    with store.lock:
        now = store.clock.now()
        payer = quota_user or caller.email
        user_calls = _recent(store, f"calls:{payer}", now)
        project_calls = _recent(store, "calls of the project", now)
        if len(user_calls) >= store.bag.get("per_user", PER_USER * store.headroom):
            raise CalendarError(403, "userRateLimitExceeded", "User Rate Limit Exceeded", domain="usageLimits")
        if len(project_calls) >= store.bag.get("per_project", PER_PROJECT * store.headroom):
            raise CalendarError(403, "rateLimitExceeded", "Rate Limit Exceeded", domain="usageLimits")
        user_calls.append(now)
        project_calls.append(now)


def _recent(store: Store, name: str, now: datetime) -> deque[datetime]:
    calls: deque[datetime] = store.bag.setdefault(name, deque())
    while calls and calls[0] <= now - _WINDOW:
        calls.popleft()
    return calls


def check_scope(caller: Caller, allowed: tuple[str, ...]) -> None:
    """403 unless the token carries one of the scopes that the vendor's description lists for this method."""
    if not any(_AUTH + scope in caller.scopes for scope in allowed):
        raise CalendarError(403, "insufficientPermissions", "Request had insufficient authentication scopes.")
