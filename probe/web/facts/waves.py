"""The facts about waves."""

from types import SimpleNamespace
from typing import Annotated

from pydantic import AliasPath, BeforeValidator, Field

from probe import __version__
from probe.model.snapshot import Snapshot
from probe.model.wave import WaveStatus
from probe.web.facts.base import Fact, Moment, Name, Names, to_json
from probe.web.facts.decommission import DecommissionFact, WaveDecommissionFact
from probe.web.facts.domain import ConfirmationFact, StepFact


class WaveFact(Fact):
    """One wave of the plan."""

    name: str
    expectation: str
    domains: Annotated[Names, BeforeValidator(lambda domains: tuple(domain.name for domain in domains))]
    schedule: tuple[StepFact, ...]
    upcoming: StepFact | None


class WaveSummary(Fact):
    """One wave, and whether it is confirmed; `held` and `soak` in seconds."""

    name: str = Field(validation_alias=AliasPath("wave", "name"))
    expectation: str = Field(validation_alias=AliasPath("wave", "expectation"))
    upcoming: StepFact | None = Field(validation_alias=AliasPath("wave", "upcoming"))
    confirmed: bool
    standing: str = Field(validation_alias=AliasPath("outcome", "standing"))
    domains_total: int = Field(validation_alias="total")
    domains_confirmed: int = Field(validation_alias="held_by")
    since: Moment
    held: float
    soak: float
    sentence: str
    decommission: WaveDecommissionFact | None


class WaveList(Fact):
    """All waves, in the plan's order."""

    waves: tuple[WaveSummary, ...]


class WaveDomainFact(Fact):
    """A domain of a wave, and whether it is confirmed."""

    name: Name = Field(validation_alias=AliasPath("domain", "name"))
    state: str
    sentence: str
    confirmation: ConfirmationFact
    decommission: DecommissionFact | None


class WaveDetail(WaveSummary):
    """One wave with its domains, the moment and the plan that this is by, and whether the probe sees anything."""

    at: Moment
    vantage: str
    version: str
    plan_digest: str
    ready: bool
    blind: bool
    schedule: tuple[StepFact, ...] = Field(validation_alias=AliasPath("wave", "schedule"))
    domains: tuple[WaveDomainFact, ...]


def wave_json(snapshot: Snapshot, status: WaveStatus) -> bytes:
    """Write everything about one wave."""
    members = tuple(one for one in snapshot.domains if one.domain.wave == status.wave.name)
    facts = SimpleNamespace(
        **status._asdict(),
        at=snapshot.at,
        vantage=snapshot.plan.vantage,
        version=__version__,
        plan_digest=snapshot.plan.digest,
        ready=snapshot.ready,
        blind=snapshot.blind,
        domains=members,
    )
    return to_json(WaveDetail, facts)
