from collections.abc import Iterable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probe.judge.review import adopt, initial, review_service
from probe.judge.service import Reach, falters, fold, forget, is_cut_off, is_settled, notice
from probe.model.effect import FindingCleared, FindingRaised
from probe.model.external_dns import TxtRegistry
from probe.model.plan import Expectation, HttpCheck, Weights
from probe.model.record import Position, RecordState
from probe.model.service import NOT_CONNECTED, ServiceCheck, ServiceFailure, ServiceState, ServiceStatus
from probe.model.side import Side
from tests.judge.answers import at_position, instant, plan
from tests.judge.services import PRESENT, V2_ADDRESSES, checked
from tests.judge.story import Story

FAILURES, SAME_MOMENT, SUCCESSES = 3, 180.0, 2
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

FIRST, SECOND = V2_ADDRESSES
CONNECTED = Reach(instant(0))


def folded(checks: Iterable[ServiceCheck], *, cut_off: bool = False) -> ServiceStatus:
    service = ServiceStatus(Side.V2)
    for check in checks:
        service = fold(service, check, V2_ADDRESSES, cut_off=cut_off)
    return service


def failing(times: int, failure: ServiceFailure = ServiceFailure.STATUS, since: float = 0.0) -> list[ServiceCheck]:
    return [checked(since + 10 * turn, failure) for turn in range(times)]


def test_a_service_is_unknown_until_it_was_checked_and_up_when_every_address_works() -> None:
    assert ServiceStatus(Side.V2).state is ServiceState.UNKNOWN
    service = folded([checked(1), checked(2, address=SECOND)])
    assert service.state is ServiceState.UP
    assert service.since == instant(1)
    assert [one.check.address for one in service.addresses] == [FIRST, SECOND]


@pytest.mark.parametrize("failure", list(ServiceFailure))
def test_it_is_down_after_failures_in_a_row_and_not_before(failure: ServiceFailure) -> None:
    works = [checked(0)]
    assert folded(works + failing(FAILURES - 1, failure, 10)).state is ServiceState.UP
    down = folded(works + failing(FAILURES, failure, 10))
    assert down.state is ServiceState.DOWN
    assert down.since == instant(10 + 10 * (FAILURES - 1))


def test_what_never_worked_is_not_called_up_by_a_failure_that_is_not_confirmed() -> None:
    assert folded(failing(1)).state is ServiceState.UNKNOWN


def test_one_address_of_two_that_fails_is_a_service_that_is_down() -> None:
    assert folded([checked(0, address=SECOND), *failing(FAILURES)]).state is ServiceState.DOWN


def test_a_confirmed_failure_is_taken_back_only_after_checks_in_a_row_that_end_well() -> None:
    checks = failing(FAILURES)
    for turn in range(6):
        checks.append(checked(100 + 20 * turn))
        checks.append(checked(110 + 20 * turn, ServiceFailure.STATUS))
        assert folded(checks).state is ServiceState.DOWN
    checks += [checked(500 + turn) for turn in range(SUCCESSES)]
    assert folded(checks).state is ServiceState.UP


def test_an_address_that_its_load_balancer_does_not_show_any_more_is_forgotten_with_its_failure() -> None:
    down = folded([checked(0, address=SECOND), *failing(FAILURES)])
    assert forget(down, [SECOND], instant(90)).state is ServiceState.UP
    assert fold(down, checked(90, ServiceFailure.TIMEOUT), [SECOND], cut_off=False).state is ServiceState.UP
    assert forget(down, [], instant(90)).state is ServiceState.UNKNOWN


@given(st.lists(st.sampled_from([None, *ServiceFailure]), max_size=40))
def test_a_vantage_that_is_cut_off_accuses_only_by_what_it_has_really_seen(
    ends: list[ServiceFailure | None],
) -> None:
    service = folded((checked(turn, end) for turn, end in enumerate(ends)), cut_off=True)
    if service.state is ServiceState.DOWN:
        assert any(end is not None and end not in NOT_CONNECTED for end in ends)


@given(st.lists(st.booleans(), min_size=1, max_size=60))
def test_down_needs_failures_in_a_row_and_up_a_newest_check_that_ended_well_or_a_single_loss(bad: list[bool]) -> None:
    ends = [ServiceFailure.STATUS if one else None for one in bad]
    service = folded(checked(turn, end) for turn, end in enumerate(ends))
    longest = max((len(run) for run in "".join("x" if one else " " for one in bad).split()), default=0)
    if longest < FAILURES:
        assert service.state is not ServiceState.DOWN
    if service.state is ServiceState.UP:
        assert not all(bad[-FAILURES:]) or len(bad) < FAILURES


BAD, LOST = ServiceFailure.STATUS, ServiceFailure.TIMEOUT


