"""The executable schema: our subset of the vendor's SDL, its scalars, and one resolver per field."""

# ruff: noqa: ARG005 - every field answers by one signature
from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from graphql import (
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    get_named_type,
)

from sandbox.jobber.derived import DERIVED
from sandbox.jobber.identity import COLLECTION_OF
from sandbox.jobber.mutations import MUTATIONS
from sandbox.jobber.paging import LONGER, PAGE, page
from sandbox.jobber.reading import NESTED, QUERIES
from sandbox.jobber.scalars import SCALARS
from sandbox.jobber.view import Context

Answer = Callable[[dict[str, Any], Context, dict[str, Any]], Any]


@cache
def schema() -> GraphQLSchema:
    """The schema with its resolvers; built once, it keeps no state (each request brings its Context)."""
    built = build_schema(Path(__file__).with_name("schema.graphql").read_text(encoding="utf-8"))
    for name, parse in SCALARS.items():
        scalar = built.type_map[name]
        if isinstance(scalar, GraphQLScalarType):
            scalar.parse_value = parse  # type: ignore[method-assign, assignment]
    for kind in built.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not kind.name.startswith("__"):
            _resolve_fields(kind)
    return built


def _resolve_fields(kind: GraphQLObjectType) -> None:
    for name, field in kind.fields.items():
        returned = get_named_type(field.type)
        answer = _answer_of(kind.name, name)
        field.resolve = _resolver(answer, returned.name)


def _answer_of(kind: str, name: str) -> Answer:
    if kind == "Query":
        return QUERIES[name]
    if kind == "Mutation":
        return MUTATIONS[name]
    return NESTED.get((kind, name)) or DERIVED.get((kind, name)) or (lambda source, context, args: source.get(name))


def _resolver(answer: Answer, returned: str) -> Callable[..., Any]:
    """A field's resolver: its answer, paged where it is a connection, references replaced by their records."""
    longest = LONGER.get(returned, PAGE)
    paged = returned.endswith("Connection")
    collection = COLLECTION_OF.get(_NODE_OF.get(returned, returned.removesuffix("Connection")))

    def resolve(source: dict[str, Any] | None, info: GraphQLResolveInfo, **args: Any) -> Any:
        value = answer(source or {}, info.context, args)
        if paged and value is not None:
            listed = value["nodes"] if isinstance(value, dict) else value
            return page(_present(listed, collection, info.context), args, longest)
        if isinstance(value, list):
            return _present(value, collection, info.context)
        return _expanded(value, collection, info.context)

    return resolve


# Abstract types and the record type behind them; the same records answer for both.
_NODE_OF = {"PaymentRecordInterfaceConnection": "PaymentRecord", "PaymentRecordInterface": "PaymentRecord"}
_NODE_OF |= {"ScheduledItemInterface": "Visit"}


def _expanded(value: Any, collection: str | None, context: Context) -> Any:
    is_reference = collection is not None and isinstance(value, dict) and value.keys() == {"id"}
    return context.get(collection or "", value["id"]) if is_reference else value


def _present(values: list[Any], collection: str | None, context: Context) -> list[Any]:
    """References whose record was deleted meanwhile drop out."""
    expanded = (_expanded(value, collection, context) for value in values)
    return [value for value in expanded if value is not None]
