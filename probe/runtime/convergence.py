"""How long changes took to arrive, counted over all domains since the start."""

from bisect import bisect_left

from probe.model.convergence import CONVERGENCE_BUCKETS, ConvergenceCounts, Stage
from probe.model.effect import Converged


class ConvergenceMeter:
    """Counts stages that were reached. Written on the event loop and read from any thread."""

    def __init__(self) -> None:
        empty = (0,) * (len(CONVERGENCE_BUCKETS) + 1)
        self._counts = {stage: ConvergenceCounts(stage, empty, 0.0) for stage in Stage}

    def note(self, reached: Converged) -> None:
        """Count one change that has reached everybody of a stage."""
        before = self._counts[reached.stage]
        place = bisect_left(CONVERGENCE_BUCKETS, reached.seconds)
        counts = (*before.counts[:place], before.counts[place] + 1, *before.counts[place + 1 :])
        self._counts[reached.stage] = ConvergenceCounts(reached.stage, counts, before.total + reached.seconds)

    def counts(self) -> tuple[ConvergenceCounts, ...]:
        """Tell the counts, stage by stage: each has its own from the start."""
        return tuple(self._counts.values())
