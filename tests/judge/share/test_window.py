"""How a share is followed over time: what it rests on, when it begins anew, and what is said of declared weights."""

import random
from collections import Counter
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.judge.acceptance.expectation import verdict
from probe.judge.findings.weights import weigh_plan
from probe.judge.review import adopt, hear_witness
from probe.judge.share.window import Drawn, Followed, Slice, Tally, first_shares, follow
from probe.model.check import CheckOutcome
from probe.model.external_dns import TxtRegistry
from probe.model.plan import Domain, Expectation, Weights
from probe.model.question import RecordType
from probe.model.record import Position, RecordState, RecordStatus
from probe.model.share import Share, ShareVerdict
from probe.model.side import AnswerClass
from probe.model.witness import Witnessed, Written
from tests.judge.answers import NAME, SERVERS, V1_BALANCER, V2_BALANCER, ZONE, context, instant
from tests.judge.simulator import Prober, Run, World, Write, steady, weighted
from tests.judge.zones import routed

BUCKETS_KEPT, WEIGH_ASKS = 24, 8
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

CONTEXT = context()
STEP = 4
"""Answers between two looks: fewer than ever in the daemon."""


class Follower:
    """One record of a domain with declared weights, its counts, and the share that is made of them."""

    def __init__(self, declared: Weights | None) -> None:
        self.domain = Domain(NAME, "first", Expectation.WEIGHTED if declared else Expectation.MOVING, declared)
        begun = first_shares(self.domain)
        self.followed = Followed(begun.shares, begun.windows[:1])
        self.v1 = self.v2 = self.transitions = 0
        self.state = RecordState.WEIGHTED
        self.others: dict[str, int] = {}
        self.believes = False
        self.at = 0.0
        self.seen: list[Share] = []

    def take(self, v1: int, v2: int, seconds: float = 30.0, **others: int) -> Share | None:
        self.v1, self.v2, self.at = self.v1 + v1, self.v2 + v2, self.at + seconds
        self.others = {name: self.others.get(name, 0) + others.get(name, 0) for name in {*self.others, *others}}
        given = {"v1": self.v1, "v2": self.v2, **self.others}
        answers = tuple(given.get(one.value, 0) for one in AnswerClass)
        record = RecordStatus(RecordType.A, self.state, answers=answers, transitions=self.transitions)
        self.followed = follow(self.followed, (Drawn(record, self.believes),), self.domain, instant(self.at), CONTEXT)
        self.seen += self.shares
        return self.shares[0] if self.shares else None

    @property
    def shares(self) -> tuple[Share, ...]:
        return self.followed.shares

    def draw(self, share: float, answers: int, rng: random.Random) -> list[Share]:
        before = len(self.seen)
        for _ in range(answers // STEP):
            v2 = sum(rng.random() < share for _ in range(STEP))
            self.take(STEP - v2, v2)
        return self.seen[before:]


@pytest.mark.long
@pytest.mark.parametrize(("share", "declared"), [(0.5, Weights(1, 1)), (0.1, Weights(90, 10)), (0.01, Weights(99, 1))])
def test_a_share_that_stands_as_declared_is_never_off_and_keeps_all_its_answers(
    share: float, declared: Weights
) -> None:
    for seed in range(6):
        following = Follower(declared)
        shares = following.draw(share, 4000, random.Random(seed))
        assert all(one.verdict is not ShareVerdict.OFF for one in shares)
        assert shares[-1].answers == 4000
        assert share < 0.1 or (shares[-1].verdict, shares[-1].needed) == (ShareVerdict.AS_DECLARED, 0)


@pytest.mark.parametrize(
    ("before", "after", "declared", "most"),
    [(0.1, 0.31, Weights(90, 10), 400), (0.0, 0.1, Weights(99, 1), 300), (0.3, 0.8, Weights(70, 30), 120)],
)
@pytest.mark.long
def test_a_step_of_a_ramp_is_seen_and_what_was_before_it_is_forgotten(
    before: float, after: float, declared: Weights, most: int
) -> None:
    for seed in range(6):
        following, rng = Follower(declared), random.Random(seed)
        following.draw(before, 3000, rng)
        shares = following.draw(after, 1200, rng)
        off = next(index for index, one in enumerate(shares) if one.verdict is ShareVerdict.OFF)
        assert off * STEP <= most
        newest = shares[-1]
        assert newest.answers < 1200 + 100  # at most a bucket or three from before the step
        assert newest.lower < after < newest.upper
        assert newest.since is not None
        assert newest.since.monotonic > 3000 / STEP * 30 - 3000


def test_corrected_weights_are_said_to_be_right_without_a_moment_in_between() -> None:
    following, rng = Follower(Weights(90, 10)), random.Random(1)
    following.draw(0.31, 2000, rng)
    verdicts = [one.verdict for one in following.draw(0.1, 2000, rng)]
    change = next(index for index, verdict in enumerate(verdicts) if verdict is not ShareVerdict.OFF)
    assert change * STEP < 400
    assert ShareVerdict.OFF not in verdicts[change:]
    assert verdicts[-1] is ShareVerdict.AS_DECLARED


def test_a_share_that_is_off_stays_so_until_nothing_speaks_against_the_declared_one() -> None:
    following = Follower(Weights(90, 10))
    following.take(40, 25)
    assert following.shares[0].verdict is ShareVerdict.OFF
    following.take(25, 1)
    off = following.shares[0]
    assert off.verdict is ShareVerdict.OFF
    assert off.lower < 0.1 < off.upper  # by itself it would be open again
    following.draw(0.1, 400, random.Random(2))
    assert following.shares[0].verdict is not ShareVerdict.OFF


@given(st.lists(st.tuples(st.integers(0, 400), st.integers(0, 400)), max_size=60))
def test_no_answer_is_lost_or_counted_twice_and_memory_is_bounded(looks: list[tuple[int, int]]) -> None:
    following = Follower(Weights(1, 1))
    for v1, v2 in looks:
        following.take(v1, v2)
        (window,) = following.followed.windows
        assert window is not None
        assert len(window.buckets) <= BUCKETS_KEPT
        assert following.shares[0].answers == sum(bucket.told.size for bucket in window.buckets)
        if window.buckets[0].number == 1:
            assert (following.shares[0].v1, following.shares[0].v2) == (following.v1, following.v2)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(1, 4))
