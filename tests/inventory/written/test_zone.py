"""What a zone answers a host with, where that leads, and whose it is."""

from probe.inventory.origin import Origin
from probe.inventory.written.zone import WrittenZone, make_zone
from probe.model.external_dns import TxtRegistry
from probe.model.name import DomainName
from probe.route53.records import ResourceRecordSet
from tests.inventory.manifests import V1_WEB
from tests.inventory.written.test_export import alias, plain, zone_of

MAX_CHAIN = 8
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

ZONE = zone_of(
    alias("a.example.com."),
    alias("a.example.com.", rdtype="AAAA"),
    plain("a-a.example.com.", "TXT", '"heritage=external-dns,external-dns/owner=eks-v1,external-dns/resource=x"'),
    plain("x-cname-b.example.com.", "TXT", '"heritage=external-dns,external-dns/owner=eks-v2"'),
    plain("b.example.com.", "CNAME", "a.example.com"),
    plain("loop.example.com.", "CNAME", "loop.example.com"),
    plain("out.example.com.", "CNAME", "D111.cloudfront.net."),
    plain("plain.example.com.", "A", "192.0.2.1", "192.0.2.2"),
    alias("\\052.w.example.com."),
    plain("below.x.w.example.com.", "A", "192.0.2.3"),
    plain("x.w.example.com.", "TXT", '"v=1"'),
)


def leads(zone: WrittenZone, host: str) -> list[str]:
    return [target for one in zone.standing(DomainName(host)) for target in zone.targets(one)]


def test_aliases_and_cnames_are_followed_to_their_end() -> None:
    balancer = f"dualstack.{V1_WEB}"
    assert leads(ZONE, "a.example.com.") == [balancer, balancer]
    assert leads(ZONE, "b.example.com.") == [balancer, balancer]
    assert leads(ZONE, "out.example.com.") == ["d111.cloudfront.net"]
    assert leads(ZONE, "plain.example.com.") == ["192.0.2.1", "192.0.2.2"]
    assert leads(ZONE, "loop.example.com.") == ["loop.example.com"]
    assert leads(ZONE, "none.example.com.") == []


def test_a_name_leads_through_eight_others_and_beyond_them_it_is_not_known_where() -> None:
    zone = zone_of(
        *(plain(f"n{step}.example.com.", "CNAME", f"n{step + 1}.example.com") for step in range(MAX_CHAIN + 1)),
        plain(f"n{MAX_CHAIN + 1}.example.com.", "A", "192.0.2.1"),
    )
    assert leads(zone, "n1.example.com.") == ["192.0.2.1"]
    assert leads(zone, "n0.example.com.") == [f"n{MAX_CHAIN + 1}.example.com"]


def test_a_wildcard_answers_for_what_is_not_there() -> None:
    assert len(leads(ZONE, "y.w.example.com.")) == 1
    assert len(leads(ZONE, "*.w.example.com.")) == 1
    assert leads(ZONE, "x.w.example.com.") == []  # it is there, with a TXT alone
    assert leads(ZONE, "y.x.w.example.com.") == []  # x.w is nearer than *.w


def test_hosts_are_the_names_that_lead_somewhere() -> None:
    assert DomainName("x.w.example.com.") not in set(ZONE.hosts())
    assert DomainName("*.w.example.com.") in set(ZONE.hosts())


def test_a_name_is_handed_on_by_the_ns_next_to_the_apex() -> None:
    zone = zone_of(
        plain("example.com.", "NS", "ns-1.example.org."),
        plain("dev.example.com.", "NS", "ns-2.example.org."),
        plain("a.dev.example.com.", "NS", "ns-3.example.org."),
    )
    for name in ("dev.example.com.", "a.dev.example.com.", "*.b.a.dev.example.com."):
        found = zone.delegation(DomainName(name))
        assert found is not None
        assert found.name == "dev.example.com."
    for name in ("example.com.", "shop.example.com.", "shop.example.net."):
        assert zone.delegation(DomainName(name)) is None


def test_owners_are_those_that_any_flags_would_read() -> None:
    assert ZONE.owners(DomainName("a.example.com."), ()) == ("eks-v1",)
    assert ZONE.owners(DomainName("b.example.com."), ()) == ()
    assert ZONE.owners(DomainName("b.example.com."), [TxtRegistry(prefix="x-")]) == ("eks-v2",)


def test_a_zone_of_the_root_has_an_end() -> None:
    zone = make_zone(
        [
            ResourceRecordSet(DomainName("."), "SOA", 900, ("a. b. 1 2 3 4 5",)),
            *ZONE.by_name[DomainName("a.example.com.")],
        ],
        Origin("zone.json"),
    )
    assert zone.standing(DomainName("b.example.com.")) == ()
