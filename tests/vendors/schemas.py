"""Vendors' schemas made into JSON Schema 2020-12 that also refuses what the vendor does not name.

A description says what a record may hold; an unnamed member is neither allowed nor refused by it. Here an object
that lists members is closed, so that an invented field is a problem. What the vendors' dialects add (``nullable``,
draft-4 bounds, ``allOf`` used as inheritance, annotations) is rewritten on the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError, relevance
from referencing import Registry
from referencing.jsonschema import DRAFT202012

Schema = dict[str, Any]

MOST_PROBLEMS = 12
"""Problems listed for one body; a page of a thousand wrong records needs no thousand lines."""

KEPT = frozenset(
    {
        "type", "enum", "format", "items", "properties", "required", "additionalProperties", "allOf", "anyOf", "oneOf",
        "not", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "minLength", "maxLength", "minItems",
        "maxItems", "uniqueItems", "pattern", "const", "minProperties", "maxProperties", "multipleOf",
    }
)  # fmt: skip
TRIMMED = "x-trimmed"
"""Marks a schema whose deeper members the description leaves out: nothing there can be called unknown."""

NOTES = frozenset({"description", "title", "example", "default", "deprecated", "externalDocs"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one vendor's schemas are to be read.

    ``prefix``   what stands before a component's name in a ``$ref`` (``""`` for Google's discovery documents)
    ``closed``   unnamed members are problems
    ``free``     a pattern of member names that may stand in any record (a vendor's custom fields), or an empty
                 string; where it is given, it replaces what the records' schemas say about further members
    ``unset``    any member may be null
    ``side``     ``request`` or ``answer``: read-only members are not required of a request, write-only ones not of
                 an answer
    """

    prefix: str = "#/components/schemas/"
    closed: bool = True
    free: str = ""
    unset: bool = False
    side: str = "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Translation:
    """The components of one description as JSON Schema, for one side; ``schema`` translates an inline one."""

    components: Mapping[str, Schema]
    dialect: Dialect

    def schema(self, source: Any) -> Any:
        """One vendor schema as JSON Schema; references become ``#/$defs/<name>``."""
        if not isinstance(source, dict):
            return source
        if "$ref" in source:
            return self._nullable({"$ref": f"#/$defs/{self.name(source['$ref'])}"}, source)
        alone = _only_part(source)
        if alone is not None:
            return self._nullable(self.schema(alone), source)
        if "allOf" in source:
            source = self.merged(source)
        return self._nullable(self._plain(source), source)

    def definitions(self) -> Schema:
        """All components, as the ``$defs`` of one document."""
        return {name: self.schema(component) for name, component in self.components.items()}

    def name(self, reference: str) -> str:
        """The component that a ``$ref`` names."""
        return reference.removeprefix(self.dialect.prefix).removeprefix("#/definitions/")

    def merged(self, source: Schema, seen: frozenset[str] = frozenset()) -> Schema:
        """``allOf`` as inheritance: one object with the members of all parts, so that it can be closed."""
        if "$ref" in source:
            name = self.name(source["$ref"])
            return {} if name in seen else self.merged(self.components[name], seen | {name})
        result: Schema = {key: value for key, value in source.items() if key != "allOf"}
        for part in source.get("allOf", ()):
            result = _joined(result, self.merged(part, seen))
        return result

    def _plain(self, source: Schema) -> Schema:
        result = {key: value for key, value in source.items() if key in KEPT}
        for word in ("anyOf", "oneOf"):
            if word in result:
                result.pop(word)
                result["anyOf"] = self._branches(source, word)
        if isinstance(result.get("items"), list):  # Swagger 2 as Slack publishes it: a list of alternatives
            result["items"] = {"anyOf": result["items"]}
        if "items" in result:
            result["items"] = self.schema(result["items"])
        if source.get("x-open-enum"):
            result.pop("enum", None)
        if result.get("type") == "array" and not any(isinstance(one, list) for one in result.get("enum", [[]])):
            result["items"] = {**result.get("items", {}), "enum": result.pop("enum")}  # meant of each member
        if "properties" in source and "anyOf" in result:
            return {"anyOf": result["anyOf"]}
        return self._members(_bounds(_types(result)), source)

    def _branches(self, source: Schema, word: str) -> list[Any]:
        """Alternatives; each takes over the members named beside them, or closing would refuse one or the other."""
        base = {key: value for key, value in source.items() if key in ("properties", "required", "type")}
        if "properties" not in base:
            return [self.schema(branch) for branch in source[word]]
        return [self.schema(_joined(base, self.merged(branch))) for branch in source[word]]

    def _members(self, result: Schema, source: Schema) -> Schema:
        properties = source.get("properties")
        if isinstance(properties, dict):
            members = {name: self.schema(value) for name, value in properties.items()}
            nulls = self.dialect.unset
            result["properties"] = {n: {"anyOf": [m, {"type": "null"}]} if nulls else m for n, m in members.items()}
            result["required"] = self._required(source.get("required", ()), properties)
            self._close(result, source)
        if not isinstance(result.get("required", []), list):
            result.pop("required")  # draft 3 writes a boolean on the member itself
        if isinstance(source.get("additionalProperties"), dict) and result.get("additionalProperties") is not False:
            result["additionalProperties"] = self.schema(source["additionalProperties"])
        return result

    def _close(self, result: Schema, source: Schema) -> None:
        if source.get("additionalProperties") and not self.dialect.free:
            return
        result.pop("additionalProperties", None)
        if self.dialect.closed and not source.get(TRIMMED):
            result["additionalProperties"] = False
            if self.dialect.free:
                result["patternProperties"] = {self.dialect.free: {}}

    def _required(self, names: Any, properties: Mapping[str, Any]) -> list[str]:
        spared = "readOnly" if self.dialect.side == "request" else "writeOnly"
        wanted: Sequence[str] = names if isinstance(names, list) else ()
        return [
            name for name in wanted if not (isinstance(properties.get(name), dict) and properties[name].get(spared))
        ]

    def _nullable(self, schema: Any, source: Schema) -> Any:
        if not source.get("nullable") or not isinstance(schema, dict):
            return schema
        return {"anyOf": [schema, {"type": "null"}]}


