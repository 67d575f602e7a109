"""Bytes of an export to rows: CSV, JSON (a list or one object a line) and Parquet.

A row that cannot be read is still a row: it carries ``__problem`` (why), ``__row`` (where it stands) and
``__values`` (what was there), so that staging sets it aside with that reason instead of losing it.
"""

from __future__ import annotations

import codecs
import csv
import io
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from math import isfinite
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.spec import Record

PROBLEM, ROW, VALUES = "__problem", "__row", "__values"
FORMATS = {"csv": ("csv", "tsv", "txt"), "json": ("json", "jsonl", "ndjson"), "parquet": ("parquet",)}
SUFFIXES = {suffix: form for form, suffixes in FORMATS.items() for suffix in suffixes}
# Spreadsheets write UTF-8 with a mark or the Windows code page; Latin-1 reads any byte there is.
ENCODINGS = ("utf-8-sig", "cp1252", "latin-1")
BATCH = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The rows of one file; ``columns`` is None where each row names its own (JSON)."""

    columns: Sequence[str] | None
    rows: Iterator[Record]


def parse(data: bytes, *, name: str, form: str, delimiter: str, encoding: str | None) -> Table:
    """A file's content as a table; ``name`` says where a row stands. ValueError when it is nothing of the kind."""
    if form == "parquet":
        return _parquet(data)
    text = _decoded(data, encoding)
    return _csv(text, name, delimiter) if form == "csv" else _json(text, name)


def broken(where: str, why: str, values: Any) -> Record:
    """A row that could not be read, as a record."""
    return {PROBLEM: f"{where}: {why}", ROW: where, VALUES: values}


def _decoded(data: bytes, encoding: str | None) -> str:
    if encoding is None and data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"
    for candidate in (encoding,) if encoding else ENCODINGS:
        try:
            return data.decode(candidate).removeprefix("\ufeff")
        except UnicodeDecodeError:
            continue
    raise ValueError(f"it is not written in {encoding}")


def _csv(text: str, name: str, delimiter: str) -> Table:
    # Strict: a stray quote would otherwise swallow every following row into one cell without a word.
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        header = next((row for row in reader if row), None)
    except csv.Error as problem:
        raise ValueError(f"its header cannot be read ({problem})") from problem
    if header is None:
        raise ValueError("it is empty: it has not even a header")
    columns = _columns(header)
    return Table(columns=columns, rows=_csv_rows(reader, columns, name))


def _columns(header: Sequence[str]) -> tuple[str, ...]:
    """Names as written, without outer blanks; a blank one and the second of two equal ones get their number."""
    seen: Counter[str] = Counter()
    found: list[str] = []
    for position, cell in enumerate(header, start=1):
        column = cell.strip() or f"column {position}"
        seen[column] += 1
        found.append(column if seen[column] == 1 else f"{column} {seen[column]}")
    return tuple(found)


def _csv_rows(reader: Any, columns: Sequence[str], name: str) -> Iterator[Record]:
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            yield broken(f"{name}, line {reader.line_num}", str(problem), None)
            continue
        if len(row) == len(columns):
            yield dict(zip(columns, (cell or None for cell in row), strict=True))
        elif row:
            why = f"{len(row)} values where the header has {len(columns)}"
            yield broken(f"{name}, line {reader.line_num}", why, row)


def _json(text: str, name: str) -> Table:
    try:
        whole = _loads(text)
    except json.JSONDecodeError as problem:
        if text.lstrip()[:1] != "{":
            raise ValueError(f"it is neither a JSON list nor one JSON object a line ({problem})") from problem
        return Table(columns=None, rows=_json_lines(text, name))
    listed = whole if isinstance(whole, list) else [whole]
    return Table(columns=None, rows=(_object(one, f"{name}, element {n}") for n, one in enumerate(listed, start=1)))


def _loads(text: str) -> Any:
    """JSON with exact fractions; NaN and Infinity are no numbers."""
    return json.loads(text, parse_float=Decimal, parse_constant=lambda _: None)


def _json_lines(text: str, name: str) -> Iterator[Record]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{name}, line {number}"
        try:
            yield _object(_loads(line), where)
        except json.JSONDecodeError as problem:
            yield broken(where, str(problem), line)


def _object(value: Any, where: str) -> Record:
    return value if isinstance(value, dict) else broken(where, "it is no JSON object", value)


def _parquet(data: bytes) -> Table:
    try:
        file = pq.ParquetFile(pa.BufferReader(data))
    except pa.ArrowInvalid as problem:
        raise ValueError(f"it is no Parquet file ({problem})") from problem
    rows = (_plain(row) for batch in file.iter_batches(BATCH) for row in batch.to_pylist())
    return Table(columns=tuple(file.schema_arrow.names), rows=rows)


def _plain(value: Any) -> Any:
    """Values that JSON has no word for, in words that codecs read."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, float):
        return Decimal(repr(value)) if isfinite(value) else None
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    return str(value) if isinstance(value, timedelta) else value
