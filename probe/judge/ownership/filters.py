"""What keeps an ExternalDNS from a host by its filters alone, and what to change so that it is let through.

It sees a host by the host's own name, and enters a hosted zone by the zone's: one that does not enter a host's zone
changes nothing there, whatever else its filters let through (`probe.model.external_dns.lets_in`).
"""

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple, assert_never

from probe.model.external_dns import ExternalDns, has_id, lets_in, passes
from probe.model.name import DomainName, display
from probe.model.text import listed


class Bar(Enum):
    """A flag that keeps an ExternalDNS from a host."""

    FILTER = "--domain-filter"
    """It has names, and none that the host falls under."""
    EXCLUDED = "--exclude-domains"
    """It has a name that the host falls under."""
    ZONE_ID = "--zone-id-filter"
    """It has ids, and not that of the host's zone."""
    ZONE_ABOVE = "--aws-zone-match-parent"
    """It is not given, and all names of the filter are below the host's zone: the zone is not entered."""
    DOTTED = "the dot"
    """The names of the filter begin with it, and no zone above such a name is entered."""


class SeenZone(NamedTuple):
    """The hosted zone that holds a host.

    Attributes:
        apex: Its name.
        zone_id: Its id; empty where that is not known: no answer of DNS shows it.
    """

    apex: DomainName
    zone_id: str = ""


class Barred(NamedTuple):
    """What keeps an ExternalDNS from a host.

    Attributes:
        by: Which flag.
        names: Those of its values that do.
        zone_id: That of the host's zone, where it is what the flag lacks.
    """

    by: Bar
    names: tuple[str, ...] = ()
    zone_id: str = ""


def bars(setup: ExternalDns, host: DomainName, zone: SeenZone | None) -> tuple[Barred, ...]:
    """Tell everything that has to be changed before an ExternalDNS writes a host; nothing where it may already.

    Args:
        setup: Its flags; a `zone_match_parent` that is not told counts as not given.
        host: The host.
        zone: Its hosted zone; None where that is not known: then no zone keeps it out.
    """
    found = []
    names, excluded = setup.domain_filter, tuple(one for one in setup.exclude_domains if passes(host, one))
    if names and not any(passes(host, one) for one in names):
        found.append(Barred(Bar.FILTER, names))
        names = (*names, host)
    if excluded:
        found.append(Barred(Bar.EXCLUDED, excluded))
    kept = tuple(one for one in setup.exclude_domains if one not in excluded)
    if zone is not None and zone.zone_id and not has_id(zone.zone_id, setup.zone_id_filter):
        found.append(Barred(Bar.ZONE_ID, setup.zone_id_filter, zone.zone_id))
    if zone is not None and not lets_in(zone.apex, names, kept, matches_parent=setup.zone_match_parent):
        undotted = tuple(dict.fromkeys(DomainName(one.removeprefix(".")) for one in names))
        if not lets_in(zone.apex, names, kept, matches_parent=True):
            found.append(Barred(Bar.DOTTED, setup.domain_filter))
        if not lets_in(zone.apex, undotted, kept, matches_parent=setup.zone_match_parent):
            found.append(Barred(Bar.ZONE_ABOVE, setup.domain_filter))
    return tuple(found)


def why_barred(who: str, barred: Sequence[Barred]) -> str:
    """Say why an ExternalDNS does not write a host: a clause that begins with its name."""
    unseen = [one for one in barred if one.by in {Bar.FILTER, Bar.EXCLUDED}]
    if unseen:
        flags = listed([f"{one.by.value}={_joined(one.names)}" for one in unseen])
        return f"{who} does not see it, by {flags}"
    first, names = barred[0], barred[0].names
    if first.by is Bar.ZONE_ID:
        return f"{who} does not enter its hosted zone {first.zone_id}, by --zone-id-filter={','.join(names)}"
    if first.by is Bar.DOTTED:
        return f"{who} does not enter its hosted zone, by the dot at the beginning of --domain-filter={_joined(names)}"
    return (
        f"{who} does not enter its hosted zone, which is above all names of --domain-filter={_joined(names)}, without "
        "--aws-zone-match-parent"
    )


def let_through(side: str, barred: Iterable[Barred]) -> str:
    """Say what to change so that an ExternalDNS of a side writes what is named beside it: a sentence without its end.

    It names no host, so that hosts which are barred alike have one advice.
    """
    steps = [_step(one, f"{side}'s ExternalDNS") for one in barred]
    return ", and ".join([steps[0][:1].upper() + steps[0][1:], *steps[1:]])


def _step(one: Barred, who: str) -> str:
    match one.by:
        case Bar.FILTER:
            return f"add what is named here to --domain-filter of {who}"
        case Bar.EXCLUDED:
            return f"take {listed(list(map(display, one.names)))} out of --exclude-domains of {who}"
        case Bar.ZONE_ID:
            return f"add {one.zone_id} to --zone-id-filter of {who}"
        case Bar.ZONE_ABOVE:
            return f"give {who} --aws-zone-match-parent (v0.14.1 or later)"
        case Bar.DOTTED:
            return f"take the dots before the names in --domain-filter of {who} away"
        case _:
            assert_never(one.by)


def _joined(names: Iterable[str]) -> str:
    return ",".join(map(display, names))
