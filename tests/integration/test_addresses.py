"""Several addresses of one article: whichever comes first, its own one tells its story."""

from __future__ import annotations

from pathlib import Path

import pytest

from analyst.answers import why
from pipeline.archive.base import every
from pipeline.model import Alert, Article
from tests.integration.world import FRESNO, NOW, Web, World, drive, page, rss

OWN, AMP = "https://bee.example/news/fresno", "https://bee.example/amp/fresno"


def twin(story: bytes) -> bytes:
    return story.replace(b"<head>", f"<head><link rel='canonical' href='{OWN}'>".encode())


@pytest.mark.parametrize("first", [OWN, AMP])
def test_the_own_address_becomes_the_article(tmp_path: Path, first: str) -> None:
    story = twin(page(FRESNO, NOW))
    second = AMP if first == OWN else OWN
    feed = "https://bee.example/feed"
    world = World(tmp_path, Web({OWN: story, AMP: story, feed: rss("Valley Bee", [(FRESNO[0], first, NOW)])}))
    with world.tools() as tools:
        world.watch_all(tools)
        drive(tools)
        world.web.pages[feed] = rss("Valley Bee", [(FRESNO[0], first, NOW), (FRESNO[0], second, NOW)])
        world.later(hours=2)
        drive(tools)
        assert tools.archive.count(Article) == 1
        own, amp = why(tools.archive, OWN), why(tools.archive, AMP)
        assert (own["outcome"], own["reason"]) == ("article", "")
        assert (amp["outcome"], amp["reason"]) == ("discard", "known address")
        assert own.get("article") == amp.get("article")
        assert (tools.tally["article"], tools.tally["discard"]) == (1, 1)
        assert not list(every(tools.archive, Alert))
