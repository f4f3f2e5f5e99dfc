"""Authoritative servers that change, and caches in front of them, folded like the daemon folds what it asks."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from probe.judge.context import Context
from probe.judge.review import expire, initial, review
from probe.judge.state import DomainState
from probe.model.effect import Effect
from probe.model.external_dns import TxtRegistry
from probe.model.finding import Finding
from probe.model.outcome import ExtendedError, FailureReason, NoResponse, Outcome, Response
from probe.model.plan import Probing
from probe.model.question import RecordType
from probe.model.resolver import ResolverStatus
from probe.model.server import Server, ServerRole
from tests.judge.answers import NAME, SERVERS, ZONE, context, instant, nodata, observed, plan
from tests.judge.holding import Holding

PROBING = Probing()
NOTHING = nodata()  # one object, as the querier gives for equal bytes

Truth = Callable[[int, float], Response]
"""What the authoritative server of that number answers at that second."""


class Held(NamedTuple):
    """What a cache took, when, and how long it means to keep it."""

    response: Response
    at: float
    ttl: float


@dataclass
class Cache:
    """One cache, and how it treats TTLs.

    Attributes:
        least, most: Seconds that every TTL is stretched or cut to.
        prefetch: Share of the TTL below which a question renews the answer behind the back of who asked.
        stale_for: Seconds for which an expired answer is given once more, while it is being renewed (RFC 8767).
        says_stale: It marks such an answer by an Extended DNS Error.
        stuck: It asks never again, and shows the TTL that its answer came with.
    """

    least: float = 0
    most: float = 86_400
    prefetch: float = 0.0
    stale_for: float = 0.0
    says_stale: bool = False
    stuck: bool = False
    held: Held | None = None

    def ask(self, now: float, authority: Callable[[], Response]) -> Response:
        """Answer from what is held, or by asking."""
        held = self.held
        if held is not None and self.stuck:
            return _counted(held.response, held.ttl)
        if held is not None and now < held.at + held.ttl:
            if held.at + held.ttl - now < held.ttl * self.prefetch:
                self._fetch(now, authority())
            return _counted(held.response, held.at + held.ttl - now)
        if held is not None and now < held.at + held.ttl + self.stale_for:
            self._fetch(now, authority())
            errors = (ExtendedError(3, "stale"),) if self.says_stale else ()
            return _counted(held.response, 30, errors)
        fresh = self._fetch(now, authority())
        return _counted(fresh.response, fresh.ttl)

    def _fetch(self, now: float, response: Response) -> Held:
        positive = [rrset.ttl for rrset in response.answer]
        ttl = min(positive, default=0)
        if not positive:
            soa = response.authority[0]
            ttl = min(soa.ttl, int(soa.rdata[0].rsplit(" ", 1)[1]))
        self.held = Held(response, now, min(max(ttl, self.least), self.most))
        return self.held


def _counted(response: Response, left: float, errors: tuple[ExtendedError, ...] = ()) -> Response:
    ttl = int(left)
    return Response(
        response.rcode,
        recursion_available=True,
        answer=tuple(rrset._replace(ttl=ttl) for rrset in response.answer),
        authority=tuple(rrset._replace(ttl=ttl) for rrset in response.authority),
        errors=errors,
    )


@dataclass
class Resolver:
    """Caches behind one address; `down` says when it is silent."""

    caches: list[Cache]
    name: str = "google"
    phase: float = 0.0
    down: Callable[[float], bool] = lambda _: False

    @property
    def server(self) -> Server:
        return Server(self.name, "192.0.2.99", role=ServerRole.RESOLVER, group=self.name)

    def answer(self, now: float, truth: Truth, draw: random.Random) -> Outcome:
        """Answer at `now` as one of its caches, whichever the question hits."""
        if self.down(now):
            return NoResponse(FailureReason.REFUSED)
        return draw.choice(self.caches).ask(now, lambda: truth(draw.randrange(len(SERVERS)), now))


@dataclass
class Watch(Holding):
    """A domain with a record in IPv4, watched as the daemon would.

    Attributes:
        truth: What the authoritative servers answer.
        resolvers: Who is watched.
        moves: Seconds around which all servers are asked in a burst.
        step: Seconds between two questions to the authoritative servers.
        asks: When resolvers are asked: not while the record does not exist everywhere.
    """

    truth: Truth
    resolvers: list[Resolver]
    moves: tuple[float, ...] = ()
    step: float = 7.0
    queries: Callable[[float], bool] = lambda _: True
    seed: int = 1
    surroundings: Context = field(default_factory=lambda: context(probing=PROBING))
    state: DomainState = field(default_factory=lambda: initial(plan().domains[0], (TxtRegistry(),), ZONE))
    effects: list[Effect] = field(default_factory=list)
    raised: set[str] = field(default_factory=set)
    now: float = 0.0

    def __post_init__(self) -> None:
        self._draw = random.Random(self.seed)
        self._due = {resolver.name: resolver.phase for resolver in self.resolvers}
        self._turn = 0
        self._calm = 0.0
        self._expiry = 0.0

    def run(self, until: float) -> None:
        """Let time pass in steps of a second."""
        while self.now < until:
            self._look()
            self.now += 1.0

    def let_pass(self, now: float) -> None:
        """Let time pass until `now` without an answer."""
        self.state, told = expire(self.state, instant(now), self.surroundings)
        self._keep(told)

    def resolver(self, name: str = "google") -> ResolverStatus:
        return next(one for one in self.status.resolvers if one.server.name == name)

    def finding(self, code: str) -> Finding | None:
        return next((one for one in self.status.findings if one.code == code), None)

    def _look(self) -> None:
        now = self.now
        burst = any(moved - 1 <= now <= moved + 2 * PROBING.grace for moved in self.moves)
        if now < 2 or (burst and int(now) % 2 == 0):
            for number in range(len(SERVERS)):
                self._ask(number, now)
                self._ask(number, now + 0.1)
        elif now >= self._calm:
            self._ask(self._turn % len(SERVERS), now)
            self._turn += 1
            self._calm = now + self.step
        for resolver in self.resolvers:
            if now >= self._due[resolver.name] and now > 2 and self.queries(now):
                self._due[resolver.name] = now + PROBING.resolver_interval * self._draw.uniform(0.85, 1.15)
                self._fold(resolver.answer(now, self.truth, self._draw), now + 0.2, resolver.server, RecordType.A)
        if now >= self._expiry:
            self._expiry = now + 5
            self.let_pass(now + 0.3)

    def _ask(self, number: int, now: float) -> None:
        self._fold(self.truth(number, now), now, SERVERS[number], RecordType.A)
        self._fold(NOTHING, now, SERVERS[number], RecordType.AAAA)

    def _fold(self, outcome: Outcome, now: float, server: Server, rdtype: RecordType) -> None:
        self.state, told = review(self.state, observed(outcome, now, server, rdtype, NAME), self.surroundings)
        self._keep(told)

    def _keep(self, told: tuple[Effect, ...]) -> None:
        self.effects += told
        self.raised |= {finding.code for finding in self.status.findings}
