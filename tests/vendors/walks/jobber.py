"""Field service over GraphQL, which has no client package: every root field of the twin's own schema, asked plainly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from sandbox.jobber import TWIN
from sandbox.jobber.schema import schema
from tests.vendors.listening import Sandbox

VERSION = {"X-JOBBER-GRAPHQL-VERSION": "2025-04-16"}
INVOICING = {"invoicingType": "FIXED_PRICE", "invoicingSchedule": "ON_COMPLETION"}
LINE = {"name": "Labor", "category": "SERVICE", "cost": 100.0, "quantity": 1.0}
ZONE = "America/Chicago"


def root_fields() -> set[str]:
    """Every query and every mutation, as ``query clients``."""
    whole = schema()
    kinds = {"query": whole.query_type, "mutation": whole.mutation_type}
    return {f"{kind} {name}" for kind, found in kinds.items() if found is not None for name in found.fields}


@dataclass(frozen=True, slots=True)
class Office:
    """Somebody who asks."""

    client: httpx.Client

    def ask(self, document: str, **variables: Any) -> Any:
        """The one root field's value; it must hold no error."""
        answer = self.client.post("/api/graphql", json={"query": document, "variables": variables}).json()
        assert "errors" not in answer, answer["errors"]
        (found,) = answer["data"].values()
        return found

    def all(self, name: str) -> list[str]:
        """The ids on the first page of a list."""
        return [
            one["id"]
            for one in self.ask(f"{{ {name}(first: 2) {{ nodes {{ id }} pageInfo {{ hasNextPage }} }} }}")["nodes"]
        ]

    def do(self, name: str, arguments: Mapping[str, tuple[str, Any]], shown: str) -> Any:
        """A mutation that is accepted; ``arguments`` are types and values by name."""
        typed = ", ".join(f"${one}: {kind}" for one, (kind, _) in arguments.items())
        passed = ", ".join(f"{one}: ${one}" for one in arguments)
        document = f"mutation({typed}) {{ {name}({passed}) {{ {shown} userErrors {{ message path }} }} }}"
        found = self.ask(document, **{one: value for one, (_, value) in arguments.items()})
        assert found["userErrors"] == [], (name, found)
        return found


def walk(sandbox: Sandbox) -> None:
    """Sign in, then every query and every mutation."""
    given = TWIN.credentials
    with httpx.Client(base_url=f"{sandbox.address}/{TWIN.name}", headers=VERSION) as client:
        asked = {"response_type": "code", "client_id": given["client_id"], "redirect_uri": "http://127.0.0.1/back"}
        assert client.get("/api/oauth/authorize", params=asked).status_code == 302
        form = {name: given[name] for name in ("client_id", "client_secret", "refresh_token")}
        token = client.post("/api/oauth/token", data={**form, "grant_type": "refresh_token"}).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        office = Office(client)
        _ask_everything(office)
        _clients(office)
        _jobs(office)
        _invoices(office)


def _ask_everything(office: Office) -> None:
    assert office.ask("{ account { id name } }")["id"]
    singles = {"clients": "client", "properties": "property", "jobs": "job", "visits": "visit", "invoices": "invoice",
               "users": "user", "products": "product", "paymentRecords": "paymentRecord"}  # fmt: skip
    for many, one in singles.items():
        kind = "EncodedId" if one == "user" else "EncodedId!"
        id = office.all(many)[0]
        assert office.ask(f"query($id: {kind}) {{ {one}(id: $id) {{ id }} }}", id=id) == {"id": id}
    assert office.ask("{ taxRates(first: 5) { nodes { id name tax } } }")["nodes"]


def _id(value: str) -> tuple[str, Any]:
    return "EncodedId!", value


