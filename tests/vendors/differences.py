"""How an exception to a vendor's description is written down, and builders for the shapes that recur in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Node = Mapping[str, Any]
STRING: Node = {"type": "string"}
INTEGER: Node = {"type": "integer"}
MAYBE_STRING: Node = {"type": "string", "nullable": True}


@dataclass(frozen=True, slots=True, kw_only=True)
class Patch:
    """A change of the description before it is used: the node ``at`` these steps becomes ``value``.

    ``document`` names the file that it concerns where that is not the first.
    """

    at: Sequence[str | int]
    value: Any
    source: str
    document: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtraPath:
    """A path that the description leaves out, written as an OpenAPI path item; absolute, server path included."""

    path: str
    item: Node
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Differences:
    """How to read one system's description.

    ``kind`` is ``openapi``, ``discovery``, ``graphql`` or ``webdav``; ``documents`` are files of the vendor's folder;
    ``servers`` replace the described server paths. ``extra_answers`` are schemas by status that any operation may
    answer with besides the described ones (None: any body). ``aliases`` are second spellings of described paths.
    ``open_sides`` (``request``, ``answer``) are those on which the description is known to leave out members;
    ``free_members`` and ``free_query`` are patterns of names that are never unknown. ``unset`` says that any member may
    be null, which the description says of none. ``batch`` is the path whose bodies hold calls and their answers:
    multipart, or JSON.
    """

    kind: str = "openapi"
    documents: Sequence[str] = ("openapi.json",)
    patches: Sequence[Patch] = ()
    extra_paths: Sequence[ExtraPath] = ()
    extra_answers: Mapping[int, Any] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)
    servers: Sequence[str] = ()
    open_sides: frozenset[str] = frozenset()
    free_members: str = ""
    unset: bool = False
    free_query: str = ""
    batch: str = ""


def record(required: Mapping[str, Any], optional: Mapping[str, Any] | None = None) -> Node:
    """A closed object with these members."""
    return {"type": "object", "properties": {**required, **(optional or {})}, "required": list(required)}


def json_content(schema: Node) -> Node:
    """An OpenAPI answer or body that is JSON of this schema."""
    return {"content": {"application/json": {"schema": schema}}}


OAUTH_REFUSAL = record({"error": STRING}, {"error_description": STRING, "error_uri": STRING})
"""RFC 6749, section 5.2."""


def token_item(form: Node, answer: Node, refusal: Node = OAUTH_REFUSAL) -> dict[str, Any]:
    """A token endpoint: a form is posted; 200 is a token, 400 and 401 are refusals."""
    body = {"required": True, "content": {"application/x-www-form-urlencoded": {"schema": form}}}
    refused = json_content(refusal)
    return {"post": {"requestBody": body, "responses": {"200": json_content(answer), "400": refused, "401": refused}}}


def component(name: str, *steps: str) -> tuple[str, ...]:
    """The steps to a member of a component schema, for a patch."""
    return ("components", "schemas", name, *steps)
