from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import pytest

from probe.judge.acceptance.expectation import Holding, verdict
from probe.judge.context import Context
from probe.judge.findings.diagnose import RULES
from probe.judge.record.unknown_target import BELIEVED_AFTER
from probe.judge.review import adopt, expire, initial, review
from probe.model.domain import DomainStatus
from probe.model.effect import Effect, FindingCleared, FindingRaised, StateChanged, Surprised, TargetsDoubted
from probe.model.name import DomainName
from probe.model.observation import Observation
from probe.model.outcome import FailureReason, NoResponse, Outcome, Response, RRset
from probe.model.ownership import TxtOwner
from probe.model.plan import Domain, Expectation, Step, TxtRegistry, Weights
from probe.model.question import ADDRESS_TYPES, Question, RecordType
from probe.model.record import Position, RecordState
from probe.model.server import Server
from probe.model.side import AnswerClass, Side
from tests.judge.answers import (
    NAME,
    RESOLVER,
    SERVERS,
    V1_BALANCER,
    V2_BALANCER,
    ZONE,
    addresses,
    at_position,
    context,
    instant,
    nodata,
    observed,
    plan,
    timeout,
)
from tests.judge.holding import Holding as Held


class Story(Held):
    """A domain's status and the effects so far, told answer by answer."""

    def __init__(
        self,
        expectation: Expectation = Expectation.MOVING,
        weights: Weights | None = None,
        surroundings: Context | None = None,
    ) -> None:
        self.context = surroundings or context()
        self.state = initial(plan(expectation, weights).domains[0], (TxtRegistry(),), ZONE)
        self.effects: list[Effect] = []

    def hear(self, observation: Observation) -> None:
        self.state, told = review(self.state, observation, self.context)
        self.effects += told

    def say(
        self,
        outcomes: Iterable[Outcome],
        at: float,
        *,
        times: int = 2,
        rdtypes: Iterable[RecordType] = ADDRESS_TYPES,
    ) -> None:
        """Let the servers answer one outcome each, some times over, for each type; None repeats nothing."""
        outcomes = list(outcomes)
        for turn in range(times):
            for server, outcome in zip(SERVERS, outcomes, strict=True):
                for rdtype in rdtypes:
                    self.hear(observed(outcome, at + 0.1 * turn, server, rdtype))

    def stand(self, position: Position, since: float, until: float, step: float = 7.0) -> None:
        """Let all servers answer `position` for both types, as a calm cadence would ask."""
        at = since
        while at <= until:
            for server in SERVERS:
                for rdtype in ADDRESS_TYPES:
                    self.hear(observed(at_position(position, rdtype), at, server, rdtype))
            self.wait(at)
            at += step

    def wait(self, until: float) -> None:
        self.state, told = expire(self.state, instant(until), self.context)
        self.effects += told

    @property
    def codes(self) -> set[str]:
        return {finding.code for finding in self.status.findings}

    def raised(self) -> list[str]:
        return [effect.finding.code for effect in self.effects if isinstance(effect, FindingRaised)]

    def cleared(self) -> list[str]:
        return [effect.finding.code for effect in self.effects if isinstance(effect, FindingCleared)]


def test_nothing_is_known_in_the_beginning_and_it_says_so() -> None:
    story = Story(Expectation.V2)
    assert story.status.state is RecordState.UNKNOWN
    assert story.status.sentence == "app.example.com is not known: no server was asked yet; expected v2."
    assert verdict(story.status).holding is Holding.UNKNOWN


def test_one_look_at_all_servers_gives_a_verdict_in_one_sentence() -> None:
    story = Story(Expectation.V2)
    for rdtype in ADDRESS_TYPES:
        story.say([at_position(Position.V2, rdtype)] * 4, 0, rdtypes=[rdtype])
    assert story.status.sentence == (
        "app.example.com leads to v2 at all 4 servers since 2026-09-21 14:13:20 UTC; expected v2."
    )
    assert verdict(story.status).holding is Holding.HOLDS


