"""The state of earlier processes, and how a watch resumes from it; and the recorder that keeps nothing."""

from collections.abc import Container, Mapping
from typing import Any, NamedTuple

from probe.judge.answer.address_book import AddressBook
from probe.judge.findings.vantage import Vantage
from probe.judge.renamed import Renaming, renamed, renaming_by
from probe.judge.resume import resume
from probe.judge.review import adopt, initial
from probe.judge.state import DomainMemory, DomainState, forgotten
from probe.model.clock import Instant
from probe.model.effect import ExpectationChanged
from probe.model.finding import FindingCode
from probe.model.journal import Checkpoint, Entry, JournalStatus, Place
from probe.model.name import DomainName
from probe.model.plan import Domain, Plan
from probe.runtime.watched import WatchedDomain


class RestoredState(NamedTuple):
    """All that a watch can go on with.

    Attributes:
        plan: The plan that was in force.
        states: Of its domains.
        places: Where they are asked.
        book: The address book; None when it could not be read.
        billed: Billed questions by zone.
        vantage: What this vantage saw of the world.
        until: The last moment that was watched.
    """

    plan: Plan
    states: Mapping[DomainName, DomainState]
    places: Mapping[DomainName, Place]
    book: AddressBook | None
    billed: tuple[tuple[DomainName, int], ...]
    vantage: Vantage
    until: Instant


def restored_from(checkpoint: Checkpoint[DomainMemory, AddressBook, Vantage], until: Instant) -> RestoredState:
    """Take a checkpoint apart."""
    shared: dict[object, Place] = {}  # domains of one zone share one tuple of servers, by which load is counted
    places = {}
    for place in checkpoint.places:
        servers = shared.setdefault(place.servers, place).servers
        places[place.name] = place._replace(servers=servers)
    return RestoredState(
        plan=checkpoint.plan,
        states={
            status.domain.name: forgotten(status) if memory is None else DomainState(status, memory)
            for status, memory in checkpoint.states
        },
        places=places,
        book=checkpoint.book,
        billed=checkpoint.billed,
        vantage=checkpoint.vantage or Vantage(),
        until=until,
    )


def without_untold(
    restored: RestoredState, told: Container[tuple[DomainName, FindingCode]]
) -> tuple[RestoredState, tuple[DomainName, ...]]:
    """Leave out the domains with a finding that nobody was told of: for a journal of which some is damaged.

    What is missing may be what another answer is judged by (a load balancer's addresses, say). What the rest leads to
    was true only if it was found at that time as well.

    Args:
        restored: What the rest leads to.
        told: Whose findings were told.

    Returns:
        The state, and the domains that are not in it any more.
    """
    untold = tuple(
        name
        for name, state in restored.states.items()
        if any((finding.domain, finding.code) not in told for finding in state.status.findings)
    )
    left = {name: state for name, state in restored.states.items() if name not in untold}
    return restored._replace(states=left), untold


def renaming_since(restored: RestoredState | None, plan: Plan) -> Renaming | None:
    """Tell how a plan calls addresses otherwise than the one by which something was known before."""
    if restored is None or restored.book is None:
        return None
    return renaming_by(plan, restored.plan, restored.book)


def take_up(  # noqa: PLR0913, PLR0917  # what was known, of which domain, by which plan, when, and whose turn it is
    restored: RestoredState | None,
    domain: Domain,
    plan: Plan,
    at: Instant,
    turn: int,
    renaming: Renaming | None = None,
) -> WatchedDomain:
    """Make the watched domain of a domain, resuming from what was known of it, if anything was.

    Args:
        restored: What was known.
        domain: The plan's word on it.
        plan: The plan in force.
        at: Now.
        turn: Which of its servers is asked first.
        renaming: How the plan calls addresses that it was known by otherwise (`renaming_since`).
    """
    state = restored.states.get(domain.name) if restored is not None else None
    if restored is None or state is None:
        return WatchedDomain(initial(domain, plan.registries), turn, at.monotonic)
    place = restored.places.get(domain.name)
    zone = place.zone if place is not None else None
    watched_domain = WatchedDomain(
        resume(adopted(state, domain, plan, restored.plan, zone, renaming), at, plan.soak), turn, at.monotonic
    )
    watched_domain.resumed = True
    if place is not None:
        watched_domain.servers, watched_domain.zone = place.servers, zone
    return watched_domain


def adopted(  # noqa: PLR0913, PLR0917  # both plans, and what is between them
    state: DomainState,
    domain: Domain,
    plan: Plan,
    present: Plan,
    zone: DomainName | None,
    renaming: Renaming | None = None,
) -> DomainState:
    """Give a domain's state under a plan, where `present` was in force until now."""
    if (
        plan is not present
        and renaming is None
        and domain == state.status.domain
        and (plan.registries, plan.resolvers) == (present.registries, present.resolvers)
    ):
        # most domains of most reloads: probing must not pause for what did not change
        return state.judged_at(None)
    taken = adopt(state, domain, plan.registries, zone)
    watched = tuple(resolver for resolver in taken.status.resolvers if resolver.server in plan.resolvers)
    beside = tuple(resolver for resolver in taken.status.other_view if resolver.server in plan.resolvers)
    txts = tuple(txt for txt in taken.status.other_txts if txt.server in plan.resolvers)
    taken = taken.with_status(taken.status._replace(resolvers=watched, other_view=beside, other_txts=txts))
    return taken if renaming is None else renamed(taken, renaming)


def expectation_changes(before: Plan, after: Plan, at: Instant) -> tuple[ExpectationChanged, ...]:
    """Say which waves something else is expected of, where a plan only moved on by its own schedule."""
    return tuple(
        ExpectationChanged(wave.name, was.expectation, wave.expectation, at)
        for was, wave in zip(before.waves, after.waves, strict=True)
        if was.expectation is not wave.expectation
    )


class Unrecorded:
    """The recorder of a probe that keeps nothing."""

    def record(self, entry: Entry) -> None:
        """Let it go."""

    def wants_checkpoint(self, at: Instant) -> bool:
        """Say no."""
        del at
        return False

    def checkpoint(self, checkpoint: Checkpoint[Any, Any, Any]) -> None:
        """Let it go."""

    def status(self) -> JournalStatus | None:
        """Say that there is none."""
        return None
