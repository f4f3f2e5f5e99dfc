from hypothesis import given
from hypothesis import strategies as st

from probe.model.clock import Instant
from probe.model.name import DomainName
from probe.runtime.vitals import Passes

A, B, C = (DomainName(f"{letter}.example.com.") for letter in "abc")


def at(seconds: float) -> Instant:
    return Instant(1e9 + seconds, seconds)


def passes(*names: DomainName) -> Passes:
    counted = Passes()
    counted.watch(names)
    return counted


def test_it_is_ready_once_every_domain_has_a_verdict_and_not_with_the_first_answers() -> None:
    counted = passes(A, B)
    counted.looked_at(A, at(1))
    counted.judged(A)
    counted.judged(A)
    assert not counted.ready
    assert counted.last is None
    counted.looked_at(B, at(3))
    assert not counted.ready
    assert counted.last == at(3)
    counted.judged(B)
    assert counted.ready


def test_a_pass_ends_with_the_domain_that_was_longest_left_out() -> None:
    counted = passes(A, B)
    for name, seconds in ((A, 1), (B, 2), (B, 3), (B, 4), (A, 5)):
        counted.looked_at(name, at(seconds))
    assert counted.last == at(5)


def test_another_plan_counts_what_was_seen_and_waits_for_what_is_new() -> None:
    counted = passes(A, B)
    counted.looked_at(A, at(1))
    counted.judged(A)
    counted.watch((A, C))
    assert not counted.ready
    counted.looked_at(C, at(2))
    counted.judged(C)
    assert counted.ready
    assert counted.last is None
    counted.looked_at(A, at(3))
    assert counted.last == at(3)


def test_a_plan_that_only_drops_domains_stays_ready() -> None:
    counted = passes(A, B)
    counted.judged(A)
    counted.watch((A,))
    assert counted.ready


@given(st.lists(st.sampled_from([A, B, C]), max_size=60))
def test_between_two_passes_every_domain_was_looked_at(looks: list[DomainName]) -> None:
    counted = passes(A, B, C)
    since: set[DomainName] = set()
    for number, name in enumerate(looks):
        since.add(name)
        counted.looked_at(name, at(number))
        if since == {A, B, C}:
            assert counted.last == at(number)
            since.clear()
