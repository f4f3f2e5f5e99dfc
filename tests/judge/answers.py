"""Responses, servers and plans that the judge's tests speak in."""

from dataclasses import replace
from ipaddress import ip_network

from probe.judge.answer.address_book import AddressBook, open_book
from probe.judge.context import Context
from probe.model.clock import Instant
from probe.model.name import DomainName
from probe.model.observation import Observation
from probe.model.outcome import FailureReason, NoResponse, Outcome, Response, RRset
from probe.model.plan import Domain, Expectation, Plan, Probing, SidePlan, Wave, Weights
from probe.model.question import ADDRESS_TYPES, Question, RecordType
from probe.model.record import Position
from probe.model.server import Server, ServerRole
from probe.model.side import Side

NAME = DomainName("app.example.com.")
ZONE = DomainName("example.com.")
V1_BALANCER = DomainName("k8s-one.eu-west-1.elb.amazonaws.com.")
V2_BALANCER = DomainName("k8s-two.eu-west-1.elb.amazonaws.com.")

SERVERS = tuple(
    Server(f"ns-{number}.awsdns-0{number}.{tld}.", f"192.0.2.{50 + number}")
    for number, tld in enumerate(("com", "net", "org", "co.uk"))
)
RESOLVER = Server("google", "192.0.2.99", role=ServerRole.RESOLVER, group="google")

ADDRESSES = {
    (Position.V1, RecordType.A): ("198.51.100.1", "198.51.100.2"),
    (Position.V2, RecordType.A): ("203.0.113.1", "203.0.113.2"),
    (Position.MIXED, RecordType.A): ("198.51.100.1", "203.0.113.1"),
    (Position.FOREIGN, RecordType.A): ("192.0.2.200",),
    (Position.V1, RecordType.AAAA): ("2001:db8:1::1",),
    (Position.V2, RecordType.AAAA): ("2001:db8:2::1",),
    (Position.MIXED, RecordType.AAAA): ("2001:db8:1::1", "2001:db8:2::1"),
    (Position.FOREIGN, RecordType.AAAA): ("2001:db8:ffff::1",),
}

SOA = RRset(ZONE, "SOA", 900, ("ns-0.awsdns-00.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400",))


def instant(seconds: float) -> Instant:
    """Make an instant of a test: monotonic `seconds`, wall time from a round moment on."""
    return Instant(1_790_000_000.0 + seconds, seconds)


def addresses(rdtype: RecordType, *rdata: str, name: DomainName = NAME, ttl: int = 60) -> Response:
    """Make an authoritative answer of one RRset."""
    return Response("NOERROR", authoritative=True, answer=(RRset(name, rdtype.value, ttl, rdata),))


def nodata() -> Response:
    return Response("NOERROR", authoritative=True, authority=(SOA,))


def nxdomain() -> Response:
    return Response("NXDOMAIN", authoritative=True, authority=(SOA,))


def at_position(position: Position, rdtype: RecordType = RecordType.A) -> Response:
    """Make an authoritative answer that leads to `position`."""
    return nxdomain() if position is Position.ABSENT else addresses(rdtype, *ADDRESSES[position, rdtype])


def timeout() -> NoResponse:
    return NoResponse(FailureReason.TIMEOUT)


def observed(
    outcome: Outcome,
    seconds: float,
    server: Server = SERVERS[0],
    rdtype: RecordType = RecordType.A,
    name: DomainName = NAME,
) -> Observation:
    return Observation(Question(name, rdtype), server, outcome, instant(seconds), 0.01)


def plan(expectation: Expectation = Expectation.MOVING, weights: Weights | None = None) -> Plan:
    """Make a plan of one wave with one domain, its sides given as networks."""
    return Plan(
        "test",
        SidePlan(Side.V1, (V1_BALANCER,), (ip_network("198.51.100.0/24"), ip_network("2001:db8:1::/48"))),
        SidePlan(Side.V2, (V2_BALANCER,), (ip_network("203.0.113.0/24"), ip_network("2001:db8:2::/48"))),
        (Wave("first", expectation, (Domain(NAME, "first", expectation, weights),)),),
    )


def book() -> AddressBook:
    """Make a book that knows both sides by their networks, and has load balancers to ask."""
    return open_book(plan())


def without_ipv6(lacking: Side) -> AddressBook:
    """Make a book that knows both sides by what their load balancers answered, one of which denied AAAA."""
    bare = replace(plan(), v1=SidePlan(Side.V1, (V1_BALANCER,)), v2=SidePlan(Side.V2, (V2_BALANCER,)))
    known = open_book(bare)
    for side, balancer, position in ((Side.V1, V1_BALANCER, Position.V1), (Side.V2, V2_BALANCER, Position.V2)):
        for rdtype in ADDRESS_TYPES:
            denied = side is lacking and rdtype is RecordType.AAAA
            shown = nodata() if denied else addresses(rdtype, *ADDRESSES[position, rdtype], name=balancer)
            known = known.learn(side, balancer, shown, instant(0), rdtype)
    return known


def context(*servers: Server, probing: Probing | None = None, known: AddressBook | None = None) -> Context:
    return Context(known or book(), servers or SERVERS, probing or Probing())
