"""What the pages say of a snapshot, put in the order and the words in which it is read."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote

from probe.model.clock import Instant
from probe.model.finding import Finding, Severity
from probe.model.name import display
from probe.model.plan import Step
from probe.model.snapshot import Snapshot
from probe.model.status import DomainStatus, Drain, Position, RecordStatus, ShareVerdict, Transition
from probe.model.wave import WaveStatus

LANE_SECONDS = 3_600.0
"""What a lane of the board shows: the last hour, in which a wave moves."""

LANE_WIDTH = 1_000
"""Units of a lane's coordinates; the page scales them."""

NEWEST_TRANSITIONS = 24
"""Transitions in the strip over all domains: a screenful."""

_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400

_SHARE_VERDICTS = {
    ShareVerdict.AS_DECLARED: "as declared",
    ShareVerdict.OFF: "not as declared",
    ShareVerdict.OPEN: "too few answers to judge the declared weights by",
}


class Move(NamedTuple):
    """A transition with whose it is."""

    status: DomainStatus
    record: RecordStatus
    transition: Transition


class Stretch(NamedTuple):
    """A part of a lane: where a record stood, in units of LANE_WIDTH. `position` None: not known."""

    start: int
    width: int
    position: Position | None
    title: str


class Lane(NamedTuple):
    """One record's last hour."""

    record: RecordStatus
    stretches: tuple[Stretch, ...]


class WaveView(NamedTuple):
    """One wave of the board: its domains, those with findings first, and how many are in each state."""

    name: str
    expectation: str
    statuses: tuple[DomainStatus, ...]
    states: tuple[tuple[str, int], ...]
    upcoming: Step | None
    """What is expected next, and from when."""
    verdict: WaveStatus | None
    """Whether it is confirmed."""


def by_severity(findings: Iterable[Finding]) -> list[Finding]:
    """Order findings: critical first, then the newest."""
    loudness = {severity: rank for rank, severity in enumerate(Severity)}
    return sorted(findings, key=lambda finding: (loudness[finding.severity], -finding.since))


def all_findings(snapshot: Snapshot) -> list[Finding]:
    """Give every open finding, worst first."""
    return by_severity(finding for status in snapshot.domains for finding in status.findings)


def waves(snapshot: Snapshot) -> list[WaveView]:
    """Give the board, wave by wave in the plan's order."""
    members: dict[str, list[DomainStatus]] = {wave.name: [] for wave in snapshot.plan.waves}
    for status in snapshot.domains:
        members.setdefault(status.domain.wave, []).append(status)
    planned = {wave.name: wave for wave in snapshot.plan.waves}
    verdicts = {verdict.wave.name: verdict for verdict in snapshot.waves}
    loudness = {severity: rank for rank, severity in enumerate(Severity)}
    return [
        WaveView(
            name,
            planned[name].expectation.value if name in planned else "",
            tuple(
                sorted(
                    statuses,
                    key=lambda one: min((loudness[finding.severity] for finding in one.findings), default=9),
                )
            ),
            tuple(state_counts(statuses)),
            planned[name].upcoming if name in planned else None,
            verdicts.get(name),
        )
        for name, statuses in members.items()
    ]


def state_counts(statuses: Iterable[DomainStatus]) -> list[tuple[str, int]]:
    """Count domains per state, the most frequent first."""
    return Counter(status.state.value for status in statuses).most_common()


def bar(states: Iterable[tuple[str, int]]) -> Iterable[tuple[int, str, int]]:
    """Lay states side by side: where each begins, which it is, how wide."""
    start = 0
    for state, count in states:
        yield start, state, count
        start += count


def newest_moves(statuses: Iterable[DomainStatus], limit: int = NEWEST_TRANSITIONS) -> list[Move]:
    """Give the newest transitions of all records, newest first."""
    moves = [
        Move(status, record, transition)
        for status in statuses
        for record in status.records
        for transition in record.recent
    ]
    return sorted(moves, key=lambda move: -move.transition.at.wall)[:limit]


def lanes(status: DomainStatus, snapshot: Snapshot) -> list[Lane]:
    """Draw each record's last hour."""
    return [Lane(record, tuple(_stretches(record, snapshot.started, snapshot.at))) for record in status.records]


