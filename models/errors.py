"""The error tree. Every message names system, entity, field and remedy where they apply.

PlumblineError
  DeclarationError      an entity, map or connector contradicts itself or names what is not there
  StackError            the company's stack.yml cannot be used as it stands
      CredentialError   a credential reference leads to nothing
  SystemFailure         a system did not do what it was asked
    Unreachable         no answer at all, or an answer that is not this system's API
    Unauthorized        the system refuses our credentials or scopes
    Transient           a passing failure; worth another try
      Throttled         the system asks us to slow down
      Ambiguous         the answer was lost: the request may or may not have taken effect
    Stale               the record moved on since we read it; read again, merge, retry
    Gone                the record, or the position we asked to continue from, is no longer there
    Rejected            the system refuses this record for good; a person must look
      NumberTaken       another document has the record's number: it waits, with a number that is free
      ClosedPeriod      the books are closed for the record's date: it waits, listed with the entry that adjusts
  RefusedToEmpty        a read is too small to be believed; nothing is deleted because of it
  Held                  a plan may not be applied as it stands; a person decides
    Occupied            another run is writing to the system
  LedgerError           the ledger is missing, locked or contradicts itself
"""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


class PlumblineError(Exception):
    """Anything that Plumbline says no to, in one sentence that names the remedy."""


class DeclarationError(PlumblineError):
    """An entity, map or connector contradicts itself or names something that does not exist."""


class StackError(PlumblineError):
    """The company's stack.yml cannot be used as it stands.

    place  the steps that lead to what is wrong, from the top of the file; empty where no place is known
    said   what is wrong, without file, line and place
    """

    def __init__(self, text: str, *, place: tuple[str | int, ...] = (), said: str | None = None) -> None:
        super().__init__(text)
        self.place = place
        self.said = text if said is None else said


class CredentialError(StackError):
    """A credential reference in stack.yml leads to nothing."""


class SystemFailure(PlumblineError):
    """A system did not do what it was asked; ``system`` names it."""

    def __init__(self, system: str, message: str) -> None:
        super().__init__(f"{system}: {message}")
        self.system = system


class Unreachable(SystemFailure):
    """No answer at all, or an answer that is not this system's API."""


class Unauthorized(SystemFailure):
    """The system refuses our credentials or scopes."""


class Transient(SystemFailure):
    """A passing failure that is worth another try; ``wait`` is the server's own wish in seconds, if any."""

    def __init__(self, system: str, message: str, wait: float | None = None) -> None:
        super().__init__(system, message)
        self.wait = wait


class Throttled(Transient):
    """The system asks us to slow down."""


class Ambiguous(Transient):
    """The answer was lost: the request may or may not have taken effect."""


class Stale(SystemFailure):
    """The target record moved on since we read it: read again, merge, retry."""


class Gone(SystemFailure):
    """The record, or the position to continue reading from, is no longer there."""


class Rejected(SystemFailure):
    """The system refuses this record for good; a person must look."""


class NumberTaken(Rejected):
    """Another document has the record's number. It is held until a person changes one of them, never renumbered."""


class ClosedPeriod(Rejected):
    """The books are closed for the record's date. Nothing is wrong with the record: it is held and tried again."""

    SAYS = "the books are closed for this date"


class RefusedToEmpty(PlumblineError):
    """A read returned too little to be believed; nothing is deleted because of it."""


class Held(PlumblineError):
    """A plan may not be applied as it stands; a named person decides."""


class Occupied(Held):
    """Another run is writing to the system; nothing is sent there beside it."""


class LedgerError(PlumblineError):
    """The ledger is missing, locked, or contradicts itself."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Half a sentence that offers the nearest known name, or lists what is known."""
    choices = sorted(known)
    near = get_close_matches(name, choices, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"known: {', '.join(choices)}" if choices else "nothing is known here"
