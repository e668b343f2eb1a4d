"""The API described as OpenAPI 3.1, from the table of questions and the types of the answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

from pydantic import BaseModel, TypeAdapter

from analyst.answers import results
from analyst.api import parameters, problems
from analyst.api.table import QUESTIONS, Question
from analyst.exports.forms import FORMS

Json = dict[str, Any]

_REF = "#/components/schemas/{model}"
SAYS = {
    400: "A parameter or the query cannot be used",
    401: "A key is needed, or the one shown is none",
    403: "Only a key that may write changes something",
    404: "There is nothing by that id or name",
    406: "It cannot be answered in the form asked for",
    413: "More bytes than a request may bring",
    415: "What was sent is no JSON",
    429: "Asked too often; Retry-After says when to come again",
    503: "The archive does not answer just now; Retry-After says when to come again",
}
ALWAYS = (400, 401, 406, 429, 503)


@cache
def document() -> Json:
    """The whole document."""
    kinds = [question.answer for question in QUESTIONS] + [problems.ProblemAnswer, parameters.NewSaved]
    unique = list(dict.fromkeys(kinds))
    refs, defined = TypeAdapter.json_schemas(
        [(kind.__name__, "serialization", TypeAdapter(kind)) for kind in unique], ref_template=_REF
    )
    schemas = dict(defined["$defs"])
    paths: Json = {
        question.path: {"get": _operation(question, refs[question.answer.__name__, "serialization"])}
        for question in QUESTIONS
    }
    saved = refs[results.SavedAnswer.__name__, "serialization"]
    sent = refs[parameters.NewSaved.__name__, "serialization"]
    paths["/saved"]["post"] = _writing("Save a search", "saveSearch", 201, saved, (413, 415)) | {
        "requestBody": {"required": True, "content": {"application/json": {"schema": sent}}}
    }
    paths["/saved/{id}"]["delete"] = _writing("Remove a saved search", "removeSavedSearch", 200, saved, (404,)) | {
        "parameters": [_part("id")]
    }
    paths["/export.{form}"] = {
        "get": _export("A search as a file", "export", parameters.ExportParameters, [_form()], ())
    }
    paths["/saved/{id}.{form}"] = {
        "get": _export(
            "A saved search as a file", "exportSaved", parameters.SavedExportParameters, [_part("id"), _form()], (404,)
        )
    }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "sanctuary-watch",
            "version": version("sanctuary-watch"),
            "description": "What the monitor knows, as on the command line. Keys may be added to answers, none is "
            "renamed. Times are RFC 3339 in UTC, dates ISO 8601 as far as known.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/api/v1"}],
        "security": [{}, {"key": []}],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "Not needed to read on this machine."}
            },
        },
    }


def _operation(question: Question, answer: Json) -> Json:
    parts = [_part(name) for name in re.findall(r"{(\w+)}", question.path)]
    return {
        "summary": question.summary,
        "operationId": question.path.strip("/").replace("/{id}", "One"),
        "parameters": [*parts, *_asked(question.parameters)],
        "responses": {
            "200": _content("The answer", {"application/json": answer}) | {"headers": {"ETag": _header("Its version")}},
            "304": {"description": "The version named by If-None-Match is still the answer"},
            **_problems((*ALWAYS, *((404,) if parts else ()))),
        },
    }


def _writing(summary: str, name: str, status: int, answer: Json, more: tuple[int, ...]) -> Json:
    return {
        "summary": summary,
        "operationId": name,
        "security": [{"key": []}],
        "responses": {
            str(status): _content("Done", {"application/json": answer}),
            **_problems((*ALWAYS, 403, *more)),
        },
    }


def _export(summary: str, name: str, asked: type[BaseModel], parts: list[Json], more: tuple[int, ...]) -> Json:
    by_type = {form.media_type.partition(";")[0]: {"type": "string"} for form in FORMS.values()}
    by_type["application/json"] = {"type": "object"}
    return {
        "summary": summary,
        "operationId": name,
        "parameters": [*parts, *_asked(asked)],
        "responses": {"200": _content("The file", by_type), **_problems(tuple({*ALWAYS, 404, *more}))},
    }


def _asked(kind: type[BaseModel]) -> list[Json]:
    schema = kind.model_json_schema(ref_template=_REF)
    required = schema.get("required", [])
    return [
        {
            "name": name,
            "in": "query",
            "required": name in required,
            "schema": {key: value for key, value in given.items() if key not in ("title", "description")},
            **({"description": given["description"]} if "description" in given else {}),
        }
        for name, given in schema.get("properties", {}).items()
    ]


def _part(name: str) -> Json:
    return {
        "name": name, "in": "path", "required": True,
        "schema": {"type": "string", "minLength": 1, "pattern": "^[^/.]+$"},
    }  # fmt: skip


def _form() -> Json:
    says = "; ".join(f"`{name}`: {form.says}" for name, form in FORMS.items())
    return {
        "name": "form", "in": "path", "required": True, "description": says,
        "schema": {"type": "string", "enum": list(FORMS)},
    }  # fmt: skip


def _content(says: str, by_type: Mapping[str, Json]) -> Json:
    return {"description": says, "content": {name: {"schema": schema} for name, schema in by_type.items()}}


def _header(says: str) -> Json:
    return {"description": says, "schema": {"type": "string"}}


def _problems(statuses: tuple[int, ...]) -> Json:
    schema = {"$ref": _REF.format(model=problems.ProblemAnswer.__name__)}
    made = {}
    for status in sorted(set(statuses)):
        made[str(status)] = _content(SAYS[status], {problems.MEDIA_TYPE: schema})
        if status in (429, 503):
            made[str(status)]["headers"] = {"Retry-After": _header("Seconds")}
    return made
