import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from probe.lab.addresses import SIDE_V1, AddressPool
from probe.lab.internet import Internet
from probe.lab.nameserver import LabNameServer
from probe.lab.resolver_cache import CachePolicy
from probe.model.name import canonical
from probe.route53.records import Change, ResourceRecordSet
from probe.route53.reply import ServedQuery, ServedReply
from tests.lab.builders import V1_ALB, StandingClock, alias, create, delete, plain, upsert, weighted


class Lab:
    """One zone, one resolver, one clock."""

    def __init__(
        self, policy: CachePolicy | None = None, *, caches: int = 1, records: Sequence[ResourceRecordSet] = ()
    ) -> None:
        self.clock = StandingClock()
        self.internet = Internet(self.clock, random.Random(1))
        self.internet.load_balancers.create(V1_ALB, AddressPool(SIDE_V1))
        self.zone = self.internet.create_hosted_zone(canonical("example.com"))
        self.resolver = self.internet.add_resolver("public", caches=caches, policy=policy)
        self.write(create(plain("web.example.com", "A", "192.0.2.1", ttl=300), *records))

    def write(self, changes: Sequence[Change]) -> None:
        self.zone.change(changes)
        self.internet.settle()

    def move(self, last: int) -> None:
        self.write(upsert(plain("web.example.com", "A", f"192.0.2.{last}", ttl=300)))

    def ask(self, name: str = "web.example.com", rdtype: str = "A", *, recursion: bool = True) -> ServedReply:
        reply = self.resolver.answer(ServedQuery(canonical(name), rdtype, recursion))
        assert reply is not None
        return reply

    def address(self) -> str:
        return self.ask().answer[-1].values[0]

    def silence(self, *, silent: bool = True) -> None:
        for server in self.internet.servers_of(self.zone):
            server.impairment.silent = silent


class Nowhere:
    """Root servers of a hundred addresses at which nobody is."""

    def __init__(self, one: LabNameServer) -> None:
        self.root_servers = (replace(one, addresses=tuple(f"198.51.100.{n}" for n in range(100))),)
        self.asked: list[str] = []

    def server_at(self, address: str) -> LabNameServer | None:
        self.asked.append(address)
        return None


def test_an_answer_is_recursive_and_without_authority() -> None:
    reply = Lab().ask()
    assert (reply.recursion_available, reply.authoritative) == (True, False)
    assert (reply.answer[0].ttl, reply.answer[0].values) == (300, ("192.0.2.1",))


def test_the_ttl_is_counted_down_until_the_authority_is_asked_again() -> None:
    lab = Lab()
    lab.ask()
    lab.move(2)
    lab.clock.seconds += 299
    assert (lab.ask().answer[0].ttl, lab.address()) == (1, "192.0.2.1")
    lab.clock.seconds += 1
    assert (lab.ask().answer[0].ttl, lab.address()) == (300, "192.0.2.2")


def test_several_caches_behind_one_address_remember_different_answers() -> None:
    lab = Lab(caches=4)
    lab.ask()
    lab.move(2)
    seen = [lab.address() for _ in range(60)]
    assert set(seen) == {"192.0.2.1", "192.0.2.2"}
    lab.clock.seconds += 300
    assert {lab.address() for _ in range(60)} == {"192.0.2.2"}


def test_an_absence_is_cached_for_fifteen_minutes_and_covers_every_type() -> None:
    lab = Lab()
    reply = lab.ask("new.example.com")
    assert (reply.rcode, reply.authority[0].rdtype, reply.authority[0].ttl) == ("NXDOMAIN", "SOA", 900)
    lab.write(create(plain("new.example.com", "A", "192.0.2.9")))
    lab.clock.seconds += 899
    reply = lab.ask("new.example.com", "AAAA")
    assert (reply.rcode, reply.authority[0].ttl) == ("NXDOMAIN", 1)
    lab.clock.seconds += 1
    assert lab.ask("new.example.com").answer[0].values == ("192.0.2.9",)


def test_nodata_is_cached_for_its_type_only() -> None:
    lab = Lab()
    assert (lab.ask(rdtype="AAAA").rcode, lab.ask(rdtype="AAAA").answer) == ("NOERROR", ())
    lab.write(create(plain("web.example.com", "AAAA", "2001:db8::1"), plain("web.example.com", "TXT", '"x"')))
    assert lab.ask(rdtype="AAAA").answer == ()
    assert lab.ask(rdtype="TXT").answer != ()


