"""DNS messages of the simulated servers: a query taken in, a reply put on the wire.

Reading and building cost dnspython some hundred microseconds, so both are remembered: a simulated server answers the
same few questions with the same few replies all day, weighted ones included. A question's letters come in a case that
is drawn anew each time (DNS 0x20), so it is remembered in lower case, and a reply is given the letters that were asked.
"""

from functools import lru_cache
from typing import Any, NamedTuple, Protocol, TypeAlias

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.opcode
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.renderer
import dns.rrset

from probe.model.name import canonical
from probe.route53.record_values import to_rdata
from probe.route53.reply import Records, ServedQuery, ServedReply

HEADER_SIZE = 12
UDP_WITHOUT_EDNS = 512  # RFC 1035 section 4.2.1
MAX_UDP = 4096  # what Route 53 sends over UDP without truncation when EDNS allows it (developer guide)
MAX_MESSAGE = 65535  # two octets of length over TCP (RFC 1035 section 4.2.2)

_LONGEST_LABEL = 63  # RFC 1035 section 2.3.4; from 192 on it is a pointer, and what lies between is FORMERR either way

STALE_ANSWER = 3
STALE_NXDOMAIN = 19

_REMEMBERED_QUERY = 300  # bytes: longer bodies are garbage or rare, and must not fill the memory
_SECTIONS = (dns.renderer.ANSWER, dns.renderer.AUTHORITY, dns.renderer.ADDITIONAL)
_Renderer: Any = dns.renderer.Renderer  # dnspython leaves it without annotations
_TRANSFERS = frozenset({"AXFR", "IXFR"})


REFUSED = ServedReply("REFUSED")
SERVFAIL = ServedReply("SERVFAIL")


class Answerer(Protocol):
    """Anything that can be asked: a name server, or a resolver."""

    def answer(self, query: ServedQuery) -> ServedReply | None:
        """Answer; None says nothing at all."""


class Refusal(NamedTuple):
    """A message that is no query to answer: the rcode that says so."""

    rcode: str


Reading: TypeAlias = ServedQuery | Refusal | None


def read(wire: bytes) -> Reading:
    """Take in a message from anyone: a query, or why it is none; None when it deserves no reply at all.

    Replies (QR set) and scraps are never replied to: two servers would reply to each other for ever.
    """
    if len(wire) < HEADER_SIZE or wire[2] & 0x80:
        return None
    body = _in_lower_case(wire[2:], _name_end(wire))
    return _read(body) if len(body) <= _REMEMBERED_QUERY else _read.__wrapped__(body)


def respond(wire: bytes, reply: ServedReply, *, udp: bool) -> bytes:
    """Put a reply to `wire` (a message that `read` took as a query) on the wire; TC over UDP when it is too long."""
    end = _name_end(wire)
    body = _in_lower_case(wire[2:], end)
    render = _respond if len(body) <= _REMEMBERED_QUERY else _respond.__wrapped__
    made = render(body, reply, udp)
    # The question is the first that follows the header, in both; names after it point back at its letters.
    return wire[:2] + made[: HEADER_SIZE - 2] + wire[HEADER_SIZE:end] + made[end - 2 :]


def refuse(wire: bytes, refusal: Refusal) -> bytes:
    """Reply with a bare header to a message that could not be taken as a query."""
    rcode = dns.rcode.from_text(refusal.rcode)
    kept = wire[2] & 0x79  # opcode and RD
    return wire[:2] + bytes([0x80 | kept, rcode & 0xF]) + bytes(8)


def _name_end(wire: bytes) -> int:
    """Give where the name of the first question ends; where it begins, when it is not written in plain labels."""
    at = HEADER_SIZE
    while at < len(wire) and wire[at]:
        if wire[at] > _LONGEST_LABEL:
            return HEADER_SIZE
        at += 1 + wire[at]
    return min(at, len(wire))


