"""Exchanges against a GraphQL schema: the document, its variables, and the shape of the data that came back."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from functools import partial
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    get_named_type,
    is_abstract_type,
    is_enum_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    parse,
    validate,
)
from graphql.execution.collect_fields import collect_fields, collect_sub_fields
from graphql.execution.values import get_variable_values

from tests.vendors.exchange import Exchange, media_type
from tests.vendors.openapi import decoded_json
from tests.vendors.schemas import MOST_PROBLEMS

STATIC = frozenset(
    {
        "syntaxError", "parseError", "undefinedField", "undefinedType", "argumentNotAccepted", "selectionMismatch",
        "argumentLiteralsIncompatible", "missingRequiredArguments", "missingRequiredInputObjectAttribute",
        "variableMismatch", "variableNotDefined", "variableNotUsed", "useAndDefineFragment",
    }
)  # fmt: skip
"""Codes with which a server refuses a document by its schema alone: never right where the schema allows it."""

REQUEST_MEMBERS = frozenset({"query", "variables", "operationName", "extensions"})
ANSWER_MEMBERS = frozenset({"data", "errors", "extensions"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """How one vendor serves GraphQL.

    ``header`` must be sent and match ``header_form``; ``cost`` judges the answer's ``extensions`` and gives what is
    wrong; ``refusals`` are the statuses besides 200 that the vendor's facts name.
    """

    path: str
    header: str
    header_form: str
    cost: Callable[[Mapping[str, Any]], Sequence[str]]
    refusals: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Parsed:
    document: DocumentNode | None
    problems: Sequence[str]


@dataclass(slots=True, kw_only=True)
class GraphQL:
    """A schema, its endpoint, and the documents already parsed and validated (a connector sends few, often)."""

    schema: GraphQLSchema
    endpoint: Endpoint
    _documents: dict[str, _Parsed] = field(default_factory=dict)

    def knows(self, path: str) -> bool:
        """Whether this is the vendor's GraphQL address."""
        return path == self.endpoint.path

    def problems(self, exchange: Exchange) -> list[str]:
        """Everything wrong with the request, then with the answer; empty when both are valid."""
        if exchange.method != "POST":
            return [f"request: unknown method: {exchange.method} {exchange.path}"]
        sent, refusal = decoded_json(exchange.request_body)
        if refusal or not isinstance(sent, dict) or not isinstance(sent.get("query"), str):
            return [f"request: {refusal or 'a JSON object with a query is needed'}"]
        parsed = self._parsed(sent["query"])
        operation = _operation(parsed.document, sent.get("operationName"))
        variables: dict[str, Any] = {}
        problems = [*self._header_problems(exchange, sent), *parsed.problems]
        if parsed.document is not None and not parsed.problems:
            if operation is None:
                problems.append("request: operationName names no operation of the document")
            else:
                variables, wrong = self._variables(operation, sent.get("variables") or {})
                problems += wrong
        usable = operation if not parsed.problems else None
        return [*problems, *self._answer_problems(exchange, parsed.document, usable, variables)]

    def _header_problems(self, exchange: Exchange, sent: Mapping[str, Any]) -> Iterator[str]:
        if media_type(exchange.request_header("content-type")) != "application/json":
            yield "request: content type is not application/json"
        version = exchange.request_header(self.endpoint.header)
        if version is None or not re.fullmatch(self.endpoint.header_form, version):
            yield f"request: header {self.endpoint.header} is missing or malformed: {version!r}"
        for name, _ in exchange.query:
            yield f"request: unknown query parameter {name!r}"
        for name in sent.keys() - REQUEST_MEMBERS:
            yield f"request body: unknown member {name!r}"

    def _parsed(self, text: str) -> _Parsed:
        if text not in self._documents:
            try:
                document = parse(text)
            except GraphQLError as error:
                self._documents[text] = _Parsed(None, [f"request: {error.message}"])
            else:
                errors = validate(self.schema, document)
                self._documents[text] = _Parsed(document, [f"request: {error.message}" for error in errors])
        return self._documents[text]

    def _variables(self, operation: OperationDefinitionNode, given: Any) -> tuple[dict[str, Any], list[str]]:
        if not isinstance(given, dict):
            return {}, ["request: variables are not an object"]
        named = {one.variable.name.value for one in operation.variable_definitions}
        unknown = [f"request: unknown variable {name!r}" for name in given.keys() - named]
        result = get_variable_values(self.schema, operation.variable_definitions, given)
        if isinstance(result, list):
            return {}, [*unknown, *(f"request: {error.message}" for error in result)]
        return result, unknown

    def _answer_problems(
        self,
        exchange: Exchange,
        document: DocumentNode | None,
        operation: OperationDefinitionNode | None,
        variables: dict[str, Any],
    ) -> list[str]:
        if exchange.status != 200:
            known = exchange.status in self.endpoint.refusals
            return [] if known else [f"answer: unknown status {exchange.status}"]
        answer, refusal = decoded_json(exchange.response_body)
        if refusal or not isinstance(answer, dict):
            return [f"answer: {refusal or 'not a JSON object'}"]
        problems = [f"answer body: unknown member {name!r}" for name in answer.keys() - ANSWER_MEMBERS]
        problems += _error_problems(answer)
        if operation is not None:
            problems += [f"answer: refuses a valid document with {code}" for code in _codes(answer) if code in STATIC]
        if "data" in answer or "THROTTLED" in _codes(answer):
            problems += self.endpoint.cost(answer.get("extensions") or {})
        if answer.get("data") is not None and document is not None and operation is not None:
            shape = _Shape(self.schema, _fragments(document), variables)
            problems += shape.operation(operation, answer["data"])[:MOST_PROBLEMS]
        return problems


