from __future__ import annotations

import pytest

from analyst.api import limits
from analyst.api.limits import Limiter


@pytest.fixture
def ticks() -> list[float]:
    return [0.0]


@pytest.fixture
def limiter(ticks: list[float]) -> Limiter:
    return Limiter(6, clock=lambda: ticks[0])


def test_a_bucket_runs_dry_and_fills_again(limiter: Limiter, ticks: list[float]) -> None:
    assert [limiter.take("a") for _ in range(6)] == [0.0] * 6
    assert limiter.take("a") == pytest.approx(10)
    ticks[0] = 9.0
    assert limiter.take("a") == pytest.approx(1)
    ticks[0] = 10.0
    assert limiter.take("a") == 0.0
    assert limiter.take("a") == pytest.approx(10), "what was refused took nothing"


def test_each_caller_has_its_own(limiter: Limiter) -> None:
    for _ in range(6):
        limiter.take("a")
    assert limiter.take("a") > 0
    assert limiter.take("b") == 0.0


def test_dear_questions_take_more_but_never_more_than_there_is_room_for(limiter: Limiter, ticks: list[float]) -> None:
    assert limiter.take("a", 4) == 0.0
    assert limiter.take("a", 4) == pytest.approx(20)
    ticks[0] = 3_600.0
    assert limiter.take("a", 100) == 0.0
    assert limiter.take("a") > 0


def test_callers_are_forgotten_in_the_end(limiter: Limiter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "KNOWN", 2)
    for _ in range(6):
        limiter.take("a")
    for name in "bc":
        limiter.take(name)
    assert limiter.take("a") == 0.0
