"""One ExternalDNS: its flags, what its cluster wants, and one sync (controller/controller.go)."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from probe.externaldns.aws import AwsProvider, SentBatch, Zone
from probe.externaldns.endpoint import DnsEndpoint
from probe.externaldns.labels import Cipher
from probe.externaldns.naming import TxtNames
from probe.externaldns.planning import Changes, calculate
from probe.externaldns.registry import InstanceRegistry, NoRegistry
from probe.externaldns.version import Version, dialect
from probe.model.external_dns import MANAGED_TYPES, Policy, has_id, lets_in, passes
from probe.model.name import canonical


@dataclass(frozen=True, slots=True)
class Flags:
    """The command line of one instance, as far as the lab plays it.

    Attributes:
        txt_owner_id: `--txt-owner-id`; `default` is what ExternalDNS takes when it is unset.
        migrate_from_txt_owner: `--migrate-from-txt-owner`, empty when unset.
        policy: `--policy`.
        interval: `--interval`, seconds.
        names: `--txt-prefix`, `--txt-suffix`, `--txt-wildcard-replacement`.
        prefer_cname: `--aws-prefer-cname`.
        evaluate_target_health: `--aws-evaluate-target-health`.
        managed_record_types: `--managed-record-types`: no record of another type is planned, deleted or given a TXT.
        owns_all: `--registry=noop`: it takes every record that it sees for its own, and writes no TXT.
        matches_parent: `--aws-zone-match-parent`: it enters hosted zones above the names of its filter.
    """

    txt_owner_id: str = "default"
    migrate_from_txt_owner: str = ""
    policy: Policy = Policy.SYNC
    interval: float = 60.0
    names: TxtNames = field(default_factory=TxtNames)
    prefer_cname: bool = False
    evaluate_target_health: bool = True
    managed_record_types: tuple[str, ...] = MANAGED_TYPES
    owns_all: bool = False
    matches_parent: bool = False


Source = Callable[[], Iterable[DnsEndpoint]]
"""What the cluster's Ingresses want at the moment."""


@dataclass(frozen=True, slots=True)
class SyncPolicy:
    """What one version with its flags makes of what a zone holds and its cluster wants. Pure: nothing is written.

    Attributes:
        version: Whose habits it has.
        flags: Its command line.
        domain_filter: `--domain-filter`: it neither sees nor writes anything but these names and what is below them;
            empty lets everything pass. A hosted zone above them is entered with `--aws-zone-match-parent` alone.
        exclude_domains: `--exclude-domains`: of these names and what is below them it sees nothing.
        zone_id_filter: `--zone-id-filter`: it neither reads nor writes any other hosted zone; empty lets all pass.
        cipher: With it TXT values are encrypted (`--txt-encrypt-enabled`).
    """

    version: Version
    flags: Flags
    domain_filter: tuple[str, ...] = ()
    exclude_domains: tuple[str, ...] = ()
    zone_id_filter: tuple[str, ...] = ()
    cipher: Cipher | None = None

    def enters(self, zone: Zone) -> bool:
        """Tell whether its filters let it into a hosted zone; any other one it neither reads nor writes."""
        names, excluded = (tuple(map(canonical, those)) for those in (self.domain_filter, self.exclude_domains))
        return has_id(zone.zone_id, self.zone_id_filter) and bool(
            lets_in(zone.name, names, excluded, matches_parent=self.flags.matches_parent)
        )

    @property
    def provider(self) -> AwsProvider:
        """The AWS provider with its flags."""
        return AwsProvider(self.flags.prefer_cname, self.flags.evaluate_target_health, dialect(self.version).alias_aaaa)

    def changes(self, held: Iterable[DnsEndpoint], wanted: Iterable[DnsEndpoint]) -> Changes:
        """Plan one sync, the TXT records of every change included; no changes mean that it is up to date.

        Args:
            held: What the zone holds, as the provider reads it.
            wanted: What the sources want, before the provider adjusts it.
        """
        habits = dialect(self.version)
        flags = self.flags
        migrate_from = flags.migrate_from_txt_owner if habits.migrates_owner else ""
        registry = (
            NoRegistry()
            if flags.owns_all
            else InstanceRegistry(flags.txt_owner_id, migrate_from, flags.names, habits, self.cipher)
        )
        ownership = registry.read(held)
        changes = calculate(
            current=filter(self._sees, ownership.records),
            desired=filter(self._sees, self.provider.adjust(wanted)),
            policy=flags.policy,
            owner=registry.owner,
            migrate_from=migrate_from,
        )
        return registry.write(changes, ownership) if changes.worth_applying() else Changes()

    def _sees(self, endpoint: DnsEndpoint) -> bool:
        def within(names: tuple[str, ...]) -> bool:
            return any(passes(endpoint.name, canonical(name)) for name in names)

        return (
            endpoint.rdtype in self.flags.managed_record_types
            and (not self.domain_filter or within(self.domain_filter))
            and not within(self.exclude_domains)
        )


@dataclass(frozen=True, slots=True)
class ExternalDnsInstance:
    """One running instance.

    Attributes:
        version, flags, domain_filter, cipher, zone_id_filter, exclude_domains: As of a `SyncPolicy`.
        source: What it wants.
        zone: The hosted zone that it writes into.
    """

    version: Version
    flags: Flags
    source: Source
    zone: Zone
    domain_filter: tuple[str, ...] = ()
    cipher: Cipher | None = None
    zone_id_filter: tuple[str, ...] = ()
    exclude_domains: tuple[str, ...] = ()

    def sync(self) -> tuple[SentBatch, ...]:
        """Read the zone and the source, plan, and write. Tells every batch sent; none means up to date."""
        sync = SyncPolicy(
            self.version, self.flags, self.domain_filter, self.exclude_domains, self.zone_id_filter, self.cipher
        )
        if not sync.enters(self.zone):
            return ()
        changes = sync.changes(sync.provider.records(self.zone), self.source())
        return sync.provider.apply(changes, self.zone)


def ingress(
    host: str, load_balancer: str, resource: str, *, weight: int | None = None, set_id: str = ""
) -> DnsEndpoint:
    """Make what an Ingress wants: a name that leads to its load balancer.

    Args:
        host: The Ingress' host.
        load_balancer: The load balancer's name from the Ingress' status.
        resource: `ingress/<namespace>/<name>`; the cluster's name is never part of it.
        weight: The annotation `aws-weight`.
        set_id: The annotation `set-identifier`, needed with a weight.
    """
    return DnsEndpoint(
        name=canonical(host),
        rdtype="CNAME",
        targets=(load_balancer.lower().rstrip("."),),
        weight=weight,
        set_identifier=set_id,
        labels={"resource": resource},
    )
