"""The warehouse: one DuckDB file that holds staged, xref, core and what the stages tell each other.

The only module that touches DuckDB. SQL comes in as sqlglot expressions, or by name from ``sql/``.
"""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

import duckdb
from duckdb.func import FunctionNullHandling

from models.compile import likeness, tables, xref
from models.errors import PlumblineError
from models.likeness import LIKENESS
from models.schema import Model
from pipelines.phone import phone_e164
from pipelines.settings import zones
from pipelines.statements import Expression, Statements

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa
    from sqlglot import exp

INTERRUPTED = "Query interrupted"
MEMORY = ":memory:"
SQL_FOLDER = Path(__file__).parent / "sql"
KEPT = 2_000  # texts whose parsed form is kept in this process
_parsed: dict[str, tuple[duckdb.Statement, ...]] = {}


@cache
def statement(name: str) -> str:
    """The text of ``sql/<name>.sql``."""
    return (SQL_FOLDER / f"{name}.sql").read_text(encoding="utf-8")


@contextmanager
def stoppable() -> Iterator[None]:
    """Let Ctrl-C through, which DuckDB turns into a RuntimeError: whoever sets bad records aside would go on."""
    try:
        yield
    except RuntimeError as problem:
        if str(problem) == INTERRUPTED:
            raise KeyboardInterrupt from problem
        raise


class _House:
    """The one database engine of a process, to which warehouses are attached: to start one takes time.

    It keeps nothing itself. Temporary tables, views and variables belong to the connection of each warehouse. A file
    that is open already is shared, as long as somebody has it open.

    Rows keep no order of their own, where no ORDER BY says one: DuckDB 2.0 loses the rows of a large INSERT that keeps
    the order of what it reads, after one of no row into the same table in the same transaction.
    """

    def __init__(self) -> None:
        self.connection = duckdb.connect(MEMORY, config={"preserve_insertion_order": False})
        self.connection.create_function(
            "phone_e164", phone_e164, ["varchar", "varchar"], "varchar", null_handling=FunctionNullHandling.SPECIAL
        )
        self._lock = Lock()
        self._numbers = itertools.count(1)
        self._open: dict[str, str] = {}
        self._users: Counter[str] = Counter()
        atexit.register(self.close)  # or the interpreter finds it still there in the end, and says so

    def enter(self, path: Path | str, *, read_only: bool) -> str:
        """The name under which the tables of a file are to be found; ``leave`` it in the end."""
        place = MEMORY if path == MEMORY else f"{Path(path).resolve()} {read_only}"
        with self._lock:
            name = self._open.get(place) if place != MEMORY else None
            if name is None:
                name = f"warehouse_{next(self._numbers)}"
                file, form = str(path).replace("'", "''"), " (READ_ONLY)" if read_only else ""
                self.connection.execute(f"ATTACH '{file}' AS {name}{form}")
                self._open[place] = name
            self._users[name] += 1
        return name

    def close(self) -> None:
        self.connection.close()

    def share(self, name: str) -> str:
        """The same name for one more user."""
        with self._lock:
            self._users[name] += 1
        return name

    def again(self, name: str) -> duckdb.DuckDBPyConnection:
        """A connection of its own to what was entered."""
        connection = self.connection.cursor()
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(f"USE {name}")
        return connection

    def leave(self, name: str) -> None:
        """Close the file when nobody has it open any more."""
        with self._lock:
            self._users[name] -= 1
            if not self._users[name]:
                self._open = {place: one for place, one in self._open.items() if one != name}
                self.connection.execute(f"DETACH {name}")


@cache
def _house(process: int) -> _House:  # noqa: ARG001 - a fork has none of the threads that work in it
    return _House()


