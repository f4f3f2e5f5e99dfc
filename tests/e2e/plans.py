"""Plan files that let a migration be seen in seconds: everything is asked as often as the plan's bounds allow."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

V1 = "192.0.2.1"
V2 = "198.51.100.1"
NEITHER = "203.0.113.1"

OWNERSHIP = '"heritage=external-dns,external-dns/owner=prod,external-dns/resource=ingress/shop/web"'
"""What an ExternalDNS writes beside each of its records: a record without it is reported as nobody's."""

ADDRESSES = {"v1": {"addresses": ["192.0.2.0/24", "2001:db8:1::/48"]}, "v2": {"addresses": ["198.51.100.0/24"]}}
"""Both sides as networks of the documentation (RFC 5737, RFC 3849)."""

FAST = {
    "interval": "500ms",
    "txt_interval": "5s",
    "resolver_interval": "1s",
    "burst_interval": "500ms",
    "target_interval": "1s",
    "timeout": "500ms",
    "grace": "3s",
    "queries_per_second": 50,
}


def wave(name: str, expect: str, *domains: str, **more: Any) -> dict[str, Any]:
    """Domains that move together."""
    return {"name": name, "expect": expect, **more, "domains": list(domains)}


def plan_text(
    *waves: Mapping[str, Any],
    authoritative: Mapping[str, Any],
    sides: Mapping[str, Any] = ADDRESSES,
    resolvers: Sequence[Mapping[str, Any]] = (),
    probing: Mapping[str, Any] = FAST,
    listen: str = "127.0.0.1:0",
) -> str:
    """Write a plan that listens on any free port of the loopback."""
    return yaml.safe_dump(
        {
            "vantage": "e2e",
            "sides": dict(sides),
            "waves": [dict(wave) for wave in waves],
            "resolvers": [dict(resolver) for resolver in resolvers],
            "authoritative": {"ipv6": False, **authoritative},
            "probing": dict(probing),
            "listen": listen,
        },
        sort_keys=False,
    )


def plan_file(folder: Path, text: str, name: str = "plan.yaml") -> Path:
    """Put a plan into a file."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path