def _clients(office: Office) -> None:
    body = {
        "firstName": "Wanda",
        "lastName": "Walk",
        "emails": [{"description": "MAIN", "primary": True, "address": "w@walk.example.com"}],
    }
    made = office.do("clientCreate", {"input": ("ClientCreateInput!", body)}, "client { id }")["client"]["id"]
    office.do(
        "clientEdit", {"clientId": _id(made), "input": ("ClientEditInput!", {"lastName": "Way"})}, "client { name }"
    )
    note = ("ClientCreateNoteInput!", {"message": "walked"})
    office.do("clientCreateNote", {"clientId": _id(made), "input": note}, "clientNote { id }")
    place = ("PropertyCreateInput!", {"properties": [{"address": {"street1": "1 Walk"}}]})
    sites = office.do("propertyCreate", {"clientId": _id(made), "input": place}, "properties { id }")["properties"]
    address = ("PropertyEditInput!", {"name": "Yard", "address": {"street1": "2 Walk"}})
    office.do("propertyEdit", {"propertyId": _id(sites[0]["id"]), "input": address}, "property { id }")
    for name in ("clientArchive", "clientUnarchive"):
        office.do(name, {"clientId": _id(made)}, "client { isArchived }")


def _jobs(office: Office) -> None:
    body = {"propertyId": office.all("properties")[0], "title": "Walk", "invoicing": INVOICING}
    job = office.do("jobCreate", {"input": ("JobCreateAttributes!", body)}, "job { id }")["job"]["id"]
    office.do("jobEdit", {"jobId": _id(job), "input": ("JobEditInput!", {"title": "Walk on"})}, "job { title }")
    office.do(
        "jobCreateNote", {"jobId": _id(job), "input": ("JobCreateNoteInput!", {"message": "x"})}, "jobNote { id }"
    )
    _visits(office, job)
    decision = ("JobCloseInput!", {"modifyIncompleteVisitsBy": "DESTROY_ALL"})
    office.do("jobClose", {"jobId": _id(job), "input": decision}, "job { jobStatus }")
    office.do("jobReopen", {"jobId": _id(job)}, "job { jobStatus }")


def _visits(office: Office, job: str) -> None:
    at = {"date": "2026-03-20", "time": "09:00:00", "timezone": ZONE}
    new = {"visits": [{"title": title, "schedule": {"startAt": at}} for title in ("Look", "Do")]}
    made = office.do("visitCreate", {"jobId": _id(job), "input": ("VisitCreateInput!", new)}, "createdVisits { id }")
    first, second = (one["id"] for one in made["createdVisits"])
    office.do("visitEdit", {"id": _id(first), "attributes": ("VisitEditAttributes!", {"title": "See"})}, "visit { id }")
    moved = {"startAt": at, "endAt": {**at, "time": "11:00:00"}}
    office.do("visitEditSchedule", {"id": _id(first), "input": ("VisitEditScheduleInput!", moved)}, "visit { endAt }")
    day = {"scheduleAllDay": {"startDate": "2026-03-21", "timezone": ZONE}}
    given = {"appointmentId": _id(first), "input": ("AppointmentEditScheduleInput!", day)}
    office.do("appointmentEditSchedule", given, "appointment { __typename id }")
    team: tuple[str, Any] = ("VisitEditAssignedUsersInput!", {"assignedUserIds": []})
    office.do("visitEditAssignedUsers", {"visitId": _id(first), "input": team}, "visit { id }")
    office.do("visitComplete", {"visitId": _id(first)}, "visit { completedAt }")
    office.do("visitUncomplete", {"visitId": _id(first)}, "visit { isComplete }")
    office.do("visitDelete", {"visitIds": ("[EncodedId!]!", [second])}, "visits { id }")


def _invoices(office: Office) -> None:
    body = {"clientId": office.all("clients")[0], "dueDetails": {"invoiceNet": 30}, "lineItems": [LINE],
            "tax": {"taxCalculationMethod": "EXCLUSIVE"}}  # fmt: skip
    made = office.do("invoiceCreate", {"input": ("InvoiceCreateInput!", body)}, "invoice { id }")["invoice"]["id"]
    subject = ("InvoiceEditInput!", {"subject": "Walk"})
    office.do("invoiceEdit", {"invoiceId": _id(made), "input": subject}, "invoice { subject }")
    office.do("invoiceMarkAsSent", {"id": _id(made)}, "invoice { invoiceStatus }")
