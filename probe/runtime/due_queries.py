"""Whose turn it is: joins the schedule (when) with the cadence (what), and bounds what is out at a time.

Each domain has three calm turns that come round (its records, its TXT names, the resolvers) and, while something about
it is unexplained, the rounds of a burst; each load balancer's name has one. The first look at a domain is queued apart:
looks go out as fast as the servers take them, and not faster, so that the calm turns of others are not held up.
"""

import random
from collections import deque
from enum import IntEnum
from typing import NamedTuple, TypeAlias

from probe.judge.polling import burst, cadence, delays
from probe.judge.polling.crowd import is_crowded, is_narrow
from probe.judge.polling.delays import DelayKind
from probe.model.plan import Plan
from probe.model.ports import Query
from probe.model.question import Question
from probe.model.server import Server
from probe.runtime.crowds import Crowds
from probe.runtime.load import Load
from probe.runtime.schedule import DueQueue
from probe.runtime.targets import Target, Targets
from probe.runtime.watched import Servers, WatchedDomain

MAX_TURNS = 2000
"""Turns taken at a time: after a pause of the whole machine everything is due, and the loop must not stop for it."""
LOOK_BACKLOG = 200
"""Questions that may wait for their turn before another first look goes out: a few seconds of four servers' time."""


class _Turn(IntEnum):
    RECORD = 0
    TXT = 1
    RESOLVER = 2
    BURST = 3
    EXPIRY = 4


_KINDS = {_Turn.RECORD: DelayKind.RECORD, _Turn.TXT: DelayKind.TXT, _Turn.RESOLVER: DelayKind.RESOLVER}

_Item: TypeAlias = tuple[_Turn, WatchedDomain] | Target


class Due(NamedTuple):
    """What is due at one moment.

    Attributes:
        calm: Questions of calm turns.
        urgent: Questions of bursts, and for load balancers.
        expiring: Domains for which time has to be let pass.
        unreachable: Domains whose turn it was although no server of them is known.
    """

    calm: list[Query]
    urgent: list[Query]
    expiring: list[WatchedDomain]
    unreachable: list[WatchedDomain]


