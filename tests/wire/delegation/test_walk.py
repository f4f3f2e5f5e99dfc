"""The walk as a whole, in a small internet of zone files."""

import asyncio

import pytest

from probe.model.delegation import Delegation, DelegationProblem
from probe.model.name import canonical
from probe.model.outcome import Response
from probe.model.plan import Authoritative, Endpoint
from probe.model.question import RecordType
from probe.model.server import CachedAnswers, Server, ServerRole, Transport
from probe.wire.delegation.root_hints import ROOT_HINTS
from probe.wire.delegation.walk import DelegationWalk
from probe.wire.delegation.walk_values import steps
from tests.wire.delegation.scene import (
    CHILD,
    COM_EXAMPLE,
    COM_SERVERS,
    EXAMPLE,
    NS1,
    NS1_V6,
    NS2,
    NS2_V6,
    PLAN,
    ROOT_SERVER,
    addresses,
    furnish,
    problems,
    sentences,
    stage,
    walk,
)
from tests.wire.delegation.world import World, names, refusing, silent

RETRY, REPEAT_AFTER, SECOND_OPINIONS = 5.0, 1.1, 3
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


def test_every_address_of_every_name_server_is_a_server_of_its_own() -> None:
    found, _ = walk(furnish)
    assert found.zone == "example.com."
    assert found.servers == (
        Server("ns1.example.com.", NS1, 53, ServerRole.AUTHORITATIVE, Transport.UDP, "authoritative"),
        Server("ns1.example.com.", NS1_V6),
        Server("ns2.example.com.", NS2),
        Server("ns2.example.com.", NS2_V6),
    )
    assert found.parent_ns == found.child_ns == names("ns1.example.com", "ns2.example.com")
    assert found.problems == ()


def test_without_a_start_the_walk_begins_at_a_root_server() -> None:
    def arrange(world: World) -> None:
        furnish(world)
        world.put(".", f"com. NS a.com-servers.org.\na.com-servers.org. A {COM_SERVERS[0]}\n", *roots)

    roots = [address for _, both in ROOT_HINTS for address in both]
    found, world = walk(arrange, plan=Authoritative())
    assert found.zone == "example.com."
    assert world.asked[0].server.address in roots


def test_no_server_is_told_more_of_the_name_than_it_needs() -> None:
    _, world = walk(furnish, "a.b.www.example.com.")
    told = {ask.question.name for ask in world.asked if ask.server.address == ROOT_SERVER}
    assert "com." in told
    assert not any(name.endswith("example.com.") for name in told)
    assert not any(
        ask.question.name.endswith("www.example.com.") for ask in world.asked if ask.server.address in COM_SERVERS
    )


def test_a_name_that_does_not_exist_yet_lies_in_the_zone_that_denies_it() -> None:
    found, _ = walk(furnish, "not-yet.deep.down.example.com.")
    assert found.zone == "example.com."
    assert addresses(found) == list(CHILD)
    assert found.problems == ()


def test_a_delegated_sub_zone_is_the_zone_of_its_names() -> None:
    def arrange(world: World) -> None:
        furnish(world, example=EXAMPLE + "app NS ns.app\nns.app A 198.51.100.50\n")
        world.put("app.example.com.", "@ NS ns\nns A 198.51.100.50\n", "198.51.100.50")

    found, _ = walk(arrange, "v1.app.example.com.")
    assert found.zone == "app.example.com."
    assert addresses(found) == ["198.51.100.50"]
    assert found.problems == ()
    beside, _ = walk(arrange, "app2.example.com.")
    assert beside.zone == "example.com."


def test_a_sub_zone_at_the_same_servers_as_its_parent_is_seen() -> None:
    def arrange(world: World) -> None:
        furnish(world, example=EXAMPLE + "app NS ns1\napp NS ns2\n")
        world.put("app.example.com.", "@ NS ns1.example.com.\n@ NS ns2.example.com.\n", *CHILD)

    found, _ = walk(arrange, "v1.app.example.com.")
    assert found.zone == "app.example.com."
    assert addresses(found) == list(CHILD)
    assert found.problems == ()


