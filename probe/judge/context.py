"""What a review needs to know beside the status and the observation."""

from dataclasses import replace
from typing import NamedTuple, TypeAlias

from probe.judge.answer.address_book import AddressBook
from probe.judge.neighbours import Neighbours
from probe.model.external_dns import ExternalDns, Registry, TxtRegistry, Unseal
from probe.model.name import DomainName
from probe.model.plan import SOAK, Plan, Probing
from probe.model.question import RecordType
from probe.model.record import ServerStatus
from probe.model.server import Server
from probe.model.side import Side

STALE_TURNS = 4
"""Calm turns of one server without evidence after which its word no longer counts: losing four answers in a row at 20 %
loss happens once in 600 turns, at 1 % never."""

STALE_AT_LEAST = 180.0
"""Seconds: however often a server is asked, a short outage of it or of ours must not turn a known record unknown."""


LATE_AFTER = 120.0
"""Seconds that a domain gets to follow what is newly expected: a default sync interval and a propagation."""


def patience(probing: Probing) -> float:
    """Give the seconds that a domain gets to follow what is newly expected of it: two propagations at least."""
    return max(LATE_AFTER, 2 * probing.grace)


Setups: TypeAlias = tuple[
    ExternalDns, ExternalDns, tuple[tuple[ExternalDns, ...] | None, tuple[ExternalDns, ...] | None]
]
"""`v1`, `v2` and `more` of a context."""


def setups_of(plan: Plan, host: DomainName) -> Setups:
    """Tell which ExternalDNS of each side sees a domain, as the plan has it."""
    v1, v2 = plan.external_dns(Side.V1, host), plan.external_dns(Side.V2, host)
    return (
        v1[0] if v1 else plan.v1.external_dns,
        v2[0] if v2 else plan.v2.external_dns,
        (v1[1:] if v1 else None, v2[1:] if v2 else None),
    )


def slower_interval(setups: Setups) -> float:
    """Give the seconds between two syncs of the slower ExternalDNS: the beat of a fight between the two."""
    v1, v2, (more_v1, more_v2) = setups
    others = (*(more_v1 or ()), *(more_v2 or ()))
    return max(setup.interval for setup in (v1, v2, *others))


class Context(NamedTuple):
    """The surroundings of a review. "Now" is the time of the observation.

    Attributes:
        book: Which addresses belong to which side.
        servers: The authoritative servers of the domain's zone at present, in a fixed order.
        probing: The plan's cadence: `grace` bounds a propagation, `interval` tells when silence is too long.
        v1, v2: How each side's ExternalDNS is set up: the first of those that see the domain.
        more: The others of v1's and of v2's that see it; None for a side of which none does.
        resolvers: The resolvers that are watched.
        unseal: Opens encrypted ownership TXT, when the plan has a key.
        soak: Seconds for which every criterion has to hold before a domain is confirmed.
        failing: Servers that give no evidence to any question, whatever its name: no domain accuses them of silence.
        reported: Those of them that are told of as a whole by now, as `server-failing`.
        loss: The share of questions to all servers that got no response of late (`Vantage.loss`).
        dissenting: Servers that stand against the others of their zone for several domains: no single one accuses them.
        behind: This probe is too slow to judge at present: nothing counts as held.
        neighbours: The newest confirmed changes of other records of the same zone.
        stretch: The factor by which calm turns are lengthened: the servers, or this process, have no time for the
            plan's interval.
        cache: Seconds for which the servers, which are resolvers that the plan names for the zone, hold what is judged
            (`RecordStatus.cache`). Then `probing.grace` holds that as well: one of them may tell of a change so much
            later than another one. None where servers answer with authority.
        doubted: Servers as they are if answers that no load balancer was seen with are believed, each with its record.
            Told to the criteria of a soak alone.
        uncovered: The name's own record is gone since the present disturbance began: a wildcard answers in its place.
        declared: Weights are declared. Through a cache nothing tells draws from a fight: they are taken for what is
            declared.
    """

    book: AddressBook
    servers: tuple[Server, ...]
    probing: Probing
    v1: ExternalDns = ExternalDns()
    v2: ExternalDns = ExternalDns()
    resolvers: tuple[Server, ...] = ()
    soak: float = SOAK
    unseal: Unseal | None = None
    failing: frozenset[Server] = frozenset()
    behind: bool = False
    neighbours: Neighbours = ()
    stretch: float = 1.0
    more: tuple[tuple[ExternalDns, ...] | None, tuple[ExternalDns, ...] | None] = ((), ())
    dissenting: frozenset[Server] = frozenset()
    cache: int | None = None
    declared: bool = False
    uncovered: bool = False
    reported: frozenset[Server] = frozenset()
    loss: float = 0.0
    doubted: tuple[tuple[RecordType, ServerStatus], ...] = ()

    def external_dns(self, side: Side) -> tuple[ExternalDns, ...]:
        """Every ExternalDNS of a side that sees the domain; none where its filters keep the domain from all of them."""
        first, more = (self.v1, self.more[0]) if side is Side.V1 else (self.v2, self.more[1])
        return () if more is None else (first, *more)

    @property
    def setups(self) -> tuple[ExternalDns, ...]:
        """Every ExternalDNS of both sides that sees the domain."""
        return (*self.external_dns(Side.V1), *self.external_dns(Side.V2))

    @property
    def registries(self) -> tuple[TxtRegistry, ...]:
        """The TXT registry's flags of every ExternalDNS that sees the domain, each once."""
        return tuple(dict.fromkeys(one.names for one in self.setups if one.registry is Registry.TXT))

    def owners(self, side: Side) -> frozenset[str]:
        """The owner ids of a side."""
        return frozenset(one.txt_owner_id for one in self.external_dns(side))

    @property
    def slower_interval(self) -> float:
        """Seconds between two syncs of the slower ExternalDNS: the beat of a fight between the two."""
        return slower_interval((self.v1, self.v2, self.more))

    @property
    def faster_interval(self) -> float:
        """Seconds between two syncs of the faster ExternalDNS: it replies to the other one within that."""
        return min(setup.interval for setup in (self.v1, self.v2, *self.setups))

    def through(self, cache: int | None) -> "Context":
        """Give the surroundings for judging what resolvers hold for `cache` seconds; None: no resolver answers."""
        if cache == self.cache:
            return self
        grace = self.probing.grace - (self.cache or 0) + (cache or 0)
        return self._replace(probing=replace(self.probing, grace=grace), cache=cache)

    @property
    def stale_after(self) -> float:
        """Seconds after which evidence of one server is too old to count."""
        return max(STALE_AT_LEAST, STALE_TURNS * self.probing.interval * len(self.servers))

    @property
    def turn(self) -> float:
        """Seconds from one calm turn to the next, as they really are."""
        return self.probing.interval * self.stretch

    @property
    def patience(self) -> float:
        """Seconds that a domain gets to follow what is newly expected of it."""
        return patience(self.probing)
