"""The service behind a name: what one HTTPS check at one address brought, and what is known of each side from many.

Header values and certificate texts come from outside: hostile, printable ASCII, bounded.
"""

from enum import StrEnum
from typing import NamedTuple

from probe.model.clock import Instant
from probe.model.name import DomainName
from probe.model.side import Side
from probe.model.word import Word


class ServiceFailure(Word):
    """Why a check failed. A closed set; the network never raises."""

    REFUSED = "refused"
    """Nothing listens at the address and port, or a firewall says so in its place."""
    UNREACHABLE = "unreachable"
    """The operating system, or a router on the way, said no before there was a connection."""
    TIMEOUT = "timeout"
    """No connection within the time that the plan allows."""
    SLOW = "slow"
    """Connected, but TLS and the head of the response did not come within that time."""
    NAME_MISMATCH = "name-mismatch"
    """The certificate is valid, but not for this name (RFC 9525)."""
    EXPIRED = "expired"
    """The certificate is not valid any more, or not yet (RFC 5280 section 4.1.2.5)."""
    UNTRUSTED = "untrusted"
    """The certificate's chain ends at no trusted authority, or is incomplete."""
    HANDSHAKE = "handshake"
    """TLS failed otherwise."""
    PROTOCOL = "protocol"
    """What came back over TLS is not a response of HTTP/1.1 (RFC 9112), or its head is too large."""
    STATUS = "status"
    """Another status code than those that the plan calls good."""
    IDENTITY = "identity"
    """The header that names the cluster does not name the one whose load balancer was asked."""


NOT_CONNECTED = frozenset({ServiceFailure.REFUSED, ServiceFailure.UNREACHABLE, ServiceFailure.TIMEOUT})
"""Failures that a vantage without HTTPS egress has at every address, whatever the services do."""


UNANSWERED_KINDS = NOT_CONNECTED | {ServiceFailure.SLOW, ServiceFailure.HANDSHAKE}
"""Failures that lost packets look like; all others are what a service said."""


class Certificate(NamedTuple):
    """What a server's certificate says of itself. Texts are hostile, printable ASCII, bounded.

    Attributes:
        subject, issuer: Common name, or the organisation where there is none; empty without either.
        names: Subject alternative names (DNS and IP), bounded.
        not_before, not_after: Its validity, in seconds since the Unix epoch.
    """

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: float
    not_after: float


class ServiceCheck(NamedTuple):
    """One check of one domain at one address: the unit of evidence about a service.

    Attributes:
        domain: The name in SNI and Host.
        side: Whose address it is.
        address: The IP literal that was connected to.
        at: When it was over.
        elapsed: Seconds from connecting until the response's head, or until it was given up.
        failure: What is wrong; None when it works.
        detail: A short word for people about the failure.
        status: The HTTP status code; None when there was no response.
        certificate: The server's, where it could be read: also when its name does not match or its time is over.
        headers: The plan's chosen headers of the response, in the plan's order; an absent one is left out.
    """

    domain: DomainName
    side: Side
    address: str
    at: Instant
    elapsed: float
    failure: ServiceFailure | None = None
    detail: str = ""
    status: int | None = None
    certificate: Certificate | None = None
    headers: tuple[tuple[str, str], ...] = ()


class ServiceAddress(NamedTuple):
    """What is known of a domain's service at one address.

    Attributes:
        check: The newest check.
        repeats: How many checks in a row ended alike, well or badly.
        failing: It is confirmed that it fails; stays until checks in a row have ended well.
        since: Since when `failing` is what it is.
        seen: The newest check says something of the service; not when this vantage is cut off from where it is.
        marks: How its newest checks ended, one `CheckMark` each, bounded, the newest last; not those that say nothing.
        lapse: The newest of them that ended badly.
    """

    check: ServiceCheck
    repeats: int
    failing: bool
    since: Instant
    seen: bool = True
    marks: str = ""
    lapse: ServiceCheck | None = None


class CheckMark(StrEnum):
    """How one of many checks ended, in one letter."""

    WORKS = "."
    SAID_NO = "x"
    NO_ANSWER = "-"


class ServiceState(Word):
    """The verdict on a domain's service on one side."""

    UP = "up"
    """It works at every address that was checked."""
    DOWN = "down"
    """It fails, by repetition, at one address at least."""
    UNKNOWN = "unknown"
    """Not checked, no address is known, or this vantage reaches no service at all."""


class ServiceStatus(NamedTuple):
    """A domain's service on one side, over the addresses of that side's load balancers.

    Attributes:
        side: Which side.
        state: The verdict.
        since: Since when; None before the first check.
        addresses: One entry per checked address, in a fixed order, bounded.
    """

    side: Side
    state: ServiceState = ServiceState.UNKNOWN
    since: Instant | None = None
    addresses: tuple[ServiceAddress, ...] = ()
