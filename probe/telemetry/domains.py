"""The series of the domains, as lines of the exposition format, kept until what they say changes.

What is 0 for ever has no series: of a state set, of findings and of counted answers a domain uses a tenth, and the rest
would be 130 series of a domain, 70 MB of a scrape of 10,000. A member of a set that was 1 is told as 0 for
`ZERO_SECONDS` after it ended: `last_over_time(...[5m]) == 1`, which the rules look through a failed scrape with, then
sees its end. Only that a record is no longer unknown its other state says alone: every record of a plan begins so, and
the zeros of 10,000 domains were 1.9 MB of each scrape in the first quarter of an hour.

Why not prometheus_client's renderer, as for everything else: it spends 15 to 20 microseconds on a sample, which is 2
seconds of CPU for 10,000 domains with a dozen series each, at every scrape, on the GIL that probing needs. Of those
series only the answer counters differ from one scrape to the next. So all other lines are kept, those of some domains
and one family together, beside the values that they were made of, and made again only when these differ. A line reads
the same in the text format and in OpenMetrics. The tests read these lines with prometheus_client's parsers and hold
them to its renderer's output.
"""

import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from prometheus_client.utils import floatToGoString

from probe.model.domain import DomainStatus
from probe.model.finding import Severity
from probe.model.name import DomainName, display
from probe.model.ownership import TxtStatus
from probe.model.plan import Domain, Expectation
from probe.model.record import RecordState, RecordStatus
from probe.model.resolver import converged
from probe.model.service import ServiceState, ServiceStatus
from probe.model.side import ANSWER_CLASSES, AnswerClass
from probe.telemetry import domain_families as families
from probe.telemetry.family import VANTAGE, Family
from probe.telemetry.owners import OTHER, OwnerLabels
from probe.telemetry.packed import PackedLines, pack

MAX_OWNERS_PER_NAME = 4
"""Owners told per TXT name: v1's, v2's, and a stranger or two; the rest is one `other`."""

DOMAINS_TOGETHER = 32
"""Domains whose lines of a family are kept as one, and written anew together when one of them changes: for each by
itself, what stands around the lines would weigh as much as they do. Writing so many takes 0.2 ms, less than rendering
goes on without a rest (`probe.telemetry.exposition.STRETCH_SECONDS`)."""

PICKS_SHARED = 4_096
"""Picks that others are compared with, to keep equal ones once: of most families all domains have one of a few."""

ZERO_SECONDS = 900.0
"""For how long a member of a set that has ended is told as 0, in seconds: three times the five minutes that the rules,
and Prometheus itself, look back, so that a scraper that misses some of them still sees the end."""

_UP = {ServiceState.UP: 1.0, ServiceState.DOWN: 0.0, ServiceState.UNKNOWN: None}

_WRITTEN_WHOLE = 1_000_000
"""Whole numbers below this are written with their digits alone, larger ones as prometheus_client writes them."""

Row = tuple[tuple[str, ...], float]
"""The label values of one series, in the order of its family's labels, and its value."""


class _Source(NamedTuple):
    """How one family comes out of a domain's status.

    Attributes:
        family: The metric.
        pick: What the family tells of a status. Equal picks of a domain have equal rows.
        rows: The rows, made of the plan's word on the domain and of the pick alone, so that no pick can be too small.
        is_set: The rows are the members of a set that hold, each 1. One that ends is told as 0 for `ZERO_SECONDS`.
        untold: The last label of members whose end is not told.
        is_kept: Lines are kept until the pick differs; not those of what differs at every scrape.
    """

    family: Family
    pick: Callable[[DomainStatus], Hashable]
    rows: Callable[[Domain, Any], Iterable[Row]]
    is_set: bool = False
    untold: frozenset[str] = frozenset()
    is_kept: bool = True


def escape(value: str) -> str:
    r"""Write a label value: backslash, quote and line feed are escaped (text exposition format, "Line format")."""
    return value.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")


def _domain_state(domain: Domain, current: RecordState) -> Iterator[Row]:
    return iter([((display(domain.name), domain.wave, current), 1)])


