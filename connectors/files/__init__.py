"""Files: exports that a system or a person leaves in a folder, as CSV, JSON or Parquet.

What to read and how columns become fields stands in the company's stack (``declared.py``). Every read is whole, so
that a row which left its file counts as deleted; a file that did not change is not read again. In all it is longer
than one page because the stack declares here what other connectors have in code, and every mistake in it is told by
name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from connectors.files.declared import Source, map_of, needed_columns, source
from connectors.files.folder import found
from connectors.files.reading import read, row_id
from connectors.spec import Account, Api, Connector, NoAuth, Resource, Setting
from models.errors import StackError
from models.schema import Map


def bindings(entry: Mapping[str, Any]) -> tuple[tuple[Resource, ...], tuple[Map, ...]]:
    """Resources and maps of a stack entry with ``resources``, ``maps`` and ``folder``. StackError where it is wrong."""
    declared, told = entry.get("resources") or {}, entry.get("maps") or ()
    if not isinstance(declared, Mapping) or not declared:
        raise StackError("resources: a files system names at least one file to read")
    folder = str(entry.get("folder") or ".")
    sources = {name: source(name, one, folder) for name, one in declared.items()}
    maps = tuple(map_of(one, f"maps[{index}]", sources) for index, one in enumerate(told))
    return tuple(_resource(one, needed_columns(maps, one)) for one in sources.values()), maps


def _resource(origin: Source, needed: Sequence[str]) -> Resource:
    return Resource(
        name=origin.name,
        read=partial(read, origin, needed),
        id=partial(row_id, origin.id),
        deletes="compare",
        description=f"Rows of {origin.path}.",
    )


def account(api: Api) -> Account:
    """Nobody signs in: the account stands for the folder, once every file that the stack names is there."""
    folder = str(api.settings.get("folder") or ".")
    sources = [source(name, told, folder) for name, told in (api.settings.get("resources") or {}).items()]
    for one in sources:
        found(one.path, one.folder, api.system)
    return Account(id=api.system, name=", ".join(one.path for one in sources))


CONNECTOR = Connector(
    name="files",
    title="Files (CSV, JSON, Parquet)",
    roles=("files",),
    docs="https://www.rfc-editor.org/rfc/rfc4180",
    base_url="file://",
    auth=NoAuth(),
    settings=(
        Setting(name="resources", description="What to read: name -> path, id, format, delimiter, encoding."),
        Setting(name="maps", description="How columns become fields: resource, to, fields."),
        Setting(name="folder", description="Where relative paths start; the folder of stack.yml."),
    ),
    account=account,
    bindings=bindings,
)
