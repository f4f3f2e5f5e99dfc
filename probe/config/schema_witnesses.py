"""The plan file's `witnesses`: who is asked beside DNS, as whom and how often. The defaults are the model's."""

from typing import Annotated

from pydantic import Field

from probe.config.ranges import Seconds
from probe.config.schema_part import SchemaPart
from probe.config.types import ContextText, FileText, ProfileText, RoleText, ZoneIdText
from probe.model.witness_sources import Route53Source, WitnessSources

_SOURCES = WitnessSources()
_ROUTE53 = Route53Source()

CLUSTER_READING = Seconds(
    10,
    3600,
    "every reading lists all that ExternalDNS reads, which is work for the API server",
    "what was applied an hour ago has been written long since",
)
ZONE_READING = Seconds(
    60,
    3600,
    "an account has five requests a second, and both clusters' ExternalDNS have to write with them",
    "what was written an hour ago has been seen by every server and cache",
)


class ClusterSourceFile(SchemaPart):
    """How a cluster's API server is asked: by `in_cluster`, or by `kubeconfig` or `context` or both. Read only."""

    in_cluster: bool = Field(
        default=False,
        description="The cluster in which the probe itself runs, by its pod's service account; it needs the "
        "ClusterRole of docs/discover.md (the chart's `discovery.enabled`).",
    )
    kubeconfig: FileText | None = Field(
        default=None,
        description="A kubeconfig, read anew with its tokens; without it that of KUBECONFIG. A relative path starts at "
        "the plan's folder.",
        examples=["/etc/cutover-probe-kubeconfig/config"],
    )
    context: ContextText | None = Field(
        default=None, description="The context in it; the current one when left out.", examples=["eks-v1"]
    )


class KubernetesFile(SchemaPart):
    """Which clusters are asked what they want: hosts, their objects, and the ExternalDNS that read them."""

    v1: ClusterSourceFile | None = Field(default=None, description="The cluster that the domains leave.")
    v2: ClusterSourceFile | None = Field(
        default=None,
        description="The cluster that they move to. What both want, and what neither wants, is told where both are "
        "witnesses.",
    )
    interval: Annotated[float, CLUSTER_READING] = CLUSTER_READING.field(
        _SOURCES.cluster_interval,
        "Between two readings of each, where it may not be watched; a cluster that is watched is listed anew every "
        "ten minutes, or after this where it is longer. A minute: ExternalDNS looks once in that time, by default, so "
        "that what is wanted twice is told before it is written twice. After a reading that took long it waits "
        "longer: reading takes a twentieth of the time at most.",
    )


class Route53File(SchemaPart):
    """As whom Route 53 is asked (docs/discover.md has the policy). `{}` takes the environment's credentials."""

    profile: ProfileText | None = Field(
        default=None, description="A profile of the AWS configuration.", examples=["prod-dns"]
    )
    role: RoleText | None = Field(
        default=None,
        description="A role that is assumed with these credentials, for every reading anew: for zones of another "
        "account.",
        examples=["arn:aws:iam::123456789012:role/cutover-probe-dns"],
    )
    zones: list[ZoneIdText] = Field(
        default=[],
        max_length=64,
        description="Ids of the hosted zones that are read, each whole; those that hold the plan's domains when left "
        "out. Needed where two zones of one name are alike. At most 64: a reading has to come to an end.",
        examples=[["Z0123456789ABCDEFGHIJ"]],
    )
    interval: Annotated[float, ZONE_READING] = ZONE_READING.field(
        _ROUTE53.interval,
        "Between two readings. Five minutes: at one request a second, a fifth of what the account has, 90,000 record "
        "sets take as long.",
    )


class WitnessesFile(SchemaPart):
    """Witnesses beside DNS, all optional. They name causes and tell what will happen; no verdict rests on them."""

    kubernetes: KubernetesFile | None = Field(default=None, description="The clusters: what they want.")
    route53: Route53File | None = Field(default=None, description="Route 53: what stands in the hosted zones.")
