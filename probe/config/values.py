"""Durations, addresses, networks, endpoints and versions as people write them. Pure; every refusal has a remedy."""

import math
import re
from datetime import datetime
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from probe.config.mistakes import Unusable, quoted
from probe.config.unreachable import refuse_for_server, refuse_for_side
from probe.model.plan import Endpoint, Network

DURATION_PATTERN = r"^(?=\d)(\d+d)?(\d+h)?(\d+m)?(\d+(\.\d+)?s)?(\d+ms)?$"
_DURATION = re.compile(DURATION_PATTERN.removesuffix("$"))
_UNIT = re.compile(r"(\d+(?:\.\d+)?)(ms|[dhms])")
_SECONDS = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}
_MAX_DURATION_TEXT = 32  # far more than `1d2h3m4.5s6ms`; bounds what the pattern is run over

MOMENT_PATTERN = r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?([Zz]|[+-]\d\d:\d\d)$"
_MOMENT = re.compile(MOMENT_PATTERN.removesuffix("$").replace(r"([Zz]|", r"(?P<zone>[Zz]|") + "?")
_EARLIEST = 2000  # a year before which nothing of this existed; and a slip of the pen is found

ENDPOINT_PATTERN = r"^(\[[0-9A-Fa-f:.]+\]|[0-9.]+)(:\d{1,5})?$"
_ENDPOINT = re.compile(r"(?:\[(?P<v6>[^\]]*)\]|(?P<v4>[^:\[\]]*))(?::(?P<port>\d{1,5}))?")
_MAX_PORT = 65535

VERSION_PATTERN = r"^v?\d{1,4}\.\d{1,4}(\.\d{1,4})?$"
_VERSION_PATTERN = re.compile(r"v?(\d{1,4})\.(\d{1,4})(?:\.(\d{1,4}))?")


def parse_seconds(value: object) -> float:
    """Read a duration: a number of seconds, or text such as `30s`, `5m`, `1h30m`, `500ms`.

    Raises:
        Unusable: It is neither.
    """
    remedy = "write seconds as a number, or a text such as `30s`, `5m` or `1h30m`"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if not math.isfinite(value):
            raise Unusable(f"{quoted(value)} is not a duration", remedy)
        return float(value)
    if isinstance(value, str):
        if len(value) <= _MAX_DURATION_TEXT and _DURATION.fullmatch(value):
            return math.fsum(float(number) * _SECONDS[unit] for number, unit in _UNIT.findall(value))
        raise Unusable(f"{quoted(value)} is not a duration", remedy)
    raise Unusable("a duration is wanted here", remedy)


def show_seconds(seconds: float) -> str:
    """Write a duration as people do: `500ms`, `7s`, `1h30m`."""
    if seconds <= 0:
        return f"{seconds:g}s"
    if seconds < 1:
        return f"{round(seconds * 1000)}ms"
    rest = seconds
    parts = []
    for unit in ("d", "h", "m"):
        count, rest = divmod(rest, _SECONDS[unit])
        if count:
            parts.append(f"{int(count)}{unit}")
    if rest or not parts:
        parts.append(f"{rest:g}s")
    return "".join(parts)


def parse_moment(text: str) -> float:
    """Read a date and time with its zone (RFC 3339; seconds may be left out), to seconds since the Unix epoch.

    Raises:
        Unusable: It is none, or its zone is missing: a night's work must not begin nine hours early.
    """
    remedy = "write a date, a time and the zone, such as `2026-12-01T20:00:00+09:00` or `2026-12-01T11:00:00Z`"
    match = _MOMENT.fullmatch(text)
    if match is None:
        raise Unusable(f"{quoted(text)} is not a date and time", remedy)
    if match["zone"] is None:
        raise Unusable(f"{quoted(text)} has no time zone", f"write it with one, such as {quoted(text + '+09:00')}")
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        raise Unusable(f"{quoted(text)} does not exist in the calendar", remedy) from None
    if moment.year < _EARLIEST:
        raise Unusable(f"{quoted(text)} lies before the year {_EARLIEST}", remedy)
    return moment.timestamp()


def parse_address(text: str) -> str:
    """Check an IP literal and give it in canonical form.

    Raises:
        Unusable: It is none, it has a port, a prefix length or a zone id, or no server can have it.
    """
    address = _address(text)
    refuse_for_server(address, text)
    return str(address)


def _address(text: str) -> IPv4Address | IPv6Address:
    remedy = "write an IP address, such as `192.0.2.53` or `2001:db8::53`"
    if "/" in text:
        raise Unusable(f"{quoted(text)} is a network, but one address is needed here", remedy)
    try:
        address = ip_address(text)
    except ValueError:
        if (match := _ENDPOINT.fullmatch(text)) and match["port"]:
            raise Unusable(f"{quoted(text)} has a port", "write the address only; a port has its own key") from None
        raise Unusable(f"{quoted(text)} is not an IP address", remedy) from None
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        raise Unusable(f"{quoted(text)} has a zone id", "write an address that is valid beyond one link")
    return address


