"""Which findings a domain's status gives, and the sentences that people read."""

from dataclasses import replace

import pytest

from probe.judge.acceptance.criteria_answers import authoritative
from probe.judge.acceptance.expectation import verdict
from probe.judge.answer.address_book import open_book
from probe.judge.context import Context
from probe.judge.findings.diagnose import diagnose
from probe.judge.findings.servers import server_divided
from probe.model.check import CheckOutcome
from probe.model.finding import FindingCode, Severity
from probe.model.outcome import FailureReason, NoResponse
from probe.model.plan import Expectation, SidePlan, Weights
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position, RecordState
from probe.model.side import Side
from tests.judge.answers import (
    ADDRESSES,
    SERVERS,
    V1_BALANCER,
    V2_BALANCER,
    addresses,
    at_position,
    context,
    instant,
    nodata,
    observed,
    plan,
)
from tests.judge.story import TXT, Story, expecting, owned
from tests.judge.wording import whole

MAX_EVIDENCE, REFUSALS, TOGETHER = 28, 4, 15.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


def test_a_laggard_is_one_that_stands_on_v1_and_its_owner_is_named() -> None:
    story = Story(Expectation.V2)
    story.hear(observed(owned("cluster-one"), 0, rdtype=RecordType.TXT, name=TXT))
    story.stand(Position.V1, 0, 100)
    assert story.codes == set()
    story.stand(Position.V1, 101, 240)
    assert story.codes == {"laggard"}
    assert 'Owners: "cluster-one"' in whole(story.status.findings[0])
    assert verdict(story.status).outcome is CheckOutcome.FAIL
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
    assert "Resolvers may cache the negative answer for 15 min after the record is back" in whole(finding)
    assert "no longer exists" in story.status.sentence


def test_a_name_that_never_existed_is_no_outage_but_does_not_hold() -> None:
    story = Story(Expectation.V2)
    story.stand(Position.ABSENT, 0, 60)
    assert story.status.state is RecordState.ABSENT
    assert "does not exist" in story.status.sentence
    assert story.codes == set()
    assert verdict(story.status).outcome is CheckOutcome.FAIL


@pytest.mark.parametrize("servers", [2, 4])
def test_servers_that_have_never_agreed_are_told_of_together(servers: int) -> None:
    story = Story(Expectation.V1, surroundings=context(*SERVERS[:servers]))
    for second in range(0, 300, 4):
        for number in range(servers):
            for rdtype in ADDRESS_TYPES:
                position = Position.V1 if number < servers // 2 else Position.V2
                story.hear(observed(at_position(position, rdtype), second, SERVERS[number], rdtype))
        story.wait(second)
        assert second > 60 or not story.codes
    assert story.status.state is RecordState.DIVIDED
    assert story.codes == {"server-divided"}
    (finding,) = story.status.findings
    apart = "its authoritative servers stand against each other, and no side has most of them"
    assert finding.sentence == f"app.example.com (A and AAAA): {apart}."
    who = {2: "ns-0.awsdns-00.com (192.0.2.50) answers", 4: "2 of 4 servers answer"}
    assert any(f"{who[servers]} v1 for A:" in line for line in finding.evidence)


@pytest.mark.parametrize("state", [RecordState.FLAPPING, RecordState.WEIGHTED])
def test_no_server_is_accused_of_one_family_while_the_other_one_is_unsteady(state: RecordState) -> None:
    story = Story()
    story.stand(Position.V1, 0, 60)
    for turn in range(60):
        story.say([at_position(Position.V1)] * 3 + [at_position(Position.V2)], 61 + 3.0 * turn, rdtypes=[RecordType.A])
        story.wait(62 + 3.0 * turn)
    assert story.codes == {"server-divided"}
    assert (
        "ns-3.awsdns-03.co.uk keeps answering v2 for app.example.com A, unlike the zone's other servers."
        in story.status.findings[0].sentence
    )
    a, aaaa = story.status.records
    beside = story.state.with_status(story.status._replace(records=(a, aaaa._replace(state=state))))
    assert server_divided(beside, instant(300), story.context) is None


def test_a_silent_server_is_reported_only_while_others_answer() -> None:
    story = Story()
    story.stand(Position.V1, 0, 60)
    for turn in range(40):
        at = 61 + 7.0 * turn
        story.say(
            [at_position(Position.V1)] * 3 + [NoResponse(FailureReason.REFUSED)], at, times=1, rdtypes=[RecordType.A]
        )
        story.say([at_position(Position.V1, RecordType.AAAA)] * 4, at, times=1, rdtypes=[RecordType.AAAA])
        story.wait(at)
    assert story.codes == {"server-divided"}
    assert "ns-3.awsdns-03.co.uk gives no answer for app.example.com (refused)" in story.status.findings[0].sentence


