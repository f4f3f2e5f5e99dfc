"""A beat is told from cycles that are alike, and from nothing less."""

import pytest

from probe.judge.record.beat import beat, is_alike


@pytest.mark.case("B7")
@pytest.mark.parametrize("times", [(0, 240, 248), (0, 20, 60), (0, 20, 60, 200, 240), (0, 4, 76, 81, 190)])
def test_no_beat_is_told_before_two_cycles_are_alike(times: tuple[float, ...]) -> None:
    assert beat(times) is None


@pytest.mark.parametrize(
    "times", [(0, 8, 20, 28, 40), (0, 8, 20, 28, 40, 48, 60, 68, 80, 88, 120), (0, 450, 900, 1350)]
)
def test_alike_cycles_are_a_beat_though_one_sync_failed(times: tuple[float, ...]) -> None:
    assert beat(times) in (20, 900)


@pytest.mark.parametrize(("usual", "most"), [(8.0, 5.0), (20.0, 5.0), (600.0, 150.0)])
def test_propagation_moves_short_cycles_by_seconds_and_long_ones_by_a_quarter(usual: float, most: float) -> None:
    assert is_alike(usual + most, usual)
    assert not is_alike(usual + most + 0.1, usual)
