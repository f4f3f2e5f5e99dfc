"""A name that a public and a private zone have: neither a sign-off nor v1's end over the other view's head."""

from collections.abc import Iterable, Mapping

import pytest

from probe.judge.acceptance.criteria import judge
from probe.judge.acceptance.decommission import decommission
from probe.judge.acceptance.drained import Drained
from probe.judge.acceptance.other_view import left_by
from probe.judge.acceptance.wave_decommission import wave_decommission
from probe.judge.review import hear_witness
from probe.judge.zone_views import views
from probe.model.check import Check, CheckOutcome
from probe.model.confirmation import Criterion
from probe.model.decommission import Decommission, Precondition
from probe.model.domain import DomainStatus
from probe.model.name import DomainName
from probe.model.outcome import Response, RRset
from probe.model.plan import Expectation, Wave
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position
from probe.model.server import Server
from probe.model.witness import Witnessed, Written, WrittenSet, WrittenTxt
from tests.judge.acceptance.test_decommission import Moved
from tests.judge.answers import (
    ADDRESSES,
    NAME,
    V1_BALANCER,
    V2_BALANCER,
    ZONE,
    addresses,
    at_position,
    context,
    instant,
    observed,
    timeout,
)
from tests.judge.ownership.owned import heritage, owned
from tests.judge.test_zone_views import EITHER, INSIDE, SECOND, Split

V1, V2, ABSENT, FOREIGN, MIXED = Position.V1, Position.V2, Position.ABSENT, Position.FOREIGN, Position.MIXED
PASS, WARN, FAIL, UNKNOWN = CheckOutcome.PASS, CheckOutcome.WARN, CheckOutcome.FAIL, CheckOutcome.UNKNOWN

UNSEEN_TTL, DAY, GRACE, OLD_WORD = 300.0, 86_400.0, 60.0, 14_400.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


def criterion(split: Split, at: float) -> Check | None:
    told = judge(split.status, instant(at), split.context)
    return next((one for one in told if one.name == Criterion.OTHER_VIEW), None)


@pytest.mark.parametrize(
    ("expectation", "inside", "outcome", "sentence"),
    [
        (Expectation.V2, V1, FAIL, "The private view leads to v1, by the caches of vpc."),
        (Expectation.V2, MIXED, FAIL, "The private view leads to both sides at once, by the caches of vpc."),
        (Expectation.V2, V2, PASS, "The private view leads to v2, by the caches of vpc."),
        (Expectation.V2, ABSENT, PASS, "The private view leads to nothing, by the caches of vpc."),
        (Expectation.V2, FOREIGN, PASS, "The private view leads to an address of neither side, by the caches of vpc."),
        (Expectation.V1, V2, FAIL, "The private view leads to v2, by the caches of vpc."),
        (Expectation.V1, V1, PASS, "The private view leads to v1, by the caches of vpc."),
    ],
)
def test_a_wave_holds_only_what_the_other_view_does_not_contradict(
    expectation: Expectation, inside: Position, outcome: CheckOutcome, sentence: str
) -> None:
    split = Split(INSIDE, expectation=expectation)
    split.stand(V1 if expectation is Expectation.V1 else V2, 0, 60)
    split.ask(INSIDE, inside, 60)
    told = criterion(split, 61)
    assert told is not None
    assert (told.outcome, told.sentence) == (outcome, sentence)


def test_a_soak_is_broken_at_the_answer_that_shows_the_other_view_on_v1() -> None:
    split = Split(INSIDE, expectation=Expectation.V2)
    split.context = split.context._replace(soak=60.0)
    for at in range(0, 600, 30):
        split.stand(V2, float(at), at + 28.0)
        split.ask(INSIDE, V2, at + 29.0)
    held = split.status.confirmation
    assert {one.name: one.outcome for one in held.criteria}[Criterion.OTHER_VIEW] is PASS
    split.ask(INSIDE, V1, 600.0, [RecordType.A])
    after = split.status.confirmation
    assert {one.name: one.outcome for one in after.criteria}[Criterion.OTHER_VIEW] is FAIL
    assert not after.confirmed


def test_a_view_of_which_nothing_is_heard_holds_nothing_and_breaks_nothing() -> None:
    split = Split(INSIDE, expectation=Expectation.V2)
    split.stand(V2, 0, 60)
    split.hear(observed(timeout(), 60, INSIDE))
    told = criterion(split, 61)
    assert told is not None
    assert (told.outcome, told.sentence) == (
        UNKNOWN,
        "Where the private view leads is not known: no resolver that sees it has answered lately.",
    )


