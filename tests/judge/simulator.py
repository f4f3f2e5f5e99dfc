"""A small world in which the cadence asks and the fold listens: four servers, writes that travel, weights, loss.

Time is a number that an event queue moves on; every draw comes from one seeded generator. The prober below asks only
what `probe.judge.polling.cadence` says and acts on the effects of `review` as the daemon's engine does, so that a
timeline measures the policy and the verdict together.
"""

import heapq
import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from probe.judge.context import Context
from probe.judge.polling import burst, cadence, delays, sampling
from probe.judge.review import expire, initial, review
from probe.judge.state import DomainState
from probe.model.effect import Effect, FindingRaised, StateChanged, Surprised, TransitionConfirmed
from probe.model.external_dns import TxtRegistry
from probe.model.name import DomainName
from probe.model.observation import Observation
from probe.model.outcome import Outcome, Response
from probe.model.plan import SOAK, Domain, Expectation, Probing, Weights
from probe.model.ports import Query
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position, RecordState
from probe.model.server import Server
from tests.judge.answers import NAME, SERVERS, ZONE, at_position, context, instant, nodata, timeout
from tests.judge.holding import Holding

Shares = dict[Position, float]
"""Position to probability: one entry for a simple record, several for weighted ones."""


@dataclass(frozen=True)
class Write:
    """The record is set to `shares` at `at` seconds."""

    at: float
    shares: Shares


def steady(position: Position) -> Shares:
    return {position: 1.0}


def weighted(v2_share: float) -> Shares:
    return {Position.V1: 1.0 - v2_share, Position.V2: v2_share}


@dataclass(frozen=True)
class Speed:
    """How a write travels: `base` bounds for all, plus an exponential lag of each machine's own; until `latest`."""

    low: float
    high: float
    lag: float
    latest: float = 60.0

    def arrivals(self, rng: random.Random, count: int) -> list[float]:
        base = rng.uniform(self.low, self.high)
        return [min(self.latest, base + rng.expovariate(1.0 / self.lag)) for _ in range(count)]


FAST = Speed(0.5, 3.0, 1.5)
MEDIUM = Speed(2.0, 10.0, 6.0)
SLOW = Speed(5.0, 20.0, 15.0)


class Answering(Protocol):
    """What the prober asks."""

    def answer(self, server: int, rdtype: RecordType, at: float, name: DomainName) -> Outcome | None:
        """Give what a server answers; None for what this world does not have at all."""


class World:
    """The zone's servers. Every machine of every server learns of each write in its own time."""

    def __init__(
        self,
        writes: Iterable[Write],
        rng: random.Random,
        *,
        speed: Speed = FAST,
        machines: int = 1,
        loss: float = 0.0,
        frozen: Sequence[int] = (),
        families: Sequence[RecordType] = ADDRESS_TYPES,
        servers: int = 4,
    ) -> None:
        self._rng = rng
        self._loss = loss
        self._families = families
        self._machines = machines
        self._writes = sorted(writes, key=lambda write: write.at)
        self._arrivals: list[list[list[float]]] = [[[] for _ in range(machines)] for _ in range(servers)]
        for number, write in enumerate(self._writes):
            lags = speed.arrivals(rng, servers * machines)
            for server in range(servers):
                for machine in range(machines):
                    stuck = server in frozen and number > 0
                    lag = 0.0 if number == 0 else lags[server * machines + machine]
                    self._arrivals[server][machine].append(float("inf") if stuck else write.at + lag)
        self._positions = [[0] * machines for _ in range(servers)]
        self._responses = {
            (position, rdtype): at_position(position, rdtype) for position in Position for rdtype in ADDRESS_TYPES
        }
        self._nodata = nodata()

    def lose_everything(self) -> None:
        """From now on nothing answers."""
        self._loss = 1.0

    def answer(self, server: int, rdtype: RecordType, at: float, _name: DomainName = NAME) -> Outcome | None:
        if rdtype is RecordType.TXT:
            return None
        if self._rng.random() < self._loss:
            return timeout()
        if rdtype not in self._families:
            return self._nodata
        machine = self._rng.randrange(self._machines)
        shares = self._writes[self._newest(server, machine, at)].shares
        position = self._rng.choices(list(shares), list(shares.values()))[0]
        return self._responses[position, rdtype]

    def _newest(self, server: int, machine: int, at: float) -> int:
        arrivals = self._arrivals[server][machine]
        newest = self._positions[server][machine]
        for number in range(newest + 1, min(len(arrivals), newest + 64)):
            if arrivals[number] <= at:
                newest = number
        self._positions[server][machine] = newest
        return newest


