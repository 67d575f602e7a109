"""Names and columns of the warehouse tables, as expressions. The one place that spells them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlglot import exp

from models.paths import call, literal
from models.schema import Entity, Field, Model

# columns of a staged row beside its fields: name -> DuckDB type
STAGED_COLUMNS = {
    "source_id": "VARCHAR",
    "parent_id": "VARCHAR",
    "resource": "VARCHAR",
    "raw_load": "VARCHAR",
    "read_at": "TIMESTAMP",
    "changed_at": "TIMESTAMP",
    "deleted_at": "TIMESTAMP",
    "merged_into": "VARCHAR",
    "version": "VARCHAR",
    "core_ref": "VARCHAR",
    "peers": "MAP(VARCHAR, VARCHAR)",
    "warnings": "VARCHAR[]",
}
# columns of a staged row that tell its history: name -> DuckDB type
LIFE_COLUMNS = {"first_read_at": "TIMESTAMP", "edited_at": "TIMESTAMP", "alive_at": "TIMESTAMP"}
# Ids and keys are looked for and joined by, and each is there but once or twice. As they are they take a third or half
# of the time that packed ones take to look through, less to write, and have a zone map for every 10,000 rows; a file
# grows by a quarter for each of the two.
UNPACKED = frozenset(("core_id", "source_id", "keys"))


def staged(system: str, entity: str) -> exp.Table:
    return exp.table_(f"{system}__{entity}", db="staged", quoted=True)


def xref(entity: str) -> exp.Table:
    return exp.table_(entity, db="xref", quoted=True)


def nodes(entity: str) -> exp.Table:
    return exp.table_(f"{entity}__nodes", db="xref", quoted=True)


def traits(entity: str) -> exp.Table:
    return exp.table_(f"{entity}__traits", db="xref", quoted=True)


def pairs(entity: str) -> exp.Table:
    return exp.table_(f"{entity}__pairs", db="xref", quoted=True)


def core(entity: str) -> exp.Table:
    return exp.table_(entity, db="core", quoted=True)


def quoted(name: str) -> exp.Table:
    """A relation by a name from outside (a system's), whatever characters are in it."""
    return exp.table_(name, quoted=True)


def asked(table: str) -> exp.In:
    """Whether a row of the table has one of the core_ids in the variable ``core_ids``."""
    ids = exp.select(exp.Explode(this=call("getvariable", literal("core_ids"))))
    return exp.In(this=col("core_id", table), query=ids.subquery())


def in_scope(table: str | None = None) -> exp.In:
    """Whether a row, of that table, has one of the core_ids in relation ``scope``."""
    return exp.In(this=col("core_id", table), query=exp.select("core_id").from_("scope").subquery())


def receipts(system: str, entity: Entity) -> exp.Select:
    """``meta.links`` of one system and entity, the newest of each target record: after a merge two may name it."""
    newest = exp.Window(
        this=exp.RowNumber(),
        partition_by=[col("target_id")],
        order=exp.Order(expressions=[exp.Ordered(this=col("receipt"), desc=True, nulls_first=False)]),
    )
    select = exp.select("*").from_(exp.table_("links", db="meta"), copy=False)
    for name, value in (("system", system), ("entity", entity.name)):
        select = select.where(exp.EQ(this=col(name), expression=exp.convert(value)), copy=False)
    select.set("qualify", exp.Qualify(this=exp.EQ(this=newest, expression=exp.convert(1))))
    return select


def remembered(link: str, side: str, field: Field) -> exp.Expr:
    """What a receipt (relation ``link``) says was pushed or observed for a field, in the field's own type.

    Compared as text it would not equal what is staged: 12.5 stands as 12.5000 in a column of money.
    """
    path = exp.JSONPath(expressions=[exp.JSONPathRoot(), exp.JSONPathKey(this=field.name)])
    text = exp.JSONExtractScalar(this=col(side, link), expression=path, only_json_types=False)
    return exp.TryCast(this=exp.Paren(this=text), to=data_type(column_type(field)))


def written_at(link: str, field: Field) -> exp.Expr:
    """When we last wrote a field there (relation ``link``): a receipt that wrote others only says nothing of it."""
    path = exp.JSONPath(expressions=[exp.JSONPathRoot(), exp.JSONPathKey(this=field.name)])
    text = exp.JSONExtractScalar(this=col("earlier", link), expression=path, only_json_types=False)
    return call("coalesce", exp.TryCast(this=exp.Paren(this=text), to=data_type("TIMESTAMP")), col("at", link))


def data_type(name: str) -> exp.DataType:
    return exp.DataType.build(name, dialect="duckdb")


def column_type(field: Field) -> str:
    """The storage type of a field; a reference is text in staged (source id) and in core (core_id)."""
    return "VARCHAR" if field.ref else field.type.value


def staged_columns(model: Model, system: str, entity: Entity) -> dict[str, str]:
    """Every column of ``staged.<system>__<entity>`` with its type, in order."""
    columns = STAGED_COLUMNS | LIFE_COLUMNS
    for name in model.binding(system).fields_of(entity.name):
        columns[name] = column_type(entity.field(name))
        columns[f"{name}__at"] = "TIMESTAMP"
    return columns


def core_columns(entity: Entity) -> dict[str, str]:
    """Every column of ``core.<entity>`` with its type, in order."""
    columns = {"core_id": "VARCHAR", "deleted_at": "TIMESTAMP"}
    for field in entity.fields:
        columns[field.name] = column_type(field)
        columns[f"{field.name}__from"] = "VARCHAR"
        columns[f"{field.name}__at"] = "TIMESTAMP"
    return columns


def create(table: exp.Table, columns: dict[str, str]) -> exp.Create:
    """CREATE TABLE IF NOT EXISTS, with ids and keys as they are: see ``UNPACKED``."""
    definitions = [
        exp.ColumnDef(
            this=exp.to_identifier(name, quoted=True),
            kind=data_type(type_),
            constraints=[exp.ColumnConstraint(kind=exp.var("USING COMPRESSION uncompressed"))]
            if name in UNPACKED
            else [],
        )
        for name, type_ in columns.items()
    ]
    return exp.Create(this=exp.Schema(this=table, expressions=definitions), kind="TABLE", exists=True)


def col(name: str, table: str | None = None) -> exp.Column:
    return exp.column(name, table=table, quoted=True)


def distinct(left: exp.Expr, right: exp.Expr) -> exp.Expr:
    """IS DISTINCT FROM."""
    return exp.NullSafeNEQ(this=left, expression=right)


def not_null(value: exp.Expr) -> exp.Expr:
    return exp.Not(this=exp.Is(this=value, expression=exp.Null()))


def is_null(value: exp.Expr) -> exp.Expr:
    return exp.Is(this=value, expression=exp.Null())


def case(*branches: tuple[exp.Expr, exp.Expr], default: exp.Expr | None = None) -> exp.Expr:
    """CASE WHEN … THEN … [ELSE default] END."""
    return exp.Case(ifs=[exp.If(this=when, true=then) for when, then in branches], default=default)


def temporary(name: str, query: exp.Expr, *, view: bool = False) -> exp.Create:
    """CREATE OR REPLACE TEMP TABLE (or VIEW) <name> AS query."""
    return exp.Create(
        this=exp.to_table(name),
        kind="VIEW" if view else "TABLE",
        replace=True,
        expression=query.copy(),
        properties=exp.Properties(expressions=[exp.TemporaryProperty()]),
    )


def view(table: exp.Table, query: exp.Expr) -> exp.Create:
    """CREATE OR REPLACE VIEW."""
    return exp.Create(this=table, kind="VIEW", replace=True, expression=query)


def add_column(table: exp.Table, name: str, type_: str) -> exp.Alter:
    """ALTER TABLE … ADD COLUMN."""
    definition = exp.ColumnDef(this=exp.to_identifier(name, quoted=True), kind=data_type(type_))
    return exp.Alter(this=table, kind="TABLE", actions=[definition])


def count(name: str) -> exp.Select:
    return exp.select(exp.Count(this=exp.Star())).from_(exp.to_table(name))


def fill(table: exp.Table, columns: Iterable[str], source: str) -> exp.Insert:
    """INSERT of all rows of a temporary table by a plain name."""
    return insert(table, list(columns), everything(plain(source)))


def insert(table: exp.Table, columns: list[str], query: exp.Expr) -> exp.Insert:
    """INSERT INTO table (columns) query."""
    target = exp.Schema(this=table, expressions=[exp.to_identifier(c, quoted=True) for c in columns])
    return exp.Insert(this=target, expression=query)


def delete(table: exp.Table, condition: exp.Expr | str) -> exp.Delete:
    return exp.delete(table, where=condition, dialect="duckdb")


def everything(table: exp.Table) -> exp.Select:
    """SELECT * FROM table."""
    return exp.select("*").from_(table)


def placed(table: exp.Table) -> exp.Select:
    """Its rows, each with its number as ``place``: by that a few of many are read in the fewest blocks."""
    return exp.select("*", exp.alias_(exp.column("rowid"), "place", quoted=True, copy=False)).from_(table)


def plain(name: str) -> exp.Table:
    """A temporary table or view by its plain name."""
    return exp.to_table(name)


def count_of(table: exp.Table) -> exp.Select:
    return exp.select(exp.Count(this=exp.Star())).from_(table)


def union(selects: Sequence[exp.Query], *, distinct: bool = False) -> exp.Query:
    """UNION ALL of at least one select, or UNION."""
    together = selects[0]
    for select in selects[1:]:
        together = exp.union(together, select, distinct=distinct)
    return together
