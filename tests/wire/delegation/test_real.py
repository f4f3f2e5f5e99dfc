"""The same walk over sockets: a root by BIND, a top-level domain by Knot, zones by NSD and PowerDNS, on one port."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TypeVar

import dns.message
import dns.update
import pytest

from probe.model.clock import Instant
from probe.model.delegation import Delegation, DelegationProblem
from probe.model.name import canonical
from probe.model.plan import Authoritative, Endpoint
from probe.runtime.clock import SystemClock
from probe.wire.delegation.walk import DelegationWalk
from probe.wire.transport.limits import QueryLimits
from probe.wire.transport.querier import WireQuerier
from tests.patience import HANG
from tests.real_servers import RealServer, bind, free_port, has_ipv6, knot, nsd, powerdns, unbound

pytestmark = pytest.mark.real

T = TypeVar("T")

ROOT, TLD, CHILD, SUB, RESOLVER = (f"127.0.0.{number}" for number in range(1, 6))

ROOT_ZONE = f"""
@ NS a.root
a.root A {ROOT}
com NS a.com-servers.com.
a.com-servers.com A {TLD}
"""
COM_ZONE = f"""
@ NS a.com-servers
a.com-servers A {TLD}
example NS ns1.example
ns1.example A {CHILD}
"""
V6_GLUE = "ns1.example AAAA ::1\n"
EXAMPLE_ZONE = f"""
@ NS ns1
ns1 A {CHILD}
www A 192.0.2.1
sub NS ns.sub
ns.sub A {SUB}
"""
SUB_ZONE = f"@ NS ns\nns A {SUB}\n"


class Internet(NamedTuple):
    port: int
    child: tuple[str, ...]
    tld: RealServer

    @property
    def plan(self) -> Authoritative:
        return Authoritative(start=(Endpoint(ROOT, self.port),), port=self.port)


@contextmanager
def internet() -> Iterator[Internet]:
    """Run root, com., example.com. (also at ::1 where there is one) and sub.example.com."""
    child = (CHILD, "::1") if has_ipv6() else (CHILD,)
    port = free_port(ROOT, TLD, SUB, *child)
    com = COM_ZONE + (V6_GLUE if has_ipv6() else "")
    example = EXAMPLE_ZONE + ("ns1 AAAA ::1\n" if has_ipv6() else "")
    with (
        bind({".": ROOT_ZONE}, addresses=(ROOT,), port=port),
        knot({"com": com}, addresses=(TLD,), port=port) as tld,
        nsd({"example.com": example}, addresses=child, port=port),
        powerdns({"sub.example.com": SUB_ZONE}, addresses=(SUB,), port=port),
    ):
        yield Internet(port, child, tld)


class HastyClock:
    """The time of the system, without pauses: authoritative servers' TTLs stand still however soon one looks again."""

    def __init__(self) -> None:
        self._real = SystemClock()

    def now(self) -> Instant:
        return self._real.now()

    async def sleep(self, seconds: float) -> None:
        del seconds
        await self._real.sleep(0)


def walking(
    plan: Authoritative,
    play: Callable[[DelegationWalk, WireQuerier], Awaitable[T]],
    route: tuple[str, int] | None = None,
) -> T:
    async def main() -> T:
        limits = QueryLimits(queries_per_second=1000.0, timeout=HANG)
        querier = WireQuerier(SystemClock(), limits, route=lambda address, port: route or (address, port))
        try:
            return await play(DelegationWalk(querier, HastyClock(), plan), querier)
        finally:
            await querier.aclose()

    return asyncio.run(main())


def find(plan: Authoritative, *names: str, route: tuple[str, int] | None = None) -> list[Delegation]:
    async def play(walker: DelegationWalk, _: WireQuerier) -> list[Delegation]:
        return [await walker.find(canonical(name)) for name in names]

    return walking(plan, play, route)


def test_a_walk_through_bind_knot_nsd_and_powerdns_finds_every_zone() -> None:
    with internet() as net:
        www, absent, below, nowhere = find(
            net.plan, "www.example.com", "not-yet.example.com", "v1.sub.example.com", "www.nobody-has-it.com"
        )
    assert www.zone == "example.com."
    assert tuple(server.address for server in www.servers) == net.child
    assert {server.name for server in www.servers} == {"ns1.example.com."}
    assert {server.port for server in www.servers} == {net.port}
    assert www.parent_ns == www.child_ns == ("ns1.example.com.",)
    assert www.problems == ()
    assert absent is www
    assert below.zone == "sub.example.com."
    assert [server.address for server in below.servers] == [SUB]
    assert below.problems == ()
    assert nowhere.zone is None
    assert [report.problem for report in nowhere.problems] == [DelegationProblem.NOT_FOUND]


