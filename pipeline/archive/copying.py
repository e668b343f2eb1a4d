"""Copies one archive into another, whatever the two are kept in, and compares them.

Records go over in order of id, kind by kind, a page at a time: memory does not grow with the archives. That order is
also what makes a copy resumable without a file of its own: what was copied is found again by halving the ids, as the
records of a kind beyond the last one in the target are all that is missing. Then everything is compared, or of entries
and articles a sample, and what the comparison finds missing is copied too.

What the target has already is left alone unless the caller says otherwise: a record that differs, or one that the
source has not, is reported.
"""

from __future__ import annotations

import dataclasses
import secrets
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, Literal, TypeAlias

from pipeline import errors
from pipeline.archive.base import PAGE, Archive, Stored
from pipeline.model import RECORDS, Article, Entry, R, Record, Subscription

ORDER: tuple[type[Any], ...] = (*(kind for kind in RECORDS if kind is not Subscription), Subscription)
"""Subscriptions last: a monitor that is started on half a copy has nobody to mail, and so mails nobody twice."""
SAMPLED: tuple[type[Any], ...] = (Entry, Article)
"""Kinds of which a sample may do. Of everything that mails depend on every record is compared."""
WINDOWS = 20
"""A sample is so many pages, each from a random id on."""
SENTENCES = 20
"""About one kind of record; the rest is counted."""
_HALVES = 1 << 32

Verdict: TypeAlias = Literal["same", "create", "replace", "remove", "differs", "extra"]
Told: TypeAlias = Callable[[str, int, int], None]
"""Called after each page with what is being done, how many records of it are done and how many there are to do."""
Check: TypeAlias = Literal["all", "sample"]


@dataclass(frozen=True)
class Choices:
    """What may be done to records that the target has."""

    replace: bool = False
    """What differs becomes as it is in the source."""
    remove: bool = False
    """What the source has not is removed."""


def _none() -> dict[str, int]:
    return {kind.KIND: 0 for kind in ORDER}


@dataclass
class Report:
    """What a copy did, by kind of record."""

    source: dict[str, int] = field(default_factory=_none)
    """Records there at the end."""
    target: dict[str, int] = field(default_factory=_none)
    created: dict[str, int] = field(default_factory=_none)
    replaced: dict[str, int] = field(default_factory=_none)
    removed: dict[str, int] = field(default_factory=_none)
    different: dict[str, int] = field(default_factory=_none)
    """Records that are not the same in both, and were left so."""
    differences: list[str] = field(default_factory=list)
    """A sentence each; at most ``SENTENCES`` of a kind, and one that counts the others."""
    changed: bool = False
    """Something was written to one of the two meanwhile, by somebody else."""


def copy(
    source: Archive,
    target: Archive,
    choices: Choices,
    *,
    check: Check = "all",
    told: Told = lambda what, done, of: None,
    pick: Callable[[], str] = lambda: secrets.token_hex(12),
) -> Report:
    """Copies every record that the target has not, then compares.

    :param pick: gives the ids from which on a sample is taken
    :raises errors.UserError: when the source is empty, more likely a wrong name than a wish; when a record in one of
        the two cannot be read
    :raises errors.Unavailable: when one of the two stopped answering; the same call continues
    """
    report = Report()
    source.refresh()
    target.refresh()
    before = {kind.KIND: source.count(kind) for kind in ORDER}
    if not any(before.values()):
        raise errors.UserError("there is nothing to copy: the source is empty")
    works = [_Work(kind, source, target, choices, report, told) for kind in ORDER]
    try:
        for work in works:
            work.copy()
        target.refresh()
        for work in works:
            if check == "sample" and work.kind in SAMPLED and work.is_large():
                work.compare_sample(pick)
            else:
                work.compare()
        target.refresh()
        source.refresh()
        report.source = {kind.KIND: source.count(kind) for kind in ORDER}
        report.target = {kind.KIND: target.count(kind) for kind in ORDER}
    except (ValueError, zlib.error) as error:
        raise errors.UserError(
            f"a record cannot be read ({str(error).splitlines()[0]}); 'archive verify' tells which, in either archive"
        ) from error
    except errors.Retry as error:
        done = sum(report.created.values())
        raise errors.Unavailable(
            f"{error.reason}; {done} records were copied, and the same command goes on from there",
            subject=error.subject,
        ) from error
    report.changed |= report.source != before
    for work in works:
        work.count()
    report.differences = [sentence for work in works for sentence in work.sentences()]
    return report


