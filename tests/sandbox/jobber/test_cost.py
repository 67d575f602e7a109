"""The worked examples of the vendor's page on limits, in terms of what is served here."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import OperationDefinitionNode, parse

from sandbox.jobber import cost

FIVE = "id name firstName lastName createdAt"


def price(query: str, **variables: Any) -> int:
    document = parse(query)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return cost.requested(document, operation, variables)


@pytest.mark.parametrize(
    ("query", "points"),
    [
        ('{ job(id: "x") { id total title client { id firstName } } }', 7),
        ("{ clients(first: 10) { edges { node { " + FIVE + " } } } }", 50),
        ("{ clients { edges { node { " + FIVE + " } } } }", 500),
        ("{ clients(last: 3) { nodes { " + FIVE + " } } }", 15),
        ("{ clients(first: 10) { nodes { id } totalCount pageInfo { endCursor hasNextPage } } }", 10 + 1 + 3),
        ("{ jobs { nodes { id jobNumber visits { nodes { id title visitStatus } } } } }", 100 * (2 + 300)),
        ("{ clients(filter: {isLead: true}, first: 2) { nodes { id } } }", 2),
        ("{ clients { totalCount } }", 2),
    ],
)
def test_what_a_query_may_cost(query: str, points: int) -> None:
    assert price(query) == points


def test_page_sizes_come_from_variables_too() -> None:
    query = "query($n: Int) { clients(first: $n) { nodes { id } } }"
    assert price(query, n=7) == 7
    assert price(query) == 100


def test_fragments_are_unfolded_and_left_out_fields_are_free() -> None:
    query = "query($no: Boolean!) { account { ...A ... on Account { name } phone @include(if: $no) } }"
    assert price(query + " fragment A on Account { id createdAt }", no=False) == 4


def test_what_came_back_is_what_is_charged() -> None:
    query = "{ clients(first: 10) { nodes { id emails { address } jobs(first: 5) { nodes { id } } } totalCount } }"
    document = parse(query)
    operation = document.definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    one = {"id": "a", "emails": [], "jobs": {"nodes": [{"id": "j"}, {"id": "k"}]}}
    two = {"id": "b", "emails": [{"address": "x"}], "jobs": {"nodes": []}}
    data = {"clients": {"nodes": [one, two], "totalCount": 2}}
    assert cost.actual(document, operation, {}, data) == (1 + 1 + 2) + (1 + 2) + 1
    assert cost.actual(document, operation, {}, None) == 0
