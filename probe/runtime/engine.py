"""The engine: finds servers, sends the queries that are due, and publishes a snapshot.

It joins the parts, each of which does one thing: `delegations` finds the servers, `targets` the load balancers'
addresses, `turns` gives the queries that are due, `services` runs HTTPS checks, `intake` folds answers. Everything
runs on the event loop; only `snapshot` may be called from any thread: it takes references to frozen values and never
waits.
"""

import asyncio
import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from probe.judge.acceptance.expected_at import in_force, next_change
from probe.judge.acceptance.waves import waves
from probe.judge.review import rests
from probe.judge.state import DomainState, forgotten
from probe.model.clock import AlarmClock, Instant
from probe.model.domain import DomainStatus
from probe.model.journal import PlanTaken, ServersFound, WatchBegun
from probe.model.name import DomainName
from probe.model.plan import Authoritative, Plan
from probe.model.ports import Delegator, Querier, Recorder, ServiceChecker, Witness
from probe.model.snapshot import ReloadStatus, ScheduleStatus, Snapshot
from probe.runtime.checkpointing import Checkpointing
from probe.runtime.delegations import Delegations
from probe.runtime.due_queries import DueQueries
from probe.runtime.intake import Intake, Observer
from probe.runtime.pulse_timer import PulseTimer
from probe.runtime.restored import RestoredState, Unrecorded, adopted, expectation_changes, renaming_since, take_up
from probe.runtime.services import Services
from probe.runtime.settling import Progress, progress, to_be_weighed
from probe.runtime.succession import PORTION_DOMAINS, Succession, batches
from probe.runtime.targets import Targets
from probe.runtime.tasks import Tasks
from probe.runtime.watched import Servers, WatchedDomain, WatchedDomains
from probe.runtime.witness_feed import ReadingThread, WitnessFeed, in_thread, no_witnesses

if TYPE_CHECKING:
    from probe.model.traffic import Traffic

FIRST_LOOK_SECONDS = 10.0
"""Seconds that domains wait at the start for the load balancers' addresses, without which every answer looks foreign.
Beyond that they are asked all the same: a load balancer's name that is dead must not hide everything else."""
RESUME_PATIENCE = 60.0
"""Seconds that a domain keeps the word that an earlier process had for it until it has been looked at: without that,
each restart would take every finding back and raise it again. Beyond that it is as old as it is."""
EXPIRED_TOGETHER = 16
"""Domains for which time is let pass at a time, some milliseconds, before answers and questions have their turn: as
many gather at a common moment (`probe.runtime.slots.MOST_EXPIRIES`); with 10,000 domains 60 come at some moments."""
JUDGED_TOGETHER = 16
"""Domains judged anew at a time after a plan was taken over that expects something else of them: some milliseconds."""
_REFRESH_FROM, _REFRESH = 0.75, 1.0
"""Seconds between two readings of what only the event loop may read, the querier's counts: at any look from the first
on, and at the latest after the second, so that it seldom takes a look of its own."""


class _Present(NamedTuple):
    """What a snapshot must read together: replaced as one when a plan is taken over."""

    plan: Plan
    statuses: dict[DomainName, DomainStatus]
    reload: ReloadStatus
    web_reload: ReloadStatus | None = None


