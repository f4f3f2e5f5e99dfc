"""An endless watch of one record that moves, rolls back and is fought over: the same for whoever asks for entry n."""

from probe.model.clock import Instant
from probe.model.journal import Entry, Place, ServersFound, TimePassed, WatchBegun
from probe.model.name import DomainName
from probe.model.observation import Observation
from probe.model.outcome import Outcome
from probe.model.plan import Plan
from probe.model.question import Question, RecordType
from probe.model.side import Side
from probe.runtime.replay import Replay
from tests import fakes
from tests.plans import V1_NAME, V2_NAME, plan
from tests.runtime.bench import ADDRESSES, ELB_SERVERS, FOUR, ZONE

SHOP = DomainName("shop.example.com.")
PLAN: Plan = plan(SHOP)
PACE = 2.0
"""Seconds between two entries."""
_TICK_EVERY, _TARGETS_EVERY = 7, 11
_CYCLE = 400
_SOONEST = 0.01  # seconds between two beginnings: with a hundred of them the next entry is still later
_ON_V2 = (range(60, 120), range(200, 215), range(230, 245), range(260, 275), range(290, 305))
_OUTCOMES: dict[tuple[str, Side], Outcome] = {}


def at(number: float) -> Instant:
    """Tell when entry `number` happens."""
    return Instant(1_800_000_000.0 + number * PACE, number * PACE)


def number_at(moment: Instant) -> int:
    """Tell which entry happened then."""
    return round(moment.monotonic / PACE)


def begins(number: int, since: Instant | None) -> tuple[Entry, ...]:
    """Give what stands before entry `number` when a process begins with it: nearer to the entry before it.

    Later than the beginning of a process that died before it had written any entry: both are told.
    """
    moment = at(number - 0.75)
    if since is not None and since.monotonic >= moment.monotonic:
        moment = since.after(_SOONEST)
    begun = WatchBegun(PLAN, moment, since)
    return (begun,) if since is not None else (begun, ServersFound(SHOP, DomainName(ZONE), FOUR, moment))


def entry(number: int) -> Entry:
    """Give entry `number`."""
    if number % _TICK_EVERY == 0:
        return TimePassed(SHOP, at(number))
    if number % _TARGETS_EVERY == 0:
        side = Side.V1 if number % 2 else Side.V2
        name = V1_NAME if side is Side.V1 else V2_NAME
        return Observation(Question(name, RecordType.A), ELB_SERVERS[0], _outcome(name, side), at(number), 0.01)
    moment = number % _CYCLE
    side = Side.V2 if any(moment in span for span in _ON_V2) else Side.V1
    return Observation(Question(SHOP, RecordType.A), FOUR[number % 4], _outcome(SHOP, side), at(number), 0.02)


def play(replay: Replay, first: int, last: int) -> None:
    """Fold entries `first` to `last`."""
    for number in range(first, last + 1):
        replay.fold(entry(number))


def place() -> Place:
    """Give where the record is asked."""
    return Place(SHOP, DomainName(ZONE), FOUR)


def _outcome(name: str, side: Side) -> Outcome:
    known = _OUTCOMES.get((name, side))
    if known is None:
        question = Question(DomainName(name), RecordType.A)
        known = _OUTCOMES[name, side] = fakes.answer(question, *ADDRESSES[side, RecordType.A])
    return known
