"""The places of one text as the rest of the policy room asks for them: mentions, what the text is about, whose body."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass

from pipeline import model
from pipeline.policy.places.spans import Body


@dataclass(frozen=True, slots=True)
class Mention:
    """One naming of a jurisdiction; offsets count code points in ``title + "\\n\\n" + text``."""

    start: int
    end: int
    jurisdiction: model.Jurisdiction
    rule: str
    """Which rule gave the state (the table in ``placestates``)."""
    confidence: float
    body: str = ""
    """Canonical name of the governing body in the same noun phrase ('' when there is none)."""
    body_start: int = -1
    body_end: int = -1


@dataclass(frozen=True, slots=True)
class Map:
    """All that was found in one text."""

    mentions: tuple[Mention, ...] = ()
    """In the order of the text."""
    main: model.Jurisdiction | None = None
    """Whom the text is about: governed, acting, in the headline, repeated."""
    labels: tuple[str, ...] = ()
    """For ``Article.places``: 'Los Angeles, CA', then postal codes ('US' for the federal level)."""
    state_of_text: str = ""
    """Postal code of the state that most of the evidence speaks for."""
    bodies: tuple[Body, ...] = ()
    owners: tuple[int, ...] = ()
    """For each body the number of the mention in the same noun phrase, -1 for none."""
    main_mention: Mention | None = None
    """The mention that stands for ``main``; one without extent when only a law or the outlet names it."""
    sentences: tuple[int, ...] = (0,)
    """Offsets at which sentences begin."""
    weights: tuple[float, ...] = ()
    """For each mention how much the text is about its jurisdiction."""
    passing: tuple[bool, ...] = ()
    """For each mention whether it cannot act: an example in a list, or a state that only describes another place."""

    def body_at(self, position: int) -> Body | None:
        """The body whose words cover ``position``."""
        return next((body for body in self.bodies if body.start <= position < body.end), None)

    def near(self, position: int, types: Collection[str] = ()) -> Mention | None:
        """The mention that the body or verb at ``position`` belongs to.

        The same noun phrase first; then the one of the body that acts in the sentence; then the best mention of the
        sentence; then what the text is about. ``types`` narrows to jurisdiction types (a municipal one admits all
        municipal ones); left out, those of the acting body count. None only when the text is about no place.
        """
        for mention in self.mentions:
            covers = mention.start <= position < mention.end or mention.body_start <= position < mention.body_end
            if covers and _fits(mention, types):
                return mention
        at = bisect_right(self.sentences, position)
        begin = self.sentences[at - 1] if at else 0
        end = self.sentences[at] if at < len(self.sentences) else 1 << 60
        if not types:
            number = self._acting_body(position, begin, end)
            if number >= 0 and self.owners[number] >= 0:
                return self.mentions[self.owners[number]]
            types = self.bodies[number].types if number >= 0 else ()
        fitting = [i for i, mention in enumerate(self.mentions) if not self.passing[i] and _fits(mention, types)]
        inside = [i for i in fitting if begin <= self.mentions[i].start < end]
        if inside:
            return self.mentions[min(inside, key=lambda i: self._distance(i, position))]
        if self.main_mention is not None and _fits(self.main_mention, types):
            return self.main_mention
        if fitting:
            return self.mentions[max(fitting, key=lambda i: (self.weights[i], -i))]
        return self.main_mention

    def _acting_body(self, position: int, begin: int, end: int) -> int:
        """Number of the sentence's last body before ``position``; without one, and without a place before it, of the
        first body behind ('was approved by the council'); -1 for none."""
        before = behind = -1
        for number, body in enumerate(self.bodies):
            if begin <= body.start <= position:
                before = number
            elif position < body.start < end and behind < 0:
                behind = number
        if before >= 0:
            return before
        subject = any(begin <= m.start < position and not self.passing[i] for i, m in enumerate(self.mentions))
        return -1 if subject else behind

    def _distance(self, index: int, position: int) -> float:
        mention = self.mentions[index]
        gap = position - mention.end if mention.end <= position else mention.start - position + 40.0
        return gap - (60.0 if mention.body else 0.0) - 10.0 * self.weights[index]


def family(type_: str) -> str:
    """'municipal' for every type that one local government may be told under, else the type itself."""
    return "municipal" if type_ in model.MUNICIPAL else type_


def _fits(mention: Mention, types: Collection[str]) -> bool:
    return not types or family(mention.jurisdiction.type) in {family(type_) for type_ in types}
