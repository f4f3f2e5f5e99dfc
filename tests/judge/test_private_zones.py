"""A zone that only resolvers answer for: judged, with the resolution that a cache allows, and said so."""

import random
import re
import statistics
from collections.abc import Sequence
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from probe.judge.acceptance.criteria import judge, widest_gap
from probe.judge.acceptance.expectation import verdict
from probe.judge.domain_text import SEEN_ALIKE
from probe.judge.findings import failing
from probe.judge.ownership import wildcard
from probe.judge.polling import burst
from probe.judge.polling.delays import DelayKind, next_delay
from probe.judge.review import hear_witness
from probe.model.check import CheckOutcome
from probe.model.effect import FindingRaised
from probe.model.external_dns import ExternalDns
from probe.model.finding import FactLabel, LabelledFact
from probe.model.outcome import FailureReason, Response, RRset
from probe.model.plan import Expectation, Probing, Weights
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position, RecordState
from probe.model.server import Server
from probe.model.side import Side
from probe.model.witness import Witnessed, Written
from probe.runtime.targets import Targets
from tests.judge.answers import (
    SERVERS,
    SOA,
    V1_BALANCER,
    V2_BALANCER,
    ZONE,
    at_position,
    context,
    instant,
    observed,
    plan,
)
from tests.judge.caches import COREDNS, INBOUND, VPC, Cache, Drawing, held
from tests.judge.ownership.owned import CAUSES
from tests.judge.story import TXT, Story
from tests.judge.zones import routed

V1, V2, ABSENT = Position.V1, Position.V2, Position.ABSENT


class Watch(Story):
    """A domain behind caches, asked by the cadence that the daemon has; `moves` change the zone at their time."""

    def __init__(
        self,
        caches: Sequence[Cache],
        expectation: Expectation = Expectation.MOVING,
        weights: Weights | None = None,
        seed: int = 1,
    ) -> None:
        super().__init__(expectation, weights, context(*(cache.server for cache in caches)))
        self.caches = {cache.server: cache for cache in caches}
        self.asked = 0
        self._rng = random.Random(seed)
        self._asking = burst.begin(0, 0.0)
        self._due = 0.0

    def run(self, until: float, zone: Position | None = None) -> None:
        """Let time pass, with the zone as it is or as it is from now on."""
        if zone is not None:
            for cache in self.caches.values():
                cache.zone = zone
        servers = tuple(self.caches)
        while self._due < until:
            at = self._due
            u = self._rng.random()
            step = burst.calm_turn(self._asking, self.status, servers, Probing(), u, at=at)
            self._asking = step.asking
            for query in step.queries:
                self.asked += 1
                self.hear(self.caches[query.server].ask(at + 0.01, query.question.rdtype))
            self.wait(at + 0.02)
            self._due += next_delay(DelayKind.RECORD, Probing(), u)

    def verdict(self) -> RecordState:
        return self.status.state


@pytest.mark.case("D5")
@pytest.mark.parametrize("server", [VPC, COREDNS], ids=lambda server: server.cached.value)
def test_a_private_zone_is_judged_by_the_first_answer(server: Server) -> None:
    watch = Watch([Cache(server)])
    watch.run(1.0)
    assert watch.verdict() is RecordState.V1
    watch.run(600.0)
    assert watch.verdict() is RecordState.V1
    assert "leads to v1 at 1 of 1 resolver" in watch.status.sentence
    assert (
        f"through a cache of at least 60 s: a change is seen up to its TTL late; {SEEN_ALIKE}." in watch.status.sentence
    )
    assert not watch.codes


@pytest.mark.case("D5")
def test_a_change_behind_a_cache_is_confirmed_by_two_fetches() -> None:
    watch = Watch([Cache()])
    watch.run(300.0)
    watch.run(420.0, V2)
    assert watch.verdict() in (RecordState.PROPAGATING, RecordState.V2)  # fetched once by now
    watch.run(560.0)
    assert watch.verdict() is RecordState.V2
    assert all(record.transitions == 1 and record.reversals == 0 for record in watch.status.records)


