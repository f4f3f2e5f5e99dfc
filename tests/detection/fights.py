"""The fights of the benchmark, each drawn anew from a seeded generator."""

import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import pairwise
from typing import NamedTuple

from probe.model.external_dns import ExternalDns
from probe.model.record import Position
from tests.detection import zone
from tests.detection.controllers import Controller, fight, glitches
from tests.detection.timeline import Fight, Timeline, usual_noise
from tests.detection.zone import SERVERS, Change, Content, Plumbing, split, usual_plumbing
from tests.judge.ownership.owned import NEW, OLD, heritage
from tests.judge.simulator import SLOW

V1, V2, ABSENT = Position.V1, Position.V2, Position.ABSENT

CALM = (400.0, 900.0)
"""Seconds for which a record stands and is watched before the fight begins."""

PERIODS = 10
SHORTEST_FIGHT = 1800.0
"""A fight goes on for so many periods, and for half an hour at least: whoever has not noticed by then missed it."""

DECLARED = 0.5
"""Share of the plans that declare the intervals: the others leave the default, a minute."""

OUTAGES = frozenset({"outage"})


class Sides(NamedTuple):
    """What the two write, what the TXT tells by that, and how the run differs beside.

    The second of them may be in no plan (`is_v2_of_the_plan`).
    """

    v1: Content
    v2: Content
    cause: str | None = None
    aaaa: Position | None = None
    external_dns: tuple[ExternalDns, ExternalDns] = (ExternalDns(), ExternalDns())
    allowed: frozenset[str] = frozenset()
    is_v2_of_the_plan: bool = True


PLAIN = Sides(zone.at(V1), zone.at(V2))


def same_owner(rng: random.Random) -> Sides:
    """One owner id on both sides; the object may be called otherwise."""
    apart = rng.random() < 0.5
    one, other = heritage("default"), heritage("default", "ingress/shop/web-v2" if apart else "ingress/shop/web")
    return Sides(zone.at(V1, *_alias(one)), zone.at(V2, *_alias(other)), "fight-same-owner")


def mutual_migration(_rng: random.Random) -> Sides:
    """Each side migrates from the other's owner id."""
    return Sides(
        zone.at(V1, *_alias(heritage("eks-v1"))),
        zone.at(V2, *_alias(heritage("eks-v2"))),
        "fight-mutual-migration",
        external_dns=(ExternalDns("eks-v1", "eks-v2"), ExternalDns("eks-v2", "eks-v1")),
    )


def version_mix(_rng: random.Random) -> Sides:
    """v0.21 reads `cname-`, v0.22 reads `a-`: each finds itself the owner, and AAAA has moved for good."""
    txt = (("cname", heritage("eks-v1")), ("a", heritage("eks-v2")), ("aaaa", heritage("eks-v2")))
    return Sides(
        zone.at(V1, *txt),
        zone.at(V2, *txt),
        "fight-version-mix",
        aaaa=V2,
        external_dns=(ExternalDns("eks-v1", version=OLD), ExternalDns("eks-v2", "eks-v1", version=NEW)),
        allowed=frozenset({"family-split", "stale-owner"}),  # both are true of it, whoever holds A just now
    )


def to_absence(rng: random.Random) -> Sides:
    """One side creates what the other deletes."""
    owned = zone.at(rng.choice((V1, V2)), *_alias(heritage("default")))
    return Sides(owned, zone.at(ABSENT), "fight-delete-create", allowed=OUTAGES)


def any_witness(rng: random.Random) -> Sides:
    """Any of the fights over the target that a TXT tells apart."""
    return rng.choice((same_owner, mutual_migration, version_mix))(rng)


def _alias(value: str) -> tuple[tuple[str, str], ...]:
    return ("a", value), ("aaaa", value)


def _plain(_rng: random.Random) -> Sides:
    return PLAIN


def duel(
    rng: random.Random,
    periods: Callable[[random.Random], tuple[float, float]],
    sides: Callable[[random.Random], Sides] = _plain,
) -> Timeline:
    """Draw a fight of two controllers with some periods over what some sides want."""
    drawn = sides(rng)
    one, other = periods(rng)
    begins = rng.uniform(*CALM)
    until = begins + max(SHORTEST_FIGHT, PERIODS * max(one, other))
    first, second = (drawn.v1, drawn.v2) if rng.random() < 0.5 else (drawn.v2, drawn.v1)
    changes = fight(
        rng,
        first,
        (Controller(first, one, begins + rng.uniform(0.0, one)), Controller(second, other, begins)),
        until,
    )
    made = timeline(rng, changes, drawn, scoreable=_is_scoreable(changes, max(one, other)))
    if rng.random() < DECLARED:
        by_v1, by_v2 = (one, other) if first is drawn.v1 else (other, one)
        v1, v2 = made.external_dns
        known = replace(v1, interval=by_v1), replace(v2, interval=by_v2) if drawn.is_v2_of_the_plan else v2
        made = replace(made, external_dns=known)
    return made


