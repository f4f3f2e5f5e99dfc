"""What the record judge remembers beside the public status, and who among the servers has a say.

A status and what is remembered beside it are two values that go together (`probe.judge.state`), so that a fold can be
split anywhere and resumed. A function that reads a memory takes it as an argument; the edges never see one.
"""

from functools import lru_cache
from typing import NamedTuple, TypeAlias

from probe.judge.context import STALE_AT_LEAST, Context
from probe.judge.record.bins import Bin, renumbered
from probe.judge.record.changepoint import Level, with_places
from probe.judge.record.correlation import Correlation
from probe.judge.record.likelihood import INDEX, NO_COUNTS, Counts, counted, told_otherwise
from probe.judge.record.periodogram import NO_PERIODOGRAM, Periodogram
from probe.model.clock import Instant
from probe.model.outcome import Response
from probe.model.record import Position, RecordState, RecordStatus, ServerStatus

_made = tuple.__new__

GIVEN_UP = 4
"""Silences in a row after which a server's word from before the grace time no longer counts: it can neither follow a
change nor stand against it."""

MEMORIES_SHARED = 4_096
"""Memories that other records' are compared with: four servers whose first answers came in any order, to two questions,
are a few hundred."""

UNCLASSIFIED = -1
"""No address book has this version: the server's newest response is to be classified anew."""


class ServerMemory(NamedTuple):
    """What the judge remembers of one server beside its newest answers (`ServerStatus.position` and `run`).

    Attributes:
        seen: Its answers in this segment before the run, by position: with the run's length, which is public, they tell
            how likely the run is under draws (`probe.judge.record.likelihood`).
        segment: Number of the record's transitions when the segment began.
        version: Version of the address book by which the newest response was classified.
        told: How many answers of each class the record had from all its servers when the run began, in the enum's
            order: what came since, and is none of the run, the others have said beside it. Empty where not known.
    """

    seen: Counts = NO_COUNTS
    segment: int = 0
    version: int = UNCLASSIFIED
    told: tuple[int, ...] = ()


class Episode(NamedTuple):
    """What is remembered of the present episode of flapping, and of those before it in one night.

    Attributes:
        number: Which of the night it is; 0 before the first.
        first: When the first of the night began.
        began: When this one did; None between two.
        before: Confirmed transitions of the record before its first change.
        controllers: Its beat proves two controllers.
        likely: It does so where another witness shows a writer at work.
        declared: It does so by the declared intervals alone.
        ended: When the newest one ended; None while it goes on.
    """

    number: int = 0
    first: Instant | None = None
    began: Instant | None = None
    before: int = 0
    controllers: bool = False
    likely: bool = False
    declared: bool = False
    ended: Instant | None = None


class Elsewhere(NamedTuple):
    """What is remembered of answers that lead to neither side (`probe.judge.record.unknown_target`).

    Attributes:
        since, run: The first of them lately, and the first that was not denied since.
        last: Monotonic second of the newest.
        denied: Bit per server that has answered otherwise since the newest one.
        returns: How often they have come back after a denial, since the first lately.
        supposed: The record as it is if they are believed, with its own memory; None while there are none in doubt.
        answer: The newest answer.
        values: What the first one that was believed held, for people.
        doubted: Monotonic second of the newest request to refresh the address book.
    """

    since: Instant | None = None
    run: Instant | None = None
    last: float | None = None
    denied: int = 0
    returns: int = 0
    supposed: "Remembered | None" = None
    answer: Response | None = None
    values: tuple[str, ...] = ()
    doubted: float | None = None


class Pool(NamedTuple):
    """The answers of all servers in one row, while they are drawn; of one alone, while its machines differ.

    Attributes:
        before: Those before the present run, by position.
        position, run: Where the newest answers in a row lead, and how many they are.
    """

    before: Counts = NO_COUNTS
    position: Position | None = None
    run: int = 0

    def grown(self, position: Position) -> "Pool":
        """Add an answer."""
        before, place, run = self
        if place is position:
            return Pool(before, place, run + 1)
        return Pool(before if place is None else counted(before, INDEX[place], run), position, 1)


NO_POOL = Pool()


