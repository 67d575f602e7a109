"""The engine of checks: Great Expectations on one pandas batch of what changed.

Its import costs seconds, so it happens inside; ``warm_up`` starts it while systems are still being read.
One suite a run, since the engine then reads the batch once for all expectations. Its own crashes come back
as failed expectations that carry an exception: here they are ``broken``, never bad data.

An expectation costs milliseconds however few the rows are, so there are as few as say the same. ``reference`` and
``rule`` are worked out in pandas as columns of truths, and the engine is asked once whether all of them are true.
It is not asked about a column without values, which breaks nothing but ``not_null``, and it is asked for yes or no:
which rows it is that break a check is worked out after a no.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import repeat
from typing import TYPE_CHECKING, Any

from quality.checks import checks_of
from quality.spec import Check, Verdict

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["checks_of", "run", "warm_up"]

References = Callable[[str], "pd.Series[str]"]

EXAMPLES = 10
LONGEST_PROBLEM = 300
HIDDEN = "(personal)"
# A batch column that is true where all truths of the row are; no field and no check can have this name.
EVERY = "is in order"
YES_OR_NO = {"result_format": "BOOLEAN_ONLY"}

TRUTHS = frozenset({"reference", "rule"})
VALUES = frozenset({"unique", "one_of", "range"})

_starting = threading.Lock()


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What a run works on: living rows, the batch that the engine sees, truths by check, and what went wrong."""

    living: pd.DataFrame
    batch: pd.DataFrame
    truths: dict[str, pd.Series[bool]]
    problems: dict[str, str]


def run(checks: Sequence[Check], frame: pd.DataFrame, references: References) -> tuple[Verdict, ...]:
    """One verdict a check, in the order of the checks.

    frame       next rows of one entity: core_id, deleted_at, and its fields; deleted rows are left out
    references  entity name -> living core_ids of that entity; asked once for each entity

    Nothing is raised for a check or an engine that fails: its verdicts are ``broken`` and say why. Names of checks
    must be unique (``checks_of`` sees to it); ValueError otherwise.
    """
    if len({one.name for one in checks}) < len(checks):
        raise ValueError("two checks of one run have the same name; rename one")
    if not checks:
        return ()
    try:
        prepared = _prepare(checks, frame, references)
        ready = [one for one in checks if one.name not in prepared.problems]
        said = _said(ready, prepared.batch) | prepared.problems
        return tuple(_verdict(one, prepared, said[one.name]) for one in checks)
    except Exception as problem:  # noqa: BLE001 - whatever the engine dies of, it is not the data that is bad
        return tuple(Verdict(check=one, outcome="broken", problem=_sentence(problem)) for one in checks)


def warm_up() -> threading.Thread:
    """Start the engine in the background, so that it is there when the first rows are."""
    thread = threading.Thread(target=_ready, name="checks engine", daemon=True)
    thread.start()
    return thread


# --- the engine ----------------------------------------------------------------------------------------------


def _ready() -> Any:
    """The batch definition of this process: made once, whoever asks first."""
    with _starting:
        return _engine()


@cache
def _engine() -> Any:
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.enable_analytics(enable=False)
    context.variables.progress_bars = ProgressBarsConfig(globally=False, metric_calculations=False)
    source = context.data_sources.add_pandas("changed")
    return source.add_dataframe_asset("rows").add_batch_definition_whole_dataframe("all")


def _said(checks: Sequence[Check], batch: pd.DataFrame) -> dict[str, bool | str]:
    """Check name -> yes, no, or the sentence of what went wrong."""
    definition = _ready()
    said: dict[str, bool | str] = {}
    questions: dict[str, Any] = {}
    for one in checks:
        try:
            expectation = _expectation(one, batch)
        except Exception as problem:  # noqa: BLE001 - a check that the engine cannot make sense of is broken, alone
            said[one.name] = _sentence(problem)
            continue
        if _vacuous(one, batch):
            said[one.name] = True
        else:
            questions[_question(one)] = expectation
    answers = _answers(questions, definition.get_batch({"dataframe": batch})) if questions else {}
    return {one.name: answers[_question(one)] for one in checks if one.name not in said} | said