def test_one_resolver_of_two_that_still_answers_v1_is_enough() -> None:
    split = Split(INSIDE, SECOND, expectation=Expectation.V2)
    split.stand(V2, 0, 60)
    split.ask(INSIDE, V2, 60)
    split.ask(SECOND, V1, 60)
    told = criterion(split, 61)
    assert told is not None
    assert told.outcome is FAIL
    assert told.sentence == "The private view leads to v1 and v2, by the caches of inbound and vpc."


@pytest.mark.parametrize(
    ("watched", "expectation"), [((EITHER,), Expectation.V2), ((), Expectation.V2), ((INSIDE,), Expectation.WEIGHTED)]
)
def test_it_is_no_criterion_where_no_resolver_sees_it_and_where_both_sides_are_drawn(
    watched: tuple[Server, ...], expectation: Expectation
) -> None:
    split = Split(*watched, expectation=expectation)
    split.stand(V2, 0, 60)
    assert criterion(split, 61) is None


class Removing:
    """A domain of which v1 may go in its own view, beside another view."""

    def __init__(self, resolvers: tuple[Server, ...] = (INSIDE,)) -> None:
        self.moved = Moved()
        self.moved.story.context = self.moved.story.context._replace(resolvers=resolvers)
        self.moved.move(owned("v1"), owned("v2"))
        self.since = self.moved.at

    def ask(self, place: Position, at: float, types: Iterable[RecordType] = ADDRESS_TYPES) -> None:
        for rdtype in types:
            self.moved.story.hear(observed(at_position(place, rdtype), self.since + at, INSIDE, rdtype))

    def serve_v1(self) -> None:
        """Let the resolver have answered v1 for longer than the TTL that came with it: it fetched one of these."""
        self.ask(V1, -70.0)
        self.ask(V1, 0.0)

    def own(self, owner: str, at: float, ttl: int = 60, names: int = 4) -> None:
        """Let the resolver answer the first TXT names, as it fetched them at that moment."""
        for txt in self.status.txts[:names]:
            answer = Response(
                "NOERROR", recursion_available=True, answer=(RRset(txt.name, "TXT", ttl, (heritage(owner),)),)
            )
            told = observed(answer, self.since + at, INSIDE, RecordType.TXT, txt.name)
            self.moved.story.hear(told)

    @property
    def status(self) -> DomainStatus:
        return self.moved.story.status

    def wait(self, until: float, *, place: Position, owner: str | None) -> Check:
        """Let time pass with the other view as it is, its resolver asked now and then; give what it comes to."""
        while self.moved.at < self.since + until:
            self.moved.stand(V2, 60.0, owned("v2"))
            self.ask(place, self.moved.at - self.since)
            if owner is not None:
                self.own(owner, self.moved.at - self.since)
        self.moved.stand(V2, 10.0, owned("v2"))
        return other_view(self.moved.verdict())


def other_view(verdict: Decommission) -> Check:
    return next(one for one in verdict.checks if one.name == Precondition.OTHER_VIEW)


def test_v1_may_not_go_while_the_other_view_leads_to_it() -> None:
    removing = Removing()
    removing.ask(V1, 0.0)
    told = other_view(removing.moved.verdict())
    assert removing.moved.verdict().outcome is FAIL
    assert told.outcome is FAIL
    assert told.sentence == "The private view leads to v1, by the caches of vpc: v1 still serves its clients."
    assert told.remedy == "Move the private view as well, or delete v1's record in its zone if nobody needs it."


def test_v1_may_not_go_while_where_the_other_view_leads_is_not_known() -> None:
    verdict = Removing().moved.verdict()
    assert verdict.outcome is UNKNOWN
    assert other_view(verdict).outcome is UNKNOWN
    assert verdict.at is None


@pytest.mark.parametrize(("place", "outcome"), [(V2, PASS), (ABSENT, PASS), (FOREIGN, WARN)])
def test_v1_may_go_once_the_other_views_caches_have_let_go_of_it(place: Position, outcome: CheckOutcome) -> None:
    removing = Removing()
    removing.serve_v1()
    removing.ask(place, 10.0)
    removing.own("v2", 10.0)
    removing.own("v2", 75.0)
    at = instant(removing.since + 80.0)
    verdict = decommission(removing.status, at, removing.moved.story.context)
    assert verdict is not None
    waiting = other_view(verdict)
    assert (verdict.outcome, waiting.outcome) == (UNKNOWN, UNKNOWN)
    assert "inferred from a TTL of 5 min" in waiting.sentence
    assert verdict.at is not None
    assert verdict.at.monotonic == removing.since + 10.0 + UNSEEN_TTL + GRACE
    wave = wave_decommission(Wave("first", Expectation.V2, ()), [removing.status._replace(decommission=verdict)])
    assert wave is not None
    assert wave.at == verdict.at
    told = removing.wait(450.0, place=place, owner="v2")
    assert told.outcome is outcome
    assert bool(told.remedy) is (outcome is WARN)
    assert removing.moved.verdict().outcome is outcome


