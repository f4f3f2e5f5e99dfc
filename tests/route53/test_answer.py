import random
from collections import Counter

import pytest

from probe.model.name import DomainName
from probe.model.plan import Routing
from probe.route53.answer import answer
from probe.route53.health import Health
from probe.route53.hosted_zone import HostedZone
from probe.route53.records import PRIMARY, SECONDARY, RoutedBy
from probe.route53.reply import ServedQuery, ServedReply
from tests.lab.builders import (
    V1_ALB,
    V2_ALB,
    Addresses,
    alias,
    around,
    ask,
    create,
    hosted_zone,
    plain,
    upsert,
    weighted,
)

ALIAS_MOST_ADDRESSES = 8
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

NS = "ns-2048.awsdns-64.com."
DRAWS = 4000


def values(reply: ServedReply) -> tuple[str, ...]:
    return reply.answer[-1].values


def shares(zone: HostedZone, health: Health | None = None, rdtype: str = "A") -> Counter[str]:
    """Count which first value each of many answers shows."""
    surroundings = around(7, health)
    query = ServedQuery(DomainName("web.example.com."), rdtype)
    return Counter(min(values(answer(zone.version, query, surroundings))) for _ in range(DRAWS))


def pair(v1: int, v2: int, rdtype: str = "A") -> HostedZone:
    return hosted_zone(
        alias("web.example.com", rdtype, V1_ALB, set_identifier="v1", weight=v1),
        alias("web.example.com", rdtype, V2_ALB, set_identifier="v2", weight=v2),
    )


def test_a_plain_record_set_is_answered_with_authority_and_the_zones_name_servers() -> None:
    reply = ask(hosted_zone(plain("web.example.com", "A", "192.0.2.1", "192.0.2.2")), "web.example.com")
    assert reply.authoritative
    assert not reply.recursion_available
    assert (reply.answer[0].ttl, sorted(values(reply))) == (300, ["192.0.2.1", "192.0.2.2"])
    assert (reply.authority[0].rdtype, reply.authority[0].values[0]) == ("NS", NS)


def test_the_name_servers_are_not_repeated_when_they_are_the_answer() -> None:
    reply = ask(hosted_zone(), "example.com", "NS")
    assert (reply.answer[0].values[0], reply.authority) == (NS, ())


def test_a_question_for_any_type_gets_every_type() -> None:
    zone = hosted_zone(plain("web.example.com", "A", "192.0.2.1"), plain("web.example.com", "TXT", '"x"'))
    assert {one.rdtype for one in ask(zone, "web.example.com", "ANY").answer} == {"A", "TXT"}


def test_an_alias_is_answered_with_bare_addresses_and_the_load_balancers_ttl() -> None:
    zone = hosted_zone(alias("web.example.com", "A"))
    reply = ask(zone, "web.example.com")
    assert [(one.name, one.rdtype, one.ttl) for one in reply.answer] == [("web.example.com.", "A", 60)]
    assert sorted(values(reply)) == ["198.51.100.1", "198.51.100.2"]


def test_an_alias_shows_at_most_eight_addresses_and_all_of_them_in_time() -> None:
    many = tuple(f"198.51.100.{n}" for n in range(1, 21))
    zone = hosted_zone(alias("web.example.com", "A"))
    surroundings = around(3, addresses=Addresses({(V1_ALB, "A"): many}))
    seen = [values(ask(zone, "web.example.com", surroundings=surroundings)) for _ in range(60)]
    assert {len(one) for one in seen} == {ALIAS_MOST_ADDRESSES}
    assert set().union(*seen) == set(many)


def test_an_alias_to_a_deleted_load_balancer_is_nodata() -> None:
    zone = hosted_zone(alias("web.example.com", "A"))
    reply = ask(zone, "web.example.com", surroundings=around(addresses=Addresses({("other.", "A"): ()})))
    assert (reply.rcode, reply.answer, reply.authority[0].rdtype) == ("NOERROR", (), "SOA")


def test_an_alias_of_one_type_says_nothing_about_the_other() -> None:
    zone = hosted_zone(alias("web.example.com", "A"))
    assert ask(zone, "web.example.com", "AAAA").answer == ()


