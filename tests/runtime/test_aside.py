"""What hangs in a thread costs that thread and nothing else."""

import asyncio
import errno
import os
import threading
from collections.abc import Iterator

import pytest

from probe.runtime.aside import AsideExecutor, BoundedRead, HangingError, last_work
from tests.patience import HANG

NOT_TO_COME = 0.01
"""Seconds that are waited for what does not come: it is certain not to, however short they are."""


@pytest.fixture
def answered() -> Iterator[threading.Event]:
    """Set when the volume answers, at the test's end at the latest."""
    event = threading.Event()
    yield event
    event.set()


def test_work_that_hangs_keeps_no_other_from_being_done(answered: threading.Event) -> None:
    executor = AsideExecutor()
    hanging = [executor.submit(answered.wait, HANG) for _ in range(3 * (os.cpu_count() or 1) + 20)]
    assert executor.submit(int, "7").result(HANG) == 7
    with pytest.raises(ValueError, match="invalid literal"):
        executor.submit(int, "x").result(HANG)
    executor.shutdown()  # waits for none of them
    assert not any(future.done() for future in hanging)


def test_a_loop_ends_while_work_of_its_own_hangs(answered: threading.Event) -> None:
    begun = threading.Event()

    def hang() -> None:
        begun.set()
        answered.wait()

    async def main() -> None:
        asyncio.get_running_loop().set_default_executor(AsideExecutor())
        asyncio.get_running_loop().run_in_executor(None, hang)
        await asyncio.to_thread(begun.wait)

    asyncio.run(main())
    assert not answered.is_set()


def test_where_there_are_no_more_threads_it_is_an_error_of_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(OSError, match="no more threads") as caught:
        AsideExecutor().submit(int)
    assert caught.value.errno == errno.EAGAIN


def test_what_ends_a_process_is_done_without_a_thread_where_none_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    done: list[int] = []

    async def main() -> None:
        asyncio.get_running_loop().set_default_executor(AsideExecutor())
        await last_work(lambda: done.append(threading.get_ident()))
        with monkeypatch.context() as patched:
            patched.setattr(threading.Thread, "start", refuse)
            await last_work(lambda: done.append(threading.get_ident()))

    asyncio.run(main())
    aside, here = done
    assert aside != here == threading.get_ident()


def test_work_that_was_given_up_before_it_began_is_not_done(monkeypatch: pytest.MonkeyPatch) -> None:
    late: list[threading.Thread] = []

    def begin_late(thread: threading.Thread) -> None:
        late.append(thread)

    monkeypatch.setattr(threading.Thread, "start", begin_late)
    done: list[int] = []
    future = AsideExecutor().submit(done.append, 1)
    future.cancel()
    late[0].run()
    assert done == []


def test_one_read_at_a_time_hangs_however_often_it_is_tried_and_what_it_gives_in_the_end_is_not_taken(
    answered: threading.Event,
) -> None:
    begun: list[str] = []

    def hang() -> str:
        begun.append("hang")
        answered.wait()
        return "of then"

    async def main() -> None:
        read = BoundedRead()
        for _ in range(3):
            with pytest.raises(HangingError):
                await read(hang, NOT_TO_COME)
        assert begun == ["hang"]
        answered.set()
        assert await read(lambda: "of now", HANG) == "of now"

    asyncio.run(main())


def test_a_read_that_fails_says_so_and_the_next_one_is_as_good_as_ever(answered: threading.Event) -> None:
    def fail() -> None:
        answered.wait()
        raise PermissionError("no")

    async def main() -> None:
        read = BoundedRead()
        with pytest.raises(HangingError):
            await read(fail, NOT_TO_COME)
        answered.set()
        with pytest.raises(PermissionError):
            await read(fail, HANG)  # and not the one before, whose failure is of then
        assert await read(lambda: 1, HANG) == 1

    asyncio.run(main())
