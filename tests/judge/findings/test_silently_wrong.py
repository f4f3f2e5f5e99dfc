"""What was silently wrong has a word: mixed answers, weights that nobody declared, ownership that stayed behind.

The last test walks the whole table of states, expectations and record types: whatever a user would mind has a finding,
or at least does not hold.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import pytest

from probe.judge.acceptance.expectation import verdict
from probe.judge.record.weighted import goes_astray
from probe.model.check import CheckOutcome
from probe.model.finding import Severity
from probe.model.outcome import Response, RRset
from probe.model.plan import Expectation, Routing, Weights
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position, RecordState
from probe.model.side import Side
from probe.model.witness import SetsRead, WrittenSet
from tests.judge.answers import ADDRESSES, NAME, SERVERS, V1_BALANCER, addresses, at_position, instant, nodata, observed
from tests.judge.ownership.owned import NEW, Owned, owned, with_versions
from tests.judge.story import Story
from tests.judge.wording import whole

ASTRAY = 900.0
"""As the cases below need it: whoever moves a threshold moves its figure here as well, and its reason there."""


V1, V2, MIXED = Position.V1, Position.V2, Position.MIXED


@pytest.mark.case("A2")
@pytest.mark.parametrize("expectation", list(Expectation))
def test_both_sides_in_one_answer_are_critical_whatever_is_expected(expectation: Expectation) -> None:
    story = Story(expectation)
    story.stand(MIXED, 0, 60)
    assert story.status.state is RecordState.DIVIDED
    assert "mixed-target" in story.codes
    (found,) = (finding for finding in story.status.findings if finding.code == "mixed-target")
    assert found.severity is Severity.CRITICAL
    assert found.sentence == ("app.example.com (A and AAAA) has addresses of v1 and v2 in one answer.")
    assert verdict(story.status).outcome is CheckOutcome.FAIL


def test_a_family_that_is_mixed_beside_one_that_is_not_is_named_alone() -> None:
    story = Story(Expectation.V2)
    for turn in range(10):
        story.say([at_position(MIXED)] * 4, 7.0 * turn, rdtypes=[RecordType.A])
        story.say([at_position(V2, RecordType.AAAA)] * 4, 7.0 * turn, rdtypes=[RecordType.AAAA])
    assert [finding.sentence.split(")")[0] for finding in story.status.findings if finding.code == "mixed-target"] == [
        "app.example.com (A"
    ]


def test_a_record_that_becomes_mixed_and_is_mended_again_raises_it_once() -> None:
    story = Story(Expectation.MOVING)
    story.stand(V1, 0, 120)
    story.stand(MIXED, 127, 240)
    assert "mixed-target" in story.codes
    story.stand(V1, 247, 400)
    assert "mixed-target" in story.cleared()
    assert story.raised().count("mixed-target") == 1


def _beside(story: Story, strangers: Sequence[str], since: float, until: float, *, growing: bool = False) -> None:
    """Let all servers answer v1's address and others with it; the load balancers' names are answered all the time."""
    at = since
    while at <= until:
        book = story.context.book
        story.context = story.context._replace(book=replace(book, answered=dict.fromkeys(book.names, instant(at))))
        for number, server in enumerate(SERVERS):
            shown = strangers if not growing else [f"192.0.2.{100 + (int(at) + number) % 50}"]
            story.hear(observed(addresses(RecordType.A, *ADDRESSES[V1, RecordType.A], *shown), at, server))
            story.hear(observed(at_position(V1, RecordType.AAAA), at, server, RecordType.AAAA))
        story.wait(at)
        at += 7.0


@pytest.mark.case("A2")
@pytest.mark.parametrize("expectation", [Expectation.V1, Expectation.MOVING])
def test_an_address_of_nobody_beside_a_sides_own_is_told_of_once_the_address_book_could_know_it(
    expectation: Expectation,
) -> None:
    story = Story(expectation)
    _beside(story, [], 0, 60)
    assert verdict(story.status).outcome is CheckOutcome.PASS
    _beside(story, ["192.0.2.77"], 67, 190)
    assert story.codes == set()
    assert verdict(story.status).outcome is CheckOutcome.UNKNOWN
    assert "Whether `foreign-target` holds is not known yet." in verdict(story.status).sentence
    _beside(story, ["192.0.2.77"], 197, 260)
    (found,) = story.status.findings
    assert found.code == "foreign-target"
    assert found.sentence == (
        "app.example.com (A) has 192.0.2.77, of no load balancer of the plan, beside addresses of v1."
    )
    assert verdict(story.status).outcome is CheckOutcome.FAIL
    _beside(story, [], 267, 300)
    assert story.codes == set()


@pytest.mark.case("A2")
def test_a_large_load_balancer_whose_nodes_take_turns_in_the_answers_is_no_stranger() -> None:
    story = Story(Expectation.V1)
    _beside(story, [], 0, 600, growing=True)
    assert story.raised() == []
    assert verdict(story.status).outcome is CheckOutcome.PASS


@pytest.mark.case("A2")
def test_a_node_that_the_address_book_learns_late_is_no_stranger() -> None:
    story = Story(Expectation.V1)
    _beside(story, ["192.0.2.77"], 0, 120)
    book = story.context.book
    balancer = next(name for name, side in book.names.items() if side is Side.V1)
    story.context = story.context._replace(
        book=book.learn(Side.V1, balancer, addresses(RecordType.A, "192.0.2.77", name=balancer), instant(121.0))
    )
    _beside(story, ["192.0.2.77"], 127, 600)
    assert story.raised() == []


def _draw(
    expectation: Expectation,
    other_of_ten: int,
    other: Position = V2,
    *,
    weights: Weights | None = None,
    family: RecordType = RecordType.A,
    first: Position = V1,
) -> Story:
    """Answers at random places, without a beat, at every server: the thirteenth multiples are as good as drawn."""
    story = Story(expectation, weights)
    book = story.context.book
    story.context = story.context._replace(book=type(book)({}, book.networks))  # foreign answers are believed at once
    number = 0
    for turn in range(200):
        for server in SERVERS:
            for _ in range(2):
                number = (number * 1103515245 + 12345 + turn) % 2147483648
                place = other if (number >> 16) % 10 < other_of_ten else first
                for rdtype in ADDRESS_TYPES:
                    answer = at_position(place, rdtype) if rdtype is family else nodata()
                    story.hear(observed(answer, 3.0 * turn + 0.2 * (number % 2), server, rdtype))
        story.wait(3.0 * turn + 1)
    return story


@pytest.mark.case("A4")
@pytest.mark.parametrize(("expectation", "v2_of_ten"), [(Expectation.V1, 3), (Expectation.V2, 9)])
def test_weights_that_are_not_declared_are_critical_where_one_side_is_expected(
    expectation: Expectation, v2_of_ten: int
) -> None:
    story = _draw(expectation, v2_of_ten)
    assert story.status.state is RecordState.WEIGHTED
    assert story.codes == {"weights-undeclared"}
    (found,) = story.status.findings
    assert found.severity is Severity.CRITICAL
    assert found.sentence.startswith(
        "app.example.com (A) is split by weighted routing, and the plan declares no weights."
    )
    assert "Share: A leads to v2 in " in whole(found)
    assert f"Expected: {expectation.value}" in whole(found)
    assert verdict(story.status).outcome is CheckOutcome.FAIL


def test_they_are_a_warning_while_the_wave_moves_and_it_does_not_hold_then_either() -> None:
    story = _draw(Expectation.MOVING, 5)
    assert [(finding.code, finding.severity) for finding in story.status.findings] == [
        ("weights-undeclared", Severity.WARNING)
    ]
    assert verdict(story.status).outcome is CheckOutcome.FAIL


def test_a_single_move_through_slow_servers_is_no_weights() -> None:
    story = Story(Expectation.MOVING)
    story.stand(V1, 0, 120)
    story.stand(V2, 127, 300)
    assert "weights-undeclared" not in story.raised()


@pytest.mark.case("A9")
def test_rolled_back_to_v1_with_v2s_owner_is_not_returned_once_both_sides_could_sync_twice() -> None:
    back = Owned(with_versions(NEW, NEW), Expectation.V1)
    back.stand(V1, 300, owned("v2"))
    assert back.raised() == ["owner-not-returned"]
    found = back.finding("owner-not-returned")
    assert found.severity is Severity.WARNING
    assert found.inferred
    assert found.sentence == (
        "app.example.com (A and AAAA) leads to v1, where it is expected, but its TXT names v2's owner."
    )
    assert 'Owners: a-app.example.com and aaaa-app.example.com name "v2"' in whole(found)
    assert (verdict(back.story.status).outcome, verdict(back.story.status).sentence) == (
        CheckOutcome.FAIL,
        found.sentence,
    )


@pytest.mark.case("A9")
def test_it_is_raised_after_the_change_back_and_not_while_the_owner_may_still_follow() -> None:
    back = Owned(with_versions(NEW, NEW), Expectation.V1)
    back.stand(V2, 300, owned("v2"))
    back.stand(V1, 150, owned("v2"))
    assert "owner-not-returned" not in back.raised()
    back.stand(V1, 60, owned("v2"))
    assert "owner-not-returned" in back.raised()
    back.stand(V1, 120, owned("v1"))
    assert "owner-not-returned" in back.story.cleared()


def test_an_owner_at_a_name_that_v1s_version_does_not_read_keeps_nothing_from_v1() -> None:
    back = Owned(with_versions(NEW, NEW), Expectation.V1)
    back.stand(V1, 300, {**owned("v1"), **owned("v2", "cname")})
    assert "owner-not-returned" not in back.raised()


def test_a_wave_that_moves_is_expected_to_change_owners() -> None:
    move = Owned(with_versions(NEW, NEW), Expectation.MOVING)
    move.stand(V1, 300, owned("v2"))
    assert "owner-not-returned" not in move.raised()


MINDED = {
    Expectation.V1: {V2, MIXED, Position.FOREIGN},
    Expectation.V2: {V1, MIXED, Position.FOREIGN},
    Expectation.MOVING: {MIXED, Position.FOREIGN},
    Expectation.WEIGHTED: {MIXED, Position.FOREIGN},
}
"""Places at which a record must not stay unsaid. (That it never existed is said by the state alone; `outage` tells when
it has ceased to.)"""


@pytest.mark.parametrize("expectation", list(Expectation))
@pytest.mark.parametrize(("a", "aaaa"), list(product(Position, Position)))
def test_nothing_that_a_user_would_mind_is_without_a_finding(
    expectation: Expectation, a: Position, aaaa: Position
) -> None:
    story = Story(expectation)
    book = story.context.book
    story.context = story.context._replace(
        book=type(book)({}, book.networks)  # no load balancer to ask: a foreign answer is believed at once
    )
    for turn in range(60):
        for server in SERVERS:
            for rdtype, position in ((RecordType.A, a), (RecordType.AAAA, aaaa)):
                answer = nodata() if position is Position.ABSENT else at_position(position, rdtype)
                story.hear(observed(answer, 7.0 * turn, server, rdtype))
        story.wait(7.0 * turn + 1)
    there = {a, aaaa} - {Position.ABSENT}
    split = there == {V1, V2}
    if split or there & MINDED[expectation]:
        assert story.codes, f"{a.value} and {aaaa.value}, expected {expectation.value}"
        assert verdict(story.status).outcome is not CheckOutcome.PASS
    elif there and expectation is not Expectation.WEIGHTED:
        assert story.codes == set()
        assert verdict(story.status).outcome is CheckOutcome.PASS
    else:
        assert verdict(story.status).outcome is not CheckOutcome.PASS or story.codes == set()


def _cname(story: Story, at: float, *, ipv6: bool) -> None:
    """A CNAME to v1's load balancer, which shows IPv4, and IPv6 where told."""
    balancer = RRset(NAME, "CNAME", 60, (V1_BALANCER,))
    known = story.context.book.learn(
        Side.V1, V1_BALANCER, addresses(RecordType.A, "198.51.100.1", name=V1_BALANCER), instant(at)
    )
    if ipv6:
        found = addresses(RecordType.AAAA, "2001:db8:1::1", name=V1_BALANCER)
        known = known.learn(Side.V1, V1_BALANCER, found, instant(at))
    story.context = story.context._replace(book=known)
    for turn in range(10):
        story.say([Response("NOERROR", authoritative=True, answer=(balancer,))] * 4, at + 7.0 * turn)


