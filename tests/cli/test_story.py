"""The whole probe, put together as for the demonstration, watches the whole story: virtual time, real sockets."""

import random
from collections.abc import Callable

import pytest

from probe.cli.assembly import assemble
from probe.config.load import parse
from probe.lab.world import World
from probe.model.convergence import Stage
from probe.model.effect import Converged, Effect, FindingCleared, FindingRaised, StateChanged
from probe.model.name import display
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import RecordState
from probe.model.resolver import ResolverVerdict
from tests.clock import LoopClock, run_virtual
from tests.datagrams import nothing_on_the_way
from tests.scenarios.matrix import FULL

pytestmark = pytest.mark.long

LENGTH = 830.0
"""Seconds: through all scenes, up to the moment before the fights are ended."""

FLAP_CAUSES = {"flip-flop", "fight-delete-create"}


class Watched:
    """What was seen, and told, of one performance."""

    def __init__(self, seed: int) -> None:
        self.effects: list[Effect] = []
        self.scenes: dict[str, float] = {}
        run_virtual(lambda clock: self._watch(clock, seed))

    def states(self, name: str) -> list[RecordState]:
        return [
            effect.after
            for effect in self.effects
            if isinstance(effect, StateChanged) and effect.rdtype is None and display(effect.domain) == name
        ]

    def when(self, name: str, state: RecordState) -> float:
        return next(
            effect.at.monotonic
            for effect in self.effects
            if isinstance(effect, StateChanged)
            and effect.rdtype is None
            and display(effect.domain) == name
            and effect.after is state
        )

    def findings(self, name: str) -> set[str]:
        """What was found about the domain itself; what resolvers hold of it hangs on when they were asked."""
        codes: set[str] = {
            effect.finding.code
            for effect in self.effects
            if isinstance(effect, FindingRaised) and display(effect.finding.domain) == name
        }
        return codes - {"resolver-late", "negative-cached"}

    async def _watch(self, clock: LoopClock, seed: int) -> None:
        def scene_begins(title: str) -> None:
            self.scenes[title] = clock.now().monotonic

        with nothing_on_the_way():
            await self._perform(clock, random.Random(seed), scene_begins)

    async def _perform(self, clock: LoopClock, rng: random.Random, scene_begins: Callable[[str], None]) -> None:
        async with World(clock, rng, on_scene=lambda scene: scene_begins(scene.title)) as world:
            plan = parse(world.plan_text())
            probe = assemble(plan, clock, observers=[self.effects.append], route=world.route, rng=rng)
            probe.engine.start()
            await clock.sleep(LENGTH)
            self.last = probe.engine.snapshot()
            await probe.tasks.aclose(1.0)
            await probe.querier.aclose()


@pytest.fixture(scope="module", params=[1, 2, 3] if FULL else [1])
def watched(request: pytest.FixtureRequest) -> Watched:
    return Watched(request.param)


def test_everything_is_found_and_observed(watched: Watched) -> None:
    assert watched.last.ready
    assert not watched.last.blind
    assert watched.last.schedule.last_pass is not None
    assert sum(sum(traffic.duration_counts) for traffic in watched.last.traffic) > 5000


@pytest.mark.parametrize("name", ["grafana", "wiki", "ci", "api", "auth"])
def test_domains_that_nothing_happens_to_stay_calm(watched: Watched, name: str) -> None:
    assert len(watched.states(f"{name}.example.com")) == 1
    assert not watched.findings(f"{name}.example.com")


def test_a_clean_move_is_a_move(watched: Watched) -> None:
    assert watched.states("admin.example.com") == [RecordState.V1, RecordState.PROPAGATING, RecordState.V2]
    assert not watched.findings("admin.example.com") & {"fight-same-owner", "flip-flop", "reverted", "outage"}


def test_weights_are_weights(watched: Watched) -> None:
    assert watched.states("partners.example.com")[-1] is RecordState.WEIGHTED
    assert RecordState.FLAPPING not in watched.states("partners.example.com")


def test_a_fight_is_flapping_within_three_syncs(watched: Watched) -> None:
    assert watched.states("shop.example.com")[-1] is RecordState.FLAPPING
    begun = watched.scenes["A fight"]
    assert begun < watched.when("shop.example.com", RecordState.FLAPPING) < begun + 180
    assert watched.findings("shop.example.com") == {
        "flip-flop",
        "fight-same-owner",
    }  # its cause once its beat is proven


