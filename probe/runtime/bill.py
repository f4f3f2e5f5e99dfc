"""What Route 53 charged for since the start, by hosted zone. `probe.judge.polling.billing` says what it charges for.

Whoever the servers belong to: for zones that live elsewhere the count says what Route 53 would charge.
"""

from collections.abc import Iterable

from probe.judge.polling.billing import is_billed
from probe.model.name import DomainName
from probe.model.observation import Observation
from probe.runtime.zones import Zones


class BilledQueries:
    """Billed questions about the plan's domains; load balancers' names are in AWS's own zones and cost nothing."""

    def __init__(self) -> None:
        self._by_zone: dict[DomainName, int] = {}

    def take_up(self, before: Iterable[tuple[DomainName, int]]) -> None:
        """Go on from what an earlier process counted."""
        self._by_zone = dict(before)

    def by_zone(self) -> tuple[tuple[DomainName, int], ...]:
        """Tell the counts, in the order in which the zones were first asked. For any thread."""
        return tuple(self._by_zone.items())

    def count(self, domain: DomainName, observation: Observation, zones: Zones, *, alias: bool | None = None) -> None:
        """Count one observation about a domain (its own name, or one of its TXT names, which are never aliases)."""
        if is_billed(observation, alias) and (zone := zones.zone(domain)) is not None:
            self._by_zone[zone] = self._by_zone.get(zone, 0) + 1
