"""What a company's stack says about its files: resources, and maps whose codecs are written in YAML.

    resources:
      customers: {path: "exports/customers-*.csv", id: Customer No.}
    maps:
      - {resource: customers, to: customer, fields: {company_name: {text: Name}, phone: {phone: Phone}}}

Everything wrong is a StackError that says where, and offers the nearest right word.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

from connectors.files.rows import FORMATS, PROBLEM, SUFFIXES
from connectors.files.spelling import codec_of, path_of
from models import fields as f
from models.entities import ENTITIES
from models.errors import DeclarationError, StackError, did_you_mean
from models.fields import Codec
from models.paths import call, literal, steps, text_at
from models.schema import Entity, Field, Map, Type

# What a field of each type can be read with; sql and const are answered for by who writes them.
KINDS: Mapping[Type, frozenset[str]] = {
    Type.TEXT: frozenset(("text", "email", "phone", "zone", "choice", "ref", "composed", "street", "country")),
    Type.INTEGER: frozenset(("number",)),
    Type.MONEY: frozenset(("money", "decimal", "number")),
    Type.NUMBER: frozenset(("decimal", "money", "number")),
    Type.FLAG: frozenset(("flag",)),
    Type.INSTANT: frozenset(("instant",)),
    Type.WALL: frozenset(("local_time",)),
    Type.DATE: frozenset(("date",)),
    Type.TAGS: frozenset(("tags",)),
    Type.LINES: frozenset(("json_list",)),
}
FREE = frozenset(("sql", "const"))
SEPARATOR = ":"
KEYS = ("path", "id", "format", "delimiter", "encoding", "nest")
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_DELIMITERS = {"tab": "\t", "comma": ",", "semicolon": ";", "pipe": "|"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One resource as the stack declares it.

    path     as written, a pattern allowed; a relative one starts at ``folder``
    form     csv, json or parquet
    id       paths of the columns that make the id
    """

    name: str
    path: str
    folder: str
    form: str
    id: tuple[str, ...]
    delimiter: str
    encoding: str | None
    nest: Mapping[str, Source] = field(default_factory=dict)

    @property
    def flat(self) -> bool:
        """Whether a column is a plain name, as against a path into nested parts."""
        return self.form == "csv"


def source(name: str, told: Any, folder: str, *, where: str = "resources") -> Source:
    """One entry under ``resources``, or under the ``nest`` of one."""
    where = f"{where}.{name}"
    if not _NAME.fullmatch(name):
        raise StackError(f"{where}: a resource's name is made of lower-case words joined by single underscores")
    given = _keys(told, where, needed=("path", "id"), known=KEYS)
    path = _text(given["path"], f"{where}.path")
    suffix = PurePath(path).suffix.removeprefix(".").lower()
    form = given.get("format") or SUFFIXES.get(suffix)
    if form not in FORMATS:
        raise StackError(f"{where}: {form or path!r} is no format that can be read; write format: csv, json or parquet")
    delimiter = str(given.get("delimiter") or ("\t" if suffix == "tsv" else ","))
    delimiter = _DELIMITERS.get(delimiter, delimiter)
    if len(delimiter) != 1:
        raise StackError(f"{where}.delimiter: {delimiter!r} is not one character, nor one of {', '.join(_DELIMITERS)}")
    return Source(
        name=name, path=path, folder=folder, form=str(form), delimiter=delimiter,
        id=_columns(given["id"], f"{where}.id", flat=form == "csv"),
        encoding=_encoding(given.get("encoding"), f"{where}.encoding"),
        nest={n: source(n, one, folder, where=f"{where}.nest") for n, one in (given.get("nest") or {}).items()},
    )  # fmt: skip


def map_of(told: Any, where: str, sources: Mapping[str, Source]) -> Map:
    """One entry under ``maps``."""
    known = ("resource", "to", "id", "changed", "where", "fields")
    given = _keys(told, where, needed=("resource", "to", "fields"), known=known)
    origin = sources[_one_of(given["resource"], sources, f"{where}.resource", "resource")]
    entities = {entity.name: entity for entity in ENTITIES}
    entity = entities[_one_of(given["to"], entities, f"{where}.to", "entity")]
    own_id = given.get("id")
    told_fields = given["fields"]
    if not isinstance(told_fields, Mapping) or not told_fields:
        raise StackError(f"{where}.fields: write field: {{codec: column}} for at least one field of {entity.name}")
    found = {name: _field(entity, name, one, f"{where}.fields.{name}", origin) for name, one in told_fields.items()}
    return Map(
        resource=origin.name,
        to=entity.name,
        id=_identity(own_id, f"{where}.id", origin),
        changed=_changed(given.get("changed"), f"{where}.changed", origin),
        where=_where(given.get("where"), f"{where}.where", origin),
        fields=_guarded(found),
    )


def _identity(told: Any, where: str, origin: Source) -> Codec:
    """The id of a map: the resource's own, other columns, or a codec that makes one."""
    if isinstance(told, Mapping):
        return codec_of(told, where, flat=origin.flat)
    return identity(origin.id if told is None else _columns(told, where, flat=origin.flat))


def identity(paths: Sequence[str]) -> Codec:
    """The id that one or several columns make; none when all of them are empty."""
    if len(paths) == 1:
        return f.text(paths[0])
    joined = f.composed(*paths, separator=SEPARATOR)
    empty = literal(SEPARATOR * (len(paths) - 1))
    return replace(joined, read=lambda context: call("nullif", joined.read(context), empty))