def test_a_mix_of_versions_flaps_in_one_family_only(watched: Watched) -> None:
    (www,) = (status for status in watched.last.domains if display(status.domain.name) == "www.example.com")
    assert [record.state for record in www.records] == [RecordState.FLAPPING, RecordState.V2]
    found = watched.findings("www.example.com")
    assert found - {"family-split"} == {"flip-flop", "fight-version-mix"}  # split as long as A is on the other side


def test_a_hole_is_an_outage_that_ends(watched: Watched) -> None:
    assert watched.states("billing.example.com")[-1] is RecordState.V2
    assert "outage" in watched.findings("billing.example.com")
    cleared = {
        display(effect.finding.domain)
        for effect in watched.effects
        if isinstance(effect, FindingCleared) and effect.finding.code == "outage"
    }
    assert "billing.example.com" in cleared


def test_a_host_that_comes_and_goes_flaps(watched: Watched) -> None:
    assert watched.states("account.example.com")[-1] is RecordState.FLAPPING
    assert watched.findings("account.example.com") - {"flip-flop"} == {"fight-delete-create", "outage"}
    # One alone may do it until the times of its changes are those of two ExternalDNS. Whether they are so at once hangs
    # on when it is asked; that nothing follows its cause does not.
    told = [effect.finding for effect in watched.effects if isinstance(effect, FindingRaised)]
    causes = [one.code for one in told if display(one.domain) == "account.example.com" and one.code in FLAP_CAUSES]
    assert causes in (["flip-flop", "fight-delete-create"], ["fight-delete-create"])


def test_only_the_resolver_that_stretches_ttls_is_late(watched: Watched) -> None:
    late = [
        effect
        for effect in watched.effects
        if isinstance(effect, FindingRaised) and effect.finding.code == "resolver-late"
    ]
    for effect in late:
        assert "isp still answers v1" in effect.finding.sentence  # the one with a minimum TTL of 300 s
        assert "public" not in effect.finding.sentence
        assert "office" not in effect.finding.sentence
    cleared = {
        display(effect.finding.domain)
        for effect in watched.effects
        if isinstance(effect, FindingCleared) and effect.finding.code == "resolver-late"
    }
    # Its caches hold for 300 s at the most, and four good answers, half a minute apart, live it down.
    over = [effect for effect in late if effect.at.monotonic < LENGTH - 300 - 4 * 30]
    assert {display(effect.finding.domain) for effect in over} <= cleared


def test_a_clean_move_has_a_drain_deadline_and_arrives_everywhere(watched: Watched) -> None:
    (admin,) = (status for status in watched.last.domains if display(status.domain.name) == "admin.example.com")
    (moved,) = {record.recent[-1].at for record in admin.records if record.rdtype is RecordType.A}
    assert admin.drain is not None
    assert admin.drain.deadline is not None
    drained_after = admin.drain.deadline.monotonic - moved.monotonic
    assert 60 + 60 - 0.1 <= drained_after <= 60 + 60 + 10  # grace and TTL; the other family may have moved later
    assert admin.drain.holding == 0
    took = {
        (effect.rdtype, effect.stage): effect.seconds
        for effect in watched.effects
        if isinstance(effect, Converged) and effect.domain == admin.domain.name
    }
    assert set(took) == {(rdtype, stage) for rdtype in ADDRESS_TYPES for stage in Stage}
    # The last cache is filled before the last server has moved; then two of a resolver's turns, as one can be lost.
    for rdtype in ADDRESS_TYPES:
        assert took[rdtype, Stage.ALL_SERVERS] <= 60
        assert took[rdtype, Stage.ALL_SERVERS] <= took[rdtype, Stage.ALL_RESOLVERS] <= 60 + 300 + 40 + 30
    assert {resolver.verdict for resolver in admin.resolvers} == {ResolverVerdict.CONVERGED}
    counted = {counts.stage: sum(counts.counts) for counts in watched.last.convergence}
    assert counted[Stage.ALL_SERVERS] > counted[Stage.ALL_RESOLVERS] >= 2
