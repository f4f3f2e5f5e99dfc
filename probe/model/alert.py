"""How findings become alerts: what an alert is called, and how patient one can be.

The Prometheus rules and the direct notification of Alertmanager both follow this, so that one page comes of both:
Alertmanager takes alerts with equal labels for one alert. Which patience a finding's alert has stands in the finding's
declaration.
"""

from functools import cache
from typing import NamedTuple


class Patience(NamedTuple):
    """How long an alert waits before it fires, and how long it goes on firing.

    Attributes:
        pending: Seconds for which the finding must have been open (`for` in a rule).
        keep: Seconds for which it goes on firing after the finding closed (`keep_firing_for`): a flap of the finding
            must not be a flap of the alert.
    """

    pending: float
    keep: float


AT_ONCE = Patience(0.0, 300.0)
"""Critical: the judge has confirmed it by asking again. Five minutes of keeping bridge a restart of the probe."""

FIGHT = Patience(0.0, 600.0)
"""Ten minutes: a probe that restarts without a journal needs three changes, or one and a half sync intervals, to
recognise a fight again; intervals of up to six minutes are bridged."""

WITH_THE_PLAN = Patience(120.0, 300.0)
"""Two minutes: people who move a wave change DNS first and the plan a moment later."""

SOON = Patience(300.0, 300.0)
"""Warnings: five minutes cost nothing by day, and leave out what one sync of ExternalDNS (a minute) puts right."""

LATER = Patience(900.0, 300.0)
"""What is a state of affairs and no event; for a laggard also ten sync intervals: the next sync may still do it."""


@cache
def alert_name(code: str) -> str:
    """Give the alert's name: `fight-same-owner` pages as `CutoverFightSameOwner`."""
    return "Cutover" + "".join(word.capitalize() for word in code.split("-"))
