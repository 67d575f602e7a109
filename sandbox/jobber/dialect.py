"""How the API phrases what it declines: HTTP refusals, GraphQL errors, throttling, versions (facts, "Errors")."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    Node,
    OperationDefinitionNode,
    VariableDefinitionNode,
    Visitor,
    print_ast,
    visit,
)
from starlette.responses import JSONResponse, PlainTextResponse, Response

from sandbox.twin import Refusal

# The versions that the vendor serves today, oldest first; a removed one is answered as the oldest.
VERSIONS = ("2025-01-20", "2025-04-16")
_LIMITS_PAGE = "https://developer.getjobber.com/docs/using_jobbers_api/api_rate_limits"


def served_version(header: str | None) -> str | None:
    """The version that answers a request, or None when the header is missing or names none that ever was."""
    try:
        asked = date.fromisoformat(header or "").isoformat()
    except ValueError:
        return None
    if asked > VERSIONS[-1]:
        return None
    return next(version for version in VERSIONS if version >= asked)


def versioning(version: str) -> dict[str, str]:
    return {"version": version}


def refused(refusal: Refusal) -> Response:
    """A refusal that the sandbox asks for; only a rate limit carries ``Retry-After``, and only when told to."""
    headers = {} if refusal.retry_after is None else {"Retry-After": f"{refusal.retry_after:g}"}
    if refusal.kind == "rate_limit":
        return PlainTextResponse("Too Many Requests", refusal.status, headers)
    if refusal.kind in ("not_found", "gone"):
        return JSONResponse({"message": "Not found"}, refusal.status, headers)
    if refusal.kind == "server_error":
        return JSONResponse({"message": "Service temporarily unavailable"}, refusal.status, headers)
    if refusal.kind == "unauthorized":
        return unauthorized("Access token expired", refusal.status)
    disconnected = "User has disconnected this app from their account. Please delete this token"
    return unauthorized(disconnected, refusal.status)


def too_many_requests() -> Response:
    return PlainTextResponse("Too Many Requests", 429)


def unauthorized(message: str, status: int = 401) -> Response:
    return JSONResponse({"message": message}, status)


def bad_request(message: str) -> Response:
    return JSONResponse({"errors": [{"message": message}]}, 400)


def throttled() -> dict[str, Any]:
    return {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": _LIMITS_PAGE}}]}


def syntax_error(error: GraphQLError) -> dict[str, Any]:
    return {"message": error.message, "locations": _places(error), "extensions": {"code": "syntaxError"}}


def invalid(error: GraphQLError, document: DocumentNode) -> dict[str, Any]:
    """A document that does not fit the schema."""
    found = {"message": error.message, "locations": _places(error), "path": _path(document, error.nodes or ())}
    unknown = re.match(r"Cannot query field '(\w+)' on type '(\w+)'", error.message)
    if unknown is None:
        return {**found, "extensions": {"code": _CODES.get(_kind(error.nodes), "invalidDocument")}}
    field, kind = unknown.groups()
    code = {"code": "undefinedField", "typeName": kind, "fieldName": field}
    return {**found, "message": f"Field '{field}' doesn't exist on type '{kind}'", "extensions": code}


def bad_variable(error: GraphQLError, variables: Mapping[str, Any]) -> dict[str, Any]:
    """A variable whose value its type does not take."""
    node = next((node for node in error.nodes or () if isinstance(node, VariableDefinitionNode)), None)
    if node is None:
        return {"message": error.message, "locations": _places(error)}
    name = node.variable.name.value
    at = re.search(rf"at '{name}([^']*)'", error.message)
    path = [int(part) if part.isdigit() else part for part in re.findall(r"\w+", at.group(1))] if at else []
    why = error.message.partition("; ")[2] or "Expected value to not be null"
    problem = {"path": path, "explanation": why, "message": why}
    return {
        "message": f"Variable ${name} of type {print_ast(node.type)} was provided invalid value",
        "locations": _places(error),
        "extensions": {"value": variables.get(name), "problems": [problem]},
    }


def failed(error: GraphQLError) -> dict[str, Any]:
    """An error while a field was answered."""
    found: dict[str, Any] = {"message": error.message, "locations": _places(error), "path": list(error.path or ())}
    return {**found, "extensions": error.extensions} if error.extensions else found


# What the reference server calls the offence, by the kind of the first offending node.
_CODES = {
    "argument": "argumentNotAccepted",
    "object_field": "argumentNotAccepted",
    "variable": "variableMismatch",
    "variable_definition": "variableNotUsed",
    "field": "selectionMismatch",
    "fragment_spread": "useAndDefineFragment",
}


def _kind(nodes: Sequence[Node] | None) -> str:
    return nodes[0].kind if nodes else ""


def _places(error: GraphQLError) -> list[dict[str, int]]:
    return [{"line": place.line, "column": place.column} for place in error.locations or ()]


def _path(document: DocumentNode, nodes: Sequence[Node]) -> list[str]:
    """The response keys that lead to the first offending node, from the operation on."""
    finder = _Finder(nodes[0] if nodes else None)
    visit(document, finder)
    return finder.path


class _Finder(Visitor):
    """Walks a document until it meets one node, and remembers the way there."""

    def __init__(self, sought: Node | None) -> None:
        super().__init__()
        self.sought = sought
        self.path: list[str] = []

    def enter(self, node: Node, *way: Any) -> Any:
        if node is not self.sought:
            return self.IDLE
        self.path = [step for one in (*way[-1], node) for step in _step(one)]
        return self.BREAK


def _step(node: Any) -> list[str]:
    if isinstance(node, OperationDefinitionNode):
        return [f"{node.operation.value} {node.name.value}" if node.name else node.operation.value]
    if isinstance(node, FieldNode):
        return [node.alias.value if node.alias else node.name.value]
    return []
