"""What a wildcard made up is told from what is a name's own, by asking for names that nobody has."""

from typing import TYPE_CHECKING

import pytest

from probe.judge.ownership.wildcard import covered_by, due, is_asked_beside, is_made_up, label, own_question, questions
from probe.judge.polling import cadence
from probe.judge.record.period import changes
from probe.judge.review import expire, initial, review
from probe.model.effect import FindingRaised, Surprised, TransitionConfirmed
from probe.model.external_dns import ExternalDns, TxtRegistry
from probe.model.name import DomainName, parent
from probe.model.outcome import Response, RRset
from probe.model.plan import Domain, Expectation
from probe.model.question import Question, RecordType
from probe.model.record import Position, RecordState, Transition
from tests.judge.answers import ADDRESSES, SERVERS, ZONE, context, instant, nodata, nxdomain, observed
from tests.judge.holding import Holding
from tests.judge.ownership.owned import heritage

HEARD_EVERYWHERE, REPEATED_AFTER = 60.0, 3600.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


if TYPE_CHECKING:
    from probe.judge.context import Context

V1, V2 = Position.V1, Position.V2
A, TXT = RecordType.A, RecordType.TXT
HOST = DomainName("m.w.example.com.")
WILD = DomainName("*.w.example.com.")
Sets = dict[tuple[DomainName, RecordType], tuple[str, ...]]


def addresses(position: Position) -> tuple[str, ...]:
    return ADDRESSES[position, A]


def answered(sets: Sets, question: Question) -> Response:
    """Answer as RFC 4592 says: the closest encloser's wildcard answers for names that do not exist, for no other."""
    owners = {owner for owner, _ in sets} | {ZONE}
    existing = {above for owner in owners for above in _with_parents(owner)}
    owner = question.name
    if owner not in existing:
        encloser = parent(owner)
        while encloser not in existing:
            encloser = parent(encloser)
        owner = DomainName(f"*.{encloser}")
        if owner not in existing:
            return nxdomain()
    rdata = sets.get((owner, question.rdtype))
    if rdata is None:
        return nodata()
    return Response("NOERROR", authoritative=True, answer=(RRset(question.name, question.rdtype.value, 60, rdata),))


def _with_parents(name: DomainName) -> list[DomainName]:
    return [name] if name == ZONE else [name, *_with_parents(parent(name))]


class Watch(Holding):
    """One domain in a zone of such sets, asked as the cadence says."""

    def __init__(self, sets: Sets, expectation: Expectation = Expectation.V2, name: DomainName = HOST) -> None:
        self.sets = sets
        self.context: Context = context()._replace(
            v1=ExternalDns("default", version=(0, 15, 1)), v2=ExternalDns("eks-v2", "default", version=(0, 22, 0))
        )
        self.state = initial(Domain(name, "first", expectation), (TxtRegistry(),), ZONE)
        self.raised: set[str] = set()
        self.moves: list[Transition] = []
        self.asked = 0
        self.prompt = True

    def hear(self, question: Question, at: float, server: int = 0) -> None:
        self.asked += 1
        observation = observed(answered(self.sets, question), at, SERVERS[server], question.rdtype, question.name)
        self.state, effects = review(self.state, observation, self.context)
        self.raised |= {effect.finding.code for effect in effects if isinstance(effect, FindingRaised)}
        self.moves += [effect.transition for effect in effects if isinstance(effect, TransitionConfirmed)]
        own = own_question(self.status)
        if own is not None and self.prompt and any(isinstance(effect, Surprised) for effect in effects):
            self.hear(own, at, server)

    def run(self, since: float, until: float, *, wildcards: bool = True) -> None:
        """Ask everything every ten seconds, names that nobody has first, as a first look does."""
        at = since
        while at <= until:
            registries = self.context.registries
            plans = (
                [cadence.wildcard_plan(self.status, SERVERS, ZONE, 0, at, registries=registries)] if wildcards else []
            )
            plans.append(cadence.look_plan(self.status, SERVERS))
            for plan in plans:
                for query in plan:
                    self.hear(query.question, at, SERVERS.index(query.server))
            self.state, effects = expire(self.state, instant(at + 5), self.context)
            self.raised |= {effect.finding.code for effect in effects if isinstance(effect, FindingRaised)}
            at += 10.0


