"""What a person reads is true: commands, settings, query language, files, links; and nothing names a machine."""

from __future__ import annotations

import dataclasses
import os
import re
import shlex
import typing
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typing_extensions import is_typeddict

from analyst.answers import results
from analyst.exports.forms import ExportAnswer
from cli.alerts import BouncesAddress, BouncesAnswer
from cli.archive import ArchiveAnswer
from cli.checking import CheckAnswer
from cli.copying import CopyAnswer
from cli.explaining import ExplainAnswer
from cli.main import app
from cli.running import HealthAnswer, RunAnswer
from config.settings import PREFIX, SECRETS, Settings
from pipeline.alerts.subscriptions import read_file
from pipeline.archive import query
from pipeline.model import ALERT_KINDS, ARTICLE_KINDS, DIRECTIONS, SOURCE_KINDS, utc_now
from pipeline.policy.evaluate import evaluate

ROOT = Path(__file__).parents[2]
PROGRAM = "sanctuary-watch"
PAGES = sorted(
    [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "pipeline").rglob("*.md")],
    key=lambda page: page.relative_to(ROOT).as_posix(),
)
ROOMS = ("analyst", "benchmarks", "cli", "config", "demo", "docs", "pipeline", "tests", "workers")

SUBSCRIPTIONS = ("add", "import", "export", "list", "remove", "resume", "test")

# What each command prints with --json; None: it prints none. ``eval`` is asked itself.
ANSWERS: dict[str, Any] = {
    "search": results.SearchAnswer,
    "timeline": results.TimelineAnswer,
    "sources": results.SourcesAnswer,
    "docket": results.DocketAnswer,
    "why": results.WhyAnswer,
    "status": results.StatusAnswer,
    "explain": ExplainAnswer,
    "run": RunAnswer,
    "worker": HealthAnswer,
    "beat": HealthAnswer,
    "web": None,
    "facets": results.FacetsAnswer,
    "compare": results.CompareAnswer,
    "heatmap": results.HeatmapAnswer,
    "dockets": results.DocketsAnswer,
    "changes": results.ChangesAnswer,
    "health": results.HealthAnswer,
    "export": ExportAnswer,
    "measures show": results.MeasureAnswer,
    **{f"saved {name}": results.SavedAnswer for name in ("add", "list", "show", "remove")},
    **{f"keys {name}": results.KeysAnswer for name in ("add", "list", "revoke")},
    "feeds check": CheckAnswer,
    **{f"feeds {name}": results.FeedsAnswer for name in ("add", "import", "export", "remove", "list")},
    **{f"subscriptions {name}": results.SubscriptionsAnswer for name in SUBSCRIPTIONS},
    "alerts bounces": BouncesAnswer,
    "alerts bounces-address": BouncesAddress,
    **{f"alerts {name}": results.AlertsAnswer for name in ("list", "preview")},
    **{f"quarantine {name}": results.QuarantineAnswer for name in ("list", "show", "retry", "drop")},
    **{f"measures {name}": results.DocketAnswer for name in ("merge", "split", "correct")},
    "archive copy": CopyAnswer,
    **{f"archive {name}": ArchiveAnswer for name in ("verify", "backup", "migrate", "forget")},
}


# ------------------------------------------------------------------ reading pages
def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def section(page: str, heading: str) -> str:
    """The text under a heading, up to the next one of the same or a higher level."""
    found = re.search(rf"^(#+) {re.escape(heading)}\n(.*?)(?=^#{{1,3}} |\Z)", page, re.MULTILINE | re.DOTALL)
    assert found, f"there is no heading {heading!r}"
    return found[2]


def rows(text: str) -> Iterator[list[str]]:
    """The cells of a table's rows, without its head."""
    for line in text.splitlines():
        if line.startswith("| "):
            cells = [cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
            if cells[0].startswith("`"):
                yield cells


def code(text: str) -> set[str]:
    """What stands in backticks, in one line."""
    return set(re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)))


def blocks(text: str) -> list[str]:
    return re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def commands() -> dict[str, Any]:
    """Every command that can be typed, by its words after the program's name."""
    found: dict[str, Any] = {}

    def walk(command: Any, path: tuple[str, ...]) -> None:
        for name, below in getattr(command, "commands", {}).items():
            walk(below, (*path, name))
        if not hasattr(command, "commands"):
            found[" ".join(path)] = command

    walk(get_command(app), ())
    return found


