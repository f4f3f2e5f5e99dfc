import random
from collections import Counter
from itertools import pairwise

import pytest

from probe.judge.polling import burst, cadence
from probe.judge.polling.burst import PollState, PollStep
from probe.judge.polling.crowd import ALONE, Crowd
from probe.judge.polling.delays import DelayKind, next_delay
from probe.judge.record.changepoint import Excursion, Jump, Level
from probe.judge.record.state import RecordMemory
from probe.judge.state import DomainState
from probe.model.ownership import TxtOwner
from probe.model.plan import Probing
from probe.model.question import Question, RecordType
from probe.model.record import Position, RecordState, Transition
from probe.model.side import AnswerClass
from probe.model.token_bucket import TokenRate
from tests.judge.answers import NAME, SERVERS, instant
from tests.judge.polling.test_cadence import PROBING, domain_state, standing

DOUBT = 120.0
BUDGET_QUESTIONS = 3600
REASKS = 3
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

QUESTION = Question(NAME, RecordType.A)
CALM = domain_state(standing(RecordType.A), standing(RecordType.AAAA))


def suspected(state: RecordState = RecordState.PROPAGATING) -> DomainState:
    return domain_state(standing(RecordType.A)._replace(state=state, disturbed=instant(0)), standing(RecordType.AAAA))


def round_of(standing: PollState, known: DomainState, at: float, *, u: float = 0.5, crowd: Crowd = ALONE) -> PollStep:
    return burst.burst_round(standing, known, SERVERS, PROBING, at=at, u=u, crowd=crowd)


def begun(at: float = 0.0, turn: int = 7) -> PollState:
    return surprised(burst.begin(turn, at), at).asking


def surprised(before: PollState, at: float, known: DomainState | None = None) -> PollStep:
    return burst.surprise(before, known or suspected(), SERVERS, (SERVERS[1], QUESTION), at)


def moved(at: float, *, level: Level | None = None, state: RecordState = RecordState.V2) -> DomainState:
    """A domain whose A record changed last at `at`, by a transition or in its level."""
    transition = Transition(instant(at), Position.V1, Position.V2, reversal=False)
    record = standing(RecordType.A)._replace(state=state, recent=() if level else (transition,))
    return remembering(domain_state(record, standing(RecordType.AAAA)), RecordMemory(level=level or Level()))


def remembering(known: DomainState, memory: RecordMemory) -> DomainState:
    """The same with this remembered of its A record."""
    return known._replace(memory=known.memory._replace(records=(memory, *known.memory.records[1:])))


def types(step: PollStep) -> Counter[RecordType]:
    return Counter(ask.question.rdtype for ask in step.queries)


def test_a_surprise_is_put_again_at_once_and_begins_one_burst() -> None:
    first = surprised(burst.begin(7, 0.0), 1.0)
    assert first.queries == cadence.reask_plan(SERVERS[1], QUESTION)
    assert (first.delay, first.asking.bursting) == (0.0, True)
    going_on = round_of(first.asking, suspected(), 1.0).asking
    second = surprised(going_on, 1.5)
    assert second.queries == cadence.reask_plan(SERVERS[1], QUESTION)
    assert second.delay is None


def test_a_surprise_while_a_domain_is_only_watched_brings_a_whole_round_at_once() -> None:
    step = surprised(begun()._replace(rounds=40, full_at=0.0), 30.0)
    assert step.queries[REASKS:] == cadence.burst_plan(suspected(), SERVERS, 40)
    assert step.delay is None


def test_a_burst_asks_one_round_at_least_and_ends_when_nothing_is_suspected_any_more() -> None:
    first = round_of(begun(), CALM, 0.0)
    assert first.queries
    assert first.delay is not None
    second = round_of(first.asking, suspected(), 2.0)
    assert second.queries
    last = round_of(second.asking, CALM, 4.0)
    assert (last.queries, last.delay, last.asking.bursting) == ((), None, False)


def test_a_round_that_comes_after_the_burst_was_ended_asks_nothing() -> None:
    assert round_of(burst.begin(7, 0.0), suspected(), 0.0) == PollStep(burst.begin(7, 0.0))