def nothing_to_copy(source: str, target: str) -> str:
    """Why a copy between two URLs makes no sense, one sentence; '' when it does."""
    if _same_place(source, target):
        return "an archive cannot be copied to itself"
    if source.startswith("sqlite:///") and not Path(source.removeprefix("sqlite:///")).is_file():
        return "there is no such file to copy from"
    return ""


def _same_place(source: str, target: str) -> bool:
    """Whether two URLs name one archive, however they are spelt. A host of two names is not recognised; copying an
    archive to itself finds everything there and writes nothing."""
    if all(url.startswith("sqlite:///") for url in (source, target)):
        one, other = (Path(url.removeprefix("sqlite:///")).resolve() for url in (source, target))
        return one == other
    if all(url.startswith("elasticsearch+") for url in (source, target)):
        from pipeline.archive.elastic.address import read_address

        here, there = read_address(source), read_address(target)
        hosts = [{host.partition("://")[2] for host in address.hosts} for address in (here, there)]
        return here.prefix == there.prefix and not hosts[0].isdisjoint(hosts[1])
    return False


# ------------------------------------------------------------------ what is decided, without an archive
def decide(ours: Record | None, theirs: Record | None, choices: Choices) -> Verdict:
    """What to do about a record of the source and the target's of the same id; one of the two may be None."""
    if ours is None:
        return "remove" if choices.remove else "extra"
    if theirs is None:
        return "create"
    if ours == theirs:
        return "same"
    return "replace" if choices.replace else "differs"


def pairs(
    ours: Iterable[Stored[R]], theirs: Iterable[Stored[R]]
) -> Iterator[tuple[Stored[R] | None, Stored[R] | None]]:
    """Joins two runs of records, each in order of id, by id."""
    one, other = iter(ours), iter(theirs)
    left, right = next(one, None), next(other, None)
    while left or right:
        if right is None or (left and left.record.id < right.record.id):
            yield left, None
            left = next(one, None)
        elif left is None or right.record.id < left.record.id:
            yield None, right
            right = next(other, None)
        else:
            yield left, right
            left, right = next(one, None), next(other, None)


def unlike(ours: Any, theirs: Any) -> list[str]:
    """Names of the fields in which two records of a kind differ."""
    return [each.name for each in dataclasses.fields(ours) if getattr(ours, each.name) != getattr(theirs, each.name)]


