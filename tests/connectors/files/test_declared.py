"""What a stack may say about files, and what it is told when it is wrong."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest
import yaml

from connectors.files import CONNECTOR, bindings, row_id
from connectors.registry import bound
from connectors.spec import Record
from models.entities import ENTITIES
from models.errors import StackError
from models.schema import Binding, Context, Map, Model
from pipelines.decoding import Decoder

GOOD = """
resources:
  jobs: {path: jobs.csv, id: [Year, "Job No."], delimiter: semicolon, encoding: latin-1}
  visits: {path: visits.jsonl, id: id}
maps:
  - resource: jobs
    to: job
    changed: {instant_of: [Changed, company]}
    where: {Kind: Job}
    fields:
      number: {text: "Job No."}
      title: {first: [{text: Title}, {text: {path: Short Title, max: 40}}]}
      status: {choice: {path: Status, values: {Shipped: completed, Cancelled: canceled}, other: new}}
      customer: {ref: "Customer [old]"}
      location: {composed: [Customer, Site]}
      total: {money: {path: Cents, minor: true}}
      created_at: {instant: [Created, ms]}
      completed_at: {instant_of: [Done, Zone]}
      kind: {const: HVAC}
      instructions: {sql: "upper(record ->> 'Note')"}
  - resource: visits
    to: appointment
    fields:
      title: {text: what.title}
      starts_on: {date: [when, "%m/%d/%Y"]}
      all_day: {flag: {path: timed, inverted: true}}
      time_zone: {company_zone: }
"""


def declared(**changes: Any) -> dict[str, Any]:
    """GOOD with other values at dotted places; None takes a key out."""
    entry: dict[str, Any] = yaml.safe_load(GOOD)
    for place, value in changes.items():
        parent: Any = entry
        *steps, last = place.split("__")
        for step in steps:
            parent = parent[int(step)] if isinstance(parent, list) else parent[step]
        parent[last] = copy.deepcopy(value)
    return entry


def decoded(one: Map, record: Record) -> Mapping[str, Any]:
    model = Model(
        entities=ENTITIES,
        bindings=(Binding(name="files", roles=("files",), maps=(one,)),),
        context=Context(time_zone="America/Chicago"),
    )
    with Decoder(model) as decoder:
        return decoder.decode("files", one, {"1": record})["1"]


def test_every_spelling_of_a_codec_reads() -> None:
    connector = bound(CONNECTOR, declared())
    jobs, visits = connector.maps
    found = decoded(jobs, {
        "Year": "2026", "Job No.": "J-7", "Kind": "Job", "Title": None, "Short Title": "Tune-up", "Status": "shipped",
        "Customer [old]": "9", "Customer": "9", "Site": "2", "Cents": "1230", "Created": "1773241200000",
        "Done": "2026-03-11 09:00", "Zone": "America/New_York", "Note": "gate code 7", "Changed": "2026-03-11 10:00",
    })  # fmt: skip
    assert found["title"] == "Tune-up"
    assert (found["number"], found["status"], found["customer"], found["location"]) == ("J-7", "completed", "9", "9:2")
    assert (found["total"], found["kind"], found["instructions"]) == (Decimal("12.3"), "HVAC", "GATE CODE 7")
    assert str(found["created_at"]) == "2026-03-11 15:00:00"
    assert str(found["completed_at"]) == "2026-03-11 13:00:00"
    visit = decoded(visits, {"id": 7, "what": {"title": "Repair"}, "when": "03/11/2026", "timed": False})
    assert (visit["title"], str(visit["starts_on"]), visit["all_day"]) == ("Repair", "2026-03-11", True)
    assert visit["time_zone"] == "America/Chicago"


def test_ids_are_made_of_columns_or_of_the_place_in_the_file() -> None:
    assert row_id(("a", "b"), {"a": " 1 ", "b": None}) == "1:"
    assert row_id(("a",), {"a": None, "__row": "x.csv, row 3"}) == "x.csv, row 3"
    (jobs, _), _ = bindings(declared())
    assert callable(jobs.id)
    assert jobs.id({"Year": "2026", "Job No.": "J-7"}) == "2026:J-7"


@pytest.mark.parametrize(
    ("place", "value", "says"),
    [
        ("resources", {}, "names at least one file"),
        ("resources__jobs", "jobs.csv", "write a mapping with path, id"),
        ("resources__jobs__id", None, "'id' is missing"),
        ("resources__jobs__id", 7, "is no column"),
        ("resources__jobs__pth", "x", "did you mean 'path'"),
        ("resources__jobs__path", "jobs.xlsx", "no format that can be read"),
        ("resources__jobs__delimiter", "::", "not one character"),
        ("resources__jobs__encoding", "utf-9", "no encoding 'utf-9'"),
        ("resources__Jobs", {"path": "a.csv", "id": "x"}, "lower-case words"),
        ("maps__0__resource", "job", r"no resource 'job'; did you mean 'jobs'"),
        ("maps__0__to", "jobb", "did you mean 'job'"),
        ("maps__0__fields", {}, "at least one field of job"),
        ("maps__0__fields__titel", {"text": "x"}, "did you mean 'title'"),
        ("maps__0__fields__title", "Title", "write one codec"),
        (
            "maps__0__fields__title",
            {"txt": "Title"},
            r"maps\[0\]\.fields\.title: there is no codec 'txt'; did you mean",
        ),
        ("maps__0__fields__title", {"text": 2024}, "in quotes"),
        ("maps__0__fields__title", {"text": {"path": "a", "mx": 4}}, "takes no 'mx'; did you mean 'max'"),
        ("maps__0__fields__title", {"text": {"path": "a", "max": "4"}}, "valid integer"),
        ("maps__0__fields__title", {"text": None}, "missing a required argument: 'path'"),
        ("maps__0__fields__title", {"text": ["a", 4, 5]}, "too many positional arguments"),
        ("maps__0__fields__title", {"money": "Total"}, "money does not give a text"),
        ("maps__0__fields__total", {"text": "Total"}, "text does not give a money; use decimal, money, number or sql"),
        ("maps__0__fields__status", {"choice": {"path": "S", "values": {"x": "complete"}}}, "did you mean 'completed'"),
        ("maps__0__fields__kind", {"sql": "select ("}, r"fields\.kind\.sql: "),
        ("maps__0__changed", {"text": "Changed"}, "gives no instant"),
        ("maps__0__where", "Kind", "write {column: value}"),
        ("maps__1__fields__title", {"text": "a]b"}, "cannot be read at character"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(place: str, value: Any, says: str) -> None:
    with pytest.raises(StackError, match=says):
        bindings(declared(**{place: value}))


def test_a_street_of_several_columns_and_a_country_by_its_name() -> None:
    (people,) = bindings({
        "resources": {"people": {"path": "people.csv", "id": "No"}},
        "maps": [{
            "resource": "people",
            "to": "customer",
            "fields": {"street": {"street": ["Line 1", "Line 2"]}, "country": {"country": "Land"}},
        }],
    })[1]  # fmt: skip
    found = decoded(people, {"No": "1", "Line 1": "9 Elm St", "Line 2": " Unit 4", "Land": "Deutschland"})
    assert (found["street"], found["country"]) == ("9 Elm St, Unit 4", "DE")
