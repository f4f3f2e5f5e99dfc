"""Servers that stand against the others of their zone for several domains: they keep an old zone, or another one."""

from typing import NamedTuple, TypeAlias

from probe.model.clock import Instant
from probe.model.name import DomainName
from probe.model.server import Server


class DissentingServer(NamedTuple):
    """One such server.

    Attributes:
        server: Which.
        domains: For which, in the plan's order.
        since: When the first of them began to be divided.
    """

    server: Server
    domains: tuple[DomainName, ...]
    since: Instant


Dissent: TypeAlias = tuple[tuple[DomainName, tuple[DissentingServer, ...]], ...]
"""Every zone that has such servers, and which these are."""
