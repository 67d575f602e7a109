"""What differs from one organisation to the next: fields of its own, its own words in picklists, what it has at all.

The maps speak of standard fields and values. The stack names what this organisation has in their place; what is read
is translated into the standard, what is written back out of it. ``describe`` says whether the names are right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from connectors.answers import part
from connectors.salesforce.dialect import DATA
from connectors.salesforce.maps import MARKER
from connectors.spec import Api, Record
from models.errors import Rejected, did_you_mean


def own(api: Api, kind: str, name: str) -> str | None:
    """What a standard field of an object is called in this organisation; None for a marker that it does not have."""
    if name == MARKER:
        return str(api.settings["marker"]) if api.settings.get("marker") else None
    return str((api.settings.get("fields") or {}).get(f"{kind}.{name}", name))


def _words(api: Api, kind: str, name: str) -> Mapping[str, str]:
    """Its own words of a picklist -> the standard ones."""
    return dict((api.settings.get("values") or {}).get(f"{kind}.{name}") or {})


def _renamed(api: Api, kind: str) -> Sequence[str]:
    """Standard fields of an object that are something else here."""
    told = [*(api.settings.get("fields") or {}), *(api.settings.get("values") or {})]
    names = (name for one in told for of, _, name in [str(one).partition(".")] if of == kind)
    return list(dict.fromkeys((MARKER, *names)))


def standard(api: Api, kind: str, record: Record) -> Record:
    """A record with the standard fields beside its own."""
    told = dict(record)
    for name in _renamed(api, kind):
        there = own(api, kind, name)
        if there is not None and there in record:
            told[name] = _words(api, kind, name).get(str(record[there]), record[there])
    return told


def native(api: Api, kind: str, record: Record) -> dict[str, Any]:
    """A record to be written, in this organisation's names and words. Rejected where it has no marker."""
    told = dict(record)
    for name in _renamed(api, kind):
        if name in told:
            words: dict[str, str] = {}
            for theirs, ours in _words(api, kind, name).items():
                words.setdefault(ours, theirs)  # of several for one standard word, the first is written
            there, value = own(api, kind, name), told.pop(name)
            if there is None:
                raise Rejected(api.system, "nothing is written without a field for our id; name it as `marker`")
            told[there] = words.get(value, value)
    return told


def check(api: Api, kind: str, names: Sequence[str]) -> None:
    """Rejected when the organisation does not have what is to be read, or what the stack says of it is wrong."""
    body = api.request("GET", f"{DATA}/sobjects/{kind}/describe").json()
    fields = {one["name"]: one for one in part(api, body, "fields")}
    for name in names:
        if "." not in name and name not in fields:
            said = f"{kind} has no field {name!r} that our user sees; {did_you_mean(name, fields)}"
            raise Rejected(api.system, f"{said}; correct `fields` or `marker` in the stack, or make the field there")
    marker = fields.get(str(own(api, kind, MARKER)))
    if marker and not (marker.get("externalId") and marker.get("unique")):
        said = f"{kind}.{marker['name']} is no unique external id; make it one there, so that nothing is made twice"
        raise Rejected(api.system, said)
    _check_words(api, kind, fields)


def _check_words(api: Api, kind: str, fields: Mapping[str, Any]) -> None:
    for name in _renamed(api, kind):
        field = fields.get(str(own(api, kind, name))) or {}
        known = [one["value"] for one in field.get("picklistValues") or ()]
        for word in _words(api, kind, name):
            if known and word not in known:
                said = f"{kind}.{field['name']} has no value {word!r}; {did_you_mean(word, known)}"
                raise Rejected(api.system, f"{said}; correct `values` in the stack")
