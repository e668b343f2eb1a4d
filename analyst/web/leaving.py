"""The link by which a mail lets its reader leave: a page that asks, and the button behind it (RFC 8058)."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from analyst.web.desk import NEVER_KEPT, Desk
from analyst.web.shown import masked, said
from pipeline import subscribing
from pipeline.alerts.tokens import may_leave, may_unsubscribe
from pipeline.model import Subscription

NOT_VALID = (
    "This link is not valid. If you have unsubscribed before, nothing more is to be done; else use the link of the "
    "newest mail."
)
"""Said of every link that cannot be honoured, so that trying tells nothing."""


def unsubscribe(desk: Desk, request: Request) -> Response:
    """GET asks and changes nothing, for mail scanners open links too. POST, by a person's button or a mail program's
    one click, removes the subscription at once: no login, no cookie, no redirect. The address is the authority, so
    the body is not read. A digest of several subscriptions leads to the end of them all. 404 when it proves
    nothing."""
    found = desk.archive.get(Subscription, request.path_params["subscription"])
    secret_key, token = desk.settings.secret_key, request.path_params["token"]
    whole = found is not None and may_leave(secret_key, found.record.to, token)
    if found is None or not (whole or may_unsubscribe(secret_key, found.record, token)):
        raise HTTPException(404, NOT_VALID)
    subscription = found.record
    if request.method == "POST":
        ended = subscribing.find(desk.archive, subscription.to) if whole else [found]
        for stored in ended:
            subscribing.remove(desk.archive, stored.record, secret_key=secret_key, now=desk.now())
    return desk.page(
        "unsubscribe.html",
        whole=whole,
        done=request.method == "POST",
        address=masked(subscription.to),
        name=subscription.name,
        places=", ".join(subscription.places) or "all",
        directions=", ".join(map(said, subscription.directions)) or "all",
        path=request.url.path,
        cache=NEVER_KEPT,
    )
