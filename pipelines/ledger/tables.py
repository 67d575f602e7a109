"""The tables of the ledger.

``plans`` and ``changes`` hold one row per *occurrence*: the same content planned by two runs has one
content hash and two rows, so that each run's books balance on their own. ``attempts`` and
``receipts`` are the write-ahead journal: an attempt is committed before its request leaves, a
receipt after the answer. ``links`` is derived from ``receipts`` and can be rebuilt from them.

A change here needs a revision in ``migrations``, so that ledgers that exist follow.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from pipelines.ledger.values import Instant, Typed

metadata = MetaData()

# SQLite numbers rows by itself only for a column that is exactly INTEGER.
_Number = BigInteger().with_variant(Integer, "sqlite")


def _sequence() -> Column[int]:
    """A growing number that is never given twice, also after deletes and rollbacks."""
    return Column("seq", _Number, primary_key=True, autoincrement=True)


def _one_of(column: str, *values: str) -> CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=f"known_{column}")


runs = Table(
    "runs",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("status", String, nullable=False),
    Column("error", Text),
    _one_of("status", "running", "done", "failed", "held"),
)

plans = Table(
    "plans",
    metadata,
    _sequence(),
    Column("id", String, nullable=False, index=True),
    Column("run", ForeignKey("runs.id"), nullable=False, index=True),
    Column("system", String, nullable=False),
    Column("entity", String, nullable=False),
    Column("mode", String, nullable=False),
    Column("hold", Text),
    Column("created_at", Instant, nullable=False),
    Column("state", String, nullable=False),
    Column("superseded_by", String),
    # The newest receipt of the handoff that the plan was made with.
    Column("knows", _Number),
    # The plan that this one takes back.
    Column("undoes", String),
    # A hash of every row as it was frozen; what is sent is held against it.
    Column("seal", String, nullable=False, server_default=""),
    _one_of("state", "frozen", "approved", "applied", "superseded"),
    _one_of("mode", "off", "shadow", "review", "live"),
    Index("plans_by_handoff", "system", "entity", "state"),
    sqlite_autoincrement=True,
)

changes = Table(
    "changes",
    metadata,
    _sequence(),
    Column("plan", ForeignKey("plans.seq"), nullable=False, index=True),
    Column("change_id", String, nullable=False),
    Column("system", String, nullable=False),
    Column("entity", String, nullable=False),
    Column("core_id", String, nullable=False),
    Column("target_id", String),
    Column("action", String, nullable=False),
    Column("version", String),
    Column("before", Typed, nullable=False),
    Column("after", Typed, nullable=False),
    Column("desired", Typed, nullable=False),
    Column("refs", Typed, nullable=False),
    Column("cause", Typed, nullable=False),
    Column("starts", Typed),
    # False for what the planner itself held back (a missing reference, a guard on one row).
    Column("applicable", Boolean, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", Text),
    _one_of("action", "create", "update", "delete"),
    _one_of("state", "planned", "held", "delivered", "rejected", "superseded"),
    Index("changes_by_id", "change_id", "seq"),
    Index("changes_by_record", "system", "entity", "core_id", "seq"),
    sqlite_autoincrement=True,
)

attempts = Table(
    "attempts",
    metadata,
    Column("change_id", String, primary_key=True),
    Column("generation", Integer, primary_key=True),
    Column("change", ForeignKey("changes.seq"), nullable=False),
    Column("system", String, nullable=False),
    Column("key", String, nullable=False),
    Column("request", Typed, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("outcome", String),
    _one_of("outcome", "delivered", "rejected", "absent"),
    Index("attempts_in_doubt", "system", "outcome"),
)

receipts = Table(
    "receipts",
    metadata,
    _sequence(),
    Column("change_id", String, nullable=False),
    Column("generation", Integer, nullable=False),
    Column("system", String, nullable=False),
    Column("entity", String, nullable=False),
    Column("core_id", String, nullable=False),
    Column("action", String, nullable=False),
    Column("target_id", String, nullable=False),
    Column("version", String),
    Column("pushed", Typed, nullable=False),
    Column("observed", Typed, nullable=False),
    Column("at", Instant, nullable=False),
    UniqueConstraint("change_id", "generation", name="one_receipt_per_effect"),
    Index("receipts_by_record", "system", "entity", "core_id", "seq"),
    sqlite_autoincrement=True,
)

exchanges = Table(
    "exchanges",
    metadata,
    _sequence(),
    Column("at", Instant, nullable=False),
    Column("line", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("request_headers", Typed, nullable=False),
    # Empty when no answer arrived.
    Column("status", Integer),
    Column("answer", Text, nullable=False),
    Column("answer_headers", Typed, nullable=False),
    sqlite_autoincrement=True,
)

exchanged = Table(
    "exchanged",
    metadata,
    Column("change_id", String, primary_key=True),
    Column("generation", Integer, primary_key=True),
    Column("exchange", ForeignKey("exchanges.seq"), primary_key=True),
)

links = Table(
    "links",
    metadata,
    Column("system", String, primary_key=True),
    Column("entity", String, primary_key=True),
    Column("core_id", String, primary_key=True),
    Column("receipt", _Number, nullable=False),
    Column("change_id", String, nullable=False),
    Column("target_id", String, nullable=False),
    Column("version", String),
    Column("pushed", Typed, nullable=False),
    Column("observed", Typed, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("made", Boolean, nullable=False),
    Column("at", Instant, nullable=False),
    # None: written by a version that did not ask
    Column("earlier", Typed),
)

approvals = Table(
    "approvals",
    metadata,
    _sequence(),
    Column("plan", ForeignKey("plans.seq"), nullable=False, index=True),
    Column("by", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    # The changes that were agreed to; None for all of the plan.
    Column("changes", Typed),
    sqlite_autoincrement=True,
)

dismissals = Table(
    "dismissals",
    metadata,
    Column("change_id", String, primary_key=True),
    Column("by", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
)

signoffs = Table(
    "signoffs",
    metadata,
    _sequence(),
    Column("handoff", String, nullable=False, index=True),
    Column("configuration", String, nullable=False),
    Column("validation", String, nullable=False),
    Column("by", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("note", Text, nullable=False),
    Column("withdrawn_at", Instant),
    Column("withdrawn_by", String),
    sqlite_autoincrement=True,
)

overrides = Table(
    "overrides",
    metadata,
    _sequence(),
    Column("entity", String, nullable=False),
    Column("core_id", String, nullable=False),
    Column("field", String, nullable=False),
    Column("value", Typed),
    Column("by", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("until", Instant),
    # It ends by itself when the owner's value changes after it was set.
    Column("until_source", Boolean, nullable=False, server_default=text("false")),
    Column("ended_at", Instant),
    Column("ended_by", String),
    Index("overrides_by_field", "entity", "core_id", "field"),
    sqlite_autoincrement=True,
)

judgements = Table(
    "judgements",
    metadata,
    _sequence(),
    Column("conflict", String, nullable=False),
    Column("entity", String, nullable=False),
    Column("core_id", String, nullable=False),
    Column("system", String, nullable=False),
    Column("choice", String, nullable=False),
    Column("by", String, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
    _one_of("choice", "keep", "delete"),
    Index("judgements_by_record", "entity", "core_id", "system"),
    sqlite_autoincrement=True,
)

validations = Table(
    "validations",
    metadata,
    _sequence(),
    Column("handoff", String, nullable=False, index=True),
    Column("configuration", String, nullable=False),
    Column("digest", String, nullable=False),
    Column("verdict", String, nullable=False),
    Column("at", Instant, nullable=False),
    _one_of("verdict", "pass", "warn", "fail"),
    sqlite_autoincrement=True,
)

holds = Table(
    "holds",
    metadata,
    _sequence(),
    Column("handoff", String, nullable=False, index=True),
    Column("by", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("released_at", Instant),
    Column("released_by", String),
    Column("release_reason", Text),
    sqlite_autoincrement=True,
)

verdicts = Table(
    "verdicts",
    metadata,
    _sequence(),
    Column("entity", String, nullable=False),
    Column("left_system", String, nullable=False),
    Column("left_id", String, nullable=False),
    Column("right_system", String, nullable=False),
    Column("right_id", String, nullable=False),
    Column("same", Boolean, nullable=False),
    Column("by", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    Index("verdicts_by_pair", "entity", "left_system", "left_id", "right_system", "right_id"),
    sqlite_autoincrement=True,
)

accounts = Table(
    "accounts",
    metadata,
    _sequence(),
    Column("system", String, nullable=False, index=True),
    Column("account", String, nullable=False),
    Column("name", String, nullable=False),
    Column("environment", String, nullable=False),
    Column("at", Instant, nullable=False),
    Column("by", String, nullable=False),
    Column("reason", Text, nullable=False),
    sqlite_autoincrement=True,
)

audit = Table(
    "audit",
    metadata,
    _sequence(),
    Column("at", Instant, nullable=False),
    Column("by", String, nullable=False),
    Column("act", String, nullable=False),
    Column("subject", String, nullable=False, index=True),
    Column("detail", Typed, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False, unique=True),
    sqlite_autoincrement=True,
)
