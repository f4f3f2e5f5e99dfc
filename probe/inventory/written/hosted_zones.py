"""Which of an account's hosted zones hold the hosts that move: the nearest above each, as ExternalDNS chooses."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from probe.inventory.origin import named
from probe.inventory.reading.manifests import UnreadableSource
from probe.inventory.reading.route53_api import ZoneEntry
from probe.model.name import DomainName, display
from probe.model.text import listed
from probe.route53.hosted_zone import longest_match
from probe.route53.record_values import to_domain


class Ambiguous(UnreadableSource):
    """Several zones of one name: somebody has to choose.

    Args:
        entries: The zones.
    """

    def __init__(self, entries: Sequence[ZoneEntry]) -> None:
        super().__init__(f"{len(entries)} hosted zones are {named(display(to_domain(entries[0].name)))}")
        self.entries = tuple(entries)


def zones_for(entries: Iterable[ZoneEntry], hosts: Iterable[DomainName]) -> tuple[ZoneEntry, ...]:
    """Choose the zones that hold hosts.

    Args:
        entries: Every zone of the account.
        hosts: The names that are wanted.

    Raises:
        Ambiguous: Two of them have one name: a public and a private one, or one that was made again.
        UnreadableSource: None holds any host.
    """
    by_name: defaultdict[DomainName, list[ZoneEntry]] = defaultdict(list)
    for one in entries:
        by_name[to_domain(one.name)].append(one)
    chosen = sorted({apex for host in hosts if (apex := longest_match(by_name, host)) is not None})
    if not chosen:
        names = listed([named(display(name)) for name in sorted(by_name)]) or "none at all"
        raise UnreadableSource(f"no hosted zone of the account holds a host that moves (its zones: {names})")
    twice = next((by_name[apex] for apex in chosen if len(by_name[apex]) > 1), None)
    if twice is not None:
        raise Ambiguous(twice)
    return tuple(by_name[apex][0] for apex in chosen)