def test_an_alias_within_the_zone_takes_the_targets_records_under_its_own_name() -> None:
    zone = hosted_zone(plain("web.example.com", "A", "192.0.2.1", ttl=42))
    zone.change(create(alias("www.example.com", "A", "web.example.com", "Z1")))
    zone.change(create(alias("example.com", "A", "www.example.com", "Z1")))
    reply = ask(zone, "example.com")
    assert [(one.name, one.ttl, one.values) for one in reply.answer] == [("example.com.", 42, ("192.0.2.1",))]


def test_aliases_in_a_circle_end_as_nodata() -> None:
    there = alias("b.example.com", "A", "a.example.com", "Z1")
    zone = hosted_zone(plain("a.example.com", "A", "192.0.2.1"))
    zone.change(create(there))
    zone.change(upsert(alias("a.example.com", "A", "b.example.com", "Z1")))
    reply = ask(zone, "b.example.com")
    assert (reply.rcode, reply.answer) == ("NOERROR", ())


@pytest.mark.parametrize(("v1", "v2", "expected"), [(70, 30, 0.7), (1, 255, 1 / 256), (1, 1, 0.5), (255, 0, 1.0)])
def test_weighted_sets_share_the_answers_by_weight(v1: int, v2: int, expected: float) -> None:
    share = shares(pair(v1, v2))["198.51.100.1"] / DRAWS
    assert share == pytest.approx(expected, abs=4 * (expected * (1 - expected) / DRAWS) ** 0.5)


def test_weights_that_are_all_zero_have_equal_chances() -> None:
    assert shares(pair(0, 0))["198.51.100.1"] / DRAWS == pytest.approx(0.5, abs=0.04)


def test_addresses_of_both_families_are_drawn_independently() -> None:
    zone = pair(50, 50)
    zone.change(
        create(
            alias("web.example.com", "AAAA", V1_ALB, set_identifier="v1", weight=50),
            alias("web.example.com", "AAAA", V2_ALB, set_identifier="v2", weight=50),
        )
    )
    surroundings = around(5)
    name = DomainName("web.example.com.")
    crossed = sum(
        values(answer(zone.version, ServedQuery(name, "A"), surroundings))[0].startswith("198.")
        != values(answer(zone.version, ServedQuery(name, "AAAA"), surroundings))[0].startswith("2001:db8:1:")
        for _ in range(DRAWS)
    )
    assert crossed / DRAWS == pytest.approx(0.5, abs=0.04)


def test_weighted_txt_alternates_like_any_other_type() -> None:
    zone = hosted_zone(
        weighted("web.example.com", "TXT", "v1", 90, '"owner=v1"'),
        weighted("web.example.com", "TXT", "v2", 10, '"owner=v2"'),
    )
    assert shares(zone, rdtype="TXT")['"owner=v2"'] / DRAWS == pytest.approx(0.1, abs=0.02)


def test_a_zero_weight_set_answers_when_every_weighted_one_is_unhealthy() -> None:
    health = Health()
    zone = pair(0, 100)
    assert shares(zone, health).keys() == {"203.0.113.1"}
    health.set_target(V2_ALB, healthy=False)
    assert shares(zone, health).keys() == {"198.51.100.1"}
    health.set_target(V2_ALB, healthy=True)
    assert shares(zone, health).keys() == {"203.0.113.1"}


def test_when_nothing_is_healthy_everything_counts_as_healthy() -> None:
    health = Health()
    health.set_target(V1_ALB, healthy=False)
    health.set_target(V2_ALB, healthy=False)
    assert shares(pair(0, 100), health).keys() == {"203.0.113.1"}


def test_an_unhealthy_set_is_passed_over_for_the_other_weighted_one() -> None:
    health = Health()
    health.set_target(V1_ALB, healthy=False)
    assert shares(pair(90, 10), health).keys() == {"203.0.113.1"}


def test_target_health_counts_only_where_the_alias_evaluates_it() -> None:
    health = Health()
    health.set_target(V1_ALB, healthy=False)
    zone = hosted_zone(
        alias("web.example.com", "A", V1_ALB, evaluate=False, set_identifier="v1", weight=100),
        alias("web.example.com", "A", V2_ALB, set_identifier="v2", weight=0),
    )
    assert shares(zone, health).keys() == {"198.51.100.1"}


