"""The daemon with witnesses beside DNS, in virtual time: what they say is folded, and their silence harms nothing."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from structlog.testing import capture_logs

from probe.judge.polling import readings
from probe.model.effect import FindingCleared, FindingRaised
from probe.model.external_dns import ExternalDns
from probe.model.finding import FindingCode
from probe.model.journal import Entry, WitnessHeard
from probe.model.name import DomainName
from probe.model.plan import Plan
from probe.model.record import RecordState
from probe.model.side import Side
from probe.model.testimony import (
    ClusterTestimony,
    Knowledge,
    Testimony,
    WatchedNow,
    WatchEnd,
    WitnessSilence,
    WitnessStatus,
    ZoneTestimony,
)
from probe.model.witness import NO_WITNESSES, ClusterWish, Written, WrittenSet
from probe.model.witness_sources import ClusterSource, Route53Source, WitnessSources
from probe.runtime.restored import Unrecorded
from probe.runtime.witness_feed import ReadingPart, Said, in_thread
from tests import plans
from tests.clock import LoopClock, run_virtual
from tests.patience import HANG
from tests.plans import V1_NAME, V2_NAME
from tests.runtime.bench import Bench, World

LONGEST_RETRY = 600.0
BROKEN_SECONDS = 5.0
FOLDS_PER_PULSE = 10
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

if TYPE_CHECKING:
    from probe.model.clock import Instant

SHOP, API = DomainName("shop.example.com."), DomainName("api.example.com.")
MINUTE = 60.0
GONE = WitnessSilence("The API server does not answer.")
BALANCERS = {Side.V1: V1_NAME.removesuffix("."), Side.V2: V2_NAME.removesuffix(".")}
SOURCES: dict[str, Callable[[WitnessSources], WitnessSources]] = {
    "kubernetes-v1": lambda sources: replace(sources, v1=ClusterSource(context="eks-v1")),
    "kubernetes-v2": lambda sources: replace(sources, v2=ClusterSource(in_cluster=True)),
    "route53": lambda sources: replace(sources, route53=Route53Source()),
}


def wants(side: Side, *names: DomainName, owner: str = "prod", lacking: Iterable[str] = ()) -> ClusterTestimony:
    wish = ClusterWish(side, "ingress/shop/web", ExternalDns(owner), "dns/external-dns", targets=(BALANCERS[side],))
    missing = tuple(map(DomainName, lacking))
    return ClusterTestimony(side, dict.fromkeys(names, (wish,)), lacking=missing, lacking_count=len(missing))


def stands(side: Side, *names: DomainName) -> ZoneTestimony:
    sets = (WrittenSet("A", (BALANCERS[side],)),)
    return ZoneTestimony(dict.fromkeys(names, Written(zone=DomainName("example.com."), sets=sets)))


class Told:
    """A witness that says what a test lets it say."""

    def __init__(self, name: str, says: Testimony | BaseException, interval: float = MINUTE) -> None:
        self.name = name
        self.side = {"kubernetes-v1": Side.V1, "kubernetes-v2": Side.V2}.get(name)
        self.interval = interval
        self.patience = 120.0
        self.says = says
        self.busy = 0.0
        self.plans: list[Plan] = []
        self.read_at: list[float] = []
        self.sinks: list[Callable[[], None]] = []
        self.hangs = False
        self.is_watched = False
        self.follows: list[Callable[[Said | None], None]] = []
        self.given_up: Callable[[], bool] = lambda: False

    def read(self, plan: Plan, given_up: Callable[[], bool]) -> Testimony:
        self.given_up = given_up
        self.plans.append(plan)
        if isinstance(self.says, BaseException):
            raise self.says
        return self.says

    def follow(self, plan: Plan, given_up: Callable[[], bool]) -> Iterator[WatchedNow | WatchEnd]:
        del plan, given_up
        return iter(())

    def watch(self, said: Said | None) -> None:
        """Say what a watch brings; None is its end."""
        self.follows[-1](said)


class Witnesses:
    """The witnesses of a story, whose readings end at once or when they are let."""

    def __init__(self, *told: Told) -> None:
        self.told = {one.name: one for one in told}
        self.made = 0

    def make(self, plan: Plan) -> tuple[Told, ...]:
        self.made += 1
        return tuple(self.told[name] for name, add in SOURCES.items() if add(plan.witnesses) == plan.witnesses)

    def read(self, work: Callable[[], Iterator[Said]], sink: Callable[[ReadingPart], None], name: str) -> None:
        told = self.told[name.removeprefix("witness ")]
        told.read_at.append(asyncio.get_running_loop().time())
        told.follows.append(lambda said: sink(ReadingPart(said)))

        def end() -> None:
            try:
                for said in work():
                    sink(ReadingPart(said, told.busy))
            except Exception as error:  # noqa: BLE001  # as the real thread hands it on
                sink(ReadingPart(error))
            else:
                if not told.is_watched:
                    sink(ReadingPart(None))

        if told.hangs:
            told.sinks.append(end)
        else:
            asyncio.get_running_loop().call_soon(end)


class Kept(Unrecorded):
    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def record(self, entry: Entry) -> None:
        self.entries.append(entry)

    @property
    def heard(self) -> list[WitnessHeard]:
        return [one for one in self.entries if isinstance(one, WitnessHeard)]


def plan_of(told: Iterable[str], *names: DomainName) -> Plan:
    sources = WitnessSources()
    for name in told:
        sources = SOURCES[name](sources)
    return replace(plans.plan(*(names or (SHOP,))), witnesses=sources)


def play(
    story: Callable[[Bench, Kept], Awaitable[None]],
    *told: Told,
    names: tuple[DomainName, ...] = (SHOP,),
    world: World | None = None,
) -> None:
    async def main(clock: LoopClock) -> None:
        witnesses, kept = Witnesses(*told), Kept()
        plan = plan_of((one.name for one in told), *names)
        bench = Bench(clock, plan, world or World(), recorder=kept, witnesses=witnesses.make, reading=witnesses.read)
        for domain in plan.domains:
            bench.world.sides.setdefault(domain.name, Side.V1)
        bench.engine.start()
        await story(bench, kept)
        await bench.tasks.aclose(1.0)

    run_virtual(main)


def codes(bench: Bench) -> list[str]:
    return [effect.finding.code for effect in bench.effects if isinstance(effect, FindingRaised)]


def status(bench: Bench, name: str) -> WitnessStatus:
    return next(one for one in bench.engine.snapshot().witnesses if one.name == name)


def both(owner: str = "prod") -> tuple[Told, Told]:
    return Told("kubernetes-v1", wants(Side.V1, SHOP, owner=owner)), Told(
        "kubernetes-v2", wants(Side.V2, SHOP, owner=owner)
    )


def watched() -> Told:
    """Give v1's cluster as one that lets itself be watched."""
    one = Told("kubernetes-v1", wants(Side.V1, SHOP))
    one.is_watched = True
    return one


