"""Two clusters and a hosted zone on which a remedy is carried out: what an operator does, and what comes of it.

Time is a number that whoever plays moves on. Each ExternalDNS syncs on its own beat; whoever changes its flags, its
version or its number of replicas starts it anew, and it syncs a few seconds later, as a new pod does. Everything that
the zone holds is written down with its moment, so that no gap between two looks can hide.
"""

import copy
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from probe.externaldns.endpoint import DnsEndpoint
from probe.externaldns.instance import ExternalDnsInstance, Flags, ingress
from probe.externaldns.labels import parse, serialize
from probe.externaldns.naming import TxtNames
from probe.externaldns.version import Version, dialect
from probe.model.clock import Instant
from probe.model.name import DomainName, canonical
from probe.model.side import Side
from probe.route53.hosted_zone import HostedZone, ZoneVersion
from probe.route53.records import Change, ResourceRecordSet
from tests.judge.answers import instant
from tests.lab.builders import V1_ALB, V2_ALB, alias, delete, plain, upsert

if TYPE_CHECKING:
    from probe.model.external_dns import Policy

ZONE = canonical("example.com")
HOST = canonical("app.example.com")
"""The host that the finding is about."""
LATER = canonical("later.example.com")
"""A host of a later wave: only v1 has it."""
EARLIER = canonical("earlier.example.com")
"""A host of an earlier wave: only v2 has it."""

BALANCERS = {Side.V1: V1_ALB, Side.V2: V2_ALB}
FAMILIES = ("A", "AAAA")
INTERVAL = 60.0
POD = (2.0, 10.0)
"""Seconds from a change of a Deployment to the first sync of its new pod."""

TTL = 60.0
"""Seconds for which caches keep an alias of a load balancer (Route 53's own TTL of them)."""

TOOL_PAUSES = (80.0, 300.0)
"""Seconds between two writes of a tool that is no controller: it keeps no beat."""

NAMES = TxtNames()


class Deed(Enum):
    """What an operator does, with the words in which a remedy says so."""

    STOP = "[Pp]ause|[Ss]top"
    OWNER_ID = "--txt-owner-id|owner id"
    MIGRATE = "--migrate-from-txt-owner"
    POLICY = "--policy=upsert-only"
    VERSION = r"version|v0\.2\d or later"
    FILTER = "domain[- ]filter|--exclude-domains"
    DROP = r"Ingress go(es)?\b|[Rr]emove the set|(take|remove|Remove) the hosts? (out of|from)\s+(v2|that cluster)"
    DELETE_TXT = "[Dd]elete (the|every|it|what|those)"
    WRITE_TXT = "(write|Write|create|with) (the|v1's owner|v2's owner)|(their|its) ownership TXT"


_OF_FLAGS = {"txt_owner_id": Deed.OWNER_ID, "migrate_from_txt_owner": Deed.MIGRATE, "policy": Deed.POLICY}


@dataclass
class Cluster:
    """One side: its ExternalDNS, what its Ingresses want, and when it syncs next (infinity: zero replicas)."""

    side: Side
    version: Version
    flags: Flags
    due: float = float("inf")
    beat: float = float("inf")
    wants: dict[DomainName, DnsEndpoint] = field(default_factory=dict)
    domain_filter: tuple[str, ...] = ()
    exclude_domains: tuple[str, ...] = ()


