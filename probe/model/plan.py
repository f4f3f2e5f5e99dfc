"""The migration plan as the program uses it: checked, complete, frozen. `probe.config` makes it from YAML."""

from dataclasses import dataclass, field, replace
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import TypeAlias, assert_never

from probe.model.external_dns import ExternalDns, Registry, TxtRegistry, Unseal, unseal_of
from probe.model.home import RUNBOOK
from probe.model.name import DomainName, is_within
from probe.model.server import Server, ZoneView
from probe.model.side import Side
from probe.model.witness_sources import WitnessSources

Network: TypeAlias = IPv4Network | IPv6Network


class Expectation(StrEnum):
    """What a wave expects of its domains at present."""

    V1 = "v1"
    """Not moved yet."""
    MOVING = "moving"
    """Either side, while it moves."""
    V2 = "v2"
    """Moved."""
    WEIGHTED = "weighted"
    """Split between the sides by declared weights."""

    @property
    def side(self) -> Side | None:
        """The one side that every answer should lead to; None where both may be answered."""
        match self:
            case Expectation.V1:
                return Side.V1
            case Expectation.V2:
                return Side.V2
            case Expectation.MOVING | Expectation.WEIGHTED:
                return None
            case _:
                assert_never(self)

    @property
    def includes_v2(self) -> bool:
        """Answers may lead to v2: its cluster wants the names already."""
        match self:
            case Expectation.V1:
                return False
            case Expectation.MOVING | Expectation.V2 | Expectation.WEIGHTED:
                return True
            case _:
                assert_never(self)


@dataclass(frozen=True, slots=True)
class Weights:
    """Declared Route 53 weights per side, 0 to 255 each and not both 0."""

    v1: int
    v2: int

    @property
    def v2_share(self) -> float:
        """The share of answers that should lead to v2, 0 to 1."""
        return self.v2 / (self.v1 + self.v2)

    def is_like(self, other: "Weights") -> bool:
        """Tell whether both give each side the same share: 1:9 and 10:90 do."""
        return self.v1 * other.v2 == self.v2 * other.v1


@dataclass(frozen=True, slots=True)
class SidePlan:
    """One cluster.

    Attributes:
        side: Which.
        load_balancers: Names of its load balancers.
        networks: Addresses that are its own without asking.
        external_dns: Its ExternalDNS; the first where it has several.
        more_external_dns: The others: for a private zone, for a team of its own.
    """

    side: Side
    load_balancers: tuple[DomainName, ...] = ()
    networks: tuple[Network, ...] = ()
    external_dns: ExternalDns = field(default_factory=ExternalDns)
    more_external_dns: tuple[ExternalDns, ...] = ()

    @property
    def instances(self) -> tuple[ExternalDns, ...]:
        """Every ExternalDNS that runs in it."""
        return (self.external_dns, *self.more_external_dns)


@dataclass(frozen=True, slots=True)
class Identity:
    """The response header by which a cluster names itself, in lower case, and its value in each."""

    header: str
    v1: str
    v2: str

    def of(self, side: Side) -> str:
        """The value that one side's cluster sends."""
        return self.v1 if side is Side.V1 else self.v2


@dataclass(frozen=True, slots=True)
class HttpCheck:
    """How the service behind a domain is asked whether it works, by HTTPS.

    Attributes:
        path: What is asked for.
        port: Where.
        statuses: Status codes that mean that it works.
        timeout: Seconds for connection, TLS handshake and the response's head together.
        headers: Response headers to keep and to compare between the sides, in lower case.
        identity: How a response tells which cluster it is from; None when it does not.
        ca_file: Certificates in PEM that are trusted instead of the system's; None trusts the system's.
    """

    path: str = "/"
    port: int = 443
    statuses: tuple[int, ...] = (200,)
    timeout: float = 5.0
    headers: tuple[str, ...] = ()
    identity: Identity | None = None
    ca_file: Path | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """From when something is expected.

    Attributes:
        at: Wall time in seconds; None for what is expected before every dated step.
        expectation: What is expected from then on.
        weights: The declared weights from then on; None where none are declared.
    """

    at: float | None
    expectation: Expectation
    weights: Weights | None = None


class Routing(StrEnum):
    """How Route 53 chooses between the sides' record sets of a name, beside weights."""

    FAILOVER = "failover"
    """By health: the primary set while it is healthy, else the secondary."""
    LATENCY = "latency"
    """By the region that is nearest to who asks."""
    GEOLOCATION = "geolocation"
    """By the country or continent of who asks."""
    MULTIVALUE = "multivalue"
    """Up to eight healthy records of both sides in one answer."""


Schedule: TypeAlias = tuple[Step, ...]
"""In the order of time, the first step without a date; empty where nothing is dated."""


