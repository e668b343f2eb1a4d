"""Words that only look like a name: articles before a body, postal codes behind their town."""

from __future__ import annotations

import pytest

from pipeline.policy import places

VOTED = "voted 7-0 on Monday to adopt an ordinance."


@pytest.mark.parametrize(
    ("text", "label"),
    [
        (f"OAK PARK, Ill. — The Village Board {VOTED}", "Oak Park, IL"),
        (f"The Village Board of Skokie {VOTED}", "Skokie, IL"),
        (f"The Village of Skokie, Illinois, {VOTED}", "Skokie, IL"),
        (f"The city council of The Village, Oklahoma, {VOTED}", "The Village, OK"),
        (f"The Dalles, Oregon, City Council {VOTED}", "The Dalles, OR"),
        (f"The Lafayette, LA, City Council {VOTED}", "Lafayette, LA"),
        (f"The LA City Council {VOTED}", "Los Angeles, CA"),
        (f"In San Diego, LA leaders were praised. The LA City Council {VOTED}", "Los Angeles, CA"),
    ],
)
def test_an_article_is_no_name_and_a_code_behind_its_town_is_its_state(text: str, label: str) -> None:
    main = places.find("Council votes", text).main
    assert main is not None
    assert main.label == label
