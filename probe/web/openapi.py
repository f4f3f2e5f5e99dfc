"""The OpenAPI document of the JSON API, made from the same models that write its answers."""

import json
from typing import Any

from pydantic.json_schema import models_json_schema

from probe import __version__
from probe.web import api

_SCHEMAS = "#/components/schemas/{model}"


_MODELS = (api.StatusFact, api.WaveList, api.WaveDetail, api.DomainList, api.DomainFact, api.ErrorFact)


def document() -> bytes:
    """Write the document (OpenAPI 3.1, which takes JSON Schema as it is)."""
    _, schemas = models_json_schema(
        [(model, "serialization") for model in _MODELS],
        ref_template=_SCHEMAS,
    )
    name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}, "description": "Its name."}
    return json.dumps(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "Cutover Probe",
                "version": __version__,
                "description": "What the probe knows at this moment. Times are RFC 3339 in UTC.",
            },
            "paths": {
                "/api/v1/status": _get("The probe itself, and the plan that it follows.", api.StatusFact),
                "/api/v1/waves": _get("Every wave, and whether it is confirmed.", api.WaveList),
                "/api/v1/waves/{name}": {
                    "parameters": [name],
                    **_get("One wave with its domains.", api.WaveDetail, {"404": "No such wave in the plan."}),
                },
                "/api/v1/domains": _get("Every domain, in the plan's order.", api.DomainList),
                "/api/v1/domains/{name}": {
                    "parameters": [name],
                    **_get("Everything about one domain.", api.DomainFact, {"404": "No such domain in the plan."}),
                },
            },
            "components": {"schemas": schemas["$defs"]},
        }
    ).encode()


def _get(summary: str, model: type, refusals: dict[str, str] | None = None) -> dict[str, Any]:
    responses = {"200": _response("The facts.", model)}
    responses |= {status: _response(sentence, api.ErrorFact) for status, sentence in (refusals or {}).items()}
    return {"get": {"summary": summary, "responses": responses}}


def _response(description: str, model: type) -> dict[str, Any]:
    schema = {"$ref": _SCHEMAS.format(model=model.__name__)}
    return {"description": description, "content": {"application/json": {"schema": schema}}}