@pytest.mark.parametrize("ipv6", [False, True], ids=["IPv4 alone", "both"])
def test_a_family_that_was_only_a_cnames_shadow_is_no_outage_once_an_alias_of_the_other_replaces_it(
    *, ipv6: bool
) -> None:
    story = Story(Expectation.MOVING)
    _cname(story, 0, ipv6=ipv6)
    assert story.status.state is RecordState.V1
    for turn in range(20):
        story.say([at_position(V2)] * 4, 100 + 7.0 * turn, rdtypes=[RecordType.A])
        story.say([nodata()] * 4, 100 + 7.0 * turn, rdtypes=[RecordType.AAAA])
        story.wait(101 + 7.0 * turn)
    assert ("outage" in story.raised()) is ipv6
    assert story.status.state is (RecordState.ABSENT if ipv6 else RecordState.V2)


def test_a_cname_that_is_deleted_is_an_outage_of_what_its_load_balancer_has() -> None:
    story = Story(Expectation.MOVING)
    _cname(story, 0, ipv6=False)
    story.stand(Position.ABSENT, 100, 240)
    assert "outage" in story.codes
    assert story.status.state is RecordState.ABSENT
    (found,) = (finding for finding in story.status.findings if finding.code == "outage")
    assert "no longer has an A record" in found.sentence


