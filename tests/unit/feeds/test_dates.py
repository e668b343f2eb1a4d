"""Dates of feeds: right or None."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.feeds.dates import parse_date, plausible


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("Mon, 09 Mar 2026 17:30:05 GMT", "2026-03-09T17:30:05"),
        ("Mon, 9 Mar 2026 17:30 -0700", "2026-03-10T00:30:00"),
        ("09 Mar 2026 17:30:00 PDT", "2026-03-10T00:30:00"),
        ("Mon, 09 Mar 2026 17:30:00 EST", "2026-03-09T22:30:00"),
        ("Mon, 09 Mar 2026 17:30:00 EDT", "2026-03-09T21:30:00"),
        ("Mon, 09 Mar 2026 17:30:00 CST", "2026-03-09T23:30:00"),
        ("Mon, 09 Mar 2026 17:30:00 CDT", "2026-03-09T22:30:00"),
        ("Mon, 09 Mar 2026 17:30:00 MST", "2026-03-10T00:30:00"),
        ("Mon, 09 Mar 2026 17:30:00 MDT", "2026-03-09T23:30:00"),
        ("Mon, 09 Mar 2026 17:30:00 PST", "2026-03-10T01:30:00"),
        ("Mon, 09 Mar 2026 17:30:00 CEST", "2026-03-09T15:30:00"),
        ("Mon, 09 Mar 2026 17:30:00 IST", "2026-03-09T12:00:00"),
        ("Mon, 09 Mar 2026 17:30:00 BST", "2026-03-09T16:30:00"),
        ("Mon, 09 Mar 2026 17:30:00 AEST", "2026-03-09T07:30:00"),
        ("Mon, 09 Mar 2026 17:30:00 MSK", "2026-03-09T14:30:00"),
        ("Mon, 09 Mar 2026 17:30:00 +0000 (UTC)", "2026-03-09T17:30:00"),
        ("Mon, 09 Mar 2026 17:30:00 GMT+0200", "2026-03-09T15:30:00"),
        ("Mon, 09 Mar 26 17:30:00 Z", "2026-03-09T17:30:00"),
        ("Monday, 09-Mar-99 17:30:00 GMT", "1999-03-09T17:30:00"),
        ("lun, 09 ene 2026 17:30:00 +0000", "2026-01-09T17:30:00"),
        ("9 Mar 2026", "2026-03-09T00:00:00"),
        ("Mon, 09 Mar 2026 05:36:36 PM EST", "2026-03-09T22:36:36"),
        ("Mon, 09 Mar 2026 12:05 AM GMT", "2026-03-09T00:05:00"),
        ("March 9, 2026 at 5:30 p.m. ET", "2026-03-09T21:30:00"),
        ("January 9, 2026 5:30 PM ET", "2026-01-09T22:30:00"),
        ("Jul 9, 2026, 5:30 PM PT", "2026-07-10T00:30:00"),
        ("Sept. 9th, 2026", "2026-09-09T00:00:00"),
        ("Mon Mar  9 17:30:00 2026", "2026-03-09T17:30:00"),
        ("Mon Mar 9 17:30:00 PST 2026", "2026-03-10T01:30:00"),
        ("2026-02-17T17:36:36-0500", "2026-02-17T22:36:36"),
        ("2026-03-09T17:30:00.123456Z", "2026-03-09T17:30:00"),
        ("2026-03-09T17:30-07:00", "2026-03-10T00:30:00"),
        ("2026-03-09t17:30:00z", "2026-03-09T17:30:00"),
        ("2026-03-09 17:30:00", "2026-03-09T17:30:00"),
        ("2026-03-09 17:30:00 -5", "2026-03-09T22:30:00"),
        ("2026-03-09", "2026-03-09T00:00:00"),
        ("2016/6/29 15:07:41", "2016-06-29T15:07:41"),
        ("20260309T173000Z", "2026-03-09T17:30:00"),
        ("2026-03-09T24:00:00Z", "2026-03-10T00:00:00"),
        ("2026-03-09T23:59:60Z", "2026-03-09T23:59:59"),
        ("1773077400", "2026-03-09T17:30:00"),
        ("1773077400123", "2026-03-09T17:30:00"),
        ("3/25/2026 5:30 PM", "2026-03-25T17:30:00"),
        ("25/3/2026", "2026-03-25T00:00:00"),
        ("3/3/2026", "2026-03-03T00:00:00"),
    ],
)
def test_read(text: str, iso: str) -> None:
    assert parse_date(text) == datetime.fromisoformat(iso).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026",
        "2026-03",
        "March 2026",
        "3/4/2026",
        "Mon, 09 Mar 2026 17:30:00 XYZ",
        "Mon, 31 Feb 2026 17:30:00 GMT",
        "Mon, 09 Mar 2026 25:30:00 GMT",
        "Mon, 09 Mar 2026 17:30:00 PM",
        "Mon, 09 Foo 2026 17:30:00 GMT",
        "2026-03-09T17:30:00+2500",
        "17:30",
        "123",
        "9" * 500,
        "٢٠٢٦-٠٣-٠٩",
    ],
)
def test_refused(text: str) -> None:
    assert parse_date(text) is None


def test_plausible() -> None:
    now = datetime(2026, 3, 20, tzinfo=UTC)
    assert plausible(None, now) is None
    assert plausible(datetime(1989, 12, 31, tzinfo=UTC), now) is None
    assert plausible(datetime(1990, 1, 1, tzinfo=UTC), now) == datetime(1990, 1, 1, tzinfo=UTC)
    assert plausible(now + timedelta(days=2), now) == now + timedelta(days=2)
    assert plausible(now + timedelta(days=2, seconds=1), now) is None
