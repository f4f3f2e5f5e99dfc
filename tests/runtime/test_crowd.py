"""What one owner id on two clusters means: many hosts of one zone in one fight, under the shared limits of asking."""

from statistics import median, quantiles

import pytest

from tests.runtime.crowd import Crowd, play

CYCLE = 10.0
"""Seconds that no question may wait longer."""


def delays(crowd: Crowd) -> tuple[float, float]:
    return median(crowd.delays), quantiles(crowd.delays, n=10)[-1]


@pytest.mark.case("C1")
def test_a_hundred_domains_in_one_fight_of_a_minute_are_all_found_in_time() -> None:
    crowd = play(100, (32.0, 28.0), 190.0)
    middle, late = delays(crowd)
    assert middle <= 1.3
    assert late <= 1.5
    assert crowd.longest_wait < CYCLE
    assert {code for code, _, _ in crowd.findings} <= {"fight-same-owner", "flip-flop"}


@pytest.mark.case("C2")
def test_thirty_are_found_hardly_later_than_one() -> None:
    middle, late = delays(play(30, (32.0, 28.0), 130.0))
    assert middle <= 1.15
    assert late <= 1.2


@pytest.mark.case("C1")
def test_a_hundred_in_a_fight_of_two_minutes_are_found_as_well() -> None:
    crowd = play(100, (80.0, 40.0), 260.0, seed=2)
    middle, late = delays(crowd)
    assert middle <= 1.2
    assert late <= 1.5
    assert crowd.longest_wait < CYCLE


@pytest.mark.case("C1")
def test_a_hundred_that_all_move_once_are_no_fight_and_delay_nobody() -> None:
    crowd = play(100, (600.0, 600.0), 120.0, seed=3)
    assert all(len(changes) == 1 for changes in crowd.transitions.values())
    assert len(crowd.transitions) == 100
    assert not crowd.findings
    assert crowd.longest_wait < CYCLE
