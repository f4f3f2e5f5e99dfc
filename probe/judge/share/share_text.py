"""Shares of v2 in words."""

from collections.abc import Sequence
from typing import NamedTuple

from probe.judge.share.missing import chance_unseen, may_be_unseen
from probe.model.plan import Weights
from probe.model.question import RecordType
from probe.model.record import Position
from probe.model.share import Share
from probe.model.text import listed, percent, plural

_LEAST_TOLD = 0.001  # as `percent` writes it: a chance is not said to be nothing


def told(share: Share) -> str:
    """Say how often a record leads to v2: `A leads to v2 in 31% (27% to 35%) of 1,204 answers`.

    Of one that was found to be drawn just now, or whose share may have changed, no answer counts yet. What led to
    neither side alone is named: else it would be taken for v1's.
    """
    if share.ratio is None:
        return f"{share.rdtype.value}'s share of v2 is being counted"
    between = f"{percent(share.lower)} to {percent(share.upper)}"
    words = (
        f"{share.rdtype.value} leads to v2 in {percent(share.ratio)} ({between}) of {plural(share.answers, 'answer')}"
    )
    if not share.elsewhere:
        return words
    return f"{words}, and to neither side alone in {percent(share.elsewhere / share.answers)}"


def not_told_yet(shares: Sequence[Share], weights: Weights, side: Position) -> str:
    """Say of a domain that leads to `side`, while its declared weights are not ruled out, what its answers tell.

    Args:
        shares: Those of its records.
        weights: The declared ones, of which both have a part.
        side: Where the domain leads at present.
    """
    other, part = ("v1", 1 - weights.v2_share) if side is Position.V2 else ("v2", weights.v2_share)
    open_ones = f"whether {other} has its declared {percent(part)} is not known yet"
    answers = [share.answers for share in shares]
    if not min(answers, default=0):
        return open_ones
    if any(share.is_split for share in shares):
        return f"{open_ones}: {', '.join(map(told, shares))}"
    fewest = min(answers)
    seen = ", ".join(f"{share.answers:,} of {share.rdtype.value}" for share in shares)
    return (
        f"{open_ones}: all answers so far led to {side.value} ({seen}), and {plural(fewest, 'answer')} of such weights "
        f"{'does' if fewest == 1 else 'do'} so with a chance of {_chance(chance_unseen(part, fewest))}"
    )


def _chance(chance: float) -> str:
    return percent(chance) if chance >= _LEAST_TOLD else f"less than {percent(_LEAST_TOLD)}"


class Fetched(NamedTuple):
    """Fetches of one record through caches: how many of them led to its side, since it was confirmed there.

    Attributes:
        rdtype: Whose.
        there, total: How many led there, of how many.
        changed: The record was seen to change before: what it led to then is not among them.
    """

    rdtype: RecordType
    there: int
    total: int
    changed: bool = False


def of_fetched(fetched: Sequence[Fetched], side: Position) -> str:
    """Say how many fetches it rests on that a domain leads to `side`, and how large a share they may have missed."""
    when = "since it changed" if any(one.changed for one in fetched) else "so far"
    if any(one.there < one.total for one in fetched):
        seen = [f"{one.there:,} of {plural(one.total, 'answer')} for {one.rdtype.value}" for one in fetched]
        return f"{listed(seen)} fetched {when} led to {side.value}"
    fewest = min(one.total for one in fetched)
    seen = [f"{one.total:,} of {one.rdtype.value}" for one in fetched]
    return (
        f"all answers fetched {when} led to {side.value} ({', '.join(seen)}), and so many miss a share of "
        f"{percent(may_be_unseen(fewest))} one time in twenty"
    )