def options(command: Any) -> set[str]:
    return {name for p in command.params for name in (*p.opts, *p.secondary_opts) if name.startswith("-")}


COMMANDS = commands()
ROOT_OPTIONS = options(get_command(app)) | {"--help"}
REFERENCE = read("docs/commands.md")


# ------------------------------------------------------------------ commands
@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_documented_with_all_its_options_and_no_other(name: str) -> None:
    text = section(REFERENCE, name)
    assert f"`{PROGRAM} {name}" in text
    documented = {option for row in rows(text) for option in re.findall(r"`(--[a-z-]+)`", row[0])}
    assert documented == options(COMMANDS[name]) - {"--help"}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_documented_with_its_arguments(name: str) -> None:
    synopsis = re.search(rf"`{PROGRAM} {re.escape(name)}([^`]*)`", section(REFERENCE, name))
    arguments = [p for p in COMMANDS[name].params if p.param_type_name == "argument"]
    assert synopsis
    named = [word for word in synopsis[1].split() if word.strip("[]")[0].isupper() and "=" not in word]
    assert len(named) == len(arguments)


def test_documented_commands_exist() -> None:
    headings = re.findall(r"^### (.+)$", REFERENCE, re.MULTILINE)
    assert sorted(headings) == sorted(COMMANDS)


def test_the_options_of_the_program_are_documented() -> None:
    common = section(REFERENCE, "What holds for all of them")
    assert {option for row in rows(common) for option in re.findall(r"`(--[a-z-]+)", row[0])} == ROOT_OPTIONS


def keys(answer: Any) -> set[str]:
    """Keys of a TypedDict and of all TypedDicts within it."""
    if is_typeddict(answer):
        hints = typing.get_type_hints(answer, localns=vars(results))
        return set(hints) | {key for kind in hints.values() for key in keys(kind)}
    return {key for part in typing.get_args(answer) for key in keys(part)}


def json_section(name: str) -> str:
    """Where a command's JSON is described: in its own section, or in the one that it refers to."""
    text = section(REFERENCE, name)
    reference = re.search(r"JSON: as \[([a-z ]+)\]", text)
    return section(REFERENCE, reference[1]) if reference else text


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - {"eval"}))
def test_all_keys_of_a_commands_json_are_documented(name: str) -> None:
    answer = ANSWERS[name]
    assert (answer is not None) is ("--json" in options(COMMANDS[name]))
    if answer is not None:
        assert sorted(keys(answer) - code(json_section(name))) == []


def test_all_keys_of_eval_are_documented() -> None:
    case = {"id": "1", "headline": "Reno City Council adopts sanctuary ordinance, 5-2", "summary": "", "outlet": "X"}
    answer = evaluate([case])
    wanted = set(answer) | set(answer["cases"][0]) | {"precision", "recall", "f1", "missed", "false", "doubled"}
    assert wanted & {"missed", "false", "doubled"} <= set(answer["events"])
    assert {"precision", "recall", "f1"} <= set(answer["relevance"])
    assert sorted(wanted - code(section(REFERENCE, "eval"))) == []


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("feeds add", SOURCE_KINDS),
        ("subscriptions add", DIRECTIONS),
        ("subscriptions add", ALERT_KINDS),
        ("docket", DIRECTIONS),
    ],
)
def test_values_of_a_closed_vocabulary_are_documented(name: str, values: tuple[str, ...]) -> None:
    assert sorted(set(values) - code(section(REFERENCE, name))) == []


def test_the_example_of_a_file_of_subscriptions_is_one() -> None:
    (example,) = blocks(section(REFERENCE, "subscriptions import"))
    (subscription,) = read_file(example, now=utc_now())
    assert subscription.to == "desk@example.org"
    assert subscription.places == ("CA", "Reno, NV")


# ------------------------------------------------------------------ settings
SETTINGS = read("docs/settings.md")
TEST_VARIABLE = re.compile(rf"\b{PREFIX}TEST_[A-Z_]+\b")


def variables() -> set[str]:
    return {PREFIX + field.name.upper() for field in dataclasses.fields(Settings)}


def documented_variables() -> dict[str, str]:
    return {row[0].strip("`"): row[-1] for row in rows(SETTINGS) if row[0].startswith(f"`{PREFIX}")}


def test_every_setting_is_documented_and_no_other() -> None:
    secrets = {f"{PREFIX}{name.upper()}_FILE" for name in SECRETS}
    found = {name for name in documented_variables() if not TEST_VARIABLE.fullmatch(name)}
    assert found == variables() | secrets