@dataclass
class Run(Holding):
    """What came of a simulated span of time."""

    state: DomainState
    context: Context
    effects: list[tuple[float, Effect]] = field(default_factory=list)
    observations: list[Observation] = field(default_factory=list)
    questions: int = 0
    txt_questions: int = 0

    def states(self, rdtype: RecordType | None = RecordType.A) -> list[tuple[float, RecordState]]:
        """Give the states that a record (None: the domain) went through, each with its time."""
        return [
            (at, effect.after)
            for at, effect in self.effects
            if isinstance(effect, StateChanged) and effect.rdtype is rdtype
        ]

    def first(self, state: RecordState, rdtype: RecordType | None = RecordType.A) -> float | None:
        return next((at for at, reached in self.states(rdtype) if reached is state), None)

    def transitions(self, rdtype: RecordType = RecordType.A) -> list[tuple[Position, Position]]:
        return [
            (effect.transition.before, effect.transition.after)
            for _, effect in self.effects
            if isinstance(effect, TransitionConfirmed) and effect.rdtype is rdtype
        ]

    def raised(self) -> set[str]:
        return {effect.finding.code for _, effect in self.effects if isinstance(effect, FindingRaised)}


class Prober:
    """Asks by the cadence and folds by the review, in simulated time."""

    ROUND_TRIP = 0.02

    def __init__(
        self,
        world: Answering,
        rng: random.Random,
        *,
        expectation: Expectation = Expectation.MOVING,
        weights: Weights | None = None,
        probing: Probing | None = None,
        servers: Sequence[Server] = SERVERS,
        keep: bool = False,
        begin: tuple[DomainState, Context] | None = None,
    ) -> None:
        self._world = world
        self._rng = rng
        self._probing = probing or Probing()
        self._servers = self._answering = tuple(servers)
        self._keep = keep
        domain = Domain(NAME, "first", expectation, weights)
        self.run = Run(
            *(begin or (initial(domain, (TxtRegistry(),), ZONE), context(*servers, probing=self._probing))),
        )
        self._queue: list[tuple[float, int, Callable[[float], None]]] = []
        self._sequence = 0
        self._asking = burst.begin(rng.randrange(1000), 0.0)

    def go(self, seconds: float) -> Run:
        """Begin, and run until `seconds`."""
        self._at(0.0, lambda now: self._ask(cadence.look_plan(self.run.status, self._servers), now))
        self._at(delays.first_delay(delays.DelayKind.RECORD, self._probing, self._rng.random()), self._calm)
        self._at(delays.first_delay(delays.DelayKind.TXT, self._probing, self._rng.random()), self._txt)
        self._at(delays.EXPIRY_RESTLESS, self._tick)
        return self.resume(seconds)

    def delegate_to(self, servers: Sequence[Server]) -> None:
        """From now on ask these of the world's servers, as after another look at the delegation."""
        self._servers = tuple(servers)
        self.run.context = self.run.context._replace(servers=self._servers)

    def resume(self, seconds: float) -> Run:
        """Go on until `seconds`."""
        while self._queue and self._queue[0][0] <= seconds:
            at, _, action = heapq.heappop(self._queue)
            action(at)
        return self.run

    def _at(self, when: float, action: Callable[[float], None]) -> None:
        self._sequence += 1
        heapq.heappush(self._queue, (when, self._sequence, action))

    def _calm(self, now: float) -> None:
        u = self._rng.random()
        self._at(now + delays.next_delay(delays.DelayKind.RECORD, self._probing, u), self._calm)
        step = burst.calm_turn(self._asking, self.run.status, self._servers, self._probing, u)
        self._step(step, now, self._calm)

    def _txt(self, now: float) -> None:
        delay = delays.next_delay(delays.DelayKind.TXT, self._probing, self._rng.random())
        self._at(now + delay, self._txt)
        self._step(burst.txt_turn(self._asking, self.run.status, self._servers), now, self._txt)

    def _round(self, now: float) -> None:
        step = burst.burst_round(
            self._asking, self.run.state, self._servers, self._probing, at=now, u=self._rng.random()
        )
        self._step(step, now, self._round)

    def _step(self, step: burst.PollStep, now: float, again: Callable[[float], None]) -> None:
        self._asking = step.asking
        if step.delay is not None:
            self._at(now + step.delay, again)
        self._ask(step.queries, now)

    def _tick(self, now: float) -> None:
        self._take(now, *expire(self.run.state, instant(now), self.run.context))
        bursting = self._asking.bursting
        pause = delays.expiry_delay(
            self.run.status, SOAK, self._rng.random(), interval=self._probing.interval, bursting=bursting
        )
        self._at(now + pause, self._tick)
        begun = sampling.begin_window(self._asking, self.run.state, self.run.context.slower_interval, now)
        if begun is not None:
            self._asking = begun
            self._at(now, self._sample)

    def _sample(self, now: float) -> None:
        step = sampling.sampling_round(
            self._asking, self.run.state, self._servers, self._probing, at=now, u=self._rng.random()
        )
        self._step(step, now, self._sample)

    def _ask(self, queries: Iterable[Query], now: float) -> None:
        for ask in queries:
            if ask.question.rdtype is RecordType.TXT:
                self.run.txt_questions += 1
            else:
                self.run.questions += 1
            number = self._answering.index(ask.server)
            outcome = self._world.answer(number, ask.question.rdtype, now, ask.question.name)
            if outcome is None:
                continue
            lost = not isinstance(outcome, Response)
            elapsed = self._probing.timeout if lost else self.ROUND_TRIP * self._rng.uniform(0.5, 2.0)
            self._at(now + elapsed, self._arrival(ask, outcome, elapsed))

    def _arrival(self, ask: Query, outcome: Outcome, elapsed: float) -> Callable[[float], None]:
        def fold(now: float) -> None:
            observation = Observation(ask.question, ask.server, outcome, instant(now), elapsed)
            if self._keep:
                self.run.observations.append(observation)
            self._take(now, *review(self.run.state, observation, self.run.context))

        return fold

    def _take(self, now: float, state: DomainState, effects: tuple[Effect, ...]) -> None:
        self.run.state = state
        for effect in effects:
            self.run.effects.append((now, effect))
            if isinstance(effect, Surprised):
                about = (effect.server, effect.question)
                step = burst.surprise(self._asking, state, self._servers, about, now)
                self._step(step, now, self._round)


def probe(writes: Iterable[Write], seconds: float, seed: int, **world: object) -> Run:
    """Run a timeline of writes with one seed."""
    rng = random.Random(seed)
    return Prober(World(writes, rng, **world), rng).go(seconds)  # type: ignore[arg-type]  # the world's own keywords


def square(*, period: float, phase: float, start: float, end: float, first: Position, second: Position) -> list[Write]:
    """Give a fight's writes: `second` at each beat, `first` back after `phase` seconds."""
    writes = [Write(0.0, steady(first))]
    at = start
    while at < end:
        writes += [Write(at, steady(second)), Write(at + phase, steady(first))]
        at += period
    return writes


def states(run: Run, rdtype: RecordType | None = RecordType.A) -> list[RecordState]:
    """Give the states that a record (None: the domain) went through, in their order."""
    return [state for _, state in run.states(rdtype)]