def _operation(document: DocumentNode | None, name: str | None) -> OperationDefinitionNode | None:
    definitions = document.definitions if document else ()
    operations = [one for one in definitions if isinstance(one, OperationDefinitionNode)]
    if name is None:
        return operations[0] if len(operations) == 1 else None
    return next((one for one in operations if one.name and one.name.value == name), None)


def _fragments(document: DocumentNode) -> dict[str, FragmentDefinitionNode]:
    return {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}


def _codes(answer: Mapping[str, Any]) -> list[str]:
    """The error codes of an answer (vendors/jobber/facts.md, "Errors")."""
    errors = answer.get("errors")
    listed = errors if isinstance(errors, list) else []
    found = (one.get("extensions", {}).get("code") for one in listed if isinstance(one, dict))
    return [code for code in found if isinstance(code, str)]


def _error_problems(answer: Mapping[str, Any]) -> Iterator[str]:
    """GraphQL specification, section 7.1: data or errors is there, errors is not empty, each has a message."""
    if "data" not in answer and "errors" not in answer:
        yield "answer body: neither data nor errors"
    errors = answer.get("errors", [{"message": ""}])
    if not isinstance(errors, list) or not errors:
        yield "answer body: errors must be a list that is not empty"
        return
    for number, error in enumerate(errors):
        if not isinstance(error, dict) or not isinstance(error.get("message"), str):
            yield f"answer body: errors[{number}] has no message"
        elif error.keys() - {"message", "locations", "path", "extensions"}:
            yield f"answer body: errors[{number}] has unknown members"