@dataclass(frozen=True, slots=True)
class Domain:
    """One migrating name, with what its wave expects of it at present.

    Attributes:
        name: The name that is watched: of a proxied one, its origin's.
        wave: The wave that it moves in.
        expectation, weights: What is expected at present: of its schedule, the step in force.
        http: How its service is checked; None when it is not.
        schedule: What is expected from when; empty where nothing is dated.
        upcoming: The step that comes next; None when none does.
        routing: How Route 53 chooses between the sides, where that is declared.
        proxied: The name that users ask, which leads to a CDN or proxy before `name`; None where there is none.
    """

    name: DomainName
    wave: str
    expectation: Expectation
    weights: Weights | None = None
    http: HttpCheck | None = None
    schedule: Schedule = ()
    upcoming: Step | None = None
    routing: Routing | None = None
    proxied: DomainName | None = None

    @property
    def names(self) -> tuple[DomainName, ...]:
        """The names by which people ask for it: what is watched, and behind a proxy what its users know."""
        return (self.name,) if self.proxied is None else (self.name, self.proxied)

    @property
    def has_sets(self) -> bool:
        """Whether Route 53 chooses between several record sets of the name: each has an ownership TXT of its own."""
        return self.expectation is Expectation.WEIGHTED or self.routing is not None


@dataclass(frozen=True, slots=True)
class Wave:
    """Domains that move together; `schedule` and `upcoming` as in `Domain`."""

    name: str
    expectation: Expectation
    domains: tuple[Domain, ...]
    schedule: Schedule = ()
    upcoming: Step | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An IP literal and a port."""

    address: str
    port: int = 53


@dataclass(frozen=True, slots=True)
class Authoritative:
    """Where authoritative servers are found.

    Attributes:
        overrides: Zone to endpoints: asked as given, no delegation is walked for names in these zones.
        private_zones: Zone to endpoints of resolvers that answer for it, each with a cache of its own; likewise.
        start: Servers from which the delegation walk starts; empty means the root servers.
        port: The port at which servers found by walking are asked: 53 outside a laboratory.
        ipv4, ipv6: Which address families of name servers are asked.
        refresh: Seconds between two walks of the same delegation.
    """

    overrides: tuple[tuple[DomainName, tuple[Endpoint, ...]], ...] = ()
    private_zones: tuple[tuple[DomainName, tuple[Endpoint, ...]], ...] = ()
    start: tuple[Endpoint, ...] = ()
    port: int = 53
    ipv4: bool = True
    ipv6: bool = True
    refresh: float = 3600.0

    @property
    def given(self) -> tuple[tuple[DomainName, tuple[Endpoint, ...]], ...]:
        """Every zone of which the plan says itself who is asked, with these endpoints."""
        return (*self.overrides, *self.private_zones)

    def view_of(self, name: DomainName) -> ZoneView:
        """Tell which view of a name the plan means: the private one where it names resolvers of a private zone."""
        is_private = any(is_within(name, zone) for zone, _ in self.private_zones)
        return ZoneView.PRIVATE if is_private else ZoneView.PUBLIC


@dataclass(frozen=True, slots=True)
class Probing:
    """Cadence and limits. Seconds throughout; the reason for each default stands in `probe.config.schema_probing`."""

    interval: float = 7.0
    txt_interval: float = 120.0
    resolver_interval: float = 30.0
    burst_interval: float = 1.0
    target_interval: float = 30.0
    service_interval: float = 60.0
    timeout: float = 2.0
    grace: float = 60.0
    queries_per_second: float = 20.0
    max_in_flight: int = 512


SOAK = 1800.0
"""Seconds that a soak takes unless the plan says otherwise; `probe.config.schema` has the reason."""


@dataclass(frozen=True, slots=True)
class State:
    """What is kept over a restart. The reason for each default stands in `probe.config.schema_state`.

    Attributes:
        path: The journal's file; None keeps nothing.
        observations: Seconds for which every single answer is kept.
        effects: Seconds for which is kept what was told of: changes and findings.
        size: Mebibytes that the journal may take; the oldest gives way.
    """

    path: Path | None = None
    observations: float = 172_800.0
    effects: float = 7_776_000.0
    size: int = 2048


@dataclass(frozen=True, slots=True)
class Alertmanager:
    """One Alertmanager that alerts are posted to.

    Attributes:
        url: Without `/api/v2/alerts`, and without a slash at the end.
        username: For HTTP basic authentication; None for none.
        password_file: Holds the password; read anew for every post, so that it can be rotated.
        ca_file: Certificates to trust instead of the system's.
    """

    url: str
    username: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None

    @property
    def name(self) -> str:
        """How logs and metrics call it."""
        return self.url


class WebhookFormat(StrEnum):
    """What a webhook is posted."""

    SLACK = "slack"
    """Slack's incoming webhooks, which Mattermost, Rocket.Chat and others take as well."""
    JSON = "json"
    """What Alertmanager posts to a webhook (version 4), with the text for people beside it."""


