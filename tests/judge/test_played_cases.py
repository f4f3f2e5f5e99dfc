"""Cases that a whole night would show, played in simulated time: what is said, and by when."""

import re

import pytest

from probe.model.effect import FindingRaised
from probe.model.finding import FindingCode, Severity
from probe.model.question import RecordType
from probe.model.record import Position
from tests.judge.scripted import first_said, play, share_open, square
from tests.judge.simulator import Run

V1, V2, AWAY = Position.V1, Position.V2, Position.FOREIGN
A, AAAA = RecordType.A, RecordType.AAAA
FIGHT = [code for code in FindingCode if code.value.startswith("fight-")]


def critical(run: Run) -> set[str]:
    return {
        effect.finding.code.value
        for _, effect in run.effects
        if isinstance(effect, FindingRaised) and effect.finding.severity is Severity.CRITICAL
    }


@pytest.mark.case("B7")
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("dwells", "until", "beat"),
    [
        ((8, 12), 340, r"every (1[89]|2[0-2]) s"),
        ((11, 9), 340, r"every (1[89]|2[0-2]) s"),
        ((13, 17), 375, r"every (29|3[0-2]) s"),
    ],
)
def test_a_quick_fight_some_minutes_after_a_take_over_is_named_within_four_cycles_with_its_own_beat(
    dwells: tuple[float, float], until: float, beat: str, seed: int
) -> None:
    run = play({A: [(30, V2), *square(270, until + 40, dwells, (V1, V2))]}, until + 40, seed)
    named = first_said(run, [FindingCode.FIGHT_SAME_OWNER])
    assert named is not None
    assert named <= until
    assert critical(run) <= {"fight-same-owner", "flip-flop"}
    (finding,) = [finding for finding in run.status.findings if finding.code in FIGHT]
    assert re.search(beat, finding.sentence)


@pytest.mark.case("B8b")
@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("dwells", "until"), [((9, 11), 104), ((12, 8), 106), ((14, 16), 140)])
def test_a_quick_fight_over_both_families_is_named_within_four_cycles(
    dwells: tuple[float, float], until: float, seed: int
) -> None:
    flips = square(30, until, dwells, (V2, V1))
    run = play({A: flips, AAAA: flips}, until, seed, owners={"a": "default", "aaaa": "default"})
    assert first_said(run, [FindingCode.FIGHT_SAME_OWNER]) is not None
    assert critical(run) <= {"fight-same-owner", "flip-flop"}


@pytest.mark.case("A7", "A7b")
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("stands", "dwells"),
    [(V1, (18, 2)), (V2, (30, 30)), (V1, (10, 10)), (V2, (12, 48))],
    ids=["A7", "A7b", "even", "v2 wins"],
)
def test_a_fight_with_a_third_party_is_told_as_foreign_and_as_a_fight(
    stands: Position, dwells: tuple[float, float], seed: int
) -> None:
    run = play({A: square(30, 330, dwells, (AWAY, stands))}, 330, seed, stands=stands)
    foreign = first_said(run, [FindingCode.FOREIGN_TARGET])
    fight = first_said(run, [*FIGHT, FindingCode.FLIP_FLOP])
    assert foreign is not None
    assert fight is not None
    assert foreign <= 180
    assert fight <= 200
    assert share_open(run, FindingCode.FOREIGN_TARGET, 185, 330) > 0.9
    named = [one.finding for _, one in run.effects if isinstance(one, FindingRaised) and one.finding.code in FIGHT]
    assert named or dwells == (18, 2)  # dwells of two seconds are seen at one server or two
    for finding in named:
        assert finding.first.sentence.startswith("Find who leads it elsewhere before any ExternalDNS of the plan is")
        assert finding.advice == "third-party"
        assert "scale deployment" not in finding.first.command
        assert "stop the other writer" in finding.remedy


@pytest.mark.case("A7", "B7")
def test_three_writers_are_not_two_and_their_beat_is_that_of_each() -> None:
    turns = [(60.0 * turn + phase, place) for turn in range(1, 9) for phase, place in ((6, V2), (25, AWAY), (45, V1))]
    run = play({A: turns}, 540, 1)
    named = [one.finding for _, one in run.effects if isinstance(one, FindingRaised) and one.finding.code in FIGHT]
    assert named
    for finding in named:
        assert finding.code == "fight-same-owner"
        assert finding.sentence.startswith("Several ExternalDNS")
        assert not re.search(r"every [34]\d s", finding.told)
        assert finding.first.sentence.startswith("Find who leads it elsewhere before any ExternalDNS of the plan is")
        assert "stop the third one" in finding.remedy


@pytest.mark.case("A8")
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("dwells", "interval"),
    [((750, 150), 900.0), ((1500, 300), 1800.0), ((450, 450), 60.0), ((3000, 600), 60.0)],
    ids=["declared, 15 min", "declared, 30 min", "15 min, not declared", "an hour, not declared"],
)
def test_a_slow_fight_is_named_by_the_fifth_change_or_before_the_seventh_where_its_interval_is_not_declared(
    dwells: tuple[float, float], interval: float, seed: int
) -> None:
    flips = square(60, 60 + 3.5 * sum(dwells), dwells, (V2, V1))
    run = play({A: flips}, flips[-1][0] + 60, seed, interval=interval)
    named = first_said(run, [FindingCode.FIGHT_SAME_OWNER])
    assert named is not None
    change = sum(at <= named for at, _ in flips)
    assert change <= (5 if interval > 60.0 else 6)
    assert critical(run) <= {"fight-same-owner", "flip-flop"}


@pytest.mark.case("B9", "K7")
def test_while_a_record_comes_and_goes_nobody_is_told_to_create_it_when_it_stands() -> None:
    gone = Position.ABSENT
    run = play({A: square(30, 330, (20, 40), (gone, V1))}, 330, 1)
    told = [
        one.finding
        for _, one in run.effects
        if isinstance(one, FindingRaised) and one.finding.code is FindingCode.OUTAGE
    ]
    assert told
    for finding in (*told, *(one for one in run.status.findings if one.code is FindingCode.OUTAGE)):
        is_away = "no longer has" in finding.sentence
        assert finding.first.sentence.startswith("Create the record again" if is_away else "Leave the record as it is")
    (last,) = [one for one in run.status.findings if one.code is FindingCode.OUTAGE]
    assert "loses an A record again and again" in last.sentence
