"""Who is authoritative for each watched name: found at the start, looked at again in the background, never forgotten.

Ten thousand names seldom lie in more than a few zones. So of the names under one parent only one is walked at first;
the others that lie within the zone it found take that zone's servers over at once, and are walked themselves one after
the other during the first refresh period. Should one of them lie in a zone of its own after all, the parent's servers
will not answer for it with authority (RFC 9499 section 7, referral), which `doubt` turns into a walk of its own.

A walk that fails never takes servers away: the last good ones stay, and it is tried again, ever more slowly. Nor does
one that hears nothing of a server, unless it is told that the zone has it no longer.
"""

import math
import random
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import replace

import structlog

from probe.model.clock import AlarmClock
from probe.model.delegation import Delegation, ProblemReport, with_known
from probe.model.name import DomainName, display, is_within, parent
from probe.model.ports import Delegator
from probe.model.server import Server
from probe.runtime.nap import Nap
from probe.runtime.schedule import DueQueue
from probe.runtime.tasks import Tasks

TAKEN_TOGETHER = 32
"""Names that get the servers of a zone together, of which one walk was for all: some milliseconds, as each is read anew
under its zone."""
MAX_WALKS = 16
"""Walks at the same time: enough to hide a silent server's timeout, few enough not to flood a TLD."""
DUE_WALKS_SECONDS = 0.25
"""Seconds between two looks at which walks are due, at least."""
FIRST_RETRY = 2.0
"""Seconds until a failed walk is tried again; doubled each time."""
LAST_RETRY = 300.0
"""The longest pause between tries: a repaired delegation is noticed within five minutes."""
DOUBT_PAUSE = 30.0
"""Seconds between two walks of a doubted zone. They double while a walk finds the same servers as before: what is
wrong there is repaired by people, not by asking more."""
MAX_TOLD = 8
"""Problems of one walk that a line of the log tells."""
_ROUNDING_SECONDS = 1e-6
"""A walk may seem to come early, because times are added up in another order."""
NEXT_LEADERS = 4
"""Neighbours that are walked themselves when the first of them was walked in vain: one broken sub-zone must not hold
the others back, and a dead network must not be asked for each of them at once."""


class _Entry:
    """What is known about one name's authority. `walked` None: its servers were taken over from a neighbour."""

    __slots__ = ("delegation", "doubted", "due", "failures", "name", "walked", "walking")

    def __init__(self, name: DomainName) -> None:
        self.name = name
        self.delegation: Delegation | None = None
        self.walked: float | None = None
        self.failures = 0
        self.walking = False
        self.doubted = False
        self.due: float | None = None  # the one schedule entry that counts; others are stale