def test_a_probe_that_is_behind_accuses_no_server_and_takes_no_word_back() -> None:
    story = Story()
    story.stand(Position.V1, 0, 60)
    stuck = [at_position(Position.V1)] * 3 + [at_position(Position.V2)]

    def go_on(begin: float, until: float, *, behind: bool) -> None:
        story.context = story.context._replace(behind=behind)
        for turn in range(int((until - begin) / 3)):
            story.say(stuck, begin + 3.0 * turn, rdtypes=[RecordType.A])
            story.wait(begin + 3.0 * turn + 1)

    go_on(61, 240, behind=True)
    assert (story.status.state, story.raised()) == (RecordState.DIVIDED, [])
    go_on(240, 300, behind=False)
    assert story.raised() == ["server-divided"]
    go_on(300, 400, behind=True)
    assert (story.raised(), story.cleared()) == (["server-divided"], [])


def _failing(story: Story, at: float, failure: FailureReason, times: int = 1) -> None:
    """Let one server of four give no answer, and pass the time in which a server is wrong about one domain alone."""
    story.say([*[at_position(Position.V1)] * 3, NoResponse(failure)], at, times=times)
    story.wait(at + 1)
    story.wait(at + 1 + TOGETHER)


@pytest.mark.parametrize(("loss", "timeouts"), [(0.0, 12), (0.4, 12), (0.6, 22), (0.75, 39)])
def test_silence_about_one_name_is_told_from_the_loss_of_every_server(loss: float, timeouts: int) -> None:
    story = Story()
    story.context = story.context._replace(loss=loss)
    for number in range(timeouts):
        assert story.codes == set()
        _failing(story, 20.0 * number, FailureReason.TIMEOUT)
    assert story.codes == {"server-divided"}


def test_a_server_that_was_told_of_stays_told_of_however_it_fails_next() -> None:
    story, beside = Story(), Story()
    _failing(story, 0, FailureReason.REFUSED, REFUSALS)
    _failing(beside, 0, FailureReason.TIMEOUT, REFUSALS + 1)
    assert (story.codes, beside.codes) == ({"server-divided"}, set())
    _failing(story, 20, FailureReason.TIMEOUT)
    assert (story.codes, story.cleared()) == ({"server-divided"}, [])


def test_what_was_said_of_a_server_that_fails_for_every_name_stands_until_it_is_told_of_as_a_whole() -> None:
    story, beside, bad = Story(), Story(), frozenset({SERVERS[3]})
    _failing(story, 0, FailureReason.REFUSED, REFUSALS)
    story.context = beside.context = story.context._replace(failing=bad)
    for one in (story, beside):
        _failing(one, 20, FailureReason.REFUSED, REFUSALS)
    assert (story.codes, beside.codes) == ({"server-divided"}, set())
    story.context = story.context._replace(reported=bad)
    _failing(story, 40, FailureReason.REFUSED)
    assert story.codes == set()


@pytest.mark.parametrize(("position", "side"), [(Position.V1, "v1"), (Position.V2, "v2")])
def test_declared_weights_of_which_one_side_never_answers_are_one_sided(position: Position, side: str) -> None:
    story = Story(Expectation.WEIGHTED, Weights(50, 50))
    story.stand(position, 0, 14)
    assert story.codes == set()
    assert verdict(story.status).outcome is CheckOutcome.UNKNOWN
    story.stand(position, 15, 120)
    assert story.codes == {"weights-one-sided"}
    assert f"but A and AAAA lead to {side} only." in story.status.findings[0].sentence
    assert f"led to {side} in all of its" in whole(story.status.findings[0])
    assert verdict(story.status).outcome is CheckOutcome.FAIL


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
    assert "is expected on v1 and still leads to v2" in story.status.findings[0].sentence


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


