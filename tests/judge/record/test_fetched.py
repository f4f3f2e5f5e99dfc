"""What is remembered of fetches, and when they alternate."""

import pytest

from probe.judge.record.fetched import alternates, held_until, is_quiet, note
from probe.judge.record.state import Episode, RecordMemory, Remembered
from probe.model.question import Question, RecordType
from probe.model.record import Position, RecordStatus, ServerStatus
from probe.model.side import AnswerClass
from probe.model.spell import Spell
from tests.judge.answers import NAME, addresses, context, instant, observed
from tests.judge.caches import INBOUND, VPC, held

ALTERNATION_DWELL, ALTERNATIONS, FETCHES_KEPT, QUIET_FETCHES = 700.0, 4, 8, 8
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""


V1, V2 = Position.V1, Position.V2
A = Question(NAME, RecordType.A)


def heard(ttl: int, at: float = 0.0) -> RecordStatus:
    """A record of which one resolver gave v1 at a moment, to be held for `ttl` seconds from then on."""
    server = ServerStatus(VPC, AnswerClass.V1, instant(at), instant(at), held(V1, ttl), run=1)
    return RecordStatus(RecordType.A, servers=(server,), cache=ttl)


def test_an_answer_may_be_held_for_its_ttl_from_when_it_was_heard() -> None:
    assert held_until(heard(60, 10.0).servers[0], A) == 70.0
    assert held_until(ServerStatus(VPC), A) is None


def test_the_longest_of_the_newest_fetches_is_the_caches_so_that_a_lowered_ttl_is_forgotten() -> None:
    known = Remembered(heard(3600), RecordMemory(fetches=(3600,)))
    for number in range(FETCHES_KEPT):
        assert known.record.cache == 3600
        at = 4000.0 + 100.0 * number
        noted = note(known.record, known.memory, 0, V1, observed(held(V1, 60), at, VPC))
        assert noted is not None
        known = noted
    assert known.record.cache == 60


@pytest.mark.case("D5")
def test_the_same_answer_with_a_falling_ttl_is_no_news_and_one_that_jumped_up_is() -> None:
    record = heard(60)
    assert note(record, RecordMemory(), 0, V1, observed(held(V1, 20), 40.0, VPC)) is None
    assert note(record, RecordMemory(), 0, V2, observed(held(V2, 5), 40.0, VPC)) is None  # an older cache's
    assert note(record, RecordMemory(), 0, V2, observed(held(V2, 60), 40.0, VPC)) is not None


def test_the_same_answer_that_is_read_otherwise_since_the_book_has_grown_is_news() -> None:
    assert note(heard(60), RecordMemory(), 0, V2, observed(held(V2, 20), 40.0, VPC)) is not None


def test_authority_ends_the_talk_of_caches_unless_another_resolver_has_one() -> None:
    served = observed(addresses(RecordType.A, "198.51.100.1"), 40.0, VPC)
    alone = note(heard(60), RecordMemory(fetches=(60,)), 0, V1, served)
    assert alone is not None
    assert alone.record.cache is None
    assert alone.memory.fetches == ()
    other = ServerStatus(INBOUND, AnswerClass.V1, instant(0.0), instant(0.0), held(V1, 60), run=1)
    pair = heard(60)._replace(servers=(*heard(60).servers, other))
    beside = note(pair, RecordMemory(fetches=(60,)), 0, V1, served)
    assert beside is not None
    assert beside.record.cache == 60


def fetching(*places: tuple[AnswerClass, float]) -> ServerStatus:
    """A resolver that fetched each of these from a second on."""
    *past, newest = places
    spells = tuple(Spell(place, instant(since)) for place, since in past)
    return ServerStatus(VPC, newest[0], instant(newest[1]), instant(newest[1]), held(V1, 60), run=1, past=spells)


@pytest.mark.parametrize(
    ("step", "changes", "flaps"),
    [(75.0, 4, True), (75.0, 3, False), (5.0, 4, False), (ALTERNATION_DWELL + 1, 4, False)],
    ids=["two cycles", "a retry after a rollback", "a change that travels", "people"],
)
def test_fetches_alternate_after_two_cycles(step: float, changes: int, flaps: bool) -> None:  # noqa: FBT001
    sides = (AnswerClass.V1, AnswerClass.V2)
    server = fetching(*((sides[number % 2], step * number) for number in range(changes + 1)))
    assert alternates(server, RecordMemory(), context(VPC).through(60)) is flaps
    assert not alternates(server, RecordMemory(), context(VPC))  # with authority other evidence speaks


def test_behind_a_longer_cache_fetches_may_be_further_apart() -> None:
    sides = (AnswerClass.V1, AnswerClass.V2)
    server = fetching(*((sides[number % 2], 3700.0 * number) for number in range(ALTERNATIONS + 1)))
    assert alternates(server, RecordMemory(), context(VPC).through(3600))


def test_what_an_ended_episode_has_used_up_does_not_begin_another() -> None:
    sides = (AnswerClass.V1, AnswerClass.V2)
    server = fetching(*((sides[number % 2], 75.0 * number) for number in range(ALTERNATIONS + 1)))
    through = context(VPC).through(60)
    assert alternates(server, RecordMemory(episode=Episode(ended=instant(74.0))), through)
    assert not alternates(server, RecordMemory(episode=Episode(ended=instant(75.0))), through)


def test_an_answer_of_both_sides_among_them_is_no_place_that_somebody_puts_a_record_to() -> None:
    sides = (AnswerClass.V1, AnswerClass.MIXED)
    server = fetching(*((sides[number % 2], 75.0 * number) for number in range(ALTERNATIONS + 1)))
    assert not alternates(server, RecordMemory(), context(VPC).through(60))


def test_a_record_that_flapped_is_quiet_after_eight_equal_fetches() -> None:
    record = heard(60)
    few, enough = (record.servers[0]._replace(run=run) for run in (QUIET_FETCHES - 1, QUIET_FETCHES))
    assert not is_quiet(record._replace(servers=(few,)))
    assert is_quiet(record._replace(servers=(enough,)))
    assert is_quiet(record._replace(servers=(few,), cache=None))
    assert QUIET_FETCHES == 8
