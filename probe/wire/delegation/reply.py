"""Reading one response on the way down: a referral, an answer of the zone itself, or nothing of use. Pure."""

from enum import StrEnum
from typing import NamedTuple

from probe.model.name import DomainName, is_within
from probe.model.outcome import NoResponse, Outcome, Response, RRset
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.server import family
from probe.wire.delegation.walk_bounds import MAX_NAME_SERVERS, MAX_SERVER_ADDRESSES
from probe.wire.delegation.walk_values import usable


class StepKind(StrEnum):
    """What a response to an NS question says about the way down."""

    CUT = "cut"
    """There is a zone cut; `cut` and `ns` name it."""
    DEEPER = "deeper"
    """The server answers from a zone deeper than the one it was asked as a server of; `cut` names that zone."""
    WITHIN = "within"
    """The name lies in the zone that was asked; no cut at it."""
    DENIED = "denied"
    """NXDOMAIN."""


class DelegationReply(NamedTuple):
    """One usable response.

    Attributes:
        kind: What it says.
        cut: The zone cut, for CUT and DEEPER.
        ns: The NS set at the cut, sorted and bounded.
        glue: Addresses of these name servers that came along, only those that the answering zone may speak of.
        hosted: The server answers from the zone below the cut itself.
    """

    kind: StepKind
    cut: DomainName | None = None
    ns: tuple[DomainName, ...] = ()
    glue: tuple[tuple[DomainName, tuple[str, ...]], ...] = ()
    hosted: bool = False


def unheard(outcome: Outcome) -> bool:
    """Tell whether nothing came back at all (an error code or a broken message is something)."""
    return isinstance(outcome, NoResponse) and outcome.reason.is_lost


def read_step(outcome: Outcome, name: DomainName, zone: DomainName) -> DelegationReply | None:
    """Read the response of a server of `zone` to the question for the NS of `name`; None when it is of no use.

    Of no use are silences, error codes, answers without authority and referrals that do not lead down (to the
    zone itself, upwards, sideways): what a lame server sends. An answer with RA but without AA comes from a
    recursive server in between; the way down is taken from it all the same, and who walks reports it.
    """
    if isinstance(outcome, NoResponse) or outcome.rcode not in {"NOERROR", "NXDOMAIN"}:
        return None
    # The server may be authoritative for the child as well: then it answers from there, with AA (RFC 1034 4.3.2).
    owned = _ns_set(outcome.answer, name, name, zone) if name != zone else None
    referred = owned or (None if outcome.answer else _ns_set(outcome.authority, None, name, zone))
    if referred is not None:
        names = name_servers(referred)
        return DelegationReply(StepKind.CUT, referred.name, names, _glue(outcome, names, zone), owned is not None)
    if not (outcome.authoritative or outcome.recursion_available):
        return None
    if outcome.answer:
        return DelegationReply(StepKind.WITHIN)
    return _denial(outcome, name, zone)


def _denial(response: Response, name: DomainName, zone: DomainName) -> DelegationReply | None:
    soa = _denier(response, name, zone)
    if soa is None:
        return None
    if soa not in {zone, name}:
        return DelegationReply(StepKind.DEEPER, soa)
    return DelegationReply(StepKind.DENIED if response.rcode == "NXDOMAIN" else StepKind.WITHIN)


def _denier(response: Response, name: DomainName, zone: DomainName) -> DomainName | None:
    """Give the zone that says no: `zone` itself or one between it and `name`.

    A negative answer must show its zone's SOA (RFC 2308 section 3); another zone's SOA comes from a server that
    does not have this zone.
    """
    for rrset in response.authority:
        if rrset.rdtype == RecordType.SOA and is_within(rrset.name, zone) and is_within(name, rrset.name):
            return rrset.name
    return None


def _ns_set(section: tuple[RRset, ...], owner: DomainName | None, name: DomainName, zone: DomainName) -> RRset | None:
    """Find an NS RRset that leads from `zone` down towards `name` (at `owner`, when one is given)."""
    for rrset in section:
        if rrset.rdtype != RecordType.NS or (owner is not None and rrset.name != owner):
            continue
        if rrset.name != zone and is_within(rrset.name, zone) and is_within(name, rrset.name):
            return rrset
    return None


def name_servers(rrset: RRset) -> tuple[DomainName, ...]:
    """Give the names in an NS RRset, sorted and bounded."""
    return tuple(DomainName(target) for target in sorted(rrset.rdata)[:MAX_NAME_SERVERS])


def _glue(
    response: Response, names: tuple[DomainName, ...], zone: DomainName
) -> tuple[tuple[DomainName, tuple[str, ...]], ...]:
    """Collect addresses for `names` from the additional section.

    Only names within `zone` are believed: a server of com. can say where ns1.example.com. is, and has no business
    with ns1.example.org. (RFC 2181 section 5.4.1, the lesson of cache poisoning).
    """
    found: dict[DomainName, tuple[str, ...]] = {}
    for rrset in response.additional:
        if rrset.rdtype in ADDRESS_TYPES and rrset.name in names and is_within(rrset.name, zone):
            found[rrset.name] = found.get(rrset.name, ()) + bounded(rrset)
    return tuple(sorted(found.items()))


def bounded(rrset: RRset) -> tuple[str, ...]:
    """Give the addresses of an A or AAAA RRset that may be asked at all, bounded."""
    return tuple(address for address in rrset.rdata if usable(address))[:MAX_SERVER_ADDRESSES]


class AddressAnswer(NamedTuple):
    """An authoritative answer to an address question. `alias` tells that a CNAME stands there instead."""

    addresses: tuple[str, ...]
    alias: bool = False


def read_addresses(outcome: Outcome, name: DomainName, rdtype: RecordType, zone: DomainName) -> AddressAnswer | None:
    """Read the response of a server of `zone` for `name`'s addresses; None when it does not speak for the name.

    A CNAME at a name server's name is refused: RFC 2181 section 10.3 forbids it, and following it is one more way
    to be led about.
    """
    if isinstance(outcome, NoResponse) or outcome.rcode not in {"NOERROR", "NXDOMAIN"}:
        return None
    if not (outcome.authoritative or outcome.recursion_available):
        return None
    if any(rrset.rdtype == RecordType.CNAME and rrset.name == name for rrset in outcome.answer):
        return AddressAnswer((), alias=True)
    wanted = 6 if rdtype is RecordType.AAAA else 4
    found = [
        address
        for rrset in outcome.answer
        if rrset.name == name and rrset.rdtype == rdtype
        for address in bounded(rrset)
        if family(address) == wanted
    ]
    if not found and (outcome.answer or _denier(outcome, name, zone) is None):
        return None
    return AddressAnswer(tuple(found))
