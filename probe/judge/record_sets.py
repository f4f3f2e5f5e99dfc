"""What a hosted zone that is read shows of a domain's record sets: where they lead, and whether Route 53 chooses.

It tells why servers answer as they do, and never what they answer. A zone that was not read lately tells nothing.
"""

from collections.abc import Sequence
from typing import TypeAlias

from probe.judge.answer.address_book import AddressBook
from probe.model.clock import Instant
from probe.model.name import display
from probe.model.plan import Weights
from probe.model.question import RecordType
from probe.model.side import Side
from probe.model.text import listed
from probe.model.witness import SetsRead, Written, WrittenSet

SetsPast: TypeAlias = tuple[SetsRead, ...]
"""As `DomainStatus.sets_read`."""

OLD_WORD = 14_400.0
"""Seconds after which a witness' word is old, whatever it says of itself. The slowest is read once an hour, says that
it is old after three of them, and is told a quarter of an hour late: this is for one that falls silent unsaid."""

MAX_PAST = 9
"""Readings of a domain that are kept, each with other sets: four cycles of two controllers, and the present."""

MAX_TARGET = 80
"""Characters of a target that a sentence shows: a load balancer's name fits, and what a zone holds may be longer."""


def is_fresh(read: Instant | None, at: Instant) -> bool:
    """Tell whether a witness that was read at `read` counts at `at`."""
    return read is not None and at.monotonic - read.monotonic <= OLD_WORD


def known(written: Written | None, at: Instant, *, is_private: bool) -> Written | None:
    """Give what was read of a domain's zone, if that was lately; a public view and a private one are not compared."""
    if written is None or not written.is_current or written.zone is None or written.is_private is not is_private:
        return None
    return written if is_fresh(written.at, at) else None


def remember(past: SetsPast, before: Written | None, heard: Written | None) -> SetsPast:
    """Put what is read now to what was read of the same zone before. A witness that fails puts nothing to it."""
    if heard is None:
        return ()
    if not heard.is_current or heard.at is None:
        return past
    if before is not None and (before.zone, before.is_private) != (heard.zone, heard.is_private):
        past = ()
    return _with(past, heard.at, heard.sets)


def remember_beside(past: SetsPast, before: Written | None, heard: Written | None) -> SetsPast:
    """Do the same for the hosted zone that holds the name in the view that is not judged."""
    if heard is None:
        return ()
    if not heard.is_current or heard.at is None:
        return past
    if heard.other_zone is None:
        return ()
    if before is not None and (before.other_zone, before.is_private) != (heard.other_zone, heard.is_private):
        past = ()
    return _with(past, heard.at, heard.other_sets)


def _with(past: SetsPast, at: Instant, sets: tuple[WrittenSet, ...]) -> SetsPast:
    if past and _as_written(past[-1].sets) == _as_written(sets):
        return past
    return (*past, SetsRead(at, sets))[-MAX_PAST:]


def read_off(past: SetsPast, side: Side, book: AddressBook) -> Instant | None:
    """Tell since when a zone has been read with nothing that leads to a side; None where it never was, or does now."""
    since = None
    for one in reversed(past):
        if any(side_of_target(target, book) is side for written in one.sets for target in written.targets):
            break
        since = one.at
    return since


def of_type(sets: Sequence[WrittenSet], rdtype: RecordType) -> tuple[WrittenSet, ...]:
    """Give the sets that answer for a type: its own, and CNAMEs."""
    return tuple(one for one in sets if one.rdtype in (rdtype.value, "CNAME"))


def chosen_between(sets: Sequence[WrittenSet], rdtype: RecordType, book: AddressBook) -> tuple[WrittenSet, ...]:
    """Give the sets of a type between which Route 53 chooses, if they lead to different places: no simple one."""
    own = tuple(one for one in of_type(sets, rdtype) if one.set_identifier)
    return own if len({_places(one, book) for one in own}) > 1 else ()


def weights(sets: Sequence[WrittenSet], rdtype: RecordType, book: AddressBook) -> Weights | None:
    """Give the weights per side that stand in the zone; None where sets are not weighted, or one leads to no side."""
    own = of_type(sets, rdtype)
    sums = dict.fromkeys(Side, 0)
    for one in own:
        side = side_of(one, book)
        if side is None or one.weight is None:
            return None
        sums[side] += one.weight
    return Weights(sums[Side.V1], sums[Side.V2]) if any(sums.values()) else None


def side_of(one: WrittenSet, book: AddressBook) -> Side | None:
    """Tell to which side a set leads; None to neither, to both, or not known."""
    sides = {side_of_target(target, book) for target in one.targets}
    return sides.pop() if len(sides) == 1 else None


def side_of_target(target: str, book: AddressBook) -> Side | None:
    """Tell whose a target is, be it a name or an address."""
    side = book.side_of_name(target)
    return book.side_of(target) if side is None else side


def read_since(past: SetsPast, since: float) -> SetsPast:
    """Give what a zone was read with, one after the other, from the last reading before monotonic `since` on."""
    first = max((index for index, one in enumerate(past) if one.at.monotonic <= since), default=0)
    return past[first:]


def was_rewritten(past: SetsPast, rdtype: RecordType, since: float, book: AddressBook) -> bool:
    """Tell whether the simple record of a type was read leading elsewhere, and back, since a monotonic second."""
    own = [of_type(one.sets, rdtype) for one in read_since(past, since)]
    if any(one.set_identifier for sets in own for one in sets):
        return False
    places = [frozenset(place for one in sets for place in _places(one, book)) for sets in own]
    moves = [place for index, place in enumerate(places) if index == 0 or place != places[index - 1]]
    return any(moves[index] == moves[index - 2] for index in range(2, len(moves)))


def described(one: WrittenSet, book: AddressBook) -> str:
    """Write a set: its identifier, how it is chosen, its health, and where it leads."""
    side = side_of(one, book)
    return f"{labelled(one)} leads to {side.value if side is not None else _named(one.targets)}"


def labelled(one: WrittenSet) -> str:
    """Write which set it is, and by what Route 53 chooses it."""
    said = [f"weight {one.weight}"] if one.weight is not None else [one.routing] if one.routing else []
    said += ["its health check fails"] if one.health is False else []
    name = f'{one.rdtype} "{one.set_identifier}"' if one.set_identifier else one.rdtype
    return f"{name} ({', '.join(said)})" if said else name


def _named(targets: Sequence[str]) -> str:
    return listed([display(target)[:MAX_TARGET] for target in targets]) or "nothing"


def _places(one: WrittenSet, book: AddressBook) -> frozenset[str]:
    sides = ((target, side_of_target(target, book)) for target in one.targets)
    return frozenset(side.value if side is not None else target for target, side in sides)


def _as_written(sets: Sequence[WrittenSet]) -> frozenset[WrittenSet]:
    """Give what a writer has put there: whether a health check passes is nobody's writing."""
    return frozenset(one._replace(health=None) for one in sets)
