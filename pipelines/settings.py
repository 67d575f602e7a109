"""stack.yml as frozen, checked settings: one company's systems, ownership rules, handoffs and guards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, ValidationError, field_validator, model_validator

from models.change import Mode
from models.conditions import Condition
from models.errors import StackError, did_you_mean
from models.handoff import Handoff
from models.schema import ROLES
from pipelines.rulings import Rule
from pipelines.stack_file import Document, read

_DURATION = re.compile(r"(\d+)\s*([mdhw])")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SystemEntry(_Part):
    """One system the company uses."""

    connector: str | None = Field(None, description="The connector, when the system goes by another name here.")
    roles: tuple[str, ...] = Field(description="What the system is for the company.")
    credentials: Mapping[str, str] = Field({}, description="References: env:NAME, file:PATH, or sandbox:NAME.")
    settings: Mapping[str, Any] = Field({}, description="The connector's own options.")
    base_url: str | None = Field(None, description="Another address than the vendor's: a sandbox, a region, a server.")
    environment: Literal["production", "sandbox"] = Field("production", description="Whether real people see it.")
    headroom: int = Field(1, ge=1, description="Times the vendor's published limits, where the company was given more.")
    resources: Mapping[str, Any] = Field({}, description="For files: what to read.")
    maps: tuple[Mapping[str, Any], ...] = Field((), description="For files: how columns become fields.")

    @field_validator("roles")
    @classmethod
    def _known_roles(cls, roles: tuple[str, ...]) -> tuple[str, ...]:
        for role in roles:
            if role not in ROLES:
                raise ValueError(f"there is no role {role!r}; {did_you_mean(role, ROLES)}")
        return roles


class Window(_Part):
    """Which appointments are written: around now (``past``, ``future``) or between two dates (``from``, ``to``)."""

    past: str | None = None
    future: str | None = None
    from_: date | None = Field(None, alias="from")
    to: date | None = Field(None, description="Inclusive.")

    def bounds(self, now: datetime, zone: str) -> tuple[datetime | None, datetime | None]:
        """UTC instants, naive, between which a start must lie."""
        if self.from_ is not None or self.to is not None:
            start = _midnight(self.from_, zone) if self.from_ else None
            return start, _midnight(self.to + timedelta(days=1), zone) if self.to else None
        plain = now.astimezone(UTC).replace(tzinfo=None)
        start = plain - duration(self.past) if self.past else None
        return start, plain + duration(self.future) if self.future else None


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)


def duration(text: str) -> timedelta:
    """``7d``, ``12h``, ``20m``, ``2w``; StackError for anything else."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise StackError(f"{text!r} is no duration; write 7d, 12h, 20m or 2w")
    return timedelta(**{{"m": "minutes", "d": "days", "h": "hours", "w": "weeks"}[match[2]]: int(match[1])})


class Demand(_Part):
    """What must hold of one value; a list alone says ``one_of``."""

    one_of: tuple[str, ...] = Field((), description="It is one of these; one that is not known is none of them.")
    not_: tuple[str, ...] = Field((), alias="not", description="It is none of these.")
    at_most: Decimal | str | None = Field(None, description="An amount, or the path of one, that it does not exceed.")

    @model_validator(mode="before")
    @classmethod
    def _listed(cls, given: Any) -> Any:
        return {"one_of": given} if isinstance(given, list) else given


class HandoffEntry(_Part):
    """How one target system and entity is written."""

    mode: Mode
    creates: bool = True
    deletes: Literal["mirror", "off"] = "off"
    window: Window | None = None
    fields: tuple[str, ...] | None = None
    only_when: dict[str, Demand] = Field(
        default_factory=dict, description="A record is made only when all of this holds; until then it waits, listed."
    )
    owner: str | None = Field(None, description="Who signs this handoff off.")


class Guards(_Part):
    """Limits beyond which a plan waits for a named person. Each holds per plan."""

    deletes: str | int = Field("5%", description="Deletes: a number, or a share of what the target holds.")
    creates: int = Field(500, description="Creates.")
    overwrites: int = Field(1000, description="Updates.")
    norm: int = Field(
        5, ge=0, description="Times the largest of the last 30 plans that went through; 0 leaves the norm out."
    )
    money: Decimal = Field(
        Decimal(25000), description="Sum of the money amounts that change, in the company's currency."
    )

    @field_validator("deletes")
    @classmethod
    def _number_or_share(cls, deletes: str | int) -> str | int:
        if not re.fullmatch(r"\d+(\.\d+)?%|\d+", str(deletes)):
            raise ValueError(f"{deletes!r} is no limit; write a number, or a share such as 5%")
        return deletes

    def delete_limit(self, held: int) -> int:
        """The number of deletes allowed when the target holds ``held`` records of ours; at least 5 for a share."""
        text = str(self.deletes)
        return max(5, int(held * Decimal(text.rstrip("%")) / 100)) if text.endswith("%") else int(text)

    def norm_limit(self, action: str, usual: Mapping[str, int] | None) -> int | None:
        """What a plan of the usual size may not exceed; None while too little is known, or when the norm is off."""
        if usual is None or not self.norm:
            return None
        return max(5 if action == "delete" else 50, self.norm * usual.get(action, 0))