def test_a_failing_health_check_takes_its_set_out() -> None:
    health = Health()
    health.set_check("hc-1", healthy=False)
    zone = hosted_zone(
        plain("web.example.com", "A", "192.0.2.1", set_identifier="v1", weight=100, health_check_id="hc-1"),
        plain("web.example.com", "A", "192.0.2.2", set_identifier="v2", weight=1, health_check_id="hc-2"),
    )
    assert shares(zone, health).keys() == {"192.0.2.2"}


def routed(routing: Routing, v1: str, v2: str) -> HostedZone:
    return hosted_zone(
        alias("web.example.com", "A", V1_ALB, set_identifier="v1", routed=RoutedBy(routing, v1)),
        alias("web.example.com", "A", V2_ALB, set_identifier="v2", routed=RoutedBy(routing, v2)),
    )


def test_failover_answers_the_primary_set_while_it_is_healthy() -> None:
    zone, health = routed(Routing.FAILOVER, SECONDARY, PRIMARY), Health()
    assert set(shares(zone, health)) == {"203.0.113.1"}
    health.set_target(V2_ALB, healthy=False)
    assert set(shares(zone, health)) == {"198.51.100.1"}
    health.set_target(V1_ALB, healthy=False)
    assert set(shares(zone, health)) == {"203.0.113.1"}, "where nothing is healthy everything counts as healthy"


@pytest.mark.parametrize("routing", [Routing.LATENCY, Routing.GEOLOCATION])
def test_latency_and_geolocation_answer_what_is_near_to_who_asks_and_healthy(routing: Routing) -> None:
    zone, health = routed(routing, "here", "there"), Health()
    query = ServedQuery(DomainName("web.example.com."), "A")
    near = around(7, health)._replace(nearest="there")
    assert values(answer(zone.version, query, near)) == ("203.0.113.1",)
    health.set_target(V2_ALB, healthy=False)
    assert sorted(values(answer(zone.version, query, near))) == ["198.51.100.1", "198.51.100.2"]


def test_multivalue_answers_the_healthy_records_of_all_sets_at_once() -> None:
    by = RoutedBy(Routing.MULTIVALUE)
    zone = hosted_zone(
        plain("web.example.com", "A", "192.0.2.1", set_identifier="v1", routed=by),
        plain("web.example.com", "A", "192.0.2.2", set_identifier="v2", routed=by),
    )
    assert sorted(values(ask(zone, "web.example.com"))) == ["192.0.2.1", "192.0.2.2"]


def test_a_simple_record_is_answered_whatever_its_health() -> None:
    health = Health()
    health.set_target(V1_ALB, healthy=False)
    assert shares(hosted_zone(alias("web.example.com", "A")), health).keys() == {"198.51.100.1"}


def test_health_reaches_through_aliases_within_the_zone() -> None:
    health = Health()
    health.set_target(V1_ALB, healthy=False)
    zone = hosted_zone(alias("v1.example.com", "A", V1_ALB), alias("v2.example.com", "A", V2_ALB))
    zone.change(
        create(
            alias("web.example.com", "A", "v1.example.com", "Z1", set_identifier="v1", weight=90),
            alias("web.example.com", "A", "v2.example.com", "Z1", set_identifier="v2", weight=10),
        )
    )
    assert shares(zone, health).keys() == {"203.0.113.1"}


def test_a_missing_name_is_nxdomain_with_the_soa() -> None:
    reply = ask(hosted_zone(), "web.example.com")
    assert (reply.rcode, reply.authoritative, reply.answer) == ("NXDOMAIN", True, ())
    (soa,) = reply.authority
    assert (soa.name, soa.ttl, soa.values[0].split(" ", 2)[2]) == ("example.com.", 900, "1 7200 900 1209600 86400")


def test_an_existing_name_without_the_type_is_nodata_with_the_soa() -> None:
    reply = ask(hosted_zone(plain("web.example.com", "TXT", '"x"')), "web.example.com")
    assert (reply.rcode, reply.answer, reply.authority[0].rdtype) == ("NOERROR", (), "SOA")


def test_a_name_with_names_below_it_exists() -> None:
    zone = hosted_zone(plain("_external-dns.a-web.example.com", "TXT", '"x"'))
    assert ask(zone, "a-web.example.com", "TXT").rcode == "NOERROR"
    assert ask(zone, "b-web.example.com", "TXT").rcode == "NXDOMAIN"


