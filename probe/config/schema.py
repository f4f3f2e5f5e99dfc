"""The plan file: its keys, their types, defaults and bounds, each with its reason.

This is the one description of the format. The JSON Schema and docs/plan-file.md are made from it; what must hold
between several values stands in `probe.config.rules`.
"""

from typing import Annotated, Literal

from pydantic import Field

from probe.config.ranges import Number, Seconds
from probe.config.schema_external_dns import MAX_INSTANCES, ExternalDnsFile, OneOrSeveral, TxtRegistryFile
from probe.config.schema_notify import NotifyFile
from probe.config.schema_part import SchemaPart
from probe.config.schema_probing import ProbingFile
from probe.config.schema_state import StateFile
from probe.config.schema_waves import WaveFile
from probe.config.schema_witnesses import WitnessesFile
from probe.config.types import (
    PORT_RANGE,
    AddressText,
    ClientSubnetText,
    DohUrlText,
    HostText,
    Label,
    LinkText,
    ListenText,
    LoadBalancerText,
    NetworkText,
    ServerEndpointText,
    ZoneText,
)
from probe.model.home import RUNBOOK
from probe.model.plan import SOAK as SOAK_DEFAULT
from probe.model.plan import Authoritative, Endpoint

MAX_LOAD_BALANCERS, MAX_PLAN_ADDRESSES = 64, 256
"""Of a side: load balancers are looked up all the time, and with addresses every answer is compared."""

_AUTHORITATIVE = Authoritative()

REFRESH = Seconds(
    60,
    86400,
    "name servers hardly ever change, and a walk asks the parents",
    "NS records are commonly valid for up to two days",
)
RESOLVER_RATE = Number(
    0.1,
    1000,
    "a single domain already needs about this much",
    "Google, the only one to publish a limit, slows down clients that ask 1,500 times a second",
    whole=False,
)
SOAK_RANGE = Seconds(
    1,
    604800,
    "less than a second has seen nothing",
    "a week: a longer interval is no use in a migration",
)


class SideFile(SchemaPart):
    """One cluster: what an answer must lead to, to be this side's. At least one load balancer or address."""

    load_balancers: list[LoadBalancerText] = Field(
        default=[],
        max_length=MAX_LOAD_BALANCERS,
        description="DNS names of its ALBs or NLBs. Their addresses are looked up all the time; `dualstack.` and "
        f"case do not matter. At most {MAX_LOAD_BALANCERS}, to bound these questions.",
        examples=[["k8s-shared-v1-0123456789.ap-northeast-2.elb.amazonaws.com"]],
    )
    addresses: list[NetworkText] = Field(
        default=[],
        max_length=MAX_PLAN_ADDRESSES,
        description="Addresses and networks that are its own without asking, instead of load balancers or beside "
        f"them. At most {MAX_PLAN_ADDRESSES}: every answer is compared with them.",
        examples=[["192.0.2.10", "198.51.100.0/24"]],
    )
    external_dns: Annotated[ExternalDnsFile | list[ExternalDnsFile], OneOrSeveral()] = Field(
        default=ExternalDnsFile(),
        description="Its ExternalDNS, or a list of them where several run: for private and public zones, for teams. At "
        f"most {MAX_INSTANCES}.",
    )


class SidesFile(SchemaPart):
    """The two clusters."""

    v1: SideFile = Field(description="The cluster that the domains leave.")
    v2: SideFile = Field(description="The cluster that the domains move to.")


class ResolverFile(SchemaPart):
    """A recursive resolver that is watched: it shows who still sees the old side, and decides nothing."""

    name: Label = Field(description="Names it in metrics and on the page; unique.", examples=["google"])
    transport: Literal["udp", "tcp", "dot", "doh"] = Field(
        default="udp", description="`udp` (TCP after truncation), `tcp`, `dot` (RFC 7858) or `doh` (RFC 8484)."
    )
    address: AddressText = Field(
        description="Its IP address. With `doh` it is connected to, so that the URL's host needs no look-up.",
        examples=["8.8.8.8"],
    )
    port: Annotated[int, PORT_RANGE] | None = Field(
        default=None, description="53 for `udp` and `tcp` and 853 for `dot` when left out; `doh` has it in its URL."
    )
    tls_name: HostText | None = Field(
        default=None,
        description="The name its certificate must carry, only with `dot`; without it the certificate must carry "
        "the address.",
        examples=["one.one.one.one"],
    )
    url: DohUrlText | None = Field(
        default=None,
        description="The DoH URL, only and always with `doh`.",
        examples=["https://dns.quad9.net/dns-query"],
    )
    ecs: bool = Field(
        default=False,
        description="Whether it passes EDNS Client Subnet (RFC 7871) on: then it is also asked through every one of "
        "`client_subnets`, each a view of its own.",
    )
    queries_per_second: Annotated[float, RESOLVER_RATE] | None = RESOLVER_RATE.field(
        None,
        "The most questions that it gets in a second, all views together; `probing`'s when left out.",
    )
    sees: Literal["public", "private"] | None = Field(
        default=None,
        description="Which view of a name it answers with, where a private zone has the name as well: `private` for a "
        "VPC's resolver, `public` for one of the Internet's. Where that is not the view in which a domain is judged, "
        "it is never called late: its answers are shown as the other view, side by side, and while they lead to the "
        "side that is not expected, no wave is confirmed and v1 may not go. When left out it is taken to see what is "
        "judged.",
        examples=["private"],
    )


