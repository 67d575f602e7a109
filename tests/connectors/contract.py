"""What every connector owes, as checks that name none: each returns complaints, and none is the only good answer."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import wraps
from pathlib import Path
from typing import Any

import simplejson
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from connectors import registry
from connectors.raw import identify
from connectors.spec import Connector
from models.errors import PlumblineError
from models.fields import encode_record
from models.paths import steps
from models.schema import Map
from tests.connectors import canonical, conduct, deliveries

LONGEST_FILE = 400
BODIES: Sequence[Any] = (None, "", "text", [], {}, {"errors": "text"}, {"error": None}, [{"message": 1}], {"Fault": []})


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A connector and the folder it stands in."""

    connector: Connector
    folder: Path

    def pages(self, resource: str) -> list[Mapping[str, Any]]:
        """The example records of a resource; none when the connector brings none."""
        file = self.folder / "pages" / f"{resource}.json"
        return list(simplejson.loads(file.read_text(encoding="utf-8"), use_decimal=True)) if file.exists() else []

    def sources(self) -> list[Path]:
        return sorted(self.folder.rglob("*.py"))


Check = Callable[[Subject], list[str]]


def is_introduced(subject: Subject) -> list[str]:
    one = subject.connector
    told = {"title": one.title, "docs": one.docs.startswith("https://") and one.docs, "roles": one.roles}
    return [f"{name} is missing" for name, value in told.items() if not value]


def has_no_contradictions(subject: Subject) -> list[str]:
    return list(registry.problems(subject.connector, folder=subject.folder.name))


def has_a_readme(subject: Subject) -> list[str]:
    file = subject.folder / "README.md"
    if not file.exists():
        return ["README.md is missing: the steps that a person takes in the vendor's own settings"]
    text = file.read_text(encoding="utf-8")
    wanted = [one.name for one in (*subject.connector.credentials, *subject.connector.settings) if one.required]
    return [f"README.md does not say where {name!r} comes from" for name in wanted if name not in text]


def describes_what_it_asks_for(subject: Subject) -> list[str]:
    asked = (*subject.connector.credentials, *subject.connector.settings)
    return [f"{one.name} has no description" for one in asked if not one.description.strip()]


def declares_its_credentials(subject: Subject) -> list[str]:
    declared = {one.name for one in subject.connector.credentials}
    return [
        f"credential {name!r} is not declared"
        for name in conduct.credentials_of(subject.connector)
        if name not in declared
    ]


def describes_its_resources(subject: Subject) -> list[str]:
    return [f"resource {one.name} has no description" for one in subject.connector.resources if not one.description]


def has_a_sensible_quota(subject: Subject) -> list[str]:
    quota = subject.connector.quota
    bad = [str(one) for one in quota.limits if one.calls < 1 or one.seconds <= 0 or (one.burst or 1) < 1]
    return bad + ([] if quota.concurrency >= 1 else ["concurrency must be at least 1"])


def every_resource_is_mapped(subject: Subject) -> list[str]:
    mapped = {one.resource for one in subject.connector.maps}
    return [
        f"resource {one.name} is read, but no map uses it"
        for one in subject.connector.resources
        if one.name not in mapped
    ]


def maps_compile(subject: Subject) -> list[str]:
    for one in subject.connector.maps:
        canonical.stage(subject.connector, one, [])
    return []


def choices_are_the_entitys(subject: Subject) -> list[str]:
    """A choice gives only values that its field allows."""
    return [
        f"map of {one.resource} to {one.to}: {name} may not be {value!r}"
        for one in subject.connector.maps
        for name, codec in one.fields.items()
        for value in (*codec.options.get("values", {}).values(), codec.options.get("other"))
        if value is not None and (allowed := canonical.entity_of(one).field(name).one_of) and value not in allowed
    ]


def examples_have_ids(subject: Subject) -> list[str]:
    return [
        f"{resource.name}: an example record has no id"
        for resource in subject.connector.resources
        for record in subject.pages(resource.name)
        if not identify(resource, record)
    ]


def examples_show_every_path(subject: Subject) -> list[str]:
    return [
        f"map of {one.resource} to {one.to}: no example record has {path}"
        for one in subject.connector.maps
        for path in sorted(set(paths_of(one)))
        if (records := subject.pages(one.resource)) and not any(has_path(each, one.each, path) for each in records)
    ]


def examples_are_understood(subject: Subject) -> list[str]:
    complaints = []
    for one in subject.connector.maps:
        rows = canonical.stage(subject.connector, one, subject.pages(one.resource))
        if rows and all(row["broken"] for row in rows):
            complaints.append(f"map of {one.resource} to {one.to}: no example record passes: {rows[0]['broken']}")
    return complaints


def what_is_written_reads_back(subject: Subject) -> list[str]:
    """Law 3: values of every kind survive encode and read, for each field written where it is read."""
    for one in subject.connector.maps:
        if one.each is None and any(canonical.reads_what_it_writes(codec) for codec in one.fields.values()):
            _round_trip(subject.connector, replace(one, where=None, deleted=None))
    return []


