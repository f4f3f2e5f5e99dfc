"""Everything the daemon knows at one moment, as the edges read it: in their own thread, without a lock.

The domains' statuses are frozen values that the engine replaces one by one; a snapshot is a tuple of references to
them and costs no copying.
"""

from dataclasses import dataclass
from typing import NamedTuple

from probe.model.clock import Instant
from probe.model.convergence import ConvergenceCounts
from probe.model.delegation import Delegation
from probe.model.domain import DomainStatus
from probe.model.finding import Finding
from probe.model.journal import JournalStatus
from probe.model.name import DomainName
from probe.model.notification import NotificationCounts
from probe.model.plan import Plan
from probe.model.side import Side
from probe.model.testimony import WitnessStatus
from probe.model.traffic import Traffic
from probe.model.wave import WaveStatus


@dataclass(frozen=True, slots=True)
class TargetAddress:
    """One address in the address book.

    Attributes:
        side: Whose it is.
        address: The IP literal.
        source: The load balancer's name, or the network of the plan, that it came from.
        first_seen, last_seen: When the load balancer's name showed it. None for addresses given in the plan.
    """

    side: Side
    address: str
    source: str
    first_seen: Instant | None
    last_seen: Instant | None


@dataclass(frozen=True, slots=True)
class ScheduleStatus:
    """How well probing keeps its own times.

    Attributes:
        lag: Seconds by which the latest question left after it was due.
        max_lag: The largest such delay in the last minute.
        last_pass: When every record of every domain had been answered since the previous pass; None before the first.
        due: Questions that wait for their turn at a server.
    """

    lag: float
    max_lag: float
    last_pass: Instant | None
    due: int


@dataclass(frozen=True, slots=True)
class ReloadStatus:
    """How the newest attempt to load a file went: the plan, or the web configuration.

    Attributes:
        successful: Whether the newest attempt succeeded.
        at: When what is in force was loaded.
        error: What was wrong with the newest attempt; empty after a success.
    """

    successful: bool
    at: Instant
    error: str = ""


class SilentTarget(NamedTuple):
    """A load balancer's name that no server of its zone answers: silence, or messages that say nothing.

    Attributes:
        name: Which.
        since: The first of the questions that went without an answer.
    """

    name: DomainName
    since: Instant


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One moment.

    Attributes:
        at: Now.
        started: When the daemon began.
        plan: The plan in force.
        domains: In the plan's order.
        targets: The address book.
        delegations: Zone by zone, what the newest walk found.
        traffic: What the asking cost.
        billed: Per hosted zone, the questions that Route 53 charges for since the start.
        schedule: How well probing keeps its times.
        reload: The newest reload.
        blind: This vantage reaches nothing: no server has answered anything lately, so nothing is accused.
        ready: Every domain has a verdict, be it that none of its servers answers.
        waves: Every wave of the plan as a whole, in its order.
        notifications: What telling each receiver of `notify` has cost.
        web_reload: The newest reload of the web configuration and its certificates; None without one.
        journal: How the journal fares; None when nothing is kept over a restart.
        convergence: How long the changes since the start took to arrive.
        behind: This probe is too slow to judge: it raises no finding about a server, and confirms nothing new.
        findings: What is wrong with this vantage (under the root's name) or with servers of a zone (under the zone's)
            rather than with one domain, the gravest first.
        witnesses: How each witness beside DNS fares, in the plan's order; empty where there are none.
        silent_targets: The load balancers' names that no server of their zone answers, in the plan's order.
    """

    at: Instant
    started: Instant
    plan: Plan
    domains: tuple[DomainStatus, ...]
    targets: tuple[TargetAddress, ...]
    delegations: tuple[Delegation, ...]
    traffic: tuple[Traffic, ...]
    billed: tuple[tuple[DomainName, int], ...]
    schedule: ScheduleStatus
    reload: ReloadStatus
    blind: bool
    ready: bool
    journal: JournalStatus | None = None
    convergence: tuple[ConvergenceCounts, ...] = ()
    waves: tuple[WaveStatus, ...] = ()
    notifications: tuple[NotificationCounts, ...] = ()
    web_reload: ReloadStatus | None = None
    behind: bool = False
    findings: tuple[Finding, ...] = ()
    witnesses: tuple[WitnessStatus, ...] = ()
    silent_targets: tuple[SilentTarget, ...] = ()
