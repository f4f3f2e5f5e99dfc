"""What there is to say about resolvers that lag behind the authoritative servers: a warning, and never a verdict."""

from collections.abc import Iterable

from probe.judge.answer.held import STALE_ERRORS
from probe.judge.context import Context
from probe.judge.domain_text import answerers
from probe.judge.findings.evidence import Found, facts
from probe.judge.propagation.cached import find
from probe.judge.propagation.resolver import SLACK
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.finding import FactLabel
from probe.model.name import display
from probe.model.record import Position, RecordStatus
from probe.model.resolver import ResolverStatus, ResolverVerdict
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
            *((FactLabel.CACHES, _told_negative(group, at)) for group in groups),
            (FactLabel.CACHES, _negative_ttl(status, denying)),
            (FactLabel.EFFECT, "Clients that use such a resolver get no address"),
        ),
    )


def _who(groups: list[list[ResolverStatus]]) -> str:
    return brief([group[0].server.name for group in groups])


def _answer(groups: list[list[ResolverStatus]]) -> str:
    return "answers" if len(groups) == 1 else "answer"


def _told_late(group: list[ResolverStatus]) -> str:
    first = group[0]
    says = f"{first.server.name} still answers {_classes(group)} for {_types(group)}"
    ends = [one.deadline for one in group if one.deadline is not None]
    if ends:
        end = max(ends, key=lambda instant: instant.monotonic)
        says += f", which its TTL allowed until {moment(end)}"
    if any(STALE_ERRORS & {*one.errors} for one in group):
        return f"{says} (it marks the answer as stale: it does not reach the zone's servers)"
    return f"{says} (it extends TTLs)" if any(_means_to_keep(one) for one in group) else says


def _told_negative(group: list[ResolverStatus], at: Instant) -> str:
    says = f"{group[0].server.name} denies {_types(group)}"
    if any(FILTER_ERRORS & {*one.errors} for one in group):
        return f"{says} (it marks the name as filtered)"
    if any(STALE_ERRORS & {*one.errors} for one in group):
        says += " (a stale denial: it does not reach the zone's servers)"
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
    return listed(list(dict.fromkeys(one.answer_class.value for one in group if one.answer_class is not None)))


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
