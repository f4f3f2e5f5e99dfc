"""What the detector is held to, and how a figure is compared with it."""

import math
from collections.abc import Mapping
from typing import NamedTuple


class FightGoal(NamedTuple):
    """What is wanted of one kind of fight.

    Attributes:
        recall: Share of scoreable fights that raise an alarm.
        median, p90: Of the delay ratio; None where no figure is wanted.
    """

    recall: float = 0.999
    median: float | None = None
    p90: float | None = None


FIGHT_GOALS: Mapping[str, FightGoal] = {
    "60 s": FightGoal(median=1.05, p90=1.5),
    "mixed periods": FightGoal(median=1.1, p90=2.0),
    "180 s and slower, TXT": FightGoal(median=1.05),
    "glitch": FightGoal(recall=0.99),
    "against a 50 % set": FightGoal(recall=0.98),
}
"""Kinds of fights with a goal of their own; the others want 99.9 % recall."""

RIGHT_CAUSE = 0.999
FALSE_ALARMS_PER_DAY = 1e-4
WEIGHTED_WITHIN = 180.0
WEIGHTED_SHARE = 0.99
NEVER_DIVIDED = 0.999
QUESTIONS_A_MINUTE = 20.0
BILLED_A_MINUTE = 4.0

_CONFIDENCE_LOG = math.log(0.05)


def most_false_alarms(seen: int, days: float) -> float:
    """Give the largest rate of false alarms a domain-day that so many in so many days leave possible, at 95 %.

    The exact upper bound of a Poisson rate: the rate at which `seen` or fewer would come by chance once in twenty.
    """
    low, high = 0.0, 2.0 * seen + 10.0
    while high - low > 1e-6 * high:
        middle = (low + high) / 2
        if _log_at_most(seen, middle) > _CONFIDENCE_LOG:
            low = middle
        else:
            high = middle
    return high / days if days else math.inf


def _log_at_most(seen: int, mean: float) -> float:
    terms = [-mean + count * math.log(mean) - math.lgamma(count + 1) for count in range(seen + 1)] if mean else [0.0]
    largest = max(terms)
    return largest + math.log(sum(math.exp(term - largest) for term in terms))