def _answers(questions: Mapping[str, Any], batch: Any) -> dict[str, bool | str]:
    """The engine's answer to each question about a batch: yes, no, or what it died of."""
    from great_expectations import ExpectationSuite

    # Given whole: adding one by one drops what it takes for the same, and a check may warn where its twin blocks.
    suite = ExpectationSuite(name="checks", expectations=list(questions.values()))
    return {
        result.expectation_config.meta["question"]: result.success or next(_raised(result.exception_info), False)
        for result in batch.validate(suite, result_format=YES_OR_NO).results
    }


def _vacuous(check: Check, batch: pd.DataFrame) -> bool:
    """Whether there is no value that could break it: one that is missing breaks ``not_null`` alone."""
    return check.kind in VALUES and check.field in batch and bool(batch[check.field].isna().all())


def _question(check: Check) -> str:
    """What the engine is asked for the sake of this check: about itself, or about all truths together."""
    return EVERY if check.kind in TRUTHS else check.name


def _expectation(check: Check, batch: pd.DataFrame) -> Any:
    import great_expectations.expectations as expect

    meta = {"question": _question(check)}
    match check.kind:
        case "not_null":
            return expect.ExpectColumnValuesToNotBeNull(column=check.field, meta=meta)
        case "unique":
            return expect.ExpectColumnValuesToBeUnique(column=check.field, meta=meta)
        case "one_of":
            return expect.ExpectColumnValuesToBeInSet(column=check.field, value_set=list(check.values), meta=meta)
        case "range":
            low, high = (_bound(batch, check.field, one) for one in (check.low, check.high))
            return expect.ExpectColumnValuesToBeBetween(column=check.field, min_value=low, max_value=high, meta=meta)
        case "reference" | "rule":
            return expect.ExpectColumnValuesToBeInSet(column=EVERY, value_set=[True], meta=meta)


def _bound(batch: pd.DataFrame, field: str, bound: Any) -> Any:
    """A bound in the type of its column, since the engine compares as it is told."""
    import pandas as pd

    if bound is not None and field in batch and batch[field].dtype.kind == "M":
        return pd.Timestamp(bound)
    return float(bound) if isinstance(bound, Decimal) else bound


# --- rows ----------------------------------------------------------------------------------------------------


def _prepare(checks: Sequence[Check], frame: pd.DataFrame, references: References) -> Prepared:
    """Leave out deleted rows and work out the truths; only columns that are looked at go to the engine."""
    import pandas as pd

    living = frame[frame["deleted_at"].isna()].reset_index(drop=True)
    direct = {one.field for one in checks if one.kind not in TRUTHS}
    batch = pd.DataFrame({name: _comparable(living[name]) for name in living if name in direct}, index=living.index)
    truths: dict[str, pd.Series[bool]] = {}
    problems: dict[str, str] = {}
    known = cache(references)
    for one in checks:
        if one.kind not in TRUTHS:
            continue
        try:
            truths[one.name] = _truths(one, living, known)
        except Exception as problem:  # noqa: BLE001 - a rule that crashes is broken, and the others still run
            problems[one.name] = _sentence(problem)
    batch[EVERY] = pd.DataFrame(truths, index=living.index).all(axis="columns")
    return Prepared(living=living, batch=batch, truths=truths, problems=problems)


def _comparable(column: pd.Series[Any]) -> pd.Series[Any]:
    """A column as the engine compares it: exact amounts become doubles, since it makes doubles of their bounds.

    A cent as a double lies a little above the exact cent; two doubles keep the order of the amounts they stand for.
    """
    import pandas as pd

    exact = column.dtype == "object" and pd.api.types.infer_dtype(column, skipna=True) == "decimal"
    return column.astype("float64") if exact else column


