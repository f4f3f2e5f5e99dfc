"""What the asking costs, per server group and transport."""

from bisect import bisect_left

from probe.model.outcome import FAILED_RCODES, FailureReason, NoResponse, Response
from probe.model.server import Transport
from probe.model.traffic import DURATION_BUCKETS, Traffic

UNSOLICITED = "unsolicited"
"""The group of datagrams from addresses that were never asked: they belong to no server's account."""


class Ghost:
    """What is left of a question in the table of ids: a second or late answer to it is told from a forged one.

    Args:
        counter: Whose question it was.
        answered: Whether its answer has come already: the next one is a second, else a late one.
    """

    __slots__ = ("answered", "counter")

    def __init__(self, counter: "TrafficCounter", *, answered: bool) -> None:
        self.counter = counter
        self.answered = answered


class TrafficCounter:
    """Running totals; see `probe.model.traffic.Traffic` for their meaning.

    Args:
        group: Of whom: `authoritative`, or the resolver's name.
        transport: By which way.
    """

    __slots__ = (
        "_counts",
        "_duration",
        "_failures",
        "_group",
        "_transport",
        "duplicates",
        "ghost_answered",
        "ghost_given_up",
        "late",
        "mismatched",
        "queries",
    )

    def __init__(self, group: str, transport: Transport) -> None:
        self._group = group
        self._transport = transport
        self._counts = [0] * (len(DURATION_BUCKETS) + 1)
        self._duration = 0.0
        self._failures: dict[FailureReason, int] = {}
        self.queries = 0
        self.late = 0
        self.duplicates = 0
        self.mismatched = 0
        self.ghost_answered = Ghost(self, answered=True)
        self.ghost_given_up = Ghost(self, answered=False)

    def settled(self, outcome: Response | NoResponse, elapsed: float) -> None:
        """Count one finished question that took `elapsed` seconds.

        SERVFAIL and REFUSED are answers in time, and failures.
        """
        if outcome.__class__ is NoResponse:
            self._failed(outcome.reason)
            return
        self._counts[bisect_left(DURATION_BUCKETS, elapsed)] += 1
        self._duration += elapsed
        if outcome.rcode in FAILED_RCODES:  # type: ignore[union-attr]  # mypy does not narrow by __class__; isinstance is twice as dear
            self._failed(FAILED_RCODES[outcome.rcode])  # type: ignore[union-attr]  # same

    def _failed(self, reason: FailureReason) -> None:
        self._failures[reason] = self._failures.get(reason, 0) + 1

    def traffic(self) -> Traffic:
        """Give the totals as a value."""
        return Traffic(
            group=self._group,
            transport=self._transport,
            queries=self.queries,
            failures=tuple((reason, self._failures[reason]) for reason in FailureReason if reason in self._failures),
            duration_counts=tuple(self._counts),
            duration_sum=self._duration,
            late=self.late,
            duplicates=self.duplicates,
            mismatched=self.mismatched,
        )


class TrafficCounters:
    """All counters. Their number is bounded: groups come from the plan, never from the network."""

    __slots__ = ("_counters",)

    def __init__(self) -> None:
        self._counters: dict[tuple[str, Transport], TrafficCounter] = {}

    def counter(self, group: str, transport: Transport) -> TrafficCounter:
        """Give the counter of `group` over `transport`."""
        counter = self._counters.get((group, transport))
        if counter is None:
            counter = self._counters[group, transport] = TrafficCounter(group, transport)
        return counter

    def traffic(self) -> tuple[Traffic, ...]:
        """Give every counter's totals, in the order of group and transport."""
        return tuple(self._counters[key].traffic() for key in sorted(self._counters))
