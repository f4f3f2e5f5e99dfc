"""Resource record sets and changes, in the words of the Route 53 API (2013-04-01)."""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple, TypeAlias

from probe.model.name import DomainName
from probe.model.plan import Routing

RecordKey: TypeAlias = tuple[DomainName, str, str]
"""(name, type, set identifier): what identifies a record set in its zone."""


@dataclass(frozen=True, slots=True)
class AliasTarget:
    """An alias to another name: an ELB, or a record set of the same zone.

    Attributes:
        hosted_zone_id: The zone in which `dns_name` lives (for an ELB: that of its region).
        dns_name: The target.
        evaluate_target_health: Whether the target's health counts as this record's.
    """

    hosted_zone_id: str
    dns_name: DomainName
    evaluate_target_health: bool


class RoutedBy(NamedTuple):
    """By what Route 53 chooses a record set, where that is no weight.

    Attributes:
        routing: The policy: `Failover`, `Region` (latency), `GeoLocation` or `MultiValueAnswer`.
        value: `PRIMARY` or `SECONDARY`, a region, a location such as `country=KR`; empty for a multivalue answer.
    """

    routing: Routing
    value: str = ""


PRIMARY, SECONDARY = "PRIMARY", "SECONDARY"
"""The values of `Failover`."""


@dataclass(frozen=True, slots=True)
class ResourceRecordSet:
    """One record set. Its key in a zone is (name, type, set_identifier).

    Attributes:
        name: Owner name, absolute and lower case; `*` is kept as it is.
        rdtype: `A`, `AAAA`, `CNAME`, `TXT`, `NS`, `SOA`.
        ttl: Seconds; None for an alias.
        values: Presentation-format values, TXT with its quotes; empty for an alias.
        alias: The alias target; None for a plain record set.
        set_identifier: Tells the record sets of one name and type apart; empty for a simple one.
        weight: 0 to 255 for a weighted record set, None for any other.
        health_check_id: A health check that decides whether a set is answered; None has none.
        routed: By what it is chosen beside weights; None for a simple or weighted one.
    """

    name: DomainName
    rdtype: str
    ttl: int | None = None
    values: tuple[str, ...] = ()
    alias: AliasTarget | None = None
    set_identifier: str = ""
    weight: int | None = None
    health_check_id: str | None = None
    routed: RoutedBy | None = None

    @property
    def key(self) -> RecordKey:
        """What identifies it in its zone."""
        return (self.name, self.rdtype, self.set_identifier)

    @property
    def policy(self) -> str:
        """The routing policy in one word; empty for a simple record set."""
        if self.weight is not None:
            return "weighted"
        return "" if self.routed is None else self.routed.routing.value


class ChangeAction(StrEnum):
    """What a change does. UPSERT creates or replaces; DELETE needs an exact match; CREATE needs absence."""

    UPSERT = "UPSERT"
    DELETE = "DELETE"
    CREATE = "CREATE"


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a batch."""

    action: ChangeAction
    record: ResourceRecordSet


class InvalidChangeBatchError(Exception):
    """The whole batch was refused and nothing changed. `messages` are Route 53's own sentences, one per mistake."""

    def __init__(self, messages: tuple[str, ...]) -> None:
        super().__init__("; ".join(messages))
        self.messages = messages


class InvalidInputError(InvalidChangeBatchError):
    """The request was refused for its form, before any look at the zone: Route 53 codes it `InvalidInput`."""
