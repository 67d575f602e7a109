"""Reading a few records back through their map, with the same SQL that stages them, in memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock
from types import TracebackType
from typing import Any, Self

import simplejson

from models.compile import staged as compiled
from models.schema import Map, Model
from pipelines.statements import Statements
from pipelines.warehouse import Warehouse, lay_ground


class Decoder:
    """Wire records to canonical values; needs no file, so a push may read back while others use the warehouse.

    Its tables are made when the first record comes: most sessions read nothing back.

    fingerprint  of all that SQL is compiled from (``statements.fingerprint``); with it texts are kept in the process
    """

    def __init__(self, model: Model, fingerprint: str | None = None) -> None:
        self.model = model
        self.fingerprint = fingerprint
        self._opened: Warehouse | None = None
        self._lock = Lock()  # its tables are shared, and pushes ask from several threads

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._opened is not None:
            self._opened.close()

    @property
    def warehouse(self) -> Warehouse:
        """An empty warehouse in memory."""
        if self._opened is None:
            self._opened = Warehouse(":memory:")
            self._opened.statements = Statements(self.fingerprint)
            lay_ground(self._opened)
        return self._opened

    def decode(self, system: str, one: Map, records: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        """Target id -> canonical values, for every record that its map can read.

        Where a map makes several rows of a record (``each``), all of them are there, by their own ids.
        """
        if not records:
            return {}
        with self._lock:
            found = self._read(system, one, records)
        id = "source_id" if one.each else "parent_id"
        return {row[id]: {name: row[name] for name in one.fields} for row in found if row["broken"] is None}

    def _read(self, system: str, one: Map, records: Mapping[str, Mapping[str, Any]]) -> list[dict[str, Any]]:
        self.warehouse.script("no_batch")
        texts = [simplejson.dumps(record, use_decimal=True) for record in records.values()]
        self.warehouse.run(
            "INSERT INTO batch SELECT unnest($ids), unnest($texts)::JSON, false, now()::TIMESTAMP, 'readback', "
            "unnest($numbers)",
            {"ids": list(records), "texts": texts, "numbers": list(range(len(texts)))},
        )
        name = f"map/{system}/{one.resource}/{one.to}/rows"  # as staging calls it: the text is the same
        return self.warehouse.rows(self.warehouse.compiled(name, lambda: compiled.rows(self.model, system, one)))


def differing(wanted: Mapping[str, Any], observed: Mapping[str, Any], fields: Sequence[str]) -> list[str]:
    """The fields whose observed value is not the wanted one."""
    return [name for name in fields if observed.get(name) != wanted.get(name)]
