from dataclasses import replace

import pytest

from probe.judge.polling import cadence, crowd
from probe.judge.polling.crowd import ALONE, Crowd
from probe.model.plan import Probing
from probe.model.ports import Query
from probe.model.question import Question, RecordType
from probe.model.record import RecordState
from tests.judge.answers import NAME, SERVERS, instant
from tests.judge.polling.test_cadence import domain_state, standing, status

ENOUGH_NEIGHBOURS = 3
FULL_ROUND = 8
BURST_SHARE = 0.7
SCOUTS = 4
TXT_SHARE = 0.15
"""As the cases below need them: whoever moves a threshold moves its figure here as well, and its reason there."""

PROBING = Probing()
PER_SECOND = crowd.allowance(SERVERS, PROBING)


def test_bursts_leave_calm_turns_their_part_of_what_servers_are_allowed() -> None:
    assert len(SERVERS) * PROBING.queries_per_second * BURST_SHARE == PER_SECOND
    slower = (replace(SERVERS[0], queries_per_second=5.0), *SERVERS[1:])
    assert crowd.allowance(slower, PROBING) == PER_SECOND - (PROBING.queries_per_second - 5.0) * BURST_SHARE


def test_it_is_crowded_when_full_rounds_of_all_are_more_than_the_allowance() -> None:
    most = int(PER_SECOND * PROBING.burst_interval / FULL_ROUND)
    assert not crowd.is_crowded(ALONE, PROBING)
    assert not crowd.is_crowded(Crowd(most, PER_SECOND, scout=False), PROBING)
    assert crowd.is_crowded(Crowd(most + 1, PER_SECOND, scout=False), PROBING)


def test_the_only_server_of_a_zone_is_asked_again_twice_at_most_thrice() -> None:
    question = Question(NAME, RecordType.A)
    assert {query.server for query in crowd.follow_up(SERVERS[0], question, SERVERS[:1])} == {SERVERS[0]}


def test_the_narrow_round_goes_to_the_server_that_was_heard_longest_ago() -> None:
    known = status(standing(RecordType.A), standing(RecordType.AAAA))
    queries = tuple(Query(server, Question(NAME, RecordType.A)) for server in SERVERS)
    (only,) = crowd.narrow(queries, known)
    heard = {told.server: told.at for told in known.records[0].servers}
    assert all(
        heard[only.server] is None or (at is not None and heard[only.server].monotonic <= at.monotonic)  # type: ignore[union-attr]  # just compared with None
        for at in heard.values()
    )


def test_ownership_of_all_together_keeps_to_its_share() -> None:
    for bursting in (2, 30, 100):
        pause = crowd.txt_pause(Crowd(bursting, PER_SECOND), 2, 7.0)
        assert bursting * 2 / pause <= TXT_SHARE * PER_SECOND + 1e-9 or pause == 7.0
    assert crowd.txt_pause(ALONE, 4, 7.0) == 7.0


def test_bursts_take_seven_tenths_and_ownership_an_eighth_of_that_less_than_a_sixth() -> None:
    hundred = Crowd(100, PER_SECOND)
    assert pytest.approx(0.7 * 4 * PROBING.queries_per_second) == PER_SECOND
    assert 100 * 2 / crowd.txt_pause(hundred, 2, 7.0) == pytest.approx(0.15 * PER_SECOND)


def test_a_full_round_is_what_a_burst_asks_of_one_family_at_four_servers() -> None:
    suspected = standing(RecordType.A)._replace(state=RecordState.PROPAGATING, disturbed=instant(0))
    known = domain_state(suspected, standing(RecordType.AAAA))
    assert len(cadence.burst_plan(known, SERVERS, 1)) == FULL_ROUND == 8


def test_one_more_than_the_neighbours_that_are_believed_keep_full_rounds() -> None:
    assert (SCOUTS, ENOUGH_NEIGHBOURS) == (4, 3)
