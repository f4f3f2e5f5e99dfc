"""Fights of which one turn leads nowhere, or to both sides: each is told by what stands there, and once."""

import re
from collections.abc import Iterable

import pytest

from probe.model.effect import FindingCleared, FindingRaised
from probe.model.finding import FactLabel, FindingCode
from probe.model.name import DomainName
from probe.model.outcome import Response, RRset
from probe.model.question import RecordType
from probe.model.record import Position, RecordState
from tests.judge.answers import ADDRESSES, NAME, SOA, V1_BALANCER, V2_BALANCER, addresses, nodata, nxdomain
from tests.judge.scripted import Balancers, Flips, Says, first_said, play, square
from tests.judge.simulator import Run
from tests.judge.wording import whole

V1, V2, BOTH = Position.V1, Position.V2, Position.MIXED
A, AAAA = RecordType.A, RecordType.AAAA
TARGETS = {V1: V1_BALANCER, V2: V2_BALANCER}
SPARE = DomainName("k8s-two-spare.eu-west-1.elb.amazonaws.com.")
QUIET_AFTER = 300.0
GRACE = 70.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


def alone(place: Position, _rdtype: RecordType, _at: float) -> Response:
    """Answer with the CNAME and nothing else, as Route 53 does of a name in another zone."""
    return Response("NOERROR", authoritative=True, answer=(RRset(NAME, "CNAME", 300, (TARGETS[place],)),))


def chained(rcode: str, dies: float = 0.0, revives: float = float("inf")) -> Says:
    """Answer with the whole chain, as a server does that has the load balancers' zone as well."""

    def says(place: Position, rdtype: RecordType, at: float) -> Response:
        cname = RRset(NAME, "CNAME", 300, (TARGETS[place],))
        if place is V2 and dies <= at < revives:
            return Response(rcode, authoritative=True, answer=(cname,), authority=(SOA,))
        shown = RRset(TARGETS[place], rdtype.value, 60, ADDRESSES[place, rdtype])
        return Response("NOERROR", authoritative=True, answer=(cname, shown))

    return says


def without_v2(denial: Response, dies: float = 0.0, revives: float = float("inf")) -> Balancers:
    """Let v2's load balancer be denied from one second to another, by its own servers."""

    def answered(name: DomainName, rdtype: RecordType, at: float) -> Response:
        if name == V2_BALANCER and dies <= at < revives:
            return denial
        place = V1 if name == V1_BALANCER else V2
        return addresses(rdtype, *ADDRESSES[place, rdtype], name=name)

    return answered


def fight(flips: Flips, seconds: float, says: Says, balancers: Balancers | None = None) -> Run:
    return play({A: flips, AAAA: flips}, seconds, 1, owners={"cname": "default"}, says=says, balancers=balancers)


def told(run: Run, code: FindingCode) -> list[tuple[float, bool]]:
    """Give when a finding was raised (True) and cleared (False)."""
    return [
        (at, isinstance(effect, FindingRaised))
        for at, effect in run.effects
        if isinstance(effect, FindingRaised | FindingCleared) and effect.finding.code is code
    ]


def raised_since(run: Run, since: float) -> set[str]:
    return {effect.finding.code for at, effect in run.effects if at > since and isinstance(effect, FindingRaised)}


def sentences(run: Run, codes: Iterable[FindingCode]) -> list[str]:
    wanted = set(codes)
    return [finding.sentence for finding in run.status.findings if finding.code in wanted]


FORMS = [
    pytest.param(alone, nxdomain(), id="the CNAME alone, its target denied"),
    pytest.param(alone, nodata(), id="the CNAME alone, its target without an address"),
    pytest.param(chained("NXDOMAIN"), nxdomain(), id="the chain, with the denial of its end"),
    pytest.param(chained("NOERROR"), nodata(), id="the chain, with no address at its end"),
]


