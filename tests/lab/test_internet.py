import random

import pytest

from probe.lab.addresses import SIDE_V1, AddressPool
from probe.lab.internet import Internet
from probe.model.name import DomainName, canonical
from probe.route53.reply import ServedQuery, ServedReply
from tests.lab.builders import V1_ALB, StandingClock, create, plain, upsert

LONGEST_DELAY = 60.0
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""


def ask(internet: Internet, server: DomainName, name: str, rdtype: str = "A") -> ServedReply:
    reply = internet.hierarchy.name_server(server).answer(ServedQuery(canonical(name), rdtype))
    assert reply is not None
    return reply


def test_a_hosted_zone_gets_four_servers_one_of_each_stripe_that_know_it() -> None:
    internet = Internet(StandingClock(), random.Random(1))
    zone = internet.create_hosted_zone(canonical("example.com"))
    assert [name.split(".", 2)[2] for name in zone.name_servers] == ["com.", "net.", "org.", "co.uk."]
    for server in internet.servers_of(zone):
        assert ask(internet, server.name, "example.com", "SOA").authoritative


def test_the_parent_refers_to_the_delegation_set() -> None:
    internet = Internet(StandingClock(), random.Random(1))
    zone = internet.create_hosted_zone(canonical("shop.example.co.kr"))
    reply = ask(internet, DomainName("a.nic.kr."), "www.shop.example.co.kr")
    assert (reply.authoritative, reply.authority[0].name) == (False, "shop.example.co.kr.")
    assert reply.authority[0].values == zone.name_servers


def test_a_zone_below_a_hosted_zone_is_delegated_from_there() -> None:
    internet = Internet(StandingClock(), random.Random(1))
    above = internet.create_hosted_zone(canonical("example.com"))
    below = internet.create_hosted_zone(canonical("app.example.com"))
    internet.settle()
    assert ask(internet, above.name_servers[0], "web.app.example.com").authority[0].values == below.name_servers
    assert ask(internet, DomainName("a.gtld-servers.net."), "web.app.example.com").authority[0].name == "example.com."


def test_a_second_zone_of_the_same_name_takes_the_delegation() -> None:
    internet = Internet(StandingClock(), random.Random(1))
    old = internet.create_hosted_zone(canonical("example.com"))
    new = internet.create_hosted_zone(canonical("example.com"))
    reply = ask(internet, DomainName("a.gtld-servers.net."), "example.com")
    assert reply.authority[0].values == new.name_servers != old.name_servers
    assert internet.route53.longest_match(DomainName("example.com.")) is new


def test_name_servers_that_share_a_domain_are_all_found() -> None:
    internet = Internet(StandingClock(), random.Random(1))
    for name in ("ns-8.awsdns-01.com.", "ns-9.awsdns-01.com."):
        internet.hierarchy.name_server(DomainName(name))
    reply = ask(internet, DomainName("a.gtld-servers.net."), "ns-9.awsdns-01.com")
    assert reply.authority[0].values == ("ns-8.awsdns-01.com.", "ns-9.awsdns-01.com.")
    assert {one.name for one in reply.additional} == set(reply.authority[0].values)
    for name in reply.authority[0].values:
        assert ask(internet, DomainName(name), "ns-9.awsdns-01.com").answer[0].values == (
            internet.hierarchy.name_server(DomainName("ns-9.awsdns-01.com.")).addresses[0],
        )


def test_taking_a_delegation_away_makes_the_parent_deny_the_zone() -> None:
    internet = Internet(StandingClock(), random.Random(1))
    zone = internet.create_hosted_zone(canonical("example.com"))
    internet.hierarchy.undelegate(zone.name)
    assert ask(internet, DomainName("a.gtld-servers.net."), "web.example.com").rcode == "NXDOMAIN"
    assert ask(internet, zone.name_servers[0], "example.com", "NS").authoritative


