"""Queries as bytes: their names are written once, and joined with the rest when they leave."""

from typing import NamedTuple

import dns.edns
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rdataclass
import dns.rdatatype

from probe.model.name import DomainName
from probe.model.question import Question, RecordType
from probe.model.server import CachedAnswers, Server, ServerRole
from probe.wire.transport.message_form import TYPE_AND_CLASS_BYTES

UDP_PAYLOAD = 1232
"""What fits an IPv6 packet of the smallest MTU without fragments (DNS flag day 2020, RFC 9715 section 3.1)."""

_HEADER_AFTER_ID = 10
_QR_AND_OPCODE = 0xF8
_RESPONSE_TO_QUERY = 0x80
_CASE = 0x20
"""The bit by which a letter's two cases differ."""
# A label's length is below 64, and letters are above: no length is taken for one.
_LETTERS = bytes(_CASE if chr(byte).isascii() and chr(byte).isalpha() else 0 for byte in range(256))
"""What may be flipped of each byte of a name."""
_UNMIXED = bytes(TYPE_AND_CLASS_BYTES)
"""The same of a question's type and class."""
_ROOT_QUESTION = 5
"""Bytes of the question for the root: the empty name, the type and the class."""
_WRITTEN_TYPE_AND_CLASS = {
    one: int(dns.rdatatype.from_text(one.value)).to_bytes(2, "big") + int(dns.rdataclass.IN).to_bytes(2, "big")
    for one in RecordType
}
LEAST_KEPT = 16_384
"""Names kept at the least: those of load balancers and of walks, and those of a small plan."""
KEPT_PER_DOMAIN = 16
"""Names kept for each domain of the plan: its own, one that nobody has, and up to a dozen of ownership TXT. All of a
plan's names are kept: they are asked in a circle, and a memory that is smaller would have none of them in time. Whole
queries would be four times as many bytes, for a microsecond that joining them takes."""

_BARE_ERRORS = frozenset({1, 2, 4, 5})
"""FORMERR, SERVFAIL, NOTIMP, REFUSED: all that a server may say that could not, or would not, read the question."""


class Prepared(NamedTuple):
    """One query without its id.

    Attributes:
        head: The message from its third byte to its question section.
        question: The question section's bytes.
        tail: What follows it.
        edns: Whether an OPT record is in that.
    """

    head: bytes
    question: bytes
    tail: bytes
    edns: bool

    @property
    def rest(self) -> bytes:
        """The message from its third byte on."""
        return self.head + self.question + self.tail


class CannotAskError(ValueError):
    """A question that no query can carry: a name that is not absolute or not valid, or a bad client subnet."""


class Names:
    """Names as messages have them, each written when it is first asked for.

    Args:
        capacity: How many are kept; the oldest give way.
    """

    __slots__ = ("_capacity", "_written")

    def __init__(self, capacity: int = LEAST_KEPT) -> None:
        self._written: dict[DomainName, bytes] = {}
        self._capacity = capacity

    def resize(self, capacity: int) -> None:
        """Keep so many from now on."""
        self._capacity = capacity
        while len(self._written) > capacity:
            del self._written[next(iter(self._written))]

    def write(self, name: DomainName) -> bytes:
        """Give the name's bytes (RFC 1035 section 3.1).

        Raises:
            CannotAskError: The name is not absolute, or not a valid name.
        """
        written = self._written.get(name)
        if written is None:
            written = _written(name)
            if len(self._written) >= self._capacity:
                del self._written[next(iter(self._written))]
            self._written[name] = written
        return written


def _written(text: DomainName) -> bytes:
    try:
        name = dns.name.from_text(text, origin=None)
        if not name.is_absolute():
            raise CannotAskError(f"{text} is not an absolute name")
        return name.to_wire() or b""
    except (dns.exception.DNSException, UnicodeError) as error:
        raise CannotAskError(f"{text} is not a valid name: {error}") from error


class Flavour:
    """Queries that differ in nothing but their question.

    Args:
        server: One of those that are asked so: its role, client subnet and flags stand in the queries.
        edns: Whether they have an OPT record (RFC 6891).
        names: Those that were asked for before, of whatever flavour.
    """

    __slots__ = ("_edns", "_flags", "_head", "_names", "_options", "_signed", "_tail")

    def __init__(self, server: Server, *, edns: bool, names: Names) -> None:
        # RD=0 keeps an authoritative server from being anything else. AD asks a resolver to tell whether it
        # validated without having to send the signatures (RFC 6840 section 5.7).
        self._flags = 0 if server.role is ServerRole.AUTHORITATIVE else int(dns.flags.RD | dns.flags.AD)
        if server.cached is not CachedAnswers.REFUSED:  # perhaps a resolver, which needs to be asked to resolve
            self._flags |= int(dns.flags.RD)
        if server.checking_disabled:
            self._flags |= int(dns.flags.CD)
        self._signed = server.dnssec_ok and edns
        self._edns = edns
        self._options: list[dns.edns.Option] = [dns.edns.NSIDOption(b"")] if edns else []
        self._names = names
        if edns and server.client_subnet is not None:
            try:
                self._options.append(dns.edns.ECSOption.from_text(server.client_subnet))
            except (ValueError, dns.exception.DNSException) as error:
                raise CannotAskError(f"client subnet {server.client_subnet}: {error}") from error
        self._head, self._tail = self._around_the_question()

    def prepare(self, question: Question) -> Prepared:
        """Give the query for `question`.

        Raises:
            CannotAskError: The name is not absolute, or not a valid name.
        """
        asked = self._names.write(question.name) + _WRITTEN_TYPE_AND_CLASS[question.rdtype]
        return Prepared(self._head, asked, self._tail, self._edns)

    def _around_the_question(self) -> tuple[bytes, bytes]:
        """Have dnspython write a query for the root: what stands around its question stands around every other.

        A whole query of dnspython's takes 300 µs, and a plan of 10,000 domains begins with 60,000 of them.
        """
        message = dns.message.make_query(
            dns.name.root,
            dns.rdatatype.A,
            use_edns=0 if self._edns else False,
            payload=UDP_PAYLOAD,
            options=self._options or None,
            want_dnssec=self._signed,
            flags=self._flags,
            id=0,
        )
        wire = message.to_wire()
        question = 2 + _HEADER_AFTER_ID
        return wire[2:question], wire[question + _ROOT_QUESTION :]