def _record_state(domain: Domain, states: tuple[tuple[str, RecordState], ...]) -> Iterator[Row]:
    name = display(domain.name)
    return (((name, rdtype, current), 1) for rdtype, current in states)


def _expectation(domain: Domain, current: Expectation) -> Iterator[Row]:
    return iter([((display(domain.name), domain.wave, current), 1)])


def _answers(domain: Domain, counted: tuple[tuple[str, tuple[int, ...]], ...]) -> Iterator[Row]:
    name = display(domain.name)
    return (
        ((name, rdtype, answer_class), count)
        for rdtype, counts in counted
        for answer_class, count in zip(ANSWER_CLASSES, counts, strict=True)
        if count
    )


def _per_record(domain: Domain, values: tuple[tuple[str, float | None], ...]) -> Iterator[Row]:
    name = display(domain.name)
    return (((name, rdtype), value) for rdtype, value in values if value is not None)


def _confirmed(domain: Domain, confirmed: bool) -> Iterator[Row]:  # noqa: FBT001  # the pick of a source
    return iter([((display(domain.name), domain.wave), confirmed)])


def _flip_period(domain: Domain, seconds: float | None) -> Iterator[Row]:
    return iter([((display(domain.name),), seconds)] if seconds is not None else [])


def _resolver_answers(domain: Domain, answers: tuple[tuple[str, str, AnswerClass | None, bool], ...]) -> Iterator[Row]:
    # A resolver of the plan may have several addresses: the bits of all of them are united under its one name.
    said: dict[tuple[str, str], set[AnswerClass]] = {}
    for resolver, rdtype, answer_class, silent in answers:
        classes = said.setdefault((resolver, rdtype), set())
        if answer_class is not None:
            classes.add(answer_class)
        if silent:
            classes.add(AnswerClass.FAILED)
    name = display(domain.name)
    for (resolver, rdtype), classes in said.items():
        for answer_class in ANSWER_CLASSES:
            if answer_class in classes:
                yield (name, resolver, rdtype, answer_class), 1


def _resolvers_converged(domain: Domain, counted: tuple[int, int]) -> Iterator[Row]:
    done, known = counted
    return iter([((display(domain.name),), done / known)] if known else [])


def _drain_deadline(domain: Domain, wall: float | None) -> Iterator[Row]:
    return iter([((display(domain.name),), wall)] if wall is not None else [])


def _longest_ttl(records: tuple[RecordStatus, ...]) -> int | None:
    # A cache counts a TTL down: only an authoritative server says for how long others may hold the answer.
    responses = (server.response for record in records if record.cache is None for server in record.servers)
    return max((rrset.ttl for response in responses if response is not None for rrset in response.answer), default=None)


def _ttl(domain: Domain, seconds: int | None) -> Iterator[Row]:
    return iter([((display(domain.name),), seconds)] if seconds is not None else [])


def _txt_owners(domain: Domain, owners: tuple[Any, ...]) -> Iterator[Row]:
    # The names and their owners, in turn: of 10,000 domains pairs of them would be a megabyte more.
    name, told = display(domain.name), zip(owners[::2], owners[1::2], strict=True)
    return (((name, display(txt_name), owner), 1) for txt_name, all_of_it in told for owner in all_of_it)


def _per_side(domain: Domain, values: tuple[tuple[str, float | None], ...]) -> Iterator[Row]:
    name = display(domain.name)
    return (((name, side), value) for side, value in values if value is not None)


def _duration(service: ServiceStatus) -> tuple[str, float | None]:
    checks = [one.check for one in service.addresses]
    newest = max(checks, key=lambda check: check.at.monotonic, default=None)
    return service.side, newest.elapsed if newest is not None else None


def _expiry(service: ServiceStatus) -> tuple[str, float | None]:
    certificates = (one.check.certificate for one in service.addresses)
    return service.side, min((one.not_after for one in certificates if one is not None), default=None)


def _removable(status: DomainStatus) -> bool | None:
    return status.decommission.outcome.holds is True if status.decommission is not None else None