def test_negative_answers_may_be_capped() -> None:
    lab = Lab(CachePolicy(most_negative_ttl=300))
    assert lab.ask("new.example.com").authority[0].ttl == 300
    lab.write(create(plain("new.example.com", "A", "192.0.2.9")))
    lab.clock.seconds += 300
    assert lab.ask("new.example.com").rcode == "NOERROR"


def test_ttls_may_be_stretched_and_cut() -> None:
    stretched = Lab(CachePolicy(least_ttl=600))
    stretched.ask()
    stretched.move(2)
    stretched.clock.seconds += 599
    assert stretched.address() == "192.0.2.1"
    cut = Lab(CachePolicy(most_ttl=30))
    cut.ask()
    cut.move(2)
    cut.clock.seconds += 30
    assert cut.address() == "192.0.2.2"


def test_a_cname_is_followed_out_of_the_zone_and_each_link_has_its_own_ttl() -> None:
    lab = Lab(records=[plain("www.example.com", "CNAME", V1_ALB, ttl=300)])
    reply = lab.ask("www.example.com")
    assert [(one.rdtype, one.ttl) for one in reply.answer] == [("CNAME", 300), ("A", 60)]
    lab.clock.seconds += 70
    reply = lab.ask("www.example.com")
    assert [(one.rdtype, one.ttl) for one in reply.answer] == [("CNAME", 230), ("A", 60)]


def test_a_cname_to_a_missing_name_is_nxdomain_from_cache_too() -> None:
    lab = Lab(records=[plain("www.example.com", "CNAME", "k8s-gone.eu-west-1.elb.amazonaws.com")])
    for _ in range(2):
        reply = lab.ask("www.example.com")
        assert (reply.rcode, [one.rdtype for one in reply.answer]) == ("NXDOMAIN", ["CNAME"])
    assert lab.ask("www.example.com", "CNAME").answer[0].rdtype == "CNAME"


def test_cnames_in_a_circle_are_a_failure() -> None:
    lab = Lab(
        records=[plain("a.example.com", "CNAME", "b.example.com"), plain("b.example.com", "CNAME", "a.example.com")]
    )
    assert lab.ask("a.example.com").rcode == "SERVFAIL"


def test_ten_cnames_are_followed_and_no_more() -> None:
    """From zone to zone, so that no server tells more than one link."""
    names = [f"c{n}.example.{('com', 'net')[n % 2]}" for n in range(12)]
    links = [plain(name, "CNAME", target, ttl=60) for target, name in pairwise(names)]
    lab = Lab(records=[plain(names[0], "A", "192.0.2.9"), *links[1::2]])
    lab.internet.create_hosted_zone(canonical("example.net")).change(create(*links[::2]))
    lab.internet.settle()
    assert lab.ask(names[11]).rcode == "SERVFAIL"
    lab.resolver.flush()
    for _ in range(2):  # by walking, and out of the cache
        assert len(lab.ask(names[10]).answer) == 11


def test_a_walk_that_leads_nowhere_ends_after_sixty_four_questions() -> None:
    lab = Lab()
    nowhere = lab.resolver.authorities = Nowhere(lab.internet.servers_of(lab.zone)[0])
    assert lab.ask().rcode == "SERVFAIL"
    assert len(nowhere.asked) == 64


def test_a_weighted_draw_stays_in_the_cache_for_its_ttl() -> None:
    sets = [
        weighted("w.example.com", "A", side, 50, f"192.0.2.{last}", ttl=60) for side, last in (("v1", 1), ("v2", 2))
    ]
    lab = Lab(records=sets)
    draws = []
    for _ in range(60):
        first = lab.ask("w.example.com").answer[0].values
        lab.clock.seconds += 30
        assert lab.ask("w.example.com").answer[0].values == first
        lab.clock.seconds += 31
        draws.append(first)
    assert set(draws) == {("192.0.2.1",), ("192.0.2.2",)}