# A side that owns more would never leave anything to be foreign; an AWS region's whole ranges are far smaller.
_SHORTEST_PREFIX = {4: 8, 6: 16}


def parse_network(text: str) -> Network:
    """Read an address or a network (CIDR); an address becomes a network of one.

    Raises:
        Unusable: It is neither, has host bits, is so large that it would swallow the other side, or nobody can have it.
    """
    if "/" not in text:
        alone = ip_network(_address(text))
        refuse_for_side(alone, text)
        return alone
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        raise Unusable(
            f"{quoted(text)} is neither an address nor a network", "write `192.0.2.10` or `198.51.100.0/24`"
        ) from None
    address = text.split("/", maxsplit=1)[0]
    if str(network.network_address) != str(ip_address(address)):
        raise Unusable(
            f"{quoted(text)} has bits beyond its prefix length",
            f"write {quoted(network)} for the network, or {quoted(address)} for the one address",
        )
    shortest = _SHORTEST_PREFIX[network.version]
    if network.prefixlen < shortest:
        raise Unusable(
            f"{quoted(text)} is so large that no answer could be told from it",
            f"write the networks that the load balancers really use (/{shortest} or longer)",
        )
    refuse_for_side(network, text)
    return network


# RFC 7871 section 11.1 recommends these lengths; several resolvers refuse or cut longer ones.
_LONGEST_SUBNET = {4: 24, 6: 56}


def parse_client_subnet(text: str) -> str:
    """Read an EDNS Client Subnet prefix (RFC 7871).

    Raises:
        Unusable: It is no network, or longer than resolvers honour.
    """
    if "/" not in text:
        raise Unusable(f"{quoted(text)} has no prefix length", "write a network, such as `203.0.113.0/24`")
    network = parse_network(text)
    longest = _LONGEST_SUBNET[network.version]
    if network.prefixlen > longest:
        raise Unusable(
            f"{quoted(text)} is longer than resolvers honour (RFC 7871 section 11.1)",
            f"write {quoted(network.supernet(new_prefix=longest))}",
        )
    return str(network)


def parse_endpoint(text: str, *, default_port: int | None = 53, port_zero: bool = False) -> Endpoint:
    """Read `192.0.2.53`, `192.0.2.53:53` or `[2001:db8::53]:53`.

    Args:
        text: What the user wrote.
        default_port: The port when none is written; None demands one.
        port_zero: Whether port 0 (any free one) will do.

    Raises:
        Unusable: It is no such endpoint.
    """
    examples = "`127.0.0.1:9953` or `[::]:9953`" if default_port is None else "`192.0.2.53:53` or `[2001:db8::53]:53`"
    remedy = f"write an address and a port, such as {examples}"
    if default_port is not None and ":" in text and "[" not in text and _is_ipv6(text):
        refuse_for_server(ip_address(text), text)
        return Endpoint(str(ip_address(text)), default_port)
    match = _ENDPOINT.fullmatch(text)
    if match is None:
        raise Unusable(f"{quoted(text)} is not an address with a port", remedy)
    host = match["v6"] if match["v6"] is not None else match["v4"]
    try:
        address = str(_address(host))
    except Unusable:
        raise Unusable(f"{quoted(text)} does not name an IP address", remedy) from None
    if default_port is not None:  # what is listened to is what is asked nowhere: every address of this machine
        refuse_for_server(ip_address(address), text)
    if match["port"] is None:
        if default_port is None:
            raise Unusable(f"{quoted(text)} has no port", remedy)
        return Endpoint(address, default_port)
    port = int(match["port"])
    if port > _MAX_PORT or (port == 0 and not port_zero):
        raise Unusable(f"{quoted(text)} has a port that does not exist", f"use a port from 1 to {_MAX_PORT}")
    return Endpoint(address, port)


def _is_ipv6(text: str) -> bool:
    try:
        return ip_address(text).version == 6  # noqa: PLR2004  the version's own number
    except ValueError:
        return False


def parse_version(text: str) -> tuple[int, int, int]:
    """Read an ExternalDNS version: `v0.22.0`, `0.22.0` or `0.22`.

    Raises:
        Unusable: It is none.
    """
    match = _VERSION_PATTERN.fullmatch(text)
    if match is None:
        raise Unusable(f"{quoted(text)} is not a version", "write it as ExternalDNS' image tag does, such as `v0.22.0`")
    return int(match[1]), int(match[2]), int(match[3] or 0)