def test_no_verdict_before_every_server_was_heard_or_failed() -> None:
    story = Story()
    answer = at_position(Position.V1)
    for server in SERVERS[:3]:
        for turn in range(5):
            story.hear(observed(answer, turn, server))
    assert story.status.records[0].position is None
    story.hear(observed(timeout(), 6, SERVERS[3]))
    assert story.status.records[0].position is Position.V1


def test_a_single_server_that_answers_among_silent_ones_confirms_nothing() -> None:
    story = Story()
    story.say([at_position(Position.V1), timeout(), timeout(), timeout()], 0, times=10, rdtypes=[RecordType.A])
    assert story.status.records[0].state is RecordState.UNKNOWN


def test_the_only_server_there_is_confirms_alone() -> None:
    story = Story(surroundings=context(SERVERS[0]))
    for turn in range(2):
        story.hear(observed(at_position(Position.V1), turn))
    assert story.status.records[0].state is RecordState.V1


def test_what_belongs_to_nobody_changes_nothing() -> None:
    story = Story()
    stranger = Server("ns.example.net.", "192.0.2.111")
    other = DomainName("other.example.com.")
    answer = at_position(Position.V1)
    for observation in (
        observed(answer, 0, stranger),
        observed(answer, 0, name=other),
        observed(answer, 0, rdtype=RecordType.NS),
        observed(answer, 0, rdtype=RecordType.TXT, name=other),
        observed(nodata(), 0, stranger, RecordType.TXT, DomainName("a-app.example.com.")),
        observed(answer, 0, RESOLVER, name=other),
    ):
        before = story.status
        story.hear(observation)
        assert story.status is before
    assert story.effects == []


def test_the_first_answer_that_differs_asks_for_more_and_says_that_it_changes() -> None:
    story = Story()
    story.stand(Position.V1, 0, 120)
    story.hear(observed(at_position(Position.V2), 121, SERVERS[1]))
    assert Surprised(NAME, Question(NAME, RecordType.A), SERVERS[1]) in story.effects
    assert story.status.records[0].state is RecordState.PROPAGATING
    assert story.status.state is RecordState.PROPAGATING
    changes = [effect for effect in story.effects if isinstance(effect, StateChanged)]
    assert [(change.rdtype, change.after) for change in changes[-2:]] == [
        (RecordType.A, RecordState.PROPAGATING),
        (None, RecordState.PROPAGATING),
    ]
    assert all(change.sentence == story.status.sentence for change in changes[-2:])


def test_the_sentence_counts_a_server_out_with_its_first_silence() -> None:
    story = Story()
    story.stand(Position.V1, 0, 60)
    assert "at all 4 servers" in story.status.sentence
    story.hear(observed(timeout(), 61, SERVERS[0], RecordType.A))
    assert "at 3 of 4 servers" in story.status.sentence


def test_a_first_look_to_which_nobody_answers_says_so_at_once() -> None:
    story = Story()
    story.say([timeout()] * 4, 0, times=1)
    assert "no server answers" in story.status.sentence


def test_a_zones_only_server_that_changes_when_it_was_hardly_known_has_moved_and_is_not_divided_from_itself() -> None:
    story = Story(surroundings=context()._replace(servers=SERVERS[:1]))
    for at in (0.0, 0.1):
        for rdtype in ADDRESS_TYPES:
            story.hear(observed(at_position(Position.V1, rdtype), at, SERVERS[0], rdtype))
    grace = story.context.probing.grace
    for step in range(2, int(grace) + 20):
        for rdtype in ADDRESS_TYPES:
            story.hear(observed(at_position(Position.V2, rdtype), step, SERVERS[0], rdtype))
        story.wait(step + 0.1)
        assert story.status.state in {RecordState.PROPAGATING, RecordState.V2}
    assert story.status.state is RecordState.V2
    assert [record.transitions for record in story.status.records] == [1, 1]
    assert story.raised() == []


def test_calm_answers_have_no_effects() -> None:
    story = Story()
    story.stand(Position.V1, 0, 60)
    before = len(story.effects)
    story.stand(Position.V1, 61, 600)
    assert len(story.effects) == before


