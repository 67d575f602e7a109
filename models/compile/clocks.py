"""When a system last changed a field: its own stamp held between our two reads, and never for what we wrote ourselves.

In two steps, so that what is said often is worked out once: ``of_record`` and ``of_field`` give columns of a join of
``new`` (the newest version read), ``old`` (what is staged of it) and ``link`` (our receipt), which ``clock`` reads.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from sqlglot import exp

from models.compile import tables as t
from models.paths import call, literal
from models.schema import Field, Type

Form = Callable[[exp.Expr], exp.Expr]

EPOCH = "1970-01-01"
MOMENT = exp.Interval(this=literal("1"), unit=exp.Var(this="MICROSECOND"))
# what systems make of every value of a kind, of those that ``_respelled`` knows
_CENTS: tuple[Form, ...] = (lambda value: call("round", value, exp.Literal.number(2)),)
FORMS: Mapping[Type, tuple[Form, ...]] = {
    Type.TEXT: (lambda value: call("upper", value), lambda value: call("lower", value)),
    Type.MONEY: _CENTS,
    Type.NUMBER: _CENTS,
    Type.INSTANT: (lambda value: call("date_trunc", literal("minute"), value),),
}


def of_record(*, versions: bool) -> Iterator[exp.Expr]:
    """What the clocks of all fields of a record are made of.

    first      nobody read it before; linked: we wrote there; same: it is the very version that our write made
    stamp      when the system says that it changed: of an edit of any field
    beginning  when a field changed at the latest that nobody read before, whatever the stamp says
    earliest   when what we wrote can have got another spelling at the earliest: we had read it, or written it
    later      whether it is a later version than the one that our write made, in which a system may keep what it had,
               and than the one before it, which a list that lags behind may show. Where records have no versions
               (``versions``), their stamp tells
    """
    read, written, version = t.col("read_at", "new"), t.col("at", "link"), t.col("version", "new")
    stamp = call("least", call("coalesce", t.col("changed_at", "new"), read), read)
    before = t.col("read_at", "old")
    later: list[exp.Expr] = [exp.LT(this=written, expression=read)]
    if versions:
        later += [exp.NEQ(this=version, expression=t.col("version", side)) for side in ("link", "old")]
    else:
        later.append(exp.GT(this=t.col("changed_at", "new"), expression=written))
    found = {
        "first": t.is_null(t.col("source_id", "old")),
        "linked": t.not_null(written),
        "same": exp.EQ(this=version, expression=t.col("version", "link")),
        "stamp": stamp,
        "beginning": call("least", stamp, call("coalesce", t.col("first_read_at", "old"), before)),
        "after_read": exp.Add(this=before, expression=MOMENT.copy()),
        "earliest": call("least", stamp, call("coalesce", before, written)),
        "later": exp.and_(*later, copy=False),
        "after_write": call("greatest", stamp, exp.Add(this=written, expression=MOMENT.copy())),
    }
    return (exp.alias_(value.copy(), f"row.{name}", quoted=True, copy=False) for name, value in found.items())


def of_field(field: Field, *, clears: bool) -> Iterator[exp.Expr]:
    """What the clock of a field is made of, beside its value.

    old, was   the staged value and its clock; moved: whether the value is another one
    since      whether that clock is no younger than our write: a value that moved after we wrote is somebody's, and so
               is its way back to what we wrote
    rewritten  whether we wrote it after that value was read
    ours       whether the value is what we wrote, no value included where we may empty it (``clears``)
    alike      whether it is that in another spelling; asked only where we wrote at all, which is cheap to see
    """
    name = field.name
    new, old, was = t.col(name, "new"), t.col(name, "old"), t.col(f"{name}__at", "old")
    observed, written = t.remembered("link", "observed", field), t.written_at("link", field)
    ours: exp.Expr = exp.EQ(this=new, expression=observed)
    found = {
        "old": old,
        "was": was,
        "moved": t.distinct(new, old),
        "since": exp.or_(t.is_null(was), exp.LTE(this=was, expression=written), copy=False),
        "rewritten": exp.GTE(this=written, expression=t.col("read_at", "old")),
    }
    if (respelled := _respelled(field, new, observed)) is not None:
        found["alike"] = t.case((t.not_null(t.col("at", "link")), respelled))
    if clears:
        kept = call("json_type", t.col("observed", "link"), literal(f"$.{name}"))
        found["emptied"] = exp.EQ(this=kept, expression=literal("NULL"))
        ours = exp.or_(ours, exp.and_(t.is_null(new), found["emptied"], copy=False), copy=False)
    found["ours"] = ours
    return (exp.alias_(value.copy(), f"{name}.{part}", quoted=True, copy=False) for part, value in found.items())


def clock(field: Field, *, clears: bool) -> exp.Expr:
    """When the system last changed a field, from the columns of its record and its own."""
    first, moved = _row("first"), _of(field, "moved")
    arrived = exp.Paren(this=exp.or_(first, moved, copy=False))
    said = _said(field)
    echo = exp.and_(_row("linked"), _of(field, "since"), arrived, _echo(field), copy=False)
    branches = [
        (echo, exp.cast(literal(EPOCH), "TIMESTAMP", copy=False)),
        (first.copy(), said),
        # a field that nobody read before was not edited
        (t.is_null(_of(field, "was")), _row("beginning")),
        (moved.copy(), call("greatest", said, _row("after_read"))),
    ]
    if (taken_back := _taken_back(field, clears=clears)) is not None:
        branches.append((taken_back, _row("after_write")))
    return t.case(*branches, default=_of(field, "was"))


def _row(name: str) -> exp.Column:
    return t.col(f"row.{name}")


def _of(field: Field, name: str) -> exp.Column:
    return t.col(f"{field.name}.{name}")


def _echo(field: Field) -> exp.Expr:
    """Whether the value is what we wrote there.

    The very version that our write made says what we wrote in whatever spelling: a system may rewrite it after it
    answered. In any later version another spelling may be a person's, but for a form of the system's own: the value
    before it has that form as well.
    """
    ours = _of(field, "ours")
    if not _has_spellings(field):
        return ours
    new, old = t.col(field.name), _of(field, "old")
    formed = [
        exp.and_(exp.EQ(this=new, expression=form(new)), exp.EQ(this=old, expression=form(old)))
        for form in FORMS[field.type]
    ]
    rewritten = exp.Paren(this=exp.or_(_row("same"), *formed, copy=False))
    return exp.Paren(this=exp.or_(ours, exp.and_(_of(field, "alike"), rewritten, copy=False), copy=False))


def _said(field: Field) -> exp.Expr:
    """When the system says that a field changed; what we wrote in another spelling may be older than its stamp."""
    if not _has_spellings(field):
        return _row("stamp")
    respelled = exp.and_(_of(field, "since"), _of(field, "alike"), copy=False)
    return t.case((respelled, _row("earliest")), default=_row("stamp"))


def _taken_back(field: Field, *, clears: bool) -> exp.Expr | None:
    """Whether a value that is staged already is an edit all the same: we wrote another one since, and it is back.

    Of lists that look different nobody can tell.
    """
    if field.type in (Type.LINES, Type.TAGS):
        return None
    another: exp.Expr = exp.Not(this=_of(field, "alike" if _has_spellings(field) else "ours"))
    if clears:
        filled = exp.and_(t.not_null(t.col(field.name)), _of(field, "emptied"), copy=False)
        another = exp.Paren(this=exp.or_(another, filled, copy=False))
    return exp.and_(_row("later"), _of(field, "rewritten"), another, copy=False)


def _has_spellings(field: Field) -> bool:
    return field.type in FORMS and field.ref is None


def _respelled(field: Field, one: exp.Expr, other: exp.Expr) -> exp.Expr | None:
    """Whether two values say the same but for case, accents, blanks, cents or seconds; None where nothing could."""
    if not _has_spellings(field):
        return None
    if field.type is Type.TEXT:
        return exp.EQ(this=_bare(one), expression=_bare(other))
    if field.type is Type.INSTANT:
        seconds = exp.Abs(this=call("date_diff", literal("second"), one, other))
        return exp.LT(this=seconds, expression=exp.Literal.number(60))
    difference = exp.Abs(this=exp.Sub(this=one.copy(), expression=other.copy()))
    return exp.LT(this=difference, expression=exp.Literal.number("0.01"))


def _bare(text: exp.Expr) -> exp.Expr:
    return call("lower", call("strip_accents", call("replace", text, literal(" "), literal(""))))