def _findings(domain: Domain, opened: tuple[tuple[str, Severity], ...]) -> Iterator[Row]:
    name = display(domain.name)
    return (((name, domain.wave, code, severity), 1) for code, severity in loudest(opened).items())


def _advices(domain: Domain, advised: tuple[tuple[str, str], ...]) -> Iterator[Row]:
    name = display(domain.name)
    return (((name, code, advice), 1) for code, advice in dict.fromkeys(advised))


def _v1_removable(domain: Domain, removable: bool | None) -> Iterator[Row]:  # noqa: FBT001  # the pick of a source
    return iter([((display(domain.name), domain.wave), removable)] if removable is not None else [])


_Zeros: TypeAlias = tuple[tuple[tuple[str, ...], float], ...]
"""Members of a set that have ended: their label values, and until when (monotonic) they are told as 0."""


class _Told(NamedTuple):
    """What was told of one domain in one family that is a set."""

    domain: Domain
    pick: Hashable
    zeros: _Zeros


class _KeptLines(NamedTuple):
    """Some domains' lines of one family, with everything that they were made of.

    Attributes:
        domains: The plan's word on each: the name, and the wave, which most families have as a label.
        picks: What the rows were made of, of each.
        lines: The rows and the zeros, as they are written; packed where they are kept.
        zeros: Of those that have any, by their place among the domains.
    """

    domains: tuple[Domain, ...]
    picks: tuple[Hashable, ...]
    lines: bytes | PackedLines
    zeros: dict[int, _Zeros]

    @property
    def expires(self) -> float:
        """When the first of the zeros ends, on the monotonic clock."""
        return min((until for zeros in self.zeros.values() for _, until in zeros), default=math.inf)

    def told(self) -> Iterator[tuple[DomainName, _Told]]:
        """Give each domain with what was told of it."""
        for place, (domain, pick) in enumerate(zip(self.domains, self.picks, strict=True)):
            yield domain.name, _Told(domain, pick, self.zeros.get(place, ()))


_Line: TypeAlias = Callable[[tuple[str, ...], float], str]
"""Writes one line of a family, of its label values and its value."""

_Together: TypeAlias = tuple[tuple[Domain, ...], Sequence[DomainStatus]]
"""The plan's word on some domains, and their statuses."""


def loudest(opened: Iterable[tuple[str, Severity]]) -> dict[str, Severity]:
    """Give each open code once, under the gravest severity that it is open with."""
    codes: dict[str, Severity] = {}
    for code, severity in opened:
        codes[code] = min(severity, codes.get(code, severity), key=lambda one: one.rank)
    return codes


