"""How a plan's hosts stand by hosted zones, and what these hold that no ExternalDNS wrote."""

import json
from dataclasses import replace
from typing import Any

import pytest

from probe.cli.zone_export import negative_ttl, seen_zones, stands_of
from probe.config.load import parse
from probe.inventory.written.export import read_zone_export
from probe.judge.ownership.filters import SeenZone
from probe.judge.rehearsal.stand import OF_ANOTHER_TOOL, Stand
from probe.model.name import DomainName

V1, V2 = (f"k8s-{side}-1.ap-northeast-2.elb.amazonaws.com" for side in ("v1", "v2"))
HERITAGE = '"heritage=external-dns,external-dns/owner=eks-v1,external-dns/resource=ingress/shop/app"'
PLAN = parse(f"""
vantage: office
sides:
  v1: {{load_balancers: [{V1}], external_dns: {{txt_owner_id: eks-v1, version: v0.22.0, policy: sync}}}}
  v2: {{load_balancers: [{V2}], external_dns: {{txt_owner_id: eks-v2, version: v0.22.0, policy: sync}}}}
waves:
  - name: first
    expect: v1
    domains: [app.example.com, "*.w.example.com", drawn.example.com, other.example.net, bare.example.com]
""")


def alias(name: str, target: str, rdtype: str = "A", **more: Any) -> dict[str, Any]:
    return {
        "Name": name,
        "Type": rdtype,
        "AliasTarget": {"HostedZoneId": "ZWKZPGTI48KDX", "DNSName": target, "EvaluateTargetHealth": True},
        **more,
    }


def plain(name: str, rdtype: str, *values: str, ttl: int = 300) -> dict[str, Any]:
    return {"Name": name, "Type": rdtype, "TTL": ttl, "ResourceRecords": [{"Value": value} for value in values]}


SOA = plain("example.com.", "SOA", "ns-1.awsdns-01.com. hostmaster.example.com. 1 7200 900 1209600 300", ttl=900)
SETS = [
    SOA,
    alias("app.example.com.", f"dualstack.{V1}."),
    plain("a-app.example.com.", "TXT", HERITAGE),
    alias("\\052.w.example.com.", f"{V2}."),
    alias("drawn.example.com.", f"{V1}.", SetIdentifier="v1", Weight=10),
    plain("bare.example.com.", "TXT", '"v=spf1 -all"'),
    plain("bare.example.com.", "MX", "10 mail.example.com."),
]


def listing(sets: list[dict[str, Any]]) -> bytes:
    return json.dumps({"ResourceRecordSets": sets}).encode()


ZONE = read_zone_export(listing(SETS), "zone.json")


def test_the_zone_of_each_host_is_told_with_its_id_where_that_is_known() -> None:
    known = seen_zones([replace(ZONE, zone_id="Z1")], PLAN)
    assert known[DomainName("app.example.com.")] == SeenZone(DomainName("example.com."), "Z1")
    assert DomainName("other.example.net.") not in known, "no zone that was read holds it"
    assert {zone.zone_id for zone in seen_zones([ZONE], PLAN).values()} == {""}, "an export tells no id"


def test_hosts_stand_as_the_export_has_them() -> None:
    stands = stands_of([ZONE], PLAN)
    app, wildcard = stands[DomainName("app.example.com.")], stands[DomainName("*.w.example.com.")]
    assert isinstance(app, Stand)
    assert isinstance(wildcard, Stand)
    assert sorted((one.name, one.rdtype) for one in app.records) == [
        ("a-host.zone.test.", "TXT"),
        ("host.zone.test.", "A"),
    ]
    assert wildcard.host.startswith("*.")
    assert negative_ttl([ZONE]) == 300


def test_what_no_external_dns_wrote_stands_and_is_not_taken_for_ownership() -> None:
    bare = stands_of([ZONE], PLAN)[DomainName("bare.example.com.")]
    assert isinstance(bare, Stand)
    assert [one.values for one in bare.records] == [(OF_ANOTHER_TOOL,)]


@pytest.mark.parametrize(
    ("name", "words"), [("drawn.example.com.", "set identifiers"), ("other.example.net.", "is not in the zone")]
)
def test_what_cannot_be_played_has_a_sentence(name: str, words: str) -> None:
    said = stands_of([ZONE], PLAN)[DomainName(name)]
    assert isinstance(said, str)
    assert words in said


def test_each_host_stands_in_the_nearest_of_several_zones() -> None:
    below = read_zone_export(
        listing([SOA | {"Name": "w.example.com."}, alias("\\052.w.example.com.", f"{V1}.")]), "w.json"
    )
    found = stands_of([ZONE, below], PLAN)
    assert isinstance(found[DomainName("*.w.example.com.")], Stand)
    assert found[DomainName("*.w.example.com.")] != stands_of([ZONE], PLAN)[DomainName("*.w.example.com.")]
    said = found[DomainName("other.example.net.")]
    assert said == "is not in the zone example.com and w.example.com that was read: it was not played."


def test_a_denial_is_kept_as_long_as_the_longest_says() -> None:
    long = SOA | {"Name": "example.net.", "ResourceRecords": [{"Value": "a. b. 1 2 3 4 86400"}]}
    assert negative_ttl([ZONE, read_zone_export(listing([long]), "net.json")]) == 900
    assert negative_ttl([]) is None


@pytest.mark.parametrize("at", ["app.example.com.", "*.w.example.com."])
def test_a_host_of_another_zone_is_not_said_to_be_absent(at: str) -> None:
    zone = read_zone_export(listing([SOA, plain(at.removeprefix("*."), "NS", "ns1.other.net.")]), "zone.json")
    told = stands_of([zone], PLAN)[DomainName(at)]
    assert told == (
        f"is delegated at {at.removeprefix('*.').removesuffix('.')} to ns1.other.net: what stands there was not read, "
        "and it was not played."
    )


def test_the_zones_own_servers_delegate_nothing() -> None:
    zone = read_zone_export(listing([*SETS, plain("example.com.", "NS", "ns-1.awsdns-01.com.")]), "zone.json")
    assert isinstance(stands_of([zone], PLAN)[DomainName("app.example.com.")], Stand)
