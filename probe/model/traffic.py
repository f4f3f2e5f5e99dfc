"""What the asking cost, counted where it happens and read by whoever exports it."""

from typing import NamedTuple

from probe.model.outcome import FailureReason
from probe.model.server import Transport

DURATION_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper bounds in seconds: from a server in the same zone to past the longest sensible timeout."""


class Traffic(NamedTuple):
    """Totals since the start for one server group and transport.

    Attributes:
        group, transport: The labels.
        queries: Messages sent, retries included.
        failures: Silences by reason.
        duration_counts: Answers per bucket of DURATION_BUCKETS plus one for all slower ones (not cumulative).
        duration_sum: Seconds, over all answers.
        late: Answers that came after their question was given up.
        duplicates: Second answers to a question already answered.
        mismatched: Datagrams from the wrong source, with an unknown id or another question: dropped, never believed.
    """

    group: str
    transport: Transport
    queries: int
    failures: tuple[tuple[FailureReason, int], ...]
    duration_counts: tuple[int, ...]
    duration_sum: float
    late: int = 0
    duplicates: int = 0
    mismatched: int = 0
