"""One small network: the probe behind a router, and beyond it name servers on good and on bad ways.

probe ── router ─┬─ good       NSD for the root and the zones that the plan gives
                 ├─ thief      has another's address, and a resolver at it: an intercepting middlebox
                 └─ tunnel ─── narrow     NSD behind a link of 1,280 bytes in the middle of the way
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.e2e.plans import OWNERSHIP, V1
from tests.netns.hosts import Host, connect, hosts
from tests.netns.servers import nsd, resolver

GOOD, GOOD_V6 = "203.0.113.10", "2001:db8:53::10"
NARROW, NARROW_V6 = "203.0.113.30", "2001:db8:53::30"
STOLEN = "203.0.113.66"
UNREACHABLE, PROHIBITED, SWALLOWED, CLOSED = (f"203.0.113.{number}" for number in (21, 22, 23, 24))
UNREACHABLE_V6 = "2001:db8:53::21"
NO_ROUTE_V6 = "2001:db8:99::1"
"""No host of the network has a route to it, the probe's neither."""
LOCALLY_PROHIBITED = "203.0.113.25"
"""The probe's own kernel refuses to send there, as a policy of the host's or a firewall does."""

STOLEN_ZONE = "stolen.net"
STOLEN_NS = f"ns.{STOLEN_ZONE}"
_WWW = f"www A {V1}\na-www TXT {OWNERSHIP}\n"
RECORDS = f"@ NS ns\nns A {GOOD}\n{_WWW}"
LONG = "".join(f"www A 192.0.2.{number}\n" for number in range(2, 91))
"""With `RECORDS` 90 addresses: more than a datagram is asked to hold, and more than one packet of the narrow link."""
_ROOT = f"@ NS ns.root.\nns.root. A {GOOD}\n{STOLEN_ZONE}. NS {STOLEN_NS}.\n{STOLEN_NS}. A {STOLEN}\n"


class Network(NamedTuple):
    """Those of its hosts that a test does something to."""

    probe: Host
    router: Host
    narrow: Host


@contextmanager
def network(folder: Path, zones: Mapping[str, str]) -> Iterator[Network]:
    """Build it, with these zones on its good server and on the narrow one."""
    with ExitStack() as stack:
        probe, router, good, thief, tunnel, narrow = stack.enter_context(
            hosts("probe", "router", "good", "thief", "tunnel", "narrow")
        )
        router.set("ipv6/conf/all/keep_addr_on_down", "1")  # a link that comes back has the addresses that it had
        for number, host in enumerate((probe, good, thief), 1):
            connect(router, host, number)
            host.ip(f"route add default via 10.53.{number}.1")
        connect(router, tunnel, 4, mtu=1_280)
        connect(tunnel, narrow, 5)
        router.forward()
        tunnel.forward()
        probe.ip("route add 2001:db8:53::/48 via fd53::1:1", f"route add prohibit {LOCALLY_PROHIBITED}")
        good.ip(
            "route add default via fd53::2:1",
            *(f"addr add {address}/32 dev lo" for address in (GOOD, CLOSED)),
            f"addr add {GOOD_V6}/128 dev lo nodad",
        )
        thief.ip(f"addr add {STOLEN}/32 dev lo")
        tunnel.ip(
            "route add default via 10.53.4.1",
            "route add default via fd53::4:1",
            f"route add {NARROW} via 10.53.5.2",
            f"route add {NARROW_V6} via fd53::5:2",
        )
        narrow.ip(
            "route add default via 10.53.5.1",
            "route add default via fd53::5:1",
            f"addr add {NARROW}/32 dev lo",
            f"addr add {NARROW_V6}/128 dev lo nodad",
        )
        router.ip(
            *(f"route add {address} via 10.53.2.2" for address in (GOOD, CLOSED)),
            f"route add {GOOD_V6} via fd53::2:2",
            f"route add {STOLEN} via 10.53.3.2",
            f"route add {NARROW} via 10.53.4.2",
            f"route add {NARROW_V6} via fd53::4:2",
            f"route add unreachable {UNREACHABLE}",
            f"route add unreachable {UNREACHABLE_V6}",
            f"route add prohibit {PROHIBITED}",
            f"route add blackhole {SWALLOWED}",
        )
        for kind in ("ipv4/icmp_ratelimit", "ipv6/icmp/ratelimit"):
            router.set(kind, "0")  # or all but one a second would be silence
        stolen = {STOLEN_ZONE: f"@ NS ns\nns A {STOLEN}\n{_WWW}"}
        stack.enter_context(nsd(good, folder / "good", (GOOD, GOOD_V6), {**zones, ".": _ROOT}))
        stack.enter_context(nsd(narrow, folder / "narrow", (NARROW, NARROW_V6), {**zones, **stolen}))
        stack.enter_context(resolver(thief, folder / "thief", STOLEN, STOLEN_ZONE, NARROW))
        yield Network(probe, router, narrow)
