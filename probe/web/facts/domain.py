"""The facts about one domain."""

from typing import Annotated

from pydantic import AliasPath, BeforeValidator, Field

from probe.model.name import display
from probe.model.server import Server
from probe.model.side import AnswerClass
from probe.web.facts.base import Fact, Moment, Name, answered
from probe.web.facts.decommission import DecommissionFact


def _counts(counts: tuple[int, ...]) -> dict[str, int]:
    return {answer_class.value: count for answer_class, count in zip(AnswerClass, counts, strict=True)}


def _server(server: Server | None) -> str | None:
    return None if server is None else f"{display(server.name)} ({server.address})"


class LabelledFactFact(Fact):
    """One fact beneath a finding's headline."""

    label: str
    text: str


class FindingFact(Fact):
    """One open finding: its headline, what to do, and what stands beneath.

    `sentence` is all of it in one line: the headline, and behind it the facts. `remedy` is all that is to be done, in
    order; it begins with `first_step`. `command` is for that first step: commands in their order, one on
    each line, of which those that begin with `#` are remarks.
    """

    code: str
    severity: str
    domain: Name
    headline: str = Field(validation_alias="sentence")
    sentence: str = Field(validation_alias="told")
    remedy: str
    since: Moment
    evidence: tuple[str, ...]
    link: str
    inferred: bool
    first_step: str = Field(validation_alias=AliasPath("first", "sentence"))
    command: str = Field(validation_alias=AliasPath("first", "command"))
    facts: tuple[LabelledFactFact, ...]


class TransitionFact(Fact):
    """One confirmed change of a record."""

    at: Moment
    before: str
    after: str
    reversal: bool
    uncovered: bool


class ServerFact(Fact):
    """What one authoritative server says of a record."""

    name: Name = Field(validation_alias=AliasPath("server", "name"))
    address: str = Field(validation_alias=AliasPath("server", "address"))
    answer_class: str | None
    answers: Annotated[tuple[str, ...], BeforeValidator(answered)] = Field(validation_alias="response")
    at: Moment
    since: Moment
    failures: int
    failure: str | None


class RecordFact(Fact):
    """One record: its verdict and what it rests on.

    `cache` is for how many seconds at least resolvers hold it that the plan names for its zone: a change is seen up to
    that late. Null where servers answer with authority.
    """

    type: str = Field(validation_alias="rdtype")
    state: str
    since: Moment
    position: str | None
    transitions: int
    reversals: int
    answers_total: Annotated[dict[str, int], BeforeValidator(_counts)] = Field(validation_alias="answers")
    cache: int | None
    servers: tuple[ServerFact, ...]
    recent: tuple[TransitionFact, ...]


class OwnerFact(Fact):
    """One ExternalDNS ownership value."""

    owner: str
    resource: str | None


class TxtFact(Fact):
    """What stands at one ownership TXT name, who answered so newest, and how many values may be encrypted ownership."""

    name: Name
    values: tuple[str, ...]
    owners: tuple[OwnerFact, ...]
    opaque: int
    at: Moment
    since: Moment
    server: Annotated[str | None, BeforeValidator(_server)]


class CacheFact(Fact):
    """One answer that a cache of a resolver was seen with and may still hold."""

    answer_class: str
    expires: Moment
    at: Moment


class ResolverFact(Fact):
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


class DrainFact(Fact):
    """When no cache that obeys TTLs leads to v1 any more, and what the resolvers hold."""

    last_v1: Moment
    deadline: Moment
    ttl: int | None
    holding: int
    held_until: Moment


class ConvergenceFact(Fact):
    """How one change of a record arrived: when the first server, all servers and all resolvers showed it."""

    type: str = Field(validation_alias="rdtype")
    before: str = Field(validation_alias=AliasPath("transition", "before"))
    after: str = Field(validation_alias=AliasPath("transition", "after"))
    first_server_at: Moment = Field(validation_alias=AliasPath("transition", "at"))
    all_servers_at: Moment = Field(validation_alias="servers_at")
    all_resolvers_at: Moment = Field(validation_alias="resolvers_at")
    overtaken: bool


