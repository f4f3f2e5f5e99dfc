import random

from probe.judge import asking, cadence
from probe.judge.asking import TXT_EVERY, Asking, Step
from probe.model.plan import Probing
from probe.model.question import Question, RecordType
from probe.model.status import DomainStatus, RecordState
from tests.judge.answers import NAME, SERVERS, instant
from tests.judge.test_cadence import PROBING, standing, status

QUESTION = Question(NAME, RecordType.A)
CALM = status(standing(RecordType.A), standing(RecordType.AAAA))


def suspected(state: RecordState = RecordState.PROPAGATING) -> DomainStatus:
    return status(standing(RecordType.A)._replace(state=state, disturbed=instant(0)), standing(RecordType.AAAA))


def round_of(standing: Asking, known: DomainStatus, at: float, *, u: float = 0.5, bursting: int = 1) -> Step:
    return asking.burst_round(standing, known, SERVERS, PROBING, at=at, u=u, bursting=bursting)


def test_a_surprise_is_put_again_at_once_and_begins_one_burst() -> None:
    first = asking.surprise(asking.begin(7, 0.0), SERVERS[1], QUESTION, 1.0)
    assert first.asks == cadence.reask_plan(SERVERS[1], QUESTION)
    assert (first.delay, first.asking.bursting) == (0.0, True)
    second = asking.surprise(first.asking, SERVERS[2], QUESTION, 1.0)
    assert second.asks == cadence.reask_plan(SERVERS[2], QUESTION)
    assert second.delay is None


def test_a_burst_asks_one_round_at_least_and_ends_when_nothing_is_suspected_any_more() -> None:
    begun = asking.surprise(asking.begin(7, 0.0), SERVERS[1], QUESTION, 0.0).asking
    first = round_of(begun, CALM, 0.0)
    assert first.asks
    assert first.delay is not None
    second = round_of(first.asking, suspected(), 2.0)
    assert second.asks
    last = round_of(second.asking, CALM, 4.0)
    assert (last.asks, last.delay, last.asking.bursting) == ((), None, False)


def test_a_round_that_comes_after_the_burst_was_ended_asks_nothing() -> None:
    assert round_of(asking.begin(7, 0.0), suspected(), 0.0) == Step(asking.begin(7, 0.0))


def test_txt_names_are_asked_in_the_first_round_and_now_and_then_at_other_servers() -> None:
    standing = asking.surprise(asking.begin(0, 0.0), SERVERS[1], QUESTION, 0.0).asking
    asked = []
    for number in range(2 * TXT_EVERY):
        step = round_of(standing, suspected(), 2.0 * number)
        standing = step.asking
        asked.append([ask.server for ask in step.asks if ask.question.rdtype is RecordType.TXT])
    assert [bool(servers) for servers in asked] == 2 * [True, *(TXT_EVERY - 1) * [False]]
    assert asked[0] != asked[TXT_EVERY]


def test_rounds_are_jittered_and_give_way_to_other_bursts() -> None:
    begun = asking.surprise(asking.begin(7, 0.0), SERVERS[1], QUESTION, 0.0).asking
    delays = [round_of(begun, suspected(), 0.0, u=u).delay or 0.0 for u in (0.0, 0.5, 1.0)]
    assert delays == sorted(set(delays))
    assert delays[1] == PROBING.burst_interval
    assert (round_of(begun, suspected(), 0.0, bursting=200).delay or 0.0) > 10 * PROBING.burst_interval


def test_turns_wander_over_the_servers_and_come_back_after_the_plans_interval() -> None:
    rng = random.Random(1)
    standing = asking.begin(0, 0.0)
    first = asking.calm_turn(standing, CALM, SERVERS, Probing(), rng.random())
    second = asking.calm_turn(first.asking, CALM, SERVERS, Probing(), rng.random())
    assert {ask.server for ask in first.asks} != {ask.server for ask in second.asks}
    txt = asking.txt_turn(standing, CALM, SERVERS, Probing(), 0.5)
    assert txt.asking.txt_turn == standing.txt_turn + 1
    assert (txt.delay, first.asking.txt_turn) == (PROBING.txt_interval, standing.txt_turn)


def test_a_budget_holds_two_changes_and_comes_back_slowly() -> None:
    budget = asking.full_budget(0.0)
    rounds = 0
    while (left := asking.spend(budget, 16, 2.0 * rounds)) is not None:
        budget, rounds = left, rounds + 1
    assert 80 <= rounds <= 120
    assert asking.spend(budget, 16, 2.0 * rounds + 16) is not None
    refilled = asking.spend(budget, 0, 1e6)
    assert refilled is not None
    assert refilled.left == asking.BUDGET_QUESTIONS