def _round_trip(connector: Connector, one: Map) -> None:
    # Without shrinking: the message names the field, and every attempt costs a query over the whole map.
    @settings(deadline=None, max_examples=4, phases=(Phase.explicit, Phase.generate))
    @given(st.lists(canonical.values_of(one, canonical.entity_of(one), long=True), min_size=1, max_size=20))
    def holds(batch: list[dict[str, Any]]) -> None:
        rows = ready.rows([encode_record(one.fields, values) for values in batch])
        for values, row in zip(batch, rows, strict=True):
            told = {name: (value, row[name]) for name, value in values.items() if not canonical.same(value, row[name])}
            assert told == {}, f"{connector.name}, {one.resource} to {one.to}: meant and read back differ: {told}"

    with canonical.Stage(connector, one) as ready:
        holds()


def writes_can_be_settled(subject: Subject) -> list[str]:
    """Law 7: a create whose outcome is unknown can be found again, or sent again without harm."""
    complaints = []
    for write in subject.connector.writes:
        if write.create is not None and write.find is None and write.identity in {"marker", "key"}:
            complaints.append(f"{write.entity}: identity by {write.identity} needs a find")
        if not any((write.create, write.update, write.delete)):
            complaints.append(f"{write.entity}: a write that does nothing")
    return complaints


def writes_can_say_something(subject: Subject) -> list[str]:
    complaints = []
    for write in subject.connector.writes:
        maps = [one for one in subject.connector.maps if (one.resource, one.to) == (write.resource, write.entity)]
        if (write.create or write.update) and not any(one.writable() for one in maps):
            complaints.append(f"{write.entity}: none of its fields can be written")
    return complaints


def its_judge_is_never_surprised(subject: Subject) -> list[str]:
    judge = subject.connector.judge
    complaints = []
    for status in (200, 400, 401, 403, 404, 409, 412, 429, 500) if judge else ():
        for body in BODIES:
            verdict = judge(subject.connector.name, status, {}, body) if judge else None
            if verdict is not None and not isinstance(verdict, PlumblineError):
                complaints.append(f"judge says {verdict!r} to {status} {body!r}")
    return complaints


def its_hooks_believe_only_the_vendor(subject: Subject) -> list[str]:
    """Recorded deliveries hold; altered, unsigned and old ones do not; what they touch is a resource of it."""
    return deliveries.complaints(subject.connector, subject.folder)


def imports_no_other_connector(subject: Subject) -> list[str]:
    others = set(registry.names()) - {subject.folder.name}
    modules = (
        name
        for file in subject.sources()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        for name in _imported(node)
    )
    return [f"imports {name}" for name in modules if name.startswith("connectors.") and name.split(".")[1] in others]


def _imported(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom) and node.module:
        yield from (f"{node.module}.{alias.name}" for alias in node.names)


def waits_and_retries_are_the_gateways(subject: Subject) -> list[str]:
    guilty = {"time", "httpx", "requests", "tenacity", "stamina", "dlt", "sqlglot"}
    return [
        f"{file.name} imports {name}"
        for file in subject.sources()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        for name in _imported(node)
        if name.split(".")[0] in guilty
    ]


def files_stay_short(subject: Subject) -> list[str]:
    sizes = {file.name: len(file.read_text(encoding="utf-8").splitlines()) for file in subject.sources()}
    return [f"{name} has {size} lines" for name, size in sizes.items() if size > LONGEST_FILE]


def conduct_of(check: Callable[[Connector], list[str]]) -> Check:
    """A check of conduct as one of a subject, under the same name."""

    @wraps(check)
    def checked(subject: Subject) -> list[str]:
        return check(subject.connector)

    return checked


CHECKS: tuple[Check, ...] = (
    is_introduced,
    has_no_contradictions,
    has_a_readme,
    describes_what_it_asks_for,
    declares_its_credentials,
    describes_its_resources,
    has_a_sensible_quota,
    every_resource_is_mapped,
    maps_compile,
    choices_are_the_entitys,
    examples_have_ids,
    examples_show_every_path,
    examples_are_understood,
    what_is_written_reads_back,
    writes_can_be_settled,
    writes_can_say_something,
    *(
        conduct_of(check)
        for check in (
            conduct.failures_are_never_empty_reads,
            conduct.failures_are_never_absences,
            conduct.failed_writes_raise,
            conduct.secrets_stay_out,
        )
    ),
    its_judge_is_never_surprised,
    its_hooks_believe_only_the_vendor,
    imports_no_other_connector,
    waits_and_retries_are_the_gateways,
    files_stay_short,
)


def paths_of(one: Map) -> Iterator[str]:
    """Every path that a map reads."""
    for each in (one.id, one.changed, one.version, one.deleted, one.where, one.core_ref, *one.peers.values()):
        if isinstance(each, str):
            yield each
        elif each is not None:
            yield from each.paths
    for codec in one.fields.values():
        yield from codec.paths
        for part in codec.options.get("parts", {}).values():
            yield from (f"{codec.paths[0]}.{path.removeprefix('@.')}" for path in part.paths)


def has_path(record: Any, each: str | None, path: str) -> bool:
    """Whether a record has something at a path; a list is searched element by element."""
    whole = f"{each}.{path.removeprefix('@.')}" if path.startswith("@.") else path
    found = [record]
    for step in steps(whole):
        found = [inner for one in found for inner in _inside(one, step)]
    return any(one is not None for one in found)


def _inside(value: Any, step: str | int | tuple[str]) -> list[Any]:
    if isinstance(value, list):
        return [inner for one in value for inner in (_inside(one, step) if isinstance(step, str) else [one])]
    return [value[step]] if isinstance(value, Mapping) and step in value else []