class Clock:
    """The time that the stage has reached."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> Instant:
        return instant(self.seconds)

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError


@dataclass(frozen=True)
class Seen:
    """The zone from a moment on."""

    at: float
    version: ZoneVersion


class Stage:
    """The zone, both clusters, and the hands of an operator."""

    def __init__(self, seed: int, versions: tuple[Version, Version]) -> None:
        self.rng = random.Random(seed)
        self.clock = Clock()
        self.zone = HostedZone(ZONE, "Z1")
        self.clusters = {
            side: Cluster(side, version, Flags(f"eks-{side}")) for side, version in zip(Side, versions, strict=True)
        }
        self.seen: list[Seen] = []
        self.tools: dict[Side, float] = {}
        self.did: list[tuple[float, Deed]] = []
        self.touched: list[float] = []
        self.dropped: list[tuple[float, Side, DomainName]] = []
        self.forced: Mapping[Side, Policy] = MappingProxyType({})
        self.zone.subscribe(self._see)

    def _see(self, version: ZoneVersion) -> None:
        self.seen.append(Seen(self.now, version))

    def fork(self) -> "Stage":
        """Give another stage that goes on from here by itself. What never changes, the zone's versions, is shared."""
        return copy.deepcopy(self, {id(one.version): one.version for one in self.seen})

    @property
    def now(self) -> float:
        return self.clock.seconds

    def advance(self, until: float) -> None:
        """Run every sync that falls due."""
        while True:
            cluster = min(self.clusters.values(), key=lambda one: one.due)
            tool = min(self.tools, key=self.tools.__getitem__, default=None)
            if tool is not None and self.tools[tool] <= min(until, cluster.due):
                self.clock.seconds = self.tools[tool]
                self.zone.change(_leading(HOST, tool))
                self.tools[tool] += self.rng.uniform(*TOOL_PAUSES)
            elif cluster.due <= until:
                self.clock.seconds = cluster.due
                self.sync(cluster.side)
                cluster.beat += INTERVAL
                cluster.due = cluster.beat + self.rng.random()
            else:
                break
        self.clock.seconds = max(until, self.now)

    def sync(self, side: Side) -> None:
        cluster = self.clusters[side]
        ExternalDnsInstance(
            cluster.version,
            cluster.flags,
            lambda: list(cluster.wants.values()),
            self.zone,
            cluster.domain_filter,
            exclude_domains=cluster.exclude_domains,
        ).sync()

    # What an operator does.

    def run(self, side: Side) -> None:
        """Give an ExternalDNS one replica."""
        self.touched.append(self.now)
        cluster = self.clusters[side]
        cluster.due = cluster.beat = self.now + self.rng.uniform(*POD)

    def stop(self, side: Side) -> None:
        """Give an ExternalDNS no replica."""
        self._do(Deed.STOP)
        self.clusters[side].due = float("inf")

    def runs(self, side: Side) -> bool:
        return self.clusters[side].due < float("inf")

    def flags(self, side: Side, *, version: Version | None = None, **changed: Any) -> None:
        """Change flags or version: a pod that runs is replaced, if anything of it changes.

        An old version knows no --migrate-from-txt-owner.
        """
        cluster = self.clusters[side]
        changed |= {"policy": self.forced[side]} if side in self.forced else {}
        before, version_before = cluster.flags, cluster.version
        cluster.flags = replace(cluster.flags, **changed)
        cluster.version = version or cluster.version
        assert not cluster.flags.migrate_from_txt_owner or dialect(cluster.version).migrates_owner
        for field_name, deed in _OF_FLAGS.items():
            if getattr(cluster.flags, field_name) != getattr(before, field_name):
                self._do(deed)
        if cluster.version != version_before:
            self._do(Deed.VERSION)
        if self.runs(side) and (cluster.flags, cluster.version) != (before, version_before):
            self.run(side)

    def want(self, side: Side, *hosts: DomainName, weight: int | None = None) -> None:
        """Give a cluster an Ingress for each host."""
        self.touched.append(self.now)
        for host in hosts:
            set_id = str(side) if weight is not None else ""
            resource = f"ingress/shop/{host.partition('.')[0]}"
            self.clusters[side].wants[host] = ingress(host, BALANCERS[side], resource, weight=weight, set_id=set_id)

    def drop(self, side: Side, host: DomainName) -> None:
        """Delete a cluster's Ingress."""
        self._do(Deed.DROP)
        self.clusters[side].wants.pop(host, None)
        self.dropped.append((self.now, side, host))

    def stop_tool(self, side: Side) -> None:
        """Let a tool that is no controller write no more."""
        self.touched.append(self.now)
        del self.tools[side]

    def write(self, *changes: Change) -> None:
        """Change the hosted zone by hand."""
        self.touched.append(self.now)
        self.zone.change(changes)

    def lead(self, host: DomainName, side: Side, families: Sequence[str] = FAMILIES) -> None:
        """Lead a host to a side by hand, in one batch."""
        self.write(*_leading(host, side, families))

    def name_owner(self, host: DomainName, owner: str, kinds: Iterable[str]) -> None:
        """Write ownership TXT by hand, in one batch."""
        self._do(Deed.WRITE_TXT)
        label = host.partition(".")[0]
        value = serialize({"owner": owner, "resource": f"ingress/shop/{label}"})
        self.write(*upsert(*(plain(NAMES.txt_name(host, kind), "TXT", value) for kind in kinds)))

    def remove_txt(self, host: DomainName, owner: str) -> None:
        """Delete every ownership TXT of a host that names an owner."""
        going = [record for record in self.txts(host) if owner in self.owners_in(record)]
        if going:
            self._do(Deed.DELETE_TXT)
            self.write(*delete(*going))

    def remove_set(self, host: DomainName, set_id: str) -> None:
        """Delete a set of a host that is left, with its TXT, in one batch."""
        those = [*(one for one in self.zone.record_sets() if one.name == host), *self.txts(host)]
        going = {one.key: one for one in those if one.set_identifier == set_id}
        if going:
            self._do(Deed.DELETE_TXT)
            self.write(*delete(*going.values()))

    def correct_txt(self, host: DomainName, before: str, after: str) -> None:
        """Write another owner into every ownership TXT of a host that names one."""
        going = [record for record in self.txts(host) if before in self.owners_in(record)]
        changed = [
            replace(one, values=tuple(v.replace(f"owner={before}", f"owner={after}") for v in one.values))
            for one in going
        ]
        if changed:
            self._do(Deed.WRITE_TXT)
            self.write(*upsert(*changed))

    def _do(self, deed: Deed) -> None:
        self.touched.append(self.now)
        self.did.append((self.now, deed))

    def filter(self, side: Side, *names: str) -> None:
        """Give an ExternalDNS a --domain-filter, and --aws-zone-match-parent."""
        self._do(Deed.FILTER)
        cluster = self.clusters[side]
        cluster.domain_filter = names
        cluster.flags = replace(cluster.flags, matches_parent=True)
        self.run(side)

    def exclude(self, side: Side, *names: str) -> None:
        """Give an ExternalDNS --exclude-domains."""
        self._do(Deed.FILTER)
        self.clusters[side].exclude_domains = names
        self.run(side)

    # What it looks like.

    def txts(self, host: DomainName) -> list[ResourceRecordSet]:
        names = {NAMES.txt_name(host, kind) for kind in ("", "A", "AAAA", "CNAME")}
        return [record for record in self.zone.record_sets() if record.rdtype == "TXT" and record.name in names]

    @staticmethod
    def owners_in(record: ResourceRecordSet) -> set[str]:
        labels = [parse(value) for value in record.values]
        return {one["owner"] for one in labels if one and "owner" in one}

    def leads(self, host: DomainName, version: ZoneVersion | None = None) -> dict[str, tuple[Side, ...]]:
        """Tell for each family of a host to which sides its record sets lead."""
        held = (version or self.zone.version).by_name.get(host, {})
        sides = {name: side for side, name in BALANCERS.items()}
        return {
            rdtype: tuple(sorted(sides[record.alias.dns_name] for record in held[rdtype] if record.alias is not None))
            for rdtype in FAMILIES
            if rdtype in held
        }

    def gaps(self, host: DomainName, since: float) -> list[tuple[float, str]]:
        """Tell when a family of a host that was there went, since a moment."""
        found = []
        for before, after in zip(self.seen, self.seen[1:], strict=False):
            if after.at >= since:
                gone = self.leads(host, before.version).keys() - self.leads(host, after.version).keys()
                found += [(after.at, rdtype) for rdtype in sorted(gone)]
        return found

    def unserved(self, host: DomainName, since: float) -> list[tuple[float, Side]]:
        """Tell when clients were led, by the zone or by a cache, to a cluster that had let go of a host since a moment.

        Its load balancer answers 404 then, or is gone with its last object.
        """
        found = []
        for at, side, dropped in self.dropped:
            if dropped == host and at >= since:
                ends = [*(one.at for one in self.seen[1:]), float("inf")]
                found += [
                    (at, side)
                    for one, end in zip(self.seen, ends, strict=True)
                    if end + TTL > at and side in self._led_to(host, one.version)
                ][:1]
        return found

    @staticmethod
    def _led_to(host: DomainName, version: ZoneVersion) -> set[Side]:
        """Tell to which sides clients are led: nobody by a set of weight 0."""
        return {
            side
            for records in version.by_name.get(host, {}).values()
            for record in records
            for side, name in BALANCERS.items()
            if record.alias is not None and record.alias.dns_name == name and record.weight != 0
        }

    def changes(self, host: DomainName, since: float) -> list[tuple[float, str, tuple[Side, ...]]]:
        """Tell each change of a host's families, since a moment."""
        found = []
        for before, after in zip(self.seen, self.seen[1:], strict=False):
            was, now = self.leads(host, before.version), self.leads(host, after.version)
            found += [
                (after.at, rdtype, now.get(rdtype, ()))
                for rdtype in FAMILIES
                if after.at >= since and was.get(rdtype, ()) != now.get(rdtype, ())
            ]
        return found


def wanted_families(version: Version) -> tuple[str, ...]:
    """Tell which families a version writes for an alias."""
    return FAMILIES if dialect(version).alias_aaaa else ("A",)


def _leading(host: DomainName, side: Side, families: Sequence[str] = FAMILIES) -> tuple[Change, ...]:
    return tuple(upsert(*(alias(host, rdtype, BALANCERS[side]) for rdtype in families)))
