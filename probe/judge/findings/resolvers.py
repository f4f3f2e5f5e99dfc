"""What there is to say about resolvers that lag behind the authoritative servers, or do not follow them: warnings."""

from collections.abc import Iterable

from probe.judge.advice.of_resolvers import OWN_ANSWERS
from probe.judge.context import Context
from probe.judge.domain_text import answerers
from probe.judge.findings.evidence import Found, facts
from probe.judge.propagation.cached import find
from probe.judge.propagation.resolver import LATE_ANSWERS, SLACK, is_stale
from probe.judge.routed import explaining
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.finding import FactLabel
from probe.model.name import display
from probe.model.record import Position, RecordStatus
from probe.model.resolver import ResolverStatus, ResolverVerdict
from probe.model.side import ABSENT_CLASSES, AnswerClass
from probe.model.text import PLACES, brief, duration, listed, moment

FILTER_ERRORS = frozenset({15, 16, 17, 18})
"""Extended DNS Errors `Blocked`, `Censored`, `Filtered` and `Prohibited` (RFC 8914 sections 4.16 to 4.19)."""


def resolver_late(status: DomainStatus, _at: Instant, _context: Context) -> Found | None:
    """Resolvers that say what the authoritative servers said before, beyond what its TTL allows."""
    late = [one for one in status.resolvers if one.verdict is ResolverVerdict.LATE]
    if not late:
        return None
    groups = _by_name(late)
    return Found(
        f"{_who(groups)} still {_answer(groups)} {_classes(late)} for {display(status.domain.name)}, longer than "
        "TTLs allow.",
        _word_by_word(late),
        facts=facts(
            (FactLabel.ANSWERS, f"{_leads(status, late)} at its {answerers(status)}"),
            *((FactLabel.CACHES, _told_late(group)) for group in groups),
        ),
    )


def resolver_wrong(status: DomainStatus, _at: Instant, _context: Context) -> Found | None:
    """Resolvers that go on saying what no authoritative server gave, for longer than it can be left over."""
    routed = explaining(status) is not None  # who asks decides by geolocation and latency: only other places are wrong
    wrong = [
        one
        for one in status.resolvers
        if one.verdict is ResolverVerdict.WRONG and not (routed and one.charge is not None and one.charge.is_side)
    ]
    if not wrong:
        return None
    groups = _by_name(wrong)
    return Found(
        f"{_who(groups)} {_answer(groups)} {_said(wrong)} for {display(status.domain.name)}, which its "
        f"{answerers(status)} do not.",
        _word_by_word(wrong),
        facts=facts(
            (FactLabel.ANSWERS, f"{_leads(status, wrong)} at its {answerers(status)}"),
            *((FactLabel.CACHES, _told_wrong(group)) for group in groups),
            (FactLabel.EFFECT, f"Clients that use such a resolver are led to {_said(wrong)}"),
        ),
    )


def negative_cached(status: DomainStatus, at: Instant, _context: Context) -> Found | None:
    """Resolvers that deny a record which the authoritative servers give."""
    denying = [one for one in status.resolvers if one.verdict is ResolverVerdict.NEGATIVE]
    if not denying:
        return None
    groups = _by_name(denying)
    return Found(
        f"{_who(groups)} {'denies' if len(groups) == 1 else 'deny'} {display(status.domain.name)} ({_types(denying)}), "
        f"which its {answerers(status)} answer.",
        _word_by_word(denying),
        facts=facts(
            (FactLabel.ANSWERS, f"{_leads(status, denying)} at its {answerers(status)}"),
            *((FactLabel.CACHES, _told_negative(group, at, status)) for group in groups),
            (FactLabel.CACHES, _negative_ttl(status, denying)),
            (FactLabel.EFFECT, "Clients that use such a resolver get no address"),
        ),
        advise=OWN_ANSWERS if all(_is_made_up(one, status) for one in denying) else None,
    )


def _who(groups: list[list[ResolverStatus]]) -> str:
    return brief([group[0].server.name for group in groups])


def _answer(groups: list[list[ResolverStatus]]) -> str:
    return "answers" if len(groups) == 1 else "answer"


def _told_wrong(group: list[ResolverStatus]) -> str:
    says = f"{group[0].server.name} answers {_said(group)} for {_types(group)}"
    since = [one.since for one in group if one.since is not None and one.answer_class is one.charge]
    if not since:
        return f"{says} by turns"
    first, longest = min(since, key=lambda instant: instant.monotonic), max(one.longest for one in group)
    return (
        f"{says} since {moment(first)}, with TTLs of {longest} s at most: that is too long for an answer that was "
        "left in a cache"
    )


def _said(group: list[ResolverStatus]) -> str:
    """Write what resolvers answer: the side, or where else it leads."""
    told: list[str] = []
    for one in group:
        told += one.values if one.charge is AnswerClass.FOREIGN else [_charged(one)]
    return listed(list(dict.fromkeys(told)))


