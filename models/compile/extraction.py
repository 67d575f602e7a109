"""Every text that a query takes out of ``record``, taken out in one go: each look into a record parses all of it."""

from __future__ import annotations

from sqlglot import exp

from models.compile import tables as t
from models.paths import call, literal

TEXTS = "record__texts"


def read_once(rows: exp.Select) -> exp.Select:
    """The query of ``staged.rows`` with one list of its texts beside each record, and places in it for paths."""
    query = rows.copy()
    places: dict[exp.Expr, int] = {}
    for node in list(query.find_all(exp.JSONExtractScalar)):
        if _is_text_of_record(node):
            place = places.setdefault(node.expression, len(places) + 1)
            node.replace(call("list_extract", t.col(TEXTS), literal(place)))
    if places:
        paths = exp.Array(expressions=[path.copy() for path in places])
        texts = exp.alias_(call("json_extract_string", exp.column("record"), paths), TEXTS, quoted=True, copy=False)
        source = next(cte.this for cte in query.ctes if cte.alias == "source")
        source.select(t.col(TEXTS), copy=False)
        source.find(exp.Subquery).this.select(texts, copy=False)
    return query


def _is_text_of_record(node: exp.JSONExtractScalar) -> bool:
    """A text at a path that leads to one place; a list of the texts at many (``[*]``) is something else."""
    path, single = node.expression, (exp.JSONPathRoot, exp.JSONPathKey, exp.JSONPathSubscript)
    return node.this == exp.column("record") and all(
        isinstance(part, single) and not isinstance(part.args.get("this"), exp.Expr) for part in path.expressions
    )
