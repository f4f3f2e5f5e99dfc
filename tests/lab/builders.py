"""Short ways to write record sets, changes and surroundings, and a clock that stands still until it is told."""

import asyncio
import random
from collections.abc import Callable
from typing import Any

from probe.model.clock import Instant, Wakeup
from probe.model.name import DomainName, canonical
from probe.route53.answer import Surroundings, answer
from probe.route53.health import Health
from probe.route53.hosted_zone import HostedZone
from probe.route53.records import AliasTarget, Change, ChangeAction, InvalidChangeBatchError, ResourceRecordSet
from probe.route53.reply import ServedQuery, ServedReply

ELB_ZONE = "Z32O12XQLNTSW2"
V1_ALB = DomainName("k8s-v1alb-111.eu-west-1.elb.amazonaws.com.")
V2_ALB = DomainName("k8s-v2alb-222.eu-west-1.elb.amazonaws.com.")


class StandingClock:
    """Moves only by hand; sleeping moves it."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def now(self) -> Instant:
        return Instant(1_790_000_000.0 + self.seconds, self.seconds)

    async def sleep(self, seconds: float) -> None:
        self.seconds += max(seconds, 0)

    def call_later(self, seconds: float, ring: Callable[[], None]) -> Wakeup:
        self.seconds += max(seconds, 0)
        return asyncio.get_running_loop().call_soon(ring)


def plain(name: str, rdtype: str, *values: str, ttl: int = 300, **more: Any) -> ResourceRecordSet:
    return ResourceRecordSet(canonical(name), rdtype, ttl, values, **more)


def alias(
    name: str, rdtype: str, target: str = V1_ALB, zone_id: str = ELB_ZONE, *, evaluate: bool = True, **more: Any
) -> ResourceRecordSet:
    target_of = AliasTarget(zone_id, canonical(target), evaluate)
    return ResourceRecordSet(canonical(name), rdtype, alias=target_of, **more)


def weighted(name: str, rdtype: str, identifier: str, weight: int, *values: str, ttl: int = 300) -> ResourceRecordSet:
    return plain(name, rdtype, *values, ttl=ttl, set_identifier=identifier, weight=weight)


def create(*records: ResourceRecordSet) -> list[Change]:
    return [Change(ChangeAction.CREATE, record) for record in records]


def upsert(*records: ResourceRecordSet) -> list[Change]:
    return [Change(ChangeAction.UPSERT, record) for record in records]


def delete(*records: ResourceRecordSet) -> list[Change]:
    return [Change(ChangeAction.DELETE, record) for record in records]


def hosted_zone(*records: ResourceRecordSet, name: str = "example.com") -> HostedZone:
    zone = HostedZone(canonical(name), "Z1")
    if records:
        zone.change(create(*records))
    return zone


def refusal(zone: HostedZone, changes: list[Change]) -> tuple[str, ...]:
    """Give the sentences with which a batch is refused, and see that nothing of it remained."""
    before = zone.record_sets()
    try:
        zone.change(changes)
    except InvalidChangeBatchError as error:
        assert zone.record_sets() == before
        return error.messages
    raise AssertionError("the batch was accepted")


class Addresses:
    """Load balancers as an answer sees them: a table."""

    def __init__(self, table: dict[tuple[str, str], tuple[str, ...]] | None = None) -> None:
        self.table = table or {
            (V1_ALB, "A"): ("198.51.100.1", "198.51.100.2"),
            (V1_ALB, "AAAA"): ("2001:db8:1::1",),
            (V2_ALB, "A"): ("203.0.113.1",),
            (V2_ALB, "AAAA"): ("2001:db8:2::1",),
        }

    def addresses(self, name: DomainName, rdtype: str) -> tuple[str, ...]:
        return self.table.get((name, rdtype), ())


def around(seed: int = 1, health: Health | None = None, addresses: Addresses | None = None) -> Surroundings:
    return Surroundings(addresses or Addresses(), health or Health(), random.Random(seed))


def ask(zone: HostedZone, name: str, rdtype: str = "A", surroundings: Surroundings | None = None) -> ServedReply:
    return answer(zone.version, ServedQuery(canonical(name), rdtype), surroundings or around())
