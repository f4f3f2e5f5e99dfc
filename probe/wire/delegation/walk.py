"""Who is authoritative for a name: the walk from the root, what both sides of the zone cut say, and a memory of it.

The parts, each in its own module: `delegation_descent` goes down label by label and finds addresses of name servers,
`delegation_examination` asks every server on both sides of the cut, `delegation_verdict` weighs their words (pure),
`delegation_memo` remembers and shares work, `delegation_bounds` says how much a walk may cost and why.
"""

from functools import partial

from probe.model.clock import Clock
from probe.model.delegation import Delegation, DelegationProblem, ProblemReport
from probe.model.name import DomainName, display, is_within
from probe.model.plan import Authoritative, Endpoint
from probe.model.ports import Querier
from probe.model.server import CachedAnswers, Server
from probe.wire.delegation.delegation_verdict import in_order, on_the_way, verdict
from probe.wire.delegation.descent import Descent, is_registry
from probe.wire.delegation.examination import Examination
from probe.wire.delegation.inquiry import Inquiry
from probe.wire.delegation.memo import Memo, Worked
from probe.wire.delegation.walk_bounds import RETRY
from probe.wire.delegation.walk_values import ClosestZone, Obstacle, ZoneCut, labels


class DelegationWalk:
    """Implements `probe.model.ports.Delegator`.

    What is shared: names of one zone share the walk to it and the look at its servers, also when they are asked for
    at the same time. Each further name of the zone costs one question for each label between it and the zone (is it
    a zone of its own?), put to one of the zone's servers, once per `authoritative.refresh`. A look at a zone costs
    one question for each parent server, three for each address of a name server, some for finding these addresses,
    and a pause of about a second for the repeat that unmasks caches.

    IPv6: many machines have none. When nothing but UNREACHABLE comes from a whole address family while the other
    one answers, the servers of that family are left out of the delegation without a report: not being able to reach
    them from here says nothing about them. A single unreachable server of a living family is reported as silent.

    Zones of one label and the root are taken for registries: a name that they deny is not delegated by anybody, and
    no server of theirs is ever handed out for it (NOT_FOUND). Somebody whose own zone has one label names its
    servers in `authoritative.overrides`. A registry's zone of two labels (co.uk.) looks like anybody's: a name that
    it denies counts as absent from that zone.

    Args:
        querier: Puts the questions; must not set RD for servers of the role AUTHORITATIVE that a walk has found.
        clock: For the age of what is remembered.
        authoritative: Overrides, start, port, address families, refresh.
    """

    def __init__(self, querier: Querier, clock: Clock, authoritative: Authoritative) -> None:
        self._querier = querier
        self._clock = clock
        self._plan = authoritative
        self._descent = Descent(clock, authoritative)
        self._delegations: Memo[Delegation] = Memo(clock, "delegation of")
        self._ns: dict[DomainName, frozenset[DomainName]] = {}

    async def find(self, name: DomainName) -> Delegation:
        """Find the zone that `name` lies in, and its servers. Never raises; see `Delegation.problems`."""
        given = [(zone, ends) for zone, ends in self._plan.given if is_within(name, zone)]
        if given:
            return self._given(*max(given, key=lambda pair: len(labels(pair[0]))))
        inquiry = Inquiry(self._querier)
        place = await self._descent.locate(name, 0, inquiry)
        if place.obstacle is not None and is_registry(place.level.zone):
            return self._not_found(name, place)
        zone = place.level.zone
        return await self._delegations.get(zone, 0, partial(self._examine, place.level, inquiry))

    def forget(self, zone: DomainName) -> None:
        """Forget what is known of `zone` and everything below it: the next `find` walks again from its parent.

        For an engine that sees all servers of a zone go lame or silent, or the zone disappear. The addresses of its
        name servers are looked up again as well.
        """
        unwanted = partial(is_within, zone=zone)
        servers = frozenset(name for known, names in self._ns.items() if unwanted(known) for name in names)
        self._descent.forget(zone, servers)
        self._delegations.forget(unwanted)

    def _given(self, zone: DomainName, endpoints: tuple[Endpoint, ...]) -> Delegation:
        private = any(zone == declared for declared, _ in self._plan.private_zones)
        cached = CachedAnswers.ALWAYS if private else CachedAnswers.ADMITTED
        servers = tuple(Server(end.address, end.address, end.port, cached=cached) for end in endpoints)
        return Delegation(zone, servers, (), (), (), self._clock.now())

    async def _examine(self, level: ZoneCut, inquiry: Inquiry) -> Worked[Delegation]:
        self._descent.purge()
        self._delegations.purge()
        evidence = await Examination(level, self._descent, inquiry, self._clock).evidence()
        found = verdict(evidence, self._clock.now())
        self._ns[level.zone] = frozenset({*found.parent_ns, *found.child_ns})
        sound = found.servers and not inquiry.exhausted
        return Worked(found, self._plan.refresh if sound else min(RETRY, self._plan.refresh))

    def _not_found(self, name: DomainName, place: ClosestZone) -> Delegation:
        zone, subject = display(place.level.zone), display(name)
        registry = "the root" if zone == "." else f"the zone {zone}"
        words = {
            Obstacle.DENIED: f"By {registry}, {subject} does not exist: its zone is not delegated (yet, or no longer)",
            Obstacle.SILENT: f"No server of {registry} answers the question for {subject}",
            Obstacle.USELESS: f"No server of {registry} gives a usable answer for {subject}",
        }
        sentence = f"{words[place.obstacle or Obstacle.USELESS]}; authoritative.overrides can name servers instead."
        missing = ProblemReport(DelegationProblem.NOT_FOUND, subject, sentence)
        problems = in_order([missing, *map(on_the_way, place.suspects)])
        return Delegation(None, (), (), (), problems, self._clock.now())