def test_the_name_may_be_the_zone_itself() -> None:
    found, _ = walk(furnish, "example.com.")
    assert found.zone == "example.com."


def test_the_zone_may_be_the_one_where_the_walk_starts() -> None:
    found, _ = walk(furnish, ".")
    assert found.zone == "."
    assert found.parent_ns == ()
    assert found.child_ns == names("a.root.invalid")
    assert addresses(found) == [ROOT_SERVER]
    assert problems(found) == [(DelegationProblem.UNRESOLVED, "a.root.invalid")]


@pytest.mark.parametrize("wrong", ["NXDOMAIN", "REFUSED", "SERVFAIL"])
def test_a_server_that_misjudges_an_empty_non_terminal_does_not_hide_the_zone_below(wrong: str) -> None:
    def arrange(world: World) -> None:
        furnish(world, example=EXAMPLE + "app.eu NS ns.app.eu\nns.app.eu A 198.51.100.50\n")
        world.put("app.eu.example.com.", "@ NS ns\nns A 198.51.100.50\n", "198.51.100.50")
        wrongly = Response(wrong, authoritative=True)
        world.behave(lambda asked, right: wrongly if asked.name == "eu.example.com." else right, *CHILD)

    found, _ = walk(arrange, "v1.app.eu.example.com.")
    assert found.zone == "app.eu.example.com."


def test_a_name_that_its_registry_denies_has_no_servers() -> None:
    found, world = walk(furnish, "www.nobody-has-it.com.")
    assert found.zone is None
    assert found.servers == ()
    assert problems(found) == [(DelegationProblem.NOT_FOUND, "www.nobody-has-it.com")]
    assert "By the zone com, www.nobody-has-it.com does not exist" in sentences(found)
    assert world.count() < 10


def test_without_any_answer_the_walk_ends_and_says_so() -> None:
    found, _ = walk(lambda _: None)
    assert found.zone is None
    assert problems(found) == [(DelegationProblem.NOT_FOUND, "www.example.com")]
    assert "No server of the root answers" in sentences(found)


def test_a_start_that_refuses_everything_is_told_from_a_silent_one() -> None:
    def arrange(world: World) -> None:
        furnish(world)
        world.behave(refusing, ROOT_SERVER)

    found, _ = walk(arrange)
    assert "gives a usable answer" in sentences(found)


def test_the_walk_may_start_at_a_server_that_knows_only_the_zone() -> None:
    plan = Authoritative(start=(Endpoint(NS1),))
    found, _ = walk(furnish, plan=plan)
    assert found.zone == "example.com."
    assert addresses(found) == list(CHILD)


def test_overrides_are_answered_without_a_question_and_the_longest_one_wins() -> None:
    plan = Authoritative(
        overrides=(
            (canonical("example.com"), (Endpoint("192.0.2.90"),)),
            (canonical("app.example.com"), (Endpoint("192.0.2.91", 5353), Endpoint("2001:db8::91"))),
            (canonical("com"), (Endpoint("192.0.2.92"),)),
        )
    )
    found, world = walk(furnish, "v1.app.example.com.", plan)
    assert found.zone == "app.example.com."
    assert found.servers == (
        Server("192.0.2.91", "192.0.2.91", 5353, cached=CachedAnswers.ADMITTED),
        Server("2001:db8::91", "2001:db8::91", 53, cached=CachedAnswers.ADMITTED),
    )
    assert found.problems == ()
    assert world.asked == []
    beside, _ = walk(furnish, "notapp.example.com.", plan)
    assert beside.zone == "example.com."


@pytest.mark.case("D5")
def test_a_private_zone_is_asked_of_its_resolvers_and_the_longest_zone_wins() -> None:
    plan = Authoritative(
        overrides=((canonical("example.com"), (Endpoint("192.0.2.90"),)),),
        private_zones=((canonical("corp.example.com"), (Endpoint("10.0.0.2"), Endpoint("10.0.0.53", 5353))),),
    )
    found, world = walk(furnish, "argo.corp.example.com.", plan)
    assert found.zone == "corp.example.com."
    assert found.servers == (
        Server("10.0.0.2", "10.0.0.2", cached=CachedAnswers.ALWAYS),
        Server("10.0.0.53", "10.0.0.53", 5353, cached=CachedAnswers.ALWAYS),
    )
    assert world.asked == []


