from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

import pytest

from models import fields as f
from models.checking import check_entities, check_map
from models.entities import ENTITIES as ALL
from models.errors import DeclarationError
from models.ownership import furthest, latest, only, prefer
from models.schema import (
    RESERVED,
    RESERVED_SYSTEMS,
    Binding,
    Entity,
    Field,
    Map,
    Model,
)
from tests.models.world import BINDINGS, BOOKS, CRM, ENTITIES, PEOPLE, PERSON, SCHEDULING, STAGES, small


def entity(name: str = "thing", *fields: Field, **more: Any) -> Entity:
    return Entity(name=name, title=name, description=name, prefix="thg", owner=prefer("crm"), fields=fields, **more)


@pytest.mark.parametrize("name", sorted(RESERVED))
def test_technical_columns_are_no_field_names(name: str) -> None:
    with pytest.raises(DeclarationError, match=f"{name!r} is a technical column"):
        entity("thing", Field(name))


def test_a_field_is_declared_once() -> None:
    with pytest.raises(DeclarationError, match="'name' is declared twice"):
        entity("thing", Field("name"), Field("name"))


def test_keys_and_joined_parts_are_fields_and_a_slip_is_answered_with_a_suggestion() -> None:
    with pytest.raises(DeclarationError, match=r"'emial', which is not declared; did you mean 'email'\?"):
        entity("thing", Field("email"), keys=(("emial",),))
    with pytest.raises(DeclarationError, match=r"did you mean 'street'\?"):
        entity("thing", Field("street"), Field("place", joined=("stret",)))


def test_fields_of_a_group_have_one_owner() -> None:
    with pytest.raises(DeclarationError, match="fields of group 'g' have different owners"):
        entity("thing", Field("a", group="g"), Field("b", group="g", owner=prefer("scheduling")))


def test_an_unknown_field_entity_or_system_is_answered_with_a_suggestion() -> None:
    with pytest.raises(DeclarationError, match=r"entity person has no field 'emial'; did you mean 'email'\?"):
        PERSON.field("emial")
    with pytest.raises(DeclarationError, match=r"there is no entity 'persn'; did you mean 'person'\?"):
        small().entity("persn")
    with pytest.raises(DeclarationError, match=r"there is no system 'ordr' in this stack; did you mean 'order'\?"):
        small().binding("ordr")
    with pytest.raises(DeclarationError, match="known: "):
        small().binding("zzz")


def test_a_map_names_its_connector_when_it_names_a_wrong_field() -> None:
    wrong = replace(PEOPLE, fields={"nmae": f.text("name")})
    with pytest.raises(DeclarationError, match=r"acme: map of 'people': .* did you mean 'name'\?"):
        check_map(wrong, PERSON, "acme")
    check_map(PEOPLE, PERSON, "acme")


def test_a_reference_leads_to_an_entity() -> None:
    with pytest.raises(DeclarationError, match=r"field 'owner' refers to 'persn'; did you mean 'person'\?"):
        check_entities([PERSON, entity("dog", Field("owner", ref="persn"))])


@pytest.mark.parametrize(
    ("via", "problem"),
    [
        ("owner.nmae", r"has no field 'nmae'; did you mean 'name'"),
        ("colour.name", r"'of' goes via 'colour', which is no reference"),
        ("ownr.name", r"has no field 'ownr'; did you mean 'owner'"),
        ("second.name", r"'of' goes via 'second', which is no reference"),
    ],
)
def test_a_looked_up_field_goes_through_a_reference_that_systems_supply(via: str, problem: str) -> None:
    fields = (Field("owner", ref="person"), Field("second", ref="person", via="owner.name"), Field("colour"))
    with pytest.raises(DeclarationError, match=problem):
        check_entities([PERSON, entity("dog", *fields, Field("of", via=via))])


def test_what_is_referred_to_comes_first_and_names_decide_the_rest() -> None:
    dog = entity("dog", Field("owner", ref="person"), Field("mother", ref="dog"))
    assert [e.name for e in check_entities([entity("ant"), dog, PERSON])] == ["ant", "person", "dog"]
    assert [e.name for e in check_entities([PERSON, dog, entity("ant")])] == ["ant", "person", "dog"]


def test_a_circle_of_references_is_named() -> None:
    egg, hen = entity("egg", Field("hen", ref="hen")), entity("hen", Field("egg", ref="egg"))
    with pytest.raises(DeclarationError, match="in a circle: egg -> hen -> egg"):
        check_entities([hen, egg])


def test_fields_know_what_is_decided_with_them() -> None:
    assert PERSON.together("city") == ("street", "city", "state")
    assert PERSON.together("name") == ("name",)
    assert [field.name for field in PERSON.own_fields if field.name == "place"] == []


def test_a_map_can_write_what_its_codecs_encode_to_a_place() -> None:
    one = Map(
        "things",
        to="thing",
        id="id",
        fields={
            "plain": f.text("a"),
            "reading": f.read_only(f.text("b")),
            "element": f.text("phones[0].number"),
            "elsewhere": f.written_as(f.text("phones[primary].number"), "phone"),
            "const": f.const("x"),
        },
    )
    assert one.writable() == ("plain", "elsewhere")


def test_one_resource_is_read_into_an_entity_by_one_map() -> None:
    with pytest.raises(DeclarationError, match="two maps read person from 'people'"):
        Binding(name="acme", roles=(), maps=(PEOPLE, PEOPLE))