class Delegations:
    """The servers of every watched name.

    Args:
        delegator: Walks; replaced as a whole when the way of walking changes.
        refresh: Seconds between two walks of the same name.
        clock, rng: Time, and the spread of walks over it.
        tasks: Runs the walks.
        found: Told on the event loop of every name whose servers are known for the first time or have changed.
    """

    def __init__(  # noqa: PLR0913  # each is a port or a number that the daemon decides; a bundle would only hide them
        self,
        *,
        delegator: Delegator,
        refresh: float,
        clock: AlarmClock,
        rng: random.Random,
        tasks: Tasks,
        found: Callable[[DomainName, tuple[Server, ...]], None],
    ) -> None:
        self._delegator = delegator
        self._refresh = refresh
        self._clock = clock
        self._rng = rng
        self._tasks = tasks
        self._found = found
        self._log = structlog.get_logger("probe.delegations")
        self._entries: dict[DomainName, _Entry] = {}
        # By parent: the names that wait, and those of them that are walked for all.
        self._waiting: dict[DomainName, list[_Entry]] = {}
        self._leaders: dict[DomainName, set[DomainName]] = {}
        self._zones: dict[DomainName, Delegation] = {}
        self._recalled: dict[DomainName, tuple[Server, ...]] = {}  # by zone, until its first walk
        self._denied: dict[DomainName, Delegation] = {}  # by name: walks that found no zone
        self._pauses: dict[DomainName, float] = {}  # by zone: how long a doubt waits after the newest walk
        self._nap = Nap(clock)
        self._looked = -math.inf
        self._schedule: DueQueue[_Entry] = DueQueue(self._look_at)
        self._walks = 0

    def watch(self, names: Iterable[DomainName]) -> None:
        """Know the servers of exactly these names: what is known of those that stay is kept."""
        wanted = dict.fromkeys(names)
        for name in self._entries.keys() - wanted.keys():
            del self._entries[name]
            self._denied.pop(name, None)
            self._leaders.get(parent(name), set()).discard(name)
        for name in wanted:
            if name not in self._entries:
                self._entries[name] = entry = _Entry(name)
                self._waiting.setdefault(parent(name), []).append(entry)
        for above in tuple(self._waiting):
            if not self._leaders.get(above):
                self._lead(above, 1)
        used = {entry.delegation.zone for entry in self._entries.values() if entry.delegation is not None}
        self._zones = {zone: delegation for zone, delegation in self._zones.items() if zone in used}
        self._pauses = {zone: pause for zone, pause in self._pauses.items() if zone in used}

    def recall(self, zone: DomainName, servers: tuple[Server, ...]) -> None:
        """Know which servers a zone had in an earlier process: the first walk may hear nothing of some."""
        self._recalled[zone] = servers

    def reconfigure(self, delegator: Delegator, refresh: float) -> None:
        """Walk in another way from now on, and walk everything again; known servers stay until then."""
        self._delegator = delegator
        self._refresh = refresh
        for entry in self._entries.values():
            self._plan(entry, 0.0)

    def servers(self, name: DomainName) -> tuple[Server, ...]:
        """Tell the servers of a watched name; none before the first walk that found any."""
        entry = self._entries.get(name)
        return entry.delegation.servers if entry is not None and entry.delegation is not None else ()

    def zone(self, name: DomainName) -> DomainName | None:
        """Tell the zone that a watched name lies in; None while it is unknown."""
        entry = self._entries.get(name)
        return entry.delegation.zone if entry is not None and entry.delegation is not None else None

    def newest(self) -> tuple[Delegation, ...]:
        """Tell zone by zone what the newest walk found; names of which no zone was found stand for themselves.

        Callable from any thread.
        """
        newest = dict(self._zones)
        for name, delegation in tuple(self._denied.items()):
            key = delegation.zone or name
            if key not in newest or newest[key].at.monotonic < delegation.at.monotonic:
                newest[key] = delegation
        return tuple(newest.values())

    def settled(self, name: DomainName) -> bool:
        """Tell whether the first walk for a name has ended, well or badly."""
        entry = self._entries.get(name)
        return entry is None or entry.delegation is not None or entry.failures > 0

    def doubt(self, name: DomainName) -> None:
        """Walk soon: this name's servers do not answer for it."""
        entry = self._entries.get(name)
        if entry is None or entry.walking:
            return
        now = self._clock.now().monotonic
        due = now if entry.walked is None else max(now, entry.walked + self._pause(entry.delegation))
        entry.doubted = True
        if entry.due is None or entry.due > due:
            self._plan(entry, due - now)

    def doubt_zone(self, name: DomainName) -> None:
        """Walk soon for the zone that this name lies in, as one of its servers is lame: one walk answers for all."""
        entry = self._entries.get(name)
        if entry is not None and entry.delegation is not None and self._is_worth_another_look(entry.delegation):
            self.doubt(name)

    async def run(self) -> None:
        """Start the walks that are due, for ever."""
        while True:
            self._looked = self._clock.now().monotonic
            self._start_due()
            # With all walks out the next one begins when one of them ends.
            due = self._schedule.next_due if self._walks < MAX_WALKS else math.inf
            await self._nap.until(min(max(due, self._looked + DUE_WALKS_SECONDS), self._looked + LAST_RETRY))

    def _look_at(self, due: float) -> None:
        """Look at what is due no later than at the monotonic second `due`, but not much sooner than usual."""
        self._nap.hurry(max(due, self._looked + DUE_WALKS_SECONDS))

    def _is_worth_another_look(self, delegation: Delegation) -> bool:
        newest = delegation if delegation.zone is None else self._zones.get(delegation.zone, delegation)
        return self._clock.now().monotonic - newest.at.monotonic >= self._pause(delegation) - _ROUNDING_SECONDS

    def _pause(self, delegation: Delegation | None) -> float:
        return (
            DOUBT_PAUSE
            if delegation is None or delegation.zone is None
            else self._pauses.get(delegation.zone, DOUBT_PAUSE)
        )

    def _plan(self, entry: _Entry, delay: float) -> None:
        entry.due = self._clock.now().monotonic + delay
        self._schedule.put(entry.due, entry)

    def _start_due(self) -> None:
        now = self._clock.now().monotonic
        while self._walks < MAX_WALKS and (taken := self._schedule.take(now, 1)):
            due, entry = taken[0]
            if entry.due != due or self._entries.get(entry.name) is not entry:
                continue  # planned anew since, or not watched any more
            entry.due = None
            entry.walking = True
            self._walks += 1
            self._tasks.passing(f"walk {entry.name}", self._walk(entry))

    async def _walk(self, entry: _Entry) -> None:
        before = entry.delegation
        doubted = entry.doubted and before is not None and self._is_worth_another_look(before)
        if doubted and before is not None:
            self._delegator.forget(before.zone or entry.name)
        entry.doubted = False
        try:
            delegation = await self._delegator.find(entry.name)
        except Exception:
            self._walked_in_vain(entry, ())
            raise  # a mistake of ours, not of the network: the task's guard says so
        finally:
            self._walks -= 1
            entry.walking = False
        if self._entries.get(entry.name) is not entry:
            return
        entry.walked = self._clock.now().monotonic
        zone = delegation.zone
        if zone is None or not delegation.servers:
            self._denied[entry.name] = delegation
            self._walked_in_vain(entry, delegation.problems)
        else:
            delegation = with_known(delegation, self._known(zone))
            if doubted and before is not None:
                same = delegation.servers == before.servers
                pause = min(2 * self._pause(before), self._refresh) if same else DOUBT_PAUSE
                self._pauses[zone] = pause
            await self._walked_well(entry, zone, delegation)
        self._start_due()

    def _known(self, zone: DomainName) -> tuple[Server, ...]:
        """Give the servers of a zone as the walk before found them, be it an earlier process'."""
        before, recalled = self._zones.get(zone), self._recalled.pop(zone, ())
        return before.servers if before is not None else recalled

    def _walked_in_vain(self, entry: _Entry, problems: tuple[ProblemReport, ...]) -> None:
        entry.failures += 1
        if entry.failures == 1:  # once for a series: the status page and the API go on telling
            self._log.warning(
                "no server was found for a name: the walk is tried again",
                name=display(entry.name),
                problems=[report.sentence for report in problems[:MAX_TOLD]],
                goes_on_with=len(entry.delegation.servers) if entry.delegation is not None else 0,
            )
        pause = min(FIRST_RETRY * 2.0 ** min(entry.failures - 1, 16), LAST_RETRY)
        self._plan(entry, pause * self._rng.uniform(0.8, 1.2))
        self._lead(parent(entry.name), NEXT_LEADERS)

    async def _walked_well(self, entry: _Entry, zone: DomainName, delegation: Delegation) -> None:
        entry.failures = 0
        self._denied.pop(entry.name, None)
        before = self._zones.get(zone)
        if before is not None and before.servers == delegation.servers:
            # The same tuple, too: load, crowds and neighbours are those of its domains, whichever walk found them.
            delegation = replace(delegation, servers=before.servers)
        self._zones[zone] = delegation
        self._take(entry, delegation)
        if before is not None and before.servers != delegation.servers:
            self._log.info("the servers of a zone changed", zone=zone, servers=len(delegation.servers))
            known = [
                one for one in self._entries.values() if one.delegation is not None and one.delegation.zone == zone
            ]
            async for other in self._some_at_a_time(known):
                self._take(other, self._zones.get(zone, delegation))
        above = parent(entry.name)
        self._leaders.pop(above, None)
        async for waiting in self._some_at_a_time(self._waiting.pop(above, ())):
            if is_within(waiting.name, zone):
                self._take(waiting, self._zones.get(zone, delegation))
                self._plan(waiting, self._rng.uniform(0.0, self._refresh))
            else:
                self._plan(waiting, 0.0)
        # A little later than `refresh`: what the walk remembers of the zone has run out by then.
        self._plan(entry, self._refresh * self._rng.uniform(1.01, 1.1))

    async def _some_at_a_time(self, entries: Sequence[_Entry]) -> AsyncIterator[_Entry]:
        """Give those that are still watched, and let the loop run now and then: a zone may have all names of a plan."""
        for number, entry in enumerate(entries, 1):
            if self._entries.get(entry.name) is entry:
                yield entry
            if number % TAKEN_TOGETHER == 0:
                await self._clock.sleep(0.0)

    def _lead(self, above: DomainName, count: int) -> None:
        """Let the next `count` names that wait under one parent be walked for all of them."""
        waiting = self._waiting.get(above, [])
        while waiting and count > 0:
            entry = waiting.pop(0)
            if self._entries.get(entry.name) is entry:
                self._leaders.setdefault(above, set()).add(entry.name)
                self._plan(entry, 0.0)
                count -= 1
        if not waiting and above in self._waiting:
            del self._waiting[above]

    def _take(self, entry: _Entry, delegation: Delegation) -> None:
        before = entry.delegation
        entry.delegation = delegation
        if before is None or before.servers != delegation.servers:
            self._found(entry.name, delegation.servers)
