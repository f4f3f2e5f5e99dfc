"""Whether the probe itself is well: one sentence at the top of every page, before anything that rests on it."""

from collections.abc import Callable
from typing import NamedTuple

from probe.model.finding import Severity
from probe.model.journal import Unwatched
from probe.model.name import display
from probe.model.snapshot import Snapshot
from probe.model.text import brief, clock_time, duration, plural

LATE = 2.0
"""Seconds by which a question left late within the last minute, beyond which that is told first: a burst asks every two
seconds, so that later ones miss a turn."""

REMEMBERED = 3_600.0
"""Seconds for which a gap in the watch is told of at the top: whoever opens the page asks about the last hour."""


class ProbeHealth(NamedTuple):
    """How the probe fares.

    Attributes:
        level: A severity, or `calm`.
        sentence: Why, since when, and what was not seen.
    """

    level: str
    sentence: str


def health(snapshot: Snapshot) -> ProbeHealth:
    """Tell it, what is worst first."""
    told = (rule(snapshot) for rule in _HEALTH_RULES)
    return next((one for one in told if one is not None), _well(snapshot))


def _own_finding(snapshot: Snapshot) -> ProbeHealth | None:
    """Say what is wrong with this vantage: such findings stand under the root's name, the gravest first."""
    own = (one for one in snapshot.findings if one.domain == "." and one.severity is not Severity.INFO)
    worst = next(own, None)
    return None if worst is None else ProbeHealth(worst.severity.value, worst.sentence)


def _behind(snapshot: Snapshot) -> ProbeHealth | None:
    if not snapshot.behind:
        return None
    told = "The probe is behind: it raises no finding about a server, and confirms nothing new."
    return ProbeHealth(Severity.CRITICAL.value, told)


def _blind(snapshot: Snapshot) -> ProbeHealth | None:
    if not snapshot.blind:
        return None
    told = "The probe reaches no server: nothing below is current, no new finding is raised and nothing is confirmed."
    return ProbeHealth(Severity.CRITICAL.value, told)


def _silent_targets(snapshot: Snapshot) -> ProbeHealth | None:
    """Say whose load balancers' zone answers nothing: whose fault that is nobody can tell from here."""
    silent = snapshot.silent_targets
    if not silent:
        return None
    names = brief([display(one.name) for one in silent])
    since = min((one.since for one in silent), key=lambda at: at.monotonic)
    told = (
        f"No name server answers for {names} since {clock_time(since)} UTC: new addresses of a load balancer are not "
        "recognised meanwhile. See from elsewhere whether it is this probe's network: if not, a CNAME to it gives "
        "users no address once caches have let go."
    )
    return ProbeHealth(Severity.WARNING.value, told)


def _unwritten(snapshot: Snapshot) -> ProbeHealth | None:
    if snapshot.journal is None or snapshot.journal.writing:
        return None
    return ProbeHealth(
        Severity.WARNING.value, f"The probe sees, but does not write its journal. {snapshot.journal.trouble}".rstrip()
    )


def _beginning(snapshot: Snapshot) -> ProbeHealth | None:
    waiting = sum(any(record.since is None for record in status.records) for status in snapshot.domains)
    if snapshot.ready and not waiting:
        return None
    total = plural(len(snapshot.domains), "domain")
    return ProbeHealth(Severity.INFO.value, f"The probe has just begun: {waiting:,} of {total} were not observed yet.")


def _busy(snapshot: Snapshot) -> ProbeHealth | None:
    late = snapshot.schedule.max_lag
    if late <= LATE:
        return None
    told = (
        f"The probe is busy: within the last minute a question left {duration(late)} late, "
        "so that changes are seen later."
    )
    return ProbeHealth(Severity.INFO.value, told)


def _gap(snapshot: Snapshot) -> ProbeHealth | None:
    """Say what was not watched within the last hour."""
    gap = _newest_gap(snapshot)
    if gap is None or snapshot.at.wall - gap.until.wall > REMEMBERED:
        return None
    told = (
        f"The probe is well again. It did not watch for {duration(gap.until.wall - gap.since.wall)} until "
        f"{clock_time(gap.until)} UTC: what happened meanwhile is not known."
    )
    return ProbeHealth(Severity.INFO.value, told)


def _well(snapshot: Snapshot) -> ProbeHealth:
    gap = _newest_gap(snapshot)
    since = snapshot.started if gap is None else gap.until
    told = f"it has watched without a gap for {duration(snapshot.at.wall - since.wall)}"
    done = snapshot.schedule.last_pass
    if done is not None:
        # A pass takes an interval, and the next one has begun.
        age = snapshot.at.monotonic - done.monotonic + snapshot.plan.probing.interval
        told = f"every record was answered within the last {duration(age)}, and {told}"
    return ProbeHealth("calm", f"The probe is well: {told}.")


def _newest_gap(snapshot: Snapshot) -> Unwatched | None:
    return snapshot.journal.unwatched[-1] if snapshot.journal is not None and snapshot.journal.unwatched else None


_HEALTH_RULES: tuple[Callable[[Snapshot], ProbeHealth | None], ...] = (
    _own_finding,
    _behind,
    _blind,
    _silent_targets,
    _unwritten,
    _beginning,
    _busy,
    _gap,
)
