"""How far the looks at a plan's domains have come."""

from dataclasses import replace

from probe.model.name import DomainName
from probe.model.plan import Domain, Expectation, Weights
from probe.model.side import Side
from probe.runtime.settling import Progress, to_be_weighed
from tests.plans import plan
from tests.runtime.bench import FOUR, Bench, run_engine

MINUTE = 60.0
SHOP, BLOG, LOST = "shop.example.com.", "blog.example.com.", "lost.example.net."
FEW = Weights(99, 1)
"""Weights of which hundreds of answers at v1 say little: they stay open for minutes."""


def test_domains_are_looked_at_one_after_the_other_and_one_without_a_server_counts_once_that_is_known() -> None:
    async def scenario(bench: Bench) -> None:
        assert bench.engine.progress() == Progress(total=3, looked=0, settled=0)
        await bench.clock.sleep(MINUTE)
        assert bench.engine.progress() == Progress(total=3, looked=3, settled=3)

    run_engine(plan(SHOP, BLOG, LOST), scenario)


def test_a_domain_about_which_rounds_are_asked_is_not_settled() -> None:
    async def scenario(bench: Bench) -> None:
        await bench.clock.sleep(MINUTE)
        bench.world.sides[SHOP] = Side.V2
        bench.world.stuck = FOUR[0]
        seen = set()
        for _ in range(60):
            await bench.clock.sleep(1.0)
            seen.add(bench.engine.progress().settled)
        assert 1 in seen

    run_engine(plan(SHOP, BLOG), scenario)


def test_declared_weights_that_are_open_are_counted_and_weighed_once_their_domain_is_settled() -> None:
    drawn = Domain(DomainName(SHOP), "first", Expectation.WEIGHTED, FEW)
    weighted = plan(BLOG)
    (wave,) = weighted.waves
    weighted = replace(weighted, waves=(replace(wave, domains=(drawn, *wave.domains)),))

    async def scenario(bench: Bench) -> None:
        engine = bench.engine
        assert list(to_be_weighed(engine._intake.watched_domains)) == []
        await bench.clock.sleep(MINUTE)
        before = engine.progress()
        assert (before.settled, before.weighing) == (2, 1)
        assert before.answers > 0
        assert before.needed > 0
        assert [one.name for one in to_be_weighed(engine._intake.watched_domains)] == [SHOP]
        engine.weigh()
        await bench.clock.sleep(MINUTE / 2)
        calm = before.answers * 1.5
        assert engine.progress().answers > calm

    run_engine(weighted, scenario)
