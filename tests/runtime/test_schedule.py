import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.runtime.schedule import DueQueue, LagMeter


@given(st.lists(st.floats(0, 100)), st.floats(0, 100))
def test_exactly_what_is_due_is_taken_in_the_order_of_its_time(dues: list[float], now: float) -> None:
    schedule: DueQueue[int] = DueQueue()
    for number, due in enumerate(dues):
        schedule.put(due, number)
    taken = schedule.take(now, len(dues))
    assert taken == sorted((due, number) for number, due in enumerate(dues) if due <= now)
    assert len(schedule) == len(dues) - len(taken)


def test_equal_times_keep_their_order_even_when_items_cannot_be_compared() -> None:
    schedule: DueQueue[object] = DueQueue()
    items = [object() for _ in range(5)]
    for item in items:
        schedule.put(1.0, item)
    assert [item for _, item in schedule.take(1.0, 9)] == items


def test_no_more_is_taken_than_asked_for_and_the_rest_stays_due() -> None:
    schedule: DueQueue[str] = DueQueue()
    for due, item in enumerate("abc"):
        schedule.put(due, item)
    assert schedule.take(9.0, 2) == [(0, "a"), (1, "b")]
    assert schedule.take(9.0, 2) == [(2, "c")]


def test_the_largest_lag_is_that_of_the_last_minute() -> None:
    meter = LagMeter()
    meter.note(5.0, now=100.0)
    meter.note(0.5, now=101.0)
    meter.note(-1.0, now=130.0)  # an early one counts as punctual
    assert meter.latest == 0.0
    assert meter.largest(now=131.0) == 5.0
    assert meter.largest(now=149.0) == 5.0
    assert meter.largest(now=170.0) == 0.0
    assert LagMeter().largest(now=0.0) == 0.0


@pytest.mark.parametrize(("noted", "last"), [(100.0, 160.0), (109.9, 160.0), (119.9, 170.0)])
def test_a_lag_is_told_for_fifty_to_sixty_seconds(noted: float, last: float) -> None:
    """The window is a minute, and a sixth of it is dropped at a time."""
    meter = LagMeter()
    meter.note(5.0, now=noted)
    assert meter.largest(now=last - 0.1) == 5.0
    assert meter.largest(now=last) == 0.0
