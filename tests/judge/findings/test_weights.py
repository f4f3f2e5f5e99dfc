"""Declared weights and what is answered: which finding tells of it, in what words, and what more is asked to decide."""

from collections import Counter

import pytest

from probe.judge.findings.declaration import UNDECIDED
from probe.judge.findings.evidence import Found
from probe.judge.findings.weights import (
    awaiting,
    undecided,
    weigh_plan,
    weights_off,
    weights_one_sided,
    weights_undeclared,
)
from probe.judge.record.state import RecordMemory, ServerMemory
from probe.judge.state import DomainMemory, DomainState
from probe.model.domain import DomainStatus
from probe.model.finding import FactLabel, Severity
from probe.model.plan import Domain, Expectation, Weights
from probe.model.question import RecordType
from probe.model.record import Position, RecordState, RecordStatus, ServerStatus
from probe.model.share import Share, ShareVerdict
from probe.model.side import AnswerClass
from probe.model.witness import Witnessed, Written
from tests.judge.answers import NAME, SERVERS, V1_BALANCER, V2_BALANCER, ZONE, context, instant
from tests.judge.zones import routed, simple

NEARLY_ALL, WEIGH_ASKS, GIVEN_UP, LATE_AFTER = 0.9, 8, 4, 120.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

NOW = instant(1_000)
A, AAAA = RecordType.A, RecordType.AAAA
V1, V2 = AnswerClass.V1, AnswerClass.V2
EVEN, TENTH = Weights(50, 50), Weights(90, 10)


class Answers:
    """What one record's servers answered: how often each led to either side before its present run, and that run."""

    def __init__(
        self, *servers: tuple[AnswerClass, int], before: tuple[int, int] = (0, 0), rdtype: RecordType = A
    ) -> None:
        self.rdtype, self.before = rdtype, before
        self.state, self.failures = RecordState.WEIGHTED, [0] * len(servers)
        self.position: Position | None = Position.V1
        self.servers = servers
        self.meanwhile = (0, 0)  # what the others answered during the last server's run

    def record(self) -> RecordStatus:
        servers = tuple(
            ServerStatus(server, word, instant(990), instant(300), None, failures, None, run)
            for server, (word, run), failures in zip(SERVERS, self.servers, self.failures, strict=False)
        )
        word, run = self.servers[-1]
        counts = {V1: self.meanwhile[0], V2: self.meanwhile[1]}
        counts[word] += run
        answers = tuple(counts.get(one, 0) for one in AnswerClass)
        return RecordStatus(
            self.rdtype, self.state, instant(0), self.position, existed=True, servers=servers, answers=answers
        )

    def memory(self) -> RecordMemory:
        seen = (*self.before, 0, 0, 0)
        told = (0,) * len(AnswerClass)
        return RecordMemory(tuple(ServerMemory(seen, version=0, told=told) for _ in self.servers))


def share(v1: int, v2: int, verdict: ShareVerdict | None = ShareVerdict.OFF, rdtype: RecordType = A) -> Share:
    return Share(rdtype, instant(100), v1, v2, 0.25, 0.35, verdict, 0)


def state(
    *answers: Answers,
    shares: tuple[Share, ...],
    weights: Weights | None = TENTH,
    expectation: Expectation | None = None,
    written: Written | None = None,
) -> DomainState:
    expected = expectation or (Expectation.WEIGHTED if weights is not None else Expectation.V1)
    records = tuple(one.record() for one in answers)
    status = DomainStatus(
        Domain(NAME, "first", expected, weights),
        records[0].state,
        records=records,
        shares=shares,
        witnessed=Witnessed(written=written),
    )
    return DomainState(status, DomainMemory(tuple(one.memory() for one in answers), (None,) * len(answers)))


def off(told: DomainState) -> Found | None:
    return weights_off(told, NOW, context())


def one_sided(told: DomainState) -> Found | None:
    return weights_one_sided(told, NOW, context())


