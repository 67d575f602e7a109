"""``$batch``: up to twenty calls in one, some after others (facts: Batch)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from sandbox.microsoft_graph.dialect import Answer, Asked, Failure, bad, failed
from sandbox.microsoft_graph.limits import AT_ONCE, throttled
from sandbox.store import Store
from sandbox.twin import Record

MOST = 20
Perform = Callable[[Store, Asked], Answer]


def batch(store: Store, asked: Asked, perform: Perform) -> Answer:
    """Every call's answer under its id; the whole is 200 whatever became of them."""
    requests = _requests(asked)
    answers: dict[str, Answer] = {}
    started: Counter[tuple[int, str]] = Counter()
    depth: dict[str, int] = {}
    for one in requests:
        before = [str(id) for id in one.get("dependsOn") or ()]
        depth[one["id"]] = 1 + max((depth[id] for id in before), default=0)
        lane = (depth[one["id"]], _mailbox(one["url"]))
        started[lane] += 1
        answers[one["id"]] = _answered(store, asked, one, [answers[id] for id in before], started[lane], perform)
    return Answer(body={"responses": [_response(id, answer) for id, answer in answers.items()]})


def _requests(asked: Asked) -> list[Record]:
    """The calls of the body. Raises Failure 400 for too many, and for a call that cannot be told."""
    try:
        requests = json.loads(asked.body)["requests"]
        ids = [one["id"] for one in requests]
        urls = [one["method"] + one["url"] for one in requests]
    except (ValueError, KeyError, TypeError) as problem:
        raise bad("Invalid batch payload format.") from problem
    if not 1 <= len(urls) <= MOST:
        raise bad(f"Number of batch request steps exceeds the maximum value of {MOST}.", "MaximumValueExceeded")
    known: set[str] = set()
    for one in requests:
        if not isinstance(one["id"], str) or one["id"] in known or not set(one.get("dependsOn") or ()) <= known:
            raise bad(f"Invalid batch: id {one['id']!r} or what it depends on.")
        known.add(one["id"])
    assert len(known) == len(ids)  # noqa: S101 - each was new
    return list(requests)


def _mailbox(url: str) -> str:
    """Whose mailbox a call goes to; the directory counts for nobody."""
    parts = url.strip("/").split("?")[0].split("/")
    return parts[1] if len(parts) > 2 and parts[0] == "users" else ""


def _answered(store: Store, outer: Asked, one: Record, before: list[Answer], running: int, perform: Perform) -> Answer:
    now = store.clock.now()
    if any(answer.status >= 400 for answer in before):
        return failed(Failure(status=424, code="FailedDependency", message="The request depends on one that failed."),
                      now)  # fmt: skip
    if running > AT_ONCE and _mailbox(one["url"]):
        return failed(throttled("Application is over its MailboxConcurrency limit.", 1), now)
    url = urlsplit(one["url"])
    headers = {name.lower(): str(value) for name, value in (one.get("headers") or {}).items()}
    headers.setdefault("authorization", outer.headers.get("authorization", ""))
    body = json.dumps(one["body"]).encode() if one.get("body") is not None else b""
    if body and "content-type" not in headers:
        return failed(bad("Write request with a body must contain a Content-Type header."), now)
    path = "/" + unquote(url.path).strip("/")
    return perform(store, Asked(method=one["method"].upper(), path=path, query=url.query, headers=headers, body=body))


def _response(id: str, answer: Answer) -> Mapping[str, Any]:
    shown = {"Content-Type": "application/json"} if answer.body is not None else {}
    body = {"body": answer.body} if answer.body is not None else {}
    return {"id": id, "status": answer.status, "headers": {**shown, **answer.headers}, **body}
