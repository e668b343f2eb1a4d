"""Tallies: ``13-0``, ``7 to 2``, ``10 in favor and 2 against``, ``all 13 members``, ``unanimously``, ``71% to 29%``.

A pair of numbers is a tally only when words of voting stand next to it; scores, bill numbers, dates, ages and case
numbers are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_SPELLED = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty"""
_SPANISH = "cero uno dos tres cuatro cinco seis siete ocho nueve diez"
NUMBER_WORDS = {word: value for names in (_SPELLED, _SPANISH) for value, word in enumerate(names.split())}
_NO_ONE = ("none", "ninguno", "nobody", "no one", "nothing")
_NUMBER = r"(?:\d{1,3}(?:,\d{3})*|" + "|".join(NUMBER_WORDS) + r")"
_MEMBERS = (
    r"(?:(?:council|board|commission|city|county|other)\s+)?"
    r"(?:members?|alders?(?:persons?|men|women)?|council(?:l?or|member)s?|commissioners?|supervisors?"
    r"|trustees?|legislators?|senators?|representatives?|directors?|concejal(?:es)?)"
)

_PAIR = re.compile(
    rf"(?<![\w.,$/#-])({_NUMBER})\s?(-\s?to\s?-|-|\sto\s)\s?({_NUMBER}|nothing)(?:\s?-\s?(\d{{1,2}}))?(?![\w%/-]|\.\d|,\d)",
    re.I,
)
_VOTES_TO = re.compile(rf"(?<![\w.,$/#-])({_NUMBER})\s+(?:votes|votos)\s+(?:to|a)\s+({_NUMBER})\b", re.I)
_FAVOR = re.compile(
    rf"\b({_NUMBER})\s+(?:(?:members|votes|voting|voted|councilors|votos)\s+){{0,2}}"
    r"(?:in\s+favou?r|for|yes|ayes?|yeas?|a\s+favor)\b"
    rf"[^.]{{0,24}}?\b({_NUMBER}|{'|'.join(_NO_ONE)})\s+(?:(?:members|votes|voting|voted|were|votos)\s+){{0,2}}"
    r"(?:against|opposed|no\b|nays?|noes|en\s+contra)",
    re.I,
)
_WITH_AGAINST = re.compile(
    rf"\b({_NUMBER})\s+votes,?\s+(?:with|and|to)\s+({_NUMBER})\s+(?:votes\s+)?(?:against|opposed)\b", re.I
)
_BACKED = re.compile(
    rf"\b({_NUMBER})\s+(?:of\s+the\s+)?{_MEMBERS}\b[^.;:]{{0,40}}?\s(?:backed|supported|favou?red|voted\s+(?:yes|for|in\s+favou?r))\b"
    rf"[^.]{{0,60}}?[;,]?\s+(?:and\s+|while\s+|with\s+)?({_NUMBER}|{'|'.join(_NO_ONE)})\s+(?:{_MEMBERS}\s+)?"
    r"(?:(?:was|were|voted|voting)\s+)?(?:opposed|against|no\b|dissent(?:ed|ing))",
    re.I,
)
"""'Six members of the council backed the resolution; one was opposed'."""
_YES_ABSTAINED = re.compile(
    rf"\b({_NUMBER})\s+(?:{_MEMBERS}\s+)?voted\s+(?:yes|aye|for\s+it|in\s+favou?r)\s+(?:and|while|with)\s+({_NUMBER})\s+"
    rf"(?:{_MEMBERS}\s+|others?\s+)?(?:abstain|recus)",
    re.I,
)
_OF_THEM = re.compile(
    rf"\b({_NUMBER})\s+{_MEMBERS},?\s+({_NUMBER})\s+of\s+(?:them|whom)\s+(?:in\s+favou?r|for\s+it|voting\s+(?:yes|for))",
    re.I,
)
"""'Ten commissioners, seven of them in favor'."""
_ROLL = re.compile(
    rf"\b(?:ayes?|yeas?)\s?[:-]\s?({_NUMBER})[\s.;,]+(?:no(?:es)?|nays?)\s?[:-]\s?({_NUMBER}|{'|'.join(_NO_ONE)})\b",
    re.I,
)
"""The last line of a record: 'Ayes: eight. Noes: none.'"""
_ABSENT = re.compile(
    rf"\b({_NUMBER})\s+(?:{_MEMBERS}\s+)?(?:(?:was|were|being|estuvo|estuvieron)\s+)?(?:absent|ausentes?)\b"
    rf"|\b({_NUMBER})\s+{_MEMBERS}\s+"
    r"(?:(?:was|were)\s+not\s+present|missed\s+the\s+(?:meeting|vote)|did\s+not\s+attend)",
    re.I,
)
_ABSTAINED = re.compile(
    rf"\b({_NUMBER})\s+(?:(?:{_MEMBERS}|others?)\s+)?"
    r"(?:abstain(?:ed|ing)|abstentions?|recus(?:ed|ing)|se\s+abstuv\w+|abstenci\w+)",
    re.I,
)
_RARE = 700
"""So many members and more no council has: only voters at a meeting or a ballot are counted in such numbers."""
_VOTERS = re.compile(r"\bvoters?\b|\bballots?\b|\btown\s+meeting|\bvotes\b|\bvotos\b", re.I)
_WON_SUPPORT = re.compile(
    r"\bw(?:on|ins?|inning)\s+(?:\w+\s+){0,3}?(?:approval|passage|support|backing|endorsement|nod)\b", re.I
)
_ALL = re.compile(
    rf"\ball\s+({_NUMBER})\b(?:\s+[\w']+){{0,3}}?\s+(?:members?|council\w*|commissioners|supervisors|trustees|alder\w*"
    r"|legislators|directors|selectmen|votes|votos|voted|voting|backed|supported|in\s+favou?r|(?:said|were|was)\s+(?:yes|aye|in\s+favor))",
    re.I,
)
_UNANIMOUS = re.compile(
    r"\bunanim\w+|\bwithout\s+(?:dissent|opposition|objection)|\ball\s+ayes\b|\bno\s+dissent\w*"
    r"|\bno\s+(?:votes\s+)?opposition\b|\bno\s+one\s+(?:opposed|voted\s+against|voting\s+against)"
    r"|\bno\s+(?:nay|no)\s+votes|\bpor\s+unanimidad",
    re.I,
)
_NOT_UNANIMOUS = re.compile(
    r"\b(?:lone|only|sole|single)\s+(?:no|nay|dissent\w*|opposing|council\w*)|\bdissenting\b"
    r"|\bcast\s+the\s+\w+\s+no\b",
    re.I,
)
_OF_VOTING = r"""
\bvot \bpass \bapprov \badopt \breject \bfail \btally \bmargin \bdecision \bdefeat \bmajority \bmotion
\btabl \boverr \bauthoriz \brepeal \brescind \bsplit \bbacked \bdenied \benact \bratif \bcouncil \bdirect \bdeadlock
\btie\b \bunanim \bsupervisors \bcommission \bcommittee \bpanel \bboard\b \btrustees \bsqueak
\bclear(?:s|ed)\b \bagreed \bdecided \bnod\b \bundid \bsided \bordain \bpostpon
\bin\sfavou?r\b \broll\scall \balder \bsaid\s(?:yes|aye)\b \bendors \badvanc \bexempt \bsupport \bconcur
\baprob \bfirm[óa] \bconcejo \bcomisi[oó]n \brechaz
"""
_CONTEXT = re.compile("|".join(_OF_VOTING.split()), re.I)
_SCORE = re.compile(
    r"\b(?:game|season|score[ds]?|win|won(?!')|beat|lead|innings?|goals?|points|playoffs?|(?<!on\s)record|series)\b",
    re.I,
)
_NUMBERED = re.compile(
    r"(?:\b(?:Bill|[Nn]os?\.|Nos?|[Nn]umber|R[Ee][Ss]\.?|R(?:ESOLUTION|esolution)|O(?:RDINANCE|rdinance)|Ord\.?|Measure"
    r"|Act|Motion|Case|Item|Chapter|Section|Policy|Title|File|Proposition|Prop\.?|[Aa]ges?|[Aa]ged|[Gg]rades?|pages?"
    r"|from|[Dd]istrict|between|HB|SB|AB"
    r"|Interstate|Route|Order|since|[Cc]lass)|[#$(]?\d)\s*#?$"
)
"""What makes the pair behind it a number of something: 'Resolution 17-5' is one, 'passed the resolution 4-1' is not."""
_AFTER_NOT = re.compile(
    r"\s*(?:years?|days?|months?|weeks?|hours?|minutes?|percent|miles?|a\.m|p\.m|p\.?m|million|billion"
    r"|year-old|feet|inches"
    r"|people|times|degrees|conservative|republican|democrat)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Tally:
    """A tally as written: ``first`` before ``second``; which of them is for the measure, its verb decides."""

    start: int
    end: int
    first: int | None
    second: int | None
    abstain: int | None = None
    unanimous: bool | None = None


def number(text: str) -> int:
    """``"13"``, ``"1,204"``, ``"thirteen"`` or ``"none"`` as a number."""
    folded = text.lower()
    if folded in _NO_ONE:
        return 0
    return NUMBER_WORDS[folded] if folded in NUMBER_WORDS else int(folded.replace(",", ""))


def away(plain: str, start: int, end: int) -> tuple[int | None, int | None]:
    """How many members abstained and how many were absent, as ``plain[start:end]`` tells it (None: it does not)."""
    abstained = _ABSTAINED.search(plain, start, end)
    absent = _ABSENT.search(plain, start, end)
    return (
        number(abstained[1]) if abstained else None,
        number(absent[1] or absent[2]) if absent else None,
    )


def roll(plain: str) -> Tally | None:
    """The tally that a record gives as 'Ayes: 8. Noes: none.', over the ends of sentences."""
    match = _ROLL.search(plain)
    if match is None:
        return None
    ayes, noes = number(match[1]), number(match[2])
    return Tally(match.start(), match.end(), ayes, noes, None, noes == 0)


def tallies(plain: str, start: int, end: int) -> list[Tally]:
    """The tallies in ``plain[start:end]``, in order; offsets count in ``plain``."""
    sentence = plain[start:end]
    if not _CONTEXT.search(sentence) and not sentence.lstrip().startswith("("):
        return []
    found = list(_read(sentence, start))
    return sorted(found, key=lambda tally: tally.start)


def _read(sentence: str, offset: int) -> Iterator[Tally]:
    taken: list[tuple[int, int]] = []
    for match in _FAVOR.finditer(sentence):
        ayes, noes = number(match[1]), number(match[2])
        taken.append(match.span())
        yield Tally(offset + match.start(), offset + match.end(), ayes, noes, None, noes == 0)
    for match in _YES_ABSTAINED.finditer(sentence):
        taken.append(match.span())
        yield Tally(offset + match.start(), offset + match.end(), number(match[1]), 0, number(match[2]))
    for match in _OF_THEM.finditer(sentence):
        everyone, ayes = number(match[1]), number(match[2])
        if ayes <= everyone:
            taken.append(match.span())
            yield Tally(offset + match.start(), offset + match.end(), ayes, everyone - ayes, None, ayes == everyone)
    for match in _BACKED.finditer(sentence):
        if not any(first < match.end() and match.start() < last for first, last in taken):
            taken.append(match.span())
            ayes, noes = number(match[1]), number(match[2])
            yield Tally(offset + match.start(), offset + match.end(), ayes, noes, None, noes == 0)
    for match in (*_VOTES_TO.finditer(sentence), *_WITH_AGAINST.finditer(sentence)):
        ayes, noes = number(match[1]), number(match[2])
        taken.append(match.span())
        yield Tally(offset + match.start(), offset + match.end(), ayes, noes, None, min(ayes, noes) == 0)
    for match in _PAIR.finditer(sentence):
        if any(first < match.end() and match.start() < last for first, last in taken) or not _is_tally(sentence, match):
            continue
        taken.append(match.span())
        ayes, noes = number(match[1]), number(match[3])
        abstain = int(match[4]) if match[4] else None
        yield Tally(offset + match.start(), offset + match.end(), ayes, noes, abstain, min(ayes, noes) == 0)
    for match in _ALL.finditer(sentence):
        taken.append(match.span())
        yield Tally(offset + match.start(), offset + match.end(), number(match[1]), 0, None, True)
    for match in _UNANIMOUS.finditer(sentence):
        before = sentence[max(0, match.start() - 5) : match.start()].lower()
        if not before.endswith(("not ", "non-")):
            yield Tally(offset + match.start(), offset + match.end(), None, None, None, True)
    for match in _NOT_UNANIMOUS.finditer(sentence):
        yield Tally(offset + match.start(), offset + match.end(), None, None, None, False)


def _is_tally(sentence: str, match: re.Match[str]) -> bool:
    first, second = number(match[1]), number(match[3])
    if first + second < 2 or (first + second > _RARE and not _VOTERS.search(sentence)):
        return False
    words = not (match[1][0].isdigit() and match[3][0].isdigit())
    if words and match[2].strip() == "-":
        return False
    before = sentence[max(0, match.start() - 16) : match.start()]
    if _NUMBERED.search(before):
        return False
    after = sentence[match.end() : match.end() + 16]
    if _AFTER_NOT.match(after):
        return False
    near = sentence[max(0, match.start() - 70) : match.end() + 60]
    if _SCORE.search(_WON_SUPPORT.sub("", near)):
        return False
    if match[2].strip() == "-" and re.search(r"(?:,|\(|\bon an?|\bby|\bin an?)\s*$", before):
        return True
    if match[2].strip() == "to" and before.endswith(", ") and not after.strip(" .;)\"'"):
        return True  # the sentence has words of voting and ends with the figures
    if match[2].strip() == "to":
        near = sentence[max(0, match.start() - 40) : match.end() + 30]
    return bool(_CONTEXT.search(near))
