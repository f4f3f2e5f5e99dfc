"""One ExternalDNS of a cluster: what a plan has of it, and which objects it reads."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from probe.externaldns.version import Version, dialect
from probe.inventory.origin import Origin
from probe.inventory.wanted.annotations import PREFIXES
from probe.inventory.wanted.selector import LabelSelector
from probe.model.external_dns import ExternalDns, Policy
from probe.model.name import DomainName
from probe.model.server import ZoneView

READ_SOURCES = frozenset({
    "ingress",
    "service",
    "gateway-httproute",
    "gateway-grpcroute",
    "gateway-tlsroute",
    "crd",
})  # fmt: skip
"""The sources whose objects are read here."""


_DECIDES_OF_ZONES = frozenset({"domain-filter", "regex-domain-filter", "regex-domain-exclusion", "provider"})
"""Flags without whose values nobody knows which hosted zones an ExternalDNS enters."""


class Scope(NamedTuple):
    """Which objects an ExternalDNS reads, and what it takes from them.

    Attributes:
        sources: `--source`; empty where that is not known: then all of them.
        namespace: `--namespace`; empty reads all.
        annotation_filter, label_filter: The flags of these names.
        ingress_classes: `--ingress-class`; empty reads all.
        service_types: `--service-type-filter`; empty reads all.
        gateway_name, gateway_namespace, gateway_labels: `--gateway-name`, `-namespace`, `-label-filter`.
        ignore_hostname: `--ignore-hostname-annotation`.
        ignore_tls, ignore_rules: `--ignore-ingress-tls-spec`, `--ignore-ingress-rules-spec`.
        publish_internal: `--publish-internal-services`.
    """

    sources: frozenset[str] = frozenset()
    namespace: str = ""
    annotation_filter: LabelSelector = LabelSelector()
    label_filter: LabelSelector = LabelSelector()
    ingress_classes: frozenset[str] = frozenset()
    service_types: frozenset[str] = frozenset()
    gateway_name: str = ""
    gateway_namespace: str = ""
    gateway_labels: LabelSelector = LabelSelector()
    ignore_hostname: bool = False
    ignore_tls: bool = False
    ignore_rules: bool = False
    publish_internal: bool = False


@dataclass(frozen=True, slots=True)
class Workload:
    """One ExternalDNS.

    Attributes:
        namespace, name: Of the object that runs it, or of its Application or HelmRelease; empty for an assumed one.
        origin: Where that begins.
        external_dns: Its flags as a plan has them.
        scope: What it reads.
        told: Where each of the plan's keys was found; a key that is not there is a default or not known.
        inferred: Keys whose value was concluded and not read, with the reason.
        is_encrypted: `--txt-encrypt-enabled`: the plan needs the key's file to read its owners.
        is_assumed: None was found in the manifests, and this one stands in for it.
        is_stopped: It has no replicas, or is suspended.
        unclear: Flags by which it may write less than what is read of it, as they are not known or not followed: what
            it would overwrite is not known.
        leaves_out: Flags by which it may want hosts that are not read.
        zone_type: `--aws-zone-type`: `public` or `private`; empty writes into both.
    """

    namespace: str
    name: str
    origin: Origin
    external_dns: ExternalDns = field(default_factory=ExternalDns)
    scope: Scope = field(default_factory=Scope)
    told: Mapping[str, Origin] = field(default_factory=dict)
    inferred: Mapping[str, str] = field(default_factory=dict)
    is_encrypted: bool = False
    is_assumed: bool = False
    is_stopped: bool = False
    unclear: tuple[str, ...] = ()
    leaves_out: tuple[str, ...] = ()
    zone_type: str = ""

    @property
    def label(self) -> str:
        """What people call it."""
        return f"{self.namespace}/{self.name}" if self.name else "an ExternalDNS that was not found"

    @property
    def matches_parent(self) -> bool:
        """Whether it has `--aws-zone-match-parent`, or may have it: hosted zones above its filter are entered."""
        return self.external_dns.zone_match_parent is not False

    def enters(self, apex: DomainName) -> bool:
        """Tell whether its filter lets it into a hosted zone; where that is not known, it counts as let in."""
        known = not _DECIDES_OF_ZONES.intersection(self.unclear)
        return self.external_dns.enters(apex) is not False if known else True

    def writes_into(self, view: ZoneView) -> bool:
        """Tell whether it writes into hosted zones of a view."""
        return self.zone_type in {"", view.value}

    @property
    def prefix(self) -> str:
        """What the annotations that it reads begin with: its flag, or its version's own default, or the older one."""
        setup = self.external_dns
        if setup.annotation_prefix is not None:
            return setup.annotation_prefix
        return PREFIXES[0] if setup.version is None else dialect(Version(*setup.version)).annotation_prefix

    @property
    def policy(self) -> Policy | None:
        """`--policy`, or its version's own default; None where neither is known."""
        setup = self.external_dns
        if setup.policy is not None or setup.version is None:
            return setup.policy
        return dialect(Version(*setup.version)).default_policy
