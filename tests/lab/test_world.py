import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

import dns.message
import dns.rdatatype
import pytest

from probe.config.load import parse
from probe.lab.story import MIGRATION, STORY_WAVES
from probe.lab.story_stage import Scene, Story
from probe.lab.world import World
from probe.model.clock import Instant
from probe.model.plan import Expectation
from probe.model.side import Side
from tests.clock import LoopClock, run_virtual
from tests.patience import HANG

T = TypeVar("T")


class HeldClock:
    """Stands still until a test moves it; whoever sleeps wakes when the time has come. Sockets stay real."""

    def __init__(self) -> None:
        self.monotonic = 0.0
        self._moved = asyncio.Event()

    def now(self) -> Instant:
        return Instant(1_800_000_000.0 + self.monotonic, self.monotonic)

    async def sleep(self, seconds: float) -> None:
        wake = self.monotonic + seconds
        while self.monotonic < wake:
            await self._moved.wait()

    async def move(self, to: float) -> None:
        self.monotonic = to
        moved, self._moved = self._moved, asyncio.Event()
        moved.set()
        for _ in range(20):  # everyone who wakes has their turn
            await asyncio.sleep(0)  # noqa: TID251  # gives way, waits for nothing


class Client(asyncio.DatagramProtocol):
    """Asks one question over a real UDP socket."""

    def __init__(self) -> None:
        self.answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002  # the protocol's signature
        if not self.answer.done():
            self.answer.set_result(data)


async def ask(
    target: tuple[str, int] | None, name: str, rdtype: str, *, recursive: bool = False
) -> dns.message.Message:
    assert target is not None
    query = dns.message.make_query(name, rdtype)
    if not recursive:
        query.flags = type(query.flags)(0)
    loop = asyncio.get_running_loop()
    transport, client = await loop.create_datagram_endpoint(Client, remote_addr=target)
    try:
        transport.sendto(query.to_wire())
        async with asyncio.timeout(HANG):
            return dns.message.from_wire(await client.answer)
    finally:
        transport.close()


def values(answer: dns.message.Message, rdtype: str) -> set[str]:
    return {
        rdata.to_text() for rrset in answer.answer if rrset.rdtype == dns.rdatatype.from_text(rdtype) for rdata in rrset
    }


NOTHING_HAPPENS = Story("example.com", (), (), lambda _: None, (), (), 0.0, 1.0)


def in_world(look: Callable[[World, HeldClock], Awaitable[T]], story: Story = MIGRATION) -> T:
    async def main() -> T:
        clock = HeldClock()
        async with World(clock, random.Random(7), story=story) as world:
            return await look(world, clock)

    return asyncio.run(main())


def side_of(world: World, addresses: set[str]) -> str:
    """The side that all the addresses belong to."""
    sides = {
        side.value
        for side, one in world.load_balancers.items()
        if addresses and addresses <= {*one.addresses("A"), *one.addresses("AAAA")}
    }
    return sides.pop() if sides else "neither"


async def side_served(world: World, host: str, rdtype: str = "A") -> set[str]:
    """What each of the four name servers says."""
    answers = [await ask(world.route(server.addresses[0], 53), host, rdtype) for server in world.name_servers()]
    return {side_of(world, values(answer, rdtype)) for answer in answers}


def test_the_four_name_servers_answer_with_authority_over_real_sockets() -> None:
    async def look(world: World, _: HeldClock) -> None:
        assert len(world.name_servers()) == 4
        for server in world.name_servers():
            answer = await ask(world.route(server.addresses[0], 53), "api.example.com", "A")
            assert answer.flags & dns.flags.AA
            assert side_of(world, values(answer, "A")) == "v1"

    in_world(look)


def test_at_the_beginning_dns_says_what_the_waves_expect() -> None:
    async def look(world: World, _: HeldClock) -> None:
        for wave in STORY_WAVES:
            for host in wave.hosts:
                if wave.expectation is Expectation.WEIGHTED or host == "login.example.com":
                    continue
                expected = "v2" if wave.expectation is Expectation.V2 else "v1"
                assert (host, await side_served(world, host)) == (host, {expected})
                assert (host, await side_served(world, host, "AAAA")) == (host, {expected})

    in_world(look)


def test_the_weighted_domain_is_answered_from_both_sides() -> None:
    async def look(world: World, _: HeldClock) -> None:
        server = world.route(world.name_servers()[0].addresses[0], 53)
        seen = [side_of(world, values(await ask(server, "partners.example.com", "A"), "A")) for _ in range(60)]
        assert set(seen) == {"v1", "v2"}

    in_world(look)


def test_a_move_of_the_story_reaches_every_server_within_a_minute() -> None:
    async def look(world: World, clock: HeldClock) -> None:
        await clock.move(97.0)
        assert await side_served(world, "admin.example.com") == {"v1"}
        await clock.move(98.0)  # v2's sync
        await clock.move(160.0)
        assert await side_served(world, "admin.example.com") == {"v2"}
        txt = await ask(world.route(world.name_servers()[0].addresses[0], 53), "a-admin.example.com", "TXT")
        assert values(txt, "TXT") == {
            '"heritage=external-dns,external-dns/owner=v2,external-dns/resource=ingress/admin/admin"'
        }

    in_world(look)


