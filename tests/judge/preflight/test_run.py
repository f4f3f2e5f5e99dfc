"""The checks of `preflight`, each by what it rests on."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from probe.judge.preflight.dns import records, resolvers, servers, ttl, weights, zone
from probe.judge.preflight.http import load_balancers, service
from probe.judge.preflight.inputs import PreflightEvidence, ZoneFacts
from probe.judge.preflight.rehearsal import rehearsed
from probe.judge.preflight.run import preflight
from probe.model.check import Check, CheckOutcome
from probe.model.delegation import DelegationProblem, ProblemReport
from probe.model.domain import DomainStatus
from probe.model.name import DomainName, canonical
from probe.model.outcome import FailureReason
from probe.model.plan import Expectation, HttpCheck, Identity, Step, Weights
from probe.model.question import RecordType
from probe.model.record import Position
from probe.model.service import ServiceAddress, ServiceCheck, ServiceFailure, ServiceState, ServiceStatus
from probe.model.side import AnswerClass, Side
from tests.judge.answers import RESOLVER, addresses, instant
from tests.judge.services import CERTIFICATE, checked
from tests.judge.story import Story
from tests.snapshots import NOW, RESOLVERS, calm, domain, fighting, migration, resolver_statuses, snapshot

HIGH_TTL, LOW_TTL = 300, 60
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

ZONE = DomainName("example.com.")


def moved(*, expectation: Expectation = Expectation.V1, position: Position = Position.V1) -> DomainStatus:
    return calm(domain("shop.example.com", "wave", expectation), position, owner="cluster-v1")


def outcomes(checks: Iterable[Check]) -> list[tuple[str, CheckOutcome]]:
    return [(check.name, check.outcome) for check in checks]


def with_ttl(*seconds: int, cached: int | None = None) -> DomainStatus:
    """A domain whose servers serve these TTLs, in their order."""
    story = Story(Expectation.V1)
    story.say([addresses(RecordType.A, "198.51.100.1", ttl=one) for one in seconds], 0, rdtypes=[RecordType.A])
    status = story.status
    if cached is None:
        return status
    told = resolver_statuses(status.domain.name, Position.V1)[0]._replace(server=RESOLVER, ttl=cached)
    return status._replace(resolvers=(told,))


def test_a_low_ttl_passes_and_a_high_one_says_how_long_to_wait() -> None:
    assert ttl(with_ttl(LOW_TTL, LOW_TTL, 60, 60)).outcome is CheckOutcome.PASS
    assert ttl(with_ttl(*[HIGH_TTL] * 4)).outcome is CheckOutcome.WARN
    high = ttl(with_ttl(60, 60, 3600, 60))
    assert high.outcome is CheckOutcome.FAIL
    assert "at ns-2.awsdns-02.org" in high.sentence
    assert "wait 60 min" in high.remedy
    assert ttl(Story().status).outcome is CheckOutcome.UNKNOWN


def test_a_cache_that_still_holds_the_long_ttl_is_waited_for() -> None:
    held = ttl(with_ttl(60, 60, 60, 60, cached=1800))
    assert (held.outcome, held.remedy) == (CheckOutcome.WARN, "Wait 30 min, and look again.")
    assert "resolver google" in held.sentence
    assert ttl(with_ttl(60, 60, 60, 60, cached=41)).outcome is CheckOutcome.PASS


def test_where_a_domain_stands_and_what_is_open_about_it() -> None:
    assert records(moved()).outcome is CheckOutcome.PASS
    assert records(moved(position=Position.V2)).outcome is CheckOutcome.WARN
    fight = records(fighting(domain("shop.example.com", "wave", Expectation.MOVING)))
    assert fight.outcome is CheckOutcome.FAIL
    assert fight.sentence.startswith("fight-same-owner: ")
    assert records(Story().status).outcome is CheckOutcome.UNKNOWN


def test_a_delegation_is_as_good_as_its_worst_problem() -> None:
    (sick,) = migration().delegations
    sound = replace(sick, problems=())
    assert [check.outcome for check in servers([sound, sick])] == [CheckOutcome.PASS, CheckOutcome.WARN]
    for problem in (DelegationProblem.PRIVATE, DelegationProblem.NOT_FOUND, DelegationProblem.INTERCEPTED):
        report = ProblemReport(problem, "example.com.", "It is so.")
        assert servers([replace(sick, problems=(report,))])[0].outcome is CheckOutcome.FAIL
    assert servers([replace(sound, servers=())])[0].outcome is CheckOutcome.FAIL


@pytest.mark.parametrize(
    ("facts", "negative", "dnssec"),
    [
        (ZoneFacts(60, delegation_signer=False, keys=False), CheckOutcome.PASS, CheckOutcome.PASS),
        (
            ZoneFacts(900, delegation_signer=True, keys=True, validated=("google",)),
            CheckOutcome.WARN,
            CheckOutcome.PASS,
        ),
        (ZoneFacts(60, delegation_signer=True, keys=True, unsigned=("ns-1",)), CheckOutcome.PASS, CheckOutcome.FAIL),
        (ZoneFacts(60, delegation_signer=True, keys=True, bogus=("google",)), CheckOutcome.PASS, CheckOutcome.FAIL),
        (ZoneFacts(60, delegation_signer=False, keys=True), CheckOutcome.PASS, CheckOutcome.PASS),
        (ZoneFacts(60, delegation_signer=None, keys=True), CheckOutcome.PASS, CheckOutcome.UNKNOWN),
        (ZoneFacts(60, delegation_signer=None, keys=False), CheckOutcome.PASS, CheckOutcome.PASS),
        (ZoneFacts(), CheckOutcome.UNKNOWN, CheckOutcome.UNKNOWN),
    ],
)
def test_a_zone_is_judged_by_its_denials_and_its_signatures(
    facts: ZoneFacts, negative: CheckOutcome, dnssec: CheckOutcome
) -> None:
    assert outcomes(zone(ZONE, facts)) == [("negative-ttl", negative), ("dnssec", dnssec)]


def test_resolvers_are_told_by_what_they_say_of_the_wave() -> None:
    def told(**changes: object) -> CheckOutcome:
        status = moved()
        said = tuple(one._replace(**changes) for one in status.resolvers if one.server.name == "quad9")  # type: ignore[arg-type]
        status = status._replace(resolvers=said)
        shot = snapshot((status,))
        shot = replace(shot, plan=replace(shot.plan, resolvers=tuple(one for one in RESOLVERS if one.name == "quad9")))
        (check,) = resolvers(PreflightEvidence(shot, {}))
        return check.outcome

    assert told() is CheckOutcome.PASS
    assert told(failure=FailureReason.TIMEOUT) is CheckOutcome.WARN
    assert told(answer_class=AnswerClass.NXDOMAIN) is CheckOutcome.WARN
    nobody = replace(snapshot(()), plan=replace(snapshot(()).plan, resolvers=()))
    assert resolvers(PreflightEvidence(nobody, {}))[0].outcome is CheckOutcome.WARN


def test_a_wave_that_is_to_be_weighted_beside_a_simple_record_is_warned_of() -> None:  # S10b
    status = moved()
    assert weights(status) == ()
    step = Step(1.0, Expectation.WEIGHTED, Weights(90, 10))
    later = status._replace(domain=replace(status.domain, schedule=(Step(None, Expectation.V1, None), step)))
    (check,) = weights(later)
    assert (check.outcome, "without a word in DNS" in check.sentence) == (CheckOutcome.WARN, True)


def test_a_load_balancer_of_v2_without_an_address_fails() -> None:
    shot = migration()
    assert outcomes(load_balancers(shot)) == [("load-balancer", CheckOutcome.PASS)]
    gone = replace(shot, targets=tuple(one for one in shot.targets if one.side is Side.V1))
    assert outcomes(load_balancers(gone)) == [("load-balancer", CheckOutcome.FAIL)]


def served(
    v1: ServiceCheck | None,
    v2: ServiceCheck | None,
    *,
    down: bool = False,
    identity: Identity | None = None,
) -> list[Check]:
    """A domain with these newest checks, judged."""
    bare = moved()
    http = HttpCheck(identity=identity)

    def of(side: Side, check: ServiceCheck | None) -> ServiceStatus:
        if check is None:
            return ServiceStatus(side)
        failing = down and side is Side.V2
        state = ServiceState.DOWN if failing else ServiceState.UP if check.failure is None else ServiceState.UNKNOWN
        return ServiceStatus(side, state, instant(0), (ServiceAddress(check, 3, failing, instant(0)),))

    status = bare._replace(domain=replace(bare.domain, http=http), services=(of(Side.V1, v1), of(Side.V2, v2)))
    return list(service(status, instant(0)))


def test_a_service_that_both_sides_serve_alike_passes() -> None:
    checks = served(checked(0, side=Side.V1), checked(0))
    assert outcomes(checks) == [(name, CheckOutcome.PASS) for name in ("service", "certificate", "difference")]


def test_differences_of_status_headers_and_certificates_are_written_out_except_for_the_identity() -> None:
    old = checked(0, side=Side.V1, headers=(("x-cluster", "one"), ("server", "nginx")))
    new = checked(
        0,
        status=204,
        headers=(("x-cluster", "two"), ("x-new", "1")),
        certificate=CERTIFICATE._replace(names=("other.example.com",)),
    )
    difference = served(old, new, identity=Identity("x-cluster", "one", "two"))[-1]
    assert difference.outcome is CheckOutcome.WARN
    assert difference.sentence == (
        "The sides differ: status 200 on v1, 204 on v2; server: nginx on v1, absent on v2; x-new: absent on v1, "
        "1 on v2; v2's certificate lacks app.example.com."
    )


def test_a_service_that_v2_does_not_serve_fails_with_the_reason() -> None:
    failed = served(checked(0, side=Side.V1), checked(0, ServiceFailure.NAME_MISMATCH), down=True)[0]
    assert failed.outcome is CheckOutcome.FAIL
    assert "203.0.113.1 has a certificate for other names" in failed.sentence
    assert outcomes(served(None, checked(0, ServiceFailure.TIMEOUT)))[0] == ("service", CheckOutcome.UNKNOWN)
    assert outcomes(served(None, None)) == [("service", CheckOutcome.UNKNOWN)]


def test_a_certificate_that_ends_soon_is_said() -> None:
    soon = CERTIFICATE._replace(not_after=instant(0).wall + 3 * 86_400)
    assert served(None, checked(0, certificate=soon))[1].outcome is CheckOutcome.WARN


def test_a_domain_without_a_check_is_said_to_be_unchecked_and_a_wildcard_is_not() -> None:
    assert outcomes(service(moved(), NOW)) == [("service", CheckOutcome.WARN)]
    assert service(calm(domain("*.example.com", "wave", Expectation.V1), Position.V1), NOW) == ()


def test_what_the_rehearsal_cannot_play_does_not_pass() -> None:
    shot = snapshot((moved(position=Position.FOREIGN),))
    told = [check for check in rehearsed(PreflightEvidence(shot, {})) if "was not played" in check.sentence]
    assert [check.outcome for check in told] == [CheckOutcome.WARN]


def test_every_check_that_does_not_pass_says_what_to_do() -> None:
    shot = migration(blind=True)
    shot = replace(shot, domains=tuple(status for status in shot.domains if status.sentence))
    for check in preflight(
        PreflightEvidence(shot, {ZONE: ZoneFacts(), canonical("empty.example"): ZoneFacts(900, bogus=("g",))})
    ):
        assert check.sentence
        assert check.outcome is CheckOutcome.PASS or check.remedy, check
