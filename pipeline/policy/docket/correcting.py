"""Sets a field of a measure, or of one of its actions, to what a person knows to be right, for good."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from pipeline.errors import UserError
from pipeline.model import DIRECTIONS, INSTRUMENTS, STAGES, Action, AlertKind, Audit, Docket, Measure, Vote
from pipeline.policy.docket.audit import correct_id, with_entry
from pipeline.policy.docket.families import phase
from pipeline.policy.docket.merging import correction, describe, live_measure
from pipeline.policy.docket.owing import told
from pipeline.policy.docket.relating import relate

OF_MEASURE = ("body", "direction", "identifier", "instrument", "provisions", "topic")
OF_ACTION = ("date", "stage", "vote")
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
_ALERTS: dict[str, AlertKind] = {
    "repealed": "repeal",
    "rescinded": "repeal",
    "vetoed": "veto",
    "enjoined": "ruling",
    "upheld": "ruling",
    "struck_down": "ruling",
    "amended": "amend",
    "reaffirmed": "reaffirm",
}


def correct(
    docket: Docket, measure: str, fields: Mapping[str, str], *, action: str = "", why: str, now: datetime
) -> Docket:
    """The docket with fields set, and kept so whatever later reports tell.

    ``fields`` are of ``OF_MEASURE``, or with an ``action`` (its id) of ``OF_ACTION``. Values are text: provisions are
    separated by ``;``, a vote is ``13-0``, '' clears. Who was told of the measure is owed a correction. Raises
    ``UserError`` on an unknown measure, action, field or value.
    """
    known = live_measure(docket, measure)
    subject = _action(known, action) if action else known
    values = {name: _read(name, text, OF_ACTION if action else OF_MEASURE) for name, text in fields.items()}
    changed = {name: value for name, value in values.items() if getattr(subject, name) != value}
    if not changed:
        return docket
    what = "; ".join(f"{name} {_say(getattr(subject, name))} → {_say(value)}" for name, value in changed.items())
    entry = Audit(correct_id(docket, measure, action, changed), now, f"corrected {describe(known)}: {what}", why)
    if isinstance(subject, Action):
        better = _reset(subject, changed)
        fixed = replace(known, actions=tuple(better if a.id == action else a for a in known.actions))
    else:
        fixed = replace(known, **changed)
    was_told = bool(told(docket, measure))
    docket = with_entry(
        replace(docket, measures=tuple(fixed if m.id == measure else m for m in docket.measures)), entry
    )
    if "stage" in changed:
        docket = _quieted(docket, action, changed["stage"], fixed)
    docket = relate(docket)
    return correction(docket, fixed, entry) if was_told else docket


def _action(measure: Measure, action: str) -> Action:
    for known in measure.actions:
        if known.id == action:
            return known
    raise UserError(f"measure {measure.id} has no action {action}")


def _read(name: str, text: str, allowed: tuple[str, ...]) -> Any:
    if name not in allowed:
        raise UserError(f"{name!r} cannot be corrected; these can: {', '.join(allowed)}")
    if name == "provisions":
        return tuple(part.strip() for part in text.split(";") if part.strip())
    if name == "vote":
        return _vote(text)
    if name == "date" and text and not _DATE.fullmatch(text):
        raise UserError(f"a date is YYYY, YYYY-MM or YYYY-MM-DD, not {text!r}")
    words = {"direction": DIRECTIONS, "instrument": INSTRUMENTS, "stage": STAGES}.get(name)
    if words is None:
        return text.strip()
    if not text and name != "stage":
        return None
    if text not in words:
        raise UserError(f"{text!r} is no {name}; these are: {', '.join(words)}")
    return text


def _vote(text: str) -> Vote | None:
    if not text:
        return None
    match = re.fullmatch(r"(\d{1,4})\s*[-–]\s*(\d{1,4})", text.strip())
    if match is None:
        raise UserError(f"a vote is written 13-0 (for, against), not {text!r}")
    ayes, noes = int(match[1]), int(match[2])
    return Vote(ayes=ayes, noes=noes, unanimous=noes == 0)


def _say(value: Any) -> str:
    if isinstance(value, Vote):
        return (
            f"{value.ayes}-{value.noes}" if value.ayes is not None else "unanimous" if value.unanimous else "not told"
        )
    if isinstance(value, tuple):
        return "; ".join(value) or "not told"
    return str(value).replace("_", " ") if value else "not told"


def _reset(action: Action, changed: Mapping[str, Any]) -> Action:
    """The action with its fields set; another phase of a measure's life alerts as another kind, or not at all."""
    better = replace(action, **changed)
    if phase(better.stage) == phase(action.stage) and action.stage not in _ALERTS and better.stage not in _ALERTS:
        return better
    alert = _ALERTS.get(better.stage, "new" if phase(better.stage) == "adoption" else None)
    return replace(better, alert=alert)


def _quieted(docket: Docket, action: str, stage: str, measure: Measure) -> Docket:
    """Nobody is told any more what turned out to be something else, unless they were told already."""
    kind = next(known.alert for known in measure.actions if known.id == action)
    return replace(
        docket,
        notices=tuple(
            replace(n, done=True, muted=f"corrected: it is {stage.replace('_', ' ')}")
            if n.action == action and not n.done and n.kind != kind
            else n
            for n in docket.notices
        ),
    )
