"""Folds a journal's entries again, through the daemon's own intake, without sending queries.

It has two uses. A probe that starts folds the entries since the newest checkpoint, and restores the state of the
process before it. `cutover-probe replay` folds a whole journal, under the plans that were in force or under another
one, and shows which events that gives. Where it judges some domains only, `probe.runtime.bystanders` says what of the
others counts.
"""

import random
from collections.abc import Callable, Iterable
from typing import Any

from probe.judge.acceptance.expected_at import in_force, next_change
from probe.judge.findings.lateness import Lateness
from probe.judge.renamed import renaming_by
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.effect import EFFECTS
from probe.model.journal import (
    CalmTurnsStretched,
    EntriesLost,
    Entry,
    Place,
    PlanTaken,
    ServersFound,
    ServiceFolded,
    SurroundingsKept,
    TimePassed,
    VantageTold,
    WatchBegun,
    WatchInterrupted,
    WitnessHeard,
)
from probe.model.name import DomainName
from probe.model.observation import Glimpse, Observation
from probe.model.plan import Plan
from probe.model.ports import Query
from probe.model.side import Side
from probe.model.traffic import Traffic
from probe.runtime.bystanders import Bystanders
from probe.runtime.due_queries import DueQueries
from probe.runtime.intake import Intake, Observer
from probe.runtime.restored import RestoredState, Unrecorded, adopted, expectation_changes, renaming_since, take_up
from probe.runtime.targets import Targets
from probe.runtime.watched import Servers, WatchedDomain, WatchedDomains