# ------------------------------------------------------------------ one kind of record
class _Work(Generic[R]):
    """Copying and comparing the records of one kind."""

    def __init__(
        self, kind: type[R], source: Archive, target: Archive, choices: Choices, report: Report, told: Told
    ) -> None:
        self.kind = kind
        self._source, self._target = source, target
        self._choices, self._report, self._told = choices, report, told
        self._reached = ""
        self._found: dict[str, str] = {}
        self._comparing = False

    def copy(self) -> None:
        """Creates what lies beyond the last record of the target."""
        self._reached = last_id(self._target, self.kind)
        told = self._teller("copying", self._target.count(self.kind))
        self._go(_run(self._source, self.kind, self._reached), (), told)

    def compare(self) -> None:
        """Compares every record."""
        self._comparing = True
        self._forget_found()
        self._go(_run(self._source, self.kind), _run(self._target, self.kind), self._teller("comparing"))

    def compare_sample(self, pick: Callable[[], str]) -> None:
        """Compares ``WINDOWS`` pages."""
        self._comparing = True
        for number in range(WINDOWS):
            start = pick()
            ours = self._source.scan(self.kind, after=start, n=PAGE)
            theirs = self._target.scan(self.kind, after=start, n=PAGE)
            # Beyond the end of a full page of one, nothing is known of it.
            ends = [page[-1].record.id for page in (ours, theirs) if len(page) == PAGE]
            one, other = ([s for s in page if not ends or s.record.id <= min(ends)] for page in (ours, theirs))
            self._go(one, other, lambda done: None)
            self._told(f"comparing a sample of {self.kind.KIND}", number + 1, WINDOWS)

    def is_large(self) -> bool:
        """Whether a sample would be smaller than the whole."""
        return self._source.count(self.kind) > WINDOWS * PAGE

    def count(self) -> None:
        """A sample may have missed that there are more in one."""
        ours, theirs = self._report.source[self.kind.KIND], self._report.target[self.kind.KIND]
        if ours != theirs and not self._found:
            self._differs("", f"{self.kind.KIND}: {ours} in the source, {theirs} in the target")

    def sentences(self) -> list[str]:
        """What differs and was left so."""
        more = self._report.different[self.kind.KIND] - len(self._found)
        return [*self._found.values(), *([f"and {more} more of {self.kind.KIND}"] if more else [])]

    # -------------------------------------------------------------- pages
    def _teller(self, what: str, before: int = 0) -> Callable[[int], None]:
        of = self._source.count(self.kind)
        return lambda done: self._told(f"{what} {self.kind.KIND}", before + done, max(before + done, of))

    def _go(self, ours: Iterable[Stored[R]], theirs: Iterable[Stored[R]], told: Callable[[int], None]) -> None:
        done, missing = 0, list[Stored[R]]()
        for left, right in pairs(ours, theirs):
            done += 1
            if left and right is None:
                missing.append(left)
            else:
                self._settle(left, right)
            if done % PAGE == 0:
                self._create(missing)
                missing = []
                told(done)
        self._create(missing)
        told(done)

    def _settle(self, ours: Stored[R] | None, theirs: Stored[R] | None) -> None:
        """About a record that the target has."""
        assert theirs
        name = theirs.record.id
        verdict = decide(ours.record if ours else None, theirs.record, self._choices)
        self._report.changed |= verdict != "same" and name > self._reached
        match verdict:
            case "replace":
                assert ours
                self._replace(ours.record, theirs)
            case "remove":
                self._report.removed[self.kind.KIND] += self._target.delete(self.kind, name)
            case "extra":
                self._differs(name, f"{self.kind.KIND} {name} is in the target alone")
            case "differs":
                assert ours
                fields = ", ".join(unlike(ours.record, theirs.record))
                self._differs(name, f"{self.kind.KIND} {name} is another in the target: {fields}")

    def _create(self, missing: list[Stored[R]]) -> None:
        if not missing:
            return
        outcomes = self._target.create_many([each.record for each in missing])
        for ours, became in zip(missing, outcomes, strict=True):
            if became.outcome == "refused":
                self._differs(ours.record.id, f"{self.kind.KIND} {ours.record.id} was refused: {became.reason}")
            elif became.outcome == "exists":  # written since the page was read
                theirs = self._target.get(self.kind, ours.record.id)
                if theirs:
                    self._settle(ours, theirs)
            else:
                self._report.created[self.kind.KIND] += 1
                if self._comparing:
                    self._report.changed |= ours.record.id > self._reached
                    self._read_back(ours.record)

    def _replace(self, ours: R, theirs: Stored[R]) -> None:
        try:
            self._target.replace(ours, theirs.version)
        except errors.Conflict:
            self._differs(ours.id, f"{self.kind.KIND} {ours.id} is being changed in the target by somebody else")
            return
        except errors.Quarantine as error:
            self._differs(ours.id, f"{self.kind.KIND} {ours.id} was refused: {error.reason}")
            return
        self._report.replaced[self.kind.KIND] += 1
        self._read_back(ours)

    def _read_back(self, ours: R) -> None:
        """What the comparison itself has written is not passed again."""
        kept = self._target.get(self.kind, ours.id)
        if kept is None or kept.record != ours:
            self._differs(ours.id, f"{self.kind.KIND} {ours.id} was written and reads otherwise")

    # -------------------------------------------------------------- what differs
    def _differs(self, id: str, sentence: str) -> None:
        if id in self._found:
            return
        self._report.different[self.kind.KIND] += 1
        if len(self._found) < SENTENCES:
            self._found[id] = sentence

    def _forget_found(self) -> None:
        """All of it is about to be found again."""
        self._report.different[self.kind.KIND] = 0
        self._found = {}


# ------------------------------------------------------------------ reading in order of id
def _run(archive: Archive, kind: type[R], after: str = "") -> Iterator[Stored[R]]:
    """All records of a kind after an id, page by page."""
    while page := archive.scan(kind, after=after, n=PAGE):
        yield from page
        after = page[-1].record.id


def last_id(archive: Archive, kind: type[R]) -> str:
    """The greatest id of a kind; '' when there is none.

    Ids are hexadecimal digits, evenly spread (``make_id``), so halving the range of their first eight leaves a handful
    to read. Other ids are found too, by reading what lies beyond.
    """
    low, high = 0, _HALVES if archive.count(kind) > PAGE else 1
    while high - low > 1:
        middle = (low + high) // 2
        if archive.scan(kind, after=f"{middle:08x}", n=1):
            low = middle
        else:
            high = middle
    last = ""
    for stored in _run(archive, kind, f"{low:08x}" if low else ""):
        last = stored.record.id
    return last
