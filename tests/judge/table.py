"""One domain in each world of the table: what its record does, how it is written, through what it is seen."""

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from enum import Enum
from typing import NamedTuple, assert_never

from probe.judge.answer.address_book import AddressBook, open_book
from probe.judge.ownership.wildcard import label
from probe.model.name import DomainName
from probe.model.outcome import Response, RRset
from probe.model.plan import Expectation, Plan, Routing, SidePlan, Weights
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position
from probe.model.side import Side
from tests.judge.answers import (
    ADDRESSES,
    NAME,
    SERVERS,
    V1_BALANCER,
    V2_BALANCER,
    addresses,
    at_position,
    context,
    instant,
    nodata,
    nxdomain,
    observed,
)
from tests.judge.caches import INBOUND, VPC
from tests.judge.story import Story

A, AAAA = RecordType.A, RecordType.AAAA
V1, V2, MIXED, FOREIGN, ABSENT = Position.V1, Position.V2, Position.MIXED, Position.FOREIGN, Position.ABSENT


class Column(NamedTuple):
    """What the plan declares of the domain."""

    expectation: Expectation
    weights: Weights | None = None
    routing: Routing | None = None
    proxied: DomainName | None = None

    def __str__(self) -> str:
        weights = f"{self.weights.v1}:{self.weights.v2}" if self.weights else ""
        words = (self.expectation.value, weights, self.routing and self.routing.value, self.proxied and "proxied")
        return " ".join(word for word in words if word)


class Form(Enum):
    """How the record is written."""

    A = "alias of A"
    AAAA = "alias of AAAA"
    BOTH = "aliases of both"
    CNAME = "CNAME"

    @property
    def types(self) -> tuple[RecordType, ...]:
        """The types that answer; a CNAME stands in for both."""
        match self:
            case Form.A:
                return (A,)
            case Form.AAAA:
                return (AAAA,)
            case Form.BOTH | Form.CNAME:
                return ADDRESS_TYPES
            case _:
                assert_never(self)


class Through(Enum):
    """Through what the record is seen."""

    SERVERS = "servers with authority"
    WILDCARD = "servers that synthesise it from a wildcard"
    CACHES = "caches of a private zone"


class World(Enum):
    """What the record does."""

    V1 = "stands on v1"
    V2 = "stands on v2"
    MIXED = "has both sides in one answer"
    FOREIGN = "leads to a third party"
    BESIDE = "has a stranger beside v1"
    NEVER = "never was"
    GONE = "was on v1 and is deleted"
    DEAD = "leads to a load balancer that is deleted"
    SPLIT = "has A on v1 and AAAA on v2"
    BACK = "was on v2 and is on v1 again"
    TURNS = "takes turns between the sides"
    COMES = "comes and goes"
    STAYS = "has moved to v2 at all servers but one"
    TRAVELS = "is moving to v2 right now"
    TRAVELS_ABSENT = "is being deleted right now"
    TRAVELS_FOREIGN = "is moving to a third party right now"
    TRAVELS_MIXED = "is given both sides right now"
    DRAWN = "is drawn for each answer"
    DRAWN_ABSENT = "is drawn, and a part leads to nothing"
    DRAWN_FOREIGN = "is drawn, and a part leads to a third party"
    DRAWN_MIXED = "is drawn, and a part has both sides in one answer"
    BEATS = "is drawn by weights that take turns once a minute"


def drawn_beside(world: World) -> Position | None:
    """Give what is drawn beside v1; None where nothing is."""
    return {
        World.DRAWN: V2,
        World.DRAWN_ABSENT: ABSENT,
        World.DRAWN_FOREIGN: FOREIGN,
        World.DRAWN_MIXED: MIXED,
    }.get(world)


CHANGES: Mapping[World, Callable[[int], Position]] = {
    World.GONE: lambda turn: V1 if turn < 12 else ABSENT,
    World.BACK: lambda turn: V2 if turn < 20 else V1,
    World.TURNS: lambda turn: V2 if turn % 12 >= 8 else V1,
    World.COMES: lambda turn: ABSENT if turn % 12 >= 8 else V1,
    World.STAYS: lambda turn: V2 if turn >= 12 else V1,
}
STANDING: Mapping[World, Position] = {
    World.V1: V1,
    World.V2: V2,
    World.MIXED: MIXED,
    World.FOREIGN: FOREIGN,
    World.NEVER: ABSENT,
    World.DEAD: V1,
    World.BESIDE: V1,
    World.SPLIT: V1,
}
TRAVELS: Mapping[World, Position] = {
    World.TRAVELS: V2,
    World.TRAVELS_ABSENT: ABSENT,
    World.TRAVELS_FOREIGN: FOREIGN,
    World.TRAVELS_MIXED: MIXED,
}
TURNS, DRAWS, SECONDS = 48, 100, 800
"""How often each server is asked of what changes, of what is drawn, and of what is drawn by turns, once a second."""
ELSEWHERE = DomainName("shop.example.net.")
BALANCERS_ALONE = Plan("test", SidePlan(Side.V1, (V1_BALANCER,)), SidePlan(Side.V2, (V2_BALANCER,)), ())
BALANCERS = {V1: V1_BALANCER, V2: V2_BALANCER, FOREIGN: ELSEWHERE}


