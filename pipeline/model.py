"""Frozen data between the stages, in the words of docs/architecture.md.

Every record that the archive keeps is a dataclass here with ``KIND``, ``id``, ``moment`` (the instant that
``Archive.scan(since=…)`` compares) and ``keys()`` (the values that ``Archive.scan(where=…)`` can ask for).
Instants are aware datetimes in UTC. Dates of actions are ISO 8601 text as far as known: ``YYYY[-MM[-DD]]``.
Offsets count code points into ``title + "\\n\\n" + text``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import Any, ClassVar, Literal, Protocol, TypeVar, get_args

SourceKind = Literal["news", "wire", "government", "advocacy", "opinion", "aggregator"]
ArticleKind = Literal[
    "news", "wire", "government_document", "press_release", "opinion", "advocacy", "blog", "explainer",
    "review", "index_page", "live_blog",
]  # fmt: skip
JurisdictionType = Literal[
    "federal", "state", "county", "city", "town", "township", "village", "borough", "municipality",
    "school_district", "university", "sheriff", "tribal", "special_district",
]  # fmt: skip
Direction = Literal["limits_cooperation", "mandates_cooperation", "mixed", "symbolic_only"]
Instrument = Literal[
    "ordinance", "local_law", "bylaw", "resolution", "motion", "proclamation", "policy", "directive",
    "executive_order", "bill", "statute", "act", "ballot_measure", "287g_agreement", "detention_contract",
    "lawsuit", "lawsuit_action", "court_ruling", "federal_list", "funding", "memo", "budget_rider",
]  # fmt: skip
Stage = Literal[
    "proposed", "introduced", "directed_drafting", "committee", "first_reading", "passed_first_vote",
    "hearing_scheduled", "hearing", "discussed", "tabled", "postponed", "continued", "referred", "withdrawn",
    "passed_one_chamber", "passed", "awaiting_signature", "adopted", "approved", "issued", "passed_final",
    "failed", "rejected", "signed", "became_law_without_signature", "vetoed", "veto_overridden", "effective",
    "amended", "reaffirmed", "repealed", "rescinded", "expired", "challenged", "enjoined", "upheld",
    "struck_down", "listed", "delisted",
]  # fmt: skip
AlertKind = Literal["new", "amend", "reaffirm", "stage", "repeal", "veto", "ruling", "correction"]
Outcome = Literal["waiting", "article", "copy", "discard", "quarantine"]
AlertState = Literal["waiting", "sent", "suppressed"]
Channel = Literal["mail", "webhook", "slack", "feed"]
Rhythm = Literal["immediate", "hourly", "daily", "weekly"]
DateOrigin = Literal["json-ld", "meta", "microdata", "feed", "htmldate"]
TextFrom = Literal["page", "feed", "headline"]
KeyScope = Literal["read", "write"]

SOURCE_KINDS: tuple[str, ...] = get_args(SourceKind)
ARTICLE_KINDS: tuple[str, ...] = get_args(ArticleKind)
JURISDICTION_TYPES: tuple[str, ...] = get_args(JurisdictionType)
DIRECTIONS: tuple[str, ...] = get_args(Direction)
INSTRUMENTS: tuple[str, ...] = get_args(Instrument)
STAGES: tuple[str, ...] = get_args(Stage)
ALERT_KINDS: tuple[str, ...] = get_args(AlertKind)
CHANNELS: tuple[str, ...] = get_args(Channel)
RHYTHMS: tuple[str, ...] = get_args(Rhythm)

MUNICIPAL: tuple[JurisdictionType, ...] = ("city", "town", "village", "borough", "township", "municipality")
"""What one local government may be told under, the likeliest first: outlets mix these up."""

Clock = Callable[[], datetime]
"""Where 'now' comes from: an aware datetime in UTC. Injected, so that tests own the time."""


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


def make_id(*parts: str) -> str:
    """A stable id of 24 hexadecimal digits from what identifies a thing (96 bits: no collision in practice)."""
    return sha256("\x1f".join(parts).encode()).hexdigest()[:24]


class Record(Protocol):
    """What the archive can keep."""

    KIND: ClassVar[str]

    @property
    def id(self) -> str: ...
    @property
    def moment(self) -> datetime: ...
    def keys(self) -> Mapping[str, str]: ...


R = TypeVar("R", bound=Record)


# ------------------------------------------------------------------ feeds and entries
@dataclass(frozen=True, slots=True)
class Failure:
    """The last error of a feed, an entry or a mail."""

    error: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Feed:
    """One RSS/RDF/Atom/JSON/news-sitemap URL and the outlet behind it."""

    KIND: ClassVar[str] = "feed"
    id: str
    """``make_id("feed", url as first added)``; stays when the feed moves."""
    url: str
    added: datetime
    title: str = ""
    """The outlet's name as the operator gave it, else the channel's own title."""
    place: str = ""
    """Home of the outlet: ``"Los Angeles, CA"``, ``"CA"``, ``"US"`` or ``""``."""
    kind: SourceKind = "news"
    owner: str = ""
    """Who owns the outlet, as the operator said; ``feeds.owners`` knows the others."""
    last_success: datetime | None = None
    """As of the last change of health; the frontier's note knows better while it lasts."""
    failure: Failure | None = None

    @property
    def moment(self) -> datetime:
        return self.added

    @property
    def source(self) -> str:
        """The name under which articles of this feed are listed."""
        return self.title or self.url.split("/")[2]

    def keys(self) -> Mapping[str, str]:
        return {"url": self.url}


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a feed as parsed: text is plain, nothing is trusted."""

    id: str
    title: str = ""
    link: str = ""
    published: datetime | None = None
    summary: str = ""
    content: str = ""
    authors: tuple[str, ...] = ()
    lang: str = ""
    source_title: str = ""
    """An aggregator's ``<source>``: the outlet's name."""
    source_url: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to an entry."""

    at: datetime
    step: str
    result: str


