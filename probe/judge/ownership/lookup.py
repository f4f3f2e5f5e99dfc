"""Who owns a record for whom: which of a host's TXT records decides, as each ExternalDNS version reads them.

An ExternalDNS looks for the owner of a record at up to three names, and the first that holds an ownership value counts.
Which names, and in which order, depends on the record and on the version (`registry/txt/registry.go`):

| record | before v0.12 | v0.12 to v0.21 | from v0.22 |
| --- | --- | --- | --- |
| A, alias to a load balancer | bare | `cname-`, bare | `a-`, `cname-`, bare |
| A with addresses | bare | `a-`, bare | `a-`, bare |
| AAAA | none | `aaaa-` | `aaaa-` |
| CNAME | bare | `cname-`, bare | `cname-`, bare |

So two versions can see two owners of one alias A, and both be right; of an AAAA they never do. What cannot be known
(the version, when the plan does not tell it; alias or addresses, when the plan's networks alone tell the side) is taken
as each of the possibilities: there are several reading orders then, and each gives its deciding TXT.

A bare name that itself looks like a typed one (`a-web` as a host) is read by nobody as that host's: ExternalDNS takes
it for the TXT of `web`.
"""

from collections.abc import Iterable, Iterator
from enum import Enum
from functools import lru_cache
from typing import TypeAlias

from probe.model.domain import DomainStatus
from probe.model.ownership import TxtKind, TxtStatus
from probe.model.question import RecordType
from probe.model.record import RecordStatus

Version: TypeAlias = tuple[int, int, int] | None
"""(major, minor, patch) of an ExternalDNS, None when unknown."""

TYPED_SINCE = (0, 12, 0)
"""The first version with a type in the TXT name (25c7cb28e)."""

ALIAS_TXT_IS_A_SINCE = (0, 22, 0)
"""The first version in which the TXT of an alias A is `a-` and not `cname-` (#6523)."""


class Shape(Enum):
    """How a record leads to a load balancer."""

    ALIAS = "alias"
    ADDRESSES = "addresses"
    CNAME = "cname"


Order: TypeAlias = tuple[TxtKind, ...]

_A, _AAAA, _CNAME, _BARE = TxtKind.A, TxtKind.AAAA, TxtKind.CNAME, TxtKind.BARE
_TYPED: dict[Shape, tuple[Order, ...]] = {
    Shape.ALIAS: ((_CNAME, _BARE), (_A, _CNAME, _BARE)),  # to v0.21, from v0.22
    Shape.ADDRESSES: ((_A, _BARE),),
    Shape.CNAME: ((_CNAME, _BARE),),
}
_LOOKS_TYPED = tuple(f"{word}-" for word in ("a", "aaaa", "cname", "ns", "mx", "ptr", "srv", "naptr", "txt", "dname"))


@lru_cache(maxsize=256)  # a handful of questions, asked again for each domain every few seconds
def reading_orders(rdtype: RecordType, shapes: tuple[Shape, ...], version: Version) -> tuple[Order, ...]:
    """Give every order in which an ExternalDNS may look for the owner of a record.

    Args:
        rdtype: A or AAAA.
        shapes: What the record may be.
        version: Of the ExternalDNS.
    """
    orders: dict[Order, None] = {}
    for shape in shapes:
        if version is not None and version < TYPED_SINCE:
            orders[(_BARE,) if rdtype is RecordType.A or shape is Shape.CNAME else ()] = None
        elif rdtype is RecordType.AAAA and shape is not Shape.CNAME:
            orders[(_AAAA,)] = None
        elif shape is Shape.ALIAS and version is not None:
            orders[_TYPED[shape][version >= ALIAS_TXT_IS_A_SINCE]] = None
        else:
            orders |= dict.fromkeys(_TYPED[shape])
    return tuple(orders)


def shapes_of(record: RecordStatus) -> tuple[Shape, ...]:
    """Tell what a record that stands may be, by its newest answers."""
    answers = [server.response.answer for server in record.servers if server.response is not None]
    if any(rrset.rdtype == "CNAME" for answer in answers for rrset in answer):
        return (Shape.CNAME,)
    if record.alias is None:
        return Shape.ALIAS, Shape.ADDRESSES
    return (Shape.ALIAS,) if record.alias else (Shape.ADDRESSES,)


def is_claim(txt: TxtStatus) -> bool:
    """Tell whether ownership stands at a TXT name, readable or encrypted."""
    return bool(txt.owners) or txt.opaque > 0


def owner_ids(txt: TxtStatus) -> frozenset[str]:
    """Give the owners that a TXT name names: several when several heritage strings stand there."""
    return frozenset(owner.owner for owner in txt.owners)


def read_of(status: DomainStatus, order: Order) -> tuple[TxtStatus, ...]:
    """Give the ownership that stands at the names of one reading order; the first one decides."""
    bare = not status.domain.name.startswith(_LOOKS_TYPED)
    claims = [txt for txt in status.txts if is_claim(txt) and (txt.kind is not _BARE or bare)]
    return in_order(claims, order)


def in_order(claims: Iterable[TxtStatus], order: Order) -> tuple[TxtStatus, ...]:
    """Give those of some TXT names that one reading order has, in that order."""
    by_kind = {txt.kind: txt for txt in claims}
    return tuple(by_kind[kind] for kind in order if kind in by_kind)


def deciding(status: DomainStatus, record: RecordStatus, version: Version) -> tuple[TxtStatus, ...]:
    """Give the TXT that decides who owns a standing record for an ExternalDNS of `version`; all that may."""
    return _distinct(read[:1] for read in _reads(status, record, version))


def fallbacks(status: DomainStatus, record: RecordStatus, version: Version) -> tuple[TxtStatus, ...]:
    """Give the TXT that would decide if another one were gone."""
    return _distinct(read[1:] for read in _reads(status, record, version))


def _reads(status: DomainStatus, record: RecordStatus, version: Version) -> Iterator[tuple[TxtStatus, ...]]:
    return (read_of(status, order) for order in reading_orders(record.rdtype, shapes_of(record), version))


def _distinct(reads: Iterable[tuple[TxtStatus, ...]]) -> tuple[TxtStatus, ...]:
    return tuple({txt.name: txt for read in reads for txt in read}.values())
