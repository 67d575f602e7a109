"""A stand-in for Google Calendar API v3, with the Workspace directory's users and the token endpoint.

Beside the general faults it understands ``expired_sync_token`` (410 on a list with a sync token),
``revoked_grant`` (the token endpoint refuses), ``short_page`` (a page with fewer entries than there are) and
``rewritten_values`` (texts come back trimmed, line breaks as HTML).
"""

from __future__ import annotations

from sandbox.google_calendar.credentials import make_credentials
from sandbox.google_calendar.dialect import refuse
from sandbox.google_calendar.editing import remove, touch
from sandbox.google_calendar.routes import make_routes
from sandbox.google_calendar.seeding import seed
from sandbox.twin import Twin

TWIN = Twin(
    name="google_calendar",
    title="Google Calendar",
    collections=("calendars", "events", "users", "acl", "calendar_list", "mails"),
    credentials=make_credentials(),
    seed=seed,
    routes=make_routes,
    touch=touch,
    remove=remove,
    refuse=refuse,
    lenient=("expired_sync_token", "revoked_grant", "short_page", "stale_reads", "rewritten_values"),
    sessions=("grants",),
)