def test_nothing_new_changes_nothing(v1: int, v2: int, times: int) -> None:
    following = Follower(Weights(1, 1))
    first = following.take(v1, v2)
    assert all(following.take(0, 0) is first for _ in range(times)) or not v1 + v2


def test_a_transition_begins_anew_and_what_is_on_its_way_is_left_out() -> None:
    following = Follower(Weights(90, 10))
    following.take(900, 100)
    following.transitions += 1
    assert following.take(50, 50, seconds=5) is not None
    assert following.shares[0].answers == 0
    following.take(50, 50, seconds=50)  # within the grace time
    assert following.shares[0].answers == 0
    following.take(90, 10, seconds=30)
    following.take(90, 10)
    assert following.shares[0].answers == 200 - 100 * (following.shares[0].answers == 100)


def test_other_declared_weights_begin_anew() -> None:
    following = Follower(Weights(90, 10))
    following.take(900, 100)
    following.domain = Domain(NAME, "first", Expectation.WEIGHTED, Weights(50, 50))
    following.take(90, 10)
    assert following.shares[0].answers == 0
    assert following.shares[0].verdict is ShareVerdict.OPEN


@pytest.mark.parametrize("state", [RecordState.FLAPPING, RecordState.ABSENT, RecordState.FOREIGN, RecordState.DIVIDED])
def test_what_is_no_draw_is_not_counted(state: RecordState) -> None:
    following = Follower(Weights(50, 50))
    following.state = state
    following.take(900, 100)
    assert following.shares[0].answers == 0


def test_a_record_that_is_not_drawn_has_no_share_unless_weights_are_declared() -> None:
    following = Follower(None)
    following.state = RecordState.V2
    assert following.take(0, 900) is None
    following.state = RecordState.WEIGHTED
    following.take(10, 10)
    following.take(10, 10, seconds=90)
    following.take(10, 10)
    assert following.shares[0].answers
    assert following.shares[0].verdict is None
    assert following.shares[0].needed is None
    following.transitions += 1
    following.state = RecordState.V2
    following.take(0, 10)
    assert following.take(0, 10) is None


def watched(writes: Iterable[Write], seconds: float, declared: Weights, seed: int, loss: float = 0.0) -> Run:
    rng = random.Random(seed)
    world = World(writes, rng, loss=loss)
    return Prober(world, rng, expectation=Expectation.WEIGHTED, weights=declared).go(seconds)


