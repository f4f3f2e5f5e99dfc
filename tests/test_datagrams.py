"""Time that stands still for datagrams: one that the kernel still has, and none else."""

import asyncio
import random
import socket
from collections.abc import Coroutine
from typing import Any

import pytest

from probe.cli.assembly import assemble
from probe.config.load import parse
from probe.lab.world import World
from probe.model.effect import Effect
from tests.clock import LoopClock, run_virtual
from tests.datagrams import OnTheWay, nothing_on_the_way

LENGTH = 60.0
"""Seconds of the story: until all is known, and asked for again and again."""


def performance(seed: int) -> list[Effect]:
    effects: list[Effect] = []

    async def main(clock: LoopClock) -> None:
        rng = random.Random(seed)
        with nothing_on_the_way():
            async with World(clock, rng) as world:
                plan = parse(world.plan_text())
                probe = assemble(plan, clock, observers=[effects.append], route=world.route, rng=rng)
                probe.engine.start()
                await clock.sleep(LENGTH)
                await probe.tasks.aclose(1.0)
                await probe.querier.aclose()

    run_virtual(main)
    return effects


def test_the_same_seed_is_the_same_performance_to_the_last_digit_and_another_one_is_another() -> None:
    assert performance(1) == performance(1) != performance(2)


def test_a_datagram_is_on_its_way_until_its_socket_has_it_or_is_closed() -> None:
    way = OnTheWay()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one, socket.socket(type=socket.SOCK_DGRAM) as other:
        one.bind(("127.0.0.1", 0))
        way.opened(one)
        port = one.getsockname()[1]
        way.sent(port)
        assert way.owed()  # nothing was sent in truth: that is how it looks before the kernel hands it over
        other.sendto(b"it is", ("127.0.0.1", port))
        one.settimeout(None)
        one.recvfrom(16, socket.MSG_PEEK)
        assert not way.owed()
        one.recvfrom(16)
        assert way.owed()  # read, and not said to be: as one that is sent and has not come
        way.taken(one)
        assert not way.owed()
        way.sent(port)
        way.closed(one)
        assert not way.owed()
        way.sent(port)  # to nobody: it never comes
        assert not way.owed()


def test_it_is_for_virtual_time_alone() -> None:
    async def main() -> None:
        with pytest.raises(AssertionError), nothing_on_the_way():
            pass

    asyncio.run(main())


def test_sockets_are_themselves_afterwards() -> None:
    before = dict(vars(socket.socket))

    def main(_: LoopClock) -> Coroutine[Any, Any, None]:
        async def inside() -> None:
            with nothing_on_the_way():
                assert vars(socket.socket)["close"] is not before["close"]

        return inside()

    run_virtual(main)
    assert dict(vars(socket.socket)) == before
