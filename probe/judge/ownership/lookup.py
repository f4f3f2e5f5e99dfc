"""Who owns a record for whom: which of a host's TXT records decides, as each ExternalDNS version reads them.

An ExternalDNS looks for the owner of a record at up to three names, and the first that holds an ownership value counts.
Which names, and in which order, depends on the record and on the version: `probe.externaldns` knows it, and says

| record | before v0.12 | v0.12 to v0.21 | from v0.22 |
| --- | --- | --- | --- |
| A, alias to a load balancer | bare | `cname-`, bare | `a-`, `cname-`, bare |
| A with addresses | bare | `a-`, bare | `a-`, bare |
| AAAA | none | `aaaa-` | `aaaa-` |
| CNAME | bare | `cname-`, bare | `cname-`, bare |

So two versions can see two owners of one alias A, and both be right; of an AAAA they never do. What cannot be known
(the version, when the plan does not tell it; alias or addresses, when the plan's networks alone tell the side) is taken
as each of the possibilities: there are several reading orders then, and each gives its deciding TXT.

Where the names stand depends on the flags of that ExternalDNS: each side, and each instance, has its own. One with
another registry than TXT reads none of them: its ownership is not visible in DNS.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TypeAlias

from probe.externaldns import version as externaldns
from probe.externaldns.registry import kinds_read
from probe.externaldns.version import POSSIBLE, dialect
from probe.judge.ownership.names import KIND_PLACES, readable_places
from probe.model.by_identity import by_identity
from probe.model.domain import DomainStatus
from probe.model.external_dns import ExternalDns, Registry, TxtRegistry
from probe.model.name import DomainName
from probe.model.ownership import TxtKind, TxtStatus
from probe.model.plan import Plan
from probe.model.question import RecordType
from probe.model.record import RecordStatus
from probe.model.word import Word

READ_LATELY = 64
"""Readings that are remembered: two records, read by as many ExternalDNS as both sides of a plan may have, for several
rules. The next domain needs others."""

Version: TypeAlias = tuple[int, int, int] | None
"""(major, minor, patch) of an ExternalDNS, None when unknown."""


class Shape(Word):
    """How a record leads to a load balancer."""

    ALIAS = "alias"
    ADDRESSES = "addresses"
    CNAME = "cname"


Order: TypeAlias = tuple[TxtKind, ...]


@lru_cache(maxsize=256)  # a handful of questions, asked again for each domain every few seconds
def reading_orders(rdtype: RecordType, shapes: tuple[Shape, ...], version: Version) -> tuple[Order, ...]:
    """Give every order in which an ExternalDNS may look for the owner of a record.

    Args:
        rdtype: A or AAAA.
        shapes: What the record may be.
        version: Of the ExternalDNS.
    """
    return tuple(
        dict.fromkeys(
            _order(rdtype, shape, possible)
            for shape in shapes
            for possible in (POSSIBLE if version is None else (version,))
        )
    )


def _order(rdtype: RecordType, shape: Shape, version: tuple[int, int, int]) -> Order:
    held = "CNAME" if shape is Shape.CNAME else rdtype.value
    habits = dialect(externaldns.Version(*version))
    return tuple(TxtKind(kind.lower()) for kind in kinds_read(held, alias=shape is Shape.ALIAS, dialect=habits))


def shapes_of(record: RecordStatus) -> tuple[Shape, ...]:
    """Tell what a record that stands may be, by its newest answers."""
    answers = [server.response.answer for server in record.servers if server.response is not None]
    if any(rrset.rdtype == "CNAME" for answer in answers for rrset in answer):
        return (Shape.CNAME,)
    if record.alias is None:
        return Shape.ALIAS, Shape.ADDRESSES
    return (Shape.ALIAS,) if record.alias else (Shape.ADDRESSES,)


def shape_by_plan(plan: Plan) -> Shape:
    """Tell what records are taken to be of which no answer tells it: aliases, if the plan names load balancers."""
    return Shape.ALIAS if plan.v1.load_balancers or plan.v2.load_balancers else Shape.ADDRESSES


def is_claim(txt: TxtStatus) -> bool:
    """Tell whether ownership stands at a TXT name, readable or encrypted."""
    return bool(txt.owners) or txt.opaque > 0


def owner_ids(txt: TxtStatus) -> frozenset[str]:
    """Give the owners that a TXT name names: several when several heritage strings stand there."""
    return frozenset(owner.owner for owner in txt.owners)


def read_of(status: DomainStatus, order: Order, registry: TxtRegistry) -> tuple[TxtStatus, ...]:
    """Give the ownership that stands at the names of one reading order, under these flags; the first one decides."""
    return in_order((txt for txt in status.txts if is_claim(txt)), status.domain.name, order, registry)


def in_order(
    claims: Iterable[TxtStatus], host: DomainName, order: Order, registry: TxtRegistry
) -> tuple[TxtStatus, ...]:
    """Give those of some TXT names of a host that one reading order has, in that order."""
    return _in_order({txt.name: txt for txt in claims}, host, order, registry)


def _in_order(
    by_name: Mapping[DomainName, TxtStatus], host: DomainName, order: Order, registry: TxtRegistry
) -> tuple[TxtStatus, ...]:
    places = readable_places(host, registry)
    return tuple(
        [by_name[name] for kind in order if (name := places[KIND_PLACES[kind]]) is not None and name in by_name]
    )


def claims_of(status: DomainStatus, setups: Iterable[ExternalDns]) -> tuple[TxtStatus, ...]:
    """Give the ownership that stands at any name that one of these reads, in any version."""
    return _distinct(read_of(status, tuple(TxtKind), one.names) for one in setups if one.registry is Registry.TXT)


def deciding(status: DomainStatus, record: RecordStatus, setup: ExternalDns) -> tuple[TxtStatus, ...]:
    """Give the TXT that decides who owns a standing record for an ExternalDNS; all that may.

    It is looked for once while an answer is judged, however many rules ask.
    """
    return _deciding(status.txts, status.domain.name, record, setup)


def all_deciding(
    status: DomainStatus, records: Iterable[RecordStatus], setups: Sequence[ExternalDns]
) -> tuple[TxtStatus, ...]:
    """Give the TXT that decide who owns any of some standing records for any of some ExternalDNS, each once."""
    return _distinct(deciding(status, record, setup) for record in records for setup in setups)


def fallbacks(status: DomainStatus, record: RecordStatus, setup: ExternalDns) -> tuple[TxtStatus, ...]:
    """Give the TXT that would decide if another one were gone."""
    return _distinct(read[1:] for read in reads(status, record, setup))


@by_identity(READ_LATELY)
def of_any_version(setup: ExternalDns) -> ExternalDns:
    """Give an ExternalDNS of which nobody told the version."""
    return setup if setup.version is None else replace(setup, version=None)


@by_identity(READ_LATELY)
def _deciding(
    txts: tuple[TxtStatus, ...], host: DomainName, record: RecordStatus, setup: ExternalDns
) -> tuple[TxtStatus, ...]:
    return _distinct([read[:1] for read in _reads(txts, host, record, setup)])


def reads(status: DomainStatus, record: RecordStatus, setup: ExternalDns) -> tuple[tuple[TxtStatus, ...], ...]:
    """Give what an ExternalDNS finds of a record's ownership, in each order in which it may look."""
    return _reads(status.txts, status.domain.name, record, setup)


def _reads(
    txts: tuple[TxtStatus, ...], host: DomainName, record: RecordStatus, setup: ExternalDns
) -> tuple[tuple[TxtStatus, ...], ...]:
    if setup.registry is not Registry.TXT:
        return ()
    claims = {txt.name: txt for txt in txts if is_claim(txt)}
    orders = reading_orders(record.rdtype, shapes_of(record), setup.version)
    return tuple(_in_order(claims, host, order, setup.names) for order in orders)


def _distinct(found: Iterable[tuple[TxtStatus, ...]]) -> tuple[TxtStatus, ...]:
    return tuple({txt.name: txt for read in found for txt in read}.values())
