"""The scene most tests of the walk start from: root, two top-level domains, and example.com. at two servers."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

from probe.model.delegation import Delegation, DelegationProblem
from probe.model.name import canonical
from probe.model.plan import Authoritative, Endpoint
from probe.wire.delegation.walk import DelegationWalk
from tests.clock import LoopClock, run_virtual
from tests.wire.delegation.world import World

T = TypeVar("T")

ROOT_SERVER = "192.0.2.1"
COM_SERVERS = ("192.0.2.11", "192.0.2.12")
ORG_SERVER = "192.0.2.21"
NS1, NS1_V6, NS2, NS2_V6 = "198.51.100.1", "2001:db8::1", "198.51.100.2", "2001:db8::2"
CHILD = (NS1, NS1_V6, NS2, NS2_V6)

EXAMPLE_NS = """
@ NS ns1.example.com.
@ NS ns2.example.com.
"""
EXAMPLE_HOSTS = f"""
ns1 A {NS1}
ns1 AAAA {NS1_V6}
ns2 A {NS2}
ns2 AAAA {NS2_V6}
"""
EXAMPLE = EXAMPLE_NS + EXAMPLE_HOSTS + "www A 203.0.113.1\n"
COM_EXAMPLE = f"""
example NS ns1.example.com.
example NS ns2.example.com.
ns1.example A {NS1}
ns1.example AAAA {NS1_V6}
ns2.example A {NS2}
ns2.example AAAA {NS2_V6}
"""

PLAN = Authoritative(start=(Endpoint(ROOT_SERVER),))


def furnish(world: World, com: str = COM_EXAMPLE, example: str = EXAMPLE, org: str = "") -> None:
    """Load the usual zones; the arguments replace or add parts of them."""
    root = f"""
@ NS a.root.invalid.
com. NS a.com-servers.org.
com. NS b.com-servers.org.
a.com-servers.org. A {COM_SERVERS[0]}
b.com-servers.org. A {COM_SERVERS[1]}
org. NS a.org-servers.org.
a.org-servers.org. A {ORG_SERVER}
"""
    world.put(".", root, ROOT_SERVER)
    apex = "@ NS a.com-servers.org.\n@ NS b.com-servers.org.\n"
    world.put("com.", apex + com, *COM_SERVERS)
    hosts = f"a.com-servers A {COM_SERVERS[0]}\nb.com-servers A {COM_SERVERS[1]}\na.org-servers A {ORG_SERVER}\n"
    world.put("org.", "@ NS a.org-servers.org.\n" + hosts + org, ORG_SERVER)
    world.put("example.com.", example, *CHILD)


def walk(
    arrange: Callable[[World], None],
    name: str = "www.example.com.",
    plan: Authoritative = PLAN,
) -> tuple[Delegation, World]:
    """Find one name in an arranged world."""

    async def found(_: World, walker: DelegationWalk) -> Delegation:
        return await walker.find(canonical(name))

    return stage(arrange, found, plan)


def stage(
    arrange: Callable[[World], None],
    play: Callable[[World, DelegationWalk], Awaitable[T]],
    plan: Authoritative = PLAN,
) -> tuple[T, World]:
    """Run `play` with a walker in an arranged world, in virtual time."""

    async def main(clock: LoopClock) -> tuple[T, World]:
        world = World(clock)
        arrange(world)
        return await play(world, DelegationWalk(world, clock, plan)), world

    return run_virtual(main)


def addresses(delegation: Delegation) -> list[str]:
    return [server.address for server in delegation.servers]


def problems(delegation: Delegation) -> list[tuple[DelegationProblem, str]]:
    return [(report.problem, report.subject) for report in delegation.problems]


def sentences(delegation: Delegation) -> str:
    return "\n".join(report.sentence for report in delegation.problems)
