"""A simulated authoritative name server: one name, its addresses, the machines behind them, the zones they hold."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from probe.lab.dns_message import REFUSED, SERVFAIL
from probe.model.name import DomainName
from probe.route53.answer import Surroundings, answer
from probe.route53.hosted_zone import ZoneVersion, longest_match
from probe.route53.reply import ServedQuery, ServedReply

VersionSource = Callable[[], ZoneVersion]
"""What one machine answers from at the moment of asking."""


@dataclass(slots=True)
class Impairment:
    """What is wrong with a server, settable while it runs.

    Attributes:
        loss: Share of the questions, 0 to 1, that get no reply.
        delay: Seconds that every reply over a socket waits.
        silent: It says nothing at all.
        lame: It refuses every question, as a server does that does not hold the zone (RFC 9499 section 7).
        failing: It answers SERVFAIL.
    """

    loss: float = 0.0
    delay: float = 0.0
    silent: bool = False
    lame: bool = False
    failing: bool = False

    def swallows(self, draw: random.Random) -> bool:
        """Tell whether the next question gets no reply."""
        return self.silent or (self.loss > 0 and draw.random() < self.loss)

    def refusal(self) -> ServedReply | None:
        """Give what is said instead of an answer, None when answers are given."""
        if self.failing:
            return SERVFAIL
        return REFUSED if self.lame else None


@dataclass(slots=True, eq=False)
class LabNameServer:
    """Answers for the zones it hosts and refuses the rest; RD is ignored and RA is clear.

    Attributes:
        name: Its own name, as in NS records.
        addresses: IPv4 and IPv6 literals in the simulated world.
        around: What answers depend on.
        machines: How many machines share the addresses (anycast); one is picked at random for each question.
        impairment: What is wrong with it.
    """

    name: DomainName
    addresses: tuple[str, ...]
    around: Surroundings
    machines: int
    impairment: Impairment = field(default_factory=Impairment)
    _zones: dict[DomainName, tuple[VersionSource, ...]] = field(default_factory=dict)

    def host(self, zone: DomainName, sources: Sequence[VersionSource]) -> None:
        """Hold a zone: one source for each machine, or one for all of them.

        Raises:
            ValueError: There are several sources, and not one for each machine.
        """
        if len(sources) not in {1, self.machines}:
            raise ValueError(f"{self.name} has {self.machines} machines, not {len(sources)}")
        self._zones[zone] = tuple(sources) * (self.machines if len(sources) == 1 else 1)

    def drop(self, zone: DomainName) -> None:
        """Stop holding a zone: the server is lame for it from now on."""
        self._zones.pop(zone, None)

    @property
    def zones(self) -> frozenset[DomainName]:
        """What it holds."""
        return frozenset(self._zones)

    def answer(self, query: ServedQuery) -> ServedReply | None:
        """Answer from one of the machines; None when the impairment swallows the question."""
        draw = self.around.draw
        if self.impairment.swallows(draw):
            return None
        refusal = self.impairment.refusal()
        zone = longest_match(self._zones, query.name)
        if refusal is not None or zone is None:
            return refusal or REFUSED
        machine = draw.randrange(self.machines) if self.machines > 1 else 0
        reply = answer(self._zones[zone][machine](), query, self.around)
        return reply._replace(nsid=f"{self.name}{machine}")