class Replay:
    """One fold over entries.

    Args:
        plan: Judges by this plan throughout; None takes the plans that are among the entries.
        narrow: Leaves of a plan what is of interest.
        tell: Told of every effect.
    """

    def __init__(
        self,
        *,
        plan: Plan | None = None,
        narrow: Callable[[Plan], Plan] = lambda plan: plan,
        tell: Observer = lambda _: None,
    ) -> None:
        self._own = plan
        self._narrow = narrow
        self._tell = tell
        self._intake: Intake | None = None
        self._targets: Targets | None = None
        self._places: dict[DomainName, Place] = {}
        self._bystanders = Bystanders()
        self._in_the_middle = False  # entries are missing of which something may still count
        self._left_out: set[DomainName] = set()  # domains of plans of then that a plan of one's own does not have
        self._shared: dict[tuple[DomainName | None, Servers], Servers] = {}
        self.until: Instant | None = None
        """The newest moment that an entry tells of."""

    @property
    def statuses(self) -> tuple[DomainStatus, ...]:
        """What is known of every domain by now."""
        return () if self._intake is None else tuple(self._intake.statuses.values())

    @property
    def zones(self) -> frozenset[DomainName]:
        """The zones of the domains that are judged, as far as they are known."""
        watched_domains = () if self._intake is None else self._intake.watched_domains
        return frozenset(one.zone for one in watched_domains if one.zone is not None)

    @property
    def bystanders(self) -> int:
        """How many domains of the plan in force are not judged."""
        return len(self._bystanders)

    def is_bystander(self, name: DomainName) -> bool:
        """Tell whether a name is a domain that is not judged: of it no more is needed than `JournalReader.needed`."""
        return name in self._bystanders or name in self._left_out

    def go_on_from(self, restored: RestoredState, at: Instant) -> None:
        """Begin with what was known at `at`, in the middle of a watch."""
        self._begin(restored.plan, at)
        assert self._intake is not None  # noqa: S101  # begun in the line above: for the type checker
        assert self._targets is not None  # noqa: S101  # the same
        self._targets.book = restored.book or self._targets.book
        for watched_domain in self._intake.watched_domains:
            if watched_domain.name in restored.states:
                self._intake.put(watched_domain, restored.states[watched_domain.name])
                self._intake.watched_domains.route(watched_domain, watched_domain.status.txts)
            if watched_domain.name in restored.places:
                place = restored.places[watched_domain.name]
                watched_domain.servers, watched_domain.zone = place.servers, place.zone
        self._intake.bill.take_up(restored.billed)
        self._intake.vantage_watch.vantage = restored.vantage
        self.until = at
        self._in_the_middle = True

    def restored(self) -> RestoredState | None:
        """Give all that is known by now; None before a watch began."""
        if self._intake is None or self._targets is None or self.until is None:
            return None
        return RestoredState(
            plan=self._intake.plan,
            states={watched_domain.name: watched_domain.state for watched_domain in self._intake.watched_domains},
            places={
                watched_domain.name: Place(watched_domain.name, watched_domain.zone, watched_domain.servers)
                for watched_domain in self._intake.watched_domains
                if watched_domain.servers
            },
            book=self._targets.book,
            billed=self._intake.bill.by_zone(),
            vantage=self._intake.vantage_watch.vantage,
            until=self.until,
        )

    def fold(self, entry: Entry | Glimpse) -> None:
        """Fold one entry."""
        if isinstance(entry, (Observation, Glimpse, TimePassed)):
            self._passes(entry.at)
            if self._intake is not None:
                self._fold_frequent(self._intake, entry)
        elif isinstance(entry, WatchInterrupted):
            self._passes(entry.until)
            if self._intake is not None:
                self._intake.interrupt(entry)
        elif isinstance(entry, EFFECTS):
            if self._bystanders:
                self._bystanders.hear(entry)
        else:
            self._fold_rare(entry)

    def _fold_frequent(self, intake: Intake, entry: Observation | Glimpse | TimePassed) -> None:
        if isinstance(entry, Observation):
            intake.observe(entry)
        elif isinstance(entry, Glimpse):
            intake.vantage_watch.notice(entry)
        else:
            self._time_passes(intake, entry)

    def _time_passes(self, intake: Intake, entry: TimePassed) -> None:
        watched_domain = intake.watched_domains.named(entry.domain)
        if watched_domain is not None:
            intake.expire(watched_domain, entry.at)

    def _fold_rare(self, entry: Entry) -> None:
        match entry:
            case WatchBegun(plan, at, since):
                self._passes(at)
                self._watch_begins(plan, at, resumed=since is not None)
            case PlanTaken(plan, at):
                self._passes(at)
                self._take_over(plan, at)
            case ServersFound(name, zone, servers, at):
                self._passes(at)
                # Who watches has one tuple for all domains of a zone; an event has read one of its own.
                self._places[name] = Place(name, zone, self._shared.setdefault((zone, servers), servers))
                self._serve(name)
            case ServiceFolded() | WitnessHeard():
                self._passes(entry.at)
                self._fold_beside_dns(entry)
            case VantageTold() | CalmTurnsStretched() | SurroundingsKept():
                self._passes(entry.at)
                if self._intake is not None:
                    self._fold_surroundings(self._intake, entry)
            case EntriesLost(_, _, until):
                self._passes(until)
                restored = self.restored()
                if restored is not None:
                    self._resume(restored, restored.plan, until)
                self._in_the_middle = True

    def _fold_surroundings(self, intake: Intake, entry: VantageTold | CalmTurnsStretched | SurroundingsKept) -> None:
        match entry:
            case VantageTold(at, behind, lost, waiting, dissent):
                intake.vantage_watch.pace = Lateness(behind=behind, lost=lost, waiting=waiting)
                told = (dissent or ()) if self._bystanders else None
                intake.vantage_watch.look(intake.plan.vantage, self._everybody(intake), at, told)
            case CalmTurnsStretched(stretches, at):
                intake.stretch(dict(stretches), at)
            case SurroundingsKept():  # whoever has folded the entries before it knows better, or judges by another plan
                if self._in_the_middle:
                    intake.surround(entry)
                self._in_the_middle = False

    def _fold_beside_dns(self, entry: ServiceFolded | WitnessHeard) -> None:
        watched_domain = self._intake.watched_domains.named(entry.domain) if self._intake is not None else None
        if self._intake is None or watched_domain is None:
            return
        match entry:
            case ServiceFolded(_, check, at, present, cut_off):
                self._intake.observe_service(watched_domain, check or at, dict(present), cut_off=cut_off)
            case WitnessHeard(_, witnessed, at):
                self._intake.hear_witness(watched_domain, witnessed, at)

    def _passes(self, at: Instant) -> None:
        """Take note of the time; a plan of one's own expects what its schedule says by then."""
        if self._bystanders.heard and self._intake is not None and self.until is not None:
            for zone, change in self._bystanders.changes(self.until):
                self._intake.note_neighbour(zone, change)
        self.until = at
        if self._own is None or self._intake is None:
            return
        before = self._intake.plan
        moment = next_change(before)
        if moment is not None and at.wall >= moment:
            self._adopt(in_force(before, at.wall), at)

    def _watch_begins(self, plan: Plan, at: Instant, *, resumed: bool) -> None:
        restored = self.restored() if resumed else None
        if not resumed:
            self._bystanders.forget()
        self._leave_out(plan)
        plan = self._narrowed(in_force(self._own or plan, at.wall), at)
        if restored is not None:
            self._resume(restored, plan, at)
            return
        self._begin(plan, at)
        if resumed:  # older entries have given way: what is left of them are the servers
            for name in self._places:
                self._serve(name)

    def _take_over(self, plan: Plan, at: Instant) -> None:
        if self._intake is None:  # older entries have given way
            self._watch_begins(plan, at, resumed=True)
        elif self._own is None:
            stood_by = [domain.name for domain in plan.domains if domain.name in self._bystanders]
            self._adopt(self._narrowed(plan, at), at)
            for name in stood_by:
                if name in self._places:  # it has moved into a wave that is judged, and is asked where it was
                    self._serve(name)
        else:
            self._leave_out(plan)

    def _leave_out(self, then: Plan) -> None:
        if self._own is not None:
            looked_up = {name for side in Side for name in self._own.side(side).load_balancers}
            own = {domain.name for domain in self._own.domains}
            self._left_out |= {domain.name for domain in then.domains} - own - looked_up

    def _narrowed(self, plan: Plan, at: Instant) -> Plan:
        narrowed = self._narrow(plan)
        self._bystanders.replace(plan, narrowed, at)
        return narrowed

    def _everybody(self, intake: Intake) -> Iterable[WatchedDomain]:
        """Give all domains of the plan, judged or not, in its order, as often as they are gone through."""
        return self._bystanders.beside(intake.watched_domains) if self._bystanders else intake.watched_domains

    def _begin(self, plan: Plan, at: Instant) -> None:
        self._join(plan, Targets(plan), (take_up(None, domain, plan, at, 0) for domain in plan.domains))

    def _resume(self, restored: RestoredState, plan: Plan, at: Instant) -> None:
        renaming = renaming_since(restored, plan)
        watched_domains = [take_up(restored, domain, plan, at, 0, renaming) for domain in plan.domains]
        self._join(plan, Targets(plan, restored.book), watched_domains)
        assert self._intake is not None  # noqa: S101  # joined in the line above: for the type checker
        self._intake.bill.take_up(restored.billed)
        self._intake.vantage_watch.vantage = restored.vantage

    def _join(self, plan: Plan, targets: Targets, watched_domains: Iterable[WatchedDomain]) -> None:
        self._targets = targets
        self._turns = DueQueries(plan, random.Random(0), targets)  # noqa: S311  # jitter of questions that nobody asks
        self._intake = Intake(
            plan,
            WatchedDomains(watched_domains, plan.registries),
            querier=_NobodyToAsk(),
            targets=targets,
            delegations=self,
            turns=self._turns,
            observers=(self._tell,),
            recorder=Unrecorded(),
            soon=lambda work: work(),
        )

    def _adopt(self, plan: Plan, at: Instant) -> None:
        """Take another plan over, as the engine does; the time that it then lets pass is among the entries."""
        intake, targets = self._intake, self._targets
        assert intake is not None  # noqa: S101  # called only while a watch is on: for the type checker
        assert targets is not None  # noqa: S101  # the same
        before = intake.plan
        renaming = renaming_by(plan, before, targets.book)
        watched_domains = []
        for domain in plan.domains:
            watched_domain = intake.watched_domains.named(domain.name)
            if watched_domain is None:
                watched_domain = take_up(None, domain, plan, at, 0)
            else:
                watched_domain.state = adopted(
                    watched_domain.state, domain, plan, before, watched_domain.zone, renaming
                )
            watched_domains.append(watched_domain)
        intake.replace(plan, WatchedDomains(watched_domains, plan.registries))
        self._turns.replace(plan)
        targets.replace(plan)
        if plan.digest == before.digest:
            for change in expectation_changes(before, plan, at):
                self._tell(change)

    def _serve(self, name: DomainName) -> None:
        intake, place = self._intake, self._places[name]
        if intake is None:
            return
        plan = intake.plan
        if name in self._bystanders:
            self._bystanders.serve(place, plan)
        elif (watched_domain := intake.watched_domains.named(name)) is not None:
            watched_domain.servers, watched_domain.zone = place.servers, place.zone
            domain = watched_domain.status.domain
            intake.put(watched_domain, adopted(watched_domain.state, domain, plan, plan, place.zone))
            intake.watched_domains.route(watched_domain, watched_domain.status.txts)

    # The way in asks these of whoever finds servers.

    def zone(self, name: DomainName) -> DomainName | None:
        """Tell the zone that a name lies in."""
        watched_domain = self._intake.watched_domains.named(name) if self._intake is not None else None
        return watched_domain.zone if watched_domain is not None else None

    def doubt(self, name: DomainName) -> None:
        """Walk nowhere."""

    def doubt_zone(self, name: DomainName) -> None:
        """Walk nowhere."""


class _NobodyToAsk:
    """The querier of a replay: what was asked then was asked."""

    def submit(
        self,
        queries: Iterable[Query],
        sink: Callable[[Observation], None],
        *,
        yielding: bool = False,
        gathered: bool = False,
    ) -> None:
        """Let the questions go."""

    async def ask(self, server: Any, question: Any) -> Observation:
        raise NotImplementedError(f"a replay sends no query: {question} of {server}")

    def waiting(self) -> int:
        return 0

    def waiting_for(self, server: Any) -> int:
        raise NotImplementedError(f"a replay looks at no domain at {server}")

    def traffic(self) -> tuple[Traffic, ...]:
        return ()

    async def aclose(self) -> None:
        """Hold nothing."""
