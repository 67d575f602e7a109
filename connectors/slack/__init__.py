"""Slack, messaging: people as technicians; each assignment and each alert as one message of ours.

In all it is longer than one page because a message says everything twice, in words for people and as values for us,
and its calendar file takes three steps. Facts of the vendor come from its fact sheet (facts.md), named by section.
"""

from __future__ import annotations

from connectors.slack.dialect import ask, judge
from connectors.slack.hooks import HOOKS
from connectors.slack.maps import MAPS
from connectors.slack.reading import read_messages, read_users
from connectors.slack.writing import WRITES, prepare
from connectors.spec import Account, Api, Bearer, Connector, Limit, Quota, Resource, Setting


def account(api: Api) -> Account:
    """The workspace that the token belongs to."""
    told = ask(api, "auth.test")
    return Account(id=told["team_id"], name=told["team"])


CONNECTOR = Connector(
    name="slack",
    title="Slack",
    roles=("messaging",),
    docs="https://docs.slack.dev/apis/web-api",
    base_url="https://slack.com",
    auth=Bearer(),
    quota=Quota(  # by method (Rate limits)
        limits=(
            Limit(calls=20, seconds=60, only=r"/(users|conversations)\.list$"),
            Limit(calls=50, seconds=60, only=r"/conversations\.(history|info|join)$"),
            Limit(calls=1, seconds=1, only=r"/chat\.postMessage$"),
            Limit(calls=50, seconds=60, only=r"/chat\.update$"),
            Limit(calls=50, seconds=60, only=r"/chat\.delete$"),
            Limit(calls=50, seconds=60, only=r"/files\.(completeUploadExternal|delete)$"),
            Limit(calls=100, seconds=60, only=r"/files\.getUploadURLExternal$"),
        ),
        concurrency=4,
    ),
    hosts=("slack.com",),
    settings=(
        Setting(name="channel", description="Id of the dispatch channel (C…).", required=True),
        Setting(name="alerts_channel", description="Id of the channel for alerts; the dispatch channel without it."),
        Setting(name="calendar_files", description="Whether each message has its visit as an .ics file (false)."),
        Setting(name="full_read_days", description="Days after which all messages are read again (1)."),
    ),
    credentials=(Setting(name="token", description="Bot token of the app (xoxb-…).", required=True),),
    resources=(
        Resource(
            name="users", read=read_users, id="id", deletes="none",
            description="Everybody in the workspace, also who was deactivated.",
        ),
        Resource(
            name="messages", read=read_messages, id=lambda one: f"{one['channel']}:{one['ts']}", deletes="compare",
            description="What we said in our channels; nobody else's words are read.",
        ),
    ),
    maps=MAPS,
    writes=WRITES,
    judge=judge,
    prepare=prepare,
    account=account,
    hooks=HOOKS,
)  # fmt: skip