class DueQueries:
    """What is due. Belongs to the event loop; nothing here waits.

    Args:
        plan: The plan in force.
        rng: Draws the jitter.
        targets: The load balancers' names.
    """

    def __init__(self, plan: Plan, rng: random.Random, targets: Targets) -> None:
        self._plan = plan
        self._rng = rng
        self._targets = targets
        self._schedule: DueQueue[_Item] = DueQueue()
        self._looks: deque[WatchedDomain] = deque()
        self._crowds = Crowds()
        self.load = Load()

    def replace(self, plan: Plan) -> None:
        """Go by another plan from the next turn on."""
        self._plan = plan

    def add(self, subject: WatchedDomain, now: float) -> None:
        """Give a new domain its turns, spread over the intervals, and queue its first look."""
        for turn, kind in _KINDS.items():
            delay = delays.first_delay(kind, self._plan.probing, self._rng.random())
            self._schedule.put(now + delay, (turn, subject))
        # Spread as well: a thousand domains judged anew at the same moment would stop probing for a tenth of a second.
        self._schedule.put(now + delays.EXPIRY_RESTLESS * self._rng.random(), (_Turn.EXPIRY, subject))
        self.look(subject)

    def add_target(self, target: Target, now: float) -> None:
        """Give a load balancer's name its turns, the first at once."""
        self._schedule.put(now, target)

    def look(self, subject: WatchedDomain) -> None:
        """Queue a first look, or another one because the servers are new."""
        self._looks.append(subject)

    def next_look(self, waiting: int) -> WatchedDomain | None:
        """Give the next domain to be looked at, once few enough questions wait; skips those nobody can be asked for."""
        while self._looks and waiting < LOOK_BACKLOG:
            subject = self._looks.popleft()
            if subject.watched and subject.servers:
                return subject
        return None

    def due(self, now: float) -> Due:
        """Give everything that is due."""
        due = Due([], [], [], [])
        for at, item in self._schedule.take(now, MAX_TURNS):
            if isinstance(item, Target):
                due.urgent.extend(self._target_turn(item, now))
            elif item[1].watched:
                turn, subject = item
                if turn is _Turn.RECORD:
                    due.calm.extend(self._record_turn(subject, at, now))
                    if not subject.servers:
                        due.unreachable.append(subject)
                elif turn is _Turn.TXT:
                    due.calm.extend(self._txt_turn(subject, now))
                elif turn is _Turn.RESOLVER:
                    due.calm.extend(self._resolver_turn(subject, now))
                elif turn is _Turn.EXPIRY:
                    due.expiring.append(subject)
                    self._put_expiry(subject, now)
                else:
                    self._crowds.queue(subject)
        for subject in self._crowds.served(now):
            due.urgent.extend(self._burst_turn(subject, now))
        return due

    def surprised(self, subject: WatchedDomain, server: Server, question: Question, now: float) -> tuple[Query, ...]:
        """Begin a burst, if none is on, and give the repetitions that go out at once."""
        probing = self._plan.probing
        if subject.asking.bursting and not self._crowds.affords(subject, now, probing):
            return ()  # it comes with the next round
        step = burst.surprise(
            subject.asking,
            subject.state,
            subject.servers,
            (server, question),
            now,
            narrow=is_narrow(self._crowds.of(subject), subject.status, probing),
        )
        subject.asking = step.asking
        if step.delay is not None:
            self._crowds.join(subject, probing, now)
            self._schedule.put(now + step.delay, (_Turn.BURST, subject))
        self._crowds.spend(subject, len(step.queries), now)
        return step.queries

    def drop(self, subject: WatchedDomain) -> None:
        """Let a domain have no more turns."""
        subject.watched = False
        self._end_burst(subject)

    def serve(self, subject: WatchedDomain, servers: Servers, now: float) -> None:
        """Ask other servers from now on."""
        if subject.asking.bursting:
            self._crowds.move(subject, servers, self._plan.probing, now)
        else:
            subject.servers = servers

    def _record_turn(self, subject: WatchedDomain, due: float, now: float) -> tuple[Query, ...]:
        probing, u = self._plan.probing, self._rng.random()
        step = burst.calm_turn(subject.asking, subject.status, subject.servers, probing, u, at=now)
        self._again(_Turn.RECORD, subject, now, step)
        if subject.calm_left > 0:  # the round before is still out: more would only queue behind it
            return ()
        if subject.asking.bursting and is_crowded(self._crowds.of(subject), probing):  # its rounds say as much
            return ()
        subject.asking = step.asking
        subject.calm_due = due
        subject.calm_left = len(step.queries)
        return step.queries

    def _txt_turn(self, subject: WatchedDomain, now: float) -> tuple[Query, ...]:
        probing, u = self._plan.probing, self._rng.random()
        step = burst.txt_turn(subject.asking, subject.status, subject.servers, probing, u)
        self._again(_Turn.TXT, subject, now, step)
        if subject.txt_left > 0:
            return ()
        subject.asking = step.asking
        queries = step.queries + cadence.wildcard_plan(
            subject.status,
            subject.servers,
            subject.zone,
            subject.asking.txt_turn,
            now,
            registries=self._plan.registries,
        )
        subject.txt_left = len(queries)
        return queries

    def _resolver_turn(self, subject: WatchedDomain, now: float) -> tuple[Query, ...]:
        delay = delays.next_delay(DelayKind.RESOLVER, self._plan.probing, self._rng.random())
        self._schedule.put(now + delay * self.load.of_resolvers, (_Turn.RESOLVER, subject))
        if subject.resolver_left > 0:
            return ()
        queries = cadence.resolver_plan(subject.status, self._plan.resolvers)
        subject.resolver_left = len(queries)
        return queries

    def _burst_turn(self, subject: WatchedDomain, now: float) -> tuple[Query, ...]:
        step = burst.burst_round(
            subject.asking,
            subject.state,
            subject.servers,
            self._plan.probing,
            at=now,
            u=self._rng.random(),
            crowd=self._crowds.of(subject),
        )
        if step.delay is None:
            self._end_burst(subject)
        else:
            self._schedule.put(now + step.delay, (_Turn.BURST, subject))
        subject.asking = step.asking
        self._crowds.spend(subject, len(step.queries), now)
        return step.queries

    def _target_turn(self, target: Target, now: float) -> tuple[Query, ...]:
        if not self._targets.is_watched(target):
            return ()
        self._schedule.put(now + delays.next_delay(DelayKind.TARGET, self._plan.probing, self._rng.random()), target)
        return self._targets.round(target, now)

    def _again(self, turn: _Turn, subject: WatchedDomain, now: float, step: burst.PollStep) -> None:
        if step.delay is not None:
            self._schedule.put(now + step.delay * self.load.of(subject), (turn, subject))

    def _put_expiry(self, subject: WatchedDomain, now: float) -> None:
        bursting = subject.asking.bursting
        pause = delays.expiry_delay(
            subject.status,
            self._plan.soak,
            self._rng.random(),
            interval=self._plan.probing.interval,
            bursting=bursting,
        )
        self._schedule.put(now + pause, (_Turn.EXPIRY, subject))

    def _end_burst(self, subject: WatchedDomain) -> None:
        if subject.asking.bursting:
            self._crowds.leave(subject)
        subject.asking = burst.halt(subject.asking)