def beneath_a_wildcard(more: Sets) -> Sets:
    return {(WILD, A): addresses(V1), (WILD, TXT): (heritage("default"),), **more}


@pytest.mark.case("B1")
def test_a_txt_that_a_wildcard_made_up_is_not_the_names_own() -> None:
    watch = Watch(beneath_a_wildcard({(HOST, A): addresses(V2)}))
    watch.run(0, 300)
    assert watch.status.state is RecordState.V2
    assert watch.raised == {"unowned"}
    assert all(txt.owners == () and txt.past == () for txt in watch.status.txts)
    assert [txt.synthesised for txt in watch.status.txts if txt.name != HOST] == [True, True, True]


@pytest.mark.case("B1")
def test_an_own_txt_beside_those_that_are_made_up_stands() -> None:
    own = DomainName("a-m.w.example.com.")
    watch = Watch(beneath_a_wildcard({(HOST, A): addresses(V2), (own, TXT): (heritage("eks-v2"),)}))
    watch.run(0, 300)
    assert watch.raised == set()
    assert [txt.owners[0].owner for txt in watch.status.txts if txt.owners] == ["eks-v2"]


@pytest.mark.case("B1")
def test_an_own_txt_that_reads_as_the_wildcards_does_is_told_by_its_child() -> None:
    own = DomainName("a-m.w.example.com.")
    watch = Watch(beneath_a_wildcard({(HOST, A): addresses(V2), (own, TXT): (heritage("default"),)}))
    watch.run(0, 300)
    assert watch.raised == {"stale-owner", "default-owner"}


@pytest.mark.case("B1")
def test_without_those_questions_the_wildcards_owner_would_be_taken_for_the_names() -> None:
    watch = Watch(beneath_a_wildcard({(HOST, A): addresses(V2)}))
    watch.run(0, 300, wildcards=False)
    assert "stale-owner" in watch.raised


@pytest.mark.case("B1")
def test_ownership_that_was_heard_before_the_wildcard_was_leaves_no_trace() -> None:
    watch = Watch(beneath_a_wildcard({(HOST, A): addresses(V2)}))
    own = DomainName("a-m.w.example.com.")
    watch.hear(Question(own, TXT), 0)
    assert any(txt.owners for txt in watch.status.txts)
    watch.hear(Question(DomainName(f"{label(HOST)}.w.example.com."), TXT), 1)
    (txt,) = (txt for txt in watch.status.txts if txt.name == own)
    assert (txt.owners, txt.past, txt.synthesised) == ((), (), True)


@pytest.mark.case("B15")
@pytest.mark.parametrize("registered", [True, False], ids=["owner at the wildcard", "no owner there"])
def test_a_name_that_only_a_wildcard_answers_for_has_no_record_of_its_own(*, registered: bool) -> None:
    sets = beneath_a_wildcard({})
    if not registered:
        del sets[WILD, TXT]
    watch = Watch(sets, Expectation.V1)
    watch.run(0, 300)
    assert watch.raised == set()
    assert covered_by(watch.status) == WILD
    whose = ', owner "default"' if registered else ""
    assert (
        f"leads to v1 at all 4 servers by a wildcard (*.w.example.com or one above it{whose}), without a record of its "
        "own" in watch.status.sentence
    )