def _charged(one: ResolverStatus) -> str:
    said = one.charge or one.answer_class
    return said.value if said is not None else ""


def _told_late(group: list[ResolverStatus]) -> str:
    first = group[0]
    says = f"{first.server.name} still answers {_classes(group)} for {_types(group)}"
    ends = [one.deadline for one in group if one.deadline is not None]
    if ends:
        end = max(ends, key=lambda instant: instant.monotonic)
        says += f", which its TTL allowed until {moment(end)}"
    if any(map(is_stale, group)):
        return f"{says} (it marks the answer as stale: it does not reach the zone's servers)"
    return f"{says} (it extends TTLs)" if any(_means_to_keep(one) for one in group) else says


def _is_made_up(one: ResolverStatus, status: DomainStatus) -> bool:
    """Tell whether a denial is none that a cache may have kept: the servers never denied it while they were watched."""
    is_charged = one.overdue >= LATE_ANSWERS and one.charge in ABSENT_CLASSES and one.answer_class in ABSENT_CLASSES
    return is_charged and not is_stale(one) and find(status.cached_answers, one.rdtype, Position.ABSENT) is None


def _told_negative(group: list[ResolverStatus], at: Instant, status: DomainStatus) -> str:
    says = f"{group[0].server.name} denies {_types(group)}"
    if any(FILTER_ERRORS & {*one.errors} for one in group):
        return f"{says} (it marks the name as filtered)"
    if any(map(is_stale, group)):
        says += " (a stale denial: it does not reach the zone's servers)"
    if any(_is_made_up(one, status) for one in group):
        first = min((one.since for one in group if one.since is not None), key=lambda instant: instant.monotonic)
        return f"{says} since {moment(first)}, which is too long for an answer that was left in a cache"
    ends = [one.deadline for one in group if one.deadline is not None]
    if not ends:
        return says
    end = max(ends, key=lambda instant: instant.monotonic)
    if at.monotonic > end.monotonic + SLACK:
        return f"{says}, which its TTL allowed until {moment(end)}"
    return f"{says}, until {moment(end)} at the latest"


def _means_to_keep(resolver: ResolverStatus) -> bool:
    """Tell whether the TTL that it gave reached beyond the deadline."""
    return (
        resolver.at is not None
        and resolver.ttl is not None
        and resolver.deadline is not None
        and resolver.at.monotonic + resolver.ttl > resolver.deadline.monotonic + SLACK
    )


def _negative_ttl(status: DomainStatus, denying: list[ResolverStatus]) -> str:
    cached_answers = [
        cached_answer
        for one in denying
        if (cached_answer := find(status.cached_answers, one.rdtype, Position.ABSENT)) is not None
    ]
    if not cached_answers:
        return ""
    return f"Negative answers of its zone are cached for up to {duration(max(held.ttl for held in cached_answers))}"


def _by_name(resolvers: Iterable[ResolverStatus]) -> list[list[ResolverStatus]]:
    """Group by resolver, in the order of their names: the one in which they were first heard says nothing."""
    groups: dict[str, list[ResolverStatus]] = {}
    for resolver in sorted(resolvers, key=lambda one: (one.server.name, one.server.address, one.rdtype.value)):
        groups.setdefault(resolver.server.name, []).append(resolver)
    return list(groups.values())


def _classes(group: list[ResolverStatus]) -> str:
    return listed(list(dict.fromkeys(_charged(one) for one in group)))


def _types(group: list[ResolverStatus]) -> str:
    return listed(list(dict.fromkeys(one.rdtype.value for one in group)))


def _leads(status: DomainStatus, resolvers: list[ResolverStatus]) -> str:
    meant = {one.rdtype for one in resolvers}
    records = [record for record in status.records if record.rdtype in meant]
    return f"{display(status.domain.name)} leads to {listed(list(dict.fromkeys(_place(record) for record in records)))}"


def _place(record: RecordStatus) -> str:
    return PLACES[record.position] if record.position is not None else "either side"


def _word_by_word(resolvers: Iterable[ResolverStatus]) -> tuple[str, ...]:
    return tuple(
        f"{moment(one.at)}: {one.server.name} ({one.server.address}) answers {one.answer_class.value} for "
        f"{one.rdtype.value}{_fine_print(one)}"
        for one in resolvers
        if one.at is not None and one.answer_class is not None
    )


def _fine_print(resolver: ResolverStatus) -> str:
    left = f" with a TTL of {resolver.ttl} s left" if resolver.ttl is not None else ""
    until = f"; a TTL allows it until {moment(resolver.deadline)}" if resolver.deadline is not None else ""
    codes = f"; Extended DNS Error {listed([str(code) for code in resolver.errors])}" if resolver.errors else ""
    return left + until + codes
