"""The facts as JSON. Times are RFC 3339 in UTC, names stand without their trailing dot, and keys are stable.

The models read the snapshot's values by attribute; what differs between the two (flattened, renamed, rewritten) stands
in the field's annotation.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Annotated, TypeVar

from pydantic import AliasPath, BaseModel, BeforeValidator, ConfigDict, Field

from probe import __version__
from probe.model.clock import Instant
from probe.model.name import display
from probe.model.outcome import Response
from probe.model.question import ADDRESS_TYPES
from probe.model.side import AnswerClass
from probe.model.snapshot import Snapshot
from probe.model.status import DomainStatus
from probe.model.wave import WaveStatus


def timestamp(at: Instant | float | None) -> str | None:
    """Write a moment as RFC 3339 in UTC with milliseconds; None stays None."""
    if at is None:
        return None
    wall = at.wall if isinstance(at, Instant) else at
    return datetime.fromtimestamp(wall, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def answered(response: Response | None) -> tuple[str, ...]:
    """Give what a response answered: its addresses, or the names that its CNAMEs lead to; the rcode if it has none."""
    if response is None:
        return ()
    rdata = [value for rrset in response.answer if rrset.rdtype in ADDRESS_TYPES for value in rrset.rdata]
    aliases = [value for rrset in response.answer if rrset.rdtype == "CNAME" for value in rrset.rdata]
    if not rdata and not aliases and response.rcode == "NOERROR":
        return ("NODATA",)
    return tuple(rdata or aliases) or (response.rcode,)


def _counts(counts: tuple[int, ...]) -> dict[str, int]:
    return {answer_class.value: count for answer_class, count in zip(AnswerClass, counts, strict=True)}


def _pairs(pairs: Iterable[tuple[str, int]]) -> dict[str, int]:
    return {display(name): count for name, count in pairs}


Name = Annotated[str, BeforeValidator(display)]
Moment = Annotated[str | None, BeforeValidator(timestamp)]
Names = tuple[Name, ...]


class _Fact(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True, use_enum_values=True)


class FindingFact(_Fact):
    """One open finding."""

    code: str
    severity: str
    domain: Name
    sentence: str
    remedy: str
    since: Moment
    evidence: tuple[str, ...]


class TransitionFact(_Fact):
    """One confirmed change of a record."""

    at: Moment
    before: str
    after: str
    reversal: bool


class ServerFact(_Fact):
    """What one authoritative server says of a record."""

    name: Name = Field(validation_alias=AliasPath("server", "name"))
    address: str = Field(validation_alias=AliasPath("server", "address"))
    answer_class: str | None
    answers: Annotated[tuple[str, ...], BeforeValidator(answered)] = Field(validation_alias="response")
    at: Moment
    since: Moment
    failures: int
    failure: str | None


class RecordFact(_Fact):
    """One record: its verdict and what it rests on."""

    type: str = Field(validation_alias="rdtype")
    state: str
    since: Moment
    position: str | None
    transitions: int
    reversals: int
    answers_total: Annotated[dict[str, int], BeforeValidator(_counts)] = Field(validation_alias="answers")
    servers: tuple[ServerFact, ...]
    recent: tuple[TransitionFact, ...]


class OwnerFact(_Fact):
    """One ExternalDNS ownership value."""

    owner: str
    resource: str | None


class TxtFact(_Fact):
    """What stands at one ownership TXT name."""

    name: Name
    values: tuple[str, ...]
    owners: tuple[OwnerFact, ...]
    at: Moment
    since: Moment


class CacheFact(_Fact):
    """One answer that a cache of a resolver was seen with and may still hold."""

    answer_class: str
    expires: Moment
    at: Moment


class ResolverFact(_Fact):
    """What one address of a resolver says of one record."""

    name: str = Field(validation_alias=AliasPath("server", "name"))
    address: str = Field(validation_alias=AliasPath("server", "address"))
    type: str = Field(validation_alias="rdtype")
    answer_class: str | None
    at: Moment
    since: Moment
    ttl: int | None
    failure: str | None
    verdict: str
    deadline: Moment
    caches: tuple[CacheFact, ...]
    errors: tuple[int, ...]
    client_subnet: str | None = Field(validation_alias=AliasPath("server", "client_subnet"))
    scope: int | None


class DrainFact(_Fact):
    """When no cache that obeys TTLs leads to v1 any more, and what the resolvers hold."""

    last_v1: Moment
    deadline: Moment
    ttl: int | None
    holding: int
    held_until: Moment


class ConvergenceFact(_Fact):
    """How one change of a record arrived: when the first server, all servers and all resolvers showed it."""

    type: str = Field(validation_alias="rdtype")
    before: str = Field(validation_alias=AliasPath("transition", "before"))
    after: str = Field(validation_alias=AliasPath("transition", "after"))
    first_server_at: Moment = Field(validation_alias=AliasPath("transition", "at"))
    all_servers_at: Moment = Field(validation_alias="servers_at")
    all_resolvers_at: Moment = Field(validation_alias="resolvers_at")
    overtaken: bool


class CertificateFact(_Fact):
    """What a server's certificate says of itself."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: Moment
    not_after: Moment