@pytest.mark.parametrize("level", [None, Level(jumps=(Jump(100.0, up=True),))], ids=["transition", "jump of the level"])
def test_after_a_change_a_domain_is_watched_closely_and_then_seldomer_until_no_fight_can_follow(
    level: Level | None,
) -> None:
    known, place = moved(100.0, level=level), begun(100.0)._replace(rounds=5, txt_at=100.0)
    asked: list[int] = []
    txts: list[int] = []
    for second in range(100, 900):
        step = round_of(place, known, float(second))
        place = step.asking
        counts = types(step)
        assert counts[RecordType.A] == counts[RecordType.AAAA] <= 1
        asked += [second] if counts[RecordType.A] else []
        txts += [second] if counts[RecordType.TXT] else []
    assert [second for second in asked if second < 200] == list(range(100, 200))
    assert 250 < len(asked) < 450
    assert max(after - before for before, after in pairwise(asked)) <= 7
    assert asked[-1] >= 793
    assert txts == [107]  # what stands beside the new answer, once every server has it
    assert not place.bursting


def test_txt_names_are_asked_in_the_first_round_and_every_seven_seconds_at_other_servers() -> None:
    place, asked = begun(turn=0), {}
    for second in range(25):
        step = round_of(place, suspected(), float(second))
        place = step.asking
        if types(step)[RecordType.TXT]:
            asked[second] = [ask.server for ask in step.queries if ask.question.rdtype is RecordType.TXT]
    assert list(asked) == [0, 7, 14, 21]
    assert asked[0] != asked[7]


def test_a_new_surprise_brings_the_txt_names_with_the_next_round() -> None:
    first = round_of(begun(), suspected(), 0.0)
    assert types(round_of(surprised(first.asking, 5.0).asking, suspected(), 5.0))[RecordType.TXT]
    assert not types(round_of(surprised(first.asking, 2.0).asking, suspected(), 2.0))[RecordType.TXT]


def test_a_glance_at_a_weighted_level_costs_no_txt_question_and_one_answer_of_each_server() -> None:
    excited = Level(100.0, 50.0, up=Excursion(3.0, 0.0, 6.0, 6.0))
    record = standing(RecordType.A)._replace(state=RecordState.WEIGHTED)
    known = remembering(domain_state(record, standing(RecordType.AAAA)), RecordMemory(level=excited, drawn=True))
    assert types(round_of(begun()._replace(rounds=1), known, 10.0)) == {RecordType.A: len(SERVERS)}


def test_txt_names_are_still_asked_when_the_budget_for_records_is_spent() -> None:
    place, txts = begun(), 0
    known = suspected(RecordState.FLAPPING)
    for second in range(2 * 3600):
        step = round_of(place, known, float(second))
        place = step.asking
        late = second > 3600
        txts += late and bool(types(step)[RecordType.TXT])
    assert txts >= 3 * 60 * 0.9


def test_rounds_are_jittered() -> None:
    delays = [round_of(begun(), suspected(), 0.0, u=u).delay or 0.0 for u in (0.0, 0.5, 1.0)]
    assert delays == sorted(set(delays))
    assert delays[1] == PROBING.burst_interval


def test_turns_wander_over_the_servers_and_come_back_after_the_plans_interval() -> None:
    rng = random.Random(1)
    standing = burst.begin(0, 0.0)
    first = burst.calm_turn(standing, CALM.status, SERVERS, Probing(), rng.random())
    second = burst.calm_turn(first.asking, CALM.status, SERVERS, Probing(), rng.random())
    assert {ask.server for ask in first.queries} != {ask.server for ask in second.queries}
    txt = burst.txt_turn(standing, CALM.status, SERVERS)
    assert txt.asking.txt_turn == standing.txt_turn + 1
    assert (first.delay, first.asking.txt_turn) == (None, standing.txt_turn)
    assert next_delay(DelayKind.TXT, PROBING, 0.5) == PROBING.txt_interval


