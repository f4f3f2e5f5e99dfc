import asyncio
import bisect
import math
import re
from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probe.lab.story import MIGRATION, PAIRS, STORY_WAVES, ZONE
from probe.lab.story_stage import ObservedSync, Performance, Scene, Story
from probe.model.name import canonical
from probe.model.plan import Expectation
from probe.model.side import Side
from probe.route53.hosted_zone import HostedZone
from probe.route53.records import ResourceRecordSet
from tests.clock import LoopClock, run_virtual

LOAD_BALANCERS = {
    Side.V1: "k8s-v1-0123456789-111.eu-west-1.elb.amazonaws.com",
    Side.V2: "k8s-v2-0123456789-222.eu-west-1.elb.amazonaws.com",
}
SIDES = {canonical(name): side for side, name in LOAD_BALANCERS.items()}


def new_zone() -> HostedZone:
    return HostedZone(canonical(ZONE), "Z1", (canonical("ns-1.awsdns-01.org"),))


class Seen:
    """A performance and everything it told."""

    def __init__(self, story: Story = MIGRATION) -> None:
        self.zone = new_zone()
        self.scenes: list[Scene] = []
        self.syncs: list[ObservedSync] = []
        self.performance = Performance(
            story, self.zone, LOAD_BALANCERS, on_scene=self.scenes.append, on_sync=self.syncs.append
        )

    def picture(self) -> "Picture":
        return Picture(self.zone.record_sets())


@dataclass(frozen=True)
class Picture:
    """The zone at one moment."""

    records: tuple[ResourceRecordSet, ...]

    def target(self, host: str, rdtype: str = "A") -> str:
        """The side that the record leads to; `gone` without one; `split` with one on each side."""
        sides = {
            SIDES[record.alias.dns_name]
            for record in self.records
            if (record.name, record.rdtype) == (canonical(host), rdtype) and record.alias is not None
        }
        return "gone" if not sides else "split" if len(sides) > 1 else sides.pop().value

    def owners(self, host: str) -> dict[str, str]:
        """TXT name to owner, for one host's ownership TXT records."""
        names = {canonical(prefix + host) for prefix in ("a-", "aaaa-", "cname-", "")}
        return {
            record.name: record.values[0].split("owner=")[1].split(",")[0]
            for record in self.records
            if record.rdtype == "TXT" and record.name in names
        }


class Film:
    """The story from its beginning to the end of the second round, moment by moment."""

    def __init__(self) -> None:
        self.seen = Seen()
        self.times = [-math.inf]
        self.pictures = [self.seen.picture()]
        self.end = MIGRATION.refrain_after + 2 * MIGRATION.refrain_length
        while (at := self.seen.performance.next_event()) <= self.end:
            self.seen.performance.advance(at)
            self.times.append(at)
            self.pictures.append(self.seen.picture())

    def at(self, moment: float) -> Picture:
        assert moment <= self.end
        return self.pictures[bisect.bisect_right(self.times, moment) - 1]

    def targets(self, host: str, start: float, end: float) -> set[str]:
        return {self.at(moment).target(host) for moment in range(int(start), int(end), 5)}


@pytest.fixture(scope="module")
def film() -> Film:
    return Film()


def test_twelve_domains_in_the_waves_of_a_real_migration() -> None:
    hosts = [host for wave in STORY_WAVES for host in wave.hosts]

    assert len(hosts) == len(set(hosts)) == 12
    assert sorted(host for pair in PAIRS for host in pair.hosts) == sorted(hosts)


def test_every_pair_has_beats_of_its_own() -> None:
    phases = [plan.phase for pair in PAIRS for plan in (pair.v1, pair.v2)]

    assert len(set(phases)) == len(phases)


def test_at_the_beginning_every_wave_is_where_its_expectation_says() -> None:
    opening = Seen().picture()
    beginning = {
        Expectation.V1: "v1",
        Expectation.MOVING: "v1",
        Expectation.V2: "v2",
        Expectation.WEIGHTED: "split",
    }

    for wave in STORY_WAVES:
        for host in wave.hosts:
            expected = "gone" if host == "login.example.com" else beginning[wave.expectation]
            assert (host, opening.target(host), opening.target(host, "AAAA")) == (host, expected, expected)


def test_nothing_is_written_before_the_first_deployment() -> None:
    seen = Seen()
    seen.syncs.clear()

    seen.performance.advance(59.0)

    # --migrate-from-txt-owner rewrites what it owns at every sync, identically.
    assert {(sync.pair, sync.side) for sync in seen.syncs} == {("migrating", Side.V2)}


def test_the_clean_move_happens_once_with_its_owner_and_stays(film: Film) -> None:
    moments = {60: "v1", 97: "v1", 98: "v2", 128: "v2", 600: "v2", 3000: "v2"}

    assert {at: film.at(at).target("admin.example.com") for at in moments} == moments
    assert set(film.at(97).owners("admin.example.com").values()) == {"v1"}
    assert set(film.at(98).owners("admin.example.com").values()) == {"v2"}


def test_the_fight_flips_both_types_at_every_sync_and_never_its_txt(film: Film) -> None:
    before = film.at(150).owners("shop.example.com")

    assert film.at(150).target("shop.example.com") == "v1"
    # v2 syncs at :40 of each minute, v1 at :15.
    for minute in range(2, 12):
        for at, side in ((minute * 60 + 40, "v2"), (minute * 60 + 74, "v2"), (minute * 60 + 75, "v1")):
            assert film.at(at).target("shop.example.com") == side
            assert film.at(at).target("shop.example.com", "AAAA") == side
            assert film.at(at).owners("shop.example.com") == before
    assert set(before.values()) == {"default"}