def test_v1_may_not_go_while_its_externaldns_owns_the_record_of_the_other_view() -> None:
    removing = Removing()
    removing.serve_v1()
    removing.ask(V2, 1.0)
    told = removing.wait(450.0, place=V2, owner="v1")
    assert told.outcome is FAIL
    assert told.sentence.startswith("In the private view: a-app.example.com")
    assert "it owns the record, and deletes it when its Ingress is deleted" in told.sentence
    assert "Stop v1's ExternalDNS" in told.remedy
    assert removing.wait(550.0, place=V2, owner="v2").outcome is PASS


def test_an_owner_that_was_not_read_in_the_other_view_releases_nothing() -> None:
    removing = Removing()
    removing.ask(V2, 0.0)
    told = removing.wait(400.0, place=V2, owner=None)
    assert told.outcome is UNKNOWN
    assert told.sentence.startswith("In the private view: Not answered since the record last changed")
    removing.own("v2", 460.0, names=1)
    assert removing.wait(470.0, place=V2, owner=None).outcome is UNKNOWN


def test_where_nothing_stands_in_the_other_view_no_owner_is_asked_for() -> None:
    removing = Removing()
    removing.serve_v1()
    removing.ask(ABSENT, 1.0)
    assert removing.wait(450.0, place=ABSENT, owner=None).outcome is PASS


@pytest.mark.case("E8")
def test_a_view_that_was_not_seen_to_leave_v1_is_waited_for_as_long_as_any_cache_holds() -> None:
    removing = Removing()
    removing.ask(ABSENT, 0.0)
    told = removing.wait(400.0, place=ABSENT, owner=None)
    assert told.outcome is UNKNOWN
    assert (
        "v1's TTL there was not seen, and is taken to be at most 24 h: inferred, caches may lead its" in told.sentence
    )
    assert told.remedy.startswith(
        "Wait; if you know the TTL of v1's record there, caches have let go that long, and 60 s"
    )
    at = removing.moved.verdict().at
    assert at is not None
    assert at.monotonic == removing.since + DAY + GRACE


def beside_at(removing: Removing, at: float) -> Drained:
    """Give what becomes of the precondition at a moment, whatever becomes of the others."""
    told = left_by(removing.status, instant(removing.since + at), removing.moved.story.context)
    assert told is not None
    return told


def test_after_that_day_it_is_a_warning_that_says_what_it_rests_on() -> None:
    removing = Removing()
    removing.ask(ABSENT, 0.0)
    removing.ask(ABSENT, DAY + GRACE - 5.0)
    assert beside_at(removing, DAY + GRACE - 1.0).told[0] is UNKNOWN
    outcome, sentence, remedy = beside_at(removing, DAY + GRACE).told
    assert outcome is WARN
    assert "inferred, no cache that obeys TTLs leads to v1 there since 2026-09-22 14:2" in sentence
    assert remedy == "If v1's record had a longer TTL, wait for that long from then on."


@pytest.mark.parametrize("lasted", [[0.0], [0.0, 59.0]])
def test_an_answer_of_v1_that_did_not_outlast_its_own_ttl_tells_nothing_of_that(lasted: list[float]) -> None:
    """What a cache has left of its TTL when it is asked for the first time may be its last second."""
    removing = Removing()
    for at in lasted:
        removing.ask(V1, at)
    removing.ask(ABSENT, 60.0)
    assert beside_at(removing, 61.0).at == instant(removing.since + 60.0 + DAY + GRACE)


@pytest.mark.parametrize(("ttl", "waits"), [(60, 300.0), (100, 300.0), (600, 1_200.0), (3_600, 7_200.0)])
def test_v1s_caches_are_waited_for_by_the_ttl_that_came_with_its_answers(ttl: int, waits: float) -> None:
    """Of several caches each may have told less than half of it."""
    removing = Removing()
    for at in range(0, ttl + 60, 30):
        for rdtype in ADDRESS_TYPES:
            answer = addresses(rdtype, *ADDRESSES[V1, rdtype], ttl=ttl - at % ttl)
            removing.moved.story.hear(observed(answer, removing.since + at, INSIDE, rdtype))
    left = float(ttl + 60)
    removing.ask(ABSENT, left)
    assert beside_at(removing, left).at == instant(removing.since + left + waits + GRACE)


