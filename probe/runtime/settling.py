"""How far the looks at a plan's domains have come: what a command that looks once waits for, and shows."""

from collections.abc import Iterator
from typing import NamedTuple

from probe.judge.findings.weights import awaiting
from probe.judge.polling.suspicion import wants_burst
from probe.runtime.delegations import Delegations
from probe.runtime.services import Services
from probe.runtime.watched import WatchedDomain, WatchedDomains


class Progress(NamedTuple):
    """How far the first looks have come.

    Attributes:
        total: Domains of the plan.
        looked: Those whose first look is over, or of which no server was found.
        settled: Those of them about which nothing is being asked in a burst, and whose service is known.
        weighing: Settled ones whose declared weights the answers so far neither confirm nor contradict.
        answers, needed: How many answers there are to that, and how many more will decide.
    """

    total: int
    looked: int
    settled: int
    weighing: int = 0
    answers: int = 0
    needed: int = 0


def progress(watched_domains: WatchedDomains, delegations: Delegations, services: Services) -> Progress:
    """Tell how far the first looks have come.

    Args:
        watched_domains: All domains of the plan.
        delegations: Tell of which of them no server was found.
        services: Tell of which the HTTPS checks are over.
    """
    looked = [
        watched_domain
        for watched_domain in watched_domains
        if watched_domain.looked or (not watched_domain.servers and delegations.settled(watched_domain.name))
    ]
    settled = [
        watched_domain
        for watched_domain in looked
        if not wants_burst(watched_domain.state) and services.settled(watched_domain)
    ]
    shares = [share for watched_domain in settled for share in awaiting(watched_domain.status)]
    return Progress(
        len(watched_domains),
        len(looked),
        len(settled),
        weighing=sum(bool(awaiting(watched_domain.status)) for watched_domain in settled),
        answers=sum(share.answers for share in shares),
        needed=sum(share.needed or 0 for share in shares),
    )


def to_be_weighed(watched_domains: WatchedDomains) -> Iterator[WatchedDomain]:
    """Give the domains whose first look is over and about which nothing is open but their declared weights."""
    for watched_domain in watched_domains:
        settled = watched_domain.looked and watched_domain.servers and not wants_burst(watched_domain.state)
        if settled and awaiting(watched_domain.status):
            yield watched_domain