@pytest.mark.case("D5")
def test_what_a_cache_still_holds_is_read_again_and_proves_nothing() -> None:
    watch = Watch([Cache(ttl=300)])
    watch.run(100.0)
    record = watch.status.records[0]
    watch.run(250.0, V2)
    after = watch.status.records[0]
    assert after.answers == record.answers  # a falling TTL is the same answer
    assert after.servers[0].run == record.servers[0].run
    assert after.servers[0].at is not None
    assert after.servers[0].at.monotonic > 200.0  # but it lives
    assert watch.verdict() is RecordState.V1


def test_a_deletion_behind_a_cache_is_an_outage_that_names_no_authority() -> None:
    watch = Watch([Cache()])
    watch.run(300.0)
    watch.run(700.0, ABSENT)
    assert watch.verdict() is RecordState.ABSENT
    outage = next(finding for finding in watch.status.findings if finding.code == "outage")
    assert "at its zone's resolvers" in outage.sentence
    assert "authoritative" not in outage.sentence


@pytest.mark.parametrize("ttl", [30, 300])
def test_several_resolvers_are_caches_of_their_own_and_are_given_a_ttl_to_agree(ttl: int) -> None:
    watch = Watch([Cache(VPC, ttl), Cache(INBOUND, ttl)])
    watch.caches[INBOUND].ask(-ttl / 2)  # someone else asked for A before: it runs out earlier here than there
    watch.run(4.0 * ttl)
    assert watch.verdict() is RecordState.V1
    assert "all 2 resolvers" in watch.status.sentence
    watch.run(4.0 * ttl + 2.5 * ttl + 60.0, V2)
    assert watch.verdict() is RecordState.V2
    assert "server-divided" not in watch.raised()


@pytest.mark.parametrize("seed", range(4))
def test_a_fight_behind_a_cache_flaps_and_is_given_no_cause(seed: int) -> None:
    watch = Watch([Cache()], seed=seed)
    watch.run(300.0)
    for cycle in range(30):
        watch.run(300.0 + 60.0 * cycle + 25.0, V2)
        watch.run(300.0 + 60.0 * (cycle + 1), V1)
    assert "flip-flop" in watch.raised()
    assert not {code for code in watch.raised() if code.startswith("fight-")}
    told = [one.finding for one in watch.effects if isinstance(one, FindingRaised)]
    finding = next(one for one in told if one.code == "flip-flop")
    assert finding.since < instant(300.0 + 1200.0).wall
    assert LabelledFact(FactLabel.PROOF, f"Seen through a cache of at least 60 s: {SEEN_ALIKE}") in finding.facts


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.sampled_from([VPC, INBOUND, COREDNS]), min_size=1, max_size=3, unique=True),
    st.integers(5, 300),
    st.sampled_from([V1, V2, ABSENT]),
    st.sampled_from([V1, V2, ABSENT]),
    st.integers(0, 10_000),
)
def test_a_single_change_behind_caches_never_makes_a_fight(
    servers: list[Server], ttl: int, before: Position, after: Position, seed: int
) -> None:
    watch = Watch([Cache(server, ttl) for server in servers], seed=seed)
    watch.run(4.0 * ttl + 120.0, before)
    watch.run(10.0 * ttl + 420.0, after)
    assert watch.status.records[0].position is after
    assert all(record.transitions == (before is not after) for record in watch.status.records)
    assert not CAUSES & set(watch.raised())


LONG_OVER = 4 * 8 * 240.0
"""Seconds: a fight is over after four of its longest dwells; a cache may let one be seen that is as long as it all."""


