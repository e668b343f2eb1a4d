"""Another topic needs no code: a folder with other words under the same tags, and the room reads of plastic bags.

What actors, verbs, kinds and places are is no topic's own, so those files are taken as they are.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline.policy import lexicon, read

TERMS = """
gate_cased = []
gate = ["plastic bag", "bag ban", "single-use"]

[terms]
ENF = ["plastic (bag|bags)", "single-use (bag|bags|plastic|plastics)", "(carryout|checkout) (bag|bags)"]
IMM = ["litter", "plastics", "plastic waste"]
SANC = ["bag ban", "bag (fee|fees)", "plastic bag (ban|bans|ordinance|law)"]
SANC_WORD = ["bag-free"]
ANTISANC = ["ban on bag bans", "bag ban preemption"]
WELCOME = ["zero waste (city|town|county)"]
LIMITER = ["ban", "bans", "banned", "banning", "bar", "bars", "prohibit", "prohibits", "outlaw", "outlaws"]
NEG = ["not", "no", "never"]
DEMAND = ["require", "requires", "allow", "allows", "permit", "permits"]
COOP = ["hand out", "handing out", "give", "giving", "sell", "selling", "use", "using"]
"""
PROVISIONS = """
[[provision]]
id = "bag_ban"
sign = 1
weight = 1.5
seq = ["LIMITER", "ENF"]
gap = 6

[[provision]]
id = "bag_ban_forbidden"
sign = -1
weight = 3.0
seq = ["LIMITER|DEMAND", "SANC|ANTISANC"]
gap = 6

[[sign]]
id = "sign.names_the_ban"
sign = 1
weight = 0.8
seq = ["SANC"]
"""


@pytest.fixture
def bags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The policy room on another topic's folder."""
    for name in ("actions", "actors", "kinds", "places"):
        shutil.copy(lexicon.TOPIC / f"{name}.toml", tmp_path)
    (tmp_path / "terms.toml").write_text(TERMS)
    (tmp_path / "provisions.toml").write_text(PROVISIONS)
    monkeypatch.setattr(lexicon, "TOPIC", tmp_path)
    lexicon.lexicon.cache_clear()
    yield
    lexicon.lexicon.cache_clear()


@pytest.mark.usefixtures("bags")
def test_a_vote_on_another_topic_is_read() -> None:
    found = read(
        "Akron bans plastic bags",
        "The Akron, Ohio, City Council voted 9-4 on Monday to adopt an ordinance that bans plastic bags in stores.",
        published="2026-03-11",
        source="Summit Ledger",
    )
    assert found.relevant
    (report,) = found.reports
    assert (report.jurisdiction.label, report.stage, report.instrument) == ("Akron, OH", "adopted", "ordinance")
    assert report.vote is not None
    assert (report.vote.ayes, report.vote.noes, report.date) == (9, 4, "2026-03-09")
    assert report.provisions == ("bag_ban",)
    assert report.alert == "new"
    assert report.alertable


@pytest.mark.usefixtures("bags")
@pytest.mark.parametrize(
    ("title", "text"),
    [
        (
            "Council to weigh bag ban",
            "The Akron, Ohio, council will vote in May on an ordinance to ban plastic bags.",
        ),
        ("Akron rejects bag ban", "The Akron, Ohio, City Council voted 9-4 on Monday to reject a plastic bag ban."),
        ("Akron limits help to ICE", "The Akron, Ohio, City Council voted 9-4 Monday to bar police from helping ICE."),
    ],
)
def test_what_is_no_adoption_or_another_topic_alerts_nobody(title: str, text: str) -> None:
    assert [r.stage for r in read(title, text, published="2026-03-11").reports if r.alert in ("new", "amend")] == []


@pytest.mark.usefixtures("bags")
def test_what_was_the_topic_is_none_now() -> None:
    text = "The Akron, Ohio, City Council voted 9-4 on Monday to adopt an ordinance that bars police from helping ICE."
    assert not read("Akron limits help to ICE", text, published="2026-03-11").relevant
