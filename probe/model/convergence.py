"""How long changes take to arrive everywhere: the stages, and their count over all changes."""

from typing import NamedTuple

from probe.model.word import Word

CONVERGENCE_BUCKETS = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 90.0, 120.0, 180.0, 300.0, 600.0, 900.0, 1800.0, 3600.0)
"""Upper bounds in seconds: Route 53 means to reach its servers within 60, an ALB's alias lives 60 in a cache, a denial
900, and a TTL that nobody lowered an hour."""


class Stage(Word):
    """What a change has reached. Its time counts from the first server that showed it."""

    ALL_SERVERS = "all_servers"
    """Every authoritative server that answers."""
    ALL_RESOLVERS = "all_resolvers"
    """Every resolver that answers, with all of its caches that were seen."""


class ConvergenceCounts(NamedTuple):
    """Totals since the start over all changes.

    Attributes:
        stage: What was reached.
        counts: Changes per bucket of CONVERGENCE_BUCKETS plus one for all slower ones (not cumulative).
        total: Seconds, over all of them.
    """

    stage: Stage
    counts: tuple[int, ...]
    total: float