def test_the_mix_of_versions_flips_a_only_between_standing_contradictory_owners(film: Film) -> None:
    # v1 syncs at :20 of each minute, v2 at :50.
    for minute in range(6, 13):
        for at, side in ((minute * 60 + 20, "v1"), (minute * 60 + 50, "v2")):
            assert film.at(at).target("www.example.com") == side
            assert film.at(at).target("www.example.com", "AAAA") == "v2"
            assert film.at(at).owners("www.example.com") == {
                "cname-www.example.com.": "v1",
                "a-www.example.com.": "v2",
                "aaaa-www.example.com.": "v2",
            }


def test_the_hand_over_leaves_a_hole_until_the_new_side_s_next_sync(film: Film) -> None:
    moments = {539: "v1", 551: "v1", 552: "gone", 584: "gone", 585: "v2", 800: "v2", 3000: "v2"}

    assert {at: film.at(at).target("billing.example.com") for at in moments} == moments


def test_hosts_of_a_shared_owner_come_and_go(film: Film) -> None:
    for minute in range(10, 20):
        assert film.at(minute * 60 + 30).target("account.example.com") == "gone"
        assert film.at(minute * 60 + 30).target("login.example.com") == "v2"
        assert film.at(minute * 60 + 65).target("account.example.com") == "v1"
        assert film.at(minute * 60 + 65).target("login.example.com") == "gone"


@pytest.mark.parametrize("round_", [0, 1])
def test_in_every_round_the_fights_end_and_come_back(film: Film, round_: int) -> None:
    begin = MIGRATION.refrain_after + round_ * MIGRATION.refrain_length

    assert film.targets("shop.example.com", begin - 120, begin) == {"v1", "v2"}
    assert film.targets("shop.example.com", begin + 60, begin + 595) == {"v2"}
    assert film.targets("shop.example.com", begin + 600, begin + 1080) == {"v1", "v2"}


@pytest.mark.parametrize("round_", [0, 1])
def test_in_every_round_the_upgrade_ends_the_mix_and_leaves_a_stale_txt(film: Film, round_: int) -> None:
    begin = MIGRATION.refrain_after + round_ * MIGRATION.refrain_length

    assert film.targets("www.example.com", begin + 120, begin + 655) == {"v2"}
    assert film.at(begin + 600).owners("www.example.com")["cname-www.example.com."] == "v1"
    assert film.targets("www.example.com", begin + 660, begin + 1080) == {"v1", "v2"}


def test_domains_that_nobody_touches_stay_where_they_are(film: Film) -> None:
    expected = {
        "api.example.com": {"v1"},
        "auth.example.com": {"v1"},
        "grafana.example.com": {"v2"},
        "wiki.example.com": {"v2"},
        "ci.example.com": {"v2"},
        "partners.example.com": {"split"},
    }

    assert {host: film.targets(host, 0, film.end) for host in expected} == expected


def test_no_batch_of_the_story_is_refused(film: Film) -> None:
    assert all(batch.accepted for sync in film.seen.syncs for batch in sync.batches)


def test_scenes_are_told_in_their_order_and_the_refrain_again_and_again(film: Film) -> None:
    assert [scene.title for scene in film.seen.scenes] == [
        *(scene.title for scene in MIGRATION.scenes),
        *([scene.title for scene in MIGRATION.refrain] * 2),
        MIGRATION.refrain[0].title,
    ]
    assert [scene.at for scene in film.seen.scenes] == sorted(scene.at for scene in film.seen.scenes)


def test_every_scene_speaks_of_hosts_that_the_plan_knows() -> None:
    hosts = {host for wave in STORY_WAVES for host in wave.hosts}

    for scene in (*MIGRATION.scenes, *MIGRATION.refrain):
        assert set(re.findall(r"[a-z]+\.example\.com", scene.sentence)) <= hosts


@settings(max_examples=10, deadline=None)
@given(st.lists(st.floats(0.0, 300.0), max_size=8))
def test_how_often_one_looks_does_not_change_the_story(steps: list[float]) -> None:
    looked = Seen()
    now = 0.0
    for step in (0.0, *steps):
        now += step
        looked.performance.advance(now)
    jumped = Seen()
    jumped.performance.advance(now)

    assert set(looked.zone.record_sets()) == set(jumped.zone.record_sets())
    assert [scene.title for scene in looked.scenes] == [scene.title for scene in jumped.scenes]
    assert looked.syncs == jumped.syncs


def test_a_story_is_played_in_the_time_of_its_clock() -> None:
    seen = Seen(replace(MIGRATION, refrain=()))

    async def watch(clock: LoopClock) -> list[str]:
        playing = asyncio.create_task(seen.performance.play(clock, 0.0))
        positions = []
        for _ in range(6):
            await clock.sleep(30.0)
            positions.append(seen.picture().target("admin.example.com"))
        playing.cancel()
        return positions

    assert run_virtual(watch) == ["v1", "v1", "v1", "v2", "v2", "v2"]


def test_a_story_in_which_nothing_is_left_to_happen_ends() -> None:
    story = Story("example.com", (), (), lambda _: None, (Scene(5.0, "The only one", "Nothing."),), (), 10.0, 10.0)
    seen = Seen(story)

    async def play(clock: LoopClock) -> float:
        await seen.performance.play(clock, 0.0)
        return clock.now().monotonic

    assert run_virtual(play) == 5.0
    assert [scene.title for scene in seen.scenes] == ["The only one"]