@pytest.mark.case("B15")
@pytest.mark.parametrize(
    ("place", "replacement"),
    [("a-*.w.example.com.", ""), ("aaaa-*.w.example.com.", ""), ("a-any.w.example.com.", "any")],
)
def test_the_wildcards_owner_is_shown_from_wherever_a_sides_registry_keeps_it(place: str, replacement: str) -> None:
    watch = Watch({(WILD, A): addresses(V1), (DomainName(place), TXT): (heritage("eks-v1"),)}, Expectation.V1)
    v1 = ExternalDns("eks-v1", version=(0, 22, 0), txt_registry=TxtRegistry(wildcard_replacement=replacement))
    watch.context = watch.context._replace(v1=v1)
    watch.run(0, 60)
    assert 'by a wildcard (*.w.example.com or one above it, owner "eks-v1")' in watch.status.sentence
    assert watch.raised == set()


def test_a_wildcards_owner_at_a_name_that_no_registry_reads_is_not_asked_for() -> None:
    watch = Watch({(WILD, A): addresses(V1), (DomainName("a-any.w.example.com."), TXT): (heritage("x"),)})
    watch.run(0, 60)
    assert 'owner "x"' not in watch.status.sentence
    stranger = Question(DomainName("a-any.w.example.com."), TXT)
    watch.hear(stranger, 70)
    assert all(one.name != stranger.name for one in watch.status.wildcard_answers)


@pytest.mark.case("B15")
def test_a_name_with_a_record_of_its_own_under_a_wildcard_that_leads_to_the_same_place_is_unowned() -> None:
    watch = Watch({(WILD, A): addresses(V1), (HOST, A): addresses(V1)}, Expectation.V1)
    watch.run(0, 300)
    assert covered_by(watch.status) is None
    assert watch.raised == {"unowned"}


@pytest.mark.case("B15")
def test_a_wildcard_further_up_covers_as_well() -> None:
    top = DomainName("*.example.com.")
    watch = Watch({(top, A): addresses(V1)}, Expectation.V1)
    watch.run(0, 300)
    assert covered_by(watch.status) is not None
    assert watch.raised == set()


@pytest.mark.case("B15")
def test_whether_a_record_is_the_names_own_is_asked_again_once_it_has_changed() -> None:
    watch = Watch(beneath_a_wildcard({(HOST, A): addresses(V2)}), Expectation.MOVING)
    watch.run(0, 300)
    assert covered_by(watch.status) is None
    del watch.sets[HOST, A]
    watch.run(310, 500)
    assert watch.status.records[0].position is V1
    assert covered_by(watch.status) == WILD


@pytest.mark.case("B15")
@pytest.mark.parametrize("deleted", [True, False], ids=["deleted", "written back"])
def test_a_record_that_disappears_behind_a_wildcard_was_written_back_by_nobody(*, deleted: bool) -> None:
    watch = Watch(beneath_a_wildcard({(HOST, A): addresses(V2)}))
    watch.run(0, 300)
    if deleted:
        del watch.sets[HOST, A]
    else:
        watch.sets[HOST, A] = addresses(V1)
    watch.run(310, 500)
    (found,) = (finding for finding in watch.status.findings if finding.code == "reverted")
    assert ("(A) lost its own record for v2, and a wildcard leads it to v1" in found.sentence) is deleted
    assert ("nothing was written back" in " ".join(fact.text for fact in found.facts)) is deleted


@pytest.mark.case("B15")
def test_a_record_that_falls_behind_a_wildcard_is_no_reversal_and_one_that_is_written_back_is() -> None:
    fell, back = Watch(beneath_a_wildcard({(HOST, A): addresses(V1)})), Watch({(HOST, A): addresses(V1)})
    for watch in (fell, back):
        watch.run(0, 100)
        watch.sets[HOST, A] = addresses(V2)
        watch.run(110, 300)
    del fell.sets[HOST, A]
    back.sets[HOST, A] = addresses(V1)
    for watch in (fell, back):
        watch.run(310, 400)
    assert [(move.reversal, move.uncovered) for move in fell.moves] == [(False, False), (False, True)]
    assert [(move.reversal, move.uncovered) for move in back.moves] == [(False, False), (True, False)]
    assert (fell.status.records[0].reversals, back.status.records[0].reversals) == (0, 1)


