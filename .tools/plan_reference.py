"""Writes the reference part of docs/plan-file.md anew from the plan's JSON Schema (`make schema`)."""

import json
from pathlib import Path
from typing import Any

from probe.config.json_schema import json_schema
from probe.config.values import DURATION_PATTERN, show_seconds

PAGE = Path(__file__).parents[1] / "docs" / "plan-file.md"
BEGIN = "<!-- reference: begin (made from the code; do not edit by hand) -->\n"
END = "<!-- reference: end -->\n"

SECTIONS = {
    "": "The plan",
    "SidesFile": "`sides`",
    "SideFile": "`sides.v1` and `sides.v2`",
    "ExternalDnsFile": "`external_dns` of a side, or an item of its list",
    "TxtRegistryFile": "`txt_registry` of the plan or of an ExternalDNS",
    "WaveFile": "an item of `waves`",
    "StepFile": "an item of `schedule`",
    "DomainFile": "an item of `domains`",
    "WeightsFile": "`weights` of a wave or a domain",
    "ProxiedFile": "`proxied` of a domain",
    "HttpFile": "`http` of a wave or a domain",
    "IdentityFile": "`identity` of a check",
    "ResolverFile": "an item of `resolvers`",
    "AuthoritativeFile": "`authoritative`",
    "ProbingFile": "`probing`",
    "StateFile": "`state`",
    "NotifyFile": "`notify`",
    "AlertmanagerFile": "an item of `notify.alertmanagers`",
    "BasicAuthFile": "`basic_auth` of an Alertmanager",
    "WebhookFile": "an item of `notify.webhooks`",
    "WitnessesFile": "`witnesses`",
    "KubernetesFile": "`witnesses.kubernetes`",
    "ClusterSourceFile": "`witnesses.kubernetes.v1` and `v2`",
    "Route53File": "`witnesses.route53`",
}


def reference() -> str:
    """The tables, one for each mapping of the format."""
    document = json_schema()
    if set(SECTIONS) != {"", *document["$defs"]}:
        raise KeyError(sorted({"", *document["$defs"]} ^ set(SECTIONS)))
    parts = []
    for name, heading in SECTIONS.items():
        definition = document if name == "" else document["$defs"][name]
        parts.append(f"### {heading[0].upper() + heading[1:]}\n\n{definition['description']}\n\n{_table(definition)}")
    return "\n".join(parts)


def _table(definition: dict[str, Any]) -> str:
    rows = ["| key | value | default | meaning |", "| --- | --- | --- | --- |"]
    required = definition.get("required", [])
    for key, prop in definition["properties"].items():
        default = "required" if key in required else _default(prop)
        meaning = prop["description"].replace("|", r"\|")
        rows.append(f"| `{key}` | {_kind(prop)} | {default} | {meaning} |")
    return "\n".join(rows) + "\n"


def _is_duration(prop: dict[str, Any]) -> bool:
    return any(choice.get("pattern") == DURATION_PATTERN for choice in prop.get("anyOf", []))


def _default(prop: dict[str, Any]) -> str:
    default = prop.get("default")
    if default == {} and "$ref" in prop:
        return "its defaults"
    if default in (None, {}, []):
        return "none"
    if _is_duration(prop):
        return f"`{show_seconds(default)}`"
    return "empty" if default == "" else f"`{default if isinstance(default, str) else json.dumps(default)}`"


def _kind(prop: dict[str, Any]) -> str:  # noqa: PLR0911  one line for each kind of value
    if "$ref" in prop:
        return "mapping"
    if _is_duration(prop):
        return "duration"
    if "enum" in prop:
        return ", ".join(f"`{choice}`" for choice in prop["enum"])
    if "anyOf" in prop and "type" not in prop:
        return " or ".join(_kind(choice) for choice in prop["anyOf"] if choice.get("type") != "null")
    match prop["type"]:
        case "array":
            return f"list: {_kind(prop['items'])}"
        case "object":
            return "mapping"
        case "integer" | "number":
            kind = "whole number" if prop["type"] == "integer" else "number"
            return f"{kind}, {prop['minimum']} to {prop['maximum']}"
        case "boolean":
            return "`true`, `false`"
        case _:
            return "text"


def page_with(text: str, page: str) -> str:
    """Put the reference between its marks."""
    before, _, rest = page.partition(BEGIN)
    return before + BEGIN + "\n" + text + "\n" + END + rest.partition(END)[2]


def write(path: Path = PAGE) -> None:
    """Write the page anew."""
    path.write_text(page_with(reference(), path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    write()