def test_a_server_that_drops_a_zone_is_lame_for_it() -> None:
    internet = Internet(StandingClock(), random.Random(1))
    zone = internet.create_hosted_zone(canonical("example.com"))
    server = internet.servers_of(zone)[0]
    server.drop(zone.name)
    assert zone.name not in server.zones
    assert ask(internet, server.name, "example.com", "SOA").rcode == "REFUSED"


def test_changes_reach_the_servers_within_a_minute_and_a_stuck_one_never() -> None:
    clock = StandingClock()
    internet = Internet(clock, random.Random(1))
    zone = internet.create_hosted_zone(canonical("example.com"), machines=4)
    stuck, *others = zone.name_servers
    internet.set_stuck(zone, stuck, stuck=True)
    zone.change(create(plain("web.example.com", "A", "192.0.2.1")))
    assert {ask(internet, name, "web.example.com").rcode for name in zone.name_servers} == {"NXDOMAIN"}
    clock.seconds += LONGEST_DELAY
    assert {ask(internet, name, "web.example.com").rcode for name in others for _ in range(20)} == {"NOERROR"}
    assert {ask(internet, stuck, "web.example.com").rcode for _ in range(20)} == {"NXDOMAIN"}
    internet.set_stuck(zone, stuck, stuck=False)
    assert internet.propagation(zone).in_sync()


def test_one_stuck_machine_makes_its_server_disagree_with_itself() -> None:
    internet = Internet(StandingClock(), random.Random(1))
    zone = internet.create_hosted_zone(canonical("example.com"), machines=4)
    zone.change(create(plain("web.example.com", "A", "192.0.2.1")))
    internet.settle()
    internet.set_stuck(zone, zone.name_servers[0], stuck=True, machine=2)
    zone.change(upsert(plain("web.example.com", "A", "192.0.2.2")))
    internet.settle()
    answers = [
        {ask(internet, name, "web.example.com").answer[0].values for _ in range(40)} for name in zone.name_servers
    ]
    assert answers == [{("192.0.2.1",), ("192.0.2.2",)}, *[{("192.0.2.2",)}] * 3]


def test_the_load_balancers_zone_is_reached_through_amazons() -> None:
    internet = Internet(StandingClock(), random.Random(1))
    internet.load_balancers.create(V1_ALB, AddressPool(SIDE_V1))
    (amazon,) = ask(internet, DomainName("a.gtld-servers.net."), V1_ALB).authority
    assert amazon.name == "amazonaws.com."
    (region,) = ask(internet, DomainName(amazon.values[0]), V1_ALB).authority
    assert region.name == "eu-west-1.elb.amazonaws.com."
    assert ask(internet, DomainName(region.values[0]), V1_ALB).authoritative


def test_an_unknown_region_is_refused() -> None:
    with pytest.raises(ValueError, match="no region 'mars-1'"):
        Internet(StandingClock(), random.Random(1), ["mars-1"])


def test_equal_seeds_build_equal_worlds() -> None:
    def names(seed: int) -> list[str]:
        internet = Internet(StandingClock(), random.Random(seed))
        internet.create_hosted_zone(canonical("example.com"))
        return [server.name for server in internet.hierarchy.servers]

    assert names(1) == names(1) != names(2)


def test_no_address_is_given_out_twice() -> None:
    internet = Internet(StandingClock(), random.Random(1))
    for number in range(20):
        internet.create_hosted_zone(canonical(f"example{number}.com"))
    internet.add_resolver("public")
    given = [address for host in internet.hosts for address in host.addresses]
    assert len(given) == len(set(given))
    assert all(internet.hierarchy.server_at(one.addresses[0]) is one for one in internet.hierarchy.servers)


def test_a_server_hosts_a_zone_with_one_source_for_each_of_its_machines() -> None:
    internet = Internet(StandingClock(), random.Random(1))
    server = internet.hierarchy.name_server(DomainName("ns-1.awsdns-00.com."), machines=2)
    version = internet.create_hosted_zone(canonical("example.com")).version
    with pytest.raises(ValueError, match="has 2 machines, not 3"):
        server.host(version.name, [lambda: version] * 3)
