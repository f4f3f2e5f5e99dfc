"""The JSON Schema: current, good for the examples, and as strict as JSON Schema can be."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from probe.config import schema, schema_external_dns
from probe.config.json_schema import json_schema, schema_text
from probe.config.load import load
from probe.config.schema_http import HttpFile
from probe.config.schema_probing import ProbingFile
from probe.config.schema_state import StateFile
from probe.model.external_dns import ExternalDns, TxtRegistry
from probe.model.plan import Authoritative, HttpCheck, Probing, State
from tests.config.plans import BAD, CONFIG

VALIDATOR = Draft202012Validator(json_schema())
EXAMPLES = sorted(CONFIG.glob("*.yaml"))

# What is wrong with these stands in the YAML itself, in a second place of the plan, in a file, or inside a value whose
# rules JSON Schema cannot express; only `load` finds it.
BEYOND_JSON_SCHEMA = {
    "cadence-out-of-order", "cadence-txt-too-often", "client-subnets-unused", "domain-in-two-waves",
    "domain-is-a-load-balancer",
    "domain-twice-in-a-wave",
    "durations-out-of-bounds", "external-dns-names",
    "match-parent-before-0.14.1", "migrate-before-0.20", "migrate-from-default-owner", "migrate-from-own-owner",
    "name-empty-label", "name-export",
    "name-hyphen", "name-idn", "name-label-too-long", "name-single-label", "name-too-long",
    "name-underscore", "proxied", "registry-key-inline", "registry-key-missing", "registry-key-wrong-length",
    "resolver-name-twice", "schedule-changes-nothing", "schedule-out-of-order", "too-many-views",
    "side-address-in-network", "side-load-balancer-of-both", "side-networks-overlap",
    "state-a-folder", "state-absolute", "state-relative",
    "wave-name-twice", "weights-missing", "wildcard-with-check", "witnesses-one-cluster", "yaml11-date",
    "yaml11-sexagesimal",
    "yaml11-underscore-number",
}  # fmt: skip


class _Loader(yaml.SafeLoader):
    """Leaves dates as they are written, as YAML 1.2 does, which editors go by."""


_Loader.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: node.value)


def _value(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), _Loader)  # noqa: S506  # a SafeLoader


def _structural() -> list[Path]:
    paths = []
    for path in sorted(BAD.glob("*.yaml")):
        unreadable = path.stem.startswith("yaml-")
        if path.stem not in BEYOND_JSON_SCHEMA and not unreadable:
            paths.append(path)
    return paths


def test_it_is_a_schema_of_draft_2020_12_that_names_no_host() -> None:
    Draft202012Validator.check_schema(json_schema())
    assert json_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert "//" not in json_schema()["$id"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_plan_is_good_for_the_schema_and_for_loading(path: Path) -> None:
    VALIDATOR.validate(_value(path))
    assert load(path).domains


@pytest.mark.parametrize("path", _structural(), ids=lambda path: path.stem)
def test_a_structural_mistake_fails_in_the_schema_as_well(path: Path) -> None:
    assert not VALIDATOR.is_valid(_value(path))


@pytest.mark.parametrize("stem", sorted(BEYOND_JSON_SCHEMA))
def test_what_is_beyond_the_schema_really_is(stem: str) -> None:
    assert VALIDATOR.is_valid(_value(BAD / f"{stem}.yaml")), "the schema finds it: take it off the list"


def _properties(node: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for definition in [node, *node["$defs"].values()]:
        found += definition["properties"].values()
    return found


def test_every_key_has_a_description() -> None:
    assert all(prop.get("description") for prop in _properties(json_schema()))


def test_every_example_in_the_schema_is_valid_where_it_stands() -> None:
    document = json_schema()
    count = 0
    for prop in _properties(document):
        validator = Draft202012Validator({**prop, "$defs": document["$defs"]})
        for example in prop.get("examples", []):
            validator.validate(example)
            count += 1
    assert count > 20


def test_every_default_in_the_schema_is_valid_where_it_stands() -> None:
    document = json_schema()
    for prop in _properties(document):
        default = prop.get("default")
        if default is not None and "$ref" not in prop:
            Draft202012Validator({**prop, "$defs": document["$defs"]}).validate(default)


@pytest.mark.parametrize(
    ("file", "model"),
    [
        (ProbingFile(), Probing()),
        (StateFile(), State()),
        (schema.AuthoritativeFile(), Authoritative()),
        (schema_external_dns.ExternalDnsFile(), ExternalDns()),
        (schema_external_dns.TxtRegistryFile(), TxtRegistry()),
        (HttpFile(), HttpCheck()),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_files_defaults_are_the_models(file: Any, model: Any) -> None:
    kept_fields = [field for field in fields(model) if field.name != "unseal"]  # made of the key file's content
    assert {field.name for field in kept_fields} == set(type(file).model_fields)
    for field in kept_fields:
        written, kept = getattr(file, field.name), getattr(model, field.name)
        assert type(kept)(written) == kept if kept is not None else written is None, field.name


def test_the_schema_is_the_same_every_time() -> None:
    assert json.loads(schema_text()) == json_schema()
    assert schema_text() == schema_text()