@pytest.mark.case("A1")
@pytest.mark.parametrize("dwells", [(30, 30), (8, 52), (52, 8)])
@pytest.mark.parametrize(("says", "denial"), FORMS)
def test_a_fight_over_a_cname_is_told_by_its_targets_names_and_the_dead_one_beside_it_once(
    says: Says, denial: Response, dwells: tuple[float, float]
) -> None:
    run = fight(square(30, 440, dwells, (V2, V1)), 450, says, without_v2(denial))
    assert run.raised() == {"dead-target", "flip-flop", "fight-same-owner"}
    assert [raised for _, raised in told(run, FindingCode.DEAD_TARGET)] == [True]
    assert first_said(run, [FindingCode.FIGHT_SAME_OWNER]) is not None
    assert "A between v1 and v2" in run.status.sentence or "A between v2 and v1" in run.status.sentence
    (dead,) = sentences(run, [FindingCode.DEAD_TARGET])
    assert "k8s-two.eu-west-1.elb.amazonaws.com, which does not exist or has no address" in dead


@pytest.mark.case("A1")
@pytest.mark.parametrize("rcode", ["NXDOMAIN", "NOERROR"])
def test_a_load_balancer_that_dies_within_a_fight_is_told_beside_it_and_the_fight_goes_on_as_it_was(rcode: str) -> None:
    denial = nxdomain() if rcode == "NXDOMAIN" else nodata()
    run = fight(square(30, 690, (30, 30), (V2, V1)), 700, chained(rcode, dies=300), without_v2(denial, dies=300))
    assert run.raised() == {"dead-target", "flip-flop", "fight-same-owner"}
    ((at, raised),) = told(run, FindingCode.DEAD_TARGET)
    assert raised
    assert 300 < at < 450


@pytest.mark.case("A1")
def test_between_turns_that_are_longer_than_the_grace_time_it_is_said_that_it_keeps_returning() -> None:
    run = fight(square(30, 1430, (150, 150), (V2, V1)), 1500, alone, without_v2(nxdomain()))
    flapping = run.first(RecordState.FLAPPING, None)
    assert flapping is not None
    assert not [at for at, raised in told(run, FindingCode.DEAD_TARGET) if not raised and at > flapping]
    assert [server.position for record in run.status.records for server in record.servers] == [V1] * 8
    (finding,) = [one for one in run.status.findings if one.code is FindingCode.DEAD_TARGET]
    assert finding.sentence == (
        "app.example.com (A and AAAA) keeps returning to k8s-two.eu-west-1.elb.amazonaws.com, which does not exist or "
        "has no address."
    )
    assert "has no address" in whole(finding)


@pytest.mark.case("A1")
@pytest.mark.parametrize("says", [alone, chained("NXDOMAIN"), chained("NOERROR")])
def test_when_the_fight_is_over_on_v1_all_that_was_told_ends_and_nothing_is_told_anew(says: Says) -> None:
    flips = [*square(30, 420, (30, 30), (V2, V1)), (450.0, V1)]
    assert flips[-2][1] is V2
    run = fight(flips, 450 + QUIET_AFTER + 2 * GRACE, says, without_v2(nxdomain()))
    assert raised_since(run, 450) == set()
    assert not run.status.findings
    assert run.status.state is RecordState.V1


@pytest.mark.case("A1")
def test_when_the_load_balancer_answers_again_it_is_dead_no_more_while_the_fight_goes_on() -> None:
    revives = 450.0
    run = fight(
        square(30, 690, (30, 30), (V2, V1)),
        700,
        chained("NXDOMAIN", revives=revives),
        without_v2(nxdomain(), revives=revives),
    )
    (first, _), (cleared, is_raised) = told(run, FindingCode.DEAD_TARGET)
    assert first < revives < cleared < revives + 2 * GRACE
    assert not is_raised
    assert {finding.code for finding in run.status.findings} == {"fight-same-owner"}
    assert raised_since(run, revives) == set()


