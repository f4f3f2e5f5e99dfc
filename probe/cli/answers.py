"""What daemons answer about a wave's decommissioning, `/api/v1/waves/NAME`, read back."""

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict

from probe.model.check import Check, CheckOutcome
from probe.model.plan import Expectation

_BY_HOLDS = {outcome.holds: outcome for outcome in (CheckOutcome.PASS, CheckOutcome.FAIL, CheckOutcome.UNKNOWN)}


class _Answer(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class RequirementAnswer(_Answer):
    """One precondition of deleting v1's Ingress."""

    precondition: str
    holds: bool | None
    sentence: str
    remedy: str


class DecommissionAnswer(_Answer):
    """The daemon's verdict on one domain."""

    safe: bool | None
    requirements: tuple[RequirementAnswer, ...]
    unseen: tuple[str, ...]
    leftovers: tuple[str, ...]
    other_view_leftovers: tuple[str, ...] = ()
    at: str | None

    @property
    def outcome(self) -> CheckOutcome:
        """All preconditions together."""
        return _BY_HOLDS[self.safe]

    def checks(self, subject: str) -> Iterator[Check]:
        """Give each precondition of a domain."""
        for one in self.requirements:
            yield Check(one.precondition, subject, _BY_HOLDS[one.holds], one.sentence, one.remedy)


class WaveDecommissionAnswer(_Answer):
    """The daemon's verdict on the wave as a whole: `sentence` has the time, or what is waited for."""

    safe: bool | None
    at: str | None
    sentence: str


class DomainAnswer(_Answer):
    """A domain of a wave; without a verdict while it is not expected on v2, and before it has been judged."""

    name: str
    decommission: DecommissionAnswer | None


class WaveAnswer(_Answer):
    """The wave's domains, as far as `decommission` asks for them; `at` is when it was so, by the daemon's clock."""

    at: str
    blind: bool
    plan_digest: str
    expectation: str = ""
    decommission: WaveDecommissionAnswer | None
    domains: tuple[DomainAnswer, ...]

    @property
    def has_moved(self) -> bool:
        """Whether v1 of it is to go at all: the plan expects it on v2, whether or not its domains are judged yet."""
        return self.expectation == Expectation.V2 or any(one.decommission is not None for one in self.domains)

    def outcome(self, domain: DomainAnswer) -> CheckOutcome:
        """Tell how one of its domains stands; one that is not expected on v2 must not lose v1."""
        if domain.decommission is not None:
            return domain.decommission.outcome
        return CheckOutcome.UNKNOWN if self.expectation == Expectation.V2 else CheckOutcome.FAIL