class RecordMemory(NamedTuple):
    """What the judge remembers of a record beside its public status.

    The first fields are those that an answer may change by itself (`with_answer`).

    Attributes:
        servers: One entry per server of the status, in its order.
        changed: When some server last changed its answer, or first contradicted the others.
        bin: The newest answers, while they are counted.
        pool: Those in a row while they are drawn: of all servers, or of the one that alone draws.
        draws: Disturbances of this segment in which a moment of incoherence was counted.
        draws_here: Moments counted in the present disturbance, more than the grace time apart.
        draw_first, draw_last: Monotonic times of the first moment of incoherence and of the last one counted.
        draw_servers: Bit per server that was incoherent later than the grace time after the first.
        drawn: Draws are proven.
        under_way: Draws they are not, though they look so: a change goes on to reach machines one by one.
        astray: While drawn: when answers that lead neither to v1 nor to v2 alone came newest, by position.
        fighting: It flaps: an episode was found and is not over yet.
        episode: That episode, and what is left of those before it.
        used: Transitions that ended episodes have used up: no part of what comes next.
        reference: The position that bins and the level are counted against.
        level: At which level the answers are, and its jumps.
        steadiness: Whether the answers of the present disturbance move together.
        elsewhere: Answers that lead to neither side.
        fetches: For how many seconds caches that the plan names could hold what they fetched newest, oldest first.
        contested: Bit per server whose newest answer consists of addresses that load balancers of both sides show.
        replaced: None of the zone's servers is left by which the record's position was confirmed.
        periodogram: While it is drawn: whether the share keeps the beat of two controllers.
    """

    servers: tuple[ServerMemory, ...] = ()
    changed: Instant | None = None
    bin: Bin | None = None
    pool: Pool = NO_POOL
    draws: int = 0
    draws_here: int = 0
    draw_first: float | None = None
    draw_last: float | None = None
    draw_servers: int = 0
    drawn: bool = False
    under_way: bool = False
    fighting: bool = False
    episode: Episode = Episode()
    used: int = 0
    reference: Position | None = None
    level: Level = Level()
    correlation: Correlation | None = None
    elsewhere: Elsewhere = Elsewhere()
    fetches: tuple[int, ...] = ()
    contested: int = 0
    astray: tuple[tuple[Position, float], ...] = ()
    replaced: bool = False
    periodogram: Periodogram = NO_PERIODOGRAM

    def with_answer(
        self, servers: tuple[ServerMemory, ...], changed: Instant | None, tallied: Bin | None, pool: Pool
    ) -> "RecordMemory":
        """Put in what an answer may change by itself; `_replace` would take three times as long."""
        return _made(RecordMemory, (servers, changed, tallied, pool, *self[4:]))


@lru_cache(maxsize=MEMORIES_SHARED)
def _one(memory: RecordMemory) -> RecordMemory:
    return memory


@lru_cache(maxsize=MEMORIES_SHARED)
def _one_row(servers: tuple[ServerMemory, ...]) -> tuple[ServerMemory, ...]:
    return servers


def is_at_rest(memory: RecordMemory) -> bool:
    """Tell whether nothing is remembered of a record that has a time of its own."""
    return memory.changed is None and not memory.level.jumps and not _is_in_doubt(memory)


def _is_in_doubt(memory: RecordMemory) -> bool:
    return memory.bin is not None or memory.correlation is not None or memory.elsewhere.last is not None


def shared(memory: RecordMemory) -> RecordMemory:
    """Give an equal memory, of the same objects as other records' memories where those are equal to its own.

    What is remembered of a record at rest tells it from no other one: of 10,000 domains it is a few hundred objects
    so, and 20 MB otherwise. What is told apart by its time is shared in part; nothing of one that is in doubt, whose
    memory the next answer replaces.
    """
    if is_at_rest(memory):
        return _one(memory)
    if _is_in_doubt(memory):
        return memory
    servers = _one_row(memory.servers)
    return memory if servers is memory.servers else memory._replace(servers=servers)


QUORUM = 2
"""Living servers that have to agree before anything is confirmed: one server alone may be the one that is wrong."""

Voters: TypeAlias = list[ServerStatus]
"""Servers that have a say at some moment."""


class Remembered(NamedTuple):
    """A record, and what the judge remembers beside it."""

    record: RecordStatus
    memory: RecordMemory


def without_memory(record: RecordStatus) -> RecordMemory:
    """Give the memory of a record of which nothing is remembered: before the first observation, or by another judge."""
    return RecordMemory((ServerMemory(),) * len(record.servers))


def voters(record: RecordStatus, at: Instant, context: Context) -> Voters:
    """Give the servers whose evidence is fresh enough to count."""
    return [server for server in record.servers if has_a_say(server, at, context)]


def is_evident(record: RecordStatus, at: Instant, context: Context) -> bool:
    """Tell whether any server has a say."""
    return any(has_a_say(server, at, context) for server in record.servers)


def has_a_say(server: ServerStatus, at: Instant, context: Context) -> bool:
    """Tell whether a server's newest evidence is fresh enough to count; of one that is silent, for the grace time."""
    if server.at is None:
        return False
    age = at.monotonic - server.at.monotonic
    if server.failures >= GIVEN_UP:
        return age <= context.probing.grace
    return age <= STALE_AT_LEAST or age <= context.stale_after  # nearly always the former


def is_dead(server: ServerStatus, now: float, context: Context) -> bool:
    """Tell whether a server has been silent so often that at second `now` its word is not waited for any more."""
    if server.failures < GIVEN_UP:
        return False
    return server.at is None or server.at.monotonic < now - context.probing.grace


