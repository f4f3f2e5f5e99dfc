"""The OpenAPI document of the JSON API, made from the same models that write its answers and read its queries."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from probe import __version__
from probe.web.facts.domain import DomainDetail, DomainList
from probe.web.facts.findings import Catalogue, FindingList, Problem, ResolverList
from probe.web.facts.past import ExplanationFact, HistoryFact
from probe.web.facts.probe import StatusFact
from probe.web.facts.waves import WaveDetail, WaveList

_SCHEMAS = "#/components/schemas/{model}"

_PATHS: dict[str, tuple[str, type[BaseModel]]] = {
    "/status": ("The probe itself, and the plan that it follows.", StatusFact),
    "/waves": ("Every wave, and whether it is confirmed.", WaveList),
    "/waves/{name}": ("One wave with its domains.", WaveDetail),
    "/domains": ("The domains, in the plan's order.", DomainList),
    "/domains/{name}": ("Everything about one domain.", DomainDetail),
    "/domains/{name}/history": ("What this process remembers of one domain's past.", HistoryFact),
    "/domains/{name}/why": ("Why one domain has its state: the rule that decided, with its numbers.", ExplanationFact),
    "/findings": ("The open findings of all domains, the worst first, then the newest.", FindingList),
    "/catalogue": ("Every code that a finding can have: what it means and what to do.", Catalogue),
    "/resolvers": ("The resolvers, and what they say over all domains.", ResolverList),
}
_REFUSALS = {
    "400": "The query cannot be that.",
    "401": "A user and a password are needed here (only with a web configuration file that has users).",
    "403": "A client certificate is needed here (only with a web configuration file that requires one).",
    "404": "There is none of this name in the plan.",
    "429": "Too many requests, or too many passwords were tried.",
    "500": "The probe failed to answer; its log says why.",
}
_HEADERS = {
    "ETag": "What was sent; with it in If-None-Match, the same answer is a 304 without a body.",
    "Cutover-Snapshot-At": "The moment that the facts are of, RFC 3339 in UTC.",
}


def document(queries: Mapping[str, type[BaseModel]]) -> bytes:
    """Write the document (OpenAPI 3.1, which takes JSON Schema as it is).

    Args:
        queries: The models that read the queries of paths that take one.
    """
    answers: list[type[BaseModel]] = [*(model for _, model in _PATHS.values()), Problem]
    _, schemas = models_json_schema([(model, "serialization") for model in answers], ref_template=_SCHEMAS)
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Cutover Probe",
                "version": __version__,
                "description": "What the probe knows at this moment. Times are RFC 3339 in UTC, names stand without "
                "their trailing dot. Keys may be added; they change otherwise only with a line in the changelog.",
                "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
            },
            "security": [{}, {"password": []}],
            "paths": {f"/api/v1{path}": _path(path, queries.get(path)) for path in _PATHS},
            "components": {
                "schemas": schemas["$defs"],
                "securitySchemes": {"password": {"type": "http", "scheme": "basic"}},
                "headers": {
                    name: {"description": words, "schema": {"type": "string"}} for name, words in _HEADERS.items()
                },
                "responses": {
                    status: _response(words, Problem, "application/problem+json") for status, words in _REFUSALS.items()
                },
            },
        }
    ).encode()


def _path(path: str, query: type[BaseModel] | None) -> dict[str, Any]:
    summary, model = _PATHS[path]
    taken = [*_named(path), *(_parameters(query) if query is not None else ())]
    refusals = {"401", "403", "429", "500"} | ({"404"} if "{" in path else set()) | ({"400"} if query else set())
    answer = _response("The facts.", model)
    answer["headers"] = {name: {"$ref": f"#/components/headers/{name}"} for name in _HEADERS}
    responses = {"200": answer, "304": {"description": "The caller has it already (If-None-Match)."}}
    responses |= {status: {"$ref": f"#/components/responses/{status}"} for status in sorted(refusals)}
    operation = path.strip("/").replace("/{name}", "_one").replace("/", "_")
    get = {"operationId": operation, "summary": summary, "parameters": taken, "responses": responses}
    return {"get": get}


def _named(path: str) -> list[dict[str, Any]]:
    if "{name}" not in path:
        return []
    schema = {"type": "string", "minLength": 1}
    return [{"name": "name", "in": "path", "required": True, "schema": schema, "description": "Its name."}]


def _parameters(query: type[BaseModel]) -> list[dict[str, Any]]:
    """Write a query's fields as parameters; enumerations stand where they are used."""
    schema = query.model_json_schema()
    told = []
    for name, field in schema["properties"].items():
        one = next((choice for choice in field.get("anyOf", ()) if "$ref" in choice), None)
        kind = schema["$defs"][one["$ref"].rpartition("/")[2]] if one else field
        kept = {key: kind[key] for key in ("type", "enum", "minimum", "maximum", "maxLength") if key in kind}
        if field.get("default") is not None:
            kept["default"] = field["default"]
        told.append({"name": name, "in": "query", "description": field["description"], "schema": kept})
    return told


def _response(description: str, model: type[BaseModel], media_type: str = "application/json") -> dict[str, Any]:
    schema = {"$ref": _SCHEMAS.format(model=model.__name__)}
    return {"description": description, "content": {media_type: {"schema": schema}}}
