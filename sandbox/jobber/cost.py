"""What a document costs by the vendor's rule (facts, "Pagination, cost limits"; its worked examples are tests here).

Every field costs 1, ``edges``, ``nodes`` and ``node`` nothing. A connection costs its page size times the fields asked
of a node, plus what is asked of the page itself (``pageInfo``, ``totalCount``); 100 stands in for a size not given.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLIncludeDirective,
    GraphQLSkipDirective,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableNode,
)
from graphql.execution.values import get_directive_values

from sandbox.jobber.paging import PAGE

_FREE = frozenset({"edges", "nodes", "node"})
_PAGED_BY = frozenset({"nodes", "edges"})
_ASKED: Any = object()


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A document with its variables: all that is needed to price one of its operations."""

    fragments: dict[str, FragmentDefinitionNode]
    variables: dict[str, Any]


def requested(document: DocumentNode, operation: OperationDefinitionNode, variables: dict[str, Any]) -> int:
    """What the operation may cost at most: full pages everywhere."""
    return _of_set(operation.selection_set, _priced(document, variables), _ASKED)


def actual(
    document: DocumentNode, operation: OperationDefinitionNode, variables: dict[str, Any], data: dict[str, Any] | None
) -> int:
    """What it did cost: as many nodes as came back."""
    return _of_set(operation.selection_set, _priced(document, variables), data)


def _priced(document: DocumentNode, variables: dict[str, Any]) -> Priced:
    fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
    return Priced(fragments=fragments, variables=variables)


def _of_set(selections: SelectionSetNode | None, priced: Priced, data: Any) -> int:
    if selections is None or data is None:
        return 0
    return sum(_of_field(field, priced, data) for field in _fields(selections, priced))


def _of_field(field: FieldNode, priced: Priced, data: Any) -> int:
    name = field.name.value
    key = field.alias.value if field.alias else name
    value = _ASKED if data is _ASKED else data.get(key)
    if _is_connection(field, priced):
        return _of_connection(field, priced, value)
    own = 0 if name in _FREE else 1
    # A list that does not page (a client's e-mail addresses) is priced like a single object.
    one = value[0] if isinstance(value, list) and value else None if isinstance(value, list) else value
    return own + (_of_set(field.selection_set, priced, one) if isinstance(one, dict) or one is _ASKED else 0)


def _of_connection(field: FieldNode, priced: Priced, value: Any) -> int:
    """The nodes are counted for each kind of list that is asked for, so asking for both costs twice."""
    if value is None or field.selection_set is None:
        return 0
    total = 0
    for part in _fields(field.selection_set, priced):
        if part.name.value not in _PAGED_BY:
            total += _of_field(part, priced, value)
            continue
        key = part.alias.value if part.alias else part.name.value
        if value is _ASKED:
            total += _page_size(field, priced) * _of_set(part.selection_set, priced, _ASKED)
        else:
            total += sum(_of_set(part.selection_set, priced, item) for item in value.get(key) or ())
    return total


def _is_connection(field: FieldNode, priced: Priced) -> bool:
    """Only connections have ``nodes`` and ``edges``; a connection asked for its count alone costs like any object."""
    if field.selection_set is None:
        return False
    return any(part.name.value in _PAGED_BY for part in _fields(field.selection_set, priced))


def _page_size(field: FieldNode, priced: Priced) -> int:
    for argument in field.arguments:
        if argument.name.value in {"first", "last"}:
            if isinstance(argument.value, IntValueNode):
                return int(argument.value.value)
            if isinstance(argument.value, VariableNode):
                given = priced.variables.get(argument.value.name.value)
                if given is not None:
                    return int(given)
    return PAGE


def _fields(selections: SelectionSetNode, priced: Priced) -> Iterator[FieldNode]:
    """The fields of a selection with its fragments unfolded; what a directive leaves out is free."""
    for selection in selections.selections:
        if not _included(selection, priced):
            continue
        if isinstance(selection, FieldNode):
            yield selection
        elif isinstance(selection, InlineFragmentNode):
            yield from _fields(selection.selection_set, priced)
        elif isinstance(selection, FragmentSpreadNode):
            yield from _fields(priced.fragments[selection.name.value].selection_set, priced)


def _included(selection: SelectionNode, priced: Priced) -> bool:
    skip = get_directive_values(GraphQLSkipDirective, selection, priced.variables)
    include = get_directive_values(GraphQLIncludeDirective, selection, priced.variables)
    return not (skip and skip["if"]) and not (include and not include["if"])
