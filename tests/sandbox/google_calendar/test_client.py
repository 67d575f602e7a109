"""The vendor's own Python client drives the twin over loopback."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from sandbox.clock import Clock
from sandbox.google_calendar import TWIN
from sandbox.serving import serving
from tests.sandbox.google_calendar.conftest import OTHER, TECH, visit

pytest.importorskip("googleapiclient", reason="google-api-python-client is not installed")

from google.auth.exceptions import RefreshError
from google.oauth2 import credentials as user_credentials
from google.oauth2 import service_account
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError
from googleapiclient.http import BatchHttpRequest

# The client fetches a batch's token over a connection that it then leaves to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning")


@pytest.fixture(autouse=True)
def left_connections() -> Iterator[None]:
    """Collect what the client left behind while its warnings are still expected."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    clock = Clock(datetime(2026, 3, 11, 15, tzinfo=UTC))
    with serving(clock=clock, only=["google_calendar"]) as address:
        yield f"{address}/google_calendar"


def delegated(base: str, subject: str) -> Any:
    given = TWIN.credentials
    names = ("type", "client_email", "private_key", "private_key_id")
    info = {name: given[name] for name in names} | {"token_uri": base + given["token_path"]}
    loaded = service_account.Credentials.from_service_account_info(info, scopes=given["scopes"].split())
    return loaded.with_subject(subject)


@pytest.fixture
def service(base: str) -> Iterator[Any]:
    options = {"api_endpoint": f"{base}/calendar/v3/"}
    credentials = delegated(base, TWIN.credentials["subject"])
    with build("calendar", "v3", credentials=credentials, client_options=options, static_discovery=True) as built:
        yield built


def test_events_live_through_the_client(service: Any) -> None:
    events = service.events()
    made = events.insert(calendarId=TECH, body=visit(id="fsclient1"), sendUpdates="none").execute()
    request = events.patch(calendarId=TECH, eventId="fsclient1", body={"summary": "x"})
    request.headers["If-Match"] = made["etag"]
    assert request.execute()["summary"] == "x"
    stale = events.update(calendarId=TECH, eventId="fsclient1", body=visit())
    stale.headers["If-Match"] = made["etag"]
    with pytest.raises(HttpError) as refused:
        stale.execute()
    assert refused.value.status_code == 412
    assert refused.value.error_details[0]["reason"] == "conditionNotMet"
    assert events.delete(calendarId=TECH, eventId="fsclient1").execute() == ""
    assert events.get(calendarId=TECH, eventId="fsclient1").execute()["status"] == "cancelled"


def test_the_clients_own_paging_reads_everything_and_syncs(service: Any) -> None:
    events = service.events()
    request, ids, page = events.list(calendarId=OTHER, maxResults=1), [], {}
    while request is not None:
        page = request.execute()
        ids += [event["id"] for event in page["items"]]
        request = events.list_next(request, page)
    assert len(ids) == len(set(ids)) > 2
    made = events.insert(calendarId=OTHER, body=visit()).execute()
    newer = events.list(calendarId=OTHER, syncToken=page["nextSyncToken"]).execute()
    assert [event["id"] for event in newer["items"]] == [made["id"]]


def test_a_batch_through_the_client(service: Any, base: str) -> None:
    answered: dict[str, Any] = {}
    batch = BatchHttpRequest(
        batch_uri=f"{base}/batch/calendar/v3",
        callback=lambda asked, answer, error: answered.update({asked: error.status_code if error else answer["id"]}),
    )
    for number in range(3):
        batch.add(
            service.events().insert(calendarId=TECH, body=visit(id=f"fsbatch{number % 2}")), request_id=str(number)
        )
    batch.execute()
    assert answered == {"0": "fsbatch0", "1": "fsbatch1", "2": 409}


def test_free_busy_sharing_and_calendars_through_the_client(service: Any) -> None:
    span = {"timeMin": "2026-03-01T00:00:00Z", "timeMax": "2026-04-01T00:00:00Z", "items": [{"id": TECH}]}
    assert service.freebusy().query(body=span).execute()["calendars"][TECH]["busy"]
    rule = {"role": "reader", "scope": {"type": "domain", "value": "bluebonnet.example.com"}}
    assert service.acl().insert(calendarId=TECH, body=rule).execute()["id"] == "domain:bluebonnet.example.com"
    assert len(service.calendarList().list().execute()["items"]) == 8
    assert service.calendars().get(calendarId="primary").execute()["timeZone"] == "America/Chicago"


def test_the_directory_client_and_a_users_refresh_token(base: str) -> None:
    given = TWIN.credentials
    credentials = user_credentials.Credentials(
        token=None,
        refresh_token=given["refresh_token"],
        client_id=given["client_id"],
        client_secret=given["client_secret"],
        token_uri=base + given["token_path"],
    )
    options = {"api_endpoint": base}
    with build(
        "admin", "directory_v1", credentials=credentials, client_options=options, static_discovery=True
    ) as admin:
        assert len(admin.users().list(customer="my_customer").execute()["users"]) == 9


def test_a_subject_outside_of_the_workspace_gets_no_token(base: str) -> None:
    options = {"api_endpoint": f"{base}/calendar/v3/"}
    stranger = delegated(base, "stranger@else.example")
    with (
        build("calendar", "v3", credentials=stranger, client_options=options, static_discovery=True) as built,
        pytest.raises(RefreshError, match="Invalid email or User ID"),
    ):
        built.calendarList().list().execute()
