"""What became of a URL, step by step."""

from __future__ import annotations

from itertools import product
from urllib.parse import urlsplit, urlunsplit

from analyst.answers.results import StepRow, WhyAnswer
from analyst.answers.text import moment
from pipeline.archive.base import Archive, Stored, every
from pipeline.articles import urls
from pipeline.errors import Discard, UserError
from pipeline.model import Alert, Article, Docket, Entry, Step, make_id


def why(archive: Archive, url: str) -> WhyAnswer:
    """The story of a URL that a feed brought, or that turned out to be an article's own address.

    Where the URL itself is not known, but another spelling of it is (see ``spellings``), that is told, with ``found``.
    An entry that waits, and a URL never seen, are ``unknown``. Raises ``UserError`` when it is no web address.
    """
    try:
        forms = spellings(url)
    except Discard as error:
        raise UserError(error.reason, subject=url) from None
    for form in forms:
        key = make_id("article", form)
        article = archive.get(Article, key)
        entry = archive.get(Entry, key) or (archive.get(Entry, article.record.entry) if article else None)
        if entry is not None:
            answer = _story(archive, url, entry.record, article)
            if form != forms[0]:
                answer["found"] = form
            return answer
    return {"url": url, "outcome": "unknown", "reason": "no feed has brought this address", "steps": []}


def spellings(url: str) -> list[str]:
    """The canonical form of an address as it is given, then those by which people mean the same: with http for https,
    with or without a slash at its end, with or without ``www.``. Without a scheme it is https. Raises ``Discard``."""
    given = urls.canonical(url if "://" in url else f"https://{url.strip()}")
    parts = urlsplit(given)
    other = "http" if parts.scheme == "https" else "https"
    hosts = (
        parts.netloc,
        parts.netloc.removeprefix("www.") if parts.netloc.startswith("www.") else f"www.{parts.netloc}",
    )
    paths = (parts.path, parts.path.rstrip("/") if parts.path.endswith("/") else f"{parts.path}/")
    forms = (
        urls.canonical(urlunsplit((scheme, host, path, parts.query, "")))
        for host, path, scheme in product(hosts, paths, (parts.scheme, other))
    )
    return list(dict.fromkeys(forms))


def _story(archive: Archive, url: str, known: Entry, article: Stored[Article] | None) -> WhyAnswer:
    if article is None and known.article:
        article = archive.get(Article, known.article)
    steps = list(known.steps)
    if known.outcome in ("article", "copy") and article is not None:
        steps += _told(archive, article.record)
    answer: WhyAnswer = {
        "url": url,
        "outcome": "unknown" if known.outcome == "waiting" else known.outcome,
        "reason": known.reason,
        "steps": [_row(step) for step in steps],
    }
    if known.outcome == "waiting":
        answer["reason"] = steps[-1].result if known.attempts and steps else "it waits to be read"
    if article is not None:
        answer["article"] = article.record.id
        answer["score"] = article.record.score
        if known.outcome == "article" and article.record.copy_of:
            answer["outcome"] = "copy"
    elif known.score is not None:
        answer["score"] = known.score
    return answer


def _row(step: Step) -> StepRow:
    return {"at": moment(step.at), "step": step.step, "result": step.result}


def _told(archive: Archive, article: Article) -> list[Step]:
    """What the world was told because of the article's reports, or why nobody was."""
    steps = []
    for report in article.reports:
        rules = ", ".join(report.rules)
        steps.append(
            Step(
                article.first_seen,
                "report",
                f"{report.stage} in {report.jurisdiction.label}, by {rules}: {report.sentence}",
            )
        )
    for check in article.rejected:
        steps.append(Step(article.first_seen, "rejected", f"{check.rule}: {check.why}"))
    for key in dict.fromkeys(report.jurisdiction.key for report in article.reports):
        stored = archive.get(Docket, key)
        if stored is None:
            continue
        for notice in stored.record.notices:
            if notice.measure not in article.measures:
                continue
            told = (notice.muted and f"nobody was told: {notice.muted}") or ("told" if notice.done else "to be told")
            steps.append(Step(notice.opened, "notice", f"{notice.kind} of {notice.measure}: {told}"))
    for measure in article.measures:
        for stored_alert in every(archive, Alert, {"measure": measure}):
            alert = stored_alert.record
            detail = f" ({alert.reason})" if alert.reason else ""
            at = alert.sent or alert.created
            steps.append(
                Step(at, "alert", f"{alert.kind} for subscription {alert.subscription}: {alert.state}{detail}")
            )
    return steps