class ServiceAddressFact(_Fact):
    """The newest HTTPS check at one address of a side.

    `failing` is whether it is confirmed to fail, `seen` whether the check says anything of the service: not when this
    vantage is cut off from where it is. `elapsed` is seconds.
    """

    address: str = Field(validation_alias=AliasPath("check", "address"))
    at: Moment = Field(validation_alias=AliasPath("check", "at"))
    elapsed: float = Field(validation_alias=AliasPath("check", "elapsed"))
    failure: str | None = Field(validation_alias=AliasPath("check", "failure"))
    detail: str = Field(validation_alias=AliasPath("check", "detail"))
    status: int | None = Field(validation_alias=AliasPath("check", "status"))
    certificate: CertificateFact | None = Field(validation_alias=AliasPath("check", "certificate"))
    headers: Annotated[dict[str, str], BeforeValidator(dict)] = Field(validation_alias=AliasPath("check", "headers"))
    repeats: int
    failing: bool
    since: Moment
    seen: bool


class ServiceFact(_Fact):
    """The domain's HTTPS on one side: `up`, `down` or `unknown`, over its addresses."""

    side: str
    state: str
    since: Moment
    addresses: tuple[ServiceAddressFact, ...]


class ShareFact(_Fact):
    """How often a record that is drawn by weights leads to v2, with the interval that holds the true share.

    `needed` is how many more answers will decide by the declared weights: 0 when it is decided, null when nothing is
    declared or no end is in sight.
    """

    type: str = Field(validation_alias="rdtype")
    since: Moment
    v1: int
    v2: int
    ratio: float | None
    lower: float
    upper: float
    verdict: str | None
    needed: int | None


class WeightsFact(_Fact):
    """Declared weights per side."""

    v1: int
    v2: int


class StepFact(_Fact):
    """From when something is expected; no `at` for what is expected before every dated step."""

    at: Moment
    expectation: str
    weights: WeightsFact | None


class JudgementFact(_Fact):
    """One criterion of a confirmation, as it stands."""

    criterion: str
    standing: str
    sentence: str


class BreakFact(_Fact):
    """When a soak was broken, and by what."""

    at: Moment
    criterion: str
    sentence: str


class ConfirmationFact(_Fact):
    """Whether a domain has held every criterion for the whole soak; `held` and `unwatched` in seconds."""

    confirmed: bool
    confirmed_at: Moment
    standing: str
    since: Moment
    held: float
    unwatched: float
    breaks: int
    broken: BreakFact | None
    criteria: tuple[JudgementFact, ...]


class ConfirmationSummary(_Fact):
    """The same in short."""

    confirmed: bool
    standing: str
    held: float


class RecordSummary(_Fact):
    """One record's verdict."""

    type: str = Field(validation_alias="rdtype")
    state: str
    since: Moment


class FindingSummary(_Fact):
    """One open finding, by its code."""

    code: str
    severity: str


class _Domain(_Fact):
    name: Name = Field(validation_alias=AliasPath("domain", "name"))
    wave: str = Field(validation_alias=AliasPath("domain", "wave"))
    expectation: str = Field(validation_alias=AliasPath("domain", "expectation"))
    weights: WeightsFact | None = Field(validation_alias=AliasPath("domain", "weights"))
    upcoming: StepFact | None = Field(validation_alias=AliasPath("domain", "upcoming"))
    state: str
    since: Moment
    sentence: str


class DomainSummary(_Domain):
    """A domain in a list."""

    records: tuple[RecordSummary, ...]
    findings: tuple[FindingSummary, ...]
    confirmation: ConfirmationSummary


class DomainList(_Fact):
    """All domains."""

    domains: tuple[DomainSummary, ...]


class DomainFact(_Domain):
    """Everything that is known about one domain."""

    records: tuple[RecordFact, ...]
    shares: tuple[ShareFact, ...]
    txts: tuple[TxtFact, ...]
    resolvers: tuple[ResolverFact, ...]
    drain: DrainFact | None
    convergences: tuple[ConvergenceFact, ...]
    services: tuple[ServiceFact, ...]
    findings: tuple[FindingFact, ...]
    confirmation: ConfirmationFact