def test_names_outside_the_overrides_are_walked_for() -> None:
    plan = Authoritative(overrides=((canonical("ample.com"), (Endpoint("192.0.2.90"),)),), start=PLAN.start)
    found, _ = walk(furnish, plan=plan)
    assert addresses(found) == list(CHILD)


@pytest.mark.parametrize(("ipv4", "ipv6", "expected"), [(True, False, [NS1, NS2]), (False, True, [NS1_V6, NS2_V6])])
def test_only_the_wanted_address_families_are_asked(ipv4: bool, ipv6: bool, expected: list[str]) -> None:  # noqa: FBT001  # the parameters of the test
    def arrange(world: World) -> None:
        furnish(world)
        glue = "a.com-servers.org. AAAA 2001:db8::11\n"
        world.put(".", f"com. NS a.com-servers.org.\na.com-servers.org. A {COM_SERVERS[0]}\n{glue}", ROOT_SERVER)
        world.put("com.", f"@ NS a.com-servers.org.\n{COM_EXAMPLE}", "2001:db8::11")

    found, world = walk(arrange, plan=Authoritative(start=PLAN.start, ipv4=ipv4, ipv6=ipv6))
    assert addresses(found) == expected
    assert found.problems == ()
    walked = {ask.server.address for ask in world.asked} - {ROOT_SERVER}
    assert {":" in address for address in walked} == {ipv6}


def test_servers_found_by_walking_are_asked_at_the_configured_port() -> None:
    found, world = walk(furnish, plan=Authoritative(start=(Endpoint(ROOT_SERVER, 5301),), port=5353))
    assert {server.port for server in found.servers} == {5353}
    assert {ask.server.port for ask in world.asked if ask.server.address == ROOT_SERVER} == {5301}


def test_a_further_name_of_a_known_zone_costs_one_question() -> None:
    async def play(world: World, walker: DelegationWalk) -> int:
        first = await walker.find(canonical("www.example.com."))
        before = world.count()
        second = await walker.find(canonical("shop.example.com."))
        assert second is first
        return world.count() - before

    cost, _ = stage(furnish, play)
    assert cost == 1


def test_fifty_names_asked_for_at_once_share_one_walk() -> None:
    async def play(world: World, walker: DelegationWalk) -> list[Delegation]:
        found = await asyncio.gather(*(walker.find(canonical(f"d{number}.example.com.")) for number in range(50)))
        assert world.count("com.") == 1
        assert world.count("example.com.") == 1 + len(COM_SERVERS) + 3 * len(CHILD)
        assert all(world.count(f"d{number}.example.com.") == 1 for number in range(50))
        return found

    found, world = stage(furnish, play)
    assert all(delegation is found[0] for delegation in found)
    share = [count for address, count in world.per_server().items() if address in CHILD]
    assert len(share) == len(CHILD), "the names' questions are spread over the servers"


ROUTE53 = names("ns-1.awsdns-00.com", "ns-513.awsdns-01.net", "ns-1025.awsdns-02.org", "ns-1537.awsdns-03.co.uk")


