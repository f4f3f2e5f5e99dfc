"""Looking at one zone's delegation from both sides: every parent server, every address of every name server."""

import asyncio
from collections.abc import Iterable

from probe.model.clock import Clock
from probe.model.name import DomainName
from probe.model.outcome import Response
from probe.model.ports import Query
from probe.model.question import Question, RecordType
from probe.model.server import Server, in_zone_order
from probe.route53.hosted_zone import PRIVATE_NS
from probe.wire.delegation.delegation_verdict import Evidence, NameServer, ParentReply
from probe.wire.delegation.descent import Descent
from probe.wire.delegation.inquiry import Inquiry, in_order
from probe.wire.delegation.reply import read_step
from probe.wire.delegation.standing import ChildReply, announced, standing
from probe.wire.delegation.walk_bounds import MAX_NAME_SERVERS, MAX_SERVERS, REPEAT_AFTER
from probe.wire.delegation.walk_values import Addresses, ClosestZone, ZoneCut


class Examination:
    """One look at one zone.

    Args:
        level: The zone as it was found on the way down.
        descent: Finds addresses of name servers.
        inquiry: Puts the questions.
        clock: For the pause before the repeat.
    """

    def __init__(self, level: ZoneCut, descent: Descent, inquiry: Inquiry, clock: Clock) -> None:
        self._level = level
        self._descent = descent
        self._inquiry = inquiry
        self._clock = clock
        self._glue: dict[DomainName, set[str]] = {}
        self._addresses: dict[DomainName, Addresses] = {}
        self._asked: dict[Server, tuple[ChildReply, float]] = {}

    async def evidence(self) -> Evidence:
        """Gather everything that the verdict needs."""
        level = self._level
        for server in level.servers:
            self._glue.setdefault(DomainName(server.name), set()).add(server.address)
        parents = await self._ask_parents()
        for reply in parents:
            for name, listed in reply.step.glue if reply.step is not None else ():
                self._glue.setdefault(name, set()).update(listed)
        names = {*level.ns, *(name for reply in parents if reply.step is not None for name in reply.step.ns)}
        if not PRIVATE_NS & names:
            await self._ask(level.servers)
            names |= self._announced()
        while not PRIVATE_NS & names and (fresh := self._fresh(names)):
            await asyncio.gather(self._ask(self._by_glue(fresh)), self._resolve(fresh))
            found = tuple((name, self._addresses[name].addresses) for name in fresh)
            await self._ask(self._descent.servers_at(found))
            names |= self._announced()
        if not PRIVATE_NS & names:
            await self._repeat()
        return self._evidence(parents)

    def _fresh(self, names: set[DomainName]) -> list[DomainName]:
        """Give the names whose addresses have not been looked up, as far as the bound goes."""
        return sorted(names - self._addresses.keys())[: MAX_NAME_SERVERS - len(self._addresses)]

    def _announced(self) -> set[DomainName]:
        """Give the names that the zone's own servers give."""
        return {name for reply, _ in self._asked.values() for name in announced(reply, self._level.zone) or ()}

    def _evidence(self, parents: tuple[ParentReply, ...]) -> Evidence:
        return Evidence(
            zone=self._level.zone,
            referred=self._level.ns,
            parents=parents,
            name_servers=tuple(
                NameServer(name, tuple(sorted(self._glue.get(name, ()))), found)
                for name, found in sorted(self._addresses.items())
            ),
            children=tuple(
                sorted((reply for reply, _ in self._asked.values()), key=lambda reply: in_zone_order(reply.server))
            ),
            families=self._descent.families,
            unreachable=self._inquiry.unreachable,
            recursive=ClosestZone(self._level).suspects,
        )

    async def _ask_parents(self) -> tuple[ParentReply, ...]:
        """Ask the servers of the parent zone for the NS, each name server at one of its addresses."""
        above = self._level.above
        if above is None:
            return ()
        question = Question(self._level.zone, RecordType.NS)
        one_each: dict[str, Server] = {}
        for server in in_order(await self._descent.servers(above, 0, self._inquiry), question):
            one_each.setdefault(server.name, server)
        servers = list(one_each.values())[:MAX_NAME_SERVERS]
        outcomes = await self._inquiry.each(Query(server, question) for server in servers)
        return tuple(
            ParentReply(
                server,
                read_step(outcome, question.name, above.zone),
                isinstance(outcome, Response) and outcome.recursion_available,
            )
            for server, outcome in zip(servers, outcomes, strict=True)
        )

    def _by_glue(self, names: list[DomainName]) -> tuple[Server, ...]:
        return self._descent.servers_at(tuple((name, tuple(sorted(self._glue.get(name, ())))) for name in names))

    async def _resolve(self, names: list[DomainName]) -> None:
        found = await asyncio.gather(*(self._descent.addresses(name, 1, self._inquiry) for name in names))
        self._addresses.update(zip(names, found, strict=True))

    async def _ask(self, servers: Iterable[Server]) -> None:
        """Ask servers that have not been asked yet for SOA and NS of the zone."""
        known = {(server.address, server.port) for server in self._asked}
        fresh = [server for server in servers if (server.address, server.port) not in known]
        del fresh[max(0, MAX_SERVERS - len(self._asked)) :]
        started = self._clock.now().monotonic
        outcomes = await self._inquiry.each(
            Query(server, Question(self._level.zone, rdtype))
            for server in fresh
            for rdtype in (RecordType.SOA, RecordType.NS)
        )
        for server, soa, ns in zip(fresh, outcomes[::2], outcomes[1::2], strict=True):
            self._asked[server] = ChildReply(server, soa, ns), started

    async def _repeat(self) -> None:
        """Ask every server that seems in order for the SOA again, late enough for a cache to have counted down."""
        seeming = [
            (reply, started) for reply, started in self._asked.values() if standing(reply, self._level.zone).counts
        ]
        if not seeming:
            return
        latest = max(started for _, started in seeming)
        await self._clock.sleep(latest + REPEAT_AFTER - self._clock.now().monotonic)
        question = Question(self._level.zone, RecordType.SOA)
        outcomes = await self._inquiry.each(Query(reply.server, question) for reply, _ in seeming)
        ended = self._clock.now().monotonic
        for (reply, started), outcome in zip(seeming, outcomes, strict=True):
            self._asked[reply.server] = reply._replace(again=outcome, apart=ended - started), started
