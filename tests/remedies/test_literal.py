"""First steps, carried out command by command as they stand: whoever stops after any of them has harmed nothing.

Each is played at both policies of both sides, declared in the plan or not, with a host that only v1 has and one that
only v2 has, beside the same night in which nothing is done. A host is worse off when it goes missing, or comes and
goes, and would not have. After the whole first step and what comes then, all stand.
"""

from typing import NamedTuple
from zlib import crc32

import pytest

from probe.judge.findings.catalogue import CATALOGUE
from probe.model.advice import ANYWHERE, Situation
from probe.model.external_dns import Policy
from probe.model.finding import FindingCode
from probe.model.name import DomainName
from probe.model.plan import Expectation
from probe.model.side import Side
from tests.remedies.faults import FAULTS, HASTE, V1, V2, Fault, Pair
from tests.remedies.literal import carry_out, changes_something, commands, declare, situation
from tests.remedies.stage import EARLIER, HOST, LATER, Stage
from tests.scenarios.matrix import FULL

KINDS = (Policy.SYNC, Policy.UPSERT_ONLY)
MOST_DANGEROUS, *OTHERS = [(v1, v2) for v1 in KINDS for v2 in KINDS]
UNTIL_LOOKED_AT = 330.0
"""Seconds after the last command: five syncs."""
SETTLING = 130.0
"""Seconds in which what was under way may end: two syncs."""

EXPECTED: dict[tuple[Side, ...], Expectation] = {(V1,): Expectation.V1, (V2,): Expectation.V2}


class Play(NamedTuple):
    """One way through a night."""

    fault: Fault
    pair: Pair
    policies: tuple[Policy, Policy]
    expectation: Expectation

    @property
    def seed(self) -> int:
        return crc32(f"{self.fault} {self.pair} {self.policies}".encode())

    @property
    def wait(self) -> float:
        """At once, or after ten minutes."""
        return 600.0 * (self.seed % 2)

    def begin(self) -> Stage:
        """Let the fault come about, with both policies as they are and a host of each side's own."""
        stage = Stage(self.seed, self.pair)
        declare(stage, self.policies)
        for side, host in ((V1, LATER), (V2, EARLIER)):
            stage.want(side, host)
        for pause in self.fault.cause(stage):
            stage.advance(stage.now + pause)
        stage.advance(stage.now + 150 + self.wait)
        stage.forced = {}
        return stage

    def lines(self, stage: Stage) -> list[str]:
        known = situation(stage, self.expectation, declared=self.seed % 3 > 0)
        return commands(CATALOGUE[self.fault.code].advise(known).first.command)


def missing(stage: Stage, since: float) -> set[DomainName]:
    """Tell which hosts have lost a family since a moment, or have none at the end though they had one."""
    return {
        host
        for host in (HOST, LATER, EARLIER)
        if stage.gaps(host, since) or (stage.changes(host, 0.0) and not stage.leads(host))
    }


def orphaned(stage: Stage) -> set[DomainName]:
    """Tell which hosts were lost before: an old version cannot create them beside a TXT, and `orphan-txt` says so."""
    return {host for host in (LATER, EARLIER) if not stage.leads(host) and stage.txts(host)}


def plays(fault: Fault, pair: Pair) -> list[Play]:
    """Give the plays of a pair: with `sync` on both sides, and with one other pair of policies, or with all."""
    expectations = dict.fromkeys((fault.expectation, EXPECTED.get(fault.ends, fault.expectation)))
    others = OTHERS if FULL else [OTHERS[crc32(f"{fault} {pair}".encode()) % len(OTHERS)]]
    return [Play(fault, pair, one, expected) for one in (MOST_DANGEROUS, *others) for expected in expectations]


@pytest.mark.long
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_no_host_is_worse_off_whichever_command_is_the_last(fault: Fault) -> None:
    harmed = []
    for pair in fault.pairs:
        for play in plays(fault, pair):
            begun = play.begin()
            lines, followed = play.lines(begun), begun.now
            stage = begun.fork()
            stage.advance(followed + UNTIL_LOOKED_AT)
            untouched = missing(stage, followed)
            for last in range(1, len(lines) + 1):
                stage = begun.fork()
                for pause in carry_out(stage, lines[:last], fault.hand, HASTE):
                    stage.advance(stage.now + pause)
                stage.advance(stage.now + UNTIL_LOOKED_AT)
                worse = missing(stage, followed) - untouched
                harmed += [(*play[1:], last, host) for host in sorted(worse)]
    assert harmed == []


