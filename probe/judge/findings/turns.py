"""What a record that is gone by turns stands for, where one side's load balancers have no address of its type.

ExternalDNS writes an alias AAAA beside each alias A (since v0.16), also to a load balancer without IPv6. So in a fight
between a side that is dual stack and one that is not A goes to and fro, and AAAA comes and goes, and nobody deletes
anything: an AAAA that answers nothing stands on the side that has none.
"""

from collections.abc import Sequence

from probe.judge.context import Context
from probe.judge.findings.fight import NEWEST, is_about_existence
from probe.judge.record.period import changes, places_of
from probe.judge.record.state import Remembered
from probe.model.record import Position


def as_written(
    flapping: Sequence[Remembered], beside: Sequence[Remembered], context: Context
) -> tuple[Remembered, ...]:
    """Give flapping records with the turns in which they answer nothing as those of the side that they stand on then.

    Args:
        flapping: The records.
        beside: All records of the domain.
        context: Its address book tells what load balancers lack.
    """
    homes = [(one, home_of(one, beside, context)) for one in flapping]
    return tuple(one if home is None else _standing(one, home) for one, home in homes)


def home_of(one: Remembered, beside: Sequence[Remembered], context: Context) -> Position | None:
    """Give the side on which a record stands when it answers nothing; None where it is gone then, or never is.

    The side has no address of the record's type, and another record of the domain goes to that side and away from it.
    """
    own = places_of((one,))
    if Position.ABSENT not in own:
        return None
    for place in Position:
        side = place.side
        if side is None or place in own or not context.book.lacks(side, one.record.rdtype):
            continue
        if any(_goes_to(other, place) for other in beside if other.record.rdtype is not one.record.rdtype):
            return place
    return None


def _goes_to(other: Remembered, place: Position) -> bool:
    return place in places_of((other,)) and not is_about_existence(changes(other)[-NEWEST:])


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
