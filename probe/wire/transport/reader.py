"""From bytes to a Response. dnspython is the only parser; what it is given and what it makes are bounded."""

from collections.abc import Iterable
from functools import lru_cache

import dns.edns
import dns.flags
import dns.message
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from probe.model.name import DomainName
from probe.model.outcome import ExtendedError, FailureReason, NoResponse, Response, RRset
from probe.wire.transport.message_form import HEADER_BYTES
from probe.wire.transport.parsing_cost import is_too_dear

MAX_RECORDS = 1_000
"""Route 53 keeps at most 400 values in a record set. `probe.wire.transport.parsing_cost` bounds what parsing costs."""
MAX_RDATA_TEXT = 17_000
"""Characters of one rdata: a TXT value of Route 53's 4,000 bytes (RFC 1035 sets no limit), each escaped into four."""
MAX_NSID = 128
"""Characters; RFC 5001 leaves the content open, name servers send host names."""
_MACHINES = 4_096
"""Machines whose NSID is kept as text: two dozen of each server of 40 zones."""
_ROWS_SHARED = 4_096
"""Sets of values that are kept as texts: those of two load balancers for each of many clusters, as they change, and
what ownership was read of late."""
_SHARED_TEXT = 512
"""Characters of such a set: eight addresses, or what an ExternalDNS writes, and no more than two megabytes of all."""
_NAMES_SHARED = 4_096
"""Owner names that are kept: those of the answers of a few seconds."""
MAX_ERRORS = 8
MAX_ERROR_TEXT = 256
"""RFC 8914 section 2 asks for short EXTRA-TEXT."""

_NAMES_ONLY = frozenset(
    {
        dns.rdatatype.CNAME,
        dns.rdatatype.DNAME,
        dns.rdatatype.MX,
        dns.rdatatype.NS,
        dns.rdatatype.PTR,
        dns.rdatatype.SOA,
        dns.rdatatype.SRV,
    }
)
"""Types whose letters are all parts of names: only there case means nothing (RFC 4034 section 6.2)."""

_TYPES_SHARED = frozenset({"A", "AAAA", "TXT"})
"""Types of which equal values are in many answers: a load balancer's addresses in those of its domains, ownership in
those of each of a host's names."""


class _UnboundedError(ValueError):
    """More than a response is allowed to hold."""


def read(wire: bytes) -> Response | NoResponse:
    """Parse one message. Whatever does not parse, or is too much, is a MALFORMED silence.

    Whether the message answers the question is the caller's to know (`probe.wire.query.answers`). Error rcodes stay
    responses.

    Raises:
        MemoryError: This process has none left; nothing else is raised.
    """
    if len(wire) < HEADER_BYTES:
        return NoResponse(FailureReason.MALFORMED, "shorter than a header")
    counts = [int.from_bytes(wire[at : at + 2], "big") for at in (4, 6, 8, 10)]
    if sum(counts) > MAX_RECORDS:
        return NoResponse(FailureReason.MALFORMED, f"announces more than {MAX_RECORDS} records")
    if is_too_dear(wire):
        return NoResponse(FailureReason.MALFORMED, f"would take too long to parse for its {len(wire)} bytes")
    try:
        return _read(wire)
    except _UnboundedError as error:
        return NoResponse(FailureReason.MALFORMED, str(error))
    except MemoryError:  # ours, whatever the bytes: no fault of whoever sent them
        raise
    except Exception as error:  # noqa: BLE001  # hostile bytes bring dnspython to raise anything, AssertionError too
        return NoResponse(FailureReason.MALFORMED, f"does not parse ({type(error).__name__})")


