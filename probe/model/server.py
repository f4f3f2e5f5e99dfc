"""Who is asked: one address of one name server or resolver, and how."""

from dataclasses import dataclass
from typing import assert_never

from probe.model.word import Word


class Transport(Word):
    """How a message travels: UDP (with TCP after truncation), TCP, DoT (RFC 7858) or DoH (RFC 8484)."""

    UDP = "udp"
    TCP = "tcp"
    DOT = "dot"
    DOH = "doh"

    @property
    def port(self) -> int:
        """Where servers are asked by it, unless a plan says otherwise (RFC 1035, 7858, 8484)."""
        match self:
            case Transport.UDP | Transport.TCP:
                return 53
            case Transport.DOT:
                return 853
            case Transport.DOH:
                return 443
            case _:
                assert_never(self)


class ServerRole(Word):
    """Authoritative servers decide what a record is (asked with RD=0, must answer AA); resolvers never do (RD=1)."""

    AUTHORITATIVE = "authoritative"
    RESOLVER = "resolver"


class ZoneView(Word):
    """Which of two zones of one name is meant: clients inside a VPC may be answered otherwise than all others."""

    PUBLIC = "public"
    PRIVATE = "private"


class CachedAnswers(Word):
    """Whether an answer out of a cache counts where a server is asked as authoritative."""

    REFUSED = "refused"
    """A server that a walk has found: whoever answers in its place with RA set and without AA is not it."""
    ADMITTED = "admitted"
    """The plan names it for the zone (`authoritative.overrides`): with RA and without AA it answers out of a cache."""
    ALWAYS = "always"
    """The plan names it as a resolver of a private zone (`authoritative.private_zones`): whatever AA says, it has a
    cache. CoreDNS sets AA on what it has cached."""


@dataclass(frozen=True, slots=True)
class Server:
    """One endpoint that answers DNS.

    Attributes:
        name: The name server's own name (`ns-1.awsdns-01.org.`) or the resolver's name in the plan (`google`).
        address: An IP literal. For DoH it is the address to connect to; the URL's host is only named in SNI and Host.
        port: UDP or TCP port.
        role: What its answers are worth, and whether recursion is desired.
        transport: How to ask it.
        group: A label of bounded cardinality for metrics: `authoritative`, or the resolver's name.
        tls_name: The name its certificate must carry (DoT); None checks the address instead.
        url: The DoH URI (RFC 8484 section 3), only for DoH.
        client_subnet: A prefix to send as EDNS Client Subnet (RFC 7871), e.g. `203.0.113.0/24`; None sends none.
        queries_per_second: The most questions that its address gets in a second; None goes by the plan's general limit.
        dnssec_ok: Ask for signatures (DO, RFC 3225), to see whether they are there.
        checking_disabled: Ask a resolver for what it would not pass on because it does not validate (CD, RFC 4035
            section 3.2.2).
        cached: Whether its answers count that come out of a cache. Then recursion is desired (RD=1): a resolver refuses
            what is asked without, or answers from what it happens to hold.
        sees: Which view of a name it answers with, of a resolver; None: that in which a domain is judged.
    """

    name: str
    address: str
    port: int = 53
    role: ServerRole = ServerRole.AUTHORITATIVE
    transport: Transport = Transport.UDP
    group: str = "authoritative"
    tls_name: str | None = None
    url: str | None = None
    client_subnet: str | None = None
    queries_per_second: float | None = None
    dnssec_ok: bool = False
    checking_disabled: bool = False
    cached: CachedAnswers = CachedAnswers.REFUSED
    sees: ZoneView | None = None

    def __hash__(self) -> int:
        """Hash what nearly always tells servers apart: all of its fields would cost ten times as much, per question."""
        return hash((self.address, self.port))


def family(address: str) -> int:
    """Tell 4 from 6."""
    return 6 if ":" in address else 4


def in_zone_order(server: Server) -> tuple[str, int, str]:
    """Give what sorts a zone's servers: by name, IPv4 before IPv6."""
    return server.name, family(server.address), server.address
