"""Plans that take another back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0004_undoing"
down_revision = "r0003_decisions"


def upgrade() -> None:
    """A plan may name the one that it takes back."""
    with op.batch_alter_table("plans") as plans:
        plans.add_column(sa.Column("undoes", sa.String()))