def test_a_budget_holds_a_doubt_about_both_families_and_comes_back_slowly() -> None:
    budget, seconds = burst.BUDGET.full(0.0), 0
    while (left := burst.BUDGET.spent(budget, 16, float(seconds))) is not None:
        budget, seconds = left, seconds + 1
    assert seconds >= PROBING.grace + DOUBT
    assert burst.BUDGET.spent(budget, 16, seconds + 8.0) is not None
    assert burst.BUDGET.held(budget, 1e6) == BUDGET_QUESTIONS


def test_in_a_crowd_a_round_is_narrow_and_ownership_waits_for_its_share() -> None:
    crowd = Crowd(bursting=100, per_second=56.0, scout=False)
    alone, among = begun(), begun()
    rounds = {"alone": Counter[RecordType](), "crowd": Counter[RecordType]()}
    for second in range(30):
        one, other = round_of(alone, suspected(), second * 2.0), round_of(among, suspected(), second * 2.0, crowd=crowd)
        alone, among = one.asking, other.asking
        rounds["alone"] += types(one)
        rounds["crowd"] += types(other)
    assert rounds["crowd"][RecordType.A] == 30 < rounds["alone"][RecordType.A] == 30 * 8
    assert 0 < rounds["crowd"][RecordType.TXT] < rounds["alone"][RecordType.TXT] / 3


def test_a_scout_whose_servers_differ_keeps_full_rounds_in_a_crowd() -> None:
    status, memory = suspected()
    record, other = status.records
    servers = (record.servers[0]._replace(answer_class=AnswerClass.V2), *record.servers[1:])
    differing = DomainState(status._replace(records=(record._replace(servers=servers), other)), memory)
    crowd = Crowd(bursting=100, per_second=56.0, scout=True)
    assert types(round_of(begun(), differing, 2.0, crowd=crowd))[RecordType.A] == 8
    assert types(round_of(begun(), differing, 2.0, crowd=crowd._replace(scout=False)))[RecordType.A] == 2


def test_a_surprise_in_a_crowd_is_followed_up_at_a_quorum() -> None:
    step = burst.surprise(burst.begin(7, 0.0), suspected(), SERVERS, (SERVERS[1], QUESTION), 0.0, narrow=True)
    assert Counter(query.server for query in step.queries) == {SERVERS[1]: 1, SERVERS[2]: 2}


def test_a_burst_of_one_family_and_of_its_owners_lasts_longer_than_any_doubt_and_then_follows_a_fight() -> None:
    def lasts(rate: TokenRate, questions: int, every: float) -> float:
        left: float | None = rate.full(0.0)
        rounds = 0
        while left is not None:
            left, rounds = rate.spent(left, questions, rounds * every), rounds + 1
        return (rounds - 1) * every

    assert lasts(burst.BUDGET, 16, 1.0) == pytest.approx(257, abs=2)  # both families, two questions at four servers
    assert burst.BUDGET.held(0.0, 4.0) == pytest.approx(8)  # spent: one round of both families every four seconds
    assert lasts(burst.TXT_BUDGET, 4, 7.0) == pytest.approx(320, abs=8)
    assert burst.TXT_BUDGET.held(0.0, 20.0) == pytest.approx(4)  # spent: three rounds of four names a minute


@pytest.mark.parametrize(("since_full", "whole"), [(1.6, False), (2.0, True)])
def test_a_surprise_two_seconds_after_the_last_full_round_brings_one(since_full: float, *, whole: bool) -> None:
    step = surprised(begun()._replace(rounds=40, full_at=30.0 - since_full), 30.0)
    assert (len(step.queries) > REASKS) is whole


def test_in_a_crowd_every_third_round_of_txt_names_has_all_of_them() -> None:
    status, memory = suspected()
    first, *others = status.txts
    owned = DomainState(status._replace(txts=(first._replace(owners=(TxtOwner("v1", None),)), *others)), memory)
    crowd = Crowd(bursting=100, per_second=56.0, scout=False)
    place, rounds = begun(turn=0), list[int]()
    for second in range(0, 600, 2):
        step = round_of(place, owned, float(second), crowd=crowd)
        place = step.asking
        rounds += [asked] if (asked := types(step)[RecordType.TXT]) else []
    assert rounds[:7] == [len(status.txts), 1, 1] * 2 + [len(status.txts)]
