from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from connectors import registry
from connectors.hooks import Hooks
from connectors.spec import Connector, Resource, Setting, Write
from models.errors import DeclarationError
from models.fields import text
from models.schema import Map
from tests.connectors.kit import connector

SAMPLE = """
from connectors.spec import Connector, NoAuth

from connectors.{name}.words import TITLE

CONNECTOR = Connector(name="{calls_itself}", title=TITLE, roles=("crm",), docs="https://x.test", base_url="https://x.test",
                      auth=NoAuth())
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    before = set(sys.modules)
    yield tmp_path
    for name in set(sys.modules) - before:
        del sys.modules[name]


def plant(folder: Path, name: str, *, calls_itself: str | None = None, text: str | None = None) -> None:
    package = folder / name
    package.mkdir()
    package.joinpath("words.py").write_text(f"TITLE = 'Title of {name}'\n")
    package.joinpath("__init__.py").write_text(text or SAMPLE.format(name=name, calls_itself=calls_itself or name))


def test_a_folder_with_a_connector_is_found_without_being_imported(folder: Path) -> None:
    plant(folder, "oddjob")
    plant(folder, "broken", text="CONNECTOR = 1 / 0\n")
    plant(folder, "not_one", text="x = 1\n")
    assert {"oddjob", "broken"} <= set(registry.names([folder]))
    assert "not_one" not in registry.names([folder])
    assert "connectors.oddjob" not in sys.modules


def test_it_is_loaded_with_its_own_modules(folder: Path) -> None:
    plant(folder, "oddjob")
    assert registry.load("oddjob", [folder]).title == "Title of oddjob"
    assert registry.load("oddjob", [folder]) is registry.load("oddjob", [folder])


def test_the_environment_may_name_folders(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plant(folder, "oddjob")
    monkeypatch.setenv(registry.VARIABLE, os.pathsep.join(["", str(folder)]))
    assert registry.load("oddjob").name == "oddjob"


def test_a_broken_one_breaks_nobody_else(folder: Path) -> None:
    plant(folder, "broken", text="CONNECTOR = 1 / 0\n")
    plant(folder, "oddjob")
    assert registry.load("oddjob", [folder]).name == "oddjob"
    with pytest.raises(ZeroDivisionError):
        registry.load("broken", [folder])
    assert "connectors.broken" not in sys.modules


def test_an_unknown_name_gets_a_suggestion(folder: Path) -> None:
    plant(folder, "oddjob")
    with pytest.raises(DeclarationError, match="did you mean 'oddjob'"):
        registry.load("odjob", [folder])


def test_name_and_folder_must_agree(folder: Path) -> None:
    plant(folder, "oddjob", calls_itself="even_job")
    with pytest.raises(DeclarationError, match="'even_job' but stands in the folder 'oddjob'"):
        registry.load("oddjob", [folder])


def test_something_else_called_connector_is_refused(folder: Path) -> None:
    plant(folder, "oddjob", text="CONNECTOR = 'me'\n")
    with pytest.raises(DeclarationError, match="make it one"):
        registry.load("oddjob", [folder])


RESOURCE = Resource(name="contacts", read=lambda _api, _cursor: iter(()), id="id", deletes="none")
GOOD = connector(
    resources=(RESOURCE,),
    maps=(Map("contacts", to="customer", id="id", fields={"email": text("email")}),),
)
HOOKS = Hooks(
    events=("contact.changed",), touched=lambda _headers, _body: (), verify=lambda _s, _d: None, signature="x-signature"
)
WRITE = Write(entity="customer", resource="contacts", fetch=lambda _api, _id: None, identity="key")


TWO_WAYS = replace(
    GOOD,
    settings=(Setting(name="as", description="What customers are there.", default="contacts"),),
    resources=(replace(RESOURCE, when={"as": "contacts"}), replace(RESOURCE, name="people", when={"as": "people"})),
    maps=(*GOOD.maps, replace(GOOD.maps[0], resource="people")),
    writes=(
        replace(WRITE, when={"as": "contacts"}),
        replace(WRITE, resource="people", when={"as": "people"}),
    ),
)


@pytest.mark.parametrize(("settings", "resource"), [({}, "contacts"), ({"as": "people"}, "people")])
def test_settings_choose_what_is_read_and_written(settings: dict[str, str], resource: str) -> None:
    assert list(registry.problems(TWO_WAYS, folder="acme")) == []
    left = registry.chosen(TWO_WAYS, settings)
    assert [one.name for one in left.resources] == [resource]
    assert [one.resource for one in (*left.maps, *left.writes)] == [resource, resource]


def test_a_setting_under_which_nothing_stands_is_refused() -> None:
    assert registry.chosen(GOOD, {"as": "anything"}) is GOOD
    with pytest.raises(DeclarationError, match="did you mean 'people'"):
        registry.chosen(TWO_WAYS, {"as": "peple"})


def test_a_whole_connector_has_no_problems() -> None:
    assert list(registry.problems(replace(GOOD, writes=(WRITE,)), folder="acme")) == []


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (replace(GOOD, roles=("crmm",)), "did you mean 'crm'"),
        (replace(GOOD, resources=(RESOURCE, RESOURCE)), "declared twice"),
        (replace(GOOD, resources=(RESOURCE, replace(RESOURCE, name="Pay-ments"))), "cannot be called 'Pay-ments'"),
        (replace(GOOD, resources=(RESOURCE, replace(RESOURCE, name="reads"))), "cannot be called 'reads'"),
        (replace(GOOD, resources=()), "no resource of it"),
        (replace(GOOD, hooks=replace(HOOKS, events=())), "subscribe to no event"),
        (replace(GOOD, hooks=replace(HOOKS, signature="X-Signature")), "must be in lower case"),
        (replace(GOOD, maps=(Map("contacts", to="custommer", id="id", fields={}),)), "did you mean 'customer'"),
        (
            replace(GOOD, maps=(Map("contacts", to="customer", id="id", fields={"e_mail": text("email")}),)),
            "did you mean 'email'",
        ),
        (replace(GOOD, writes=(replace(WRITE, entity="invoice"),)), "no map of 'contacts' reads it back"),
        (replace(GOOD, writes=(replace(WRITE, identity="marker", create=lambda _a, _o: None),)), "needs a find"),
        (replace(GOOD, writes=(replace(WRITE, batch=50),)), "needs many"),
        (replace(GOOD, writes=(WRITE, WRITE)), "written in two ways"),
        (replace(GOOD, writes=(replace(WRITE, when={"as": "x"}),)), "no setting of it"),
        (replace(TWO_WAYS, writes=(replace(WRITE, when={"as": "people"}),)), "is not read wherever it stands"),
    ],
)
def test_each_contradiction_is_named(bad: Connector, said: str) -> None:
    assert said in "; ".join(registry.problems(bad, folder="acme"))


def test_maps_from_the_stack_are_checked_too() -> None:
    files = replace(GOOD, resources=(), maps=(), bindings=lambda entry: ((RESOURCE,), entry["maps"]))
    assert registry.bound(files, {"maps": GOOD.maps}).maps == GOOD.maps
    with pytest.raises(DeclarationError, match="no entity 'job2'"):
        registry.bound(files, {"maps": (Map("contacts", to="job2", id="id", fields={}),)})


def test_every_built_in_connector_loads() -> None:
    assert [registry.load(name).name for name in registry.names()] == list(registry.names())