def route53(world: World) -> None:
    """A zone as Route 53 serves it: four names in four top-level domains, of which the parent knows the glue of one."""
    tlds = ("com.", "net.", "org.", "uk.")
    world.put(
        ".", "".join(f"{tld} NS ns.{tld}\nns.{tld} A 192.0.2.{10 + n}\n" for n, tld in enumerate(tlds)), ROOT_SERVER
    )
    zone_servers = {name: (f"198.51.100.{n}", f"2001:db8::5{n}") for n, name in enumerate(ROUTE53)}
    for number, (tld, (name, (v4, v6))) in enumerate(zip(tlds, zone_servers.items(), strict=True)):
        above = name.split(".", 1)[1]
        text = f"@ NS ns\nns A 192.0.2.{10 + number}\n{above} NS g.{above}\ng.{above} A 192.0.2.{50 + number}\n"
        if tld == "com.":
            text += "".join(f"example NS {name}\n" for name in ROUTE53) + f"{name} A {v4}\n"
        world.put(tld, text, f"192.0.2.{10 + number}")
        world.put(
            above, f"@ NS g\ng A 192.0.2.{50 + number}\n{name} A {v4}\n{name} AAAA {v6}\n", f"192.0.2.{50 + number}"
        )
    text = "".join(f"@ NS {name}\n" for name in ROUTE53)
    world.put("example.com.", text, *(address for both in zone_servers.values() for address in both))


def test_a_route_53_zone_is_found_with_all_its_eight_addresses_for_some_sixty_questions() -> None:
    found, world = walk(route53)
    assert found.parent_ns == found.child_ns == tuple(sorted(ROUTE53))
    assert len(found.servers) == 8
    assert found.problems == ()
    looks = sum(ask.server in found.servers for ask in world.asked)
    assert looks == 3 * 8 + 1, "SOA, NS and the repeat at each, and the name itself at one"
    assert world.count() - looks <= 30


def test_nothing_is_asked_again_until_the_refresh_time() -> None:
    async def play(world: World, walker: DelegationWalk) -> tuple[int, int, int]:
        await walker.find(canonical("www.example.com."))
        first = world.count()
        await world.clock.sleep(PLAN.refresh - 10)
        await walker.find(canonical("www.example.com."))
        before = world.count()
        await world.clock.sleep(20)
        await walker.find(canonical("www.example.com."))
        return first, before, world.count()

    (first, before, after), _ = stage(furnish, play)
    assert before == first
    assert after == 2 * first


def test_a_failed_walk_is_remembered_for_seconds_only() -> None:
    async def play(world: World, walker: DelegationWalk) -> tuple[Delegation, Delegation, Delegation]:
        lame = await walker.find(canonical("www.example.com."))
        asked = world.count()
        await world.clock.sleep(RETRY - 1)
        again = await walker.find(canonical("www.example.com."))
        assert world.count() == asked
        world.put("example.com.", EXAMPLE, *CHILD)
        await world.clock.sleep(2)
        return lame, again, await walker.find(canonical("www.example.com."))

    def arrange(world: World) -> None:
        furnish(world)
        world.remove("example.com.")

    (lame, again, healed), _ = stage(arrange, play)
    assert lame.servers == ()
    assert again is lame
    assert addresses(healed) == list(CHILD)


def test_forgetting_a_zone_makes_the_next_find_see_that_it_is_gone() -> None:
    async def play(world: World, walker: DelegationWalk) -> tuple[Delegation, Delegation]:
        await walker.find(canonical("www.example.com."))
        world.remove("example.com.")
        world.put("com.", "@ NS a.com-servers.org.\n", *COM_SERVERS)
        remembered = await walker.find(canonical("www.example.com."))
        walker.forget(canonical("example.com."))
        return remembered, await walker.find(canonical("www.example.com."))

    (remembered, anew), _ = stage(furnish, play)
    assert addresses(remembered) == list(CHILD)
    assert anew.zone is None
    assert problems(anew) == [(DelegationProblem.NOT_FOUND, "www.example.com")]


def test_forgetting_a_zone_finds_servers_that_moved_although_their_names_lie_elsewhere() -> None:
    async def play(world: World, walker: DelegationWalk) -> Delegation:
        await walker.find(canonical("www.example.com."))
        arrange(world, "198.51.100.61")
        walker.forget(canonical("example.com."))
        return await walker.find(canonical("www.example.com."))

    def arrange(world: World, address: str = "198.51.100.60") -> None:
        furnish(world, com="example NS ns.hosting.org.\n", org="hosting NS ns.hosting\nns.hosting A 198.51.100.40\n")
        world.put("hosting.org.", f"@ NS ns\nns A {address}\n", "198.51.100.40")
        world.put("example.com.", "@ NS ns.hosting.org.\n", address)

    found, _ = stage(arrange, play)
    assert "198.51.100.61" in addresses(found)


