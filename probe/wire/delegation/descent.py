"""Going down from the root: which zone a name lies in, and the addresses of name servers found on the way."""

import asyncio
from functools import partial

from probe.model.clock import Clock
from probe.model.name import ROOT, DomainName, display, is_within
from probe.model.outcome import Outcome
from probe.model.plan import Authoritative
from probe.model.question import Question, RecordType
from probe.model.server import Server, family
from probe.route53.hosted_zone import PRIVATE_NS
from probe.wire.delegation.inquiry import FirstUsable, Inquiry, in_order
from probe.wire.delegation.memo import Memo, Worked
from probe.wire.delegation.reply import DelegationReply, StepKind, read_addresses, read_step
from probe.wire.delegation.root_hints import ROOT_HINTS
from probe.wire.delegation.walk_bounds import (
    MAX_ADDRESS_FETCH_DEPTH,
    MAX_FETCHES,
    MAX_NAME_SERVERS,
    MAX_SERVERS,
    RETRY,
    SECOND_OPINIONS,
)
from probe.wire.delegation.walk_values import Addresses, ClosestZone, Obstacle, ZoneCut, labels, steps

_ADDRESS_TYPES = ((4, RecordType.A), (6, RecordType.AAAA))


class Descent:
    """Finds the level that a name lies in, one label at a time, and remembers every step.

    NS is asked for at each step: it is what tells a cut apart from a mere label even when one server hosts both
    sides of it. RFC 9156 section 2.1 prefers A or AAAA because some middleboxes hide NS; those fail the walk's
    later NS questions as well, and are to be seen, not worked around.

    A step that is denied or gets no usable answer does not end the way: some servers deny or refuse empty
    non-terminals (against RFC 8020 and RFC 2136 section 7.16), so the names below are asked for as well, down to
    the full name. Silence does end it.

    Args:
        clock: For the age of what is remembered.
        authoritative: The start, the port, the families and the refresh time.
    """

    def __init__(self, clock: Clock, authoritative: Authoritative) -> None:
        self._plan = authoritative
        self.families = frozenset(
            number for number, wanted in ((4, authoritative.ipv4), (6, authoritative.ipv6)) if wanted
        )
        self._places: Memo[ClosestZone] = Memo(clock, "locate")
        self._addresses: Memo[Addresses] = Memo(clock, "addresses of")
        self.start = ZoneCut(ROOT, None, *self._start())

    def _start(self) -> tuple[tuple[DomainName, ...], tuple[Server, ...]]:
        if self._plan.start:
            return (), tuple(Server(end.address, end.address, end.port) for end in self._plan.start)
        return tuple(name for name, _ in ROOT_HINTS), self.servers_at(ROOT_HINTS)

    def servers_at(self, addresses: tuple[tuple[DomainName, tuple[str, ...]], ...]) -> tuple[Server, ...]:
        """Make one server of each address of the families in use, each address once, bounded."""
        found: dict[str, Server] = {}
        for name, listed in addresses:
            for address in listed:
                if family(address) in self.families:
                    found.setdefault(address, Server(name, address, self._plan.port))
        return tuple(found.values())[:MAX_SERVERS]

    async def locate(self, name: DomainName, depth: int, inquiry: Inquiry) -> ClosestZone:
        """Find the closest zone at or above `name`."""
        place = ClosestZone(self.start)
        for step in steps(name):
            place = await self._places.get(step, depth, partial(self._step, place, step, depth, inquiry))
            if place.obstacle is Obstacle.SILENT:
                break
        return place

    async def _step(self, place: ClosestZone, step: DomainName, depth: int, inquiry: Inquiry) -> Worked[ClosestZone]:
        found = await self._down(place.level, step, depth, inquiry)
        return Worked(found, None if inquiry.exhausted else self._lifetime(found))

    def _lifetime(self, place: ClosestZone) -> float:
        settled = place.obstacle is None or (place.obstacle is Obstacle.DENIED and not unregistered(place))
        return self._plan.refresh if settled else min(RETRY, self._plan.refresh)

    async def _down(self, level: ZoneCut, step: DomainName, depth: int, inquiry: Inquiry) -> ClosestZone:
        wanted = step
        while True:
            found = await self._ask(level, wanted, depth, inquiry)
            if found.value is None:
                return ClosestZone(level, Obstacle.SILENT if found.silent else Obstacle.USELESS, found.recursive)
            reply = found.value
            if reply.kind is StepKind.DENIED:
                found = await self._second_opinion(level, wanted, found, inquiry)
                if found.value is None:
                    return ClosestZone(level, Obstacle.DENIED, found.recursive)
                reply = found.value
            if reply.cut is None:
                # No cut at a name that was said to be a zone's: the servers contradict themselves.
                return ClosestZone(level, None if wanted == step else Obstacle.USELESS)
            if reply.kind is StepKind.DEEPER:
                wanted = reply.cut
                continue
            level = ZoneCut(
                zone=reply.cut,
                above=level,
                ns=reply.ns,
                servers=self.servers_at(reply.glue),
                host=found.server if reply.hosted else None,
                recursive=found.recursive,
            )
            if level.zone == step:
                return ClosestZone(level)
            wanted = step

    async def _ask(
        self, level: ZoneCut, name: DomainName, depth: int, inquiry: Inquiry
    ) -> FirstUsable[DelegationReply]:
        question = Question(name, RecordType.NS)
        read = partial(read_step, name=name, zone=level.zone)
        found: FirstUsable[DelegationReply] = FirstUsable()
        if level.known:
            found = await inquiry.first(level.known, question, read)
        if found.value is None and (resolved := await self._resolved(level, depth, inquiry)):
            later = await inquiry.first(resolved, question, read)
            found = later._replace(silent=found.silent and later.silent, recursive=later.recursive or found.recursive)
        return found

    async def _second_opinion(
        self, level: ZoneCut, name: DomainName, denial: FirstUsable[DelegationReply], inquiry: Inquiry
    ) -> FirstUsable[DelegationReply]:
        """Ask further servers whether a registry's denial holds; the value is a referral or None."""
        if not is_registry(level.zone) or denial.server is None:
            return denial._replace(value=None)
        question = Question(name, RecordType.NS)
        others = [server for server in in_order(level.known, question) if server.name != denial.server.name]

        def read_cut(outcome: Outcome) -> DelegationReply | None:
            step = read_step(outcome, name, level.zone)
            return step if step is not None and step.kind is StepKind.CUT else None

        found = await inquiry.first(others[:SECOND_OPINIONS], question, read_cut)
        return found._replace(recursive=found.recursive or denial.recursive)

    async def servers(self, level: ZoneCut, depth: int, inquiry: Inquiry) -> tuple[Server, ...]:
        """Give servers of a level: those known by their address, or else some whose name is resolved."""
        return level.known or await self._resolved(level, depth, inquiry)

    async def _resolved(self, level: ZoneCut, depth: int, inquiry: Inquiry) -> tuple[Server, ...]:
        """Find addresses for name servers without glue, a few at a time, until there are some."""
        known = PRIVATE_NS | {server.name for server in level.servers}
        # A name within the zone itself cannot be found without glue: whoever could tell is the one looked for.
        names = [name for name in level.ns if name not in known and not is_within(name, level.zone)]
        if names and depth >= MAX_ADDRESS_FETCH_DEPTH:
            inquiry.exhausted = True
            return ()
        del names[MAX_FETCHES if depth else MAX_NAME_SERVERS :]
        while names:
            some, names = names[:MAX_FETCHES], names[MAX_FETCHES:]
            answers = await asyncio.gather(*(self.addresses(name, depth + 1, inquiry) for name in some))
            listed = tuple((name, answer.addresses) for name, answer in zip(some, answers, strict=True))
            if servers := self.servers_at(listed):
                return servers
        return ()

    async def addresses(self, name: DomainName, depth: int, inquiry: Inquiry) -> Addresses:
        """Find the authoritative addresses of a name server's name, of the families in use."""
        return await self._addresses.get(name, depth, partial(self._look_up, name, depth, inquiry))

    async def _look_up(self, name: DomainName, depth: int, inquiry: Inquiry) -> Worked[Addresses]:
        found = await self._addresses_of(name, depth, inquiry)
        if inquiry.exhausted:
            return Worked(found, None)
        told = found.addresses and not found.untold
        return Worked(found, self._plan.refresh if told else min(RETRY, self._plan.refresh))

    async def _addresses_of(self, name: DomainName, depth: int, inquiry: Inquiry) -> Addresses:
        place = await self.locate(name, depth, inquiry)
        zone = display(place.level.zone)
        if place.obstacle is Obstacle.DENIED:
            return Addresses((), f"its name does not exist in {zone}")
        nobody = Addresses((), f"no server of {zone} tells its address", untold=self.families)
        if place.obstacle is not None or not (servers := await self.servers(place.level, depth, inquiry)):
            return nobody
        types = {number: rdtype for number, rdtype in _ADDRESS_TYPES if number in self.families}
        read = partial(read_addresses, name=name, zone=place.level.zone)
        answers = await asyncio.gather(
            *(inquiry.first(servers, Question(name, rdtype), partial(read, rdtype=rdtype)) for rdtype in types.values())
        )
        untold = frozenset(number for number, answer in zip(types, answers, strict=True) if answer.value is None)
        if len(untold) == len(types):
            return nobody
        if any(answer.value is not None and answer.value.alias for answer in answers):
            return Addresses((), "its name is an alias (CNAME), which RFC 2181 section 10.3 forbids")
        found = tuple(address for answer in answers if answer.value is not None for address in answer.value.addresses)
        return Addresses(found, "" if found or len(types) == 1 else "its name has no address", untold)

    def forget(self, zone: DomainName, servers: frozenset[DomainName]) -> None:
        """Forget everything at and below `zone`, and the addresses of the name servers given."""
        self._places.forget(lambda name: is_within(name, zone))
        self._addresses.forget(lambda name: is_within(name, zone) or name in servers)

    def purge(self) -> None:
        """Drop what is too old to be used."""
        self._places.purge()
        self._addresses.purge()


def unregistered(place: ClosestZone) -> bool:
    """Tell whether a name was denied by a registry: then nobody has delegated it.

    Names that do not exist yet are denied by their own zone.
    """
    return place.obstacle is Obstacle.DENIED and is_registry(place.level.zone)


def is_registry(zone: DomainName) -> bool:
    """Tell whether a zone is the root or a top-level one; these are taken for registries."""
    return len(labels(zone)) <= 1
