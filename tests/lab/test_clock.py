import asyncio

import pytest

from probe.lab.clock import ScaledClock
from tests.lab.builders import StandingClock


def test_lab_time_begins_at_the_base_and_runs_faster() -> None:
    base = StandingClock()
    start = base.now()
    lab = ScaledClock(base, 60)
    assert lab.now() == start
    base.seconds += 2
    assert lab.now().monotonic - start.monotonic == 120
    assert lab.now().wall - start.wall == 120


def test_sleeping_lab_seconds_takes_fewer_base_seconds() -> None:
    base = StandingClock()
    lab = ScaledClock(base, 10)
    before = base.seconds
    asyncio.run(lab.sleep(25))
    assert base.seconds - before == 2.5


def test_who_is_to_be_called_after_lab_seconds_is_called_after_fewer_base_seconds() -> None:
    base = StandingClock()
    lab = ScaledClock(base, 10)
    before = base.seconds

    async def wait() -> None:
        rung = asyncio.Event()
        lab.call_later(25, rung.set)
        await rung.wait()

    asyncio.run(wait())
    assert base.seconds - before == 2.5


@pytest.mark.parametrize("speed", [0, -1, float("nan")])
def test_a_speed_that_is_not_above_zero_is_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="cannot run at speed"):
        ScaledClock(StandingClock(), speed)
