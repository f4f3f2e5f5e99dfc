"""What Route 53 charged for since the start, by hosted zone. `probe.judge.billing` says what it charges for.

Whoever the servers belong to: for zones that live elsewhere the count says what Route 53 would charge.
"""

from typing import TYPE_CHECKING

from probe.judge.address_book import AddressBook
from probe.judge.billing import is_billed
from probe.model.name import DomainName
from probe.model.observation import Observation
from probe.runtime.delegations import Delegations

if TYPE_CHECKING:
    from probe.model.outcome import Outcome

REMEMBERED = 5_000
"""Responses for which it is remembered whether they were billed: they are kept alive by that, in some 10 MB at most."""


class Bill:
    """Billed questions about the plan's domains; load balancers' names are in AWS's own zones and cost nothing."""

    def __init__(self) -> None:
        self._by_zone: dict[DomainName, int] = {}
        self._known: dict[Outcome, bool] = {}
        self._version = -1

    def by_zone(self) -> tuple[tuple[DomainName, int], ...]:
        """Tell the counts, in the order in which the zones were first asked. For any thread."""
        return tuple(self._by_zone.items())

    def count(self, domain: DomainName, observation: Observation, book: AddressBook, delegations: Delegations) -> None:
        """Count one observation about a domain (its own name, or one of its TXT names)."""
        if self._is_billed(observation, book) and (zone := delegations.zone(domain)) is not None:
            self._by_zone[zone] = self._by_zone.get(zone, 0) + 1

    def _is_billed(self, observation: Observation, book: AddressBook) -> bool:
        """Ask `probe.judge.billing` once for each response: the same bytes are the same object."""
        if book.version != self._version or len(self._known) >= REMEMBERED:
            self._known.clear()
            self._version = book.version
        outcome = observation.outcome
        known = self._known.get(outcome)
        if known is None:
            known = self._known[outcome] = is_billed(observation, book)
        return known
