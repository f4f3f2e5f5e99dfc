"""The plan file's JSON Schema (draft 2020-12), for editors and for those who write plans by program.

It says what JSON Schema can say well: keys, types, choices, bounds, and which keys belong together. What needs more
than one place of the file (a domain in two waves, sides that overlap) only `probe.config.load` finds.
"""

import json
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from probe.config.schema import PlanFile
from probe.model.side import Side

DIALECT = "https://json-schema.org/draft/2020-12/schema"
IDENTIFIER = "urn:cutover-probe:plan"
"""A name, not a place: nothing has to be reachable for a plan to be checked."""


def schema_text() -> str:
    """Write the schema as `config schema` prints it."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def json_schema() -> dict[str, Any]:
    """Give the schema as plain values, the same for the same version of the program."""
    generated = PlanFile.model_json_schema(schema_generator=_Generator)
    for name, definition in generated["$defs"].items():
        definition.pop("title", None)
        definition.update(_CONDITIONS.get(name, {}))
    return {"$schema": DIALECT, "$id": IDENTIFIER, **generated, "title": "Cutover Probe plan"}


class _Generator(GenerateJsonSchema):
    """Leaves out what only repeats: titles made of key names, and defaults that spell out a whole mapping."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002  pydantic's signature
        """Never: the key's name is right beside it."""
        return False

    def encode_default(self, dft: Any) -> Any:
        """Write a mapping of nothing but defaults as the empty mapping, which means the same."""
        return {} if isinstance(dft, BaseModel) else super().encode_default(dft)


def _without(keys: Iterable[str]) -> dict[str, Any]:
    return {"properties": {key: {"type": "null"} for key in keys}}


def _given(key: str) -> dict[str, Any]:
    return {"properties": {key: {"not": {"type": "null"}}}, "required": [key]}


def _when(key: str, value: str, then: dict[str, Any], otherwise: dict[str, Any]) -> dict[str, Any]:
    return {"if": {"properties": {key: {"const": value}}, "required": [key]}, "then": then, "else": otherwise}


_CONDITIONS: dict[str, dict[str, Any]] = {
    "SideFile": {
        "anyOf": [{"required": [key], "properties": {key: {"minItems": 1}}} for key in ("load_balancers", "addresses")]
    },
    "TxtRegistryFile": {
        "not": {
            "required": ["prefix", "suffix"],
            "properties": {"prefix": {"minLength": 1}, "suffix": {"minLength": 1}},
        }
    },
    "ExternalDnsFile": {
        "if": {"properties": {"registry": {"not": {"const": "txt"}}}, "required": ["registry"]},
        "then": _without(["txt_registry", "migrate_from_txt_owner"]),
    },
    "WaveFile": _when("expect", "weighted", {}, _without(["weights"])),
    "WeightsFile": {"not": {"properties": {"v1": {"const": 0}, "v2": {"const": 0}}, "required": ["v1", "v2"]}},
    "ResolverFile": {
        "allOf": [
            _when("transport", "doh", {"required": ["url"], **_without(["port"])}, _without(["url"])),
            _when("transport", "dot", {}, _without(["tls_name"])),
        ]
    },
    "KubernetesFile": {"anyOf": [_given(side.value) for side in Side]},
    "ClusterSourceFile": {
        "anyOf": [
            {"properties": {"in_cluster": {"const": True}}, "required": ["in_cluster"]},
            *(_given(key) for key in ("kubeconfig", "context")),
        ],
        "not": {
            "allOf": [
                {"properties": {"in_cluster": {"const": True}}, "required": ["in_cluster"]},
                {"anyOf": [_given(key) for key in ("kubeconfig", "context")]},
            ]
        },
    },
    "AuthoritativeFile": {
        "not": {"required": ["ipv4", "ipv6"], "properties": {"ipv4": {"const": False}, "ipv6": {"const": False}}}
    },
}
