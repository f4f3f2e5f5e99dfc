"""Why a verdict is what it is: the rule that decided it, with the numbers, for people who want to check it."""

from typing import NamedTuple

from probe.model.clock import Instant
from probe.model.finding import Link
from probe.model.question import RecordType
from probe.model.record import Position, RecordState
from probe.model.server import ZoneView
from probe.model.word import Word


class Row(NamedTuple):
    """One rule of the table by which a record is judged."""

    when: str
    state: str


class Dwell(NamedTuple):
    """How a flapping record stays at one place.

    Attributes:
        position: The place.
        share: Of the time, 0 to 1.
        seconds: For how long at a time, by the median.
    """

    position: Position
    share: float
    seconds: float


class Beat(NamedTuple):
    """How a record flaps.

    Attributes:
        period: Seconds from a change to the next of the same kind; None before two of them.
        dwells: Who holds it for how long; empty before a whole cycle.
        next_at: Wall time (seconds) of the next change, if two controllers are proven and the dwells so far were alike;
            None once that has passed.
        newest_at: Wall time (seconds) at which a server last changed its answer.
        over_at: Wall time (seconds) from which on it counts as over, if none does again.
    """

    period: float | None
    dwells: tuple[Dwell, ...]
    next_at: float | None
    newest_at: float | None = None
    over_at: float | None = None


class Reason(NamedTuple):
    """Why one record has its state.

    Attributes:
        rdtype, state: Which, and what.
        rules: The whole table; the first rule that applies decides.
        applied: Which of them decided.
        numbers: What it was decided by, a sentence each.
        beat: How it flaps; None while it does not.
    """

    rdtype: RecordType
    state: RecordState
    rules: tuple[Row, ...]
    applied: int
    numbers: tuple[str, ...]
    beat: Beat | None


class ChainMark(Word):
    """Whether one link of the chain has what the plan expects."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "not known"
    """It is watched, and was not seen, or not lately."""
    UNWATCHED = "not watched"
    """The plan has nobody look there. That is no fault: names are judged by what is served."""


class ChainLink(NamedTuple):
    """How one link of the chain stands that leads from what a cluster wants to what a user reaches.

    Attributes:
        link: Which.
        mark: Whether it has what the plan expects.
        sentence: What is seen there; empty where nobody looks.
        at: When that was seen; None before it ever was.
    """

    link: Link
    mark: ChainMark
    sentence: str = ""
    at: Instant | None = None


class ViewSeen(NamedTuple):
    """One view of a name that a public and a private zone have.

    Attributes:
        view: Which.
        is_judged: Its servers are asked, and it has a verdict; else resolvers that see it tell what it answers.
        state: Where it leads: a record state's word.
        sentence: Who says so.
        at: When that was seen; None before it ever was.
        owners: Whom the ownership TXT in it names.
    """

    view: ZoneView
    is_judged: bool
    state: str
    sentence: str
    at: Instant | None = None
    owners: tuple[str, ...] = ()


class Views(NamedTuple):
    """Both views of one name, side by side.

    Attributes:
        seen: The public one and the private one.
        sentence: Whether they differ, and what that means.
        differ: Whether they do; None where that cannot be said.
    """

    seen: tuple[ViewSeen, ViewSeen]
    sentence: str
    differ: bool | None


class Explanation(NamedTuple):
    """Why a domain has its state.

    Attributes:
        sentence: How its records' states make it.
        reasons: Why they have theirs.
        chain: How each link stands, from wanted to reached.
        views: Its public and its private view, where both are watched.
    """

    sentence: str
    reasons: tuple[Reason, ...]
    chain: tuple[ChainLink, ...] = ()
    views: Views | None = None
