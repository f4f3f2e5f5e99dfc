import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

import pytest
from structlog.testing import capture_logs

from probe.model.delegation import Delegation
from probe.model.name import DomainName
from probe.model.server import Server
from probe.runtime.delegations import Delegations
from probe.runtime.tasks import Tasks
from tests.clock import LoopClock, VirtualLoop, run_virtual
from tests.fakes import FakeDelegator, server

DUE_WALKS_SECONDS, FIRST_RETRY, LAST_RETRY, DOUBT_PAUSE = 0.25, 2.0, 300.0, 30.0
MAX_WALKS, MAX_TOLD, NEXT_LEADERS, TAKEN_TOGETHER = 16, 8, 4, 32
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


HOUR = 3600.0
NAMES = tuple(DomainName(f"app-{number}.example.com.") for number in range(50))
FOUR = tuple(server(number) for number in range(1, 5))


class Bench(NamedTuple):
    clock: LoopClock
    delegator: FakeDelegator
    delegations: Delegations
    found: list[tuple[DomainName, tuple[Server, ...]]]


def delegations_bench(clock: LoopClock, zones: dict[str, tuple[Server, ...]]) -> Bench:
    found: list[tuple[DomainName, tuple[Server, ...]]] = []
    delegator = FakeDelegator(clock, zones)
    tasks = Tasks()
    delegations = Delegations(
        delegator=delegator,
        refresh=HOUR,
        clock=clock,
        rng=random.Random(1),
        tasks=tasks,
        found=lambda name, servers: found.append((name, servers)),
    )
    tasks.eternal("delegations", delegations.run())
    return Bench(clock, delegator, delegations, found)


def run(zones: dict[str, tuple[Server, ...]], scenario: Callable[[Bench], Awaitable[None]]) -> None:
    async def main(clock: LoopClock) -> None:
        await scenario(delegations_bench(clock, zones))

    run_virtual(main)


def test_one_walk_finds_the_servers_of_all_names_of_a_zone() -> None:
    async def scenario(bench: Bench) -> None:
        bench.delegations.watch(NAMES)
        await bench.clock.sleep(1)
        assert len(bench.delegator.walked) == 1
        assert dict(bench.found) == dict.fromkeys(NAMES, FOUR)
        assert all(bench.delegations.zone(name) == "example.com." for name in NAMES)

    run({"example.com.": FOUR}, scenario)


