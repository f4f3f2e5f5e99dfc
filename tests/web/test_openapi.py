"""The OpenAPI document, held to the routes and to what they answer: fact by fact, and by whatever schemathesis asks."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from jsonschema import Draft202012Validator
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from probe.model.name import canonical
from probe.model.snapshot import Snapshot
from probe.web.app import create_app
from probe.web.web_server import WebServer
from tests.snapshots import fleet, migration, snapshot
from tests.web.ports import Far, get, request

PATHS = {
    "StatusFact": "/status",
    "WaveList": "/waves",
    "DomainList": "/domains",
    "FindingList": "/findings",
    "Catalogue": "/catalogue",
    "ResolverList": "/resolvers",
}


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


def behind_a_proxy() -> Snapshot:
    status = fleet(1).domains[0]
    return snapshot((status._replace(domain=replace(status.domain, proxied=canonical("www.example.com"))),))


@pytest.mark.parametrize(
    "facts", [migration(blind=True, reload_error="broken"), fleet(2), behind_a_proxy(), snapshot(())]
)
def test_answers_are_what_the_document_says(facts: object) -> None:
    far = Far()
    far.snapshot = facts  # type: ignore[assignment]  # parametrize hides the type

    for model, path in PATHS.items():
        validator(model).validate(get(f"/api/v1{path}", far).json())
    for status in far.snapshot.domains:
        for model, part in (("DomainDetail", ""), ("HistoryFact", "/history"), ("ExplanationFact", "/why")):
            validator(model).validate(get(f"/api/v1/domains/{status.domain.name}{part}", far).json())
    for wave in far.snapshot.waves:
        validator("WaveDetail").validate(get(f"/api/v1/waves/{wave.wave.name}", far).json())


def test_refusals_are_problem_documents() -> None:
    for response in (
        get("/api/v1/domains/nothing.example.com"),
        get("/api/v1/domains/nothing.example.com/why"),
        get("/api/v1/waves/nothing"),
        get("/api/v1/nothing"),
        get("/api/v1/domains?limit=-1"),
        request(None, "DELETE", "/api/v1/status"),
    ):
        validator("Problem").validate(response.json())
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["status"] == response.status_code


def test_every_path_of_the_document_is_a_route_and_every_reference_leads_somewhere() -> None:
    told = document()

    for path in told["paths"]:
        name = "wave-1" if "/waves/" in path else "www.example.com"
        assert get(path.replace("{name}", name)).status_code == 200
    for kind, model in re.findall(r"#/components/(\w+)/([\w-]+)", str(told)):
        assert model in told["components"][kind]
    assert len({path["get"]["operationId"] for path in told["paths"].values()}) == len(told["paths"])


@pytest.fixture(scope="module")
def running() -> Iterator[str]:
    """The address of the application over a real socket."""
    application = create_app(Far().ports())
    server = WebServer(application.app, "127.0.0.1", 0, ending=application.close)
    host, port = server.start()
    yield f"http://{host}:{port}"
    server.stop()


CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    unsupported_method,
)
BOUNDED = settings(
    max_examples=20, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)
"""And repeatable: what is found by chance belongs into a test of its own."""


def ask(path: str, mode: GenerationMode, at: str, *checks: Any) -> None:
    """Ask one path a bounded number of things."""
    operation = schemathesis.openapi.from_dict(document())[path]["GET"]

    @BOUNDED
    @given(case=operation.as_strategy(generation_mode=mode))
    def asking(case: Any) -> None:
        case.call_and_validate(base_url=at, checks=[*CHECKS, *checks])

    asking()


@pytest.mark.parametrize("path", sorted(document()["paths"]))
def test_whatever_is_asked_the_answer_is_what_the_document_says(path: str, running: str) -> None:
    ask(path, GenerationMode.POSITIVE, running)


@pytest.mark.parametrize("path", ["/api/v1/domains", "/api/v1/findings"])
def test_what_the_document_does_not_allow_is_refused(path: str, running: str) -> None:
    ask(path, GenerationMode.NEGATIVE, running, negative_data_rejection)