@settings(max_examples=4, deadline=None)
@given(st.integers(4, 8), st.sampled_from([V1, V2]), st.integers(0, 10_000))
@example(cycles=8, left=V1, seed=0)  # of sixteen changes four are seen, 1,050 s apart: over after 4,200 s
def test_after_a_fight_behind_a_cache_is_over_one_change_is_a_change(cycles: int, left: Position, seed: int) -> None:
    watch, other = Watch([Cache()], seed=seed), V2 if left is V1 else V1
    watch.run(300.0, left)
    for cycle in range(cycles):
        watch.run(300.0 + 240.0 * cycle + 120.0, other)
        watch.run(300.0 + 240.0 * (cycle + 1), left)
    over = 300.0 + 240.0 * cycles
    watch.run(over + LONG_OVER, left)
    told = [code for code in watch.raised() if code in CAUSES]
    assert told == ["flip-flop"]
    assert watch.verdict() is (RecordState.V1 if left is V1 else RecordState.V2)
    watch.run(over + LONG_OVER + 1200.0, other)
    assert [code for code in watch.raised() if code in CAUSES] == told


def test_a_rollback_behind_a_cache_is_no_fight() -> None:
    watch = Watch([Cache()])
    watch.run(600.0)
    watch.run(1800.0, V2)
    watch.run(3600.0, V1)
    assert watch.verdict() is RecordState.V1
    assert "flip-flop" not in watch.raised()


def test_a_fight_behind_a_cache_is_over_once_eight_fetches_agree() -> None:
    watch = Watch([Cache()])
    watch.run(300.0)
    for cycle in range(30):
        watch.run(300.0 + 60.0 * cycle + 25.0, V2)
        watch.run(300.0 + 60.0 * (cycle + 1), V1)
    assert watch.verdict() is RecordState.FLAPPING
    watch.run(2100.0 + 360.0, V2)
    assert watch.verdict() is RecordState.FLAPPING
    watch.run(2100.0 + 4800.0)
    assert watch.verdict() is RecordState.V2
    assert "flip-flop" not in watch.codes


@pytest.mark.parametrize("seed", range(4))
def test_declared_weights_behind_a_cache_are_taken_for_draws(seed: int) -> None:
    watch = Watch([Cache()], Expectation.WEIGHTED, Weights(50, 50), seed)
    draw = random.Random(seed)
    for minute in range(60):
        watch.run(60.0 * (minute + 1), draw.choice((V1, V2)))
    assert watch.verdict() is RecordState.WEIGHTED
    assert not watch.raised()
    assert watch.status.shares[0].answers >= 30


SMALL_PARTS = [Weights(5, 95), Weights(10, 90), Weights(1, 99)]


def drawing(caches: int, share: Weights, seed: int) -> list[Drawing]:
    """Make caches that each draw anew with every fetch."""
    return [Drawing(server, share.v2_share, 100 * seed + n) for n, server in enumerate((VPC, INBOUND)[:caches])]


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("caches", [1, 2])
@pytest.mark.parametrize("weights", SMALL_PARTS, ids=lambda weights: f"{weights.v1}:{weights.v2}")
def test_a_small_declared_part_that_caches_have_not_shown_is_open_from_the_first_answer_on(
    weights: Weights, caches: int, seed: int
) -> None:
    watch = Watch(drawing(caches, weights, seed), Expectation.WEIGHTED, weights, seed)
    on_one_side = 0
    for look in range(1, 91):
        watch.run(10.0 * look)
        assert verdict(watch.status).outcome is CheckOutcome.UNKNOWN
        assert not watch.status.confirmation.confirmed
        if watch.verdict().is_side:
            on_one_side += 1
            assert "has its declared" in watch.status.sentence
            assert "is not known yet" in watch.status.sentence
            assert watch.status.drain is None
    assert on_one_side >= 6  # the first minute at least
    assert not watch.raised()


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("weights", SMALL_PARTS, ids=lambda weights: f"{weights.v1}:{weights.v2}")
def test_of_a_part_that_nobody_declared_caches_say_how_much_they_may_have_missed(weights: Weights, seed: int) -> None:
    watch = Watch(drawing(2, weights, seed), Expectation.V2, seed=seed)
    fewest = []
    for look in range(1, 91):
        watch.run(10.0 * look)
        if watch.verdict() is RecordState.V2:
            sentence = watch.status.sentence
            assert " fetched so far led to v2" in sentence or " fetched since it changed led to v2" in sentence
            whole = re.search(r"all answers fetched so far led to v2 \((\d+) of A, (\d+) of AAAA\)", sentence)
            fewest += [min(map(int, whole.groups()))] if whole else []
    assert fewest == sorted(fewest)
    assert fewest[0] <= 2  # one or two fetches are said to be no more than that


