from __future__ import annotations

import inspect
import pickle

import pytest

from pipeline import errors

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.PipelineError)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_survives_pickling(kind: type[errors.PipelineError]) -> None:
    error = kind("why", subject="what")
    error.__dict__["extra"] = 7
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is kind
    assert (copy.reason, copy.subject, copy.__dict__) == (error.reason, error.subject, error.__dict__)
    assert copy.as_json() == {"class": kind.__name__, "reason": "why (what)"}


def test_after_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(errors.Throttled("slow", after=90))).after == 90


def test_the_tree_at_the_top_names_every_class() -> None:
    assert errors.__doc__ is not None
    for kind in KINDS:
        assert kind.__name__ in errors.__doc__


def test_each_class_says_what_happens_next() -> None:
    families = {errors.Retry, errors.Discard, errors.Quarantine, errors.UserError}
    for kind in set(KINDS) - {errors.PipelineError}:
        assert sum(issubclass(kind, family) for family in families) == 1