def test_foreign_answers_are_believed_only_after_the_load_balancers_were_asked_again() -> None:
    story = Story()
    story.stand(Position.V1, 0, 120)
    story.stand(Position.FOREIGN, 121, 200, 2.0)
    assert story.status.records[0].position is Position.V1
    assert story.codes == set()
    doubts = [effect for effect in story.effects if isinstance(effect, TargetsDoubted)]
    assert 2 <= len(doubts) <= 2 * (80 / 5 + 1)
    book = story.context.book
    for side, balancer in ((Side.V1, V1_BALANCER), (Side.V2, V2_BALANCER)):
        book = book.learn(
            side, balancer, addresses(RecordType.A, "198.51.100.7", name=balancer), instant(121 + BELIEVED_AFTER + 1)
        )
    story.context = story.context._replace(book=book)
    story.stand(Position.FOREIGN, 201, 230, 2.0)
    assert story.status.state is RecordState.FOREIGN
    assert "foreign-target" in story.codes
    assert "192.0.2.200" in story.status.findings[0].sentence


def test_an_address_that_the_load_balancer_turns_out_to_own_was_never_foreign() -> None:
    story = Story()
    story.stand(Position.V1, 0, 120)
    grown = addresses(RecordType.A, "192.0.2.201")
    story.say([grown] * 4, 121, rdtypes=[RecordType.A])
    book = story.context.book.learn(
        Side.V1, V1_BALANCER, addresses(RecordType.A, "192.0.2.201", name=V1_BALANCER), instant(122)
    )
    story.context = story.context._replace(book=book)
    story.say([grown] * 4, 123, rdtypes=[RecordType.A])
    record = story.status.records[0]
    assert (record.state, record.transitions, record.alias) == (RecordState.V1, 0, True)


def test_answers_without_authority_are_no_evidence() -> None:
    story = Story()
    story.stand(Position.V1, 0, 120)
    cached = Response("NOERROR", answer=at_position(Position.V2).answer)
    story.say([cached] * 4, 121, times=20)
    record = story.status.records[0]
    assert record.position is Position.V1
    assert {server.failure for server in record.servers} == {FailureReason.LAME}


def test_evidence_grows_old_and_becomes_unknown_while_findings_stay() -> None:
    story = Story(Expectation.V1)
    story.stand(Position.V2, 0, 120)
    assert story.codes == {"premature"}
    story.wait(120 + story.context.stale_after + 1)
    assert story.status.state is RecordState.UNKNOWN
    assert story.codes == {"premature"}
    assert "too few servers have answered lately" in story.status.sentence


def test_a_server_that_left_the_delegation_is_forgotten_and_a_new_one_is_learned() -> None:
    story = Story()
    story.stand(Position.V1, 0, 60)
    newcomer = Server("ns-9.awsdns-09.org.", "192.0.2.59")
    story.context = context(*SERVERS[:3], newcomer)
    story.wait(61)
    servers = story.status.records[0].servers
    assert [server.server for server in servers] == [*SERVERS[:3], newcomer]
    assert servers[3].at is None
    story.hear(observed(at_position(Position.V2), 62, SERVERS[3]))
    assert story.status.records[0].disturbed is None
    story.hear(observed(at_position(Position.V1), 63, newcomer))
    assert story.status.records[0].state is RecordState.V1


def test_resolvers_are_shown_and_never_part_of_the_verdict() -> None:
    story = Story()
    story.stand(Position.V1, 0, 60)
    answer = Response("NOERROR", recursion_available=True, answer=(RRset(NAME, "A", 17, ("203.0.113.1",)),))
    for turn in range(50):
        story.hear(observed(answer, 61 + turn, RESOLVER))
    (resolver,) = story.status.resolvers
    assert (resolver.answer_class, resolver.ttl, resolver.since) == (AnswerClass.V2, 17, instant(61))
    assert story.status.state is RecordState.V1
    story.hear(observed(timeout(), 200, RESOLVER))
    (resolver,) = story.status.resolvers
    assert (resolver.answer_class, resolver.failure) == (AnswerClass.V2, FailureReason.TIMEOUT)


TXT = DomainName("a-app.example.com.")


def owned(owner: str) -> Response:
    value = f'"heritage=external-dns,external-dns/owner={owner},external-dns/resource=ingress/shop/web"'
    return Response("NOERROR", authoritative=True, answer=(RRset(TXT, "TXT", 300, (value,)),))


