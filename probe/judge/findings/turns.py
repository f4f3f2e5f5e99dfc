"""What a record that is gone by turns stands for, where one side's load balancers have no address of its type.

ExternalDNS writes an alias AAAA beside each alias A (since v0.16), also to a load balancer without IPv6. So in a fight
between a side that is dual stack and one that is not A goes to and fro, and AAAA comes and goes, and nobody deletes
anything: an AAAA that answers nothing stands on the side that has none.
"""

from collections.abc import Iterable

from probe.judge.homeless import is_homeless
from probe.judge.record.period import changes
from probe.judge.record.state import Remembered
from probe.model.domain import DomainStatus
from probe.model.record import Position


def as_written(flapping: Iterable[Remembered], status: DomainStatus) -> tuple[Remembered, ...]:
    """Give flapping records of a domain with the side on which they stand in place of each turn of no answer."""
    homes = [(one, home_of(one, status)) for one in flapping]
    return tuple(one if home is None else _standing(one, home) for one, home in homes)


def home_of(one: Remembered, status: DomainStatus) -> Position | None:
    """Give the side on which a record stands when it answers nothing; None where it is gone then, or never is."""
    own = changes(one)
    if not any(change.after is Position.ABSENT for change in own) or not is_homeless(one.record, status, len(own)):
        return None
    lacking = {family.side for family in status.lacked if family.rdtype is one.record.rdtype}
    return next(place for place in Position if place.side in lacking)


def _standing(one: Remembered, home: Position) -> Remembered:
    """Write the side in place of each absence, but where a wildcard answers for a record that was deleted."""
    recent = tuple(
        change
        if change.uncovered
        else change._replace(
            before=home if change.before is Position.ABSENT else change.before,
            after=home if change.after is Position.ABSENT else change.after,
        )
        for change in one.record.recent
    )
    return one._replace(record=one.record._replace(recent=recent))
