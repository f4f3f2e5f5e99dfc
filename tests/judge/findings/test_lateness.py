"""When a probe is too slow to judge, and which silences are its own."""

import pytest

from probe.judge.findings.lateness import Gap, Lateness, beat, hides, judge, reasons, sentence
from tests.judge.answers import instant

BEHIND_FROM, BEHIND_UNTIL, GAP, WAITING_FROM, WAITING_UNTIL, WINDOW = 12.0, 3.0, 1.0, 30.0, 15.0, 60.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

TICK = 0.05


def paced(*beats: float) -> Lateness:
    pace = Lateness()
    for at in beats:
        pace = beat(pace, at, at + TICK)
    return pace


def starved(seconds: float, *, runs: float, stops: float) -> Lateness:
    """Let the loop run for a while and stop for a while, in turns, and judge every second that it can."""
    pace, at = Lateness(), 0.0
    while at < seconds:
        stop = at + runs
        while at < stop:
            pace = judge(beat(pace, at, at + TICK), 0.0, instant(at))
            at += TICK
        at += stops
    return judge(beat(pace, at, at + TICK), 0.0, instant(at))


@pytest.mark.case("B14")
def test_a_probe_that_is_stopped_for_most_of_the_time_is_behind_within_half_a_minute() -> None:
    pace = starved(30, runs=0.3, stops=2.6)
    assert pace.behind is not None
    assert pace.behind.monotonic < 20


@pytest.mark.case("B14")
def test_a_suspension_is_told_and_forgotten_a_minute_later() -> None:
    pace = judge(paced(0.0, TICK, 40.0), 0.0, instant(40))
    assert pace.behind == instant(40)
    assert judge(pace, 0.0, instant(40 + WINDOW)).behind is None


@pytest.mark.case("B14")
def test_questions_that_wait_for_half_a_minute_are_as_bad() -> None:
    assert judge(Lateness(), WAITING_FROM - 0.1, instant(5)).behind is None
    late = judge(Lateness(), WAITING_FROM, instant(5))
    assert late.behind == instant(5)
    assert judge(late, WAITING_UNTIL, instant(9)).behind == instant(5)
    assert judge(late, WAITING_UNTIL - 0.1, instant(9)).behind is None
    assert sentence("here", late).startswith("The probe at here is behind since ")
    assert reasons(late) == ("Its questions leave up to 30 s late",)


def test_a_busy_second_is_no_gap() -> None:
    assert paced(0.0, TICK, TICK + GAP, 2.0, 2.9).gaps == ()
    assert paced(0.0, GAP + TICK).gaps == (Gap(0.0, GAP + TICK),)


def test_gaps_make_a_probe_behind_from_a_fifth_of_the_time_on_and_until_a_twentieth() -> None:
    for lost, behind in ((BEHIND_FROM - 0.1, False), (BEHIND_FROM, True)):
        assert (judge(Lateness(gaps=(Gap(0.0, lost),)), 0.0, instant(lost)).behind is not None) is behind
    was = Lateness(gaps=(Gap(0.0, BEHIND_FROM),), behind=instant(12))
    assert judge(was, 0.0, instant(WINDOW + BEHIND_FROM - BEHIND_UNTIL)).behind == instant(12)
    assert judge(was, 0.0, instant(WINDOW + BEHIND_FROM - BEHIND_UNTIL + 0.1)).behind is None


def test_a_gap_in_the_waiting_time_hides_an_answer_also_before_the_loop_knows_of_it() -> None:
    pace = paced(10.0, 10.05, 12.65)
    assert hides(pace, 9.0, 11.0)
    assert hides(pace, 11.0, 13.0)
    assert not hides(pace, 8.0, 10.0)
    assert not hides(pace, 12.7, 13.5)
    assert not hides(pace, 12.7, 12.65 + GAP)
    assert hides(pace, 12.7, 12.65 + TICK + GAP)


def test_a_loop_that_was_to_sleep_is_not_late_before_its_time() -> None:
    asleep = beat(paced(10.0, 10.05), 10.1, 10.6)
    assert not hides(asleep, 10.2, 11.5)
    assert hides(asleep, 10.2, 10.6 + GAP)
    assert beat(asleep, 11.5, 12.0).gaps == ()
    assert beat(asleep, 10.3, 10.4).gaps == ()  # woken up before
    assert beat(asleep, 10.6 + GAP, 12.0).gaps == (Gap(10.1, 10.6 + GAP),)


def test_gaps_do_not_add_up_for_ever() -> None:
    pace = starved(3600, runs=1.0, stops=2.0)
    assert len(pace.gaps) <= WINDOW / 2.0
