"""ExternalDNS' own word for a record: what a source wants, or what the zone holds (endpoint/endpoint.go)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from probe.model.name import DomainName
from probe.route53.records import RoutedBy

Labels: TypeAlias = Mapping[str, str]
"""Ownership labels by key (`owner`, `resource`); never changed in place."""

DEFAULT_TTL = 300
"""Seconds. The AWS provider's TTL for a record without one, and what it reads for an alias (provider/aws)."""


@dataclass(frozen=True, slots=True)
class DnsEndpoint:
    """One record as ExternalDNS compares it.

    Attributes:
        name: Owner name, absolute and lower case.
        rdtype: `A`, `AAAA`, `CNAME` or `TXT`.
        targets: Values; names without their trailing dot, TXT with its quotes.
        ttl: Seconds; None when the source configures none.
        set_identifier: Of a record set beside others of its name and type, else empty.
        alias: A Route 53 alias; False says of a CNAME that it is none; None says nothing.
        evaluate_target_health: Of an alias, else None.
        weight: Of a weighted record, else None.
        health_check_id: Of a record with a health check, else None.
        routed: Of a record that Route 53 chooses by anything but a weight, else None.
        labels: Ownership.
        stored: Ownership as the zone holds it, where the registry has taken the record over in memory; else None.
        force_update: The registry misses one of the record's TXT (its `txt/force-update` property).
        owned_record: Of an ownership TXT, the record that it speaks for.
    """

    name: DomainName
    rdtype: str
    targets: tuple[str, ...]
    ttl: int | None = None
    set_identifier: str = ""
    alias: bool | None = None
    evaluate_target_health: bool | None = None
    weight: int | None = None
    health_check_id: str | None = None
    routed: RoutedBy | None = None
    labels: Labels = field(default_factory=dict)
    stored: Labels | None = None
    force_update: bool = False
    owned_record: DomainName | None = None

    @property
    def properties(self) -> tuple[object, ...]:
        """The provider-specific properties, of which any difference calls for an update."""
        return (
            self.alias,
            self.evaluate_target_health,
            self.weight,
            self.health_check_id,
            self.routed,
            self.force_update,
        )

    @property
    def owner(self) -> str:
        """Who owns it; empty when nobody does."""
        return self.labels.get("owner", "")

    def with_labels(self, **labels: str) -> Labels:
        """Give its labels with some of them set."""
        return {**self.labels, **labels}
