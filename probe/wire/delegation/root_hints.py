"""The root servers: where a delegation walk starts unless the plan names another start.

From the public list https://www.internic.net/domain/named.root (the one that resolvers ship as `root.hints`). It
changes once in some years, and a walk needs one living address of the 26, so an old list goes on working.
"""

from typing import Final

from probe.model.name import DomainName

ROOT_HINTS_DATE: Final = "2024-04-18"
"""The list's own "last update" (version 2024041801 of the root zone)."""

ROOT_HINTS: Final[tuple[tuple[DomainName, tuple[str, str]], ...]] = (
    (DomainName("a.root-servers.net."), ("198.41.0.4", "2001:503:ba3e::2:30")),
    (DomainName("b.root-servers.net."), ("170.247.170.2", "2801:1b8:10::b")),
    (DomainName("c.root-servers.net."), ("192.33.4.12", "2001:500:2::c")),
    (DomainName("d.root-servers.net."), ("199.7.91.13", "2001:500:2d::d")),
    (DomainName("e.root-servers.net."), ("192.203.230.10", "2001:500:a8::e")),
    (DomainName("f.root-servers.net."), ("192.5.5.241", "2001:500:2f::f")),
    (DomainName("g.root-servers.net."), ("192.112.36.4", "2001:500:12::d0d")),
    (DomainName("h.root-servers.net."), ("198.97.190.53", "2001:500:1::53")),
    (DomainName("i.root-servers.net."), ("192.36.148.17", "2001:7fe::53")),
    (DomainName("j.root-servers.net."), ("192.58.128.30", "2001:503:c27::2:30")),
    (DomainName("k.root-servers.net."), ("193.0.14.129", "2001:7fd::1")),
    (DomainName("l.root-servers.net."), ("199.7.83.42", "2001:500:9f::42")),
    (DomainName("m.root-servers.net."), ("202.12.27.33", "2001:dc3::35")),
)
"""Each root server's name with its IPv4 and its IPv6 address."""
