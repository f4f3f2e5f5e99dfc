"""The way down by itself: what it costs, and what it must not remember."""

from itertools import pairwise

from probe.model.clock import Clock
from probe.model.name import canonical
from probe.model.outcome import FailureReason, NoResponse, Outcome
from probe.model.plan import Authoritative
from probe.model.question import Question, RecordType
from probe.wire.delegation.descent import Descent
from probe.wire.delegation.inquiry import Inquiry
from probe.wire.delegation.walk import DelegationWalk
from probe.wire.delegation.walk_values import Addresses, Obstacle
from tests.clock import LoopClock, run_virtual
from tests.wire.delegation.scene import PLAN, furnish, stage
from tests.wire.delegation.world import World

RETRY = 5.0
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""

HOST = canonical("ns.hosting.org")
FOUND = Addresses(("198.51.100.41",))


def hosting(world: World) -> None:
    furnish(world, org="hosting NS ns1.hosting\nns1.hosting A 198.51.100.40\n")
    world.put("hosting.org.", "@ NS ns1\nns1 A 198.51.100.40\nns A 198.51.100.41\n", "198.51.100.40")


def descent(clock: Clock, plan: Authoritative = PLAN) -> tuple[World, Descent]:
    world = World(clock)
    hosting(world)
    return world, Descent(clock, plan)


def test_a_family_whose_addresses_nobody_tells_is_untold_and_asked_for_again_soon() -> None:
    async def main(clock: LoopClock) -> None:
        world, way = descent(clock)
        lost = True

        def losing(question: Question, outcome: Outcome) -> Outcome:
            return NoResponse(FailureReason.TIMEOUT) if lost and question.rdtype is RecordType.AAAA else outcome

        world.behave(losing, "198.51.100.40")
        assert await way.addresses(HOST, 1, Inquiry(world)) == FOUND._replace(untold=frozenset({6}))
        lost = False
        await clock.sleep(RETRY + 1)
        assert await way.addresses(HOST, 1, Inquiry(world)) == FOUND

    run_virtual(main)


def test_what_could_not_be_asked_for_lack_of_allowance_is_not_remembered() -> None:
    async def main(clock: LoopClock) -> None:
        world, way = descent(clock)
        for allowance in range(6):
            inquiry = Inquiry(world, allowance)
            assert (await way.addresses(HOST, 1, inquiry)).untold or not inquiry.exhausted
        assert await way.addresses(HOST, 1, Inquiry(world)) == FOUND

    run_virtual(main)


def test_a_walk_that_ran_out_of_allowance_leaves_no_failure_behind() -> None:
    async def main(clock: LoopClock) -> None:
        world, way = descent(clock)
        cut_short = await way.locate(HOST, 0, Inquiry(world, 2))
        assert cut_short.obstacle is Obstacle.SILENT
        whole = await way.locate(HOST, 0, Inquiry(world))
        assert (whole.level.zone, whole.obstacle) == ("hosting.org.", None)

    run_virtual(main)


def test_what_was_too_deep_for_one_walk_is_found_by_the_next() -> None:
    """Every zone's server lies in the next zone, and only the last one has glue: too far from the first."""
    chain = [f"z{number}.org." for number in range(8)]

    async def main(clock: LoopClock) -> None:
        world = World(clock)
        links = "".join(f"{zone} NS ns.{below}\n" for zone, below in pairwise(chain))
        furnish(world, org=f"{links}{chain[-1]} NS ns.{chain[-1]}\nns.{chain[-1]} A 198.51.100.70\n")
        for zone, below in zip(chain, [*chain[1:], chain[-1]], strict=True):
            world.put(zone, f"@ NS ns.{below}\nns A 198.51.100.70\n", "198.51.100.70")
        way = Descent(clock, PLAN)
        far = Inquiry(world)
        assert (await way.addresses(canonical("ns.z0.org"), 0, far)).addresses == ()
        assert far.exhausted
        near = Inquiry(world)
        assert (await way.addresses(canonical("ns.z4.org"), 0, near)).addresses == ("198.51.100.70",)
        assert (await way.addresses(canonical("ns.z0.org"), 0, Inquiry(world))).addresses == ("198.51.100.70",)

    run_virtual(main)


def test_a_dead_network_is_given_up_at_the_first_step_however_long_the_name() -> None:
    async def main(clock: LoopClock) -> None:
        way = Descent(clock, PLAN)
        world = World(clock)
        place = await way.locate(canonical("a.b.c.d.e.example.com"), 0, Inquiry(world))
        assert place.obstacle is Obstacle.SILENT
        assert world.count() == world.count("com.")
        assert clock.now().monotonic < 5.0

    run_virtual(main)


def test_on_the_way_to_an_address_only_a_few_names_without_glue_are_resolved() -> None:
    async def main(clock: LoopClock) -> None:
        world = World(clock)
        furnish(world, org="".join(f"many NS ns.nowhere{number}.org.\n" for number in range(13)))
        await Descent(clock, PLAN).addresses(canonical("ns.many.org"), 1, Inquiry(world))
        tried = {ask.question.name for ask in world.asked if ask.question.name.startswith("nowhere")}
        assert len(tried) == 2

    run_virtual(main)


def test_a_name_within_a_zone_without_glue_is_not_looked_for_in_vain() -> None:
    async def main(clock: LoopClock) -> None:
        world = World(clock)
        furnish(world, com="example NS ns.example.com.\n")
        inquiry = Inquiry(world)
        place = await Descent(clock, PLAN).locate(canonical("www.example.com"), 0, inquiry)
        assert (place.level.zone, place.obstacle) == ("example.com.", Obstacle.SILENT)
        assert world.count("ns.example.com.") == 0
        assert not inquiry.exhausted

    run_virtual(main)


def test_names_that_nobody_asks_for_any_more_are_dropped() -> None:
    async def play(world: World, walker: DelegationWalk) -> int:
        for number in range(100):
            await walker.find(canonical(f"d{number}.example.com"))
        await world.clock.sleep(2 * PLAN.refresh)
        await walker.find(canonical("www.example.com"))
        return len(walker._descent._places._kept)

    kept, _ = stage(furnish, play)
    assert kept < 10
