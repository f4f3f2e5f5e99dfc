"""A wave's page answers in words: may it move, has it moved everywhere, when may v1 go, is it confirmed."""

from dataclasses import replace

import pytest

from probe.judge.acceptance.waves import waves
from probe.model.check import Check, CheckOutcome
from probe.model.decommission import Decommission, Precondition
from probe.model.domain import DomainStatus
from probe.model.outcome import FailureReason
from probe.model.plan import Expectation
from probe.model.question import RecordType
from probe.model.record import Position, Transition
from probe.model.side import AnswerClass
from probe.model.snapshot import Snapshot
from probe.web.wave import readiness, resolver_line, server_words, servers_opened
from tests.snapshots import NOW, ago, calm, domain, migration, snapshot
from tests.web.markup import Page
from tests.web.ports import Far, get

PASSED = Check("ttl", "api.example.com", CheckOutcome.PASS, "Its servers serve at most 60 s.")
WARNED = Check("resolvers", "google", CheckOutcome.WARN, "It is slow.", "Ask another.")
FAILED = Check("ownership", "api.example.com", CheckOutcome.FAIL, "v2 would not take it over.", "Give it the flag.")


def moved(name: str = "api.example.com.", expectation: Expectation = Expectation.V2) -> DomainStatus:
    return calm(domain(name, "core-api", expectation), Position.V2)


def page(of: Snapshot, *checks: Check) -> Page:
    answer = get("/waves/core-api", Far(snapshot=of, checks=checks))
    assert answer.status_code == 200
    found = Page(answer.text)
    assert found.faults == []
    return found


@pytest.mark.case("E5")
def test_before_the_move_it_says_whether_the_wave_may_move_and_what_is_in_the_way_first() -> None:
    told = calm(domain("api.example.com.", "core-api", Expectation.V1), Position.V1)
    text = page(snapshot((told,)), PASSED, WARNED, FAILED).text
    assert "May it move now? It must not move yet." in text
    assert text.index("v2 would not take it over.") < text.index("It is slow.")
    assert "Do: Give it the flag." in text
    assert "Its servers serve at most 60 s." not in text
    assert "cutover-probe preflight --config plan.yaml --wave core-api" in text


@pytest.mark.case("E5")
def test_after_the_move_it_says_how_far_it_has_come_at_servers_resolvers_and_caches() -> None:
    text = page(snapshot((moved(),))).text
    assert "May it move now?" not in text
    assert "All servers of its only domain lead where the plan wants it (v2)." in text
    assert "A and AAAA: 4 of 4 servers answer v2, newest 09:59:57" in text
    assert "free of v1 from 2027-01-15 10:00:20 UTC on" in text


@pytest.mark.case("E5")
def test_a_wave_that_moves_has_arrived_once_it_is_on_v2() -> None:
    """What the plan expects of it is no place: `moving` would be nobody's state."""
    there = calm(domain("api.example.com.", "core-api", Expectation.MOVING), Position.V2)
    here = calm(domain("auth.example.com.", "core-api", Expectation.MOVING), Position.V1)
    assert (
        "All servers of its only domain lead to v2, and the plan expects it to be moving."
        in page(snapshot((there,))).text
    )
    assert (
        "At 1 of 2 domains all servers lead to v2, and the plan expects them to be moving."
        in page(snapshot((there, here))).text
    )


@pytest.mark.case("E5")
def test_it_says_when_v1_may_go_for_each_domain_or_what_it_waits_for() -> None:
    waits = Check(Precondition.DRAINED.value, "a", CheckOutcome.FAIL, "Caches may lead to v1.", "Wait.")
    held = Check(Precondition.RELEASED.value, "b", CheckOutcome.FAIL, "a-b names v1's owner.", "Stop v1's ExternalDNS.")
    one = moved("a.example.com.")._replace(decommission=Decommission(CheckOutcome.FAIL, (waits,), at=ago(-60)))
    other = moved("b.example.com.")._replace(decommission=Decommission(CheckOutcome.FAIL, (held,)))
    timed = page(_with_waves(snapshot((one,)))).text
    assert "When may v1 go? at 10:01:00, in 60 s" in timed
    both = page(_with_waves(snapshot((one, other)))).text
    assert "When may v1 go? not yet" in both
    assert "at 2027-01-15 10:01:00 UTC" in both
    assert "released : a-b names v1's owner. Do: Stop v1's ExternalDNS." in both


