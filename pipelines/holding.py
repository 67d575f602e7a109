"""Why nothing of a handoff may be sent now: a failed read or check, a missing sign-off, a person, another account."""

from __future__ import annotations

from connectors.spec import Account
from models.errors import PlumblineError
from models.handoff import Handoff
from pipelines import ledger as books
from pipelines.company import Company
from pipelines.ledger import Fingerprint, Ledger
from pipelines.session import Session


def hold_reason(current: Session, handoff: Handoff, *, undoing: bool = False) -> str | None:
    """Why nothing may be sent for this handoff, known before looking at the rows.

    ``undoing``: a person's hold does not stop what takes a plan back; that is what it is held for.
    """
    if handoff.system in current.problems:
        return f"{handoff.system} could not be read: {current.problems[handoff.system]}"
    if handoff.system in current.refused:
        return current.refused[handoff.system][0]
    blocked = current.reconciled.get(handoff.entity)
    if blocked is not None and blocked.blocked:
        names = ", ".join(v.check.name for v in blocked.verdicts if v.blocks)
        return f"{handoff.entity} is blocked by its checks: {names}"
    if handoff.entity in current.behind:
        return current.behind[handoff.entity]
    by_hand = None if undoing else stopped(current.ledger, handoff.name)
    return by_hand or unsigned(current.company, current.ledger, handoff)


def stopped(ledger: Ledger, handoff: str) -> str | None:
    """Who stopped a handoff, when and why; None when nobody did."""
    one = books.standing_holds(ledger).get(handoff)
    if one is None:
        return None
    return f"{one.by} holds {handoff} since {one.at:%Y-%m-%d %H:%M} UTC: {one.reason}; `plumbline release {handoff}`"


def unsigned(company: Company, ledger: Ledger, handoff: Handoff) -> str | None:
    """Why a handoff that writes to real people may not: nobody signed it off as it is configured and validated now."""
    if handoff.mode != "live" or company.stack.systems[handoff.system].environment != "production":
        return None
    validated = books.newest_validation(ledger, handoff.name)
    digest = validated.digest if validated else ""
    if books.is_signed(ledger, handoff.name, configuration=company.configuration(handoff), validation=digest):
        return None
    return f"nobody has signed off {handoff.name} as it is configured now; run `plumbline signoff {handoff.name}`"


def another_account(current: Session, system: str) -> str | None:
    """Why a system's credentials lead where nothing was written before; asked once a run, before the first push."""
    if system not in current.accounts:
        current.accounts[system] = _another_account(current, system)
    return current.accounts[system]


def _another_account(current: Session, system: str) -> str | None:
    ask = current.company.connectors[system].account
    if ask is None:
        return None
    try:
        seen = fingerprint(system, ask(current.apis[system]))
    except PlumblineError as problem:
        return f"{system} does not say whose account it is: {problem}"
    declared = current.company.stack.systems[system].environment
    if declared == "production" and seen.environment != "production":
        return f"{system} is declared as production, and its account {seen.name} is {seen.environment}; correct one"
    known = books.meet_account(current.ledger, seen, at=current.plain_now())
    if (known.account, known.environment) == (seen.account, seen.environment):
        return None
    return (
        f"{system} leads to {seen.name} ({seen.account}, {seen.environment}), and was connected to {known.name} "
        f"({known.account}, {known.environment}); correct its credentials, or `plumbline trust {system}`"
    )


def fingerprint(system: str, account: Account) -> Fingerprint:
    """What of an account must not change between two runs."""
    return Fingerprint(system=system, account=account.id, name=account.name, environment=account.environment)
