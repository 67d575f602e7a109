"""How tasks and people of Asana read: what stands in the jobs project is a job, in the other one an assignment."""

from __future__ import annotations

from dataclasses import replace

from connectors.asana.boards import ASSIGNMENTS, JOBS, Board
from models.fields import Codec, choice, email, first, html_text, instant, read_only, ref, sql, text, written_as
from models.schema import Map

# People check a task off wherever it stands; only what was called off is no work done.
CHECKED = """
    CASE WHEN (record->>'$.completed') = 'true'
    AND (record->>'$.memberships[0].section.name') IS DISTINCT FROM 'Canceled' THEN 'completed' END
"""
NUMBER = """
    nullif(trim((list_extract(list_filter(TRY_CAST(record->'$.custom_fields' AS JSON[]),
    one -> (one->>'$.name') = 'Job number'), 1))->>'$.display_value'), '')
"""
PLACE = """
    nullif(trim((list_extract(list_filter(TRY_CAST(record->'$.custom_fields' AS JSON[]),
    one -> (one->>'$.name') = 'Place'), 1))->>'$.display_value'), '')
"""
FIELD_PATHS = ("custom_fields.name", "custom_fields.display_value")


def status(board: Board) -> Codec:
    """Checked off, else what the section says; a section of the company's own says nothing."""
    states = {name: state for state, name in board.sections.items()}
    return first(sql(CHECKED), choice("memberships[0].section.name", states))


TECHNICIAN = Map("users", to="technician", id="gid", fields={"name": text("name"), "email": email("email")})
JOB = Map(
    "jobs",
    to="job",
    id="gid",
    changed="modified_at",
    version="modified_at",
    core_ref=text("external.gid"),
    fields={
        "number": replace(sql(NUMBER), paths=FIELD_PATHS),
        "title": text("name"),
        "instructions": html_text("notes"),
        "status": status(JOBS),
        "created_at": read_only(instant("created_at")),
        "completed_at": read_only(instant("completed_at")),
    },
)
ASSIGNMENT = Map(
    "assignments",
    to="assignment",
    id="gid",
    changed="modified_at",
    version="modified_at",
    core_ref=text("external.gid"),
    fields={
        "title": text("name"),
        "instructions": html_text("notes"),
        "status": status(ASSIGNMENTS),
        "technician": written_as(ref("assignee.gid"), "assignee"),
        # A task without a start takes no time (facts.md, Writes: a start needs its due time, not the other way round).
        "starts_at": read_only(first(instant("start_at"), instant("due_at"))),
        "ends_at": read_only(instant("due_at")),
        "all_day": sql("(record->>'$.due_at') IS NULL AND (record->>'$.due_on') IS NOT NULL"),
        "starts_on": sql(
            "CASE WHEN (record->>'$.due_at') IS NULL "
            "THEN TRY_CAST(coalesce(record->>'$.start_on', record->>'$.due_on') AS DATE) END"
        ),
        "ends_on": sql("CASE WHEN (record->>'$.due_at') IS NULL THEN TRY_CAST(record->>'$.due_on' AS DATE) END"),
        "place": replace(sql(PLACE), paths=FIELD_PATHS),
    },
)
MAPS = (TECHNICIAN, JOB, ASSIGNMENT)
