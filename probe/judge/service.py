"""Whether the service behind a name works on each side: the fold of HTTPS checks, and what is confirmed by them.

The rules:

- Each address of a side is judged by itself: a load balancer with one dead node of three fails for a third of its
  clients. It fails after `FAILURES` checks in a row that ended badly, and works again after `SUCCESSES` that ended
  well; in between nothing changes.
- A side is down while one of its addresses is confirmed to fail, up when the newest check of every address ended well,
  and stays up through a failure that is not confirmed yet. Everything else is unknown.
- What fails and works again, time and again, is not down, and does not work either: it *falters* (`falters`). For that
  the close checks go on for a minute after a failure (`CALM_AGAIN`), and how the newest `KEPT_CHECKS` ended is kept.
  Failures are counted by spells: one that is over is one, however many checks it had. What a service said, thrice, is
  told. No answer may be lost packets: there have to be more than chance leaves of them.
- An address that the side does not have any more is forgotten with its verdict: nodes leave DNS before they stop.
- A vantage that is cut off (`is_cut_off`; from IPv6 alone, in many a VPC) accuses nobody: failures to connect are kept
  and shown, and say nothing of the service.
"""

from collections.abc import Collection
from typing import NamedTuple

from probe.model.clock import Instant
from probe.model.plan import Domain
from probe.model.service import (
    NOT_CONNECTED,
    UNANSWERED_KINDS,
    CheckMark,
    ServiceAddress,
    ServiceCheck,
    ServiceState,
    ServiceStatus,
)
from probe.model.side import Side

FAILURES = 3
"""Checks in a row: at 10 % loss of connections by chance once in a thousand, and with `RECHECK` seconds between them
a node that restarts is not accused."""

SUCCESSES = 2
"""Checks in a row that end well before a confirmed failure is taken back: every other check failing stays a failure."""

CALM_AGAIN = 6
"""Checks in a row that end well, `RECHECK` seconds apart, after which a failure that was not confirmed is over: a
minute, so that what fails on the beat of a minute is seen to fail again."""

KEPT_CHECKS = 30
"""Checks of an address that are remembered: five minutes of close ones, three beats of a minute and a half."""

SPELLS = 3
"""Spells of failing among them that are told: one is a lost check or a node that restarts, two may be two of these."""

UNANSWERED = 11
"""Checks among them that got no answer, and are told where nothing else failed: at 10 % loss of connections chance
leaves so many in 30 once in 11,000 windows (binomial); what fails for a third of the time has ten by the median."""

SAME_MOMENT = 180.0
"""Seconds: when both sides stop being reached within this time (two checks of each with the default interval, and a
confirmation), it is this vantage's network that failed and not two clusters."""


def services_of(domain: Domain) -> tuple[ServiceStatus, ...]:
    """Begin the services of a domain: one on each side where the plan has a check, none otherwise."""
    return tuple(ServiceStatus(side) for side in Side) if domain.http is not None else ()


def fold(service: ServiceStatus, check: ServiceCheck, present: Collection[str], *, cut_off: bool) -> ServiceStatus:
    """Fold one check into its side's status.

    Args:
        service: The status of the check's side.
        check: The check.
        present: The addresses that the side has at present; others are forgotten.
        cut_off: This vantage reaches nothing by HTTPS, at addresses of this one's family.
    """
    if check.address not in present:
        return forget(service, present, check.at)
    known = {one.check.address: one for one in service.addresses if one.check.address in present}
    known[check.address] = _judged(known.get(check.address), check, cut_off=cut_off)
    return _concluded(service, tuple(known[address] for address in sorted(known)), check.at)


def forget(service: ServiceStatus, present: Collection[str], at: Instant) -> ServiceStatus:
    """Forget the addresses that the side does not have any more."""
    kept = tuple(one for one in service.addresses if one.check.address in present)
    return service if len(kept) == len(service.addresses) else _concluded(service, kept, at)


def is_settled(address: ServiceAddress) -> bool:
    """Tell whether an address needs no further check soon: nothing is waiting to be confirmed of it."""
    if address.check.failure is not None:
        return address.repeats >= FAILURES
    return not address.failing and (address.lapse is None or address.repeats >= CALM_AGAIN)


def falters(address: ServiceAddress) -> bool:
    """Tell whether an address fails now and then: it is not confirmed to fail, and does so again and again."""
    said_no = address.marks.count(CheckMark.SAID_NO) > 0
    enough = said_no or address.marks.count(CheckMark.NO_ANSWER) >= UNANSWERED
    return not address.failing and enough and _spells(address.marks, said_no=said_no) >= SPELLS


def _spells(marks: str, *, said_no: bool) -> int:
    """Count the stretches of failing; where a service said what is wrong, those in which it did."""
    stretches = marks.split(CheckMark.WORKS)
    return sum(CheckMark.SAID_NO in one if said_no else bool(one) for one in stretches)


def _judged(before: ServiceAddress | None, check: ServiceCheck, *, cut_off: bool) -> ServiceAddress:
    seen = not (cut_off and check.failure in NOT_CONNECTED)
    marks, lapse = ("", None) if before is None else (before.marks, before.lapse)
    if seen:
        marks = (marks + _mark(check))[-KEPT_CHECKS:]
        lapse = check if check.failure is not None else lapse if marks.strip(CheckMark.WORKS) else None
    if before is None:
        return ServiceAddress(check, 1, failing=False, since=check.at, seen=seen, marks=marks, lapse=lapse)
    alike = (before.check.failure is None) is (check.failure is None)
    repeats = before.repeats + 1 if alike else 1
    failing = before.failing
    if check.failure is None:
        failing = failing and repeats < SUCCESSES
    elif repeats >= FAILURES and seen:
        failing = True
    since = before.since if failing is before.failing else check.at
    return ServiceAddress(check, repeats, failing, since, seen, marks, lapse)


def _mark(check: ServiceCheck) -> CheckMark:
    if check.failure is None:
        return CheckMark.WORKS
    return CheckMark.NO_ANSWER if check.failure in UNANSWERED_KINDS else CheckMark.SAID_NO


def _concluded(service: ServiceStatus, addresses: tuple[ServiceAddress, ...], at: Instant) -> ServiceStatus:
    seen = [one for one in addresses if one.seen]
    if any(one.failing for one in addresses):
        state = ServiceState.DOWN
    elif seen and all(one.check.failure is None or service.state is ServiceState.UP for one in seen):
        state = ServiceState.UP
    else:
        state = ServiceState.UNKNOWN
    since = service.since if state is service.state and service.since is not None else at
    return ServiceStatus(service.side, state, since, addresses)


class Reach(NamedTuple):
    """How far this vantage comes on one side, over all domains, at addresses of one family.

    Attributes:
        connected: When a check last had a connection there, whatever came of it; None before the first.
        lost: Since when no check has, None while they do.
    """

    connected: Instant | None = None
    lost: Instant | None = None


def notice(reach: Reach, check: ServiceCheck) -> Reach:
    """Take one check of the side into account, whichever domain it was for."""
    if check.failure not in NOT_CONNECTED:
        return Reach(check.at)
    return Reach(reach.connected, reach.lost or check.at)


def is_cut_off(v1: Reach, v2: Reach) -> bool:
    """Tell whether failures to connect are this vantage's own: it never connected, or lost both sides at once.

    One side that is lost while the other one is reached, or was lost long before, is that side's trouble.
    """
    if v1.connected is None and v2.connected is None:
        return True
    if v1.connected is None or v2.connected is None or v1.lost is None or v2.lost is None:
        return False
    return abs(v1.lost.monotonic - v2.lost.monotonic) <= SAME_MOMENT
