"""One company, ready to work with: its stack, the model as it uses it, and the way into each of its systems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from connectors import registry
from connectors.spec import Connector, Resource
from models.change import digest
from models.checking import check_map
from models.compile.plan import written_fields
from models.conditions import check
from models.entities import ENTITIES
from models.errors import PlumblineError, StackError, did_you_mean
from models.handoff import Handoff
from models.schema import Binding, Context, Entity, Model
from pipelines.clock import LOOPBACK, Clock, clock_of, utc_now
from pipelines.credentials import resolve
from pipelines.settings import Stack
from pipelines.statements import fingerprint

if TYPE_CHECKING:  # what opens a connection is imported where one is opened: definitions load without it
    from connectors.gateway import Gateway
    from connectors.reading import System
    from pipelines.ledger import Ledger


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A stack with its connectors loaded and checked. Holds no connection and no secret."""

    stack: Stack
    model: Model
    connectors: Mapping[str, Connector]
    resources: Mapping[str, tuple[Resource, ...]]
    clock: Clock = field(default=utc_now)
    vault: Path | None = None  # where renewed tokens are kept, when that is not beside the ledger

    @property
    def tokens(self) -> Path:
        """Where renewed tokens are kept: one place for all that use a credential."""
        return self.vault or self.stack.home / "tokens"

    @property
    def lake(self) -> Path:
        return self.stack.home / "lake"

    @property
    def warehouse(self) -> Path:
        return self.stack.home / "warehouse.duckdb"

    @property
    def snapshot(self) -> Path:
        """The published copy that readers use."""
        return self.stack.home / "snapshot.duckdb"

    @property
    def fingerprint(self) -> str:
        """The hash of all that this company's SQL is compiled from."""
        return fingerprint(self.stack, self.model)

    @property
    def of_run(self) -> tuple[str, ...]:
        """The systems that tell of the run itself: they are read when all else of it is done."""
        return tuple(name for name, connector in self.connectors.items() if connector.of_run)

    @property
    def told(self) -> frozenset[str]:
        """The entities that such systems tell of; their handoffs come last."""
        return frozenset(one.to for name in self.of_run for one in self.model.binding(name).maps)

    def handoffs(self) -> tuple[Handoff, ...]:
        """The handoffs that are not off, what others refer to first, what tells of the others last."""
        order, told = [entity.name for entity in self.model.entities], self.told
        active = [h for h in self.stack.handoff_list(self.clock()) if h.mode != "off"]
        return tuple(sorted(active, key=lambda h: (h.entity in told, order.index(h.entity), h.system)))

    def configuration(self, handoff: Handoff) -> str:
        """The hash of everything that a sign-off of this handoff covers."""
        stack = self.stack
        return digest(
            stack.handoffs[handoff.name].model_dump(mode="json"),
            {name: rule.label for name, rule in stack.ownership.items()},
            {name: sorted(entry.roles) for name, entry in stack.systems.items()},
            stack.systems[handoff.system].base_url,
        )


def assemble(stack: Stack, *, clock: Clock | None = None) -> Company:
    """Load the connectors that the stack names and check everything that can be checked without a connection."""
    connectors: dict[str, Connector] = {}
    resources: dict[str, tuple[Resource, ...]] = {}
    bindings: list[Binding] = []
    for name, entry in stack.systems.items():
        connector = _connector(stack, name)
        declared, maps = connector.resources, connector.maps
        if connector.bindings is not None:
            declared, maps = connector.bindings(
                {"resources": entry.resources, "maps": entry.maps, "folder": str(stack.folder), "system": name}
            )
        for one in maps:
            check_map(one, _entity(one.to), name)
        connectors[name] = connector
        mapped = {one.resource for one in maps}
        resources[name] = tuple(r for r in declared if r.name in mapped)
        bindings.append(Binding(name=name, roles=entry.roles, maps=maps))
    clock = clock or clock_of(stack.clock)
    context = Context(time_zone=stack.time_zone, currency=stack.currency, region=stack.country)
    model = _model(stack, tuple(bindings), context)
    company = Company(stack=stack, model=model, connectors=connectors, resources=resources, clock=clock)
    for handoff in stack.handoff_list(clock()):
        _check_handoff(company, handoff)
    for key, rule in stack.ownership.items():
        if rule.edits == "accept" and (why := unforwarded(company, key)):
            raise stack.error(("ownership", key), why)
    return company


def _entity(name: str) -> Entity:
    known = {entity.name: entity for entity in ENTITIES}
    if name not in known:
        raise StackError(f"there is no entity {name!r}; {did_you_mean(name, known)}")
    return known[name]


