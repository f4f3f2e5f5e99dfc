"""What `discover` is given, `SOURCE` and `ZONE`, to clusters and zones."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from probe.cli.errors import CommandError
from probe.cli.zone_export import MOST_OCTETS
from probe.config.mistakes import Unusable, quoted
from probe.config.names import parse_load_balancer
from probe.inventory.origin import Origin
from probe.inventory.reading.api_server import read_api_server
from probe.inventory.reading.kubeconfig import IN_CLUSTER, read_context
from probe.inventory.reading.manifests import UnreadableSource, read_manifests
from probe.inventory.reading.node import Budget
from probe.inventory.reading.objects import Objects
from probe.inventory.wanted.host import Balancer
from probe.inventory.wanted.inventory import Inventory, take_inventory
from probe.inventory.wanted.workload import reached_by
from probe.inventory.written.export import LISTING, read_zone_export
from probe.inventory.written.zone import UnreadableZone, WrittenZone
from probe.inventory.written.zone_file import read_zone_file
from probe.model.name import display
from probe.model.side import Side

MANIFESTS = "manifests:"
"""What stands before a folder."""

KUBE = "kube:"
"""What stands before a context of the kubeconfig; alone it is the current one, and `kube:in-cluster` a pod's own."""

_NOT_ASKED = f"the account itself is not asked from here. Write what it says into a file: `{LISTING}`."


def read_cluster(side: Side, sources: Iterable[str], balancers: Iterable[str]) -> Inventory:
    """Read a cluster.

    Args:
        side: Whose.
        sources: `kube:CONTEXT`, `manifests:DIR` (a folder or a file), or `-` for standard input.
        balancers: Load balancers that are its own beside those that its objects' statuses name.

    Raises:
        CommandError: A source cannot be read at all.
    """
    sources = tuple(sources)
    budget = Budget()
    objects = Objects()
    for source in sources:
        found = _read(side, source, budget)
        objects.found |= found.found
        objects.notices += found.notices
    inventory = take_inventory(side, " ".join(sources), objects)
    if not objects.found:
        told = "".join(f"\n{notice}" for notice in objects.notices[:5])
        raise CommandError(f"--{side} {quoted(' '.join(sources))} has no object that ExternalDNS could read.{told}")
    given = tuple(_given(side, one) for one in balancers)
    context = _context(sources)
    workloads = inventory.workloads
    if context:
        workloads = tuple(reached_by(one, context) for one in workloads)
    return replace(inventory, workloads=workloads, balancers=(*inventory.balancers, *given))


def _context(sources: tuple[str, ...]) -> str:
    """Give the kubeconfig's context that was read, where it was one alone and has a name; else nothing."""
    name = sources[0].removeprefix(KUBE) if len(sources) == 1 and sources[0].startswith(KUBE) else ""
    return "" if name == IN_CLUSTER else name


def read_zones(paths: Iterable[str]) -> tuple[WrittenZone, ...]:
    """Read hosted zones: a listing of Route 53's (JSON), or a zone file.

    Raises:
        CommandError: One cannot be read, or two are of the same name.
    """
    zones = tuple(map(_zone, paths))
    apexes = [zone.apex for zone in zones]
    twice = next((apex for apex in apexes if apexes.count(apex) > 1), None)
    if twice is not None:
        raise CommandError(
            f"Two of the zones are {quoted(display(twice))}: a public and a private one, or a second zone of that "
            "name. Look at each by itself."
        )
    return zones


def _read(side: Side, source: str, budget: Budget) -> Objects:
    where = source if source == "-" else source.removeprefix(MANIFESTS)
    if source.startswith(KUBE):
        try:
            return read_api_server(read_context(source.removeprefix(KUBE)), budget)
        except UnreadableSource as error:
            raise CommandError(f"--{side} {quoted(source)}: {error}.") from error
    if where == source != "-":
        raise CommandError(
            f"--{side} {quoted(source)} is not a source; write {KUBE}CONTEXT, {MANIFESTS}FOLDER, {MANIFESTS}FILE, or - "
            "for standard input."
        )
    try:
        return read_manifests(where, budget)
    except UnreadableSource as error:
        raise CommandError(f"--{side} {quoted(source)}: {error}.") from error


def _given(side: Side, text: str) -> Balancer:
    try:
        name = display(parse_load_balancer(text))
    except Unusable as error:
        raise CommandError(f"--{side}-load-balancer: {error.message}; {error.remedy}.") from error
    return Balancer(name, Origin("the command line"), f"--{side}-load-balancer", name.startswith("internal-"))


def _zone(path: str) -> WrittenZone:
    if path.startswith("route53:"):
        raise CommandError(f"--zone {quoted(path)}: {_NOT_ASKED}")
    try:
        with Path(path).open("rb") as file:
            content = file.read(MOST_OCTETS + 1)
    except OSError as error:
        raise CommandError(f"--zone {quoted(path)} cannot be read: {error.strerror}.") from error
    if len(content) > MOST_OCTETS:
        raise CommandError(f"--zone {quoted(path)} is larger than {MOST_OCTETS // 1024 // 1024} MiB: it is not a zone.")
    try:
        if content.lstrip()[:1] in {b"{", b"["}:
            return read_zone_export(content, path)
        return read_zone_file(content.decode("utf-8", "replace"), path)
    except UnreadableZone as error:
        raise CommandError(f"--zone {error}.") from error
