"""Route 53's own listing: what it may hold, and what is no listing."""

import json
from typing import Any

import pytest

from probe.inventory.written.export import read_zone_export
from probe.inventory.written.zone import UnreadableZone, WrittenZone
from probe.model.name import DomainName
from probe.model.plan import Routing
from probe.route53.records import AliasTarget, ResourceRecordSet
from tests.inventory.manifests import V1_WEB

SOA = {
    "Name": "example.com.",
    "Type": "SOA",
    "TTL": 900,
    "ResourceRecords": [{"Value": "ns-1.awsdns-01.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"}],
}


def zone_of(*sets: dict[str, Any]) -> WrittenZone:
    return read_zone_export(json.dumps({"ResourceRecordSets": [SOA, *sets]}).encode(), "zone.json")


def alias(name: str, target: str = V1_WEB, rdtype: str = "A", **more: Any) -> dict[str, Any]:
    told = {"HostedZoneId": "ZWKZPGTI48KDX", "DNSName": f"dualstack.{target}.", "EvaluateTargetHealth": True}
    return {"Name": name, "Type": rdtype, "AliasTarget": told, **more}


def plain(name: str, rdtype: str, *values: str, **more: Any) -> dict[str, Any]:
    return {"Name": name, "Type": rdtype, "TTL": 300, "ResourceRecords": [{"Value": one} for one in values], **more}


PRIVATE_NS = plain("example.com.", "NS", "ns-0.awsdns-00.com.", "ns-512.awsdns-00.net.")
"""By which a private zone is known: Route 53 gives all of them the same name servers."""


def test_a_set_has_everything_that_decides_who_gets_it() -> None:
    (one,) = zone_of(alias("Pay.example.com.", SetIdentifier="eks-v1", Weight=70, HealthCheckId="hc-1")).by_name[
        DomainName("pay.example.com.")
    ]
    assert one == ResourceRecordSet(
        DomainName("pay.example.com."),
        "A",
        alias=AliasTarget("ZWKZPGTI48KDX", DomainName(f"dualstack.{V1_WEB}."), evaluate_target_health=True),
        set_identifier="eks-v1",
        weight=70,
        health_check_id="hc-1",
    )


def test_a_weight_of_nothing_is_a_weight() -> None:
    (one,) = zone_of(alias("a.example.com.", SetIdentifier="x", Weight=0)).by_name[DomainName("a.example.com.")]
    assert one.weight == 0


@pytest.mark.parametrize(
    ("key", "value", "routing"),
    [
        ("Failover", "PRIMARY", Routing.FAILOVER),
        ("Region", "eu-west-1", Routing.LATENCY),
        ("GeoLocation", {"CountryCode": "KR"}, Routing.GEOLOCATION),
        ("MultiValueAnswer", True, Routing.MULTIVALUE),
        ("MultiValueAnswer", False, Routing.MULTIVALUE),
    ],
)
def test_other_routing_is_told(key: str, value: Any, routing: Routing) -> None:
    zone = zone_of(alias("a.example.com.", SetIdentifier="x", **{key: value}))
    routed = zone.by_name[DomainName("a.example.com.")][0].routed
    assert routed is not None
    assert routed.routing is routing


def test_a_routing_without_a_word_is_named() -> None:
    (notice,) = zone_of(alias("a.example.com.", SetIdentifier="x", CidrRoutingConfig={})).notices
    assert str(notice) == ("zone.json: `a.example.com.` A is chosen by CidrRoutingConfig, for which a plan has no word")


def test_a_wildcard_is_written_in_octal() -> None:
    assert DomainName("*.w.example.com.") in zone_of(alias("\\052.w.example.com.")).by_name


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff",
        b"[]",
        b"{}",
        b'{"ResourceRecordSets": [1]}',
        b"[" * 100_000,
        b'{"ResourceRecordSets": [{"Name": "a.", "Type": "A", "TTL": "x"}]}',
        b'{"ResourceRecordSets": [{"Name": "' + b"a" * 70 + b'.", "Type": "A"}]}',
    ],
)
def test_what_is_no_export_is_told_with_the_command_that_makes_one(content: bytes) -> None:
    with pytest.raises(UnreadableZone, match="list-resource-record-sets"):
        read_zone_export(content, "zone.json")


def test_half_a_zone_is_none() -> None:
    with pytest.raises(UnreadableZone, match="no SOA"):
        read_zone_export(json.dumps({"ResourceRecordSets": [alias("a.example.com.")]}).encode(), "zone.json")
