"""At which names an ExternalDNS of any version may keep its ownership TXT of a host.

Computed forward, from host to names, as ExternalDNS does (`registry/mapper/mapper.go`, the same from v0.12.0 to
v0.22.0). The reverse is ambiguous: `a-web.example.com` is the new-format name of `web` and the old-format name of a
host `a-web`.

All generations are asked, because two clusters on two versions read two different names of the same host, and that
contradiction is the only evidence of some fights:

- `cname-` : a CNAME since v0.12, and the A of an alias from v0.12 to v0.21 (read as a fallback by v0.22);
- `a-`     : an A that is no alias since v0.12, and the A of an alias since v0.22;
- `aaaa-`  : an AAAA since v0.12;
- no type  : every version up to v0.17 writes it, later ones still read it and never delete it.

ExternalDNS' other types (NS, MX, SRV, ...) lead no host to a load balancer and are not probed.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import TypeAlias

from probe.externaldns.naming import TxtNames
from probe.model.external_dns import TxtRegistry
from probe.model.name import MAX_LABEL_OCTETS, MAX_NAME_CHARACTERS, ROOT, DomainName, display
from probe.model.ownership import TxtKind

READABLE_HOSTS = 32_768
"""Hosts of which each registry's names are remembered, and where they are read: those of the largest plan, for three
registries. A memory that is smaller than a plan is passed through in a circle, and never holds what is asked for."""

KIND_PLACES = {kind: place for place, kind in enumerate(TxtKind)}
"""Where each kind stands among the names of a host."""

_Names: TypeAlias = tuple[DomainName | None, ...]
"""One for each kind, in the enum's order; None where there is none."""


def txt_places(host: DomainName, registry: TxtRegistry) -> tuple[tuple[TxtKind, DomainName], ...]:
    """Give every name that may hold an ownership TXT of `host`, with the kind that it has there.

    A name that DNS cannot hold (a label over 63 octets, an empty label) is left out: ExternalDNS creates the record
    without a TXT then. A name may lie outside the zone of the host (an apex with the default affixes:
    `a-example.com.`); ExternalDNS skips it silently, and the caller knows the zone.

    Args:
        host: The owner name of the record.
        registry: The TXT registry's flags; prefix, suffix and wildcard replacement are compared in lower case.
    """
    if host == ROOT:
        return ()
    written, _ = _written_and_read(host, registry)
    return tuple((kind, name) for kind, name in zip(TxtKind, written, strict=True) if name is not None)


def places_of(host: DomainName, registries: Iterable[TxtRegistry]) -> dict[DomainName, TxtKind]:
    """Give every name that may hold an ownership TXT of `host` under any of these flags; the first tell its kind."""
    places: dict[DomainName, TxtKind] = {}
    for registry in registries:
        for kind, name in txt_places(host, registry):
            places.setdefault(name, kind)
    return places


def txt_name(host: DomainName, kind: TxtKind, registry: TxtRegistry) -> DomainName | None:
    """Give the TXT name of one kind; None if DNS cannot hold it. In a bare name a template in an affix is left out.

    Args:
        host: The owner name of the record.
        kind: Which of its TXT records.
        registry: The TXT registry's flags.
    """
    name = _names(registry).txt_name(host, kind)
    return name if _can_be_held(display(name)) else None


def readable_places(host: DomainName, registry: TxtRegistry) -> _Names:
    """Give the TXT names where an ExternalDNS reads them as this host's and their kind's; the others are None.

    The TXT name of one host can be another's: `a-web` as a host has its untyped TXT where `web` has that of its A
    record, and ExternalDNS takes it for `web`'s. `KIND_PLACES` tells which is whose.
    """
    return _written_and_read(host, registry)[1]


@lru_cache(maxsize=READABLE_HOSTS)
def _written_and_read(host: DomainName, registry: TxtRegistry) -> tuple[_Names, _Names]:
    """Give a host's names, and those of them that are read as its own: one object, as a rule, with one for each name.

    They are also those of the domain's status: of 10,000 domains they would be five megabytes more.
    """
    names = _names(registry)
    key = names.host_key(host)
    told = tuple(txt_name(host, kind, registry) for kind in TxtKind)
    written = tuple(host if name == host else name for name in told)
    read = tuple(
        None if name is None or names.record_of(name) != (key, kind.upper()) else name
        for kind, name in zip(TxtKind, written, strict=True)
    )
    return written, written if read == written else read


def _names(registry: TxtRegistry) -> TxtNames:
    return TxtNames(registry.prefix, registry.suffix, registry.wildcard_replacement)


def _can_be_held(text: str) -> bool:
    return len(text) <= MAX_NAME_CHARACTERS and all(0 < len(label) <= MAX_LABEL_OCTETS for label in text.split("."))