def _stretches(record: RecordStatus, started: Instant, now: Instant) -> Iterable[Stretch]:
    begin = now.wall - LANE_SECONDS
    before = record.recent[0].before if record.recent else record.position
    if record.transitions > len(record.recent):
        before = None  # older changes have been forgotten: where it stood between them is not known
    marks: list[tuple[float, Position | None]] = [(begin, None), (started.wall, before)]
    marks += [(transition.at.wall, transition.after) for transition in record.recent]
    ends = [at for at, _ in marks[1:]] + [now.wall]
    for (start, position), end in zip(marks, ends, strict=True):
        left, right = _place(start - begin), _place(end - begin)
        if right > left:
            word = position.value if position else "not known"
            yield Stretch(left, right - left, position, f"{word} from {clock_time(max(start, begin))}")


def _place(seconds: float) -> int:
    return round(min(max(seconds / LANE_SECONDS, 0.0), 1.0) * LANE_WIDTH)


def share(status: DomainStatus, record: RecordStatus) -> str:
    """Say how often a record that is drawn by weights leads to v2; nothing for any other one."""
    one = next((share for share in status.shares if share.rdtype is record.rdtype), None)
    if one is None or one.ratio is None:
        return ""
    words = (
        f"{one.ratio:.1%} of {one.answers:,} answers lead to v2; "
        f"the share lies between {one.lower:.1%} and {one.upper:.1%}"
    )
    return f"{words} ({_SHARE_VERDICTS[one.verdict]})" if one.verdict is not None else words


def owners(status: DomainStatus) -> list[str]:
    """Give the distinct owners at all TXT names of a domain, in the order of their names."""
    return list(dict.fromkeys(owner.owner for txt in status.txts for owner in txt.owners))


def resolver_words(status: DomainStatus) -> dict[str, list[str]]:
    """Give what each resolver says, over its addresses and both types; `silent` where one does not answer."""
    said: dict[str, dict[str, None]] = {}
    for resolver in status.resolvers:
        words = said.setdefault(resolver.server.name, {})
        if resolver.answer_class is not None:
            words[resolver.answer_class.value] = None
        if resolver.failure is not None:
            words["silent"] = None
    return {name: list(words) or ["unknown"] for name, words in said.items()}


def drain_words(drain: Drain, now: Instant) -> str:
    """Say when v1 is drained from caches, and what the resolvers hold of it."""
    if drain.deadline is None:
        words = "v1 was not answered while this probe watched, so that it cannot tell when caches are rid of it."
    elif drain.deadline.monotonic > now.monotonic:
        left = span(drain.deadline.monotonic - now.monotonic)
        words = f"In {left}, at {full_time(drain.deadline)}, no cache that obeys TTLs leads to v1 any more."
    else:
        words = f"No cache that obeys TTLs has led to v1 since {full_time(drain.deadline)}."
    if not drain.holding:
        return words
    who = "1 resolver answers or holds" if drain.holding == 1 else f"{drain.holding} resolvers answer or hold"
    until = f" until {full_time(drain.held_until)} at the latest" if drain.held_until is not None else ""
    return f"{words} {who} v1{until}."


def domain_url(name: str) -> str:
    """Give the path of a domain's page."""
    return f"/domains/{quote(display(name), safe='')}"


def clock_time(at: Instant | float) -> str:
    """Write a moment as people compare it with their logs: UTC, to the second."""
    return datetime.fromtimestamp(_wall(at), UTC).strftime("%H:%M:%S")


def full_time(at: Instant | float) -> str:
    """Write a moment in full, UTC."""
    return datetime.fromtimestamp(_wall(at), UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def span(seconds: float) -> str:
    """Write a duration in its largest two units: `42 s`, `3 min 5 s`, `2 h 10 min`, `4 d 3 h`."""
    whole = max(0, round(seconds))
    for size, unit, smaller, smaller_unit in (
        (_DAY, "d", _HOUR, "h"),
        (_HOUR, "h", _MINUTE, "min"),
        (_MINUTE, "min", 1, "s"),
    ):
        if whole >= size:
            rest = whole % size // smaller
            return f"{whole // size} {unit} {rest} {smaller_unit}" if rest else f"{whole // size} {unit}"
    return f"{whole} s"


def _wall(at: Instant | float) -> float:
    return at.wall if isinstance(at, Instant) else at