@dataclass(frozen=True, slots=True)
class Entry:
    """An item of a feed and what became of it."""

    KIND: ClassVar[str] = "entry"
    id: str
    """``make_id("article", canonical URL)``, or of source and item id when the item has no link."""
    url: str
    """Canonical form of the link ('' when the item has none)."""
    feed: str
    source: str
    first_seen: datetime
    item: Item
    """Emptied of summary and content once the entry is decided."""
    published: datetime | None = None
    outcome: Outcome = "waiting"
    reason: str = ""
    article: str = ""
    """Id of the article it became, or whose copy, lead or other address it is."""
    score: float | None = None
    steps: tuple[Step, ...] = ()
    attempts: int = 0

    @property
    def moment(self) -> datetime:
        return self.first_seen

    def keys(self) -> Mapping[str, str]:
        return {"outcome": self.outcome, "feed": self.feed, "source": self.source}


# ------------------------------------------------------------------ articles
@dataclass(frozen=True, slots=True)
class Page:
    """What was extracted from a fetched page."""

    url: str
    """Where it was fetched."""
    canonical: str
    """rel=canonical when it is of the same site, else the fetched URL, in canonical form."""
    title: str
    text: str
    authors: tuple[str, ...] = ()
    publisher: str = ""
    lang: str = ""
    published: datetime | None = None
    published_origin: DateOrigin | None = None
    published_day_only: bool = False
    section: str = ""
    """articleSection / og:type and the like: hints for the article's kind."""
    paywalled: bool = False
    """The page says that the text is not free, or holds only a stub of it."""

    @property
    def told(self) -> datetime | str | None:
        """When it was published, as far as the page tells: an instant, or a day ``YYYY-MM-DD``."""
        return self.published.date().isoformat() if self.published and self.published_day_only else self.published


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """Who is bound. ``state`` is a postal code ('' when unknown, 'US' for federal)."""

    name: str
    type: JurisdictionType
    state: str
    gazetteer: str = "unlisted"

    @property
    def key(self) -> str:
        """Id of its docket: one for a place whatever kind of municipality an outlet calls it."""
        kind = "municipal" if self.type in MUNICIPAL else self.type
        return make_id("docket", self.name.casefold().removesuffix(" township"), kind, self.state)

    @property
    def label(self) -> str:
        """``"Los Angeles, CA"``; a state or the federal level is its own name."""
        return self.name if self.type in ("state", "federal") or not self.state else f"{self.name}, {self.state}"


