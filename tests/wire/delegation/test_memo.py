"""Single flight and remembering, in virtual time."""

import asyncio

import pytest

from probe.model.name import DomainName, canonical
from probe.wire.delegation.memo import Memo, Worked
from tests.clock import LoopClock, run_virtual

A, B = canonical("a"), canonical("b")


class Worker:
    """Counts its workings; each takes a second."""

    def __init__(self, clock: LoopClock, *lifetimes: float | None) -> None:
        self.memo: Memo[int] = Memo(clock, "work on")
        self.started = 0
        self._clock = clock
        self._lifetimes = list(lifetimes)

    async def work(self) -> Worked[int]:
        self.started += 1
        number = self.started
        await self._clock.sleep(1.0)
        return Worked(number, self._lifetimes[min(number, len(self._lifetimes)) - 1])

    async def get(self, name: DomainName = A, depth: int = 0) -> int:
        return await self.memo.get(name, depth, self.work)


def test_everyone_who_asks_meanwhile_gets_the_one_result() -> None:
    async def main(clock: LoopClock) -> None:
        worker = Worker(clock, 10.0)
        assert await asyncio.gather(*(worker.get() for _ in range(5))) == [1] * 5
        assert await worker.get() == 1
        assert worker.started == 1

    run_virtual(main)


def test_different_names_and_depths_do_not_wait_for_each_other() -> None:
    async def main(clock: LoopClock) -> None:
        worker = Worker(clock, 10.0)
        assert sorted(await asyncio.gather(worker.get(A), worker.get(B), worker.get(A, 1))) == [1, 2, 3]
        assert clock.now().monotonic == 1.0

    run_virtual(main)


def test_a_result_lives_for_its_lifetime() -> None:
    async def main(clock: LoopClock) -> None:
        worker = Worker(clock, 10.0)
        await worker.get()
        await clock.sleep(9.5)
        assert await worker.get() == 1
        await clock.sleep(0.5)
        assert await worker.get() == 2

    run_virtual(main)


def test_a_result_that_may_not_be_remembered_is_for_its_worker_only() -> None:
    async def main(clock: LoopClock) -> None:
        worker = Worker(clock, None, 10.0)
        assert await asyncio.gather(*(worker.get() for _ in range(3))) == [1, 2, 2]

    run_virtual(main)


def test_a_cancelled_waiter_takes_nothing_from_the_others() -> None:
    async def main(clock: LoopClock) -> None:
        worker = Worker(clock, 10.0)
        first, second = asyncio.ensure_future(worker.get()), asyncio.ensure_future(worker.get())
        await clock.sleep(0.5)
        first.cancel()
        assert await second == 1
        assert worker.started == 1

    run_virtual(main)


def test_what_is_forgotten_while_it_is_worked_out_is_neither_joined_nor_remembered() -> None:
    async def main(clock: LoopClock) -> None:
        worker = Worker(clock, 10.0)
        early = asyncio.ensure_future(worker.get())
        await clock.sleep(0.5)
        worker.memo.forget(lambda name: name == A)
        late = asyncio.ensure_future(worker.get())
        assert await early == 1
        assert await late == 2
        assert await worker.get() == 2

    run_virtual(main)


def test_forgetting_spares_other_names() -> None:
    async def main(clock: LoopClock) -> None:
        worker = Worker(clock, 10.0)
        await worker.get(A)
        await worker.get(B)
        worker.memo.forget(lambda name: name == A)
        assert await worker.get(B) == 2
        assert await worker.get(A) == 3

    run_virtual(main)


def test_purging_drops_only_what_is_too_old() -> None:
    async def main(clock: LoopClock) -> None:
        worker = Worker(clock, 10.0, 100.0)
        await worker.get(A)
        await worker.get(B)
        await clock.sleep(50.0)
        worker.memo.purge()
        assert list(worker.memo._kept) == [B]

    run_virtual(main)


def test_an_error_reaches_everyone_and_is_not_remembered() -> None:
    async def main(clock: LoopClock) -> None:
        memo: Memo[int] = Memo(clock, "work on")
        failing = True

        async def work() -> Worked[int]:
            await clock.sleep(1.0)
            if failing:
                raise LookupError("a mistake of ours")
            return Worked(7, 10.0)

        results = await asyncio.gather(*(memo.get(A, 0, work) for _ in range(2)), return_exceptions=True)
        assert [type(result) for result in results] == [LookupError, LookupError]
        failing = False
        assert await memo.get(A, 0, work) == 7

    run_virtual(main)


@pytest.mark.parametrize("depth", [0, 3])
def test_tasks_carry_the_name_they_work_on(depth: int) -> None:
    async def main(clock: LoopClock) -> None:
        worker = Worker(clock, 10.0)
        waiting = asyncio.ensure_future(worker.get(A, depth))
        await clock.sleep(0.5)
        assert "work on a." in {task.get_name() for task in asyncio.all_tasks()}
        await waiting

    run_virtual(main)
