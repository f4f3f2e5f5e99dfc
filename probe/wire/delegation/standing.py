"""What one server of a zone is worth, from its own answers alone. Pure."""

from typing import NamedTuple

from probe.model.delegation import DelegationProblem
from probe.model.name import DomainName, display
from probe.model.outcome import NoResponse, Outcome, Response
from probe.model.question import RecordType
from probe.model.server import Server
from probe.wire.delegation.reply import name_servers, unheard


class ChildReply(NamedTuple):
    """What one server of the zone answered.

    Attributes:
        server: One address of one name server.
        soa, ns: Its answers for the zone's SOA and NS, asked with RD=0.
        again: Its answer for the SOA some time later, None when it was not asked again.
        apart: Seconds between the two answers for the SOA, at most.
    """

    server: Server
    soa: Outcome
    ns: Outcome
    again: Outcome | None = None
    apart: float = 0.0


class ServerStanding(NamedTuple):
    """One server's worth.

    Attributes:
        counts: It answers with authority: it is asked about records.
        problem: What is wrong with it, if anything.
        words: The same in words that follow the server's name.
    """

    counts: bool
    problem: DelegationProblem | None = None
    words: str = ""


def standing(reply: ChildReply, zone: DomainName) -> ServerStanding:
    """Say what a server is worth: it counts with NOERROR, AA and the SOA of the zone (RFC 9499: else it is lame).

    RA without AA, or a TTL that falls from one answer to the next, is a cache in its place. RA beside AA with a
    steady TTL is said as well, but does not disqualify: BIND with recursion switched on looks the same.
    """
    # The SOA decides; when every datagram for it was lost, the NS answer of the same server does.
    spoke = reply.ns if unheard(reply.soa) else reply.soa
    subject = display(zone)
    if isinstance(spoke, NoResponse):
        why = spoke.detail or spoke.reason.value
        if unheard(spoke):
            return ServerStanding(counts=False, problem=DelegationProblem.SILENT, words=f"does not answer ({why})")
        return _lame(f"is lame for {subject}: {why}")
    if spoke.rcode not in {"NOERROR", "NXDOMAIN"}:
        return _lame(f"is lame for {subject}: it answers {spoke.rcode}")
    if not spoke.authoritative:
        return _without_authority(spoke, subject)
    if not _at_apex(spoke, zone):
        return _lame(f"is lame for {subject}: {_elsewhere(spoke)}")
    return _with_authority(reply, spoke)


def announced(reply: ChildReply, zone: DomainName) -> tuple[DomainName, ...] | None:
    """Give the NS set that a server answers with authority, sorted; None without such an answer."""
    if isinstance(reply.ns, NoResponse) or reply.ns.rcode != "NOERROR" or not reply.ns.authoritative:
        return None
    for rrset in reply.ns.answer:
        if rrset.name == zone and rrset.rdtype == RecordType.NS:
            return name_servers(rrset)
    return None


def label(server: Server) -> str:
    """Name one server for people: its name and address, or the address alone where that is its name."""
    return server.address if server.name == server.address else f"{display(server.name)} ({server.address})"


def _lame(words: str) -> ServerStanding:
    return ServerStanding(counts=False, problem=DelegationProblem.LAME, words=words)


def _without_authority(response: Response, subject: str) -> ServerStanding:
    if response.recursion_available:
        words = f"answers for {subject} as a recursive server (RA set, no AA): something in between, or not its server"
        return ServerStanding(counts=False, problem=DelegationProblem.INTERCEPTED, words=words)
    if any(rrset.rdtype == RecordType.NS for rrset in response.authority):
        return _lame(f"is lame for {subject}: it refers elsewhere instead of answering")
    return _lame(f"is lame for {subject}: it answers without authority (no AA)")


def _with_authority(reply: ChildReply, spoke: Response) -> ServerStanding:
    once, again = reply.soa, reply.again
    if isinstance(once, Response) and isinstance(again, Response) and again.rcode == once.rcode:
        if not again.authoritative:
            words = "answered with authority once and not the second time: a cache in between"
            return ServerStanding(counts=False, problem=DelegationProblem.INTERCEPTED, words=words)
        fallen = _lowest(once) - _lowest(again)
        # A cache counts whole seconds down; a larger drop is an edit of the zone between the two looks.
        if 0 < fallen <= reply.apart + 1:
            words = f"let the TTL fall by {fallen} s between two identical questions: a cache in between"
            return ServerStanding(counts=False, problem=DelegationProblem.INTERCEPTED, words=words)
    if spoke.recursion_available:
        words = "answers with authority but sets RA: it also recurses, or something in between does"
        return ServerStanding(counts=True, problem=DelegationProblem.INTERCEPTED, words=words)
    return ServerStanding(counts=True)


def _at_apex(response: Response, zone: DomainName) -> bool:
    kinds = (RecordType.SOA, RecordType.NS)
    return any(rrset.name == zone and rrset.rdtype in kinds for rrset in response.answer)


def _lowest(response: Response) -> int:
    return min((rrset.ttl for rrset in response.answer), default=0)


def _elsewhere(response: Response) -> str:
    soa = next((rrset.name for rrset in response.authority if rrset.rdtype == RecordType.SOA), None)
    return f"it answers from {display(soa)}" if soa is not None else "it shows no SOA of the zone"
