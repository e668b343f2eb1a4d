"""What a word is, decided once for both archives, the query language, highlighting and subscriptions.

An archive indexes ``" ".join(words(text))`` and only splits it at spaces (FTS5: ``tokenize='ascii'``; Elasticsearch:
the ``whitespace`` analyzer), so that a query finds the same articles on either. The rules:

- A word is a run of letters or a run of digits. ``287(g)``, ``287g`` and ``287 (g)`` are the same two words; so are
  ``HB-444`` and ``HB444``, ``13-0`` and ``13–0``. ``Chicago’s`` is ``chicago s``: the name finds its genitive.
- Initials lose their dots (``U.S.C.`` is ``usc``) and thousands their commas (``1,000`` is ``1000``).
- Case and accents do not count: NFKD, case folding, no combining marks, and a few letters that have no
  decomposition (ł, ø, ß, æ ...) are written as English text writes them.
- Soft hyphens, zero-width and other format characters vanish; symbols, emoji, punctuation and ``_`` separate.
- In scripts that are written without spaces (Han, kana, Thai, Lao, Khmer, Burmese) every character is a word.
- A word ends at 100 characters.
"""

from __future__ import annotations

import re
import unicodedata

VERSION = 1
"""Stored with every index; an index made by another version must be built anew."""

MAX_WORD = 100
"""Characters of the longest word; well under the 255 at which Elasticsearch's analyzer would cut."""

_SPELLED = str.maketrans(
    {"ı": "i", "ł": "l", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ħ": "h", "ŧ": "t"}
)
_UNSPACED = re.compile(
    "[\u0e00-\u0eff"  # Thai, Lao
    "\u1000-\u109f\u1780-\u17ff"  # Burmese, Khmer
    "\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]"  # Han, kana
)
_FOREIGN = re.compile("[^\x00-\x7f]+")
_LETTER = "[a-z\x80-\U0010ffff]"
_WORD = re.compile(
    rf"""  # in folded text, where everything beyond ASCII is a letter
    {_LETTER}{{2,{MAX_WORD}}}
  | (?<![a-z0-9\x80-\U0010ffff]) [a-z] (?: \.[a-z] (?![a-z0-9\x80-\U0010ffff]) )+
  | [0-9]{{1,3}} (?: ,[0-9]{{3}} (?![0-9]) )+
  | [0-9]{{1,{MAX_WORD}}}
  | {_LETTER}
    """,
    re.VERBOSE,
)


class _Fold(dict[int, str]):
    """Code point -> the text it is searched as ('' when it vanishes); filled as characters are met."""

    def __missing__(self, code: int) -> str:
        folded = self[code] = _fold_character(chr(code))
        return folded


def _fold_character(char: str) -> str:
    category = unicodedata.category(char)
    if char.isascii():
        return char.lower()
    if category[0] == "M" or category == "Cf":
        return ""
    if category == "Nd":
        return str(unicodedata.decimal(char))
    if category[0] not in "LN":
        return " "
    # Twice: case folding may yield characters that decompose again.
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold()).lower().translate(_SPELLED)
    plain = "".join(c if c.isalnum() else " " for c in plain if unicodedata.category(c)[0] != "M")
    return _UNSPACED.sub(r" \g<0> ", plain)


_FOLD = _Fold()


def _folded(text: str) -> str:
    return _FOREIGN.sub(lambda run: run[0].translate(_FOLD), text).lower()


def _bare(word: str) -> str:
    return word if word.isalnum() else word.replace(".", "").replace(",", "")


def words(text: str) -> list[str]:
    """The words of a text, in order, as they are indexed and compared. ``words(" ".join(words(t))) == words(t)``."""
    return [word if word.isalnum() else _bare(word) for word in _WORD.findall(_folded(text))]


def spans(text: str) -> list[tuple[str, int, int]]:
    """The same words, each with the offsets (code points, end exclusive) of where it stands in the original text."""
    if all(len(_FOLD[ord(char)]) == 1 for run in _FOREIGN.findall(text) for char in run):
        # Nothing changes its length, as in most articles: offsets in the folded text are those of the original.
        return [(_bare(found[0]), found.start(), found.end()) for found in _WORD.finditer(_folded(text))]
    pieces = [_FOLD[ord(char)] for char in text]
    origin = [index for index, piece in enumerate(pieces) for _ in piece]
    result = []
    for found in _WORD.finditer("".join(pieces)):
        end = origin[found.end() - 1] + 1
        while end < len(text) and not pieces[end]:  # a combining mark belongs to its letter
            end += 1
        result.append((_bare(found[0]), origin[found.start()], end))
    return result