def test_silent_and_lame_servers_are_passed_over() -> None:
    lab = Lab()
    first, second, third, _ = lab.internet.servers_of(lab.zone)
    first.impairment.silent = second.impairment.lame = third.impairment.failing = True
    for _ in range(10):
        lab.resolver.flush()
        assert lab.address() == "192.0.2.1"


def test_without_any_authority_the_answer_is_servfail() -> None:
    lab = Lab()
    lab.silence()
    reply = lab.ask()
    assert (reply.rcode, reply.recursion_available, reply.answer) == ("SERVFAIL", True, ())


def test_stale_answers_are_served_only_while_the_authority_fails_and_not_for_ever() -> None:
    lab = Lab(CachePolicy(stale_for=3600))
    lab.ask()
    lab.move(2)
    lab.silence()
    lab.clock.seconds += 1000
    reply = lab.ask()
    assert (reply.answer[0].values, reply.answer[0].ttl) == (("192.0.2.1",), 30)
    assert reply.errors == (3,)  # RFC 8914 section 4.4
    lab.silence(silent=False)
    assert (lab.address(), lab.ask().errors) == ("192.0.2.2", ())
    lab.silence()
    lab.clock.seconds += 300 + 3600
    assert lab.ask().rcode == "SERVFAIL"


def test_a_stale_absence_says_what_it_is() -> None:
    lab = Lab(CachePolicy(stale_for=3600))
    lab.ask("gone.example.com")
    lab.silence()
    lab.clock.seconds += 1000
    reply = lab.ask("gone.example.com")
    assert (reply.rcode, reply.errors) == ("NXDOMAIN", (19,))  # RFC 8914 section 4.20


def test_prefetch_renews_a_popular_name_before_it_expires() -> None:
    lab = Lab(CachePolicy(prefetch_below=0.1))
    lab.ask()
    lab.move(2)
    lab.clock.seconds += 269
    assert lab.address() == "192.0.2.1"
    assert lab.address() == "192.0.2.1"
    lab.clock.seconds += 2
    assert lab.address() == "192.0.2.1"
    assert (lab.ask().answer[0].ttl, lab.address()) == (300, "192.0.2.2")


def test_without_recursion_only_what_is_cached_is_told() -> None:
    lab = Lab()
    assert lab.ask(recursion=False).rcode == "REFUSED"
    lab.ask()
    assert lab.ask(recursion=False).answer[0].values == ("192.0.2.1",)


def test_an_alias_is_cached_for_the_load_balancers_ttl() -> None:
    lab = Lab(records=[alias("shop.example.com", "A")])
    assert lab.ask("shop.example.com").answer[0].ttl == 60


def test_a_name_that_is_created_after_deletion_stays_absent_in_the_cache() -> None:
    lab = Lab()
    lab.write(delete(plain("web.example.com", "A", "192.0.2.1", ttl=300)))
    assert lab.ask().rcode == "NXDOMAIN"
    lab.write(create(plain("web.example.com", "A", "192.0.2.2", ttl=300)))
    lab.clock.seconds += 600
    assert lab.ask().rcode == "NXDOMAIN"
    lab.resolver.flush()
    assert lab.ask().rcode == "NOERROR"


def test_a_name_under_a_foreign_top_level_domain_does_not_exist() -> None:
    assert Lab().ask("www.example.museum").rcode == "NXDOMAIN"


@pytest.mark.parametrize(("kind", "rcode"), [("lame", "REFUSED"), ("failing", "SERVFAIL")])
def test_an_impaired_resolver_says_so(kind: str, rcode: str) -> None:
    lab = Lab()
    setattr(lab.resolver.impairment, kind, True)
    assert lab.ask().rcode == rcode


def test_a_silent_resolver_says_nothing() -> None:
    lab = Lab()
    lab.resolver.impairment.silent = True
    assert lab.resolver.answer(ServedQuery(canonical("web.example.com"), "A", recursion_desired=True)) is None


def test_a_moved_delegation_is_followed_when_the_old_one_expires() -> None:
    lab = Lab()
    lab.ask()
    again = lab.internet.create_hosted_zone(canonical("example.com"))
    again.change(create(plain("web.example.com", "A", "192.0.2.77", ttl=300)))
    lab.internet.settle()
    lab.clock.seconds += 400
    assert lab.address() == "192.0.2.1"
    lab.clock.seconds += 172800
    assert lab.address() == "192.0.2.77"
