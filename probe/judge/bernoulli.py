"""How likely counts of answers are as independent draws: one mathematics for runs, shares, levels and correlation.

Draws of one share are Bernoulli trials, and the order in which they came says nothing: two counts tell everything. What
is asked of them is the logarithm of their likelihood, and of the share one of three things is known:

- it is one given share: `at_share`;
- it is whatever fits best, as in likelihood ratios of generalised kind (S. S. Wilks, Annals of Mathematical Statistics
  9, 1938): `at_likeliest`;
- it is anything, spread as a beta distribution with `prior` in either place: `mixed`. A uniform share has 1: the next
  draw has then the chance of Laplace's rule of succession, and a run of draws after others the difference of two of
  these values. Jeffreys' share has 1/2, and is never far from any: the numerator of evidence that may be looked at at
  any time (H. Robbins, Annals of Mathematical Statistics 41, 1970).

Which of these is meant, and the bar that it is held against, is the reader's: `probe.judge.record.likelihood` for runs,
`probe.judge.share.confidence` for shares, `probe.judge.record.changepoint` and `correlation` for levels and servers.
"""

import math

UNIFORM = 1.0
"""Prior of a share of which nothing is known: every share is as likely."""

JEFFREYS = 0.5
"""Prior of Jeffreys: the same whether a share, its odds or their logarithm is asked for."""


def at_share(share: float, some: float, others: float) -> float:
    """Give the log likelihood of `some` draws and `others` when the share of the former is given, 0 to 1."""
    if (share <= 0 and some) or (share >= 1 and others):
        return -math.inf
    return (some * math.log(share) if some else 0.0) + (others * math.log1p(-share) if others else 0.0)


def at_likeliest(some: float, others: float) -> float:
    """Give the log likelihood of `some` draws and `others` at the share that fits them best."""
    total = some + others
    return sum(count * math.log(count / total) for count in (some, others) if count > 0.0)


def mixed(some: float, others: float, prior: float) -> float:
    """Give the log likelihood of `some` draws and `others`, in their order, when the share may be anything."""
    spread = 2 * math.lgamma(prior) - math.lgamma(2 * prior)
    return math.lgamma(some + prior) + math.lgamma(others + prior) - math.lgamma(some + others + 2 * prior) - spread


def of_run(seen: float, total: float, run: float) -> float:
    """Give the log likelihood that `run` draws are of a kind, after `total` draws of which `seen` were of it.

    With a uniform share: the difference of two `mixed` values, in which the draws of other kinds cancel out.
    """
    log_factorial = math.lgamma
    return (
        log_factorial(seen + run + UNIFORM)
        - log_factorial(seen + UNIFORM)
        - log_factorial(total + run + 2 * UNIFORM)
        + log_factorial(total + 2 * UNIFORM)
    )
