"""The sandbox as one ASGI application: each twin under its name, the admin surface under ``/_sandbox``."""

from __future__ import annotations

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.routing import Mount, Router

from sandbox import admin
from sandbox.clock import Clock
from sandbox.discovery import twins
from sandbox.estate import Estate, Served, found
from sandbox.guard import guarded

DEFAULT_URL = "http://127.0.0.1:8700"


def build_app(
    seed: int = 1,
    clock: Clock | None = None,
    only: Sequence[str] | None = None,
    base_url: str = DEFAULT_URL,
    headroom: int = 1,
) -> Starlette:
    """The application, its stores already filled from the company of ``seed``.

    ``clock`` starts at the company's now unless given; ``only`` names the twins to serve (default: all there are);
    ``base_url`` is where the application will answer, for links that twins put into their answers;
    ``headroom`` is how many times the published limits each account has.
    The ``Estate`` behind it is at ``app.state.estate``.
    """
    return assemble(found(twins(only), seed=seed, clock=clock, base_url=base_url, headroom=headroom))


def assemble(estate: Estate) -> Starlette:
    """The application of an estate that is already founded."""
    mounts = [_mount(estate, name, served) for name, served in estate.served.items()]
    app = Starlette(routes=[Mount("/_sandbox", routes=admin.routes(estate)), *mounts])
    app.state.estate = estate
    return app


def _mount(estate: Estate, name: str, served: Served) -> Mount:
    """Unknown paths are answered inside the guard, so that they too are in the log."""
    router = Router(routes=list(served.twin.routes(served.store)), redirect_slashes=False)
    return Mount(f"/{name}", app=guarded(ExceptionMiddleware(router), served.twin, served.store, estate.traffic))
