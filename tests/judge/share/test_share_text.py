"""What is said of a side that answers have not shown yet: word by word."""

import pytest

from probe.judge.share.share_text import Fetched, not_told_yet, of_fetched
from probe.model.plan import Weights
from probe.model.question import RecordType
from probe.model.record import Position
from probe.model.share import Share

A, AAAA = RecordType.A, RecordType.AAAA


@pytest.mark.parametrize(
    ("shares", "weights", "side", "words"),
    [
        (
            (Share(A, v2=22), Share(AAAA, v2=23)),
            Weights(5, 95),
            Position.V2,
            (
                "whether v1 has its declared 5% is not known yet: all answers so far led to v2 (22 of A, 23 of AAAA), "
                "and 22 answers of such weights do so with a chance of 32%"
            ),
        ),
        (
            (Share(A, v1=1),),
            Weights(9, 1),
            Position.V1,
            (
                "whether v2 has its declared 10% is not known yet: all answers so far led to v1 (1 of A), and 1 answer "
                "of such weights does so with a chance of 90%"
            ),
        ),
        (
            (Share(A, v2=14),),
            Weights(50, 50),
            Position.V2,
            (
                "whether v1 has its declared 50% is not known yet: all answers so far led to v2 (14 of A), and 14 "
                "answers of such weights do so with a chance of less than 0.1%"
            ),
        ),
        (
            (Share(A, v2=22), Share(AAAA)),
            Weights(1, 99),
            Position.V2,
            "whether v1 has its declared 1% is not known yet",
        ),
        (
            (Share(A, v1=1, v2=39, lower=0.7, upper=0.999),),
            Weights(5, 95),
            Position.V2,
            "whether v1 has its declared 5% is not known yet: A leads to v2 in 97.5% (70% to 99.9%) of 40 answers",
        ),
        (
            (Share(A, v2=20, lower=0.3, upper=0.7, elsewhere=20),),
            Weights(50, 50),
            Position.V2,
            (
                "whether v1 has its declared 50% is not known yet: A leads to v2 in 50% (30% to 70%) of 40 answers, "
                "and to neither side alone in 50%"
            ),
        ),
    ],
)
def test_a_declared_part_that_is_not_seen_is_said_to_be_open(
    shares: tuple[Share, ...], weights: Weights, side: Position, words: str
) -> None:
    assert not_told_yet(shares, weights, side) == words


@pytest.mark.parametrize(
    ("fetched", "words"),
    [
        (
            (Fetched(A, 22, 22), Fetched(AAAA, 24, 24)),
            (
                "all answers fetched so far led to v2 (22 of A, 24 of AAAA), and so many miss a share of 13% one time "
                "in twenty"
            ),
        ),
        (
            (Fetched(A, 1, 1, changed=True),),
            (
                "all answers fetched since it changed led to v2 (1 of A), and so many miss a share of 95% one time in "
                "twenty"
            ),
        ),
        (
            (Fetched(A, 20, 21), Fetched(AAAA, 1, 1)),
            "20 of 21 answers for A and 1 of 1 answer for AAAA fetched so far led to v2",
        ),
    ],
)
def test_fetches_are_counted_and_what_they_may_miss_is_said(fetched: tuple[Fetched, ...], words: str) -> None:
    assert of_fetched(fetched, Position.V2) == words