@pytest.mark.case("B15")
@pytest.mark.parametrize("prompt", [True, False], ids=["told at once", "told a turn later"])
@pytest.mark.parametrize("away", [30, 50, 110])
def test_a_move_and_one_deletion_that_is_healed_are_no_fight_though_a_wildcard_leads_back_meanwhile(
    away: int, *, prompt: bool
) -> None:
    watch = Watch(beneath_a_wildcard({(HOST, A): addresses(V1)}), Expectation.MOVING)
    watch.prompt = prompt
    watch.run(0, 200)
    watch.sets[HOST, A] = addresses(V2)
    watch.run(210, 300)
    del watch.sets[HOST, A]
    watch.run(310, 310 + away)
    watch.sets[HOST, A] = addresses(V2)
    watch.run(320 + away, 500 + away)
    assert [move.uncovered for move in watch.status.records[0].recent] == [False, True, False]
    assert [move.reversal for move in watch.moves] == [False, not prompt, True]
    assert watch.raised == {"unowned"}
    assert watch.status.state is RecordState.V2


@pytest.mark.case("B15")
def test_a_change_that_was_written_stays_so_when_the_record_is_deleted_later_behind_a_wildcard_of_that_side() -> None:
    watch = Watch(beneath_a_wildcard({(HOST, A): addresses(V1)}), Expectation.MOVING)
    watch.sets[WILD, A] = addresses(V2)
    watch.prompt = False
    watch.run(0, 200)
    watch.sets[HOST, A] = addresses(V2)
    watch.run(210, 300)
    del watch.sets[HOST, A]
    for second in range(310, 400, 10):
        child = own_question(watch.status)
        assert child is not None
        watch.hear(child, second)
    assert covered_by(watch.status) == WILD
    assert [move.uncovered for move in watch.status.records[0].recent] == [False]


@pytest.mark.case("B15")
def test_a_change_that_has_not_reached_every_server_yet_is_explained_once_it_has() -> None:
    watch = Watch(beneath_a_wildcard({(HOST, A): addresses(V2)}), Expectation.MOVING)
    watch.prompt = False
    watch.run(0, 200)
    child = own_question(watch.status)
    assert child is not None
    before = dict(watch.sets)
    del watch.sets[HOST, A]
    for second in range(210, 230, 2):
        for server in range(3):
            watch.hear(Question(HOST, A), second, server)
    assert [move.uncovered for move in watch.status.records[0].recent] == [False]
    after, watch.sets = watch.sets, before
    watch.hear(Question(HOST, A), 230, 3)
    watch.sets = after
    watch.hear(child, 231)
    assert [move.uncovered for move in watch.status.records[0].recent] == [False]
    watch.hear(Question(HOST, A), 240, 3)
    watch.hear(child, 271)
    assert [move.uncovered for move in watch.status.records[0].recent] == [True]


@pytest.mark.case("B15")
def test_a_record_that_is_deleted_twice_behind_a_wildcard_comes_and_goes_and_is_written_back_by_nobody() -> None:
    watch = Watch(beneath_a_wildcard({(HOST, A): addresses(V2)}), Expectation.MOVING)
    watch.run(0, 100)
    for turn in range(3):
        del watch.sets[HOST, A]
        watch.run(110 + turn * 120, 160 + turn * 120)
        watch.sets[HOST, A] = addresses(V2)
        watch.run(170 + turn * 120, 220 + turn * 120)
    assert [move.uncovered for move in watch.moves] == [True, False] * 3
    assert watch.status.records[0].reversals == 3
    places = {place for move in changes(watch.state.remembered[0]) for place in (move.before, move.after)}
    assert places == {V2, Position.ABSENT}
    assert "outage" not in watch.raised


@pytest.mark.case("B15")
def test_a_record_that_is_deleted_beside_a_wildcard_without_an_address_is_an_outage() -> None:
    watch = Watch({(WILD, TXT): (heritage("default"),), (HOST, A): addresses(V2)})
    watch.run(0, 100)
    del watch.sets[HOST, A]
    watch.run(110, 200)
    assert [(move.after, move.uncovered) for move in watch.moves] == [(Position.ABSENT, False)]
    assert "outage" in watch.raised


