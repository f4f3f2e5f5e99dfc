"""A domain's status and its effects, told answer by answer: what the judge's tests play their stories with."""

from collections.abc import Iterable

from probe.judge.context import Context
from probe.judge.review import adopt, expire, initial, review
from probe.model.effect import Effect, FindingCleared, FindingRaised
from probe.model.external_dns import TxtRegistry
from probe.model.name import DomainName
from probe.model.observation import Observation
from probe.model.outcome import Outcome, Response, RRset
from probe.model.plan import Expectation, Weights
from probe.model.question import ADDRESS_TYPES, RecordType
from probe.model.record import Position
from tests.judge.answers import (
    SERVERS,
    ZONE,
    at_position,
    context,
    instant,
    observed,
    plan,
)
from tests.judge.holding import Holding as Held

MAX_HEADLINE = 20
"""Words of a finding's headline: what a person reads at one glance. Every story holds it, at every look."""

TXT = DomainName("a-app.example.com.")


def owned(owner: str) -> Response:
    value = f'"heritage=external-dns,external-dns/owner={owner},external-dns/resource=ingress/shop/web"'
    return Response("NOERROR", authoritative=True, answer=(RRset(TXT, "TXT", 300, (value,)),))


class Story(Held):
    """A domain's status and the effects so far, told answer by answer."""

    def __init__(
        self,
        expectation: Expectation = Expectation.MOVING,
        weights: Weights | None = None,
        surroundings: Context | None = None,
    ) -> None:
        self.context = surroundings or context()
        self.state = initial(plan(expectation, weights).domains[0], (TxtRegistry(),), ZONE)
        self.effects: list[Effect] = []

    def hear(self, observation: Observation) -> None:
        self.state, told = review(self.state, observation, self.context)
        self.effects += told

    def say(
        self,
        outcomes: Iterable[Outcome],
        at: float,
        *,
        times: int = 2,
        rdtypes: Iterable[RecordType] = ADDRESS_TYPES,
    ) -> None:
        """Let the servers answer one outcome each, some times over, for each type; None repeats nothing."""
        outcomes = list(outcomes)
        for turn in range(times):
            for server, outcome in zip(SERVERS, outcomes, strict=True):
                for rdtype in rdtypes:
                    self.hear(observed(outcome, at + 0.1 * turn, server, rdtype))

    def stand(self, position: Position, since: float, until: float, step: float = 7.0) -> None:
        """Let all servers answer `position` for both types, as a calm cadence would ask."""
        at = since
        while at <= until:
            for server in SERVERS:
                for rdtype in ADDRESS_TYPES:
                    self.hear(observed(at_position(position, rdtype), at, server, rdtype))
            self.wait(at)
            at += step

    def wait(self, until: float) -> None:
        self.state, told = expire(self.state, instant(until), self.context)
        self.effects += told
        for finding in self.status.findings:
            assert len(finding.sentence.split()) <= MAX_HEADLINE, finding.sentence

    @property
    def codes(self) -> set[str]:
        return {finding.code for finding in self.status.findings}

    def raised(self) -> list[str]:
        return [effect.finding.code for effect in self.effects if isinstance(effect, FindingRaised)]

    def cleared(self) -> list[str]:
        return [effect.finding.code for effect in self.effects if isinstance(effect, FindingCleared)]


def expecting(story: Story, expectation: Expectation, weights: Weights | None = None) -> None:
    """Let the plan expect something else from now on, as a reload or a step of its schedule does."""
    story.state = adopt(story.state, plan(expectation, weights).domains[0], (TxtRegistry(),), ZONE)
