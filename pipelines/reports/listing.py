"""Reports that are one query over the published snapshot: ``<name>.sql`` beside this file or in ``tables/``.

Those in ``tables/`` are about money. They rest on the temporary tables of ``sql/money.sql``, which say once and for
all of them which invoices and payments count and which payment settled which invoice.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from models.compile.money import AMOUNTS, source_records
from models.errors import PlumblineError, did_you_mean
from models.schema import Model, Type
from pipelines.company import Company
from pipelines.warehouse import Warehouse, open_snapshot

FOLDER = Path(__file__).parent
TABLES = FOLDER / "tables"
# Beside amounts: who pays, and how far an invoice is.
CORE = (
    "SELECT table_name AS name FROM duckdb_tables() WHERE database_name = current_database() AND schema_name = 'core'"
)
DECIDES_MONEY = ("invoice.customer", "invoice.status", "payment.customer")


def names() -> tuple[str, ...]:
    """Every report that is one query."""
    return tuple(sorted(path.stem for folder in (FOLDER, TABLES) for path in folder.glob("*.sql")))


def rows(company: Company, name: str) -> list[dict[str, Any]]:
    """The rows of a report; PlumblineError with a suggestion when there is none of this name."""
    if name not in names():
        raise PlumblineError(f"there is no report {name!r}; {did_you_mean(name, (*names(), 'finance'))}")
    if (TABLES / f"{name}.sql").exists():
        with open_money(company) as warehouse:
            return table(warehouse, name)
    with open_snapshot(company.snapshot) as warehouse:
        return warehouse.rows((FOLDER / f"{name}.sql").read_text(encoding="utf-8"))


@contextmanager
def open_money(company: Company) -> Iterator[Warehouse]:
    """The published snapshot with the tables that money reports rest on."""
    today = company.clock().astimezone(ZoneInfo(company.stack.time_zone)).date()
    with open_snapshot(company.snapshot) as warehouse:
        lay_money(warehouse, company.model, today)
        yield warehouse


def lay_money(warehouse: Warehouse, model: Model, today: date) -> None:
    """Make the tables of ``sql/money.sql``, as of a day in the company's zone."""
    known = {row["name"] for row in warehouse.rows(CORE)}
    if not known.issuperset(AMOUNTS):
        raise PlumblineError("the snapshot is of an earlier version; run `plumbline sync` to publish it anew")
    warehouse.set(
        today=today,
        zone=model.context.time_zone,
        currency=model.context.currency,
        invoice_books=keepers(model, "invoice"),
        payment_books=keepers(model, "payment"),
        payout_books=keepers(model, "payout"),
        payout_senders=keepers(model, "payout", role="payments"),
        money_fields=money_fields(model),
    )
    warehouse.replace_table("source_records", source_records(model).sql("duckdb"))
    warehouse.script("money")


def table(warehouse: Warehouse, name: str) -> list[dict[str, Any]]:
    """The rows of one money table in a snapshot opened by ``open_money``."""
    return warehouse.rows((TABLES / f"{name}.sql").read_text(encoding="utf-8"))


def keepers(model: Model, entity: str, *, role: str = "accounting") -> list[str]:
    """The systems that keep the books of an entity: those of a role. Where there are none every system counts."""
    return [b.name for b in model.bindings if role in b.roles and b.maps_to(entity)]


def money_fields(model: Model) -> list[str]:
    """``entity.field`` of everything whose disagreement touches money."""
    amounts = [f"{e.name}.{f.name}" for e in model.entities for f in e.fields if f.type in (Type.MONEY, Type.LINES)]
    return sorted({*amounts, *DECIDES_MONEY})
