"""A wave as a whole: whether all of its domains have held what is expected of them for long enough."""

from typing import NamedTuple

from probe.model.check import CheckOutcome
from probe.model.clock import Instant
from probe.model.decommission import WaveDecommission
from probe.model.plan import Wave


class WaveStatus(NamedTuple):
    """One wave at one moment.

    Attributes:
        wave: The plan's word on it.
        outcome: All criteria of all of its domains together.
        confirmed: Every domain is confirmed now.
        total, held_by: How many domains it has, and how many of them are confirmed.
        since: Since when no criterion of any domain has failed; None while one does, or before all passed once.
        held: Seconds for which every domain has held every criterion: those of the one that has the fewest.
        soak: Seconds for which each of them has to.
        sentence: All of this for people, in one sentence.
        decommission: Whether, or when, v1's Ingresses may go; None while the wave is not expected on v2.
    """

    wave: Wave
    outcome: CheckOutcome
    confirmed: bool
    total: int
    held_by: int
    since: Instant | None
    held: float
    soak: float
    sentence: str
    decommission: WaveDecommission | None = None
