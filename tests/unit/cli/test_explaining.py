"""``explain`` and ``eval``."""

from __future__ import annotations

import json
from pathlib import Path

from tests.integration.world import FRESNO, NOW, SCHOOL, TYLER, page
from tests.unit.cli.conftest import Program
from tests.unit.cli.shapes import EVAL, EXPLAIN, FAILED, misfits
from tests.unit.servers import serving

TEXT = "\n\n".join(FRESNO)


def test_explain_a_text_file(program: Program, home: Path, tmp_path: Path) -> None:
    file = tmp_path / "fresno.txt"
    file.write_text(TEXT)
    answer = program("explain", str(file), "--json").json
    assert misfits(answer, EXPLAIN) == []
    assert answer["relevant"] is True
    assert 0 <= answer["score"] <= 1
    assert answer["article"]["title"] == FRESNO[0]
    (action,) = answer["actions"]
    assert action["jurisdiction"] == {"name": "Fresno", "type": "city", "state": "CA"}
    assert (action["vote"]["for"], action["vote"]["against"]) == (5, 2)
    proof = action["evidence"]
    assert TEXT[proof["start"] : proof["end"]] == proof["sentence"], "offsets count from the title on"
    assert action["rules"]
    assert not (home / "archive.sqlite3").exists(), "nothing is recorded"


def test_explain_standard_input(program: Program) -> None:
    answer = program("explain", "-", "--json", stdin=TEXT.encode()).json
    assert len(answer["actions"]) == 1
    html = program("explain", "-", "--json", stdin=page(TYLER, NOW)).json
    assert misfits(html, EXPLAIN) == []
    assert html["article"] == {"title": TYLER[0], "published": "2026-03-05T18:00:00Z", "kind": "news"}
    assert [action["jurisdiction"]["name"] for action in html["actions"]] == ["Smith County"]


def test_explain_a_url(program: Program) -> None:
    with serving() as server:
        server.answer("/fresno", page(FRESNO, NOW), Content_Type="text/html")
        allow = {"SANCTUARY_WATCH_ALLOW_NETWORKS": "127.0.0.0/8"}
        answer = program("explain", f"{server.url}/fresno", "--json", env=allow).json
        refused = program("explain", f"{server.url}/fresno", "--json", status=1).json
    assert len(answer["actions"]) == 1
    assert refused["error"]["class"] == "Refused"


def test_explain_in_words(program: Program) -> None:
    told = program("explain", "-", stdin=TEXT.encode()).out
    assert "Fresno, CA" in told
    assert "5-2" in told
    assert "owes: new" in told
    assert "No action found." in program("explain", "-", stdin="\n\n".join(SCHOOL).encode()).out


def test_explain_shows_control_characters_harmless(program: Program) -> None:
    told = program("explain", "-", stdin=("\x1b[2J\u202e" + TEXT).encode()).out
    assert "\x1b" not in told
    assert "\u202e" not in told


def test_explain_what_cannot_be_had(program: Program, tmp_path: Path) -> None:
    ran = program("explain", str(tmp_path / "none.html"), "--json", status=1)
    assert misfits(ran.json, FAILED) == []
    assert ran.json["error"]["class"] == "UserError"


def case(id: str, story: tuple[str, ...], **labels: object) -> str:
    return json.dumps(
        {
            "id": id,
            "headline": story[0],
            "summary": " ".join(story[1:]),
            "outlet": "Bee",
            "published": "2026-03-04",
            **labels,
        }
    )


def test_eval_of_three_cases(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    place = {"name": "Fresno", "type": "city", "state": "CA"}
    labels = {"is_relevant": True, "is_new_ordinance_event": True, "event_key": "fresno", "jurisdiction": place}
    file.write_text(
        case("fresno", FRESNO, **labels)
        + "\n\n"
        + case("again", FRESNO, **labels)
        + "\n"
        + case("school", SCHOOL, is_relevant=False, is_new_ordinance_event=False)
        + "\n"
    )
    answer = program("eval", str(file), "--json").json
    assert misfits(answer, EVAL) == []
    assert answer["relevance"] == {**answer["relevance"], "precision": 1.0, "recall": 1.0, "f1": 1.0}
    assert [answer["events"][name] for name in ("precision", "recall", "missed", "false", "doubled")] == [
        1.0,
        1.0,
        [],
        [],
        [],
    ]
    assert answer["fields"]["jurisdiction"] == 1.0
    assert {one["id"]: one["alerted"] for one in answer["cases"]} == {"fresno": 1, "again": 0, "school": 0}
    assert "precision" in program("eval", str(file)).out


def test_eval_of_cases_without_labels(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    file.write_text('{"id": "bare"}\n')
    answer = program("eval", str(file), "--json").json
    assert misfits(answer, EVAL) == []
    assert answer["cases"][0]["alerted"] == 0


def test_eval_says_which_line_cannot_be_read(program: Program, tmp_path: Path) -> None:
    file = tmp_path / "cases.jsonl"
    for text, reason in (("{}\n", "line 1 is no case"), ('{"id": "a"}\n{', "line 2 is not JSON")):
        file.write_text(text)
        assert reason in program("eval", str(file), "--json", status=1).json["error"]["reason"]
    assert misfits(program("eval", str(tmp_path / "none"), "--json", status=1).json, FAILED) == []
