"""Asana, work management: one project's tasks as jobs, another one's as assignments, the people as technicians.

In all it is longer than one page because a status is a section and a number a custom field, neither of which is a
member of a task: ``boards`` finds and makes them, ``maps`` translates, ``reading`` follows events, ``writing`` moves
and changes tasks, ``hooks`` listens; this declares.

Facts of the vendor come from its fact sheet (facts.md), named by section.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from connectors.asana.boards import API, ASSIGNMENTS, JOBS, prepare
from connectors.asana.hooks import HOOKS
from connectors.asana.maps import MAPS
from connectors.asana.reading import board_reader, read_users
from connectors.asana.writing import WRITES
from connectors.errors import sentence, stranger
from connectors.spec import Account, Api, Connector, Limit, Quota, RefreshToken, Resource, Setting
from models.errors import Gone, Rejected


def judge(system: str, status: int, _headers: Mapping[str, str], body: Any) -> Exception | None:
    """What is for paying customers only, a page whose place was forgotten, and answers that are not Asana's."""
    if 200 <= status < 300:
        ours = isinstance(body, Mapping) and "data" in body  # every success (Base, auth, envelope)
        return None if ours else stranger(system, "Asana")
    if status == 402:
        return Rejected(system, f"{sentence(body)}; its plan there does not include this")
    if status == 400 and sentence(body).startswith("offset:"):
        return Gone(system, f"{sentence(body)}; the list has to be read again from its beginning")
    return None


def account(api: Api) -> Account:
    """The workspace that the stack names, as the app may see it."""
    path = f"{API}/workspaces/{quote(str(api.settings['workspace']), safe='')}"
    told = api.request("GET", path).json()["data"]
    return Account(id=told["gid"], name=told["name"])


CONNECTOR = Connector(
    name="asana",
    title="Asana",
    roles=("work_management",),
    docs="https://developers.asana.com/reference/rest-api-reference",
    base_url="https://app.asana.com",
    auth=RefreshToken(token_url="https://app.asana.com/-/oauth_token"),  # noqa: S106 - an address
    # What a free workspace has, and well under what may be under way at once (Limits, errors).
    quota=Quota(limits=(Limit(calls=150, seconds=60),), concurrency=4),
    settings=(
        Setting(name="workspace", description="Gid of the workspace.", required=True),
        Setting(name="jobs", description="Gid of the project whose tasks are jobs.", required=True),
        Setting(name="assignments", description="Gid of the project whose tasks are assignments.", required=True),
    ),
    credentials=(
        Setting(name="client_id", description="Client id of the app in Asana's developer console.", required=True),
        Setting(name="client_secret", description="Client secret of the app.", required=True),
        Setting(name="refresh_token", description="Refresh token that allowing the app gave.", required=True),
    ),
    resources=(
        Resource(name="users", read=read_users, id="gid", deletes="compare", description="People of the workspace."),
        Resource(
            name="jobs", read=board_reader(JOBS), id="gid", deletes="event",
            description="Tasks of the jobs project, also those that are checked off.",
        ),
        Resource(
            name="assignments", read=board_reader(ASSIGNMENTS), id="gid", deletes="event",
            description="Tasks of the assignments project, also those that are checked off.",
        ),
    ),
    maps=MAPS,
    writes=WRITES,
    judge=judge,
    prepare=prepare,
    account=account,
    hooks=HOOKS,
)  # fmt: skip
