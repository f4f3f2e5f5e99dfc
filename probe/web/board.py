"""The status page's parts: is anything wrong, what and what to do, how the waves stand, and the list of domains."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from probe.model.domain import DomainStatus
from probe.model.finding import Finding, FindingCode, Severity
from probe.model.idn import folded, is_part_of_any
from probe.model.name import display
from probe.model.plan import Wave
from probe.model.record import RecordState, RecordStatus, Transition
from probe.model.snapshot import Snapshot
from probe.model.text import listed, plural
from probe.model.wave import WaveStatus

PAGE_SIZE = 100
"""Domains on one page of the list: a page of 10,000 would be 15 MB, and longer than anybody reads."""

MAX_CASES = 12
"""Domains whose findings are shown in full: who has more has one problem and not thirteen."""

NAMED = 4
"""Domains that the headline names."""

NEWEST_TRANSITIONS = 12
"""Transitions in the strip over all domains."""

NEWEST_EVENTS = 8
"""Events of a domain that are shown at once: a screen of a phone. The others open below."""

MAX_SEARCH = 253
"""Characters of a name, and so of what is searched for."""

_CALM = len(Severity)


class Verdict(NamedTuple):
    """The answer to the first question of whoever opens the page at night.

    Attributes:
        level: A severity, or `calm`.
        headline: The answer.
        detail: A little more; empty where the domains themselves are what there is to say.
    """

    level: str
    headline: str
    detail: str


class Case(NamedTuple):
    """A domain that something is wrong with: the worst of it, and what else is."""

    status: DomainStatus
    worst: Finding
    others: tuple[Finding, ...]


class WaveView(NamedTuple):
    """How one wave stands: its domains by state, those with findings by severity, and whether it is confirmed."""

    wave: Wave
    total: int
    states: tuple[tuple[str, int], ...]
    findings: tuple[tuple[str, int], ...]
    verdict: WaveStatus | None


class BoardFilter(NamedTuple):
    """What the list is narrowed to."""

    text: str = ""
    wave: str = ""
    state: str = ""
    findings: bool = False
    page: int = 1

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> "BoardFilter":
        """Read a request's query; whatever makes no sense narrows nothing or matches nothing, and never fails."""
        page = parameters.get("page", "1")
        return cls(
            text=folded(parameters.get("q", "").strip()[:MAX_SEARCH]),
            wave=parameters.get("wave", "")[:MAX_SEARCH],
            state=parameters.get("state", "")[:MAX_SEARCH],
            findings=parameters.get("findings", "") not in {"", "0", "false"},
            page=min(int(page), 1_000_000) if page.isascii() and page.isdecimal() and len(page) < len("1000000") else 1,
        )

    @property
    def narrows(self) -> bool:
        """Whether anything is left out."""
        return bool(self.text or self.wave or self.state or self.findings)

    def url(self, page: int = 1) -> str:
        """Give the address of the same list at another page."""
        words = {"q": self.text, "wave": self.wave, "state": self.state, "findings": "1" if self.findings else ""}
        words["page"] = str(page) if page > 1 else ""
        query = urlencode({name: word for name, word in words.items() if word})
        return f"/?{query}" if query else "/"

    def matches(self, status: DomainStatus) -> bool:
        """Tell whether a domain is listed."""
        return (
            (not self.wave or status.domain.wave == self.wave)
            and (not self.state or status.state.value == self.state)
            and (not self.findings or bool(status.findings))
            and (not self.text or self._is_found_in(status))
        )

    def _is_found_in(self, status: DomainStatus) -> bool:
        return (
            is_part_of_any(self.text, map(display, status.domain.names))
            or any(self.text in finding.code for finding in status.findings)
            or any(self.text in owner.owner.lower() for txt in status.txts for owner in txt.owners)
        )


class Listing(NamedTuple):
    """One page of the list of domains."""

    query: BoardFilter
    statuses: tuple[DomainStatus, ...]
    matched: int
    total: int
    page: int
    pages: int


class DomainTransition(NamedTuple):
    """A transition with whose it is."""

    status: DomainStatus
    record: RecordStatus
    transition: Transition


def by_severity(findings: Iterable[Finding]) -> list[Finding]:
    """Order a domain's findings: critical first, else as the judge has them: the cause before what it brings."""
    return sorted(findings, key=lambda finding: finding.severity.rank)


def shown_state(status: DomainStatus) -> RecordState:
    """Give the state that a page shows: an outage is absence, also in the seconds in which it still propagates."""
    is_outage = any(finding.code is FindingCode.OUTAGE for finding in status.findings)
    return RecordState.ABSENT if is_outage and status.state is RecordState.PROPAGATING else status.state


def by_loudness(finding: Finding) -> tuple[int, float]:
    """Give the key by which findings of several domains are ordered: critical first, then the newest."""
    return finding.severity.rank, -finding.since


def severities(snapshot: Snapshot) -> dict[str, int]:
    """Count open findings by severity, all of them named."""
    found = Counter(finding.severity.value for status in snapshot.domains for finding in status.findings)
    found.update(finding.severity.value for finding in snapshot.findings)
    return {severity.value: found[severity.value] for severity in Severity}