def quorum(record: RecordStatus, now: float, context: Context) -> int:
    """How many servers have to agree at monotonic second `now`: `QUORUM`, or all living ones when there are fewer.

    A dead server can neither follow a change nor stand against it: where only one lives, that one decides.
    """
    living = 0
    for server in record.servers:
        living += not is_dead(server, now, context)
        if living == QUORUM:
            return QUORUM
    return max(1, living)


def is_contested(record: RecordStatus, memory: RecordMemory) -> bool:
    """Tell whether at least half of the servers answer with addresses that load balancers of both sides show."""
    contested = memory.contested.bit_count()
    return contested > 0 and 2 * contested >= len(record.servers)


def voters_with_memory(
    record: RecordStatus, memory: RecordMemory, at: Instant, context: Context
) -> list[tuple[ServerStatus, ServerMemory]]:
    """Give the same servers, each with what the judge remembers of it."""
    both = zip(record.servers, memory.servers, strict=True)
    return [(server, own) for server, own in both if has_a_say(server, at, context)]


def align(record: RecordStatus, memory: RecordMemory, context: Context) -> Remembered:
    """Give the record exactly the context's servers, in their order, keeping what is known of those that stay.

    Draws that are proven stay proven by the servers that drew; where too few of these are left, the case for draws is
    forgotten with the disturbance that made it, and made anew.
    """
    if len(record.servers) == len(context.servers) and all(
        status.server is server or status.server == server
        for status, server in zip(record.servers, context.servers, strict=True)
    ):
        return Remembered(record, memory)
    known = {status.server: number for number, status in enumerate(record.servers)}
    places = tuple(known.get(server) for server in context.servers)
    aligned = [
        (ServerStatus(server), ServerMemory()) if place is None else (record.servers[place], memory.servers[place])
        for server, place in zip(context.servers, places, strict=True)
    ]
    elsewhere = memory.elsewhere
    memory = memory._replace(
        servers=tuple(own for _, own in aligned),
        bin=None,
        correlation=None,
        under_way=False,
        level=with_places(memory.level, places),
        elsewhere=elsewhere._replace(denied=renumbered(elsewhere.denied, places)) if elsewhere.denied else elsewhere,
        periodogram=memory.periodogram._replace(sums=None) if memory.periodogram.sums else memory.periodogram,
        contested=renumbered(memory.contested, places),
        replaced=record.position is not None and (memory.replaced or not any(place is not None for place in places)),
    )
    record = record._replace(servers=tuple(status for status, _ in aligned))
    drew, draw_servers = memory.draw_servers.bit_count(), renumbered(memory.draw_servers, places)
    if memory.drawn and draw_servers.bit_count() < min(drew, QUORUM):
        # What was the record's must not become one server's, which would be accused of a stuck machine.
        return Remembered(record._replace(disturbed=None), without_draws(memory))
    return Remembered(record, memory._replace(draw_servers=draw_servers))


def without_draws(memory: RecordMemory) -> RecordMemory:
    """Forget the case for draws: a transition or a long agreement has settled it, or who made it is gone."""
    return memory._replace(
        draws=0,
        draws_here=0,
        draw_first=None,
        draw_last=None,
        draw_servers=0,
        drawn=False,
        astray=(),
        pool=NO_POOL,
        periodogram=NO_PERIODOGRAM,
    )


def beats_alone(record: RecordStatus, memory: RecordMemory) -> bool:
    """Tell whether a record flaps by the beat of its shares alone: its answers are draws, and no change of it was seen.

    Nothing about single answers is unexplained then.
    """
    return record.state is RecordState.FLAPPING and memory.drawn and not memory.fighting


def dissenters(record: RecordStatus) -> tuple[ServerStatus, ...]:
    """Give the servers whose newest evidence is not the confirmed position."""
    if record.position is None:
        return ()
    return tuple(server for server in record.servers if server.position not in (None, record.position))


def counts(record: RecordStatus, memory: RecordMemory) -> Counts:
    """Give the answers by position that the judge remembers since the newest transition, over all servers."""
    total = NO_COUNTS
    for server, own in zip(record.servers, memory.servers, strict=True):
        a, b, c, d, e = (left + right for left, right in zip(total, segment(server, own), strict=True))
        total = (a, b, c, d, e)
    return total


def segment(server: ServerStatus, memory: ServerMemory) -> Counts:
    """Give one server's answers by position since it followed the newest transition, its present run included."""
    position = server.position
    return memory.seen if position is None else counted(memory.seen, INDEX[position], server.run)


def is_contradicted(server: ServerStatus, memory: ServerMemory) -> bool:
    """Tell whether a server's present run broke with what it said before in its segment."""
    position = server.position
    return position is not None and told_otherwise(memory.seen, INDEX[position])


def begin_segment(memory: ServerMemory, transitions: int) -> ServerMemory:
    """Begin a server's segment anew with its present run: it has followed the record's newest transition."""
    return memory._replace(seen=NO_COUNTS, segment=transitions)