def _in_lower_case(body: bytes, end: int) -> bytes:
    """Give a message without its id, in which the letters of a name that ends at `end` (of the whole) are small."""
    start, end = HEADER_SIZE - 2, end - 2
    return body[:start] + body[start:end].lower() + body[end:]  # no length of a label is a letter


@lru_cache(maxsize=4096)
def _parse(body: bytes) -> dns.message.Message:
    return dns.message.from_wire(b"\0\0" + body)


def _message(body: bytes) -> dns.message.Message:
    return _parse(body) if len(body) <= _REMEMBERED_QUERY else _parse.__wrapped__(body)


@lru_cache(maxsize=4096)
def _read(body: bytes) -> Reading:
    try:
        message = _message(body)
    except (dns.exception.DNSException, ValueError):
        return Refusal("FORMERR")
    if message.opcode() != dns.opcode.QUERY:
        return Refusal("NOTIMP")
    if len(message.question) != 1:
        return Refusal("FORMERR")
    question = message.question[0]
    rdtype = dns.rdatatype.to_text(question.rdtype)
    if question.rdclass != dns.rdataclass.IN or rdtype in _TRANSFERS:
        return Refusal("REFUSED")
    return ServedQuery(canonical(question.name.to_text()), rdtype, bool(message.flags & dns.flags.RD))


@lru_cache(maxsize=8192)
def _respond(body: bytes, reply: ServedReply, udp: bool) -> bytes:  # noqa: FBT001 -- a cache key, called from here only
    query = _message(body)
    limit = MAX_MESSAGE
    if udp:
        limit = min(max(query.payload, UDP_WITHOUT_EDNS), MAX_UDP) if query.edns >= 0 else UDP_WITHOUT_EDNS
    try:
        wire = _render(query, reply, truncated=False)
    except dns.exception.TooBig:
        wire = b""
    if not wire or len(wire) > limit:
        wire = _render(query, reply, truncated=True)
    return wire[2:]


def _render(query: dns.message.Message, reply: ServedReply, *, truncated: bool) -> bytes:
    flags = dns.flags.QR | (query.flags & dns.flags.RD)
    if reply.authoritative:
        flags |= dns.flags.AA
    if reply.recursion_available:
        flags |= dns.flags.RA
    if truncated:
        flags |= dns.flags.TC
    rcode = dns.rcode.from_text(reply.rcode) if query.edns <= 0 else dns.rcode.BADVERS
    renderer = _Renderer(0, flags | (rcode & 0xF), MAX_MESSAGE)
    question = query.question[0]
    renderer.add_question(question.name, question.rdtype, question.rdclass)
    if not truncated and query.edns <= 0:
        for section, records in zip(_SECTIONS, (reply.answer, reply.authority, reply.additional), strict=True):
            for one in records:
                # The order of the values is the simulation's; dnspython would shuffle them beyond any seed.
                renderer.add_rrset(section, _rrset(one), want_shuffle=False)
    if query.edns >= 0:
        renderer.add_edns(0, (rcode >> 4) << 24, MAX_UDP, _options(query, reply))
    renderer.write_header()
    wire: bytes = renderer.get_wire()
    return wire


def _options(query: dns.message.Message, reply: ServedReply) -> list[dns.edns.Option]:
    options: list[dns.edns.Option] = [dns.edns.EDEOption(dns.edns.EDECode(code)) for code in reply.errors]
    for option in query.options:
        if option.otype == dns.edns.OptionType.NSID and reply.nsid:
            options.append(dns.edns.NSIDOption(reply.nsid.encode()))
        elif isinstance(option, dns.edns.ECSOption):
            # Simple and weighted answers are the same for every subnet: scope 0 (RFC 7871 section 7.2.1).
            options.append(dns.edns.ECSOption(option.address, option.srclen, 0))
    return options


@lru_cache(maxsize=8192)
def _rrset(records: Records) -> dns.rrset.RRset:
    return dns.rrset.from_rdata_list(
        dns.name.from_text(records.name), records.ttl, [to_rdata(records.rdtype, value) for value in records.values]
    )
