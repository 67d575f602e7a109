"""What went over the wire."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0006_exchanges"
down_revision = "r0005_ownership"


def upgrade() -> None:
    """Requests and answers, and which changes they were about."""
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "exchanges",
        sa.Column("seq", number, autoincrement=True, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("request_headers", sa.JSON(none_as_null=True), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answer_headers", sa.JSON(none_as_null=True), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "exchanged",
        sa.Column("change_id", sa.String(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("exchange", number, nullable=False),
        sa.ForeignKeyConstraint(["exchange"], ["exchanges.seq"]),
        sa.PrimaryKeyConstraint("change_id", "generation", "exchange"),
    )
