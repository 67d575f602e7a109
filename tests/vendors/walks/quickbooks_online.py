"""The books: the twin's own walk over every entity, then the way in and out through the vendor's sign-in package."""

from __future__ import annotations

import contextlib

import pytest
from quickbooks import QuickBooks
from quickbooks.objects import Customer

from sandbox.quickbooks_online import TWIN, auth
from tests.sandbox.quickbooks_online.desk import Desk
from tests.sandbox.quickbooks_online.test_clients import opened, signed_in
from tests.sandbox.quickbooks_online.test_description import walk as every_entity
from tests.vendors.listening import Sandbox

intuit = pytest.importorskip("intuitlib.enums", reason="intuit-oauth is not installed")


def walk(sandbox: Sandbox) -> None:
    """Every entity and every route."""
    desk = Desk()
    with desk.http:
        every_entity(desk)
    for one in desk.app.recording:
        sandbox.recording.add(one)
    base = f"{sandbox.address}/{TWIN.name}"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
        for name in ("api_url_v3", "sandbox_api_url_v3"):
            patch.setattr(QuickBooks, name, f"{base}/v3")
        _by_client(base)


def _by_client(base: str) -> None:
    with contextlib.closing(signed_in(base)) as client:
        asked = client.get_authorization_url([intuit.Scopes.ACCOUNTING], state_token="s")
        back = client.get(asked, allow_redirects=False).headers["location"]
        client.get_bearer_token(back.partition("code=")[2].partition("&")[0], realm_id=auth.REALM_ID)
        books = opened(client)
        with contextlib.closing(books.session):
            assert Customer.all(qb=books, max_results=5)
        client.revoke()
