"""Swagger 2 documents in the words of OpenAPI 3, as far as Slack's description needs it.

Slack takes every argument as a form or as JSON; the description knows only the form, where nested values are JSON in a
string. So a JSON body is held to the names of the arguments and not to their types.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

Node = Mapping[str, Any]
FORM = "application/x-www-form-urlencoded"
SCHEMA_WORDS = frozenset({"type", "enum", "format", "items", "minimum", "maximum", "pattern", "maxLength", "minLength"})


def modernised(document: dict[str, Any]) -> dict[str, Any]:
    """The document as OpenAPI 3; any other document is given back as it is."""
    if document.get("swagger") != "2.0":
        return document
    moved = json.loads(json.dumps(document).replace('"#/definitions/', '"#/components/schemas/'))
    return {
        "openapi": "3.0.3",
        "servers": [{"url": f"https://{document.get('host', '')}{document.get('basePath', '')}"}],
        "paths": {
            path: {method: _operation(node) for method, node in _posted(item).items()}
            for path, item in moved["paths"].items()
        },
        "components": {"schemas": moved.get("definitions", {})},
    }


def _posted(item: Node) -> dict[str, Any]:
    """A method that is described as a GET is taken as a POST too (vendors/slack/facts.md, "Base")."""
    if "post" in item or "get" not in item:
        return dict(item)
    fields = [{**one, "in": "formData"} if one["in"] == "query" else one for one in item["get"].get("parameters", ())]
    return {**item, "post": {**item["get"], "parameters": fields}}


def _operation(node: Node) -> dict[str, Any]:
    parameters = node.get("parameters", ())
    fields = [one for one in parameters if one["in"] == "formData"]
    result: dict[str, Any] = {
        "parameters": [_parameter(one) for one in parameters if one["in"] in ("query", "path")],
        "responses": {status: _answer(answer) for status, answer in node.get("responses", {}).items()},
    }
    if fields:
        result["requestBody"] = {"content": {FORM: {"schema": _fields(fields, typed=True)},
                                             "application/json": {"schema": _fields(fields, typed=False)}}}  # fmt: skip
    return result


def _parameter(node: Node) -> dict[str, Any]:
    """The token is left to the Authorization header (vendors/slack/facts.md, "Base"), so it is never required here."""
    required = bool(node.get("required")) and node["name"] != "token"
    return {"name": node["name"], "in": node["in"], "required": required, "schema": _schema(node)}


def _schema(node: Node) -> dict[str, Any]:
    return {word: value for word, value in node.items() if word in SCHEMA_WORDS}


def _fields(fields: list[Node], *, typed: bool) -> dict[str, Any]:
    members = {one["name"]: _schema(one) if typed else {} for one in fields}
    members.setdefault("token", {"type": "string"} if typed else {})
    required = [one["name"] for one in fields if one.get("required") and one["name"] != "token"]
    return {"type": "object", "properties": members, "required": required}


def _answer(node: Node) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": node["schema"]}}} if "schema" in node else {}
