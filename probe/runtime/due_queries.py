"""The queries that are due: joins the schedule (when) with the cadence (what), and bounds the queries in flight.

Each domain has three periodic turns (its records, its TXT names, the resolvers) and, while something about it is
unexplained, the rounds of a burst; each load balancer's name has one turn. The first look at a domain has a queue of
its own, and before it is over there is no periodic turn: it would take the servers' time from looks, and say less.
"""

import math
import random
from collections.abc import Callable
from enum import IntEnum
from typing import NamedTuple, TypeAlias, assert_never

from probe.judge.context import setups_of, slower_interval
from probe.judge.polling import burst, cadence, delays, sampling
from probe.judge.polling.crowd import is_crowded, is_narrow
from probe.judge.polling.delays import DelayKind
from probe.judge.zone_views import owner_questions
from probe.model.name import DomainName
from probe.model.plan import Plan
from probe.model.ports import Query
from probe.model.question import Question
from probe.model.server import Server
from probe.runtime.crowds import Crowds
from probe.runtime.look_queue import LookQueue
from probe.runtime.samplers import Samplers
from probe.runtime.schedule import DueQueue
from probe.runtime.slots import Slots
from probe.runtime.stretch import MOST_STRAIN, Load
from probe.runtime.targets import Target, Targets
from probe.runtime.watched import Servers, WatchedDomain

MAX_TURNS = 2000
"""Turns taken at a time: after a pause of the whole machine everything is due, and the loop must not stop for it."""

CALM_BESIDE_LOOKS = 28.0
"""Seconds between two calm turns of a domain, to which they give way while others of its servers wait for a first look:
four turns hear all servers before evidence is too old (`probe.judge.context.STALE_AT_LEAST`), and a zone that fills its
servers is known in half of the time. Nor do they give way further than for too little CPU."""
STRETCH_STEP = 0.125
"""What is told of a stretch is no finer: a turn's own jitter is 15 %, and where calm turns come back from giving way to
too little CPU it is another one each second, for a minute, and each is an entry of the journal."""
TURN_LEAD = 0.025
"""Seconds by which a turn may be taken before it is due: half of the engine's tick, so that turns are early as often as
late."""


class _Turn(IntEnum):
    RECORD = 0
    TXT = 1
    RESOLVER = 2
    BURST = 3
    EXPIRY = 4
    SAMPLE = 5


_DELAY_OF_TURN = {_Turn.RECORD: DelayKind.RECORD, _Turn.TXT: DelayKind.TXT, _Turn.RESOLVER: DelayKind.RESOLVER}

_Item: TypeAlias = tuple[_Turn, WatchedDomain] | Target


class Due(NamedTuple):
    """What is due at one moment.

    Attributes:
        calm: Questions of calm turns, for records.
        patient: Those for TXT names and to resolvers, which let all others go first.
        sampled: Those of windows in which a beat would show, which do so as well.
        urgent: Questions of bursts, and for load balancers.
        expiring: Domains for which time has to be let pass.
        unreachable: Domains whose turn it was although no server of them is known.
    """

    calm: list[Query]
    patient: list[Query]
    sampled: list[Query]
    urgent: list[Query]
    expiring: list[WatchedDomain]
    unreachable: list[WatchedDomain]


