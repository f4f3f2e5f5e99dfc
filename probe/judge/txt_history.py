"""What a TXT name has said over a span of time, from the bounded past that its status keeps."""

from itertools import pairwise

from probe.judge.ownership import is_claim
from probe.model.clock import Instant
from probe.model.status import TxtReading, TxtStatus


def readings(txt: TxtStatus, since: float) -> tuple[TxtReading, ...]:
    """Give what was read since monotonic second `since`, oldest first, the reading before that included."""
    if txt.at is None or txt.since is None:
        return ()
    older = sum(reading.until.monotonic < since for reading in txt.past)
    return (*txt.past[max(0, older - 1) :], TxtReading(txt.owners, txt.opaque, txt.since, txt.at))


def owners_told(txt: TxtStatus, since: float) -> tuple[frozenset[str], ...]:
    """Give the owners that a name named, one entry for each change from owners to others; absence is no owner."""
    told = [frozenset(owner.owner for owner in reading.owners) for reading in readings(txt, since)]
    named = [owners for owners in told if owners]
    return (*named[:1], *(after for before, after in pairwise(named) if after != before))


def resources_told(txt: TxtStatus, since: float) -> frozenset[str]:
    """Give the objects that a name named."""
    return frozenset(
        owner.resource for reading in readings(txt, since) for owner in reading.owners if owner.resource is not None
    )


def has_claimed(txt: TxtStatus, since: float) -> bool:
    """Tell whether ownership stood at a name, readable or encrypted."""
    return is_claim(txt) or any(reading.owners or reading.opaque for reading in readings(txt, since))


def came_and_went(txt: TxtStatus, since: float) -> bool:
    """Tell whether ownership stood at a name at some times and at others did not."""
    return len({bool(reading.owners or reading.opaque) for reading in readings(txt, since)}) > 1


def owner_since(txt: TxtStatus) -> Instant | None:
    """Tell since when a name has named nobody but its present or newest owners, absence between left out."""
    since, owners = txt.since, txt.owners
    names = frozenset(owner.owner for owner in owners)
    for reading in reversed(txt.past):
        before = frozenset(owner.owner for owner in reading.owners)
        if before and names and before != names:
            break
        names = names or before
        since = reading.since
    return since
