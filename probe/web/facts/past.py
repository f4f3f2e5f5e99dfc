"""The facts about a domain's past, and about the reasons for its state."""

from pydantic import AliasPath, Field

from probe.web.facts.base import Fact, Moment
from probe.web.facts.domain import ChainLinkFact, ViewsFact


class MoveFact(Fact):
    """One confirmed change of one of the domain's records."""

    type: str = Field(validation_alias="rdtype")
    at: Moment = Field(validation_alias=AliasPath("transition", "at"))
    before: str = Field(validation_alias=AliasPath("transition", "before"))
    after: str = Field(validation_alias=AliasPath("transition", "after"))
    reversal: bool = Field(validation_alias=AliasPath("transition", "reversal"))
    uncovered: bool = Field(validation_alias=AliasPath("transition", "uncovered"))


class EventFact(Fact):
    """Something that happened to the domain, as the page tells it."""

    at: Moment
    what: str
    words: str


class SpellFact(Fact):
    """What somebody said before, and since when."""

    answer_class: str
    since: Moment


class SpeakerPastFact(Fact):
    """What one server or resolver said of one record before it said what it says now, oldest first."""

    type: str
    name: str
    address: str
    past: tuple[SpellFact, ...]


class HistoryFact(Fact):
    """What this process remembers of a domain: events newest first, changes oldest first; all of it bounded."""

    events: tuple[EventFact, ...]
    transitions: tuple[MoveFact, ...]
    servers: tuple[SpeakerPastFact, ...]
    resolvers: tuple[SpeakerPastFact, ...]


class RowFact(Fact):
    """One rule of the table by which a record is judged."""

    when: str
    state: str


class DwellFact(Fact):
    """How a flapping record stays at one place: its share of the time, 0 to 1, and seconds at a time."""

    position: str
    share: float
    seconds: float


class BeatFact(Fact):
    """How a record flaps; `period` in seconds, `next_at` when it will change again.

    The latter is told if two controllers are proven and their dwells were alike.

    `newest_at` is when a server last changed its answer, `over_at` from when on it counts as over if none does again.
    """

    period: float | None
    dwells: tuple[DwellFact, ...]
    next_at: Moment
    newest_at: Moment
    over_at: Moment


class ReasonFact(Fact):
    """Why one record has its state: the rules in their order, which of them decided (from 0), and the numbers."""

    type: str = Field(validation_alias="rdtype")
    state: str
    rules: tuple[RowFact, ...]
    applied: int
    numbers: tuple[str, ...]
    beat: BeatFact | None


class ExplanationFact(Fact):
    """Why a domain has its state, and how each link stands that leads to its users."""

    sentence: str
    reasons: tuple[ReasonFact, ...]
    chain: tuple[ChainLinkFact, ...]
    views: ViewsFact | None
