"""A batch of Microsoft Graph taken apart: calls and answers as JSON, matched by their ids (facts.md, Batch)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from tests.vendors.exchange import Exchange, headers_of, query_of

MOST_CALLS = 20
_CALL = {"id", "method", "url", "headers", "body", "dependsOn"}
_ANSWER = {"id", "status", "headers", "body"}


def parts(exchange: Exchange) -> tuple[list[Exchange], list[str]]:
    """The calls inside a batch with their answers, and what is wrong with the envelope."""
    calls = json.loads(exchange.request_body)["requests"]
    problems = [f"request: unknown member {name!r} of a call" for one in calls for name in one.keys() - _CALL]
    if not 1 <= len(calls) <= MOST_CALLS:
        problems.append(f"request: {len(calls)} calls in a batch; at most {MOST_CALLS}")
    if exchange.status != 200:
        return [], problems
    answers = {one["id"]: one for one in json.loads(exchange.response_body)["responses"]}
    problems += [f"answer: unknown member {name!r}" for one in answers.values() for name in one.keys() - _ANSWER]
    problems += [f"answer: none for call {one['id']!r}" for one in calls if one["id"] not in answers]
    # what depends on a call that failed is not done, and nothing of the description is in its answer
    done = [one for one in calls if answers.get(one["id"], {}).get("status") not in (None, 424)]
    return [_call(exchange, one, answers[one["id"]]) for one in done], problems


def _call(whole: Exchange, call: Mapping[str, Any], answer: Mapping[str, Any]) -> Exchange:
    url, version = urlsplit(call["url"]), whole.path.rpartition("/")[0]
    return Exchange(
        system=whole.system,
        method=call["method"],
        path=f"{version}/{url.path.lstrip('/')}",
        query=query_of(url.query),
        request_headers=headers_of((call.get("headers") or {}).items()),
        request_body=json.dumps(call["body"]).encode() if "body" in call else b"",
        status=answer["status"],
        response_headers=headers_of((answer.get("headers") or {}).items()),
        response_body=json.dumps(answer["body"]).encode() if "body" in answer else b"",
    )
