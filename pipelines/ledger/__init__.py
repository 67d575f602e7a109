"""The ledger: the transactional store of runs, plans, changes, attempts, receipts, sign-offs and overrides.

Open it with ``open_ledger`` and hand it to these functions; each is one transaction, or a part of one that is opened
with ``together``. The order of a write is ``save_plan`` → (``approve``) → ``next_generations`` → ``record_intents`` →
the request → ``record_receipts`` | ``record_rejections`` | ``record_absent``; on start, ``in_doubt`` comes first.
"""

from pipelines.ledger.accounts import Fingerprint, known_account, meet_account, trust_account
from pipelines.ledger.audit import Entry, Proof, trail, verify
from pipelines.ledger.database import Ledger, open_ledger, together
from pipelines.ledger.decisions import (
    Override,
    Refused,
    Signoff,
    dismiss,
    dismissed,
    end_override,
    is_signed,
    list_held,
    list_overrides,
    list_rejected,
    list_signoffs,
    set_override,
    sign,
    withdraw,
)
from pipelines.ledger.exchanges import Said, exchanges_of, record_exchanges
from pipelines.ledger.holds import Hold, hold, release, standing_holds
from pipelines.ledger.journal import (
    Intent,
    deletes_since,
    in_doubt,
    next_generations,
    overwritten,
    receipts_of,
    receipts_of_all,
    record_absent,
    record_held,
    record_intents,
    record_receipts,
    record_rejections,
    record_void,
)
from pipelines.ledger.judgements import Judgement, judge, list_judgements
from pipelines.ledger.links import Link, list_links, rebuild_links, written_since
from pipelines.ledger.matches import Verdict, list_verdicts, match
from pipelines.ledger.plans import (
    Approval,
    PlanLine,
    StoredPlan,
    approve,
    list_plans,
    load_plan,
    pending,
    pending_ids,
    save_plan,
)
from pipelines.ledger.runs import Counts, Run, counts, finish_run, join_run, leave_run, list_runs, start_run, usual
from pipelines.ledger.turns import turn
from pipelines.ledger.undoing import Delivered, delivered_by
from pipelines.ledger.validations import Validation, newest_validation, record_validations

__all__ = [
    "Approval",
    "Counts",
    "Delivered",
    "Entry",
    "Fingerprint",
    "Hold",
    "Intent",
    "Judgement",
    "Ledger",
    "Link",
    "Override",
    "PlanLine",
    "Proof",
    "Refused",
    "Run",
    "Said",
    "Signoff",
    "StoredPlan",
    "Validation",
    "Verdict",
    "approve",
    "counts",
    "deletes_since",
    "delivered_by",
    "dismiss",
    "dismissed",
    "end_override",
    "exchanges_of",
    "finish_run",
    "hold",
    "in_doubt",
    "is_signed",
    "join_run",
    "judge",
    "known_account",
    "leave_run",
    "list_held",
    "list_judgements",
    "list_links",
    "list_overrides",
    "list_plans",
    "list_rejected",
    "list_runs",
    "list_signoffs",
    "list_verdicts",
    "load_plan",
    "match",
    "meet_account",
    "newest_validation",
    "next_generations",
    "open_ledger",
    "overwritten",
    "pending",
    "pending_ids",
    "rebuild_links",
    "receipts_of",
    "receipts_of_all",
    "record_absent",
    "record_exchanges",
    "record_held",
    "record_intents",
    "record_receipts",
    "record_rejections",
    "record_validations",
    "record_void",
    "release",
    "save_plan",
    "set_override",
    "sign",
    "standing_holds",
    "start_run",
    "together",
    "trail",
    "trust_account",
    "turn",
    "usual",
    "verify",
    "withdraw",
    "written_since",
]
