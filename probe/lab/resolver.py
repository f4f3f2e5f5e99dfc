"""Recursive resolvers with caches: several independent ones behind one address, as big public resolvers have.

A resolver walks from the lab's root itself, in process; silent and lame servers are passed over for the next one.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from probe.lab.dns_message import REFUSED, SERVFAIL, STALE_ANSWER, STALE_NXDOMAIN
from probe.lab.nameserver import Impairment, LabNameServer
from probe.lab.resolver_cache import Cache, CachePolicy, Entry, with_ttl
from probe.model.clock import Clock
from probe.model.name import ROOT, DomainName, is_within, parent
from probe.model.question import ADDRESS_TYPES
from probe.route53.record_values import to_domain
from probe.route53.reply import Records, ServedQuery, ServedReply

_CNAMES_FOLLOWED = 11  # CNAMEs followed for one question; BIND and Unbound stop near there
_MOST_QUESTIONS = 64  # to authoritative servers for one client question: a walk to a zone four deep takes under 20


class Authorities(Protocol):
    """Where the authoritative servers are."""

    @property
    def root_servers(self) -> tuple[LabNameServer, ...]:
        """Where a walk begins."""

    def server_at(self, address: str) -> LabNameServer | None:
        """Find who has an address; None when nobody has it."""


class _Failed(Exception):  # noqa: N818 -- no error of the program: authority could not be reached
    """No authoritative server gave a usable answer."""


@dataclass(slots=True)
class _Errand:
    """One client question: its budget of questions to authoritative servers, and the servers it is looking up."""

    cache: Cache
    left: int = _MOST_QUESTIONS
    pending: set[DomainName] = field(default_factory=set)


class _Resolution(NamedTuple):
    """The chain of CNAMEs and what stands at its end."""

    chain: tuple[Records, ...]
    entry: Entry


@dataclass(slots=True, eq=False)
class Resolver:
    """One recursive resolver.

    Attributes:
        name: As in the plan.
        addresses: IPv4 and IPv6 literals in the simulated world.
        authorities: Whom it asks.
        clock: What its TTLs run by.
        draw: Which cache a question hits, and which server is asked first.
        policy: How it treats TTLs.
        caches: How many independent caches share the address.
        impairment: What is wrong with it.
    """

    name: str
    addresses: tuple[str, ...]
    authorities: Authorities
    clock: Clock
    draw: random.Random
    policy: CachePolicy = field(default_factory=CachePolicy)
    caches: int = field(kw_only=True)
    impairment: Impairment = field(default_factory=Impairment)
    _caches: list[Cache] = field(init=False)

    def __post_init__(self) -> None:
        self._caches = [Cache(self.policy) for _ in range(self.caches)]

    def flush(self) -> None:
        """Empty every cache."""
        for cache in self._caches:
            cache.flush()

    def answer(self, query: ServedQuery) -> ServedReply | None:
        """Answer from one of the caches, or by walking; with RD clear only what is cached."""
        if self.impairment.swallows(self.draw):
            return None
        reply = self.impairment.refusal() or self._look_up(self.draw.choice(self._caches), query)
        return reply._replace(recursion_available=True)

    def _look_up(self, cache: Cache, query: ServedQuery) -> ServedReply:
        now = self.clock.now().monotonic
        hit = self._from_cache(cache, query, now, stale=False)
        if hit is not None:
            if query.recursion_desired and self._is_due(cache, hit, now):
                self._try_to_walk(cache, query, now, renew=True)
            return self._spell(hit, now)
        if not query.recursion_desired:
            return REFUSED
        found = self._try_to_walk(cache, query, now)
        if found is not None:
            return self._spell(found, now)
        stale = self._from_cache(cache, query, now, stale=True)
        if stale is None:
            return SERVFAIL
        code = STALE_NXDOMAIN if stale.entry.rcode == "NXDOMAIN" else STALE_ANSWER
        return self._spell(stale, now)._replace(errors=(code,))

    def _spell(self, found: _Resolution, now: float) -> ServedReply:
        entry = found.entry
        records = () if entry.records is None else (with_ttl(entry.records, entry.expires, now),)
        authority = () if entry.soa is None else (with_ttl(entry.soa, entry.expires, now),)
        return ServedReply(entry.rcode, answer=(*found.chain, *records), authority=authority)

    def _from_cache(self, cache: Cache, query: ServedQuery, now: float, *, stale: bool) -> _Resolution | None:
        """Follow cached CNAMEs to a cached end; None when a link is missing."""
        chain: list[Records] = []
        name = query.name
        for _ in range(_CNAMES_FOLLOWED):
            entry = cache.get(name, query.rdtype, now, stale=stale)
            if entry is not None:
                return _Resolution(tuple(chain), entry)
            alias = cache.get(name, "CNAME", now, stale=stale)
            if alias is None or alias.records is None:
                return None
            chain.append(with_ttl(alias.records, alias.expires, now))
            name = to_domain(alias.records.values[0])
        return None

    def _is_due(self, cache: Cache, hit: _Resolution, now: float) -> bool:
        links = (cache.get(records.name, "CNAME", now) for records in hit.chain)
        return any(entry is not None and cache.is_due(entry, now) for entry in (hit.entry, *links))

    def _try_to_walk(self, cache: Cache, query: ServedQuery, now: float, *, renew: bool = False) -> _Resolution | None:
        try:
            return self._resolve(_Errand(cache), query, now, renew=renew)
        except _Failed:
            return None

    def _resolve(self, errand: _Errand, query: ServedQuery, now: float, *, renew: bool = False) -> _Resolution:
        """Answer by walking, one CNAME after the other; what is learnt is cached on the way."""
        chain: list[Records] = []
        name = query.name
        for _ in range(_CNAMES_FOLLOWED):
            step = ServedQuery(name, query.rdtype)
            known = None if renew else self._from_cache(errand.cache, step, now, stale=False)
            if known is not None:
                return _Resolution((*chain, *known.chain), known.entry)
            cached = None if renew else errand.cache.get(name, "CNAME", now)
            if cached is not None and cached.records is not None:
                link = with_ttl(cached.records, cached.expires, now)
            else:
                reply = self._walk(errand, step, now)
                found = next((one for one in reply.answer if one.name == name and one.rdtype == "CNAME"), None)
                if found is None or query.rdtype == "CNAME":
                    return _Resolution(tuple(chain), self._end(errand.cache, step, reply, now))
                link = found
            chain.append(link)
            name = to_domain(link.values[0])
        raise _Failed

    def _end(self, cache: Cache, query: ServedQuery, reply: ServedReply, now: float) -> Entry:
        """Give what stands at the end of a chain: as it was cached, or for this once (TTL 0, absence without SOA)."""
        records = next((one for one in reply.answer if one.rdtype == query.rdtype), None)
        return cache.get(query.name, query.rdtype, now) or Entry(records, reply.rcode, None, 0, now)

    def _walk(self, errand: _Errand, query: ServedQuery, now: float) -> ServedReply:
        """Ask from the nearest known zone downwards until a server answers with authority."""
        zone, addresses = self._nearest_zone(errand, query.name, now)
        while True:
            reply = self._ask_any(errand, addresses, query)
            if reply.authoritative:
                self._learn(errand.cache, query, reply, now)
                return reply
            servers = next((one for one in reply.authority if one.rdtype == "NS"), None)
            downwards = servers is not None and servers.name != zone and is_within(servers.name, zone)
            if servers is None or not downwards or not is_within(query.name, servers.name):
                raise _Failed  # a referral upwards, sideways or to itself leads nowhere
            zone = servers.name
            for records in (servers, *reply.additional):
                errand.cache.put(records, now)
            addresses = self._addresses_of(errand, servers, now)

    def _nearest_zone(self, errand: _Errand, name: DomainName, now: float) -> tuple[DomainName, Iterable[str]]:
        candidate = name
        while candidate != ROOT:
            entry = errand.cache.get(candidate, "NS", now)
            if entry is not None and entry.records is not None:
                servers = [to_domain(value) for value in entry.records.values]
                if not all(is_within(one, candidate) for one in servers) or self._known(errand, servers, now):
                    return candidate, self._addresses_of(errand, entry.records, now)
            candidate = parent(candidate)
        roots = [address for server in self.authorities.root_servers for address in server.addresses]
        return ROOT, self.draw.sample(roots, len(roots))

    def _known(self, errand: _Errand, servers: Sequence[DomainName], now: float) -> list[str]:
        """Collect the servers' cached addresses and glue."""
        entries = (errand.cache.get(name, rdtype, now) for name in servers for rdtype in ADDRESS_TYPES)
        return [
            address
            for entry in entries
            if entry is not None and entry.records is not None
            for address in entry.records.values
        ]

    def _addresses_of(self, errand: _Errand, servers: Records, now: float) -> Iterator[str]:
        """Give addresses of a zone's servers as they are needed: the known ones first, then by looking names up."""
        names = [to_domain(value) for value in servers.values]
        known = self._known(errand, names, now)
        yield from self.draw.sample(known, len(known))
        for name in self.draw.sample(names, len(names)):
            if name in errand.pending or is_within(name, servers.name):
                continue  # its address could only come from the zone that is being looked for
            errand.pending.add(name)
            try:
                found = self._resolve(errand, ServedQuery(name, "A"), now).entry.records
            except _Failed:
                continue
            finally:
                errand.pending.discard(name)
            if found is not None and not set(found.values) <= set(known):
                yield from found.values

    def _ask_any(self, errand: _Errand, addresses: Iterable[str], query: ServedQuery) -> ServedReply:
        for address in addresses:
            if errand.left <= 0:
                break
            errand.left -= 1
            server = self.authorities.server_at(address)
            reply = None if server is None else server.answer(query)
            if reply is not None and reply.rcode in {"NOERROR", "NXDOMAIN"}:
                return reply
        raise _Failed

    def _learn(self, cache: Cache, query: ServedQuery, reply: ServedReply, now: float) -> None:
        for records in (*reply.answer, *(one for one in reply.authority if one.rdtype == "NS")):
            cache.put(records, now)
        if any(one.rdtype == query.rdtype for one in reply.answer):
            return
        soa = next((one for one in reply.authority if one.rdtype == "SOA"), None)
        last = to_domain(reply.answer[-1].values[0]) if reply.answer else query.name
        if soa is not None and is_within(last, soa.name):
            cache.put_absence(last, query.rdtype, reply.rcode, soa, now)