async def says_that_all_is_as_it_was(bench: Bench, one: Told) -> None:
    """Let v1's cluster be listed, and its watch begin."""
    await bench.clock.sleep(5)
    one.watch(WatchedNow(wants(Side.V1, SHOP), bench.clock.now()))


def test_a_host_that_both_clusters_want_is_told_before_anything_flips() -> None:
    async def story(bench: Bench, _: Kept) -> None:
        await bench.clock.sleep(4 * MINUTE)
        assert codes(bench) == [FindingCode.WANTED_TWICE]
        assert bench.status(SHOP).state is RecordState.V1
        assert [record.transitions for record in bench.status(SHOP).records] == [0, 0]

    play(story, *both())


@pytest.mark.parametrize(
    ("told", "cause"), [(both(), "fight-same-owner"), ((), "flip-flop")], ids=["both read", "none"]
)
def test_a_fight_without_a_beat_is_seen_where_both_clusters_are_read(told: tuple[Told, ...], cause: str) -> None:
    async def story(bench: Bench, _: Kept) -> None:
        await bench.clock.sleep(5 * MINUTE)
        for number, dwell in enumerate((25.0, 70.0, 60.0, 20.0)):
            bench.world.sides[SHOP] = (Side.V2, Side.V1)[number % 2]
            await bench.clock.sleep(dwell)
        found = next(one for one in bench.status(SHOP).findings if one.code != FindingCode.WANTED_TWICE)
        assert (found.code, found.inferred) == (cause, False)
        assert bench.status(SHOP).state is RecordState.FLAPPING

    play(story, *told)


