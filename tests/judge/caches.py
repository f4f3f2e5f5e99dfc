"""A resolver with a cache in front of a private zone: what it answers at each moment to whoever asks."""

import random

from probe.model.observation import Observation
from probe.model.outcome import ExtendedError, Response, RRset
from probe.model.question import RecordType
from probe.model.record import Position
from probe.model.server import CachedAnswers, Server
from tests.judge.answers import ADDRESSES, NAME, SOA, observed

VPC = Server("10.0.0.2", "10.0.0.2", cached=CachedAnswers.ADMITTED)
INBOUND = Server("10.0.0.53", "10.0.0.53", cached=CachedAnswers.ADMITTED)
COREDNS = Server("10.0.0.10", "10.0.0.10", cached=CachedAnswers.ALWAYS)
"""It sets AA on what it has cached."""


def held(
    position: Position, ttl: int, rdtype: RecordType = RecordType.A, *, authoritative: bool = False, stale: bool = False
) -> Response:
    """Make a resolver's answer that leads to `position`, with `ttl` seconds left."""
    gone = position is Position.ABSENT
    return Response(
        "NXDOMAIN" if gone else "NOERROR",
        authoritative=authoritative,
        recursion_available=True,
        answer=() if gone else (RRset(NAME, rdtype.value, ttl, ADDRESSES[position, rdtype]),),
        authority=(SOA._replace(ttl=ttl),) if gone else (),
        errors=(ExtendedError(3, ""),) if stale else (),
    )


class Cache:
    """One resolver. The zone behind it is set by hand; what was fetched is answered until its TTL has run out."""

    def __init__(self, server: Server = VPC, ttl: int = 60) -> None:
        self.server = server
        self.ttl = ttl
        self.zone = Position.V1
        self.fetches: list[float] = []
        """When A was fetched."""
        self._fetched: dict[RecordType, tuple[float, Position]] = {}

    def fetch(self) -> Position:
        """Ask the zone, for one family."""
        return self.zone

    def ask(self, at: float, rdtype: RecordType = RecordType.A) -> Observation:
        """Ask at a moment: TTLs are whole seconds, rounded down."""
        since, position = self._fetched.get(rdtype, (float("-inf"), self.zone))
        if at >= since + self.ttl:
            since, position = self._fetched[rdtype] = (at, self.fetch())
            self.fetches += [at] if rdtype is RecordType.A else []
        left = int(since + self.ttl - at)
        answer = held(position, left, rdtype, authoritative=self.server.cached is CachedAnswers.ALWAYS)
        return observed(answer, at, self.server, rdtype)


class Drawing(Cache):
    """One in front of a zone whose record is weighted: each fetch is a draw, by itself."""

    def __init__(self, server: Server, v2_share: float, seed: int) -> None:
        super().__init__(server)
        self._v2_share = v2_share
        self._rng = random.Random(seed)

    def fetch(self) -> Position:
        return Position.V2 if self._rng.random() < self._v2_share else Position.V1
