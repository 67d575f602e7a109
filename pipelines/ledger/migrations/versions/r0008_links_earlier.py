"""Links know when a field that their newest receipt did not write was last written."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0008_links_earlier"
down_revision = "r0007_verdicts"


def upgrade() -> None:
    with op.batch_alter_table("links") as links:
        links.add_column(sa.Column("earlier", sa.JSON(none_as_null=True)))
