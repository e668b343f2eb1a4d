"""Does a verb with its subject and object say something of the topic? One test for each class of verbs."""

from __future__ import annotations

from pipeline.policy.acts import Act, View
from pipeline.policy.candidate import candidate
from pipeline.policy.making import MAKING
from pipeline.policy.moving import MOVING

TESTS = {**MAKING, **MOVING}
"""The test of each class; one without a test needs an actor and an object."""


def fits(view: View, act: Act, form: str) -> bool:
    """Whether ``act`` is told of a government and of the topic. May correct its class ('voted against' rejects)."""
    case = candidate(view, act, form)
    test = TESTS.get(act.kind)
    return test(case) if test is not None else bool(case.objects) and bool(act.actor.tag)
