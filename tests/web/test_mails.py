"""How the mails look to a person: light and dark, on a desk and on a phone, whole and without loading anything."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser

from pipeline.alerts.digest import Item, render_digest
from pipeline.alerts.message import Mail
from pipeline.alerts.notes import render_confirmation
from pipeline.alerts.notices import expand
from pipeline.alerts.render import render
from pipeline.model import Docket, Jurisdiction
from pipeline.policy.docket.correcting import correct
from tests.unit.alerts.samples import DESK, SETTINGS
from tests.unit.policy.builders import LOS_ANGELES, article, at, join_all, place, report, tally, told
from tests.web.workspace import opened

pytestmark = pytest.mark.long

NOW = at("2024-12-10T16:00")
FIRST = report(
    "passed_first_vote",
    "2024-11-19",
    vote=tally(13, 0),
    topic="sanctuary city ordinance",
    identifier="Ordinance No. 188,441",
    provisions=("no_city_resources", "no_city_personnel", "data_sharing_limits", "no_jail_access"),
    sentence="The Los Angeles City Council voted 13-0 on Tuesday to adopt an ordinance that bars city resources and "
    "personnel from being used for federal immigration enforcement.",
)
OUTLETS = ("Westside Courier", "Pacific Wire", "La Voz del Valle", "Harbor News-Pilot", "Capitol Ledger")


def los_angeles() -> Docket:
    """A measure that five outlets tell, three of them copies of one story, with a step before and two after it."""
    proposed = report("introduced", "2024-10-02", alert=None, alertable=False)
    final = report("passed_final", "2024-12-04", vote=tally(12, 0), topic="sanctuary city ordinance")
    pairs = told(proposed, published="2024-10-03", source="Westside Courier")
    for n, outlet in enumerate(OUTLETS):
        own = replace(FIRST, sentence=FIRST.sentence if n < 3 else f"{FIRST.sentence} {outlet} saw it.")
        whole = article(own, source=outlet, title=f"Council adopts sanctuary ordinance, {outlet} reports", name=outlet)
        pairs.append((own, replace(whole, story="one story" if n < 3 else "")))
    docket, _ = join_all([*pairs, *told(final, published="2024-12-05", source="Pacific Wire")])
    return docket


def towns(n: int) -> list[Docket]:
    """So many places, some of which go the other way."""
    found = []
    for number in range(n):
        where: Jurisdiction = place(f"Santa Rosa {number + 1}", "CA")
        way = report(
            "adopted", "2024-12-09", where=where, vote=tally(5, number % 4), topic="welcoming city resolution",
            instrument="resolution",
            direction="limits_cooperation" if number % 3 else "mandates_cooperation",
            sentence=f"The council of {where.name} voted on Monday, after hours of testimony, for the resolution.",
        )  # fmt: skip
        docket, _ = join_all(told(way, published="2024-12-10"))
        found.append(docket)
    return found


def alert_mail() -> Mail:
    docket = los_angeles()
    row = next(row for notice in docket.notices for row in expand(notice, docket, [DESK], NOW) if row.kind == "new")
    return render(row, docket, DESK, settings=SETTINGS, now=NOW)


def stage_mail() -> Mail:
    docket = los_angeles()
    row = [row for notice in docket.notices for row in expand(notice, docket, [DESK], NOW) if row.kind == "stage"][-1]
    return render(row, docket, DESK, settings=SETTINGS, now=NOW, thread=["<first@watch.example.org>"])


def correction_mail() -> Mail:
    docket = los_angeles()
    repaired = correct(
        docket, docket.measures[0].id, {"identifier": "Ordinance No. 188,442"}, why="misread", now=NOW + timedelta(1)
    )
    (row,) = expand(repaired.notices[-1], repaired, [DESK], NOW)
    return render(row, repaired, DESK, settings=SETTINGS, now=NOW)


def digest_mail(n: int = 24, over: int = 10) -> Mail:
    items = [
        Item(row, docket, DESK)
        for docket in towns(n)
        for notice in docket.notices
        for row in expand(notice, docket, [DESK], NOW)
    ]
    return render_digest(items[0].alert.id, items, settings=SETTINGS, now=NOW, over=over)


def question_mail() -> Mail:
    link = "https://watch.example.org/subscribe/confirm/abc.def"
    return render_confirmation(DESK, link, settings=SETTINGS, now=NOW)


MAILS = {
    "alert": alert_mail, "stage": stage_mail, "correction": correction_mail, "digest": digest_mail,
    "question": question_mail,
}  # fmt: skip
READABLE = """
(() => {
  const channel = value => { const c = value / 255; return c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parsed = text => text.match(/[\\d.]+/g).map(Number);
  const ground = element => {
    for (let e = element; e; e = e.parentElement) {
      const c = parsed(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const faint = [];
  for (const element of document.querySelectorAll('.sheet *')) {
    const own = [...element.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own) continue;
    const a = light(parsed(getComputedStyle(element).color)), b = light(ground(element));
    const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (contrast < 4.5) faint.push(element.textContent.trim().slice(0, 40) + ' ' + contrast.toFixed(2));
  }
  return faint;
})()
"""


@pytest.mark.parametrize("name", list(MAILS))
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [900, 360])
def test_a_mail_is_readable(
    browser: Browser, screenshots: Path, tmp_path: Path, name: str, scheme: Literal["light", "dark"], width: int
) -> None:
    mail = MAILS[name]()
    file = tmp_path / f"{name}.html"
    file.write_text(mail.html, "utf-8")
    # Nothing but the file is loaded: no picture, no font, nothing that counts readers.
    with opened(browser, file.as_uri(), width=width, scheme=scheme) as page:
        page.goto(file.as_uri())
        page.screenshot(path=screenshots / f"mail-{name}-{scheme}-{width}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, "nobody scrolls sideways"
        assert page.evaluate(READABLE) == [], "contrast of text"
    assert len(mail.text_form) < 100_000


def test_names_of_places_stay_whole(browser: Browser, tmp_path: Path) -> None:
    file = tmp_path / "alert.html"
    file.write_text(alert_mail().html, "utf-8")
    with opened(browser, file.as_uri(), width=360) as page:
        page.goto(file.as_uri())
        text = page.locator(".sheet").inner_text()
    assert LOS_ANGELES.label in text
    assert "Stop these mails" in text
