"""Everything that looks like a fight and is none, each drawn anew from a seeded generator."""

import math
import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from probe.model.plan import Expectation, Weights
from probe.model.record import Position
from tests.detection import zone
from tests.detection.controllers import landing
from tests.detection.timeline import DAY, Timeline, usual_noise, windows
from tests.detection.zone import SERVERS, Change, Content, split, usual_plumbing
from tests.judge.ownership.owned import heritage

V1, V2, ABSENT = Position.V1, Position.V2, Position.ABSENT
OUTAGES = frozenset({"outage"})
FLIPS = frozenset({"flip-flop"})

BEFORE = (400.0, 900.0)
AFTER = 1800.0
"""Seconds that are watched before and after an event; the rest of its day is what the case `stable` plays."""

_PERSON_MEDIAN_LOG = math.log(600.0)


def stable(rng: random.Random, seconds: float) -> Timeline:
    """Draw a day on which nothing is written."""
    return _day(rng, [Change(0.0, zone.at(rng.choice((V1, V2))))], seconds)


def drawn(rng: random.Random, seconds: float, v2_share: float | None = None) -> Timeline:
    """Draw a day of a weighted record; without a share, of any share."""
    share = v2_share if v2_share is not None else 1.0 / (1.0 + math.exp(-rng.uniform(-4.6, 4.6)))
    return replace(_day(rng, [Change(0.0, split(share))], seconds), weighted_from=0.0)


def ramp(rng: random.Random) -> Timeline:
    """Draw a record that is moved over in steps, sometimes with everything taken back at once for a while."""
    shares = [0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.99]
    drain = rng.randrange(2, len(shares) - 1) if rng.random() < 0.3 else None
    changes = [Change(0.0, zone.at(V1))]
    now = rng.uniform(*BEFORE)
    for place, share in enumerate(shares):
        changes.append(Change(now, split(share)))
        now += rng.uniform(300.0, 1800.0)
        if place == drain:
            changes.append(Change(now, zone.at(V1)))
            now += rng.uniform(300.0, 1800.0)
            changes.append(Change(now, split(share)))
            now += rng.uniform(300.0, 1800.0)
    changes.append(Change(now, zone.at(V2)))
    return event(rng, changes)


def step_to_weighted(rng: random.Random) -> Timeline:
    """Draw a simple record that is replaced by a weighted one."""
    now = rng.uniform(*BEFORE)
    share = rng.choice((0.1, 0.3, 0.5, 0.7, 0.9))
    return replace(event(rng, [Change(0.0, zone.at(V1)), Change(now, split(share))]), weighted_from=now)


def cutover(rng: random.Random) -> Timeline:
    """Draw one move."""
    return replace(event(rng, moves(rng, [])), settles=True)


def rollback(rng: random.Random) -> Timeline:
    """Draw a move and its taking back."""
    return event(rng, moves(rng, [_by_a_person(rng)]))


def retry(rng: random.Random) -> Timeline:
    """Draw a move, its taking back after ten minutes and the same move again after twenty."""
    return event(rng, moves(rng, [600.0 + landing(rng), 1200.0 + landing(rng)]))


def slow_flips(rng: random.Random) -> Timeline:
    """Draw somebody who goes to and fro, a quarter of an hour apart at least."""
    pauses = [max(900.0, rng.lognormvariate(math.log(2700.0), 0.6)) for _ in range(rng.randrange(3, 10))]
    return replace(event(rng, moves(rng, pauses)), allowed=FLIPS)


def hand_over_with_a_gap(rng: random.Random) -> Timeline:
    """Draw a deletion by the one side that the other makes good at its next sync."""
    changes = moves(rng, [])
    gone = changes.pop().at
    changes += [Change(gone, zone.at(ABSENT)), Change(gone + rng.uniform(1.0, 61.0), zone.at(V2))]
    return replace(event(rng, changes), allowed=OUTAGES)


def healed_deletion(rng: random.Random) -> Timeline:
    """Draw a deletion that the same side makes good at its next sync."""
    changes = moves(rng, [])
    gone = changes.pop().at
    changes += [Change(gone, zone.at(ABSENT)), Change(gone + rng.uniform(1.0, 61.0), zone.at(V1))]
    return replace(event(rng, changes), allowed=OUTAGES)


def stale_server(rng: random.Random) -> Timeline:
    """Draw a move that one server never learns of."""
    timeline = replace(cutover(rng), settles=False)
    return replace(timeline, plumbing=timeline.plumbing._replace(stale_servers=frozenset({rng.randrange(SERVERS)})))


