"""When a receiver that failed is tried again."""

import asyncio
import random
import threading
from typing import NoReturn

import pytest
from structlog.testing import capture_logs

from probe.model.clock import Instant
from probe.model.notification import NotificationFailure
from probe.model.plan import Alertmanager
from probe.notify import member as member_module
from probe.notify.member import Member
from probe.notify.post import Outcome, Request
from probe.notify.receiver import Parcel
from tests.clock import FakeClock
from tests.patience import HANG

FIRST_WAIT, LONGEST_WAIT = 1.0, 30.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


class Unjittered(random.Random):
    """Draws the middle of whatever is asked for."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


async def _unreadable(_: Instant) -> NoReturn:
    raise OSError("its password cannot be read")


def test_it_is_tried_again_after_a_second_and_then_after_twice_as_long_up_to_half_a_minute() -> None:
    clock = FakeClock()
    member = Member(Alertmanager("https://am.example.com"), clock, Unjittered())
    waits = []

    async def fail() -> None:
        with capture_logs():
            await member.deliver([Parcel(1, _unreadable, lambda _: pytest.fail("it was not taken"))])

    async def fail_seven_times() -> None:
        for _ in range(7):
            await fail()
            failed = clock.monotonic
            while not member.may_try():
                clock.advance(0.25)
            waits.append(clock.monotonic - failed)
        await member.aclose()

    asyncio.run(fail_seven_times())

    assert waits == [FIRST_WAIT, 2.0, 4.0, 8.0, 16.0, LONGEST_WAIT, LONGEST_WAIT]
    assert dict(member.counts.failures) == {NotificationFailure.UNREACHABLE: 7}


@pytest.mark.parametrize("which", ["its CA", "its token"])
def test_files_that_hang_are_told_and_hold_up_one_thread_and_not_the_loop(
    which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered, asked = threading.Event(), []

    def hang(*_: object) -> None:
        asked.append(which)
        answered.wait()
        raise OSError("it is gone")

    async def request(_: Instant) -> Request:
        await asyncio.to_thread(hang)
        raise AssertionError("it was read")

    if which == "its CA":
        monkeypatch.setattr(member_module, "client", hang)
    monkeypatch.setattr(member_module, "POST_SECONDS", 0.01)  # seconds that are waited for what is certain not to come
    parcel = Parcel(1, request, lambda _: pytest.fail("it was not taken"))

    async def main() -> None:
        member = Member(Alertmanager("https://am.example.com"), FakeClock(), Unjittered())
        while not asked:
            await member.deliver([parcel])
        for _ in range(3):
            await member.deliver([parcel])
        assert asked == [which]
        monkeypatch.setattr(member_module, "POST_SECONDS", HANG)
        answered.set()
        await member.deliver([parcel])
        await member.aclose()

    try:
        with capture_logs() as logs:
            asyncio.run(main())
    finally:
        answered.set()
    reasons = [entry["reason"] for entry in logs]
    assert len(reasons) >= 4
    assert all("their volume does not answer" in reason for reason in reasons[:-1])
    assert "it is gone" in reasons[-1]


def test_what_a_read_that_hung_gives_after_all_is_posted_in_the_place_of_no_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    answered = threading.Event()
    posted: list[Request] = []
    taken: list[str] = []
    requests = {name: Request(f"https://am.example.com/{name}", name) for name in ("first", "second")}

    async def post(_client: object, request: Request, _now: Instant) -> Outcome:
        posted.append(request)
        return Outcome()

    def parcel(name: str) -> Parcel:
        async def request(_: Instant) -> Request:
            if name == "first":
                await asyncio.to_thread(answered.wait)
            return requests[name]

        return Parcel(1, request, lambda _: taken.append(name))

    async def main() -> None:
        member = Member(Alertmanager("https://am.example.com"), FakeClock(), Unjittered())
        await member.deliver([parcel("first")])
        monkeypatch.setattr(member_module, "POST_SECONDS", HANG)
        answered.set()
        await member.deliver([parcel("second")])
        await member.aclose()

    monkeypatch.setattr(member_module, "post", post)
    monkeypatch.setattr(member_module, "POST_SECONDS", 0.0)
    with capture_logs():
        asyncio.run(main())
    assert (posted, taken) == ([requests["second"]], ["second"])
