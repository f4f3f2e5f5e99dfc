"""Fights that a rule for a minute's beat misses: slow intervals, unlike ones, third parties, and several episodes."""

import random
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from probe.model.record import Position
from tests.detection import zone
from tests.detection.controllers import Controller, fight, landing
from tests.detection.fights import CALM, PLAIN, Sides, duel, every, timeline
from tests.detection.timeline import Timeline
from tests.detection.zone import Change, split

V1, V2, FOREIGN = Position.V1, Position.V2, Position.FOREIGN

HOUR = 3600.0


def unlike(one: float, other: float) -> Callable[[random.Random], Timeline]:
    """Two intervals that have nothing to do with each other."""
    return partial(duel, periods=lambda rng: (one, other) if rng.random() < 0.5 else (other, one))


def third_party(rng: random.Random) -> Timeline:
    """Draw a fight of one side with a cluster that is in no plan."""
    side = rng.choice((V1, V2))
    allowed = frozenset({"foreign-target"})
    return duel(
        rng, every(60.0), lambda _: Sides(zone.at(side), zone.at(FOREIGN), allowed=allowed, is_v2_of_the_plan=False)
    )


def before_the_watch(rng: random.Random) -> Timeline:
    """Draw a fight that was on when the watch began."""
    made = duel(rng, every(60.0))
    begins = made.changes[1].at - rng.uniform(0.0, 60.0)
    moved = tuple(
        Change(max(0.0, change.at - begins), change.content)
        for change in (made.changes[0], *(change for change in made.changes[1:] if change.at > begins))
    )
    return replace(made, changes=moved, seconds=moved[-1].at + 60.0)


def after_a_cutover(rng: random.Random) -> Timeline:
    """Draw a fight that begins some minutes after a planned move."""
    begins = rng.uniform(*CALM)
    fought = begins + rng.uniform(120.0, 600.0)
    until = fought + HOUR / 2
    controllers = (
        Controller(zone.at(V2), 60.0, fought + rng.uniform(1.0, 60.0)),
        Controller(zone.at(V1), 60.0, fought),
    )
    changes = fight(rng, zone.at(V2), controllers, until)
    first = Change(0.0, zone.at(V1))
    move = Change(begins + landing(rng), zone.at(V2))
    made = timeline(rng, [first, move, *changes[1:]], PLAIN, scoreable=len(changes) > 3)
    if made.fight is None:
        return made
    return replace(made, fight=replace(made.fight, first=2, third=4, in_a_row=3))


def pause_and_resume(rng: random.Random) -> Timeline:
    """Draw a fight of ten minutes, a pause of twenty to forty, and the same fight again."""
    begins = rng.uniform(*CALM)
    first = fight(
        rng,
        zone.at(V1),
        (Controller(zone.at(V1), 60.0, begins + rng.uniform(5.0, 55.0)), Controller(zone.at(V2), 60.0, begins)),
        begins + 600.0,
    )
    again = first[-1].at + rng.uniform(1200.0, 2400.0)
    other = zone.at(V1) if first[-1].content == zone.at(V2) else zone.at(V2)
    second = fight(
        rng,
        first[-1].content,
        (Controller(first[-1].content, 60.0, again + rng.uniform(5.0, 55.0)), Controller(other, 60.0, again)),
        again + 900.0,
    )
    changes = [*first, *second[1:]]
    return timeline(rng, changes, PLAIN, scoreable=len(first) > 3)


def _near_levels(rng: random.Random) -> Sides:
    return Sides(split(0.2), split(0.4)) if rng.random() < 0.5 else Sides(split(0.4), split(0.2))


CASES: dict[str, Callable[[random.Random], Timeline]] = {
    "900 s": partial(duel, periods=every(900.0)),
    "1800 s": partial(duel, periods=every(1800.0)),
    "3600 s": partial(duel, periods=every(3600.0)),
    "60 and 300 s": unlike(60.0, 300.0),
    "60 and 3600 s": unlike(60.0, 3600.0),
    "third party": third_party,
    "before the watch": before_the_watch,
    "after a cutover": after_a_cutover,
    "pause and resume": pause_and_resume,
    "20 % against 40 %": partial(duel, periods=every(60.0), sides=_near_levels),
}
"""Name to drawing."""
