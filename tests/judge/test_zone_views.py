"""A public and a private view of one name: which is judged, who sees the other, and where they differ."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from probe.judge.acceptance.criteria_answers import resolvers
from probe.judge.domain_text import through_cache
from probe.judge.preflight.dns import both_views
from probe.judge.preflight.dns import resolvers as before_the_move
from probe.judge.preflight.inputs import PreflightEvidence
from probe.judge.preflight.run import preflight
from probe.judge.zone_views import judged_view, owner_questions, seeing, sees_other, views
from probe.model.check import CheckOutcome
from probe.model.domain import DomainStatus
from probe.model.name import DomainName, display
from probe.model.outcome import Response, RRset
from probe.model.plan import Expectation
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position, RecordState
from probe.model.server import CachedAnswers, Server, ServerRole, ZoneView
from tests.judge.answers import SOA, at_position, context, instant, nodata, observed, plan, timeout
from tests.judge.caches import VPC, held
from tests.judge.ownership.owned import heritage
from tests.judge.story import TXT, Story, owned
from tests.snapshots import snapshot

V1, V2, ABSENT = Position.V1, Position.V2, Position.ABSENT
INSIDE = Server("vpc", "10.0.0.2", role=ServerRole.RESOLVER, group="vpc", sees=ZoneView.PRIVATE)
SECOND = replace(INSIDE, name="inbound", address="10.0.0.53")
OUTSIDE = Server("google", "8.8.8.8", role=ServerRole.RESOLVER, group="google", sees=ZoneView.PUBLIC)
EITHER = replace(OUTSIDE, name="office", address="192.0.2.7", sees=None)


class Split(Story):
    """A name that is judged in public, and asked at resolvers as well."""

    def __init__(self, *watched: Server, expectation: Expectation = Expectation.MOVING) -> None:
        super().__init__(expectation, surroundings=context()._replace(resolvers=watched))
        self.plan = replace(plan(expectation), resolvers=watched)

    def ask(self, resolver: Server, place: Position, at: float, types: Iterable[RecordType] = ADDRESS_TYPES) -> None:
        for rdtype in types:
            self.hear(observed(at_position(place, rdtype), at, resolver, rdtype))

    def side_by_side(self, at: float) -> tuple[list[tuple[str, bool, str]], str, bool | None]:
        found = views(self.status, instant(at), self.plan)
        assert found is not None
        return [(one.view.value, one.is_judged, one.state) for one in found.seen], found.sentence, found.differ


def test_what_another_view_answers_is_shown_beside_the_verdict_and_accused_of_nothing() -> None:
    split = Split(INSIDE, expectation=Expectation.V2)
    split.stand(V2, 0, 300)
    for at in range(0, 600, 30):
        split.ask(INSIDE, V1, 300.0 + at)
        split.stand(V2, 300.0 + at, 300.0 + at + 28)
    assert (split.status.state, split.codes) == (RecordState.V2, set())
    assert split.status.resolvers == ()
    assert split.side_by_side(900) == (
        [("public", True, "v2"), ("private", False, "v1")],
        (
            "They differ: the public one leads to v2, and the private one leads to v1. Which one a client gets depends "
            "on the resolver that it asks."
        ),
        True,
    )


def test_the_same_answer_of_a_resolver_that_sees_what_is_judged_is_late() -> None:
    split = Split(EITHER, expectation=Expectation.V2)
    split.stand(V1, 0, 60)
    split.stand(V2, 60, 1200)
    for at in range(0, 600, 30):
        split.ask(EITHER, V1, 1200.0 + at)
        split.stand(V2, 1200.0 + at, 1200.0 + at + 28)
    assert "resolver-late" in split.codes
    assert views(split.status, instant(1800), split.plan) is None


@pytest.mark.parametrize(
    ("inside", "state", "sentence", "differ"),
    [
        (V1, "v1", "Both lead to v1.", 0),
        (ABSENT, "absent", "They differ: the public one leads to v1, and the private one leads to nothing.", 1),
        (Position.FOREIGN, "foreign", "They differ: the public one leads to v1, and the private one leads to an a", 1),
    ],
)
def test_a_sentence_says_where_they_differ(inside: Position, state: str, sentence: str, differ: int) -> None:
    split = Split(INSIDE)
    split.stand(V1, 0, 60)
    split.ask(INSIDE, inside, 60)
    seen, told, is_different = split.side_by_side(61)
    assert seen == [("public", True, "v1"), ("private", False, state)]
    assert told.startswith(sentence)
    assert is_different is bool(differ)


def test_a_family_that_the_other_view_lacks_does_not_make_it_absent() -> None:
    split = Split(INSIDE)
    split.stand(V1, 0, 60)
    split.ask(INSIDE, V1, 60, [RecordType.A])
    split.hear(observed(nodata(), 60, INSIDE, RecordType.AAAA))
    assert split.side_by_side(61)[0][1] == ("private", False, "v1")


def test_resolvers_that_see_the_other_view_and_disagree_are_named() -> None:
    split = Split(INSIDE, SECOND)
    split.stand(V1, 0, 60)
    split.ask(INSIDE, V1, 60)
    split.ask(SECOND, V2, 61)
    found = views(split.status, instant(62), split.plan)
    assert found is not None
    assert (found.seen[1].state, found.differ) == ("divided", True)
    assert found.seen[1].sentence == "inbound and vpc answer by turns: it leads to v1 and v2."
    assert found.sentence.startswith("They differ: the public one leads to v1, and the private one is divided.")


def test_what_is_not_heard_or_not_steady_is_not_compared() -> None:
    split = Split(INSIDE)
    split.stand(V1, 0, 60)
    assert split.side_by_side(61)[1:] == ("Whether they differ is not known: the private one is not.", None)
    split.ask(INSIDE, V1, 60)
    split.hear(observed(timeout(), 100, INSIDE))
    assert split.side_by_side(101)[2] is False
    assert split.side_by_side(181)[1:] == ("Whether they differ is not known: the private one is not.", None)
    split.status = split.status._replace(state=RecordState.FLAPPING)
    assert split.side_by_side(101)[1:] == ("Whether they differ cannot be said while the public one is flapping.", None)


def private(*watched: Server, cached: CachedAnswers = CachedAnswers.ADMITTED) -> Split:
    """The same name, judged through the resolver of its private zone."""
    server = VPC if cached is CachedAnswers.ADMITTED else replace(VPC, cached=cached)
    split = Split(*watched)
    split.context = split.context._replace(servers=(server,))
    for at in range(0, 200, 60):
        for rdtype in ADDRESS_TYPES:
            split.hear(observed(held(V1, 60, rdtype), float(at), server, rdtype))
        split.wait(float(at))
    return split


def test_a_domain_that_is_judged_through_its_private_zone_has_the_public_view_beside_it() -> None:
    split = private(OUTSIDE)
    split.ask(OUTSIDE, ABSENT, 190)
    assert "through a cache" in through_cache(split.status)
    assert split.codes.isdisjoint({"negative-cached", "resolver-late"})
    assert split.side_by_side(200)[0] == [("public", False, "absent"), ("private", True, "v1")]


def test_a_denial_of_one_that_is_said_to_see_the_private_zone_counts() -> None:
    split = private(INSIDE)
    for at in (190.0, 195.0, 200.0):
        split.ask(INSIDE, ABSENT, at)
    assert "negative-cached" in split.codes


def test_which_view_is_judged_is_known_before_the_first_answer_where_the_plan_names_its_resolvers() -> None:
    unheard = Split(OUTSIDE)
    assert judged_view(unheard.status) is ZoneView.PUBLIC
    unheard.context = unheard.context._replace(servers=(replace(VPC, cached=CachedAnswers.ALWAYS),))
    unheard.wait(0.0)
    assert judged_view(unheard.status) is ZoneView.PRIVATE
    assert sees_other(OUTSIDE, unheard.status)
    assert seeing((OUTSIDE, INSIDE, EITHER), unheard.status) == (INSIDE, EITHER)


def test_a_resolver_of_the_other_view_is_none_of_those_that_have_to_converge() -> None:
    split = Split(INSIDE, expectation=Expectation.V1)
    split.stand(V1, 0, 60)
    split.ask(INSIDE, V2, 60)
    assert resolvers(split.status, instant(61), split.context) is None
    beside = split.context._replace(resolvers=(INSIDE, EITHER))
    waiting = resolvers(split.status, instant(61), beside)
    assert waiting is not None
    assert waiting[0] is CheckOutcome.UNKNOWN
    assert "vpc" not in waiting[1]
    seen = replace(snapshot((split.status,)), plan=replace(split.plan, resolvers=(INSIDE, EITHER)))
    assert [check.subject for check in before_the_move(PreflightEvidence(seen, {}))] == ["office"]


@pytest.mark.parametrize(
    ("inside", "outcome", "words"),
    [
        (V1, CheckOutcome.PASS, "Both lead to v1."),
        (ABSENT, CheckOutcome.WARN, "the private one leads to nothing"),
        (V2, CheckOutcome.WARN, "the private one leads to v2"),
        (None, CheckOutcome.WARN, "Whether they differ is not known"),
    ],
)
def test_preflight_tells_of_a_view_that_what_moves_leaves_behind(
    inside: Position | None, outcome: CheckOutcome, words: str
) -> None:
    split = Split(INSIDE, expectation=Expectation.V1)
    split.stand(V1, 0, 60)
    if inside is not None:
        split.ask(INSIDE, inside, 60)
    seen = replace(snapshot((split.status,)), at=instant(61), plan=split.plan)
    (check,) = both_views(split.status, PreflightEvidence(seen, {}))
    assert check in preflight(PreflightEvidence(seen, {}))
    assert (check.name, check.subject, check.outcome) == ("other-view", display(split.status.domain.name), outcome)
    assert words in check.sentence
    assert bool(check.remedy) is (outcome is not CheckOutcome.PASS)
    alone = replace(seen, plan=replace(split.plan, resolvers=(EITHER,)))
    assert both_views(split.status, PreflightEvidence(alone, {})) == ()


def test_a_resolver_that_is_said_to_see_another_view_now_leaves_those_that_are_judged() -> None:
    split = Split(EITHER)
    split.stand(V1, 0, 60)
    split.ask(EITHER, V1, 60)
    assert {one.server for one in split.status.resolvers} == {EITHER}
    moved = replace(EITHER, sees=ZoneView.PRIVATE)
    split.status = split.status._replace(resolvers=tuple(one._replace(server=moved) for one in split.status.resolvers))
    split.ask(moved, V2, 70)
    assert (split.status.resolvers, {one.server for one in split.status.other_view}) == ((), {moved})


def test_a_status_without_resolvers_has_one_view() -> None:
    assert views(DomainStatus(plan().domains[0]), instant(0), plan()) is None


def txt(owner: str, ttl: int, name: DomainName, *, denied: bool = False) -> Response:
    answer = () if denied else (RRset(name, "TXT", ttl, (heritage(owner),)),)
    return Response("NOERROR", recursion_available=True, answer=answer, authority=(SOA,) if denied else ())


def test_ownership_txt_of_both_views_stands_side_by_side() -> None:
    split = Split(INSIDE)
    split.stand(V1, 0, 60)
    split.hear(observed(owned("eks-v2"), 60, rdtype=RecordType.TXT, name=TXT))
    split.ask(INSIDE, V1, 60)
    split.hear(observed(txt("eks-v1", 300, TXT), 61, INSIDE, RecordType.TXT, TXT))
    found = views(split.status, instant(62), split.plan)
    assert found is not None
    assert [(one.owners, one.sentence) for one in found.seen] == [
        (("eks-v2",), 'Judged at its servers; owner "eks-v2".'),
        (("eks-v1",), 'vpc answers so, out of its cache; owner "eks-v1".'),
    ]
    assert [one.owner for read in split.status.txts for one in read.owners] == ["eks-v2"]


def test_the_owner_in_the_other_view_is_asked_once_a_fetch_and_only_where_a_record_stands() -> None:
    split = Split(SECOND, INSIDE)
    names = [read.name for read in split.status.txts]
    split.stand(V1, 0, 60)
    assert owner_questions(split.status, split.plan.resolvers, 60) == ()
    split.ask(SECOND, ABSENT, 60)
    assert owner_questions(split.status, split.plan.resolvers, 60) == ()
    split.ask(INSIDE, V1, 60)
    asked = owner_questions(split.status, split.plan.resolvers, 60)
    assert [(query.server, query.question.name) for query in asked] == [(INSIDE, name) for name in names]
    split.hear(observed(txt("eks-v1", 300, names[0]), 61, INSIDE, RecordType.TXT, names[0]))
    split.hear(observed(txt("", 0, names[1], denied=True), 61, INSIDE, RecordType.TXT, names[1]))
    later = owner_questions(split.status, split.plan.resolvers, 70)
    assert [query.question.name for query in later] == names[2:]
    split.ask(INSIDE, V1, 365)
    assert names[0] in [query.question.name for query in owner_questions(split.status, split.plan.resolvers, 365)]
    split.hear(observed(timeout(), 366, INSIDE))
    split.hear(observed(timeout(), 366, INSIDE, RecordType.AAAA))
    assert owner_questions(split.status, split.plan.resolvers, 367) == ()


def test_what_its_cache_still_holds_of_an_owner_is_no_new_word() -> None:
    split = Split(INSIDE)
    split.stand(V1, 0, 60)
    split.ask(INSIDE, V1, 60)
    split.hear(observed(txt("eks-v1", 300, TXT), 61, INSIDE, RecordType.TXT, TXT))
    split.hear(observed(txt("eks-v1", 200, TXT), 161, INSIDE, RecordType.TXT, TXT))
    (read,) = split.status.other_txts
    assert read.at == instant(61)
    split.hear(observed(timeout(), 200, INSIDE, RecordType.TXT, TXT))
    assert split.status.other_txts == (read,)
    split.hear(observed(txt("eks-v2", 300, TXT), 365, INSIDE, RecordType.TXT, TXT))
    assert [one.owner for one in split.status.other_txts[0].owners] == ["eks-v2"]
    split.hear(observed(txt("eks-v1", 300, TXT), 700, EITHER, RecordType.TXT, TXT))
    assert [one.owner for one in split.status.other_txts[0].owners] == ["eks-v2"]
