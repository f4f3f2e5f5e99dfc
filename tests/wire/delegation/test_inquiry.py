"""The order and the number of questions."""

import pytest

from probe.model.name import canonical
from probe.model.outcome import Outcome, Response
from probe.model.ports import Query
from probe.model.question import Question, RecordType
from probe.model.server import Server
from probe.wire.delegation.inquiry import FirstUsable, Inquiry, in_order
from tests.clock import LoopClock, run_virtual
from tests.wire.delegation.world import Behaviour, World, also_recursive, losing_first, refusing, silent, unreachable

PARALLEL_QUERIES = (1, 2, 4)
WALK_QUESTIONS = 100
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

SOA = Question(canonical("example.com"), RecordType.SOA)
V4 = [Server(f"ns{number}.", f"192.0.2.{number}") for number in range(10)]
V6 = [Server(f"ns{number}.", f"2001:db8::{number}") for number in range(2)]


def usable(outcome: Outcome) -> Response | None:
    return outcome if isinstance(outcome, Response) and outcome.rcode == "NOERROR" else None


def ask(
    servers: list[Server], faults: dict[str, Behaviour], allowance: int = 100
) -> tuple[FirstUsable[Response], list[str], Inquiry]:
    """Ask servers of one zone, some of which misbehave; tell whom it reached in which order."""

    async def main(clock: LoopClock) -> tuple[FirstUsable[Response], list[str], Inquiry]:
        world = World(clock)
        world.put("example.com.", "@ NS ns\n", *(server.address for server in servers))
        for address, behaviour in faults.items():
            world.behave(behaviour, address)
        inquiry = Inquiry(world, allowance)
        found = await inquiry.first(servers, SOA, usable)
        return found, [one.server.address for one in world.asked], inquiry

    return run_virtual(main)


def test_one_answer_is_enough() -> None:
    found, asked, _ = ask(V4 + V6, {})
    assert found.server is not None
    assert asked == [found.server.address]


def test_more_are_asked_at_a_time_the_longer_it_takes_and_not_all() -> None:
    found, asked, _ = ask(V4, {server.address: silent for server in V4})
    assert found == FirstUsable(silent=True)
    assert len(asked) == sum(PARALLEL_QUERIES) == len(set(asked))


def test_silence_of_all_is_told_from_useless_answers() -> None:
    faults: dict[str, Behaviour] = {server.address: silent for server in V4}
    last = in_order(V4, SOA)[sum(PARALLEL_QUERIES) - 1]
    assert not ask(V4, faults | {last.address: refusing})[0].silent


def test_few_servers_are_asked_again_after_a_lost_datagram_but_not_after_an_answer() -> None:
    found, asked, _ = ask(V4[:1], {V4[0].address: losing_first(1)})
    assert found.server == V4[0]
    assert len(asked) == 2
    _, asked, _ = ask(V4[:1], {V4[0].address: refusing})
    assert len(asked) == 1


def test_a_recursive_server_is_remembered_even_when_its_answer_is_of_no_use() -> None:
    def refusing_recursively(question: Question, outcome: Outcome) -> Outcome:
        return also_recursive(question, refusing(question, outcome))

    found, _, _ = ask(V4[:1], {V4[0].address: refusing_recursively})
    assert (found.value, found.recursive) == (None, V4[0])


@pytest.mark.parametrize("allowance", [0, 1, 2, 5])
def test_the_allowance_is_kept_and_its_end_is_told(allowance: int) -> None:
    _, asked, inquiry = ask(V4, {server.address: silent for server in V4}, allowance)
    assert len(asked) == allowance
    assert inquiry.exhausted


def test_a_walk_of_which_nothing_else_is_said_has_the_questions_of_one() -> None:
    async def main(clock: LoopClock) -> int:
        world = World(clock)
        inquiry = Inquiry(world)
        while not inquiry.exhausted:
            await inquiry.first(V4, SOA, usable)
        return world.count()

    assert run_virtual(main) == WALK_QUESTIONS


def test_an_allowance_that_just_suffices_is_not_exhausted() -> None:
    _, _, inquiry = ask(V4[:3], {server.address: silent for server in V4[:2]}, 3)
    assert not inquiry.exhausted


def test_a_family_that_never_answers_but_unreachable_is_out_of_reach() -> None:
    everything: dict[str, Behaviour] = {server.address: unreachable for server in V6}
    assert ask(V6, everything)[2].unreachable == {6}
    assert ask(V6, everything | {V6[1].address: silent})[2].unreachable == set()
    assert ask(V6, {in_order(V6, SOA)[0].address: unreachable})[2].unreachable == set()
    assert ask(V4, {})[2].unreachable == set()


def test_where_only_ipv6_has_answered_it_is_asked_first() -> None:
    async def main(clock: LoopClock) -> list[bool]:
        world = World(clock)
        world.put("example.com.", "@ NS ns\n", V6[0].address)
        world.unreachable_families = {4}
        inquiry = Inquiry(world)
        for _ in range(3):
            await inquiry.first([*V4, V6[0]], SOA, usable)
        return [":" in one.server.address for one in world.asked]

    first, *rest = run_virtual(main)
    assert not first
    assert rest[-2:] == [True, True]
    assert len(rest) <= 4


def test_a_list_of_questions_is_put_at_once_and_time_outs_are_tried_once_more() -> None:
    async def main(clock: LoopClock) -> tuple[list[Outcome], float, int]:
        world = World(clock)
        world.put("example.com.", "@ NS ns\n", *(server.address for server in V4))
        world.behave(losing_first(1), V4[0].address)
        world.behave(silent, V4[1].address)
        outcomes = await Inquiry(world, 0).each(Query(server, SOA) for server in V4)
        return outcomes, clock.now().monotonic, world.count()

    outcomes, seconds, asked = run_virtual(main)
    assert [isinstance(outcome, Response) for outcome in outcomes] == [True, False] + [True] * 8
    assert seconds == 4.0
    assert asked == 12
