"""Whether a record is gone because it stands on a side whose load balancers have no address of its type.

ExternalDNS writes an AAAA beside the A of an alias, to a load balancer without IPv6 as well. That AAAA stands, and
answers nothing: nobody has deleted it. What tells it from one that was deleted is where the other family led meanwhile.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from probe.judge.answer.address_book import AddressBook
from probe.model.clock import Instant
from probe.model.domain import DomainStatus, LackedFamily
from probe.model.plan import Routing
from probe.model.question import ADDRESS_TYPES
from probe.model.record import Position, RecordState, RecordStatus
from probe.model.side import Side

FOLLOWS_WITHIN = 60.0
"""Seconds within which both families are seen to follow one change: a propagation of Route 53."""


class _Stay(NamedTuple):
    """A time for which a record was at one place; None is a place that is not known."""

    place: Position | None
    since: float
    until: float


def lacked(book: AddressBook) -> tuple[LackedFamily, ...]:
    """Give the types of which a side has no address, as its load balancers' own servers say."""
    if not book.denied:  # nearly always, where both sides are dual stack
        return ()
    return tuple(LackedFamily(side, rdtype) for side in Side for rdtype in ADDRESS_TYPES if book.lacks(side, rdtype))


def is_homeless(record: RecordStatus, status: DomainStatus, newest: int) -> bool:
    """Tell whether a record was gone only while the name was on a side that lacks its type.

    Args:
        record: The record.
        status: Its domain's.
        newest: How many of its newest changes count.
    """
    homes = {one.side for one in status.lacked if one.rdtype is record.rdtype}
    others = [one for one in status.records if one.rdtype is not record.rdtype]
    if not homes or not others:
        return False
    if status.domain.routing is Routing.MULTIVALUE:
        return True  # each question may be answered otherwise: the other family says nothing of this one
    now = max((one.at.monotonic for own in status.records for one in own.servers if one.at is not None), default=0.0)
    gone = [stay for stay in _stays(record, now)[-newest - 1 :] if stay.place is Position.ABSENT]
    slack = FOLLOWS_WITHIN + max(one.cache or 0 for one in status.records)
    return all(_is_beside(stay, _stays(other, now), homes, slack) for stay in gone for other in others)


def side_on_the_way(away: Sequence[RecordStatus], status: DomainStatus, at: Instant) -> Side | None:
    """Give the side that lacks the types of some records that are gone, where the name is just going there or leaving.

    Both families change in one batch, and one of them is seen first.
    """
    others = [one for one in status.records if one not in away]
    places = {server.position for one in others if one.state.is_unexplained for server in one.servers}
    places |= {
        one.recent[-1].before
        for one in others
        if one.recent and at.monotonic - one.recent[-1].at.monotonic <= FOLLOWS_WITHIN
    }
    beside = {place.side for place in places if place is not None}
    lacking = [side for side in Side if all(LackedFamily(side, one.rdtype) in status.lacked for one in away)]
    return next((side for side in lacking if side in beside), None) if away else None


def drawn_side(record: RecordStatus, status: DomainStatus) -> Side | None:
    """Give the side that lacks the type of a drawn record, if the other family is drawn as well, or leads there."""
    others = [one for one in status.records if one.rdtype is not record.rdtype]
    for side in Side:
        if LackedFamily(side, record.rdtype) in status.lacked and any(
            one.state is RecordState.WEIGHTED or (one.position is not None and one.position.side is side)
            for one in others
        ):
            return side
    return None


def _is_beside(gone: _Stay, others: list[_Stay], homes: set[Side], slack: float) -> bool:
    """Tell whether the other family was at such a side meanwhile, and for no longer elsewhere than a change takes."""
    at_home = [one.place is not None and one.place.side in homes for one in others]
    touches = any(
        is_home and one.since <= gone.until + slack and one.until >= gone.since - slack
        for one, is_home in zip(others, at_home, strict=True)
    )
    return touches and not any(
        min(one.until, gone.until) - max(one.since, gone.since) > slack
        for one, is_home in zip(others, at_home, strict=True)
        if not is_home
    )


def _stays(record: RecordStatus, now: float) -> list[_Stay]:
    """Give where a record has been, oldest first; what was before its oldest change that is known has no beginning."""
    if not record.recent:
        return [_Stay(record.position, float("-inf"), now)]
    first = _Stay(record.recent[0].before, float("-inf"), record.recent[0].at.monotonic)
    between = [_Stay(one.after, one.at.monotonic, then.at.monotonic) for one, then in pairwise(record.recent)]
    return [first, *between, _Stay(record.position, record.recent[-1].at.monotonic, now)]
