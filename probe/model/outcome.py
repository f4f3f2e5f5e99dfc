"""What came back: a response, or a silence with its reason. A closed set; the network never raises."""

from dataclasses import dataclass
from typing import NamedTuple, TypeAlias, assert_never

from probe.model.name import DomainName
from probe.model.word import Word


class FailureReason(Word):
    """Why a question brought no evidence about the record. None of these says anything about the record itself."""

    TIMEOUT = "timeout"
    REFUSED = "refused"
    SERVFAIL = "servfail"
    LAME = "lame"
    """An authoritative server that does not answer with authority: no AA, or an upward referral (RFC 9499)."""
    MALFORMED = "malformed"
    """A message from the right server to the right question that does not parse, or an rcode nobody expects."""
    UNREACHABLE = "unreachable"
    """The operating system, TLS or HTTP said no before DNS could."""
    CONTESTED = "contested"
    """An answer whose addresses load balancers of both sides show: it says nothing about the side."""

    @property
    def is_lost(self) -> bool:
        """No message came back: the network may be to blame, ours as well as the server's."""
        match self:
            case FailureReason.TIMEOUT | FailureReason.UNREACHABLE:
                return True
            case (
                FailureReason.REFUSED
                | FailureReason.SERVFAIL
                | FailureReason.LAME
                | FailureReason.MALFORMED
                | FailureReason.CONTESTED
            ):
                return False
            case _:
                assert_never(self)

    @property
    def is_judged(self) -> bool:
        """Only the judge can tell it: who asks knows no lame answer from a referral, nor whose an address is."""
        match self:
            case FailureReason.LAME | FailureReason.CONTESTED:
                return True
            case (
                FailureReason.TIMEOUT
                | FailureReason.REFUSED
                | FailureReason.SERVFAIL
                | FailureReason.MALFORMED
                | FailureReason.UNREACHABLE
            ):
                return False
            case _:
                assert_never(self)


FAILED_RCODES = {"SERVFAIL": FailureReason.SERVFAIL, "REFUSED": FailureReason.REFUSED}
"""Error codes (RFC 1035 section 4.1.1) by which a server says that it does not answer."""


def failure_of(rcode: str) -> FailureReason:
    """Give what an error code is to a question for a record; one that nobody expects is malformed."""
    return FAILED_RCODES.get(rcode, FailureReason.MALFORMED)


class RRset(NamedTuple):
    r"""All records of one owner name and type in one section (RFC 2181 section 5).

    `rdata` is canonical presentation format (RFC 1035 section 5.1), sorted, so that order and case never matter:
    addresses as text, names absolute and lower case, TXT as quoted character strings with `\DDD` escapes.
    It is printable ASCII whatever the sender put in. `ttl` is seconds.
    """

    name: DomainName
    rdtype: str
    ttl: int
    rdata: tuple[str, ...]


class ExtendedError(NamedTuple):
    """One Extended DNS Error (RFC 8914): its INFO-CODE and EXTRA-TEXT (hostile text, printable ASCII, bounded)."""

    code: int
    text: str


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """A parsed, matched response. Compared by identity: equal bytes give the same object, which makes it a cache key.

    Attributes:
        rcode: `NOERROR`, `NXDOMAIN`, `SERVFAIL`, `REFUSED`, ... (RFC 6895 section 2.3), EDNS extension included.
        authoritative: The AA flag.
        recursion_available: The RA flag; set by a server asked as authoritative it betrays something in between.
        authenticated: The AD flag (DNSSEC, RFC 4035 section 3.2.3).
        answer: The answer section, in the order in which the message names the RRsets.
        authority: The authority section.
        additional: The additional section without OPT (glue).
        nsid: Name Server Identifier (RFC 5001) as printable text, bounded; None when the server sends none.
        errors: Extended DNS Errors.
        client_subnet_scope: The SCOPE PREFIX-LENGTH of an EDNS Client Subnet option, None without one.
        size: Length of the message in bytes.
        wire: The message itself, as evidence, with its id set to 0.
    """

    rcode: str
    authoritative: bool = False
    recursion_available: bool = False
    authenticated: bool = False
    answer: tuple[RRset, ...] = ()
    authority: tuple[RRset, ...] = ()
    additional: tuple[RRset, ...] = ()
    nsid: str | None = None
    errors: tuple[ExtendedError, ...] = ()
    client_subnet_scope: int | None = None
    size: int = 0
    wire: bytes = b""

    def in_form(self, nsid: str | None, wire: bytes) -> "Response":
        """Give what says the same in other bytes: by another machine of the server, or in another order.

        Every answer of a server of many machines is one; `dataclasses.replace` would take three times as long.
        """
        return Response(
            self.rcode,
            self.authoritative,
            self.recursion_available,
            self.authenticated,
            self.answer,
            self.authority,
            self.additional,
            nsid,
            self.errors,
            self.client_subnet_scope,
            len(wire),
            wire,
        )

    def says_the_same(self, other: "Response") -> bool:
        """Tell, without comparing, whether it is the other one in a form of its own, or in the same.

        Two that were parsed apart never are, though they may say the same.
        """
        return (
            self.answer is other.answer
            and self.authority is other.authority
            and self.rcode is other.rcode
            and self.authoritative is other.authoritative
            and self.recursion_available is other.recursion_available
            and self.errors is other.errors
        )


class NoResponse(NamedTuple):
    """No usable response: the reason, and a short word for people (never a label)."""

    reason: FailureReason
    detail: str = ""


Outcome: TypeAlias = Response | NoResponse
