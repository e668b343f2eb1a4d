"""``eval``: how well policy actions are recognised, on labelled cases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.output import table

if TYPE_CHECKING:
    from rich.console import Console


def evaluate(path: str) -> dict[str, Any]:
    """Scores a file of cases. Raises ``UserError`` with the line that cannot be read."""
    from pipeline.errors import UserError
    from pipeline.policy.evaluate import evaluate as score

    cases = []
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"cannot be read: {error}", subject=path) from None
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            case = json.loads(line)
        except ValueError as error:
            raise UserError(f"line {number} is not JSON: {error}", subject=path) from None
        if not isinstance(case, dict) or "id" not in case:
            raise UserError(f"line {number} is no case: an object with an 'id' is", subject=path)
        cases.append(case)
    return score(cases)


def print_evaluation(console: Console, answer: dict[str, Any]) -> None:
    """The figures, then every miss."""
    for name in ("relevance", "events"):
        figures = {key: value for key, value in answer[name].items() if not isinstance(value, (list, dict))}
        table(console, [name, ""], figures.items(), empty="")
    table(
        console,
        ["field", "right", "of"],
        ((name, value, answer["field_counts"].get(name, "")) for name, value in answer["fields"].items()),
        empty="No field could be scored.",
    )
    for name in ("missed", "false", "doubled"):
        if answer["events"][name]:
            console.print(f"events {name}: {', '.join(map(str, answer['events'][name]))}", markup=False)
    for name in ("missed", "false"):
        if answer["relevance"].get(name):
            console.print(f"relevance {name}: {', '.join(map(str, answer['relevance'][name]))}", markup=False)
    for name in ("by_confuser", "by_direction", "field_misses"):
        if answer.get(name):
            console.print(f"{name}: {json.dumps(answer[name], ensure_ascii=False)}", markup=False)
