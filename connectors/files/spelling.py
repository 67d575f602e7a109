"""How a codec is spelled in a stack: ``{money: Total}``, ``{date: [Issued, "%m/%d/%Y"]}``, ``{choice: {path: ..}}``.

One text is the column, a list gives the arguments in order, a mapping gives them by name; they are those of the
functions in ``models.fields``.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError

from models import fields as f
from models.errors import DeclarationError, StackError, did_you_mean
from models.fields import Codec
from models.paths import steps
from models.places import country, street

CODECS: Mapping[str, Callable[..., Codec]] = {
    "text": f.text, "html_text": f.html_text, "email": f.email, "phone": f.phone, "money": f.money,
    "decimal": f.decimal, "number": f.number, "flag": f.flag, "instant": f.instant, "local_time": f.local_time,
    "instant_of": f.instant_of, "zone": f.zone, "company_zone": f.company_zone, "company_currency": f.company_currency,
    "date": f.date_, "choice": f.choice, "tags": f.tags, "ref": f.ref, "const": f.const, "sql": f.sql,
    "composed": f.composed, "first": f.first, "json_list": f.json_list, "street": street, "country": country,
}  # fmt: skip
# Arguments that name a column, as against options; ``company`` is a word that ``zone`` knows itself.
COLUMNS = frozenset(("path", "zone", "parts"))
_SPECIAL = re.compile(r"[.\[\]@]")


def codec_of(told: Any, where: str, *, flat: bool) -> Codec:
    """The codec that one mapping spells; ``flat``: columns are plain names, dots and brackets included."""
    if not isinstance(told, Mapping) or len(told) != 1:
        raise StackError(f"{where}: write one codec with its column, as in {{text: Name}}")
    kind, given = next(iter(told.items()))
    builder = CODECS.get(str(kind))
    if builder is None:
        raise StackError(f"{where}: there is no codec {kind!r}; {did_you_mean(str(kind), CODECS)}")
    here = f"{where}.{kind}"
    if kind == "first":
        alternatives = given if isinstance(given, list) else [given]
        return f.first(*[codec_of(one, f"{here}[{n}]", flat=flat) for n, one in enumerate(alternatives)])
    arguments = _arguments(builder, given, here)
    _check(builder, arguments, here, flat)
    try:
        return builder(*arguments.args, **arguments.kwargs)
    except Exception as problem:  # a codec may refuse its options in the words of what it is made with (SQL)
        raise StackError(f"{here}: {str(problem).splitlines()[0]}") from problem


def path_of(column: Any, where: str, *, flat: bool) -> str:
    """The path of a column in a record. StackError when it is no text, or nothing that a path can be."""
    if not isinstance(column, str) or not column.strip():
        raise StackError(f"{where}: {column!r} is no column; write its name, in quotes where YAML would read a number")
    name = column.strip() if flat else column
    if flat and '"' not in name and _SPECIAL.search(name):
        return f'"{name}"'
    try:
        steps(name)
    except DeclarationError as problem:
        raise StackError(f"{where}: {problem}") from problem
    return name


def _arguments(builder: Callable[..., Codec], given: Any, where: str) -> inspect.BoundArguments:
    """What was written, bound to the parameters of the codec's function."""
    signature = inspect.signature(builder)
    known = tuple(signature.parameters)
    if isinstance(given, Mapping):
        for name in given:
            if name not in known:
                raise StackError(f"{where}: it takes no {name!r}; {did_you_mean(str(name), known)}")
    options = [name for name, one in signature.parameters.items() if one.kind is inspect.Parameter.KEYWORD_ONLY]
    try:
        if isinstance(given, Mapping):
            return signature.bind(**given)
        positional = given if isinstance(given, list) else [given] if given is not None and known else []
        plain = len(known) - len(options)
        if not _variadic(signature) and plain < len(positional) <= len(known):
            # ``{date: [Issued, "%m/%d/%Y"]}``: a list may go on into the options
            return signature.bind(*positional[:plain], **dict(zip(options, positional[plain:], strict=False)))
        return signature.bind(*positional)
    except TypeError as problem:
        raise StackError(f"{where}: {problem}; it takes {', '.join(known) or 'nothing'}") from problem


def _variadic(signature: inspect.Signature) -> bool:
    return any(one.kind is inspect.Parameter.VAR_POSITIONAL for one in signature.parameters.values())


def _check(builder: Callable[..., Codec], bound: inspect.BoundArguments, where: str, flat: bool) -> None:
    """Turn columns into paths, and hold every option against its type; changes ``bound``."""
    hints = _hints(builder)
    for name, value in bound.arguments.items():
        here = f"{where}.{name}"
        if name == "parts" and isinstance(value, Mapping):
            bound.arguments[name] = {key: codec_of(one, f"{here}.{key}", flat=flat) for key, one in value.items()}
        elif name == "parts":
            bound.arguments[name] = tuple(path_of(one, here, flat=flat) for one in value)
        elif name in COLUMNS:
            company = name == "zone" and value == "company"
            bound.arguments[name] = value if company else path_of(value, here, flat=flat)
        else:
            bound.arguments[name] = _option(hints[name], value, here)


@cache
def _hints(builder: Callable[..., Codec]) -> Mapping[str, Any]:
    return get_type_hints(builder)


def _option(hint: Any, value: Any, where: str) -> Any:
    told = tuple(value) if isinstance(value, list) else value
    try:
        return TypeAdapter(hint).validate_python(told, strict=True)
    except ValidationError as problem:
        first = problem.errors()[0]
        raise StackError(f"{where}: {value!r} will not do: {first['msg']}") from problem