def test_a_wildcard_answers_for_names_that_do_not_exist() -> None:
    zone = hosted_zone(plain("*.example.com", "A", "192.0.2.1"), plain("web.example.com", "TXT", '"x"'))
    reply = ask(zone, "any.thing.example.com")
    assert (reply.answer[0].name, values(reply)) == ("any.thing.example.com.", ("192.0.2.1",))
    assert ask(zone, "web.example.com").answer == ()
    assert ask(zone, "below.web.example.com").rcode == "NXDOMAIN"
    assert ask(zone, "any.example.com", "TXT").rcode == "NOERROR"


def test_a_cname_out_of_the_zone_is_answered_alone() -> None:
    reply = ask(hosted_zone(plain("web.example.com", "CNAME", V1_ALB)), "web.example.com")
    assert [(one.rdtype, one.ttl, one.values) for one in reply.answer] == [("CNAME", 300, (V1_ALB,))]
    assert reply.authority[0].rdtype == "NS"


def test_a_cname_within_the_zone_is_followed() -> None:
    zone = hosted_zone(plain("www.example.com", "CNAME", "Web.example.com"), plain("web.example.com", "A", "192.0.2.1"))
    assert [one.rdtype for one in ask(zone, "www.example.com").answer] == ["CNAME", "A"]
    assert [one.rdtype for one in ask(zone, "www.example.com", "CNAME").answer] == ["CNAME"]


def test_a_target_is_followed_by_its_bytes_whatever_escapes_spell_it() -> None:
    zone = hosted_zone(
        plain("www.example.com", "CNAME", r"\127eb\100.Example.com"), plain("web\\@.example.com", "A", "192.0.2.1")
    )
    assert [one.rdtype for one in ask(zone, "www.example.com").answer] == ["CNAME", "A"]


def test_a_cname_to_a_missing_name_of_the_zone_is_nxdomain() -> None:
    reply = ask(hosted_zone(plain("www.example.com", "CNAME", "gone.example.com")), "www.example.com")
    assert (reply.rcode, len(reply.answer), reply.authority[0].rdtype) == ("NXDOMAIN", 1, "SOA")


def test_cnames_in_a_circle_end() -> None:
    zone = hosted_zone(
        plain("a.example.com", "CNAME", "b.example.com"), plain("b.example.com", "CNAME", "a.example.com")
    )
    assert {one.rdtype for one in ask(zone, "a.example.com").answer} == {"CNAME"}


def test_a_weighted_cname_names_one_target_at_a_time() -> None:
    zone = hosted_zone(
        weighted("web.example.com", "CNAME", "v1", 50, V1_ALB), weighted("web.example.com", "CNAME", "v2", 50, V2_ALB)
    )
    surroundings = around(2)
    assert {values(ask(zone, "web.example.com", surroundings=surroundings)) for _ in range(40)} == {
        (V1_ALB,),
        (V2_ALB,),
    }


def test_a_delegated_name_is_referred_without_authority() -> None:
    zone = hosted_zone(
        plain("app.example.com", "NS", "ns.app.example.com", "ns-1.awsdns-00.com"),
        plain("ns.app.example.com", "A", "192.0.2.9"),
    )
    for name in ("app.example.com", "web.app.example.com", "ns.app.example.com"):
        reply = ask(zone, name)
        assert (reply.authoritative, reply.answer) == (False, ())
        assert reply.authority[0].name == "app.example.com."
        assert [(one.name, one.values) for one in reply.additional] == [("ns.app.example.com.", ("192.0.2.9",))]


def test_a_cname_into_a_delegated_zone_is_left_to_the_asker() -> None:
    zone = hosted_zone(
        plain("app.example.com", "NS", "ns.example.net"), plain("www.example.com", "CNAME", "web.app.example.com")
    )
    reply = ask(zone, "www.example.com")
    assert (reply.authoritative, [one.rdtype for one in reply.answer]) == (True, ["CNAME"])


def test_equal_seeds_give_equal_answers() -> None:
    zone = pair(50, 50)

    def run(seed: int) -> list[ServedReply]:
        surroundings = around(seed)
        return [ask(zone, "web.example.com", surroundings=surroundings) for _ in range(50)]

    assert run(11) == run(11)
    assert run(11) != run(random.Random(1).randrange(100, 200))