BOTH = (RecordType.A, RecordType.AAAA)
FAMILIES = [(RecordType.A,), (RecordType.AAAA,), BOTH]


def _turn(story: Story, at: float, places: tuple[Position, ...], families: tuple[RecordType, ...]) -> None:
    """Let each server answer its place, twice, for the families that there are; the other one never was."""
    for rdtype in BOTH:
        answers = [at_position(place, rdtype) if rdtype in families else nodata() for place in places]
        story.say(answers, at, rdtypes=[rdtype])
    story.wait(at + 1)


@pytest.mark.parametrize("expectation", list(Expectation))
@pytest.mark.parametrize("families", FAMILIES)
def test_a_record_that_flaps_has_a_finding_whatever_is_expected(
    expectation: Expectation, families: tuple[RecordType, ...]
) -> None:
    story = Story(expectation)
    for turn in range(60):
        _turn(story, 5.0 * turn, (V2 if turn % 12 >= 8 else V1,) * 4, families)
    assert story.status.state is RecordState.FLAPPING
    assert story.codes & {"flip-flop", "fight-same-owner"}
    assert verdict(story.status).outcome is CheckOutcome.FAIL


@pytest.mark.parametrize("expectation", list(Expectation))
@pytest.mark.parametrize("families", FAMILIES)
@pytest.mark.parametrize("stays", [V1, V2])
def test_a_server_that_stands_against_the_others_has_a_finding_whatever_is_expected(
    expectation: Expectation, families: tuple[RecordType, ...], stays: Position
) -> None:
    story = Story(expectation)
    goes = V2 if stays is V1 else V1
    for turn in range(60):
        moved = turn >= 20
        _turn(story, 5.0 * turn, (*((goes if moved else stays,) * 3), stays), families)
    assert story.status.state is RecordState.DIVIDED
    assert "server-divided" in story.codes
    assert verdict(story.status).outcome is CheckOutcome.FAIL