class Warehouse:
    """An open warehouse. Close it, or use ``open_warehouse`` as a context manager."""

    def __init__(self, path: Path | str, *, read_only: bool = False) -> None:
        self._house = _house(os.getpid())
        try:
            self._name = self._house.enter(path, read_only=read_only)
        except (duckdb.IOException, duckdb.BinderException) as problem:
            raise PlumblineError(
                f"the warehouse {Path(path).name} is in use by another process or damaged; wait for the running sync "
                f"to end ({str(problem).splitlines()[0][:160]})"
            ) from problem
        self._begin()

    def _begin(self) -> None:
        self.statements = Statements()
        self._variables: dict[str, tuple[type, Any]] = {}
        self.connection = self._house.again(self._name)

    def beside(self) -> Warehouse:
        """Another connection to the same tables, with temporary tables and variables of its own; close it too."""
        other = Warehouse.__new__(Warehouse)
        other._house, other._name = self._house, self._house.share(self._name)
        other._begin()
        return other

    def compiled(self, name: str, build: Callable[[], Expression]) -> str:
        """The text of what ``build`` compiles, by a name that is its own for each set of arguments; kept."""
        return self.statements.text(name, build)

    def close(self) -> None:
        self.connection.close()
        if self._name:  # to close it once more is no error
            self._house.leave(self._name)
            self._name = ""

    def run(self, query: exp.Expr | str, parameters: Mapping[str, Any] | Sequence[Any] | None = None) -> None:
        """Execute a statement and drop its result."""
        with stoppable():
            self._execute(query, parameters)

    def rows(
        self, query: exp.Expr | str, parameters: Mapping[str, Any] | Sequence[Any] | None = None
    ) -> list[dict[str, Any]]:
        """The result as dictionaries."""
        with stoppable():
            result = self._execute(query, parameters)
            names = [column[0] for column in result.description or ()]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def value(self, query: exp.Expr | str, parameters: Mapping[str, Any] | Sequence[Any] | None = None) -> Any:
        """The first column of the first row; None when there is no row."""
        with stoppable():
            found = self._execute(query, parameters).fetchall()  # one row alone would leave the connection busy
        return found[0][0] if found else None

    def frame(self, query: exp.Expr | str) -> pd.DataFrame:
        """The result as a pandas frame."""
        with stoppable():
            return self._execute(query, None).df()

    def arrow(self, query: exp.Expr | str) -> pa.Table:
        """The result as an Arrow table: lists stay lists, and nothing is copied row by row."""
        text = query if isinstance(query, str) else query.sql("duckdb")
        with stoppable():
            return self.connection.sql(text).to_arrow_table()

    def take(self, name: str, table: pa.Table) -> None:
        """An Arrow table as a temporary table by a plain name."""
        self.connection.register("given", table)
        try:
            self.run(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM given")  # noqa: S608 - our own table name
        finally:
            self.connection.unregister("given")

    def set(self, **variables: Any) -> None:
        """Set session variables that statements in ``sql/`` read with ``getvariable``."""
        for name, value in variables.items():
            kept = (type(value), value)
            if self._variables.get(name) != kept or isinstance(value, list):  # a list may have grown since
                self.run(f"SET VARIABLE {name} = $value", {"value": value})
                self._variables[name] = kept

    def script(self, name: str) -> None:
        """Execute every statement of ``sql/<name>.sql``."""
        with stoppable():
            for one in self._parse(statement(name)):
                self.connection.execute(one)

    def statement(self, name: str) -> str:
        """The text of ``sql/<name>.sql``, for statements that return rows."""
        return statement(name)

    def insert_many(self, table: str, rows: Sequence[Sequence[Any]]) -> None:
        """Append rows, a column at a time: row by row takes a thousand times as long."""
        if rows:
            marks = ", ".join("unnest(?)" for _ in rows[0])
            columns = [list(column) for column in zip(*rows, strict=True)]
            self.run(f"INSERT INTO {table} SELECT {marks}", columns)

    def _execute(
        self, query: exp.Expr | str, parameters: Mapping[str, Any] | Sequence[Any] | None
    ) -> duckdb.DuckDBPyConnection:
        text = query if isinstance(query, str) else query.sql("duckdb")
        *before, last = self._parse(text)
        for one in before:
            self.connection.execute(one)
        return self.connection.execute(last, parameters) if parameters is not None else self.connection.execute(last)

    def _parse(self, text: str) -> tuple[duckdb.Statement, ...]:
        """The statements of a text: parsing takes a quarter of the time of one that reads few rows, and most return."""
        if text not in _parsed:
            if len(_parsed) >= KEPT:
                _parsed.clear()
            _parsed[text] = tuple(self.connection.extract_statements(text))
        return _parsed[text]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; joins one that is already open."""
        if getattr(self, "_open", False):
            yield
            return
        self.connection.execute("BEGIN")
        self._open = True
        try:
            yield
        except BaseException:
            self.connection.execute("ROLLBACK")
            raise
        else:
            self.connection.execute("COMMIT")
        finally:
            self._open = False

    def replace_view(self, name: str, query: str) -> None:
        """A temporary view by a plain name, so that a statement in ``sql/`` can serve every entity."""
        self.run(f"CREATE OR REPLACE TEMP VIEW {name} AS {query}")

    def replace_table(self, name: str, query: str) -> int:
        """A temporary table by a plain name; returns its number of rows."""
        self.run(f"CREATE OR REPLACE TEMP TABLE {name} AS {query}")
        return int(self.value(f"SELECT count(*) FROM {name}"))  # noqa: S608 - our own table name


@contextmanager
def open_warehouse(path: Path, model: Model, fingerprint: str | None = None) -> Iterator[Warehouse]:
    """The warehouse with every table that the model needs, closed at the end.

    fingerprint  of all that SQL is compiled from (``statements.fingerprint``); with it texts are kept between runs
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    warehouse = Warehouse(path)
    try:
        if fingerprint is None or not _recall(warehouse, fingerprint):
            with warehouse.transaction():  # else every table waits for the disk
                prepare(warehouse, model)
        yield warehouse
        _keep(warehouse)
    finally:
        warehouse.close()


def _recall(warehouse: Warehouse, fingerprint: str) -> bool:
    """Bring back the texts of this fingerprint; whether the tables were made under it, and need no making."""
    try:
        rows = warehouse.rows("SELECT name, text FROM meta.statements WHERE fingerprint = ?", [fingerprint])
    except duckdb.CatalogException:  # nothing was ever made here: asking for the table first takes twenty times as long
        rows = []
    known = {row["name"]: row["text"] for row in rows}
    warehouse.statements = Statements(fingerprint, known)
    return bool(known)


def _keep(warehouse: Warehouse) -> None:
    """Store the texts that are new; those of other fingerprints are of no use any more."""
    mark, fresh = warehouse.statements.fingerprint, warehouse.statements.fresh()
    if mark is not None and fresh:
        with warehouse.transaction():
            warehouse.run("DELETE FROM meta.statements WHERE fingerprint <> ?", [mark])
            warehouse.insert_many("meta.statements", [[mark, name, text] for name, text in fresh.items()])


@contextmanager
def open_snapshot(path: Path, fingerprint: str | None = None) -> Iterator[Warehouse]:
    """The published snapshot, read only. PlumblineError when nothing was published yet.

    fingerprint  of all that SQL is compiled from; with it texts are kept in this process
    """
    if not path.exists():
        raise PlumblineError("nothing has been synced yet; run `plumbline sync` first")
    warehouse = Warehouse(path, read_only=True)
    warehouse.statements = Statements(fingerprint)
    try:
        yield warehouse
    finally:
        warehouse.close()


def publish(source: Path, target: Path) -> None:
    """Publish the closed warehouse file as a snapshot: readers see the old or the new one, never half of it."""
    draft = target.with_suffix(".next")
    shutil.copyfile(source, draft)
    draft.replace(target)


def prepare(warehouse: Warehouse, model: Model) -> None:
    """Create what is missing and add columns for fields declared since; nothing is ever dropped here."""
    lay_ground(warehouse)
    present = _present(warehouse)
    for entity in model.entities:
        _ensure(warehouse, present, tables.core(entity.name), tables.core_columns(entity))
        _ensure(warehouse, present, tables.xref(entity.name), xref.XREF_COLUMNS)
        _ensure(warehouse, present, tables.nodes(entity.name), xref.NODE_COLUMNS)
    for binding in model.bindings:
        for name in dict.fromkeys(one.to for one in binding.maps):
            columns = tables.staged_columns(model, binding.name, model.entity(name))
            _ensure(warehouse, present, tables.staged(binding.name, name), columns)
    compared = [entity.name for entity in model.entities if entity.name in LIKENESS]
    for name in compared:
        _ensure(warehouse, present, tables.traits(name), likeness.TRAIT_COLUMNS)
        _ensure(warehouse, present, tables.pairs(name), likeness.PAIR_COLUMNS)
    warehouse.run(xref.known(model))
    warehouse.run(xref.dead(model))
    warehouse.run(xref.targets())
    warehouse.run(likeness.candidates(compared))


def lay_ground(warehouse: Warehouse) -> None:
    """What does not depend on the model: enough to read records with, not to keep them."""
    warehouse.script("schema")
    if not warehouse.value("SELECT count(*) FROM meta.zones"):
        # `localtime` and the like depend on the machine; DuckDB does not know them and would stop at such a row
        known = "SELECT name FROM pg_timezone_names() WHERE list_contains($names, name) ORDER BY name"
        warehouse.run(f"INSERT INTO meta.zones {known}", {"names": sorted(zones())})


def _present(warehouse: Warehouse) -> dict[tuple[str, str], set[str]]:
    """The columns of every table. Asking for those of none, in a new warehouse, takes as long as making some."""
    here = "database_name = current_database()"
    if not warehouse.value(f"SELECT count(*) FROM duckdb_tables() WHERE {here} AND schema_name = 'xref'"):  # noqa: S608
        return {}
    found: dict[tuple[str, str], set[str]] = {}
    columns = f"SELECT schema_name, table_name, column_name FROM duckdb_columns() WHERE {here}"  # noqa: S608
    for row in warehouse.rows(columns):
        found.setdefault((row["schema_name"], row["table_name"]), set()).add(row["column_name"])
    return found


def _ensure(
    warehouse: Warehouse, present: Mapping[tuple[str, str], set[str]], table: exp.Table, columns: dict[str, str]
) -> None:
    existing = present.get((table.db, table.name))
    if existing is None:
        text = warehouse.compiled(f"create/{table.db}/{table.name}", lambda: tables.create(table, columns))
        warehouse.run(text)
        return
    for name, type_ in columns.items():
        if name not in existing:
            warehouse.run(tables.add_column(table, name, type_))