def faltering(*ends: ServiceFailure | None, cut_off: bool = False) -> bool:
    (address,) = folded((checked(10 * turn, end) for turn, end in enumerate(ends)), cut_off=cut_off).addresses
    return falters(address)


@pytest.mark.parametrize(
    ("ends", "told"),
    [
        pytest.param([None, BAD, None, BAD, None], False, id="two spells"),
        pytest.param([None, BAD, None, BAD, BAD, None, BAD, None], True, id="three spells"),
        pytest.param([BAD, *[None] * 13, BAD, *[None] * 13, BAD, None], True, id="three spells within thirty checks"),
        pytest.param([BAD, *[None] * 13, BAD, *[None] * 13, BAD, None, None], False, id="the first is forgotten"),
        pytest.param([*[BAD] * 9, None, None, *[None] * 9], False, id="an outage that is over is one spell"),
        pytest.param([BAD, None, LOST, None, BAD, None, LOST, None], False, id="two spells beside lost checks"),
        pytest.param([LOST, None] * 10, False, id="ten that got no answer may be lost packets"),
        pytest.param([LOST, None] * 11, True, id="eleven are more than chance leaves"),
        pytest.param([LOST, LOST, None] * 5 + [LOST], True, id="eleven in six spells"),
    ],
)
def test_a_service_falters_when_it_fails_again_and_again_and_works_in_between(
    ends: list[ServiceFailure | None], *, told: bool
) -> None:
    assert faltering(*ends) is told


def test_what_a_vantage_that_is_cut_off_does_not_reach_is_no_faltering() -> None:
    assert not faltering(*[LOST, None] * 15, cut_off=True)


def test_checks_go_on_close_for_a_minute_after_a_failure_and_not_where_there_was_none() -> None:
    def settled(*ends: ServiceFailure | None) -> bool:
        return is_settled(folded(checked(10 * turn, end) for turn, end in enumerate(ends)).addresses[0])

    assert settled(None)
    assert not settled(None, BAD, *[None] * 5)
    assert settled(None, BAD, *[None] * 6)


def test_an_address_is_settled_when_nothing_waits_to_be_confirmed() -> None:
    def settled(checks: list[ServiceCheck], *, cut_off: bool = False) -> bool:
        return is_settled(folded(checks, cut_off=cut_off).addresses[0])

    assert settled([checked(0)])
    assert not settled(failing(FAILURES - 1))
    assert settled(failing(FAILURES))
    assert not settled([*failing(FAILURES), checked(60)])
    assert settled(failing(FAILURES, ServiceFailure.TIMEOUT), cut_off=True)  # or it would be asked in haste for ever


def test_a_vantage_is_cut_off_until_it_has_connected_anywhere() -> None:
    lost = notice(Reach(), checked(0, ServiceFailure.TIMEOUT))
    assert is_cut_off(Reach(), lost)
    assert not is_cut_off(notice(Reach(), checked(1, ServiceFailure.EXPIRED)), lost)


def test_a_vantage_that_loses_both_sides_at_once_is_cut_off_and_one_side_alone_is_that_sides_trouble() -> None:
    lost = notice(CONNECTED, checked(50, ServiceFailure.TIMEOUT))
    assert not is_cut_off(CONNECTED, lost)
    assert is_cut_off(notice(CONNECTED, checked(60, ServiceFailure.REFUSED)), lost)
    assert not is_cut_off(notice(CONNECTED, checked(50 + SAME_MOMENT + 1, ServiceFailure.TIMEOUT)), lost)
    assert not is_cut_off(Reach(), lost)  # the other side was never reached: it tells nothing


class Served(Story):
    """A domain with a check, told answer by answer and check by check."""

    def __init__(self, expectation: Expectation = Expectation.MOVING, weights: Weights | None = None) -> None:
        super().__init__(expectation, weights)
        (domain,) = plan(expectation, weights).domains
        self.state = initial(replace(domain, http=HttpCheck()), (TxtRegistry(),))

    def check(self, check: ServiceCheck, *, cut_off: bool = False) -> None:
        self.state, told = review_service(self.state, check, self.context, PRESENT, cut_off=cut_off)
        self.effects += told

    def fail(self, side: Side, since: float, failure: ServiceFailure = ServiceFailure.STATUS) -> None:
        for turn in range(FAILURES):
            self.check(checked(since + 10 * turn, failure, side=side, status=503))

    def opened(self) -> list[str]:
        return [finding.code for finding in self.status.findings]


