"""A host of a third cluster's owner that is to move: it is agreed upon first, and nothing of the plan's is stopped."""

from collections.abc import Callable, Iterator

import pytest

from probe.externaldns.instance import ExternalDnsInstance, Flags, ingress
from probe.externaldns.version import V0_21_0, V0_22_0, V0_23_0, Version
from probe.model.external_dns import Policy
from probe.model.plan import Expectation
from probe.model.record import Position
from tests.judge.ownership.owned import NEW, OLD, Owned, owned, with_versions
from tests.remedies.faults import BEGIN, CARE, HASTE, V1, V2, is_old
from tests.remedies.literal import changes_something
from tests.remedies.stage import BALANCERS, HOST, INTERVAL, LATER, Stage

THIRD = "a-third"
PAIRS = [
    (V0_21_0, V0_21_0),
    (V0_22_0, V0_22_0),
    (V0_22_0, V0_23_0),
    (V0_21_0, V0_22_0),
    (V0_22_0, V0_21_0),
]


class Night:
    """Both clusters of the plan, and a third ExternalDNS that has the host, with v1's version."""

    def __init__(self, pair: tuple[Version, Version]) -> None:
        self.stage = Stage(1, pair)
        self.wants = [ingress(HOST, BALANCERS[V1], "ingress/other/app")]
        self.policy = Policy.SYNC
        self.stage.want(V1, LATER)
        self.stage.run(V1)
        self.stage.flags(V2, migrate_from_txt_owner="eks-v1", policy=Policy.UPSERT_ONLY)
        self.stage.want(V2, HOST)
        self.go_on(HASTE)
        self.stage.run(V2)
        self.go_on(BEGIN)

    def go_on(self, seconds: float) -> None:
        """Let the third one sync as often as the others."""
        until = self.stage.now + seconds
        while self.stage.now < until:
            ExternalDnsInstance(
                self.stage.clusters[V1].version,
                Flags(THIRD, policy=self.policy),
                lambda: self.wants,
                self.stage.zone,
                (),
            ).sync()
            self.stage.advance(min(until, self.stage.now + INTERVAL))


def taken_without_asking(night: Night) -> Iterator[float]:
    """As for an owner that is v1's: stop v1's, and let v2's migrate from the one that stands there."""
    stage = night.stage
    stage.stop(V1)
    yield HASTE
    stage.flags(V2, migrate_from_txt_owner=THIRD)
    yield CARE
    stage.remove_txt(HOST, THIRD)
    stage.run(V1)
    yield CARE


def agreed_upon(night: Night) -> Iterator[float]:
    """The third one deletes nothing, gives up the host, and v2's owner is written in its place."""
    stage = night.stage
    night.policy = Policy.UPSERT_ONLY
    yield CARE
    night.wants.clear()
    yield CARE
    stage.correct_txt(HOST, THIRD, "eks-v2")
    stage.name_owner(HOST, "eks-v2", ("CNAME" if is_old(stage.clusters[V2].version) else "A",))
    yield CARE


def given_up_at_once(night: Night) -> Iterator[float]:
    night.wants.clear()
    yield CARE


Way = Callable[[Night], Iterator[float]]


def play(pair: tuple[Version, Version], way: Way) -> tuple[Night, float]:
    """Follow a way, and let the next wave move after it."""
    night = Night(pair)
    assert set(night.stage.leads(HOST).values()) == {(V1,)}
    since = night.stage.now
    for pause in way(night):
        night.go_on(pause)
    night.stage.want(V2, LATER)
    night.go_on(2 * BEGIN)
    return night, since


@pytest.mark.parametrize("pair", PAIRS)
def test_agreed_upon_the_host_moves_without_a_gap_and_the_next_wave_as_well(pair: tuple[Version, Version]) -> None:
    night, since = play(pair, agreed_upon)
    assert set(night.stage.leads(HOST).values()) == {(V2,)}
    assert night.stage.gaps(HOST, since) == []
    assert night.stage.leads(LATER)["AAAA"] == (V2,)


@pytest.mark.parametrize("pair", [(V0_21_0, V0_21_0), (V0_22_0, V0_22_0), (V0_22_0, V0_23_0)])
def test_taken_without_asking_the_next_wave_stays(pair: tuple[Version, Version]) -> None:
    night, _ = play(pair, taken_without_asking)
    assert set(night.stage.leads(LATER).values()) == {(V1,)}


def test_a_third_one_that_gives_up_the_host_with_sync_deletes_it() -> None:
    night, since = play((V0_22_0, V0_22_0), given_up_at_once)
    assert night.stage.gaps(HOST, since) != []


@pytest.mark.parametrize("version", [OLD, NEW])
def test_what_the_judge_advises_stops_nobody_and_leaves_the_flag(version: tuple[int, int, int]) -> None:
    late = Owned(with_versions(version, version), Expectation.V2)
    late.stand(Position.V1, 240, owned(THIRD, "a", "aaaa", "cname"))
    found = late.finding("laggard")
    assert found.first.sentence == (
        f'Find out who runs the ExternalDNS of "{THIRD}", and agree with them first; stop none of the plan\'s.'
    )
    assert not changes_something(found.first.command)
    order = ["agree with", "it gets --policy=upsert-only", "gives up the host", "write the id", "as it is"]
    assert [found.remedy.index(one) for one in order] == sorted(found.remedy.index(one) for one in order)


@pytest.mark.parametrize(
    ("txts", "names"),
    [
        (owned("v1", "cname", "aaaa"), ["cname-app.example.com", "aaaa-app.example.com"]),
        ({}, ["a-app.example.com", "cname-app.example.com", "aaaa-app.example.com"]),
    ],
)
def test_it_is_looked_up_where_the_owner_stands_or_everywhere(txts: dict[str, str], names: list[str]) -> None:
    late = Owned(with_versions(OLD, OLD), Expectation.V2)
    late.stand(Position.V1, 240, txts)
    asked = late.finding("laggard").first.command
    assert all(f"dig +norecurse @SERVER {name} TXT" in asked for name in names)
    assert bool(txts) is (" a-app.example.com" not in asked)