def undeclared(told: DomainState) -> Found | None:
    found = weights_undeclared(told, NOW, context())
    assert found is not UNDECIDED
    return found


def drawing(rdtype: RecordType = A) -> Answers:
    return Answers((V1, 2), (V2, 1), (V1, 1), (V2, 3), before=(100, 40), rdtype=rdtype)


def test_a_share_that_is_off_is_told_with_what_is_declared_and_each_server_s_own_count() -> None:
    found = off(state(drawing(), shares=(share(404, 166),)))
    assert found is not None
    assert found.sentence == ("app.example.com is declared 90:10 (v1:v2), but A leads to v2 in 29% of answers.")
    assert found.facts == (
        (FactLabel.SHARE, "A leads to v2 in 29% (25% to 35%) of 570 answers"),
        (FactLabel.EXPECTED, "10% of answers lead to v2"),
    )
    assert found.evidence == (
        "A led to v1 in 404 and to v2 in 166 answers since 2026-09-21 14:15:00 UTC",
        "2026-09-21 14:29:50 UTC: ns-0.awsdns-00.com (192.0.2.50) led to v2 in 40 of its 142 newest answers for A",
        "2026-09-21 14:29:50 UTC: ns-1.awsdns-01.net (192.0.2.51) led to v2 in 41 of its 141 newest answers for A",
        "2026-09-21 14:29:50 UTC: ns-2.awsdns-02.org (192.0.2.52) led to v2 in 40 of its 141 newest answers for A",
        "2026-09-21 14:29:50 UTC: ns-3.awsdns-03.co.uk (192.0.2.53) led to v2 in 43 of its 143 newest answers for A",
    )
    assert found.severity is None


def test_both_families_are_told_in_one_headline_and_a_server_that_was_not_heard_is_no_evidence() -> None:
    told = state(drawing(), drawing(AAAA), shares=(share(404, 166), share(350, 150, rdtype=AAAA)._replace(since=None)))
    silent = told.status.records[1]
    unheard = silent._replace(servers=(ServerStatus(SERVERS[0]), *silent.servers[1:]))
    found = off(told.with_status(told.status.with_records((told.status.records[0], unheard))))
    assert found is not None
    assert found.sentence == (
        "app.example.com is declared 90:10 (v1:v2), but A leads to v2 in 29% and AAAA in 30% of answers."
    )
    assert found.evidence[5] == "AAAA led to v1 in 350 and to v2 in 150 answers"
    assert len(found.evidence) == 9


def test_a_server_that_is_no_draw_is_named_beside_the_share() -> None:
    keeps = Answers((V1, 2), (V2, 1), (V1, 1), (V2, 100), before=(100, 40))
    keeps.meanwhile = 210, 90
    assert undrawn_of(keeps) == ["ns-3.awsdns-03.co.uk always gives the same answer"]


def test_a_server_whose_run_is_as_long_as_the_new_share_makes_it_is_a_draw_whatever_was_drawn_before() -> None:
    """A step of a ramp: 10 % went before, which would make a run of 40 the chance of a lifetime; now it is 90 %."""
    drawn = Answers((V1, 2), (V2, 1), (V1, 1), (V2, 40), before=(900, 100))
    drawn.meanwhile = 12, 108
    assert undrawn_of(drawn) == []
    drawn.meanwhile = 0, 120  # all say one thing: nobody draws
    assert undrawn_of(drawn) == []
    drawn.meanwhile = 108, 12
    assert undrawn_of(drawn) == ["ns-3.awsdns-03.co.uk always gives the same answer"]


def undrawn_of(answers: Answers) -> list[str]:
    found = off(state(answers, shares=(share(404, 1_060),)))
    assert found is not None
    return [fact.text for fact in found.facts if fact.label is FactLabel.ANSWERS]