@pytest.mark.parametrize("name", ["broker_url", "mail_from", "web_listen"])
def test_documented_defaults_are_the_defaults(name: str) -> None:
    (default,) = [field.default for field in dataclasses.fields(Settings) if field.name == name]
    assert documented_variables()[PREFIX + name.upper()] == f"`{default}`"


def test_every_variable_that_tests_read_is_documented() -> None:
    read_somewhere = {name for path in files() for name in TEST_VARIABLE.findall(text_of(path))}
    assert read_somewhere == {name for name in documented_variables() if TEST_VARIABLE.fullmatch(name)}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_pages_name_settings_that_exist(page: Path) -> None:
    named = set(re.findall(rf"\b{PREFIX}[A-Z_]+\b", page.read_text(encoding="utf-8")))
    assert sorted(named - documented_variables().keys()) == []


# ------------------------------------------------------------------ the query language
LANGUAGE = read("docs/query-language.md")


def test_every_query_field_is_documented_and_no_other() -> None:
    assert [row[0].strip("`:") for row in rows(section(LANGUAGE, "Fields"))] == list(query.FIELDS)


def test_values_of_query_fields_are_documented() -> None:
    assert sorted({*ARTICLE_KINDS, *DIRECTIONS} - code(section(LANGUAGE, "Fields"))) == []


EXAMPLES = [row[0][1:-1] for row in rows(section(LANGUAGE, "Examples"))]
ERRORS = [(row[0][1:-1], row[1]) for row in rows(section(LANGUAGE, "Errors"))]


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_of_a_query_can_be_read(example: str) -> None:
    assert query.parse(example) is not None


@pytest.mark.parametrize(("example", "message"), ERRORS)
def test_an_example_of_an_error_is_that_error(example: str, message: str) -> None:
    with pytest.raises(query.QueryError) as caught:
        query.parse(example)
    assert str(caught.value) == message


def test_the_limits_of_a_query_are_the_limits() -> None:
    limits = [line.rsplit("|", 2)[1].strip() for line in section(LANGUAGE, "Limits").splitlines() if "|" in line][2:]
    assert limits == [
        f"{query.MAX_LENGTH:,}",
        str(query.MAX_WORDS),
        str(query.MAX_DEPTH),
        str(query.MAX_NEAR),
        f"at least {query.MIN_PREFIX}",
    ]


def test_equal_queries_of_the_page_are_equal() -> None:
    assert query.parse("287(g)") == query.parse("287g") == query.parse('"287 (g)"')
    assert query.parse("HB-444") == query.parse('"HB 444"') == query.parse("HB444")
    assert query.parse("sanctuary -church") == query.parse("sanctuary NOT church") == query.parse("sanctuary !church")


def test_the_readmes_first_search_can_be_read() -> None:
    first = next(line for line in read("README.md").splitlines() if f"{PROGRAM} search" in line)
    words = shlex.split(first.removeprefix("$ "))
    tree = query.parse(words[words.index("search") + 1])
    assert isinstance(tree, query.And)
    assert len(tree.kids) == 3


# ------------------------------------------------------------------ what pages name exists
PATH = re.compile(rf"(?<![\w./-])(?:(?:{'|'.join(ROOMS)})/[\w./-]*|\.ci/\w+|[A-Z]{{3,}}\.md|constraints\.txt)")
TARGETS = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))


