"""Whether what is seen of a domain is what its declared routing does: Route 53 itself chooses between the sides.

Only what happens between the sides is declared. A name that is absent, or that leads elsewhere, contradicts it; but not
an AAAA that answers nothing while the name is on a side without IPv6 (`probe.judge.homeless`): it stands there.

So does a server that stays on the other side while the zone's others stand still. Failover goes by health, and latency
and geolocation by where the one who asks is: neither tells one server of a zone from another. Health travels, and what
Route 53 knows of latencies changes, so that servers differ for a while, and not for long. What is not known stays
declared:

- `multivalue` may answer each question otherwise;
- a probe that has an IPv4 and an IPv6 address may be in two places for Route 53: only servers that are asked over the
  same protocol are compared;
- it may leave through several addresses, by the server that it asks: only a few servers against most are told of;
- a resolver that is named for the zone asks from a place of its own.
"""

from collections.abc import Iterator
from typing import assert_never

from probe.judge.homeless import is_homeless
from probe.judge.record.state import GIVEN_UP, QUORUM, dissenters
from probe.model.domain import DomainStatus
from probe.model.plan import Routing
from probe.model.record import Position, RecordState, RecordStatus, ServerStatus

NEWEST = 4
"""Transitions that tell between which places a record moves: two cycles."""

STANDS_STILL = 300.0
"""Seconds for which servers have to stand against each other, none of them changing its answer, before the declared
routing no longer explains it: sites of a name server five minutes late are no rarity (case B16)."""

_SIDE_POSITIONS = frozenset(position for position in Position if position.is_side)


def is_as_routed(status: DomainStatus) -> bool:
    """Tell whether a routing is declared, the domain leads somewhere, and nothing that is seen contradicts it."""
    routing = status.domain.routing
    if routing is None or not any(record.position in allowed(routing) for record in status.records):
        return False
    return lies_between_sides(status, routing) and not any(staying(record, routing) for record in status.records)


def explaining(status: DomainStatus) -> Routing | None:
    """Give the declared routing, if all that is seen lies between the sides: it explains that they take turns."""
    routing = status.domain.routing
    return routing if routing is not None and lies_between_sides(status, routing) else None


def lies_between_sides(status: DomainStatus, routing: Routing) -> bool:
    """Tell whether no record leads, or has lately led, where the routing does not."""
    return all(_places(record, status) <= allowed(routing) for record in status.records)


def allowed(routing: Routing | None) -> frozenset[Position]:
    """Give the places between which a domain may change: the sides; both in one answer by `multivalue` alone."""
    return _SIDE_POSITIONS | {Position.MIXED} if routing is Routing.MULTIVALUE else _SIDE_POSITIONS


def unexplained(record: RecordStatus, routing: Routing | None) -> tuple[ServerStatus, ...]:
    """Give the servers that stand against the confirmed position, but for those that a routing explains."""
    return dissenters(record) if routing is None else staying(record, routing)


def staying(record: RecordStatus, routing: Routing) -> tuple[ServerStatus, ...]:
    """Give the servers that stay on another side than the one that most stand on, whatever Route 53 chooses by."""
    if record.state is not RecordState.DIVIDED or record.cache is not None or not is_same_at_all_servers(routing):
        return ()
    return tuple(one for over_ipv6 in (False, True) for one in _staying(record, over_ipv6=over_ipv6))


def is_same_at_all_servers(routing: Routing) -> bool:
    """Tell whether all servers of a zone give one asker the same answer, but for the time that a change travels."""
    match routing:
        case Routing.FAILOVER | Routing.LATENCY | Routing.GEOLOCATION:
            return True
        case Routing.MULTIVALUE:
            return False
        case _:
            assert_never(routing)


def _staying(record: RecordStatus, *, over_ipv6: bool) -> Iterator[ServerStatus]:
    asked = [
        one
        for one in record.servers
        if (":" in one.server.address) is over_ipv6 and one.position is not None and one.failures < GIVEN_UP
    ]
    agreeing = [one for one in asked if one.position is record.position]
    others = [one for one in asked if one.position is not record.position]
    if len(agreeing) >= QUORUM and len(others) < len(agreeing) and all(map(_stands_still, asked)):
        yield from (one for one in others if one.position is not None and one.position.is_side)


def _stands_still(server: ServerStatus) -> bool:
    if server.since is None or server.at is None:
        return False
    return server.at.monotonic - server.since.monotonic >= STANDS_STILL


def _places(record: RecordStatus, status: DomainStatus) -> frozenset[Position]:
    """Give where a record leads and has led; a family that a name never had leads nowhere."""
    places = {place for change in record.recent[-NEWEST:] for place in (change.before, change.after)}
    if record.position is not None and (record.position is not Position.ABSENT or places):
        places.add(record.position)
    if Position.ABSENT in places and is_homeless(record, status, NEWEST):
        places.remove(Position.ABSENT)
    return frozenset(places)
