"""A sleep that can be cut short, and one that cannot be taken for another's end."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from probe.runtime.nap import Nap
from tests.clock import LoopClock, VirtualLoop, run_virtual


def nap(scenario: Callable[[LoopClock, Nap, "asyncio.Task[None]"], Awaitable[None]], until: float = 10.0) -> float:
    """Let a task nap while `scenario` plays; give the second at which it woke up."""

    async def main(clock: LoopClock) -> float:
        sleeper = Nap(clock)

        async def sleep() -> None:
            await sleeper.until(until)

        task = asyncio.create_task(sleep())
        await clock.sleep(1.0)
        await scenario(clock, sleeper, task)
        await task
        return clock.now().monotonic

    return run_virtual(main)


async def nothing(_clock: LoopClock, _nap: Nap, _task: "asyncio.Task[None]") -> None:
    pass


def test_it_lasts_until_its_time_where_nobody_cuts_it_short() -> None:
    assert nap(nothing) == pytest.approx(10.0)


def test_it_ends_at_the_earliest_moment_that_was_told() -> None:
    async def scenario(_clock: LoopClock, sleeper: Nap, _task: "asyncio.Task[None]") -> None:
        sleeper.hurry(12.0)
        sleeper.hurry(4.0)
        sleeper.hurry(3.0)
        sleeper.hurry(5.0)

    assert nap(scenario) == pytest.approx(3.0)


def test_it_ends_at_once_where_that_moment_is_over() -> None:
    async def scenario(_clock: LoopClock, sleeper: Nap, _task: "asyncio.Task[None]") -> None:
        sleeper.hurry(0.5)

    assert nap(scenario) == pytest.approx(1.0)


def test_one_until_a_moment_that_is_over_lets_others_have_their_turn() -> None:
    async def main(clock: LoopClock) -> None:
        ran: list[str] = []
        asyncio.get_running_loop().call_soon(ran.append, "other")
        await Nap(clock).until(-1.0)
        assert ran == ["other"]

    run_virtual(main)


def test_what_is_told_while_nobody_sleeps_shortens_no_later_sleep() -> None:
    async def main(clock: LoopClock) -> None:
        sleeper = Nap(clock)
        sleeper.hurry(0.0)
        await sleeper.until(2.0)
        assert clock.now().monotonic == pytest.approx(2.0)

    run_virtual(main)


@pytest.mark.parametrize("hurried", [False, True])
def test_who_is_cancelled_ends_whether_its_sleep_was_cut_short_as_well_or_not(*, hurried: bool) -> None:
    async def scenario(_clock: LoopClock, sleeper: Nap, task: "asyncio.Task[None]") -> None:
        if hurried:
            sleeper.hurry(5.0)
        task.cancel()

    with pytest.raises(asyncio.CancelledError):
        nap(scenario)


def test_it_takes_two_turns_of_the_event_loop_one_for_the_time_and_one_for_its_task() -> None:
    async def main(clock: LoopClock) -> None:
        sleeper, loop = Nap(clock), asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        before = loop.turns
        for second in range(1, 11):
            await sleeper.until(float(second))
        assert loop.turns - before <= 20

    run_virtual(main)
