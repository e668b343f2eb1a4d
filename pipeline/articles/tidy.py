"""The extracted text without what is no part of the article. Pure.

Extraction that favours recall lets through the headline above the text, cross-links between paragraphs and lists of
other articles behind it. Their headlines would be searched, compared and read as evidence like the article's own
sentences.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.articles.titles import words

_HEADLINE_WITHIN = 3
"""The headline stands among the first so many lines, above it at most a section and a kicker."""
_LINK_LINE = re.compile(
    r"^[-–—•*»>\s]*\[?(?:read (?:more|also|next|our)|also read|see also|also see|don['’]t miss"
    r"|more(?: (?:on this|coverage|stories|news))?"
    r"|related(?: (?:articles?|stories|story|coverage|content|news))?|must read|recommended"
    r"|you (?:may|might) also like|watch(?: (?:now|live|more))?|listen(?: (?:now|here))?|in case you missed it"
    r"|previous coverage|from the archives?)\]?\s*(?::|>|»|\||–|—|-\s)\s*\S",
    re.IGNORECASE,
)
_LIST_HEADING = re.compile(
    r"^[-–—•*\s]*(?:related(?: (?:articles?|stories|coverage|content|news|topics|posts))?"
    r"|recommended(?: (?:for you|stories|reading))?|you (?:may|might) also like|explore further|what to read next"
    r"|more (?:stories|news|headlines|from .{2,40}|in .{2,30}|like this)|most (?:read|popular|viewed)(?: .{2,30})?"
    r"|trending(?: now| stories)?|top stories|latest (?:news|stories|headlines)|popular (?:posts|stories)"
    r"|(?:read|up) next|(?:leave a |post )?comments?|tags"
    r"|share this(?: article| story)?)\s*[:>»…]*\s*(?:\(\W*\d*\W*\))?$",
    re.IGNORECASE,
)
_FURNITURE = re.compile(
    r"^\W*(?:advertisement|sponsored(?: content)?|(?:article|story) continues (?:below|after)(?: (?:this )?ad\w*)?"
    r"|scroll to continue\b.{0,40}|thanks for signing up|click here to (?:subscribe|sign up)\b.{0,80}"
    r"|click here to get the .{2,40}\bapp|sign up (?:for|to)\b.{0,100}newsletters?\b.{0,40}"
    r"|get the latest (?:news|updates)\b.{0,100}|there was an error processing your .{0,40}|loading|print|email"
    r"|copy link|share|tweet|subscribe|\d+\s*(?:of|/)\s*\d+|caption|comments?)\W*$",
    re.IGNORECASE,
)
_LONGEST_LINK = 220
_SENTENCE_END = re.compile(r"[.!?][\"'”’)\]]*$")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200d\u2060\ufeff]")
_SPACES = re.compile(r" *[^\S\n ][^\S\n]*| {2,}")


def tidy(text: str, headlines: Iterable[str]) -> str:
    """A text of one paragraph a line without its headline, cross-links, lists of other articles and page furniture.

    ``headlines`` are the forms in which the page gives its title. Invisible characters go, runs of spaces become one.
    """
    text = _SPACES.sub(" ", _INVISIBLE.sub("", text))
    lines = [stripped for line in text.split("\n") if (stripped := line.strip())]
    known = [words(headline) for headline in headlines if headline]
    for number, line in enumerate(lines[:_HEADLINE_WITHIN]):
        if words(line) in known:
            lines = lines[number + 1 :] if all(len(above.split()) < 8 for above in lines[:number]) else lines
            break
    lines = _without_lists(lines)
    return "\n".join(line for line in lines if not _is_furniture(line))


def is_cut_short(text: str, body: str) -> bool:
    """Whether ``body`` (another account of the same text) has the text and at least twice as much: most runs of four
    words of the text stand in it. An empty text is always cut short."""
    shorter, longer = _shingles(text), _shingles(body)
    if len(longer) <= 2 * len(shorter):
        return False
    return 2 * len(shorter & longer) >= len(shorter)


def _is_furniture(line: str) -> bool:
    return len(line) <= _LONGEST_LINK and (_FURNITURE.match(line) is not None or _LINK_LINE.match(line) is not None)


def _without_lists(lines: list[str]) -> list[str]:
    """Drops a list of other articles: its heading and the lines behind it up to the next that ends as a sentence
    does."""
    kept: list[str] = []
    in_list = False
    for line in lines:
        if len(line) <= 60 and _LIST_HEADING.match(line):
            in_list = True
        elif in_list and (len(line) > _LONGEST_LINK or (_SENTENCE_END.search(line) and not line.startswith("-"))):
            in_list = False
        if not in_list:
            kept.append(line)
    return kept


def _shingles(text: str) -> set[tuple[str, ...]]:
    found = words(text)
    return {tuple(found[start : start + 4]) for start in range(len(found) - 3)}
