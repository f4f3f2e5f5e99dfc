"""What a hosted zone shows: where sets lead, whether Route 53 chooses between them, and what was read before."""

import pytest

from probe.judge.record_sets import chosen_between, described, known, read_since, remember, was_rewritten, weights
from probe.model.name import DomainName
from probe.model.plan import Weights
from probe.model.question import RecordType
from probe.model.witness import SetsRead, Written, WrittenSet
from tests.judge.answers import V1_BALANCER, V2_BALANCER, ZONE, context, instant
from tests.judge.zones import routed, simple

MAX_PAST = 9
MAX_TARGET = 80
OLD_WORD = 14400.0
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

A, AAAA = RecordType.A, RecordType.AAAA
BOOK = context().book


def read(*sets: WrittenSet, at: float = 0.0, current: bool = True, private: bool = False) -> Written:
    return Written(instant(at), current, ZONE, private, sets)


def heard(*told: Written) -> tuple[SetsRead, ...]:
    past: tuple[SetsRead, ...] = ()
    before: Written | None = None
    for one in told:
        past, before = remember(past, before, one), one
    return past


def times(past: tuple[SetsRead, ...]) -> list[float]:
    return [one.at.monotonic for one in past]


def test_what_was_read_lately_of_the_own_view_counts() -> None:
    word = read(simple(V1_BALANCER))
    assert OLD_WORD == 14_400  # beyond three hourly readings and what is told late
    assert known(word, instant(OLD_WORD), is_private=False) is word
    assert known(word, instant(OLD_WORD + 1), is_private=False) is None
    assert known(word, instant(1), is_private=True) is None
    assert known(word._replace(is_current=False), instant(1), is_private=False) is None
    assert known(word._replace(zone=None), instant(1), is_private=False) is None
    assert known(None, instant(1), is_private=False) is None


def test_route_53_chooses_between_sets_with_identifiers_that_lead_apart() -> None:
    both = (routed("one", V1_BALANCER, 90), routed("two", V2_BALANCER, 10))
    assert chosen_between(both, A, BOOK) == both
    assert chosen_between(both, AAAA, BOOK) == ()
    assert chosen_between((routed("one", V1_BALANCER, 1), routed("two", V1_BALANCER, 1)), A, BOOK) == ()
    assert chosen_between((simple(V1_BALANCER),), A, BOOK) == ()
    elsewhere = (routed("one", V1_BALANCER, 90), routed("two", "edge.example.net", 10))
    assert chosen_between(elsewhere, A, BOOK) == elsewhere
    cnames = tuple(one._replace(rdtype="CNAME") for one in both)
    assert chosen_between(cnames, AAAA, BOOK) == cnames


def test_weights_are_summed_by_side() -> None:
    sets = (routed("a", V1_BALANCER, 60), routed("b", "198.51.100.1", 30), routed("c", V2_BALANCER, 10))
    assert weights(sets, A, BOOK) == Weights(90, 10)
    assert weights((*sets, routed("d", "edge.example.net", 1)), A, BOOK) is None
    assert weights((simple(V1_BALANCER),), A, BOOK) is None
    assert weights((routed("a", V1_BALANCER, 0), routed("b", V2_BALANCER, 0)), A, BOOK) is None
    assert weights((), A, BOOK) is None


def test_weights_of_the_same_share_are_alike() -> None:
    assert Weights(90, 10).is_like(Weights(9, 1))
    assert Weights(0, 1).is_like(Weights(0, 255))
    assert not Weights(90, 10).is_like(Weights(10, 90))


def test_a_set_is_described_by_how_it_is_chosen_and_where_it_leads() -> None:
    one = routed("two", V2_BALANCER, 10)._replace(health=False)
    assert described(one, BOOK) == 'A "two" (weight 10, its health check fails) leads to v2'
    by_health = one._replace(weight=None, routing="failover", health=True)
    assert described(by_health, BOOK) == 'A "two" (failover) leads to v2'
    assert described(simple("edge.example.net."), BOOK) == "A leads to edge.example.net"
    assert described(WrittenSet("AAAA", ()), BOOK) == "AAAA leads to nothing"
    assert len(described(simple("x" * 500), BOOK)) == len("A leads to ") + MAX_TARGET


def test_what_was_read_before_is_kept_with_its_times() -> None:
    one, two = simple(V1_BALANCER), simple(V2_BALANCER)
    past = heard(read(one, at=0), read(one, at=60), read(two, at=120), read(two, at=180), read(one, at=240))
    assert past == tuple(SetsRead(instant(at), (sets,)) for at, sets in ((0.0, one), (120.0, two), (240.0, one)))
    assert times(read_since(past, 130)) == [120, 240]
    assert times(read_since(past, 500)) == [240]
    assert times(read_since(past, -1)) == [0, 120, 240]
    assert read_since((), 0.0) == ()


def test_a_health_check_is_no_writing() -> None:
    one = routed("one", V1_BALANCER, 1)
    assert times(heard(read(one, at=0), read(one._replace(health=False), at=60))) == [0]


def test_a_witness_that_fails_puts_nothing_to_what_was_read() -> None:
    one, two = simple(V1_BALANCER), simple(V2_BALANCER)
    told = (read(one, at=0), read(two, at=60), read(at=120, current=False))
    assert times(heard(*told)) == [0, 60]
    assert times(heard(*told, read(two, at=180))) == [0, 60]
    assert heard(read(one, current=False)) == ()


def test_another_zone_has_another_past() -> None:
    told = (read(simple(V1_BALANCER)), read(simple(V2_BALANCER), at=60)._replace(zone=DomainName("com.")))
    assert times(heard(*told)) == [60]
    assert remember(heard(*told), told[-1], None) == ()


def test_the_past_is_bounded() -> None:
    turns = [read(simple((V1_BALANCER, V2_BALANCER)[turn % 2]), at=60.0 * turn) for turn in range(40)]
    assert len(heard(*turns)) == MAX_PAST == 9


@pytest.mark.parametrize(
    ("sets", "returns"),
    [
        ((simple(V1_BALANCER), simple(V2_BALANCER), simple(V1_BALANCER)), 1),
        ((simple(V1_BALANCER), simple(V2_BALANCER)), 0),  # a move
        ((simple(V1_BALANCER), simple(V2_BALANCER), simple("edge.example.net")), 0),  # two moves
        ((simple(V1_BALANCER), simple("198.51.100.1"), simple(V1_BALANCER)), 0),  # one place, by name and address
        ((routed("a", V1_BALANCER, 1), routed("a", V2_BALANCER, 1), routed("a", V1_BALANCER, 1)), 0),
    ],
    ids=["to and fro", "a move", "two moves", "one place", "a weighted set"],
)  # fmt: skip
def test_a_simple_record_that_returns_was_rewritten(sets: tuple[WrittenSet, ...], returns: int) -> None:
    told = heard(*(read(one, at=60.0 * number) for number, one in enumerate(sets)))
    assert was_rewritten(told, A, 0.0, BOOK) is bool(returns)
    assert not was_rewritten(told, AAAA, 0.0, BOOK)
    assert not was_rewritten(told, A, 60.0, BOOK)  # what came before the fight proves nothing of it
