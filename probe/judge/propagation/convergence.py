"""How a change arrives: at all servers, at all resolvers, counted from the first server that shows it.

All servers: once the record has settled, the moment at which the last of those that answer began to show it. All
resolvers: when none of those that answer says, or may still have in a cache that was seen, anything else. A resolver is
asked every `resolver_interval` only, so that this stage is known to that many seconds. A change that is followed by
another one before is *overtaken*: what it has not reached by then it never will.
"""

from collections.abc import Iterator

from probe.model.clock import Instant
from probe.model.convergence import Stage
from probe.model.domain import DomainStatus
from probe.model.effect import Converged
from probe.model.name import DomainName
from probe.model.propagation import Convergence
from probe.model.record import RecordStatus
from probe.model.resolver import ResolverVerdict

CONVERGENCES_KEPT = 8
"""Changes kept per domain: those of a wave, its rollback and the next try, for both families."""


def converge(status: DomainStatus, at: Instant) -> tuple[Convergence, ...]:
    """Give a domain's convergences at `at`."""
    followed = status.convergences
    for record in status.records:
        followed = _begun(followed, record)
    records = {record.rdtype: record for record in status.records}
    for index, convergence in enumerate(followed):
        if convergence.overtaken or convergence.resolvers_at is not None:
            continue
        moved = _moved_on(convergence, records[convergence.rdtype], status, at)
        if moved is not convergence:
            followed = (*followed[:index], moved, *followed[index + 1 :])
    return followed


def arrivals(before: DomainStatus, after: DomainStatus, at: Instant) -> Iterator[Converged]:
    """Tell which stages the domain's transitions have reached from one status to the next."""
    known = {(one.rdtype, one.transition): one for one in before.convergences}
    for one in after.convergences:
        begun = Convergence(one.rdtype, one.transition)
        yield from _reached(known.get((one.rdtype, one.transition), begun), one, after.domain.name, at)


def _begun(known: tuple[Convergence, ...], record: RecordStatus) -> tuple[Convergence, ...]:
    """Begin to follow the record's newest transition, which overtakes those before it."""
    newest = record.recent[-1] if record.recent else None
    own = [convergence for convergence in known if convergence.rdtype is record.rdtype]
    if newest is None or any(convergence.transition == newest for convergence in own):
        return known
    known = tuple(
        convergence._replace(overtaken=True)
        if convergence.rdtype is record.rdtype and convergence.resolvers_at is None
        else convergence
        for convergence in known
    )
    return (*known, Convergence(record.rdtype, newest))[-CONVERGENCES_KEPT:]


def _moved_on(convergence: Convergence, record: RecordStatus, status: DomainStatus, at: Instant) -> Convergence:
    transition = convergence.transition
    if record.disturbed is not None or record.position is not transition.after:
        return convergence
    resolvers = [
        resolver
        for resolver in status.resolvers
        if resolver.rdtype is record.rdtype and resolver.verdict is not ResolverVerdict.UNKNOWN
    ]
    arrived = bool(resolvers) and all(resolver.verdict is ResolverVerdict.CONVERGED for resolver in resolvers)
    servers_at = convergence.servers_at
    if servers_at is None:
        servers_at = _latest(transition.at, *_agreeing_since(record))
        # A resolver that showed the change before the servers had settled did so in its own time.
        known_since = _latest(servers_at, *(one.since for one in resolvers if one.since is not None))
        return convergence._replace(servers_at=servers_at, resolvers_at=known_since if arrived else None)
    return convergence._replace(resolvers_at=at) if arrived else convergence


def _agreeing_since(record: RecordStatus) -> list[Instant]:
    return [
        server.since for server in record.servers if server.position is record.position and server.since is not None
    ]


def _latest(*instants: Instant) -> Instant:
    return max(instants, key=lambda instant: instant.monotonic)


def _reached(before: Convergence, after: Convergence, name: DomainName, at: Instant) -> list[Converged]:
    began = after.transition.at.monotonic
    stages = (
        (Stage.ALL_SERVERS, before.servers_at, after.servers_at),
        (Stage.ALL_RESOLVERS, before.resolvers_at, after.resolvers_at),
    )
    return [
        Converged(name, after.rdtype, stage, now.monotonic - began, at)
        for stage, then, now in stages
        if then is None and now is not None
    ]
