from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from demo import show
from demo.show import ActionJSON, AlertJSON, ArticleJSON, FeedJSON, MeasureJSON, Results, StepJSON, VoteJSON, WhyJSON


def printed(thing: RenderableType, width: int = 200) -> str:
    console = Console(width=width, force_terminal=False)
    with console.capture() as capture:
        console.print(thing)
    return capture.get()


def vote(ayes: int | None, noes: int | None, unanimous: bool | None = None) -> VoteJSON:
    return {"for": ayes, "against": noes, "abstain": None, "absent": None, "unanimous": unanimous}


def action(stage: str, date: str, tally: VoteJSON | None = None, sentence: str = "It passed.") -> ActionJSON:
    return {
        "stage": stage,
        "date": date,
        "date_precision": "day",
        "vote": tally,
        "evidence": [{"url": "http://127.0.0.11/a", "sentence": sentence}],
        "articles": ["a1", "a2"],
    }


def measure(id: str, name: str, actions: Sequence[ActionJSON], direction: str = "limits_cooperation") -> MeasureJSON:
    return {
        "id": id,
        "jurisdiction": {"name": name, "type": "city", "state": "CA"},
        "body": "City Council",
        "instrument": "ordinance",
        "identifier": "",
        "direction": direction,
        "provisions": [],
        "stage": actions[-1]["stage"],
        "actions": list(actions),
    }


def article(id: str, source: str, story: str) -> ArticleJSON:
    url = f"http://127.0.0.11/{id}"
    copy_of = None if id == story else story
    return {"id": id, "url": url, "title": f"Story [{story}]", "source": source, "story": story, "copy_of": copy_of}


def why(url: str, outcome: str, reason: str = "", result: str = "") -> WhyJSON:
    steps: list[StepJSON] = [{"at": "2026-09-15T00:00:00Z", "step": "fetch", "result": result}] if result else []
    return {"url": url, "outcome": outcome, "reason": reason, "steps": steps}


LOS_ANGELES = measure(
    "m1", "Los Angeles", [action("passed", "2026-08-21", vote(13, 0)), action("signed", "2026-09-10")]
)
HEMET = measure("m2", "Hemet", [action("adopted", "2026-08-24", vote(4, 1))], "mandates_cooperation")
SENT: AlertJSON = {"id": "n1", "measure": "m1", "kind": "new", "state": "sent"}
FEEDS: list[FeedJSON] = [
    {"url": "http://127.0.0.11/rss", "title": "Los Angeles Ledger", "healthy": True, "error": None},
    {
        "url": "http://127.0.0.28/rss",
        "title": "Desert Signal",
        "healthy": False,
        "error": {"class": "Throttled", "reason": "503"},
    },
]
RESULTS = Results(
    measures=[HEMET, LOS_ANGELES],
    articles=[article("s1", "Wire", "s1"), article("c1", "Sun", "s1"), article("x", "Sun", "x")],
    alerts=[SENT],
    entries=[
        why("http://127.0.0.11/s1", "article"),
        why("http://127.0.0.13/c1", "copy"),
        why("http://127.0.0.13/zoo?x=1", "discard", "irrelevant (score 0.02)"),
        why("http://127.0.0.13/zoning", "discard", "irrelevant (score 0.10)"),
        why("http://127.0.0.20/cam", "unknown", "", "TooSlow: the deadline passed"),
    ],
    feeds=FEEDS,
    outbox=Path("/home/demo/outbox"),
    mails=[Path("/home/demo/outbox/1.eml")],
    seconds=12.4,
)


def test_measures_stand_latest_first_with_a_row_for_each_action() -> None:
    table = show.measures_table(RESULTS.measures)
    text = printed(table)
    assert table.row_count == 3
    assert text.index("Los Angeles, CA") < text.index("Hemet, CA")
    assert text.count("Los Angeles, CA") == 1
    assert "13-0" in text
    assert "mandates" in text
    assert text.index("passed") < text.index("signed")


def test_alerts_show_the_sentence_that_proves_them() -> None:
    text = printed(show.alerts_table(RESULTS.alerts, RESULTS.measures))
    assert "It passed." in text
    assert "sent" in text
    stranger: AlertJSON = {"id": "n2", "measure": "gone", "kind": "repeal", "state": "waiting"}
    assert "gone" in printed(show.alerts_table([stranger], RESULTS.measures))


def test_only_stories_that_others_ran_are_copies() -> None:
    table = show.copies_table(RESULTS.articles)
    assert table.row_count == 1
    assert "Story [s1]" in printed(table)


def test_discards_are_counted_by_reason() -> None:
    table = show.discards_table(RESULTS.entries)
    text = printed(table)
    assert table.row_count == 2
    assert "discard: irrelevant" in text
    assert "127.0.0.13/zoning" in text
    assert "x=1" not in text
    assert "waits for another try: TooSlow" in text


def test_feeds_that_failed() -> None:
    text = printed(show.feeds_table(FEEDS))
    assert "Desert Signal" in text
    assert "Ledger" not in text


def test_titles_are_text_and_never_markup() -> None:
    evil = measure("m3", "[bold red]Oops[/]", [action("adopted", "", None, "[link=http://x]click[/link]")])
    text = printed(show.measures_table([evil])) + printed(show.alerts_table([{**SENT, "measure": "m3"}], [evil]))
    assert "[bold red]Oops[/]" in text
    assert "[link=http://x]" in text
    assert "undated" in text


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, ""),
        (vote(13, 0, True), "13-0"),
        (vote(None, None, True), "unanimous"),
        (vote(7, None), ""),
        (vote(0, 5), "0-5"),
    ],
)
def test_tally(given: VoteJSON | None, expected: str) -> None:
    assert show.tally(given) == expected


def test_labels_and_words() -> None:
    assert show.label({"name": "Colorado", "type": "state", "state": "CO"}) == "Colorado"
    assert show.label({"name": "Lima", "type": "city", "state": ""}) == "Lima"
    assert show.words("287g_agreement") == "287(g) agreement"
    assert show.words(None) == ""


def test_closing_page_says_what_to_type_next() -> None:
    text = printed(show.closing(replace(RESULTS, command=".venv/bin/sanctuary-watch")))
    assert (
        "2 feeds, 5 entries in 12 seconds: 1 article, 1 copy, 2 discards, 1 unfinished; 2 measures, 1 alert (1 sent)"
        in text
    )
    assert "1 mail lies in /home/demo/outbox" in text
    assert '.venv/bin/sanctuary-watch docket "Los Angeles, CA"' in text
    assert "why 'http://127.0.0.13/zoo?x=1'" in text
    assert "Ctrl-C" not in text
    assert "http://127.0.0.1:8050" in printed(show.closing(replace(RESULTS, web="http://127.0.0.1:8050")))


def test_closing_page_of_nothing() -> None:
    empty = Results([], [], [], [], [], Path("outbox"), [], 0.0)
    text = printed(show.closing(empty))
    assert "0 feeds, 0 entries" in text
    assert "What happened" not in text


def test_closing_page_fits_a_narrow_terminal() -> None:
    text = printed(show.closing(RESULTS), width=80)
    assert max(len(line) for line in text.splitlines()) <= 80