@pytest.mark.parametrize("name", [*sorted(RESERVED_SYSTEMS), "PIN"])
def test_names_of_our_own_relations_are_no_system_names(name: str) -> None:
    with pytest.raises(DeclarationError, match="no system can be called"):
        Binding(name=name, roles=(), maps=())


def test_two_systems_are_told_apart_by_more_than_case() -> None:
    twins = tuple(Binding(name=name, roles=(), maps=()) for name in ("Acme", "acme"))
    with pytest.raises(DeclarationError, match="two systems are called 'acme'"):
        Model(entities=ENTITIES, bindings=twins)


def test_fields_of_a_binding_are_those_of_all_its_maps_once_in_order() -> None:
    second = replace(PEOPLE, resource="more", fields={"group": f.text("g"), "balance": f.money("b")})
    binding = Binding(name="acme", roles=(), maps=(replace(PEOPLE, fields={"name": f.text("n")}), second))
    assert binding.fields_of("person") == ("name", "group", "balance")
    assert binding.fields_of("visit") == ()


def test_declared_rules_are_expanded_from_roles_to_the_systems_that_have_the_field() -> None:
    model = small()
    assert model.rule("person", "name") == prefer(CRM, SCHEDULING, BOOKS)
    assert model.rule("person", "phone") == prefer(SCHEDULING, CRM)
    assert model.rule("person", "balance") == only(BOOKS)
    assert model.rule("person", "status") == furthest(STAGES, CRM, SCHEDULING)
    assert model.rule("person", "note").label == f"latest({CRM}, {SCHEDULING})"


def test_a_companys_rule_for_a_field_stands_above_its_rule_for_the_entity() -> None:
    model = small(person=prefer("scheduling"), person__name=latest("accounting", "crm"))
    assert model.rule("person", "name") == latest(BOOKS, CRM, SCHEDULING)
    assert model.rule("person", "email") == prefer(CRM)
    assert model.rule("person", "note") == prefer(SCHEDULING, CRM)
    assert model.systems_of("person") == (SCHEDULING, CRM, BOOKS)


def test_a_rule_may_name_systems_and_roles_and_what_is_not_there_is_dropped() -> None:
    model = small(person__name=prefer("payments", "accounting", CRM, "crm"))
    assert model.rule("person", "name").order == (BOOKS, CRM, SCHEDULING)


def test_only_names_nobody_else() -> None:
    assert small(person__name=only("payments")).rule("person", "name") == only("x").__class__(kind="only")
    assert small(person=only("accounting")).rule("person", "name") == only(BOOKS)


def test_a_group_has_one_rule_over_every_system_that_has_any_of_it() -> None:
    model = small(person__state=prefer("accounting", "scheduling"))
    orders = {name: model.rule("person", name).order for name in PERSON.together("city")}
    assert set(orders.values()) == {(BOOKS, SCHEDULING, CRM)}


def test_a_company_may_not_pull_a_group_apart() -> None:
    with pytest.raises(DeclarationError, match="always come from the same system"):
        small(person__street=prefer("crm"), person__city=prefer("scheduling"))
    assert small(person__street=only("crm"), person__city=only("crm")).rule("person", "state") == only(CRM)


def test_rules_of_what_does_not_exist_are_refused() -> None:
    with pytest.raises(DeclarationError, match="did you mean 'phone'"):
        small(person__phon=prefer("crm"))
    with pytest.raises(DeclarationError, match="did you mean 'person'"):
        small(persom=prefer("crm"))


def test_several_systems_of_one_role_stand_in_the_order_of_the_stack() -> None:
    crms = tuple(
        Binding(name=name, roles=("crm",), maps=(Map("p", to="person", id="id", fields={"name": f.text("n")}),))
        for name in ("zeta", "alpha")
    )
    model = Model(entities=ENTITIES, bindings=crms)
    assert model.rule("person", "name").order == ("zeta", "alpha")
    assert model.systems_of("person") == ("zeta", "alpha")


def test_systems_that_no_rule_names_come_last_in_alphabetical_order() -> None:
    quiet = tuple(replace(b, roles=("messaging",)) for b in BINDINGS)
    assert Model(entities=ENTITIES, bindings=quiet).systems_of("person") == tuple(sorted((CRM, SCHEDULING, BOOKS)))


def test_active_entities_are_those_that_a_system_maps() -> None:
    assert [e.name for e in small().active()] == ["person", "visit"]
    assert [e.name for e in Model(entities=ENTITIES, bindings=BINDINGS[2:]).active()] == ["person"]


def test_the_shipped_entities_hold_together() -> None:
    names = [e.name for e in ALL]
    assert len(set(names)) == len(names)
    assert len({e.prefix for e in ALL}) == len(names)
    for e in ALL:
        assert all(names.index(str(ref.ref)) < names.index(e.name) for ref in e.refs if ref.ref != e.name)
        assert all(field.description for field in e.fields), e.name
        assert set(e.gone) | set(e.dormant) <= {field.name for field in e.fields}


def test_defaults_cannot_be_changed_for_everybody() -> None:
    assert isinstance(PERSON.dormant, MappingProxyType)


@pytest.mark.parametrize(
    "more",
    [
        {"instead": {"name": "colour"}},
        {"instead": {"colour": "name"}},
        {"takes": {"colour": (1,)}},
        {"makes": {"colour": (1,)}},
    ],
)
def test_what_a_map_says_of_fields_names_fields(more: dict[str, Any]) -> None:
    with pytest.raises(DeclarationError, match="colour"):
        check_map(replace(PEOPLE, **more), PERSON, "crm")
