"""When the engine looks at what is due: as soon as something is, but no more often than its ticks come.

Looks that come late tell how much CPU the process lacks.
"""

import math

from probe.model.clock import AlarmClock
from probe.runtime.nap import Nap

ENGINE_TICK_SECONDS = 0.05
"""Seconds between two looks at what is due, at least: what falls due in between leaves together, and no question leaves
later than that because of it."""
LONGEST_NAP_SECONDS = 0.5
"""The same, at most, with nothing due: a loop that stands still for a second is to be noticed by its own lateness
(`probe.judge.findings.lateness.GAP`), wherever in its sleep that begins."""


class PulseTimer:
    """The time of one engine's looks. Belongs to one event loop.

    Args:
        clock: Tells and awaits the time.

    Attributes:
        expected: When the next look is to come, monotonic seconds.
    """

    def __init__(self, clock: AlarmClock) -> None:
        self._clock = clock
        self._nap = Nap(clock)
        self.expected = self._looked = clock.now().monotonic
        self._late = 0.0  # seconds by which looks came late since that was told
        self._looks = 0  # and how many there were

    def note(self, now: float) -> None:
        """Take note of a look at the monotonic second `now`."""
        self._late += max(0.0, now - self.expected)
        self._looks += 1
        self._looked = now

    def expect(self, due: float, latest: float) -> None:
        """Plan the next look for the monotonic second `due`, but for `latest` at the latest."""
        latest = min(latest, self._looked + LONGEST_NAP_SECONDS)
        self.expected = max(min(due, latest), self._looked + ENGINE_TICK_SECONDS)

    def hurry(self, due: float = -math.inf) -> None:
        """Look no later than at the monotonic second `due`, but a tick after the look before."""
        due = max(due, self._looked + ENGINE_TICK_SECONDS)
        if due < self.expected:
            self.expected = due
            self._nap.hurry(due)

    async def rest(self) -> None:
        """Wait for the next look.

        A tick at least, counted from now: what leaves and comes back in between is not kept waiting by one look after
        the other.
        """
        await self._nap.until(max(self.expected, self._clock.now().monotonic + ENGINE_TICK_SECONDS))

    def take_lateness(self) -> float:
        """Give the share of the time since the last call by which looks came late, 0 to 1.

        As if every look had been the next tick: how often there is something to do says nothing of the CPU.
        """
        share = self._late / (self._late + self._looks * ENGINE_TICK_SECONDS)
        self._late, self._looks = 0.0, 0
        return share