def test_one_side_alone_is_told_with_its_run_and_is_no_share() -> None:
    only = state(Answers((V1, 100), (V1, 101), (V1, 99), (V1, 2_000)), shares=(share(2_300, 0),), weights=EVEN)
    found = one_sided(only)
    assert found is not None
    assert found.sentence == "app.example.com is declared 50:50 (v1:v2), but A leads to v1 only."
    assert found.facts == ((FactLabel.ANSWERS, "A led to v1 in all of its 2,300 newest answers"),)
    assert found.evidence[0] == "A led to v1 in 2,300 and to v2 in 0 answers since 2026-09-21 14:15:00 UTC"
    assert off(only) is None


@pytest.mark.parametrize(
    ("second", "only"),
    [
        (V1, "A and AAAA lead to v1"),
        (V2, "A leads to v1 and AAAA leads to v2"),
    ],
)
def test_two_families_of_one_side_are_told_together_and_of_two_sides_apart(second: AnswerClass, only: str) -> None:
    one, other = Answers((V1, 100), (V1, 100)), Answers((second, 100), (second, 100), rdtype=AAAA)
    other.position = Position.V1 if second is V1 else Position.V2
    counts = (200, 0) if second is V1 else (0, 200)
    found = one_sided(state(one, other, shares=(share(200, 0), share(*counts, rdtype=AAAA)), weights=EVEN))
    assert found is not None
    assert found.sentence == f"app.example.com is declared 50:50 (v1:v2), but {only} only."
    assert [fact.text.split(" in ")[0] for fact in found.facts] == ["A led to v1", f"AAAA led to {second.value}"]


@pytest.mark.parametrize(
    ("runs", "counts", "is_one_sided"),
    [
        pytest.param((225, 225), (490, 10), True, id="nine tenths of its answers, the newest ones"),
        pytest.param((225, 224), (490, 10), False, id="one less"),
        pytest.param((400, 400), (490, 10), True, id="the run began before the share did"),
    ],
)
def test_a_side_that_fell_silent_is_missed_once_nearly_all_answers_came_since(
    runs: tuple[int, int], counts: tuple[int, int], *, is_one_sided: bool
) -> None:
    assert NEARLY_ALL * 500 == 450
    told = state(Answers(*((V1, run) for run in runs)), shares=(share(*counts),), weights=EVEN)
    found = one_sided(told)
    assert (found is not None, off(told) is None) == (is_one_sided, is_one_sided)
    if found is not None:
        assert found.facts[0].text == f"A led to v1 in all of its {min(sum(runs), 500)} newest answers"


def test_a_server_that_is_given_up_has_no_say_in_whether_a_side_fell_silent() -> None:
    gone = Answers((V1, 300), (V1, 300), (V2, 1))
    told = {}
    for failures in (GIVEN_UP - 1, GIVEN_UP):
        gone.failures = [0, 0, failures]
        told[failures] = one_sided(state(gone, shares=(share(600, 10),), weights=EVEN))
    assert told[GIVEN_UP - 1] is None
    assert told[GIVEN_UP] is not None


def test_a_side_of_no_weight_is_not_missed_and_one_that_has_all_of_it_only_off() -> None:
    all_v1 = state(Answers((V1, 300), (V1, 300)), shares=(share(600, 0),), weights=Weights(0, 100))
    assert one_sided(all_v1) is None
    found = off(all_v1)
    assert found is not None
    assert found.sentence == "app.example.com is declared 0:100 (v1:v2), but A leads to v2 in 0% of answers."


def test_a_side_that_answers_beside_one_that_leads_nowhere_is_not_said_to_have_all_answers() -> None:
    told = state(drawing(), shares=(share(300, 0)._replace(elsewhere=300),), weights=EVEN)
    assert one_sided(told) is None
    found = off(told)
    assert found is not None
    assert found.facts[0].text == "A leads to v2 in 0% (25% to 35%) of 600 answers, and to neither side alone in 50%"