def test_a_zone_that_its_registry_takes_away_is_gone_after_forgetting_it() -> None:
    async def play(walker: DelegationWalk, _: WireQuerier) -> tuple[Delegation, Delegation]:
        before = await walker.find(canonical("www.example.com"))
        change = dns.update.UpdateMessage("com")
        change.delete("example", "NS")
        change.delete("ns1.example")
        net.tld.update(change)
        walker.forget(canonical("example.com"))
        return before, await walker.find(canonical("www.example.com"))

    with internet() as net:
        before, after = walking(net.plan, play)
    assert before.zone == "example.com."
    assert after.zone is None
    assert "By the zone com, www.example.com does not exist" in after.problems[0].sentence


def test_lame_dead_and_mismatched_servers_of_real_software_are_told_apart() -> None:
    port = free_port(ROOT, TLD, CHILD, SUB, "127.0.0.5")
    com = COM_ZONE + f"example NS ns2.example\nns2.example A {SUB}\nexample NS ns3.example\nns3.example A 127.0.0.5\n"
    with (
        bind({".": ROOT_ZONE}, addresses=(ROOT,), port=port),
        knot({"com": com}, addresses=(TLD,), port=port),
        nsd({"example.com": EXAMPLE_ZONE}, addresses=(CHILD,), port=port),
        nsd({"example.net": "@ NS ns\nns A 127.0.0.4"}, addresses=(SUB,), port=port),
    ):
        (found,) = find(Authoritative(start=(Endpoint(ROOT, port),), port=port), "www.example.com")
    assert [server.address for server in found.servers] == [CHILD]
    assert [(report.problem, report.subject) for report in found.problems] == [
        (DelegationProblem.LAME, f"ns2.example.com ({SUB})"),
        (DelegationProblem.SILENT, "ns3.example.com (127.0.0.5)"),
        (DelegationProblem.PARENT_CHILD_MISMATCH, "example.com"),
        (DelegationProblem.GLUE_MISMATCH, "ns2.example.com"),
        (DelegationProblem.GLUE_MISMATCH, "ns3.example.com"),
    ]


def test_a_resolver_that_answers_for_the_whole_internet_is_unmasked() -> None:
    """A network that redirects port 53 to its own Unbound, which answers from its cache."""
    zones = {".": ROOT, "com": TLD, "example.com": CHILD}
    with internet() as net:
        stubs = {zone: (address, net.port) for zone, address in zones.items()}
        snoop = "access-control: 127.0.0.1/32 allow_snoop"
        with unbound(stubs, addresses=(RESOLVER,), options=snoop) as resolver:
            for name, rdtype in (("com", "NS"), ("example.com", "NS"), ("example.com", "SOA")):
                resolver.exchange(dns.message.make_query(name, rdtype))
            (found,) = find(Authoritative(), "www.example.com", route=(resolver.address, resolver.port))
    assert found.zone == "example.com."
    assert found.servers == ()
    assert {report.problem for report in found.problems} == {DelegationProblem.INTERCEPTED}
    subjects = " ".join(report.subject for report in found.problems)
    assert "root-servers.net" in subjects
    assert f"ns1.example.com ({CHILD})" in subjects


def test_a_resolver_that_refuses_what_only_servers_are_asked_is_named() -> None:
    with internet() as net, unbound({".": (ROOT, net.port)}, addresses=(RESOLVER,)) as resolver:
        (found,) = find(Authoritative(), "www.example.com", route=(resolver.address, resolver.port))
    assert found.zone is None
    assert {report.problem for report in found.problems} == {DelegationProblem.INTERCEPTED, DelegationProblem.NOT_FOUND}


def test_many_names_of_one_zone_cost_one_question_each() -> None:
    async def play(walker: DelegationWalk, querier: WireQuerier) -> int:
        await walker.find(canonical("www.example.com"))
        before = sum(traffic.queries for traffic in querier.traffic())
        await asyncio.gather(*(walker.find(canonical(f"d{number}.example.com")) for number in range(50)))
        return sum(traffic.queries for traffic in querier.traffic()) - before

    with internet() as net:
        assert walking(net.plan, play) == 50
