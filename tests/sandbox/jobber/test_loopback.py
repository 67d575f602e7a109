"""Plain HTTP calls of a served twin: there is no client package of the vendor to drive it with."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from sandbox.jobber import TWIN
from tests.sandbox.jobber.conftest import Api


def test_a_connection_is_refreshed_and_reads_page_by_page(served: Api) -> None:
    keys = {key: TWIN.credentials[key] for key in ("client_id", "client_secret", "refresh_token")}
    got = served.client.request("POST", "/jobber/api/oauth/token", data={**keys, "grant_type": "refresh_token"}).json()
    served.headers["Authorization"] = f"Bearer {got['access_token']}"
    query = "query($c: String) { visits(first: 3, after: $c) { nodes { id } pageInfo { endCursor hasNextPage } } }"
    pages = [served.ask(query)["visits"]]
    while pages[-1]["pageInfo"]["hasNextPage"]:
        pages.append(served.ask(query, c=pages[-1]["pageInfo"]["endCursor"])["visits"])
    ids = [node["id"] for page in pages for node in page["nodes"]]
    assert ids == [visit["id"] for visit in served.store.all("visits")]


def test_writes_in_parallel_each_take_effect_once(served: Api) -> None:
    create = "mutation($n: String!) { clientCreate(input: {firstName: $n}) { client { id } userErrors { message } } }"

    def one(number: int) -> dict[str, Any]:
        return served.do(create, n=f"Client {number}")

    with ThreadPoolExecutor(8) as pool:
        ids = {payload["client"]["id"] for payload in pool.map(one, range(24))}
    assert len(ids) == 24
    assert len(served.store.all("clients")) == 2 + 24


def test_after_a_dropped_answer_the_write_stands(served: Api) -> None:
    served.fault("dropped_answer", times=1)
    create = 'mutation { clientCreate(input: {firstName: "Lost"}) { client { id } userErrors { message } } }'
    with pytest.raises(httpx.RemoteProtocolError):
        served.post(create)
    assert served.first("clients", firstName="Lost")
