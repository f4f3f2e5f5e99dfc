"""How findings become alerts: what an alert is called, and how patient it is.

The Prometheus rules and the direct notification of Alertmanager both follow this, so that one page comes of both:
Alertmanager takes alerts with equal labels for one alert.
"""

from functools import cache
from typing import NamedTuple

from probe.model.finding import Severity


class Patience(NamedTuple):
    """How long an alert waits before it fires, and how long it goes on firing.

    Attributes:
        pending: Seconds for which the finding must have been open (`for` in a rule).
        keep: Seconds for which it goes on firing after the finding closed (`keep_firing_for`): a flap of the finding
            must not be a flap of the alert.
    """

    pending: float
    keep: float


_AT_ONCE = Patience(0.0, 300.0)
"""Critical: the judge has confirmed it by asking again. Five minutes of keeping bridge a restart of the probe."""
_FIGHT = Patience(0.0, 600.0)
"""Ten minutes: a probe that restarts without a journal needs three changes, or one and a half sync intervals, to
recognise a fight again; intervals of up to six minutes are bridged."""
_SOON = Patience(300.0, 300.0)
"""Warnings: five minutes cost nothing by day, and leave out what one sync of ExternalDNS (a minute) puts right."""
_LATER = Patience(900.0, 300.0)
"""What is a state of affairs and no event."""

_BY_CODE = {
    "fight-same-owner": _FIGHT,
    "fight-mutual-migration": _FIGHT,
    "fight-version-mix": _FIGHT,
    "fight-delete-create": _FIGHT,
    "flip-flop": _FIGHT,
    # Who moves a wave changes DNS first and the plan a moment later.
    "premature": Patience(120.0, 300.0),
    # A take-over writes target and TXT together, but the TXT names of a calm domain are asked every two minutes.
    "stale-owner": _SOON,
    # Ten sync intervals: before that, the next sync may still do it.
    "laggard": _LATER,
    "default-owner": _LATER,
}
_BY_SEVERITY = {Severity.CRITICAL: _AT_ONCE, Severity.WARNING: _SOON, Severity.INFO: _LATER}


@cache
def alert_name(code: str) -> str:
    """Give the alert's name: `fight-same-owner` pages as `CutoverFightSameOwner`."""
    return "Cutover" + "".join(word.capitalize() for word in code.split("-"))


def patience(code: str, severity: Severity) -> Patience:
    """Tell how patient the alert for a finding is; `severity` decides where the code has no word of its own."""
    return _BY_CODE.get(code, _BY_SEVERITY[severity])