@pytest.mark.case("E5")
def test_a_confirmation_after_a_way_back_is_that_of_the_rollback() -> None:
    told = calm(domain("api.example.com.", "core-api", Expectation.V1), Position.V1)
    assert "Is it confirmed?" in page(snapshot((told,))).text
    back = Transition(ago(600), Position.V2, Position.V1, reversal=True)
    records = tuple(record._replace(recent=(back,)) for record in told.records)
    assert "Is the rollback confirmed?" in page(snapshot((told._replace(records=records),))).text


@pytest.mark.case("E5")
def test_what_does_not_hold_always_says_why() -> None:
    of = migration()
    for wave in of.waves:
        text = Page(get(f"/waves/{wave.wave.name}", Far(snapshot=of)).text).text
        missing = [
            one.sentence
            for status in of.domains
            if status.domain.wave == wave.wave.name
            for one in status.confirmation.criteria
            if not one.outcome.holds
        ]
        assert all(sentence in text for sentence in missing)


def test_a_wave_that_the_plan_does_not_have_is_said_not_to_be_there() -> None:
    answer = get("/waves/nope", headers={"accept": "text/html"})
    assert answer.status_code == 404
    assert "nope is not a wave of the plan." in answer.text


def test_equal_answers_are_one_line_and_others_are_counted_apart() -> None:
    record = moved().records[0]
    assert server_words(record) == "4 of 4 servers answer v2, newest 09:59:57"
    assert servers_opened([record]) == set()
    first, *rest = record.servers
    apart = record._replace(servers=(first._replace(answer_class=AnswerClass.V1), *rest))
    assert server_words(apart) == "3 of 4 servers answer v2 and 1 of 4 servers answers v1, newest 09:59:57"
    assert servers_opened([record, apart]) == {RecordType.A}
    silent = record._replace(servers=(first._replace(failure=FailureReason.TIMEOUT), *rest))
    assert server_words(silent).endswith("; ns-11.awsdns-11.com silent")
    assert servers_opened([silent]) == {RecordType.A}
    family = apart._replace(rdtype=RecordType.AAAA)
    assert servers_opened([apart, family]) == {RecordType.A}
    assert servers_opened([silent, family]) == {RecordType.A, RecordType.AAAA}


def test_resolvers_are_one_line_too() -> None:
    assert resolver_line(moved()._replace(resolvers=())) == "no resolver is watched"
    assert resolver_line(moved()).startswith("2 of 2 resolvers serve v2")


@pytest.mark.parametrize(
    ("checks", "headline"),
    [
        ((PASSED,), "It may move: every check passes."),
        ((PASSED, WARNED), "It may move; look at the warnings first."),
        ((WARNED, FAILED), "It must not move yet."),
        ((), "Not known yet whether it may move."),
    ],
)
def test_the_worst_check_decides(checks: tuple[Check, ...], headline: str) -> None:
    assert readiness(checks).headline == headline


def test_checks_that_say_the_same_of_several_domains_are_one_line() -> None:
    unseen = Check("service", "a.example.com", CheckOutcome.WARN, "It was not looked at.", "Give it a check.")
    (one,) = readiness((unseen, PASSED, unseen._replace(subject="b.example.com"))).open
    assert one == unseen._replace(subject="a.example.com and b.example.com")


def _with_waves(of: Snapshot) -> Snapshot:
    return replace(of, at=NOW, waves=waves(of.plan, of.domains))
