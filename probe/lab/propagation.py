"""Propagation: each machine behind each name server's address takes on a zone version after a delay of its own.

No task waits: a machine looks at the clock when it is asked. The delays are those of the benchmark's world: a base
common to all machines, plus an exponential lag of each, at most 60 seconds (what Route 53 is designed for).
"""

import random
from enum import Enum
from typing import NamedTuple

from probe.model.clock import Clock
from probe.route53.hosted_zone import HostedZone, ZoneVersion

LONGEST_DELAY = 60.0
"""Seconds within which a change reaches all servers under normal conditions (developer guide)."""


class Delays(NamedTuple):
    """How long changes travel.

    Attributes:
        least, most: Bounds of the base, in seconds, uniform.
        lag: Mean of each machine's own exponential lag, in seconds.
    """

    least: float
    most: float
    lag: float


class Profile(Enum):
    """The three speeds of the benchmark's world, which sees 70 %, 25 % and 5 % of its runs with them."""

    FAST = Delays(0.5, 3.0, 1.5)
    MEDIUM = Delays(2.0, 10.0, 6.0)
    SLOW = Delays(5.0, 20.0, 15.0)


class Replica:
    """One machine's copy of one zone. A newer version is never replaced by an older one that arrives late.

    Args:
        clock: The lab's.
        version: What it begins with.

    `stuck` can be set: a stuck machine takes on nothing until it may catch up.
    """

    def __init__(self, clock: Clock, version: ZoneVersion) -> None:
        self._clock = clock
        self._held = version
        self._coming: list[tuple[float, ZoneVersion]] = []
        self.stuck = False

    def expect(self, version: ZoneVersion, at: float) -> None:
        """Let a version arrive at the monotonic moment `at`."""
        self._coming.append((at, version))

    def version(self) -> ZoneVersion:
        """Give what this machine answers from now; versions that it no longer needs are let go."""
        if self._coming and not self.stuck:
            self._take_up_to(self._clock.now().monotonic)
        return self._held

    def settle(self) -> None:
        """Let everything that is on its way arrive now, unless the machine is stuck."""
        if not self.stuck:
            self._take_up_to(float("inf"))

    def _take_up_to(self, now: float) -> None:
        arrived = [version for at, version in self._coming if at <= now]
        newest = max(arrived, key=lambda version: version.number, default=self._held)
        if newest.number > self._held.number:
            self._held = newest
        self._coming = [(at, one) for at, one in self._coming if at > now and one.number > self._held.number]


class Propagation:
    """Carries the versions of one hosted zone to its replicas.

    Args:
        zone: Whose versions.
        clock: The lab's.
        draw: All delays.
        profile: How long they are; can be set at any time for the changes after it.
    """

    def __init__(self, zone: HostedZone, clock: Clock, draw: random.Random, profile: Profile = Profile.FAST) -> None:
        self._zone = zone
        self._clock = clock
        self._draw = draw
        self._replicas: list[Replica] = []
        self.profile = profile
        zone.subscribe(self._spread)

    def replica(self) -> Replica:
        """Add a machine; it begins with the present version."""
        added = Replica(self._clock, self._zone.version)
        self._replicas.append(added)
        return added

    def in_sync(self) -> bool:
        """Tell whether every machine answers from the newest version: what GetChange calls INSYNC."""
        return all(replica.version() is self._zone.version for replica in self._replicas)

    def settle(self) -> None:
        """Let every change arrive everywhere now: for the time before a story begins."""
        for replica in self._replicas:
            replica.settle()

    def _spread(self, version: ZoneVersion) -> None:
        delays = self.profile.value
        now = self._clock.now().monotonic
        base = self._draw.uniform(delays.least, delays.most)
        for replica in self._replicas:
            lag = self._draw.expovariate(1 / delays.lag)
            replica.expect(version, now + min(base + lag, LONGEST_DELAY))