@pytest.mark.parametrize("expectation", list(Expectation))
@pytest.mark.parametrize("families", FAMILIES)
def test_a_change_that_travels_is_said_by_the_state_alone_and_holds_only_where_it_is_expected(
    expectation: Expectation, families: tuple[RecordType, ...]
) -> None:
    story = Story(expectation)
    for turn in range(24):
        _turn(story, 5.0 * turn, (V2, V1, V1, V1) if turn >= 20 else (V1,) * 4, families)
    assert story.status.state is RecordState.PROPAGATING
    assert story.codes <= {"laggard"}
    moving = expectation is Expectation.MOVING
    assert verdict(story.status).outcome is (CheckOutcome.PASS if moving else CheckOutcome.UNKNOWN)


@pytest.mark.case("A4")
@pytest.mark.parametrize("family", ADDRESS_TYPES)
@pytest.mark.parametrize(
    ("expectation", "weights"),
    [
        (Expectation.V1, None),
        (Expectation.MOVING, None),
        (Expectation.WEIGHTED, Weights(50, 50)),
        (Expectation.WEIGHTED, Weights(100, 0)),
    ],
)
@pytest.mark.parametrize(
    ("other", "code", "words"),
    [
        (Position.ABSENT, "outage", "is split by weighted routing, and some answers deny it"),
        (MIXED, "mixed-target", "has addresses of v1 and v2 in one answer"),
        (Position.FOREIGN, "foreign-target", "keeps returning to "),
    ],
)
def test_draws_of_which_a_part_leads_to_no_side_are_told_by_what_it_is_whatever_is_declared(  # noqa: PLR0917  # the table
    other: Position,
    code: str,
    words: str,
    expectation: Expectation,
    weights: Weights | None,
    family: RecordType,
) -> None:
    story = _draw(expectation, 3, other, weights=weights, family=family)
    assert story.status.state is RecordState.WEIGHTED
    (found,) = (finding for finding in story.status.findings if finding.code == code)
    assert found.severity is Severity.CRITICAL
    assert words in found.sentence
    assert f"({family.value})" in found.sentence
    assert "Create the record again" not in found.remedy
    assert verdict(story.status).outcome is CheckOutcome.FAIL


