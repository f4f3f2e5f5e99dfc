"""When a family is gone because its side has none, told from where the other family led meanwhile."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

from probe.judge.homeless import is_homeless, lacked
from probe.model.domain import DomainStatus, LackedFamily
from probe.model.plan import Routing
from probe.model.question import RecordType
from probe.model.record import Position, RecordStatus, ServerStatus, Transition
from probe.model.side import Side
from tests.judge.answers import SERVERS, book, instant, plan, without_ipv6

V1, V2, ABSENT = Position.V1, Position.V2, Position.ABSENT
Stays = Sequence[tuple[float, Position]]
NOW, NEWEST = 1000.0, 4
V1_LACKS = (LackedFamily(Side.V1, RecordType.AAAA),)


def record(rdtype: RecordType, stays: Stays, cache: int | None = None) -> RecordStatus:
    changes = tuple(
        Transition(instant(at), before, after, reversal=False) for (_, before), (at, after) in pairwise(stays)
    )
    heard = ServerStatus(SERVERS[0], at=instant(NOW))
    return RecordStatus(rdtype, position=stays[-1][1], servers=(heard,), recent=changes, cache=cache)


def status(a: Stays, aaaa: Stays, cache: int | None = None) -> DomainStatus:
    records = (record(RecordType.A, a, cache), record(RecordType.AAAA, aaaa, cache))
    return DomainStatus(plan().domains[0], records=records, lacked=V1_LACKS)


def test_what_a_side_lacks_is_what_its_load_balancers_deny() -> None:
    assert lacked(book()) == ()
    assert lacked(without_ipv6(Side.V1)) == V1_LACKS


@pytest.mark.parametrize(
    ("a", "aaaa", "told"),
    [
        ([(0, V2), (100, V1)], [(0, V2), (100, ABSENT)], True),
        ([(0, V2), (100, V1), (300, V2)], [(0, V2), (130, ABSENT), (270, V2)], True),  # each seen late
        ([(0, V1)], [(0, V2), (130, ABSENT)], True),  # where it is gone to is where the other one stands
        ([(0, V2)], [(0, V2), (100, ABSENT)], False),  # deleted
        ([(0, V2), (100, V1), (300, V2)], [(0, V2), (100, ABSENT)], False),  # it did not come back
        ([(0, V2), (950, V1)], [(0, V2), (100, ABSENT)], False),  # gone long before
        ([(0, V2), (100, V1), (300, V2)], [(0, V2), (500, ABSENT), (520, V2)], False),  # a gap of its own
        ([(0, V2), (100, ABSENT)], [(0, V2), (100, ABSENT)], False),  # the name is gone
    ],
)
def test_the_other_family_tells_whether_the_name_was_there_meanwhile(a: Stays, aaaa: Stays, *, told: bool) -> None:
    known = status(a, aaaa)
    assert is_homeless(known.records[1], known, NEWEST) is told
    assert not is_homeless(known.records[1], known._replace(lacked=()), NEWEST)


def test_only_the_newest_changes_count() -> None:
    stays = [(0, V2), (100, V1), (200, V2), (300, V1), (400, V2)]
    known = status(stays, [(10, V2), (20, ABSENT), (100, ABSENT), (200, V2), (300, ABSENT), (400, V2)])
    assert is_homeless(known.records[1], known, 2)
    assert not is_homeless(known.records[1], known, 6)


def test_through_caches_a_family_follows_as_much_later() -> None:
    a, aaaa = [(0, V2), (100, V1), (300, V2)], [(0, V2), (100, ABSENT), (500, V2)]
    for cache, told in ((None, False), (300, True)):
        known = status(a, aaaa, cache)
        assert is_homeless(known.records[1], known, NEWEST) is told


def test_where_each_question_may_be_answered_otherwise_the_other_family_tells_nothing() -> None:
    known = status([(0, V2)], [(0, V2), (100, ABSENT)])
    known = known._replace(domain=replace(known.domain, routing=Routing.MULTIVALUE))
    assert is_homeless(known.records[1], known, NEWEST)
