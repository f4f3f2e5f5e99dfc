r"""Record values as Route 53 writes them: TXT in quotes, and `\ooo` in octal where the DNS's own text has decimal.

Source: Route 53 developer guide, "Supported DNS record types" and "DNS domain name format". The sentences about
invalid values begin as the service's do (`Invalid Resource Record: 'FATAL problem: …`).
"""

import ipaddress
import re
from functools import lru_cache

import dns.exception
import dns.name
import dns.rdata
import dns.rdataclass
import dns.rdatatype
from dns.rdtypes.ANY.TXT import TXT

from probe.model.name import MAX_LABEL_OCTETS, MAX_NAME_OCTETS, DomainName, canonical

SUPPORTED_TYPES = frozenset({"A", "AAAA", "CAA", "CNAME", "DS", "MX", "NAPTR", "NS", "PTR", "SOA", "SPF", "SRV", "TXT"})
"""The types that the lab's Route 53 holds: what ExternalDNS writes, and what an apex has."""

NAME_TYPES = frozenset({"CNAME", "NS", "PTR"})

_MAX_CHARACTER_STRING = 255  # one length octet (RFC 1035 section 3.3)
_MAX_TXT = 4000  # bytes over all character strings of one value (developer guide, "TXT record type")

_CHARACTER_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_ESCAPE = re.compile(r"\\([0-3][0-7]{2}|.)", re.DOTALL)
_OCTAL_DIGITS = 3


def problem(word: str, explanation: str, value: str) -> str:
    """Word a mistake in a value as the service does."""
    return f"Invalid Resource Record: 'FATAL problem: {word} ({explanation}) encountered with '{value}''"


def unescape(text: str) -> bytes:
    r"""Resolve `\ooo` (octal) and `\c` escapes."""
    pieces: list[bytes] = []
    position = 0
    for match in _ESCAPE.finditer(text):
        pieces.append(text[position : match.start()].encode())
        escaped = match.group(1)
        pieces.append(bytes([int(escaped, 8)]) if len(escaped) == _OCTAL_DIGITS else escaped.encode())
        position = match.end()
    pieces.append(text[position:].encode())
    return b"".join(pieces)


def character_strings(value: str) -> tuple[bytes, ...] | None:
    """Split a TXT value into its character strings; None when it is not a row of quoted strings."""
    strings: list[bytes] = []
    position = 0
    while position < len(value):
        match = _CHARACTER_STRING.match(value, position)
        if match is None:
            return None
        strings.append(unescape(match.group(1)))
        position = match.end()
        rest = value[position:]
        spaces = len(rest) - len(rest.lstrip(" \t"))
        if rest and not spaces:
            return None
        position += spaces
    return tuple(strings) or None


def mistake_in(rdtype: str, value: str) -> str | None:
    """Say in Route 53's words what is wrong with one value of a record set; None when nothing is."""
    if rdtype == "A":
        return _address_mistake(value, 4)
    if rdtype == "AAAA":
        return _address_mistake(value, 6)
    if rdtype in {"TXT", "SPF"}:
        return _txt_mistake(value)
    if rdtype in NAME_TYPES:
        return name_mistake(value)
    try:
        to_rdata(rdtype, value)
    except (dns.exception.DNSException, ValueError):
        return problem(f"{rdtype}RRDATAInvalid", "Value is not valid for its type", value)
    return None


def _address_mistake(value: str, version: int) -> str | None:
    try:
        if ipaddress.ip_address(value).version == version and "%" not in value:
            return None
    except ValueError:
        pass
    word = "ARRDATAIllegalIPv4Address" if version == 4 else "AAAARRDATAIllegalIPv6Address"  # noqa: PLR2004 -- IPv4
    return problem(word, f"Value is not a valid IPv{version} address", value)


def _txt_mistake(value: str) -> str | None:
    strings = character_strings(value)
    if strings is None:
        return problem("InvalidCharacterString", "Value should be enclosed in quotation marks", value)
    if any(len(string) > _MAX_CHARACTER_STRING for string in strings) or sum(map(len, strings)) > _MAX_TXT:
        return problem("CharacterStringTooLong", "Value is too long", value)
    return None


def name_mistake(value: str) -> str | None:
    """Say what is wrong with a domain name (as a value, or as an owner); None when nothing is."""
    labels = value.removesuffix(".").split(".")
    if any(not label for label in labels):
        return problem("DomainLabelEmpty", "Domain label is empty", value)
    if any(len(unescape(label)) > MAX_LABEL_OCTETS for label in labels):
        return problem("DomainLabelTooLong", "Domain label is too long", value)
    if sum(len(unescape(label)) + 1 for label in labels) + 1 > MAX_NAME_OCTETS:
        return problem("DomainNameTooLong", "Domain name is too long", value)
    return None


@lru_cache(maxsize=4096)
def to_name(text: str) -> dns.name.Name:
    r"""Make a wire name of an absolute or dotless one, `\ooo` octal."""
    labels = [] if text == "." else [unescape(label) for label in text.removesuffix(".").split(".")]
    return dns.name.Name([*labels, b""])


@lru_cache(maxsize=4096)
def to_domain(text: str) -> DomainName:
    r"""Make a name as the lab keeps it (lower case, absolute, the DNS's own escapes) of the API's spelling."""
    return canonical(to_name(text).to_text())


@lru_cache(maxsize=8192)
def to_rdata(rdtype: str, value: str) -> dns.rdata.Rdata:
    """Make wire data of one value.

    Raises:
        dns.exception.DNSException, ValueError: The value is not valid for its type.
    """
    if rdtype in {"TXT", "SPF"}:
        strings = character_strings(value)
        if strings is None:
            raise ValueError(f"{value!r} is not a row of quoted character strings")
        return TXT(dns.rdataclass.IN, dns.rdatatype.from_text(rdtype), strings)
    if rdtype in NAME_TYPES:
        value = to_name(value).to_text()
    return dns.rdata.from_text(dns.rdataclass.IN, dns.rdatatype.from_text(rdtype), value)