def verdict(snapshot: Snapshot) -> Verdict:
    """Tell whether anything is wrong."""
    if snapshot.behind:
        return Verdict("critical", "This probe is behind", _first(snapshot, FindingCode.PROBE_BEHIND))
    if snapshot.blind:
        return Verdict(
            "critical",
            "This probe sees nothing",
            "No server answers at this vantage: nothing below is current, and no new finding is raised.",
        )
    unseen = _first(snapshot, FindingCode.PROBE_BLIND)
    if unseen:
        return Verdict("critical", "This probe does not see every zone", unseen)
    counts = severities(snapshot)
    for severity in (Severity.CRITICAL, Severity.WARNING):
        count = counts[severity.value]
        if count:
            touched = sum(any(one.severity is severity for one in status.findings) for status in snapshot.domains)
            noun = f"{severity.value} finding" if severity is Severity.CRITICAL else "warning"
            beside = [one for one in snapshot.findings if one.severity is severity]
            where = [plural(touched, "domain")] if touched or not beside else []
            where += [f"the servers of {plural(len(beside), 'zone')}"] if beside else []
            return Verdict(
                severity.value,
                f"{plural(count, noun)} on {listed(where)}",
                " ".join(one.sentence for one in beside),
            )
    total = plural(len(snapshot.domains), "domain")
    waiting = sum(any(record.since is None for record in status.records) for status in snapshot.domains)
    if waiting or not snapshot.ready:
        return Verdict(
            "info", "Still looking", f"{waiting:,} of {total} were not observed yet; no other is in trouble."
        )
    told = f"{total} watched, and nothing is wrong that this probe can see."
    # A name that existed while it was watched would be an outage: these are not there yet, or were not any more.
    missing = sum(status.state is RecordState.ABSENT for status in snapshot.domains)
    if missing:
        told += f" {missing:,} of them {'does' if missing == 1 else 'do'} not exist, and never did since it watches."
    return Verdict("calm", "No findings", told)


def _first(snapshot: Snapshot, code: FindingCode) -> str:
    """Give the sentence of the vantage's own finding of a code; empty while it is not open."""
    return next((finding.sentence for finding in snapshot.findings if finding.code is code), "")


def cases(snapshot: Snapshot) -> list[Case]:
    """Give every domain that something is wrong with, the worst first, then the newest."""
    found = []
    for status in snapshot.domains:
        if status.findings:
            worst, *others = by_severity(status.findings)
            found.append(Case(status, worst, tuple(others)))
    return sorted(found, key=lambda case: by_loudness(case.worst))


def waves(snapshot: Snapshot) -> list[WaveView]:
    """Give the board, wave by wave in the plan's order."""
    members: dict[str, list[DomainStatus]] = {}
    for status in snapshot.domains:
        members.setdefault(status.domain.wave, []).append(status)
    verdicts = {verdict.wave.name: verdict for verdict in snapshot.waves}
    return [_wave(wave, members.get(wave.name, []), verdicts.get(wave.name)) for wave in snapshot.plan.waves]


def _wave(wave: Wave, statuses: list[DomainStatus], verdict: WaveStatus | None) -> WaveView:
    worst = Counter(by_severity(status.findings)[0].severity.value for status in statuses if status.findings)
    return WaveView(
        wave,
        len(statuses),
        tuple(state_counts(statuses)),
        tuple((severity.value, worst[severity.value]) for severity in Severity if worst[severity.value]),
        verdict,
    )


def state_counts(statuses: Iterable[DomainStatus]) -> list[tuple[str, int]]:
    """Count domains per state, in the order of the states."""
    found = Counter(status.state for status in statuses)
    return [(state.value, found[state]) for state in RecordState if found[state]]


def bar(states: Iterable[tuple[str, int]]) -> Iterable[tuple[int, str, int]]:
    """Lay states side by side: where each begins, which it is, how wide."""
    start = 0
    for state, count in states:
        yield start, state, count
        start += count


def listing(snapshot: Snapshot, query: BoardFilter) -> Listing:
    """Give one page of the list: those with the worst findings first, else in the plan's order."""
    matching = sorted(filter(query.matches, snapshot.domains), key=_trouble)
    pages = max(1, -(-len(matching) // PAGE_SIZE))
    page = min(max(query.page, 1), pages)
    shown = matching[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return Listing(query, tuple(shown), len(matching), len(snapshot.domains), page, pages)


def _trouble(status: DomainStatus) -> int:
    return min((finding.severity.rank for finding in status.findings), default=_CALM)


def newest_moves(statuses: Iterable[DomainStatus], limit: int = NEWEST_TRANSITIONS) -> list[DomainTransition]:
    """Give the newest transitions of all records, newest first."""
    moves = [
        DomainTransition(status, record, transition)
        for status in statuses
        for record in status.records
        for transition in record.recent[-limit:]
    ]
    return sorted(moves, key=lambda move: -move.transition.at.wall)[:limit]


def owners(status: DomainStatus) -> list[str]:
    """Give the distinct owners at all TXT names of a domain, in the order of their names."""
    return list(dict.fromkeys(owner.owner for txt in status.txts for owner in txt.owners))


def owner_words(status: DomainStatus) -> str:
    """Say in one line who owns a domain: how many of its TXT names say so."""
    said = Counter(owner for txt in status.txts for owner in dict.fromkeys(one.owner for one in txt.owners))
    if not said:
        return "no TXT names an owner"
    return listed([f"{owner} at {plural(count, 'TXT name')}" for owner, count in said.most_common()])


def resolver_words(status: DomainStatus) -> list[tuple[str, int, str]]:
    """Count what the resolvers say, each resolver once for each of its words: the word, how many, and who."""
    said: dict[str, dict[str, None]] = {}
    for resolver in status.resolvers:
        words = [resolver.answer_class.value] if resolver.answer_class is not None else []
        words += ["silent"] if resolver.failure is not None else []
        for word in words or ["unknown"]:
            said.setdefault(word, {})[resolver.server.name] = None
    known = {name for word, names in said.items() if word != "unknown" for name in names}
    counted_words = {
        word: [name for name in names if word != "unknown" or name not in known] for word, names in said.items()
    }
    return [(word, len(names), ", ".join(names)) for word, names in counted_words.items() if names]
