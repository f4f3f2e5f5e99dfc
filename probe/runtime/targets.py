"""Looks up the load balancers' names all the time, so that the addresses of an alias can be assigned to a side.

Every round asks each name at its own zone's servers, several times when an answer was full (at most eight addresses fit
into one, so a large load balancer shows itself piece by piece). An address that belongs to no side starts a round at
once: it may be a new address of a load balancer that has just scaled up.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import structlog

from probe.judge.answer.address_book import AddressBook, carry_over, open_book
from probe.judge.answer.held import is_held
from probe.judge.findings.failing import FAILING_AFTER, LOSSES
from probe.judge.polling import cadence
from probe.model.clock import Instant
from probe.model.name import DomainName, display
from probe.model.observation import Observation
from probe.model.outcome import Response
from probe.model.plan import Plan
from probe.model.ports import Query
from probe.model.side import Side
from probe.model.snapshot import SilentTarget

if TYPE_CHECKING:
    from probe.runtime.watched import Servers

_ANSWERED = frozenset({"NOERROR", "NXDOMAIN"})

HURRY_PAUSE = 2.0
"""Seconds between two rounds that doubts call for: a foreign answer repeats with every question until explained."""


class Target:
    """One load balancer's name: who answers for it, how large its answers are, and how many failed to come in a row.

    `heard` is whether it was ever answered, and `bare` whether the newest round was, without a single address.
    `silent_since` is when the first of the present `silences` was noticed, all of them while this vantage saw others.

    Args:
        name: The load balancer's name.
        side: Whose it is.
    """

    __slots__ = (
        "asked_at",
        "bare",
        "heard",
        "largest",
        "name",
        "outstanding",
        "servers",
        "side",
        "silences",
        "silent_since",
        "unanswered",
    )

    def __init__(self, name: DomainName, side: Side) -> None:
        self.name = name
        self.side = side
        self.servers: Servers = ()
        self.largest = 0
        self.outstanding = 0
        self.unanswered = 0
        self.silences = 0
        self.silent_since: Instant | None = None
        self.heard = False
        self.bare = False
        self.asked_at = float("-inf")


class Targets:
    """All load balancers' names, and the address book that they fill.

    Args:
        plan: Names them.
        book: What is known of them already.
    """

    def __init__(self, plan: Plan, book: AddressBook | None = None) -> None:
        self.book: AddressBook = book or open_book(plan)
        self._log = structlog.get_logger("probe.targets")
        self._targets: dict[DomainName, Target] = {}
        self.replace(plan)

    def __iter__(self) -> Iterator[Target]:
        """Go through them."""
        return iter(self._targets.values())

    @property
    def names(self) -> Iterable[DomainName]:
        """The load balancers' names."""
        return self._targets.keys()

    @property
    def heard(self) -> bool:
        """Whether every name was answered at some time, be it that it has no address."""
        return all(target.heard for target in self._targets.values())

    def replace(self, plan: Plan) -> tuple[Target, ...]:
        """Take over a plan; what is known of names that stay is kept. Gives the targets that are new."""
        self.book = carry_over(self.book, plan)
        before = self._targets
        self._targets = {}
        new = []
        for side in Side:
            for name in plan.side(side).load_balancers:
                known = before.get(name)
                target = known if known is not None and known.side is side else Target(name, side)
                if target is not known:
                    new.append(target)
                    if known is not None:  # it changed sides, its servers did not: nobody tells of them again
                        target.servers = known.servers
                self._targets[name] = target
        return tuple(new)

    def get(self, name: DomainName) -> Target | None:
        """Give the target of this name."""
        return self._targets.get(name)

    def is_watched(self, target: Target) -> bool:
        """Tell whether the plan still has this target."""
        return self._targets.get(target.name) is target

    def round(self, target: Target, now: float) -> tuple[Query, ...]:
        """Give the questions of one round for one target, asked at the monotonic second `now`.

        There are none while the previous round is not over.
        """
        if target.outstanding > 0:
            return ()
        queries = cadence.target_plan(target.name, target.servers, target.largest)
        target.outstanding = len(queries)
        target.asked_at = now
        target.largest = 0
        return queries

    def hurry(self, now: float) -> tuple[Query, ...]:
        """Give the questions of a round for every target that was not asked just before the monotonic second `now`."""
        return tuple(
            ask
            for target in self._targets.values()
            if now - target.asked_at >= HURRY_PAUSE
            for ask in self.round(target, now)
        )

    def silent(self, now: Instant) -> tuple[SilentTarget, ...]:
        """Give the names that no server answers, as long and as often as accuses one server of a zone. For any thread.

        Which is to blame, these servers or the way to them, is not known here.
        """
        silent = [(one.name, one.silences, one.silent_since) for one in tuple(self._targets.values())]
        return tuple(
            SilentTarget(name, since)
            for name, silences, since in silent
            if since is not None and silences >= LOSSES and now.monotonic - since.monotonic >= FAILING_AFTER
        )

    def learn(self, target: Target, observation: Observation, *, unseeing: bool = False) -> None:
        """Take in one observation of a load balancer's name; `unseeing`: a silence that is this vantage's own."""
        target.outstanding = max(0, target.outstanding - 1)
        outcome = observation.outcome
        held = isinstance(outcome, Response) and is_held(observation.server, outcome)
        if not isinstance(outcome, Response) or not (outcome.authoritative or held) or outcome.rcode not in _ANSWERED:
            target.unanswered += 1
            if not unseeing:
                target.silences += 1
                target.silent_since = target.silent_since or observation.at
            return
        target.unanswered = target.silences = 0
        target.silent_since = None
        target.heard = True
        asked = observation.question.rdtype
        largest = max((len(rrset.rdata) for rrset in outcome.answer), default=0)
        target.largest = max(target.largest, largest)
        self.book = self.book.learn(target.side, target.name, outcome, observation.at, asked, held=held)
        if target.outstanding == 0 and target.bare is not (target.largest == 0):
            target.bare = target.largest == 0
            self._tell(target)

    def _tell(self, target: Target) -> None:
        name, side = display(target.name), target.side.value
        if target.bare:
            self._log.warning(
                "a load balancer's name has no address: answers that lead to its side are not recognised. Compare it "
                "with"
                " the load balancer's DNS name; remove it from the plan if the load balancer is deleted",
                load_balancer=name,
                side=side,
            )
        else:
            self._log.info("a load balancer's name has addresses again", load_balancer=name, side=side)
