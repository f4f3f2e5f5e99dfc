"""What `--zone` is given, to hosted zones: of Route 53's API, of a transfer, or of a file."""

import random
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from probe.cli.errors import CommandError
from probe.config.mistakes import Unusable, quoted
from probe.config.names import parse_name
from probe.config.values import parse_endpoint
from probe.inventory.origin import named
from probe.inventory.reading.manifests import UnreadableSource
from probe.inventory.reading.route53_api import ZONE_ID, Route53Account, Timing, ZoneEntry, open_account
from probe.inventory.reading.zone_transfer import TransferKey, read_key, transfer, zones_at
from probe.inventory.written.export import read_zone_export, read_zone_listing
from probe.inventory.written.hosted_zones import Ambiguous, with_health, zones_for
from probe.inventory.written.zone import UnreadableZone, WrittenZone
from probe.inventory.written.zone_file import read_zone_file, zone_of
from probe.model.name import DomainName, display
from probe.model.text import plural
from probe.runtime.clock import SystemClock

if TYPE_CHECKING:
    from probe.model.plan import Endpoint

ROUTE53 = "route53:"
"""What stands before a profile and a zone's id; alone it takes the environment's credentials and the hosts' zones."""

AXFR = "axfr:"
"""What stands before a server and a zone."""

MOST_OCTETS = 64 * 1024 * 1024
"""Size of a file at most: Route 53's 10,000 record sets of a zone take about 4 MiB."""

ZONE_HELP = (
    "A hosted zone as it stands: route53:[PROFILE][@ZONE-ID] asks Route 53's API, axfr:SERVER[/ZONE] transfers it, "
    "FILE is the JSON of `aws route53 list-resource-record-sets` or a zone file; may be repeated."
)

tsig_option = click.option(
    "--tsig-file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The key for axfr:, as `tsig-keygen` writes it.",
)
"""The option that both commands have."""


def read_zones(texts: Iterable[str], hosts: Iterable[DomainName], tsig_file: Path | None) -> tuple[WrittenZone, ...]:
    """Read hosted zones.

    Args:
        texts: What `--zone` was given.
        hosts: The names that move: where no zone is named, those zones are read that hold them.
        tsig_file: The key of transfers.

    Raises:
        CommandError: One cannot be read, or two are of the same name.
    """
    hosts = tuple(hosts)
    zones: list[WrittenZone] = []
    for text in texts:
        try:
            zones += _zones(text, hosts, tsig_file)
        except UnreadableSource as error:
            raise CommandError(f"--zone {quoted(text)}: {error}.") from error
        except UnreadableZone as error:
            raise CommandError(f"--zone {error}.") from error
        except Unusable as error:
            raise CommandError(f"--zone {quoted(text)}: {error.message}; {error.remedy}.") from error
    apexes = [zone.apex for zone in zones]
    twice = next((apex for apex in apexes if apexes.count(apex) > 1), None)
    if twice is not None:
        raise CommandError(
            f"Two of the zones are {quoted(display(twice))}: a public and a private one, or a second zone of that "
            "name. Look at each by itself."
        )
    return tuple(zones)


def _zones(text: str, hosts: tuple[DomainName, ...], tsig_file: Path | None) -> Iterator[WrittenZone]:
    if text.startswith(ROUTE53):
        yield from _hosted(text.removeprefix(ROUTE53), hosts)
    elif text.startswith(AXFR):
        yield from _transferred(text.removeprefix(AXFR), hosts, None if tsig_file is None else read_key(tsig_file))
    else:
        yield _read_file(text)


def _hosted(text: str, hosts: tuple[DomainName, ...]) -> Iterator[WrittenZone]:
    profile, at, zone_id = text.rpartition("@") if "@" in text else (text, "", "")
    if at and not ZONE_ID.fullmatch(zone_id):
        raise Unusable(f"{quoted(zone_id)} is no hosted zone's id", f"write {ROUTE53}PROFILE@Z0123456789ABCDEFGHIJ")
    clock = SystemClock()
    account = open_account(profile, Timing(lambda: clock.now().monotonic, time.sleep, random.SystemRandom()))
    yield from read_account(account, profile, zone_id, hosts)


def read_account(
    account: Route53Account, profile: str, zone_id: str, hosts: Iterable[DomainName]
) -> Iterator[WrittenZone]:
    """Read a zone by its id, or those that hold hosts.

    Raises:
        UnreadableSource: Route 53 refuses, or does not answer; no zone holds a host, or two zones have one name.
        UnreadableZone: What it gives is no whole zone.
    """
    try:
        ids = (zone_id,) if zone_id else tuple(one.zone_id for one in zones_for(account.zones(), hosts))
    except Ambiguous as error:
        told = "; ".join(_described(account, one) for one in error.entries)
        choice = f"{ROUTE53}{profile}@{error.entries[0].zone_id}"
        raise UnreadableSource(f"{error}: {told}. Write {quoted(choice)} for the first") from error
    for one in ids:
        zone = replace(read_zone_listing(account.record_sets(one), f"{ROUTE53}{profile}@{one}"), zone_id=one)
        yield with_health(account, zone, zone.health_check_ids)


def _described(account: Route53Account, entry: ZoneEntry) -> str:
    kind = "private" if entry.is_private else "public"
    where = account.where(entry)
    return f"{named(entry.zone_id)} is {kind}, of {plural(entry.size, 'record set')}" + (
        f", at {where}" if where else ""
    )


def _transferred(text: str, hosts: tuple[DomainName, ...], key: TransferKey | None) -> Iterator[WrittenZone]:
    address, slash, apex = text.partition("/")
    server: Endpoint = parse_endpoint(address)
    for zone in (parse_name(apex, single_label=True),) if slash else zones_at(server, hosts):
        yield zone_of(transfer(server, zone, key), f"{AXFR}{address}/{display(zone)}")


def _read_file(path: str) -> WrittenZone:
    try:
        with Path(path).open("rb") as file:
            content = file.read(MOST_OCTETS + 1)
    except OSError as error:
        raise UnreadableSource(f"it cannot be read: {error.strerror}") from error
    if len(content) > MOST_OCTETS:
        raise UnreadableSource(f"it is larger than {MOST_OCTETS // 1024 // 1024} MiB: it is not a zone")
    if content.lstrip()[:1] in {b"{", b"["}:
        return read_zone_export(content, path)
    return read_zone_file(content.decode("utf-8", "replace"), path)
