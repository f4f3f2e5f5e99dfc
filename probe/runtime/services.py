"""HTTPS checks in their turns: schedules them, bounds those in flight, and hands their results on.

Checks have a schedule of their own, beside that of the DNS queries: a slow or late check delays no query. A domain's
next turn is counted from the end of its last one.
"""

import math
import random
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from probe.judge.polling.http import CHECKS_PER_SECOND, RECHECK, addresses, delay, is_known, turn_plan
from probe.judge.service import Reach, is_cut_off, notice
from probe.model.clock import Instant
from probe.model.plan import HttpCheck, Plan
from probe.model.ports import ServiceChecker, ServiceQuery
from probe.model.service import ServiceCheck
from probe.model.side import Side
from probe.runtime.intake import Intake
from probe.runtime.schedule import DueQueue
from probe.runtime.targets import Targets
from probe.runtime.watched import WatchedDomain

if TYPE_CHECKING:
    from probe.model.name import DomainName

_BEHIND = 1.0  # seconds by which checks may be ahead of that rate: one domain's turn is up to a dozen of them


class _Cell:
    """One domain's checks: which turn is next, and how many of the newest are out."""

    __slots__ = ("left", "turn", "watched_domain")

    def __init__(self, watched_domain: WatchedDomain, turn: int) -> None:
        self.watched_domain = watched_domain
        self.turn = turn
        self.left = 0


class Services:
    """Checks the services of the domains that have a check in the plan. Belongs to the event loop; nothing here waits.

    Args:
        plan: The plan in force.
        checker: Makes the checks.
        rng: Draws the jitter.
        targets: The load balancers, whose addresses are checked.
        intake: Where domains are, and where checks are folded.
        earlier: Told when a check is due before all others.
    """

    def __init__(  # noqa: PLR0913  # whom it asks, whom it tells, and when
        self,
        plan: Plan,
        checker: ServiceChecker,
        rng: random.Random,
        targets: Targets,
        intake: Intake,
        *,
        earlier: Callable[[float], None],
    ) -> None:
        self._plan = plan
        self._checker = checker
        self._rng = rng
        self._targets = targets
        self._intake = intake
        self._schedule: DueQueue[_Cell] = DueQueue(earlier)
        self._due: deque[_Cell] = deque()  # in the order in which they became due, or some would never have their turn
        self._cells: dict[DomainName, _Cell] = {}
        self._reaches: dict[tuple[Side, bool], Reach] = {}
        self._paid = float("-inf")  # until when the checks that were started fill the rate

    def replace(self, plan: Plan, now: float) -> None:
        """Go by another plan from the next turn on; new domains get their turns from the monotonic second `now` on."""
        self._plan = plan
        self._checker.forget()
        for watched_domain in self._intake.watched_domains:
            if not watched_domain.state.status.services:
                continue
            cell = self._cells.get(watched_domain.name)
            if cell is None or cell.watched_domain is not watched_domain:
                self._cells[watched_domain.name] = cell = _Cell(watched_domain, self._rng.randrange(1 << 16))
                self._schedule.put(now, cell)

    @property
    def next_due(self) -> float:
        """The monotonic second from which the next check is due; in the past while some wait for their rate."""
        return -math.inf if self._due else self._schedule.next_due

    def pulse(self, at: Instant) -> None:
        """Start the checks that are due."""
        now = at.monotonic
        self._due.extend(cell for _, cell in self._schedule.take(now, len(self._schedule)))
        while self._due and self._paid <= now + _BEHIND:
            cell = self._due.popleft()
            if cell.watched_domain.watched and cell.watched_domain.status.services:
                self._turn(cell, at)
            elif self._cells.get(cell.watched_domain.name) is cell:
                del self._cells[cell.watched_domain.name]

    def settled(self, watched_domain: WatchedDomain) -> bool:
        """Tell whether everything that can be known of a domain's service is known: nothing waits to be confirmed."""
        if not watched_domain.status.services:
            return True
        cell = self._cells.get(watched_domain.name)
        if cell is None or cell.left:
            return False
        present = self._present(watched_domain)
        return all(is_known(service, present[service.side]) for service in watched_domain.status.services)

    def _turn(self, cell: _Cell, at: Instant) -> None:
        watched_domain, now = cell.watched_domain, at.monotonic
        status, http = watched_domain.status, watched_domain.status.domain.http
        present = self._present(watched_domain)
        queries = [
            ServiceQuery(watched_domain.name, service.side, address, http)
            for service in status.services
            for address in turn_plan(service, present[service.side], cell.turn)
            if http is not None
        ]
        cell.turn += 1
        if any(one.check.address not in present[known.side] for known in status.services for one in known.addresses):
            self._intake.observe_service(watched_domain, at, present, cut_off=False)
        if not queries:  # no load balancer shows an address: one may do so at any time
            self._schedule.put(now + min(self._plan.probing.service_interval, RECHECK), cell)
            return
        cell.left = len(queries)
        self._paid = max(self._paid, now) + len(queries) / CHECKS_PER_SECOND
        self._checker.submit(queries, partial(self._observe, cell, http))

    def _observe(self, cell: _Cell, http: HttpCheck | None, check: ServiceCheck) -> None:
        watched_domain = cell.watched_domain
        v6 = ":" in check.address
        place = check.side, v6
        self._reaches[place] = notice(self._reaches.get(place, Reach()), check)
        present = self._present(watched_domain)
        if (
            watched_domain.watched and watched_domain.status.domain.http == http
        ):  # or it answers a question that nobody asks any more
            v1, v2 = (self._reaches.get((side, v6), Reach()) for side in Side)
            self._intake.observe_service(watched_domain, check, present, cut_off=is_cut_off(v1, v2))
        cell.left -= 1
        if cell.left == 0:
            interval = self._plan.probing.service_interval
            later = RECHECK
            if len(watched_domain.status.services) == len(present):
                later = delay(watched_domain.status, tuple(present.values()), interval, self._rng.random())
            self._schedule.put(check.at.monotonic + later, cell)

    def _present(self, watched_domain: WatchedDomain) -> dict[Side, tuple[str, ...]]:
        return {side: addresses(side, self._targets.book, self._plan, watched_domain.status) for side in Side}
