"""A beat is told from cycles that are alike, and from nothing less."""

from collections.abc import Sequence

import pytest

from probe.judge.record.beat import beat, is_alike
from probe.model.record import Position


def two(times: Sequence[float]) -> list[Position]:
    return [(Position.V1, Position.V2)[number % 2] for number in range(len(times))]


@pytest.mark.case("B7")
@pytest.mark.parametrize("times", [(0, 240, 248), (0, 20, 60), (0, 20, 60, 200, 240), (0, 4, 76, 81, 190)])
def test_no_beat_is_told_before_two_cycles_are_alike(times: tuple[float, ...]) -> None:
    assert beat(times, two(times)) is None


@pytest.mark.parametrize(
    "times", [(0, 8, 20, 28, 40), (0, 8, 20, 28, 40, 48, 60, 68, 80, 88, 120), (0, 450, 900, 1350)]
)
def test_alike_cycles_are_a_beat_though_one_sync_failed(times: tuple[float, ...]) -> None:
    assert beat(times, two(times)) in (20, 900)


@pytest.mark.case("B7", "A7")
def test_of_three_writers_a_beat_is_from_one_s_change_to_its_next() -> None:
    places = [Position.V1, Position.V2, Position.FOREIGN] * 4
    times = [60.0 * turn + phase for turn in range(4) for phase in (6, 24, 45)]
    assert beat(times, places) == 60
    assert beat(times[:4], places[:4]) is None  # one cycle, though two times two changes lie alike apart


def test_a_place_that_is_seen_once_has_no_cycle() -> None:
    places = [Position.V1, Position.V2, Position.V1, Position.ABSENT, Position.V2, Position.V1, Position.V2]
    assert beat([0, 25, 60, 70, 85, 120, 145], places) == 60


@pytest.mark.parametrize(("usual", "most"), [(8.0, 5.0), (20.0, 5.0), (600.0, 150.0)])
def test_propagation_moves_short_cycles_by_seconds_and_long_ones_by_a_quarter(usual: float, most: float) -> None:
    assert is_alike(usual + most, usual)
    assert not is_alike(usual + most + 0.1, usual)
