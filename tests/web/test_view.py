"""How a snapshot is put into order and words."""

from dataclasses import replace

import pytest

from probe.model.clock import Instant
from probe.model.question import RecordType
from probe.model.status import Position, RecordState, RecordStatus, Transition
from probe.web.view import LANE_WIDTH, domain_url, lanes, resolver_words, share, span
from tests.snapshots import NOW, ago, fleet, migration


def drawn(record: RecordStatus, *, running_for: float = 7_200) -> list[tuple[int, int, Position | None]]:
    """The lane of one record, in a daemon that has run for some seconds."""
    now = replace(fleet(1), started=ago(running_for))
    status = now.domains[0]._replace(records=(record,))
    (lane,) = lanes(status, now)
    return [(part.start, part.width, part.position) for part in lane.stretches]


def record(*recent: Transition, transitions: int | None = None) -> RecordStatus:
    return RecordStatus(
        RecordType.A,
        RecordState.V2,
        ago(10),
        recent[-1].after if recent else Position.V2,
        recent=recent,
        transitions=len(recent) if transitions is None else transitions,
    )


def change(seconds_ago: float, before: Position, after: Position) -> Transition:
    return Transition(ago(seconds_ago), before, after, reversal=False)


def test_a_record_that_never_changed_is_one_stretch() -> None:
    assert drawn(record()) == [(0, LANE_WIDTH, Position.V2)]


def test_a_change_half_an_hour_ago_is_in_the_middle() -> None:
    moved = change(1_800, Position.V1, Position.V2)

    assert drawn(record(moved)) == [(0, 500, Position.V1), (500, 500, Position.V2)]


def test_changes_before_the_hour_are_not_drawn_but_where_they_led_is() -> None:
    old = change(5_000, Position.V1, Position.ABSENT)

    assert drawn(record(old)) == [(0, LANE_WIDTH, Position.ABSENT)]


def test_the_time_before_the_probe_began_is_not_known() -> None:
    assert drawn(record(), running_for=900) == [(0, 750, None), (750, 250, Position.V2)]


def test_the_time_before_forgotten_changes_is_not_known() -> None:
    newest = change(1_800, Position.V1, Position.V2)

    assert drawn(record(newest, transitions=50)) == [(0, 500, None), (500, 500, Position.V2)]


def test_a_record_without_evidence_is_not_known() -> None:
    assert drawn(RecordStatus(RecordType.A)) == [(0, LANE_WIDTH, None)]


def test_a_change_at_this_very_moment_or_ahead_of_it_does_not_break_the_lane() -> None:
    ahead = Transition(Instant(NOW.wall + 5, NOW.monotonic + 5), Position.V1, Position.V2, reversal=False)

    assert drawn(record(ahead)) == [(0, LANE_WIDTH, Position.V1)]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-3, "0 s"),
        (0.4, "0 s"),
        (59.4, "59 s"),
        (60, "1 min"),
        (185, "3 min 5 s"),
        (7_800, "2 h 10 min"),
        (86_400 * 4 + 3 * 3_600 + 59, "4 d 3 h"),
    ],
)
def test_durations_are_told_in_two_units(seconds: float, words: str) -> None:
    assert span(seconds) == words


def test_a_name_stays_one_segment_of_its_path() -> None:
    assert domain_url("a/b?c#d.example.com.") == "/domains/a%2Fb%3Fc%23d.example.com"


def test_a_resolver_that_was_never_heard_is_unknown() -> None:
    assert resolver_words(migration().domains[-1]) == {"google": ["unknown"], "quad9": ["unknown"]}


def test_a_resolver_with_a_silent_address_says_what_the_other_says_and_that() -> None:
    assert resolver_words(migration().domains[3]) == {"google": ["v2", "silent"], "quad9": ["v1"]}


def test_the_share_of_a_split_record_is_told_with_its_interval_and_what_it_means() -> None:
    split = next(one for one in migration().domains if one.shares)
    a, aaaa = split.records
    assert share(split, a) == (
        "21.0% of 1,200 answers lead to v2; the share lies between 16.0% and 27.0% (as declared)"
    )
    assert "too few answers" in share(split, aaaa)
    assert share(split._replace(shares=()), a) == ""
