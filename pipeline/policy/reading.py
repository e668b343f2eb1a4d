"""From a text to what it says: relevant or not, its kind, its places, its reports, and what was turned down.

The order is that of cost: a few string searches decide that most of the world's news is not ours; what remains is
split and tagged once; only what is relevant is searched for places and acts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pipeline.model import Check, Reading, SourceKind
from pipeline.policy import actions, dates, kinds, places, relevance, sentences
from pipeline.policy.accounts import Context
from pipeline.policy.acts import View
from pipeline.policy.lexicon import Lexicon, lexicon
from pipeline.policy.sentences import Sentence
from pipeline.policy.telling import tell

ALWAYS = 8
"""Sentences, the title among them, that are always looked at."""


def read(
    title: str,
    text: str,
    *,
    published: datetime | str | None = None,
    source: str = "",
    source_kind: SourceKind = "news",
    home: str = "",
    url: str = "",
    lang: str = "",
    section: str = "",
) -> Reading:
    """What the policy room reads in an article.

    ``published``: an aware instant, which becomes a date in the zone of the source's ``home`` ("Los Angeles, CA"), else
    of the place the article is about; or a partial ISO date; or None. ``source`` is the outlet's name, ``lang`` its
    language code ('' unknown), ``section`` the page's own section. Offsets in the reports count code points into
    ``title + "\\n\\n" + text``. Never raises on any text.
    """
    lexica = lexicon()
    whole = sentences.whole(title, text)
    plain = sentences.normalise(whole)
    if not relevance.gate(lexica, plain):
        kind = kinds.kind_of(lexica, title, "", section=section, source_kind=source_kind)
        return Reading(False, 0.0, kind.kind, rejected=(Check("relevance.gate", "no word of the topic"),))
    parts = tag(lexica, plain, len(title))
    judged = relevance.judge(lexica, parts)
    kind = kinds.kind_of(lexica, title, text, section=section, source_kind=source_kind)
    if not judged.relevant:
        return Reading(False, judged.score, kind.kind, judged.frames, rejected=judged.rejected)
    where = places.find(title, text, home=home, url=url, source=source)
    context = Context(
        lexicon=lexica,
        whole=whole,
        plain=plain,
        sentences=parts,
        map=where,
        published=_local(published, home, where),
        kind=kind.kind,
        source_kind=source_kind,
        source=source,
        muted=kind.muted,
        retold=kind.kind == "explainer" or "RETOLD" in parts[0].hits,
    )
    if kind.kind == "index_page":
        piles = Check("kind.index_page", "a pile of headlines: what they tell, their own articles tell")
        return Reading(
            True, judged.score, kind.kind, judged.frames, tuple(where.labels), rejected=(*judged.rejected, piles)
        )
    record = _own_record(kind.kind, source_kind, parts)
    told = tell(View(lexica, plain, parts, _spans(parts, where), context.published, document=record))
    reports, rejected = actions.report(context, told)
    return Reading(
        True, judged.score, kind.kind, judged.frames, tuple(where.labels), tuple(reports), (*judged.rejected, *rejected)
    )


def tag(lexica: Lexicon, plain: str, title_length: int) -> list[Sentence]:
    """The sentences of a normalised whole, tagged; the first is the title.

    Behind the lead only sentences with a word of the topic, and the one after each, have tokens and tags: no rule
    looks at others.
    """
    made: list[Sentence] = []
    follows = False
    spans = list(sentences.split(plain, title_length))
    topical = relevance.on_topic(lexica, plain, spans)
    for index, (start, end) in enumerate(spans):
        on_topic = index < ALWAYS or index in topical
        if on_topic or follows:
            made.append(lexica.tag(sentences.tokenise(plain, index, start, end)))
        else:
            made.append(Sentence(index, start, end, plain[start:end]))
        follows = on_topic
    return made


def _own_record(kind: str, source_kind: SourceKind, parts: Sequence[Sentence]) -> bool:
    """A government's own text of an instrument, not an agenda, a draft or a report about one."""
    official = kind == "government_document" and source_kind == "government"
    return official and not any("AGENDA" in sentence.hits for sentence in parts[:3])


def _local(published: datetime | str | None, home: str, where: places.Map) -> str:
    if not isinstance(published, datetime):
        return dates.local_date(published, "")
    zone = places.zone(home) if home and home != "US" else ""
    if not zone and where.main is not None:
        zone = places.zone(where.main.label) or places.zone(where.main.state)
    return dates.local_date(published, zone)


def _spans(parts: Sequence[Sentence], where: places.Map) -> dict[int, list[tuple[int, int]]]:
    """Token spans of the places in each sentence, by the sentence's index."""
    spans: dict[int, list[tuple[int, int]]] = {}
    mentions = sorted(where.mentions, key=lambda mention: mention.start)
    number = 0
    for sentence in parts:
        while number < len(mentions) and mentions[number].start < sentence.start:
            number += 1
        while number < len(mentions) and mentions[number].start < sentence.end:
            mention = mentions[number]
            first, last = sentence.token_at(mention.start), sentence.token_at(max(mention.start, mention.end - 1)) + 1
            spans.setdefault(sentence.index, []).append((first, min(last, len(sentence.words))))
            number += 1
    return spans
