"""The OpenAPI document says what there is, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from analyst.answers import results
from analyst.api.document import SAYS, document
from analyst.api.problems import MEDIA_TYPE
from analyst.api.table import QUESTIONS


def routes(web: Starlette) -> dict[str, set[str]]:
    """Paths of the API and the methods that each has."""
    (api,) = (route for route in web.routes if isinstance(route, Mount) and route.path == "/api/v1")
    return {
        route.path: {method for method in route.methods or () if method != "HEAD"}
        for route in api.routes
        if isinstance(route, Route)
    }


def refs(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("$ref"), str):
            yield part["$ref"]
        for value in part.values():
            yield from refs(value)
    elif isinstance(part, list):
        for value in part:
            yield from refs(value)


def test_every_route_is_described_and_no_other(web: Starlette) -> None:
    described = {path: {method.upper() for method in methods} for path, methods in document()["paths"].items()}
    assert described == {path: methods for path, methods in routes(web).items() if path != "/openapi.json"}


def test_it_hangs_together() -> None:
    made = document()
    assert made["openapi"] == "3.1.0"
    known = {f"#/components/schemas/{name}" for name in made["components"]["schemas"]}
    assert set(refs(made)) == known, "each schema is used, each one used is there"
    operations = [operation for methods in made["paths"].values() for operation in methods.values()]
    names = [operation["operationId"] for operation in operations]
    assert len(names) == len(set(names))
    json.dumps(made)
    for operation in operations:
        for status, response in operation["responses"].items():
            if int(status) >= 400:
                assert set(response["content"]) == {MEDIA_TYPE}
                assert int(status) in SAYS


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.path)
def test_every_path_has_its_parts_and_parameters(question: Any) -> None:
    given = document()["paths"][question.path]["get"]["parameters"]
    assert [one["name"] for one in given if one["in"] == "path"] == re.findall(r"{(\w+)}", question.path)
    assert [one["name"] for one in given if one["in"] == "query"] == list(question.parameters.model_fields)


def test_bounds_and_choices_are_told() -> None:
    asked = {one["name"]: one["schema"] for one in document()["paths"]["/search"]["get"]["parameters"]}
    assert asked["limit"] == {"type": "integer", "minimum": 1, "maximum": 1000, "default": 20}
    assert asked["sort"]["enum"] == ["newest", "relevance"]
    assert asked["q"]["maxLength"] == 2_000
    assert asked["fold"] == {"type": "boolean", "default": False}


def test_answers_are_described_by_their_own_types() -> None:
    schemas = document()["components"]["schemas"]
    found = schemas["Found"]
    assert set(found["properties"]) == set(results.Found.__annotations__)
    assert "outlets" not in found["required"]
    assert "snippet" in found["required"]
    assert set(schemas["Tally"]["properties"]) >= {"for", "against"}
