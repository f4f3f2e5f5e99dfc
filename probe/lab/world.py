"""The simulated Internet with a story playing in it: what the demonstration and the end-to-end tests look at."""

import asyncio
import random
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

import yaml

from probe.lab.addresses import ELSEWHERE, SIDE_V1, SIDE_V2, AddressPool
from probe.lab.internet import Internet
from probe.lab.load_balancer import LoadBalancer, generated_name
from probe.lab.nameserver import LabNameServer
from probe.lab.nameserver_sockets import DNS_PORT, Listeners
from probe.lab.resolver import Resolver
from probe.lab.resolver_cache import CachePolicy
from probe.lab.story import MIGRATION
from probe.lab.story_stage import ObservedSync, Pair, Performance, Scene, Story
from probe.model.clock import Clock
from probe.model.name import DomainName, canonical
from probe.model.plan import Endpoint
from probe.model.side import Side
from probe.route53.alias_zones import region_domain

REGION = "ap-northeast-2"
MACHINES = 2
"""Machines behind each name server's address: enough for one server to disagree with itself while a change travels.

More would do as well.
"""

NODE_LIFETIME = 1800.0
"""Mean seconds until a load balancer exchanges one of its nodes, so that address books have something to follow.

Free by a factor of two: scenery, on which no scene of the story waits.
"""

_LOAD_BALANCER_NODES = 3  # one for each availability zone; free by a factor of two, for a side is told by any of them
_SIDE_NETWORKS = {Side.V1: SIDE_V1, Side.V2: SIDE_V2}

# What resolvers in the field do: several caches behind one address; TTLs stretched (8.7 % of 8,524 resolvers in a
# PAM 2023 study); stale answers when authority fails (RFC 8767). Their figures are free by a factor of two: each policy
# has its tests with figures of their own, and the story needs that resolvers differ, not by how much.
_SIMULATED_RESOLVERS: Sequence[tuple[str, CachePolicy, int]] = (
    ("public-a", CachePolicy(most_ttl=21600, most_negative_ttl=300), 4),
    ("public-b", CachePolicy(most_negative_ttl=300), 1),
    ("office", CachePolicy(stale_for=86400, prefetch_below=0.1), 1),
    ("isp", CachePolicy(least_ttl=300), 2),
)

_PLAN_HEADER = """\
# The plan of the simulated migration. It fits one run of the laboratory only: names and addresses differ with the seed.
"""


