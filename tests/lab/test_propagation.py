import random
import weakref

import pytest

from probe.lab.propagation import Profile, Propagation, Replica
from probe.route53.hosted_zone import HostedZone
from tests.lab.builders import StandingClock, hosted_zone, plain, upsert

LONGEST_DELAY = 60.0
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""


def write(zone: HostedZone, last: int) -> None:
    zone.change(upsert(plain("web.example.com", "A", f"192.0.2.{last}")))


def carried(
    machines: int, profile: Profile, seed: int = 1
) -> tuple[HostedZone, StandingClock, Propagation, list[Replica]]:
    zone, clock = hosted_zone(), StandingClock()
    propagation = Propagation(zone, clock, random.Random(seed), profile)
    return zone, clock, propagation, [propagation.replica() for _ in range(machines)]


def test_a_change_arrives_at_each_machine_in_its_own_time() -> None:
    zone, clock, propagation, replicas = carried(16, Profile.MEDIUM)
    write(zone, 1)
    assert {replica.version().number for replica in replicas} == {1}
    assert not propagation.in_sync()
    counts = []
    for _ in range(61):
        clock.seconds += 1
        counts.append(sum(replica.version().number == 2 for replica in replicas))
    assert counts == sorted(counts)
    assert len(set(counts)) > 4
    assert counts[-1] == 16
    assert propagation.in_sync()


def test_no_machine_waits_longer_than_a_minute_and_some_wait_as_long() -> None:
    late = 0
    for seed in range(50):
        zone, clock, _, replicas = carried(8, Profile.SLOW, seed)
        write(zone, 1)
        clock.seconds += LONGEST_DELAY - 0.1
        late += sum(replica.version().number == 1 for replica in replicas)
        clock.seconds += 0.1
        assert {replica.version().number for replica in replicas} == {2}
    assert late > 0


def test_slower_profiles_are_slower() -> None:
    def mean(profile: Profile) -> float:
        total = 0
        for seed in range(40):
            zone, clock, _, replicas = carried(4, profile, seed)
            write(zone, 1)
            for _ in range(60):
                clock.seconds += 1
                total += sum(replica.version().number == 1 for replica in replicas)
        return total / 160

    fast, medium, slow = (mean(profile) for profile in (Profile.FAST, Profile.MEDIUM, Profile.SLOW))
    assert 1.5 < fast < 6 < medium < 20 < slow < 35


@pytest.mark.parametrize(
    ("profile", "least", "mean"),
    [(Profile.FAST, 0.5, 3.25), (Profile.MEDIUM, 2.0, 12.0), (Profile.SLOW, 5.0, 26.5)],  # a minute cuts the slowest
)
def test_a_change_takes_as_long_as_its_profile_says(profile: Profile, least: float, mean: float) -> None:
    waits: list[float] = []
    for seed in range(150):
        zone, clock, _, replicas = carried(4, profile, seed)
        write(zone, 1)
        for _ in range(240):
            clock.seconds += 0.25
            arrived = [replica for replica in replicas if replica.version().number == 2]
            waits += [clock.seconds] * len(arrived)
            replicas = [replica for replica in replicas if replica not in arrived]
    start = StandingClock().seconds
    waits = [at - start for at in waits]
    assert len(waits) == 600
    assert least < min(waits) <= 1.5 * least
    assert 0.9 * mean < sum(waits) / 600 < 1.1 * mean


def test_a_machine_never_goes_back_to_an_older_version() -> None:
    zone, clock, _, replicas = carried(8, Profile.SLOW)
    newest = [0] * 8
    for step in range(200):
        if step < 60:
            write(zone, step + 1)
        clock.seconds += 0.7
        now = [replica.version().number for replica in replicas]
        assert all(after >= before for after, before in zip(now, newest, strict=True))
        newest = now
    assert newest == [61] * 8


def test_versions_that_no_machine_needs_are_let_go() -> None:
    zone, clock, _, replicas = carried(4, Profile.FAST)
    write(zone, 1)
    old = weakref.ref(zone.version)
    write(zone, 2)
    assert old() is not None
    clock.seconds += LONGEST_DELAY
    assert {replica.version().number for replica in replicas} == {3}
    assert old() is None


def test_a_stuck_machine_keeps_its_version_until_it_may_catch_up() -> None:
    zone, clock, propagation, replicas = carried(2, Profile.FAST)
    replicas[0].stuck = True
    write(zone, 1)
    clock.seconds += LONGEST_DELAY
    assert [replica.version().number for replica in replicas] == [1, 2]
    assert not propagation.in_sync()
    replicas[0].stuck = False
    assert [replica.version().number for replica in replicas] == [2, 2]


def test_settling_lets_everything_arrive_now() -> None:
    zone, _, propagation, replicas = carried(4, Profile.SLOW)
    write(zone, 1)
    propagation.settle()
    assert {replica.version().number for replica in replicas} == {2}


def test_a_machine_added_later_begins_with_the_present_version() -> None:
    zone, _, propagation, _ = carried(1, Profile.SLOW)
    write(zone, 1)
    assert propagation.replica().version().number == 2


def test_equal_seeds_give_equal_delays() -> None:
    def arrivals(seed: int) -> list[int]:
        zone, clock, _, replicas = carried(4, Profile.MEDIUM, seed)
        write(zone, 1)
        seen = []
        for _ in range(300):
            clock.seconds += 0.1
            seen.append(sum(replica.version().number == 2 for replica in replicas))
        return seen

    assert arrivals(3) == arrivals(3) != arrivals(4)
