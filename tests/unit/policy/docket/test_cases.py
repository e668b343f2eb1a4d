"""The labelled cases as perfect reports: whatever their order, every event is one measure, told as new once."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from pathlib import Path
from typing import Any, cast

import pytest

from pipeline.model import (
    ARTICLE_KINDS,
    INSTRUMENTS,
    JURISDICTION_TYPES,
    STAGES,
    Article,
    Docket,
    JurisdictionType,
    Report,
    Vote,
)
from pipeline.policy.docket import join
from pipeline.policy.docket.owing import FOUNDING
from tests.unit.policy.builders import article, minting, place, report

WORDS = {"published": "listed", "executive_directive": "directive"}
"""Words of the labels that are not the vocabulary's."""
SAME_MEASURE = {"mi-lansing-2017-rescind": "mi-lansing-2017-sanctuary"}
"""The labels give a repeal its own key; for the docket it is the measure's."""


def as_report(case: dict[str, Any]) -> tuple[str, Report, Article] | None:
    """A case with its labels as a report; None when it tells no action of a place."""
    where, stage = case["jurisdiction"], WORDS.get(case["stage"], case["stage"])
    if not (case["event_key"] and where and where["name"] and stage in STAGES):
        return None
    vote, instrument = case["vote"], WORDS.get(case["instrument"], case["instrument"])
    kind = cast(JurisdictionType, where["type"] if where["type"] in JURISDICTION_TYPES else "city")
    one = report(
        stage,
        case["action_date"] or "",
        where=place(where["name"], where["state"] or "", kind),
        alert="new" if case["is_new_ordinance_event"] else None,
        alertable=case["is_new_ordinance_event"],
        instrument=instrument if instrument in INSTRUMENTS else None,
        body=case["body"] or "",
        vote=Vote(vote["for"], vote["against"], unanimous=vote["unanimous"]) if vote else None,
        direction=case["direction"],
        identifier=case["identifier"] or "",
        sentence=case["summary"],
    )
    published = {4: "-12-31", 7: "-28"}.get(len(case["published"] or ""), "")
    told = article(
        one,
        published=f"{case['published']}{published}" if case["published"] else None,
        source=case["outlet"] or case["id"],
        kind=case["article_type"] if case["article_type"] in ARTICLE_KINDS else "news",
        title=case["headline"],
        name=case["id"],
    )
    return SAME_MEASURE.get(case["event_key"], case["event_key"]), one, told


@pytest.mark.data
@pytest.mark.parametrize("seed", range(4))
def test_every_event_is_one_measure_in_any_order(data: Path, seed: int) -> None:
    lines = (data / "policy_cases.jsonl").read_text("utf-8").splitlines()
    cases = [found for line in lines if (found := as_report(cast(dict[str, Any], json.loads(line))))]
    assert len(cases) > 150
    random.Random(seed).shuffle(cases)
    dockets: dict[str, Docket] = {}
    measures: dict[str, set[str]] = defaultdict(set)
    mint = minting()
    for event, one, told in cases:
        key = one.jurisdiction.key
        joined = join(dockets.get(key), one, told, now=told.first_seen, mint=mint, news_days=100_000)
        again = join(joined.docket, one, told, now=told.first_seen, mint=mint, news_days=100_000)
        assert (again.change, again.docket) == ("known", joined.docket)
        dockets[key] = joined.docket
        measures[event].add(joined.measure)
    assert {event: found for event, found in measures.items() if len(found) > 1} == {}
    assert len(set().union(*measures.values())) == len(measures)
    for docket in dockets.values():
        founding = [n.measure for n in docket.notices if n.kind in FOUNDING]
        assert len(founding) == len(set(founding))