def test_a_declared_part_that_is_ruled_out_is_a_finding_and_no_longer_open() -> None:
    watch = Watch([Cache(VPC), Cache(INBOUND)], Expectation.WEIGHTED, Weights(50, 50))
    watch.run(60.0, V2)
    assert "whether v1 has its declared 50% is not known yet: all answers so far led to v2" in watch.status.sentence
    assert watch.status.drain is None
    watch.run(1800.0)
    assert "weights-one-sided" in watch.codes
    assert "is not known yet" not in watch.status.sentence
    assert "all answers fetched so far led to v2" in watch.status.sentence
    assert watch.status.drain is not None


def test_fetches_come_at_moments_without_memory_and_seldom() -> None:
    watch = Watch([Cache()])
    watch.run(36_000.0)
    asked = watch.caches[VPC].fetches
    pauses = [after - before for before, after in pairwise(asked)]
    assert 70.0 < statistics.mean(pauses) < 85.0
    assert all(sum(int(at % 60.0 // 10.0) == tenth for at in asked) > len(asked) / 12 for tenth in range(6))
    assert watch.asked <= 36_000 / 60 * len(ADDRESS_TYPES) * 2  # a fetch and a reading in between


def test_a_silent_resolver_is_no_evidence_and_what_it_held_grows_old() -> None:
    watch = Watch([Cache()])
    watch.run(100.0)
    watch.wait(1000.0)
    assert watch.verdict() is RecordState.UNKNOWN


def test_once_servers_answer_with_authority_no_cache_is_spoken_of() -> None:
    watch = Watch([Cache()])
    watch.run(100.0)
    for turn in range(3):
        for rdtype in ADDRESS_TYPES:
            watch.hear(observed(at_position(V1, rdtype), 110.0 + turn, VPC, rdtype))
    watch.wait(120.0)
    assert all(record.cache is None for record in watch.status.records)
    assert "cache" not in watch.status.sentence


@pytest.mark.case("D5")
def test_ownership_is_read_through_a_cache_once_for_each_fetch() -> None:
    watch = Watch([Cache()])

    def owner(name: str, ttl: int, at: float) -> None:
        value = f'"heritage=external-dns,external-dns/owner={name},external-dns/resource=ingress/shop/web"'
        txt = Response("NOERROR", recursion_available=True, answer=(RRset(TXT, "TXT", ttl, (value,)),))
        watch.hear(observed(txt, at, VPC, RecordType.TXT, TXT))

    owner("eks-v1", 300, 0.0)
    owner("eks-v1", 180, 120.0)
    read = next(txt for txt in watch.status.txts if txt.name == TXT)
    assert [one.owner for one in read.owners] == ["eks-v1"]
    assert read.answers == 1
    assert read.at is not None
    assert read.at.monotonic == 0.0  # read again: it does not tell what stands in the zone by now
    owner("eks-v2", 300, 310.0)
    read = next(txt for txt in watch.status.txts if txt.name == TXT)
    assert [one.owner for one in read.owners] == ["eks-v2"]


def test_the_drain_clock_counts_the_whole_ttl_and_not_what_was_left_of_it() -> None:
    watch = Watch([Cache(ttl=300)], Expectation.V2)
    watch.run(900.0)
    watch.run(2400.0, V2)
    assert watch.verdict() is RecordState.V2
    drain = watch.status.drain
    assert drain is not None
    assert drain.last_v1 is not None
    assert drain.deadline is not None
    assert drain.deadline.monotonic - drain.last_v1.monotonic >= 300.0


@pytest.mark.case("D5")
def test_load_balancers_whose_names_are_private_are_learned_through_the_cache() -> None:
    targets = Targets(plan())
    target = targets.get(V1_BALANCER)
    assert target is not None
    target.servers = (VPC,)
    targets.round(target, 0.0)
    answer = Response("NOERROR", recursion_available=True, answer=(RRset(V1_BALANCER, "A", 60, ("192.0.2.77",)),))
    targets.learn(target, observed(answer, 1.0, VPC, name=V1_BALANCER))
    assert target.heard
    assert targets.book.side_of("192.0.2.77") is Side.V1
    targets.learn(target, observed(answer, 1.0, SERVERS[0], name=V1_BALANCER))
    assert target.unanswered == 1  # in a walked server's place that would be an interception


@pytest.mark.case("D5")
def test_a_resolver_that_answers_for_its_zone_is_not_failing() -> None:
    answer = observed(held(V1, 60), 1.0, VPC)
    assert failing.follow((), answer) == ()
    in_between = answer._replace(server=SERVERS[0])
    assert [one.reason for one in failing.follow((), in_between)] == [FailureReason.LAME]


def test_what_nobody_has_is_heard_of_from_a_resolver_as_well() -> None:
    watch = Watch([Cache()])
    question = wildcard.questions(watch.status, ZONE)[0]
    denied = Response("NXDOMAIN", recursion_available=True, authority=(SOA,))
    watch.hear(observed(denied, 1.0, VPC, question.rdtype, question.name))
    assert [(one.name, one.exists) for one in watch.status.wildcard_answers] == [(question.name, False)]


@pytest.mark.case("D5")
def test_a_soak_is_held_through_a_cache_whose_pauses_are_no_gaps() -> None:
    watch = Watch([Cache()], Expectation.V2)
    watch.caches[VPC].zone = V2
    for name in (txt.name for txt in watch.status.txts):
        value = '"heritage=external-dns,external-dns/owner=default,external-dns/resource=ingress/shop/web"'
        txt = Response("NOERROR", recursion_available=True, answer=(RRset(name, "TXT", 300, (value,)),))
        watch.hear(observed(txt, 0.0, VPC, RecordType.TXT, name))
    watch.run(2400.0)
    watched = next(
        one for one in judge(watch.status, instant(2400.0), watch.context.through(60)) if one.name == "watched"
    )
    assert watched.outcome is CheckOutcome.PASS
    assert watch.status.confirmation.confirmed
    # A fetch comes up to 85 s after a reading, and one of 45 s may be lost.
    assert widest_gap(watch.context.through(60)) == 150.0
    assert widest_gap(watch.context) < 150.0


def own(watch: Watch, owner: str, at: float, ttl: int = 300) -> None:
    """Let the cache answer every TXT name, as it fetched it at a moment."""
    value = f'"heritage=external-dns,external-dns/owner={owner},external-dns/resource=ingress/shop/web"'
    for name in (txt.name for txt in watch.status.txts):
        txt = Response("NOERROR", recursion_available=True, answer=(RRset(name, "TXT", ttl, (value,)),))
        watch.hear(observed(txt, at, VPC, RecordType.TXT, name))


def told(watch: Watch) -> dict[str, CheckOutcome]:
    assert watch.status.decommission is not None
    return {check.name: check.outcome for check in watch.status.decommission.checks}


@pytest.mark.case("D5")
def test_v1_may_go_of_a_private_view_once_caches_are_drained_and_a_fetch_names_the_new_owner() -> None:
    watch = Watch([Cache()], Expectation.V2)
    watch.context = watch.context._replace(v1=ExternalDns("eks-v1"), v2=ExternalDns("eks-v2", "eks-v1"), soak=60.0)
    own(watch, "eks-v1", 0.0)
    watch.run(600.0)
    assert told(watch)["on-v2"] is CheckOutcome.FAIL
    watch.run(1200.0, V2)
    own(watch, "eks-v1", 1200.0, ttl=10)  # it has been fetched since, and v1 still owns it
    watch.run(1210.0)
    assert told(watch)["on-v2"] is CheckOutcome.PASS
    assert told(watch)["released"] is CheckOutcome.FAIL
    own(watch, "eks-v2", 1220.0)
    watch.run(2000.0)
    own(watch, "eks-v2", 2000.0)
    watch.run(2290.0)
    assert watch.status.decommission is not None
    assert set(told(watch).values()) == {CheckOutcome.PASS}
    assert not any("authoritative" in check.sentence for check in watch.status.decommission.checks)


@pytest.mark.case("D5")
def test_an_owner_that_was_fetched_before_the_move_releases_nothing() -> None:
    watch = Watch([Cache()], Expectation.V2)
    watch.context = watch.context._replace(v1=ExternalDns("eks-v1"), v2=ExternalDns("eks-v2", "eks-v1"))
    own(watch, "eks-v2", 0.0, ttl=3600)
    watch.run(600.0)
    watch.run(1200.0, V2)
    own(watch, "eks-v2", 1200.0, ttl=2400)  # read again: nobody knows what stands there by now
    watch.run(1210.0)
    assert told(watch)["released"] is not CheckOutcome.PASS


@pytest.mark.case("D5")
def test_a_private_view_that_is_weighted_without_being_declared_is_told_by_the_zone_only() -> None:
    watch = Watch([Cache()])
    watch.run(300.0)
    for cycle in range(12):
        watch.run(300.0 + 60.0 * cycle + 25.0, V2)
        watch.run(300.0 + 60.0 * (cycle + 1), V1)
    sets = (routed("one", V1_BALANCER, 90), routed("two", V2_BALANCER, 10))
    written = Written(instant(1020.0), is_current=True, zone=ZONE, is_private=True, sets=sets)
    watch.state, _ = hear_witness(watch.state, Witnessed(written=written), instant(1020.0), watch.context)
    assert watch.verdict() is RecordState.FLAPPING  # what is seen stands
    finding = next(one for one in watch.status.findings if one.code == "flip-flop")
    assert finding.sentence.endswith("and Route 53 chooses between 2 record sets.")
    assert "the hosted zone holds weighted or routed sets of it" in watch.status.sentence
    assert SEEN_ALIKE not in watch.status.sentence


FETCHES_APART = 26
"""A chance of a quarter each: 25 of them are less likely than 1e-15."""


def apart(watch: Watch, since: float, minutes: int) -> None:
    """Let one cache answer v1 and the other one v2, whatever they fetch."""
    watch.caches[VPC].zone, watch.caches[INBOUND].zone = V1, V2
    watch.run(since + 60.0 * minutes)


@pytest.mark.parametrize("drawn_before", [0, 10, 60])
def test_two_caches_that_each_stay_on_one_side_draw_nothing_though_weights_are_declared(drawn_before: int) -> None:
    watch = Watch([Cache(VPC), Cache(INBOUND)], Expectation.WEIGHTED, Weights(50, 50))
    draw = random.Random(3)
    for minute in range(drawn_before):
        for cache in watch.caches.values():
            cache.zone = draw.choice((V1, V2))
        watch.run(60.0 * (minute + 1))
    since = 60.0 * drawn_before
    apart(watch, since, 20)
    assert watch.verdict() is RecordState.WEIGHTED  # a chance of one in 4^15: rare, and not beyond chance in a year
    assert watch.raised() == []
    apart(watch, since, 45)
    assert all(server.run >= FETCHES_APART for record in watch.status.records for server in record.servers)
    assert watch.verdict() is RecordState.DIVIDED
    assert watch.codes == {"server-divided"}
    assert verdict(watch.status).outcome is CheckOutcome.FAIL
    watch.caches[VPC].zone, watch.caches[INBOUND].zone = V2, V1
    watch.run(since + 60.0 * 48)
    assert watch.verdict() is RecordState.WEIGHTED  # they draw after all
    assert watch.codes == set()


def test_of_two_caches_one_that_keeps_its_answer_while_the_other_one_draws_is_told_of() -> None:
    watch = Watch([Cache(VPC), Cache(INBOUND)], Expectation.WEIGHTED, Weights(50, 50))
    draw = random.Random(5)
    for minute in range(120):
        watch.caches[INBOUND].zone = draw.choice((V1, V2))
        watch.run(60.0 * (minute + 1))
    assert watch.verdict() is RecordState.WEIGHTED
    assert watch.codes == {"server-divided", "weights-off"}
    told = next(finding for finding in watch.status.findings if finding.code == "server-divided")
    assert told.sentence.startswith("10.0.0.2 keeps answering v1")


@pytest.mark.parametrize(("share", "seed"), [(0.5, 1), (0.9, 3), (0.01, 5)])
def test_two_caches_that_draw_are_never_called_divided(share: float, seed: int) -> None:
    weights = Weights(round(100 * (1 - share)), round(100 * share))
    watch = Watch([Cache(VPC), Cache(INBOUND)], Expectation.WEIGHTED, weights, seed)
    draw = random.Random(seed)
    for minute in range(120):
        for cache in watch.caches.values():
            cache.zone = V2 if draw.random() < share else V1
        watch.run(60.0 * (minute + 1))
        assert watch.verdict() is not RecordState.DIVIDED
    assert "server-divided" not in watch.raised()


def test_weights_that_are_edited_from_one_side_to_a_half_are_not_judged_by_what_was_before() -> None:
    watch = Watch([Cache(VPC), Cache(INBOUND)], Expectation.WEIGHTED, Weights(50, 50))
    watch.run(7200.0)
    apart(watch, 7200.0, 15)  # a dozen fetches of each: 2^-24 at one to one, 1e-70 by the two hours before
    assert watch.verdict() is RecordState.WEIGHTED
    assert "server-divided" not in watch.raised()


@pytest.mark.parametrize("seed", [0, 2])
def test_caches_that_fetch_one_draw_several_times_from_another_cache_are_not_told_apart(seed: int) -> None:
    """As CoreDNS in EKS does, which holds for 30 seconds what the VPC's resolver holds for 300."""
    watch = Watch([Cache(VPC, 30), Cache(INBOUND, 30)], Expectation.WEIGHTED, Weights(50, 50), seed)
    draw = random.Random(seed)
    for turn in range(36):
        for cache in watch.caches.values():
            cache.zone = draw.choice((V1, V2))
        watch.run(300.0 * (turn + 1))
        assert watch.verdict() is not RecordState.DIVIDED
    assert "server-divided" not in watch.raised()


def test_a_cache_that_draws_faster_than_another_one_is_not_accused_when_weights_are_edited() -> None:
    """What the other one has fetched is of the old weights, nearly all of it."""
    watch = Watch([Cache(VPC, 10), Cache(INBOUND)], Expectation.WEIGHTED, Weights(95, 5))
    fast, slow = watch.caches[VPC], watch.caches[INBOUND]
    for minute in range(90):
        fast.zone, slow.zone = (V2 if minute % 10 == 3 else V1), (V2 if minute % 20 == 7 else V1)
        watch.run(60.0 * (minute + 1))
    for minute in range(90, 110):
        fast.zone, slow.zone = V2, (V1 if minute % 5 == 3 else V2)
        watch.run(60.0 * (minute + 1))
        assert watch.verdict() is not RecordState.DIVIDED
    assert "server-divided" not in watch.raised()