class World:
    """Everything in one: enter it, and its servers answer on loopback while the story runs.

    Args:
        clock: The lab's time: of the story, of propagation, of caches.
        draw: Every choice and delay; a seed makes a run repeatable.
        story: What happens.
        on_scene: Told of each scene as it begins.
        on_sync: Told of each sync that wrote something.
        curtain: The story waits until it is set; None begins at once.

    Raises:
        OSError: On entering, when loopback has no free port.
    """

    def __init__(  # noqa: PLR0913  # time and chance, what is played, and who watches: all optional but the first two
        self,
        clock: Clock,
        draw: random.Random,
        *,
        story: Story = MIGRATION,
        on_scene: Callable[[Scene], None] = lambda _: None,
        on_sync: Callable[[ObservedSync], None] = lambda _: None,
        curtain: asyncio.Event | None = None,
    ) -> None:
        self._clock = clock
        self._draw = draw
        self._curtain = curtain
        self.internet = Internet(clock, draw, (REGION,))
        self.zone = self.internet.create_hosted_zone(canonical(story.zone), machines=MACHINES)
        self.load_balancers = {side: self._load_balancer(side) for side in Side}
        self.resolvers = self._make_resolvers()
        names = {side: str(one.name) for side, one in self.load_balancers.items()}
        self.performance = Performance(story, self.zone, names, on_scene=on_scene, on_sync=on_sync)
        self.internet.settle()
        self._listeners = Listeners(clock)
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    async def __aenter__(self) -> Self:
        try:
            await self._listeners.open((*self.internet.hierarchy.servers, *self.resolvers))
        except BaseException:
            await self._listeners.close()
            raise
        self._tasks = (
            asyncio.create_task(self._play(self._clock.now().monotonic), name="story"),
            *(
                asyncio.create_task(self._exchange_nodes(one), name=f"nodes of {side}")
                for side, one in self.load_balancers.items()
            ),
        )
        return self

    async def _play(self, start: float) -> None:
        if self._curtain is not None:
            await self._curtain.wait()
            start = self._clock.now().monotonic
        await self.performance.play(self._clock, start)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for task in self._tasks:
            task.cancel()
        ends = await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._listeners.close()
        for end in ends:
            if isinstance(end, Exception) and error is None:
                raise end

    def route(self, address: str, port: int) -> tuple[str, int] | None:
        """Say where on loopback a simulated address is served; None for anything outside the lab."""
        return self._listeners.route(address, port)

    def name_servers(self) -> tuple[LabNameServer, ...]:
        """Give the four name servers of the story's zone."""
        return self.internet.servers_of(self.zone)

    def root_endpoints(self) -> tuple[Endpoint, ...]:
        """Give the simulated addresses at which a delegation walk starts."""
        return tuple(
            Endpoint(address, DNS_PORT)
            for server in self.internet.hierarchy.root_servers
            for address in server.addresses[:1]
        )

    def resolver_endpoints(self) -> dict[str, Endpoint]:
        """Give each resolver's simulated address by its name."""
        return {resolver.name: Endpoint(resolver.addresses[0], DNS_PORT) for resolver in self.resolvers}

    def plan_text(self, *, loopback: bool = False, listen: str = "127.0.0.1:9953") -> str:
        """Write the plan file that fits this world.

        Args:
            loopback: False: with simulated addresses, for a probe that is handed `route`; it walks the delegations.
                True: with the loopback endpoints of an entered world, for a probe in a process of its own.
            listen: Where the probe serves its page and its metrics.
        """
        plan = {
            "vantage": "lab",
            "sides": {side.value: self._side(side) for side in Side},
            "waves": [
                {
                    "name": wave.name,
                    "expect": wave.expectation.value,
                    **({"weights": {"v1": wave.weights.v1, "v2": wave.weights.v2}} if wave.weights else {}),
                    "domains": list(wave.hosts),
                }
                for wave in self.performance.story.waves
            ],
            "resolvers": [
                {"name": name, **self._reached(endpoint, loopback=loopback)}
                for name, endpoint in self.resolver_endpoints().items()
            ],
            "authoritative": self._authoritative(loopback=loopback),
            "listen": listen,
        }
        return _PLAN_HEADER + yaml.safe_dump(plan, sort_keys=False, width=120)

    def _load_balancer(self, side: Side) -> LoadBalancer:
        name = generated_name("ingress", side.value, REGION, self._draw)
        pool = AddressPool(_SIDE_NETWORKS[side])
        return self.internet.load_balancers.create(name, pool, nodes=_LOAD_BALANCER_NODES)

    def _make_resolvers(self) -> tuple[Resolver, ...]:
        pool = AddressPool(ELSEWHERE)
        return tuple(
            Resolver(
                name=name,
                addresses=(pool.take(4), pool.take(6)),
                authorities=self.internet.hierarchy,
                clock=self._clock,
                draw=self._draw,
                policy=policy,
                caches=caches,
            )
            for name, policy, caches in _SIMULATED_RESOLVERS
        )

    async def _exchange_nodes(self, load_balancer: LoadBalancer) -> None:
        while True:
            await self._clock.sleep(self._draw.expovariate(1 / NODE_LIFETIME))
            self.internet.load_balancers.replace_node(load_balancer)

    def _side(self, side: Side) -> dict[str, Any]:
        name = str(self.load_balancers[side].name).removesuffix(".")
        pairs = self.performance.story.pairs
        return {"load_balancers": [name], "external_dns": [_instance(pair, side) for pair in pairs]}

    def _authoritative(self, *, loopback: bool) -> dict[str, Any]:
        if not loopback:
            return {"start": [f"{start.address}:{start.port}" for start in self.root_endpoints()]}
        elb = region_domain(REGION)
        elb_servers = (server for server in self.internet.hierarchy.servers if elb in server.zones)
        zones: dict[DomainName, Sequence[LabNameServer]] = {
            self.zone.name: self.name_servers(),
            elb: tuple(elb_servers),
        }
        return {
            "overrides": {
                str(zone).removesuffix("."): [
                    "{address}:{port}".format_map(self._reached(Endpoint(server.addresses[0], DNS_PORT), loopback=True))
                    for server in servers
                ]
                for zone, servers in zones.items()
            }
        }

    def _reached(self, endpoint: Endpoint, *, loopback: bool) -> dict[str, Any]:
        """Give an endpoint as a plan names it.

        Raises:
            RuntimeError: A loopback endpoint is wanted of a world that was not entered.
        """
        if not loopback:
            return {"address": endpoint.address, "port": endpoint.port}
        target = self.route(endpoint.address, endpoint.port)
        if target is None:
            raise RuntimeError(
                "the world has no sockets yet: enter it before asking for a plan with loopback endpoints"
            )
        return {"address": target[0], "port": target[1]}


def _instance(pair: Pair, side: Side) -> dict[str, Any]:
    """Write one ExternalDNS of a side as a plan has it. v1's version is left out: the story changes it."""
    setup = pair.side(side)
    flags = setup.flags
    return {
        "name": f"{side.value}-{pair.name}",
        "txt_owner_id": flags.txt_owner_id,
        **({"migrate_from_txt_owner": flags.migrate_from_txt_owner} if flags.migrate_from_txt_owner else {}),
        **({"version": str(setup.version)} if side is Side.V2 else {}),
        "domain_filter": list(pair.hosts),
        "zone_match_parent": True,
    }
