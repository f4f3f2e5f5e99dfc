import asyncio

from probe.runtime.clock import SystemClock


def test_time_never_runs_back_and_both_scales_run_alike() -> None:
    clock = SystemClock()
    first, second = clock.now(), clock.now()
    assert second.monotonic >= first.monotonic
    assert first.wall > 1_700_000_000  # after 2023: the wall's scale, not the machine's


def test_a_sleep_lasts_at_least_as_long_as_it_was_told() -> None:
    clock = SystemClock()

    async def slept(seconds: float) -> float:
        begun = clock.now().monotonic
        await clock.sleep(seconds)
        return clock.now().monotonic - begun

    assert asyncio.run(slept(0.01)) >= 0.0099  # the event loop's own resolution


def test_no_sleep_still_lets_others_have_their_turn() -> None:
    turns: list[str] = []

    async def take(name: str) -> None:
        for _ in range(2):
            turns.append(name)
            await SystemClock().sleep(-1.0)

    async def main() -> None:
        await asyncio.gather(take("a"), take("b"))

    asyncio.run(main())
    assert turns == ["a", "b", "a", "b"]


def test_a_call_comes_after_its_time_and_not_once_it_is_cancelled() -> None:
    clock, calls = SystemClock(), list[str]()

    async def main() -> float:
        begun, over = clock.now().monotonic, asyncio.Event()
        clock.call_later(0.005, lambda: calls.append("cancelled")).cancel()
        clock.call_later(-1.0, lambda: calls.append("soon"))
        clock.call_later(0.01, over.set)
        await over.wait()
        return clock.now().monotonic - begun

    assert asyncio.run(main()) >= 0.0099
    assert calls == ["soon"]
