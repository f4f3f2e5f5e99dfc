"""What hosted zones say of a plan's domains: the nearest zone of the view that is watched, and no zone by chance."""

import json
from typing import Any

from probe.inventory.written.export import read_zone_export
from probe.inventory.written.health import CheckHealth
from probe.inventory.written.written_sets import written_of
from probe.inventory.written.zone import WrittenZone
from probe.model.external_dns import TxtRegistry
from probe.model.name import DomainName
from probe.model.plan import Authoritative
from probe.model.witness import Written, WrittenSet
from tests.inventory.manifests import V1_WEB
from tests.inventory.written.test_export import PRIVATE_NS, SOA, alias, plain, zone_of

MAX_SETS, MAX_SET_TARGETS, MAX_TOLD_TXTS, MAX_FOLLOWED = 100, 32, 24, 1_000
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

EXAMPLE = DomainName("example.com.")
SHOP, API, DEEP = (DomainName(f"{label}.example.com.") for label in ("shop", "api", "a.dev"))


def child(*sets: dict[str, Any]) -> WrittenZone:
    soa = {**SOA, "Name": "dev.example.com."}
    return read_zone_export(json.dumps({"ResourceRecordSets": [soa, *sets]}).encode(), "child.json")


def told(name: DomainName, *zones: WrittenZone, private: tuple[DomainName, ...] = ()) -> Written:
    return written_of(zones, [name], Authoritative(private_zones=tuple((zone, ()) for zone in private)))[name]


def test_a_domain_has_its_sets_where_they_lead_and_whose_they_are() -> None:
    zone = zone_of(
        alias("shop.example.com.", SetIdentifier="v1", Weight=70, HealthCheckId="hc"),
        plain("shop.example.com.", "AAAA", "2001:db8::1", SetIdentifier="v1", Weight=70),
        plain("a-shop.example.com.", "TXT", '"heritage=external-dns,external-dns/owner=eks-v1"'),
    )
    zone.health["hc"] = CheckHealth(is_healthy=False, why="0 of 4 checkers report success")  # type: ignore[index]  # a dict
    found = written_of([zone], [SHOP], Authoritative(), [TxtRegistry()])[SHOP]
    assert found == Written(
        zone=EXAMPLE,
        sets=(
            WrittenSet("A", (f"dualstack.{V1_WEB}",), "v1", 70, health=False),
            WrittenSet("AAAA", ("2001:db8::1",), "v1", 70),
        ),
        owners=("eks-v1",),
    )


def test_where_a_set_leads_is_bounded_and_so_is_what_is_gone_through_for_it() -> None:
    many = tuple(f"192.0.2.{number}" for number in range(MAX_SET_TARGETS + 1))
    assert told(SHOP, zone_of(plain("shop.example.com.", "A", *many))).sets[0].targets == many[:MAX_SET_TARGETS]
    for more, targets in ((0, ("192.0.2.1", "192.0.2.2")), (1, ("192.0.2.1",))):
        ends = ["192.0.2.1"] * (MAX_FOLLOWED - 1 + more) + ["192.0.2.2"]
        assert told(SHOP, zone_of(plain("shop.example.com.", "A", *ends))).sets[0].targets == targets


def test_ownership_of_one_name_is_told_up_to_a_bound() -> None:
    values = [f'"heritage=external-dns,external-dns/owner=eks-{number}"' for number in range(MAX_TOLD_TXTS + 1)]
    sets = [plain("a-shop.example.com.", "TXT", value, SetIdentifier=value[-4:], Weight=1) for value in values]
    found = told(SHOP, zone_of(alias("shop.example.com."), *sets))
    assert found.owners == tuple(f"eks-{number}" for number in range(MAX_TOLD_TXTS))


def test_what_route_53_chooses_by_is_told() -> None:
    found = told(SHOP, zone_of(alias("shop.example.com.", SetIdentifier="a", Failover="PRIMARY")))
    assert [one.routing for one in found.sets] == ["failover"]


def test_a_name_that_does_not_stand_is_told_with_its_zone_and_one_of_no_zone_without() -> None:
    assert told(API, zone_of(alias("shop.example.com."))) == Written(zone=EXAMPLE)
    assert told(DomainName("shop.example.net."), zone_of()) == Written()


def test_a_wildcard_stands_for_what_it_covers() -> None:
    assert told(API, zone_of(alias("*.example.com."))).sets[0].targets == (f"dualstack.{V1_WEB}",)


def test_the_nearest_zone_holds_a_name_and_one_that_is_handed_on_is_held_by_none_that_was_read() -> None:
    above = zone_of(plain("dev.example.com.", "NS", "ns-1.example.org."), alias("a.dev.example.com."))
    assert told(DEEP, above, child(plain("a.dev.example.com.", "A", "192.0.2.9"))).sets[0].targets == ("192.0.2.9",)
    assert told(DEEP, above) == Written()


def test_each_view_is_looked_up_in_its_own_zone() -> None:
    public, private = (
        zone_of(plain("shop.example.com.", "A", "192.0.2.1")),
        zone_of(PRIVATE_NS, plain("shop.example.com.", "A", "10.0.0.1")),
    )
    for zones in ((public, private), (private, public)):
        assert told(SHOP, *zones).sets[0].targets == ("192.0.2.1",)
        inside = told(SHOP, *zones, private=(EXAMPLE,))
        assert (inside.sets[0].targets, inside.is_private) == (("10.0.0.1",), True)
    assert (told(SHOP, private).zone, told(SHOP, private).sets) == (None, ())
    assert told(SHOP, private).other_sets[0].targets == ("10.0.0.1",)


def test_sets_without_end_are_bounded() -> None:
    many = [alias("shop.example.com.", SetIdentifier=str(number), Weight=1) for number in range(2 * MAX_SETS)]
    assert len(told(SHOP, zone_of(*many)).sets) == MAX_SETS


def test_names_that_lead_to_names_that_lead_to_names_come_to_an_end() -> None:
    tangle = [
        {**alias(f"n{level}.example.com.", SetIdentifier=str(number), Weight=1),
         "AliasTarget": {"HostedZoneId": "Z1", "DNSName": f"n{level + 1}.example.com.", "EvaluateTargetHealth": False}}
        for level in range(8)
        for number in range(20)
    ]  # fmt: skip
    found = told(DomainName("n0.example.com."), zone_of(*tangle, plain("n8.example.com.", "A", "192.0.2.1")))
    assert {target for one in found.sets for target in one.targets} == {"192.0.2.1"}
