"""One side of a split that no answer has shown yet: how little so many answers say about it.

Each answer is a draw. Of a side with the share q, n answers show nothing with a chance of (1 - q)^n: after 22 answers a
side of 5 % is still unseen in one of three cases, and of 22 fetches of a cache, one a TTL, that is half an hour. So a
record that leads to one side in every answer is not yet a record that stands there.
"""

MISSED = 0.05
"""Chance with which a share is said to go unseen where none is declared: of one that is larger something would have
been seen in nineteen of twenty cases."""


def chance_unseen(share: float, answers: int) -> float:
    """Give the chance that none of so many answers shows a side with this share (0 to 1)."""
    return float((1.0 - share) ** answers)


def may_be_unseen(answers: int) -> float:
    """Give the largest share that so many answers miss with a chance of `MISSED`: 0.95 of one, 3 % of a hundred."""
    return float(1.0 - MISSED ** (1.0 / answers)) if answers else 1.0
