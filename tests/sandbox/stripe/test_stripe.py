"""The twin by its own rules: lists, keys, errors, invoices, the search that trails behind, events that end."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from starlette.applications import Starlette

from sandbox.company import Company
from sandbox.faults import Fault
from sandbox.founding import build
from sandbox.store import Store
from sandbox.stripe import TWIN, calling
from sandbox.twin import Refusal
from tests.sandbox.stripe.desk import COMPANY, opened

KEY = {"Authorization": f"Bearer {calling.KEY}"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    store: Store
    http: httpx.AsyncClient
    runner: asyncio.Runner

    def call(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self.runner.run(self.http.request(method, path, **more))

    def get(self, path: str, status: int = 200, /, **params: Any) -> Any:
        return self._answer(self.call("GET", f"/v1/{path}", params=params, headers=KEY), status)

    def post(self, path: str, form: Mapping[str, Any], status: int = 200, /, key: str | None = None) -> Any:
        headers = {**KEY, **({"Idempotency-Key": key} if key else {})}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        return self._answer(self.call("POST", f"/v1/{path}", content=urlencode(form), headers=headers), status)

    def delete(self, path: str, status: int = 200) -> Any:
        return self._answer(self.call("DELETE", f"/v1/{path}", headers=KEY), status)

    def _answer(self, response: Any, status: int) -> Any:
        assert response.status_code == status, response.text
        assert response.headers["Request-Id"].startswith("req_")
        return response.json()

    def pass_time(self, **span: float) -> None:
        self.store.clock.advance(timedelta(**span))

    def customer(self, **form: Any) -> str:
        return str(self.post("customers", form)["id"])

    def draft(self, customer: str) -> str:
        form = {"customer": customer, "collection_method": "send_invoice", "days_until_due": 30}
        return str(self.post("invoices", form)["id"])


@pytest.fixture
def desk() -> Iterator[Desk]:
    store = opened()
    app = httpx.ASGITransport(app=Starlette(routes=TWIN.routes(store)))
    with asyncio.Runner() as runner:
        yield Desk(store=store, http=httpx.AsyncClient(transport=app, base_url="http://stripe.test"), runner=runner)


def test_a_list_is_newest_first_and_goes_on_by_id(desk: Desk) -> None:
    for n in range(4):
        desk.pass_time(seconds=1)
        desk.customer(name=f"n{n}")
    first = desk.get("customers", limit=3)
    assert [one["name"] for one in first["data"]] == ["n3", "n2", "n1"]
    assert first["has_more"]
    assert first["url"] == "/v1/customers"
    rest = desk.get("customers", limit=100, starting_after=first["data"][-1]["id"])
    assert rest["data"][0]["name"] == "n0"
    assert not rest["has_more"]
    back = desk.get("customers", limit=1, ending_before=first["data"][-1]["id"])
    assert [one["name"] for one in back["data"]] == ["n2"]


@pytest.mark.parametrize(
    ("path", "params", "status", "code"),
    [
        ("customers", {"limit": 101}, 400, "parameter_invalid_integer"),
        ("customers", {"limit": "many"}, 400, "parameter_invalid_integer"),
        ("customers", {"updated[gte]": 1}, 400, "parameter_unknown"),
        ("customers", {"starting_after": "cus_0"}, 400, "resource_missing"),
        ("customers/cus_0", {}, 404, "resource_missing"),
        ("customers", {"expand[]": "data.mood"}, 400, "parameter_invalid"),
        ("invoices/in_0/lines", {}, 404, "resource_missing"),
    ],
)
def test_what_is_wrong_is_said_with_a_code(desk: Desk, path: str, params: Any, status: int, code: str) -> None:
    assert desk.get(path, status, **params)["error"]["code"] == code


def test_a_key_is_asked_for_in_two_ways(desk: Desk) -> None:
    assert desk.call("GET", "/v1/customers").status_code == 401
    assert desk.call("GET", "/v1/customers", headers={"Authorization": "Bearer sk_test_other"}).status_code == 401
    basic = base64.b64encode(f"{calling.KEY}:".encode()).decode()
    assert desk.call("GET", "/v1/customers", headers={"Authorization": f"Basic {basic}"}).status_code == 200
    assert desk.get("nothing", 404)["error"]["message"] == "Unrecognized request URL (/v1/nothing)."


def test_a_repeated_key_gives_the_first_answer_and_no_second_record(desk: Desk) -> None:
    before = len(desk.store.all("customers"))
    one = desk.post("customers", {"name": "Ann"}, key="k")
    assert desk.post("customers", {"name": "Ann"}, key="k") == one
    assert desk.post("customers", {"name": "Bob"}, 400, key="k")["error"]["type"] == "idempotency_error"
    assert len(desk.store.all("customers")) == before + 1
    desk.pass_time(hours=24)
    assert desk.post("customers", {"name": "Ann"}, key="k")["id"] != one["id"]


def test_a_key_remembers_refusals_but_not_those_of_parameters(desk: Desk) -> None:
    assert desk.post("customers", {"nome": "x"}, 400, key="k")["error"]["code"] == "parameter_unknown"
    desk.post("customers", {"name": "x"}, key="k")
    desk.post("invoices", {"customer": "cus_0"}, 400, key="other")
    assert (
        desk.post("invoices", {"customer": desk.customer()}, 400, key="other")["error"]["type"] == "idempotency_error"
    )


def test_a_key_can_be_ignored(desk: Desk) -> None:
    desk.store.faults.add(Fault(system="stripe", kind="ignored_idempotency_key"))
    assert desk.post("customers", {}, key="k")["id"] != desk.post("customers", {}, key="k")["id"]


def test_updates_are_sparse_and_an_empty_text_clears(desk: Desk) -> None:
    id = desk.customer(name="Ann", **{"metadata[a]": "1", "metadata[b]": "2", "address[city]": "Waco"})
    changed = desk.post(f"customers/{id}", {"phone": "5124741234", "metadata[a]": "", "address[state]": "TX"})
    assert (changed["name"], changed["phone"], changed["metadata"]) == ("Ann", "5124741234", {"b": "2"})
    assert (changed["address"]["city"], changed["address"]["state"]) == ("Waco", "TX")
    assert desk.post(f"customers/{id}", {"address": "", "name": ""})["address"] is None
    desk.post(f"customers/{id}", {"email": "nobody"}, 400)
    desk.post(f"customers/{id}", {"name": "x" * 257}, 400)


def test_a_deleted_customer_is_gone_from_lists_and_still_there_by_id(desk: Desk) -> None:
    id = desk.customer(email="gone@example.com")
    assert desk.delete(f"customers/{id}")["deleted"] is True
    assert desk.get("customers", email="gone@example.com")["data"] == []
    assert desk.get(f"customers/{id}") == {"id": id, "object": "customer", "deleted": True}
    desk.post(f"customers/{id}", {"name": "x"}, 404)
    assert desk.get("events", **{"types[]": "customer.deleted"})["data"][0]["data"]["object"]["id"] == id


def test_the_search_trails_behind_by_a_minute(desk: Desk) -> None:
    id = desk.customer(email="Ann@Example.com", **{"metadata[job]": "it's"})
    query = "email:'ann@example.com' AND metadata['job']:'it\\'s'"
    assert desk.get("customers/search", query=query)["data"] == []
    desk.pass_time(seconds=61)
    assert [one["id"] for one in desk.get("customers/search", query=query)["data"]] == [id]
    assert desk.get("customers/search", query=f"-{query}")["data"] == []
    desk.get("customers/search", 400, query="email='x'")


def test_an_invoice_goes_from_draft_to_void(desk: Desk) -> None:
    customer = desk.customer(name="Ann")
    desk.post("invoices", {"customer": customer, "collection_method": "send_invoice"}, 400)
    id = desk.draft(customer)
    assert desk.get(f"invoices/{id}")["number"] is None
    line = {"customer": customer, "invoice": id, "quantity_decimal": "1.5", "unit_amount_decimal": "1999"}
    for _ in range(12):
        desk.post("invoiceitems", line)
    whole = desk.get(f"invoices/{id}")
    assert (whole["total"], len(whole["lines"]["data"]), whole["lines"]["has_more"]) == (12 * 2999, 10, True)
    assert len(desk.get(f"invoices/{id}/lines", limit=100)["data"]) == 12
    assert desk.post(f"invoices/{id}/finalize", {})["status"] == "open"
    assert desk.post("invoiceitems", line, 400)["error"]["code"] == "invoice_not_editable"
    assert desk.post(f"invoices/{id}", {"due_date": 1}, 400)["error"]["code"] == "invoice_not_editable"
    assert desk.post(f"invoices/{id}", {"description": "late"})["description"] == "late"
    assert desk.delete(f"invoices/{id}", 400)["error"]["code"] == "invoice_not_editable"
    assert desk.post(f"invoices/{id}/void", {})["status"] == "void"
    desk.post(f"invoices/{id}/pay", {}, 400)


def test_a_number_belongs_to_one_invoice(desk: Desk) -> None:
    customer = desk.customer()
    desk.post(f"invoices/{desk.draft(customer)}", {"number": "77"})
    assert desk.post(f"invoices/{desk.draft(customer)}", {"number": "77"}, 400)["error"]["param"] == "number"


def test_paying_leaves_charge_intent_balance_and_events(desk: Desk) -> None:
    customer = desk.customer()
    id = desk.draft(customer)
    desk.post("invoiceitems", {"customer": customer, "invoice": id, "amount": 10_000})
    assert desk.post(f"invoices/{id}/pay", {})["status"] == "paid"
    charge = desk.get("charges", limit=1, **{"expand[]": "data.balance_transaction"})["data"][0]
    assert (charge["balance_transaction"]["fee"], charge["balance_transaction"]["net"]) == (320, 9680)
    (part,) = desk.get("invoice_payments", invoice=id)["data"]
    assert (part["amount_paid"], part["payment"]["payment_intent"]) == (10_000, charge["payment_intent"])
    kinds = [one["type"] for one in desk.get("events", limit=100)["data"]]
    assert {"invoice.paid", "charge.succeeded", "invoice_payment.paid"} <= set(kinds)
    desk.post("refunds", {"payment_intent": charge["payment_intent"], "amount": 4_000})
    desk.post("refunds", {"charge": charge["id"], "amount": 6_001}, 400)
    shown = desk.get(f"charges/{charge['id']}", **{"expand[]": "refunds"})
    assert (shown["amount_refunded"], shown["refunds"]["data"][0]["amount"]) == (4_000, 4_000)


def test_a_payout_is_the_sum_of_what_went_into_it(desk: Desk) -> None:
    payouts = desk.get("payouts", limit=100)["data"]
    assert len(payouts) == 2
    for one in payouts:
        rows = desk.get("balance_transactions", payout=one["id"], limit=100)["data"]
        own = [row for row in rows if row["type"] == "payout"]
        assert [row["net"] for row in own] == [-one["amount"]]
        assert sum(row["net"] for row in rows) == 0


def test_events_are_kept_for_thirty_days(desk: Desk) -> None:
    desk.customer()
    assert [one["type"] for one in desk.get("events", type="customer.created")["data"]] == ["customer.created"]
    desk.pass_time(days=30)
    assert desk.get("events")["data"] == []


def test_a_persons_edit_and_removal_make_events(desk: Desk) -> None:
    record = desk.store.all("customers")[0]
    changed = TWIN.touch(desk.store, "customers", {**record, "name": "Ann Other"})
    desk.store.put("customers", record["id"], changed)
    event = desk.get("events", type="customer.updated")["data"][0]
    assert event["data"]["previous_attributes"] == {"name": record["name"]}
    TWIN.remove(desk.store, "customers", record["id"])
    by_status = {one["status"]: one["id"] for one in desk.store.all("invoices")}
    TWIN.remove(desk.store, "invoices", by_status["open"])
    TWIN.remove(desk.store, "invoices", by_status["draft"])
    assert desk.get(f"invoices/{by_status['open']}")["status"] == "void"
    desk.get(f"invoices/{by_status['draft']}", 404)
    assert {one["type"] for one in desk.get("events")["data"]} >= {
        "customer.deleted", "invoice.voided", "invoice.deleted",
    }  # fmt: skip


def test_calls_beyond_the_limit_wait_for_the_next_second(desk: Desk) -> None:
    for _ in range(calling.A_SECOND):
        desk.get("customers", limit=1)
    assert desk.get("customers", 429)["error"]["code"] == "rate_limit"
    desk.pass_time(seconds=1)
    desk.get("customers", limit=1)


@pytest.mark.parametrize(("kind", "status"), [("rate_limit", 429), ("server_error", 500), ("unauthorized", 401)])
def test_faults_speak_the_vendors_words(kind: str, status: int) -> None:
    answer = TWIN.refuse(Refusal(kind=kind, status=status, retry_after=2))
    assert (answer.status_code, answer.headers["Retry-After"]) == (status, "2")
    assert b'"error"' in bytes(answer.body)


def test_the_whole_company_holds_together() -> None:
    """Seeded from the founding company: what was paid, what was kept as a fee, and what reached the bank."""
    store = _seeded(build(1))
    charges, balance = store.all("charges"), store.all("balance_transactions")
    assert len(charges) > 100
    assert sum(one["amount"] for one in charges) == sum(one["amount"] for one in balance if one["type"] == "charge")
    in_bank = sum(one["amount"] for one in store.all("payouts"))
    assert sum(one["net"] for one in balance) == sum(
        one["net"] for one in balance if store.get("settled", one["id"]) is None
    )
    assert in_bank == -sum(one["amount"] for one in balance if one["type"] == "payout")
    for invoice in store.all("invoices"):
        assert invoice["amount_remaining"] == invoice["total"] - invoice["amount_paid"]
        assert (invoice["number"] is None) == (invoice["status"] == "draft")


def _seeded(company: Company) -> Store:
    store = opened()
    store.clear()
    TWIN.seed(company, store)
    return store


def test_the_same_company_has_the_same_ids() -> None:
    assert _seeded(COMPANY).all("charges") == opened().all("charges")
