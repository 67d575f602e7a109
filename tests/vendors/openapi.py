"""Exchanges against an OpenAPI 3 description: path, method, parameters, both bodies, status."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlsplit

from tests.vendors import forms
from tests.vendors.differences import Differences, json_content
from tests.vendors.exchange import Exchange, media_type
from tests.vendors.schemas import Dialect, Library, Translation

Node = Mapping[str, Any]

METHODS = ("get", "put", "post", "delete", "patch", "head", "options")
GATEWAY = frozenset({502, 503, 504})
"""Statuses that something between the vendor and us answers with a body of its own, often HTML."""

FORM = "application/x-www-form-urlencoded"
REPEATED, MERGE_PATCH = "x-repeated", "x-merge-patch"
"""Marks of the conversions: a list written as repeated parameters only; a body in which null removes a member."""

SPARED_HEADERS = frozenset({"accept", "content-type", "authorization"})
"""OpenAPI 3.0, "Parameter Object": header parameters of these names are ignored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One method of one path; ``pattern`` matches a whole percent-encoded path and names its parameters by order."""

    method: str
    template: str
    pattern: re.Pattern[str]
    names: Sequence[str]
    parameters: Sequence[Node]
    body: Node | None
    answers: Mapping[str, Node]

    def __str__(self) -> str:
        return f"{self.method} {self.template}"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenApi:
    """A loaded description. ``extra_answers`` are schemas by status that any operation may answer with besides.

    A schema that is None allows any body. ``free_query`` is a pattern of query parameters that may always be sent.
    ``prefixes`` are the paths of the vendor's servers, which stand before the described paths.
    """

    operations: Sequence[Operation]
    prefixes: Sequence[str]
    requests: Library
    answers: Library
    extra_answers: Mapping[int, Any]
    free_query: str

    def knows(self, path: str) -> bool:
        """Whether any operation has this path."""
        return any(True for _ in self._at(path))

    def problems(self, exchange: Exchange) -> list[str]:
        """Everything that the description refuses in the request and in the answer; empty when valid."""
        found = next((pair for pair in self._at(exchange.path) if pair[0].method == exchange.method), None)
        if found is None:
            kind = "method" if self.knows(exchange.path) else "path"
            return [f"request: unknown {kind}: {exchange.method} {exchange.path}"]
        operation, values = found
        return [
            *self._parameter_problems(operation, values, exchange),
            *self._request_problems(operation, exchange),
            *self._answer_problems(operation, exchange),
        ]

    def _at(self, path: str) -> Iterator[tuple[Operation, dict[str, str]]]:
        path = canonical(path)
        bare = [path[len(prefix) :] for prefix in self.prefixes if path.startswith(f"{prefix}/")]
        for operation in self.operations:
            for rest in bare:
                match = operation.pattern.fullmatch(rest)
                if match:
                    values = (unquote(value) for value in match.groups())
                    yield operation, dict(zip(operation.names, values, strict=True))

    def _parameter_problems(self, operation: Operation, values: dict[str, str], exchange: Exchange) -> Iterator[str]:
        deep = any(one.get("style") == "deepObject" for one in operation.parameters)
        # a list may be sent as ``name[]`` and be described as ``name``
        query = exchange.query if deep else [(name.removesuffix("[]"), value) for name, value in exchange.query]
        given = {"path": values, "query": (forms.nested if deep else forms.grouped)(query)}
        given["header"] = {name: value for name, value in exchange.request_headers if name not in SPARED_HEADERS}
        for parameter in operation.parameters:
            yield from self._one_parameter(parameter, given.get(parameter["in"], {}))
        known = {one["name"].removesuffix("[]") for one in operation.parameters if one["in"] == "query"}
        for name in given["query"]:
            if name not in known and not re.fullmatch(self.free_query, name):
                yield f"request: unknown query parameter {name!r}"

    def _one_parameter(self, parameter: Node, given: Mapping[str, Any]) -> Iterator[str]:
        place = parameter["in"]
        if place not in ("path", "query", "header") or (
            place == "header" and parameter["name"].lower() in SPARED_HEADERS
        ):
            return
        name = parameter["name"].lower() if place == "header" else parameter["name"].removesuffix("[]")
        if name not in given:
            if parameter.get("required"):
                yield f"request: missing {place} parameter {parameter['name']!r}"
            return
        schema = parameter.get("schema", {})
        value = self._typed(given[name], schema, commas=not parameter.get(REPEATED))
        yield from self.requests.problems(schema, value, f"request: {place} parameter {name}")

    def _typed(self, value: Any, schema: Any, *, commas: bool = False) -> Any:
        return forms.typed(value, schema, self._resolved, self.requests.fits, commas=commas)

    def _resolved(self, schema: Any) -> dict[str, Any]:
        return self.requests.translation.merged(schema) if isinstance(schema, dict) else {}

    def _request_problems(self, operation: Operation, exchange: Exchange) -> list[str]:
        body = operation.body
        if not exchange.request_body:
            required = body is not None and body.get("required", False)
            return ["request: the body is missing"] if required else []
        if body is None:
            return ["request: a body where none is described"]
        kind = media_type(exchange.request_header("content-type"))
        content = _content(body.get("content", {}), kind)
        if content is None:
            return [f"request: content type {kind!r} is not one of {sorted(body.get('content', {}))}"]
        schema = content.get("schema", {})
        value, refusal = self._decoded(exchange.request_body, kind, schema)
        if refusal:
            return [f"request: {refusal}"]
        value = without_nulls(value) if body.get(MERGE_PATCH) else value
        return self.requests.problems(schema, value, "request body")

    def _decoded(self, body: bytes, kind: str, schema: Any) -> tuple[Any, str | None]:
        if kind == FORM:
            pairs = forms.parse(body)
            return self._typed(forms.nested(pairs), schema), None
        if kind.endswith("json"):
            return decoded_json(body)
        return body.decode("utf-8", "replace"), None

    def _answer_problems(self, operation: Operation, exchange: Exchange) -> list[str]:
        described = _answer(operation.answers, exchange.status)
        extra = self.extra_answers.get(exchange.status, _ABSENT)
        if described is None and extra is _ABSENT:
            return [] if exchange.status in GATEWAY else [f"answer: unknown status {exchange.status} of {operation}"]
        if extra is None or (extra is not _ABSENT and self._fits_extra(extra, exchange)):
            return []
        return self._answer_body(json_content(extra) if described is None else described, exchange)

    def _fits_extra(self, schema: Any, exchange: Exchange) -> bool:
        value, refusal = decoded_json(exchange.response_body)
        return refusal is None and self.answers.fits(schema, value)

    def _answer_body(self, described: Node, exchange: Exchange) -> list[str]:
        contents = described.get("content", {})
        if not exchange.response_body:
            empty = not contents or exchange.method == "HEAD" or exchange.status in (204, 304)
            return [] if empty else ["answer: the body is missing"]
        kind = media_type(exchange.response_header("content-type"))
        if not contents:
            return ["answer: a body where none is described"] if exchange.status in (204, 304) else []
        content = _content(contents, kind)
        if content is None:
            gateway = exchange.status in GATEWAY
            return [] if gateway else [f"answer: content type {kind!r} is not one of {sorted(contents)}"]
        if not kind.endswith("json"):
            return []
        value, refusal = decoded_json(exchange.response_body)
        if refusal:
            return [f"answer: {refusal}"]
        return self.answers.problems(content.get("schema", {}), value, "answer body")


_ABSENT = object()


def decoded_json(body: bytes) -> tuple[Any, str | None]:
    """The JSON value and None, or None and why it is none."""
    try:
        return json.loads(body), None
    except ValueError as error:
        return None, f"the body is not JSON ({error})"


def without_nulls(value: Any) -> Any:
    """A JSON merge patch without its removals: what is left must fit the schema of the record."""
    if isinstance(value, dict):
        return {name: without_nulls(one) for name, one in value.items() if one is not None}
    return value


def canonical(path: str) -> str:
    """One spelling of a percent-encoded path: only what must be encoded inside a segment stays encoded."""
    return "/".join(quote(unquote(segment), safe="()$@:,;=+!*'~-._ ") for segment in path.split("/"))


def _answer(answers: Mapping[str, Node], status: int) -> Node | None:
    """The described answer; ``default`` describes failures wherever a success is described by its own status."""
    exact = next((answers[name] for name in (str(status), f"{status // 100}XX") if name in answers), None)
    if exact is not None or "default" not in answers:
        return exact
    successes = any(name.startswith("2") for name in answers)
    return answers["default"] if status >= 400 or not successes else None


def _content(contents: Mapping[str, Node], kind: str) -> Node | None:
    by_kind = {media_type(name): value for name, value in contents.items()}
    wide = f"{kind.partition('/')[0]}/*"
    return next((by_kind[name] for name in (kind, wide, "*/*") if name in by_kind), None)


def build(document: Mapping[str, Any], differences: Differences, *, uri: str) -> OpenApi:
    """Read an OpenAPI 3.0/3.1 document; raises KeyError where it refers to what it does not hold."""
    operations = [one for path, item in document["paths"].items() for one in _operations(path, item, document)]
    return OpenApi(
        # of two that fit, the one that ends in a word: ``/things/{kind}/describe`` before ``/things/order/{id}``
        operations=sorted(operations, key=lambda one: (len(one.names), one.template.endswith("}"), -len(one.template))),
        prefixes=_prefixes(differences.servers or [server["url"] for server in document.get("servers", ())]),
        requests=_library(document, differences, "request", uri),
        answers=_library(document, differences, "answer", uri),
        extra_answers=differences.extra_answers,
        free_query=differences.free_query,
    )


def _library(document: Mapping[str, Any], differences: Differences, side: str, uri: str) -> Library:
    closed = side not in differences.open_sides
    dialect = Dialect(side=side, closed=closed, free=differences.free_members, unset=differences.unset)
    components = document.get("components", {}).get("schemas", {})
    return Library(translation=Translation(components=components, dialect=dialect), uri=f"{uri}:{side}")


def _prefixes(servers: Sequence[str]) -> list[str]:
    paths = [urlsplit(server).path.rstrip("/") for server in servers]
    return sorted({*paths} or {""}, key=len, reverse=True)


def _operations(path: str, item: Node, document: Node) -> Iterator[Operation]:
    shared = item.get("parameters", ())
    for method in METHODS:
        if method not in item:
            continue
        node = item[method]
        parameters = [_pointed(one, document) for one in (*shared, *node.get("parameters", ()))]
        pattern, names = path_pattern(path)
        yield Operation(
            method=method.upper(),
            template=path,
            pattern=pattern,
            names=names,
            # a second spelling of a path may leave one of its parameters out
            parameters=list(
                {
                    (one["name"], one["in"]): one for one in parameters if one["in"] != "path" or one["name"] in names
                }.values()
            ),
            body=_pointed(node["requestBody"], document) if "requestBody" in node else None,
            answers={status: _pointed(one, document) for status, one in node.get("responses", {}).items()},
        )


def path_pattern(template: str) -> tuple[re.Pattern[str], list[str]]:
    """``/a/{id}`` as a pattern for a percent-encoded path, and the names of its groups in order."""
    parts = re.split(r"\{\+?([^}]*)\}", template)
    pattern = "".join(re.escape(part) if number % 2 == 0 else "([^/]+)" for number, part in enumerate(parts))
    return re.compile(pattern), parts[1::2]


def _pointed(node: Any, document: Node) -> Any:
    """Follow a ``$ref`` to a parameter, body or answer."""
    while isinstance(node, dict) and "$ref" in node:
        target: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        node = target
    return node