class DomainLines:
    """Renders domains, remembering what it rendered. Not safe for several threads at once.

    Args:
        owners: Which TXT owners may be told.
    """

    def __init__(self, owners: OwnerLabels) -> None:
        self._owners = owners
        self._vantage = ""
        self._kept: dict[str, list[_KeptLines | None]] = {}
        self._one = lru_cache(maxsize=PICKS_SHARED, typed=True)(_itself)
        self._sources = (
            _Source(families.DOMAIN_STATE, lambda s: s.state, _domain_state, is_set=True),
            _Source(
                families.RECORD_STATE,
                lambda s: tuple((r.rdtype, r.state) for r in s.records),
                _record_state,
                is_set=True,
                untold=frozenset({RecordState.UNKNOWN}),
            ),
            _Source(families.DOMAIN_EXPECTATION, lambda s: s.domain.expectation, _expectation, is_set=True),
            _Source(
                families.ANSWERS, lambda s: tuple((r.rdtype, r.answers) for r in s.records), _answers, is_kept=False
            ),
            _Source(families.TRANSITIONS, lambda s: tuple((r.rdtype, r.transitions) for r in s.records), _per_record),
            # From the first change on: nothing can be undone before, and the 0 stands well before it rises.
            _Source(
                families.REVERSALS,
                lambda s: tuple((r.rdtype, r.reversals if r.transitions else None) for r in s.records),
                _per_record,
            ),
            _Source(
                families.LAST_TRANSITION,
                lambda s: tuple((r.rdtype, r.recent[-1].at.wall if r.recent else None) for r in s.records),
                _per_record,
            ),
            _Source(
                families.FINDING, lambda s: tuple((f.code, f.severity) for f in s.findings), _findings, is_set=True
            ),
            _Source(
                families.FINDING_ADVICE,
                lambda s: tuple((f.code, f.advice) for f in s.findings if f.advice),
                _advices,
                is_set=True,
            ),
            _Source(families.FLIP_PERIOD, lambda s: s.flip_period, _flip_period),
            _Source(families.V2_SHARE, lambda s: tuple((r.rdtype, r.ratio) for r in s.shares), _per_record),
            _Source(
                families.V2_SHARE_LOWER,
                lambda s: tuple((r.rdtype, r.lower) for r in s.shares if r.answers),
                _per_record,
            ),
            _Source(
                families.V2_SHARE_UPPER,
                lambda s: tuple((r.rdtype, r.upper) for r in s.shares if r.answers),
                _per_record,
            ),
            _Source(families.DOMAIN_CONFIRMED, lambda s: s.confirmation.confirmed, _confirmed),
            _Source(
                families.TXT_OWNER,
                lambda s: tuple(part for txt in s.txts if txt.owners for part in self._owner_labels(txt)),
                _txt_owners,
            ),
            _Source(
                families.RESOLVER_ANSWER,
                lambda s: tuple(
                    (r.server.name, r.rdtype, r.answer_class, r.failure is not None)
                    for r in (*s.resolvers, *s.other_view)
                ),
                _resolver_answers,
                is_set=True,
            ),
            _Source(families.RESOLVERS_CONVERGED, lambda s: converged(s.resolvers), _resolvers_converged),
            _Source(
                families.DRAIN_DEADLINE,
                lambda s: s.drain.deadline.wall if s.drain is not None and s.drain.deadline is not None else None,
                _drain_deadline,
            ),
            _Source(families.TTL, lambda s: _longest_ttl(s.records), _ttl),
            _Source(families.HTTP_UP, lambda s: tuple((one.side, _UP[one.state]) for one in s.services), _per_side),
            _Source(families.HTTP_DURATION, lambda s: tuple(map(_duration, s.services)), _per_side),
            _Source(families.CERTIFICATE_EXPIRY, lambda s: tuple(map(_expiry, s.services)), _per_side),
            _Source(families.V1_REMOVABLE, _removable, _v1_removable),
        )

    def render(
        self, vantage: str, statuses: Sequence[DomainStatus], now: float
    ) -> Iterator[tuple[Family, Iterator[bytes | PackedLines]]]:
        """Give the families one by one, each with the lines of some domains after the other.

        What is kept of domains that are not among `statuses` is dropped on the way, everything when the vantage is
        another than before. `now` is of the monotonic clock, in seconds.
        """
        if vantage != self._vantage:
            self._kept.clear()
            self._vantage = vantage
        together = [_together(statuses[at : at + DOMAINS_TOGETHER]) for at in range(0, len(statuses), DOMAINS_TOGETHER)]
        for source in self._sources:
            yield source.family, self._blocks(source, together, now)

    def _blocks(self, source: _Source, together: Iterable[_Together], now: float) -> Iterator[bytes | PackedLines]:
        line = _line(source.family, self._vantage)
        before = self._kept.get(source.family.name, [])
        earlier = _Earlier(before)
        after: list[_KeptLines | None] = []
        for number, (domains, statuses) in enumerate(together):
            kept, picks = before[number] if number < len(before) else None, tuple(map(source.pick, statuses))
            if kept is None or kept.picks != picks or kept.domains != domains or (kept.zeros and kept.expires <= now):
                told = earlier.told(number, domains) if source.is_set else {}
                kept = self._written(source, line, (domains, picks), told, now)
            # Of most families most domains have no series: making none anew is cheaper than keeping all that says so.
            after.append(kept if kept.lines and source.is_kept else None)
            yield kept.lines
        self._kept[source.family.name] = after

    def _written(
        self,
        source: _Source,
        line: _Line,
        of: tuple[tuple[Domain, ...], tuple[Hashable, ...]],
        told: Mapping[DomainName, _Told],
        now: float,
    ) -> _KeptLines:
        """Write what a family tells of some domains and their picks, where that was told of them before."""
        domains, picks = of
        lines: list[str] = []
        ended: dict[int, _Zeros] = {}
        for place, (domain, pick) in enumerate(zip(domains, picks, strict=True)):
            rows = tuple(source.rows(domain, pick))
            lines += [line(labels, value) for labels, value in rows]
            if zeros := _zeros(source, domain, rows, told.get(domain.name), now):
                ended[place] = zeros
                lines += [line(labels, 0.0) for labels, _ in zeros]
        shared = tuple(map(self._one, picks)) if source.is_kept else picks
        text = "".join(lines).encode()
        return _KeptLines(domains, shared, pack(text) if text and source.is_kept else text, ended)

    def _owner_labels(self, txt: TxtStatus) -> tuple[DomainName, tuple[str, ...]]:
        told = dict.fromkeys(self._owners.label(owner.owner) for owner in txt.owners[:MAX_OWNERS_PER_NAME])
        if len(txt.owners) > MAX_OWNERS_PER_NAME:
            told[OTHER] = None
        return txt.name, self._one(tuple(told))


