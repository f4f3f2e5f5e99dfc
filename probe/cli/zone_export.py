"""Reading an export of a hosted zone: the JSON of `aws route53 list-resource-record-sets`."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from probe.cli.errors import CommandError
from probe.config.mistakes import quoted
from probe.inventory.written.export import LISTING, record_sets_of
from probe.inventory.written.zone import UnreadableZone
from probe.judge.ownership.names import places_of
from probe.judge.rehearsal.stand import Stand, exported
from probe.model.name import DomainName, display, is_within
from probe.model.plan import Plan
from probe.route53.records import ResourceRecordSet

MOST_OCTETS = 64 * 1024 * 1024
"""Size of an export at most: Route 53's 10,000 record sets of a zone take about 4 MiB."""


def read_zone(path: Path) -> tuple[ResourceRecordSet, ...]:
    """Read an export.

    Raises:
        CommandError: It is none.
    """
    where = f"--zone {quoted(path)}"
    try:
        with path.open("rb") as file:
            content = file.read(MOST_OCTETS + 1)
    except OSError as error:
        raise CommandError(f"{where} cannot be read: {error.strerror}.") from error
    if len(content) > MOST_OCTETS:
        raise CommandError(f"{where} is larger than {MOST_OCTETS // 1024 // 1024} MiB: it is not an export of a zone.")
    try:
        return record_sets_of(content, str(path), [])
    except UnreadableZone as error:
        raise CommandError(f"{where} is not an export of a hosted zone. Make one with `{LISTING}`.") from error


def stands_of(record_sets: Iterable[ResourceRecordSet], plan: Plan) -> dict[DomainName, Stand | str]:
    """Give how the plan's hosts stand by an export; those of other zones have a sentence that says so.

    Raises:
        CommandError: It holds no SOA, so that nobody can tell whose zone it is.
    """
    by_name: defaultdict[DomainName, list[ResourceRecordSet]] = defaultdict(list)
    for one in record_sets:
        by_name[one.name].append(one)
    apex = next((name for name, held in by_name.items() if any(one.rdtype == "SOA" for one in held)), None)
    if apex is None:
        raise CommandError("The export has no SOA: it is not a whole zone.")
    stands: dict[DomainName, Stand | str] = {}
    for domain in plan.domains:
        name = domain.name
        if not is_within(name, apex):
            stands[name] = f"is not in the zone {display(apex)} that was exported: it was not played."
            continue
        names = dict.fromkeys((name, *places_of(name, plan.registries)))
        stands[name] = exported(domain, apex, [one for at in names for one in by_name.get(at, ())], plan)
    return stands


def negative_ttl(record_sets: Iterable[ResourceRecordSet]) -> int | None:
    """Give how long caches keep a denial: the smaller of the SOA's TTL and MINIMUM (RFC 2308 section 5)."""
    for one in record_sets:
        minimum = one.values[0].rpartition(" ")[2] if one.rdtype == "SOA" and one.values else ""
        if minimum.isdecimal():
            return min(int(minimum), one.ttl or 0)
    return None
