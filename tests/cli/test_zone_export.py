"""An export of a hosted zone, and what it holds that no ExternalDNS wrote."""

import json
from pathlib import Path
from typing import Any

import pytest

from probe.cli.errors import CommandError
from probe.cli.zone_export import negative_ttl, read_zone, stands_of
from probe.config.load import parse
from probe.judge.rehearsal.stand import Stand
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
ZONE = [
    SOA,
    alias("app.example.com.", f"dualstack.{V1}."),
    plain("a-app.example.com.", "TXT", HERITAGE),
    alias("\\052.w.example.com.", f"{V2}."),
    alias("drawn.example.com.", f"{V1}.", SetIdentifier="v1", Weight=10),
    plain("bare.example.com.", "TXT", '"v=spf1 -all"'),
    plain("bare.example.com.", "MX", "10 mail.example.com."),
]


def written(path: Path, sets: object) -> Path:
    path.write_text(json.dumps({"ResourceRecordSets": sets}), encoding="utf-8")
    return path


def test_hosts_stand_as_the_export_has_them(tmp_path: Path) -> None:
    held = read_zone(written(tmp_path / "zone.json", ZONE))
    stands = stands_of(held, PLAN)
    app, wildcard = stands[DomainName("app.example.com.")], stands[DomainName("*.w.example.com.")]
    assert isinstance(app, Stand)
    assert isinstance(wildcard, Stand)
    assert sorted((one.name, one.rdtype) for one in app.records) == [
        ("a-host.zone.test.", "TXT"),
        ("host.zone.test.", "A"),
    ]
    assert wildcard.host.startswith("*.")
    assert negative_ttl(held) == 300


def test_what_no_external_dns_wrote_stands_and_is_not_taken_for_ownership(tmp_path: Path) -> None:
    bare = stands_of(read_zone(written(tmp_path / "zone.json", ZONE)), PLAN)[DomainName("bare.example.com.")]
    assert isinstance(bare, Stand)
    assert [one.values for one in bare.records] == [('"v=spf1 -all"',)]


@pytest.mark.parametrize(
    ("name", "words"), [("drawn.example.com.", "set identifiers"), ("other.example.net.", "is not in the zone")]
)
def test_what_cannot_be_played_has_a_sentence(tmp_path: Path, name: str, words: str) -> None:
    said = stands_of(read_zone(written(tmp_path / "zone.json", ZONE)), PLAN)[DomainName(name)]
    assert isinstance(said, str)
    assert words in said


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"ResourceRecordSets": 3}', '{"ResourceRecordSets": [{}]}', "[" * 9]
)
def test_what_is_no_export_is_refused_with_the_command_that_makes_one(tmp_path: Path, content: str) -> None:
    path = tmp_path / "zone.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(CommandError, match="list-resource-record-sets"):
        read_zone(path)


def test_half_a_zone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="no SOA"):
        stands_of(read_zone(written(tmp_path / "zone.json", ZONE[1:])), PLAN)