class WaveFact(_Fact):
    """One wave of the plan."""

    name: str
    expectation: str
    domains: Annotated[Names, BeforeValidator(lambda domains: tuple(domain.name for domain in domains))]
    schedule: tuple[StepFact, ...]
    upcoming: StepFact | None


class WaveSummary(_Fact):
    """One wave, and whether it is confirmed; `held` and `soak` in seconds."""

    name: str = Field(validation_alias=AliasPath("wave", "name"))
    expectation: str = Field(validation_alias=AliasPath("wave", "expectation"))
    upcoming: StepFact | None = Field(validation_alias=AliasPath("wave", "upcoming"))
    confirmed: bool
    standing: str
    domains_total: int = Field(validation_alias="total")
    domains_confirmed: int = Field(validation_alias="held_by")
    since: Moment
    held: float
    soak: float
    sentence: str


class WaveList(_Fact):
    """All waves, in the plan's order."""

    waves: tuple[WaveSummary, ...]


class WaveDomainFact(_Fact):
    """A domain of a wave, and whether it is confirmed."""

    name: Name = Field(validation_alias=AliasPath("domain", "name"))
    state: str
    sentence: str
    confirmation: ConfirmationFact


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


class TargetFact(_Fact):
    """One address of the address book."""

    side: str
    address: str
    source: Name
    first_seen: Moment
    last_seen: Moment


class ProblemFact(_Fact):
    """One thing that is wrong with a delegation."""

    problem: str
    subject: Name
    sentence: str


class DelegationFact(_Fact):
    """What the newest walk found for one zone."""

    zone: Annotated[str | None, BeforeValidator(lambda zone: None if zone is None else display(zone))]
    servers: Annotated[tuple[str, ...], BeforeValidator(lambda servers: tuple(one.address for one in servers))]
    parent_ns: Names
    child_ns: Names
    problems: tuple[ProblemFact, ...]
    at: Moment


class TrafficFact(_Fact):
    """What asking one group of servers over one transport has cost since the start."""

    group: str
    transport: str
    queries: int
    failures: Annotated[dict[str, int], BeforeValidator(_pairs)]
    late: int
    duplicates: int
    mismatched: int


class ScheduleFact(_Fact):
    """How well probing keeps its own times, in seconds."""

    lag: float
    max_lag: float
    last_pass: Moment
    due: int


class ReloadFact(_Fact):
    """How the newest attempt to load the plan went; `at` is when the plan in force was loaded."""

    successful: bool
    at: Moment
    error: str


class NotificationFact(_Fact):
    """What telling one Alertmanager of `notify` has cost since the start."""

    alertmanager: str
    sent: int
    failures: Annotated[dict[str, int], BeforeValidator(_pairs)]


class StatusFact(_Fact):
    """The probe itself, and the plan that it follows."""

    at: Moment
    started: Moment
    vantage: str = Field(validation_alias=AliasPath("plan", "vantage"))
    plan_digest: str = Field(validation_alias=AliasPath("plan", "digest"))
    ready: bool
    blind: bool
    waves: tuple[WaveFact, ...] = Field(validation_alias=AliasPath("plan", "waves"))
    schedule: ScheduleFact
    reload: ReloadFact
    traffic: tuple[TrafficFact, ...]
    billed: Annotated[dict[str, int], BeforeValidator(_pairs)]
    notifications: tuple[NotificationFact, ...]
    delegations: tuple[DelegationFact, ...]
    targets: tuple[TargetFact, ...]


class ErrorFact(BaseModel):
    """Why a request was not answered."""

    error: str


_F = TypeVar("_F", bound=BaseModel)


def to_json(kind: type[_F], value: object) -> bytes:
    """Write a value of the model as the JSON of one of the classes above."""
    return kind.model_validate(value).model_dump_json().encode()


def domain_list(statuses: Iterable[DomainStatus]) -> bytes:
    """Write a DomainList domain by domain: one encoder call for a thousand would keep the GIL from probing."""
    return b'{"domains":[%b]}' % b",".join([to_json(DomainSummary, status) for status in statuses])


def wave_list(snapshot: Snapshot) -> bytes:
    """Write every wave in short."""
    return to_json(WaveList, snapshot)


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


def status_json(snapshot: Snapshot) -> bytes:
    """Write the probe's own status."""
    return to_json(StatusFact, snapshot)