@pytest.mark.parametrize(
    ("told", "why"),
    [
        (state(drawing(), shares=(share(404, 166),), weights=None), "no weights are declared"),
        (state(drawing(), shares=(share(404, 166, ShareVerdict.OPEN),)), "too few answers"),
        (state(drawing(), shares=(share(900, 100, ShareVerdict.AS_DECLARED),)), "as declared"),
        (state(drawing(), shares=(share(0, 0),)), "counted anew"),
        (state(drawing(), shares=(share(404, 166),), expectation=Expectation.MOVING), "it is moving"),
        (state(drawing(), shares=(share(404, 166, rdtype=AAAA),)), "of a record that is not there"),
    ],
)
def test_next_door_weights_are_not_off(told: DomainState, why: str) -> None:
    assert (off(told), one_sided(told)) == (None, None), why


@pytest.mark.parametrize("standing", list(RecordState))
def test_only_a_record_that_stands_speaks_of_weights(standing: RecordState) -> None:
    answers = drawing()
    answers.state = standing
    is_heard = standing in {RecordState.V1, RecordState.V2, RecordState.WEIGHTED}
    assert (off(state(answers, shares=(share(404, 166),))) is not None) == is_heard


def test_a_split_that_nobody_declared_is_told_where_one_side_is_expected() -> None:
    found = undeclared(state(drawing(), shares=(share(404, 166, None),), weights=None))
    assert found is not None
    assert found.sentence == "app.example.com (A) is split by weighted routing, and the plan declares no weights."
    assert found.facts == (
        (FactLabel.SHARE, "A leads to v2 in 29% (25% to 35%) of 570 answers"),
        (FactLabel.EXPECTED, "v1"),
    )
    assert len(found.evidence) == 5
    assert found.severity is None


def test_while_it_moves_a_split_is_a_warning_and_before_it_is_counted_its_share_is_left_out() -> None:
    found = undeclared(
        state(drawing(), drawing(AAAA), shares=(share(404, 166, None),), weights=None, expectation=Expectation.MOVING)
    )
    assert found is not None
    assert found.sentence == (
        "app.example.com (A and AAAA) is split by weighted routing, and the plan declares no weights."
    )
    assert [fact.text for fact in found.facts] == [
        "A leads to v2 in 29% (25% to 35%) of 570 answers",
        "Either side: it is moving",
    ]
    assert found.severity is Severity.WARNING


@pytest.mark.parametrize("standing", [one for one in RecordState if one is not RecordState.WEIGHTED])
def test_what_is_not_split_needs_no_weights(standing: RecordState) -> None:
    answers = drawing()
    answers.state = standing
    assert undeclared(state(answers, shares=(share(404, 166, None),), weights=None)) is None


def test_a_split_that_is_declared_is_expected() -> None:
    assert undeclared(state(drawing(), shares=(share(404, 166),))) is None


@pytest.mark.case("A4")
@pytest.mark.parametrize("expectation", [Expectation.V1, Expectation.MOVING, Expectation.V2])
def test_weights_that_stood_when_their_end_was_told_to_the_plan_have_as_long_to_go_as_a_move_has(
    expectation: Expectation,
) -> None:
    told = state(drawing(), shares=(share(404, 166, None),), weights=None, expectation=expectation)
    drawn = told.status.records[0]
    assert drawn.since is not None
    for since, at, is_told in ((drawn.since.monotonic + 1, 119.0, False), (drawn.since.monotonic + 1, 122.0, True)):
        status = told.status._replace(expected_since=instant(since))
        assert (weights_undeclared(told.with_status(status), instant(at), context()) is not UNDECIDED) is is_told
    at_once = told.with_status(told.status._replace(expected_since=drawn.since))
    assert isinstance(weights_undeclared(at_once, instant(1.0), context()), Found)


SETS = (routed("one", V1_BALANCER, 69), routed("two", V2_BALANCER, 31))