def test_a_walk_that_was_forgotten_while_it_ran_is_not_remembered() -> None:
    async def play(world: World, walker: DelegationWalk) -> int:
        running = asyncio.ensure_future(walker.find(canonical("www.example.com.")))
        await world.clock.sleep(0.5)
        walker.forget(canonical("example.com."))
        await running
        before = world.count("example.com.")
        await walker.find(canonical("www.example.com."))
        return world.count("example.com.") - before

    cost, _ = stage(furnish, play)
    assert cost > 1


def test_a_cancelled_find_leaves_the_others_their_walk() -> None:
    async def play(world: World, walker: DelegationWalk) -> Delegation:
        impatient = asyncio.ensure_future(walker.find(canonical("www.example.com.")))
        patient = asyncio.ensure_future(walker.find(canonical("shop.example.com.")))
        await world.clock.sleep(0.005)
        impatient.cancel()
        return await patient

    found, _ = stage(furnish, play)
    assert addresses(found) == list(CHILD)


def test_a_zone_whose_servers_are_all_dead_is_still_named() -> None:
    def arrange(world: World) -> None:
        furnish(world)
        world.behave(silent, *CHILD)

    found, _ = walk(arrange)
    assert found.zone == "example.com."
    assert found.servers == ()
    assert [problem for problem, _ in problems(found)] == [DelegationProblem.SILENT] * 4


@pytest.mark.parametrize("where", [CHILD, ("198.51.100.50",)])
def test_a_sub_zone_at_a_label_that_a_long_way_skips_is_still_found(where: tuple[str, ...]) -> None:
    deep, name = "f.g.h.i.j.example.com.", "a.b.c.d.e.f.g.h.i.j.example.com."
    assert deep not in steps(canonical(name))

    def arrange(world: World) -> None:
        hosts = "".join(f"ns.{deep} {'AAAA' if ':' in address else 'A'} {address}\n" for address in where)
        furnish(world, example=EXAMPLE + f"{deep} NS ns.{deep}\n" + hosts)
        world.put(deep, f"@ NS ns\n{hosts}", *where)

    found, _ = walk(arrange, name)
    assert found.zone == deep
    assert addresses(found) == sorted(where)
    assert found.problems == ()


def test_a_name_that_a_registrys_server_denies_is_asked_of_three_more() -> None:
    """A newly delegated zone does not appear at all of them at once: one that lags must not make it vanish."""
    hosts = [f"192.0.2.{number}" for number in range(100, 108)]

    def arrange(world: World) -> None:
        root = "@ NS a.root.invalid.\n" + "".join(f"com. NS {n}.gtld.com.\n" for n in range(len(hosts)))
        glue = "".join(f"{n}.gtld.com. A {address}\n" for n, address in enumerate(hosts))
        world.put(".", root + glue, ROOT_SERVER)
        world.put("com.", "".join(f"@ NS {n}.gtld\n{n}.gtld A {address}\n" for n, address in enumerate(hosts)), *hosts)

    _, world = walk(arrange, "www.example.com.")
    asked = [one.server.address for one in world.asked if one.question == ("example.com.", RecordType.NS)]
    assert len(set(asked)) == len(asked) == 1 + SECOND_OPINIONS


def test_a_server_is_put_the_same_question_late_enough_for_a_ttl_to_have_fallen_and_not_later() -> None:
    """TTLs are whole seconds: after one a cache that counts down is betrayed, and every walk waits as long."""

    async def play(world: World, walker: DelegationWalk) -> float:
        begun = world.clock.now().monotonic
        await walker.find(canonical("www.example.com."))
        return world.clock.now().monotonic - begun

    took, world = stage(furnish, play)
    soa = [one.server.address for one in world.asked if one.question == ("example.com.", RecordType.SOA)]
    assert soa.count(NS1) == 2
    assert took == pytest.approx(REPEAT_AFTER, abs=0.3)
    assert took > 1.0