def test_a_service_that_fails_where_the_name_leads_to_is_a_finding_with_address_and_reason() -> None:
    story = Served()
    story.stand(Position.V2, 0, 100)
    story.fail(Side.V2, 100)
    (finding,) = story.status.findings
    assert finding.code == "service-failing"
    assert finding.sentence == ("HTTPS of app.example.com fails on v2 (1 of 1 address), where it leads.")
    assert finding.facts[0].text == ("203.0.113.1 on v2 answers with a status that the plan does not accept (a detail)")
    assert "status 503" in finding.evidence[0]
    assert isinstance(story.effects[-1], FindingRaised)
    for turn in range(SUCCESSES):
        story.check(checked(200 + turn))
    assert isinstance(story.effects[-1], FindingCleared)
    assert not story.status.findings


def test_a_service_that_fails_now_and_then_is_a_warning_with_how_many_checks_failed_until_it_is_down() -> None:
    story = Served()
    story.stand(Position.V2, 0, 100)
    for turn, end in enumerate([None, BAD, None, None, BAD, BAD, None, None, BAD]):
        assert not story.opened()
        story.check(checked(100 + 10 * turn, end))
    story.check(checked(200, address=SECOND))
    story.wait(201)
    (finding,) = story.status.findings
    assert (finding.code, finding.severity) == ("service-failing", "warning")
    assert finding.sentence == "HTTPS of app.example.com fails now and then on v2, where it leads: 4 of 10 checks."
    assert [fact.text for fact in finding.facts] == [
        (
            "203.0.113.1 on v2: 4 of its last 9 checks failed; it answers with a status that the plan does not accept "
            "(a detail) then"
        )
    ]
    story.fail(Side.V2, 210)
    (finding,) = story.status.findings
    assert finding.severity == "critical"


def test_a_failure_that_is_not_taken_back_yet_is_told_beside_its_newest_check_that_works() -> None:
    story = Served()
    story.stand(Position.V2, 0, 100)
    story.fail(Side.V2, 100)
    story.check(checked(130))
    story.wait(131)
    assert story.status.findings[0].facts[0].text == (
        "203.0.113.1 on v2 answers with a status that the plan does not accept (a detail); its newest check works, "
        "which is not confirmed yet"
    )


def test_a_service_that_fails_where_nobody_is_led_to_is_none() -> None:
    story = Served()
    story.stand(Position.V1, 0, 100)
    story.fail(Side.V2, 100)
    assert story.status.services[1].state is ServiceState.DOWN
    assert not story.opened()
    story.stand(Position.V2, 130, 300)
    assert "service-failing" in story.opened()  # now the name leads there


def test_a_weighted_name_leads_to_both_sides() -> None:
    story = Served(Expectation.WEIGHTED, Weights(50, 50))
    for turn in range(60):
        sides = (Position.V1, Position.V2) if turn % 2 else (Position.V2, Position.V1)
        story.say([at_position(side) for side in (*sides, sides[turn % 3 > 0], sides[turn % 5 > 1])], 7.0 * turn)
        story.wait(7.0 * turn)
    assert story.status.state in {RecordState.WEIGHTED, RecordState.PROPAGATING, RecordState.FLAPPING}
    story.fail(Side.V1, 430)
    assert "service-failing" in story.opened()


def test_checks_never_change_what_is_said_of_the_records() -> None:
    story = Served()
    story.stand(Position.V2, 0, 100)
    before = story.status
    story.fail(Side.V2, 100)
    story.fail(Side.V1, 200)
    assert (story.status.state, story.status.records, story.status.txts) == (
        before.state,
        before.records,
        before.txts,
    )


def test_a_cut_off_vantage_raises_nothing() -> None:
    story = Served()
    story.stand(Position.V2, 0, 100)
    for turn in range(10):
        story.check(checked(100 + turn, ServiceFailure.TIMEOUT), cut_off=True)
    assert not story.opened()
    assert story.status.services[1].state is ServiceState.UNKNOWN


def test_a_side_that_has_no_address_any_more_is_unknown_and_its_failure_over() -> None:
    story = Served()
    story.stand(Position.V2, 0, 100)
    story.fail(Side.V2, 100)
    story.state, told = review_service(story.state, instant(200), story.context, {Side.V1: (), Side.V2: ()})
    assert [service.state for service in story.status.services] == [ServiceState.UNKNOWN] * 2
    assert any(isinstance(effect, FindingCleared) for effect in told)


def test_a_reload_keeps_what_is_known_of_a_service_unless_its_check_is_another() -> None:
    story = Served()
    story.check(checked(0))
    domain = story.status.domain
    assert adopt(story.state, replace(domain, wave="other"), (TxtRegistry(),)).status.services == story.status.services
    other = adopt(story.state, replace(domain, http=HttpCheck("/other")), (TxtRegistry(),)).status
    assert [service.state for service in other.services] == [ServiceState.UNKNOWN] * 2
    assert adopt(story.state, replace(domain, http=None), (TxtRegistry(),)).status.services == ()
