"""Set identifiers are no business of DNS: said to be unknown without a witness, and judged where one shows them."""

from dataclasses import replace

import pytest

from probe.judge.preflight.inputs import PreflightEvidence
from probe.judge.preflight.run import preflight
from probe.judge.preflight.set_identifiers import ANNOTATE, record_sets
from probe.model.check import Check, CheckOutcome
from probe.model.external_dns import ExternalDns
from probe.model.name import canonical
from probe.model.plan import Domain, Expectation, Routing, Step, Weights
from probe.model.record import Position
from probe.model.side import Side
from probe.model.witness import ClusterWish, Wanted, Witnessed, Written, WrittenSet
from tests.snapshots import calm, snapshot

APP = canonical("app.example.com")
WEIGHTED = Domain(APP, "wave-1", Expectation.WEIGHTED, Weights(70, 30))
BALANCER = {side: f"k8s-{side.value}-1.ap-northeast-2.elb.amazonaws.com" for side in Side}


def judged(domain: Domain, witnessed: Witnessed | None = None, *silences: str) -> Check:
    (check,) = record_sets(calm(domain, Position.V1), evidence_of(domain, witnessed, *silences))
    return check


def evidence_of(domain: Domain, witnessed: Witnessed | None, *silences: str) -> PreflightEvidence:
    look = snapshot((calm(domain, Position.V1),))
    sides = {side: replace(look.plan.side(side), load_balancers=(canonical(BALANCER[side]),)) for side in Side}
    plan = replace(look.plan, v1=sides[Side.V1], v2=sides[Side.V2])
    told = {} if witnessed is None else {domain.name: witnessed}
    return PreflightEvidence(replace(look, plan=plan), {}, witnessed=told, silences=silences)


def wish(side: Side, identifier: str, *, by_wildcard: bool = False) -> ClusterWish:
    setup = ExternalDns(side.value)
    return ClusterWish(
        side, "ingress/shop/web", setup, "dns/external-dns", set_identifier=identifier, by_wildcard=by_wildcard
    )


def wanted(v1: str | None = None, v2: str | None = None) -> Wanted:
    told = zip(Side, (v1, v2), strict=True)
    return Wanted((), tuple(wish(side, identifier) for side, identifier in told if identifier is not None))


def written(*sets: tuple[Side, str]) -> Written:
    return Written(
        sets=tuple(WrittenSet("A", (f"dualstack.{BALANCER[side]}",), name, 70 if name else None) for side, name in sets)
    )


@pytest.mark.parametrize(
    "domain", [WEIGHTED, replace(WEIGHTED, expectation=Expectation.V1, weights=None, routing=Routing.FAILOVER)]
)
def test_without_a_witness_identifiers_are_unknown_and_never_a_pass(domain: Domain) -> None:
    check = judged(domain)
    assert check.outcome is CheckOutcome.UNKNOWN
    assert check.sentence == (
        "v1's and v2's record is to have a set identifier that was not seen. No answer of DNS shows it: only the "
        "cluster's object and the hosted zone do."
    )
    assert "cutover-probe rehearse --v1 --v2 --zone" in check.remedy
    assert check in preflight(evidence_of(domain, None))


def test_a_domain_without_declared_sets_is_not_asked_for_any() -> None:
    plain = replace(WEIGHTED, expectation=Expectation.V1, weights=None)
    assert record_sets(calm(plain, Position.V1), evidence_of(plain, None)) == ()


def test_a_witness_that_told_nothing_is_named() -> None:
    said = "The witness route53 told nothing: No credentials were found."
    assert judged(WEIGHTED, Witnessed(None, None), said).sentence.endswith(said)


def test_both_clusters_with_identifiers_of_their_own_pass() -> None:
    check = judged(WEIGHTED, Witnessed(wanted("blue", "green")))
    assert (check.outcome, check.sentence) == (
        CheckOutcome.PASS,
        'The record sets have identifiers of their own: v1\'s "blue" and v2\'s "green".',
    )


def test_one_identifier_in_both_clusters_is_one_set() -> None:  # S31
    check = judged(WEIGHTED, Witnessed(wanted("web", "web")))
    assert (check.outcome, check.remedy) == (CheckOutcome.FAIL, ANNOTATE)
    assert 'Both sides\' record sets have the identifier "web": they are one set' in check.sentence


def test_an_object_without_an_identifier_keeps_the_other_sides_set_out() -> None:  # S10b
    check = judged(WEIGHTED, Witnessed(wanted("blue", "")))
    assert check.outcome is CheckOutcome.FAIL
    assert check.sentence.startswith("v2's record has no set identifier: Route 53 takes no record of a name beside")


def test_the_zone_tells_of_what_stands_and_the_cluster_of_what_comes() -> None:
    passed = judged(WEIGHTED, Witnessed(wanted(v2="green"), written((Side.V1, "blue"))))
    assert passed.outcome is CheckOutcome.PASS
    clash = judged(WEIGHTED, Witnessed(wanted(v2="blue"), written((Side.V1, "blue"))))
    assert clash.outcome is CheckOutcome.FAIL
    simple = judged(WEIGHTED, Witnessed(None, written((Side.V1, ""))))
    assert simple.outcome is CheckOutcome.FAIL
    assert simple.sentence.startswith("v1's record has no set identifier")
    both = judged(WEIGHTED, Witnessed(None, written((Side.V1, "blue"), (Side.V2, "green"))))
    assert both.outcome is CheckOutcome.PASS
    half = judged(WEIGHTED, Witnessed(None, written((Side.V1, "blue"))))
    assert half.outcome is CheckOutcome.UNKNOWN
    assert half.sentence.startswith("v2's record is to have a set identifier that was not seen.")


def test_what_a_wildcards_object_has_says_nothing_of_the_host() -> None:
    told = Wanted((), (wish(Side.V1, "blue"), wish(Side.V2, "", by_wildcard=True)))
    assert judged(WEIGHTED, Witnessed(told)).outcome is CheckOutcome.UNKNOWN


def test_what_only_the_schedule_makes_weighted_is_warned_of() -> None:
    later = replace(
        WEIGHTED,
        expectation=Expectation.V1,
        weights=None,
        upcoming=Step(0.0, Expectation.WEIGHTED, Weights(70, 30)),
    )
    assert judged(later, Witnessed(wanted("", "green"))).outcome is CheckOutcome.WARN
    assert judged(later).outcome is CheckOutcome.UNKNOWN