@pytest.mark.case("A2", "A4", "A7")
@pytest.mark.parametrize("other", [MIXED, Position.FOREIGN, Position.ABSENT])
@pytest.mark.parametrize("expectation", [Expectation.V1, Expectation.V2, Expectation.MOVING])
def test_a_share_beside_what_leads_to_neither_side_is_of_all_answers_and_no_side_s_set_is_to_go(
    expectation: Expectation, other: Position
) -> None:
    story = _draw(expectation, 5, other, first=V2)
    assert story.status.state is RecordState.WEIGHTED
    (found,) = (finding for finding in story.status.findings if finding.code == "weights-undeclared")
    (share,) = (fact.text for fact in found.facts if fact.label == "Share")
    assert "100%" not in share
    assert ", and to neither side alone in " in share
    assert share in story.status.sentence
    assert "one of them leads to neither side alone" in found.first.sentence
    assert "the side that is not expected" not in found.remedy
    kept = {Expectation.V1: "v1", Expectation.V2: "v2"}.get(expectation, "the side that is to serve the name")
    assert f"only while a set that leads to {kept} has another weight" in found.remedy


def test_a_part_of_the_draws_that_led_nowhere_is_over_once_it_has_not_been_drawn_for_long() -> None:
    story = _draw(Expectation.WEIGHTED, 3, Position.ABSENT, weights=Weights(50, 50))
    (a, aaaa), (memory, _) = story.status.records, story.state.memory.records
    assert goes_astray(a, memory, Position.ABSENT, 600 + ASTRAY - 10)
    assert not goes_astray(a, memory, Position.ABSENT, 601 + ASTRAY)
    assert not goes_astray(a, memory, MIXED, 600)
    assert not goes_astray(a._replace(state=RecordState.V1), memory, Position.ABSENT, 600)
    assert aaaa.state is RecordState.ABSENT


