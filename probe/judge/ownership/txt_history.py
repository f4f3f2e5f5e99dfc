"""What a TXT name has said over a span of time, from the bounded past that its status keeps."""

from itertools import pairwise

from probe.judge.ownership.lookup import is_claim
from probe.model.clock import Instant
from probe.model.domain import DomainStatus
from probe.model.ownership import TxtKind, TxtReading, TxtStatus
from probe.model.question import RecordType
from probe.model.record import Position, RecordStatus
from probe.model.server import Server

STANDING = 4
"""Equal answers of a server in a row that show it past a change: two rounds of a burst."""

FRESH = 0.3
"""Seconds for which a server's newest answer tells what it holds: a round of a burst asks both at one moment, and in a
fight of ten seconds it may hold something else a second later."""


def readings(txt: TxtStatus, since: float) -> tuple[TxtReading, ...]:
    """Give what was read since monotonic second `since`, oldest first, the reading before that included."""
    if txt.at is None or txt.since is None:
        return ()
    older = sum(reading.until.monotonic < since for reading in txt.past)
    return (*txt.past[max(0, older - 1) :], TxtReading(txt.owners, txt.opaque, txt.since, txt.at, txt.beside))


def owners_told(txt: TxtStatus, since: float) -> tuple[frozenset[str], ...]:
    """Give the owners that a name named since the monotonic second `since`, one entry for each change to others.

    Absence is no owner.
    """
    told = [frozenset(owner.owner for owner in reading.owners) for reading in readings(txt, since)]
    named = [owners for owners in told if owners]
    return (*named[:1], *(after for before, after in pairwise(named) if after != before))


def owners_beside(txt: TxtStatus, since: float) -> dict[Position, frozenset[str]]:
    """Give the owners that a name named beside each position of its record, since the monotonic second `since`."""
    told: dict[Position, frozenset[str]] = {}
    for reading in readings(txt, since):
        if reading.owners:
            owners = frozenset(owner.owner for owner in reading.owners)
            told |= {position: told.get(position, frozenset()) | owners for position in reading.beside}
    return told


def spoken_for(status: DomainStatus, kind: TxtKind | None) -> RecordStatus | None:
    """Give the record that a TXT name speaks for."""
    rdtype = RecordType.AAAA if kind is TxtKind.AAAA else RecordType.A
    return next((record for record in status.records if record.rdtype is rdtype), None)


def standing_beside(status: DomainStatus, kind: TxtKind | None, server: Server, at: Instant) -> Position | None:
    """Give where the record of a TXT name leads at a server, if the server stands by it: what it holds goes with that.

    Servers learn of a change each in its own time, but of target and TXT in one batch. One that has said the same
    several times within seconds is past it; a record of which nothing is disturbed has no change under way.
    """
    record = spoken_for(status, kind)
    if record is None:
        return None
    if record.disturbed is None:
        return record.position
    told = next((told for told in record.servers if told.server == server), None)
    if told is None or told.at is None or told.run < STANDING:
        return None
    return told.position if at.monotonic - told.at.monotonic <= FRESH else None


def resources_told(txt: TxtStatus, since: float) -> frozenset[str]:
    """Give the objects that a name named since the monotonic second `since`."""
    return frozenset(
        owner.resource for reading in readings(txt, since) for owner in reading.owners if owner.resource is not None
    )


def has_claimed(txt: TxtStatus, since: float) -> bool:
    """Tell whether ownership stood at a name since the monotonic second `since`, readable or encrypted."""
    return is_claim(txt) or any(reading.owners or reading.opaque for reading in readings(txt, since))


def came_and_went(txt: TxtStatus, since: float) -> bool:
    """Tell whether ownership stood at a name at some times since the monotonic second `since`, at others not."""
    return len({bool(reading.owners or reading.opaque) for reading in readings(txt, since)}) > 1


def owner_since(txt: TxtStatus) -> Instant | None:
    """Tell since when a name has named only its present or newest owners, absence between left out."""
    since, owners = txt.since, txt.owners
    names = frozenset(owner.owner for owner in owners)
    for reading in reversed(txt.past):
        before = frozenset(owner.owner for owner in reading.owners)
        if before and names and before != names:
            break
        names = names or before
        since = reading.since
    return since
