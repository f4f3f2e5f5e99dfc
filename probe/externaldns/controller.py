"""When an ExternalDNS syncs: on its own beat, whatever the other side does to the zone."""

import math
from dataclasses import dataclass

from probe.externaldns.aws import SentBatch
from probe.externaldns.instance import ExternalDnsInstance


@dataclass(frozen=True, slots=True)
class SyncSchedule:
    """Runs at `phase`, `phase + interval`, `phase + 2 * interval`, ... (seconds on the monotonic scale).

    A real controller drifts by its ticker, up to one second an interval; a fixed phase keeps the lab's stories
    repeatable, and a fight's dwell times are what they are in the field: phase and interval minus phase.

    Attributes:
        interval: Seconds between two runs.
        phase: The monotonic second of the first.
    """

    interval: float
    phase: float

    def next_after(self, now: float) -> float:
        """Tell the monotonic second of the first run after `now`."""
        if now < self.phase:
            return self.phase
        run = self.phase + (math.floor((now - self.phase) / self.interval) + 1) * self.interval
        return run if run > now else run + self.interval  # rounding may land on `now` itself

    def due(self, last: float, now: float) -> bool:
        """Whether a run falls into the time after `last` up to and including `now` (`ShouldRunOnce`)."""
        return self.next_after(last) <= now


@dataclass(slots=True)
class Controller:
    """One instance on its beat.

    Attributes:
        instance: Who syncs.
        schedule: When.
        last: The monotonic second up to which runs have been made up.
    """

    instance: ExternalDnsInstance
    schedule: SyncSchedule
    last: float = -math.inf

    def next_run(self) -> float:
        """Tell the monotonic second at which it syncs next."""
        return self.schedule.next_after(self.last) if self.last > -math.inf else self.schedule.phase

    def run_if_due(self, now: float) -> tuple[SentBatch, ...]:
        """Sync if a run has come due by the monotonic second `now`; a missed run is not made up twice."""
        if self.next_run() > now:
            return ()
        self.last = now
        return self.instance.sync()