@pytest.mark.parametrize(
    ("written", "cause"),
    [
        (
            Written(instant(990), is_current=True, zone=ZONE, sets=SETS),
            'The hosted zone has 69:31 (v1:v2): A "one" (weight 69) leads to v1 and A "two" (weight 31) leads to v2',
        ),
        (
            Written(instant(990), is_current=True, zone=ZONE, sets=(simple(V1_BALANCER),)),
            "The hosted zone has no weights of both sides: A leads to v1",
        ),
        (Written(instant(990), is_current=True, zone=ZONE), None),
        (Written(instant(990), is_current=False, zone=ZONE, sets=SETS), None),
        (None, None),
    ],
)
def test_what_stands_in_the_hosted_zone_is_told_beside_each_of_them(written: Written | None, cause: str | None) -> None:
    of_one_side = Answers((V1, 300), (V1, 300))
    raised = (
        off(state(drawing(), shares=(share(404, 166),), written=written)),
        one_sided(state(of_one_side, shares=(share(600, 0),), weights=EVEN, written=written)),
        undeclared(state(drawing(), shares=(share(404, 166, None),), weights=None, written=written)),
    )
    proof = (FactLabel.PROOF, "Seen in the hosted zone at 2026-09-21 14:29:50 UTC")
    for found in raised:
        assert found is not None
        about = tuple(fact for fact in found.facts if fact.label in {FactLabel.CAUSE, FactLabel.PROOF})
        assert about == (() if cause is None else ((FactLabel.CAUSE, cause), proof))


def waiting(needed: int | None, *more: Share, weights: Weights | None = TENTH, **about: object) -> DomainStatus:
    open_one = share(20, 3, ShareVerdict.OPEN)._replace(needed=needed)
    status = state(drawing(), shares=(open_one, *more), weights=weights).status
    return status._replace(**about)  # type: ignore[arg-type]  # fields of the tuple, by name


def test_shares_wait_for_answers_until_they_are_decided() -> None:
    other = share(90, 10, ShareVerdict.AS_DECLARED)
    assert [one.needed for one in awaiting(waiting(5, other))] == [5]
    assert awaiting(waiting(None)) == ()  # no number of answers in sight will tell
    assert [one.needed for one in undecided(waiting(None, other))] == [None]
    assert undecided(waiting(5)._replace(shares=(other,))) == ()
    assert undecided(waiting(5)._replace(shares=(share(9, 1, ShareVerdict.OPEN, rdtype=AAAA),))) == ()


def test_nobody_waits_for_a_share_that_was_not_declared_or_does_not_stand() -> None:
    assert awaiting(waiting(5, weights=None)) == ()
    assert awaiting(waiting(5, state=RecordState.FLAPPING)) == ()
    assert awaiting(waiting(5, state=RecordState.V1)) != ()
    assert awaiting(waiting(5, weights=Weights(0, 100), state=RecordState.V2)) == ()  # which side it is on says it all
    assert awaiting(waiting(5, weights=Weights(100, 0), state=RecordState.V1)) == ()
    assert awaiting(waiting(5, weights=Weights(0, 100))) != ()


def test_through_caches_nobody_waits_for_hundreds_of_answers() -> None:
    status = waiting(5)
    held = status.records[0]._replace(cache=60)
    assert awaiting(status.with_records((held,))) == ()


@pytest.mark.parametrize(("needed", "each"), [(1, 1), (4, 1), (5, 2), (32, 8), (33, WEIGH_ASKS), (9_999, WEIGH_ASKS)])
def test_a_round_asks_every_server_alike_and_eight_times_at_most(needed: int, each: int) -> None:
    asked = Counter((one.server, one.question.rdtype) for one in weigh_plan(waiting(needed), SERVERS))
    assert asked == {(server, A): each for server in SERVERS}


def test_of_a_share_that_is_decided_nothing_is_asked() -> None:
    assert weigh_plan(waiting(0), SERVERS) == ()
    assert weigh_plan(waiting(None), SERVERS) == ()
