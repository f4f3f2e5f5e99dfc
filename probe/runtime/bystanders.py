"""Domains that a narrow replay does not judge, and what of them counts for the verdicts on those that it does.

A verdict rests on its domain's own answers and, beside them, on what all domains have in common:

| of the other domains | what for | taken from |
| --- | --- | --- |
| that their servers answer, or not | blindness, failing servers, share of lost questions | their answers' headers |
| their servers and zones | how many domains a failing server concerns | the walks |
| their changes, and the cause of their fights | neighbours that make the same change | what the probe told then |
| for which of them a server stands against the others | whom no single domain accuses | what the probe told then |

The last two are verdicts themselves. As the probe told them then is as the whole replay judges them, if it judges by
the plans of then and by the same rules.
"""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from probe.judge.findings.flap_cause import CAUSES
from probe.model.clock import Instant
from probe.model.effect import Effect, FindingCleared, FindingRaised, TransitionConfirmed
from probe.model.finding import FindingCode
from probe.model.journal import Place
from probe.model.name import DomainName
from probe.model.neighbour import NeighbourTransition
from probe.model.plan import Plan
from probe.model.record import Transition
from probe.runtime.restored import adopted, take_up
from probe.runtime.watched import WatchedDomain

if TYPE_CHECKING:
    from probe.model.question import RecordType


class Bystanders:
    """The domains of a plan that are not judged."""

    def __init__(self) -> None:
        self._domains: dict[DomainName, WatchedDomain] = {}
        self._order: tuple[DomainName, ...] = ()
        self._told: list[Effect] = []
        self._causes: dict[DomainName, set[FindingCode]] = {}
        self._newest: dict[DomainName, dict[RecordType, Transition]] = {}

    def __contains__(self, name: object) -> bool:
        """Tell whether a name is one of them."""
        return name in self._domains

    def __len__(self) -> int:
        """Count them."""
        return len(self._domains)

    def replace(self, plan: Plan, narrowed: Plan, at: Instant) -> None:
        """Take over a plan, of which the narrowed one is judged; where the others are asked stays known."""
        judged = {domain.name for domain in narrowed.domains}
        before = self._domains
        self._domains = {}
        self._order = tuple(domain.name for domain in plan.domains)
        for domain in plan.domains:
            if domain.name in judged:
                continue
            known = before.get(domain.name)
            self._domains[domain.name] = take_up(None, domain, plan, at, 0)
            if known is not None:
                self.serve(Place(domain.name, known.zone, known.servers), plan)

    def forget(self) -> None:
        """Begin anew: what was told before belongs to another watch."""
        self._domains.clear()
        self._told.clear()
        self._causes.clear()
        self._newest.clear()

    def serve(self, place: Place, plan: Plan) -> None:
        """Take note of where one of them is asked."""
        watched_domain = self._domains[place.name]
        watched_domain.servers, watched_domain.zone = place.servers, place.zone
        domain = watched_domain.status.domain
        watched_domain.state = adopted(watched_domain.state, domain, plan, plan, place.zone)

    def beside(self, judged: Iterable[WatchedDomain]) -> list[WatchedDomain]:
        """Give all domains, in the plan's order."""
        everybody = self._domains | {watched_domain.name: watched_domain for watched_domain in judged}
        return [everybody[name] for name in self._order if name in everybody]

    def hear(self, effect: Effect) -> None:
        """Take in what was told then; what one answer led to counts together, once all of it is heard."""
        self._told.append(effect)

    @property
    def heard(self) -> bool:
        """Whether anything was heard since `changes` was last asked for."""
        return bool(self._told)

    def changes(self, at: Instant) -> Iterator[tuple[DomainName | None, NeighbourTransition]]:
        """Give what was heard at a moment as changes in the zones of bystanders, in the intake's own terms."""
        told, self._told = self._told, []
        for effect in told:
            if isinstance(effect, TransitionConfirmed):
                self._newest.setdefault(effect.domain, {})[effect.rdtype] = effect.transition
            elif isinstance(effect, FindingRaised) and effect.finding.code in CAUSES:
                self._causes.setdefault(effect.finding.domain, set()).add(effect.finding.code)
            elif isinstance(effect, FindingCleared):
                self._causes.get(effect.finding.domain, set()).discard(effect.finding.code)
        for effect in told:
            if isinstance(effect, TransitionConfirmed):
                yield from self._change(effect.domain, effect.transition, at.monotonic)
            elif isinstance(effect, FindingRaised) and effect.finding.code in CAUSES:
                for newest in self._newest_of(effect.finding.domain):
                    yield from self._change(effect.finding.domain, newest, newest.at.monotonic)

    def _newest_of(self, name: DomainName) -> Iterator[Transition]:
        watched_domain = self._domains.get(name)
        known = self._newest.get(name, {})
        for record in watched_domain.status.records if watched_domain is not None else ():
            if record.rdtype in known:
                yield known[record.rdtype]

    def _change(
        self, name: DomainName, transition: Transition, at: float
    ) -> Iterator[tuple[DomainName | None, NeighbourTransition]]:
        watched_domain = self._domains.get(name)
        if watched_domain is not None:
            causes = self._causes.get(name, ())
            cause = next((code for code in FindingCode if code in causes), None)  # worst first, as in a status
            change = NeighbourTransition(name, transition.before, transition.after, at, cause)
            yield watched_domain.zone, change
