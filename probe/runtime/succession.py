"""A plan on its way into force: worked out some domains at a time, beside probing, and not seen until it is whole.

Taking a plan of 10,000 domains over took a third of a second in which no question left. Most of it is the same for each
domain: finding out what the new plan changes for it, and where answers will find it. So that is done before, in
portions between which the loop runs. What answers have changed meanwhile is worked out again, portion by portion, until
so little is left that it is done together with what makes the plan come into force.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TypeVar

from probe.judge.answer.address_book import AddressBook
from probe.judge.renamed import renaming_by
from probe.judge.state import DomainState
from probe.model.plan import Domain, Plan
from probe.runtime.restored import adopted
from probe.runtime.watched import WatchedDomain, WatchedDomains

PORTION_DOMAINS = 64
"""Domains worked out at a time: half a millisecond where the plan changes nothing for them, and some where it does."""

ROUNDS = 8
"""How often what answers have changed meanwhile is worked out again before the rest is done at once. Each round takes
as long as the share of domains that were answered in the one before."""


Item = TypeVar("Item")


def batches(items: Iterable[Item], size: int) -> Iterator[tuple[Item, ...]]:
    """Give items in their order, so many at a time."""
    rest = iter(items)
    while batch := tuple(islice(rest, size)):
        yield batch


class Succession:
    """What follows from a plan for each of its domains.

    Args:
        plan: The one that is to come into force.
        present: The one that is.
        watched: The domains that are watched by that.
        begin: Makes the watched domain of a name that is new.
        book: The address book under the present plan.

    Attributes:
        plan: As above.
        watched_domains: The new plan's domains, and where answers find them.
    """

    def __init__(
        self,
        plan: Plan,
        present: Plan,
        watched: WatchedDomains,
        begin: Callable[[Domain], WatchedDomain],
        book: AddressBook,
    ) -> None:
        self.plan = plan
        self.watched_domains = WatchedDomains((), plan.registries)
        self._present = present
        self._watched = watched
        self._begin = begin
        self._renaming = renaming_by(plan, present, book)
        self._same = self._renaming is None and (plan.registries, plan.resolvers) == (
            present.registries,
            present.resolvers,
        )
        self._states: dict[WatchedDomain, tuple[Domain, DomainState, DomainState]] = {}

    def portions(self) -> Iterator[None]:
        """Work everything out, and give way between two portions."""
        for number, portion in enumerate(batches(self.plan.domains, PORTION_DOMAINS)):
            if number:
                yield
            for domain in portion:
                self._add(domain)
        for _ in range(ROUNDS):
            outrun = self._outrun()
            if len(outrun) <= PORTION_DOMAINS:
                return
            for again in batches(outrun, PORTION_DOMAINS):
                yield
                self._adopt(again)

    def settle(self) -> None:
        """Work out what is left, so that nothing can fail any more."""
        self._adopt(self._outrun())

    def finish(self) -> tuple[WatchedDomain, ...]:
        """Bring every domain's state under the plan, and give those of which it says something else than before."""
        for watched_domain in self.watched_domains:
            worked_out = self._states.get(watched_domain)
            # What the plan says nothing else of is judged as a whole by it all the same (`adopted`).
            watched_domain.state = watched_domain.state.judged_at(None) if worked_out is None else worked_out[2]
        return tuple(
            watched_domain
            for watched_domain, (_, before, after) in self._states.items()
            if before.status.domain != after.status.domain
        )

    def _add(self, domain: Domain) -> None:
        watched_domain = self._watched.named(domain.name)
        if watched_domain is None:
            self.watched_domains.add(self._begin(domain))
            return
        if not self._same or domain != watched_domain.status.domain:
            self._states[watched_domain] = self._under(domain, watched_domain)
        self.watched_domains.add(watched_domain)

    def _adopt(self, watched_domains: Iterable[WatchedDomain]) -> None:
        for watched_domain in watched_domains:
            self._states[watched_domain] = self._under(self._states[watched_domain][0], watched_domain)

    def _under(self, domain: Domain, watched_domain: WatchedDomain) -> tuple[Domain, DomainState, DomainState]:
        state = adopted(watched_domain.state, domain, self.plan, self._present, watched_domain.zone, self._renaming)
        self.watched_domains.route(watched_domain, state.status.txts)
        return domain, watched_domain.state, state

    def _outrun(self) -> tuple[WatchedDomain, ...]:
        return tuple(one for one, (_, before, _) in self._states.items() if one.state is not before)
