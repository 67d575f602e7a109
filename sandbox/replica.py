"""A copy of a twin that stopped following: what lists show while the fault ``stale_reads`` is on."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.routing import Router
from starlette.types import ASGIApp

from sandbox.store import Store
from sandbox.twin import Twin

KIND = "stale_reads"


@dataclass(slots=True)
class Replica:
    """The copy is made by the first call that the fault hits, and given up once no such fault is on."""

    twin: Twin
    store: Store
    app: ASGIApp | None = None

    def behind(self, method: str, path: str) -> ASGIApp | None:
        """The copy's routes when the fault hits the call, None when it does not."""
        if not any(fault.kind == KIND for fault in self.store.faults.in_force()):
            self.app = None
        elif self.store.faults.take(KIND, method, path) is not None:
            self.app = self.app or frozen(self.twin, self.store)
            return self.app
        return None


def frozen(twin: Twin, store: Store) -> ASGIApp:
    """The twin's routes over its records as they are now; who signed in stays signed in on both."""
    router = Router(routes=list(twin.routes(store.copied(twin.sessions))), redirect_slashes=False)
    return ExceptionMiddleware(router)
