import asyncio

import pytest
from structlog.testing import capture_logs

from probe.runtime.tasks import TaskDiedError, Tasks
from tests.clock import LoopClock, run_virtual


async def _fail() -> None:
    raise RuntimeError("the mistake")


async def _end() -> None:
    pass


def test_an_eternal_task_that_raises_is_named_with_its_cause() -> None:
    async def main(clock: LoopClock) -> TaskDiedError:
        tasks = Tasks()
        tasks.eternal("pulse", _fail())
        tasks.eternal("other", clock.sleep(1e9))
        death = await tasks.wait_for_death()
        await tasks.aclose(1.0)
        return death

    with capture_logs() as logs:
        death = run_virtual(main)
    assert death.name == "pulse"
    assert isinstance(death.__cause__, RuntimeError)
    assert [(entry["log_level"], entry["task"]) for entry in logs] == [("critical", "pulse")]


@pytest.mark.parametrize("cancelled", [False, True])
def test_an_eternal_task_that_merely_ends_is_a_death_too(*, cancelled: bool) -> None:
    async def main(clock: LoopClock) -> TaskDiedError:
        tasks = Tasks()
        tasks.eternal("watch", clock.sleep(1) if cancelled else _end())
        if cancelled:
            (task,) = (task for task in asyncio.all_tasks() if task.get_name() == "watch")
            task.cancel()
        return await tasks.wait_for_death()

    with capture_logs() as logs:
        assert run_virtual(main).name == "watch"
    assert logs[0]["cancelled"] is cancelled


def test_a_passing_task_that_raises_is_logged_and_nothing_else_ends() -> None:
    async def main(clock: LoopClock) -> int:
        tasks = Tasks()
        tasks.passing("walk example.com.", _fail())
        tasks.passing("walk example.net.", _end())
        tasks.eternal("pulse", clock.sleep(1e9))
        await clock.sleep(1)
        left = len(tasks)
        await tasks.aclose(1.0)
        return left

    with capture_logs() as logs:
        assert run_virtual(main) == 1
    assert [(entry["log_level"], entry["task"]) for entry in logs] == [("error", "walk example.com.")]


def test_closing_ends_everything_the_youngest_first_and_is_no_death() -> None:
    ended: list[str] = []

    async def until_cancelled(name: str, clock: LoopClock) -> None:
        try:
            await clock.sleep(1e9)
        finally:
            ended.append(name)

    async def main(clock: LoopClock) -> tuple[str, ...]:
        tasks = Tasks()
        for name in ("first", "second", "third"):
            tasks.eternal(name, until_cancelled(name, clock))
        await clock.sleep(1)
        return await tasks.aclose(1.0)

    with capture_logs() as logs:
        assert run_virtual(main) == ()
    assert ended == ["third", "second", "first"]
    assert not logs


def test_a_task_that_will_not_end_does_not_hold_the_shutdown_up() -> None:
    async def stubborn(clock: LoopClock) -> None:
        while True:
            try:
                await clock.sleep(3)
            except asyncio.CancelledError:
                await clock.sleep(100)
                return

    async def main(clock: LoopClock) -> tuple[tuple[str, ...], float]:
        tasks = Tasks()
        tasks.eternal("stubborn", stubborn(clock))
        tasks.eternal("obedient", clock.sleep(1e9))
        await clock.sleep(1)
        begun = clock.now().monotonic
        return await tasks.aclose(5.0), clock.now().monotonic - begun

    with capture_logs() as logs:
        assert run_virtual(main) == (("stubborn",), 5.0)
    assert logs[0]["tasks"] == ("stubborn",)