def test_each_finding_says_what_happens_in_one_sentence() -> None:
    """What people read in the page, the log and the pager, word by word."""
    told = {}
    story = Story(Expectation.V2)
    story.hear(observed(owned("cluster-one"), 0, rdtype=RecordType.TXT, name=TXT))
    story.stand(Position.V1, 0, 240)
    told["laggard"] = whole(story.status.findings[0])
    story = Story(Expectation.V2)
    story.stand(Position.V2, 0, 300)
    story.stand(Position.V1, 301, 400, 2.0)
    told["reverted"] = whole(story.status.findings[0])
    story.stand(Position.ABSENT, 401, 430, 2.0)
    told["outage"] = whole(story.status.findings[0])
    story = Story(Expectation.V1)
    story.stand(Position.V2, 0, 60)
    told["premature"] = whole(story.status.findings[0])
    assert told == {
        "laggard": (
            "app.example.com (A and AAAA) is expected on v2 and still leads to v1.\n"
            'Owners: "cluster-one"\n'
            "Cause: v2's ExternalDNS does not change records of another owner"
        ),
        "reverted": (
            "app.example.com (A and AAAA) was on v2, where it is expected, and leads to v1 again.\n"
            "Last change: It left v2 at 2026-09-21 14:18:21 UTC"
        ),
        "outage": (
            "app.example.com no longer has its A and AAAA records at its authoritative servers.\n"
            "Since: 2026-09-21 14:20:01 UTC\n"
            "Caches: Resolvers may cache the negative answer for 15 min after the record is back"
        ),
        "premature": "app.example.com (A and AAAA) is expected on v1 and already leads to v2.",
    }


def test_while_nothing_is_known_nothing_is_accused_and_nothing_is_forgiven() -> None:
    story = Story(Expectation.V1)
    story.stand(Position.V2, 0, 60)
    before = story.status.findings
    unknown = story.status._replace(state=RecordState.UNKNOWN)
    assert diagnose(story.state.with_status(unknown), instant(61), story.context).findings == before
    forgiven = story.state.with_status(unknown._replace(findings=()))
    assert diagnose(forgiven, instant(61), story.context).findings == ()


def test_an_open_finding_keeps_the_time_since_when_it_is_open_and_its_evidence_is_bounded() -> None:
    story = Story(Expectation.V1)
    story.stand(Position.V2, 0, 600)
    (finding,) = story.status.findings
    assert finding.since == instant(7.0).wall
    assert 0 < len(finding.evidence) <= MAX_EVIDENCE


def without_ipv6_on_v2() -> Context:
    """Give load balancers that were looked up: v1's are dual stack, and v2's have IPv4 addresses alone."""
    known = open_book(replace(plan(), v1=SidePlan(Side.V1, (V1_BALANCER,)), v2=SidePlan(Side.V2, (V2_BALANCER,))))
    for rdtype in ADDRESS_TYPES:
        shown = addresses(rdtype, *ADDRESSES[Position.V1, rdtype], name=V1_BALANCER)
        known = known.learn(Side.V1, V1_BALANCER, shown, instant(0), rdtype)
    shown = addresses(RecordType.A, *ADDRESSES[Position.V2, RecordType.A], name=V2_BALANCER)
    known = known.learn(Side.V2, V2_BALANCER, shown, instant(0), RecordType.A)
    return context(known=known.learn(Side.V2, V2_BALANCER, nodata(), instant(0), RecordType.AAAA))


def moved_without_aaaa(aaaa: Position) -> Story:
    story = Story(Expectation.V2, surroundings=without_ipv6_on_v2())
    story.stand(Position.V1, 0, 300)
    for second in range(301, 500, 2):
        for server in SERVERS:
            story.hear(observed(at_position(Position.V2), second, server))
            answer = nodata() if aaaa is Position.ABSENT else at_position(aaaa, RecordType.AAAA)
            story.hear(observed(answer, second, server, RecordType.AAAA))
        story.wait(second)
    return story


def test_a_family_that_the_new_sides_load_balancers_lack_is_no_outage_to_be_led_back() -> None:
    """The usual advice is to create A and AAAA again: an AAAA could only lead to v1, and would split the clients."""
    (found,) = moved_without_aaaa(Position.ABSENT).status.findings
    assert (found.code, found.severity) == (FindingCode.OUTAGE, Severity.WARNING)
    assert (
        found.sentence == "app.example.com no longer has an AAAA record, and v2's load balancers have no such address."
    )
    assert found.remedy.startswith("Decide whether the name is to be reached by that family.")
    assert "Create none that leads to the other side" in found.remedy


def test_a_name_whose_family_went_because_its_side_lacks_it_is_on_that_side_and_not_absent() -> None:
    status = moved_without_aaaa(Position.ABSENT).status
    assert status.state is RecordState.V2
    assert status.sentence == (
        "app.example.com leads to v2 at all 4 servers since 2026-09-21 14:18:31 UTC; it no longer has AAAA, which no "
        "load balancer there has; expected v2."
    )
    outcome, _ = authoritative(status, instant(500), without_ipv6_on_v2())
    assert outcome is CheckOutcome.PASS


