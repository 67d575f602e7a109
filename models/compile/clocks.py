"""When a system last changed a field: its own stamp held between our two reads, and never for what we wrote ourselves.

Relations of the expressions: ``new`` (the newest version read), ``old`` (what is staged of it), ``link`` (our receipt).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

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


def clock(field: Field, *, clears: bool, versions: bool) -> exp.Expr:
    """When the system last changed a field.

    clears    we may have emptied it there ourselves
    versions  its records have versions
    """
    name = field.name
    new, old = t.col(name, "new"), t.col(name, "old")
    stamp = call(
        "least", call("coalesce", t.col("changed_at", "new"), t.col("read_at", "new")), t.col("read_at", "new")
    )
    # a value that moved after we wrote is somebody's, and so is its way back to what we wrote
    since = exp.or_(
        t.is_null(t.col(f"{name}__at", "old")),
        exp.LTE(this=t.col(f"{name}__at", "old"), expression=t.written_at("link", field)),
        copy=False,
    )
    echo = exp.and_(_ours(field, clears=clears), since, copy=False)
    first = t.is_null(t.col("source_id", "old"))
    # a field that nobody read before was not edited, whatever the stamp of its record says
    unread = exp.and_(t.not_null(t.col("source_id", "old")), t.is_null(t.col(f"{name}__at", "old")), copy=False)
    beginning = call("least", stamp, call("coalesce", t.col("first_read_at", "old"), t.col("read_at", "old")))
    said = _said(field, stamp, since)
    after_our_write = exp.Add(this=t.col("at", "link"), expression=MOMENT.copy())
    after_last_read = exp.Add(this=t.col("read_at", "old"), expression=MOMENT.copy())
    return t.case(
        (
            exp.and_(exp.or_(first, t.distinct(new, old), copy=False), echo, copy=False),
            exp.cast(literal(EPOCH), "TIMESTAMP", copy=False),
        ),
        (first.copy(), said),
        (unread, beginning),
        (t.distinct(new.copy(), old.copy()), call("greatest", said.copy(), after_last_read)),
        (_taken_back(field, clears=clears, versions=versions), call("greatest", stamp.copy(), after_our_write)),
        default=t.col(f"{name}__at", "old"),
    )


def _ours(field: Field, *, clears: bool) -> exp.Expr:
    """Whether the value is what we wrote there, no value included where we may write one.

    The very version that our write made says what we wrote in whatever spelling: a system may rewrite it after it
    answered. In any later version another spelling may be a person's, but for the form in which the system had the
    value before.
    """
    new, observed = t.col(field.name, "new"), t.remembered("link", "observed", field)
    ours: list[exp.Expr] = [exp.EQ(this=new, expression=observed)]
    if (respelled := _respelled(field, new, observed)) is not None:
        version = exp.EQ(this=t.col("version", "new"), expression=t.col("version", "link"))
        ours += [exp.and_(version, respelled, copy=False), *_in_form(field, new, observed)]
    if clears:
        ours.append(exp.and_(t.is_null(new.copy()), _emptied(field), copy=False))
    # nearly no record of a first read was ever written to, which is cheap to see
    return exp.and_(t.not_null(t.col("at", "link")), exp.Paren(this=exp.or_(*ours, copy=False)), copy=False)


def _in_form(field: Field, new: exp.Expr, written: exp.Expr) -> list[exp.Expr]:
    """Whether a value is what we wrote in a form of the system's own: the value before it has that form as well."""
    old = t.col(field.name, "old")
    return [
        exp.and_(exp.EQ(this=new.copy(), expression=form(written)), exp.EQ(this=old, expression=form(old)), copy=False)
        for form in FORMS[field.type]
    ]


def _taken_back(field: Field, *, clears: bool, versions: bool) -> exp.Expr:
    """Whether a value that is staged already is an edit all the same: we wrote another one since, and it is back.

    It has to stand in a later version than the one that our write made, in which a system may keep what it had, and
    than the one before it, which a list that lags behind may show. Where records have no versions, their stamp tells.
    """
    written, at = t.written_at("link", field), t.col("at", "link")
    later: list[exp.Expr]
    if versions:
        version = t.col("version", "new")
        later = [exp.NEQ(this=version, expression=t.col("version", side)) for side in ("link", "old")]
    else:
        later = [exp.GT(this=t.col("changed_at", "new"), expression=at)]
    return exp.and_(
        exp.GTE(this=written, expression=t.col("read_at", "old")),
        exp.LT(this=at.copy(), expression=t.col("read_at", "new")),
        *[part.copy() for part in later],
        _another(field, clears=clears),
        copy=False,
    )


def _another(field: Field, *, clears: bool) -> exp.Expr:
    """Whether a value is none that we wrote, in no spelling; of lists that look different nobody can tell."""
    new, observed = t.col(field.name, "new"), t.remembered("link", "observed", field)
    if field.type in (Type.LINES, Type.TAGS):
        return exp.false()
    respelled = _respelled(field, new, observed)
    differs = exp.Not(this=exp.Paren(this=respelled)) if respelled else exp.NEQ(this=new, expression=observed)
    if not clears:
        return differs
    return exp.Paren(this=exp.or_(differs, exp.and_(t.not_null(new.copy()), _emptied(field)), copy=False))


def _emptied(field: Field) -> exp.Expr:
    """Whether our receipt says that the field was left without a value."""
    kept = call("json_type", t.col("observed", "link"), literal(f"$.{field.name}"))
    return exp.EQ(this=kept, expression=literal("NULL"))


def _said(field: Field, stamp: exp.Expr, since: exp.Expr) -> exp.Expr:
    """When the system says that a field changed; what we wrote in another spelling may be older than its stamp.

    The stamp is the record's: of an edit of any field, after which this one is no younger than when it was last read.
    """
    respelled = _respelled(field, t.col(field.name, "new"), t.remembered("link", "observed", field))
    if respelled is None:
        return stamp
    earliest = call("least", stamp, call("coalesce", t.col("read_at", "old"), t.col("at", "link")))
    written = t.not_null(t.col("at", "link"))
    return t.case((exp.and_(written, since, respelled), earliest), default=stamp.copy())


def _respelled(field: Field, one: exp.Expr, other: exp.Expr) -> exp.Expr | None:
    """Whether two values say the same but for case, accents, blanks, cents or seconds; None where nothing could."""
    if field.type is Type.TEXT and field.ref is None:
        return exp.EQ(this=_bare(one), expression=_bare(other))
    if field.type in (Type.MONEY, Type.NUMBER):
        difference = exp.Abs(this=exp.Sub(this=one.copy(), expression=other.copy()))
        return exp.LT(this=difference, expression=exp.Literal.number("0.01"))
    if field.type is Type.INSTANT:
        seconds = exp.Abs(this=call("date_diff", literal("second"), one, other))
        return exp.LT(this=seconds, expression=exp.Literal.number(60))
    return None


def _bare(text: exp.Expr) -> exp.Expr:
    return call("lower", call("strip_accents", call("replace", text, literal(" "), literal(""))))