def needed_columns(maps: Iterable[Map], origin: Source) -> tuple[str, ...]:
    """The columns without which a file of this resource would silently read as empty values."""
    paths = list(origin.id)
    for one in maps:
        if one.resource == origin.name:
            codecs_ = [*one.fields.values(), *(c for c in (one.id, one.changed, one.where) if isinstance(c, Codec))]
            paths += [path for codec in codecs_ if codec.kind != "sql" for path in codec.paths]
    columns = dict.fromkeys(str(steps(path)[0]) for path in paths)
    return tuple(column for column in columns if column not in origin.nest)


def _field(entity: Entity, name: str, told: Any, where: str, origin: Source) -> Codec:
    try:
        field = entity.field(name)
    except DeclarationError as problem:
        raise StackError(f"{where}: {problem}") from problem
    codec = codec_of(told, where, flat=origin.flat)
    _fits(field, codec, where)
    return codec


def _fits(field: Field, codec: Codec, where: str) -> None:
    """Refuse a codec that cannot give the field's type, or values that the field does not know."""
    if codec.kind not in KINDS[field.type] | FREE:
        fitting = ", ".join(sorted(KINDS[field.type]))
        raise StackError(f"{where}: {codec.kind} does not give a {field.type.name.lower()}; use {fitting} or sql")
    if field.one_of and codec.kind == "choice":
        for value in (*codec.options["values"].values(), codec.options["other"]):
            if value is not None and value not in field.one_of:
                raise StackError(f"{where}: there is no {field.name} {value!r}; {did_you_mean(value, field.one_of)}")


def _guarded(fields: Mapping[str, Codec]) -> dict[str, Codec]:
    """The fields, one of which also says why a row could not be read.

    Such a row has no columns, hence no id, and is set aside for that alone; this puts the true reason beside it.
    """
    for name, codec in fields.items():
        if codec.raw is not None and not codec.soft and codec.kind != "tags":
            kind = "row" if codec.kind in ("text", "ref") else codec.kind  # of texts the compiler asks nothing
            return {**fields, name: replace(codec, kind=kind, raw=f.first(codec, f.unreadable(PROBLEM)).raw)}
    return dict(fields)


def _changed(told: Any, where: str, origin: Source) -> str | Codec | None:
    """A column with an ISO instant, or a codec that gives one."""
    if told is None:
        return None
    if not isinstance(told, Mapping):
        return path_of(told, where, flat=origin.flat)
    codec = codec_of(told, where, flat=origin.flat)
    if codec.kind not in ("instant", "sql"):
        raise StackError(f"{where}: {codec.kind} gives no instant; use instant, instant_of or sql")
    return codec


def _where(told: Any, where: str, origin: Source) -> Codec | None:
    """``{column: value}``, ``{column: [values]}`` or ``{sql: condition}``."""
    if told is None:
        return None
    if not isinstance(told, Mapping) or len(told) != 1:
        raise StackError(f"{where}: write {{column: value}}, {{column: [values]}} or {{sql: condition}}")
    column, wanted = next(iter(told.items()))
    if column == "sql":
        own = codec_of(told, where, flat=origin.flat)
        return replace(own, read=lambda context: _or_broken(own.read(context)))
    path = path_of(column, where, flat=origin.flat)
    values = [literal(str(one)) for one in (wanted if isinstance(wanted, list) else [wanted])]
    test = call("list_contains", call("list_value", *values), call("trim", text_at(path)))
    return Codec(kind="flag", paths=(path,), read=lambda _: _or_broken(test))


def _or_broken(test: Any) -> Any:
    """The condition (an expression), also true of a row that could not be read: it may be of any kind."""
    return call("coalesce", call("starts_with", text_at(PROBLEM), literal("")), test)


def _keys(told: Any, where: str, *, needed: Sequence[str], known: Sequence[str]) -> Mapping[str, Any]:
    if not isinstance(told, Mapping):
        raise StackError(f"{where}: write a mapping with {', '.join(needed)}")
    for key in told:
        if key not in known:
            raise StackError(f"{where}: there is no such key {key!r}; {did_you_mean(str(key), known)}")
    for key in needed:
        if told.get(key) in (None, ""):
            raise StackError(f"{where}: {key!r} is missing")
    return told


def _one_of(told: Any, known: Iterable[str], where: str, what: str) -> str:
    if told not in set(known):
        raise StackError(f"{where}: there is no {what} {told!r}; {did_you_mean(str(told), known)}")
    return str(told)


def _text(told: Any, where: str) -> str:
    if not isinstance(told, str):
        raise StackError(f"{where}: {told!r} is no text")
    return told


def _columns(told: Any, where: str, *, flat: bool) -> tuple[str, ...]:
    listed = told if isinstance(told, list) else [told]
    if not listed:
        raise StackError(f"{where}: name at least one column")
    return tuple(path_of(one, where, flat=flat) for one in listed)


def _encoding(told: Any, where: str) -> str | None:
    try:
        return None if told is None else codecs.lookup(_text(told, where)).name
    except LookupError as problem:
        raise StackError(f"{where}: there is no encoding {told!r}; leave it out, or write utf-8 or cp1252") from problem
