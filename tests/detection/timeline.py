"""One run of the benchmark: what is written, what disturbs the asking, and what is true of it."""

import random
from dataclasses import dataclass, field

from probe.model.external_dns import ExternalDns
from probe.model.plan import Expectation, Weights
from probe.model.record import Position
from tests.detection.zone import SERVERS, Change, Plumbing

Interval = tuple[float, float]

DAY = 86_400.0
_OUTAGES_A_DAY, _OWN_OUTAGES_A_DAY = 2.0, 0.5
_OUTAGE = 60.0  # seconds, mean of an exponential
OUTAGE_LOSS = 0.9
_LOSS_FROM, _LOSS_TO = 1e-4, 0.02


@dataclass(frozen=True)
class Noise:
    """What disturbs the asking.

    Attributes:
        loss: Share of questions that come to nothing, everywhere and always.
        outages: Per server: when nine in ten do.
        own: When all do, at all servers: it is the vantage that is cut off.
        lame: Servers that answer without authority.
        unknown: When both sides' answers hold addresses that the address book does not know yet.
    """

    loss: float = 0.0
    outages: tuple[tuple[Interval, ...], ...] = ((),) * SERVERS
    own: tuple[Interval, ...] = ()
    lame: frozenset[int] = frozenset()
    unknown: tuple[Interval, ...] = ()


@dataclass(frozen=True)
class Fight:
    """What is true of a run with a fight.

    Attributes:
        first, third: Numbers of the first change of the fight and of the third.
        in_a_row: Number of the change that is the third in a row, with a planned move right before the fight: from
            then on the record goes to and fro, whoever does it. None where that is the fight's own third.
        scoreable: The shorter dwell lasts at least min(10 s, a quarter of the period).
        cause: The code that its TXT tells, None without TXT.
        ends: When its last change was written.
    """

    first: int
    third: int
    scoreable: bool
    cause: str | None
    ends: float
    in_a_row: int | None = None


@dataclass(frozen=True)
class Timeline:
    """One run.

    Attributes:
        changes: What is written, in the order of time.
        seconds: How long it is watched.
        plumbing, noise: What is between the zone and the querier.
        fight: None where nobody fights.
        allowed: Critical findings that are right to be raised.
        days: Domain-days that the run counts for: one for a day with one event, of which only the event is played.
        has_txt: Ownership TXT names are served and asked.
        aaaa: Where AAAA stands by itself; None when the name has none.
        weighted_from: Since when the record is drawn, if it goes on to be.
        settles: It is a plain cutover that reaches every server within a minute, so never `divided`.
        expectation, weights: Of the wave.
        external_dns: v1's and v2's.
    """

    changes: tuple[Change, ...]
    seconds: float
    plumbing: Plumbing
    noise: Noise
    fight: Fight | None = None
    allowed: frozenset[str] = frozenset()
    days: float = 1.0
    has_txt: bool = False
    aaaa: Position | None = None
    weighted_from: float | None = None
    settles: bool = False
    expectation: Expectation = Expectation.MOVING
    weights: Weights | None = None
    external_dns: tuple[ExternalDns, ExternalDns] = field(default=(ExternalDns(), ExternalDns()))


def usual_noise(rng: random.Random, seconds: float) -> Noise:
    """Draw the noise of a run: some loss everywhere, some outages of servers, fewer of the vantage itself."""
    return Noise(
        loss=_LOSS_FROM * (_LOSS_TO / _LOSS_FROM) ** rng.random(),
        outages=tuple(_intervals(rng, seconds, _OUTAGES_A_DAY) for _ in range(SERVERS)),
        own=_intervals(rng, seconds, _OWN_OUTAGES_A_DAY),
    )


def windows(rng: random.Random, seconds: float, count: int, shortest: float, longest: float) -> tuple[Interval, ...]:
    """Draw some windows, in the order of time and apart from each other."""
    begins = sorted(rng.uniform(0.0, seconds) for _ in range(count))
    drawn = [(begin, begin + rng.uniform(shortest, longest)) for begin in begins]
    return tuple((begin, end) for place, (begin, end) in enumerate(drawn) if place == 0 or begin > drawn[place - 1][1])


def _intervals(rng: random.Random, seconds: float, a_day: float) -> tuple[Interval, ...]:
    drawn = []
    now = rng.expovariate(a_day / DAY)
    while now < seconds:
        end = now + rng.expovariate(1.0 / _OUTAGE)
        drawn.append((now, end))
        now = end + rng.expovariate(a_day / DAY)
    return tuple(drawn)
