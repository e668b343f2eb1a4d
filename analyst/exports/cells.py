"""Values as cells that a spreadsheet shows and never runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A spreadsheet takes a cell that begins so for a formula; the wide forms count in some languages."""


def cell(value: Any) -> str:
    """A value as a CSV cell: lists are joined by ``; ``, the values of an object by ``: ``; text that a spreadsheet
    would run gets an apostrophe in front."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        value = ": ".join(map(str, value.values()))
    elif isinstance(value, (list, tuple)):
        value = "; ".join(map(str, value))
    text = str(value)
    return "'" + text if isinstance(value, str) and text.startswith(FORMULA) else text