@pytest.mark.parametrize("again", [False, True], ids=["found", "changed"])
def test_the_names_of_a_large_zone_get_its_servers_some_at_a_time(
    again: bool,  # noqa: FBT001  # a parameter of the test
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A zone may have all 10,000 names of a plan; each is read anew under it, and the loop must not stop for that."""
    many = tuple(DomainName(f"app-{number}.example.com.") for number in range(10 * TAKEN_TOGETHER))
    breaks: list[tuple[float, int]] = []

    async def scenario(bench: Bench) -> None:
        known = bench.clock.sleep

        async def sleep(_: LoopClock, seconds: float) -> None:
            if not seconds:
                breaks.append((bench.clock.now().monotonic, len(bench.found)))
            await known(seconds)

        monkeypatch.setattr(LoopClock, "sleep", sleep)
        bench.delegations.watch(many)
        await known(1.0)
        if again:
            breaks.clear()
            bench.found.clear()
            bench.delegator.zones["example.com."] = FOUR[:3]
            await known(1.2 * HOUR)
        assert {name for name, _ in bench.found} == set(many)
        assert bench.found[-1][1] == (FOUR[:3] if again else FOUR)
        counts = [count for at, count in breaks if at == breaks[0][0]]
        assert len(counts) >= len(many) // TAKEN_TOGETHER - 1
        assert max(after - before for before, after in pairwise([0, *counts])) <= TAKEN_TOGETHER + 1

    run({"example.com.": FOUR}, scenario)


class FreshTuples(FakeDelegator):
    """Finds equal servers anew in each walk, as the real one does."""

    async def find(self, name: DomainName) -> Delegation:
        found = await super().find(name)
        return replace(found, servers=(*found.servers,))


def test_domains_of_a_zone_share_one_tuple_of_servers_whichever_walk_found_them() -> None:
    """By it load is shared out, crowds are told, and neighbours are known."""
    below = DomainName("app.eu.example.com.")  # another parent: a walk of its own
    late = DomainName("late.example.com.")

    async def scenario(bench: Bench) -> None:
        bench.delegations.reconfigure(FreshTuples(bench.clock, {"example.com.": FOUR}), HOUR)
        bench.delegations.watch([*NAMES[:2], below])
        await bench.clock.sleep(1)
        bench.delegations.watch([*NAMES[:2], below, late])  # as a reload does
        await bench.clock.sleep(1)
        assert {name for name, _ in bench.found} == {*NAMES[:2], below, late}
        assert len({id(servers) for _, servers in bench.found}) == 1

    run({}, scenario)


def test_every_name_is_walked_itself_within_the_first_refresh_period() -> None:
    async def scenario(bench: Bench) -> None:
        bench.delegations.watch(NAMES)
        await bench.clock.sleep(HOUR + 1)
        assert {name for _, name in bench.delegator.walked} == set(NAMES)

    run({"example.com.": FOUR}, scenario)


def test_names_of_different_zones_are_walked_in_parallel_up_to_a_bound() -> None:
    apexes = tuple(DomainName(f"zone-{number}.com.") for number in range(3 * MAX_WALKS))

    async def scenario(bench: Bench) -> None:
        bench.delegations.watch(apexes)
        await bench.clock.sleep(1)
        assert {name for name, _ in bench.found} == set(apexes)
        assert bench.delegator.most_running == MAX_WALKS

    run(dict.fromkeys(apexes, FOUR), scenario)


def test_a_name_in_a_zone_of_its_own_gets_its_own_servers_once_it_is_doubted() -> None:
    own = (server(9),)

    async def scenario(bench: Bench) -> None:
        bench.delegations.watch([NAMES[1], NAMES[0]])
        await bench.clock.sleep(1)
        assert bench.delegations.servers(NAMES[0]) == FOUR
        bench.delegations.doubt(NAMES[0])
        await bench.clock.sleep(1)
        assert bench.delegations.servers(NAMES[0]) == own
        assert bench.delegations.servers(NAMES[1]) == FOUR

    run({"example.com.": FOUR, NAMES[0]: own}, scenario)


def test_a_failed_walk_keeps_the_last_good_servers_and_is_tried_again_ever_more_slowly() -> None:
    async def scenario(bench: Bench) -> None:
        bench.delegations.watch(NAMES[:1])
        await bench.clock.sleep(1)
        bench.delegator.zones.clear()
        await bench.clock.sleep(2 * HOUR)
        assert bench.delegations.servers(NAMES[0]) == FOUR
        newest = bench.delegations.newest()
        assert [delegation.servers for delegation in newest if delegation.zone is None] == [()]
        times = [at for at, _ in bench.delegator.walked[1:]]
        pauses = [later - earlier for earlier, later in pairwise(times)]
        assert pauses[0] < 4
        assert 0.7 * LAST_RETRY < pauses[-1] < 1.3 * LAST_RETRY

    run({"example.com.": FOUR}, scenario)


def test_a_repaired_zone_is_found_again_and_its_failure_is_forgotten() -> None:
    async def scenario(bench: Bench) -> None:
        bench.delegations.watch(NAMES[:3])
        await bench.clock.sleep(30)
        assert not bench.found
        assert all(bench.delegations.settled(name) for name in NAMES[:3])
        bench.delegator.zones["example.com."] = FOUR
        await bench.clock.sleep(LAST_RETRY * 1.3)
        assert dict(bench.found) == dict.fromkeys(NAMES[:3], FOUR)
        assert all(delegation.zone is not None for delegation in bench.delegations.newest())

    run({}, scenario)


def test_a_broken_sub_zone_does_not_hold_its_neighbours_back() -> None:
    async def scenario(bench: Bench) -> None:
        bench.delegations.watch(NAMES)
        await bench.clock.sleep(2)
        assert {name for name, _ in bench.found} == set(NAMES[1:])

    run({"example.com.": FOUR, NAMES[0]: ()}, scenario)


def test_new_servers_of_a_zone_reach_all_of_its_names_after_one_walk() -> None:
    async def scenario(bench: Bench) -> None:
        bench.delegations.watch(NAMES)
        await bench.clock.sleep(60)
        bench.found.clear()
        bench.delegator.zones["example.com."] = FOUR[:3]
        bench.delegations.doubt_zone(NAMES[7])
        await bench.clock.sleep(1)
        assert dict(bench.found) == dict.fromkeys(NAMES, FOUR[:3])

    run({"example.com.": FOUR}, scenario)


def test_a_walk_that_hears_nothing_of_a_server_takes_it_away_from_nobody() -> None:
    async def scenario(bench: Bench) -> None:
        bench.delegations.watch(NAMES[:2])
        await bench.clock.sleep(1)
        bench.delegator.silent = FOUR[2:]
        await bench.clock.sleep(3 * HOUR)
        assert len(bench.delegator.walked) > 4
        assert bench.delegations.servers(NAMES[0]) == FOUR
        assert [servers for _, servers in bench.found] == [FOUR, FOUR]
        bench.delegator.zones = {"example.com.": FOUR[:3]}
        await bench.clock.sleep(2 * HOUR)
        assert bench.delegations.servers(NAMES[0]) == FOUR[:3]

    run({"example.com.": FOUR}, scenario)


def test_the_first_walk_of_a_process_takes_nobody_away_either_whom_the_one_before_knew() -> None:
    async def scenario(bench: Bench) -> None:
        bench.delegations.recall(DomainName("example.com."), FOUR)
        bench.delegator.silent = FOUR[1:]
        bench.delegations.watch(NAMES[:1])
        await bench.clock.sleep(1)
        assert bench.delegations.servers(NAMES[0]) == FOUR

    run({"example.com.": FOUR}, scenario)


def test_a_server_that_is_silent_from_the_first_walk_on_is_not_asked() -> None:
    async def scenario(bench: Bench) -> None:
        bench.delegator.silent = FOUR[3:]
        bench.delegations.watch(NAMES[:1])
        await bench.clock.sleep(1)
        assert bench.delegations.servers(NAMES[0]) == FOUR[:3]

    run({"example.com.": FOUR}, scenario)


def test_a_doubted_zone_is_not_walked_again_and_again() -> None:
    async def scenario(bench: Bench) -> None:
        bench.delegations.watch(NAMES)
        await bench.clock.sleep(60)
        before = len(bench.delegator.walked)
        for _ in range(100):
            for name in NAMES[:10]:
                bench.delegations.doubt_zone(name)
            await bench.clock.sleep(0.2)
        assert len(bench.delegator.walked) - before <= 12  # one or all that asked at once, and the refresh

    run({"example.com.": FOUR}, scenario)


def test_doubts_that_change_nothing_are_followed_ever_more_seldom() -> None:
    async def scenario(bench: Bench) -> None:
        bench.delegations.watch(NAMES[:1])
        for _ in range(int(HOUR)):
            await bench.clock.sleep(1)
            bench.delegations.doubt(NAMES[0])
        assert 5 <= len(bench.delegator.walked) <= 9
        assert bench.delegator.forgotten

    run({"example.com.": FOUR}, scenario)


def test_names_that_are_watched_no_longer_are_forgotten_and_the_others_keep_their_servers() -> None:
    async def scenario(bench: Bench) -> None:
        bench.delegations.watch(NAMES)
        await bench.clock.sleep(1)
        bench.found.clear()
        new = DomainName("new.example.net.")
        bench.delegations.watch([*NAMES[:2], new])
        assert bench.delegations.servers(NAMES[0]) == FOUR
        assert bench.delegations.servers(NAMES[9]) == ()
        await bench.clock.sleep(2 * HOUR)
        assert bench.found == [(new, FOUR[:1])]
        assert {name for at, name in bench.delegator.walked if at > 1} == {*NAMES[:2], new}

    run({"example.com.": FOUR, "example.net.": FOUR[:1]}, scenario)


def test_a_leader_dropped_during_its_walk_leaves_another_to_lead() -> None:
    async def scenario(bench: Bench) -> None:
        bench.delegations.watch(NAMES[:3])
        await bench.clock.sleep(0.01)
        (leader,) = {name for _, name in bench.delegator.walked}
        bench.delegations.watch(set(NAMES[:3]) - {leader})
        await bench.clock.sleep(1)
        assert {name for name, _ in bench.found} == set(NAMES[:3]) - {leader}

    run({"example.com.": FOUR}, scenario)


def test_another_way_of_walking_is_used_for_every_name() -> None:
    async def scenario(bench: Bench) -> None:
        bench.delegations.watch(NAMES)
        await bench.clock.sleep(1)
        other = FakeDelegator(bench.clock, {"example.com.": FOUR[:2]})
        bench.delegations.reconfigure(other, HOUR)
        assert bench.delegations.servers(NAMES[0]) == FOUR
        await bench.clock.sleep(5)
        assert {name for _, name in other.walked} == set(NAMES)
        assert bench.delegations.servers(NAMES[-1]) == FOUR[:2]

    run({"example.com.": FOUR}, scenario)


def test_a_walk_that_raises_is_tried_again() -> None:
    class Faulty(FakeDelegator):
        async def find(self, name: DomainName) -> Delegation:
            if len(self.walked) < 2:
                self.walked.append((0.0, name))
                raise RuntimeError("a mistake in the walk")
            return await super().find(name)

    async def scenario(bench: Bench) -> None:
        bench.delegations.reconfigure(Faulty(bench.clock, {"example.com.": FOUR}), HOUR)
        bench.delegations.watch(NAMES[:1])
        await bench.clock.sleep(30)
        assert bench.delegations.servers(NAMES[0]) == FOUR

    run({}, scenario)


def test_walks_that_are_due_begin_at_once_where_none_was_looked_for_just_before() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(10.0)
        begun = bench.clock.now().monotonic
        bench.delegations.watch(NAMES[:1])
        await bench.clock.sleep(0.01)
        assert [at for at, _ in bench.delegator.walked] == pytest.approx([begun])
        bench.delegations.watch((*NAMES[:1], DomainName("app.example.net.")))
        await bench.clock.sleep(2)
        assert begun < bench.delegator.walked[1][0] <= begun + DUE_WALKS_SECONDS

    run({"example.com.": FOUR, "example.net.": FOUR}, scenario)


def test_nobody_wakes_up_while_no_walk_is_due() -> None:
    async def scenario(bench: Bench) -> None:
        bench.delegations.watch(NAMES[:1])
        await bench.clock.sleep(10.0)
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        before = loop.waits
        await bench.clock.sleep(200.0)
        assert loop.waits - before <= 2

    run({"example.com.": FOUR}, scenario)


def test_a_network_that_is_dead_is_not_asked_for_all_neighbours_at_once() -> None:
    """The first of them is walked for all; in vain, some more are, and after each of these some more."""

    async def scenario(bench: Bench) -> None:
        bench.delegations.watch(NAMES)
        await bench.clock.sleep(1)
        begun = Counter(round(at, 3) for at, _ in bench.delegator.walked)
        assert [count for _, count in sorted(begun.items())][:3] == [1, NEXT_LEADERS, NEXT_LEADERS**2]

    run({}, scenario)


def test_a_walk_in_vain_is_tried_again_after_two_seconds_and_then_after_twice_as_long() -> None:
    async def scenario(bench: Bench) -> None:
        bench.delegations.watch(NAMES[:1])
        await bench.clock.sleep(60)
        times = [at for at, _ in bench.delegator.walked]
        for number, pause in enumerate([after - before for before, after in pairwise(times)][:3]):
            asked, least = bench.delegator.elapsed, 0.8 * FIRST_RETRY * 2**number
            assert least <= pause - asked <= 1.5 * least + DUE_WALKS_SECONDS

    run({}, scenario)


def test_a_zone_that_is_doubted_all_the_time_is_walked_twice_a_minute_at_the_most_and_then_half_as_often() -> None:
    async def scenario(bench: Bench) -> None:
        bench.delegations.watch(NAMES[:1])
        for _ in range(1000):
            await bench.clock.sleep(0.1)
            bench.delegations.doubt(NAMES[0])
        times = [at for at, _ in bench.delegator.walked]
        assert times[1] - times[0] == pytest.approx(DOUBT_PAUSE, abs=0.5)
        assert times[2] - times[1] == pytest.approx(2 * DOUBT_PAUSE, abs=0.5)

    run({"example.com.": FOUR}, scenario)


def test_a_line_of_the_log_tells_some_of_very_many_problems() -> None:
    class Troubled(FakeDelegator):
        async def find(self, name: DomainName) -> Delegation:
            found = await super().find(name)
            return replace(found, problems=found.problems * 30)

    async def scenario(bench: Bench) -> None:
        bench.delegations.reconfigure(Troubled(bench.clock, {}), HOUR)
        with capture_logs() as logs:
            bench.delegations.watch(NAMES[:1])
            await bench.clock.sleep(1)
        assert [len(told["problems"]) for told in logs if "problems" in told] == [MAX_TOLD]

    run({}, scenario)