def test_ownership_is_kept_with_the_time_since_when_it_reads_so() -> None:
    story = Story()
    for at, owner in ((0, "v1"), (10, "v1"), (20, "v2")):
        story.hear(observed(owned(owner), at, rdtype=RecordType.TXT, name=TXT))
    txt = next(txt for txt in story.status.txts if txt.name == TXT)
    assert (txt.owners, txt.since, txt.at) == ((TxtOwner("v2", "ingress/shop/web"),), instant(20), instant(20))
    story.hear(observed(timeout(), 30, rdtype=RecordType.TXT, name=TXT))
    story.hear(observed(Response("NXDOMAIN"), 31, rdtype=RecordType.TXT, name=TXT))
    assert next(txt for txt in story.status.txts if txt.name == TXT) == txt
    story.hear(observed(nodata(), 40, rdtype=RecordType.TXT, name=TXT))
    gone = next(txt for txt in story.status.txts if txt.name == TXT)
    assert (gone.values, gone.owners, gone.since) == ((), (), instant(40))


def test_txt_names_outside_the_zone_are_not_asked() -> None:
    apex = Domain(ZONE, "first", Expectation.V1)
    assert [txt.name for txt in initial(apex, (TxtRegistry(),), ZONE).status.txts] == [ZONE]
    assert len(initial(apex, (TxtRegistry(),)).status.txts) == 4


def test_a_laggard_is_one_that_stands_on_v1_and_its_owner_is_named() -> None:
    story = Story(Expectation.V2)
    story.hear(observed(owned("cluster-one"), 0, rdtype=RecordType.TXT, name=TXT))
    story.stand(Position.V1, 0, 100)
    assert story.codes == set()
    story.stand(Position.V1, 101, 240)
    assert story.codes == {"laggard"}
    assert '"cluster-one"' in story.status.findings[0].sentence
    assert verdict(story.status).holding is Holding.FAILS
    story.stand(Position.V2, 300, 400, 2.0)
    assert story.codes == set()
    assert story.cleared() == ["laggard"]


def test_a_domain_that_goes_back_is_reverted_and_no_laggard() -> None:
    story = Story(Expectation.V2)
    story.stand(Position.V2, 0, 300)
    story.stand(Position.V1, 301, 800, 2.0)
    assert story.codes == {"reverted"}
    assert story.raised() == ["reverted"]
    assert "leads to v1 again" in story.status.findings[0].sentence


def test_a_domain_that_moved_too_early_is_premature() -> None:
    story = Story(Expectation.V1)
    story.stand(Position.V2, 0, 60)
    assert story.codes == {"premature"}


def test_an_outage_says_how_long_caches_may_keep_it() -> None:
    story = Story(Expectation.V2)
    story.stand(Position.V2, 0, 300)
    story.stand(Position.ABSENT, 301, 330, 2.0)
    assert story.status.state is RecordState.ABSENT
    (finding,) = story.status.findings
    assert finding.code == "outage"
    assert "resolvers may keep the denial 15 min longer" in finding.sentence
    assert "no longer exists" in story.status.sentence


def test_a_name_that_never_existed_is_no_outage_but_does_not_hold() -> None:
    story = Story(Expectation.V2)
    story.stand(Position.ABSENT, 0, 60)
    assert story.status.state is RecordState.ABSENT
    assert "does not exist" in story.status.sentence
    assert story.codes == set()
    assert verdict(story.status).holding is Holding.FAILS


def split(story: Story, since: float, until: float) -> None:
    at = since
    while at <= until:
        for server in SERVERS:
            story.hear(observed(at_position(Position.V1, RecordType.A), at, server, RecordType.A))
            story.hear(observed(at_position(Position.V2, RecordType.AAAA), at, server, RecordType.AAAA))
        story.wait(at)
        at += 7.0


def test_families_on_different_sides_are_a_split_after_the_grace_time_only() -> None:
    story = Story()
    story.stand(Position.V1, 0, 300)
    split(story, 301, 350)
    early, codes = story.status.state, story.codes
    assert (early, codes) == (RecordState.PROPAGATING, set())
    split(story, 351, 500)
    assert (story.status.state, story.codes) == (RecordState.DIVIDED, {"family-split"})
    assert "A leads to v1 and AAAA leads to v2" in story.status.findings[0].sentence


