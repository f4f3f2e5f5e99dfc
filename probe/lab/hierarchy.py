"""The zones above the ones that matter: a root and top-level domains, with referrals and glue, to walk from.

Every name server that is added gets addresses and is itself found by walking: the domain of its name is a zone that it
serves, delegated with glue from its top-level domain, as Route 53's own `awsdns-NN` domains are.
"""

from collections.abc import Iterable, Sequence

from probe.lab.addresses import NAME_SERVERS, AddressPool
from probe.lab.nameserver import LabNameServer
from probe.model.name import ROOT, DomainName, is_within, parent
from probe.route53.answer import Surroundings
from probe.route53.hosted_zone import NS_TTL, ZoneVersion, longest_match, make_version
from probe.route53.records import RecordKey, ResourceRecordSet

_TLD_SERVERS = {
    "com": ("a.gtld-servers.net.", "b.gtld-servers.net."),
    "net": ("a.gtld-servers.net.", "b.gtld-servers.net."),
}
_ROOT_SERVERS = (DomainName("a.root-servers.net."), DomainName("b.root-servers.net."))
_SOA_TIMERS = "1 1800 900 604800 900"


class ParentZone:
    """One zone of the hierarchy: delegations and glue, changed directly and seen at once.

    Args:
        name: The zone.
        servers: The names of its name servers.
    """

    def __init__(self, name: DomainName, servers: Sequence[DomainName]) -> None:
        self.name = name
        self._records: dict[RecordKey, ResourceRecordSet] = {}
        self._version: ZoneVersion | None = None
        self.put(ResourceRecordSet(name, "NS", NS_TTL, tuple(servers)))
        self.put(ResourceRecordSet(name, "SOA", NS_TTL, (f"{servers[0]} hostmaster.invalid. {_SOA_TIMERS}",)))

    def put(self, record: ResourceRecordSet) -> None:
        """Add or replace a record set."""
        self._records[record.key] = record
        self._version = None

    def remove(self, key: RecordKey) -> None:
        """Remove a record set, if it is there."""
        self._records.pop(key, None)
        self._version = None

    def version(self) -> ZoneVersion:
        """Give the zone as it is now."""
        if self._version is None:
            self._version = make_version(self.name, "", 1, self._records)
        return self._version


class Hierarchy:
    """Root, top-level domains, and every name server of the simulated world.

    Args:
        around: What answers depend on.
        pool: Where name servers' addresses come from.
    """

    def __init__(self, around: Surroundings, pool: AddressPool | None = None) -> None:
        self._around = around
        self._pool = pool or AddressPool(NAME_SERVERS)
        self._servers: dict[DomainName, LabNameServer] = {}
        self._by_address: dict[str, LabNameServer] = {}
        self._zones: dict[DomainName, ParentZone] = {}
        for name in _ROOT_SERVERS:
            self._servers[name] = self._make_server(name, 1)
        self._add_zone(ROOT, _ROOT_SERVERS)
        for name in _ROOT_SERVERS:
            self._house(self._servers[name])

    @property
    def servers(self) -> tuple[LabNameServer, ...]:
        """Every name server, the root's first."""
        return tuple(self._servers.values())

    @property
    def root_servers(self) -> tuple[LabNameServer, ...]:
        """Where a walk begins."""
        return tuple(self._servers[name] for name in _ROOT_SERVERS)

    def server_at(self, address: str) -> LabNameServer | None:
        """Find who has an address; None when nobody has it."""
        return self._by_address.get(address)

    def take_addresses(self) -> tuple[str, str]:
        """Take an IPv4 and an IPv6 address for one more server."""
        return (self._pool.take(4), self._pool.take(6))

    def name_server(self, name: DomainName, machines: int = 1) -> LabNameServer:
        """Give the name server of that name, added with addresses and delegation when it is new."""
        server = self._servers.get(name)
        if server is None:
            server = self._servers[name] = self._make_server(name, machines)
            self._house(server)
        return server

    def add_zone(self, name: DomainName, server_names: Sequence[DomainName]) -> ParentZone:
        """Add a zone of plain records, served by and delegated to these name servers."""
        self._add_zone(name, server_names)
        self.delegate(name, server_names)
        return self._zones[name]

    def delegate(self, zone: DomainName, server_names: Sequence[DomainName]) -> None:
        """Put a zone's NS set, and glue for servers named below the parent, into the nearest zone above it."""
        above = self._above(zone)
        above.put(ResourceRecordSet(zone, "NS", NS_TTL, tuple(server_names)))
        self._put_glue(above, (self.name_server(name) for name in server_names))

    def undelegate(self, zone: DomainName) -> None:
        """Take a zone's NS set out of its parent."""
        self._above(zone).remove((zone, "NS", ""))

    def _above(self, zone: DomainName) -> ParentZone:
        self._ensure_tld(zone)
        found = longest_match(self._zones, parent(zone))
        return self._zones[found or ROOT]

    def _make_server(self, name: DomainName, machines: int) -> LabNameServer:
        server = LabNameServer(name, self.take_addresses(), self._around, machines)
        self._by_address.update(dict.fromkeys(server.addresses, server))
        return server

    def _add_zone(self, name: DomainName, server_names: Sequence[DomainName]) -> None:
        zone = self._zones[name] = ParentZone(name, server_names)
        for server_name in server_names:
            self.name_server(server_name).host(name, [zone.version])

    def _ensure_tld(self, name: DomainName) -> None:
        label = name.removesuffix(".").rsplit(".", 1)[-1]
        tld = DomainName(f"{label}.")
        if not label or tld in self._zones:
            return
        names = tuple(DomainName(one) for one in _TLD_SERVERS.get(label, (f"a.nic.{label}.", f"b.nic.{label}.")))
        for one in names:
            if one not in self._servers:
                self._servers[one] = self._make_server(one, 1)
        self._add_zone(tld, names)
        self._zones[ROOT].put(ResourceRecordSet(tld, "NS", NS_TTL, names))
        self._put_glue(self._zones[ROOT], (self._servers[one] for one in names))
        for one in names:
            self._house(self._servers[one])

    def _house(self, server: LabNameServer) -> None:
        """Let the domain of a server's name be a zone that the server itself serves, delegated with glue."""
        domain = parent(server.name)
        zone = self._zones.get(domain)
        if zone is None:
            zone = self._zones[domain] = ParentZone(domain, [server.name])
        else:
            siblings = zone.version().by_name[domain]["NS"][0].values
            zone.put(ResourceRecordSet(domain, "NS", NS_TTL, tuple(sorted({*siblings, server.name}))))
        housed = [DomainName(one) for one in zone.version().by_name[domain]["NS"][0].values]
        server.host(domain, [zone.version])
        for rdtype, address in zip(("A", "AAAA"), server.addresses, strict=True):
            zone.put(ResourceRecordSet(server.name, rdtype, NS_TTL, (address,)))
        self.delegate(domain, housed)

    def _put_glue(self, zone: ParentZone, servers: Iterable[LabNameServer]) -> None:
        for server in servers:
            if not is_within(server.name, zone.name):
                continue
            for rdtype, address in zip(("A", "AAAA"), server.addresses, strict=True):
                zone.put(ResourceRecordSet(server.name, rdtype, NS_TTL, (address,)))