def glitch(rng: random.Random) -> Timeline:
    """Draw a fight in which one side always wins within seconds."""
    begins = rng.uniform(*CALM)
    first, second = rng.choice(((V1, V2), (V2, V1)))
    changes = glitches(rng, (zone.at(first), zone.at(second)), 60.0, begins, begins + SHORTEST_FIGHT)
    return timeline(rng, changes, PLAIN, scoreable=True)


def one_stale_server(rng: random.Random) -> Timeline:
    """Draw a fight that one of the servers has no part in."""
    made = duel(rng, minute)
    stale = frozenset({rng.randrange(SERVERS)})
    return replace(made, plumbing=made.plumbing._replace(stale_servers=stale))


def heavy_loss(rng: random.Random) -> Timeline:
    """Draw a fight of which a fifth of the answers is lost."""
    made = duel(rng, minute)
    return replace(made, noise=replace(made.noise, loss=0.2))


def slow_propagation(rng: random.Random) -> Timeline:
    """Draw a fight whose writes travel slowly."""
    made = duel(rng, minute)
    return replace(made, plumbing=Plumbing(SLOW, made.plumbing.machines))


def minute(_rng: random.Random) -> tuple[float, float]:
    """Both sync every minute, as ExternalDNS does unless told."""
    return 60.0, 60.0


def every(seconds: float) -> Callable[[random.Random], tuple[float, float]]:
    """Both sync at the same interval."""
    return lambda _rng: (seconds, seconds)


def mixed(rng: random.Random) -> tuple[float, float]:
    """Half of them a minute; else 10 s to 10 min, and two different intervals in four of ten."""
    if rng.random() < 0.5:
        return 60.0, 60.0
    one = _log_uniform(rng)
    return one, _log_uniform(rng) if rng.random() < 0.4 else one


def slow(rng: random.Random) -> tuple[float, float]:
    """Three to ten minutes."""
    return every(rng.choice((180.0, 300.0, 600.0)))(rng)


def _log_uniform(rng: random.Random) -> float:
    return float(10.0 * 60.0 ** rng.random())


def _levels(low: float, high: float, rng: random.Random) -> Sides:
    return Sides(split(low), split(high)) if rng.random() < 0.5 else Sides(split(high), split(low))


def _against_half(rng: random.Random) -> Sides:
    return Sides(zone.at(rng.choice((V1, V2))), split(0.5))


def timeline(rng: random.Random, changes: list[Change], sides: Sides, *, scoreable: bool) -> Timeline:
    """Put a run together whose fight begins with the first change."""
    seconds = changes[-1].at + 60.0
    has_third = len(changes) > 3
    return Timeline(
        tuple(changes),
        seconds,
        usual_plumbing(rng),
        usual_noise(rng, seconds),
        fight=Fight(1, 3, scoreable and has_third, sides.cause, changes[-1].at) if len(changes) > 1 else None,
        allowed=sides.allowed,
        has_txt=sides.cause is not None,
        aaaa=sides.aaaa,
        external_dns=sides.external_dns,
    )


def _is_scoreable(changes: list[Change], period: float) -> bool:
    dwells = [after.at - before.at for before, after in pairwise(changes[1:])]
    return len(dwells) > 1 and min(dwells[:6]) >= min(10.0, period / 4)


CASES: dict[str, Callable[[random.Random], Timeline]] = {
    "60 s": partial(duel, periods=minute),
    "60 s, TXT": partial(duel, periods=minute, sides=any_witness),
    "mixed periods": partial(duel, periods=mixed),
    "10 s": partial(duel, periods=every(10.0)),
    "30 s": partial(duel, periods=every(30.0)),
    "180 s": partial(duel, periods=every(180.0)),
    "300 s": partial(duel, periods=every(300.0)),
    "600 s": partial(duel, periods=every(600.0)),
    "180 s and slower, TXT": partial(duel, periods=slow, sides=any_witness),
    "mixed periods, TXT": partial(duel, periods=mixed, sides=any_witness),
    "to absence": partial(duel, periods=minute, sides=to_absence),
    "10 % against 90 %": partial(duel, periods=minute, sides=partial(_levels, 0.1, 0.9)),
    "against a 50 % set": partial(duel, periods=minute, sides=_against_half),
    "glitch": glitch,
    "one stale server": one_stale_server,
    "20 % loss": heavy_loss,
    "slow propagation": slow_propagation,
}
"""Name to drawing."""
