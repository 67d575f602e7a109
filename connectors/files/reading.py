"""Reading files whole: every row with the detail rows that belong to it, and nothing while nothing changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

from connectors.files.declared import SEPARATOR, Source
from connectors.files.folder import File, files
from connectors.files.nesting import Nest, nested
from connectors.files.rows import BATCH, PROBLEM, ROW, parse
from connectors.spec import Api, Cursor, Page, Record
from models.change import digest
from models.errors import Unreachable, did_you_mean
from models.paths import steps


def read(origin: Source, needed: Sequence[str], api: Api, cursor: Cursor) -> Iterator[Page]:
    """Every row of every file of the resource; nothing when no file changed since the cursor.

    A row that cannot be read may be any record: while there is one, absence proves nothing and the read is not full.
    Rows that were broken and are no longer leave quarantine, because the id that stood for them is reported as gone.
    """
    there = files(origin.path, origin.folder, api.system)
    details = {name: files(one.path, one.folder, api.system) for name, one in origin.nest.items()}
    seen = {
        "files": {file.name: file.sha256 for group in (there, *details.values()) for file in group},
        "read_as": digest([_form(one) for one in (origin, *origin.nest.values())]),
    }
    if all(cursor.get(key) == value for key, value in seen.items()):
        yield Page(cursor=cursor)
        return
    everything = partial(_together, origin, needed, there, details, api.system)
    broken = {str(row[ROW]): PROBLEM in row for row in everything() if ROW in row}
    full = not any(broken.values())
    rows = everything()
    while page := list(islice(rows, BATCH)):
        yield Page(records=page, full=full)
    mended = sorted(set(cursor.get("broken", ())) - set(broken))
    yield Page(deleted=mended, cursor={**seen, "broken": sorted(broken)}, full=full)


def _form(origin: Source) -> tuple[Any, ...]:
    """How a file is read; a change of it means reading again."""
    return (origin.name, origin.id, origin.form, origin.delimiter, origin.encoding)


def _together(
    origin: Source, needed: Sequence[str], there: Sequence[File], details: Mapping[str, Sequence[File]], system: str
) -> Iterator[Record]:
    """The rows of all files of a resource, each with its detail rows."""
    outer = _all_rows(there, origin, needed, system)
    if not origin.nest:
        return outer
    nests = {
        name: Nest(
            name=name,
            key=partial(_own_id, one.id),
            rows=partial(_all_rows, details[name], one, one.id, system),
        )
        for name, one in origin.nest.items()
    }
    return nested(outer, partial(_own_id, origin.id), nests)


def row_id(paths: Sequence[str], record: Record) -> str:
    """The id that the record's columns make; where they are empty, the place at which the row stands."""
    return _own_id(paths, record) or str(record[ROW])


def _own_id(paths: Sequence[str], record: Record) -> str | None:
    parts = [_at(record, path) for path in paths]
    return SEPARATOR.join(parts) if any(parts) else None


def _at(record: Record, path: str) -> str:
    value: Any = record
    for step in steps(path):
        value = value.get(step) if isinstance(value, Mapping) else None
    return "" if value is None else str(value).strip()


def _all_rows(there: Sequence[File], origin: Source, needed: Sequence[str], system: str) -> Iterator[Record]:
    return (row for file in there for row in _rows(file, origin, needed, system))


def _rows(file: File, origin: Source, needed: Sequence[str], system: str) -> Iterator[Record]:
    """A file's rows in order; one without an id says where it stands. Unreachable when the file is of another kind."""
    form = origin.form
    try:
        table = parse(file.data, name=file.name, form=form, delimiter=origin.delimiter, encoding=origin.encoding)
    except ValueError as problem:
        raise Unreachable(system, f"{file.name} cannot be read as {form}: {problem}") from problem
    columns = table.columns
    for column in needed:
        if columns is not None and column not in columns:
            why = f"{file.name} has no column {column!r} ({did_you_mean(column, columns)}); nothing of it is read"
            raise Unreachable(system, why)
    for number, row in enumerate(table.rows, start=1):
        yield row if _own_id(origin.id, row) or ROW in row else {**row, ROW: f"{file.name}, row {number}"}