@cache
def anchors(page: Path) -> set[str]:
    """Fragments that a page answers to, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    broken = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", link):
            continue
        path, _, fragment = link.partition("#")
        target = page.parent / path if path else page
        if not target.exists() or (fragment and fragment not in anchors(target)):
            broken.append(link)
    assert broken == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_files_that_a_page_names_exist(page: Path) -> None:
    text = "\n".join([*code(page.read_text(encoding="utf-8")), *blocks(page.read_text(encoding="utf-8"))])
    named = {path.rstrip(".") for path in PATH.findall(text)}
    assert sorted(path for path in named if not (ROOT / path).exists()) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_modules_that_a_page_runs_exist(page: Path) -> None:
    named = re.findall(r"python -m ((?:[a-z]+)(?:\.\w+)*)", page.read_text(encoding="utf-8"))
    ours = [name for name in named if name.partition(".")[0] in ROOMS]
    paths = [ROOT / name.replace(".", "/") for name in ours]
    assert [path for path in paths if not (path.with_suffix(".py").exists() or path.is_dir())] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_make_targets_that_a_page_names_exist(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    lines = [*code(text), *(line for block in blocks(text) for line in block.splitlines())]
    named = {target for line in lines for target in re.findall(r"^(?:\$ )?(?:\w+=\S+ )*make ([a-z-]+)", line)}
    assert sorted(named - TARGETS) == []


def calls(page: Path) -> Iterator[str]:
    """What a page tells to type, after the program's name."""
    text = page.read_text(encoding="utf-8")
    lines = [*code(text), *(line.partition("  #")[0] for block in blocks(text) for line in block.splitlines())]
    for line in lines:
        if found := re.match(rf"(?:\$ )?(?:\w+=\S+ )*(?:\.venv/bin/)?{PROGRAM} ([a-z-].*)", line):
            yield found[1]
    if page.name == "README.md" and page.parent == ROOT:
        for row in rows(section(text, "Every day").replace("\n| ", "\n| `x` | ")):
            yield from re.findall(r"`([^`]+)`", row[-1])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_that_a_page_tells_to_type_exist(page: Path) -> None:
    for call in calls(page):
        words = shlex.split(call.split(" > ")[0])
        while words and words[0] in ROOT_OPTIONS:
            words = words[2:] if words[0] == "--config" else words[1:]
        if not words or not words[0].isalpha():
            continue
        name = next((n for n in (" ".join(words[:2]), words[0]) if n in COMMANDS), None)
        assert name, f"there is no command {call!r}"
        named = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert named <= options(COMMANDS[name]), call


def test_every_decision_is_listed_and_numbered_in_order() -> None:
    folder = ROOT / "docs" / "decisions"
    pages = sorted(path for path in folder.glob("*.md") if path.name != "README.md")
    assert [int(path.name[:4]) for path in pages] == list(range(1, len(pages) + 1))
    listed = re.findall(r"\[(.+)\]\((.+\.md)\)", (folder / "README.md").read_text(encoding="utf-8"))
    titles = [path.read_text(encoding="utf-8").splitlines()[0].partition(". ")[2] for path in pages]
    assert listed == [(title, path.name) for title, path in zip(titles, pages, strict=True)]


def test_pages_that_code_refers_to_exist() -> None:
    named = {
        (path.relative_to(ROOT).as_posix(), page)
        for path in files()
        if path.suffix in (".py", ".toml")
        for page in re.findall(r"\bdocs/[\w/-]+\.md\b", text_of(path))
    }
    assert sorted((path, page) for path, page in named if not (ROOT / page).exists()) == []


# ------------------------------------------------------------------ nothing names a machine
IGNORED = {"build", "dist", "demo-home", "preview", "__pycache__"}
MACHINE = re.compile(
    r"(?<![\w.~/:-])/(?:work|root|tmp|Users|mnt|opt)/"  # a folder of somebody's machine
    r"|\bsha" r"red/"
    r"|\b(?:files\.pythonhosted\.org|pypi\.org/simple|registry\.npmjs\.org|proxy\.golang\.org)\b"
    r"|--(?:extra-)?index-url|\bartifactory\b"
)  # fmt: skip
# The folder beside the checkout in which continuous integration finds the measuring data.
EXCEPT = {".ci/run"}


@cache
def files() -> tuple[Path, ...]:
    """All text files of the repository, and of nothing that was installed, cached or made by running it."""
    found = []
    for folder, below, names in os.walk(ROOT):
        below[:] = [
            name
            for name in below
            if name not in IGNORED and (name == ".ci" or not name.startswith(".")) and not name.endswith(".egg-info")
        ]
        found += [Path(folder, name) for name in names]
    return tuple(sorted(path for path in found if b"\0" not in path.read_bytes()[:4096]))


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace")


def test_no_file_names_a_machine() -> None:
    named = [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in files()
        if path.relative_to(ROOT).as_posix() not in EXCEPT
        for found in MACHINE.finditer(text_of(path))
    ]
    assert named == []


@pytest.mark.parametrize(
    "text", ["see /wo" "rk/main", "in /tm" "p/x", "'/ro" "ot/.cache'", "sha" "red/data", "pip --index" "-url x"]
)  # fmt: skip
def test_a_machine_is_noticed(text: str) -> None:
    assert MACHINE.search(text)


@pytest.mark.parametrize("text", ["https://e.example/work/1", "framework/x", "work/life", "a/tmp/b", "~/root/"])
def test_a_web_address_is_no_machine(text: str) -> None:
    assert not MACHINE.search(text)
