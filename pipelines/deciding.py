"""What named people decide about handoffs, accounts and refused changes, checked against the stack first."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from models.errors import Held, PlumblineError, StackError, did_you_mean
from models.handoff import Handoff
from pipelines import ledger as books
from pipelines.company import Company, expect_known, open_books, open_system
from pipelines.holding import fingerprint
from pipelines.ledger import Fingerprint, Hold, Proof, Signoff, Validation


def handoff_of(company: Company, name: str) -> Handoff:
    """The handoff of this name; StackError when there is none that is on."""
    found = next((one for one in company.handoffs() if one.name == name), None)
    if found is None:
        raise StackError(f"there is no handoff {name!r} that is on; {did_you_mean(name, company.stack.handoffs)}")
    return found


def sign(company: Company, name: str, *, by: str, note: str) -> Signoff:
    """Sign a handoff off as it is configured now.

    StackError for somebody who is not the owner in the stack,
    Held for one that was not validated.
    """
    handoff = handoff_of(company, name)
    owner = company.stack.handoffs[name].owner
    if owner is not None and by.strip().casefold() != owner.strip().casefold():
        raise StackError(f"{name} is signed off by its owner, {owner}, and not by {by}; ask them, or change the stack")
    with open_books(company) as ledger:
        validated = books.newest_validation(ledger, name)
        _expect_validated(company, handoff, validated)
        one = Signoff(
            handoff=name,
            configuration=company.configuration(handoff),
            validation=validated.digest if validated else "",
            by=by,
            at=_now(company),
            note=note,
        )
        books.sign(ledger, one)
    return one


def _expect_validated(company: Company, handoff: Handoff, found: Validation | None) -> None:
    """Held for a handoff that reaches real people and was never looked at as it is configured now, or is not ready."""
    if company.stack.systems[handoff.system].environment != "production":
        return
    if found is None or found.configuration != company.configuration(handoff):
        raise Held(
            f"{handoff.name} was not validated as it is configured now; run `plumbline validate` and read its page"
        )
    if found.verdict == "fail":
        raise Held(f"{handoff.name} is not ready; mend what `plumbline validate` says first, and validate again")


def stop(company: Company, name: str, *, by: str, why: str) -> None:
    """Nothing of this handoff is sent until it is released."""
    handoff_of(company, name)
    with open_books(company) as ledger:
        books.hold(ledger, Hold(handoff=name, by=by, at=_now(company), reason=why))


def let_go(company: Company, name: str, *, by: str, why: str) -> None:
    """The handoff goes on."""
    handoff_of(company, name)
    with open_books(company) as ledger:
        books.release(ledger, name, by=by, at=_now(company), reason=why)


def trust_present(company: Company, system: str, *, by: str, why: str) -> Fingerprint:
    """Accept the account that a system leads to now. PlumblineError for one that does not say whose it is."""
    expect_known("system", [system], company.stack.systems)
    ask = company.connectors[system].account
    if ask is None:
        raise PlumblineError(f"{system} does not say whose account it is, so that there is none to trust")
    with open_system(company, system) as api, open_books(company) as ledger:
        seen = fingerprint(system, ask(api))
        books.trust_account(ledger, seen, by=by, at=_now(company), reason=why)
    return seen


def dismiss(company: Company, change: str, *, by: str, why: str) -> None:
    """Stop trying a change that a system refused."""
    with open_books(company) as ledger:
        books.dismiss(ledger, change, by=by, at=_now(company), reason=why)


def decisions(company: Company, *, limit: int) -> list[dict[str, Any]]:
    """The audit trail, the newest first."""
    with open_books(company) as ledger:
        return [
            {"at": one.at, "by": one.by, "act": one.act, "subject": one.subject, "detail": dict(one.detail)}
            for one in books.trail(ledger, limit=limit)
        ]


def proof(company: Company, *, head: str | None) -> Proof:
    """Whether the audit trail is whole."""
    with open_books(company) as ledger:
        return books.verify(ledger, head=head)


def _now(company: Company) -> datetime:
    return company.clock().astimezone(UTC)
