import random
import re

import pytest

from probe.lab.addresses import SIDE_V1, SIDE_V2, AddressPool
from probe.lab.load_balancer import LoadBalancers, generated_name
from probe.model.name import DomainName
from probe.route53.answer import Surroundings, answer
from probe.route53.health import Health
from probe.route53.reply import ServedQuery, ServedReply
from tests.lab.builders import V1_ALB, V2_ALB

REGION = "eu-west-1"


def region_answers(balancers: LoadBalancers, name: str, rdtype: str = "A", times: int = 1) -> list[ServedReply]:
    surroundings = Surroundings(balancers, Health(), random.Random(1))
    query = ServedQuery(DomainName(name), rdtype)
    return [answer(balancers.zone_version(REGION), query, surroundings) for _ in range(times)]


def serving() -> LoadBalancers:
    balancers = LoadBalancers()
    balancers.serve(REGION, [DomainName("ns-1.awsdns-00.com.")])
    return balancers


def test_generated_names_look_like_the_controllers() -> None:
    name = generated_name("Storefront", "web-ingress", REGION, random.Random(1))
    assert re.fullmatch(r"k8s-storefro-web-ingr-[0-9a-f]{10}-\d{9,10}\.eu-west-1\.elb\.amazonaws\.com\.", name)


def test_a_load_balancer_has_as_many_addresses_of_each_family_as_nodes() -> None:
    balancer = serving().create(V1_ALB, AddressPool(SIDE_V1), nodes=3)
    assert balancer.addresses("A") == ("198.51.100.1", "198.51.100.2", "198.51.100.3")
    assert len(balancer.addresses("AAAA")) == 3
    assert balancer.addresses("TXT") == ()
    assert balancer.hosted_zone_id == "Z32O12XQLNTSW2"


def test_one_without_ipv6_has_no_aaaa() -> None:
    balancers = serving()
    balancers.create(V1_ALB, AddressPool(SIDE_V1), dual_stack=False)
    (reply,) = region_answers(balancers, V1_ALB, "AAAA")
    assert (reply.rcode, reply.answer) == ("NOERROR", ())


def test_its_name_answers_with_ttl_60_in_changing_order() -> None:
    balancers = serving()
    balancers.create(V1_ALB, AddressPool(SIDE_V1))
    replies = region_answers(balancers, V1_ALB, times=50)
    assert {reply.answer[0].ttl for reply in replies} == {60}
    assert len({reply.answer[0].values for reply in replies}) == 6
    assert len({frozenset(reply.answer[0].values) for reply in replies}) == 1


def test_an_answer_shows_at_most_eight_of_many_addresses() -> None:
    balancers = serving()
    balancers.create(V1_ALB, AddressPool(SIDE_V1), nodes=24)
    replies = region_answers(balancers, V1_ALB, times=60)
    assert {len(reply.answer[0].values) for reply in replies} == {8}
    assert len(set().union(*(reply.answer[0].values for reply in replies))) == 24


def test_the_dualstack_name_is_the_same_load_balancer() -> None:
    balancers = serving()
    balancers.create(V1_ALB, AddressPool(SIDE_V1), nodes=1)
    (reply,) = region_answers(balancers, f"dualstack.{V1_ALB}")
    assert reply.answer[0].values == ("198.51.100.1",)
    assert balancers.addresses(DomainName(f"dualstack.{V1_ALB}"), "A") == ("198.51.100.1",)


def test_scaling_retires_the_oldest_and_adds_new_addresses() -> None:
    balancers = serving()
    balancer = balancers.create(V1_ALB, AddressPool(SIDE_V1), nodes=3)
    balancers.replace_node(balancer)
    assert balancer.addresses("A") == ("198.51.100.2", "198.51.100.3", "198.51.100.4")
    balancers.scale(balancer, 1)
    assert balancer.addresses("A") == ("198.51.100.4",)
    (reply,) = region_answers(balancers, V1_ALB)
    assert reply.answer[0].values == ("198.51.100.4",)


def test_a_deleted_load_balancer_ceases_to_resolve_and_its_name_is_free() -> None:
    balancers = serving()
    balancer = balancers.create(V1_ALB, AddressPool(SIDE_V1))
    balancers.create(V2_ALB, AddressPool(SIDE_V2))
    balancers.delete(balancer)
    gone, other = (region_answers(balancers, name)[0] for name in (V1_ALB, V2_ALB))
    assert (gone.rcode, other.rcode) == ("NXDOMAIN", "NOERROR")
    assert balancers.addresses(V1_ALB, "A") == ()
    balancers.create(V1_ALB, AddressPool(SIDE_V1))


def test_released_addresses_come_back_only_when_no_fresh_one_is_left() -> None:
    balancers = serving()
    pool = AddressPool(("198.51.100.0/29", "2001:db8:1::/125"))
    first = balancers.create(V1_ALB, pool, nodes=4)
    old = first.addresses("A")
    balancers.delete(first)
    second = balancers.create(V2_ALB, pool, nodes=4)
    assert second.addresses("A") == ("198.51.100.5", "198.51.100.6", *old[:2])
    with pytest.raises(LookupError, match="no IPv4 address left"):
        balancers.scale(second, 7)


def test_a_name_has_to_be_new_and_in_a_known_region() -> None:
    balancers = serving()
    balancers.create(V1_ALB, AddressPool(SIDE_V1))
    for name in (V1_ALB, "k8s-x.mars-1.elb.amazonaws.com.", "www.example.com."):
        with pytest.raises(ValueError, match="cannot be named"):
            balancers.create(DomainName(name), AddressPool(SIDE_V1))


def test_each_region_has_its_own_zone() -> None:
    balancers = serving()
    seoul = DomainName("k8s-x.ap-northeast-2.elb.amazonaws.com.")
    balancers.create(seoul, AddressPool(SIDE_V2))
    balancers.create(V1_ALB, AddressPool(SIDE_V1))
    assert seoul not in balancers.zone_version(REGION).by_name
    assert V1_ALB in balancers.zone_version(REGION).by_name