def exists(world: World, form: Form) -> bool:
    """Tell whether a record of that form can do that: one CNAME has one target, and two types take two records."""
    if form is Form.CNAME:
        return world not in {World.MIXED, World.BESIDE, World.SPLIT, World.DRAWN_MIXED, World.TRAVELS_MIXED}
    return world is not World.SPLIT or form is Form.BOTH


def places(world: World, servers: int, rng: random.Random) -> Iterator[tuple[Position, ...]]:
    """Give where each server's answers lead, turn by turn."""
    beside = drawn_beside(world)
    if beside is not None:
        for _ in range(DRAWS):
            yield tuple(rng.choice((V1, beside)) for _ in range(servers))
        return
    if world is World.BEATS:
        for second in range(SECONDS if servers == len(SERVERS) else DRAWS):
            share = 0.4 if second % 60.5 < 29.0 else 0.2
            yield tuple(V2 if rng.random() < share else V1 for _ in range(servers))
        return
    for turn in range(TURNS):
        newest, others = _led(world, turn, TURNS - (1 if servers < len(SERVERS) else 3))
        yield (newest, *((others,) * (servers - 2)), V1 if world is World.STAYS else others)


def _led(world: World, turn: int, travels: int) -> tuple[Position, Position]:
    """Give where the first server leads, and where the others do; a change travels from its turn on."""
    if world in TRAVELS:
        return TRAVELS[world] if turn >= travels else V1, V1
    if world in CHANGES:
        place = CHANGES[world](turn)
        return place, place
    return STANDING[world], STANDING[world]


def answer(world: World, form: Form, place: Position, rdtype: RecordType) -> Response:
    """Make the answer of a server with authority."""
    if place is ABSENT:
        return nxdomain()
    if form is Form.CNAME:
        return Response("NOERROR", authoritative=True, answer=(RRset(NAME, "CNAME", 60, (BALANCERS[place],)),))
    if rdtype not in form.types:
        return nodata()
    if world is World.SPLIT and rdtype is AAAA:
        place = V2
    if world is World.BESIDE:
        strange = "192.0.2.77" if rdtype is A else "2001:db8:ffff::77"
        return addresses(rdtype, *ADDRESSES[V1, rdtype], strange)
    return at_position(place, rdtype)


def through_cache(found: Response, rdtype: RecordType) -> Response:
    """Make what a resolver answers that has just fetched it, and has followed the CNAME."""
    chased = tuple(
        RRset(DomainName(one.rdata[0]), rdtype.value, 60, ADDRESSES[place, rdtype])
        for one in found.answer
        if one.rdtype == "CNAME"
        for place, name in BALANCERS.items()
        if name == one.rdata[0]
    )
    return replace(found, authoritative=False, recursion_available=True, answer=(*found.answer, *chased))


def looked_up(book: AddressBook, world: World, at: float) -> AddressBook:
    """Look both sides' load balancers up; where v1's is deleted its name is denied from 90 s on."""
    for side, name, place in ((Side.V1, V1_BALANCER, V1), (Side.V2, V2_BALANCER, V2)):
        for rdtype in ADDRESS_TYPES:
            dead = world is World.DEAD and side is Side.V1 and at >= 90.0
            found = nxdomain() if dead else addresses(rdtype, *ADDRESSES[place, rdtype], name=name)
            book = book.learn(side, name, found, instant(at), rdtype)
    return book


class Cell(NamedTuple):
    """One combination."""

    world: World
    form: Form
    through: Through
    column: Column

    def __str__(self) -> str:
        return f"{self.world.name} {self.form.name} {self.through.name} {self.column}"


def play(cell: Cell, seed: int = 1) -> Story:
    """Let a domain be watched in its world."""
    world, form, through, column = cell
    servers = (VPC, INBOUND) if through is Through.CACHES else SERVERS
    step = 75.0 if through is Through.CACHES else 1.0 if world is World.BEATS else 5.0
    story = Story(
        column.expectation, column.weights, context(*servers, known=looked_up(open_book(BALANCERS_ALONE), world, 0.0))
    )
    domain = replace(story.status.domain, routing=column.routing, proxied=column.proxied)
    story.status = story.status._replace(domain=domain)
    rng, beside = random.Random(seed), drawn_beside(world)
    for turn, led in enumerate(places(world, len(servers), rng)):
        at = step * turn
        if int(at // 30.0) != int((at - step) // 30.0):
            story.context = story.context._replace(book=looked_up(story.context.book, world, at))
        for server, place in zip(servers, led, strict=True):
            for rdtype in ADDRESS_TYPES:
                said = answer(world, form, place, rdtype)
                if through is Through.CACHES:
                    story.hear(observed(through_cache(said, rdtype), at, server, rdtype))
                    continue
                story.hear(observed(said, at, server, rdtype))
                if world not in STANDING and world is not World.BEATS:
                    again = place if beside is None else rng.choice((V1, beside))
                    story.hear(observed(answer(world, form, again, rdtype), at + 0.2, server, rdtype))
        if through is Through.WILDCARD:
            mark = label(NAME)
            for name in (DomainName(f"{mark}.example.com."), DomainName(f"{mark}.{NAME}")):
                for rdtype in ADDRESS_TYPES:
                    said = answer(world, form, led[0], rdtype)
                    own = replace(said, answer=tuple(one._replace(name=name) for one in said.answer))
                    story.hear(observed(own, at, servers[0], rdtype, name))
        story.wait(at + 1)
    return story
