"""Numbers of measures: ``SB 54``, ``Ordinance No. 26-14``, ``Resolution 2017-R025``, ``Executive Order 142``.

``Senate Bill 54``, ``S.B. 54`` and ``SB-54`` are written ``SB 54``; ordinances, resolutions and orders keep their word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LONG = {
    ("senate", "bill"): "SB", ("house", "bill"): "HB", ("assembly", "bill"): "AB", ("senate", "file"): "SF",
    ("house", "file"): "HF", ("legislative", "document"): "LD", ("legislative", "bill"): "LB",
    ("senate", "invoice"): "SB", ("house", "invoice"): "HB",
}  # fmt: skip
_NUMBER = r"(\d{1,5}(?:-\d{1,5})?(?:[-–]?[A-Z]{1,2}(?![a-z]))?)"

_BILL_LONG = re.compile(
    r"\b(senate|house|assembly|legislative)\s(bill|file|document|invoice)\s(?:no\.?\s|number\s|#)?" + _NUMBER, re.I
)
_BILL_SHORT = re.compile(
    r"\b(SB|HB|AB|SF|HF|LD|LB|SCR|HCR|HR|SR|HJR|SJR|SP|HP|LR|H\.B\.|S\.B\.|A\.B\.|H\.F\.|S\.F\.|L\.D\.)[\s-]?(?:No\.\s)?"
    + _NUMBER
)
_BILL_YEAR = re.compile(r"\b([SH]B)\s?(\d\d)-(\d{1,4})\b")
_BILL_LETTER = re.compile(r"(?<![\w.])([SHA])\.?\s?(\d{1,5})(?:[/,]\s?([SHA])\.?\s?(\d{1,5}))?(?![\w%-])")
_NAMED = re.compile(
    r"\b(ordinance|ordenanza|ord|e\.?o|council\sfile|intro|introduction|directive|public\sact|administrative\sorder|resolution|resolución|reso?|executive\sorder|executive\sdirective|proposition|prop"
    r"|measure|council\sbill|board\sbill|expedited\sbill|bill|initiative|local\slaw|int|act|policy|legislation|proclamation|order"
    r"|general\sorder|special\sorder|article|motion)\b\.?\s?(?:nos?\.?\s?|number\s)?(?:#\s?)?"
    r"((?:[A-Z]{1,3}-?)?\d[\d,]*(?:[-–./]\w{1,7}){0,3}|[A-Z]{1,3}-\d[\w-]{0,12}|[A-Z]{1,2}(?=\s|$|,|\.))(?![%\d])",
    re.I,
)
_PREFIXED = re.compile(
    r"\b((?:ORD|RES|ACT|R|O|CB|RS|BL)[-\s]?\d{2,4}-[A-Z]?\d{1,5}|[A-Z]{1,3}-20\d\d-\d{1,4}|[A-Z]{1,3}-\d{1,4}-20\d\d|CB\s\d{4,6})\b"
)
_NUMBERED = re.compile(r"\b(ordinance|resolution|policy|order),?\snumbered\s(\d[\d,-]*\d)\b", re.I)
_QUESTION = re.compile(r"\bQuestion\s(\d{1,3}[A-Z]?)\b")
_LETTERED = re.compile(r"\b[Ll]ocal\s[Ll]aw\s([A-Z])(?:\sof\s((?:19|20)\d\d))?\b")
_FILE = re.compile(r"(?<![\w$#./-])(\d{4}-\d{3,5}|\d{2}-\d{3,5}|\d{6})(?![\w-])")
_POSSIBLE = re.compile(r"\d|[Mm][Ee][Aa][Ss][Uu][Rr][Ee]|[Pp][Rr][Oo][Pp]")
"""Only measures and propositions are named by letters alone."""
_TALLY_BEHIND = re.compile(r"\s?(?:-\s?to\s?-|to)\s?\d")
"""'approved a resolution 4 to 1' gives a tally."""
_WORDS = {
    "ordinance": "Ordinance", "ordenanza": "Ordinance", "ord": "Ordinance", "resolution": "Resolution",
    "resolución": "Resolution", "res": "Resolution", "reso": "Resolution", "executive order": "Executive Order",
    "executive directive": "Executive Directive", "proposition": "Proposition", "prop": "Proposition",
    "measure": "Measure", "board bill": "Board Bill", "council bill": "Council Bill",
    "expedited bill": "Bill", "bill": "Bill",
    "initiative": "Initiative", "local law": "Local Law", "int": "Int.", "act": "Act", "policy": "Policy",
    "e.o": "Executive Order", "eo": "Executive Order", "council file": "Council File", "intro": "Int.",
    "introduction": "Int.", "directive": "Directive", "public act": "Public Act",
    "administrative order": "Administrative Order",
    "legislation": "Legislation", "proclamation": "Proclamation", "order": "Order", "general order": "General Order",
    "special order": "Special Order", "motion": "Motion",
}  # fmt: skip
_NO_LETTERS = frozenset(
    {"ordinance", "resolution", "bill", "act", "order", "legislation", "initiative", "proclamation"}
)


_WORDS_TOO = frozenset({"policy", "article", "order", "act", "initiative", "legislation", "directive", "introduction"})
"""Words that a number follows for other reasons as well: it is one of theirs with a hyphen or 'No.'."""


@dataclass(frozen=True, slots=True)
class Identifier:
    """A number of a measure, where it stands and the instrument it implies ('' when it implies none)."""

    start: int
    end: int
    text: str
    instrument: str


def find(plain: str, start: int, end: int, *, files: bool = False) -> list[Identifier]:
    """Identifiers in ``plain[start:end]``, in order. ``files``: file numbers count (government documents)."""
    if not _POSSIBLE.search(plain, start, end):
        return []
    found: list[Identifier] = []

    def add(match: re.Match[str], text: str, instrument: str) -> None:
        if not any(own.start < match.end() and match.start() < own.end for own in found):
            found.append(Identifier(match.start(), match.end(), text, instrument))

    for match in _BILL_YEAR.finditer(plain, start, end):
        add(match, f"{match[1]}{match[2]}-{match[3]}", "bill")
    for match in _BILL_LONG.finditer(plain, start, end):
        add(match, f"{_LONG.get((match[1].lower(), match[2].lower()), 'HB')} {match[3]}", "bill")
    for match in _BILL_SHORT.finditer(plain, start, end):
        add(match, f"{match[1].replace('.', '')} {match[2]}", "bill")
    for match in _PREFIXED.finditer(plain, start, end):
        add(match, match[1], _instrument_of(match[1]))
    for match in _NUMBERED.finditer(plain, start, end):
        add(match, f"{match[1].capitalize()} {match[2]}", _INSTRUMENTS.get(match[1].capitalize(), ""))
    for match in _QUESTION.finditer(plain, start, end):
        add(match, f"Question {match[1]}", "ballot_measure")
    for match in _LETTERED.finditer(plain, start, end):
        add(match, f"Local Law {match[1]}" + (f" of {match[2]}" if match[2] else ""), "local_law")
    for match in _NAMED.finditer(plain, start, end):
        text = _named(match)
        if text and not _TALLY_BEHIND.match(plain, match.end(), end):
            add(match, text, _INSTRUMENTS.get(text.rsplit(" ", 1)[0], ""))
    for match in _BILL_LETTER.finditer(plain, start, end):
        second = f"/{match[3]}{match[4]}" if match[3] else ""
        if len(match[2]) > 1 or second:
            add(match, f"{match[1]}{match[2]}{second}", "bill")
    if files:
        for match in _FILE.finditer(plain, start, end):
            year = match[1][:4]
            if not (len(match[1]) == 6 and year in ("2016", "2017")) and not re.match(
                r"(?:19|20)\d\d-(?:0\d|1[0-2])$", match[1]
            ):
                add(match, match[1], "")
    found.sort(key=lambda identifier: identifier.start)
    return found


_INSTRUMENTS = {
    "Ordinance": "ordinance", "Resolution": "resolution", "Executive Order": "executive_order",
    "Executive Directive": "directive", "Proposition": "ballot_measure", "Measure": "ballot_measure",
    "Council Bill": "ordinance", "Board Bill": "ordinance", "Bill": "bill", "Local Law": "local_law",
    "General Order": "directive",
    "Special Order": "directive", "Directive": "directive", "Administrative Order": "executive_order",
    "Initiative": "ballot_measure",
}  # fmt: skip


def _instrument_of(text: str) -> str:
    head = re.match(r"[A-Z]+", text)
    return {
        "ORD": "ordinance",
        "O": "ordinance",
        "HO": "ordinance",
        "RES": "resolution",
        "R": "resolution",
        "ACT": "act",
        "CB": "ordinance",
    }.get(head.group() if head else "", "")


def _named(match: re.Match[str]) -> str:
    word = " ".join(match[1].lower().split())
    number = match[2].rstrip(".,")
    lettered = word in ("measure", "proposition", "prop") and number.isupper() and number not in ("A", "I")
    if not lettered and not any(character.isdigit() for character in number):
        return ""
    if word in _NO_LETTERS and re.fullmatch(r"(?:19|20)\d\d", number) and "no" not in match.group().lower().split():
        return ""  # "the ordinance 2017" is a year
    if word == "motion" and not re.search(r"\d-?\d{3}", number):
        return ""
    if match[1] == "Act" and re.fullmatch(r"\d{2,4}", number):
        return f"Act {number}"
    if word in _WORDS_TOO and not re.search(r"-|\bno", match.group(), re.I):
        return ""
    if (
        match[1].islower()
        and re.fullmatch(r"\d{1,3}-\d{1,2}", number)
        and not re.search(r"\bno|#", match.group(), re.I)
    ):
        return ""  # "passed the resolution 7-2" gives a tally
    if re.fullmatch(r"\d{1,3}-to-\d{1,3}", number):
        return ""
    name = _WORDS.get(word)
    return f"{name} {number}" if name else ""


def comparable(identifier: str) -> str:
    """What of an identifier must be equal: its digits in order, and its letters when it is a bill's."""
    bill = re.match(r"(SB|HB|AB|SF|HF|LD|LB|S|H|A)[ ]?(\d)", identifier.upper().replace(".", ""))
    digits = "-".join(part.lstrip("0") or "0" for part in re.findall(r"\d+", identifier))
    return f"{bill.group(1)} {digits}" if bill else digits or identifier.casefold()