@pytest.mark.parametrize("state", [RecordState.FLAPPING, RecordState.WEIGHTED])
def test_no_server_is_accused_of_one_family_while_the_other_one_is_unsteady(state: RecordState) -> None:
    story = Story()
    story.stand(Position.V1, 0, 60)
    for turn in range(60):
        story.say([at_position(Position.V1)] * 3 + [at_position(Position.V2)], 61 + 3.0 * turn, rdtypes=[RecordType.A])
        story.wait(62 + 3.0 * turn)
    assert story.codes == {"server-divided"}
    assert "ns-3.awsdns-03.co.uk keeps answering v2 for A" in story.status.findings[0].sentence
    a, aaaa = story.status.records
    beside = story.state.with_status(story.status._replace(records=(a, aaaa._replace(state=state))))
    assert RULES["server-divided"](beside, instant(300), story.context) is None


def test_a_silent_server_is_reported_only_while_others_answer() -> None:
    story = Story()
    story.stand(Position.V1, 0, 60)
    for turn in range(40):
        at = 61 + 7.0 * turn
        story.say(
            [at_position(Position.V1)] * 3 + [NoResponse(FailureReason.REFUSED)], at, times=1, rdtypes=[RecordType.A]
        )
        story.wait(at)
    assert story.codes == {"server-divided"}
    assert "ns-3.awsdns-03.co.uk gives no answer (refused)" in story.status.findings[0].sentence


@pytest.mark.parametrize(("position", "side"), [(Position.V1, "v1"), (Position.V2, "v2")])
def test_declared_weights_of_which_one_side_never_answers_are_one_sided(position: Position, side: str) -> None:
    story = Story(Expectation.WEIGHTED, Weights(50, 50))
    story.stand(position, 0, 14)
    assert story.codes == set()
    assert verdict(story.status).holding is Holding.UNKNOWN
    story.stand(position, 15, 120)
    assert story.codes == {"weights-one-sided"}
    assert f"led to {side} in all of its" in story.status.findings[0].sentence
    assert verdict(story.status).holding is Holding.FAILS


def test_a_weight_of_zero_makes_one_side_the_declared_state() -> None:
    story = Story(Expectation.WEIGHTED, Weights(0, 255))
    story.stand(Position.V2, 0, 120)
    assert verdict(story.status).holding is Holding.HOLDS
    assert story.codes == set()


def test_a_changed_expectation_starts_its_own_clock_and_keeps_the_evidence() -> None:
    story = Story(Expectation.V1)
    story.stand(Position.V1, 0, 600)
    moved = plan(Expectation.V2).domains[0]
    story.state = adopt(story.state, moved, (TxtRegistry(),), ZONE)
    story.stand(Position.V1, 601, 700)
    assert story.codes == set()
    story.stand(Position.V1, 701, 760)
    assert story.codes == {"laggard"}
    assert story.status.records[0].position is Position.V1


EXPECTED = {
    Expectation.V1: {RecordState.V1},
    Expectation.V2: {RecordState.V2},
    Expectation.MOVING: {RecordState.V1, RecordState.V2, RecordState.PROPAGATING, RecordState.WEIGHTED},
    Expectation.WEIGHTED: set(),  # a split holds when enough answers say so
}


@pytest.mark.parametrize("expectation", list(Expectation))
@pytest.mark.parametrize("state", list(RecordState))
def test_each_expectation_holds_in_its_states_and_nothing_holds_by_ignorance(
    expectation: Expectation, state: RecordState
) -> None:
    status = Story(expectation, Weights(1, 1)).status._replace(state=state)
    told = verdict(status).holding
    if state in EXPECTED[expectation]:
        assert told is Holding.HOLDS
    else:
        open_states = {RecordState.UNKNOWN, RecordState.PROPAGATING}
        if expectation is Expectation.WEIGHTED:
            open_states |= {RecordState.V1, RecordState.V2, RecordState.WEIGHTED}
        assert told is (Holding.UNKNOWN if state in open_states else Holding.FAILS)


