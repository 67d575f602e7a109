from __future__ import annotations

import inspect
import re

import pytest

from models import errors
from models.errors import PlumblineError, SystemFailure, Throttled, Transient, did_you_mean


def tree_of_the_docstring() -> dict[str, str]:
    """Class name -> name of its parent, as the indentation of the module's docstring says."""
    parents: dict[str, str] = {}
    above: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        found = re.fullmatch(r"( *)([A-Z]\w+)(?:  .*)?", line)
        if found is None:
            continue
        depth, name = len(found[1]), found[2]
        above = [(d, n) for d, n in above if d < depth]
        parents[name] = above[-1][1] if above else "Exception"
        above.append((depth, name))
    return parents


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    classes = {
        name: cls.__bases__[0].__name__
        for name, cls in inspect.getmembers(errors, inspect.isclass)
        if issubclass(cls, Exception) and cls.__module__ == errors.__name__
    }
    assert tree_of_the_docstring() == classes


@pytest.mark.parametrize("name", sorted(tree_of_the_docstring()))
def test_every_error_says_in_its_own_words_what_it_means(name: str) -> None:
    cls = getattr(errors, name)
    assert issubclass(cls, PlumblineError)
    assert cls.__doc__
    assert "__doc__" in vars(cls)


def test_a_failure_names_its_system() -> None:
    failure = Throttled("jobber", "slow down", wait=3.5)
    assert (str(failure), failure.system, failure.wait) == ("jobber: slow down", "jobber", 3.5)
    assert Transient("jobber", "again").wait is None
    assert isinstance(failure, SystemFailure)


def test_did_you_mean_offers_the_nearest_or_lists_what_there_is() -> None:
    assert did_you_mean("custmer", ["customer", "job"]) == "did you mean 'customer'?"
    assert did_you_mean("zzz", ["job", "customer"]) == "known: customer, job"
    assert did_you_mean("zzz", []) == "nothing is known here"