class AuthoritativeFile(SchemaPart):
    """How authoritative servers are found: by walking the delegation from the root, unless told otherwise here."""

    overrides: dict[ZoneText, Annotated[list[ServerEndpointText], Field(min_length=1, max_length=32)]] = Field(
        default={},
        description="Zone to servers (`192.0.2.53:53`): asked as given, and no delegation is walked for names in "
        "the zone. For laboratories, and servers behind a firewall. One that answers out of a cache (RA without AA) "
        "is taken for a resolver of a private zone.",
        examples=[{"example.com": ["192.0.2.53:53"]}],
        json_schema_extra={"additionalProperties": False},
    )
    private_zones: dict[ZoneText, Annotated[list[ServerEndpointText], Field(min_length=1, max_length=32)]] = Field(
        default={},
        description="Zone to the resolvers that answer for it: for private hosted zones, which have no server that "
        "could be asked. A VPC's resolver, an inbound endpoint, Unbound or CoreDNS. Each is a cache of its own: a "
        "change is seen when the cached answer has run out.",
        examples=[{"corp.example.com": ["10.0.0.2:53"]}],
        json_schema_extra={"additionalProperties": False},
    )
    start: list[ServerEndpointText] = Field(
        default=[],
        max_length=32,
        description="Servers from which the walk starts, in place of the root servers.",
        examples=[["192.0.2.1:53"]],
    )
    port: Annotated[int, PORT_RANGE] = Field(
        default=_AUTHORITATIVE.port,
        description="The port of servers that the walk finds; anything but 53 is for laboratories.",
    )
    ipv4: bool = Field(default=_AUTHORITATIVE.ipv4, description="Whether name servers are asked over IPv4.")
    ipv6: bool = Field(
        default=_AUTHORITATIVE.ipv6,
        description="Whether name servers are asked over IPv6. Turn it off where there is no IPv6, as in many VPCs.",
    )
    refresh: Annotated[float, REFRESH] = REFRESH.field(
        _AUTHORITATIVE.refresh,
        "How often a delegation is walked again. An hour: name servers move once in years.",
    )


class PlanFile(SchemaPart):
    """The plan of a migration: which domains move between which two clusters, and how they are watched."""

    vantage: Label = Field(
        description="Where this probe runs: one label on everything it exports.", examples=["ap-northeast-2a"]
    )
    sides: SidesFile = Field(description="Which answers are v1's and which are v2's.")
    txt_registry: TxtRegistryFile = Field(
        default=TxtRegistryFile(),
        description="The TXT registry's flags of every ExternalDNS that has no `txt_registry` of its own.",
    )
    waves: list[WaveFile] = Field(
        min_length=1,
        max_length=200,
        description="In the order in which they move; at most 200, each a label in metrics.",
    )
    resolvers: list[ResolverFile] = Field(
        default=[],
        max_length=32,
        description="Resolvers that are watched; config/public-resolvers.yaml has some to copy. At most 32: each "
        "is asked for "
        "every domain.",
    )
    client_subnets: dict[Label, ClientSubnetText] = Field(
        default={},
        max_length=8,
        description="Name to network: whose eyes to look through at resolvers with `ecs: true`. Each is a view "
        "of its own, called `resolver@name`; networks are at most /24 or /56.",
        examples=[{"kt-seoul": "168.126.63.0/24"}],
        json_schema_extra={"additionalProperties": False},
    )
    authoritative: AuthoritativeFile = Field(
        default=AuthoritativeFile(), description="How authoritative servers are found."
    )
    probing: ProbingFile = Field(default=ProbingFile(), description="Cadence and limits.")
    soak: Annotated[float, SOAK_RANGE] = SOAK_RANGE.field(
        SOAK_DEFAULT,
        "How long a domain has to hold every criterion, watched, before it counts as confirmed. Half an hour: thirty "
        "syncs of an ExternalDNS with its default interval, three with the longest one that is common (ten minutes), "
        "and many times what a cache may keep of an alias.",
    )
    listen: ListenText = Field(
        default=Endpoint("127.0.0.1", 9953),
        description="Where the page, the API and the metrics are served: an address and a port (0: any free one). "
        "The default is not reachable from outside: TLS and passwords are another file's (docs/web.md).",
        json_schema_extra={"default": "127.0.0.1:9953"},
        examples=["0.0.0.0:9953", "[::]:9953"],
    )
    state: StateFile = Field(default=StateFile(), description="What is kept over a restart.")
    external_url: LinkText = Field(
        default="",
        description="Where people reach the page. Alerts and dashboards link to it.",
        examples=["https://cutover.example.com"],
    )
    runbook_url: LinkText = Field(
        default=RUNBOOK,
        description="Where people read docs/runbook.md as a page whose headings are anchors: the project's own unless "
        "you keep a copy, with what your people need beside it. Alerts link to the finding's entry.",
        examples=["https://git.example.com/platform/cutover-probe/docs/runbook.md"],
    )
    notify: NotifyFile = Field(default=NotifyFile(), description="Where findings are sent directly.")
    witnesses: WitnessesFile = Field(
        default=WitnessesFile(), description="Who is asked beside DNS by `run`; nobody when left out."
    )
