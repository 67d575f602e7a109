"""An organisation, by the vendor's users' own client (simple-salesforce); what that does not call, by plain HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import requests
from requests.adapters import HTTPAdapter

from sandbox.salesforce import TWIN
from sandbox.salesforce.catalog import EXTERNAL_ID as MARK
from tests.vendors.listening import Sandbox

ROOT = "/services/data/v59.0"


class ToLoopback(HTTPAdapter):
    """The client builds https addresses without a path of their own; they go to the twin."""

    def send(self, request: Any, *given: Any, **more: Any) -> Any:
        parts = urlsplit(request.url)
        request.url = parts._replace(scheme="http", path=f"/{TWIN.name}{parts.path}").geturl()
        return super().send(request, *given, **more)


@contextmanager
def client_of(address: str) -> Iterator[Any]:
    """The client, pointed at a served twin."""
    package = pytest.importorskip("simple_salesforce", reason="the vendor's client package is not installed")
    with requests.Session() as session:
        session.mount("https://", ToLoopback())
        instance = f"https://{urlsplit(address).netloc}"
        token = TWIN.credentials["access_token"]
        yield package.Salesforce(instance_url=instance, session_id=token, version="59.0", session=session)


def walk(sandbox: Sandbox) -> None:
    """Every call: metadata, queries, records, windows, collections, composite calls, bulk jobs, tokens."""
    clock = sandbox.estate.served[TWIN.name].store.clock
    with client_of(sandbox.address) as client:
        _looks(client)
        account = _records(client, clock.now())
        _bulk(client)
    headers = {"Authorization": f"Bearer {TWIN.credentials['access_token']}"}
    with httpx.Client(base_url=f"{sandbox.address}/{TWIN.name}", headers=headers) as http:
        _meta(http)
        _outside(http)
        _collections(http, account)
        _composite(http)
        _jobs(http)
        _tokens(http)


def _looks(client: Any) -> None:
    assert client.describe()["sobjects"]
    assert client.Account.metadata()["objectDescribe"]["name"] == "Account"
    names = {one["name"] for one in client.Account.describe()["fields"]}
    assert {"Name", MARK} <= names
    assert client.limits()["DailyApiRequests"]["Remaining"] > 0
    asked = "SELECT Id, Name, Owner.Email, (SELECT Id, LastName FROM Contacts) FROM Account ORDER BY Name"
    everybody = client.query_all(asked)
    assert everybody["totalSize"] == len(everybody["records"]) > 50
    first = client.query("SELECT Id FROM ServiceAppointment", headers={"Sforce-Query-Options": "batchSize=200"})
    assert not first["done"]
    assert client.query_more(first["nextRecordsUrl"], identifier_is_url=True)["done"]
    assert client.query("SELECT COUNT() FROM Event WHERE Subject LIKE 'Time%'")["totalSize"] == 8


def _records(client: Any, now: datetime) -> str:
    account = client.Account.create({"Name": "Walk Heating", MARK: "cus_walk"})["id"]
    assert client.Account.get_by_custom_id(MARK, "cus_walk")["Id"] == account
    assert client.Account.upsert(f"{MARK}/cus_walk", {"Phone": "512 555 0100"}) == 200
    assert client.Contact.upsert("Email/walk@walk.example.com", {"LastName": "Walker", "AccountId": account}) == 201
    assert client.Account.update(account, {"BillingCity": "Austin"}) == 204
    assert client.Account.get(account)["BillingCity"] == "Austin"
    lost = client.Account.create({"Name": "Walk Heeting"})["id"]
    client.Account.delete(lost)
    start, end = now - timedelta(hours=1), now + timedelta(hours=1)
    assert account in client.Account.updated(start, end)["ids"]
    assert lost in [one["id"] for one in client.Account.deleted(start, end)["deletedRecords"]]
    assert client.query("SELECT Id FROM Account WHERE Name = 'Walk Heeting'")["totalSize"] == 0
    found = client.query("SELECT Id, IsDeleted FROM Account WHERE Name = 'Walk Heeting'", include_deleted=True)
    assert [one["IsDeleted"] for one in found["records"]] == [True]
    return str(account)


def _bulk(client: Any) -> None:
    rows = [{MARK: f"cus_bulk{n}", "Name": f"Bulk {n}" if n else ""} for n in range(3)]
    (told,) = client.bulk2.Account.upsert(records=rows, external_id_field=MARK, wait=0)
    assert (told["numberRecordsProcessed"], told["numberRecordsFailed"]) == (3, 1)
    job = told["job_id"]
    assert "Bulk 1" in client.bulk2.Account.get_successful_records(job)
    assert "REQUIRED_FIELD_MISSING" in client.bulk2.Account.get_failed_records(job)
    assert "cus_bulk" not in client.bulk2.Account.get_unprocessed_records(job)
    (page,) = client.bulk2.Account.query("SELECT Id, Name FROM Account WHERE Name LIKE 'Bulk%'", wait=0)
    assert page.count("Bulk") == 2


def _meta(http: httpx.Client) -> None:
    assert "59.0" in [one["version"] for one in http.get("/services/data").json()]
    wrong = http.get(f"{ROOT}/query", params={"q": "SELECT Foo FROM Account"})
    assert (wrong.status_code, wrong.json()[0]["errorCode"]) == (400, "INVALID_FIELD")
    assert http.get(f"{ROOT}/sobjects/Account/001000000000000AAA").status_code == 404


def _outside(http: httpx.Client) -> None:
    place = f"{ROOT}/sobjects/Account/{MARK}/cus_walk"
    shown = http.get(place)
    assert shown.headers["Sforce-Limit-Info"].startswith("api-usage=")
    assert http.patch(place, json={"City__c": "x"}).status_code == 400
    assert http.patch(f"{place}2", params={"updateOnly": "true"}, json={"Name": "x"}).status_code == 404


def _collections(http: httpx.Client, account: str) -> None:
    place, kind = f"{ROOT}/composite/sobjects", {"type": "Account"}
    rows = [{"attributes": kind, "Name": "One"}, {"attributes": kind}]
    told = http.post(place, json={"allOrNone": False, "records": rows}).json()
    assert [one["success"] for one in told] == [True, False]
    none = http.post(place, json={"allOrNone": True, "records": rows}).json()
    assert none[0]["errors"][0]["statusCode"] == "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    change = {"attributes": kind, "id": told[0]["id"], "Phone": "1"}
    assert http.patch(place, json={"allOrNone": False, "records": [change]}).json()[0]["success"]
    mark = {"attributes": kind, MARK: "cus_walk", "Industry": "Heating"}
    (again,) = http.patch(f"{place}/Account/{MARK}", json={"allOrNone": False, "records": [mark]}).json()
    assert (again["id"], again["created"]) == (account, False)
    asked = {"ids": [account, "001000000000000AAA"], "fields": ["Id", "Industry"]}
    assert http.post(f"{place}/Account", json=asked).json()[0]["Industry"] == "Heating"
    listed = http.get(f"{place}/Account", params={name: ",".join(value) for name, value in asked.items()}).json()
    assert listed[1] is None
    gone = http.delete(place, params={"ids": told[0]["id"], "allOrNone": "false"}).json()
    assert gone == [{"id": told[0]["id"], "success": True, "errors": []}]


def _composite(http: httpx.Client) -> None:
    order = {"method": "POST", "url": f"{ROOT}/sobjects/WorkOrder", "referenceId": "order", "body": {"Subject": "Walk"}}
    times = {"EarliestStartTime": "2026-06-01T13:00:00Z", "DueDate": "2026-06-01T22:00:00Z"}
    visit = {"method": "POST", "url": f"{ROOT}/sobjects/ServiceAppointment", "referenceId": "visit",
             "body": {"ParentRecordId": "@{order.id}", **times}}  # fmt: skip
    parts = http.post(f"{ROOT}/composite", json={"compositeRequest": [order, visit]}).json()["compositeResponse"]
    assert [one["httpStatusCode"] for one in parts] == [201, 201]
    moved = http.patch(f"{ROOT}/sobjects/ServiceAppointment/{parts[1]['body']['id']}", json={"ParentRecordId": None})
    assert moved.json()[0]["errorCode"] == "INVALID_FIELD_FOR_INSERT_UPDATE"


def _jobs(http: httpx.Client) -> None:
    job = http.post(
        f"{ROOT}/jobs/ingest", json={"object": "Account", "operation": "insert", "contentType": "CSV"}
    ).json()
    place = f"{ROOT}/jobs/ingest/{job['id']}"
    assert http.patch(place, json={"state": "Aborted"}).json()["state"] == "Aborted"
    assert http.delete(place).status_code == 204
    assert http.get(place).status_code == 404


def _tokens(http: httpx.Client) -> None:
    app = {name: TWIN.credentials[name] for name in ("client_id", "client_secret")}
    form = {"grant_type": "refresh_token", "refresh_token": TWIN.credentials["refresh_token"], **app}
    place = "/services/oauth2/token"
    told = http.post(place, data=form).json()
    assert "expires_in" not in told
    assert http.post(place, data=form | {"refresh_token": "x"}).json()["error"] == "invalid_grant"
    assert http.post(place, data={"grant_type": "client_credentials", **app}).status_code == 200
    signed = {"Authorization": f"Bearer {told['access_token']}"}
    assert http.get(f"{ROOT}/sobjects", headers=signed).status_code == 200
    assert http.get(f"{ROOT}/sobjects", headers={"Authorization": "Bearer wrong"}).json()[0] == {
        "message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID",
    }  # fmt: skip
    assert datetime.fromtimestamp(int(told["issued_at"]) / 1000, UTC).year == 2026