@pytest.mark.long
@pytest.mark.parametrize("loss", [0.0, 0.2])
@pytest.mark.parametrize(("share", "declared"), [(0.5, Weights(1, 1)), (0.1, Weights(90, 10)), (0.9, Weights(20, 180))])
def test_a_split_that_is_as_declared_raises_nothing_for_hours(share: float, declared: Weights, loss: float) -> None:
    run = watched([Write(0, weighted(share))], 4 * 3600, declared, 3, loss)
    assert run.raised() == set()
    assert {one.verdict for one in run.status.shares} == {ShareVerdict.AS_DECLARED}
    assert "leads to v2 in" in run.status.sentence


def test_a_wrong_weight_is_named_with_what_is_declared_what_is_seen_and_how_surely() -> None:
    run = watched([Write(0, weighted(0.31))], 1800, Weights(90, 10), 4)
    assert run.raised() == {"weights-off"}
    (finding,) = run.status.findings
    assert finding.sentence.startswith("app.example.com is declared 90:10 (v1:v2), but A leads to v2 in ")
    assert finding.facts[-1].text == "10% of answers lead to v2"
    assert any("led to v2 in" in line and "ns-0" in line for line in finding.evidence)
    assert any(line.startswith("A led to v1 in") for line in finding.evidence)


def test_the_weights_in_the_hosted_zone_are_told_beside_the_share_and_its_health_checks() -> None:
    run = watched([Write(0, weighted(0.31))], 1800, Weights(90, 10), 4)
    sets = (routed("one", V1_BALANCER, 69), routed("two", V2_BALANCER, 31)._replace(health=False))
    read = Written(instant(1790), is_current=True, zone=ZONE, sets=sets)
    known, _ = hear_witness(run.state, Witnessed(written=read), instant(1800), run.context)
    told = [fact.text for fact in known.status.findings[0].facts][-2:]
    assert told[0].startswith('The hosted zone has 69:31 (v1:v2): A "one" (weight 69) leads to v1 and A "two"')
    assert "(weight 31, its health check fails) leads to v2" in told[0]
    assert told[1].startswith("Seen in the hosted zone at ")
    failing, _ = hear_witness(known, Witnessed(written=read._replace(is_current=False)), instant(1801), run.context)
    assert [finding.code for finding in failing.status.findings] == ["weights-off"]
    assert not any("hosted zone" in fact.text for fact in failing.status.findings[0].facts)


@pytest.mark.long
def test_a_side_that_falls_silent_later_is_missed() -> None:
    run = watched([Write(0, weighted(0.5)), Write(3600, steady(Position.V1))], 3 * 3600, Weights(1, 1), 5)
    assert "weights-one-sided" in {finding.code for finding in run.status.findings}


def test_a_plan_that_declares_weights_later_counts_from_then_on() -> None:
    run = watched([Write(0, weighted(0.1))], 600, Weights(90, 10), 6)
    domain = Domain(NAME, "first", Expectation.WEIGHTED, Weights(50, 50))
    status, memory = adopt(run.state, domain, (TxtRegistry(),))
    drawn = tuple(map(Drawn, status.records))
    shares, _ = follow(Followed(status.shares, memory.windows), drawn, domain, instant(601), CONTEXT)
    assert [one.answers for one in shares] == [0, 0]
    assert all(one.verdict is ShareVerdict.OPEN for one in shares)


@pytest.mark.parametrize(
    ("needed", "told"),
    [(1_240, "Some 1,240 answers more will tell"), (None, "No number of answers in sight will tell")],
)
def test_too_few_answers_are_no_verdict_and_what_is_missing_is_said(needed: int | None, told: str) -> None:
    status = watched([Write(0, weighted(0.1))], 600, Weights(90, 10), 8).status
    assert verdict(status).outcome is not CheckOutcome.FAIL
    short = tuple(one._replace(v1=90, v2=10, verdict=ShareVerdict.OPEN, needed=needed) for one in status.shares)
    open_one = verdict(status._replace(shares=short))
    assert open_one.outcome is CheckOutcome.UNKNOWN
    assert f"{told} whether that is the declared share." in open_one.sentence


