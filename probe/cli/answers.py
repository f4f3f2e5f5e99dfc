"""What daemons answer about a wave's decommissioning, `/api/v1/waves/NAME`, read back."""

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict

from probe.model.check import Check, CheckOutcome

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
    """A domain of a wave; without a verdict while it is not expected on v2."""

    name: str
    decommission: DecommissionAnswer | None


class WaveAnswer(_Answer):
    """The wave's domains, as far as `decommission` asks for them; `at` is when it was so, by the daemon's clock."""

    at: str
    blind: bool
    plan_digest: str
    decommission: WaveDecommissionAnswer | None
    domains: tuple[DomainAnswer, ...]
