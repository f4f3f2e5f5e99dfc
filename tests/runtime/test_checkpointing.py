"""What a checkpoint holds: every domain's state, and where each is asked."""

from typing import Any

from probe.model.journal import Checkpoint
from probe.model.name import DomainName
from probe.model.plan import Expectation
from probe.runtime.restored import Unrecorded
from tests.plans import plan
from tests.runtime.bench import FOUR, Bench, run_engine

BEGUN = 20.0
SHOP, BLOG, LOST = "shop.example.com.", "blog.example.com.", "lost.example.net."
BEFORE = plan(SHOP, BLOG, LOST, expectation=Expectation.V1)
FEWER = plan(SHOP, LOST, expectation=Expectation.V1)


class Kept(Unrecorded):
    """Keeps the checkpoints."""

    def __init__(self) -> None:
        self.checkpoints: list[Checkpoint[Any, Any, Any]] = []

    def checkpoint(self, checkpoint: Checkpoint[Any, Any, Any]) -> None:
        self.checkpoints.append(checkpoint)


def test_it_has_every_domains_state_and_the_places_of_those_that_are_asked() -> None:
    recorder = Kept()

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(BEGUN)
        bench.engine.keep()
        (kept,) = recorder.checkpoints
        assert [status.domain.name for status, _ in kept.states] == [SHOP, BLOG, LOST]
        assert [(place.name, place.servers) for place in kept.places] == [(SHOP, FOUR), (BLOG, FOUR)]
        assert (kept.plan, kept.at) == (BEFORE, bench.clock.now())
        assert kept.billed == bench.engine.snapshot().billed
        assert kept.billed

    run_engine(BEFORE, scenario, recorder=recorder)


def test_places_are_made_anew_when_a_domain_is_asked_elsewhere_or_has_gone_and_only_then() -> None:
    recorder = Kept()

    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(BEGUN)
        engine = bench.engine
        engine.keep()
        engine.keep()
        engine._found(DomainName(SHOP), FOUR[:2])
        engine.keep()
        await engine.replace(FEWER)
        engine.keep()
        first, again, moved, fewer = (checkpoint.places for checkpoint in recorder.checkpoints)
        assert again is first
        assert [(place.name, place.servers) for place in moved] == [(SHOP, FOUR[:2]), (BLOG, FOUR)]
        assert [place.name for place in fewer] == [SHOP]

    run_engine(BEFORE, scenario, recorder=recorder)
