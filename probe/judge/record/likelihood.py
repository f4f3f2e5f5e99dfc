"""How likely a run of equal answers is if every answer were an independent draw (weights): the case against chance.

The question behind every change of verdict is: could this run of answers be chance? Suppose that a server draws each
answer with a fixed but unknown share q of the position Y. Before the run it gave n answers, c of them Y. With a
uniform prior on q the next answer is Y with probability (c + 1) / (n + 2) (Laplace's rule of succession), and a run
of k answers Y has the product of these with c and n growing by one each time. For c = 0 that product is 1 / C(n + k +
1, k):

| n (all X) | k = 2 | k = 3 | k = 6 |
| --- | --- | --- | --- |
| 5 | 4e-2 | 1e-2 | 2e-3 |
| 30 | 2e-3 | 2e-4 | 4e-7 |
| 1000 | 2e-6 | 6e-9 | 7e-16 |

So a record that was steady for long needs two answers to be believed, a young one more, and a share near one half never
gets there: a record drawn at 1 to 1 needs 30 equal answers for 1e-9. Answers of several servers multiply.

What this costs in false transitions, worst case q = 1/2 at four servers: the current runs of the four add up to 30 or
more when the last 33 answers (looking back server by server) hold at most three others: 6,000 / 2^33 = 7e-7 for each
answer, so 3e-4 in the 500 answers or so that it takes to prove draws. Once they are proven (`weighted`) the bar is
`SURE_AGAINST_DRAWS`, 50 equal answers: 3e-12 for each answer, 1e-5 in a year of calm turns. A flap needs three such
transitions in a row.

More servers have more ways to share that many answers: at eight the last 37 may hold seven others, 9e-5 for each
answer, and one drawn record in fifty made a transition that was never written. The logarithm of one server's run is
distributed as an exponential, so that of k servers together as a gamma of shape k; `together` gives the bar at which
that is as unlikely as it is at four: -28.5 in place of -20.7 at eight, one or two equal answers more of each.

The mathematics is `probe.judge.bernoulli`'s, as it is that of `probe.judge.share.confidence`: the product is the ratio
of two mixtures over a uniform share, after the run and before it. The question is another one, and so are the bars:
there one declared share is the hypothesis and all answers are weighed at once; here any share may be, and only the
present run is weighed, with counts that are halved to forget.
"""

import math
from functools import lru_cache
from typing import TypeAlias

from probe.judge.bernoulli import of_run
from probe.model.record import Position

Counts: TypeAlias = tuple[int, int, int, int, int]
"""Answers per Position, in that enum's order."""

NO_COUNTS: Counts = (0, 0, 0, 0, 0)

INDEX = {position: index for index, position in enumerate(Position)}

SURE = math.log(1e-9)
"""A run less likely than this under draws is a transition."""

SURE_AGAINST_DRAWS = math.log(1e-15)
"""The bar for a record that is known to be drawn."""

SURE_OF_CALM = math.log(1e-6)
"""A run less likely than this ends the verdict that answers are drawn. Being wrong costs a minute until it is back."""

LONG_RUN = 50
"""Answers that a run has to have beside that where draws are known: shares are changed, and what was chance at the old
one may be nothing at the new. At 1 to 1 so many are 1e-15 whatever was seen before."""

ANSWERS_COUNTED = 1024
"""Answers after which the counts of a server are halved: hours of calm turns; a changed share is learned in that
time."""


PRICED_SERVERS = 4
"""Servers for whose runs together the bars above are the price of chance."""


@lru_cache(maxsize=256)
def together(bar: float, servers: int) -> float:
    """Give the bar for the runs of so many servers together: as unlikely there as `bar` is at four.

    Both are natural logarithms of probabilities.
    """
    if servers <= PRICED_SERVERS:
        return bar
    wanted, low, high = _log_tail(-bar, PRICED_SERVERS), -bar, -bar + 8.0 * servers
    while high - low > 1e-6:  # noqa: PLR2004 - far less than one answer
        middle = (low + high) / 2
        low, high = (middle, high) if _log_tail(middle, servers) > wanted else (low, middle)
    return -high


def _log_tail(value: float, shape: int) -> float:
    """Give the logarithm of the chance that a gamma of this shape is above a value."""
    return math.log(sum(value**order / math.factorial(order) for order in range(shape))) - value


def counted(counts: Counts, index: int, more: int = 1) -> Counts:
    """Count `more` answers at `index`; halve everything until there are `ANSWERS_COUNTED` at most."""
    grown = list(counts)
    grown[index] += more
    a, b, c, d, e = grown
    while a + b + c + d + e > ANSWERS_COUNTED:
        a, b, c, d, e = a // 2, b // 2, c // 2, d // 2, e // 2
    return a, b, c, d, e


def told_otherwise(counts: Counts, index: int) -> bool:
    """Tell whether anything else than `index` is among the answers before a run there: else it proves nothing."""
    return counts[index] < sum(counts)


def run_likelihood(counts: Counts, index: int, run: int) -> float:
    """Give the logarithm of the probability of a run of answers (at most 0), by the rule of succession.

    It is 0 when nothing else was seen: an answer that was never contradicted proves nothing against chance.

    The product of the rule has a closed form in factorials. So nothing has to be kept or computed while a run grows:
    its length and the counts before it tell its probability at the moment at which it is wanted.

    Args:
        counts: The answers before the run.
        index: Where the answers of the run are.
        run: How many there are.
    """
    if not told_otherwise(counts, index):
        return 0.0
    return of_run(counts[index], sum(counts), run)