def test_without_witnesses_nobody_is_read_and_nothing_is_heard() -> None:
    async def story(bench: Bench, kept: Kept) -> None:
        await bench.clock.sleep(4 * MINUTE)
        assert bench.engine.snapshot().witnesses == ()
        assert kept.heard == []
        assert bench.status(SHOP).witnessed == NO_WITNESSES

    play(story)


def test_what_does_not_change_is_read_every_minute_and_written_down_seldom() -> None:
    one, other = both("each")
    other.says = wants(Side.V2, SHOP, owner="another")

    async def story(bench: Bench, kept: Kept) -> None:
        await bench.clock.sleep(20 * MINUTE)
        assert 18 <= len(one.read_at) <= 22
        assert len(kept.heard) <= 4
        wanted = bench.status(SHOP).witnessed.wanted
        assert wanted is not None
        assert wanted.is_current
        assert all(
            bench.clock.now().monotonic - reading.at.monotonic < 17 * MINUTE
            for reading in wanted.readings
            if reading.at
        )
        assert codes(bench) == []

    play(story, one, other)


def test_a_witness_that_dies_is_told_and_changes_no_verdict_and_the_others_go_on() -> None:
    one, other = both()

    async def story(bench: Bench, _: Kept) -> None:
        await bench.clock.sleep(4 * MINUTE)
        assert codes(bench) == [FindingCode.WANTED_TWICE]
        before = bench.status(SHOP)
        one.says = GONE
        with capture_logs() as logs:
            await bench.clock.sleep(12 * MINUTE)
        after = bench.status(SHOP)
        assert [found.code for found in after.findings] == [found.code for found in before.findings]
        assert (after.state, after.since) == (before.state, before.since)
        dead = status(bench, "kubernetes-v1")
        assert (dead.up, dead.knowledge, dead.error) == (False, Knowledge.OLD, GONE.reason)
        assert dead.failures >= 2
        assert [line["error"] for line in logs if line["event"] == "a witness cannot be read"] == [GONE.reason]
        assert (status(bench, "kubernetes-v2").up, len(other.read_at) > 12) == (True, True)
        wanted = after.witnessed.wanted
        assert wanted is not None
        assert [reading.is_current for reading in wanted.readings] == [False, True]
        assert len(wanted.wishes) == 2
        assert not any(isinstance(effect, FindingCleared) for effect in bench.effects)

    play(story, one, other)


def test_what_a_dead_witness_said_is_forgotten_in_the_end_and_known_again_when_it_speaks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(readings, "FORGOTTEN_AFTER", 0.0)  # then it takes twice as long as to become old
    one, other = both()

    async def story(bench: Bench, _: Kept) -> None:
        await bench.clock.sleep(4 * MINUTE)
        one.says = GONE
        await bench.clock.sleep(7 * MINUTE)
        wanted = bench.status(SHOP).witnessed.wanted
        assert wanted is not None
        assert [reading.at is None for reading in wanted.readings] == [True, False]
        assert [wish.side for wish in wanted.wishes] == [Side.V2]
        assert [found.code for found in bench.status(SHOP).findings] == [FindingCode.WANTED_TWICE]
        assert status(bench, "kubernetes-v1").knowledge is Knowledge.FORGOTTEN
        one.says = wants(Side.V1)
        await bench.clock.sleep(LONGEST_RETRY * 1.2)
        alive = status(bench, "kubernetes-v1")
        assert (alive.up, alive.knowledge, alive.failures, alive.error) == (True, Knowledge.CURRENT, 0, "")
        assert bench.status(SHOP).findings == ()  # v1 has let go of it

    play(story, one, other)