def _read(wire: bytes) -> Response:
    # One RRset per record: dnspython's own merging lets the last of two CNAMEs win, and hides the first.
    message = dns.message.from_wire(wire, keyring=False, one_rr_per_rrset=True)
    nsid: str | None = None
    scope: int | None = None
    errors: list[ExtendedError] = []
    for option in message.options:
        if isinstance(option, dns.edns.NSIDOption):
            nsid = nsid_text(option.nsid)
        elif isinstance(option, dns.edns.ECSOption):
            scope = option.scopelen
        elif isinstance(option, dns.edns.EDEOption) and len(errors) < MAX_ERRORS:
            errors.append(ExtendedError(int(option.code), _escaped((option.text or "").encode(), MAX_ERROR_TEXT)))
    flags = message.flags
    return Response(
        rcode=dns.rcode.to_text(message.rcode()),
        authoritative=bool(flags & dns.flags.AA),
        recursion_available=bool(flags & dns.flags.RA),
        authenticated=bool(flags & dns.flags.AD),
        answer=_section(message.answer),
        authority=_section(message.authority),
        additional=_section(message.additional),
        nsid=nsid,
        errors=tuple(errors),
        client_subnet_scope=scope,
        size=len(wire),
        wire=b"\x00\x00" + wire[2:],
    )


def _section(records: list[dns.rrset.RRset]) -> tuple[RRset, ...]:
    """Unite records of one name and type, with the lowest of their TTLs (RFC 2181 section 5.2)."""
    names: dict[object, DomainName] = {}
    united: dict[tuple[DomainName, str], tuple[int, set[str]]] = {}
    for record in records:
        if record.rdclass != dns.rdataclass.IN:
            raise _UnboundedError(f"a record of class {dns.rdataclass.to_text(record.rdclass)}")
        name = names.get(record.name)
        if name is None:
            name = names[record.name] = DomainName(record.name.to_text().lower())
        key = (name, dns.rdatatype.to_text(record.rdtype))
        ttl, texts = united.get(key, (record.ttl, set()))
        texts.update(_text(rdata) for rdata in record)
        united[key] = (min(ttl, record.ttl), texts)
    return tuple(
        RRset(_one_name(name), rdtype, ttl, _values(rdtype, texts)) for (name, rdtype), (ttl, texts) in united.items()
    )


def _values(rdtype: str, texts: Iterable[str]) -> tuple[str, ...]:
    values = tuple(sorted(texts))
    return _one_row(values) if rdtype in _TYPES_SHARED and sum(map(len, values)) <= _SHARED_TEXT else values


def _text(rdata: dns.rdata.Rdata) -> str:
    text = rdata.to_text()
    if not (text.isascii() and text.isprintable()):
        # dnspython prints some types (URI, for one) as the sender wrote them; RFC 3597 section 5 has a form for all.
        content = rdata.to_wire() or b""
        text = f"\\# {len(content)} {content.hex()}"
    if len(text) > MAX_RDATA_TEXT:
        raise _UnboundedError(f"an rdata of more than {MAX_RDATA_TEXT} characters")
    return text.lower() if rdata.rdtype in _NAMES_ONLY else text


@lru_cache(maxsize=_ROWS_SHARED)
def _one_row(values: tuple[str, ...]) -> tuple[str, ...]:
    """Give the same object for equal values."""
    return values


@lru_cache(maxsize=_NAMES_SHARED)
def _one_name(name: DomainName) -> DomainName:
    """Give the same object for a name in the answers to both types, which come one after the other."""
    return name


@lru_cache(maxsize=_MACHINES)
def nsid_text(content: bytes) -> str:
    """Write an NSID as text where it is text, as hexadecimal digits where it is not (as dig does).

    A machine's is one object in all of its answers: of 10,000 domains' answers they weigh four megabytes otherwise.
    """
    text = content.decode("ascii") if content.isascii() else ""
    return (text if text.isprintable() and len(text) == len(content) else content.hex())[:MAX_NSID]


def _escaped(content: bytes, limit: int) -> str:
    r"""Write hostile bytes as printable ASCII, with `\DDD` for everything else."""
    shown = content[:limit]
    return "".join(chr(byte) if 0x20 <= byte <= 0x7E else f"\\{byte:03d}" for byte in shown)[:limit]  # noqa: PLR2004  # the printable ASCII characters
