"""Overrides that end when their source speaks, and people's decisions on deletions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0005_ownership"
down_revision = "r0004_undoing"


def upgrade() -> None:
    """A column of overrides, and the table of judgements."""
    with op.batch_alter_table("overrides") as overrides:
        overrides.add_column(sa.Column("until_source", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.create_table(
        "judgements",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=True),
        sa.Column("conflict", sa.String(), nullable=False),
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("core_id", sa.String(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("choice", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("choice IN ('keep', 'delete')", name="known_choice"),
        sa.Index("judgements_by_record", "entity", "core_id", "system"),
        sqlite_autoincrement=True,
    )