@dataclass(frozen=True, slots=True)
class Webhook:
    """One webhook that messages are posted to.

    Attributes:
        name: How logs and metrics call it: its URL may be a secret.
        format: What it takes.
        url: Where it is, if that is no secret; None when it stands in `url_file`.
        url_file: Holds the URL in its first line; read anew for every post.
        token_file: Holds what is sent as `Authorization: Bearer ...`; None for nothing.
        ca_file: Certificates to trust instead of the system's.
        severities: Alerts of these are told.
        template, resolved_template: The text of one alert that fires, and of one that is over; None for the usual one.
    """

    name: str
    format: WebhookFormat = WebhookFormat.JSON
    url: str | None = field(default=None, repr=False)
    url_file: Path | None = None
    token_file: Path | None = None
    ca_file: Path | None = None
    severities: frozenset[str] = frozenset({"critical", "warning"})
    template: str | None = None
    resolved_template: str | None = None


@dataclass(frozen=True, slots=True)
class Notify:
    """Who is told of findings directly, beside Prometheus' rules.

    Attributes:
        alertmanagers: Every member of a cluster: each is told everything.
        webhooks: Chats and programs that are told where there is no Alertmanager.
        labels: Put on every alert, as Prometheus puts its `external_labels`.
    """

    alertmanagers: tuple[Alertmanager, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    webhooks: tuple[Webhook, ...] = ()

    @property
    def receivers(self) -> tuple[Alertmanager | Webhook, ...]:
        """Everybody who is told."""
        return (*self.alertmanagers, *self.webhooks)


@dataclass(frozen=True, slots=True)
class Shard:
    """Which part of the plan's domains this process watches: number `ordinal`, from 0, of `total` parts."""

    ordinal: int = 0
    total: int = 1


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that the user decided.

    Attributes:
        vantage: Where this probe runs; one label on everything it exports.
        v1, v2: The clusters.
        registry: The TXT registry's flags of every ExternalDNS that has none of its own.
        waves: In the order in which they move.
        resolvers: Recursive resolvers that are watched.
        authoritative: How name servers are found.
        probing: Cadence and limits.
        listen: Where HTTP is served.
        shard: Which part of the file's domains `waves` holds; the whole, unless told.
        state: What is kept over a restart.
        external_url: Where people reach the page, without a slash at the end; empty when nobody said.
        runbook_url: Where people read docs/runbook.md: the project's own, unless the plan names another; may be empty.
        soak: Seconds for which a domain has to hold every criterion before it counts as confirmed.
        notify: Who is told of findings directly.
        witnesses: Who is asked beside DNS.
        source: The file it came from, for messages; None in tests.
        digest: A hash of the file's content; equal digests mean equal plans.
    """

    vantage: str
    v1: SidePlan
    v2: SidePlan
    waves: tuple[Wave, ...]
    registry: TxtRegistry = field(default_factory=TxtRegistry)
    resolvers: tuple[Server, ...] = ()
    authoritative: Authoritative = field(default_factory=Authoritative)
    probing: Probing = field(default_factory=Probing)
    listen: Endpoint = field(default_factory=lambda: Endpoint("127.0.0.1", 9953))
    shard: Shard = Shard()
    state: State = field(default_factory=State)
    external_url: str = ""
    runbook_url: str = RUNBOOK
    soak: float = SOAK
    notify: Notify = field(default_factory=Notify)
    witnesses: WitnessSources = field(default_factory=WitnessSources)
    source: Path | None = None
    digest: str = ""

    @property
    def domains(self) -> tuple[Domain, ...]:
        """All domains of all waves, in their order."""
        return tuple(domain for wave in self.waves for domain in wave.domains)

    def side(self, side: Side) -> SidePlan:
        """The plan of one side."""
        return self.v1 if side is Side.V1 else self.v2

    @property
    def registries(self) -> tuple[TxtRegistry, ...]:
        """Every set of TXT registry flags in use, each once: they give the TXT names that are asked."""
        setups = (*self.v1.instances, *self.v2.instances)
        used = (one.txt_registry or self.registry for one in setups if one.registry is Registry.TXT)
        return tuple(dict.fromkeys(used))

    @property
    def unseal(self) -> Unseal | None:
        """Opens ownership that any of the plan's keys has sealed; None where it has none."""
        return unseal_of(self.registries)

    def external_dns(self, side: Side, host: DomainName) -> tuple[ExternalDns, ...]:
        """Give the instances of a side that see a host, each with the flags that it runs with; none where none does."""
        setups = self.side(side).instances
        return tuple(self.complete(one) for one in setups if one.sees(host))

    def complete(self, one: ExternalDns) -> ExternalDns:
        """Give an instance with the flags that it runs with: the TXT registry's are the plan's where it has none."""
        return one if one.txt_registry is not None else replace(one, txt_registry=self.registry)