def test_a_round_of_weighing_asks_every_server_alike_and_no_more_than_is_needed() -> None:
    status = watched([Write(0, weighted(0.1))], 600, Weights(90, 10), 8).status
    a, aaaa = (one._replace(verdict=ShareVerdict.OPEN, needed=5) for one in status.shares)
    decided = aaaa._replace(verdict=ShareVerdict.AS_DECLARED, needed=0)
    queries = weigh_plan(status._replace(shares=(a, decided)), SERVERS)
    assert Counter((ask.server, ask.question.rdtype) for ask in queries) == {
        (server, RecordType.A): 2 for server in SERVERS
    }
    assert not weigh_plan(status._replace(shares=(decided,)), SERVERS)
    assert not weigh_plan(status._replace(shares=(a._replace(needed=None),)), SERVERS)
    assert not weigh_plan(status._replace(shares=(a,), state=RecordState.FLAPPING), SERVERS)
    assert len(weigh_plan(status._replace(shares=(a._replace(needed=9_999),)), SERVERS)) == WEIGH_ASKS * len(SERVERS)


def test_a_share_that_is_as_declared_does_not_become_open_again_by_a_few_odd_answers() -> None:
    following = Follower(Weights(50, 50))
    following.take(380, 380)
    assert following.shares[0].verdict is ShareVerdict.AS_DECLARED
    following.take(36, 10)
    assert following.shares[0].verdict is ShareVerdict.AS_DECLARED
    assert following.shares[0].needed == 0


def test_a_missing_side_is_never_called_a_seldom_one_on_the_way_or_when_an_answer_is_lost() -> None:
    run = watched([Write(0, steady(Position.V1))], 3600, Weights(90, 10), 9, loss=0.2)
    assert run.raised() == {"weights-one-sided"}


def test_a_change_is_looked_for_after_32_answers() -> None:
    following = Follower(Weights(1, 1))
    following.take(16, 15)
    (window,) = following.followed.windows
    assert window is not None
    assert len(window.buckets) == 1
    following.take(0, 1)
    (window,) = following.followed.windows
    assert window is not None
    assert [bucket.told.size for bucket in window.buckets] == [32, 0]


@pytest.mark.parametrize(
    ("v1", "v2", "kept"),
    [(31, 1, 352), (33, 1, 354), (34, 1, 35), (32, 0, 32)],
)
def test_a_change_before_the_eleventh_beginning_pays_for_all_that_could_have_been(v1: int, v2: int, kept: int) -> None:
    """After 320 even answers, by CHANGE and the logarithms of 10 · 11 and 11 · 12: 34 against 1 are the first."""
    follower = Follower(Weights(1, 1))
    follower.take(160, 160)
    (window,) = follower.followed.windows
    assert window is not None
    late = window._replace(buckets=(Slice(Tally(160, 160), 10, None), Slice(Tally(), 11, None)))
    follower.followed = follower.followed._replace(windows=(late,))
    share = follower.take(v1, v2)
    assert share is not None
    assert share.answers == kept


def test_answers_that_lead_to_neither_side_alone_are_no_answers_of_v2() -> None:
    following = Follower(Weights(1, 1))
    following.take(0, 400, mixed=200, nodata=120, nxdomain=80)
    (share,) = following.shares
    assert (share.answers, share.elsewhere, share.ratio) == (800, 400, 0.5)
    assert share.lower < 0.5 < share.upper
    assert share.verdict is ShareVerdict.AS_DECLARED
    following.take(0, 100, mixed=900)
    assert following.shares[0].verdict is ShareVerdict.OFF


def test_an_answer_elsewhere_counts_once_it_is_believed_and_what_was_counted_before_does_not() -> None:
    following = Follower(Weights(1, 1))
    following.take(100, 100, foreign=200)
    assert (following.shares[0].answers, following.shares[0].ratio) == (200, 0.5)
    following.believes = True
    following.take(0, 10, foreign=10)
    assert following.shares[0].answers == 0
    following.take(50, 50, 60.0, foreign=100)
    following.take(50, 50, foreign=100)
    assert (following.shares[0].answers, following.shares[0].ratio) == (400, 0.25)
    following.believes = False
    following.take(50, 50, foreign=100)
    assert (following.shares[0].answers, following.shares[0].elsewhere) == (500, 200)


def test_a_share_that_has_changed_is_open_again_until_its_new_answers_decide() -> None:
    follower = Follower(Weights(50, 50))
    follower.take(20_000, 20_000)
    assert follower.shares[0].verdict is ShareVerdict.AS_DECLARED
    follower.take(40, 10)
    assert (follower.shares[0].answers, follower.shares[0].verdict) == (50, ShareVerdict.OPEN)
