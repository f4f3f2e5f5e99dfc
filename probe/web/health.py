"""Whether the probe itself is well: one sentence at the top of every page, before anything that rests on it."""

from typing import NamedTuple

from probe.model.finding import Finding, Severity
from probe.model.snapshot import Snapshot
from probe.model.text import plural
from probe.web.words import clock_time, span

REMEMBERED = 3_600.0
"""Seconds for which a gap in the watch is told of at the top: whoever opens the page asks about the last hour."""


class Health(NamedTuple):
    """How the probe fares.

    Attributes:
        level: A severity, or `calm`.
        sentence: Why, since when, and what was not seen.
    """

    level: str
    sentence: str


def health(snapshot: Snapshot) -> Health:
    """Tell it, what is worst first."""
    own = _own_findings(snapshot)
    if own:
        return Health(own[0].severity.value, own[0].sentence)
    if snapshot.blind:
        told = "The probe reaches no server: nothing below is current, nothing is accused and nothing is confirmed."
        return Health(Severity.CRITICAL.value, told)
    if snapshot.journal is not None and not snapshot.journal.writing:
        told = f"The probe sees, but does not write its journal: {snapshot.journal.trouble}"
        return Health(Severity.WARNING.value, told)
    waiting = sum(any(record.since is None for record in status.records) for status in snapshot.domains)
    if waiting or not snapshot.ready:
        told = (
            f"The probe has just begun: {waiting:,} of {plural(len(snapshot.domains), 'domain')} were not observed yet."
        )
        return Health(Severity.INFO.value, told)
    gap = _newest_gap(snapshot)
    if gap:
        return Health(Severity.INFO.value, gap)
    return Health("calm", f"The probe is well: {_pace(snapshot)}, and nothing was missed{_since(snapshot)}.")


def _own_findings(snapshot: Snapshot) -> list[Finding]:
    """Give what is wrong with this vantage: it stands under the root's name."""
    return [one for one in snapshot.findings if one.domain == "." and one.severity is not Severity.INFO]


def _newest_gap(snapshot: Snapshot) -> str:
    """Say what was not watched within the last hour; empty when all of it was."""
    gaps = snapshot.journal.unwatched if snapshot.journal is not None else ()
    if not gaps or snapshot.at.wall - gaps[-1].until.wall > REMEMBERED:
        return ""
    last = gaps[-1]
    length = span(last.until.wall - last.since.wall)
    return (
        f"The probe is well again: {_pace(snapshot)}. It did not watch for {length} until {clock_time(last.until)} "
        "UTC: what happened meanwhile is not known."
    )


def _pace(snapshot: Snapshot) -> str:
    """Say how old the newest complete pass is, and how late questions leave."""
    schedule = snapshot.schedule
    if schedule.last_pass is None:
        return "every domain was observed"
    age = snapshot.at.monotonic - schedule.last_pass.monotonic
    return (
        f"every record was answered within the last {span(max(1.0, age + snapshot.plan.probing.interval))}, questions "
        f"leave at most {schedule.max_lag * 1000:.0f} ms late"
    )


def _since(snapshot: Snapshot) -> str:
    gaps = snapshot.journal.unwatched if snapshot.journal is not None else ()
    since = gaps[-1].until if gaps else snapshot.started
    return f" for {span(snapshot.at.wall - since.wall)}"