@dataclass(frozen=True, slots=True)
class _Shape:
    """Data against the selection that asked for it."""

    schema: GraphQLSchema
    fragments: dict[str, FragmentDefinitionNode]
    variables: dict[str, Any]

    def operation(self, operation: OperationDefinitionNode, data: Any) -> list[str]:
        root = self.schema.get_root_type(operation.operation)
        if root is None or not isinstance(data, dict):
            return ["answer data: not an object"]
        selected = collect_fields(self.schema, self.fragments, self.variables, root, operation.selection_set)
        return list(self._object(root, selected, data, "answer data"))

    def _object(
        self, kind: GraphQLObjectType, selected: Mapping[str, Sequence[FieldNode]], data: Mapping[str, Any], at: str
    ) -> Iterator[str]:
        for name in data.keys() - selected.keys():
            yield f"{at}: unknown member {name!r}, not in the selection"
        for name, nodes in selected.items():
            if name not in data:
                yield f"{at}: missing member {name!r}"
            elif nodes[0].name.value == "__typename":
                if data[name] != kind.name:
                    yield f"{at}.{name}: {data[name]!r} is not {kind.name}"
            else:
                inner = kind.fields[nodes[0].name.value].type
                yield from self._value(inner, nodes, data[name], f"{at}.{name}")

    def _value(self, kind: Any, nodes: Sequence[FieldNode], value: Any, at: str) -> Iterator[str]:
        if is_non_null_type(kind):
            if value is None:
                yield f"{at}: null, but the type is {kind}"
                return
            kind = kind.of_type
        if value is None:
            return
        if is_list_type(kind):
            yield from self._list(kind.of_type, nodes, value, at)
        elif is_leaf_type(kind):
            yield from _leaf(kind, value, at)
        elif not isinstance(value, dict):
            yield f"{at}: {value!r} is not an object"
        else:
            yield from self._composite(kind, nodes, value, at)

    def _list(self, kind: Any, nodes: Sequence[FieldNode], value: Any, at: str) -> Iterator[str]:
        if not isinstance(value, list):
            yield f"{at}: {value!r} is not a list"
            return
        for number, one in enumerate(value):
            yield from self._value(kind, nodes, one, f"{at}[{number}]")

    def _composite(self, kind: Any, nodes: Sequence[FieldNode], value: Mapping[str, Any], at: str) -> Iterator[str]:
        """An abstract type's value is judged as its ``__typename``, or as the possible type that it fits best."""
        candidates = list(self.schema.get_possible_types(kind)) if is_abstract_type(kind) else [kind]
        named = value.get("__typename")
        if named is not None and is_abstract_type(kind):
            candidates = [one for one in candidates if one.name == named]
        judged = [list(self._object(one, self._selected(one, nodes), value, at)) for one in candidates]
        yield from min(judged, key=len) if judged else [f"{at}: {named!r} is no possible type of {kind}"]

    def _selected(self, kind: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Mapping[str, Sequence[FieldNode]]:
        return collect_sub_fields(self.schema, self.fragments, self.variables, kind, list(nodes))


def _leaf(kind: Any, value: Any, at: str) -> Iterator[str]:
    if is_enum_type(kind):
        if value not in kind.values:
            yield f"{at}: {value!r} is not a value of enum {kind.name}"
    elif not _LEAVES.get(get_named_type(kind).name, _anything)(value):
        yield f"{at}: {value!r} is not of type {kind.name}"


def _anything(value: Any) -> bool:
    return value is not None


def _is_string(value: Any) -> bool:
    return isinstance(value, str)


def _is_int(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_float(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_iso(read: Callable[[str], Any], value: Any) -> bool:
    """An ISO 8601 text; an instant must say its offset."""
    try:
        found = read(value) if isinstance(value, str) else None
    except ValueError:
        return False
    return found is not None and not (isinstance(found, datetime) and found.tzinfo is None)


_LEAVES: Mapping[str, Callable[[Any], bool]] = {
    "String": _is_string,
    "ID": _is_string,
    "Int": _is_int,
    "Float": _is_float,
    "Boolean": lambda value: isinstance(value, bool),
    "EncodedId": lambda value: isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9+/_-]+={0,2}", value) is not None,
    "ISO8601DateTime": partial(_is_iso, datetime.fromisoformat),
    "ISO8601Date": partial(_is_iso, date.fromisoformat),
    "ISO8601Time": partial(_is_iso, time.fromisoformat),
    "Timezone": _is_string,
    "Url": _is_string,
    "Minutes": _is_int,
    "Seconds": _is_int,
}
"""Scalars by name; one that is not here may hold anything but null."""


def jobber_cost(extensions: Mapping[str, Any]) -> list[str]:
    """``extensions.cost`` of each Jobber answer (vendors/jobber/facts.md, "Pagination, cost limits")."""
    cost = extensions.get("cost")
    if not isinstance(cost, dict):
        return ["answer body: extensions.cost is missing"]
    throttle = cost.get("throttleStatus")
    numbers = {name: cost.get(name) for name in ("requestedQueryCost", "actualQueryCost")}
    names = ("maximumAvailable", "currentlyAvailable", "restoreRate")
    numbers |= {name: throttle.get(name) if isinstance(throttle, dict) else None for name in names}
    return [
        f"answer body: extensions.cost: {name} is {value!r}" for name, value in numbers.items() if not _is_float(value)
    ]


JOBBER = Endpoint(
    path="/api/graphql",
    header="x-jobber-graphql-version",
    header_form=r"20\d\d-\d\d-\d\d",
    cost=jobber_cost,
    refusals=frozenset({400, 401, 403, 429, 500, 502, 503, 504}),
)
"""vendors/jobber/facts.md, "Endpoint, auth" and "Errors"."""


ENDPOINTS: Mapping[str, Endpoint] = {"jobber": JOBBER}
