"""Surveys for tests: the shipped clusters and zone, and small ones written in few words."""

from typing import Any

from probe.inventory.proposal.survey import Survey
from probe.inventory.written.export import read_zone_export
from probe.inventory.written.zone import WrittenZone
from probe.model.side import Side
from tests.inventory.manifests import DATA, cluster, external_dns, ingress, shipped
from tests.inventory.manifests import V1_WEB as V1
from tests.inventory.manifests import V2_WEB as V2

__all__ = ["V1", "V2", "against", "external_dns", "shipped_survey", "shipped_zone", "v1_host", "v2_host"]


def shipped_zone() -> WrittenZone:
    return read_zone_export((DATA / "zone.json").read_bytes(), "zone.json")


def shipped_survey(*zones: WrittenZone) -> Survey:
    return Survey(shipped(Side.V1), shipped(Side.V2), zones)


def v1_host(*hosts: str, name: str = "web", **more: Any) -> dict[str, Any]:
    return ingress(name, *hosts, **{"target": V1, **more})


def v2_host(*hosts: str, name: str = "web", **more: Any) -> dict[str, Any]:
    return ingress(name, *hosts, **{"target": V2, **more})


def against(v1: list[dict[str, Any] | str], v2: list[dict[str, Any] | str], *zones: WrittenZone) -> Survey:
    return Survey(cluster(*v1), cluster(*v2, side=Side.V2), zones)