@pytest.mark.case("A1")
@pytest.mark.parametrize("dwells", [(30, 30), (100, 100)])
def test_a_dead_load_balancer_is_told_no_more_once_a_turn_leads_to_a_living_one_of_its_side(
    dwells: tuple[float, float],
) -> None:
    heals = 600.0

    def says(place: Position, _rdtype: RecordType, at: float) -> Response:
        target = SPARE if place is V2 and at >= heals else TARGETS[place]
        return Response("NOERROR", authoritative=True, answer=(RRset(NAME, "CNAME", 300, (target,)),))

    flips = square(30, 1130, dwells, (V2, V1))
    owners = {"cname": "default"}
    run = play(
        {A: flips, AAAA: flips},
        1200,
        1,
        owners=owners,
        says=says,
        balancers=without_v2(nxdomain()),
        of_v2=(V2_BALANCER, SPARE),
    )
    at, is_raised = told(run, FindingCode.DEAD_TARGET)[-1]
    assert not is_raised
    assert heals < at < heals + sum(dwells) + 2 * GRACE
    assert {finding.code for finding in run.status.findings} == {"fight-same-owner"}


@pytest.mark.case("A2")
@pytest.mark.parametrize("dwells", [(30, 30), (8, 52), (52, 8)])
@pytest.mark.parametrize(("stands", "side"), [(V1, "v1"), (V2, "v2")])
def test_a_fight_of_which_one_turn_has_both_sides_in_one_answer_is_told_so(
    stands: Position, side: str, dwells: tuple[float, float]
) -> None:
    flips = square(30, 600, dwells, (BOTH, stands))
    run = play({A: flips, AAAA: flips}, 600, 1, owners={"a": "default", "aaaa": "default"}, stands=stands)
    assert run.raised() == {"mixed-target", "flip-flop", "fight-same-owner"}
    raised = [effect.finding for _, effect in run.effects if isinstance(effect, FindingRaised)]
    first = next(one for one in raised if one.code is FindingCode.FLIP_FLOP)
    assert re.search(rf"alternates between ({side} and both sides at once|both sides at once and {side})", first.told)
    (named,) = [one for one in run.status.findings if one.code is FindingCode.FIGHT_SAME_OWNER]
    assert re.search(r"overwrite app\.example\.com \(A and AAAA\) every (59|60|61) s\.", named.sentence)
    assert "In some turns one answer has addresses of v1 and v2 (A and AAAA)" in whole(named)
    assert "both sides at once" in next(fact.text for fact in named.facts if fact.label is FactLabel.SHARE)
    assert "both sides at once" in run.status.sentence
    assert "between v1 and v2" not in run.status.sentence


@pytest.mark.case("A2")
@pytest.mark.parametrize("dwells", [(30, 30), (52, 8)])
def test_both_sides_in_one_answer_by_turns_is_raised_once_while_it_flaps_and_ends_when_it_stays_away(
    dwells: tuple[float, float],
) -> None:
    flips = [*square(30, 630, dwells, (BOTH, V1)), (640.0, V1)]
    run = play({A: flips, AAAA: flips}, 640 + QUIET_AFTER + GRACE, 1, owners={"a": "default", "aaaa": "default"})
    flapping = run.first(RecordState.FLAPPING, None)
    assert flapping is not None
    story = [(at, raised) for at, raised in told(run, FindingCode.MIXED_TARGET) if at > flapping]
    assert [raised for _, raised in story][-1:] == [False]
    assert len(story) <= 2
    assert 640 < story[-1][0] < 640 + QUIET_AFTER
    assert not run.status.findings


@pytest.mark.case("A2")
def test_a_move_by_way_of_both_sides_at_once_and_its_way_back_are_two_changes_and_no_fight() -> None:
    flips = [(30.0, BOTH), (150.0, V2), (400.0, BOTH), (500.0, V1)]
    run = play({A: flips, AAAA: flips}, 900, 1, owners={"a": "default", "aaaa": "default"})
    assert run.raised() == {"mixed-target"}
    assert run.first(RecordState.FLAPPING, None) is None
