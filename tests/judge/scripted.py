"""Servers that answer from a script of changes, each a moment later than the write: the world of played cases."""

import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from probe.judge.answer.address_book import AddressBook, open_book
from probe.judge.review import initial
from probe.model.effect import FindingCleared, FindingRaised
from probe.model.external_dns import ExternalDns, TxtRegistry
from probe.model.finding import FindingCode
from probe.model.name import DomainName
from probe.model.outcome import Outcome, Response, RRset
from probe.model.plan import Domain, Expectation, SidePlan
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position
from probe.model.side import Side
from tests.judge.answers import (
    NAME,
    SERVERS,
    V1_BALANCER,
    V2_BALANCER,
    ZONE,
    at_position,
    book,
    context,
    instant,
    nodata,
    plan,
)
from tests.judge.ownership.owned import heritage
from tests.judge.simulator import Prober, Run

Flips = Sequence[tuple[float, Position]]
"""Seconds of the writes, and where each leads."""

LAG = (0.3, 2.5)
"""Seconds until a write reaches a server."""

Says: TypeAlias = Callable[[Position, RecordType, float], Response]
"""What a server answers of a record that leads to a place, at some second."""

Balancers: TypeAlias = Callable[[DomainName, RecordType, float], Response]
"""What a load balancer's own servers answer for its name, at some second."""

BOOK_EVERY = 30.0
"""Seconds between two look-ups of the load balancers' names: the plan's default."""


def square(
    start: float, end: float, dwells: Sequence[float], places: Sequence[Position]
) -> list[tuple[float, Position]]:
    """Give a fight's writes: each place in turn, for each of the dwells in turn."""
    writes, at, turn = [], start, 0
    while at < end:
        writes.append((at, places[turn % len(places)]))
        at += dwells[turn % len(dwells)]
        turn += 1
    return writes


class Scripted:
    """A zone of one name; its ownership TXT names stand, by their kind.

    Args:
        flips: Writes of each family that the name has.
        owners: Kind of TXT name to owner.
        stands: What stood before the first write.
        seed: Draws when each write reaches each server.
        says: How a place is answered: by addresses, unless another form is given.
    """

    def __init__(
        self,
        flips: Mapping[RecordType, Flips],
        owners: Mapping[str, str],
        *,
        stands: Position,
        seed: int,
        says: Says | None = None,
    ) -> None:
        rng = random.Random(f"lags/{seed}")
        self._tracks = {
            rdtype: [[(-1.0, stands), *((at + rng.uniform(*LAG), place) for at, place in writes)] for _ in SERVERS]
            for rdtype, writes in flips.items()
        }
        self._says = says or (lambda place, rdtype, _at: at_position(place, rdtype))
        self._txt = {
            (name := DomainName(f"{kind}-{NAME}")): Response(
                "NOERROR", authoritative=True, answer=(RRset(name, "TXT", 300, (heritage(owner),)),)
            )
            for kind, owner in owners.items()
        }

    def answer(self, server: int, rdtype: RecordType, at: float, name: DomainName = NAME) -> Outcome:
        """Give what a server answers."""
        if rdtype is RecordType.TXT:
            return self._txt.get(name, nodata())
        track = self._tracks.get(rdtype)
        if track is None:
            return nodata()
        return self._says([place for reached, place in track[server] if reached <= at][-1], rdtype, at)


class _Prober(Prober):
    balancers: Balancers | None = None

    def begin(self) -> None:
        self._at(0.0, self._look_up)

    def _look_up(self, now: float) -> None:
        known = self.run.context.book
        if self.balancers is None:
            known = replace(known, answered=dict.fromkeys(known.names, instant(now)))
        else:
            for name, side in known.names.items():
                for rdtype in ADDRESS_TYPES:
                    known = known.learn(side, name, self.balancers(name, rdtype, now), instant(now), rdtype)
        self.run.context = self.run.context._replace(book=known)
        self._at(now + BOOK_EVERY, self._look_up)


def play(
    flips: Mapping[RecordType, Flips],
    seconds: float,
    seed: int,
    *,
    owners: Mapping[str, str] | None = None,
    stands: Position = Position.V1,
    interval: float = 60.0,
    says: Says | None = None,
    balancers: Balancers | None = None,
    of_v2: Sequence[DomainName] = (V2_BALANCER,),
) -> Run:
    """Watch a script as the daemon would; both ExternalDNS of the plan have the owner id "default".

    The plan has the sides' networks, unless `balancers` tell which addresses are whose; v2's names are `of_v2` then.
    """
    one = ExternalDns("default", interval=interval)
    surroundings = context(known=book() if balancers is None else _named(of_v2))._replace(v1=one, v2=one)
    world = Scripted(flips, owners or {"a": "default"}, stands=stands, seed=seed, says=says)
    begin = (initial(Domain(NAME, "first", Expectation.MOVING, None), (TxtRegistry(),), ZONE), surroundings)
    prober = _Prober(world, random.Random(seed), servers=SERVERS, begin=begin)
    prober.balancers = balancers
    prober.begin()
    return prober.go(seconds)


def _named(of_v2: Sequence[DomainName]) -> AddressBook:
    """Make a book that has the load balancers' names alone."""
    return open_book(replace(plan(), v1=SidePlan(Side.V1, (V1_BALANCER,)), v2=SidePlan(Side.V2, tuple(of_v2))))


def first_said(run: Run, codes: Iterable[str]) -> float | None:
    """Give the second at which one of the codes was raised first."""
    wanted = set(codes)
    return next(
        (at for at, effect in run.effects if isinstance(effect, FindingRaised) and effect.finding.code in wanted), None
    )


def share_open(run: Run, code: FindingCode, since: float, until: float) -> float:
    """Give for what share of some time a finding was open."""
    opened, total = None, 0.0
    for at, effect in run.effects:
        if isinstance(effect, FindingRaised | FindingCleared) and effect.finding.code is code:
            if isinstance(effect, FindingRaised):
                opened = at if opened is None else opened
            elif opened is not None:
                total += max(0.0, min(at, until) - max(opened, since))
                opened = None
    if opened is not None:
        total += until - max(opened, since)
    return total / (until - since)
