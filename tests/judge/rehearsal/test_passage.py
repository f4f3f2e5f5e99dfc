"""Phases, and the way of one act from change to change."""

from itertools import product

import pytest

from probe.externaldns.version import V0_22_0
from probe.judge.ownership.lookup import Shape
from probe.judge.rehearsal.cast import Player
from probe.judge.rehearsal.passage import Passage, Seat, Syncs, phases, ways
from probe.judge.rehearsal.rewrite import Wish
from probe.judge.rehearsal.stand import Stand
from probe.model.external_dns import ExternalDns, Policy
from probe.model.name import DomainName
from probe.model.side import Side
from probe.route53.records import ResourceRecordSet

EDGE, MOST_CHANGES, MOST_PLAYS, PHASES = 0.001, 16, 100, 10
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


EMPTY = Stand(DomainName("host.zone.test."), DomainName("zone.test."), frozenset(), Shape.ALIAS, dualstack=False)


def seat(side: Side, owner: str, interval: float = 60.0, *, wants: bool = True, migrate: str | None = None) -> Seat:
    player = Player(side, ExternalDns(owner, migrate, (0, 22, 0), interval), V0_22_0, Policy.SYNC)
    return Seat(player, Wish(side, Shape.ALIAS, dualstack=False) if wants else None)


def play(seats: list[Seat], *firsts: tuple[float, ...]) -> tuple[Passage, ...]:
    return Syncs(seats, EMPTY).play(frozenset(), firsts)


def test_two_are_played_in_all_phases_from_one_end_of_the_interval_to_the_other() -> None:
    found = phases([60.0, 90.0])
    assert len(found) == PHASES**2 == MOST_PLAYS
    assert min(first for first, _ in found) == pytest.approx(60 * EDGE)
    assert max(first for first, _ in found) == pytest.approx(60 * (1 - EDGE))
    assert len({first for first, _ in found}) == PHASES


def test_nobody_syncs_at_the_same_moment() -> None:
    assert all(len(set(moments)) == len(moments) for count in (1, 2, 3) for moments in phases([60.0] * count))


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6, 7, 12])
def test_many_get_as_few_phases_as_fit_and_never_less_than_both_ends(count: int) -> None:
    found = phases([60.0] * count)
    assert 2 <= len(found) <= MOST_PLAYS
    assert all(any(moments[place] > 59 for moments in found) for place in range(count))


def test_nobody_there_is_one_play() -> None:
    assert phases([]) == ((),)


def test_what_is_wanted_is_written_at_the_first_sync_and_then_nothing_more() -> None:
    (passage,) = play([seat(Side.V1, "a")], (12.5,))
    assert passage.plays == ((12.5,),)
    assert not passage.track.forever
    assert {one.rdtype for one in passage.track.end} == {"A", "AAAA", "TXT"}


def test_a_fight_ends_the_play_when_its_changes_do_not_end() -> None:
    seats = [seat(Side.V1, "a"), seat(Side.V2, "a", 90.0)]
    (passage,) = play(seats, (10.0, 20.0))
    (moments,) = passage.plays
    assert passage.track.forever
    assert len(passage.track.steps) == MOST_CHANGES
    assert list(moments) == sorted(moments)
    assert moments[:4] == (10.0, 20.0, 70.0, 110.0)


@pytest.mark.parametrize(("slow", "fast"), list(product([3600.0], [10.0, 15.0])))
def test_an_hour_beside_seconds_costs_no_more_than_two_alike(slow: float, fast: float) -> None:
    (passage,) = play([seat(Side.V1, "a", fast), seat(Side.V2, "a", slow)], (1.0, 2.0))
    assert passage.track.forever
    assert passage.plays[0][-1] > 6 * slow


def test_phases_in_which_the_same_syncs_follow_each_other_have_one_track() -> None:
    seats = [seat(Side.V1, "a"), seat(Side.V2, "a", 90.0)]
    one, other = play(seats, (10.0, 20.0), (20.0, 10.0), (11.0, 22.0))
    assert [moments[:2] for moments in one.plays] == [(10.0, 20.0), (11.0, 22.0)]
    assert [moments[:2] for moments in other.plays] == [(10.0, 20.0)]
    assert [step.player.side for step in other.track.steps[:2]] == [Side.V2, Side.V1]


def test_hosts_whose_records_differ_go_the_same_ways() -> None:
    """What stands beside and is left alone changes no order of syncs: the ways are known from the host before."""
    seats = [seat(Side.V1, "a"), seat(Side.V2, "a", 90.0)]
    ways.cache_clear()
    firsts = phases([60.0, 90.0])
    for number in range(5):
        beside = ResourceRecordSet(EMPTY.host, "TXT", 300, (f'"of another tool, {number}"',))
        (passage, *_) = Syncs(seats, EMPTY).play(frozenset({beside}), firsts)
        assert beside in passage.track.end
    assert ways.cache_info()[:2] == (4, 1)
