"""The intake: takes an observation, replaces a status, and performs the effects.

The question's name and the server's role give the domain. The judge folds the observation, the intake replaces the
domain's status, performs the effects (queries again, a burst, a look-up of the load balancers) and hands them to the
observers. All of it runs on the event loop, in O(1).
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TypeAlias, assert_never

import structlog

from probe.judge.acceptance.soak import interrupted, soak_changes
from probe.judge.answer.held import speaks_for_zone
from probe.judge.context import Context, Setups, setups_of
from probe.judge.findings.flap_cause import CAUSES
from probe.judge.findings.lateness import Lateness
from probe.judge.neighbours import Neighbours, are_recent, noted
from probe.judge.review import expire, hear_witness, repeat, review, review_service
from probe.judge.state import DomainState
from probe.model.clock import Instant
from probe.model.effect import (
    Converged,
    Effect,
    ExpectationChanged,
    FindingCleared,
    FindingRaised,
    SoakBroken,
    SoakHeld,
    StateChanged,
    Surprised,
    TargetsDoubted,
    TransitionConfirmed,
)
from probe.model.journal import (
    CalmTurnsStretched,
    ServiceFolded,
    SurroundingsKept,
    TimePassed,
    WatchInterrupted,
    WitnessHeard,
)
from probe.model.name import DomainName
from probe.model.neighbour import NeighbourTransition
from probe.model.observation import Observation
from probe.model.outcome import NoResponse, Response
from probe.model.plan import Plan
from probe.model.ports import Querier, Query, Recorder
from probe.model.question import RecordType
from probe.model.record import RecordState, Transition
from probe.model.server import ServerRole
from probe.model.service import ServiceCheck
from probe.model.side import Side
from probe.model.witness import Witnessed
from probe.runtime.bill import BilledQueries
from probe.runtime.convergence import ConvergenceMeter
from probe.runtime.due_queries import DueQueries
from probe.runtime.first_looks import FirstLooks
from probe.runtime.schedule import LagMeter
from probe.runtime.targets import Targets
from probe.runtime.vantage_watch import VantageWatch
from probe.runtime.vitals import Passes
from probe.runtime.watched import WatchedDomain, WatchedDomains
from probe.runtime.zones import Zones

Observer: TypeAlias = Callable[[Effect], None]
"""Told of every effect, on the event loop; must not block."""


STOOD_STILL = 5.0
"""Seconds without a tick of the loop after which this process did not watch: less than a calm turn of any plan with the
default interval, so that no domain misses a look by what is shorter; and a pause for garbage is a hundredth of it."""


NOTHING: tuple[Effect, ...] = ()
"""What is to be told of an answer that its server gave before."""


def _soon(work: Callable[[], None]) -> None:
    asyncio.get_running_loop().call_soon(work)


class Intake:
    """Folds observations into the statuses of `watched_domains`.

    Args:
        plan, watched_domains: As below.
        querier: Gets the questions that answers call for.
        targets: The load balancers' names.
        delegations: Knows zones, and is told when no server of one answers.
        turns: Bursts.
        observers: Told of every effect.
        recorder: Writes down what is folded.
        soon: Runs something after the present batch of answers.

    Attributes:
        plan: The plan in force.
        watched_domains: Its domains.
        statuses: Their statuses, in the plan's order, as snapshots show them.
        passes, lag, bill, convergence: What is counted on the way.
        vantage_watch: What this vantage sees, whether this probe keeps pace, and what is wrong with either.
        looks: First looks at domains.
    """

    def __init__(  # noqa: PLR0913  # it stands where everything meets
        self,
        plan: Plan,
        watched_domains: WatchedDomains,
        *,
        querier: Querier,
        targets: Targets,
        delegations: Zones,
        turns: DueQueries,
        observers: Sequence[Observer],
        recorder: Recorder,
        soon: Callable[[Callable[[], None]], object] = _soon,
    ) -> None:
        self._querier = querier
        self._targets = targets
        self._delegations = delegations
        self._turns = turns
        self._observers = tuple(observers)
        self._recorder = recorder
        self._soon = soon
        self._log = structlog.get_logger("probe.intake")
        self._urgent: list[Query] = []
        self._faulty: set[str] = set()
        self._alive: Instant | None = None
        self.vantage_watch = VantageWatch(recorder, self._tell)
        self.looks = FirstLooks(querier, lambda: self.plan, observe=self.observe, expire=self.expire)
        self.passes = Passes()
        self.lag = LagMeter()
        self.bill = BilledQueries()
        self.convergence = ConvergenceMeter()
        self._neighbours: dict[DomainName | None, Neighbours] = {}  # by zone
        self._stretches: Mapping[DomainName | None, float] = {}  # the same
        self.replace(plan, watched_domains)

    def replace(self, plan: Plan, watched_domains: WatchedDomains) -> None:
        """Fold into other domains' statuses, by another plan, from now on."""
        self._setups: dict[DomainName, Setups] = {}
        self._alike: dict[Setups, Setups] = {}  # one of each: most domains are seen by the same ExternalDNS
        self._unseal = plan.unseal
        self.plan = plan
        self.watched_domains = watched_domains
        self.statuses = {watched_domain.name: watched_domain.status for watched_domain in watched_domains}
        self.passes.watch(watched_domains.names)

    def put(self, watched_domain: WatchedDomain, state: DomainState) -> None:
        """Replace one domain's state."""
        watched_domain.state = state
        self.statuses[watched_domain.name] = state.status

    def observe(self, observation: Observation) -> None:
        """Fold one observation.

        Not a silence while this vantage is blind: it says nothing about the server that did not answer, and would
        have it accused of it as soon as another one answers again. Nor a time-out in whose waiting time the probe did
        not run: that is no evidence at all, and is not written down either.
        """
        if self._alive is not None and observation.at.monotonic - self._alive.monotonic > STOOD_STILL:
            self.alive(observation.at)
        own_fault = self.vantage_watch.is_own_fault(observation)
        if not own_fault:
            self._recorder.record(observation)
            self.vantage_watch.notice(observation)
        question = observation.question
        unseeing = own_fault or (isinstance(observation.outcome, NoResponse) and self.is_blind(observation.at))
        if (beside := self.watched_domains.asked_beside(question.name)) is not None:
            if not unseeing:
                self._fold(beside, observation)
                self.bill.count(beside.name, observation, self._delegations)
        elif question.rdtype is RecordType.TXT:
            self._observe_txt(observation, unseeing=unseeing)
        elif (named := self.watched_domains.named(question.name)) is not None:
            self._observe_record(named, observation, unseeing=unseeing)
        elif (target := self._targets.get(question.name)) is not None:
            self._targets.learn(target, observation, unseeing=unseeing)
            if target.unanswered >= len(target.servers) and not unseeing:
                self._delegations.doubt(target.name)

    def _observe_txt(self, observation: Observation, *, unseeing: bool) -> None:
        sharing = self.watched_domains.with_txt(observation.question.name)
        if unseeing or not sharing:
            return
        is_resolver = observation.server.role is ServerRole.RESOLVER
        if is_resolver and observation.server not in self.plan.resolvers:
            return  # it has left the plan since it was asked
        for watched_domain in sharing:
            self._fold(watched_domain, observation)
        if not is_resolver:
            self.bill.count(sharing[0].name, observation, self._delegations)

    def _observe_record(self, watched_domain: WatchedDomain, observation: Observation, *, unseeing: bool) -> None:
        authoritative = observation.server.role is ServerRole.AUTHORITATIVE
        if authoritative:
            self.passes.looked_at(watched_domain.name, observation.at)
        elif observation.server not in self.plan.resolvers:
            return  # it has left the plan since it was asked, and nobody would ever ask it again
        if unseeing:
            return
        self._fold(watched_domain, observation)
        if authoritative and not self.passes.ready and watched_domain.status.state is not RecordState.UNKNOWN:
            self.passes.judged(watched_domain.name)
        if authoritative:
            first, *others = watched_domain.status.records
            record = first if first.rdtype is observation.question.rdtype else others[0]
            self.bill.count(watched_domain.name, observation, self._delegations, alias=record.alias)
            self._judge_servers(watched_domain, observation)

    def observe_calm(self, observation: Observation) -> None:
        """Fold an answer to a calm turn, and count that it is no longer out."""
        question = observation.question
        if (beside := self.watched_domains.asked_beside(question.name)) is not None:
            beside.txt_left = max(0, beside.txt_left - 1)
        elif question.rdtype is RecordType.TXT:
            from_resolver = observation.server.role is ServerRole.RESOLVER
            for watched_domain in self.watched_domains.with_txt(question.name):
                if from_resolver:  # one that was asked for the owner in another view
                    watched_domain.resolver_left = max(0, watched_domain.resolver_left - 1)
                else:
                    watched_domain.txt_left = max(0, watched_domain.txt_left - 1)
        elif (named := self.watched_domains.named(question.name)) is not None:
            if observation.server.role is ServerRole.RESOLVER:
                named.resolver_left = max(0, named.resolver_left - 1)
            else:
                named.calm_left = max(0, named.calm_left - 1)
                asked = observation.at.monotonic - observation.elapsed
                self.lag.note(asked - named.calm_due, asked)
        self.observe(observation)

    def observe_sampled(self, observation: Observation) -> None:
        """Fold an answer of a window in which a beat would show, and count that it is no longer out."""
        named = self.watched_domains.named(observation.question.name)
        if named is not None:
            named.sample_left = max(0, named.sample_left - 1)
        self.observe(observation)

    def observe_service(
        self,
        watched_domain: WatchedDomain,
        event: ServiceCheck | Instant,
        present: Mapping[Side, Sequence[str]],
        *,
        cut_off: bool,
    ) -> None:
        """Fold an HTTPS check, or what time does to a service without one."""
        check, at = (None, event) if isinstance(event, Instant) else (event, event.at)
        there = tuple((side, tuple(addresses)) for side, addresses in present.items())
        self._recorder.record(ServiceFolded(watched_domain.name, check, at, there, cut_off))
        cut_off = cut_off or self.is_blind(at)
        self._fold_beside_dns(
            watched_domain,
            event,
            at,
            lambda state, context: review_service(state, event, context, present, cut_off=cut_off),
        )

    def hear_witness(self, watched_domain: WatchedDomain, witnessed: Witnessed, at: Instant) -> None:
        """Fold what witnesses beside DNS tell of a domain."""
        self._recorder.record(WitnessHeard(watched_domain.name, witnessed, at))
        self._fold_beside_dns(
            watched_domain, witnessed, at, lambda state, context: hear_witness(state, witnessed, at, context)
        )

    def expire(self, watched_domain: WatchedDomain, now: Instant) -> None:
        """Let time pass for a domain."""
        self._recorder.record(TimePassed(watched_domain.name, now))
        self._fold(watched_domain, now)
        if watched_domain.seen:  # the verdict is what came of asking its servers, if only that nobody answers
            self.passes.judged(watched_domain.name)

    def alive(self, now: Instant) -> None:
        """Take note that this process runs, and of the time in which it did not.

        To be called at every tick of the loop. A machine that sleeps stops the monotonic clock, but not the wall's.
        """
        before, self._alive = self._alive, now
        if before is not None and max(now.monotonic - before.monotonic, now.wall - before.wall) > STOOD_STILL:
            self.interrupt(WatchInterrupted(before, now))

    def interrupt(self, gap: WatchInterrupted) -> None:
        """Let no domain hold anything for the time in which this process stood still."""
        self._recorder.record(gap)
        for watched_domain in self.watched_domains:
            before = watched_domain.status
            stopped = interrupted(before, gap.until, self.plan.soak)
            if stopped is not before.confirmation:
                after = before._replace(confirmation=stopped)
                self.put(watched_domain, watched_domain.state.with_status(after))
                self._perform(watched_domain, tuple(soak_changes(before, after, gap.until)), gap.until.monotonic)

    def is_blind(self, now: Instant) -> bool:
        """Tell whether this vantage reaches nothing. For any thread."""
        return self.vantage_watch.is_blind(now)

    def watch_vantage(self, now: Instant) -> None:
        """Tell the observers when something is wrong with this vantage or with servers, and when it no longer is."""
        self.vantage_watch.look(self.plan.vantage, self.watched_domains, now)

    def stretch(self, stretches: Mapping[DomainName | None, float], at: Instant) -> None:
        """Judge by how far the calm turns of each zone are stretched from now on; what is not there is not stretched.

        Taken in now and then and not looked up with each answer, so that it has its place among the entries.
        """
        if stretches != self._stretches:
            self._stretches = stretches
            self._recorder.record(CalmTurnsStretched(tuple(stretches.items()), at))

    def surroundings(self, at: Instant) -> SurroundingsKept | None:
        """Give what verdicts rest on that no domain's state has, nor what this vantage saw; None while all is calm."""
        pace, dissenting = self.vantage_watch.pace, self.vantage_watch.dissenting
        stretches = tuple(self._stretches.items())
        newest = tuple((zone, changes) for zone, changes in self._neighbours.items() if are_recent(changes, at))
        if not (stretches or pace.behind or dissenting or newest):
            return None
        return SurroundingsKept(at, stretches, pace.behind, pace.lost, pace.waiting, dissenting, newest)

    def surround(self, known: SurroundingsKept) -> None:
        """Go on with what was so at another process."""
        self._stretches = dict(known.stretches)
        self._neighbours = dict(known.neighbours)
        self.vantage_watch.pace = Lateness(behind=known.behind, lost=known.lost, waiting=known.waiting)
        self.vantage_watch.dissenting = known.dissenting

    def note_neighbour(self, zone: DomainName | None, move: NeighbourTransition) -> None:
        """Take note of what a record of this zone did: evidence about the others there."""
        self._neighbours[zone] = noted(self._neighbours.get(zone, ()), move)

    def ask_at_once(self, queries: Iterable[Query]) -> None:
        """Put questions right after the present batch of answers: `submit` is not called from within a sink."""
        waiting = bool(self._urgent)
        self._urgent += queries
        if self._urgent and not waiting:
            self._soon(self._submit_urgent)

    def _submit_urgent(self) -> None:
        queries, self._urgent = self._urgent, []
        self._querier.submit(queries, self.observe)

    def _fold(self, watched_domain: WatchedDomain, event: Observation | Instant) -> None:
        """Fold. A mistake in the judge costs that observation, and is said, but nothing else.

        The end of memory is no mistake of the judge: it ends the process (`probe.runtime.daemon`).
        """
        at, effects = event.at if isinstance(event, Observation) else event, NOTHING
        try:
            if not isinstance(event, Observation):
                state, effects = expire(watched_domain.state, at, self._context(watched_domain, at))
            elif repeated := repeat(watched_domain.state, event, watched_domain.servers, self._targets.book):
                state = repeated  # nearly every observation
            else:
                state, effects = review(watched_domain.state, event, self._context(watched_domain, at))
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001  # one poisonous answer must not end the watch over all other domains
            self._lament(watched_domain, event)
            return
        waited = watched_domain.status.awaited
        watched_domain.state = state
        self.statuses[watched_domain.name] = state.status
        if state.status.awaited and not waited:
            self._turns.hurry_expiry(watched_domain, at.monotonic)
        if effects:
            self._perform(watched_domain, effects, at.monotonic)

    def _fold_beside_dns(
        self,
        watched_domain: WatchedDomain,
        event: ServiceCheck | Witnessed | Instant,
        at: Instant,
        fold: Callable[[DomainState, Context], tuple[DomainState, tuple[Effect, ...]]],
    ) -> None:
        """Fold what is no answer of DNS. A mistake in the judge costs that alone, as in `_fold`."""
        try:
            state, effects = fold(watched_domain.state, self._context(watched_domain, at))
        except MemoryError:
            raise
        except Exception:  # noqa: BLE001  # as in `_fold`
            self._lament(watched_domain, event)
            return
        self.put(watched_domain, state)
        self._perform(watched_domain, effects, at.monotonic)

    def _context(self, watched_domain: WatchedDomain, at: Instant) -> Context:
        plan, watch = self.plan, self.vantage_watch
        setups = self._setups.get(watched_domain.name)
        if setups is None:
            setups = setups_of(plan, watched_domain.name)
            setups = self._setups[watched_domain.name] = self._alike.setdefault(setups, setups)
        v1, v2, more = setups
        return Context(  # by position, as once for every answer: names would cost it twice as much
            self._targets.book,
            watched_domain.servers,
            plan.probing,
            v1,
            v2,
            plan.resolvers,
            plan.soak,
            self._unseal,
            watch.silent_to_all(at),
            watch.pace.behind is not None,
            self._neighbours.get(watched_domain.zone, ()),
            self._stretches.get(watched_domain.zone, 1.0),
            more,
            dissenting=watch.dissenting,
            reported=watch.reported(at),
            loss=watch.vantage.loss,
        )

    def _lament(self, watched_domain: WatchedDomain, event: object) -> None:
        if watched_domain.name not in self._faulty:  # once for each domain: it would come back with every answer
            self._faulty.add(watched_domain.name)
            self._log.exception("the judge failed over an observation", domain=watched_domain.name, event_folded=event)

    def _perform(self, watched_domain: WatchedDomain, effects: Iterable[Effect], now: float) -> None:
        for effect in effects:
            match effect:
                case Surprised(_, question, server):
                    self.ask_at_once(self._turns.surprised(watched_domain, server, question, now))
                case TargetsDoubted():
                    self.ask_at_once(self._targets.hurry(now))
                case TransitionConfirmed(transition=transition):
                    self._note_move(watched_domain, transition, now)
                case FindingRaised(finding) if finding.code in CAUSES:
                    for record in watched_domain.status.records:
                        for newest in record.recent[-1:]:
                            self._note_move(watched_domain, newest, newest.at.monotonic)
                case Converged():
                    self.convergence.note(effect)
                case (
                    StateChanged()
                    | FindingRaised()
                    | FindingCleared()
                    | SoakBroken()
                    | SoakHeld()
                    | ExpectationChanged()
                ):
                    pass  # only to be told
                case _:
                    assert_never(effect)
            self._tell(effect)

    def _note_move(self, watched_domain: WatchedDomain, transition: Transition, now: float) -> None:
        cause = next((finding.code for finding in watched_domain.status.findings if finding.code in CAUSES), None)
        move = NeighbourTransition(watched_domain.name, transition.before, transition.after, now, cause)
        self.note_neighbour(watched_domain.zone, move)

    def _tell(self, effect: Effect) -> None:
        self._recorder.record(effect)
        for observer in self._observers:
            observer(effect)

    def _judge_servers(self, watched_domain: WatchedDomain, observation: Observation) -> None:
        """Walk again when nobody answers for a domain with authority any more, or when one server is lame."""
        outcome = observation.outcome
        if isinstance(outcome, Response) and speaks_for_zone(observation.server, outcome):
            watched_domain.misses = 0
            return
        watched_domain.misses += 1
        if watched_domain.misses > len(watched_domain.servers):
            self._delegations.doubt(watched_domain.name)
        elif isinstance(outcome, Response):
            self._delegations.doubt_zone(watched_domain.name)