class Engine:
    """The daemon's heart; also that of `check`. Everything that it runs are tasks of `tasks`.

    Args:
        plan: The plan in force.
        querier: Puts questions.
        checker: Makes HTTPS checks.
        delegator: Makes the port that walks delegations, anew whenever the plan's word on that changes.
        reconfigure: Told when the plan's limits on asking, or the number of its domains, change.
        clock, rng: Time and jitter.
        tasks: Runs and guards the loops and walks.
        observers: Told of every effect.
        beat: Called at every tick, for whoever watches whether the loop is alive.
        recorder: Writes down what happens.
        restored: What an earlier process knew.
        witnesses: Makes the witnesses of a plan.
        reading: Lets one be read elsewhere than on the loop.
    """

    def __init__(  # noqa: PLR0913  # one parameter for each port, which only the command line joins
        self,
        plan: Plan,
        *,
        querier: Querier,
        checker: ServiceChecker,
        delegator: Callable[[Authoritative], Delegator],
        reconfigure: Callable[[Plan], None],
        clock: AlarmClock,
        rng: random.Random,
        tasks: Tasks,
        observers: Sequence[Observer] = (),
        beat: Callable[[], None] = lambda: None,
        recorder: Recorder | None = None,
        restored: RestoredState | None = None,
        witnesses: Callable[[Plan], Sequence[Witness]] = no_witnesses,
        reading: ReadingThread = in_thread,
    ) -> None:
        self._querier = querier
        self._delegator = delegator
        self._reconfigure = reconfigure
        self._clock = clock
        self._rng = rng
        self._tasks = tasks
        self._beat = beat
        self._observers = tuple(observers)
        self._recorder = recorder or Unrecorded()
        self._started = clock.now()
        now = self._started.monotonic
        plan = in_force(plan, self._started.wall)
        self._recorder.record(WatchBegun(plan, self._started, restored.until if restored is not None else None))
        self._targets = Targets(plan, restored.book if restored is not None else None)
        self._delegations = Delegations(
            delegator=delegator(plan.authoritative),
            refresh=plan.authoritative.refresh,
            clock=clock,
            rng=rng,
            tasks=tasks,
            found=self._found,
        )
        self._timer = PulseTimer(clock)
        self._turns = DueQueries(plan, rng, self._targets, self._timer.hurry)
        renaming = renaming_since(restored, plan)
        self._intake = Intake(
            plan,
            WatchedDomains(
                (take_up(restored, domain, plan, self._started, self._turn(), renaming) for domain in plan.domains),
                plan.registries,
            ),
            querier=querier,
            targets=self._targets,
            delegations=self._delegations,
            turns=self._turns,
            observers=observers,
            recorder=self._recorder,
        )
        self._checkpointing = Checkpointing(self._recorder, self._intake, self._targets)
        self._services = Services(plan, checker, rng, self._targets, self._intake, earlier=self._timer.hurry)
        self._witnesses = WitnessFeed(
            plan,
            witnesses,
            intake=self._intake,
            clock=clock,
            rng=rng,
            may_hear=self._may_hear,
            thread=reading,
            earlier=self._timer.hurry,
        )
        if restored is not None:
            self._intake.bill.take_up(restored.billed)
            self._intake.vantage_watch.vantage = restored.vantage
        self._present = _Present(plan, self._intake.statuses, ReloadStatus(successful=True, at=self._started))
        self._succeeding = asyncio.Lock()
        self._succession: Succession | None = None
        self._stepping = False  # whether the plan is about to expect something else by its own schedule
        self._expiring: dict[WatchedDomain, None] = {}  # for which time is to be let pass now, each once
        self._open = False  # whether domains are being asked yet
        self._traffic: tuple[Traffic, ...] = ()
        self._waiting = 0
        self._refreshed = now

    def start(self) -> None:
        """Begin to find servers and to ask."""
        now = self._clock.now().monotonic
        for target in self._targets:
            self._turns.add_target(target, now)
        self._delegations.watch((*self._targets.names, *self._intake.watched_domains.names))
        for watched_domain in self._intake.watched_domains:
            if watched_domain.zone is not None:
                self._delegations.recall(watched_domain.zone, watched_domain.servers)
        self._tasks.eternal("delegations", self._delegations.run())
        self._tasks.eternal("pulse", self._run())

    async def replace(self, plan: Plan) -> None:
        """Take another plan over, as a whole: what is known of domains and load balancers that stay is kept.

        What that means for each domain is worked out beside probing; until it is, the plan before is in force. Whoever
        takes over a plan meanwhile comes after it.
        """
        async with self._succeeding:
            await self._succeed(plan)

    async def _succeed(self, plan: Plan) -> None:
        try:
            for _ in self._take_over(plan):
                await self._clock.sleep(0.0)  # the loop runs: questions leave, answers are taken in
        finally:
            self._succession = None

    def _take_over(self, plan: Plan) -> Iterator[None]:
        """Take a plan over, and let the loop run wherever nothing is half done."""
        at = self._clock.now()
        plan = in_force(plan, at.wall)
        self._succession = succession = Succession(
            plan,
            self._present.plan,
            self._intake.watched_domains,
            lambda domain: take_up(None, domain, plan, at, self._turn()),
            self._targets.book,
        )
        yield from succession.portions()
        before, watched_before = self._present.plan, self._intake.watched_domains
        delegator = self._delegator(plan.authoritative) if plan.authoritative != before.authoritative else None
        succession.settle()
        # From here on nothing is expected to fail: either all of the new plan comes into force or nothing of it.
        at = self._clock.now()
        now, watched_domains = at.monotonic, succession.watched_domains
        self._recorder.record(PlanTaken(plan, at))
        for gone in watched_before.without(watched_domains):
            self._turns.drop(gone)
        self._checkpointing.moved()
        other = succession.finish()
        self._intake.replace(plan, watched_domains)
        self._present = self._present._replace(plan=plan, statuses=self._intake.statuses)
        self._turns.replace(plan)
        for target in self._targets.replace(plan):
            self._turns.add_target(target, now)
        if delegator is not None:
            self._delegations.reconfigure(delegator, plan.authoritative.refresh)
        self._delegations.watch((*self._targets.names, *watched_domains.names))
        if (plan.probing, len(plan.domains)) != (before.probing, len(before.domains)):
            self._reconfigure(plan)
        self._witnesses.replace(plan, at)
        self._turns.load.changed = True
        self._timer.hurry()
        if self._open:
            self._services.replace(plan, now)
            yield from self._look_anew(watched_domains.without(watched_before), other)

    def _look_anew(self, new: Iterable[WatchedDomain], other: Iterable[WatchedDomain]) -> Iterator[None]:
        """Give new domains their turns, and judge those of which something else is expected, some at a time."""
        for number, portion in enumerate(batches(new, PORTION_DOMAINS)):
            if number:
                yield
            now = self._clock.now().monotonic
            for watched_domain in portion:
                self._turns.add(watched_domain, now)
        for number, portion in enumerate(batches(other, JUDGED_TOGETHER)):
            if number:
                yield
            at = self._clock.now()
            for watched_domain in portion:  # or a finding of the old expectation would stay open until their next turn
                self._intake.expire(watched_domain, at)

    def reloaded(self, status: ReloadStatus) -> None:
        """Show how the newest reload went."""
        self._present = self._present._replace(reload=status)

    def web_reloaded(self, status: ReloadStatus) -> None:
        """Show how the newest reload of the web configuration went."""
        self._present = self._present._replace(web_reload=status)

    @property
    def plan(self) -> Plan:
        """The plan in force. For any thread, and at no cost, which a snapshot has."""
        return self._present.plan

    def snapshot(self) -> Snapshot:
        """Give the present. For any thread."""
        at = self._clock.now()
        present = self._present
        intake = self._intake
        domains = tuple(present.statuses.values())
        return Snapshot(
            at=at,
            started=self._started,
            plan=present.plan,
            domains=domains,
            targets=self._targets.book.targets(),
            delegations=self._delegations.newest(),
            traffic=self._traffic,
            billed=intake.bill.by_zone(),
            schedule=ScheduleStatus(
                lag=intake.lag.latest,
                max_lag=intake.lag.largest(at.monotonic),
                last_pass=intake.passes.last,
                due=self._waiting,
            ),
            reload=present.reload,
            blind=intake.is_blind(at),
            behind=intake.vantage_watch.pace.behind is not None,
            findings=intake.vantage_watch.findings,
            ready=intake.passes.ready,
            convergence=intake.convergence.counts(),
            waves=waves(present.plan, domains),
            journal=self._recorder.status(),
            web_reload=present.web_reload,
            witnesses=self._witnesses.statuses,
            silent_targets=self._targets.silent(at),
        )

    def state_of(self, status: DomainStatus) -> DomainState:
        """Give the present state of the domain that a snapshot's status is of. For any thread.

        Of a domain that has left the plan since, only what the status says is known.
        """
        watched_domain = self._intake.watched_domains.named(status.domain.name)
        return watched_domain.state if watched_domain is not None else forgotten(status)

    def conclude(self) -> None:
        """Bring the verdict of every domain up to now, also where no server answers.

        For a single look: the daemon lets time pass by itself.
        """
        at = self._clock.now()
        for watched_domain in self._intake.watched_domains:
            self._intake.expire(watched_domain, at)

    def progress(self) -> Progress:
        """Tell how far the first looks have come."""
        return progress(self._intake.watched_domains, self._delegations, self._services)

    def weigh(self) -> None:
        """Ask on for the settled domains whose declared weights are open. For a command that waits for a verdict."""
        at = self._clock.now()
        for watched_domain in to_be_weighed(self._intake.watched_domains):
            if self._intake.looks.has_room(watched_domain.servers):
                self._intake.looks.weigh(watched_domain, at)

    async def _run(self) -> None:
        while True:
            self._pulse()
            self._beat()
            while self._expiring:
                await self._clock.sleep(0.0)  # the loop runs: answers are taken in
                at = self._clock.now()
                if at.monotonic >= self._timer.expected:  # what is due by now does not wait for it either
                    break
                self._let_time_pass(at)
            else:
                await self._timer.rest()

    def _let_time_pass(self, at: Instant) -> None:
        """Let it pass for some of the domains for which it is to pass.

        For a quarter of them where they are many: they come faster than the loop has time for them, and none may wait
        for more than a few looks at what is due.
        """
        left = max(EXPIRED_TOGETHER, len(self._expiring) // 4)
        for watched_domain in tuple(self._expiring):
            if not left:
                return
            del self._expiring[watched_domain]
            if not watched_domain.watched:  # it has left the plan since it was its turn
                continue
            if self._may_hear(watched_domain) and not rests(watched_domain.status, watched_domain.servers):
                self._intake.expire(watched_domain, at)
                left -= 1

    def _may_hear(self, watched_domain: WatchedDomain) -> bool:
        """Tell whether a domain is to hear of anything before its first look: not while it waits for that."""
        if watched_domain.seen or not watched_domain.resumed:
            return True
        return self._clock.now().monotonic - self._started.monotonic >= RESUME_PATIENCE

    def _pulse(self) -> None:
        at = self._clock.now()
        now = at.monotonic
        self._timer.note(now)
        self._intake.alive(at)
        if not self._open and self._may_open(now):
            self._begin_to_ask(now)
        self._services.pulse(at)
        if self._open:
            self._witnesses.pulse(at)
        self._take_turns(at)
        refreshing = now - self._refreshed >= _REFRESH_FROM
        if refreshing:
            self._refresh(at)
        due = -math.inf  # while it waits for load balancers' addresses
        if self._open:
            due = min(self._turns.next_due, self._services.next_due, self._witnesses.next_due)
        self._timer.expect(due, self._refreshed + _REFRESH)
        self._intake.vantage_watch.beat(now, self._timer.expected)
        if refreshing:
            self._intake.vantage_watch.judge_pace(self._intake.lag.largest(now), at)
            self._intake.watch_vantage(at)

    def _take_turns(self, at: Instant) -> None:
        due = self._turns.due(at.monotonic)
        for watched_domain in due.unreachable:
            if self._delegations.settled(
                watched_domain.name
            ):  # it was its turn, and a walk has said that nobody can be asked
                self._intake.passes.looked_at(watched_domain.name, at)
                self._intake.passes.judged(watched_domain.name)
        if due.urgent:
            self._querier.submit(due.urgent, self._intake.observe)
        if due.calm:
            self._querier.submit(due.calm, self._intake.observe_calm, gathered=True)
        if due.patient:
            self._querier.submit(due.patient, self._intake.observe_calm, yielding=True, gathered=True)
        if due.sampled:
            self._querier.submit(due.sampled, self._intake.observe_sampled, yielding=True, gathered=True)
        for looked_at in self._turns.looks.begin(self._intake.looks.has_room):
            self._intake.looks.begin(looked_at)
        self._expiring |= dict.fromkeys(due.expiring)
        self._let_time_pass(at)  # after what leaves: no question waits for it

    def _begin_to_ask(self, now: float) -> None:
        self._open = True
        for watched_domain in self._intake.watched_domains:
            self._turns.add(watched_domain, now)
        self._services.replace(self._present.plan, now)

    def _refresh(self, at: Instant) -> None:
        now = at.monotonic
        self._turns.load.feel(self._timer.take_lateness(), self._present.plan.probing.interval)
        self._refreshed = now
        self._keep_schedule()
        self._traffic = self._querier.traffic()
        self._waiting = self._querier.waiting()
        self._turns.load.keep(self._intake.watched_domains, self._present.plan, now)
        self._intake.stretch(self._turns.stretches(), at)
        if self._recorder.wants_checkpoint(self._clock.now()):
            self.keep()

    def keep(self) -> None:
        """Have all that is known written down."""
        self._checkpointing.keep(self._present.plan, self._clock.now())

    def _keep_schedule(self) -> None:
        """Let the plan expect what it expects by now: a step is taken over like any other change of the plan."""
        if self._is_to_step() and not self._stepping:
            self._stepping = True
            self._tasks.passing("step of the plan", self._step())

    def _is_to_step(self) -> bool:
        moment = next_change(self._present.plan)
        return moment is not None and self._clock.now().wall >= moment

    async def _step(self) -> None:
        try:
            async with self._succeeding:
                before = self._present.plan
                if self._is_to_step():  # else a plan that was taken over meanwhile has made the step
                    await self._succeed(before)
                after = self._present.plan
        finally:
            self._stepping = False
        for change in expectation_changes(before, after, self._clock.now()):
            self._recorder.record(change)
            for observer in self._observers:
                observer(change)

    def _may_open(self, now: float) -> bool:
        return self._targets.heard or now - self._started.monotonic >= FIRST_LOOK_SECONDS

    def _found(self, name: DomainName, servers: Servers) -> None:
        """Take over the servers of a name that are known now, or have changed."""
        target = self._targets.get(name)
        if target is not None:
            target.servers = servers
            self._intake.ask_at_once(self._targets.round(target, self._clock.now().monotonic))
        watched_domain = self._intake.watched_domains.named(name)
        if watched_domain is not None:
            asked_already = watched_domain.servers == servers
            watched_domain.zone = self._delegations.zone(name)
            self._recorder.record(ServersFound(name, watched_domain.zone, servers, self._clock.now()))
            self._turns.serve(watched_domain, servers, self._clock.now().monotonic)
            self._checkpointing.moved()
            plan = self._present.plan
            self._intake.put(
                watched_domain,
                adopted(watched_domain.state, watched_domain.status.domain, plan, plan, watched_domain.zone),
            )
            self._intake.watched_domains.route(watched_domain, watched_domain.status.txts)
            if self._succession is not None:
                self._succession.watched_domains.route(watched_domain, watched_domain.status.txts)
            if self._open and not asked_already:
                self._turns.looks.put(watched_domain)
                self._timer.hurry()
            self._turns.load.changed = True

    def _turn(self) -> int:
        """Draw which of a domain's servers is asked first."""
        return self._rng.randrange(1 << 16)
