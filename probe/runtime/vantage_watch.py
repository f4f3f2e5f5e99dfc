"""The state of this vantage: whether it reaches servers, whether it keeps up, and which servers fail for all domains.

The judge decides on it (`probe.judge.findings.vantage`, `lateness`, `failing`); this module keeps it between answers,
and reports each finding once when it begins and once when it is over.
"""

from collections.abc import Callable, Iterable
from itertools import chain
from typing import TYPE_CHECKING

from probe.judge.findings import lateness
from probe.judge.findings.failing import WatchedZone, WatchedZones, dissenting, has_failed
from probe.judge.findings.lateness import Lateness
from probe.judge.findings.vantage import Vantage, findings, is_blind, look, notice
from probe.model.clock import Instant
from probe.model.dissent import Dissent, DissentingServer
from probe.model.effect import Effect, FindingCleared, FindingRaised
from probe.model.journal import VantageTold
from probe.model.name import DomainName
from probe.model.observation import Glimpse, Observation
from probe.model.outcome import FailureReason, NoResponse
from probe.model.ports import Recorder
from probe.model.record import RecordState
from probe.model.server import Server
from probe.runtime.watched import WatchedDomain

if TYPE_CHECKING:
    from probe.model.finding import Finding

NO_SERVERS: frozenset[Server] = frozenset()


class VantageWatch:
    """Follows the vantage.

    Args:
        recorder: Writes down when what is told of the vantage changes.
        tell: Told of findings that are raised and cleared.

    Attributes:
        vantage: What this vantage has seen of the world.
        pace: Whether this probe keeps pace.
        findings: What is wrong with the vantage or with servers of its zones, the gravest first.
        dissenting: Servers that keep answering something else than the others of their zones.
    """

    def __init__(self, recorder: Recorder, tell: Callable[[Effect], None]) -> None:
        self._recorder = recorder
        self._tell = tell
        self._raised: dict[tuple[str, DomainName], Finding] = {}  # as they were told
        self.vantage = Vantage()
        self.pace = Lateness()
        self.findings: tuple[Finding, ...] = ()
        self.dissenting = NO_SERVERS

    def notice(self, observation: Observation | Glimpse) -> None:
        """Take an observation in."""
        self.vantage = notice(self.vantage, observation)

    def is_blind(self, now: Instant) -> bool:
        """Tell whether this vantage reaches nothing. For any thread."""
        return is_blind(self.vantage, now)

    def is_own_fault(self, observation: Observation) -> bool:
        """Tell whether it is a time-out in whose waiting time the probe did not run: no evidence at all."""
        outcome, until = observation.outcome, observation.at.monotonic
        if not isinstance(outcome, NoResponse) or outcome.reason is not FailureReason.TIMEOUT:
            return False
        return lateness.hides(self.pace, until - observation.elapsed, until)

    def silent_to_all(self, at: Instant) -> frozenset[Server]:
        """Give the servers that have answered nothing about any name for so long that no domain accuses them itself.

        That is at once for one that never gave evidence, and for another after half of the time after which it is told
        of as a whole: one that answers other names in between is one that each domain has to accuse for itself.
        """
        seen = self.vantage
        if not seen.failing:
            return NO_SERVERS
        return frozenset(
            one.server
            for one in seen.failing
            if one.server not in seen.heard or one.has_failed_for((at.monotonic - one.since.monotonic) * 2, seen.loss)
        )

    def reported(self, at: Instant) -> frozenset[Server]:
        """Give the servers that fail for so long that they are told of as a whole."""
        failing, loss = self.vantage.failing, self.vantage.loss
        return frozenset(one.server for one in failing if has_failed(one, None, at, loss)) if failing else NO_SERVERS

    def beat(self, now: float, due: float) -> None:
        """Take note that the loop runs; while the probe keeps pace it does so again at the monotonic second `due`."""
        self.pace = lateness.beat(self.pace, now, due)

    def judge_pace(self, largest_lag: float, now: Instant) -> None:
        """Bring up to `now` whether this probe is behind.

        Args:
            largest_lag: Seconds by which calm turns were late of late, at most.
            now: The time.
        """
        self.pace = lateness.judge(self.pace, largest_lag, now)

    def look(
        self, name: str, watched_domains: Iterable[WatchedDomain], now: Instant, told: Dissent | None = None
    ) -> None:
        """Tell when something is wrong with the vantage of this name or with servers, and when it no longer is.

        Args:
            name: The vantage's.
            watched_domains: All domains of the plan, to be gone through more than once.
            now: The time.
            told: Who stood against others, where not all domains are judged; None finds it in the states of all.
        """
        zones = self._zones(watched_domains)
        sights = self.vantage.sights
        self.vantage = look(self.vantage, zones, now)
        dissent = dict(told) if told is not None else _dissent(watched_domains)
        self.findings = findings(name, self.vantage, self.pace, zones, now, dissent)
        before, self.dissenting = self.dissenting, frozenset(one.server for one in chain(*dissent.values()))
        present = {(finding.code, finding.domain): finding for finding in self.findings}
        same = self.vantage.sights == sights and self.dissenting == before
        if self._raised.keys() == present.keys() and same:
            return  # who folds this again looks at the recorded moments only
        self._recorder.record(
            VantageTold(now, self.pace.behind, self.pace.lost, self.pace.waiting, tuple(dissent.items()))
        )
        raised = {key: finding for key, finding in present.items() if key not in self._raised}
        cleared = {key: finding for key, finding in self._raised.items() if key not in present}
        self._raised = {key: finding for key, finding in (self._raised | raised).items() if key in present}
        for finding in raised.values():
            self._tell(FindingRaised(finding, now))
        for finding in cleared.values():
            self._tell(FindingCleared(finding, now))

    def _zones(self, watched_domains: Iterable[WatchedDomain]) -> WatchedZones:
        """Give the zones that the domains lie in; nothing to look for while every server answers."""
        if not self.vantage.failing and not self.vantage.sights:
            return {}
        zones: dict[DomainName, WatchedZone] = {}
        for watched_domain in watched_domains:
            if watched_domain.zone is not None and watched_domain.servers:
                known = zones.get(watched_domain.zone)
                zones[watched_domain.zone] = WatchedZone(
                    watched_domain.servers, 1 if known is None else known.domains + 1
                )
        return zones


def _dissent(watched_domains: Iterable[WatchedDomain]) -> dict[DomainName, tuple[DissentingServer, ...]]:
    return dissenting(
        (watched_domain.zone, watched_domain.state)
        for watched_domain in watched_domains
        if watched_domain.zone is not None and watched_domain.status.state is RecordState.DIVIDED
    )