def test_a_record_that_is_back_and_drawn_is_no_outage_whether_or_not_a_side_is_confirmed() -> None:
    story = Story(Expectation.WEIGHTED, Weights(50, 50))
    story.stand(V1, 0, 200)
    story.stand(Position.ABSENT, 207, 260)
    assert "outage" in story.codes
    for turn in range(3):
        for number, server in enumerate(SERVERS):
            for rdtype in ADDRESS_TYPES:
                side = V1 if (turn + number) % 2 else V2
                story.hear(observed(at_position(side, rdtype), 262 + 0.1 * turn, server, rdtype))
    story.wait(263)
    assert story.status.records[0].position is Position.ABSENT
    assert "outage" not in story.codes
    assert "no longer exists" not in story.status.sentence


def test_draws_that_end_in_denials_alone_leave_open_whether_one_set_or_all_of_them_are_gone() -> None:
    story = _draw(Expectation.WEIGHTED, 3, weights=Weights(70, 30))
    for server in SERVERS[:2]:
        story.hear(observed(at_position(Position.ABSENT), 601, server))
    story.wait(602)
    (found,) = (finding for finding in story.status.findings if finding.code == "outage")
    assert [fact.text for fact in found.facts] == [
        "2 answers in a row deny it: a record set of it leads to nothing, or they are all gone"
    ]
    assert found.sentence == "app.example.com (A) was split by weighted routing, and its newest answers deny it."
    story.hear(observed(at_position(V1), 603, SERVERS[2]))
    story.hear(observed(at_position(Position.ABSENT), 604, SERVERS[3]))
    story.wait(605)
    (found,) = (finding for finding in story.status.findings if finding.code == "outage")
    assert [fact.text for fact in found.facts] == ["One of its weighted record sets leads to nothing"]


@pytest.mark.parametrize(
    ("expectation", "weights", "first"),
    [
        (Expectation.WEIGHTED, Weights(50, 50), "Create each of its sets again"),
        (Expectation.MOVING, None, "Create each of its sets again"),
        (Expectation.V1, None, "Create its set for v1 again"),
    ],
)
def test_once_all_sets_of_a_name_are_gone_nobody_is_told_to_create_a_simple_record(
    expectation: Expectation, weights: Weights | None, first: str
) -> None:
    story = _draw(expectation, 3, weights=weights)
    story.stand(Position.ABSENT, 601, 900, 2.0)
    assert story.status.state is RecordState.ABSENT
    (found,) = (finding for finding in story.status.findings if finding.code == "outage")
    assert found.first.sentence.startswith(first)
    assert "No simple record, and no simple TXT" in found.remedy
    assert "Its answers were draws between weighted record sets before" in [fact.text for fact in found.facts]


def test_of_a_declared_routing_every_set_is_created_again_whichever_side_is_expected() -> None:
    story = Story(Expectation.V1)
    story.state = story.state.with_status(
        story.status._replace(domain=replace(story.status.domain, routing=Routing.FAILOVER))
    )
    story.stand(V1, 0, 60)
    story.stand(Position.ABSENT, 67, 120, 2.0)
    (found,) = (finding for finding in story.status.findings if finding.code == "outage")
    assert found.first.sentence.startswith("Create each of its sets again")


def test_a_zone_that_was_read_with_sets_tells_what_is_to_be_created_again() -> None:
    one = WrittenSet("A", ("198.51.100.1",), "blue", routing="latency")
    story = Story(Expectation.V1)
    story.stand(V1, 0, 60)
    read = (SetsRead(instant(30), (one,)), SetsRead(instant(90), ()))
    story.state = story.state.with_status(story.status._replace(sets_read=read))
    story.stand(Position.ABSENT, 67, 120, 2.0)
    (found,) = (finding for finding in story.status.findings if finding.code == "outage")
    assert found.first.sentence.startswith("Create its set for v1 again")


def test_draws_that_are_declared_have_no_finding_and_hold_only_once_they_are_counted() -> None:
    story = _draw(Expectation.WEIGHTED, 5)
    assert story.status.state is RecordState.WEIGHTED
    assert "weights-undeclared" not in story.raised()