def _only_part(source: Schema) -> Any | None:
    """The one part of an ``allOf`` that merely carries annotations: ``{allOf: [X], description}`` is X."""
    parts = source.get("allOf", ())
    rest = set(source) - NOTES - {"allOf", "nullable", "readOnly", "writeOnly"}
    if len(parts) == 1 and not any(not word.startswith("x-") for word in rest):
        return parts[0]
    return None


def _joined(left: Schema, right: Schema) -> Schema:
    result = {**right, **left}
    if "properties" in left or "properties" in right:
        result["properties"] = {**left.get("properties", {}), **right.get("properties", {})}
    required = [*left.get("required", ()), *right.get("required", ())]
    if required:
        result["required"] = list(dict.fromkeys(required))
    return result


def _types(schema: Schema) -> Schema:
    kind = schema.get("type")
    if kind in ("any", "file"):
        return {key: value for key, value in schema.items() if key != "type"}
    if kind == "string" and schema.get("format") == "binary":
        return {}
    return schema


def _bounds(schema: Schema) -> Schema:
    """Draft-4 exclusive bounds are booleans, and discovery documents write numbers as strings."""
    for word, exclusive in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
        if isinstance(schema.get(word), str):
            schema[word] = float(schema[word])
        if isinstance(schema.get(exclusive), bool):
            strict = schema.pop(exclusive)
            if strict and word in schema:
                schema[exclusive] = schema.pop(word)
    return schema


FORMATS = FormatChecker(formats=())


@FORMATS.checks("date-time", raises=ValueError)
def _instant(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@FORMATS.checks("wall-time", raises=ValueError)
def _wall_time(value: object) -> bool:
    return not isinstance(value, str) or ("T" in value and bool(datetime.fromisoformat(value)))


@FORMATS.checks("date", raises=ValueError)
def _day(value: object) -> bool:
    return not isinstance(value, str) or bool(date.fromisoformat(value))


@FORMATS.checks("uuid", raises=ValueError)
def _uuid(value: object) -> bool:
    return not isinstance(value, str) or bool(UUID(value))


@FORMATS.checks("decimal")
def _decimal(value: object) -> bool:
    return not isinstance(value, str) or re.fullmatch(r"-?\d+(\.\d+)?", value) is not None


@dataclass(slots=True)
class Library:
    """Compiled validators of one description and one side, made once and kept."""

    translation: Translation
    uri: str
    _registry: Registry[Any] = field(init=False)
    _known: dict[int, tuple[Any, Draft202012Validator]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        document = {"$id": self.uri, "$defs": self.translation.definitions()}
        resource = DRAFT202012.create_resource(document)
        self._registry = Registry().with_resource(self.uri, resource)

    def validator(self, source: Any) -> Draft202012Validator:
        """The validator of a vendor schema, found by the identity of the schema in the loaded document."""
        known = self._known.get(id(source))
        if known is None:
            schema = _absolute(self.translation.schema(source), self.uri)
            validator = Draft202012Validator(schema, registry=self._registry, format_checker=FORMATS)
            known = self._known[id(source)] = (source, validator)  # holding the source keeps its identity taken
        return known[1]

    def problems(self, source: Any, value: Any, where: str) -> list[str]:
        """What is wrong with a decoded value, each line led by ``where`` and the member's path."""
        errors = self.validator(source).iter_errors(value)
        return [line for error, _ in zip(errors, range(MOST_PROBLEMS), strict=False) for line in _lines(error, where)]

    def fits(self, source: Any, value: Any) -> bool:
        """Whether the value has no problem at all."""
        return bool(self.validator(source).is_valid(value))


def _absolute(schema: Any, uri: str) -> Any:
    if isinstance(schema, dict):
        return {
            key: f"{uri}{value}" if key == "$ref" and isinstance(value, str) else _absolute(value, uri)
            for key, value in schema.items()
        }
    return [_absolute(value, uri) for value in schema] if isinstance(schema, list) else schema


def _lines(error: ValidationError, where: str) -> Iterator[str]:
    while error.context:
        error = _nearest(error)
    path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
    if error.validator == "additionalProperties" and error.validator_value is False:
        yield f"{where}{path}: unknown member {', '.join(_unknown(error))}"
        return
    message = error.message if len(error.message) < 200 else f"{error.message[:120]} ... {error.message[-60:]}"
    yield f"{where}{path}: {message}"


def _unknown(error: ValidationError) -> list[str]:
    schema: Schema = error.schema if isinstance(error.schema, dict) else {}
    free = [*schema.get("patternProperties", ())]
    instance: Schema = error.instance if isinstance(error.instance, dict) else {}
    named = instance.keys() - schema.get("properties", {}).keys()
    return sorted(repr(name) for name in named if not any(re.search(pattern, name) for pattern in free))


def _nearest(error: ValidationError) -> ValidationError:
    """Of the alternatives that failed, the one that got furthest into the value."""
    inner = error.context or ()
    real = [one for one in inner if one.validator_value != "null"] or list(inner)
    return max(real, key=lambda one: (len(one.absolute_path), relevance(one)))