def test_the_owner_in_the_other_view_is_named_beside_where_it_leads() -> None:
    removing = Removing()
    removing.ask(V1, 0.0)
    removing.own("eks-v1", 0.0)
    sentence = 'The private view leads to v1 (owner "eks-v1"), by the caches of vpc'
    told = removing.moved.verdict()
    assert other_view(told).sentence == f"{sentence}: v1 still serves its clients."
    (criterion,) = (one for one in removing.status.confirmation.criteria if one.name == Criterion.OTHER_VIEW)
    assert criterion.sentence == f"{sentence}."


def test_nothing_is_asked_of_a_view_that_no_resolver_sees() -> None:
    verdict = Moved().move(owned("v1"), owned("v2")).verdict()
    assert Precondition.OTHER_VIEW not in {one.name for one in verdict.checks}
    assert context().resolvers == ()


def txts_of(owners: Mapping[str, str]) -> tuple[WrittenTxt, ...]:
    """Give ownership TXT by the type that stands before the name."""
    return tuple(WrittenTxt(DomainName(f"{kind}-{NAME}"), owner) for kind, owner in owners.items())


def witnessed(split: Split, at: float, *targets: str, read: float | None = None, owner: str = "") -> None:
    """Let Route 53 be read: what stands in the private zone, beside the public one that is judged."""
    sets = tuple(WrittenSet("A", (target,)) for target in targets)
    told = Written(instant(at if read is None else read), is_current=True, zone=ZONE)
    txts = txts_of({"a": owner} if owner else {})
    told = told._replace(other_zone=ZONE, other_sets=sets, other_txts=txts)
    split.state, _ = hear_witness(split.state, Witnessed(written=told), instant(at), split.context)


@pytest.mark.parametrize(
    ("targets", "outcome", "where"),
    [
        ((V1_BALANCER,), FAIL, "v1"),
        ((V1_BALANCER, V2_BALANCER), FAIL, "v1 and v2"),
        ((V2_BALANCER,), PASS, "v2"),
        (("10.0.0.1",), PASS, "an address of neither side"),
        ((), PASS, "nothing"),
    ],
)
def test_the_hosted_zone_of_the_other_view_counts_where_no_resolver_sees_it(
    targets: tuple[str, ...], outcome: CheckOutcome, where: str
) -> None:
    split = Split(expectation=Expectation.V2)
    split.stand(V2, 0, 60)
    witnessed(split, 61, *targets, owner="eks-v1" if targets else "")
    told = criterion(split, 62)
    assert told is not None
    owner = ' (owner "eks-v1")' if targets else ""
    assert told.sentence == f"The private view leads to {where}{owner}, by its hosted zone example.com."
    assert told.outcome is outcome
    found = views(split.status, instant(62), split.plan)
    assert found is not None
    assert found.seen[1].sentence.startswith("The hosted zone example.com has it so")


def test_a_hosted_zone_that_is_not_read_lately_tells_nothing_of_the_other_view() -> None:
    split = Split(expectation=Expectation.V2)
    split.stand(V2, 0, 60)
    witnessed(split, 61, V1_BALANCER, read=61 - OLD_WORD - 1)
    assert criterion(split, 62) is None


def test_what_caches_still_answer_counts_beside_the_hosted_zone() -> None:
    split = Split(INSIDE, expectation=Expectation.V2)
    split.stand(V2, 0, 60)
    split.ask(INSIDE, V1, 60)
    witnessed(split, 61, V2_BALANCER)
    told = criterion(split, 62)
    assert told is not None
    assert (told.outcome, told.sentence) == (
        FAIL,
        "The private view leads to v1 and v2, by the caches of vpc and its hosted zone example.com.",
    )


