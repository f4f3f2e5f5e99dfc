"""Every remedy of the catalogue, followed literally: the record stands where it is expected, and nothing was absent.

In the zone it is followed for every pair of versions that can have the finding, at once and after ten minutes. Under
the eyes of the judge, which costs a hundred times as much, `make test` plays one pair of each at one of both moments,
and `make scenarios` plays all.
"""

import re
from zlib import crc32

import pytest

from probe.externaldns.version import Version
from probe.judge.findings.catalogue import CATALOGUE
from probe.judge.findings.flap_cause import CAUSES
from probe.model.advice import Situation
from tests.docs.test_runbook import ENTRIES
from tests.remedies.faults import BEGIN, FAULTS, Fault, Pair, not_played
from tests.remedies.stage import EARLIER, HOST, LATER, Deed, Stage
from tests.remedies.watch import AFTERWARDS, follow
from tests.scenarios.matrix import FULL

AT_ONCE, AFTER_TEN_MINUTES = 0.0, 600.0
MOMENTS = (AT_ONCE, AFTER_TEN_MINUTES)

ONE_CHANGE = 2
"""Changes of A and AAAA together that are no fight yet."""

UNSAID = {
    "reverted-own-id": {Deed.OWNER_ID, Deed.MIGRATE, Deed.POLICY, Deed.VERSION, Deed.DELETE_TXT},
    "orphan-txt-create-refused": {Deed.POLICY},
    "fight-version-mix-v1-keeps-it": {Deed.STOP, Deed.WRITE_TXT, Deed.DROP},
    "family-split-given-back": {Deed.STOP, Deed.WRITE_TXT, Deed.DROP},
    "contradicting-owners-given-back": {Deed.STOP, Deed.WRITE_TXT, Deed.DROP},
}
"""What is done by another entry of the runbook, to which that of the finding leads: `fight-same-owner` once the writer
is stopped, `fight-delete-create`, which leads to `orphan-txt` once nothing is deleted any more, and `premature`, which
has the steps by which v1 gets a host back."""

ZONE_PLAYS = [
    pytest.param(fault, pair, wait, id=f"{fault}-{pair[0]}-{pair[1]}-{wait:g}s")
    for fault in FAULTS
    for pair in fault.pairs
    for wait in MOMENTS
]


def test_each_finding_has_a_remedy_that_is_played_or_a_reason_why_not() -> None:
    played = {fault.code for fault in FAULTS}
    reasons = not_played()
    assert not played & reasons.keys()
    assert played | reasons.keys() == CATALOGUE.keys()


def seed_of(fault: Fault, pair: Pair, wait: float) -> int:
    return crc32(f"{fault} {pair} {wait}".encode())


def in_the_zone(fault: Fault, pair: tuple[Version, Version], wait: float) -> tuple[Stage, float, float]:
    """Play it without anybody who looks: the remedy begins a few syncs after the fault."""
    stage = Stage(seed_of(fault, pair, wait), pair)
    for pause in fault.cause(stage):
        stage.advance(stage.now + pause)
    stage.advance(stage.now + 150 + wait)
    followed = stage.now
    for pause in fault.remedy(stage):
        stage.advance(stage.now + pause)
    done = stage.now
    stage.advance(done + AFTERWARDS)
    return stage, followed, done


def holds(fault: Fault, stage: Stage, followed: float, done: float) -> None:
    leads = stage.leads(HOST)
    assert "A" in leads
    assert set(leads.values()) == {fault.ends}
    for host in (HOST, LATER, EARLIER):
        assert stage.gaps(host, followed) == []
        assert stage.unserved(host, followed) == []
        assert stage.changes(host, done) == []
    for host, side in fault.others.items():
        assert set(stage.leads(host).values()) == {(side,)}


@pytest.mark.parametrize(("fault", "pair", "wait"), ZONE_PLAYS)
def test_the_record_stands_where_it_is_expected_and_nothing_was_absent(fault: Fault, pair: Pair, wait: float) -> None:
    stage, followed, done = in_the_zone(fault, pair, wait)
    fought = [at for at, _, _ in stage.changes(HOST, BEGIN) if at < followed]
    assert len(fought) > ONE_CHANGE or fault.code not in CAUSES
    holds(fault, stage, followed, done)


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_the_catalogue_and_the_runbook_say_each_thing_that_is_done(fault: Fault) -> None:
    done = set()
    for pair in fault.pairs:
        stage, followed, _ = in_the_zone(fault, pair, AT_ONCE)
        done |= {deed for at, deed in stage.did if at >= followed}
    advised = CATALOGUE[fault.code].advise(Situation(fault.expectation))
    for text in (f"{advised.first.sentence} {advised.then}", ENTRIES[fault.code]):
        assert {deed for deed in done if not re.search(deed.value, text)} <= UNSAID.get(str(fault), set())


def _watched() -> list[tuple[Fault, Pair, float]]:
    if FULL:
        return [(fault, pair, wait) for fault in FAULTS for pair in fault.pairs for wait in MOMENTS]
    return [(fault, fault.pairs[number % len(fault.pairs)], MOMENTS[number % 2]) for number, fault in enumerate(FAULTS)]


@pytest.mark.long
@pytest.mark.parametrize(
    ("fault", "pair", "wait"),
    [pytest.param(*one, id=f"{one[0]}-{one[1][0]}-{one[1][1]}-{one[2]:g}s") for one in _watched()],
)
def test_no_critical_finding_comes_of_it_and_the_one_that_it_is_for_goes(fault: Fault, pair: Pair, wait: float) -> None:
    played = follow(fault, pair, seed_of(fault, pair, wait), wait)
    holds(fault, played.stage, played.followed, played.done)
    assert played.new == ()
    assert played.critical == ()
    assert (fault.code in played.open) is not fault.goes
