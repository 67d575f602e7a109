"""Plans know the newest receipt that they were made with."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0002_plans_know"
down_revision = "r0001_first"


def upgrade() -> None:
    with op.batch_alter_table("plans") as plans:
        plans.add_column(sa.Column("knows", sa.BigInteger().with_variant(sa.Integer(), "sqlite")))