@pytest.mark.case("B15")
def test_a_wildcard_that_is_rewritten_itself_is_a_change_like_any_other() -> None:
    watch = Watch(beneath_a_wildcard({}), Expectation.MOVING)
    watch.run(0, 100)
    for position in (V2, V1):
        watch.sets[WILD, A] = addresses(position)
        watch.run(110 if position is V2 else 210, 200 if position is V2 else 300)
    assert [(move.reversal, move.uncovered) for move in watch.moves] == [(False, False), (True, False)]


@pytest.mark.case("B15")
def test_an_answer_soon_after_a_change_may_come_from_a_late_machine_and_is_asked_for_again() -> None:
    watch = Watch(beneath_a_wildcard({(HOST, A): addresses(V2)}), Expectation.MOVING)
    watch.run(0, 100)
    child = own_question(watch.status)
    assert child is not None
    late = observed(nxdomain(), 112, rdtype=A, name=child.name)
    watch.prompt = False
    del watch.sets[HOST, A]
    watch.run(110, 110)
    watch.state, _ = review(watch.state, late, watch.context)
    assert child not in due(watch.status, ZONE, 115)
    assert child in due(watch.status, ZONE, 110 + HEARD_EVERYWHERE)


def test_where_no_wildcard_stands_three_questions_are_asked_and_repeated_after_an_hour() -> None:
    watch = Watch({(HOST, A): addresses(V2)})
    assert len(due(watch.status, ZONE, 0.0)) == 3
    watch.run(0, 0)
    assert due(watch.status, ZONE, REPEATED_AFTER - 1) == ()
    assert len(due(watch.status, ZONE, REPEATED_AFTER)) == 3
    assert due(watch.status, ZONE, None) == ()


def test_under_a_wildcard_they_are_ten_at_most() -> None:
    watch = Watch(beneath_a_wildcard({}))
    watch.run(0, 60)
    assert len(questions(watch.status, ZONE)) <= 10


@pytest.mark.parametrize(
    ("name", "zone"),
    [(WILD, ZONE), (ZONE, ZONE), (HOST, None)],
    ids=["a wildcard itself", "an apex", "a zone that is not known"],
)
def test_nothing_is_asked_where_it_would_tell_nothing(name: DomainName, zone: DomainName | None) -> None:
    status = initial(Domain(name, "first", Expectation.V1), (TxtRegistry(),), ZONE).status
    asked = questions(status, zone)
    assert all(question.name.endswith(f".{ZONE}") for question in asked)
    if name != ZONE:
        assert asked == ()


def test_a_name_too_long_for_a_label_more_is_not_asked_for() -> None:
    long = DomainName(".".join(["a" * 60] * 3 + ["b" * 50]) + "." + ZONE)
    status = initial(Domain(long, "first", Expectation.V1), (TxtRegistry(),), ZONE).status
    assert all(len(question.name) <= 254 for question in questions(status, ZONE))


def test_an_answer_beside_another_domain_or_of_a_stranger_changes_nothing() -> None:
    watch = Watch(beneath_a_wildcard({(HOST, A): addresses(V2)}))
    other = DomainName(f"{label(DomainName('other.example.com.'))}.w.example.com.")
    assert not is_asked_beside(watch.status, other)
    before = watch.status
    watch.hear(Question(other, TXT), 0)
    assert watch.status is before


def test_silence_and_errors_tell_nothing_of_wildcards() -> None:
    watch = Watch({})
    sibling = DomainName(f"{label(HOST)}.w.example.com.")
    for outcome in (Response("SERVFAIL"), Response("NOERROR")):
        watch.state, _ = review(watch.state, observed(outcome, 0, rdtype=TXT, name=sibling), watch.context)
    assert watch.status.wildcard_answers == ()
    assert not is_made_up(watch.status, HOST, ("x",))