def _truths(check: Check, living: pd.DataFrame, references: References) -> pd.Series[bool]:
    """Whether each living row meets a reference or a rule; where it has nothing to say, it does."""
    if check.kind == "reference":
        return _resolves(check, living, references)
    if check.test is None:
        raise ValueError(f"{check.name} is a rule without a test; give it one")
    said = check.test(living)
    if not said.index.equals(living.index):
        raise ValueError(f"{check.name} answered {len(said)} rows of {len(living)}, or in another order")
    return said.astype("boolean").fillna(value=True).astype(bool)


def _resolves(check: Check, living: pd.DataFrame, references: References) -> pd.Series[bool]:
    """Values that are living records; an entity that points to itself may also point to a row of this very batch."""
    if check.other is None:
        raise ValueError(f"{check.name} is a reference to nothing; name the other entity")
    values = living[check.field]
    found = values.isna() | values.isin(references(check.other))
    return found | values.isin(living["core_id"]) if check.other == check.entity else found


# --- verdicts ------------------------------------------------------------------------------------------------


def _verdict(check: Check, prepared: Prepared, said: bool | str) -> Verdict:
    """The verdict on a check from yes, no, or the sentence of what went wrong."""
    verdict = Verdict(check=check, outcome="pass", rows=len(prepared.living))
    if isinstance(said, str):
        return replace(verdict, outcome="broken", problem=_shortened(said))
    if said:
        return verdict
    bad = prepared.living.loc[_bad(check, prepared)]
    if bad.empty and check.kind in TRUTHS:  # another check's truths were meant
        return verdict
    if bad.empty:
        return replace(verdict, outcome="broken", problem="the engine says no, and no row is found that breaks it")
    missing = bad[check.field] if check.kind == "reference" else repeat(None)
    return replace(
        verdict,
        outcome="fail",
        violations=len(bad),
        examples=tuple(_examples(check, bad)),
        violators=dict(zip(bad["core_id"], missing, strict=False)),
    )


def _raised(info: Any) -> Iterator[str]:
    """Messages of the engine's exceptions; they stand at the top, or below the id of each metric that crashed."""
    if isinstance(info, str):
        yield info
    elif "exception_message" not in info:
        for inner in info.values():
            yield from _raised(inner)
    elif info["raised_exception"]:
        yield str(info["exception_message"])


def _bad(check: Check, prepared: Prepared) -> pd.Series[bool]:
    """The rows that break a check, as the engine sees them."""
    column = prepared.truths[check.name] if check.kind in TRUTHS else prepared.batch[check.field]
    match check.kind:
        case "reference" | "rule":
            return ~column
        case "not_null":
            return column.isna()
        case "unique":
            return column.duplicated(keep=False) & column.notna()
        case "one_of":
            return ~column.isin(check.values) & column.notna()
        case "range":
            low, high = (_bound(prepared.batch, check.field, one) for one in (check.low, check.high))
            below = column.lt(low) if low is not None else column.isna()
            above = column.gt(high) if high is not None else column.isna()
            return (below | above) & column.notna()


def _examples(check: Check, bad: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """The first violating records: core_id, the checked value, and what else the check shows."""
    names = list(dict.fromkeys(("core_id", check.field, *check.shows)))
    for row in bad[[name for name in names if name in bad]].head(EXAMPLES).to_dict("records"):
        yield {str(k): HIDDEN if k in check.hidden and _plain(v) is not None else _plain(v) for k, v in row.items()}


def _plain(value: Any) -> Any:
    """A value as people and JSON writers know it: no numpy, no NaN; a fraction in a core frame is an exact amount."""
    import pandas as pd

    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if value is None or pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        # What a slipped digit makes of a year is more than a datetime can hold, and just what an example must show.
        return value.to_pydatetime() if 1 <= value.year <= 9999 else str(value)
    if isinstance(value, float):
        return Decimal(str(value))
    return value if isinstance(value, str | bool | int | Decimal | date) else str(value)


def _sentence(problem: Exception) -> str:
    return _shortened(f"{type(problem).__name__}: {problem}")


def _shortened(text: str) -> str:
    return " ".join(text.split())[:LONGEST_PROBLEM]
