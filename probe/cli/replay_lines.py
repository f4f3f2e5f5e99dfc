"""What a replay says, line by line: what would have been said now, held against what was said then."""

from collections.abc import Iterable, Iterator
from itertools import groupby
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
from probe.model.effect_text import describe
from probe.model.finding import Finding, Severity
from probe.model.journal import EntriesLost, WatchBegun, WatchInterrupted
from probe.model.name import ROOT, display
from probe.model.plan import Plan
from probe.model.text import duration, moment
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
        gap: Seconds for which the probe did not run, of a line that says so.
    """

    at: Instant
    event: str
    domain: str
    words: str
    facts: dict[str, Any]
    now: bool | None = None
    then: bool | None = None
    severity: Severity | None = None
    gap: float | None = None

    def as_json(self) -> dict[str, Any]:
        """Write it for programs."""
        head = {"at": timestamp(self.at), "event": self.event, "domain": self.domain or None}
        return {**head, **self.facts, "now": self.now, "then": self.then}


def told(effect: Effect) -> bool:
    """Tell whether an effect is for people; the others are for the engine."""
    return describe(effect) is not None


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
        words = f"the probe did not run since {moment(entry.since)}: {duration(seconds)} were not watched"
        return Line(entry.until, "watch_interrupted", "", words, {"since": timestamp(entry.since)}, gap=seconds)
    since = entry.unwatched_since
    domains = sum(len(wave.domains) for wave in entry.plan.waves)
    words = f"a watch of {domains:,} domains begins"
    if since is not None:
        words += f" and goes on from {moment(since)}: {duration(entry.at.wall - since.wall)} were not watched"
    facts = {"domains": domains, "unwatched_since": timestamp(since), "plan_digest": entry.plan.digest}
    return Line(entry.at, "watch_begun", "", words, facts)


def gathered(lines: Iterable[Line]) -> Iterator[Line]:
    """Say gaps between which nothing else was said as one: a starved probe has hundreds, and people read the rest."""
    for has_gap, run in groupby(lines, lambda line: line.gap is not None):
        gaps = list(run)
        if not has_gap or len(gaps) == 1:
            yield from gaps
            continue
        newest = gaps[-1]
        lost = sum(line.gap or 0.0 for line in gaps)
        began = moment(gaps[0].at.wall - (gaps[0].gap or 0.0))
        words = f"the probe did not run {len(gaps):,} times since {began}: {duration(lost)} were not watched"
        yield newest._replace(words=words, gap=lost)


def plan_line(plan: Plan, at: Instant) -> Line:
    """Give the line of a plan that was taken over."""
    return Line(at, "plan_taken", "", "another plan is loaded", {"plan_digest": plan.digest})


def line(effect: Effect, at: Instant) -> Line:
    """Write one effect, told at `at`.

    Raises:
        TypeError: It is an effect that no line tells of.
    """
    text = describe(effect)
    if text is None:
        raise TypeError(f"no line tells of {effect}")
    event, words = text.event, text.words
    facts: dict[str, Any]
    match effect:
        case StateChanged(domain, rdtype, before, after, _, sentence):
            kind = None if rdtype is None else rdtype.value
            facts = {"record_type": kind, "before": before.value, "after": after.value, "sentence": sentence}
            written = Line(at, event, display(domain), sentence if kind is None else words, facts)
        case TransitionConfirmed(domain, rdtype, (began, before, after, reversal, uncovered)):
            facts = {"record_type": rdtype.value, "before": before.value, "after": after.value, "reversal": reversal}
            facts["uncovered"] = uncovered
            facts["began"] = timestamp(began)
            written = Line(at, event, display(domain), f"{words} at {moment(began)}", facts)
        case FindingRaised(finding, _) | FindingCleared(finding, _):
            written = _finding_line(event, words, finding, at)
        case SoakBroken(domain, broken, held):
            facts = {"criterion": broken.criterion.value, "sentence": broken.sentence, "held_seconds": held}
            written = Line(at, event, display(domain), words, facts)
        case SoakHeld(domain, _, held):
            written = Line(at, event, display(domain), words, {"held_seconds": held})
        case Converged(domain, rdtype, stage, seconds, _):
            facts = {"record_type": rdtype.value, "stage": stage.value, "seconds": seconds}
            written = Line(at, event, display(domain), words, facts)
        case ExpectationChanged(wave, before, after, _):
            facts = {"wave": wave, "before": before.value, "after": after.value}
            written = Line(at, event, wave, words, facts)
        case Surprised() | TargetsDoubted():
            raise TypeError(f"no line tells of {effect}")
        case _:
            assert_never(effect)
    return written


def _finding_line(event: str, words: str, finding: Finding, at: Instant) -> Line:
    facts = {
        "code": finding.code,
        "severity": finding.severity.value,
        "sentence": finding.sentence,
        "remedy": finding.remedy,
        "since": timestamp(finding.since),
        "facts": [fact._asdict() for fact in finding.facts],
        "evidence": list(finding.evidence),
    }
    about = "" if finding.domain == ROOT else display(finding.domain)
    return Line(at, event, about, words, facts, severity=finding.severity if event == "finding_raised" else None)


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