@pytest.mark.parametrize(
    ("target", "owners", "outcome", "words"),
    [
        (V1_BALANCER, {}, FAIL, "v1 still serves its clients"),
        (
            V2_BALANCER,
            {"a": "v1"},
            FAIL,
            'In the hosted zone example.com of the private view: a-app.example.com names v1\'s owner "v1"',
        ),
        (V2_BALANCER, {"cname": "v1"}, UNKNOWN, "v1's TTL there was not seen"),  # v0.22 deletes it with `a-`: refused
        (V2_BALANCER, {"a": "v2", "cname": "v1"}, UNKNOWN, "v1's TTL there was not seen"),
        (V2_BALANCER, {"a": "v2"}, UNKNOWN, "v1's TTL there was not seen"),
        ("10.0.0.1", {"a": "v1"}, FAIL, "a-app.example.com names v1's owner"),
    ],
)
def test_v1_may_go_by_the_hosted_zone_of_the_other_view(
    target: str, owners: Mapping[str, str], outcome: CheckOutcome, words: str
) -> None:
    told = other_view(beside(owners, target).moved.verdict())
    assert told.outcome is outcome
    assert words in told.sentence
    assert told.remedy


def test_what_the_hosted_zone_shows_alone_is_not_known_to_have_left_v1_for_a_day() -> None:
    removing = beside({"a": "v2"}, V2_BALANCER)
    verdict = removing.moved.verdict()
    assert verdict.outcome is UNKNOWN
    assert verdict.at is not None
    assert verdict.at.monotonic == removing.since + DAY + GRACE
    wave = wave_decommission(Wave("first", Expectation.V2, ()), [removing.status])
    assert wave is not None
    assert (wave.outcome, wave.at) == (UNKNOWN, verdict.at)
    for at in range(1_800, int(DAY) + 1_801, 1_800):  # read time and again, with nothing new
        read(removing, float(at), {"a": "v2"}, V2_BALANCER)
    assert other_view(removing.moved.verdict()).outcome is WARN


def test_a_hosted_zone_that_was_read_with_v1_begins_that_day_anew() -> None:
    removing = beside({"a": "v2"}, V2_BALANCER)
    read(removing, 1_800.0, {"a": "v2"}, V1_BALANCER)
    assert other_view(removing.moved.verdict()).outcome is FAIL
    read(removing, 3_600.0, {"a": "v2"}, V2_BALANCER)
    told = decommission(removing.status, instant(removing.since + 3_601.0), removing.moved.story.context)
    assert told is not None
    assert other_view(told).outcome is UNKNOWN
    assert "since 2026-09-21 15:21:00 UTC: v1's TTL there was not seen" in other_view(told).sentence


def beside(owners: Mapping[str, str], *targets: str) -> Removing:
    """Give a domain that has moved, with the other view's hosted zone as a witness reads it."""
    removing = Removing(())
    read(removing, 0.0, owners, *targets)
    return removing


def read(removing: Removing, at: float, owners: Mapping[str, str], *targets: str) -> None:
    """Let a witness read the other view's hosted zone."""
    now = instant(removing.since + at)
    written = Written(now, is_current=True, zone=ZONE, other_zone=ZONE)
    sets = tuple(WrittenSet("A", (target,)) for target in targets)
    written = written._replace(other_sets=sets, other_txts=txts_of(owners))
    story = removing.moved.story
    story.state, _ = hear_witness(story.state, Witnessed(written=written), now, story.context)


@pytest.mark.parametrize(
    ("owners", "targets", "left"),
    [
        ({"a": "v2", "cname": "v1"}, (V2_BALANCER,), ["cname"]),  # v2's writes no such name any more
        ({"a": "v1"}, (V2_BALANCER,), []),  # v2's writes it over
        ({"a": "v2"}, (V2_BALANCER,), []),
        ({"a": "v1", "cname": "v1"}, (), ["a", "cname"]),  # no record is there: v2's writes nothing
        ({"a": "a-third-one", "aaaa": "v2"}, (), []),
    ],
)
def test_txt_of_v1_that_nobody_else_cleans_is_listed_of_the_other_views_hosted_zone_too(
    owners: Mapping[str, str], targets: tuple[str, ...], left: list[str]
) -> None:
    verdict = beside(owners, *targets).moved.verdict()
    assert verdict.other_leftovers == tuple(DomainName(f"{kind}-{NAME}") for kind in left)
    assert verdict.leftovers == ()


def test_txt_of_v1_that_resolvers_show_in_the_other_view_is_listed_too() -> None:
    removing = Removing()
    removing.wait(400.0, place=ABSENT, owner=None)
    removing.own("v1", 401.0, names=1)
    removing.ask(ABSENT, 402.0)
    assert removing.moved.verdict().other_leftovers == (removing.status.txts[0].name,)
    removing.own("v2", 500.0, names=1)
    removing.ask(ABSENT, 501.0)
    assert removing.moved.verdict().other_leftovers == ()
