"""How large the share of v2 is, and whether it is the declared one: said at any time without growing wrong by looking.

The theory. Each answer is a draw that leads to v2 with an unknown share p. Against any one p stands the *evidence*

    E(p) = B(b + 1/2, a + 1/2) / B(1/2, 1/2) / (p^b (1 - p)^a)

after a answers of v1 and b of v2, B being the beta function: how much better the draws are told by "some share, I do
not know which" (the beta distribution with halves) than by p. Under p it is a martingale that begins at 1, so that
Ville's inequality holds over all times at once: the chance that it *ever* reaches 1/alpha is alpha at most, however
often it is looked at, and whenever looking stops (H. Robbins, Annals of Mathematical Statistics 41, 1970, section 5; T.
L. Lai, Annals of Statistics 4, 1976; S. R. Howard and others, Annals of Statistics 49, 2021). The shares with less
evidence than that against them are the interval. It holds the true share at all times with 1 - alpha.

The price of that is a factor: where a single look at 1,000 answers would take 3.9 standard deviations for the same
alpha, this takes 5.1.

The likelihoods are `probe.judge.bernoulli`'s. Only counts enter: the order of answers, the servers that gave them and
the moments of looking do not matter, and a question that is asked because of earlier answers (a burst) is as good as
any other.
"""

import math
from typing import NamedTuple

from probe.judge.bernoulli import JEFFREYS, at_share, mixed
from probe.model.plan import Weights
from probe.model.share import ShareVerdict

ALPHA = 1e-4
"""Chance that a share which stands as declared is ever called off. A thousand weighted domains have two thousand
records: one such migration in five sees one false warning, however long it takes."""

INTERVAL_SURE = math.log(1 / ALPHA)
"""Evidence (its logarithm) at which a share is excluded, when nothing else was tried."""

FACTOR = 3.0
"""Factor in the odds up to which a share counts as the declared one: weights are moved in steps such as 1, 5, 10, 25,
50, 75, 100, and neighbours lie a factor of two to five apart."""

POINTS = 0.1
"""The same as a difference of shares, whichever is narrower: 40 to 60 % of a declared half."""

LEAST = 0.001
"""A declared weight of 0 is tested as this share: with 0 itself one answer would be proof, and one answer may be a load
balancer's address that the book has on the wrong side."""

PRIOR = 10.0
"""Answers as which the declared share counts when the next ones are foretold."""

_PRECISION = 26  # halvings of an interval: 1e-8


class Interval(NamedTuple):
    """Shares from one to another, each of 0 to 1."""

    lower: float
    upper: float


def declared_share(weights: Weights) -> float:
    """Give the share of v2 that declared weights are tested as."""
    return min(max(weights.v2_share, LEAST), 1 - LEAST)


def band(declared: float) -> Interval:
    """Give the shares that count as a declared one."""
    odds = declared / (1 - declared)
    low, high = odds / FACTOR, odds * FACTOR
    lower = max(low / (1 + low), declared - POINTS)
    upper = min(high / (1 + high), declared + POINTS)
    return Interval(0.0 if declared <= LEAST else lower, 1.0 if declared >= 1 - LEAST else upper)


def against(share: float, v1: float, v2: float) -> float:
    """Give the logarithm of the evidence against a share (0 to 1) after `v1` and `v2` answers."""
    return mixed(v2, v1, JEFFREYS) - at_share(share, v2, v1)


def interval(v1: float, v2: float, bar: float = INTERVAL_SURE) -> Interval:
    """Give the shares against which there is less evidence than `bar` (a logarithm)."""
    total = v1 + v2
    if not total:
        return Interval(0.0, 1.0)
    level = mixed(v2, v1, JEFFREYS) - bar
    likeliest = v2 / total
    return Interval(_edge(v1, v2, level, likeliest, 0.0), _edge(v1, v2, level, likeliest, 1.0))


def least_against(shares: Interval, v1: float, v2: float) -> float:
    """Give the evidence against the share of an interval that has the least against it."""
    likeliest = v2 / (v1 + v2)
    return against(min(max(likeliest, shares.lower), shares.upper), v1, v2)


def judged(declared: float, v1: float, v2: float, bar: float = INTERVAL_SURE) -> ShareVerdict:
    """Judge a share by the declared one: off when that is excluded, right when everything not excluded is near it."""
    if against(declared, v1, v2) >= bar:
        return ShareVerdict.OFF
    return ShareVerdict.AS_DECLARED if _is_within(band(declared), v1, v2, bar) else ShareVerdict.OPEN


def _is_within(near: Interval, v1: float, v2: float, bar: float) -> bool:
    """Tell whether `near` holds the whole interval, where the share that it is around is not excluded.

    Evidence grows both ways from the likeliest share: where it excludes both ends of `near` and nothing within, all
    that is not excluded lies between them. No share lies beyond 0 and 1.
    """
    level = mixed(v2, v1, JEFFREYS) - bar
    lower = near.lower <= 0.0 or at_share(near.lower, v2, v1) < level
    return lower and (near.upper >= 1.0 or at_share(near.upper, v2, v1) < level)


def needed(declared: float, v1: float, v2: float, bar: float = INTERVAL_SURE) -> int:
    """Foretell how many more answers decide, if they go on as they came: 60,000 at the most, for weights of 0 to one.

    Every share comes to its decision: the declared one once the interval lies within its neighbourhood, any other one,
    however near, once it is excluded or the interval lies within the neighbourhood all the same.
    """
    share = (v2 + PRIOR * declared) / (v1 + v2 + PRIOR)

    def is_decided(more: int) -> bool:
        return judged(declared, v1 + more * (1 - share), v2 + more * share, bar) is not ShareVerdict.OPEN

    if is_decided(0):
        return 0
    enough = 16
    while not is_decided(enough):
        enough *= 2
    too_few = enough // 2
    while enough - too_few > max(1, enough // 64):
        middle = (too_few + enough) // 2
        too_few, enough = (too_few, middle) if is_decided(middle) else (middle, enough)
    return enough


def _edge(v1: float, v2: float, level: float, inside: float, outside: float) -> float:
    """Find where the likelihood falls below `level` between the likeliest share and 0 or 1."""
    if at_share(outside, v2, v1) >= level:
        return outside
    for _ in range(_PRECISION):
        middle = (inside + outside) / 2
        if at_share(middle, v2, v1) >= level:
            inside = middle
        else:
            outside = middle
    return outside
