"""What alembic runs for each command: revisions on the connection that it was given, in its transaction."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import Connection
from sqlalchemy.types import TypeDecorator

from pipelines.ledger.tables import metadata


def plain_type(kind: str, of: Any, _context: AutogenContext) -> str | Literal[False]:
    """A revision names the type that the database keeps, so that it does not change when ours does."""
    return f"sa.{of.impl!r}" if kind == "type" and isinstance(of, TypeDecorator) else False


def run(db: Connection) -> None:
    """SQLite cannot alter a table: there alembic copies it."""
    context.configure(
        connection=db, target_metadata=metadata, render_as_batch=db.dialect.name == "sqlite", render_item=plain_type
    )
    with context.begin_transaction():
        context.run_migrations()


run(context.config.attributes["connection"])