class CertificateFact(Fact):
    """What a server's certificate says of itself."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: Moment
    not_after: Moment


class ServiceAddressFact(Fact):
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


class ServiceFact(Fact):
    """The domain's HTTPS on one side: `up`, `down` or `unknown`, over its addresses."""

    side: str
    state: str
    since: Moment
    addresses: tuple[ServiceAddressFact, ...]


class ShareFact(Fact):
    """How often a record that is split by weighted routing leads to v2, with the interval that holds the true share.

    `ratio`, `lower` and `upper` are shares of 0 to 1. `needed` is how many more answers will decide by the declared
    weights: 0 when it is decided, null when nothing is declared or no end is in sight. `elsewhere` counts the answers
    that led to neither side alone.
    """

    type: str = Field(validation_alias="rdtype")
    since: Moment
    v1: int
    v2: int
    elsewhere: int
    ratio: float | None
    lower: float
    upper: float
    verdict: str | None
    needed: int | None


class WeightsFact(Fact):
    """Declared weights per side."""

    v1: int
    v2: int


class StepFact(Fact):
    """From when something is expected; no `at` for what is expected before every dated step."""

    at: Moment
    expectation: str
    weights: WeightsFact | None


class JudgementFact(Fact):
    """One criterion of a confirmation, as it stands."""

    criterion: str = Field(validation_alias="name")
    standing: str = Field(validation_alias=AliasPath("outcome", "standing"))
    sentence: str


class BreakFact(Fact):
    """When a soak was broken, and by what."""

    at: Moment
    criterion: str
    sentence: str


class ConfirmationFact(Fact):
    """Whether a domain has held every criterion for the whole soak; `held` and `unwatched` in seconds."""

    confirmed: bool
    confirmed_at: Moment
    standing: str = Field(validation_alias=AliasPath("outcome", "standing"))
    since: Moment
    held: float
    unwatched: float
    breaks: int
    broken: BreakFact | None
    criteria: tuple[JudgementFact, ...]


class ConfirmationSummary(Fact):
    """The same in short; `held` is seconds."""

    confirmed: bool
    standing: str = Field(validation_alias=AliasPath("outcome", "standing"))
    held: float


class RecordSummary(Fact):
    """One record's verdict."""

    type: str = Field(validation_alias="rdtype")
    state: str
    since: Moment


class FindingSummary(Fact):
    """One open finding, by its code."""

    code: str
    severity: str


class _Domain(Fact):
    name: Name = Field(validation_alias=AliasPath("domain", "name"))
    proxied: Name | None = Field(
        validation_alias=AliasPath("domain", "proxied"),
        description="The name that users ask, where it leads to a CDN or proxy that fetches from `name`.",
    )
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


class DomainList(Fact):
    """One page of the list of domains, in the plan's order; `next` leads to the page after it."""

    domains: tuple[DomainSummary, ...]
    total: int
    next: str | None


class ChainLinkFact(Fact):
    """One link of the chain from what a cluster wants to what a user reaches: has it what the plan expects?

    `mark` is `yes`, `no`, `not known` (it was not seen, or not lately) or `not watched`; `at` is when it was seen.
    """

    link: str
    mark: str
    sentence: str
    at: Moment


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
    decommission: DecommissionFact | None


class ViewFact(Fact):
    """One view of a name that a public and a private zone have.

    `judged` is whether its servers are asked, and it has a verdict; else `state` is what resolvers answer that see it.
    `owners` are those that its ownership TXT names.
    """

    view: str
    judged: bool = Field(validation_alias="is_judged")
    state: str
    sentence: str
    at: Moment
    owners: tuple[str, ...]


class ViewsFact(Fact):
    """The public and the private view of one name; `differ` is null where that cannot be said."""

    seen: tuple[ViewFact, ...]
    sentence: str
    differ: bool | None


class DomainDetail(DomainFact):
    """Everything that is known about one domain, and how each link stands that leads to its users.

    `views` is null where one view of it is watched alone.
    """

    chain: tuple[ChainLinkFact, ...]
    views: ViewsFact | None
