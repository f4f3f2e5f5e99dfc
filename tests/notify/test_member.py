"""When a receiver that failed is tried again."""

import asyncio
import random
from typing import NoReturn

import pytest
from structlog.testing import capture_logs

from probe.model.clock import Instant
from probe.model.notification import NotificationFailure
from probe.model.plan import Alertmanager
from probe.notify.member import Member
from probe.notify.receiver import Parcel
from tests.clock import FakeClock

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
