"""What is told while a command waits. Time is moved by hand."""

import pytest

from probe.cli.waiting import Waiting
from tests.clock import FakeClock

SAME_LINE = 60.0
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""


@pytest.mark.case("E2")
def test_waiting_tells_each_new_reason_at_once_and_the_same_one_once_a_minute(
    capsys: pytest.CaptureFixture[str],
) -> None:
    clock = FakeClock()
    waiting = Waiting(clock)
    for _ in range(int(SAME_LINE / 2) + 1):
        waiting.show("5 min are left.")
        clock.advance(2.0)
    waiting.show("It does not hold.")
    assert capsys.readouterr().err.splitlines() == [
        "waiting: 5 min are left.",
        "waiting: 5 min are left.",
        "waiting: It does not hold.",
    ]