def test_failures_are_tried_again_later_each_time_and_never_at_one_beat() -> None:
    one = Told("kubernetes-v1", GONE)

    async def story(bench: Bench, _: Kept) -> None:
        await bench.clock.sleep(40 * MINUTE)
        waits = [later - earlier for earlier, later in zip(one.read_at, one.read_at[1:], strict=False)]
        for wait, expected in zip(waits[:3], (120, 240, 480), strict=True):
            assert wait == pytest.approx(expected, rel=0.16)
        assert max(waits) <= LONGEST_RETRY * 1.16
        assert len(set(waits)) == len(waits)

    play(story, one)


def test_a_cluster_that_takes_long_to_read_is_read_less_often() -> None:
    one = Told("kubernetes-v1", wants(Side.V1, SHOP))
    one.busy = 10.0

    async def story(bench: Bench, _: Kept) -> None:
        await bench.clock.sleep(14 * MINUTE)
        waits = [later - earlier for earlier, later in zip(one.read_at, one.read_at[1:], strict=False)]
        assert min(waits) >= 190 * 0.84
        assert status(bench, "kubernetes-v1").knowledge is Knowledge.CURRENT

    play(story, one)


def test_a_reading_that_hangs_is_given_up_and_no_other_is_begun_beside_it() -> None:
    one = Told("kubernetes-v1", wants(Side.V1, SHOP))
    one.hangs = True

    async def story(bench: Bench, _: Kept) -> None:
        await bench.clock.sleep(5 * MINUTE)
        assert len(one.read_at) == 1
        assert status(bench, "kubernetes-v1").error == "A reading did not end within 120 s."
        one.hangs = False
        one.sinks[0]()
        await bench.clock.sleep(MINUTE)
        assert len(one.read_at) >= 2
        assert status(bench, "kubernetes-v1").up is True

    play(story, one)


def test_a_fault_of_a_reader_is_a_silence_and_logged_and_the_watch_goes_on() -> None:
    one = Told("kubernetes-v1", ValueError("boom"))

    async def story(bench: Bench, _: Kept) -> None:
        with capture_logs() as logs:
            await bench.clock.sleep(4 * MINUTE)
        assert status(bench, "kubernetes-v1").error == "Its reader failed (ValueError)."
        assert any(line["event"] == "a witness' reader failed" for line in logs)
        assert bench.status(SHOP).state is RecordState.V1

    play(story, one)


def test_a_domain_that_a_reload_brings_is_read_for_at_once_and_one_that_leaves_is_forgotten() -> None:
    one = Told("kubernetes-v1", wants(Side.V1, SHOP, API))

    async def story(bench: Bench, _: Kept) -> None:
        await bench.clock.sleep(10 * MINUTE)
        begun = len(one.read_at)
        bench.world.sides[API] = Side.V1
        await bench.engine.replace(plan_of(["kubernetes-v1"], SHOP, API))
        await bench.clock.sleep(5)
        assert len(one.read_at) == begun + 1
        wanted = bench.status(API).witnessed.wanted
        assert wanted is not None
        assert [wish.resource for wish in wanted.wishes] == ["ingress/shop/web"]
        await bench.engine.replace(plan_of(["kubernetes-v1"], API))
        await bench.clock.sleep(5)
        assert {domain.name for domain in one.plans[-1].domains} == {API}

    play(story, one)


