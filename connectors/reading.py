"""Raw extraction: what a system returns, exactly as it returned it, appended to the lake by dlt.

One dlt pipeline for each system, one table for each resource (``connectors.raw`` says what they hold). A cursor moves
only when a whole read succeeded, and it is part of the same load as the rows that it stands behind. Reads that bring
nothing are told in ``reads``, and no pipeline runs for them.
"""

from __future__ import annotations

import itertools
import logging
from collections.abc import Callable, Collection, Generator, Iterator, Mapping, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import dlt
import pyarrow as pa
import simplejson

from connectors import resume
from connectors.errors import redact
from connectors.lake import append
from connectors.raw import Load, folder_of, loads, page_table, report_table, spelled
from connectors.spec import READS, Api, Page, Resource
from models.errors import DeclarationError, Gone, PlumblineError, RefusedToEmpty

__all__ = ("READS", "Load", "ReadReport", "System", "loads", "read_all", "read_system", "too_small")

log = logging.getLogger(__name__)

# A full read below this share of the last one is not believed; tiny collections may shrink, but not vanish.
BELIEVABLE = 0.8
TINY = 5

Status = Literal["ok", "failed", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadReport:
    """How the read of one resource ended.

    status   ok; failed (``error`` says why, the cursor stands where it stood); refused (too small to be
             believed: its rows count, what is absent from it does not)
    full     what is absent from this read is gone
    rows     records that arrived, also of a read that then failed; ``deleted``: ids that the system reported as deleted
    seconds  from the first request to the last page
    """

    resource: str
    status: Status
    rows: int = 0
    deleted: int = 0
    error: str | None = None
    seconds: float = 0.0
    full: bool = False


Removed = Callable[[str, datetime], int]


def nothing_removed(resource: str, since: datetime) -> int:  # noqa: ARG001 - the same for every resource
    """Of a system that we never delete in."""
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class System:
    """One system to read: the way in and what to read there.

    removed  how many records of a resource we deleted there ourselves since an instant: nobody need wonder at them
    """

    api: Api
    resources: Sequence[Resource]
    removed: Removed = field(default=nothing_removed)


@dataclass(slots=True, kw_only=True)
class _Tally:
    """What arrived so far in one attempt at reading a resource."""

    rows: int = 0
    deleted: int = 0
    pages: int = 0
    full_pages: int = 0
    cursor: Mapping[str, Any] | None = None

    def count(self, page: Page) -> None:
        self.rows += len(page.records)
        self.deleted += len(page.deleted) + len(page.merged)
        self.pages += 1
        self.full_pages += page.full
        self.cursor = page.cursor if page.cursor is not None else self.cursor

    @property
    def full(self) -> bool:
        return self.pages > 0 and self.full_pages == self.pages


@dataclass(slots=True, kw_only=True)
class _Reader:
    """One resource on its way into the lake.

    seq      counts the rows of the whole system
    removed  as in ``System``
    state    the cursor and the last full count; None while only dlt knows them
    arrived  everything that was stored, over all attempts
    told     the row for ``reads``, when the read ended
    begun    what is there to be loaded, when the read began before dlt
    """

    api: Api
    resource: Resource
    seq: Iterator[int]
    believed: bool
    removed: Removed = nothing_removed
    state: dict[str, Any] | None = None
    arrived: _Tally = field(default_factory=_Tally)
    report: ReadReport | None = None
    told: pa.Table | None = None
    begun: Iterator[Any] | None = None

    def nothing(self) -> bool:
        """Begin to read. Whether the read has ended by that, and says of no record that it is there or not."""
        if self.state is None:
            return False
        tables = self.tables(self.state)
        self.begun = itertools.chain([next(tables)], tables)
        return self.report is not None and not self.report.full

    def loaded(self) -> Iterator[Any]:
        """What ``tables`` gives, for dlt, whose state of the resource moves at the end."""
        held = dlt.current.resource_state()
        if self.state is None:
            self.state = _plain(held)
        yield from self.begun or self.tables(self.state)
        held.update(self.state)

    def tables(self, state: MutableMapping[str, Any]) -> Iterator[Any]:
        """The rows, page by page, then the row for ``reads``. ``state`` keeps the cursor and the last full count."""
        started = self.api.now()
        try:
            tally = yield from self._attempts(_plain(state.get("cursor") or {}))
            report = self._settle(tally, state)
        except Exception as problem:  # noqa: BLE001 - one resource's failure is a fact about it, not the end of the others
            report = self._failed(problem)
        finished = self.api.now()
        self.report = replace(report, seconds=(finished - started).total_seconds())
        row = {name: value for name, value in asdict(report).items() if name != "seconds"}
        self.told = report_table(row, started, finished)
        yield dlt.mark.with_table_name(self.told, READS)

    def _attempts(self, cursor: dict[str, Any]) -> Generator[Any, None, _Tally]:
        """Read from the cursor; from the beginning when the system no longer knows that position."""
        try:
            return (yield from self._pages(cursor))
        except Gone:
            if not cursor:
                raise
            log.info("%s: the position to read %s from is gone; reading it whole", self.api.system, self.resource.name)
        return (yield from self._pages({}))

    def _pages(self, cursor: dict[str, Any]) -> Generator[Any, None, _Tally]:
        tally = _Tally()
        for page in self.resource.read(self.api, cursor):
            tally.count(page)
            self.arrived.count(page)
            if page.records or page.deleted or page.merged:
                yield page_table(page, self.resource, self.api.now(), self.seq)
        return tally

    def _settle(self, tally: _Tally, state: MutableMapping[str, Any]) -> ReadReport:
        """A whole read: move the cursor, unless it is too small to be believed."""
        if tally.full and not self.believed:
            problem = too_small(f"{self.api.system}.{self.resource.name}", tally.rows, self._expected(state))
            if problem is not None:
                return self._report("refused", str(problem))
        if tally.cursor is not None:
            state["cursor"] = _plain(tally.cursor)
        if tally.full:
            state["count"] = tally.rows
            state["counted_at"] = self.api.now().isoformat()
        return replace(self._report("ok"), full=tally.full)

    def _expected(self, state: Mapping[str, Any]) -> int | None:
        """The last full count, less what we deleted since; None when there was none."""
        count, at = state.get("count"), state.get("counted_at")
        if count is None or at is None:
            return count
        return max(0, int(count) - self.removed(self.resource.name, datetime.fromisoformat(at)))

    def _failed(self, problem: Exception) -> ReadReport:
        if isinstance(problem, PlumblineError):
            return self._report("failed", str(problem))
        log.error("%s: reading %s failed", self.api.system, self.resource.name, exc_info=problem)
        return self._report("failed", f"{type(problem).__name__}: {problem}")

    def _report(self, status: Status, error: str | None = None) -> ReadReport:
        return ReadReport(
            resource=self.resource.name,
            status=status,
            rows=self.arrived.rows,
            deleted=self.arrived.deleted,
            error=redact(error),
        )


def too_small(name: str, rows: int, previous: int | None) -> RefusedToEmpty | None:
    """Why a full read of this many rows is not believed after one of ``previous`` rows; None when it is."""
    if not previous or (rows > 0 and previous < TINY) or rows >= BELIEVABLE * previous:
        return None
    return RefusedToEmpty(
        f"{name}: a full read returned {rows} records where the last one returned {previous}; nothing is deleted "
        "because of it. Look there, and accept the smaller read by name if it is right"
    )


def read_system(
    api: Api,
    resources: Sequence[Resource],
    *,
    lake: Path | str,
    state_dir: Path,
    system: str | None = None,
    believe: Collection[str] = (),
    removed: Removed = nothing_removed,
) -> tuple[ReadReport, ...]:
    """Read every resource of one system into the lake; a resource that fails does not stop the others.

    lake       folder or object-store address
    state_dir  working folder of the pipelines; when it is lost, cursors come back from the lake
    believe    resources whose read is accepted however small it is: a person looked
    removed    as in ``System``

    An error of the lake itself (disk full, no permission) is raised; nothing that was read before it is lost.
    """
    name = system or api.system
    seq = itertools.count(1)
    folder = state_dir / folder_of(name)
    known = resume.recall(folder, lake, name)
    readers = [
        _Reader(
            api=api, resource=one, seq=seq, believed=one.name in believe, removed=removed, state=known.get(one.name)
        )
        for one in _named(name, resources)
    ]
    if readers and all(one.nothing() for one in readers):
        resume.note(lake, name, [one.told for one in readers if one.told is not None])
    else:
        resume.forget(folder)
        contents = [(one.resource, one.loaded) for one in readers]
        append(folder_of(name), contents, lake=lake, state_dir=state_dir, ours=bool(known))
    resume.keep(folder, lake, name, known | {one.resource.name: one.state for one in readers if one.state is not None})
    return tuple(one.report for one in readers if one.report is not None)


def read_all(
    systems: Sequence[System], *, lake: Path | str, state_dir: Path, believe: Collection[str] = ()
) -> dict[str, tuple[ReadReport, ...]]:
    """Read all systems side by side, each on its own: system name -> its reports.

    ``believe`` names resources as ``system.resource``. A system whose lake cannot be written fails alone.
    """

    def one(system: System) -> tuple[ReadReport, ...]:
        mine = {name.partition(".")[2] for name in believe if name.partition(".")[0] == system.api.system}
        try:
            return read_system(
                system.api, system.resources, lake=lake, state_dir=state_dir, believe=mine, removed=system.removed
            )
        except Exception as problem:
            log.exception("%s: reading failed", system.api.system)
            error = str(redact(f"{type(problem).__name__}: {problem}"))
            return tuple(ReadReport(resource=each.name, status="failed", error=error) for each in system.resources)

    with ThreadPoolExecutor(max_workers=max(1, len(systems)), thread_name_prefix="read") as pool:
        return dict(zip((each.api.system for each in systems), pool.map(one, systems), strict=True))


def _named(system: str, resources: Sequence[Resource]) -> Sequence[Resource]:
    """The resources, whose names are also folder and table names; DeclarationError when one cannot be that."""
    for one in resources:
        plain = one.name.isidentifier() and one.name == one.name.lower() and "__" not in one.name
        if not plain or one.name.startswith("_") or one.name == READS:
            raise DeclarationError(
                f"{system}: a resource cannot be called {one.name!r}; use lower-case letters, digits and single "
                f"underscores, and not {READS!r}"
            )
    return resources


def _plain(cursor: Mapping[str, Any]) -> dict[str, Any]:
    """A cursor as JSON values of its own, so that neither side can change the other's."""
    return dict(simplejson.loads(simplejson.dumps(dict(cursor), default=spelled)))
