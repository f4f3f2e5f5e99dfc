"""The one way to a verdict, from its beginning to its effects."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.judge.acceptance.expectation import verdict
from probe.judge.review import adopt, expire, initial, rests, review
from probe.model.check import CheckOutcome
from probe.model.domain import DomainStatus
from probe.model.effect import StateChanged, Surprised
from probe.model.external_dns import TxtRegistry
from probe.model.name import DomainName
from probe.model.outcome import FailureReason, Response, RRset
from probe.model.ownership import TxtOwner
from probe.model.plan import Domain, Expectation, Probing, Weights
from probe.model.question import Question, RecordType
from probe.model.record import Position, RecordState
from probe.model.server import Server
from probe.model.side import AnswerClass
from tests.judge.answers import (
    NAME,
    RESOLVER,
    SERVERS,
    ZONE,
    at_position,
    context,
    instant,
    nodata,
    observed,
    plan,
    timeout,
)
from tests.judge.story import TXT, Story, owned


def test_nothing_is_known_in_the_beginning_and_it_says_so() -> None:
    story = Story(Expectation.V2)
    assert story.status.state is RecordState.UNKNOWN
    assert story.status.sentence == "app.example.com is not known: no server was asked yet; expected v2."
    assert verdict(story.status).outcome is CheckOutcome.UNKNOWN


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


@pytest.mark.parametrize("expectation", Expectation)
@given(
    moments=st.lists(st.floats(0.001, 1e6), min_size=1, max_size=4).map(sorted),
    grace=st.floats(1, 600),
)
def test_time_changes_nothing_of_a_domain_that_rests(
    expectation: Expectation, moments: list[float], grace: float
) -> None:
    around = context(probing=Probing(grace=grace))
    (domain,) = plan(expectation, Weights(50, 50) if expectation is Expectation.WEIGHTED else None).domains
    state, _ = expire(initial(domain, (TxtRegistry(),)), instant(0), around)
    assert rests(state.status, SERVERS)
    for moment in moments:
        later, effects = expire(state, instant(moment), around)
        assert (later.judged_at(None), effects) == (state.judged_at(None), ())


def test_a_domain_rests_no_more_once_anything_was_heard_or_its_servers_are_others_or_unknown() -> None:
    state = initial(Domain(NAME, "wave", Expectation.V1), (TxtRegistry(),))
    assert not rests(state.status, SERVERS)  # time was never let pass for it
    state, _ = expire(state, instant(0), context())
    assert not rests(state.status, ())
    assert not rests(state.status, SERVERS[:2])
    for outcome in (at_position(Position.V1), timeout()):
        heard, _ = review(state, observed(outcome, 1), context())
        assert not rests(heard.status, SERVERS)
    txt = state.status.txts[0].name
    heard, _ = review(state, observed(nodata(), 1, rdtype=RecordType.TXT, name=txt), context())
    assert not rests(heard.status, SERVERS)
    heard, _ = review(state, observed(at_position(Position.V1), 1, RESOLVER), context())
    assert not rests(heard.status, SERVERS)
