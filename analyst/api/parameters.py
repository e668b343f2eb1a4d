"""What may be asked, checked: one class for the parameters of each question.

The same classes describe the parameters in the OpenAPI document. Nothing is guessed: an unknown name, a name given
twice and a value that cannot be read are errors that name them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import ErrorDetails

from analyst.answers import find
from analyst.answers.coverage import COMPARED, ROWS
from analyst.answers.dockets import MOST_DAYS
from analyst.answers.saved import LONGEST_NAME
from pipeline.archive.query import MAX_LENGTH
from pipeline.errors import UserError

LONGEST_CURSOR = 200
LONGEST_URL = 2_048
_NUMBER = re.compile(r"-?[0-9]{1,9}", re.ASCII)
_MANY = ("q", "field")
"""Parameters that may be given several times, where they are lists."""


def _digits(value: Any) -> Any:
    """Texts that are no plain decimal number are none here: neither ``1.0`` nor `` 1``."""
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise ValueError("must be a whole number")
    return value


def _flag(value: Any) -> Any:
    if isinstance(value, str) and value not in ("true", "false"):
        raise ValueError("must be true or false")
    return value


Query = Annotated[str, Field(max_length=MAX_LENGTH, description="A query; none finds everything.")]
Zone = Annotated[str, Field(max_length=64, description="IANA time zone in which days are days.")]
Flag = Annotated[bool, BeforeValidator(_flag)]
By = Literal["day", "week", "month"]


class Parameters(BaseModel):
    """Base of them all; by itself: none."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SearchParameters(Parameters):
    """Of a search."""

    q: Query = ""
    sort: Literal["newest", "relevance"] = "newest"
    limit: Annotated[int, Field(ge=1, le=1000, description="Articles on one page."), BeforeValidator(_digits)] = 20
    after: Annotated[str, Field(max_length=LONGEST_CURSOR, description="The cursor `next` of the page before.")] = ""
    tz: Zone = "UTC"
    fold: Annotated[Flag, Field(description="One row for each story, with its copies.")] = False


class FacetsParameters(Parameters):
    """Of facets."""

    q: Query = ""
    field: Annotated[list[find.Field], Field(max_length=8, description="May be given several times.")] = list(
        find.FACETS
    )
    n: Annotated[int, Field(ge=1, le=200, description="Values of each field."), BeforeValidator(_digits)] = 20
    tz: Zone = "UTC"


class TimelineParameters(Parameters):
    """Of a timeline."""

    q: Query = ""
    by: By = "day"
    tz: Zone = "UTC"


class CompareParameters(Parameters):
    """Of a comparison."""

    q: Annotated[
        list[Query], Field(min_length=1, max_length=COMPARED, description="A query; to be given several times.")
    ]
    by: By = "week"
    tz: Zone = "UTC"


class SourcesParameters(Parameters):
    """Of sources."""

    q: Query = ""
    by: Literal["count", "share", "first"] = "count"
    tz: Zone = "UTC"


class HeatmapParameters(Parameters):
    """Of a heat map."""

    q: Query = ""
    by: By = "week"
    n: Annotated[int, Field(ge=1, le=ROWS, description="Sources."), BeforeValidator(_digits)] = 10
    tz: Zone = "UTC"


class DocketParameters(Parameters):
    """Of a docket."""

    place: Annotated[str, Field(max_length=200, description='"Los Angeles, CA", "CA", "US"; none: all.')] = ""


class ChangesParameters(Parameters):
    """Of changes."""

    days: Annotated[int, Field(ge=1, le=MOST_DAYS, description="How far back."), BeforeValidator(_digits)] = 7


class WhyParameters(Parameters):
    """Of why."""

    url: Annotated[str, Field(min_length=1, max_length=LONGEST_URL, description="The address of an article.")]


class ExportParameters(Parameters):
    """Of an export of a search."""

    q: Query = ""
    tz: Zone = "UTC"
    bom: Annotated[Flag, Field(description="CSV only: a byte order mark, by which Excel knows UTF-8.")] = False


class SavedExportParameters(Parameters):
    """Of an export of a saved search."""

    bom: Annotated[Flag, Field(description="CSV only: a byte order mark, by which Excel knows UTF-8.")] = False


class NewSaved(BaseModel):
    """A search to be saved."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    name: Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]
    query: Annotated[str, Field(max_length=MAX_LENGTH)]
    tz: Zone = "UTC"


WORDS: Mapping[str, str] = {
    "missing": "is needed",
    "extra_forbidden": "is not known here",
    "literal_error": "must be one of {expected}",
    "string_type": "must be a text",
    "string_too_long": "may have {max_length:,} characters, not more",
    "string_too_short": "must not be empty",
    "too_long": "may be given {max_length} times, not {actual_length}",
    "too_short": "has to be given",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le:,} or less",
    "model_type": "must be a JSON object",
    "value_error": "{error}",
}
"""What is wrong with a value, by pydantic's name for it, which stays when its sentences change."""

P = TypeVar("P", bound=BaseModel)


def read(kind: type[P], given: Iterable[tuple[str, str]]) -> P:
    """The parameters of a query string. Raises ``UserError`` that names the one that cannot be used."""
    pairs = list(given)
    known = kind.model_fields
    if unknown := [name for name, _ in pairs if name not in known]:
        offered = ", ".join(known) or "none"
        raise UserError(f"there is no parameter {unknown[0]!r}; there are: {offered}")
    lists = [name for name in _MANY if name in known and _is_list(kind, name)]
    if twice := [name for name, n in Counter(name for name, _ in pairs).items() if n > 1 and name not in lists]:
        raise UserError(f"the parameter {twice[0]!r} is given twice")
    values: dict[str, Any] = {name: value for name, value in pairs if name not in lists}
    for name in lists:
        if several := [value for key, value in pairs if key == name]:
            values[name] = several
    return validated(kind, values)


def validated(kind: type[P], values: Any) -> P:
    """An object of a kind from what was sent. Raises ``UserError`` that names what cannot be used."""
    try:
        return kind.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UserError(f"{where or 'the document'}: {_said(first)}") from None


def _said(error: ErrorDetails) -> str:
    """In our words where we have some."""
    says = WORDS.get(error["type"])
    return says.format(**error.get("ctx", {})) if says else error["msg"]


def _is_list(kind: type[BaseModel], name: str) -> bool:
    return str(kind.model_fields[name].annotation).startswith("list")