def _connector(stack: Stack, name: str) -> Connector:
    entry = stack.systems[name]
    wanted = entry.connector or name
    try:
        connector = registry.chosen(registry.load(wanted), entry.settings)
    except PlumblineError as problem:
        raise stack.error(("systems", name), str(problem)) from problem
    host = urlsplit(entry.base_url or connector.base_url).hostname
    production = urlsplit(connector.base_url).hostname
    if entry.environment == "sandbox" and host == production and host not in LOOPBACK:
        raise stack.error(
            ("systems", name, "environment"),
            f"{host} is {connector.title}'s production address, no sandbox; set base_url",
        )
    return connector


def _model(stack: Stack, bindings: tuple[Binding, ...], context: Context) -> Model:
    names = {b.name for b in bindings} | {role for b in bindings for role in b.roles}
    for key, rule in stack.ownership.items():
        for part in rule.order:
            if part not in names:
                raise stack.error(("ownership", key), f"there is no system {part!r}; {did_you_mean(part, names)}")
    try:
        return Model(entities=ENTITIES, bindings=bindings, rules=stack.ownership, context=context)
    except PlumblineError as problem:
        raise stack.error(("ownership",), str(problem)) from problem


def _check_handoff(company: Company, handoff: Handoff) -> None:
    stack, where = company.stack, ("handoffs", handoff.name)
    writes = {write.entity for write in company.connectors[handoff.system].writes}
    if handoff.entity not in writes:
        raise stack.error(
            where, f"{handoff.system} does not write {handoff.entity!r}; {did_you_mean(handoff.entity, writes)}"
        )
    entity = company.model.entity(handoff.entity)
    for name in handoff.fields or ():
        try:
            entity.field(name)
        except PlumblineError as problem:
            raise stack.error((*where, "fields"), str(problem)) from problem
    for one in handoff.conditions:
        try:
            check(company.model, entity, one)
        except PlumblineError as problem:
            raise stack.error((*where, "only_when", one.path), str(problem)) from problem


def unforwarded(company: Company, key: str) -> str | None:
    """Why edits that a rule of the stack accepts could not be forwarded to their owner; None when they can."""
    model = company.model
    entity, _, asked = key.partition(".")
    for name in (asked,) if asked else tuple(f.name for f in model.entity(entity).own_fields):
        rule = model.rule(entity, name)
        if not rule.accepts or len(rule.order) < 2 or name in _taken(company, rule.order[0], entity):
            continue
        owner = rule.order[0]
        return (
            f"edits of {entity}.{name} cannot be forwarded: its owner {owner} is not written there; switch on the "
            f"handoff {owner}.{entity} for it, or give {entity}.{name} `edits: revert`"
        )
    return None


def _taken(company: Company, system: str, entity: str) -> tuple[str, ...]:
    """The fields that a handoff which is on writes to a system."""
    handoff = next((h for h in company.handoffs() if (h.system, h.entity) == (system, entity)), None)
    write = next((w for w in company.connectors[system].writes if w.entity == entity), None)
    if handoff is None or write is None:
        return ()
    maps = company.model.binding(system).maps_to(entity)
    one = next((m for m in maps if m.resource == write.resource), None)
    return written_fields(company.model, handoff, one, write.extra) if one else ()


def expect_known(what: str, names: Iterable[str], known: Iterable[str]) -> None:
    """StackError for the first name that is not known, with a suggestion; ``what`` it should have been."""
    known = list(known)
    for name in names:
        if name not in known:
            raise StackError(f"there is no {what} {name!r}; {did_you_mean(name, known)}")


def open_books(company: Company) -> Ledger:
    """The company's ledger; close it, or use it as a context manager."""
    from pipelines.ledger import open_ledger

    company.stack.home.mkdir(parents=True, exist_ok=True)
    return open_ledger(company.stack.ledger_url)


def open_system(company: Company, name: str) -> Gateway:
    """The way into one system. StackError or CredentialError when the stack gives too little."""
    from connectors.gateway import open_api
    from connectors.vault import FileVault

    stack, entry = company.stack, company.stack.systems[name]
    connector = _with_headroom(company.connectors[name], entry.headroom)
    settings = dict(entry.settings)
    if connector.bindings is not None:
        settings |= {"resources": entry.resources, "maps": entry.maps, "folder": str(stack.folder)}
    if connector.of_run:
        settings["home"] = str(stack.home)
    stack.home.mkdir(parents=True, exist_ok=True)
    return open_api(
        connector,
        system=name,
        credentials=resolve(stack, name),
        settings=settings,
        base_url=entry.base_url,
        context=company.model.context,
        vault=FileVault(company.tokens),
        clock=company.clock,
    )


def _with_headroom(connector: Connector, times: int) -> Connector:
    """The connector with its published limits multiplied: an account may have been given more."""
    limits = tuple(
        replace(limit, calls=limit.calls * times, burst=limit.burst * times if limit.burst else None)
        for limit in connector.quota.limits
    )
    return replace(connector, quota=replace(connector.quota, limits=limits))


def readable(company: Company, name: str, api: Gateway) -> System:
    """What to read in one system."""
    from connectors.reading import System

    return System(api=api, resources=company.resources[name])
