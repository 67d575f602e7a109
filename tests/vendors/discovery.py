"""Google's discovery documents read as OpenAPI, and the parts of a batch taken apart.

A discovery document names schemas by bare ``$ref``, writes numbers as strings, and says which members a request needs
on the member itself (``annotations.required`` lists method ids). All of it has a plain OpenAPI form.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from email.message import Message
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any
from urllib.parse import urlsplit

from tests.vendors.exchange import Exchange, headers_of, media_type, query_of
from tests.vendors.openapi import MERGE_PATCH, REPEATED

Node = Mapping[str, Any]

MOST_CALLS = 50
"""Calls that one batch may hold (vendors/google_calendar/facts.md, "Idempotency, markers, concurrency")."""


def as_openapi(document: Node, error: Node) -> dict[str, Any]:
    """One discovery document as OpenAPI 3; ``error`` is the schema of every failure."""
    paths: dict[str, dict[str, Any]] = {}
    for method in _methods(document):
        path = "/" + str(method.get("flatPath", method["path"]))
        paths.setdefault(path, {})[method["httpMethod"].lower()] = _operation(method, document, error)
    return {
        "servers": [{"url": document["baseUrl"]}],
        "paths": paths,
        "components": {
            "schemas": json.loads(json.dumps(document["schemas"]).replace('"$ref": "', f'"$ref": "{_PREFIX}'))
        },
    }


_PREFIX = "#/components/schemas/"


def _methods(resource: Node) -> Iterator[Node]:
    yield from resource.get("methods", {}).values()
    for inner in resource.get("resources", {}).values():
        yield from _methods(inner)


def _operation(method: Node, document: Node, error: Node) -> dict[str, Any]:
    named = {**document.get("parameters", {}), **method.get("parameters", {})}
    operation: dict[str, Any] = {"parameters": [_parameter(name, one) for name, one in named.items()]}
    if "request" in method:
        schema = _request_schema(method, document)
        patch = method["httpMethod"] == "PATCH"
        operation["requestBody"] = {"required": True, "content": _json(schema), MERGE_PATCH: patch}
    operation["responses"] = {**_success(method), "default": {"content": _json(error)}}
    return operation


def _json(schema: Node) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}


def _success(method: Node) -> dict[str, Any]:
    """A call without a described answer says 204; a read answers 304 to a matching If-None-Match."""
    if "response" not in method:
        return {"204": {}}
    described = {"200": {"content": _json({"$ref": _PREFIX + method["response"]["$ref"]})}}
    return {**described, "304": {}} if method["httpMethod"] == "GET" else described


def _parameter(name: str, node: Node) -> dict[str, Any]:
    schema = {key: node[key] for key in ("type", "enum", "format", "minimum", "maximum", "pattern") if key in node}
    repeated = bool(node.get("repeated"))
    return {
        "name": name,
        "in": node["location"],
        "required": bool(node.get("required")),
        "schema": {"type": "array", "items": schema} if repeated else schema,
        REPEATED: repeated,
    }


def _request_schema(method: Node, document: Node) -> dict[str, Any]:
    name = method["request"]["$ref"]
    members = document["schemas"][name].get("properties", {})
    required = [one for one, node in members.items() if method["id"] in node.get("annotations", {}).get("required", ())]
    return {"allOf": [{"$ref": _PREFIX + name}], "required": required}


def batch_parts(exchange: Exchange) -> tuple[list[Exchange], list[str]]:
    """The calls inside a ``multipart/mixed`` batch with their answers, and what is wrong with the envelope."""
    if exchange.status >= 400:
        return [], []
    calls = dict(_parts(exchange.request_header("content-type"), exchange.request_body))
    answers = dict(_parts(exchange.response_header("content-type"), exchange.response_body))
    problems = [f"answer: no part for call {name!r}" for name in calls if f"response-{name}" not in answers]
    if not calls:
        problems.append("request: a batch without any application/http part")
    if len(calls) > MOST_CALLS:
        problems.append(f"request: {len(calls)} calls in a batch; at most {MOST_CALLS}")
    inner = [_call(exchange.system, call, answers[f"response-{name}"]) for name, call in calls.items()
             if f"response-{name}" in answers]  # fmt: skip
    return inner, problems


def _parts(content_type: str | None, body: bytes) -> Iterator[tuple[str, bytes]]:
    """Content-ID without its angle brackets, and the HTTP message that the part carries."""
    if media_type(content_type) != "multipart/mixed":
        return
    whole = BytesParser(policy=HTTP).parsebytes(f"Content-Type: {content_type}\r\n\r\n".encode() + body)
    for part in whole.walk():
        if part.get_content_type() == "application/http":
            payload = part.get_payload(decode=True)
            yield str(part["Content-ID"] or "").strip().strip("<>"), payload if isinstance(payload, bytes) else b""


def _call(system: str, call: bytes, answer: bytes) -> Exchange:
    line, asked, sent = _http(call)
    method, _, rest = line.partition(" ")
    status_line, told, got = _http(answer)
    url = urlsplit(rest.partition(" ")[0])
    return Exchange(
        system=system,
        method=method,
        path=url.path.removeprefix(f"/{system}"),  # as served by the sandbox, below the twin's name
        query=query_of(url.query),
        request_headers=headers_of(asked.items()),
        request_body=sent,
        status=int(status_line.split(" ")[1]),
        response_headers=headers_of(told.items()),
        response_body=got,
    )


def _http(message: bytes) -> tuple[str, Message, bytes]:
    line, _, rest = message.lstrip(b"\r\n").replace(b"\r\n", b"\n").partition(b"\n")
    head, _, body = rest.partition(b"\n\n") if not rest.startswith(b"\n") else (b"", b"", rest[1:])
    return line.decode(), BytesParser(policy=HTTP).parsebytes(head + b"\n\n"), body.strip()