def test_a_witness_that_leaves_the_plan_tells_nothing_any_more() -> None:
    one, other = both()

    async def story(bench: Bench, _: Kept) -> None:
        await bench.clock.sleep(4 * MINUTE)
        assert codes(bench) == [FindingCode.WANTED_TWICE]
        await bench.engine.replace(plan_of([], SHOP))
        await bench.clock.sleep(MINUTE)
        assert bench.status(SHOP).witnessed == NO_WITNESSES
        assert bench.status(SHOP).findings == ()
        assert bench.engine.snapshot().witnesses == ()
        begun = len(one.read_at)
        await bench.clock.sleep(10 * MINUTE)
        assert len(one.read_at) == begun

    play(story, one, other)


def test_a_reading_for_the_plan_before_is_dropped() -> None:
    one = Told("kubernetes-v1", wants(Side.V1, SHOP))
    one.hangs = True

    async def story(bench: Bench, _: Kept) -> None:
        await bench.clock.sleep(30)
        await bench.engine.replace(plan_of(["kubernetes-v1", "route53"], SHOP))
        one.hangs = False
        one.sinks[0]()
        await bench.clock.sleep(0.2)
        assert status(bench, "kubernetes-v1").up is None
        await bench.clock.sleep(5)
        assert status(bench, "kubernetes-v1").up is True
        assert one.plans[-1].witnesses.route53 is not None

    async def main(clock: LoopClock) -> None:
        witnesses = Witnesses(one, Told("route53", stands(Side.V1, SHOP)))
        bench = Bench(clock, plan_of(["kubernetes-v1"]), World(), witnesses=witnesses.make, reading=witnesses.read)
        bench.world.sides[SHOP] = Side.V1
        bench.engine.start()
        await story(bench, Kept())
        await bench.tasks.aclose(1.0)

    run_virtual(main)


def test_hosts_that_the_plan_lacks_are_told_once_in_the_log_and_stay_on_the_status() -> None:
    one = Told("kubernetes-v2", wants(Side.V2, SHOP, lacking=["new.example.com."]))

    async def story(bench: Bench, _: Kept) -> None:
        with capture_logs() as logs:
            await bench.clock.sleep(10 * MINUTE)
            one.says = wants(Side.V2, SHOP, lacking=["new.example.com.", "second.example.com."])
            await bench.clock.sleep(10 * MINUTE)
        told = [line for line in logs if line["event"] == "the plan lacks hosts"]
        assert [(line["hosts"], line["lacking"]) for line in told] == [
            (["new.example.com"], 1), (["second.example.com"], 2),
        ]  # fmt: skip
        found = status(bench, "kubernetes-v2")
        assert (found.lacking, found.lacking_count) == (("new.example.com.", "second.example.com."), 2)
        assert codes(bench) == []

    play(story, one)


def test_a_zone_that_says_otherwise_than_its_servers_is_told() -> None:
    zone = Told("route53", stands(Side.V2, SHOP), interval=5 * MINUTE)

    async def story(bench: Bench, _: Kept) -> None:
        await bench.clock.sleep(20 * MINUTE)
        assert codes(bench) == [FindingCode.NOT_WRITTEN]

    play(story, zone)


def test_a_zone_that_is_read_after_a_move_agrees_with_it() -> None:
    zone = Told("route53", stands(Side.V1, SHOP), interval=5 * MINUTE)

    async def story(bench: Bench, _: Kept) -> None:
        await bench.clock.sleep(20 * MINUTE)
        bench.world.sides[SHOP] = Side.V2
        zone.says = stands(Side.V2, SHOP)
        await bench.clock.sleep(20 * MINUTE)
        assert bench.status(SHOP).state is RecordState.V2
        assert codes(bench) == []
        written = bench.status(SHOP).witnessed.written
        assert written is not None
        assert written.at is not None
        assert written.at.monotonic > max(record.recent[-1].at.monotonic for record in bench.status(SHOP).records)

    play(story, zone)


