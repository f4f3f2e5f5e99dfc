"""Whether this vantage sees anything at all.

A single silent server is that server's trouble; silence of everybody is ours. The vantage is blind when it keeps
asking, and for `BLIND_AFTER` seconds nothing but silence came from any server, of any domain, authoritative or
resolver. While it is blind nothing new is accused: evidence grows old by itself, and `probe-blind` says why.
"""

from typing import NamedTuple

from probe.judge.findings.catalogue import CATALOGUE
from probe.model.clock import Instant
from probe.model.finding import Finding, FindingCode
from probe.model.name import ROOT
from probe.model.observation import Observation
from probe.model.outcome import NoResponse
from probe.model.text import moment, plural

BLIND_AFTER = 30.0
"""Seconds: four calm turns of a single domain, fifteen timeouts one after the other."""

BLIND_SILENCES = 5
"""Silences in a row beside that: with a single domain at 20 % loss so many come by chance once in 3,000, and then not
for 30 s."""


CODE = FindingCode.PROBE_BLIND
"""The one finding that is about the vantage and not about a domain."""


class Vantage(NamedTuple):
    """What the vantage has seen of the world.

    Attributes:
        answered: When any server last gave a response of any kind; None before the first.
        silent_since: When the present series of silences began, None while there is none.
        silences: How many they are.
    """

    answered: Instant | None = None
    silent_since: Instant | None = None
    silences: int = 0


def notice(vantage: Vantage, observation: Observation) -> Vantage:
    """Take one observation into account, whoever it belongs to.

    Only timeouts and unreachable networks are silence here: REFUSED or a malformed message shows that packets travel.
    """
    outcome = observation.outcome
    if isinstance(outcome, NoResponse) and outcome.reason.is_lost:
        return Vantage(vantage.answered, vantage.silent_since or observation.at, vantage.silences + 1)
    return Vantage(observation.at)


def is_blind(vantage: Vantage, now: Instant) -> bool:
    """Tell whether the vantage is blind at `now`."""
    return (
        vantage.silent_since is not None
        and vantage.silences >= BLIND_SILENCES
        and now.monotonic - vantage.silent_since.monotonic >= BLIND_AFTER
    )


def finding(name: str, vantage: Vantage, now: Instant) -> Finding | None:
    """Give `probe-blind` for the vantage called `name`, or None while it sees.

    It is about no domain of the plan, so it stands under the root's name: one finding for a vantage, however many
    domains it watches.
    """
    if not is_blind(vantage, now) or vantage.silent_since is None:
        return None
    entry = CATALOGUE[CODE]
    last = f"; the last answer came at {moment(vantage.answered)}" if vantage.answered is not None else ""
    return Finding(
        entry.code,
        entry.severity,
        ROOT,
        f"The vantage {name} has had no answer from any server since {moment(vantage.silent_since)} "
        f"({plural(vantage.silences, 'silence')} in a row){last}.",
        entry.remedy,
        vantage.silent_since.wall,
        link=entry.link,
        inferred=entry.inferred,
    )
