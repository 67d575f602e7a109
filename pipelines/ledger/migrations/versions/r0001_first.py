"""The tables as they were when revisions began."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "r0001_first"
down_revision = None

# As pipelines.ledger.tables keeps them.
NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
TYPED = sa.JSON(none_as_null=True)


def upgrade() -> None:
    runs_and_plans()
    planned_changes()
    journal()
    links_of_receipts()
    agreements()
    standing_decisions()


def runs_and_plans() -> None:
    """What was to be written."""
    op.create_table(
        "runs",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("finished_at", INSTANT, nullable=True),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint("status IN ('running', 'done', 'failed', 'held')", name="known_status"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "plans",
        sa.Column("seq", NUMBER, autoincrement=True, nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("run", sa.String(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("mode", sa.String(), nullable=False),
        sa.Column("hold", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("superseded_by", sa.String(), nullable=True),
        sa.CheckConstraint("mode IN ('off', 'shadow', 'review', 'live')", name="known_mode"),
        sa.CheckConstraint("state IN ('frozen', 'approved', 'applied', 'superseded')", name="known_state"),
        sa.ForeignKeyConstraint(
            ["run"],
            ["runs.id"],
        ),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_plans_id", "plans", ["id"], unique=False)
    op.create_index("ix_plans_run", "plans", ["run"], unique=False)
    op.create_index("plans_by_handoff", "plans", ["system", "entity", "state"], unique=False)


def planned_changes() -> None:
    """One row for each occurrence of a change."""
    op.create_table(
        "changes",
        sa.Column("seq", NUMBER, autoincrement=True, nullable=False),
        sa.Column("plan", NUMBER, nullable=False),
        sa.Column("change_id", sa.String(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("core_id", sa.String(), nullable=False),
        sa.Column("target_id", sa.String(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=True),
        sa.Column("before", TYPED, nullable=False),
        sa.Column("after", TYPED, nullable=False),
        sa.Column("desired", TYPED, nullable=False),
        sa.Column("refs", TYPED, nullable=False),
        sa.Column("cause", TYPED, nullable=False),
        sa.Column("starts", TYPED, nullable=True),
        sa.Column("applicable", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("action IN ('create', 'update', 'delete')", name="known_action"),
        sa.CheckConstraint("state IN ('planned', 'held', 'delivered', 'rejected', 'superseded')", name="known_state"),
        sa.ForeignKeyConstraint(
            ["plan"],
            ["plans.seq"],
        ),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_index("changes_by_id", "changes", ["change_id", "seq"], unique=False)
    op.create_index("changes_by_record", "changes", ["system", "entity", "core_id", "seq"], unique=False)
    op.create_index("ix_changes_plan", "changes", ["plan"], unique=False)


def journal() -> None:
    """Intents before, receipts after."""
    op.create_table(
        "attempts",
        sa.Column("change_id", sa.String(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("change", NUMBER, nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("request", TYPED, nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.CheckConstraint("outcome IN ('delivered', 'rejected', 'absent')", name="known_outcome"),
        sa.ForeignKeyConstraint(
            ["change"],
            ["changes.seq"],
        ),
        sa.PrimaryKeyConstraint("change_id", "generation"),
    )
    op.create_index("attempts_in_doubt", "attempts", ["system", "outcome"], unique=False)
    op.create_table(
        "receipts",
        sa.Column("seq", NUMBER, autoincrement=True, nullable=False),
        sa.Column("change_id", sa.String(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("core_id", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("target_id", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=True),
        sa.Column("pushed", TYPED, nullable=False),
        sa.Column("observed", TYPED, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("seq"),
        sa.UniqueConstraint("change_id", "generation", name="one_receipt_per_effect"),
        sqlite_autoincrement=True,
    )
    op.create_index("receipts_by_record", "receipts", ["system", "entity", "core_id", "seq"], unique=False)


def links_of_receipts() -> None:
    """Which record stands for which."""
    op.create_table(
        "links",
        sa.Column("system", sa.String(), nullable=False),
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("core_id", sa.String(), nullable=False),
        sa.Column("receipt", NUMBER, nullable=False),
        sa.Column("change_id", sa.String(), nullable=False),
        sa.Column("target_id", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=True),
        sa.Column("pushed", TYPED, nullable=False),
        sa.Column("observed", TYPED, nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("made", sa.Boolean(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("system", "entity", "core_id"),
    )


def agreements() -> None:
    """What people decided about plans and changes."""
    op.create_table(
        "approvals",
        sa.Column("seq", NUMBER, autoincrement=True, nullable=False),
        sa.Column("plan", NUMBER, nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["plan"],
            ["plans.seq"],
        ),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_approvals_plan", "approvals", ["plan"], unique=False)
    op.create_table(
        "dismissals",
        sa.Column("change_id", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("change_id"),
    )


def standing_decisions() -> None:
    """What people decided about handoffs and values."""
    op.create_table(
        "signoffs",
        sa.Column("seq", NUMBER, autoincrement=True, nullable=False),
        sa.Column("handoff", sa.String(), nullable=False),
        sa.Column("configuration", sa.String(), nullable=False),
        sa.Column("validation", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("withdrawn_at", INSTANT, nullable=True),
        sa.Column("withdrawn_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_signoffs_handoff", "signoffs", ["handoff"], unique=False)
    op.create_table(
        "overrides",
        sa.Column("seq", NUMBER, autoincrement=True, nullable=False),
        sa.Column("entity", sa.String(), nullable=False),
        sa.Column("core_id", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("value", TYPED, nullable=True),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("until", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.Column("ended_by", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_autoincrement=True,
    )
    op.create_index("overrides_by_field", "overrides", ["entity", "core_id", "field"], unique=False)