def test_the_hole_in_the_hand_over_is_an_nxdomain() -> None:
    async def look(world: World, clock: HeldClock) -> None:
        await clock.move(552.0)  # v1 deletes
        world.internet.settle()
        for server in world.name_servers():
            answer = await ask(world.route(server.addresses[0], 53), "billing.example.com", "A")
            assert answer.rcode() == dns.rcode.NXDOMAIN
        await clock.move(585.0)  # v2 creates
        world.internet.settle()
        assert await side_served(world, "billing.example.com") == {"v2"}

    in_world(look)


def test_resolvers_answer_recursively_from_their_caches() -> None:
    async def look(world: World, _: HeldClock) -> None:
        for endpoint in world.resolver_endpoints().values():
            target = world.route(endpoint.address, endpoint.port)
            answer = await ask(target, "api.example.com", "A", recursive=True)
            assert answer.flags & dns.flags.RA
            assert side_of(world, values(answer, "A")) == "v1"

    in_world(look)


def test_a_walk_can_start_at_the_root() -> None:
    async def look(world: World, _: HeldClock) -> None:
        for endpoint in world.root_endpoints():
            answer = await ask(world.route(endpoint.address, endpoint.port), "api.example.com", "A")
            assert [str(rrset.name) for rrset in answer.authority] == ["com."]

    in_world(look)


def test_addresses_outside_the_lab_are_not_reached() -> None:
    async def look(world: World, _: HeldClock) -> None:
        assert world.route("8.8.8.8", 53) is None

    in_world(look)


def test_after_leaving_nothing_is_served_and_nothing_runs() -> None:
    async def main() -> None:
        clock = HeldClock()
        async with World(clock, random.Random(7)) as world:
            address = world.root_endpoints()[0].address
            assert world.route(address, 53) is not None
        assert world.route(address, 53) is None
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


def test_a_failing_scene_is_not_lost() -> None:
    def fail(_: object) -> None:
        raise ZeroDivisionError

    story = Story("example.com", (), (), lambda _: None, (Scene(0.0, "A mistake", "It fails.", fail),), (), 1.0, 1.0)

    async def main() -> None:
        clock = HeldClock()
        async with World(clock, random.Random(7), story=story):
            await clock.move(1.0)

    with pytest.raises(ZeroDivisionError):
        asyncio.run(main())


def test_the_same_seed_makes_the_same_world() -> None:
    def describe(seed: int) -> str:
        async def main(clock: LoopClock) -> str:
            return World(clock, random.Random(seed)).plan_text()

        return run_virtual(main)

    assert describe(1) == describe(1)
    assert describe(1) != describe(2)


def test_the_plan_with_simulated_addresses_is_a_good_plan() -> None:
    async def look(world: World, _: HeldClock) -> str:
        return world.plan_text()

    plan = parse(in_world(look))

    assert [(wave.name, wave.expectation, len(wave.domains)) for wave in plan.waves] == [
        (wave.name, wave.expectation, len(wave.hosts)) for wave in STORY_WAVES
    ]
    assert plan.v2.external_dns.migrate_from_txt_owner == "v1"
    assert len(plan.authoritative.start) == 2
    assert len(plan.resolvers) == 4


def test_the_plan_for_another_process_names_loopback_endpoints_that_answer() -> None:
    async def look(world: World, _: HeldClock) -> None:
        plan = parse(world.plan_text(loopback=True, listen="127.0.0.1:0"))
        for zone, endpoints in plan.authoritative.overrides:
            assert len(endpoints) == 4
            for endpoint in endpoints:
                assert endpoint.address == "127.0.0.1"
                answer = await ask((endpoint.address, endpoint.port), zone, "SOA")
                assert answer.flags & dns.flags.AA
        for resolver in plan.resolvers:
            answer = await ask((resolver.address, resolver.port), "api.example.com", "A", recursive=True)
            assert values(answer, "A")

    in_world(look)


def test_a_loopback_plan_of_a_world_without_sockets_is_refused() -> None:
    async def main(clock: LoopClock) -> None:
        with pytest.raises(RuntimeError, match="enter it before"):
            World(clock, random.Random(1)).plan_text(loopback=True)

    run_virtual(main)


def test_a_server_can_disagree_with_itself_while_a_change_travels() -> None:
    world = World(HeldClock(), random.Random(1))
    assert all(server.machines > 1 for server in world.name_servers())


def test_load_balancers_exchange_their_nodes_in_the_course_of_time() -> None:
    async def look(world: World, clock: HeldClock) -> None:
        before = {side: world.load_balancers[side].addresses("A") for side in Side}
        for minutes in range(10, 250, 10):  # a node's exchange begins the wait for the next
            await clock.move(minutes * 60.0)
        for side in Side:
            now = world.load_balancers[side].addresses("A")
            assert len(now) == len(before[side])
            assert set(now) != set(before[side])

    in_world(look, NOTHING_HAPPENS)


def test_the_story_waits_for_its_curtain_and_counts_its_time_from_there() -> None:
    async def main() -> None:
        clock, curtain = HeldClock(), asyncio.Event()
        async with World(clock, random.Random(7), curtain=curtain) as world:
            await clock.move(300.0)
            world.internet.settle()
            assert await side_served(world, "admin.example.com") == {"v1"}
            curtain.set()
            await clock.move(300.0)
            await clock.move(450.0)
            world.internet.settle()
            assert await side_served(world, "admin.example.com") == {"v2"}

    asyncio.run(main())
