"""What the UI says about columns: their lineage as links, their owners as tags."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from dagster import TableColumn

from models.lineage import Source
from pipelines import keys, presentation
from pipelines.company import Company
from pipelines.presentation import Look
from tests.pipelines import notebooks


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    with notebooks.company(tmp_path) as found:
        yield found


def columns(look: Look) -> dict[str, TableColumn]:
    return {column.name: column for column in look.metadata["dagster/column_schema"].columns}


def core(company: Company, entity: str) -> dict[str, TableColumn]:
    return columns(presentation.core(company, company.model.entity(entity)))


def test_a_column_links_to_what_it_is_made_of(company: Company) -> None:
    phone = core(company, "customer")["phone"]
    assert phone.description == (
        "Main phone number, E.164. Owner: prefer(b, a). From [staged/b/customer.phone](/assets/staged/b/customer), "
        "[staged/a/customer.phone](/assets/staged/a/customer)."
    )
    assert phone.tags == {"rule": "prefer", "owner_1": "b", "owner_2": "a"}
    assert "personal" in phone.constraints.other


def test_a_looked_up_column_links_to_where_it_is_looked_up(company: Company) -> None:
    name = core(company, "assignment")["technician_name"]
    assert "Looked up: technician.name" in str(name.description)
    assert "[core/technician.name](/assets/core/technician)" in str(name.description)


def test_a_staged_column_names_its_path(company: Company) -> None:
    look = presentation.staged(company, "a", company.model.entity("assignment"))
    assert "[raw/a/visits.`crew[].id`](/assets/raw/a/visits)" in str(columns(look)["technician"].description)
    assert look.lineage is not None
    found = [(dep.asset_key, dep.column_name) for dep in look.lineage.deps_by_column["technician"]]
    assert (keys.raw("a", "visits"), "record.crew[].id") in found


def test_an_override_is_no_asset() -> None:
    pin = Source(layer="pin", table="customer", column="phone")
    assert presentation.column_lineage({"phone": (pin,)}).deps_by_column == {"phone": []}


def test_tags_keep_to_the_letters_that_tags_may_have(company: Company) -> None:
    for entity in company.model.active():
        for column in core(company, entity.name).values():
            assert all(re.fullmatch(r"[A-Za-z0-9_.-]{0,63}", value) for value in column.tags.values())


def test_a_plans_version_does_not_move_with_its_window(company: Company) -> None:
    handoff = company.handoffs()[0]
    later = replace(handoff, starts=notebooks.NOW.replace(tzinfo=None) + timedelta(days=1))
    assert presentation.plan(company, later).version == presentation.plan(company, handoff).version
