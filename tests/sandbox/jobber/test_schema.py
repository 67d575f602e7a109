from __future__ import annotations

from pathlib import Path

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    is_required_argument,
    is_required_input_field,
    validate_schema,
)

from sandbox.jobber.schema import schema

VENDOR = Path(__file__).parents[3].parent / "shared" / "vendors" / "jobber" / "schema.graphql"


@pytest.fixture(scope="module")
def vendor() -> GraphQLSchema:
    if not VENDOR.is_file():
        pytest.skip("the vendor's schema is absent: ../shared/vendors/jobber/schema.graphql")
    return build_schema(VENDOR.read_text(encoding="utf-8"))


def own_types() -> list[GraphQLNamedType]:
    builtin = {"String", "Int", "Float", "Boolean", "ID"}
    return [one for name, one in schema().type_map.items() if not name.startswith("__") and name not in builtin]


def test_it_is_a_valid_schema() -> None:
    assert validate_schema(schema()) == []


def test_every_type_is_one_of_the_vendors(vendor: GraphQLSchema) -> None:
    theirs = {name: type(one) for name, one in vendor.type_map.items()}
    assert [one.name for one in own_types() if theirs.get(one.name) is not type(one)] == []


def test_every_field_and_argument_is_as_the_vendor_has_it(vendor: GraphQLSchema) -> None:
    outputs = [one for one in own_types() if isinstance(one, GraphQLObjectType | GraphQLInterfaceType)]
    assert [line for one in outputs for line in field_differences(one, vendor)] == []
    assert len(outputs) > 80


def field_differences(ours: GraphQLObjectType | GraphQLInterfaceType, vendor: GraphQLSchema) -> list[str]:
    theirs = vendor.type_map[ours.name]
    assert isinstance(theirs, GraphQLObjectType | GraphQLInterfaceType)
    names = {one.name for one in theirs.interfaces}
    wrong = [f"{ours.name} is no {one.name}" for one in ours.interfaces if one.name not in names]
    for name, own in ours.fields.items():
        other = theirs.fields.get(name)
        if other is None or signature(own) - signature(other) or missing_arguments(own, other):
            wrong.append(f"{ours.name}.{name}")
    return wrong


def signature(field: GraphQLField) -> set[str]:
    return {f": {field.type}", *(f"{name}: {one.type}" for name, one in field.args.items())}


def missing_arguments(own: GraphQLField, other: GraphQLField) -> set[str]:
    return {name for name, one in other.args.items() if is_required_argument(one)} - own.args.keys()


def test_every_input_is_as_the_vendor_has_it(vendor: GraphQLSchema) -> None:
    wrong = []
    for ours in own_types():
        theirs = vendor.type_map[ours.name]
        if isinstance(ours, GraphQLInputObjectType) and isinstance(theirs, GraphQLInputObjectType):
            required = {name for name, one in theirs.fields.items() if is_required_input_field(one)}
            wrong += [f"{ours.name} lacks {name}" for name in required - ours.fields.keys()]
            known = {name: str(one.type) for name, one in theirs.fields.items()}
            wrong += [f"{ours.name}.{name}" for name, one in ours.fields.items() if known.get(name) != str(one.type)]
    assert wrong == []


def test_every_enumeration_and_union_is_part_of_the_vendors(vendor: GraphQLSchema) -> None:
    for ours in own_types():
        theirs = vendor.type_map[ours.name]
        if isinstance(ours, GraphQLEnumType) and isinstance(theirs, GraphQLEnumType):
            assert ours.values.keys() <= theirs.values.keys(), ours.name
        if isinstance(ours, GraphQLUnionType) and isinstance(theirs, GraphQLUnionType):
            assert {one.name for one in ours.types} <= {one.name for one in theirs.types}, ours.name
