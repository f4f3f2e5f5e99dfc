from probe.model.name import DomainName, canonical
from probe.route53.hosted_zone import ZoneVersion, escape, longest_match
from tests.lab.builders import create, hosted_zone, plain, weighted


def test_a_new_zone_has_its_name_servers_and_the_default_soa() -> None:
    ns, soa = hosted_zone().record_sets()
    assert (ns.ttl, len(ns.values)) == (172800, 4)
    assert soa.ttl == 900
    assert soa.values == ("ns-2048.awsdns-64.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400",)


def test_record_sets_are_listed_by_reversed_labels_then_type_then_identifier() -> None:
    zone = hosted_zone(
        plain("b.a.example.com", "A", "192.0.2.1"),
        plain("a.example.com", "TXT", '"x"'),
        plain("a.example.com", "A", "192.0.2.1"),
        plain("*.example.com", "A", "192.0.2.1"),
        plain("a-z.example.com", "A", "192.0.2.1"),
        weighted("w.example.com", "A", "v2", 1, "192.0.2.1"),
        weighted("w.example.com", "A", "v1", 1, "192.0.2.1"),
    )
    assert [(record.name, record.rdtype, record.set_identifier) for record in zone.record_sets()] == [
        ("example.com.", "NS", ""),
        ("example.com.", "SOA", ""),
        ("*.example.com.", "A", ""),
        ("a-z.example.com.", "A", ""),
        ("a.example.com.", "A", ""),
        ("a.example.com.", "TXT", ""),
        ("b.a.example.com.", "A", ""),
        ("w.example.com.", "A", "v1"),
        ("w.example.com.", "A", "v2"),
    ]


def test_names_are_shown_with_octal_escapes() -> None:
    assert escape(canonical("*.example.com")) == r"\052.example.com."
    assert escape(canonical(r"a\064b_c-d.example.com")) == r"a\100b_c-d.example.com."


def test_a_subscriber_sees_the_present_version_and_each_later_one() -> None:
    zone = hosted_zone()
    seen: list[ZoneVersion] = []
    zone.subscribe(seen.append)
    zone.change(create(plain("web.example.com", "A", "192.0.2.1")))
    assert [version.number for version in seen] == [1, 2]
    assert seen[-1] is zone.version


def test_the_longest_zone_above_a_name_matches() -> None:
    zones = {DomainName("example.com."), DomainName("app.example.com.")}
    assert longest_match(zones, DomainName("x.app.example.com.")) == "app.example.com."
    assert longest_match(zones, DomainName("app.example.com.")) == "app.example.com."
    assert longest_match(zones, DomainName("xapp.example.com.")) == "example.com."
    assert longest_match(zones, DomainName("example.org.")) is None
