"""What a replay says, line by line: what would have been said now, held against what was said then."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, assert_never

from probe.model.clock import Instant
from probe.model.effect import (
    Converged,
    Effect,
    ExpectationChanged,
    FindingCleared,
    FindingRaised,
    SoakBroken,
    SoakHeld,
    StateChanged,
    Surprised,
    TargetsDoubted,
    TransitionConfirmed,
)
from probe.model.finding import Finding, Severity
from probe.model.journal import EntriesLost, WatchBegun, WatchInterrupted
from probe.model.name import ROOT, display
from probe.model.plan import Plan
from probe.model.text import moment
from probe.web.facts.base import timestamp


class Line(NamedTuple):
    """One thing that is, or was, said.

    Attributes:
        at: When.
        event: What kind of thing, as the daemon's log calls it.
        domain: Whom it is about, or a wave; empty for the watch itself.
        words: It, for people.
        facts: It, for programs.
        now, then: Said by this replay; said by the daemon at the time. None where there is nothing to compare.
        severity: Of a finding that is raised.
    """

    at: Instant
    event: str
    domain: str
    words: str
    facts: dict[str, Any]
    now: bool | None = None
    then: bool | None = None
    severity: Severity | None = None

    def as_json(self) -> dict[str, Any]:
        """Write it for programs."""
        head = {"at": timestamp(self.at), "event": self.event, "domain": self.domain or None}
        return {**head, **self.facts, "now": self.now, "then": self.then}


def told(effect: Effect) -> bool:
    """Tell whether an effect is for people; the others are for the engine."""
    return not isinstance(effect, (Surprised, TargetsDoubted))


def compared(now: Iterable[Effect], then: Iterable[Effect], at: Instant) -> Iterator[Line]:
    """Give the lines of what one entry led to, now and then."""
    left = [_key(effect) for effect in then]
    originals = {_key(effect): effect for effect in then}
    for effect in now:
        key = _key(effect)
        known = key in left
        if known:
            left.remove(key)
        yield line(effect, at)._replace(now=True, then=known)
    for key in left:
        yield line(originals[key], at)._replace(now=False, then=True)


def watch_line(entry: WatchBegun | EntriesLost | WatchInterrupted) -> Line:
    """Give the line of a mark: a watch that began, or a part that is missing."""
    if isinstance(entry, EntriesLost):
        words = f"{entry.lost:,} entries are missing since {moment(entry.since)}: they could not be written"
        return Line(entry.until, "entries_lost", "", words, {"lost": entry.lost, "since": timestamp(entry.since)})
    if isinstance(entry, WatchInterrupted):
        seconds = entry.until.wall - entry.since.wall
        words = f"the probe stood still since {moment(entry.since)}: {seconds:,.0f} s were not watched"
        return Line(entry.until, "watch_interrupted", "", words, {"since": timestamp(entry.since)})
    since = entry.unwatched_since
    domains = sum(len(wave.domains) for wave in entry.plan.waves)
    words = f"a watch of {domains:,} domains begins"
    if since is not None:
        words += f" and goes on from {moment(since)}: {entry.at.wall - since.wall:,.0f} s were not watched"
    facts = {"domains": domains, "unwatched_since": timestamp(since), "plan_digest": entry.plan.digest}
    return Line(entry.at, "watch_begun", "", words, facts)


def plan_line(plan: Plan, at: Instant) -> Line:
    """Give the line of a plan that was taken over."""
    return Line(at, "plan_taken", "", "another plan is taken over", {"plan_digest": plan.digest})


def line(effect: Effect, at: Instant) -> Line:
    """Write one effect."""
    facts: dict[str, Any]
    match effect:
        case StateChanged(domain, rdtype, before, after, _, sentence):
            kind = None if rdtype is None else rdtype.value
            words = sentence if kind is None else f"{kind}: {before.value} is {after.value} now"
            facts = {"record_type": kind, "before": before.value, "after": after.value, "sentence": sentence}
            written = Line(at, "state_changed", display(domain), words, facts)
        case TransitionConfirmed(domain, rdtype, (began, before, after, reversal)):
            back = " (back)" if reversal else ""
            words = f"{rdtype.value} went from {before.value} to {after.value}{back} at {moment(began)}"
            facts = {"record_type": rdtype.value, "before": before.value, "after": after.value, "reversal": reversal}
            facts["began"] = timestamp(began)
            written = Line(at, "transition_confirmed", display(domain), words, facts)
        case FindingRaised(finding, _):
            written = _finding_line("finding_raised", finding, at)._replace(severity=finding.severity)
        case FindingCleared(finding, _):
            written = _finding_line("finding_cleared", finding, at)._replace(words=f"{finding.code} is over")
        case SoakBroken(domain, broken, held):
            words = f"the soak was broken after {held:,.0f} s: {broken.sentence}"
            facts = {"criterion": broken.criterion.value, "sentence": broken.sentence, "held_seconds": held}
            written = Line(at, "soak_broken", display(domain), words, facts)
        case SoakHeld(domain, _, held):
            words = f"confirmed after {held:,.0f} s"
            written = Line(at, "soak_held", display(domain), words, {"held_seconds": held})
        case Converged(domain, rdtype, stage, seconds, _):
            reached = stage.value.replace("_", " ")
            words = f"the change of {rdtype.value} has reached {reached}, {seconds:,.0f} s after its first server"
            facts = {"record_type": rdtype.value, "stage": stage.value, "seconds": seconds}
            written = Line(at, "converged", display(domain), words, facts)
        case ExpectationChanged(wave, before, after, _):
            facts = {"wave": wave, "before": before.value, "after": after.value}
            words = f"by its schedule, {after.value} is expected now (until now {before.value})"
            written = Line(at, "expectation_changed", wave, words, facts)
        case Surprised() | TargetsDoubted():
            raise TypeError(f"nobody is told of {effect}")
        case _:
            assert_never(effect)
    return written


def _finding_line(event: str, finding: Finding, at: Instant) -> Line:
    facts = {
        "code": finding.code,
        "severity": finding.severity.value,
        "sentence": finding.sentence,
        "remedy": finding.remedy,
        "since": timestamp(finding.since),
        "evidence": list(finding.evidence),
    }
    about = "" if finding.domain == ROOT else display(finding.domain)
    return Line(at, event, about, f"{finding.code}: {finding.sentence}", facts)


def _key(effect: Effect) -> tuple[object, ...]:
    """Give what makes two effects the same thing said: not its wording, which may tell of other thresholds."""
    match effect:
        case FindingRaised(finding, _) | FindingCleared(finding, _):
            what: tuple[object, ...] = finding.domain, finding.code, finding.severity
        case TransitionConfirmed(domain, rdtype, transition):
            what = domain, rdtype, transition.before, transition.after
        case StateChanged(domain, rdtype, before, after, _, _):
            what = domain, rdtype, before, after
        case Converged(domain, rdtype, stage, _, _):
            what = domain, rdtype, stage
        case SoakBroken(domain, broken, _):
            what = domain, broken.criterion
        case ExpectationChanged(wave, before, after, _):
            what = wave, before, after
        case SoakHeld() | Surprised() | TargetsDoubted():
            what = (effect.domain,)
        case _:
            assert_never(effect)
    return type(effect), *what