def stale_machine(rng: random.Random) -> Timeline:
    """Draw a move that one of the machines behind one address never learns of."""
    timeline = replace(cutover(rng), settles=False)
    machines = rng.choice((2, 4, 8))
    stuck = frozenset({(rng.randrange(SERVERS), rng.randrange(machines))})
    return replace(timeline, plumbing=timeline.plumbing._replace(machines=machines, stale_machines=stuck))


def lame_server(rng: random.Random) -> Timeline:
    """Draw a move while one server answers without authority."""
    timeline = cutover(rng)
    return replace(timeline, noise=replace(timeline.noise, lame=frozenset({rng.randrange(SERVERS)})))


def loss(rng: random.Random) -> Timeline:
    """Draw a move while much is lost."""
    timeline = cutover(rng)
    return replace(timeline, noise=replace(timeline.noise, loss=rng.uniform(0.1, 0.4)))


def late_address_book(rng: random.Random) -> Timeline:
    """Draw hours in which the load balancers' addresses become known late, several times."""
    timeline = stable(rng, 4 * 3600.0)
    unknown = windows(rng, timeline.seconds, 4, 10.0, 120.0)
    return replace(timeline, noise=replace(timeline.noise, unknown=unknown), days=1.0)


def health_fallback(rng: random.Random) -> Timeline:
    """Draw a record with all weight on v2, answered with v1 while v2's health checks fail."""
    changes = [Change(0.0, zone.at(V2))]
    now = rng.uniform(*BEFORE)
    for _ in range(rng.randrange(1, 6)):
        changes.append(Change(now, zone.at(V1)))
        now += 60.0 + rng.expovariate(1.0 / 240.0)
        changes.append(Change(now, zone.at(V2)))
        now += 60.0 + rng.expovariate(1.0 / 900.0)
    timeline = event(rng, changes)
    return replace(timeline, expectation=Expectation.WEIGHTED, weights=Weights(0, 100), allowed=FLIPS)


def _by_a_person(rng: random.Random) -> float:
    return max(20.0, rng.lognormvariate(_PERSON_MEDIAN_LOG, 1.0))


def moves(rng: random.Random, pauses: list[float]) -> list[Change]:
    """Give a move from v1 to v2, and after each pause one to the other side."""
    now = rng.uniform(*BEFORE)
    changes = [Change(0.0, zone.at(V1)), Change(now, zone.at(V2))]
    places: tuple[Content, Content] = (zone.at(V1), zone.at(V2))
    for number, pause in enumerate(pauses):
        now += pause
        changes.append(Change(now, places[number % 2]))
    return changes


def event(rng: random.Random, changes: list[Change]) -> Timeline:
    """Put a run around some changes together: it goes on for a while after the last."""
    seconds = changes[-1].at + AFTER
    return Timeline(tuple(changes), seconds, usual_plumbing(rng), usual_noise(rng, seconds))


def owned(made: Timeline) -> Timeline:
    """Let one owner stand in the ownership TXT all the time."""
    txt = (("a", heritage("default")), ("aaaa", heritage("default")))
    changes = tuple(Change(change.at, change.content._replace(txt=txt)) for change in made.changes)
    return replace(made, changes=changes, has_txt=True)


def _day(rng: random.Random, changes: list[Change], seconds: float) -> Timeline:
    return Timeline(tuple(changes), seconds, usual_plumbing(rng), usual_noise(rng, seconds), days=seconds / DAY)


DAYS: dict[str, Callable[[random.Random, float], Timeline]] = {
    "stable": stable,
    "p = 0.5": partial(drawn, v2_share=0.5),
    "p = 0.7": partial(drawn, v2_share=0.7),
    "p = 0.9": partial(drawn, v2_share=0.9),
    "p = 0.99": partial(drawn, v2_share=0.99),
    "p = 0.01": partial(drawn, v2_share=0.01),
    "any p": drawn,
}
"""Whole days, or as many seconds as are wanted of one."""

EVENTS: dict[str, Callable[[random.Random], Timeline]] = {
    "ramp": ramp,
    "step to weighted": step_to_weighted,
    "cutover": cutover,
    "rollback": rollback,
    "retry": retry,
    "slow flips": slow_flips,
    "hand-over with a gap": hand_over_with_a_gap,
    "healed deletion": healed_deletion,
    "stale server": stale_server,
    "stale machine": stale_machine,
    "lame server": lame_server,
    "10 to 40 % loss": loss,
    "late address book": late_address_book,
    "health fallback": health_fallback,
}
"""One event each, on a day of which only the hour around it is played."""
