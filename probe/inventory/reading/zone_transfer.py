"""A zone by transfer (AXFR, RFC 5936), signed by a key if there is one (TSIG, RFC 8945); bounded in size and time."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query  # noqa: TID251  # for transfers: streams over TCP, for which the engine of probe.wire has no word
import dns.rcode
import dns.rdatatype
import dns.rrset
import dns.tsig
import dns.xfr

from probe.inventory.origin import named
from probe.inventory.reading.manifests import UnreadableSource
from probe.model.name import DomainName, canonical, display
from probe.model.plan import Endpoint

MOST_OCTETS = 64 * 1024 * 1024
"""Of a transfer: 10,000 record sets take about a megabyte."""

MOST_RECORDS = 500_000
"""Of a transfer: ten times what a Route 53 zone holds, names and TXT of both sides included."""

REPLY_SECONDS, TRANSFER_SECONDS = 10.0, 120.0
"""For one message, and for all."""

MOST_QUESTIONS = 2_000
"""Hosts whose zone a server is asked for, where none is named."""

_TSIG_KEY = re.compile(
    r'key\s+"?(?P<name>[^\s"{]+)"?\s*\{\s*'
    r'(?:algorithm\s+"?(?P<algorithm>[\w.-]+)"?\s*;\s*|secret\s+"?(?P<secret>[A-Za-z0-9+/=]+)"?\s*;\s*){2}\}\s*;'
)
"""As `tsig-keygen` and BIND write it."""

_KEY_OCTETS = 64 * 1024


class TransferKey(NamedTuple):
    """A TSIG key; its secret is never shown.

    Attributes:
        key: dnspython's.
    """

    key: dns.tsig.Key

    def __repr__(self) -> str:
        """Show its name alone."""
        return f"TransferKey({self.key.name})"


def read_key(path: Path) -> TransferKey:
    """Read a key out of a file, as `tsig-keygen` and BIND write it.

    Raises:
        UnreadableSource: There is none in it, or several.
    """
    try:
        with path.open("rb") as file:
            text = file.read(_KEY_OCTETS).decode("utf-8", "replace")
    except OSError as error:
        raise UnreadableSource(f"{named(path)} cannot be read ({(error.strerror or 'unknown').lower()})") from error
    found = list(_TSIG_KEY.finditer(re.sub(r"(?m)^\s*(//|#).*$", "", text)))
    if len(found) != 1 or not found[0]["algorithm"] or not found[0]["secret"]:
        raise UnreadableSource(
            f"{named(path)} holds no TSIG key, or several; it is one as `tsig-keygen` writes it: "
            'key "NAME" { algorithm hmac-sha256; secret "BASE64"; };'
        )
    try:
        key = dns.tsig.Key(found[0]["name"], found[0]["secret"], found[0]["algorithm"].lower())
        dns.tsig.get_context(key)  # type: ignore[no-untyped-call]  # the library leaves it bare
    except (ValueError, NotImplementedError, dns.exception.DNSException) as error:
        raise UnreadableSource(f"the TSIG key of {named(path)} cannot be used: its secret or its algorithm") from error
    return TransferKey(key)


def transfer(server: Endpoint, zone: DomainName, key: TransferKey | None = None) -> tuple[dns.rrset.RRset, ...]:
    """Transfer a zone.

    Raises:
        UnreadableSource: It is not given, not whole, or too large.
    """
    where = f"{named(display(zone))} of {server}"
    held: dict[tuple[dns.name.Name, dns.rdatatype.RdataType, dns.rdatatype.RdataType], dns.rrset.RRset] = {}
    octets = records = 0
    try:
        for message in _messages(server, zone, key):
            octets += len(message.wire or b"")
            for rrset in message.answer:
                records += len(rrset)
                whole = held.setdefault((rrset.name, rrset.rdtype, rrset.covers), rrset)
                for rdata in rrset if whole is not rrset else ():
                    whole.add(rdata, rrset.ttl)
            if octets > MOST_OCTETS or records > MOST_RECORDS:
                raise UnreadableSource(
                    f"the transfer of {where} is larger than {MOST_OCTETS // 1024 // 1024} MiB or {MOST_RECORDS:,} "
                    "records"
                )
    except dns.xfr.TransferError as error:
        raise UnreadableSource(
            f"the server refuses the transfer of {where} ({dns.rcode.to_text(error.rcode)}): allow it to this address "
            "(BIND: `allow-transfer`), or give a key that it is allowed to (`--tsig-file`)"
        ) from error
    except (dns.tsig.PeerError, dns.tsig.BadSignature, dns.tsig.BadTime, dns.tsig.BadKey) as error:
        raise UnreadableSource(
            f"the TSIG key does not hold for {where} ({type(error).__name__}): name, secret or a clock is another"
        ) from error
    except (dns.exception.DNSException, OSError, EOFError, ValueError) as error:
        raise UnreadableSource(f"{where} cannot be transferred ({_why(error)})") from error
    return tuple(held.values())


def zones_at(server: Endpoint, hosts: Iterable[DomainName]) -> tuple[DomainName, ...]:
    """Ask a server for the zones in which hosts lie, and that it is authoritative for.

    Raises:
        UnreadableSource: It does not answer, or has none of them.
    """
    found: set[DomainName] = set()
    for host in sorted(hosts)[:MOST_QUESTIONS]:
        query = dns.message.make_query(host.removeprefix("*."), dns.rdatatype.SOA, flags=0)
        try:
            answer, _ = dns.query.udp_with_fallback(query, server.address, REPLY_SECONDS, server.port)  # noqa: TID251  # as above
        except (dns.exception.DNSException, OSError, EOFError, ValueError) as error:
            raise UnreadableSource(f"{server} does not answer ({_why(error)})") from error
        if answer.flags & dns.flags.AA:
            told = (*answer.answer, *answer.authority)
            found |= {canonical(one.name.to_text()) for one in told if one.rdtype == dns.rdatatype.SOA}
    if not found:
        raise UnreadableSource(f"{server} is authoritative for no zone that holds a host that moves")
    return tuple(sorted(found))


def _messages(server: Endpoint, zone: DomainName, key: TransferKey | None) -> Iterable[dns.message.Message]:
    keyring = None if key is None else {key.key.name: key.key}
    answers: Iterable[dns.message.Message] = dns.query.xfr(  # noqa: TID251  # as above
        server.address,
        zone,
        port=server.port,
        keyring=keyring,
        relativize=False,
        timeout=REPLY_SECONDS,
        lifetime=TRANSFER_SECONDS,
    )
    return answers


def _why(error: Exception) -> str:
    if isinstance(error, dns.exception.Timeout):
        return "it does not answer in time"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror.lower()
    return f"its answer is none: {type(error).__name__}"