def test_a_family_that_its_side_lacks_is_missed_for_half_an_hour_and_keeps_no_wave_from_being_confirmed() -> None:
    story, gone = moved_without_aaaa(Position.ABSENT), 303.0
    for second in range(500, 2300, 7):
        told = "outage" in story.codes
        for server in SERVERS:
            story.hear(observed(at_position(Position.V2), second, server))
            story.hear(observed(nodata(), second, server, RecordType.AAAA))
        story.wait(second)
        if told and "outage" not in story.codes:
            assert 1_790 <= second - gone <= 1_820
    assert "outage" not in story.codes
    assert story.status.state is RecordState.V2


def test_a_name_that_lost_a_family_which_its_side_has_is_absent_by_it() -> None:
    story = Story(Expectation.V1)
    story.stand(Position.V1, 0, 300)
    for second in range(301, 500, 2):
        for server in SERVERS:
            story.hear(observed(at_position(Position.V1), second, server))
            story.hear(observed(nodata(), second, server, RecordType.AAAA))
        story.wait(second)
    assert story.status.state is RecordState.ABSENT


def test_a_family_that_stays_because_v2_lacks_it_is_a_laggard_of_addresses_and_not_of_ownership() -> None:
    story = moved_without_aaaa(Position.V1)
    story.wait(700)
    laggard = next(one for one in story.status.findings if one.code is FindingCode.LAGGARD)
    assert laggard.sentence == (
        "app.example.com (AAAA) still leads to v1, and v2's load balancers have no such address."
    )
    assert laggard.remedy.startswith("Decide whether the name is to be reached by that family.")


def test_while_both_families_wait_for_v2_the_one_that_it_lacks_is_told_to_stay() -> None:
    story = Story(Expectation.V2, surroundings=without_ipv6_on_v2())
    story.stand(Position.V1, 0, 300)
    laggard = next(one for one in story.status.findings if one.code is FindingCode.LAGGARD)
    assert laggard.sentence == "app.example.com (A and AAAA) is expected on v2 and still leads to v1."
    assert laggard.facts[-1].text == "AAAA stays where it is: v2's load balancers have no such address"
    assert "owner" in laggard.remedy


def test_a_family_that_stays_on_v2_because_v1_lacks_it_is_premature_by_its_addresses() -> None:
    known = open_book(replace(plan(), v1=SidePlan(Side.V1, (V1_BALANCER,)), v2=SidePlan(Side.V2, (V2_BALANCER,))))
    for rdtype in ADDRESS_TYPES:
        shown = addresses(rdtype, *ADDRESSES[Position.V2, rdtype], name=V2_BALANCER)
        known = known.learn(Side.V2, V2_BALANCER, shown, instant(0), rdtype)
    shown = addresses(RecordType.A, *ADDRESSES[Position.V1, RecordType.A], name=V1_BALANCER)
    known = known.learn(Side.V1, V1_BALANCER, shown, instant(0), RecordType.A)
    known = known.learn(Side.V1, V1_BALANCER, nodata(), instant(0), RecordType.AAAA)
    story = Story(Expectation.V2, surroundings=context(known=known))
    story.stand(Position.V2, 0, 300)
    expecting(story, Expectation.V1)
    for second in range(301, 500, 2):
        for server in SERVERS:
            story.hear(observed(at_position(Position.V1), second, server))
            story.hear(observed(at_position(Position.V2, RecordType.AAAA), second, server, RecordType.AAAA))
        story.wait(second)
    premature = next(one for one in story.status.findings if one.code is FindingCode.PREMATURE)
    assert premature.sentence == (
        "app.example.com (AAAA) still leads to v2, and v1's load balancers have no such address."
    )


def test_a_family_that_stayed_because_the_new_side_lacks_it_has_that_for_its_cause() -> None:
    split = next(one for one in moved_without_aaaa(Position.V1).status.findings if one.code is FindingCode.FAMILY_SPLIT)
    assert split.severity is Severity.CRITICAL
    assert "Cause: v2's load balancers have no AAAA address" in whole(split)
    assert split.remedy.startswith("Decide whether the name is to be reached by that family.")
    deletes_nothing, let_go = (
        split.remedy.index(step) for step in ("--policy=upsert-only first", "take the host away")
    )
    assert deletes_nothing < let_go  # with one owner id and sync it would delete the family that moved