@dataclass(frozen=True, slots=True)
class Vote:
    """Members for and against the measure (None: not told)."""

    ayes: int | None = None
    noes: int | None = None
    abstain: int | None = None
    absent: int | None = None
    unanimous: bool | None = None
    on: str = "measure"
    """What was voted on: 'measure', 'table', 'repeal', ..."""


@dataclass(frozen=True, slots=True)
class Check:
    """A rule that was tried and did not let something through, or a veto that was checked and passed."""

    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """One action as one article tells it."""

    jurisdiction: Jurisdiction
    stage: Stage
    instrument: Instrument | None
    sentence: str
    start: int
    end: int
    body: str = ""
    identifier: str = ""
    vote: Vote | None = None
    date: str = ""
    """Of the action, ``YYYY[-MM[-DD]]``; '' when unknown."""
    direction: Direction | None = None
    provisions: tuple[str, ...] = ()
    alertable: bool = False
    """The account by itself is credible and of a kind that may alert (docs/domain.md, who may alert alone)."""
    alert: AlertKind | None = None
    """The alert this action would raise (None: none)."""
    rules: tuple[str, ...] = ()
    vetoes: tuple[Check, ...] = ()
    """The vetoes that were checked and did not apply."""
    confidence: float = 0.0
    topic: str = ""
    """A few words of the measure's own name, for telling two measures of one body apart."""

    @property
    def date_precision(self) -> str:
        """'day', 'month', 'year' or ''."""
        return {10: "day", 7: "month", 4: "year"}.get(len(self.date), "")