def test_many_domains_are_told_some_at_a_time() -> None:
    names = tuple(DomainName(f"h{number}.example.com.") for number in range(5 * FOLDS_PER_PULSE))
    one = Told("kubernetes-v1", wants(Side.V1, *names))

    async def story(bench: Bench, kept: Kept) -> None:
        await bench.clock.sleep(2 * MINUTE)
        told: dict[Instant, int] = {}
        for entry in kept.heard:
            told[entry.at] = told.get(entry.at, 0) + 1
        assert max(told.values()) == FOLDS_PER_PULSE
        assert all(bench.status(name).witnessed.wanted for name in names)

    play(story, one, names=names)


def test_no_thread_to_be_had_is_a_failure_and_no_death(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        del thread
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    one = Told("kubernetes-v1", wants(Side.V1, SHOP))

    async def main(clock: LoopClock) -> None:
        bench = Bench(clock, plan_of(["kubernetes-v1"]), World(), witnesses=lambda _: (one,), reading=in_thread)
        bench.world.sides[SHOP] = Side.V1
        bench.engine.start()
        await clock.sleep(5 * MINUTE)
        assert status(bench, "kubernetes-v1").error == "Its reader failed (RuntimeError)."
        assert bench.beats > 5 * MINUTE
        await bench.tasks.aclose(1.0)

    run_virtual(main)


def test_what_changes_in_a_cluster_that_is_watched_is_told_at_once_and_nothing_is_listed_for_it() -> None:
    one, other = both()
    other.says, other.is_watched = wants(Side.V2), True

    async def story(bench: Bench, _: Kept) -> None:
        await bench.clock.sleep(100)  # its minute is 51 to 69 s
        assert len(other.read_at) == 1, "the thread still watches"
        assert len(one.read_at) == 2
        other.watch(WatchedNow(wants(Side.V2, SHOP, lacking=["new.example.com."]), bench.clock.now()))
        await bench.clock.sleep(4)
        now = status(bench, "kubernetes-v2")
        assert (now.watched, now.lacking, now.knowledge) == (True, ("new.example.com.",), Knowledge.CURRENT)
        assert not status(bench, "kubernetes-v1").watched
        wanted = bench.status(SHOP).witnessed.wanted
        assert wanted is not None
        assert [wish.side for wish in wanted.wishes] == [Side.V1, Side.V2]
        assert len(other.read_at) == 1

    play(story, one, other)


def test_what_is_watched_stays_current_while_it_says_that_all_is_as_it_was() -> None:
    one = watched()

    async def story(bench: Bench, _: Kept) -> None:
        await bench.clock.sleep(5)
        for __ in range(30):
            one.watch(WatchedNow(wants(Side.V1, SHOP), bench.clock.now()))
            await bench.clock.sleep(MINUTE)
            assert status(bench, "kubernetes-v1").knowledge is Knowledge.CURRENT
        assert len(one.read_at) == 1
        one.watch(None)  # time to list all anew
        await bench.clock.sleep(1)
        assert len(one.read_at) == 2
        assert status(bench, "kubernetes-v1").failures == 0

    play(story, one)


def test_a_watch_of_which_nothing_comes_is_given_up_and_told() -> None:
    one = watched()

    async def story(bench: Bench, _: Kept) -> None:
        await says_that_all_is_as_it_was(bench, one)
        await bench.clock.sleep(one.patience + 1)
        assert one.given_up()
        now = status(bench, "kubernetes-v1")
        assert (now.up, now.error, now.watched) == (False, "Nothing came of its watches for 120 s.", False)
        assert len(one.read_at) == 1, "its thread has not ended"

    play(story, one)


def test_what_broke_off_is_listed_anew_soon_and_less_soon_while_it_goes_on_to_break() -> None:
    one = watched()

    async def story(bench: Bench, _: Kept) -> None:
        await bench.clock.sleep(5)
        for number in range(1, 6):
            one.watch(WatchedNow(wants(Side.V1, SHOP), bench.clock.now()))
            broke = bench.clock.now().monotonic
            one.watch(WatchEnd("The API server broke off."))
            one.watch(None)
            now = status(bench, "kubernetes-v1")
            assert (now.up, now.watched, now.error) == (True, False, "")
            expected = min(MINUTE, BROKEN_SECONDS * 2 ** (number - 1))
            await bench.clock.sleep(expected * 1.2)
            assert len(one.read_at) == number + 1
            assert one.read_at[-1] - broke == pytest.approx(expected, rel=0.16)
        await bench.clock.sleep(MINUTE)
        one.watch(WatchEnd("The API server broke off, after long."))
        one.watch(None)
        await bench.clock.sleep(BROKEN_SECONDS * 1.2)
        assert len(one.read_at) == 7

    play(story, one)


def test_a_cluster_that_lets_nobody_watch_is_read_at_its_interval_and_says_so_once() -> None:
    refusal = WatchEnd("`ingresses` may not be watched (403).", is_refused=True)
    one = watched()

    async def story(bench: Bench, _: Kept) -> None:
        with capture_logs() as logs:
            await bench.clock.sleep(5)
            for number in range(1, 4):
                one.watch(refusal)
                one.watch(None)
                now = status(bench, "kubernetes-v1")
                assert (now.up, now.watched, now.unwatched) == (True, False, refusal.reason)
                await bench.clock.sleep(MINUTE * 1.2)
                assert len(one.read_at) == number + 1
                assert one.read_at[-1] - one.read_at[-2] == pytest.approx(MINUTE, rel=0.16)
            one.watch(WatchedNow(wants(Side.V1, SHOP), bench.clock.now()))
        assert [line["why"] for line in logs if line["event"] == "a witness may not be watched"] == [refusal.reason]
        now = status(bench, "kubernetes-v1")
        assert (now.watched, now.unwatched) == (True, "")

    play(story, one)


def test_a_reload_ends_the_watch_and_what_it_says_afterwards_is_dropped() -> None:
    one = watched()

    async def story(bench: Bench, _: Kept) -> None:
        await says_that_all_is_as_it_was(bench, one)
        bench.world.sides[API] = Side.V1
        await bench.engine.replace(plan_of(["kubernetes-v1"], SHOP, API))
        assert one.given_up()
        one.watch(WatchedNow(wants(Side.V1), bench.clock.now()))
        await bench.clock.sleep(5)
        wanted = bench.status(SHOP).witnessed.wanted
        assert wanted is not None
        assert len(wanted.wishes) == 1
        assert len(one.read_at) == 1
        one.watch(None)
        await bench.clock.sleep(5)
        assert len(one.read_at) == 2

    play(story, one)


def test_a_thread_hands_on_what_it_brings_or_raises_and_ends_in_silence_when_nobody_listens() -> None:
    parts: list[ReadingPart] = []
    late = threading.Event()
    closed: list[str] = []

    def say(*all_of_it: Said) -> Iterator[Said]:
        yield from all_of_it

    def fail() -> Iterator[Said]:
        yield GONE
        raise ZeroDivisionError

    def wait() -> Iterator[Said]:
        late.wait(HANG)
        try:
            while True:
                yield GONE
        finally:
            closed.append("nobody listens")

    async def main() -> None:
        both = asyncio.Event()

        def sink(part: ReadingPart) -> None:
            parts.append(part)
            if len(parts) == 5:
                both.set()

        in_thread(lambda: say(GONE, WatchEnd("It broke off.")), sink, "one")
        in_thread(fail, sink, "two")
        await both.wait()
        in_thread(wait, sink, "three")

    asyncio.run(main())
    (left,) = [thread for thread in threading.enumerate() if thread.name == "three"]
    assert left.daemon, "the process' end would wait for it"
    late.set()
    left.join(HANG)
    assert not left.is_alive()
    assert closed == ["nobody listens"]
    said = sorted(type(part.outcome).__name__ for part in parts)
    assert said == ["NoneType", "WatchEnd", "WitnessSilence", "WitnessSilence", "ZeroDivisionError"]
