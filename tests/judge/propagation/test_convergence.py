"""How a change arrives: at all servers, at all resolvers, counted from the first server that showed it."""

import pytest

from probe.model.convergence import Stage
from probe.model.effect import Converged
from probe.model.outcome import Response
from probe.model.propagation import Convergence
from probe.model.question import RecordType
from probe.model.record import Position
from tests.judge.answers import at_position, instant
from tests.judge.propagation.caching import PROBING, Cache, Resolver, Truth, Watch

MOVED = 100.0
LAGS = (0.0, 8.0, 20.0, 40.0)


def sides(*moves: float, lags: tuple[float, ...] = LAGS) -> Truth:
    """From v1 to v2 and back at each of these seconds, each server with its own delay."""

    def truth(number: int, now: float) -> Response:
        done = sum(now >= moved + lags[number] for moved in moves)
        return at_position(Position.V2 if done % 2 else Position.V1)

    return truth


def reached(watch: Watch) -> list[tuple[Stage, float]]:
    return [(effect.stage, effect.seconds) for effect in watch.effects if isinstance(effect, Converged)]


def test_a_change_begins_at_the_first_server_and_is_everywhere_with_the_last_resolver() -> None:
    resolvers = [Resolver([Cache()], phase=5), Resolver([Cache(), Cache()], name="quad9", phase=17)]
    watch = Watch(sides(MOVED), resolvers, moves=(MOVED,))
    watch.run(MOVED + 300)

    (change,) = watch.status.convergences
    assert change.rdtype is RecordType.A
    assert change.transition == watch.status.records[0].recent[-1]
    assert change.transition.at.monotonic == pytest.approx(MOVED, abs=2)
    assert change.servers_at is not None
    assert change.servers_at.monotonic == pytest.approx(MOVED + 40, abs=3)
    assert change.resolvers_at is not None
    assert MOVED + 40 < change.resolvers_at.monotonic <= MOVED + PROBING.grace + 60 + 1.15 * PROBING.resolver_interval
    assert [stage for stage, _ in reached(watch)] == [Stage.ALL_SERVERS, Stage.ALL_RESOLVERS]
    servers, everybody = (seconds for _, seconds in reached(watch))
    assert servers == change.servers_at.monotonic - change.transition.at.monotonic
    assert everybody == change.resolvers_at.monotonic - change.transition.at.monotonic


def test_resolvers_that_turned_before_the_servers_had_settled_did_so_in_their_own_time() -> None:
    watch = Watch(sides(MOVED, lags=(0.0,) * 4), [Resolver([Cache(most=1)])], moves=(MOVED,))
    watch.run(MOVED + 100)

    (change,) = watch.status.convergences
    assert change.servers_at is not None
    assert change.resolvers_at is not None
    assert change.servers_at.monotonic <= change.resolvers_at.monotonic <= MOVED + 1.15 * PROBING.resolver_interval + 2


def test_without_resolvers_that_stage_is_never_reached() -> None:
    watch = Watch(sides(MOVED), [], moves=(MOVED,))
    watch.run(MOVED + 300)

    assert [stage for stage, _ in reached(watch)] == [Stage.ALL_SERVERS]
    assert watch.status.convergences[0].resolvers_at is None
    assert not watch.status.convergences[0].overtaken


def test_a_resolver_that_is_silent_is_not_waited_for_and_one_that_is_late_is() -> None:
    silent = Resolver([Cache()], name="quad9", down=lambda _: True)
    watch = Watch(sides(MOVED), [Resolver([Cache(least=600)]), silent], moves=(MOVED,))
    watch.run(MOVED + 300)
    assert [stage for stage, _ in reached(watch)] == [Stage.ALL_SERVERS]

    watch.run(MOVED + 900)

    assert [stage for stage, _ in reached(watch)] == [Stage.ALL_SERVERS, Stage.ALL_RESOLVERS]
    assert reached(watch)[1][1] > 450


def test_a_change_that_is_followed_by_another_one_is_overtaken_and_each_stage_is_told_once() -> None:
    back = MOVED + 90
    watch = Watch(sides(MOVED, back), [Resolver([Cache(least=400)])], moves=(MOVED, back))
    watch.run(back + 600)

    first, second = watch.status.convergences
    assert first.overtaken
    assert first.resolvers_at is None
    assert not second.overtaken
    assert second.resolvers_at is not None
    assert [stage for stage, _ in reached(watch)] == [Stage.ALL_SERVERS, Stage.ALL_SERVERS, Stage.ALL_RESOLVERS]


def test_the_changes_of_a_wave_its_rollback_and_the_next_try_are_kept() -> None:
    moves = tuple(100.0 + 300 * turn for turn in range(11))
    watch = Watch(sides(*moves, lags=(0.0,) * 4), [], moves=moves)
    watch.run(moves[-1] + 100)

    assert len(watch.status.convergences) == 8
    assert all(isinstance(change, Convergence) for change in watch.status.convergences)
    assert watch.status.convergences[-1].transition.at.monotonic == pytest.approx(moves[-1], abs=2)
    assert watch.status.convergences[-1].servers_at is not None
    assert watch.status.convergences[-1].servers_at.wall - instant(0).wall == pytest.approx(moves[-1], abs=5)
