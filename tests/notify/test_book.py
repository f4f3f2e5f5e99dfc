"""When an alert fires, how long it is kept, and when it is over."""

from hypothesis import given
from hypothesis import strategies as st

from probe.model.alert import Patience
from probe.model.clock import Instant
from probe.notify.alert import Condition
from probe.notify.book import Book, Phase, follow

MAX_STANDING = 2_000
RESOLVED_FOR = 900.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

LABELS = (("alertname", "CutoverOutage"), ("domain", "shop.example.com"))
AT_ONCE, PATIENT = Patience(0.0, 300.0), Patience(300.0, 300.0)
WALL = 1_800_000_000.0


def _at(seconds: float) -> Instant:
    return Instant(WALL + seconds, seconds)


def _condition(patience: Patience = AT_ONCE, since: float | None = 0.0, number: int = 0) -> Condition:
    return Condition(
        (*LABELS, ("number", str(number))), "", "", "", None if since is None else WALL + since, patience, ""
    )


def _phase(book: Book, seconds: float) -> Phase | None:
    (standing,) = book.values() or (None,)
    return None if standing is None else standing.phase(_at(seconds))


def _play(patience: Patience, *held: tuple[float, bool]) -> list[Phase | None]:
    """Look at each moment, at which the condition holds or not, and give the phase each time."""
    book: Book = {}
    phases = []
    since: float | None = None
    for seconds, holds in held:
        since = (since if since is not None else seconds) if holds else None
        book = follow(book, [_condition(patience, since)] if holds else [], _at(seconds))
        phases.append(_phase(book, seconds))
    return phases


def test_an_impatient_alert_fires_at_once() -> None:
    assert _play(AT_ONCE, (0, True)) == [Phase.FIRING]


def test_a_patient_one_waits_and_is_never_told_of_when_the_condition_ends_before() -> None:
    assert _play(PATIENT, (0, True), (299, True), (300, True)) == [Phase.PENDING, Phase.PENDING, Phase.FIRING]
    assert _play(PATIENT, (0, True), (299, False), (1000, False)) == [Phase.PENDING, None, None]


def test_it_goes_on_firing_after_the_condition_and_a_flap_is_one_alert() -> None:
    assert (
        _play(AT_ONCE, (0, True), (10, False), (200, False), (250, True), (260, False), (559, False))
        == [Phase.FIRING] * 6
    )


def test_its_end_is_told_for_a_while_and_then_forgotten() -> None:
    over = 10 + 300
    forgotten = over + RESOLVED_FOR
    assert _play(AT_ONCE, (0, True), (10, False), (over, False), (forgotten - 1, False), (forgotten, False)) == [
        Phase.FIRING,
        Phase.FIRING,
        Phase.RESOLVED,
        Phase.RESOLVED,
        None,
    ]


def test_what_begins_anew_after_its_end_is_a_new_alert() -> None:
    book = follow({}, [_condition(since=0)], _at(0))
    book = follow(book, [], _at(10))
    book = follow(book, [], _at(400))
    book = follow(book, [_condition(since=500)], _at(500))

    assert next(iter(book.values())).since == WALL + 500


def test_a_finding_that_was_kept_over_a_restart_does_not_wait_again() -> None:
    """The journal gives it its old beginning: what paged before must not end and begin."""
    assert _phase(follow({}, [_condition(PATIENT, since=-4000)], _at(0)), 0) is Phase.FIRING


def test_a_clock_that_stepped_back_makes_no_alert_of_the_future() -> None:
    book = follow({}, [_condition(since=5_000)], _at(0))

    assert next(iter(book.values())).since == WALL
    assert _phase(book, 0) is Phase.FIRING


def test_the_book_is_bounded() -> None:
    book = follow({}, [_condition(number=number) for number in range(MAX_STANDING + 50)], _at(0))

    assert len(book) == MAX_STANDING


@given(st.lists(st.tuples(st.integers(1, 1600), st.booleans()), max_size=30), st.sampled_from([AT_ONCE, PATIENT]))
def test_an_alert_never_ends_sooner_than_it_is_kept_nor_fires_before_its_time(
    steps: list[tuple[int, bool]], patience: Patience
) -> None:
    """Quarters of a second, whose sums are exact: no rounding decides about a moment that is due."""
    book: Book = {}
    now, held_since, last_held, fired = 0.0, None, None, False
    for quarters, holds in steps:
        now += quarters / 4
        if holds:
            held_since = held_since if held_since is not None else now
            last_held = now
        else:
            held_since = None
        book = follow(book, [_condition(patience, held_since)] if holds else [], _at(now))
        phase = _phase(book, now)
        if phase is Phase.FIRING and not fired:
            assert held_since is not None
            assert now - held_since >= patience.pending
        if fired and phase is Phase.RESOLVED:
            assert last_held is not None
            assert now - last_held >= patience.keep
        fired = phase is Phase.FIRING
