"""The JSON of the commands as patterns: a type, a tuple of alternatives, a one-element list, or a dict of keys
that must be there. Keys beyond those may be added."""

from __future__ import annotations

from types import NoneType
from typing import Any

TEXT = (str, NoneType)
NUMBER = (int, float)
PROBLEM = {"class": str, "reason": str}
PLACE = {"name": str, "type": str, "state": str}
COUNT = (int, NoneType)
VOTE = {"for": COUNT, "against": COUNT, "abstain": COUNT, "absent": COUNT, "unanimous": (bool, NoneType)}

FEEDS = {
    "feeds": [
        {
            "url": str,
            "title": str,
            "place": str,
            "kind": str,
            "healthy": bool,
            "last_success": TEXT,
            "next_poll": TEXT,
            "error": (PROBLEM, NoneType),
        }
    ]
}
CHECK = {
    "url": str,
    "ok": bool,
    "http_status": COUNT,
    "error": (PROBLEM, NoneType),
    "items": [{"id": str, "title": str, "link": str, "published": TEXT}],
}
RUN = dict.fromkeys(("polled", "failed", "articles", "copies", "discarded", "quarantined", "measures", "alerts"), int)
SEARCH = {
    "query": str,
    "total": int,
    "articles": [
        {
            "id": str,
            "url": str,
            "title": str,
            "source": str,
            "published": TEXT,
            "undated": bool,
            "story": str,
            "copy_of": TEXT,
            "kind": str,
            "places": [str],
            "measures": [str],
        }
    ],
    "next": TEXT,
}
TIMELINE = {
    "query": str,
    "by": str,
    "buckets": [{"start": str, "articles": int, "stories": int, "coverage": int, "share": NUMBER}],
    "undated": int,
}
SOURCES = {
    "query": str,
    "sources": [{"source": str, "articles": int, "stories": int, "share": NUMBER, "first": TEXT, "last": TEXT}],
}
DOCKET = {
    "measures": [
        {
            "id": str,
            "jurisdiction": PLACE,
            "body": TEXT,
            "instrument": TEXT,
            "identifier": TEXT,
            "direction": TEXT,
            "provisions": [str],
            "stage": str,
            "actions": [
                {
                    "stage": str,
                    "date": TEXT,
                    "date_precision": TEXT,
                    "vote": (VOTE, NoneType),
                    "evidence": [{"url": str, "sentence": str}],
                    "articles": [str],
                }
            ],
        }
    ]
}
WHY = {"url": str, "outcome": str, "reason": str, "steps": [{"at": str, "step": str, "result": str}]}
ACTION = {
    "jurisdiction": PLACE,
    "body": TEXT,
    "instrument": TEXT,
    "identifier": TEXT,
    "stage": str,
    "alertable": bool,
    "vote": (VOTE, NoneType),
    "date": TEXT,
    "date_precision": TEXT,
    "direction": TEXT,
    "provisions": [str],
    "evidence": {"sentence": str, "start": int, "end": int},
    "rules": [str],
    "confidence": NUMBER,
}
EXPLAIN = {
    "article": {"title": str, "published": TEXT, "kind": str},
    "relevant": bool,
    "score": NUMBER,
    "actions": [ACTION],
    "rejected": [{"rule": str, "why": str}],
}
FIGURE = (float, int, NoneType)
EVAL = {
    "relevance": {"precision": FIGURE, "recall": FIGURE, "f1": FIGURE},
    "events": {"precision": FIGURE, "recall": FIGURE, "missed": list, "false": list, "doubled": list},
    "fields": dict,
    "cases": [{"id": str, "relevant": bool, "score": NUMBER, "alerted": int, "actions": [ACTION]}],
}
SUBSCRIPTIONS = {"subscriptions": [{"id": str, "name": str, "to": str}]}
ALERTS = {
    "alerts": [
        {
            "id": str,
            "subscription": str,
            "measure": str,
            "action": str,
            "kind": str,
            "state": str,
            "attempts": int,
            "message_id": TEXT,
            "created": str,
            "sent": TEXT,
        }
    ]
}
STATUS = {"healthy": bool, "checks": [{"name": str, "ok": bool, "detail": str}], "counts": dict}
QUARANTINE = {"quarantine": [{"id": str, "what": str, "url": str, "step": str, "error": PROBLEM, "at": str}]}
ARCHIVE = {"counts": dict, "differences": [str]}
FAILED = {"error": PROBLEM}


def misfits(value: Any, pattern: Any, at: str = "$") -> list[str]:
    """Where a JSON value differs from its pattern, a sentence each."""
    if isinstance(pattern, dict):
        if not isinstance(value, dict):
            return [f"{at} is no object: {value!r}"]
        missing = [f"{at}.{key} is missing" for key in pattern if key not in value]
        return missing + [
            misfit
            for key, wanted in pattern.items()
            if key in value
            for misfit in misfits(value[key], wanted, f"{at}.{key}")
        ]
    if isinstance(pattern, list):
        if not isinstance(value, list):
            return [f"{at} is no list: {value!r}"]
        return [misfit for n, one in enumerate(value) for misfit in misfits(one, pattern[0], f"{at}[{n}]")]
    if isinstance(pattern, tuple):
        return [] if any(not misfits(value, one, at) for one in pattern) else [f"{at} is {value!r}"]
    fits = isinstance(value, pattern) and (pattern is bool or not isinstance(value, bool))
    return [] if fits else [f"{at} is {value!r}, no {pattern.__name__}"]
