"""What the intake needs from the part that finds servers."""

from typing import Protocol

from probe.model.name import DomainName


class Zones(Protocol):
    """Knows zones, and is told when something is wrong with one. `probe.runtime.delegations` is the real one."""

    def zone(self, name: DomainName) -> DomainName | None:
        """Tell the zone that a watched name lies in; None while it is unknown."""

    def doubt(self, name: DomainName) -> None:
        """Take note that no server answers for a name with authority any more."""

    def doubt_zone(self, name: DomainName) -> None:
        """Take note that a server of a name's zone is lame."""
