"""What stands in a system, read anew through its connector: our books and our warehouse have no part in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.declared.office import BELONGS, MARK, MARKED, TECHNICIANS
from benchmarks.declared.systems import map_of
from connectors.raw import identify
from connectors.spec import Outgoing, Record, Write
from models.change import Change
from models.compile import staged
from models.fields import encode_record
from models.schema import Map
from pipelines import company as companies
from pipelines.decoding import Decoder

Row = Mapping[str, Any]
_WHO = re.compile("|".join(TECHNICIANS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A record that stands in a system: the number it is about, its revision where it says so, and who goes there."""

    number: int
    revision: int | None = None
    who: str | None = None


@dataclass(kw_only=True)
class Seen:
    """One system as it is now, each resource read once, from its beginning."""

    home: companies.Company
    decoder: Decoder
    system: str
    _records: dict[str, Mapping[str, Record]] = field(default_factory=dict)
    _rows: dict[str, Mapping[str, Row]] = field(default_factory=dict)

    def standing(self, write: Write) -> list[Standing]:
        """The living records of a written entity that have to do with the office."""
        rows = self._read(map_of(self.system, write))
        seen = (self._standing(write.entity, row) for row in rows.values())
        return [one for one in seen if one is not None]

    def edit(self, write: Write, field: str) -> None:
        """Change a text of the first record that is ours, by the account that we write with and behind our books."""
        one = map_of(self.system, write)
        entity = self.home.model.entity(write.entity)
        row = next(row for row in self._read(one).values() if self._mark(write.entity, row)[1])
        after = {field: f"{row[field]}, or not"}
        change = Change(
            system=self.system, entity=write.entity, core_id=row["core_ref"] or f"{entity.prefix}_0", action="update",
            target_id=row["source_id"], version=row["version"], before={field: row[field]}, after=after,
            desired={name: row[name] for name in one.fields} | after,
            refs={ref.name: row[ref.name] for ref in entity.refs if row.get(ref.name)},
        )  # fmt: skip
        send = write.update
        assert send is not None
        with companies.open_system(self.home, self.system) as api:
            send(api, Outgoing(change=change, record=encode_record(one.fields, after), key=change.id))

    def _standing(self, entity: str, row: Row) -> Standing | None:
        number, revision = self._mark(entity, row)
        return None if number is None else Standing(number=number, revision=revision, who=self._who(row))

    def _mark(self, entity: str, row: Row) -> tuple[int | None, int | None]:
        """By its own text; else, of unknown revision, by that of what it belongs to."""
        texts = [str(row.get(MARKED[entity])), str(row.get("reference")), str(row.get("memo"))]
        if found := MARK.search("\n".join(texts)):
            return int(found[1]), int(found[2])
        parent = self._referred(BELONGS.get(entity), row)
        return (None, None) if parent is None else (self._mark(BELONGS[entity], parent)[0], None)

    def _who(self, row: Row) -> str | None:
        technician = self._referred("technician", row) or {}
        found = _WHO.search(
            " ".join(map(str, (technician.get("email"), row.get("technician_email"), row["source_id"])))
        )
        return found[0] if found else None

    def _referred(self, entity: str | None, row: Row) -> Row | None:
        """The record of this system that a row refers to."""
        if entity is None or row.get(entity) is None:
            return None
        maps = [one for one in self.home.connectors[self.system].maps if one.to == entity]
        return next((found[row[entity]] for one in maps if row[entity] in (found := self._read(one))), None)

    def _read(self, one: Map) -> Mapping[str, Row]:
        if one.to not in self._rows:
            records = self._listed(one.resource)
            self.decoder.decode(self.system, one, records)
            rows = self.decoder.warehouse.rows(staged.rows(self.home.model, self.system, one)) if records else []
            living = (row for row in rows if row["deleted_at"] is None and row["broken"] is None)
            self._rows[one.to] = {row["source_id"]: row for row in living}
        return self._rows[one.to]

    def _listed(self, resource: str) -> Mapping[str, Record]:
        if resource not in self._records:
            (one,) = (one for one in self.home.resources[self.system] if one.name == resource)
            with companies.open_system(self.home, self.system) as api:
                pages = list(one.read(api, {}))
            gone = {id for page in pages for id in page.deleted}
            records = {str(identify(one, record)): record for page in pages for record in page.records}
            self._records[resource] = {id: record for id, record in records.items() if id not in gone}
        return self._records[resource]
