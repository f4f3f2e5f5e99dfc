"""What a replay says of times that nobody watched."""

from probe.cli.replay_lines import gathered, plan_line, watch_line
from probe.model.clock import Instant
from probe.model.journal import WatchInterrupted
from tests.clock import WALL_AT_ZERO
from tests.plans import plan


def gap(since: float, until: float) -> WatchInterrupted:
    return WatchInterrupted(Instant(WALL_AT_ZERO + since, since), Instant(WALL_AT_ZERO + until, until))


def test_gaps_with_nothing_between_are_one_line_and_others_stay() -> None:
    between = plan_line(plan("app.example.com."), Instant(WALL_AT_ZERO + 50, 50))
    told = [watch_line(gap(0, 6)), watch_line(gap(10, 17)), watch_line(gap(30, 42)), between, watch_line(gap(60, 65))]
    lines = list(gathered(told))
    assert [line.words for line in lines] == [
        "the probe did not run 3 times since 2027-01-15 08:00:00 UTC: 25 s were not watched",
        "another plan is loaded",
        "the probe did not run since 2027-01-15 08:01:00 UTC: 5 s were not watched",
    ]
    assert lines[0].at == told[2].at
