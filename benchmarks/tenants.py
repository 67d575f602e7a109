"""``python -m benchmarks.tenants``: companies side by side in one process, each with a canary that no other may meet.

They have the same connector, share one vault and the meters of quotas, renew their tokens again and again, and read
and write from many threads at once. Counted are canaries where they do not belong: in a request to another company's
system, in an answer to another company's call, and secrets in the log. Exit status 1 when one is counted.

``--runs N``  calls, mixed at random over the companies (default 10000); ``--companies N`` (default 5); ``--seed N``
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs

import httpx

from connectors.gateway import Gateway, open_api
from connectors.quota import Meters
from connectors.spec import Connector, Limit, Quota, RefreshToken
from connectors.vault import FileVault

THREADS = 8
LIFE = 120  # calls for which an access token is good
CONNECTOR = Connector(
    name="office",
    title="Office",
    roles=("crm",),
    docs="https://office.example",
    base_url="https://office.example",
    auth=RefreshToken(token_url="/oauth/token", rotates=True),  # noqa: S106 - an address
    quota=Quota(limits=(Limit(calls=100_000, seconds=1),), concurrency=THREADS),
)


@dataclass(slots=True, kw_only=True)
class Tenant:
    """One company and its system, which keeps what it was sent and renews its tokens after some calls."""

    name: str
    seen: list[str] = field(default_factory=list)
    generation: int = 0
    left: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def canary(self) -> str:
        return f"canary-{self.name}-secret"

    def answer(self, request: httpx.Request) -> httpx.Response:
        with self.lock:
            headers = [value for name, value in request.headers.items() if name != "host"]
            self.seen.append(" ".join([str(request.url), request.content.decode(), *headers]))
            if request.url.path.endswith("/token"):
                return self._token(parse_qs(request.content.decode())["refresh_token"][0])
            if request.headers.get("authorization") != f"Bearer {self.canary}-{self.generation}" or not self.left:
                return httpx.Response(401, json={"message": "expired"})
            self.left -= 1
            return httpx.Response(200, json={"company": self.canary})

    def _token(self, shown: str) -> httpx.Response:
        if shown != f"{self.canary}-refresh-{self.generation}":
            return httpx.Response(400, json={"error": "invalid_grant"})
        self.generation, self.left = self.generation + 1, LIFE
        fresh = {"access_token": f"{self.canary}-{self.generation}"}
        return httpx.Response(200, json=fresh | {"refresh_token": f"{self.canary}-refresh-{self.generation}"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Of so many calls: canaries that went or came to another company, and secrets that were logged."""

    runs: int
    sent: int
    received: int
    logged: int
    renewals: int

    @property
    def clean(self) -> bool:
        return not (self.sent or self.received or self.logged)


def mixed(runs: int, *, companies: int = 5, seed: int = 1) -> Count:
    """So many reads and writes of companies picked at random, from threads at once."""
    tenants = [Tenant(name=f"t{n}") for n in range(companies)]
    chosen = random.Random(seed).choices(tenants, k=runs)
    with (
        tempfile.TemporaryDirectory() as folder,
        _opened(tenants, Path(folder)) as apis,
        _listening() as said,
        ThreadPoolExecutor(THREADS) as pool,
    ):
        answers = list(pool.map(lambda one: _called(apis[one.name], one), chosen))
    return Count(
        runs=runs,
        sent=sum(_foreign(text, tenant, tenants) for tenant in tenants for text in tenant.seen),
        received=sum(answer != tenant.canary for tenant, answer in zip(chosen, answers, strict=True)),
        logged=sum("canary" in line for line in said),
        renewals=sum(tenant.generation for tenant in tenants),
    )


def _foreign(text: str, own: Tenant, tenants: Sequence[Tenant]) -> int:
    return sum(f"canary-{other.name}-" in text for other in tenants if other is not own)


def _called(api: Gateway, tenant: Tenant) -> str:
    """A read or a write by turns; what the answer says whose it is."""
    if len(tenant.seen) % 2:
        return str(api.request("GET", "/jobs").json()["company"])
    return str(api.request("POST", "/jobs", json={"note": tenant.canary}, repeatable=True).json()["company"])


@contextmanager
def _opened(tenants: Sequence[Tenant], folder: Path) -> Iterator[dict[str, Gateway]]:
    """A way in for each company. They share meters and a vault, which have to tell them apart."""
    meters, vault = Meters(), FileVault(folder / "tokens")
    with ExitStack() as stack:
        yield {
            one.name: stack.enter_context(
                open_api(
                    CONNECTOR,
                    credentials={
                        "client_id": "app",
                        "client_secret": one.canary,
                        "refresh_token": f"{one.canary}-refresh-0",
                    },
                    base_url=f"https://{one.name}.example",
                    vault=vault,
                    transport=httpx.MockTransport(one.answer),
                    meters=meters,
                )
            )
            for one in tenants
        }


class _Notes(logging.Handler):
    """Keeps every line that is logged."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.said.append(record.getMessage())


@contextmanager
def _listening() -> Iterator[list[str]]:
    """What the connectors' logger says meanwhile."""
    notes, logger = _Notes(), logging.getLogger("connectors")
    level = logger.level
    logger.addHandler(notes)
    logger.setLevel(logging.DEBUG)
    try:
        yield notes.said
    finally:
        logger.removeHandler(notes)
        logger.setLevel(level)


def main() -> int:
    """Mix, count, say."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tenants")
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--companies", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    count = mixed(asked.runs, companies=asked.companies, seed=asked.seed)
    print(count)
    return 0 if count.clean else 1


if __name__ == "__main__":
    sys.exit(main())
