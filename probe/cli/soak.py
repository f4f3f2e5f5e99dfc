"""Watching waves until they are confirmed, or cannot be any more: what `confirm` does before it speaks.

It is the daemon's own engine over the daemon's own fold; only the end is this module's.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from probe.cli.assembly import Probe, Route, assemble
from probe.cli.look import NO_ANSWER, close, has_answers
from probe.judge.findings.catalogue import CATALOGUE
from probe.model.check import CheckOutcome
from probe.model.clock import AlarmClock, Instant
from probe.model.domain import DomainStatus
from probe.model.effect import Effect
from probe.model.finding import Finding
from probe.model.name import DomainName
from probe.model.plan import Plan
from probe.model.side import Side
from probe.model.snapshot import Snapshot
from probe.report.event import Event, event_of
from probe.report.sign_off import Ending, Turn
from probe.wire.transport.querier import direct

LONGEST_PAUSE = 1.0
"""Seconds between two looks at the clocks: an answer in ten seconds at the earliest changes them."""
LOOKS_PER_SOAK = 20
"""A short soak is looked at that often, so that it ends when it is over."""
SHORTEST_PAUSE = 0.1
"""Seconds: judging some thousands of domains takes as long."""
MAX_EVENTS = 200
"""Events kept per domain: a fight with a beat of a minute has 120 changes of both families in an hour."""
MAX_OUTCOME_CHANGES = 500
"""Changes of the outcome kept per domain: more cannot be told apart in a drawing."""


class SoakLimits(NamedTuple):
    """Seconds that a soak takes at least and at most."""

    soak: float
    timeout: float


@dataclass(slots=True)
class Record:
    """What happened to a domain, or to a wave, newest last."""

    course: deque[Turn] = field(default_factory=lambda: deque(maxlen=MAX_OUTCOME_CHANGES))
    events: deque[Event] = field(default_factory=lambda: deque(maxlen=MAX_EVENTS))
    forgotten: int = 0

    def note(self, event: Event) -> None:
        """Keep an event; the oldest gives way."""
        self.forgotten += len(self.events) == MAX_EVENTS
        self.events.append(event)


@dataclass(slots=True)
class Soaked:
    """What came of it. `records` has an entry for each domain, and under None what happened to waves.

    `failure` says why the command could not do its work, although there is a report to write; empty when it could.
    """

    began: Instant
    snapshot: Snapshot
    ending: Ending | None = None
    failure: str = ""
    watched: Instant | None = None
    records: dict[DomainName | None, Record] = field(default_factory=dict)

    def note(self, event: Event) -> None:
        """Keep what happened."""
        self.records.setdefault(event.domain, Record()).note(event)

    def look(self, snapshot: Snapshot) -> None:
        """Take the present: whatever ends this, it is the newest that the report can tell."""
        self.snapshot = snapshot
        if self.watched is None and snapshot.ready:
            self.watched = snapshot.at
        for status in snapshot.domains:
            course = self.records.setdefault(status.domain.name, Record()).course
            outcome = status.confirmation.outcome
            if not course or course[-1].outcome is not outcome:
                course.append(Turn(snapshot.at, outcome))


async def soak(  # noqa: PLR0913  # what to watch, by which clock, for how long, who is told, what ends it, and where
    plan: Plan,
    clock: AlarmClock,
    limits: SoakLimits,
    *,
    show: Callable[[Snapshot], None],
    tell: Callable[[Event], None],
    interrupted: asyncio.Event,
    route: Route = direct,
) -> Soaked:
    """Watch every domain of a plan until all are confirmed at one moment, or that has become impossible.

    Args:
        plan: What to watch; its `soak` is that of the limits.
        clock: Paces everything.
        limits: When it is enough.
        show: Told of the present again and again.
        tell: Told of everything that happens.
        interrupted: Set when somebody wants it to end.
        route: Leads into a laboratory, when it is not the real network.

    Returns:
        What was seen, whatever ended it: that nothing answered, or that a part of the probe failed, is its `failure`.
    """
    told: list[Effect] = []
    probe = assemble(plan, clock, route=route, observers=(told.append,))
    soaked = Soaked(clock.now(), probe.engine.snapshot())
    probe.engine.start()
    death = asyncio.get_running_loop().create_task(probe.tasks.wait_for_death(), name="death")
    try:
        while soaked.ending is None:
            await _pause(clock, limits, interrupted)
            if death.done():
                soaked.ending = Ending.PROBE_FAILED
                soaked.failure = f"The probe failed: {death.result()}; the log says why."
                break
            probe.engine.weigh()
            probe.engine.conclude()
            _take(soaked, probe, told, tell)
            show(soaked.snapshot)
            soaked.ending = _ending(soaked, limits, interrupted)
    finally:
        death.cancel()
        await close(probe)
    if not soaked.failure and not has_answers(probe):
        soaked.ending, soaked.failure = Ending.NO_ANSWER, NO_ANSWER
    return soaked


async def _pause(clock: AlarmClock, limits: SoakLimits, interrupted: asyncio.Event) -> None:
    """Wait for a moment, or for whoever interrupts."""
    seconds = min(LONGEST_PAUSE, max(SHORTEST_PAUSE, limits.soak / LOOKS_PER_SOAK))
    sleeping = asyncio.ensure_future(clock.sleep(seconds))
    stopped = asyncio.ensure_future(interrupted.wait())
    try:
        await asyncio.wait((sleeping, stopped), return_when=asyncio.FIRST_COMPLETED)
    finally:
        sleeping.cancel()
        stopped.cancel()


def _take(soaked: Soaked, probe: Probe, told: list[Effect], tell: Callable[[Event], None]) -> None:
    for effect in told:
        event = event_of(effect)
        if event is not None:
            soaked.note(event)
            tell(event)
    told.clear()
    soaked.look(probe.engine.snapshot())


def _ending(soaked: Soaked, limits: SoakLimits, interrupted: asyncio.Event) -> Ending | None:
    snapshot = soaked.snapshot
    if all(wave.confirmed and wave.outcome is CheckOutcome.PASS for wave in snapshot.waves):
        return Ending.HELD
    if interrupted.is_set():
        return Ending.INTERRUPTED
    left = limits.timeout - (snapshot.at.monotonic - soaked.began.monotonic)
    if left <= 0:
        return Ending.TIME_IS_UP
    if any(_needs(status, snapshot, limits.soak) > left for status in snapshot.domains):
        return Ending.NO_LONGER_POSSIBLE
    return None


def _needs(status: DomainStatus, snapshot: Snapshot, soak: float) -> float:
    """Tell how many seconds a domain needs at least.

    What is left of its soak, once caches may have drained and what is open has been gone for as long as is declared.
    """
    at = snapshot.at
    deadline = status.drain.deadline if status.drain is not None else None
    draining = status.domain.expectation.side is Side.V2 and deadline is not None and status.confirmation.since is None
    waiting = max(0.0, deadline.monotonic - at.monotonic) if draining and deadline is not None else 0.0
    return (
        max(waiting, *(_clearing(status, one, snapshot) for one in status.findings), 0.0)
        + soak
        - status.confirmation.held
    )


def _clearing(status: DomainStatus, finding: Finding, snapshot: Snapshot) -> float:
    """Tell for how many seconds at least an open finding that breaks the soak will stay open."""
    declared = CATALOGUE[finding.code]
    if not finding.severity.reaches(declared.breaks_soak):
        return 0.0
    gone = next((one.since for one in status.awaited if one.code == finding.code), snapshot.at)
    return max(0.0, declared.keep(snapshot.plan.probing) - (snapshot.at.monotonic - gone.monotonic))