class DueQueries:
    """What is due. Belongs to the event loop; nothing here waits.

    Args:
        plan: The plan in force.
        rng: Draws the jitter.
        targets: The load balancers' names.
        earlier: Told when something is due before everything else.

    Attributes:
        looks: Domains that wait for their first look, or for another one because the servers are new.
        load: How far calm turns are stretched.
    """

    def __init__(
        self, plan: Plan, rng: random.Random, targets: Targets, earlier: Callable[[float], None] = lambda _: None
    ) -> None:
        self._plan = plan
        self._rng = rng
        self._targets = targets
        self._schedule: DueQueue[_Item] = DueQueue(earlier)
        self._crowds = Crowds()
        self._samplers = Samplers()
        self._slots = Slots(rng.random())
        self.looks = LookQueue()
        self.load = Load()

    def replace(self, plan: Plan) -> None:
        """Go by another plan from the next turn on."""
        self._plan = plan

    def add(self, watched_domain: WatchedDomain, now: float) -> None:
        """Give a new domain its turns from the monotonic second `now` on, spread, and queue its first look."""
        for turn, kind in _DELAY_OF_TURN.items():
            delay = delays.first_delay(kind, self._plan.probing, self._rng.random())
            self._schedule.put(now + delay, (turn, watched_domain))
        # Spread as well: a thousand domains judged anew at the same moment would stop probing for a tenth of a second.
        self._let_time_pass_at(now + delays.EXPIRY_RESTLESS * self._rng.random(), watched_domain)
        self.looks.put(watched_domain)

    def add_target(self, target: Target, now: float) -> None:
        """Give a load balancer's name its turns, the first at the monotonic second `now`."""
        self._schedule.put(now, target)

    @property
    def next_due(self) -> float:
        """The monotonic second at which something is due next; in the past while looks or rounds wait for room."""
        return -math.inf if self.looks or self._crowds.wait else self._schedule.next_due

    def due(self, now: float) -> Due:
        """Give everything that is due by the monotonic second `now`."""
        due = Due([], [], [], [], [], [])
        for at, item in self._schedule.take(now + TURN_LEAD, MAX_TURNS):
            if isinstance(item, Target):
                due.urgent.extend(self._target_turn(item, now))
            elif item[1].watched:
                self._take_turn(due, *item, at, now)
        for watched_domain in self._crowds.served(now):
            due.urgent.extend(self._burst_turn(watched_domain, now))
        for watched_domain in self._samplers.admitted(self._plan.probing):
            self._begin_window(watched_domain, now)
        return due

    def _take_turn(self, due: Due, turn: _Turn, watched_domain: WatchedDomain, at: float, now: float) -> None:
        match turn:
            case _Turn.RECORD:
                due.calm.extend(self._record_turn(watched_domain, at, now))
                if not watched_domain.servers:
                    due.unreachable.append(watched_domain)
            case _Turn.TXT:
                due.patient.extend(self._txt_turn(watched_domain, now))
            case _Turn.RESOLVER:
                due.patient.extend(self._resolver_turn(watched_domain, now))
            case _Turn.BURST:
                self._crowds.queue(watched_domain)
            case _Turn.EXPIRY:
                due.expiring.extend(self._expiry_turn(watched_domain, at, now))
            case _Turn.SAMPLE:
                due.sampled.extend(self._sampling_turn(watched_domain, now))
            case _:
                assert_never(turn)

    def stretch_of(self, watched_domain: WatchedDomain) -> float:
        """Give the factor by which calm turns of a domain are stretched: for its servers' and this process' sake."""
        return self._beside_looks(self.load.of(watched_domain), watched_domain.servers)

    def stretches(self) -> dict[DomainName | None, float]:
        """Give the same for the zones whose calm turns are stretched, rounded up to `STRETCH_STEP`."""
        found = {}
        for zone, servers, stretch in self.load.by_zone():
            steps = math.ceil(self._beside_looks(stretch, servers) / STRETCH_STEP)
            if steps * STRETCH_STEP > 1.0:
                found[zone] = steps * STRETCH_STEP
        return found

    def _beside_looks(self, stretch: float, servers: Servers) -> float:
        if self.looks.holds(servers):
            return max(stretch, min(MOST_STRAIN, CALM_BESIDE_LOOKS / self._plan.probing.interval))
        return stretch

    def surprised(
        self, watched_domain: WatchedDomain, server: Server, question: Question, now: float
    ) -> tuple[Query, ...]:
        """Begin a burst at the monotonic second `now`, if none is on, and give the repetitions that go out at once."""
        probing = self._plan.probing
        if watched_domain.asking.bursting and not self._crowds.affords(watched_domain, now, probing):
            return ()  # it comes with the next round
        step = burst.surprise(
            watched_domain.asking,
            watched_domain.state,
            watched_domain.servers,
            (server, question),
            now,
            narrow=is_narrow(self._crowds.of(watched_domain), watched_domain.status, probing),
        )
        watched_domain.asking = step.asking
        if step.delay is not None:
            self._crowds.join(watched_domain, probing, now)
            self._schedule.put(now + step.delay, (_Turn.BURST, watched_domain))
        self._crowds.spend(watched_domain, len(step.queries), now)
        return step.queries

    def hurry_expiry(self, watched_domain: WatchedDomain, now: float) -> None:
        """Let time pass soon after monotonic second `now` for a domain whose finding waits to be raised or cleared."""
        due = now + delays.EXPIRY_RESTLESS
        if watched_domain.expiry_due > due:
            self._let_time_pass_at(due, watched_domain)

    def drop(self, watched_domain: WatchedDomain) -> None:
        """Let a domain have no more turns."""
        watched_domain.watched = False
        self._end_burst(watched_domain)
        self._end_window(watched_domain)

    def serve(self, watched_domain: WatchedDomain, servers: Servers, now: float) -> None:
        """Ask other servers from the monotonic second `now` on."""
        self._end_window(watched_domain)
        if watched_domain.asking.bursting:
            self._crowds.move(watched_domain, servers, self._plan.probing, now)
        else:
            watched_domain.servers = servers

    def _record_turn(self, watched_domain: WatchedDomain, due: float, now: float) -> tuple[Query, ...]:
        probing, u = self._plan.probing, self._rng.random()
        wanted = now + delays.next_delay(DelayKind.RECORD, probing, u) * self.stretch_of(watched_domain)
        asked = cadence.turn_servers(watched_domain.servers, watched_domain.asking.turn + 1)
        beside_looks = self.looks.holds(watched_domain.servers)
        wanted = self._slots.take(asked, probing.queries_per_second, wanted, now, beside_looks=beside_looks)
        self._schedule.put(wanted, (_Turn.RECORD, watched_domain))
        if not watched_domain.seen or watched_domain.calm_left > 0:  # what is out says more, or is not answered yet
            return ()
        if watched_domain.asking.bursting and is_crowded(
            self._crowds.of(watched_domain), probing
        ):  # its rounds say as much
            return ()
        step = burst.calm_turn(watched_domain.asking, watched_domain.status, watched_domain.servers, probing, u, at=now)
        watched_domain.asking = step.asking
        watched_domain.calm_due = due
        watched_domain.calm_left = len(step.queries)
        return step.queries

    def _txt_turn(self, watched_domain: WatchedDomain, now: float) -> tuple[Query, ...]:
        delay = delays.next_delay(DelayKind.TXT, self._plan.probing, self._rng.random())
        self._put_yielding(now + delay * self.stretch_of(watched_domain), now, (_Turn.TXT, watched_domain))
        if not watched_domain.seen or watched_domain.txt_left > 0:
            return ()
        step = burst.txt_turn(watched_domain.asking, watched_domain.status, watched_domain.servers)
        watched_domain.asking = step.asking
        queries = step.queries + cadence.wildcard_plan(
            watched_domain.status,
            watched_domain.servers,
            watched_domain.zone,
            watched_domain.asking.txt_turn,
            now,
            registries=self._plan.registries,
        )
        watched_domain.txt_left = len(queries)
        return queries

    def _resolver_turn(self, watched_domain: WatchedDomain, now: float) -> tuple[Query, ...]:
        delay = delays.next_delay(DelayKind.RESOLVER, self._plan.probing, self._rng.random())
        self._put_yielding(now + delay * self.load.of_resolvers, now, (_Turn.RESOLVER, watched_domain))
        if not watched_domain.seen or watched_domain.resolver_left > 0:
            return ()
        queries = cadence.resolver_plan(watched_domain.status, self._plan.resolvers)
        queries += owner_questions(watched_domain.status, self._plan.resolvers, now)
        watched_domain.resolver_left = len(queries)
        return queries

    def _put_yielding(self, wanted: float, now: float, item: _Item) -> None:
        """Plan a turn beside those of records, whose servers have the room that they have."""
        self._schedule.put(self._slots.take((), self._plan.probing.queries_per_second, wanted, now), item)

    def _burst_turn(self, watched_domain: WatchedDomain, now: float) -> tuple[Query, ...]:
        step = burst.burst_round(
            watched_domain.asking,
            watched_domain.state,
            watched_domain.servers,
            self._plan.probing,
            at=now,
            u=self._rng.random(),
            crowd=self._crowds.of(watched_domain),
        )
        if step.delay is None:
            self._end_burst(watched_domain)
        else:
            self._schedule.put(now + step.delay, (_Turn.BURST, watched_domain))
        watched_domain.asking = step.asking
        self._crowds.spend(watched_domain, len(step.queries), now)
        return step.queries

    def _target_turn(self, target: Target, now: float) -> tuple[Query, ...]:
        if not self._targets.is_watched(target):
            return ()
        delay = delays.next_delay(DelayKind.TARGET, self._plan.probing, self._rng.random())
        self._put_yielding(now + delay, now, target)
        return self._targets.round(target, now)

    def _expiry_turn(self, watched_domain: WatchedDomain, due: float, now: float) -> tuple[WatchedDomain, ...]:
        if due != watched_domain.expiry_due:  # it has been hurried since
            return ()
        if sampling.wants_window(watched_domain.asking, watched_domain.state, now):
            self._samplers.queue(watched_domain)
        bursting = watched_domain.asking.bursting
        least, most = (
            delays.expiry_delay(
                watched_domain.status, self._plan.soak, u, interval=self._plan.probing.interval, bursting=bursting
            )
            for u in (0.0, 1.0)
        )
        due = now + least + (most - least) * self._rng.random()
        if least >= delays.EXPIRY_RESTLESS:  # nothing is open: it is done together with others
            due = self._slots.gather(due, now + least, now + most, now)
        self._let_time_pass_at(due, watched_domain)
        return (watched_domain,)

    def _begin_window(self, watched_domain: WatchedDomain, now: float) -> None:
        interval = slower_interval(setups_of(self._plan, watched_domain.name))
        asking = sampling.begin_window(watched_domain.asking, watched_domain.state, interval, now)
        if asking is None:  # the reason has gone while it waited, or no beat is looked for
            self._samplers.leave(watched_domain)
            return
        watched_domain.asking = asking
        self._schedule.put(now, (_Turn.SAMPLE, watched_domain))

    def _sampling_turn(self, watched_domain: WatchedDomain, now: float) -> tuple[Query, ...]:
        probing = self._plan.probing
        step = sampling.sampling_round(
            watched_domain.asking,
            watched_domain.state,
            watched_domain.servers,
            probing,
            at=now,
            u=self._rng.random(),
        )
        watched_domain.asking = step.asking
        if step.delay is None:
            self._samplers.leave(watched_domain)
            return ()
        self._schedule.put(now + step.delay, (_Turn.SAMPLE, watched_domain))
        if watched_domain.sample_left > 0 or self.stretch_of(watched_domain) > 1.0:  # the servers, or we, have no time
            return ()
        if is_crowded(self._crowds.of(watched_domain), probing):
            return ()
        watched_domain.sample_left = len(step.queries)
        return step.queries

    def _end_window(self, watched_domain: WatchedDomain) -> None:
        self._samplers.leave(watched_domain)
        watched_domain.asking = sampling.end_window(watched_domain.asking)

    def _let_time_pass_at(self, due: float, watched_domain: WatchedDomain) -> None:
        watched_domain.expiry_due = due
        self._schedule.put(due, (_Turn.EXPIRY, watched_domain))

    def _end_burst(self, watched_domain: WatchedDomain) -> None:
        if watched_domain.asking.bursting:
            self._crowds.leave(watched_domain)
        watched_domain.asking = burst.halt(watched_domain.asking)