class _Earlier:
    """What was told of domains at the scrape before: of those at the same place, as long as the plan is the same."""

    def __init__(self, kept: Sequence[_KeptLines | None]) -> None:
        self._kept = kept
        self._all: dict[DomainName, _Told] | None = None

    def told(self, number: int, domains: tuple[Domain, ...]) -> Mapping[DomainName, _Told]:
        """Give what was told of these domains, and perhaps of others, by name."""
        same = self._kept[number] if number < len(self._kept) else None
        if same is not None and [one.name for one in same.domains] == [one.name for one in domains]:
            return dict(same.told())
        if self._all is None:
            self._all = {name: told for kept in self._kept if kept is not None for name, told in kept.told()}
        return self._all


def _itself(pick: Hashable) -> Any:  # whatever it is
    return pick


def _together(statuses: Sequence[DomainStatus]) -> _Together:
    return tuple(status.domain for status in statuses), statuses


def _zeros(source: _Source, domain: Domain, rows: Iterable[Row], told: _Told | None, now: float) -> _Zeros:
    """Give the members of a set that have ended, and until when each is told as 0."""
    if told is None or told.domain.wave != domain.wave:
        return ()
    # What the rows were is not kept: they follow from the pick that is.
    ended = {
        labels: now + ZERO_SECONDS for labels, _ in source.rows(domain, told.pick) if labels[-1] not in source.untold
    }
    standing = {labels for labels, _ in rows}
    lasting = {**dict(told.zeros), **ended}.items()
    return tuple((labels, until) for labels, until in lasting if labels not in standing and until > now)


def _line(family: Family, vantage: str) -> _Line:
    """Give what writes one line of a family, of its label values and its value."""
    # Sorted by name, as prometheus_client writes them. The label without a place among a row's values is fixed.
    places = sorted((*((label, place) for place, label in enumerate(family.labels)), (VANTAGE, None)))
    fixed = escape(vantage).replace("{", "{{").replace("}", "}}")
    pairs = [f'{label}="{fixed if place is None else f"{{{place}}}"}"' for label, place in places]
    write = f"{family.name}{{{{{','.join(pairs)}}}}} ".format

    def line(values: tuple[str, ...], value: float) -> str:
        return f"{write(*map(escape, values))}{_number(value)}\n"

    return line


def _number(value: float) -> str:
    """Write a value: one that is whole without a fraction, as most are, and others as prometheus_client does."""
    if abs(value) < _WRITTEN_WHOLE and value == (whole := int(value)):
        return str(whole)
    return str(floatToGoString(value))  # type: ignore[no-untyped-call]  # prometheus_client leaves it untyped