class Flavours:
    """All flavours in use: their number is bounded by that of client subnets in the plan.

    Args:
        domains: How many are watched: so many more names are kept.
    """

    __slots__ = ("_flavours", "_names")

    def __init__(self, domains: int = 0) -> None:
        self._names = Names(_capacity(domains))
        self._flavours: dict[tuple[ServerRole, CachedAnswers, str | None, bool, bool, bool], Flavour] = {}

    def of(self, server: Server, *, edns: bool) -> Flavour:
        """Give the flavour in which `server` is asked.

        Raises:
            CannotAskError: Its client subnet is no subnet.
        """
        client_subnet = server.client_subnet if edns else None
        key = (server.role, server.cached, client_subnet, edns, server.dnssec_ok, server.checking_disabled)
        flavour = self._flavours.get(key)
        if flavour is None:
            flavour = self._flavours[key] = Flavour(server, edns=edns, names=self._names)
        return flavour

    def resize(self, domains: int) -> None:
        """Keep the names of a plan of so many domains."""
        self._names.resize(_capacity(domains))


def _capacity(domains: int) -> int:
    return max(LEAST_KEPT, KEPT_PER_DOMAIN * domains)


def case_bits(question: bytes) -> int:
    """Give the bit by which a letter's two cases differ, at each letter of a question section's name."""
    return int.from_bytes(question[:-TYPE_AND_CLASS_BYTES].translate(_LETTERS) + _UNMIXED, "big")


def mixed(prepared: Prepared, entropy: bytes) -> bytes:
    """Write the question section with its letters in random case (DNS 0x20): a bit more to guess for each.

    Args:
        prepared: The query.
        entropy: As many random bytes as its question section has.
    """
    question = prepared.question
    flipped = int.from_bytes(question, "big") ^ (int.from_bytes(entropy, "big") & case_bits(question))
    return flipped.to_bytes(len(question), "big")


def asking(prepared: Prepared, asked: bytes) -> bytes:
    """Write the query, without its id, with its question section as it is to be asked."""
    return prepared.head + asked + prepared.tail


def keeps_case(asked: bytes, rest: bytes) -> bool:
    """Tell whether a message has the question section byte by byte as it was asked."""
    return rest.startswith(asked, _HEADER_AFTER_ID)


def has_question(rest: bytes) -> bool:
    """Tell whether a message has a question section; some errors come without."""
    return rest[2:4] == b"\x00\x01"


def in_plain_case(prepared: Prepared, asked: bytes, rest: bytes) -> bytes:
    """Write a message as if the question had been asked as it stands in the plan.

    So equal answers stay equal bytes, and are parsed once. The name is replaced wherever it stands: in owners it is a
    pointer mostly, and some servers write it out.
    """
    return rest.replace(asked[:-4], prepared.question[:-4])


def answers(prepared: Prepared, rest: bytes) -> bool:
    """Tell whether a message is a response to this very question (RFC 5452 section 9.1); `rest` is without its id.

    The question section must come back byte by byte, except for the case of the name's letters (RFC 4343). A
    message without any question cannot be told to belong here; it is believed only when it is nothing but an error,
    which is never evidence about a record.
    """
    if len(rest) < _HEADER_AFTER_ID or rest[0] & _QR_AND_OPCODE != _RESPONSE_TO_QUERY:
        return False
    asked = prepared.question
    if rest[2:4] == b"\x00\x01":
        if rest.startswith(asked, _HEADER_AFTER_ID):
            return True
        theirs = rest[_HEADER_AFTER_ID : _HEADER_AFTER_ID + len(asked)]
        # A label's length is below 64, so that lower() touches none but letters; the type and class stay exact.
        return theirs[-4:] == asked[-4:] and theirs[:-4].lower() == asked[:-4].lower()
    return rest[2:8] == bytes(6) and rest[1] & 0x0F in _BARE_ERRORS


def is_truncated(rest: bytes) -> bool:
    """Tell whether the TC flag is set."""
    return bool(rest[0] & 0x02)


def is_format_error(rest: bytes) -> bool:
    """Tell whether the rcode is FORMERR: how a server without EDNS answers an OPT record (RFC 6891 section 7)."""
    return rest[1] & 0x0F == 1
