"""Reading a few records back through their map, with the same SQL that stages them, in memory."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from threading import Lock
from types import TracebackType
from typing import Any, Self

import simplejson

from models.compile import staged as compiled
from models.schema import Map, Model
from pipelines.statements import Statements
from pipelines.warehouse import Warehouse, lay_ground


@dataclass(slots=True, eq=False)
class _Ask:
    """Records that somebody wants read; ``found`` when they are."""

    system: str
    map: Map
    records: Mapping[str, Mapping[str, Any]]
    found: dict[str, dict[str, Any]] | None = None


@cache
def _ground(process: int) -> Warehouse:  # noqa: ARG001 - a fork has none of the threads that work in it
    """What reading a record takes, in memory, for all decoders of a process; it holds no record of anybody."""
    warehouse = Warehouse(":memory:")
    lay_ground(warehouse)
    return warehouse


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
        self._asked: list[_Ask] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._opened is not None:
            self._opened.close()

    @property
    def warehouse(self) -> Warehouse:
        """An empty warehouse in memory, nobody else's."""
        if self._opened is None:
            self._opened = _ground(os.getpid()).beside()
            self._opened.statements = Statements(self.fingerprint)
        return self._opened

    def decode(self, system: str, one: Map, records: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
        """Target id -> canonical values, for every record that its map can read.

        Where a map makes several rows of a record (``each``), all of them are there, by their own ids.
        """
        if not records:
            return {}
        ask = _Ask(system, one, records)
        self._asked.append(ask)
        try:
            with self._lock:
                if ask.found is None:
                    self._answer(ask, [other for other in tuple(self._asked) if other is not ask])
        finally:
            self._asked.remove(ask)
        assert ask.found is not None  # noqa: S101 - whoever had the lock has answered it
        return ask.found

    def _answer(self, ask: _Ask, waiting: Sequence[_Ask]) -> None:
        """Read what is asked for, together with all that waits for the same map: most of the time goes to planning."""
        same = [ask, *(one for one in waiting if one.map is ask.map and one.system == ask.system and one.found is None)]
        whose = [number for number, one in enumerate(same) for _ in one.records]
        found: list[dict[str, dict[str, Any]]] = [{} for _ in same]
        key = "source_id" if ask.map.each else "parent_id"
        for row in self._read(ask.system, ask.map, [pair for one in same for pair in one.records.items()]):
            if row["broken"] is None:
                found[whose[row["seq"]]][row[key]] = {name: row[name] for name in ask.map.fields}
        for one, rows in zip(same, found, strict=True):
            one.found = rows

    def _read(self, system: str, one: Map, records: Sequence[tuple[str, Mapping[str, Any]]]) -> list[dict[str, Any]]:
        self.warehouse.script("no_batch")
        texts = [simplejson.dumps(record, use_decimal=True) for _, record in records]
        self.warehouse.run(
            "INSERT INTO batch SELECT unnest($ids), unnest($texts)::JSON, false, now()::TIMESTAMP, 'readback', "
            "unnest($numbers)",
            {"ids": [id for id, _ in records], "texts": texts, "numbers": list(range(len(texts)))},
        )
        name = f"map/{system}/{one.resource}/{one.to}/rows"  # as staging calls it: the text is the same
        return self.warehouse.rows(self.warehouse.compiled(name, lambda: compiled.rows(self.model, system, one)))


def differing(wanted: Mapping[str, Any], observed: Mapping[str, Any], fields: Sequence[str]) -> list[str]:
    """The fields whose observed value is not the wanted one."""
    return [name for name in fields if observed.get(name) != wanted.get(name)]