@dataclass(frozen=True, slots=True)
class Reading:
    """What the policy room read in an article."""

    relevant: bool
    score: float
    kind: ArticleKind
    frames: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    """Labels (``"Los Angeles, CA"``) of the places the article is about, states included."""
    reports: tuple[Report, ...] = ()
    rejected: tuple[Check, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """Title, text, dates and what was read in them; the archive's searchable record."""

    KIND: ClassVar[str] = "article"
    id: str
    """``make_id("article", canonical URL)``."""
    url: str
    title: str
    text: str
    source: str
    source_kind: SourceKind
    home: str
    """Home place of the source (see ``Feed.place``)."""
    feed: str
    entry: str
    """Id of the entry that brought it."""
    first_seen: datetime
    published: datetime | None = None
    published_origin: DateOrigin | None = None
    published_day_only: bool = False
    authors: tuple[str, ...] = ()
    publisher: str = ""
    lang: str = ""
    kind: ArticleKind = "news"
    text_from: TextFrom = "page"
    score: float = 0.0
    frames: tuple[str, ...] = ()
    places: tuple[str, ...] = ()
    reports: tuple[Report, ...] = ()
    rejected: tuple[Check, ...] = ()
    fingerprints: tuple[int, ...] = ()
    """Winnowed 63-bit hashes (not negative) after the boilerplate filter."""
    story: str = ""
    """Id of the story: its earliest article's id ('' until joined, then never '')."""
    measures: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    pending: bool = True
    """Created, but not yet joined to its story and taken into every docket."""

    @property
    def moment(self) -> datetime:
        return self.first_seen

    @property
    def copy_of(self) -> str | None:
        """The story's first article, when that is another one."""
        return self.story if self.story and self.story != self.id else None

    @property
    def outcome(self) -> Outcome:
        """What its entry ends as."""
        return "copy" if self.copy_of else "article"

    def keys(self) -> Mapping[str, str]:
        return {"pending": "1" if self.pending else "0", "story": self.story or self.id, "source": self.source}


# ------------------------------------------------------------------ dockets
@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence that states an action, and where it stands."""

    article: str
    url: str
    source: str
    source_kind: SourceKind
    kind: ArticleKind
    title: str
    sentence: str
    start: int
    end: int
    rules: tuple[str, ...]
    confidence: float
    story: str
    """Reports of one story (copies) count as one source."""
    alertable: bool
    at: datetime
    """When the report was published, else first seen."""
    direction: Direction | None = None
    """What this account says that the measure does; None when it tells nothing of that, or of a repeal's."""


@dataclass(frozen=True, slots=True)
class Action:
    """Something that happened to a measure: its n-th of a stage."""

    id: str
    stage: Stage
    date: str
    first_reported: datetime
    """The earliest report's publication, else when it was first seen."""
    vote: Vote | None = None
    alert: AlertKind | None = None
    evidence: tuple[Evidence, ...] = ()
    """At most 20, best first; ``articles`` names all."""
    articles: tuple[str, ...] = ()
    confidence: float = 0.0

    @property
    def date_precision(self) -> str:
        """'day', 'month', 'year' or ''."""
        return {10: "day", 7: "month", 4: "year"}.get(len(self.date), "")


@dataclass(frozen=True, slots=True)
class Measure:
    """One ordinance, resolution, bill, order, policy or agreement of one jurisdiction."""

    id: str
    """Minted once inside its docket's compare-and-set; never worked out again."""
    jurisdiction: Jurisdiction
    created: datetime
    body: str = ""
    instrument: Instrument | None = None
    identifier: str = ""
    topic: str = ""
    direction: Direction | None = None
    provisions: tuple[str, ...] = ()
    actions: tuple[Action, ...] = ()
    related: tuple[str, ...] = ()
    merged_into: str = ""
    """Tombstone: the measure (``docket id:measure id``) that took its place."""

    @property
    def stage(self) -> str:
        """The stage of its latest action by date, then by report."""
        if not self.actions:
            return ""
        return max(self.actions, key=lambda a: (a.date or a.first_reported.date().isoformat(), a.first_reported)).stage


@dataclass(frozen=True, slots=True)
class Notice:
    """What a docket owes the world about an action; open until every subscription's alert exists."""

    id: str
    kind: AlertKind
    measure: str
    action: str
    """Id of the action, or of the audit entry for a correction."""
    opened: datetime
    confidence: float
    done: bool = False
    muted: str = ""
    """Why nobody is told (old news, back-fill ...); '' when somebody is."""


@dataclass(frozen=True, slots=True)
class Audit:
    """One change made by a person."""

    id: str
    at: datetime
    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Docket:
    """The measures of one jurisdiction, changed by compare-and-set only."""

    KIND: ClassVar[str] = "docket"
    id: str
    jurisdiction: Jurisdiction
    changed: datetime
    measures: tuple[Measure, ...] = ()
    notices: tuple[Notice, ...] = ()
    audit: tuple[Audit, ...] = ()
    withdrawn: tuple[Measure, ...] = ()
    """What a person found to be no measure at all: kept with its evidence, listed nowhere, told to nobody further."""

    @property
    def moment(self) -> datetime:
        return self.changed

    def keys(self) -> Mapping[str, str]:
        trail = {entry.id for entry in self.audit}
        begun = any(one.startswith("intend:") and f"merge:{one[7:]}" not in trail for one in trail)
        owing = begun or any(not notice.done for notice in self.notices)
        return {"open": "1" if owing else "0", "state": self.jurisdiction.state, "label": self.jurisdiction.label}


# ------------------------------------------------------------------ alerts
@dataclass(frozen=True, slots=True)
class Subscription:
    """Who wants to be told what."""

    KIND: ClassVar[str] = "subscription"
    id: str
    to: str
    """E-mail address; of the channels 'webhook' and 'slack' a URL; '' of a feed."""
    created: datetime
    name: str = ""
    places: tuple[str, ...] = ()
    """Labels or states; empty: everywhere."""
    directions: tuple[Direction, ...] = ()
    kinds: tuple[AlertKind, ...] = ()
    """Empty: all but 'stage'."""
    min_confidence: float = 0.5
    query: str = ""
    """A saved search (docs/query-language.md) that a report of the action must match; '': none."""
    near: str = ""
    """The place around which a circle of ``miles`` is wanted; '': none."""
    miles: float = 0.0
    channel: Channel = "mail"
    rhythm: Rhythm = "immediate"
    at: str = "07:00"
    """When a daily or weekly digest goes out, ``HH:MM`` in ``zone``."""
    weekday: int = 0
    """Day of a weekly digest, Monday is 0."""
    zone: str = "UTC"
    """IANA name of the subscriber's time zone."""
    quiet: str = ""
    """``HH:MM-HH:MM`` in ``zone``, the end not included: nothing goes out then; '': never quiet."""
    stopped: str = ""
    """Why nothing goes to this address any more (a mail server refused it for good); '' while all is well."""
    stopped_at: datetime | None = None

    @property
    def moment(self) -> datetime:
        return self.created

    def keys(self) -> Mapping[str, str]:
        return {}


@dataclass(frozen=True, slots=True)
class Alert:
    """A row of the outbox: what one subscription is owed because of one notice."""

    KIND: ClassVar[str] = "alert"
    id: str
    """``make_id("alert", subscription, measure)`` for 'new', else of subscription and action or audit id."""
    subscription: str
    docket: str
    measure: str
    action: str
    kind: AlertKind
    created: datetime
    due: datetime
    """When it may next be tried."""
    state: AlertState = "waiting"
    reason: str = ""
    """Why it was suppressed, or the last failure while it waits."""
    attempts: int = 0
    claimed_until: datetime | None = None
    message_id: str = ""
    """Of the mail that tells it: its own, or the digest's that it was folded into."""
    mail: str = ""
    """The message as frozen at its first attempt (ASCII); '' again once it was sent or given up."""
    sent: datetime | None = None
    channel: Channel = "mail"
    recipient: str = ""
    """A keyed hash of the address, for the ledger: it stays when the address is erased."""
    claimed_by: str = ""
    """The process that holds the claim (``pipeline/processes.py``)."""
    stopped: bool = False
    """The last failure was a refusal of us: nothing goes out by this channel until ``due``."""
    folded_into: str = ""
    """Id of the row whose digest tells this one; '' when it goes out by itself."""
    holds: tuple[str, ...] = ()
    """Of the row that carries a digest: ids of the other rows that the frozen mail tells."""

    @property
    def moment(self) -> datetime:
        """When it was sent; else when it may next be tried, or was given up."""
        return self.sent or self.due

    def keys(self) -> Mapping[str, str]:
        return {"state": self.state, "subscription": self.subscription, "measure": self.measure}


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Something that could not be dealt with, kept with its error."""

    KIND: ClassVar[str] = "quarantine"
    id: str
    """``make_id("quarantine", what, key)``."""
    what: Literal["feed", "entry", "article", "docket", "alert"]
    key: str
    """Id of the record of kind ``what``."""
    url: str
    step: str
    error: str
    reason: str
    at: datetime
    attempts: int = 1

    @property
    def moment(self) -> datetime:
        return self.at

    def keys(self) -> Mapping[str, str]:
        return {"what": self.what}


# ------------------------------------------------------------------ what analysts keep
@dataclass(frozen=True, slots=True)
class Saved:
    """A search that an analyst keeps under a name."""

    KIND: ClassVar[str] = "saved"
    id: str
    """``make_id("saved", name, query)``: the same search under the same name is one."""
    name: str
    query: str
    created: datetime
    zone: str = "UTC"
    """In which the days of the query are days."""

    @property
    def moment(self) -> datetime:
        return self.created

    def keys(self) -> Mapping[str, str]:
        return {}


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key to the web and its API. The secret itself is shown once and kept nowhere."""

    KIND: ClassVar[str] = "apikey"
    id: str
    """The part of the key that is no secret."""
    name: str
    digest: str
    """SHA-256 of the whole key, in hexadecimal digits: its 256 random bits cannot be guessed from that."""
    created: datetime
    scopes: tuple[KeyScope, ...] = ("read",)
    last_used: datetime | None = None
    """To the hour."""

    @property
    def moment(self) -> datetime:
        return self.created

    def keys(self) -> Mapping[str, str]:
        return {}


RECORDS: tuple[type[Any], ...] = (Feed, Entry, Article, Docket, Subscription, Alert, Quarantined, Saved, ApiKey)


@cache
def _adapter(kind: type[Any]) -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(kind)


def dump(record: Record) -> bytes:
    """A record as UTF-8 JSON, for a store."""
    data: bytes = _adapter(type(record)).dump_json(record)
    return data


def load(kind: type[R], data: bytes | str) -> R:
    """The record of ``kind`` in what ``dump`` wrote. Raises pydantic's ValidationError on anything else."""
    record: R = _adapter(kind).validate_json(data)
    return record