class Bookings(_Part):
    """What counts as a double booking of a technician, and what becomes of one that we would make."""

    travel: str = Field("0m", description="Time between two appointments at different places, as in 20m.")
    overlaps: Literal["hold", "warn"] = Field("hold", description="Whether a change that makes one waits for a person.")
    unknown_after: str = Field("24h", description="Age at which what was read of a calendar no longer counts as known.")

    @field_validator("travel", "unknown_after")
    @classmethod
    def _duration(cls, text: str) -> str:
        try:
            duration(text)
        except StackError as problem:
            raise ValueError(str(problem)) from problem
        return text


class Stack(_Part):
    """One company's configuration, as in its stack.yml."""

    company: str
    time_zone: str = "UTC"
    currency: str = Field("USD", pattern="^[A-Z]{3}$")
    country: str = Field("US", pattern="^[A-Z]{2}$", description="Home of phone numbers without a country code.")
    data: str | None = Field(
        None, description="Folder for lake, warehouse and ledger; default .plumbline beside the file."
    )
    ledger: str | None = Field(
        None, description="Database URL of the ledger; default a SQLite file in the data folder."
    )
    clock: str | None = Field(None, description="A sandbox company's clock; real time without it.")
    systems: Mapping[str, SystemEntry]
    ownership: Mapping[str, Rule] = Field({}, description="Entity or entity.field -> rule and policies.")
    handoffs: Mapping[str, HandoffEntry] = Field({}, description="system.entity -> how it is written.")
    guards: Guards = Guards()
    bookings: Bookings = Bookings()
    _document: Document = PrivateAttr()

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in zones():
            raise ValueError(f"there is no time zone {zone!r}; {did_you_mean(zone, zones())}")
        return zone

    @property
    def folder(self) -> Path:
        """Where stack.yml stands; relative paths start here."""
        return self._document.path.parent

    @property
    def home(self) -> Path:
        """Where lake, warehouse and ledger stand."""
        return (self.folder / (self.data or ".plumbline")).resolve()

    @property
    def ledger_url(self) -> str:
        return self.ledger or f"sqlite:///{self.home / 'ledger.sqlite'}"

    def error(self, where: tuple[str | int, ...], message: str) -> StackError:
        return self._document.error(where, message)

    def handoff_list(self, now: datetime) -> tuple[Handoff, ...]:
        """The handoffs with their windows as instants; ``now`` is aware."""
        return tuple(self._handoff(name, entry, now) for name, entry in self.handoffs.items())

    def _handoff(self, name: str, entry: HandoffEntry, now: datetime) -> Handoff:
        system, _, entity = name.partition(".")
        starts, ends = entry.window.bounds(now, self.time_zone) if entry.window else (None, None)
        return Handoff(
            system=system,
            entity=entity,
            mode=entry.mode,
            creates=entry.creates,
            deletes=entry.deletes,
            starts=starts,
            ends=ends,
            fields=entry.fields,
            conditions=tuple(
                Condition(path=path, one_of=one.one_of, none_of=one.not_, at_most=one.at_most)
                for path, one in entry.only_when.items()
            ),
        )


@cache
def zones() -> frozenset[str]:
    """Every IANA zone name that this machine knows: to look through its folders takes as long as the rest of a load."""
    return frozenset(available_timezones())


def load(path: Path) -> Stack:
    """Read and check a stack file; StackError with line and suggestion for the first thing that is wrong."""
    return stack_of(read(path))


def stack_of(document: Document) -> Stack:
    """The stack that a document says; StackError as ``load``."""
    try:
        stack = Stack.model_validate(document.data)
    except ValidationError as problem:
        raise _explain(document, problem) from None
    stack._document = document
    for name in stack.handoffs:
        system = name.partition(".")[0]
        if system not in stack.systems:
            raise document.error(
                ("handoffs", name), f"there is no system {system!r}; {did_you_mean(system, stack.systems)}"
            )
    return stack


def _explain(document: Document, problem: ValidationError) -> StackError:
    """The first complaint in our words, with a suggestion for a key that does not exist."""
    found = problem.errors()
    first = next((e for e in found if e["type"] == "extra_forbidden"), found[0])
    where = tuple(step for step in first["loc"] if step != "function-before[read_rule(), Ownership]")
    if first["type"] == "extra_forbidden":
        known = _keys_at(where[:-1])
        return document.error(where, f"there is no such key; {did_you_mean(str(where[-1]), known)}")
    if first["type"] == "missing":
        return document.error(where[:-1], f"{where[-1]!r} is missing")
    return document.error(where, first["msg"].removeprefix("Value error, ").removeprefix("Input should be ").strip())


def _keys_at(where: tuple[str | int, ...]) -> list[str]:
    """The keys that are allowed at a place of the file."""
    parts: dict[str, type[_Part]] = {"systems": SystemEntry, "handoffs": HandoffEntry, "guards": Guards}
    parts["bookings"] = Bookings
    model: type[BaseModel] = Stack
    if where:
        model = parts.get(str(where[0]), Stack)
    if where and where[-1] == "window":
        model = Window
    return [field.alias or name for name, field in model.model_fields.items()]


def json_schema() -> dict[str, Any]:
    """JSON Schema of stack.yml, for editors."""
    return Stack.model_json_schema(by_alias=True)
