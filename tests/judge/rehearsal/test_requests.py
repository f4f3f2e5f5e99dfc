"""How many requests a sync takes."""

from probe.judge.rehearsal.requests import Sent, SyncLoad, sent
from probe.judge.rehearsal.rewrite import Rewrite

GOOD = Rewrite(frozenset(), 4, 8, 400)
BAD = GOOD._replace(refusals=("no",))
CALM = Rewrite(frozenset())


def test_what_is_up_to_date_sends_nothing() -> None:
    assert sent([SyncLoad(300, CALM)]) == Sent(0, 0)


def test_all_fit_into_one_batch_while_they_fit() -> None:
    assert sent([SyncLoad(60, GOOD)]) == Sent(1, 0)
    assert sent([SyncLoad(81, GOOD)]) == Sent(2, 0)  # 32,000 octets: 80 hosts at 400
    assert sent([SyncLoad(126, GOOD._replace(octets=0))]) == Sent(2, 0)  # 1,000 values: 125 hosts at 8


def test_a_refused_batch_goes_again_host_by_host() -> None:
    assert sent([SyncLoad(60, BAD)]) == Sent(61, 61)
    assert sent([SyncLoad(59, GOOD), SyncLoad(1, BAD)]) == Sent(61, 2)
    assert sent([SyncLoad(1, BAD)]) == Sent(1, 1)


def test_per_minute() -> None:
    assert Sent(61, 61).per_minute(20.0) == (183.0, 183.0)
