"""The OpenAPI document, held to the routes and to what they answer."""

import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from tests.snapshots import fleet, migration, snapshot
from tests.web.ports import Far, get, request


def document() -> dict[str, Any]:
    told: dict[str, Any] = get("/api/v1/openapi.json").json()
    return told


def validator(model: str) -> Draft202012Validator:
    """A strict validator: what a model does not name must not be there."""
    told = document()
    for schema in told["components"]["schemas"].values():
        schema["additionalProperties"] = False
        assert set(schema["required"]) == set(schema["properties"])
    return Draft202012Validator({**told, "$ref": f"#/components/schemas/{model}"})


@pytest.mark.parametrize("facts", [migration(blind=True, reload_error="broken"), fleet(2), snapshot(())])
def test_answers_are_what_the_document_says(facts: object) -> None:
    far = Far()
    far.snapshot = facts  # type: ignore[assignment]  # parametrize hides the type

    validator("StatusFact").validate(get("/api/v1/status", far).json())
    validator("DomainList").validate(get("/api/v1/domains", far).json())
    validator("WaveList").validate(get("/api/v1/waves", far).json())
    for wave in far.snapshot.plan.waves:
        validator("WaveDetail").validate(get(f"/api/v1/waves/{wave.name}", far).json())
    for status in far.snapshot.domains:
        validator("DomainFact").validate(get(f"/api/v1/domains/{status.domain.name}", far).json())


def test_refusals_are_what_the_document_says() -> None:
    validator("ErrorFact").validate(get("/api/v1/domains/nothing.example.com").json())
    validator("ErrorFact").validate(get("/api/v1/waves/nothing").json())
    validator("ErrorFact").validate(get("/api/v1/nothing").json())
    validator("ErrorFact").validate(request(None, "DELETE", "/api/v1/status").json())


def test_every_path_of_the_document_is_a_route_and_every_reference_leads_somewhere() -> None:
    told = document()

    for path in told["paths"]:
        name = "wave-1" if "/waves/" in path else "www.example.com"
        assert get(path.replace("{name}", name)).status_code == 200
    for model in re.findall(r"#/components/schemas/(\w+)", str(told)):
        assert model in told["components"]["schemas"]
