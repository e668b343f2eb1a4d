"""An archive in which measures of many places are owed to somebody, and what became of that."""

from __future__ import annotations

import email
import email.policy
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from functools import partial

from pipeline.archive.base import every
from pipeline.model import Alert, Docket, Subscription
from pipeline.tools import Tools
from tests.unit.policy.builders import article, join_all, place, report, tally

TOWNS = tuple(f"Springfield {n}" for n in range(1, 61))


def adopt(tools: Tools, towns: Iterable[str], now: datetime) -> None:
    """Each town has adopted an ordinance, as one outlet has told a moment ago; its notice is open."""
    for town in towns:
        where = place(town, "IL")
        told = report("adopted", f"{now:%Y-%m-%d}", where=where, vote=tally(5, 2), topic="sanctuary city ordinance")
        whole = article(told, published=f"{now:%Y-%m-%dT%H:%M}", seen=f"{now:%Y-%m-%dT%H:%M}")
        docket, _ = join_all([(told, whole)], now=now, mint=partial("m-{}".format, town.replace(" ", "-")))
        assert tools.archive.create(docket)


def dockets(tools: Tools) -> list[str]:
    """The ids of those that owe something."""
    return [stored.record.id for stored in every(tools.archive, Docket, {"open": "1"})]


def rows(tools: Tools) -> list[Alert]:
    """All rows of the outbox."""
    return [stored.record for stored in every(tools.archive, Alert)]


def lines(mail: bytes) -> list[str]:
    """The towns that a mail tells, each as often as it does."""
    message = email.message_from_bytes(mail, policy=email.policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    words = [line for line in text.splitlines() if line.startswith(("Springfield", "  - Springfield"))]
    return [word.removeprefix("  - ").split(",")[0] for word in words]


def told(mails: Iterable[tuple[bytes, str]]) -> Counter[tuple[str, str]]:
    """How many different mails tell a town to an address; the same mail repeated is one."""
    known = {(email.message_from_bytes(mail)["Message-ID"], to): (mail, to) for mail, to in mails}
    return Counter((to, town) for mail, to in known.values() for town in set(lines(mail)))


def mistold(tools: Tools, mails: Iterable[tuple[bytes, str]]) -> list[str]:
    """What is wrong with the rows that were sent: told by no mail, by several, or by another one than they say."""
    mails = list(mails)
    wrong = [f"{key} is told by {n} mails" for key, n in told(mails).items() if n > 1]
    by_id = {(str(email.message_from_bytes(mail)["Message-ID"]), to): lines(mail) for mail, to in mails}
    subscriptions = {stored.record.id: stored.record for stored in every(tools.archive, Subscription)}
    for row in rows(tools):
        if row.state == "sent":
            to = subscriptions[row.subscription].to
            town = row.measure.removeprefix("m-").replace("-", " ")
            if town not in by_id.get((row.message_id, to), []):
                wrong.append(f"{town} is not told by {row.message_id}")
    return wrong