def expecting(story: Story, expectation: Expectation, weights: Weights | None = None) -> None:
    """Let the plan expect something else from now on, as a reload or a step of its schedule does."""
    story.state = adopt(story.state, plan(expectation, weights).domains[0], (TxtRegistry(),), ZONE)


def test_a_planned_rollback_is_no_finding_and_neither_is_the_second_try() -> None:
    story = Story(Expectation.V2)
    story.stand(Position.V2, 0, 300)
    expecting(story, Expectation.V1)
    story.stand(Position.V2, 301, 400)  # v1's ExternalDNS has not synced yet
    assert story.codes == set()
    story.stand(Position.V1, 401, 900, 2.0)
    assert story.codes == set()
    expecting(story, Expectation.MOVING)
    story.stand(Position.V1, 901, 960)
    expecting(story, Expectation.V2)
    story.stand(Position.V1, 961, 1050)
    assert story.raised() == []
    story.stand(Position.V1, 1051, 1120)
    assert story.raised() == ["laggard"]


def test_a_rollback_that_does_not_happen_is_said_after_the_same_patience_as_a_laggard() -> None:
    story = Story(Expectation.V2)
    story.stand(Position.V2, 0, 300)
    expecting(story, Expectation.V1)
    story.stand(Position.V2, 301, 400)
    assert story.codes == set()
    story.stand(Position.V2, 401, 460)
    assert story.codes == {"premature"}
    assert "is expected on v1 again and still leads to v2" in story.status.findings[0].sentence


def test_what_moves_early_after_a_rollback_is_premature_at_once() -> None:
    story = Story(Expectation.V2)
    story.stand(Position.V2, 0, 300)
    expecting(story, Expectation.V1)
    story.stand(Position.V1, 301, 900, 2.0)
    story.stand(Position.V2, 901, 930, 2.0)
    assert story.codes == {"premature"}
    assert "already leads to v2" in story.status.findings[0].sentence


def test_going_back_under_the_same_expectation_is_reverted_also_after_a_planned_rollback() -> None:
    story = Story(Expectation.V2)
    story.stand(Position.V2, 0, 300)
    expecting(story, Expectation.V1)
    story.stand(Position.V1, 301, 4_000)
    expecting(story, Expectation.V2)
    story.stand(Position.V1, 4_001, 4_060)
    story.stand(Position.V2, 4_061, 8_000)
    assert story.raised() == []
    story.stand(Position.V1, 8_001, 8_040)
    assert story.raised() == ["reverted"]


def test_answers_from_before_weights_were_declared_are_not_held_against_them() -> None:
    story = Story(Expectation.V1)
    story.stand(Position.V1, 0, 3600)
    expecting(story, Expectation.WEIGHTED, Weights(50, 50))
    story.stand(Position.V1, 3601, 3720)
    assert story.codes == set()
    story.stand(Position.V1, 3721, 3800)
    assert story.codes == {"weights-one-sided"}


def test_the_sentence_says_what_will_be_expected_next() -> None:
    domain = replace(
        plan(Expectation.V1).domains[0], upcoming=Step(1_796_122_800.0, Expectation.WEIGHTED, Weights(9, 1))
    )
    story = Story(Expectation.V1)
    story.state = adopt(story.state, domain, (TxtRegistry(),), ZONE)
    story.stand(Position.V1, 0, 10)
    assert story.status.sentence.endswith(
        "; expected v1 until 2026-12-01 11:00:00 UTC, then weighted 9 (v1) to 1 (v2)."
    )


def test_a_calm_answer_changes_its_record_and_loses_nothing_else() -> None:
    story = Story()
    story.stand(Position.V1, 0, 60)
    marked: dict[str, Any] = {name: object() for name in DomainStatus._fields if name not in {"domain", "records"}}
    status = story.status._replace(**marked)
    after, effects = review(story.state.with_status(status), observed(at_position(Position.V1), 61), context())
    assert effects == ()
    assert after.status.records != status.records
    assert after.status._replace(records=status.records) == status
    assert after.memory is story.state.memory  # nothing of it is made anew