@pytest.mark.long
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_all_hosts_stand_after_the_first_step_and_what_comes_then(fault: Fault) -> None:
    astray = []
    for pair in fault.pairs:
        for play in plays(fault, pair):
            if fault.replaces_sets and not play.policies[0].deletes:
                continue
            stage = play.begin()
            lost = orphaned(stage)
            for pause in carry_out(stage, play.lines(stage), fault.hand, HASTE):
                stage.advance(stage.now + pause)
            for pause in fault.remedy(stage):
                stage.advance(stage.now + pause)
            stage.advance(stage.now + SETTLING + UNTIL_LOOKED_AT)
            gone = missing(stage, stage.now - UNTIL_LOOKED_AT) - lost
            changed = stage.changes(HOST, stage.now - UNTIL_LOOKED_AT)
            if gone or changed or set(stage.leads(HOST).values()) != {fault.ends}:
                astray.append((*play[1:], gone, len(changed), stage.leads(HOST)))
    assert astray == []


def test_every_first_step_that_changes_something_is_played() -> None:
    """That against a fight which has not begun is the fight's own."""
    situations = (ANYWHERE, *map(Situation, Expectation))
    begun: dict[str, str] = {FindingCode.WANTED_TWICE: FindingCode.FIGHT_SAME_OWNER}
    for coming, code in begun.items():
        for one in situations:
            assert CATALOGUE[coming].advise(one).first == CATALOGUE[code].advise(one).first
    changing = {
        begun.get(code, code)
        for code, declared in CATALOGUE.items()
        if any(changes_something(declared.advise(one).first.command) for one in situations)
    }
    assert changing <= {fault.code for fault in FAULTS}


@pytest.mark.parametrize("code", CATALOGUE)
@pytest.mark.parametrize("expectation", [None, *Expectation])
def test_a_first_step_says_which_flag_an_opened_editor_is_for(code: str, expectation: Expectation | None) -> None:
    first = CATALOGUE[code].advise(Situation(expectation)).first
    opened = any(" edit " in line for line in commands(first.command))
    assert opened is ("--policy=upsert-only" in first.sentence)


@pytest.mark.parametrize("code", CATALOGUE)
@pytest.mark.parametrize("expectation", [None, *Expectation])
def test_whoever_is_stopped_is_on_the_side_that_is_not_expected(code: str, expectation: Expectation | None) -> None:
    asked = Situation(expectation)
    for line in commands(CATALOGUE[code].advise(asked).first.command):
        if " scale " in line and code != "reverted":  # it is raised where v2 is expected, and nowhere else
            assert asked.expected is not None
            assert f"--context {asked.expected.other.value} " in line


@pytest.mark.parametrize("fault", [one for one in FAULTS if one.code.startswith("fight-")][::4], ids=str)
def test_a_fork_goes_on_as_its_origin_and_leaves_it_alone(fault: Fault) -> None:
    play = Play(fault, fault.pairs[0], MOST_DANGEROUS, fault.expectation)
    begun, again = play.begin(), play.begin()
    fork, seen, beats = begun.fork(), list(begun.seen), [cluster.due for cluster in begun.clusters.values()]
    for stage in (fork, again):
        for pause in carry_out(stage, play.lines(stage), fault.hand, HASTE):
            stage.advance(stage.now + pause)
        stage.advance(stage.now + UNTIL_LOOKED_AT)
    assert [(one.at, one.version.record_sets) for one in fork.seen] == [
        (one.at, one.version.record_sets) for one in again.seen
    ]
    assert len(fork.seen) > len(seen)
    assert begun.seen == seen
    assert [cluster.due for cluster in begun.clusters.values()] == beats
    assert begun.rng.random() != fork.rng.random()


def test_stopping_first_would_have_been_caught() -> None:
    """The first step as it once was: v1's is stopped, and v2's, with `sync`, deletes the host that only v1 has."""
    fault = next(one for one in FAULTS if str(one) == "fight-same-owner-v2-takes-over")
    play = Play(fault, fault.pairs[0], (Policy.SYNC, Policy.SYNC), Expectation.V2)
    stage = play.begin()
    stage.stop(Side.V1)
    stage.advance(stage.now + UNTIL_LOOKED_AT)
    assert LATER in missing(stage, stage.now - UNTIL_LOOKED_AT)
